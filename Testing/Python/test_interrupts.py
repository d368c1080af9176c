"""Ctrl-C, or whatever a signal's handler raises, ends long calls that only compute: they look at signals meanwhile.

The handler can tell whether the call is still under way: sys.setprofile() says when it begins and when it has returned;
Python itself calls handlers after that. The signal is a timer's: it needs no thread; none runs where the GIL is held.
"""
import contextlib
import os
import signal
import sys
import tempfile

from harness import limit

import kerma
import scenes
from kerma.units import keV


class Interrupted(BaseException):
    pass


class Watch:
    """Calls handle() when the timer's signal finds the call of this name in C; otherwise it tries again."""

    def __init__(self, name, handle):
        self.name, self.handle = name, handle
        self.inside = False
        self.found = 0

    def profile(self, frame, event, what):
        if getattr(what, "__name__", "") == self.name and event.startswith("c_"):
            self.inside = event == "c_call"

    def alarm(self, number, frame):
        while frame is not None and frame.f_code is not Watch.profile.__code__:
            frame = frame.f_back
        if self.inside and frame is None:  # not about to be told that the call is over, nor in a signal's handler there
            self.found += 1
            self.handle()

    @contextlib.contextmanager
    def on(self):
        before = signal.signal(signal.SIGALRM, self.alarm)
        sys.setprofile(self.profile)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.setprofile(None)
            signal.signal(signal.SIGALRM, before)


def interrupt(name, call):
    """Until it is ended in C: a call may be through before the timer's first signal, but is not always."""
    def handle():
        kerma.Mesh(*scenes.tetrahedron())  # a handler may use all of kerma
        raise Interrupted(name)

    watch = Watch(name, handle)
    with watch.on():
        try:
            while not watch.found:
                call()
        except Interrupted as e:
            assert e.args == (name,) and e.__context__ is None
            return
    raise AssertionError(f"{name} went on")


def sphere(n, radius=50.0):
    """About 4 n^2 facets, and no other number than those of the arguments decides how long they take."""
    import numpy as np

    theta, phi = np.linspace(0, np.pi, n + 2)[1:-1, None], np.arange(2 * n) * (np.pi / n)
    ring = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta) + 0 * phi], -1)
    i = np.arange(2 * n * n).reshape(n, 2 * n)
    j = np.roll(i, -1, axis=1)
    low, high = np.full(2 * n, 2 * n * n), np.full(2 * n, 2 * n * n + 1)
    corners = [(i[:-1], i[1:], j[:-1]), (j[:-1], i[1:], j[1:]), (low, i[0], j[0]), (high, j[-1], i[-1])]
    facets = np.concatenate([np.stack([x.ravel() for x in c], -1) for c in corners]).astype(np.uint32)
    return radius * np.concatenate([ring.reshape(-1, 3), [(0, 0, 1), (0, 0, -1)]]), facets


def crossing(mesh):
    """A simulation with two placements of a mesh that share space."""
    world = kerma.Volume("world", kerma.Box((400, 400, 400)))
    lead = kerma.Material("Pb")
    for i in range(2):
        world.place(kerma.Volume(f"part {i}", kerma.Tessellated(mesh), lead), (80 * i, 3, 4))
    sim = kerma.Simulation(world, threads=0)
    sim.add_source(kerma.PencilSource(60 * keV, (0, 0, -190)))
    return sim


def test_ctrl_c_ends_a_search_for_overlaps():
    sim = crossing(kerma.Mesh(*sphere(60)))
    interrupt("kma_scene_check_overlaps", lambda: sim.check_overlaps(1000000))
    assert len(sim.check_overlaps(100)) == 1
    sim.close()


def test_ctrl_c_ends_the_making_of_meshes_and_what_reads_them():
    arrays = sphere(130)
    interrupt("kma_mesh_create_arrays", lambda: kerma.Mesh(*arrays))
    interrupt("kma_mesh_audit_arrays", lambda: kerma.Mesh.audit(*arrays))
    sim = crossing(kerma.Mesh(*arrays))
    sim.overlaps = "ignore"
    with tempfile.TemporaryDirectory() as directory:
        scene = os.path.join(directory, "scene.json")
        sim.save(scene)
        stl = os.path.join(directory, "scene_files", os.listdir(os.path.join(directory, "scene_files"))[0])
        interrupt("kma_mesh_read_stl", lambda: kerma.Mesh.read(stl))
        interrupt("kma_mesh_audit_stl", lambda: kerma.Mesh.audit_file(stl))
        interrupt("kma_simulation_read", lambda: kerma.Simulation.load(scene))
        interrupt("kmp_simulation_check", lambda: kerma.Simulation.check_file(scene))
    interrupt("kma_inventory_create", sim.inventory)
    sim.close()


def test_a_handler_that_raises_nothing_disturbs_nothing():
    arrays = sphere(130)
    wanted = kerma.Mesh(*arrays).report
    heard = []
    watch = Watch("kma_mesh_create_arrays", lambda: heard.append(len(kerma.Mesh(*scenes.tetrahedron()).triangles)))
    with watch.on():
        while not heard:
            assert kerma.Mesh(*arrays).report == wanted
    assert set(heard) == {4}


def test_what_ends_a_run_does_not_end_the_calls_of_its_last_observers():
    meshes = []

    def raise_it(number, frame):
        raise Interrupted

    signal.signal(signal.SIGALRM, raise_it)
    world = kerma.Volume("world", kerma.Box((200, 200, 200)))
    with kerma.Simulation(world, threads=0) as sim:
        sim.add_source(kerma.PencilSource(60 * keV, (0, 0, -90)))
        sim.on_run_end(lambda: meshes.append(kerma.Mesh(*scenes.tetrahedron())))
        sim.initialize()
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            sim.run(1 << 40)
            raise AssertionError
        except Interrupted:
            pass
    assert len(meshes) == 1


@limit(60)
def test_ctrl_c_ends_array_queries_whose_every_row_takes_long():
    """From the middle of a sphere all facets are equally near: one row looks at each of them."""
    import numpy as np

    mesh = kerma.Mesh(*sphere(130))
    points = np.zeros((20000, 3)) + np.arange(20000)[:, None] * 1e-12
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        mesh.nearest(points, threads=1)
    except KeyboardInterrupt:
        return
    raise AssertionError("it was through before: more rows are needed")
