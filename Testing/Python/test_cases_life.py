"""Rows a to c of what crashes or leaks elsewhere: who keeps what alive, in which order it goes, how often it can be."""
import gc
import itertools
import os
import resource
import threading

import numpy as np
from harness import SANITIZED, each, limit

import cases
import kerma
import scenes
from cases import live, raised

HISTORIES = 5000


@each(threads=[0, 2], collector=["collect", "threshold", "thread"])
def test_a1_parts_that_were_locals_of_a_function_give_the_same_scores(threads, collector):
    expected = cases.expected(HISTORIES)
    if collector == "threshold":
        gc.set_threshold(1)
    disturbance = cases.meanwhile(gc.collect) if collector == "thread" else cases.contextlib.nullcontext()
    with disturbance:
        sim = cases.of_locals(threads)
        if collector == "collect":
            gc.collect()
        result = sim.run(HISTORIES)
        if collector == "collect":
            gc.collect()
    assert result.scores_hash == expected
    del sim
    assert result["detector"].total("primary_count") > 0 and result.scores_hash == expected


@each(threads=[0, 2])
def test_a1_also_with_the_debugging_allocator(threads):
    text = f"import cases, gc; gc.set_threshold(100); print(cases.of_locals({threads}).run({HISTORIES}).scores_hash)"
    printed = cases.python(text, environment={"PYTHONMALLOC": "debug"})
    assert printed.split()[-1] == cases.expected(HISTORIES)


