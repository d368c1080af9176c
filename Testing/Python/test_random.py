"""Random programs: what users might do with kerma's objects, in any order, on one to four Python threads that share them.

A program is a list for each thread of (operation, number, number). Whatever it does, nothing crashes or freezes, only
kerma's errors and what observers raised come out, a closed object says so, and in the end no object is alive.

Programs come from random.Random, the same in each run, and from hypothesis where it is installed, which shrinks what
fails. The environment says more:

    KERMA_TEST_PROGRAMS=60     programs for each test; default size(15)
    KERMA_TEST_SEED=7          of the first program, or "fresh"; default 1. The seed of a program that failed is printed
    KERMA_TEST_SECONDS=600     for so long instead of so many
"""
import gc
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback

import numpy as np
from harness import SLOWNESS, Skip, each, limit, live_objects, size

import kerma
import scenes

PROGRAMS = int(os.environ.get("KERMA_TEST_PROGRAMS", size(15)))
SECONDS = float(os.environ.get("KERMA_TEST_SECONDS", "0"))
SEED = os.environ.get("KERMA_TEST_SEED", "1")
LIMIT = 60 + SECONDS / SLOWNESS + 2 * PROGRAMS

THREADS = (0, 1, 2, 4)  # of simulations
HISTORIES = (0, 1, 17, 300, 5000)
WATER = "Water, Liquid"


class Planned(Exception):
    """What observers raise."""


