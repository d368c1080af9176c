"""Scenes and results as files: the same from Python, from the command kerma and from C, to the bit."""
import filecmp
import gc
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np
from harness import Skip, each, refusal

import kerma
import scenes
from kerma.units import keV

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = SOURCE / "Examples"
N = 20000


def program(name):
    """A program of the build, beside which the tests run; Skip where it is not there."""
    path = pathlib.Path(os.environ.get("KERMA_TEST_BIN", "")) / name
    if not path.is_file():
        raise Skip(f"there is no {name} here")
    return str(path)


def water_box(**options):
    """Examples/water_box.json, by the package."""
    room = kerma.Volume("room", kerma.Box((4000, 4000, 4400)), "Air, Dry (near sea level)")
    phantom = room.place(kerma.Volume("phantom", kerma.Box((390, 390, 200)), "Water, Liquid"), (0, 0, 100))
    return kerma.Simulation(
        room, title="A water phantom under a field of 56.4 keV", histories=1e6, cut_energy=5 * keV, **options,
        sources=[kerma.PointSource(0.0564, (0, 0, -1800), field=(390, 390), field_distance=1800)],
        scorers=[kerma.GridScorer("water", (78, 78, 40), (5, 5, 5), origin=(-192.5, -192.5, 2.5)),
                 kerma.VolumeScorer("phantom", phantom)])


def the_same_files(a, b, but=()):
    names = {p.name for p in pathlib.Path(a).iterdir()} - set(but)
    assert names == {p.name for p in pathlib.Path(b).iterdir()} - set(but), names
    wrong = filecmp.cmpfiles(a, b, names, shallow=False)[1:]
    assert wrong == ([], []), wrong
    return names


@each(threads=[0, 3])
def test_the_same_scene_is_the_same_from_python_the_command_and_c(threads):
    command, example = program("kerma"), program("kerma_water_box")
    file = EXAMPLES / "water_box.json"
    with tempfile.TemporaryDirectory() as directory:
        d = pathlib.Path(directory)
        with water_box(threads=threads) as made, kerma.Simulation.load(file, threads=threads) as loaded:
            result = made.run(N)
            other = loaded.run(N)
            assert loaded.title == made.title and loaded.histories == made.histories == 10**6 and loaded.seed == 1
            made.save(d / "saved.json")
        assert result.info == other.info
        for path, out in ((file, d / "command"), (d / "saved.json", d / "saved")):
            subprocess.run([command, "run", path, "--histories", str(N), "--quiet", "--out", out], check=True,
                           stdin=subprocess.DEVNULL)
            assert json.loads((out / "summary.json").read_text())["scores_hash"] == result.scores_hash
        said = subprocess.run([example, str(N)], check=True, capture_output=True, text=True).stdout
        assert said.strip().endswith(f"scores {result.scores_hash}"), said
        result.write(d / "made")
        other.write(os.fsencode(d / "loaded"))
        names = the_same_files(d / "made", d / "command", but=["performance.json"])
        assert "summary.json" in names and "water_dose.mha" in names and "volumes.csv" in names
        the_same_files(d / "made", d / "loaded")
        the_same_files(d / "made", d / "saved", but=["performance.json"])
        summary = kerma.Summary(d / "command")
        assert summary.title == result._title and summary.scores_hash == result.scores_hash
        assert summary.histories == N and summary.ledger == result.ledger and summary.seed == 1
        value = {s.name: s for s in summary.scorers}["phantom"].values["dose"]
        assert value.unit == "Gy" and value[:2] == result["phantom"].values("dose")
        assert kerma.recognize(d / "command") == "result" and kerma.recognize(file) == "scene"
        assert kerma.recognize(str(d / "made" / "water_dose.mha")) == "image"


