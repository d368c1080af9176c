"""The seam between Python and C: thread states, views, exceptions kept, signals, log, import, conversion."""
import ctypes
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
import weakref

from harness import all_in_one, each, limit, raised, size

import cases
import kerma
import scenes
from kerma._native import c
from kerma.observers import Hooks

MANY = 1 << 40  # histories that no test waits for


class Raised(Exception):
    """Of Python's own making, so that a weak reference can follow it."""


def thread_states():
    """How many thread states the interpreter has."""
    api = ctypes.PyDLL(None)
    for name in ("PyInterpreterState_Get", "PyInterpreterState_ThreadHead", "PyThreadState_Next"):
        getattr(api, name).restype = ctypes.c_void_p
    api.PyInterpreterState_ThreadHead.argtypes = api.PyThreadState_Next.argtypes = [ctypes.c_void_p]
    n, state = 0, api.PyInterpreterState_ThreadHead(api.PyInterpreterState_Get())
    while state:
        n, state = n + 1, api.PyThreadState_Next(state)
    return n


def in_thread(call):
    """What the call returns, made in a thread of its own."""
    result = []
    thread = threading.Thread(target=lambda: result.append(call()))
    thread.start()
    thread.join()
    return result[0]


# ---- thread states ----


@all_in_one(threads=[0, 1, 4])
def test_no_thread_state_is_left_when_a_run_manager_closed(threads):
    before = thread_states()
    during = []
    for cycle in range(size(5)):
        sim = scenes.box(threads)
        sim.set_user_initialization(lambda worker: worker.index, lambda data: None)
        sim.on_history_end(lambda worker: None)
        sim.on_block(lambda block: None, processes=[kerma.Process.ESCAPE])
        sim.run(2000)
        during.append((thread_states() - before, c.kmp_kept_thread_states()))
        sim.close()
        assert thread_states() == before and c.kmp_kept_thread_states() == 0
    assert set(during) == {(threads, threads)}, during


def test_no_thread_state_is_left_when_workers_fail_to_come_to_life():
    before = thread_states()

    def build(worker):
        if worker.index == 2:
            raise Raised
        return worker.index

    for cycle in range(size(20)):
        sim = scenes.box(4)
        sim.set_user_initialization(build, lambda data: None)
        sim.on_worker_begin(lambda worker: None)
        sim.on_worker_end(lambda worker: None)
        raised(Raised, sim.initialize)
        assert thread_states() == before and c.kmp_kept_thread_states() == 0
        sim.close()


def views():
    """How many steps and workers there are, lent or kept for the next callback: each has a reference to its type."""
    gc.collect()
    return sys.getrefcount(kerma.Step), sys.getrefcount(kerma.Worker)


@all_in_one(threads=[0, 1, 4])
def test_no_view_is_left_when_workers_end(threads):
    before, during = views(), []
    sim = scenes.box(threads)
    sim.on_step(lambda worker, step: None)
    sim.on_worker_end(lambda worker: during.append(views()))
    sim.run(2000)
    sim.close()
    assert views() == before and all(seen > before for seen in during) and len(during) == max(threads, 1), (before, during)

    def build(worker):
        raise Raised

    sim = scenes.box(threads)
    sim.set_user_initialization(build)
    raised(Raised, sim.initialize)
    sim.close()
    assert views() == before


def test_no_view_is_left_when_a_dropped_simulation_has_ended_in_its_destructor():
    """No call of the package ends here, which would drop the thread's views."""
    before, ends = views(), []
    sim = scenes.box(0)
    sim.on_worker_end(lambda worker: ends.append(worker.index))
    sim.run(100)
    hooks = sim._hooks
    del sim
    assert views() == before and ends == [0] and len(hooks) > 0, (before, views(), ends)


@all_in_one(threads=[1, 4])
def test_a_run_inside_a_callback_leaves_the_worker_its_thread_state(threads):
    """threading.local lives in the thread state: closing a serial run in a callback must not take the worker's."""
    local = threading.local()
    made, seen = [], []

    def observer(worker):
        if not hasattr(local, "value"):
            local.value = worker.index
            made.append(worker.index)
            inner = scenes.box(0, histories_end=lambda w: None)
            inner.set_user_initialization(lambda w: 1, lambda data: None)
            inner.run(10)
            inner.close()
        seen.append(local.value == worker.index)

    with scenes.box(threads, histories_end=observer) as sim:
        for i in range(10):
            sim.run(200)
    assert sorted(made) == sorted(set(made)) and seen == [True] * 2000, (made, len(seen))


