"""Objects may be dropped, closed and collected in any order, at any time; and what they were made of may change."""
import copy
import ctypes
import functools
import gc
import inspect
import os
import pickle
import sys
import tempfile
import threading
import weakref

import numpy as np
from harness import SANITIZED, each, limit, live_objects, refusal, status

import kerma
import scenes
from kerma._native import c

THREADS = [0, 1, 4]


def one_of_each(directory):
    """An object of each class that owns one of the library's, and a file to read."""
    water = kerma.Material("Water, Liquid")
    mesh = kerma.Mesh(*scenes.tetrahedron())
    image = kerma.Image(np.zeros((2, 3, 4), np.int16))
    spectrum = kerma.Spectrum(0.06)
    sim = scenes.box(1, title="box")
    objects = {
        "Material": water,
        "CTTable": kerma.CTTable(),
        "Mesh": mesh,
        "MeshBuilder": kerma.MeshBuilder(),
        "Solid": kerma.Tessellated(mesh),
        "Image": image,
        "Volume": kerma.Volume("part", kerma.Orb(1), water),
        "Spectrum": spectrum,
        "Source": kerma.PointSource(spectrum),
        "Scorer": kerma.GridScorer("grid", (1, 1, 1), (1, 1, 1)),
        "Simulation": sim,
        "Result": sim.run(10),
        "Inventory": sim.inventory(),
    }
    objects["Result"].write(os.path.join(directory, "results"))
    objects["Summary"] = kerma.Summary(os.path.join(directory, "results"))
    return objects


# Arguments of methods, by name of the parameter.
def argument(name, objects, directory):
    return {
        "first": (0, 0, 0), "second": (1, 0, 0), "third": (0, 1, 0), "fourth": (0, 0, 1),
        "points": np.zeros((2, 3)), "directions": np.ones((2, 3)), "origins": np.zeros((2, 3)),
        "index": (0, 0, 0), "point": (0, 0, 0), "energy": 0.06, "ct_number": 0.0,
        "daughter": objects["Volume"], "solid": objects["Solid"], "source": objects["Source"],
        "scorer": objects["Scorer"], "fn": print, "build": print, "histories": 1, "history": 1, "name": 0,
        "path": os.path.join(directory, "x.mha"), "directory": directory, "quantity": "energy",
    }[name]


# What a closed object still says.
ALWAYS = {"closed", "close", "abort", "title"}


def members(cls):
    for name in dir(cls):
        if name.startswith("_") and name not in ("__len__", "__getitem__", "__iter__", "__array__", "__enter__"):
            continue
        yield name, inspect.getattr_static(cls, name)