def test_a1_arrays_are_copied_and_may_be_changed_or_dropped():
    vertices, triangles = (a.copy() for a in cases.BALL)
    values = np.full((4, 4, 4), 50, np.int16)
    energies, weights = np.array([0.02, 0.04, 0.08]), np.array([1.0, 2.0])

    def make():
        world = kerma.Volume("world", kerma.Box((100, 100, 100)))
        ball = world.place(kerma.Volume("ball", kerma.Tessellated(kerma.Mesh(vertices, triangles)), "Water, Liquid"))
        scan = world.place(kerma.Volume("scan", kerma.Image(values)), (0, 0, 20))
        sim = kerma.Simulation(world, threads=2)
        sim.add_source(kerma.PencilSource(kerma.Spectrum.histogram(energies, weights), (0, 0, -40)))
        sim.add_scorer(kerma.VolumeScorer("ball", ball))
        sim.add_scorer(kerma.VoxelScorer("scan", scan))
        return sim

    expected = make().run(HISTORIES).scores_hash
    sim = make()
    halfway = threading.Event()
    sim.on_history_end(lambda worker: halfway.set() if worker.history == HISTORIES // 2 else None)
    sim.start(HISTORIES)
    halfway.wait()
    for array in (vertices, values, energies, weights):
        array[:] = 0
    triangles[:] = 0
    del vertices, triangles, values, energies, weights, array
    assert sim.wait().scores_hash == expected


@each(threads=[0, 1, 4])
def test_a2_observers_that_nobody_else_keeps_are_called_to_the_end(threads):
    class Counter:
        def __init__(self):
            self.lock = threading.Lock()
            self.n = 0

        def count(self, *_):
            with self.lock:
                self.n += 1

    def make():
        counter = Counter()
        sim = scenes.box(threads)
        sim.on_history_begin(lambda worker: counter.count())
        sim.on_history_end(counter.count)
        sim.on_block(lambda records, mine=Counter(): mine.count(records))
        sim.set_user_initialization(lambda worker: Counter(), lambda data: counter.count())
        return sim, counter

    with cases.meanwhile(gc.collect):
        sim, counter = make()
        gc.collect()
        sim.run(2000)
        assert counter.n == 4000
        sim.close()
    assert counter.n == 4000 + max(threads, 1)


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def test_a3_meshes_that_are_dropped_are_freed():
    solids = []
    for i in range(60):
        if i == 20:
            before = resident()
        solids.append(kerma.Tessellated(kerma.Mesh(*cases.BALL)))  # 1280 facets
        if i % 2:
            solids.clear()
        assert live("MESH") <= 2
    assert live("MESH") == live("SOLID") == 0
    grown = resident() - before
    print(f"40 meshes of {len(cases.BALL[1])} facets made and dropped: {grown / 1e6:.2f} MB more")
    assert SANITIZED or grown < 2e6  # which keeps what was freed for a while


def test_a3_runs_that_are_over_are_freed():
    """A worker that had nothing to do so far takes some MB at its first work, once: only the smaller growth tells."""
    readings = []
    with cases.of_locals(2) as sim:
        for i in range(421):
            if i % 200 == 20:
                readings.append(resident())
            sim.run(100)
        assert live("RESULT") == 0
    grown = [(b - a) / 1e6 for a, b in zip(readings, readings[1:])]
    print(f"200 runs, twice: {grown} MB more")
    assert SANITIZED or (len(grown) == 2 and min(grown) < 2)  # which keeps what was freed for a while


def test_a4_one_mesh_makes_two_solids_and_one_solid_two_volumes():
    mesh = kerma.Mesh(*cases.BALL)
    world = kerma.Volume("world", kerma.Box((200, 200, 200)))
    solids = [kerma.Tessellated(mesh), kerma.Tessellated(mesh)]
    del mesh
    for i, x in enumerate((-50, -20, 20, 50)):
        world.place(kerma.Volume(f"ball {i}", solids[i % 2], "Water, Liquid"), (x, 0, 0))
    del solids
    with kerma.Simulation(world, threads=2) as sim:
        sim.add_source(kerma.ParallelSource(0.06, (0, 0, -90), size=(150, 20)))
        sim.add_scorer(kerma.GridScorer("grid", (1, 1, 1), (190, 190, 190)))
        assert sim.run(1000)["grid"].total() > 0


# ---- row b: the end of the run manager, and what it used ----


def small():
    """Objects of one simulation, each with one name here."""
    mesh = kerma.Mesh(*scenes.tetrahedron(30.0))
    solid = kerma.Tessellated(mesh)
    volume = kerma.Volume("stone", solid, "Water, Liquid")
    world = kerma.Volume("world", kerma.Box((100, 100, 100)))
    world.place(volume, (-5, -5, 0))
    source = kerma.PencilSource(0.06, (0, 0, -40))
    sim = kerma.Simulation(world, threads=1)
    sim.add_source(source)
    sim.add_scorer(kerma.VolumeScorer("stone", volume))
    return {"sim": sim, "world": world, "volume": volume, "solid": solid, "mesh": mesh, "source": source}


@limit(60)
@each(state=["new", "initialized", "running", "over"])
def test_b1_everything_goes_in_every_order(state):
    names = list(small())
    for number, order in enumerate(itertools.permutations(names)):
        if state != "new" and number % 5:  # 144 of the 720 orders, each name at each place
            continue
        p = small()
        if state == "initialized":
            p["sim"].initialize()
        elif state == "running":
            p["sim"].start(10**12)
        elif state == "over":
            p["sim"].run(10)
        for i, name in enumerate(order):
            if (number + i) % 2:
                p[name].close()
                p[name].close()
                assert p[name].closed
            del p[name]
        cases.wait_until(lambda: live("MESH") == 0)  # one that was not closed ends in the background
    cases.settle()


def test_b1_a_run_needs_no_name_of_what_it_uses():
    expected = small()["sim"].run(5000).scores_hash
    for name in ("world", "volume", "solid", "mesh", "source"):
        p = small()
        p["sim"].start(2000)
        p[name].close()
        p["sim"].wait()
        assert p["sim"].run(3000).scores_hash == expected, name


def calls(thing):
    """(name, call without arguments) of all that a user can ask of a thing."""
    arguments = {
        "triangle": ((0, 0, 0), (1, 0, 0), (0, 1, 0)), "quadrangle": ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)),
        "intersect": ([(0, 0, 0)], [(0, 0, 1)]), "inside": ([(0, 0, 0)],), "nearest": ([(0, 0, 0)],),
        "distance_to_in": ([(0, 0, 0)], [(0, 0, 1)]), "distance_to_out": ([(0, 0, 0)], [(0, 0, 1)]),
        "safety_to_in": ([(0, 0, 0)],), "safety_to_out": ([(0, 0, 0)],), "normal": ([(0, 0, 1)],),
        "attenuation": (0.06,), "convert": (0,), "point_of_index": ((0, 0, 0),), "index_of_point": ((0, 0, 0),),
        "run": (1,), "start": (1,), "replay": (0,), "on_progress": (print,),
    }
    for name in dir(type(thing)):
        attribute = getattr(type(thing), name)
        if name.startswith("_") or name in ("close", "closed", "abort") or isinstance(
                attribute, (type(kerma.Mesh.read), type(len))):
            continue
        if isinstance(attribute, property):
            yield name, lambda name=name: getattr(thing, name)
        elif callable(attribute) and (name in arguments or attribute.__code__.co_argcount == 1):
            yield name, lambda name=name: getattr(thing, name)(*arguments.get(name, ()))


