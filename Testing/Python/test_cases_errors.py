"""Row d: what user code raises reaches the caller as it is, wherever it is raised, and the simulation can go on."""
import logging
import os
import signal
import sys
import threading

from harness import each

import cases
import kerma
import scenes
from cases import innermost, raised

N = 1000
KINDS = ["run_begin", "run_end", "worker_begin", "worker_end", "history_begin", "history_end", "step", "block", "scores",
         "build", "drop", "progress", "log", "signal"]


class Mine(Exception):
    pass


class MineToo(BaseException):
    def __init__(self, what, *, needed):
        super().__init__(what)


class Handler(logging.Handler):
    def __init__(self, fn):
        super().__init__()
        self.emit = fn


def raising(kind, threads, error):
    """A simulation in which user code of this kind raises the error, once."""
    armed = [True]
    heard = threading.Event()
    sim = scenes.crowded(threads, parts=2) if kind == "log" else scenes.box(threads)

    def callback(*_):
        if armed:
            armed.clear()
            heard.set()
            raise error

    def on_the_first(worker, *_):
        if worker.index == 0:
            callback()

    def at_fifty(worker, *_):
        if worker.history == 50:
            callback()

    def hold(worker):  # the run does not end before it was raised
        if worker.history == 50 and threads > 0:
            heard.wait()

    if kind == "build":
        sim.set_user_initialization(on_the_first)
    elif kind == "drop":
        sim.set_user_initialization(lambda worker: worker.index, lambda index: callback() if index == 0 else None)
    elif kind == "scores":
        sim.on_block(callback, scores=["drop"], block=16)
    elif kind == "block":
        sim.on_block(callback, block=100)
    elif kind == "progress":
        sim.on_progress(callback)
        sim.on_history_end(hold)
    elif kind == "log":
        logging.getLogger("kerma").handlers[:] = [Handler(callback)]
    elif kind == "signal":
        signal.signal(signal.SIGUSR1, callback)

        def shoot(worker):
            if worker.history == 50 and armed:
                os.kill(os.getpid(), signal.SIGUSR1)
                hold(worker)

        sim.on_history_end(shoot)
    else:
        by_worker = kind.startswith("worker")
        getattr(sim, "on_" + kind)(on_the_first if by_worker else callback if "run" in kind else at_fifty)
    return sim


def run_and_wait(sim):
    sim.start(N)
    return sim.wait()


def run_telling(sim):
    if not sim._progress:
        sim.on_progress(lambda progress: None)
    return sim.run(N)


WAYS = [lambda sim: sim.run(N), run_and_wait, run_telling]


def caught(call, *arguments):
    try:
        call(*arguments)
    except BaseException as e:
        return e


@each(kind=KINDS)
def test_d_an_exception_in_every_kind_of_callback_reaches_the_caller(kind):
    expected = (scenes.crowded(0, parts=2) if kind == "log" else scenes.box(0)).run(N).scores_hash
    for threads in (0, 1, 4):
        for way in WAYS:
            if kind == "progress" and way is run_and_wait:
                continue  # has no progress
            print(kind, threads, way)
            error = Mine(kind)
            sim = raising(kind, threads, error)
            if kind in ("drop", "worker_end"):
                assert way(sim).scores_hash == expected
                e = caught(sim.close)
                assert sim.closed
            else:
                e = caught(way, sim)
            assert e is error, (e, type(e))
            assert innermost(e) == "callback" and e.__context__ is None and e.__cause__ is None
            e.__traceback__ = None  # handlers of signals and of the log have the error, and it has frames
            if sim.closed:
                continue
            began = sim._initialized_at is not None
            assert sim.run(0 if began else N).scores_hash == expected
            assert sim.run(N).histories == 2 * N
            sim.close()
            del sim, e, error


def test_d_an_exception_while_the_log_tells_of_a_stall_ends_the_run():
    error = Mine("log")
    expected = scenes.box(0).run(N).scores_hash
    for threads in (1, 4):
        heard = threading.Event()

        def hold(worker):
            if worker.history == 50:
                heard.wait()

        def callback(record):
            if not heard.is_set():
                heard.set()
                raise error

        logging.getLogger("kerma").handlers[:] = [Handler(callback)]
        with scenes.box(threads, histories_end=hold, stall_seconds=0.01) as sim:
            assert caught(sim.run, N) is error and innermost(error) == "callback"
            error.__traceback__ = None
            # On a slow machine it was initialize that was told of: then no run has begun.
            assert sim.run(N - sim.progress.target).scores_hash == expected