# ---- views of steps and workers ----


@all_in_one(threads=[0, 1, 4])
def test_steps_and_workers_that_are_kept_say_that_they_are_over(threads):
    kept = []

    def observer(worker, step):
        if len(kept) < 20:
            kept.append((worker, step, step.energy, step.copy()))

    with scenes.box(threads) as sim:
        sim.on_step(observer)
        sim.run(500)
        for worker, step, energy, copy in kept:
            assert copy["energy"] == energy
            for look in (lambda: step.energy, lambda: step.begin, step.copy, lambda: worker.history, lambda: worker.data,
                         worker.uniform):
                assert "during the call" in str(raised(kerma.StaleError, look))
            assert "over" in repr(step) and "over" in repr(worker)
        assert len({id(step) for _, step, _, _ in kept}) == 20


@all_in_one(threads=[0, 4])
def test_a_step_stays_what_it_is_while_a_callback_runs_another_simulation(threads):
    checked = []

    def observer(worker, step):
        before = step.copy(), worker.history
        if len(checked) < 5:
            with scenes.box(0, seed=7) as inner:
                inner.on_step(lambda w, s: kerma.Action(w.history * int(s.energy)))
                inner.run(3)
                inner.replay(1)
        assert (step.copy(), worker.history) == before
        checked.append(1)

    with scenes.box(threads) as sim:
        sim.on_step(observer)
        sim.run(50)
    assert len(checked) > 50


def test_views_do_not_pile_up_in_threads_that_end():
    """Each view holds a reference to its type."""
    sim = scenes.box(0, histories_end=lambda worker: None)
    sim.on_step(lambda worker, step: None)
    in_thread(lambda: sim.run(10))
    sim.replay(3)
    before = [sys.getrefcount(kerma.Step), sys.getrefcount(kerma.Worker)]
    for i in range(size(20)):
        in_thread(lambda: (sim.run(10), sim.replay(3)))
    assert [sys.getrefcount(kerma.Step), sys.getrefcount(kerma.Worker)] == before
    sim.close()


def test_a_block_stays_valid_after_its_run():
    import numpy as np

    kept = []
    with scenes.box(2) as sim:
        sim.on_block(kept.append, block=1000)
        sim.run(5000)
        copies = [b.copy() for b in kept]
        sim.run(5000)
    del sim
    gc.collect()
    filler = [np.ones(10000) for i in range(100)]
    assert len(kept) > 2 and all((a == b).all() for a, b in zip(kept, copies))
    assert [b["history"][0] for b in kept] == sorted(b["history"][0] for b in kept)
    del filler


# ---- exceptions ----


@all_in_one(threads=[1, 4])
def test_everybody_who_waits_for_a_run_gets_its_exception(threads):
    gate = threading.Event()

    def observer(worker):
        gate.wait()
        raise Raised("here")

    with scenes.box(threads, histories_end=observer) as sim:
        sim.start(1000)
        heard = []

        def wait():
            heard.append(raised(Raised, sim.wait))

        helpers = [threading.Thread(target=wait) for i in range(3)]
        for helper in helpers:
            helper.start()
        gate.set()
        for helper in helpers:
            helper.join()
        assert len(heard) == 3 and len(set(map(id, heard))) == 1
        assert "observer" in [frame.name for frame in traceback.extract_tb(heard[0].__traceback__)]
        assert "an earlier call" in str(raised(kerma.ObserverError, sim.wait))  # it still says how the last run ended


@all_in_one(threads=[0, 4])
def test_an_exception_is_let_go_when_the_next_run_begins(threads):
    kept = []

    def observer(worker):
        if worker.history < 8 and not kept:
            failure = Raised()
            kept.append(weakref.ref(failure))
            raise failure

    with scenes.box(threads, histories_end=observer) as sim:
        raised(Raised, sim.run, 100)
        sim.run(100)
        gc.collect()
        assert kept[0]() is None
    failures = []

    def fails(worker):
        failure = Raised()
        failures.append(weakref.ref(failure))
        raise failure

    with scenes.box(threads, histories_end=fails) as sim:
        for i in range(5):
            raised(Raised, sim.run, 100)
            gc.collect()
            alive = sum(f() is not None for f in failures)
            assert alive <= max(threads, 1), f"{alive} exceptions of {len(failures)} are kept"
    gc.collect()
    assert not any(f() is not None for f in failures), "a closed simulation keeps exceptions"