# Known without the library.
PLAIN = {"world", "title", "on_block"}


def test_b3_what_is_used_after_close_says_so():
    p = cases.parts()
    sim = p["simulation"] = cases.simulation(p, 1, title="all parts")
    p["result"] = sim.run(10)
    p["another source"] = kerma.PencilSource(0.06)
    asked = 0
    for name, thing in p.items():
        thing.close()
        thing.close()
        assert thing.closed and "closed" in repr(thing), name
        for what, call in calls(thing):
            if what in PLAIN:
                continue
            text = str(raised(kerma.ClosedError, call, what=f"{name}.{what}"))
            assert f"the {thing._name()} was closed" == text, (name, what, text)
            asked += 1
    assert asked > 100, asked
    for call in (lambda: kerma.Tessellated(p["mesh"]), lambda: kerma.Volume("v", p["solid"]),
                 lambda: kerma.Volume("v", kerma.Orb(1), p["material"]), lambda: kerma.Simulation(p["world"]),
                 lambda: kerma.Volume("v", p["image"]), lambda: kerma.PencilSource(p["spectrum"]),
                 lambda: kerma.VolumeScorer("s", p["ball"]), lambda: sim.add_source(kerma.PencilSource(0.06)),
                 lambda: sim.set_user_initialization(print), lambda: p["world"].place(p["ball"])):
        assert "was closed" in str(raised(kerma.ClosedError, call))


def test_b3_a_simulation_used_after_its_block_says_so():
    with scenes.box(2, title="mine") as sim:
        result = sim.run(1000)
    for call in (lambda: sim.run(1), sim.initialize, sim.wait, sim.snapshot, lambda: sim.start(1), sim.__enter__):
        assert str(raised(kerma.ClosedError, call)) == "the simulation 'mine' was closed"
    sim.abort()
    sim.close()
    assert result.histories == 1000


@each(threads=[1, 4])
def test_b4_deleted_while_running_it_ends_in_the_background(threads):
    begun = threading.Event()
    sim = scenes.box(threads, histories_end=lambda worker: begun.set())
    sim.start(10**12)
    begun.wait()
    assert live("RUN_MANAGER") == 1
    del sim
    cases.wait_until(lambda: live("RUN_MANAGER") == 0)


@each(threads=[0, 2])
def test_b4_deleted_by_its_own_observer(threads):
    box = [scenes.box(threads)]

    def drop(worker):
        if worker.history == 100:
            box.clear()
            gc.collect()

    box[0].on_history_end(drop)
    run = box[0].run  # the call alone keeps it
    assert run(1000).histories == 1000
    del run
    cases.settle()


# ---- row c: how often, and what changes between runs ----


@limit(60)
@each(threads=[0, 2])
def test_c1_the_second_and_the_hundredth_simulation_are_as_the_first(threads):
    hashes = set()
    for i in range(100):
        sim = scenes.box(threads)
        hashes.add(sim.run(1000).scores_hash)
        if i % 3 == 0:
            sim.close()
    assert len(hashes) == 1


@each(threads=[0, 2])
def test_c1_two_at_once(threads):
    expected = [scenes.box(0, seed=seed).run(HISTORIES).scores_hash for seed in (1, 2)]
    sims = [scenes.box(threads, seed=seed) for seed in (1, 2)]
    for sim in sims:
        sim.start(HISTORIES)
    assert [sim.wait().scores_hash for sim in sims] == expected
    assert expected[0] != expected[1]