def uses(cls, an_object, objects, directory):
    """(name, call) of each public method and property of an object."""
    for name, member in members(cls):
        if isinstance(member, (classmethod, staticmethod)) or not (callable(member) or isinstance(member, property)):
            continue
        if isinstance(member, property):
            yield name, functools.partial(getattr, an_object, name)
            continue
        parameters = list(inspect.signature(member).parameters.values())[1:]
        needed = [argument(p.name, objects, directory) for p in parameters
                  if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        method = getattr(an_object, name)
        yield name, (lambda method=method, needed=needed: next(iter(method(*needed)), None)) if name == "__iter__" else (
            functools.partial(method, *needed))


def test_every_method_and_property_of_a_closed_object_raises_closed_error_and_names_it():
    with tempfile.TemporaryDirectory() as directory:
        objects = one_of_each(directory)
        owners = {x for x in vars(kerma).values() if isinstance(x, type) and issubclass(x, kerma.geometry.Owner)}
        missing = [x for x in owners if not any(isinstance(o, x) for o in objects.values())
                   and not any(issubclass(x, type(o)) or issubclass(type(o), x) or set(x.__mro__[1:-2]) & set(type(o).__mro__)
                               for o in objects.values())]
        assert not missing, f"classes without an object here: {missing}"
        looked = 0
        still_open = one_of_each(directory)
        for closed in objects.values():
            closed.close()
            closed.close()
            assert closed.closed and "closed" in repr(closed), repr(closed)
        for name, closed in objects.items():
            for cls in {type(closed)} | {x for x in owners if issubclass(type(closed), x)}:
                for member, use in uses(cls, closed, still_open, directory):
                    if member in ALWAYS:
                        continue
                    try:
                        use()
                    except kerma.ClosedError as e:
                        assert closed._kind in str(e) and closed._label in str(e), f"{name}.{member}: {e}"
                    else:
                        raise AssertionError(f"{name}.{member} of a closed object did not raise")
                    looked += 1
        assert looked > 80, looked
        with scenes.box(1) as sim:
            sim.add_scorer(kerma.GridScorer("grid", (1, 1, 1), (1, 1, 1)))
            result = sim.run(1)
        scorer = result["grid"]
        result.close()
        for member, use in uses(kerma.ScorerResult, scorer, still_open, directory):
            if member not in ("name", "kind", "shape", "bins", "quantities", "spacing", "origin", "direction"):
                assert "result was closed" in refusal(use, kerma.ClosedError), member


def test_closed_arguments_are_named():
    world = kerma.Volume("world", kerma.Box((9, 9, 9)))
    sim = kerma.Simulation(world)
    solid, material, daughter = kerma.Orb(1), kerma.Material("Water, Liquid"), kerma.Volume("daughter", kerma.Orb(1))
    source, scorer, mesh = kerma.PencilSource(0.06), kerma.VolumeScorer("dose", world), kerma.Mesh(*scenes.tetrahedron())
    image, table, spectrum = kerma.Image(np.zeros((1, 1, 1))), kerma.CTTable(), kerma.Spectrum(1)
    for closed in (solid, material, daughter, source, scorer, mesh, image, table, spectrum):
        closed.close()
    for text, call in {
        "solid": lambda: kerma.Volume("v", solid),
        "material 'Water, Liquid'": lambda: kerma.Volume("v", kerma.Orb(1), material),
        "volume 'daughter'": lambda: world.place(daughter),
        "source": lambda: sim.add_source(source),
        "scorer 'dose'": lambda: sim.add_scorer(scorer),
        "mesh": lambda: kerma.Tessellated(mesh),
        "image": lambda: kerma.Volume("v", image),
        "CT table 'schneider'": lambda: kerma.Volume("v", kerma.Image(np.zeros((1, 1, 1))), ct_table=table),
        "spectrum": lambda: kerma.PointSource(spectrum),
    }.items():
        assert refusal(call, kerma.ClosedError) == f"the {text} was closed"


# ---- cycles ----


class Owner:
    """A user's class around a simulation."""

    def __init__(self, threads):
        self.sim = scenes.box(threads)
        self.seen = 0

    def method(self, *arguments):
        self.seen += 1


def bound_method(owner):
    return owner.method


def closure(owner):
    def inner(*arguments):
        owner.seen += 1

    return inner


def partial(owner):
    return functools.partial(Owner.method, owner)


def default_argument(owner):
    return lambda *arguments, owner=owner: owner.method()


def callable_object(owner):
    class Callable:
        def __init__(self):
            self.owner = owner

        def __call__(self, *arguments):
            self.owner.seen += 1

    return Callable()


def generator(owner):
    def count():
        while True:
            yield
            owner.seen += 1

    g = count()
    next(g)
    return lambda *arguments: g.send(None)


HOLDERS = [bound_method, closure, partial, default_argument, callable_object, generator]
WAYS = ["on_run_begin", "on_run_end", "on_worker_begin", "on_worker_end", "on_history_begin", "on_history_end", "on_step",
        "on_block", "on_progress"]


@each(threads=THREADS)
def test_a_cycle_through_any_observer_is_collected_without_close(threads):
    gc.disable()  # what goes, goes by the collection below
    for way in WAYS:
        for holder in HOLDERS:
            owner = Owner(threads)
            getattr(owner.sim, way)(holder(owner))
            owner.sim.run(3)
            if way not in ("on_worker_end",):
                assert owner.seen > 0, (way, holder)
            gone = weakref.ref(owner)
            del owner
            gc.collect()
            assert gone() is None, f"{way} with {holder.__name__} lives on"
    assert not live_objects()


@each(threads=THREADS)
def test_a_cycle_is_collected_before_the_first_run_and_while_one_is_under_way(threads):
    for started in (False, True):
        owner = Owner(threads)
        owner.sim.on_history_end(owner.method)
        if started:
            owner.sim.start(10**9)
        gone = weakref.ref(owner)
        del owner
        gc.collect()
        assert gone() is None
        assert not live_objects()


@each(threads=THREADS)
def test_a_closed_simulation_keeps_no_observer(threads):
    for way in WAYS + ["set_user_initialization"]:
        for run in (False, True):
            owner = Owner(threads)
            sim = owner.sim
            getattr(sim, way)(closure(owner))
            if run:
                sim.run(3)
            sim.close()
            gone = weakref.ref(owner)
            del owner
            gc.collect()
            assert gone() is None, f"{way} lives on, run: {run}"


@each(threads=THREADS)
def test_worker_data_that_hold_the_simulation_are_collected(threads):
    dropped = []
    owner = Owner(threads)
    sim = owner.sim
    sim.set_user_initialization(lambda worker: [owner, worker.index], lambda data: dropped.append(data[1]))
    sim.on_history_end(lambda worker: worker.data.append(worker.data))
    sim.run(5)
    gone = weakref.ref(owner)
    del owner, sim
    gc.collect()
    assert gone() is None
    assert not live_objects()


class Failure(Exception):
    pass


@each(threads=THREADS, waited=[True, False])
def test_an_exception_that_holds_the_simulation_by_its_traceback_is_collected(threads, waited):
    """Of a run that somebody waits for, and of one that nobody does."""
    gc.disable()
    owner = Owner(threads)
    failed = threading.Event()

    def fail(worker, held=owner):
        try:
            raise Failure(held)
        finally:
            failed.set()

    owner.sim.on_history_end(fail)
    if waited:
        try:
            owner.sim.run(100)
        except Failure as e:
            assert e.args == (owner,)
            del e
    else:
        owner.sim.start(100)
        if threads == 0:
            assert not failed.is_set()  # nobody worked
        else:
            assert failed.wait(20)
    gone = weakref.ref(owner)
    del owner, fail
    gc.collect()
    assert gone() is None
    assert not live_objects()


def test_nothing_of_a_failed_run_is_kept_once_its_exception_was_raised():
    """Reference counting alone frees what the frames held: no cycle is left behind."""
    gc.disable()

    class Held:
        pass

    seen = []

    def fail(worker):
        held = Held()
        seen.append(weakref.ref(held))
        raise Failure

    sim = scenes.box(4, histories_end=fail)
    for _ in range(20):
        refusal(lambda: sim.run(1000), Failure)
    assert len(seen) >= 20 and not [1 for ref in seen if ref() is not None]
    sim.close()


def test_exceptions_of_runs_that_nobody_waits_for_do_not_pile_up():
    gc.disable()
    failures = []

    class Counted(Exception):
        def __init__(self):
            failures.append(weakref.ref(self))

    def fail(worker):
        raise Counted

    sim = scenes.box(1, histories_end=fail)
    for _ in range(20):
        sim.start(5)
        while sim.progress.state == "running":
            pass
    assert len(failures) == 20 and len([1 for ref in failures if ref() is not None]) == 1
    refusal(sim.wait, Counted)
    assert "an earlier call has raised" in refusal(sim.wait, kerma.ObserverError)


def test_all_threads_that_wait_for_a_run_get_its_exception():
    go, got = threading.Event(), []

    def fail(worker):
        go.wait()
        raise Failure("for all")

    sim = scenes.box(1, histories_end=fail)
    sim.start(5)

    def wait():
        try:
            sim.wait()
        except BaseException as e:
            got.append((type(e), str(e)))

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    while sim._hooks[0].get(0) != 4:  # all are inside of wait
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert got == [(Failure, "for all")] * 4, got
    assert not sim._hooks[0], "something is still kept"


# ---- what dies when ----


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def grid_mesh(n):
    """A closed box of 12 n n facets."""
    rows = []
    lines = np.linspace(0, 1, n + 1)
    u, v = np.meshgrid(lines, lines, indexing="ij")
    for axis in range(3):
        for side in (0, 1):
            p = np.empty((n + 1, n + 1, 3))
            p[..., axis], p[..., (axis + 1) % 3], p[..., (axis + 2) % 3] = side, u, v
            q = [p[:-1, :-1], p[1:, :-1], p[1:, 1:], p[:-1, 1:]]
            if not side:
                q = q[::-1]
            rows.append(np.stack([q[0], q[1], q[2], q[0], q[2], q[3]], axis=2).reshape(-1, 3))
    vertices = np.concatenate(rows) * 10
    return vertices, np.arange(len(vertices)).reshape(-1, 3)


def test_a_mesh_never_placed_is_freed_at_its_last_drop():
    gc.disable()
    arrays = grid_mesh(100)
    sizes = []
    for i in range(12):
        mesh = kerma.Mesh(*arrays)
        solid = kerma.Tessellated(mesh)
        volume = kerma.Volume("never placed", solid)
        assert c.kma_live_objects(c.KMA_KIND_MESH) == 1
        del mesh
        assert c.kma_live_objects(c.KMA_KIND_MESH) == 1  # the solid's
        del solid
        assert c.kma_live_objects(c.KMA_KIND_SOLID) == 1  # the volume's
        del volume
        assert c.kma_live_objects(c.KMA_KIND_MESH) == 0 and c.kma_live_objects(c.KMA_KIND_VOLUME) == 0
        sizes.append(resident())
    one = 120000 * (3 * 4 + 24)  # bytes of its facets and vertices at least
    assert SANITIZED or max(sizes[4:]) - sizes[3] < one, [s >> 20 for s in sizes]


def test_each_object_lives_as_long_as_something_uses_it():
    gc.disable()
    sim = scenes.box(2)
    assert c.kma_live_objects(c.KMA_KIND_MATERIAL) == 1 and c.kma_live_objects(c.KMA_KIND_SOLID) == 2
    first = sim.run(1000).scores_hash
    gc.collect()
    again = scenes.box(2)
    again.initialize()
    again._kept = {}
    again._world = None
    assert again.run(1000).scores_hash == first
    assert "'drop' has no grid" in refusal(sim.snapshot()["drop"].image, kerma.ArgumentError)
    sim.close()  # one that is dropped ends in the background: it might still be counted below
    sim = scenes.box(2)
    sim.add_scorer(kerma.GridScorer("grid", (3, 3, 3), (9, 9, 9)))
    result = sim.run(1000)
    sim.close()
    again.close()
    assert c.kma_live_objects(c.KMA_KIND_RUN_MANAGER) == 0
    assert result["drop"].energy > 0
    image = result["grid"].image()
    view = image.array
    before = view.copy()
    del sim, again, result, image
    gc.collect()
    assert (view == before).all()


def test_views_of_images_outlive_all_and_are_read_only():
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    image = kerma.Image(values)
    table = kerma.CTTable([(-1000, 4000, 0.5, 2.0, kerma.Material("Water, Liquid"))])
    sim = kerma.Simulation(kerma.Volume("ct", image, ct_table=table), threads=2)
    sim.add_source(kerma.PencilSource(0.06, (0, 0, -50)))
    views = [image.array, np.asarray(image), image.array[1:, ::2], image.array.ravel(), memoryview(image.array)]
    sim.run(1000)
    for view in views[:4]:
        assert not view.flags.writeable
        refusal(lambda: view.__setitem__(..., 0), ValueError)
        refusal(lambda: setattr(view.flags, "writeable", True), ValueError)
    assert views[4].readonly
    sim.close()
    image.close()
    del sim, image, table, view
    gc.collect()
    assert c.kma_live_objects(c.KMA_KIND_IMAGE) == 1
    assert (views[0] == values).all() and (views[2] == values[1:, ::2]).all() and views[4].tolist() == values.tolist()
    del views[:3]
    gc.collect()
    assert c.kma_live_objects(c.KMA_KIND_IMAGE) == 1
    del views
    gc.collect()
    assert c.kma_live_objects(c.KMA_KIND_IMAGE) == 0


def test_arrays_of_results_and_meshes_are_the_callers_own():
    sim = scenes.box(1)
    sim.add_scorer(kerma.GridScorer("grid", (4, 4, 4), (50, 50, 50)))
    result = sim.run(2000)
    mesh = kerma.Mesh(*scenes.tetrahedron())
    spectrum = kerma.Spectrum([0.03, 0.06], [1, 2])
    for get in (lambda: result["grid"].energy, lambda: mesh.vertices, lambda: mesh.triangles, lambda: spectrum.energies,
                lambda: spectrum.weights, lambda: result["grid"].dose):
        before, mine = get().copy(), get()
        mine[...] = 7
        assert (get() == before).all() and (mine == 7).all() and mine.flags.writeable
    steps = sim.replay(3)
    steps["energy"] = -1
    assert (sim.replay(3)["energy"] >= 0).all()


# ---- input arrays ----


def phantom(arrays):
    """A simulation of all that is made of arrays."""
    table = kerma.CTTable([(-1000, 4000, 0.8, 1.2, kerma.Material.mass_fractions({"H": 0.11, "O": 0.89}, 1, name="water"))])
    world = kerma.Volume("world", kerma.Box((300, 300, 300)))
    ct = world.place(kerma.Volume("ct", kerma.Image(arrays["ct"], spacing=arrays["spacing"], direction=arrays["rotation"]),
                                  ct_table=table), arrays["translation"], arrays["rotation"])
    mesh = kerma.Mesh(arrays["vertices"], arrays["triangles"])
    world.place(kerma.Volume("mesh", kerma.Tessellated(mesh), kerma.Material("Water, Liquid")), (60, 0, -60))
    sim = kerma.Simulation(world, threads=2)
    spectrum = kerma.Spectrum(arrays["energies"], arrays["weights"])
    sim.add_source(kerma.PointSource(spectrum, arrays["position"], direction=arrays["axis"], half_angle=0.3))
    sim.add_scorer(kerma.VoxelScorer("voxels", ct))
    sim.add_scorer(kerma.GridScorer("grid", (3, 3, 3), arrays["spacing"]))
    return sim


def new_arrays():
    vertices, triangles = scenes.tetrahedron(30.0)
    return {
        "ct": np.arange(-300, 300, dtype=np.int16).reshape(10, 10, 6).copy(), "spacing": np.array([4.0, 4, 4]),
        "rotation": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), "translation": np.array([0.0, 0, 10]),
        "vertices": np.array(vertices, float), "triangles": np.array(triangles, np.uint32),
        "energies": np.array([0.03, 0.06]), "weights": np.array([1.0, 2.0]), "position": np.array([0.0, 0, -100]),
        "axis": np.array([0.0, 0, 1]),
    }


