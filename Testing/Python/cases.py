"""What the test_cases_*.py share: a simulation with a part of every kind, and threads that disturb."""
import contextlib
import gc
import os
import subprocess
import sys
import threading

import numpy as np

import kerma
import scenes
from harness import SLOWNESS
from kerma._native import c
from kerma.units import keV

HERE = os.path.dirname(os.path.abspath(__file__))


def sphere(level=3, radius=10.0):
    """(vertices, triangles) of a ball of 20 * 4**level facets."""
    g = (1 + 5**0.5) / 2
    points = [(-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g), (0, -1, -g), (0, 1, -g),
              (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)]
    triangles = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2),
                 (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11),
                 (6, 2, 10), (8, 6, 7), (9, 8, 1)]
    points = [np.array(p, float) / np.linalg.norm(p) for p in points]
    for _ in range(level):
        middles, finer = {}, []

        def middle(i, j):
            key = (min(i, j), max(i, j))
            if key not in middles:
                m = points[i] + points[j]
                middles[key] = len(points)
                points.append(m / np.linalg.norm(m))
            return middles[key]

        for p, q, r in triangles:
            pq, qr, rp = middle(p, q), middle(q, r), middle(r, p)
            finer += [(p, pq, rp), (q, qr, pq), (r, rp, qr), (pq, qr, rp)]
        triangles = finer
    return radius * np.array(points), np.array(triangles, np.uint32)


BALL = sphere(3)


def parts():
    """{name: object}: one of every kind of thing that a scene is made of."""
    vertices, triangles = (a.copy() for a in BALL)
    builder = kerma.MeshBuilder()
    corners, faces = scenes.tetrahedron(20.0)
    for face in faces:
        builder.triangle(*(corners[i] for i in face))
    p = {"builder": builder, "mesh": kerma.Mesh(vertices, triangles), "built mesh": builder.mesh()}
    p["solid"] = kerma.Tessellated(p["mesh"])
    p["built solid"] = kerma.Tessellated(p["built mesh"])
    p["material"] = kerma.Material("Water, Liquid")
    p["bone"] = kerma.Material.mass_fractions({"Ca": 0.4, "O": 0.6}, 1.9, name="bone")
    p["image"] = kerma.Image((np.arange(6 * 5 * 4).reshape(6, 5, 4) * 10 - 500).astype(np.int16), spacing=(2, 3, 4))
    p["table"] = kerma.CTTable()
    p["world solid"] = kerma.Box((200, 200, 200))
    p["world"] = kerma.Volume("world", p["world solid"])
    p["ball"] = kerma.Volume("ball", p["solid"], p["material"])
    p["tetrahedron"] = kerma.Volume("tetrahedron", p["built solid"], p["bone"])
    p["scan"] = kerma.Volume("scan", p["image"], ct_table=p["table"])
    p["world"].place(p["ball"], (0, 0, -20))
    p["world"].place(p["tetrahedron"], (-3, -3, 0))
    p["world"].place(p["scan"], (0, 0, 50))
    p["spectrum"] = kerma.Spectrum.histogram(np.array([20, 40, 80]) * keV, np.array([1.0, 2.0]))
    p["point"] = kerma.PointSource(p["spectrum"], (0, 0, -90), half_angle=0.2)
    p["pencil"] = kerma.PencilSource(60 * keV, (0, 0, -90))
    p["voxels"] = kerma.VoxelScorer("voxels", p["scan"])
    p["grid"] = kerma.GridScorer("grid", (4, 4, 4), (10, 10, 10))
    p["volume"] = kerma.VolumeScorer("volume", p["ball"])
    p["detector"] = kerma.DetectorScorer("detector", (0, 0, 95), (8, 8), (10, 10))
    return p


def simulation(p, threads=2, **options):
    """The simulation of parts()."""
    sim = kerma.Simulation(p["world"], threads=threads, **options)
    for name in ("point", "pencil"):
        sim.add_source(p[name])
    for name in ("voxels", "grid", "volume", "detector"):
        sim.add_scorer(p[name])
    return sim


def of_locals(threads=2, **options):
    """A simulation whose parts nobody else has a name for."""
    return simulation(parts(), threads, **options)


def expected(histories, **options):
    """The hash of the scores of a run with everything kept alive."""
    kept = parts()
    with simulation(kept, 0, **options) as sim:
        return sim.run(histories).scores_hash


def live(*kinds):
    """How many objects of these kinds are alive."""
    return sum(c.kma_live_objects(getattr(c, "KMA_KIND_" + kind)) for kind in kinds)


def wait_until(condition):
    """Looks until it is so; the test's time limit is the only other end."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.002)


@contextlib.contextmanager
def meanwhile(work):
    """work() again and again in another thread."""
    over = threading.Event()
    failures = []

    def loop():
        try:
            while not over.is_set():
                work()
        except BaseException as e:
            failures.append(e)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if failures:
            raise failures[0]


class Task(threading.Thread):
    """A thread whose result, or exception, end() gives."""

    def __init__(self, function, *arguments, **options):
        super().__init__(**options)
        self._work = (function, arguments)
        self.result = self.failure = None
        self.start()

    def run(self):
        function, arguments = self._work
        try:
            self.result = function(*arguments)
        except BaseException as e:
            self.failure = e

    def end(self):
        self.join()
        try:
            if self.failure is not None:
                raise self.failure
            return self.result
        finally:
            self._work = self.failure = None


def raised(class_, function, *arguments, what="the call"):
    """The exception that the call raises; another one, or none, fails the test."""
    try:
        function(*arguments)
    except class_ as e:
        assert type(e) is class_, repr(e)
        return e.with_traceback(None)
    raise AssertionError(f"{what} did not raise {class_.__name__}")


def innermost(exception):
    """Name of the function that raised it."""
    traceback = exception.__traceback__
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_name


def python(text, *arguments, status=0, environment=None, timeout=30, **options):
    """Runs a program in a process of its own; what it printed. Ends with `status`, or the test fails."""
    path = os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])
    process = subprocess.run([sys.executable, "-X", "faulthandler", "-c", text, *map(str, arguments)],
                             env={**os.environ, "PYTHONPATH": path, **(environment or {})}, timeout=timeout * SLOWNESS,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    output = process.stdout.decode(errors="replace")
    assert process.returncode == status, f"ended with {process.returncode} instead of {status}:\n{output[-3000:]}"
    return output


def settle():
    """Collects, and waits for what ends in the background."""
    gc.collect()
    wait_until(lambda: live("RUN_MANAGER") == 0)