def test_a_closed_simulation_holds_no_observer_and_no_exception():
    failed = threading.Event()
    failures = []

    def fails(worker):
        failure = Raised()
        failures.append(weakref.ref(failure))
        failed.set()
        raise failure

    observer = weakref.ref(fails)
    sim = scenes.box(2, histories_end=fails)
    sim.start(100)
    failed.wait()
    sim.close()  # nobody has waited for the run
    del fails
    gc.collect()
    assert observer() is None and not any(f() is not None for f in failures)


@all_in_one(threads=[0, 1, 4])
def test_exceptions_of_nested_runs_reach_the_run_they_belong_to(threads):
    def inner_observer(worker):
        raise Raised("inner")

    caught = []

    def observer(worker):
        if worker.history == 3:
            with scenes.box(0, histories_end=inner_observer) as inner:
                caught.append(str(raised(Raised, inner.run, 10)))
            raise KeyError("outer")

    with scenes.box(threads, histories_end=observer) as sim:
        assert str(raised(KeyError, sim.run, 100)) == "'outer'" and caught == ["inner"]


def test_an_observer_of_steps_returns_an_action_or_none():
    for answer, wanted in ((None, None), (kerma.Action.GO_ON, None), (0, None), (kerma.Action.END_HISTORY, None), (True, TypeError),
                           (4, TypeError), (-1, TypeError), (1 << 70, TypeError), ("x", TypeError), (object(), TypeError)):
        with scenes.box(1) as sim:
            sim.on_step(lambda worker, step: answer)
            if wanted is None:
                sim.run(10)
            else:
                assert "kerma.Action" in str(raised(wanted, sim.run, 10))


# ---- signals ----


def interrupt_when(event):
    def send():
        event.wait()
        os.kill(os.getpid(), signal.SIGINT)

    helper = threading.Thread(target=send)
    helper.start()
    return helper


@all_in_one(inner_threads=[0, 2], propagate=[False, True])
def test_ctrl_c_in_a_run_inside_a_callback_ends_the_inner_run(inner_threads, propagate):
    inside = threading.Event()
    helper = interrupt_when(inside)
    caught = []

    def inner_history(worker):
        inside.set()

    def observer(worker):
        if worker.history == 5 and not caught:
            with scenes.box(inner_threads, histories_end=inner_history) as inner:
                caught.append(raised(KeyboardInterrupt, inner.run, MANY))
            if propagate:
                raise caught[0]

    with scenes.box(0, histories_end=observer) as sim:
        if propagate:
            assert raised(KeyboardInterrupt, sim.run, 100) is caught[0]
            sim.run(100 - sim.snapshot().histories)
        else:
            sim.run(100)
        assert sim.snapshot().histories >= 100
    helper.join()
    assert len(caught) == 1


def test_ctrl_c_ends_the_run_that_the_main_thread_waits_for_and_no_other():
    entered = threading.Event()
    helper = interrupt_when(entered)
    other = scenes.box(1)
    other.start(MANY)
    ended = []
    waiter = threading.Thread(target=lambda: ended.append(raised(kerma.AbortedError, other.wait)), daemon=True)
    waiter.start()
    with scenes.box(2, histories_end=lambda worker: entered.set()) as sim:
        raised(KeyboardInterrupt, sim.run, MANY)
        assert sim.snapshot().histories > 0
    helper.join()
    assert other.progress.histories < MANY and not ended  # it runs on
    other.abort()
    waiter.join()
    assert len(ended) == 1
    other.close()


def test_ctrl_c_in_a_reader_of_the_log_is_not_lost():
    class Reader(logging.Handler):
        def emit(self, record):
            if not asked:
                asked.append(record.getMessage())
                release.set()
                signal.raise_signal(signal.SIGINT)

    asked = []
    reader = Reader()
    logging.getLogger("kerma").addHandler(reader)

    def observer(worker):
        if worker.history == 3:
            release.wait()

    release = threading.Event()
    sim = scenes.box(1, histories_end=observer, stall_seconds=0.1)
    raised(KeyboardInterrupt, sim.run, 100)
    logging.getLogger("kerma").removeHandler(reader)
    assert len(asked) == 1 and "worker 0" in asked[0], asked
    sim.close()


# ---- log ----