def spoil(arrays):
    for array in arrays.values():
        array[...] = 77
        assert array.flags.owndata
        array.resize(array.size * 1000, refcheck=False)
        array[...] = 99
        array.resize(0, refcheck=False)
    arrays.clear()


def test_arrays_changed_resized_or_dropped_after_the_call_and_during_a_run_change_nothing():
    with phantom(new_arrays()) as sim:
        expected = sim.run(6000).scores_hash
    arrays = new_arrays()
    sim = phantom(arrays)
    spoil(arrays)
    assert sim.run(6000).scores_hash == expected
    sim.close()

    arrays = new_arrays()
    sim = phantom(arrays)
    running, spoiled = threading.Event(), threading.Event()

    def wait(worker):
        if worker.history == 100:
            running.set()
            assert spoiled.wait(20)

    sim.on_history_begin(wait)
    sim.start(6000)
    assert running.wait(20)
    spoil(arrays)
    gc.collect()
    spoiled.set()
    assert sim.wait().scores_hash == expected


def test_arrays_of_a_query_changed_by_another_thread_meanwhile_do_not_crash():
    """What the answers are is up to who changes them; where numbers are written to is not."""
    solid = kerma.Tessellated(kerma.Mesh(*grid_mesh(10)))
    points = np.random.default_rng(1).uniform(-5, 15, (200000, 3))
    done = threading.Event()

    def change():
        while not done.is_set():
            points[::7] *= -1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(3):
            out = solid.distance_to_in(points, (0, 0, 1))
            assert out.shape == (200000,) and not np.isnan(out).any()
    finally:
        done.set()
        thread.join()