def exceptions():
    class Bad(Exception):
        def __init__(self):
            raise ZeroDivisionError("made while it was made")

    class Silent(Exception):
        def __str__(self):
            raise ValueError("no text")

        __repr__ = __str__

    def deep():
        deep()

    def simple(e):
        def fail():
            raise e

        return fail

    def made():
        raise Bad

    yield from ((simple(e), type(e), e) for e in (
        SystemExit(3), KeyboardInterrupt(), MineToo("x", needed=1), GeneratorExit(), StopIteration(1), MemoryError(),
        Silent(), kerma.ClosedError("the run manager was closed"), kerma.TimeoutError("mine"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")))
    yield made, ZeroDivisionError, None
    yield deep, RecursionError, None
    yield lambda: 1 / 0, ZeroDivisionError, None
    yield lambda: sys.exit("bye"), SystemExit, None


@each(threads=[0, 1, 4])
def test_d_any_exception_is_carried(threads):
    expected = scenes.box(0).run(N).scores_hash
    for fail, class_, error in exceptions():
        armed = [True]

        def callback(worker):
            if worker.history == 50 and armed:
                armed.clear()
                fail()

        with scenes.box(threads, histories_end=callback) as sim:
            if threads == 1:
                sim.on_progress(lambda progress: None)  # which run() waits with, again and again
            e = caught(sim.run, N)
            assert type(e) is class_ and (error is None or e is error), repr(e)
            traceback = e.__traceback__
            names = []
            while traceback is not None:
                names.append(traceback.tb_frame.f_code.co_name)
                traceback = traceback.tb_next
            assert "callback" in names
            assert sim.run(0).scores_hash == expected
        del e, error


def test_d_of_four_workers_that_fail_at_once_the_lowest_history_wins():
    meet = threading.Barrier(4)
    errors = {}

    def fail(worker):
        if worker.history in (0, 4096, 8192, 12288):
            meet.wait()  # each of the four workers is in an interval of its own
        if worker.history >= 4096 or worker.history == 100:
            error = errors[worker.history] = Mine(worker.history)
            raise error

    with scenes.box(4, histories_end=fail) as sim:
        e = caught(sim.run, 4 * 4096)
        assert e is errors[100]
        assert sim.snapshot().histories == 100
        assert len(errors) == 4, errors
    del e
    errors.clear()


def test_d_of_four_workers_that_fail_to_begin_one_is_raised_and_all_can_begin_again():
    meet = threading.Barrier(4)
    errors = []

    def fail(worker):
        if len(errors) < 4:
            meet.wait()
            error = Mine(worker.index)
            errors.append(error)
            raise error

    sim = scenes.box(4)
    sim.on_worker_begin(fail)
    e = caught(sim.initialize)
    assert e in errors and innermost(e) == "fail"
    cases.wait_until(lambda: len(errors) == 4)
    assert sim.run(N).histories == N
    sim.close()


def test_d_one_error_object_raised_by_all_workers():
    error = Mine("all")

    def fail(worker):
        raise error

    with scenes.box(4, histories_end=fail) as sim:
        for _ in range(20):
            assert caught(sim.run, 4 * 4096) is error
            error.__traceback__ = None


def test_d_the_exception_is_raised_once_and_then_told_of():
    with raising("history_end", 2, Mine("once")) as sim:
        assert type(caught(run_and_wait, sim)) is Mine
        assert "an earlier call has raised" in str(raised(kerma.ObserverError, sim.wait))
        assert sim.run(0).histories == N


def test_d_two_threads_that_wait_for_a_run_both_hear_of_its_end():
    go_on = threading.Event()

    def fail(worker):
        go_on.wait()
        raise error

    error = Mine("two")
    with scenes.box(1, histories_end=fail) as sim:
        sim.start(N)
        tasks = [cases.Task(caught, sim.wait) for _ in range(2)]
        go_on.set()
        heard = [task.end() for task in tasks]
        assert heard == [error, error], heard
    error.__traceback__ = None
    del heard, tasks


def test_d_a_run_that_nobody_waits_for_may_fail():
    failed = threading.Event()

    def fail(worker):
        failed.set()
        raise Mine("nobody")

    sims = [scenes.box(threads, histories_end=fail) for threads in (1, 4)]
    for sim in sims:
        sim.start(N)
        failed.wait()
        failed.clear()
    sims[0].close()
    del sim, sims


def test_d_an_exception_goes_through_two_simulations():
    error = Mine("inner")

    def inner(worker):
        if worker.history == 3:
            raise error

    def outer(worker):
        if worker.history == 5:
            with scenes.box(2, histories_end=inner) as other:
                other.run(10)

    for threads in (0, 2):
        with scenes.box(threads, histories_end=outer) as sim:
            assert caught(sim.run, 100) is error and innermost(error) == "inner"


def test_d_drops_that_fail_are_all_told_of():
    told = []
    sys.unraisablehook = lambda what: told.append(what.exc_value)
    errors = [Mine(i) for i in range(4)]

    def drop(i):
        raise errors[i]

    sim = scenes.box(4)
    sim.set_user_initialization(lambda worker: worker.index, drop)
    sim.run(N)
    assert caught(sim.close) is errors[0]
    assert {e.args for e in told} == {(1,), (2,), (3,)}
    told.clear()


def test_d_an_exception_at_the_very_end_is_printed():
    text = """
import scenes, kerma
def fail(worker):
    if worker.index == 0:
        raise ValueError("the last words")
sim = scenes.box(2)
sim.on_worker_end(fail)
sim.run(100)
"""
    output = cases.python(text)
    assert output.count("ValueError: the last words") == 1 and "in fail" in output, output
    assert "ObserverError" not in output and "atexit" not in output, output


def test_d3_an_exception_while_the_scene_is_closed_leaves_a_simulation_that_runs():
    world = kerma.Volume("world", kerma.Box((200, 200, 200)))
    for threads in (0, 2):
        sim = kerma.Simulation(world, threads=threads)
        raised(kerma.ArgumentError, sim.run, 1)  # nothing is emitted
        sim.add_source(kerma.PencilSource(0.06))
        sim.add_scorer(kerma.GridScorer("grid", (1, 1, 1), (10, 10, 10)))
        assert sim.run(10).histories == 10
        sim.close()