@each(name=["aluminium_step", "tube_and_orb", "water_box"])
def test_what_was_read_from_a_file_can_be_asked_for_all_of_it(name):
    file = EXAMPLES / f"{name}.json"
    said = json.loads(file.read_text())
    sim = kerma.Simulation.load(file)
    assert {v.name for v in sim.volumes} == set(said["volumes"]) and sim.world == sim.volumes[0]
    assert [s.name for s in sim.scorers] == list(said["scorers"]) and len(sim.sources) == len(said["sources"])
    assert sim.world.name == said["world"]
    shapes = {"box": kerma.Box, "orb": kerma.Orb, "tube": kerma.Tube, "mesh": kerma.Tessellated}
    for volume in sim.volumes:
        described = said["volumes"][volume.name]
        shape = next(s for s in shapes if s in described)
        assert type(volume.solid) is shapes[shape] and volume.solid.shape == shape, volume
        assert volume.image is None and volume.ct_table is None
        assert (volume.material is None) == (described["material"] == "vacuum")
        for key, value in volume.solid.dimensions.items():
            if key in described[shape]:
                assert np.allclose(described[shape][key], value), (volume, key)
        again = type(volume.solid)(**volume.solid.dimensions) if shape != "mesh" else kerma.Tessellated(volume.solid.mesh)
        assert again.volume == volume.solid.volume and again != volume.solid
    kinds = {"point": kerma.PointSource, "pencil": kerma.PencilSource, "parallel": kerma.ParallelSource}
    for source, described in zip(sim.sources, said["sources"]):
        assert type(source) is kinds[described["type"]] and source.position == tuple(described["position"])
        assert source.spectrum.mean_energy > 0
    for scorer in sim.scorers:
        assert scorer.kind in said["scorers"][scorer.name] or scorer.kind == "voxels"
        if scorer.kind in ("voxels", "volume"):
            assert scorer.volume in sim.volumes
    assert sim.check() == [] and sim.check_overlaps() == [] and kerma.Simulation.check_file(file) == []
    expected = sim.run(2000).scores_hash
    # The same of what was asked for.
    world = kerma.Simulation(sim.world, sources=sim.sources, scorers=sim.scorers, cut_energy=sim.cut_energy, seed=sim.seed)
    assert world.run(2000).scores_hash == expected


def test_what_belongs_to_a_simulation_outlives_it_with_all_its_names():
    sim = kerma.Simulation.load(EXAMPLES / "water_box.json")
    world, source, scorer = sim.world, sim.sources[0], sim.scorers[1]
    sim.close()
    del sim
    gc.collect()
    phantom = world.daughters[0].volume
    assert phantom.solid.dimensions["size"] == (390, 390, 200) and phantom.material.name == "Water, Liquid"
    assert source.spectrum.mean_energy == 0.0564 and scorer.volume == phantom
    drop = phantom.place(kerma.Volume("drop", kerma.Orb(3), kerma.Material("Ti")))
    del phantom, drop
    gc.collect()
    drop = world.daughters[0].volume.daughters[0].volume
    assert drop.name == "drop" and drop.solid.radius == 3 and drop.material.elements == {"Ti": 1.0}
    assert [v.name for v in world.tree()] == ["room", "phantom", "drop"]


def test_parts_that_were_locals_or_closed_can_be_asked_for():
    def make():
        world = kerma.Volume("world", kerma.Box((100, 100, 100)))
        mesh = kerma.Mesh(*scenes.tetrahedron())
        solid = kerma.Tessellated(mesh)
        inner = world.place(kerma.Volume("inner", solid, "Water, Liquid"), (1, 2, 3))
        image = kerma.Volume("image", kerma.Image(np.zeros((2, 3, 4), np.int16)), ct_table=kerma.CTTable())
        world.place(image, (20, 20, 20), np.eye(3)[[1, 2, 0]])
        for part in (mesh, solid, inner):
            part.close()
        return world

    world = make()
    gc.collect()
    inner, image = (d.volume for d in world.daughters)
    assert len(inner.solid.mesh) == 4 and inner.material.density == 1.0
    assert image.solid is None and image.material is None and image.image.shape == (2, 3, 4) and len(image.ct_table) > 10
    assert image.ct_table.rows[0].material.name == image.ct_table.materials[0].name
    placed = world.daughters[1]
    assert placed.translation == (20, 20, 20) and (placed.rotation == np.eye(3)[[1, 2, 0]]).all()
    assert world.daughters[0].volume == inner and inner != image and len({inner, image, world.daughters[0].volume}) == 2
    assert inner.solid.shape == "mesh" and inner.solid.dimensions == {}