# ---- Python's own ways ----


def test_weak_references_copies_and_pickles():
    with tempfile.TemporaryDirectory() as directory:
        objects = one_of_each(directory)
        objects["ScorerResult"] = objects["Result"]["drop"]
        for name, an_object in objects.items():
            reference = weakref.ref(an_object)
            assert reference() is an_object and an_object in {an_object} and an_object == an_object
            for how in (pickle.dumps, copy.copy, copy.deepcopy):
                if name == "ScorerResult" and how is copy.copy:
                    continue  # both look at the same result
                text = refusal(lambda: how(an_object), TypeError)
                assert "cannot be pickled" in text or "cannot be copied" in text, (name, text)
        gone = [weakref.ref(x) for x in objects.values()]
        del objects, an_object, reference, how
        gc.collect()
        assert [ref() for ref in gone] == [None] * len(gone)


def test_actions_and_errors_can_be_pickled():
    for value in (kerma.Action.END_RUN, kerma.Process.COMPTON):
        assert pickle.loads(pickle.dumps(value)) is value
    for name in kerma.errors.__all__:
        error = getattr(kerma, name)("a text")
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error) and str(again) == "a text"


def test_handles_and_lent_objects_are_not_copied():
    """The proxies below the package, too: two that own one reference would give it back twice. A shallow copy shares it."""
    mesh = kerma.Mesh(*scenes.tetrahedron())
    for how in (pickle.dumps, copy.deepcopy):
        refusal(lambda: how(mesh._c), TypeError)
    shared = copy.copy(mesh._c)
    del mesh
    assert c.kma_mesh_count_facets(shared) == 4 and c.kma_live_objects(c.KMA_KIND_MESH) == 1
    del shared
    assert c.kma_live_objects(c.KMA_KIND_MESH) == 0
    kept = []
    sim = scenes.box(1)
    sim.on_step(lambda worker, step: kept.extend((worker, step)) if not kept else None)
    sim.run(3)
    for lent in kept:
        for how in (pickle.dumps, copy.copy, copy.deepcopy):
            refusal(lambda: how(lent), TypeError)
    assert "copy what you keep" in refusal(lambda: kept[1].energy, kerma.StaleError)
    assert "during the call" in refusal(lambda: kept[0].index, kerma.StaleError)
    assert "during the call" in refusal(lambda: kept[0].uniform(), kerma.StaleError)
    assert "over" in repr(kept[0]) and "over" in repr(kept[1])
    with_types = [type(x) for x in kept]
    for cls in with_types:
        refusal(cls, TypeError)