def test_a_reader_of_the_log_may_call_kerma():
    texts = []

    class Reader(logging.Handler):
        def emit(self, record):
            texts.append(record.getMessage())
            kerma.Box((1, 1, 1)).volume
            try:
                kerma.Box((0, 1, 1))
            except kerma.ArgumentError:
                pass

    reader = Reader()
    logging.getLogger("kerma").addHandler(reader)
    with scenes.crowded(0) as sim:
        sim.initialize()
    logging.getLogger("kerma").removeHandler(reader)
    assert len(texts) >= 2 and all("overlap" in t and "part" in t for t in texts), texts


# ---- fork ----


def child_of_fork(call):
    """The exit status of a forked child that makes the call: 0, or 1 if it raised."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            call()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@all_in_one(threads=[0, 1, 4])
def test_a_fork_in_a_callback_gives_a_child_that_can_use_what_is_its_own(threads):
    statuses = []
    met = set()
    everybody = threading.Barrier(max(threads, 1))

    def observer(worker):
        if worker.index not in met:  # so that each worker keeps a thread state, of which the child has one
            met.add(worker.index)
            everybody.wait()
        if worker.history == 7:
            def child():
                assert c.kmp_kept_thread_states() == (1 if threads else 0)
                assert kerma.Box((1, 2, 3)).volume == 6
                with scenes.box(0) as own:
                    assert own.run(100).histories == 100
                raised((kerma.BusyError, kerma.ForkError), sim.run, 10)

            statuses.append(child_of_fork(child))

    with scenes.box(threads, histories_end=observer) as sim:
        sim.run(4096 * 4)  # an interval for each worker
    assert statuses == [0]


@all_in_one(threads=[0, 1, 4], how=["returns", "exits", "raises"])
def test_a_child_of_fork_ends_when_its_observer_does(threads, how):
    """On a worker there is nothing to return to; in a serial run it is the child's own thread, which goes on."""
    pids = []
    parent = os.getpid()

    def observer(worker):
        if worker.history == 7 and not pids:
            pids.append(os.fork())
            if pids[0] == 0 and how == "exits":
                sys.exit(3)
            if pids[0] == 0 and how == "raises":
                raise Raised("in the child")

    with scenes.box(threads, histories_end=observer) as sim:
        try:
            assert sim.run(100).histories == 100
        except Raised:
            os._exit(1)
        except SystemExit as e:
            os._exit(e.code)
        if os.getpid() != parent:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pids[0], 0)[1]) == {"returns": 0, "exits": 3, "raises": 1}[how]


def test_a_child_of_fork_hears_the_log_although_another_thread_was_reading_it():
    reading, go_on = threading.Event(), threading.Event()

    class Reader(logging.Handler):
        def handle(self, record):
            self.emit(record)  # without Python's own lock, which is not what is tested

        def emit(self, record):
            texts.append(record.getMessage())
            if threading.current_thread() is helper:
                reading.set()
                go_on.wait()

    texts = []

    def warn():
        with scenes.crowded(0, parts=2) as sim:
            sim.initialize()

    helper = threading.Thread(target=warn, daemon=True)
    reader = Reader()
    logging.getLogger("kerma").addHandler(reader)
    helper.start()
    reading.wait()

    def child():
        del texts[:]
        warn()
        assert texts

    assert child_of_fork(child) == 0
    go_on.set()
    helper.join()
    logging.getLogger("kerma").removeHandler(reader)


# ---- conversion ----


def test_a_call_that_fails_early_leaves_no_observer_behind():
    sim = scenes.box(1)
    run = sim._manager()
    hooks = Hooks()
    hook = hooks.add(lambda *arguments: None)
    good = weakref.getweakrefcount(hooks)
    mesh = kerma.Mesh(*scenes.tetrahedron())
    for arguments in ((None, hook), (1, hook), (mesh._c, hook), (run, None), (run, (hooks, 99)), (run, (hooks, 0)), (run, ([], 2)),
                      (run, (hooks, "x")), (run, hook, 1), (run,)):
        raised((TypeError, ValueError, IndexError), c.kma_run_manager_on_history_end, *arguments)
        raised((TypeError, ValueError, IndexError), c.kma_run_manager_on_step_block, arguments[0], {}, *arguments[1:])
    for options in ({"blok": 1}, {"block": "x"}, {"block": -1}, 7):
        raised((TypeError, OverflowError), c.kma_run_manager_on_step_block, run, options, hook)
        raised((TypeError, OverflowError), c.kma_run_manager_on_history_block, run, [("drop", 0)], options, hook)
    raised(kerma.ArgumentError, c.kma_run_manager_on_step_block, run, {"block": 0}, hook)  # disposed of by the library
    for scores in ([], [()], [("drop",)], [(1, 2)], 5, [("drop", 0)] * 1000):
        raised((TypeError, ValueError), c.kma_run_manager_on_history_block, run, scores, {}, hook)
    assert weakref.getweakrefcount(hooks) == good
    sim.close()
    assert "closed" in str(raised(kerma.ClosedError, c.kma_run_manager_on_history_end, run, hook))
    assert weakref.getweakrefcount(hooks) == good