class Collected:
    """Uses kerma when it is collected, on whatever thread that is."""

    def __init__(self, pool, number):
        self.pool, self.number = pool, number
        self.me = self  # only the collector ends it

    def __del__(self):
        try:
            act(self.pool, self.number, self.number // 7)
        except (kerma.Error, Planned):
            pass


class Pool:
    """Objects by kind, which all threads take, add and drop."""

    def __init__(self, directory):
        self.directory = directory
        self.kinds = {kind: [] for kind in MAKERS}
        self.names = 0
        self.actions = 0

    def any(self, kind, number):
        objects = self.kinds[kind]
        try:
            return objects[number % len(objects)]
        except (IndexError, ZeroDivisionError):
            return self.make(kind, number)

    def make(self, kind, number):
        made = MAKERS[kind](self, number)
        self.kinds[kind].append(made)
        return made

    def take(self, kind, number):
        """Removes one; None if there is none."""
        objects = self.kinds[kind]
        try:
            return objects.pop(number % len(objects))
        except (IndexError, ZeroDivisionError):
            return None

    def name(self, what):
        self.names += 1
        return f"{what} {self.names}"


def kind_of(number):
    return tuple(MAKERS)[number % len(MAKERS)]


# ---- what can be made ----


def make_mesh(pool, number):
    if number % 3 == 0:
        builder = kerma.MeshBuilder()
        vertices, triangles = scenes.tetrahedron(5 + number)
        for triangle in triangles:
            builder.triangle(*(vertices[i] for i in triangle))
        return builder.mesh()
    if number % 7 == 1:
        return kerma.Mesh([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(0, 1, 2)])  # open: refused
    return kerma.Mesh(*scenes.tetrahedron(5 + number % 9))


def make_solid(pool, number):
    kind = number % 5
    if kind == 0:
        return kerma.Tessellated(pool.any("mesh", number // 5))
    if kind == 1:
        return kerma.Box((5 + number, 10, 20))
    if kind == 2:
        return kerma.Tube(10, 20, inner_radius=5)
    if kind == 3:
        return kerma.Orb(-1.0)  # refused
    return kerma.Orb(3 + number % 20)


def make_volume(pool, number):
    name = pool.name("volume")
    if number % 4 == 0:
        return kerma.Volume(name, pool.any("image", number // 4))
    return kerma.Volume(name, pool.any("solid", number // 4), pool.any("material", number) if number % 4 > 1 else None)


def make_image(pool, number):
    values = np.full((3, 2, 2), number % 100, np.int16)
    return kerma.Image(values, spacing=(4, 4, 4))


def make_scorer(pool, number):
    name = pool.name("scorer")
    if number % 3 == 0:
        return kerma.GridScorer(name, (2, 2, 2), (20, 20, 20))
    if number % 3 == 1:
        return kerma.DetectorScorer(name, (0, 0, 90), (4, 4), (10, 10))
    return kerma.VolumeScorer(name, pool.any("volume", number // 3))


def make_source(pool, number):
    return kerma.PointSource(pool.any("spectrum", number), (0, 0, -90)) if number % 2 else kerma.PencilSource(
        0.06, (0, 0, -90))


def make_simulation(pool, number):
    world = kerma.Volume(pool.name("world"), kerma.Box((200, 200, 200)), None if number % 2 else pool.any("material", 0))
    if number % 3:
        world.place(pool.any("volume", number), (0, 0, 20))
    sim = kerma.Simulation(world, threads=THREADS[number % 4], seed=number, overlaps=("ignore", "warn", "refuse")[number % 3],
                           title=pool.name("simulation"), stall_seconds=(0, 0.01, 10)[number % 3])
    sim.add_source(kerma.PencilSource(0.06, (0, 0, -90)))
    if number % 5:
        sim.add_scorer(pool.any("scorer", number))
    return sim


def make_result(pool, number):
    return pool.any("simulation", number).snapshot()


MAKERS = {
    "mesh": make_mesh,
    "solid": make_solid,
    "material": lambda pool, number: kerma.Material(WATER) if number % 2 else kerma.Material.formula("H2O", 1.0),
    "image": make_image,
    "volume": make_volume,
    "spectrum": lambda pool, number: kerma.Spectrum([0.03, 0.06], [1, 1 + number]),
    "source": make_source,
    "scorer": make_scorer,
    "table": lambda pool, number: kerma.CTTable(),
    "simulation": make_simulation,
    "result": make_result,
}


# ---- what observers do ----


def act(pool, what, number):
    """One thing that an observer does, or a callback of the collector."""
    pool.actions += 1
    what %= 10
    if what == 0:
        raise Planned(number)
    if what == 1:
        for kind in MAKERS:
            pool.take(kind, number)
    if what == 2:
        pool.make(kind_of(number), number)
    if what == 3:
        gc.collect()
    if what == 4:
        pool.any("simulation", number).abort()
    if what == 5:
        pool.any("simulation", number).close()
    if what == 6:
        sim = pool.any("simulation", number)
        sim.progress, sim.stalls(), sim.snapshot()
    if what == 7:
        pool.any("simulation", number).run(20)
    if what == 8:
        pool.any("simulation", number).on_history_end(lambda worker: None)
    if what == 9:
        pool.any("simulation", number).replay(number)


def observer(pool, what, number, strong):
    """A callable that acts once, at its call `number`; it holds `strong`."""
    calls = 0

    def observe(*arguments):
        nonlocal calls
        calls += 1
        if calls == 1 + number % 13:
            act(pool, what, number)
            return kerma.Action(number % 4) if len(arguments) == 2 else strong and None

    return observe


OBSERVE = ("on_run_begin", "on_run_end", "on_worker_begin", "on_worker_end", "on_history_begin", "on_history_end",
           "on_step", "on_block", "on_progress")


# ---- operations ----


def do_make(pool, a, b):
    pool.make(kind_of(a), b)


def do_simulation(pool, a, b):
    pool.make("simulation", a)


def do_observe(pool, a, b):
    sim = pool.any("simulation", a)
    strong = (None, sim, Collected(pool, b), sim.run)[a % 4]
    fn = observer(pool, b, a, strong)
    name = OBSERVE[b % len(OBSERVE)]
    if name == "on_block":
        sim.on_block(fn, block=1 + a)
    else:
        getattr(sim, name)(fn)


def do_worker_data(pool, a, b):
    sim = pool.make("simulation", a)
    sim.set_user_initialization(lambda worker: (sim, observer(pool, b, a, sim)), observer(pool, b + 1, a, None))


def do_place(pool, a, b):
    daughter = pool.any("volume", b) if b % 3 == 0 else pool.make("volume", b)
    pool.any("volume", a).place(daughter, (a - b, 0, b))


def do_add(pool, a, b):
    sim = pool.any("simulation", a)
    sim.add_scorer(pool.any("scorer", b)) if b % 2 else sim.add_source(pool.any("source", b))


def do_run(pool, a, b):
    pool.kinds["result"].append(pool.any("simulation", a).run(HISTORIES[b % len(HISTORIES)]))


def do_initialize(pool, a, b):
    pool.any("simulation", a).initialize()


def do_start(pool, a, b):
    pool.any("simulation", a).start(HISTORIES[b % len(HISTORIES)])


def do_wait(pool, a, b):
    pool.any("simulation", a).wait((0, 0.001, 0.01, None)[b % 4])


def do_abort(pool, a, b):
    pool.any("simulation", a).abort()


def do_snapshot(pool, a, b):
    result = pool.any("simulation", a).snapshot()
    for scorer in result:
        scorer.energy, scorer.name
    result.scores_hash
    pool.kinds["result"].append(result)


def do_replay(pool, a, b):
    pool.any("simulation", a).replay(b)


def do_look(pool, a, b):
    sim = pool.any("simulation", a)
    repr(sim), sim.progress, sim.stalls(0), sim.world, repr(pool.any(kind_of(b), a))


def do_query(pool, a, b):
    points = np.linspace(-30, 30, 3 * (1 + 50 * a)).reshape(-1, 3)
    solid, mesh = pool.any("solid", a), pool.any("mesh", b)
    solid.inside(points), solid.distance_to_in(points, (0, 0, 1)), mesh.nearest(points, threads=2)
    mesh.intersect(points, (0, 1, 0)), mesh.vertices, solid.bounds


def do_view(pool, a, b):
    image = pool.any("image", a)
    view = image.array
    before = view.sum()
    if b % 2:
        image.close()
    del image
    pool.take("image", a)
    assert view.sum() == before


def do_drop(pool, a, b):
    pool.take(kind_of(a), b)


def do_drop_simulation(pool, a, b):
    pool.take("simulation", a)


def do_close(pool, a, b):
    pool.any(kind_of(a), b).close()


def do_close_simulation(pool, a, b):
    pool.any("simulation", a).close()


USE = {
    "mesh": lambda o: o.volume,
    "solid": lambda o: o.inside((0, 0, 0)),
    "material": lambda o: o.density,
    "image": lambda o: o.array,
    "volume": lambda o: kerma.Simulation(o),
    "spectrum": lambda o: o.mean_energy,
    "source": lambda o: o.position,
    "scorer": lambda o: o.bins,
    "table": lambda o: len(o),
    "simulation": lambda o: o.run(1),
    "result": lambda o: o.histories,
}


def do_use_closed(pool, a, b):
    kind = kind_of(a)
    used = pool.any(kind, b)
    try:
        used.close()
    finally:  # what an observer of the end raises does not keep it open
        try:
            USE[kind](used)
        except kerma.ClosedError:
            pass
        else:
            raise AssertionError(f"{used!r} was used")


def do_collect(pool, a, b):
    gc.collect(a % 3)


def do_write(pool, a, b):
    directory = os.path.join(pool.directory, str(threading.get_ident()))
    pool.any("result", a).write(directory) if b % 2 else pool.any("image", a).write(directory + ".mha")


def do_in_thread(pool, a, b):
    """Made in a thread that ends, dropped elsewhere."""
    kept = []

    def work():
        try:
            kept.append(pool.make("simulation", a))
            kept[0].start(300)
        except kerma.Error:
            pass

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


OPERATIONS = {name[3:]: fn for name, fn in list(globals().items()) if name.startswith("do_")}
# What makes runs and observers interesting comes oftener.
NAMES = sorted(OPERATIONS) + ["observe"] * 5 + ["run"] * 3 + ["start"] * 2 + ["simulation", "wait", "drop", "close"]


# ---- a program ----


def execute(program):
    """Runs each list of a program on a thread of its own, all at once; the only one on this thread."""
    directory = tempfile.mkdtemp()
    pool = Pool(directory)
    barrier = threading.Barrier(len(program))
    unexpected = []

    def not_ours(exception, where):
        if not isinstance(exception, (kerma.Error, Planned)):
            unexpected.append(where + ": " + "".join(traceback.format_exception(exception))[-3000:])

    def work(operations):
        barrier.wait()
        for name, a, b in operations:
            try:
                OPERATIONS[name](pool, a, b)
            except BaseException as e:
                not_ours(e, f"{name}({a}, {b})")

    threads = [threading.Thread(target=work, args=(part,)) for part in program[1:]]
    unraisable = sys.unraisablehook
    sys.unraisablehook = lambda u: not_ours(u.exc_value, f"unraisable in {u.object!r}")
    try:
        for thread in threads:
            thread.start()
        work(program[0])
        for thread in threads:
            thread.join()
        actions = pool.actions
        del pool
        alive = live_objects()
    finally:
        sys.unraisablehook = unraisable
        shutil.rmtree(directory)
    assert not unexpected, "\n".join(unexpected)
    assert not alive, f"alive at the end: {alive}"
    return actions


def random_program(seed, threads):
    rng = random.Random(seed)
    names = [["simulation", "observe", "observe"] + rng.choices(NAMES, k=rng.randrange(5, 60 // threads + 6))
             for _ in range(threads)]
    return [[(name, rng.randrange(100), rng.randrange(100)) for name in part] for part in names]


def print_program(program):
    for i, part in enumerate(program):
        print(f"thread {i}:", *(f"    {name}({a}, {b})" for name, a, b in part), sep="\n")


@limit(LIMIT)
@each(threads=[1, 2, 4])
def test_random_programs(threads):
    first = int(time.time()) * 1000 if SEED == "fresh" else int(SEED)
    end = time.monotonic() + SECONDS
    seed = first
    actions = operations = 0
    while seed < first + PROGRAMS if not SECONDS else time.monotonic() < end:
        program = random_program(seed, threads)
        try:
            actions += execute(program)
        except BaseException:
            print(f"KERMA_TEST_PROGRAMS=1 KERMA_TEST_SEED={seed} repeats this program, as far as threads repeat:")
            print_program(program)
            raise
        operations += sum(len(part) for part in program)
        seed += 1
    print(f"{seed - first} programs from seed {first} on, {operations} operations, {actions} acts of observers")
    if SECONDS:
        print(f"{threads} threads: {seed - first} programs from seed {first} on, {operations} operations, "
              f"{actions} acts of observers", file=sys.__stderr__)
    assert actions > 0 or PROGRAMS < 10, "no observer did anything"


@limit(LIMIT)
def test_programs_of_hypothesis():
    try:
        import hypothesis
        from hypothesis import strategies as st
    except ImportError:
        raise Skip("hypothesis is not installed") from None
    number = st.integers(0, 99)
    operation = st.tuples(st.sampled_from(NAMES), number, number)
    programs = st.lists(st.lists(operation, max_size=40), min_size=1, max_size=4)
    end = time.monotonic() + SECONDS
    done = 0

    @hypothesis.settings(max_examples=PROGRAMS, derandomize=SEED != "fresh", deadline=None, database=None,
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(programs)
    def check(program):
        nonlocal done
        done += 1
        execute(program)

    check()
    while time.monotonic() < end:
        check = hypothesis.seed(time.time_ns())(check)
        check()
    print(f"{done} programs of hypothesis")