def test_a_user_class_may_derive_and_have_slots_and_cycles():
    class Part(kerma.Mesh):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.me = self

    part = Part(*scenes.tetrahedron())
    assert kerma.Tessellated(part).volume > 0
    gone = weakref.ref(part)
    del part
    gc.collect()
    assert gone() is None


# ---- threads ----


@each(threads=THREADS)
def test_threads_that_end_while_they_hold_objects(threads):
    made, local = [], threading.local()

    def work():
        local.sim = scenes.box(threads)
        local.sim.start(10**9)
        local.mesh = kerma.Mesh(*scenes.tetrahedron())
        made.append(weakref.ref(local.sim))

    for _ in range(5):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    gc.collect()
    assert [ref() for ref in made] == [None] * 5
    assert not live_objects()


@each(threads=THREADS)
def test_objects_made_in_one_thread_and_dropped_in_another(threads):
    made = []

    def make():
        for i in range(10):
            sim = scenes.box(threads)
            sim.on_history_end(lambda worker, sim=sim: None)
            sim.run(10)
            if i % 2:
                sim.start(10**9)
            made.append(sim)

    def drop():
        while made:
            made.pop()

    for work in (make, drop):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    gc.collect()
    assert not live_objects()


@each(threads=THREADS)
def test_a_user_object_whose_del_calls_kerma(threads):
    """Whatever it does there: run, close, make; on whichever thread it is collected, a worker's too."""
    calls = []

    class Loud:
        def __init__(self, sim, what):
            self.sim, self.what, self.me = sim, what, self

        def __del__(self):
            calls.append(self.what)
            self.what(self.sim)

    def run_another(sim):
        assert scenes.box(1).run(100).histories == 100

    def close(sim):
        sim.close()

    def abort(sim):
        sim.abort()

    def make(sim):
        kerma.Tessellated(kerma.Mesh(*scenes.tetrahedron())).inside((1, 1, 1))

    unraisable = []
    sys.unraisablehook = lambda u: unraisable.append(u.exc_value)
    try:
        for what in (run_another, close, abort, make):
            for where in ("caller", "worker"):
                sim = scenes.box(threads)
                loud = [Loud(sim, what)]

                def drop(worker, loud=loud):
                    if loud:
                        loud.clear()
                        gc.collect()

                if where == "worker":
                    sim.on_history_end(drop)
                    try:
                        sim.run(100)
                    except (kerma.AbortedError, kerma.ClosedError):
                        assert what in (close, abort)
                else:
                    sim.start(100)
                    drop(None)
                assert not loud
                del sim, drop, loud
                gc.collect()
    finally:
        sys.unraisablehook = sys.__unraisablehook__
    assert len(calls) == 8, calls
    busy = [e for e in unraisable if not isinstance(e, kerma.BusyError)]  # it closed the simulation on whose worker it was
    assert not busy and len(unraisable) <= 1, unraisable


