"""Rows i and m: what is wrong is refused with its name, place and value; the import asks nobody and loads nothing."""
import os
import struct
import sys
import tempfile

import numpy as np
from harness import each

import cases
import kerma
import scenes
from cases import raised

V, T = cases.sphere(2)  # 320 facets


def changed(array, where, value):
    copy = array.copy()
    copy[where] = value
    return copy


# name: (vertices, triangles, what the text must say)
MESHES = {
    "open": (V, T[40:], ["not closed", "20 open edges", "first: facet"]),
    "nan": (changed(V, (7, 1), np.nan), T, ["1 vertex is not finite", "vertex 7 at (0, nan, "]),
    "infinite": (changed(V, (7, 1), np.inf), T, ["vertex 7 at (0, inf, "]),
    "inside out": (V, T[:, ::-1], ["inside out", "facet"]),
    "one flipped": (V, changed(T, 5, T[5][::-1]), ["not closed", "facet 5", "flipped"]),
    "given twice": (V, np.vstack([T, T[:1]]), ["1 facet given twice", "facet 320"]),
    "no such vertex": (V, np.vstack([T, [[0, 1, 9999]]]), ["9999 in facet 320", "162 vertices"]),
    "empty": (np.empty((0, 3)), np.empty((0, 3), int), ["no facets"]),
}


def binary_stl(vertices, triangles):
    facets = b"".join(struct.pack("<12fH", 0, 0, 0, *vertices[t].ravel(), 0) for t in triangles)
    return bytes(80) + struct.pack("<I", len(triangles)) + facets


def test_i_bad_meshes_are_refused_and_named_and_nothing_of_them_stays():
    for name, (vertices, triangles, parts) in MESHES.items():
        text = str(raised(kerma.MeshError, kerma.Mesh, vertices, triangles, what=name))
        assert all(part in text for part in parts), (name, text)
        if name != "no such vertex":
            builder = kerma.MeshBuilder()
            try:
                for t in triangles:
                    builder.triangle(*(tuple(vertices[i]) for i in t))
            except kerma.Error as e:  # a vertex that is no number is refused at once
                assert "nan" in str(e) or "inf" in str(e), e
            else:
                raised(kerma.MeshError, builder.mesh, what=name)
            builder.close()
    assert cases.live("MESH", "MESH_BUILDER") == 0
    assert len(kerma.Mesh(V, T)) == 320


def test_i_bad_files_are_refused_and_named():
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "open.stl": (binary_stl(V, T[40:]), kerma.MeshError, ["not closed"]),
            "turned.stl": (binary_stl(V, T[:, ::-1]), kerma.MeshError, ["inside out"]),
            "nan.stl": (binary_stl(changed(V, (7, 1), np.nan), T), kerma.FormatError, ["facet 40 of 320", "is nan"]),
            "garbage.stl": (b"\x00\x01garbage" * 50, kerma.FormatError, ["not an STL file", "450"]),
            "text.stl": (b"solid a\n facet normal 0 0 1\n  outer loop\n   vertex 0 zero 0\n", kerma.FormatError,
                         ["line 4", "'zero'"]),
            "cut.stl": (binary_stl(V, T)[:1000], kerma.FormatError, ["320 facets", "16084 bytes", "1000"]),
            "empty.stl": (b"", kerma.FormatError, ["0 bytes"]),
            "without.stl": (b"solid a\nendsolid a\n", kerma.FormatError, ["no facets"]),
        }
        for name, (data, class_, parts) in files.items():
            path = os.path.join(folder, name)
            with open(path, "wb") as f:
                f.write(data)
            for read in (kerma.Mesh.read, kerma.Tessellated.read):
                text = str(raised(class_, read, path, what=name))
                assert all(part in text for part in [name, *parts]), (name, text)
        missing = raised(kerma.FileError, kerma.Mesh.read, os.path.join(folder, "no such.stl"))
        assert "no such.stl" in str(missing) and isinstance(missing, OSError)
        assert "it is a directory" in str(raised(kerma.FileError, kerma.Mesh.read, folder))
    assert cases.live("MESH") == 0


@each(threads=[0, 2])
def test_i_volumes_that_overlap_or_stick_out_are_refused_and_named(threads):
    def simulation(translation, **options):
        world = kerma.Volume("world", kerma.Box((100, 100, 100)))
        world.place(kerma.Volume("first", kerma.Orb(10), "Water, Liquid"))
        world.place(kerma.Volume("second", kerma.Orb(10), "Water, Liquid"), translation)
        sim = kerma.Simulation(world, threads=threads, **options)
        sim.add_source(kerma.PencilSource(0.06, (0, 0, -40)))
        return sim

    with simulation((15, 0, 0)) as sim:
        for call in (sim.initialize, lambda: sim.run(1)):
            text = str(raised(kerma.GeometryError, call))
            assert "'first' and 'second'" in text and "'world'" in text and "by 5 mm at (10, 0, 0)" in text, text
        assert len(sim.check_overlaps()) == 1
    text = str(raised(kerma.GeometryError, simulation((45, 0, 0)).run, 1))
    assert "'second'" in text and "sticks out of 'world' by 5 mm" in text, text
    with simulation((15, 0, 0), overlaps="ignore") as sim:
        assert sim.run(10).histories == 10
    with simulation((25, 0, 0)) as sim:
        assert sim.run(10).histories == 10
    world = kerma.Volume("world", kerma.Box((1, 1, 1)))
    assert "'world' cannot be placed inside itself" in str(raised(kerma.GeometryError, world.place, world))


def test_i_a_scene_that_was_refused_can_be_mended():
    world = kerma.Volume("world", kerma.Box((100, 100, 100)))
    with kerma.Simulation(world, threads=2) as sim:
        assert "source" in str(raised(kerma.ArgumentError, sim.run, 1))
        sim.add_source(kerma.PencilSource(0.06, (0, 0, -40)))
        assert sim.run(10).histories == 10


QUIET = """
import builtins, os, socket, subprocess, sys, time
def refuse(*arguments, **named):
    raise SystemExit("asked or loaded something: " + repr(arguments))
for owner, names in ((socket, ("socket", "create_connection", "getaddrinfo")), (builtins, ("input",)),
                     (subprocess, ("Popen", "run", "check_output")), (os, ("system", "popen", "posix_spawn", "fork"))):
    for name in names:
        setattr(owner, name, refuse)
sys.addaudithook(lambda event, arguments: refuse(event, arguments)
                 if event.startswith(("socket.", "urllib.", "subprocess.", "os.system", "http.")) else None)
before = set(sys.modules)
import kerma
assert not [m for m in set(sys.modules) - before if m.split(".")[0] in ("numpy", "itk", "tqdm", "SimpleITK", "urllib")]
import scenes
with scenes.box(2) as sim:
    print(sim.run(1000).scores_hash)
print(sorted(os.listdir(".")))
"""


def test_m_import_and_first_run_ask_nobody_and_load_nothing():
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "ASAN_OPTIONS")}
    environment["PYTHONPATH"] = os.pathsep.join([cases.HERE, os.environ.get("PYTHONPATH", "")])
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        process = cases.subprocess.run(["/bin/sh", "-c", 'exec "$0" -c "$1" <&-', sys.executable, QUIET],
                                       env=environment, cwd=folder, stdout=-1, stderr=-2, timeout=30 * cases.SLOWNESS)
        output = process.stdout.decode()
        assert process.returncode == 0 and output.split() == [scenes.box(0).run(1000).scores_hash, "[]"], output


def test_m_import_prints_nothing():
    assert cases.python("import kerma", environment={"CI": "true"}) == ""