def test_files_that_are_wrong_or_missing_are_named():
    with tempfile.TemporaryDirectory() as directory:
        d = pathlib.Path(directory)
        missing, wrong = d / "nö such.json", d / "wrong.json"
        wrong.write_text('{"kerma": 1, "materials": {"x": {"nist": "Watr"}}, "spectra": {"s": {"file": "none"}},'
                         ' "volumes": {"w": {"box": {"size": [1, 1, 1]}, "material": "x"}},'
                         ' "world": "w", "sources": [{"type": "pencil", "position": [0, 0, 0], "spectrum": "s"}]}')
        reads = {
            "Simulation.load": kerma.Simulation.load, "check_file": kerma.Simulation.check_file, "Mesh.read": kerma.Mesh.read,
            "audit_file": kerma.Mesh.audit_file, "Image.read": kerma.Image.read, "CTTable.read": kerma.CTTable.read,
            "Spectrum.read": kerma.Spectrum.read, "Summary": kerma.Summary, "recognize": kerma.recognize,
            "Tessellated.read": kerma.Tessellated.read,
        }
        for name, read in reads.items():
            for path in (missing, str(missing), os.fsencode(missing)):
                assert "nö such.json" in refusal(lambda: read(path), kerma.FileError), name
            for bad in (None, 7, ["a"]):
                refusal(lambda: read(bad), TypeError)
            assert "null" in refusal(lambda: read("a\0b"), ValueError)
            if name not in ("check_file", "recognize"):
                assert "wrong.json" in refusal(lambda: read(wrong), kerma.FormatError, kerma.ArgumentError), name
        faults = kerma.Simulation.check_file(wrong)
        assert len(faults) > 1 and all(issubclass(f.error, kerma.Error) and "wrong.json" in f.text for f in faults)
        text = refusal(lambda: kerma.Simulation.load(wrong), kerma.ArgumentError)
        assert "wrong.json:1:" in text
        sim = scenes.box(1)
        nowhere = d / "nowhere" / "scene.json"
        assert "nowhere" in refusal(lambda: sim.save(nowhere), kerma.FileError)
        assert "wrong.json" in refusal(lambda: sim.run(1).write(wrong), kerma.FileError)
        assert "no source" in refusal(lambda: kerma.Simulation(kerma.Volume("w", kerma.Box((1, 1, 1)))).save(d / "x.json"),
                                     kerma.StateError)
        refusal(lambda: kerma.Simulation().save(d / "x.json"), kerma.StateError)
        assert ".mha" in refusal(lambda: kerma.Image(np.zeros((1, 1, 1))).write(d / "x.png"), kerma.ArgumentError)


def test_saved_scenes_with_meshes_images_and_tables_are_the_same():
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "scene.json"
        world = kerma.Volume("world", kerma.Box((400, 400, 400)), "Air, Dry (near sea level)")
        table = kerma.CTTable([(-1000, 0, 0.001, 1, kerma.Material("Air, Dry (near sea level)")),
                               (0, 3000, 1, 2, kerma.Material.mass_fractions({"H": 0.11, 8: 0.89}, 1, name="wet"))])
        ct = kerma.Volume("ct", kerma.Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4) * 100, spacing=(9, 8, 7)),
                          ct_table=table)
        world.place(ct, (-50, 0, 0))
        world.place(kerma.Volume("thing", kerma.Tessellated(kerma.Mesh(*scenes.tetrahedron(30))), "Ti"), (40, 0, 0))
        lines = kerma.Spectrum(np.linspace(0.02, 0.1, 200), np.linspace(1, 2, 200))
        sim = kerma.Simulation(world, title="Tïtle", seed=2**64 - 1, histories=12345, overlaps="warn", overlap_points=500,
                               cut_energy=0.002)
        sim.add_source(kerma.ParallelSource(lines, (0, 0, -190), radius=80))
        sim.add_scorer(kerma.VoxelScorer("voxels", ct))
        sim.add_scorer(kerma.DetectorScorer("film", (0, 0, 150), (5, 4), (20, 30), u=(0, 1, 0), v=(-1, 0, 0), absorbs=False))
        sim.save(path)
        assert (path.parent / "scene_files").is_dir()
        moved = pathlib.Path(directory) / "elsewhere"
        moved.mkdir()
        shutil.move(path, moved), shutil.move(path.parent / "scene_files", moved)
        again = kerma.Simulation.load(moved / "scene.json")
        assert (again.title, again.seed, again.histories, again.overlaps) == ("Tïtle", 2**64 - 1, 12345, "warn")
        assert again.cut_energy == 0.002 and again._overlap_points == 500
        first, second = sim.run(3000), again.run(3000)
        assert first.scores_hash == second.scores_hash and first.scene_hash == second.scene_hash
        film = again.scorers[1]
        assert film.pixels == (5, 4) and film.pixel_size == (20, 30) and film.u == (0, 1, 0) and not film.absorbs
        assert again.volume("ct").ct_table.rows[1].material.elements.keys() == {"H", "O"}
        assert again.inventory().images[0].voxels == 24


def test_a_loaded_simulation_runs_as_its_file_says_unless_it_is_told():
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "scene.json"
        with scenes.box(1, seed=5) as sim:
            sim.histories = 700
            sim.save(path)
        with kerma.Simulation.load(path, threads=2) as sim:
            assert sim.seed == 5 and sim.threads == 2 and sim.run().histories == 700 and sim.run(300).histories == 1000
        with kerma.Simulation.load(path) as sim:
            assert sim.threads is None
            sim.seed, sim.title, sim.cut_energy, sim.histories = 6, "changed", 0.01, 100
            result = sim.run()
            assert result.seed == 6 and result.histories == 100 and result.info.cut_energy == 0.01
            result.write(path.parent / "out")
            assert kerma.Summary(path.parent / "out").title == "changed"
            sim.save(path)
        with kerma.Simulation.load(path) as sim:
            assert (sim.seed, sim.title, sim.cut_energy, sim.histories) == (6, "changed", 0.01, 100)