def test_close_inside_of_a_del_while_the_simulation_makes_its_run_manager():
    """A collection may strike anywhere, also between two lines of the package."""

    class Loud:
        def __init__(self, sim):
            self.sim, self.me = sim, self

        def __del__(self):
            self.sim.close()

    for threshold in range(1, 60):
        sim = scenes.box(1)
        Loud(sim)
        gc.set_threshold(threshold)
        try:
            sim.run(10)
        except kerma.ClosedError:
            pass
        finally:
            gc.set_threshold(700)
        gc.collect()
        assert sim.closed and sim._run is None
        assert c.kma_live_objects(c.KMA_KIND_RUN_MANAGER) == 0


def test_frozen_and_disabled_collectors():
    sim = scenes.box(2)
    sim.on_history_end(lambda worker, sim=sim: None)
    gc.freeze()
    sim.run(100)
    gc.disable()
    sim.run(100)
    sim.close()
    gc.unfreeze()
    gc.enable()


# ---- the end of the interpreter ----


@status(0)
@each(threads=THREADS, state=["made", "initialized", "running", "waiting", "closed", "cycle"])
def test_whatever_lives_at_the_end_of_the_interpreter(threads, state):
    """In a module's globals, in a cycle, in a thread: nothing crashes, nothing is waited for in vain."""
    global kept
    kept = sim = scenes.box(threads)
    sim.on_history_end(lambda worker: None)
    sim.on_worker_end(lambda worker: None)
    if state == "cycle":
        sim.on_history_end(lambda worker, sim=sim: None)
    if state == "initialized":
        sim.initialize()
    if state in ("running", "cycle"):
        sim.start(10**9)
    if state == "waiting":
        sim.start(10**9)
        begun = threading.Event()
        sim.on_progress(lambda progress: begun.set())

        def wait():
            begun.set()
            try:
                sim.wait()
            except kerma.Error:
                pass

        threading.Thread(target=wait, daemon=True).start()
        begun.wait()
    if state == "closed":
        sim.run(10)
        sim.close()

    class Late:
        def __del__(self):
            try:
                kept.run(10)
            except (kerma.Error, NameError, TypeError, AttributeError):
                pass

    sys.late = Late()