def test_numbers_of_numpy_are_numbers():
    import numpy as np

    sim = scenes.box(np.int32(1), seed=np.uint64(5))
    assert sim.run(np.int64(100)).seed == 5
    sim.close()
    for options in ({"seed": 1.5}, {"seed": -1}, {"seed": 1 << 64}, {"threads": 1 << 40}, {"threads": "2"}):
        raised((TypeError, OverflowError, kerma.ArgumentError), lambda: kerma.Simulation(scenes.box(0).world, **options).initialize())


# ---- import ----


AGAIN = """
import importlib, sys, threading
import kerma, scenes
from kerma._native import c

def again():
    importlib.reload(sys.modules["kerma._native"])
    for name in [name for name in sys.modules if name.split(".")[0] == "kerma"]:
        del sys.modules[name]
    import kerma as another
    assert another is not kerma and another.Box((1, 2, 3)).volume == 6

inside, go_on = threading.Event(), threading.Event()
def hold(worker):
    if worker.history == 3:
        inside.set()
        go_on.wait()
sim = scenes.box(int(sys.argv[1]), histories_end=hold)
thread = threading.Thread(target=sim.run, args=(100,))
thread.start()
inside.wait()
again()
go_on.set()
thread.join()
result = sim.snapshot()
assert result.histories == 100
sim.close()
assert c.kmp_kept_thread_states() == 0
print("whole")
"""


@each(threads=[2])
def test_kerma_may_be_imported_once_more_during_a_run(threads):
    """By importlib.reload(), or out of a notebook that reloads what has changed: it is no fork, and no run ends by it."""
    assert cases.python(AGAIN, threads).strip() == "whole"


@limit(60)
def test_eight_threads_may_import_kerma_at_once():
    code = """
import sys, threading
barrier = threading.Barrier(8)
failures = []
def work():
    barrier.wait()
    try:
        import kerma
        assert kerma.Box((1, 2, 3)).volume == 6
    except BaseException as e:
        failures.append(e)
threads = [threading.Thread(target=work) for i in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
sys.exit(repr(failures) if failures else 0)
"""
    for i in range(size(5)):
        subprocess.run([sys.executable, "-c", code], check=True)


SUBINTERPRETER = """
import sys
try:
    import _interpreters as x  # 3.13 on
    new = lambda: x.create("legacy")
except ImportError:
    import _xxsubinterpreters as x
    new = lambda: x.create(isolated=False)
first = sys.argv[1] == "first"
if not first:
    import kerma
source = '''
try:
    import kerma
except ImportError as e:
    text = str(e)
    assert "main interpreter" in text or "subinterpreter" in text, text
else:
    raise AssertionError("imported")
'''
for i in range(3):
    id = new()
    failed = x.run_string(id, source)
    assert not failed, failed
    x.destroy(id)
import kerma
world = kerma.Volume("world", kerma.Box((100, 100, 100)))
sim = kerma.Simulation(world, threads=2)
sim.add_source(kerma.PencilSource(0.06))
heard = []
sim.on_history_end(lambda worker: heard.append(1))
sim.run(100)
sim.close()
try:
    kerma.Box((0, 1, 1))
except kerma.ArgumentError:
    pass
assert len(heard) == 100
"""


@limit(60)
@each(when=["first", "later"])
def test_a_subinterpreter_is_refused_and_the_main_one_goes_on(when):
    process = subprocess.run([sys.executable, "-c", SUBINTERPRETER, when], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.returncode == 0, (process.returncode, process.stdout.decode())


# ---- the end of the interpreter ----


@limit(60)
@all_in_one(threads=[0, 2])
def test_what_an_observer_raises_at_the_interpreters_end_is_written(threads):
    code = f"""
import sys
sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})
import scenes
sim = scenes.box({threads})
def at_the_end(worker):
    raise ValueError("the last word")
sim.on_worker_end(at_the_end)
sim.run(10)
"""
    process = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = process.stdout.decode()
    # Two workers' texts may come mixed.
    assert process.returncode == 0 and "ValueError" in text and "the last word" in text and "lost" not in text, text
    assert "at_the_end" in text, text