@each(threads=[0, 2])
def test_c1_one_inside_the_callback_of_another(threads):
    expected = scenes.box(0, seed=7).run(500).scores_hash
    hashes = []

    def inner(worker):
        if worker.history in (10, 20):
            with scenes.box(threads, seed=7) as other:
                hashes.append(other.run(500).scores_hash)

    with scenes.box(threads, histories_end=inner) as sim:
        sim.run(50)
    assert hashes == [expected] * 2


@each(threads=[0, 2])
def test_c3_a_changed_geometry_acts_at_the_next_run(threads):
    def world(with_shield):
        outer = kerma.Volume("world", kerma.Box((200, 200, 200)))
        drop = outer.place(kerma.Volume("drop", kerma.Orb(10), "Water, Liquid"), (0, 0, 20))
        if with_shield:
            shield(outer)
        sim = kerma.Simulation(outer, threads=threads)
        sim.add_source(kerma.PencilSource(0.06, (0, 0, -90)))
        sim.add_scorer(kerma.VolumeScorer("drop", drop))
        return outer, sim

    def shield(outer):
        outer.place(kerma.Volume("shield", kerma.Box((50, 50, 1)), kerma.Material("Ti")), (0, 0, -50))

    outer, sim = world(False)
    sim.run(1000)
    assert sim.run(1000).histories == 2000  # unchanged: it goes on
    bare = sim.snapshot()
    shield(outer)
    assert sim.snapshot().scores_hash == bare.scores_hash  # and acts at the next run alone
    changed = sim.run(2000)
    assert changed.histories == 2000  # begun anew
    assert changed.scene_hash != bare.scene_hash and changed.scores_hash == world(True)[1].run(2000).scores_hash
    sim.add_scorer(kerma.GridScorer("grid", (2, 2, 2), (50, 50, 50)))
    assert sim.run(100).names == ["drop", "grid"]


@each(threads=[1, 2])
def test_c3_changed_during_a_run_it_acts_at_the_next(threads):
    world = kerma.Volume("world", kerma.Box((200, 200, 200)))
    drop = world.place(kerma.Volume("drop", kerma.Orb(10), "Water, Liquid"), (0, 0, 20))
    sim = kerma.Simulation(world, threads=threads)
    sim.add_source(kerma.PencilSource(0.06, (0, 0, -90)))
    sim.add_scorer(kerma.VolumeScorer("drop", drop))
    begun, go_on = threading.Event(), threading.Event()

    def hold(worker):
        begun.set()
        go_on.wait()

    sim.on_history_end(hold)
    sim.start(1000)
    begun.wait()
    world.place(kerma.Volume("shield", kerma.Box((50, 50, 1)), kerma.Material("Ti")), (0, 0, -50))
    steps = len(sim.replay(3))  # of the run that is under way
    go_on.set()
    assert sim.wait().scores_hash == scenes.box(0).run(1000).scores_hash
    assert steps == len(scenes.box(0).replay(3))
    assert sim.run(10).histories == 10


def test_c3_changes_elsewhere_do_not_disturb_a_run():
    with scenes.box(2) as sim:
        sim.run(1000)
        begun = []
        sim.start(1000)
        with scenes.box(1) as other:  # makes volumes and places them
            begun.append(other.run(10).histories)
        sim.wait()
        assert sim.run(1000).scores_hash == scenes.box(0).run(3000).scores_hash


# ---- rows k and l ----


def test_k_the_same_bits_and_l_the_same_histories_for_any_number_of_threads():
    results = [cases.of_locals(threads).run(HISTORIES) for threads in (0, 1, 2, 3, 7)]
    assert len({r.scores_hash for r in results}) == 1
    assert {r.histories for r in results} == {HISTORIES}
    counts = []
    for threads in (0, 1, 4):
        seen = []
        cases_box = scenes.box(threads, histories_end=lambda worker: seen.append(worker.history))
        cases_box.run(777)
        cases_box.close()
        counts.append(sorted(seen) == list(range(777)))
    assert counts == [True] * 3


def test_the_process_has_no_more_threads_or_descriptors_than_before():
    def counts():
        return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

    cases.of_locals(2).run(10)
    cases.settle()
    before = counts()
    for _ in range(20):
        cases.of_locals(3).run(10)
    cases.settle()
    cases.wait_until(lambda: counts() == before)
