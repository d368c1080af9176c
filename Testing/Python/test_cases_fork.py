"""fork: a child hears at once that its parent's threads are not there, ends as it wants to, and the parent goes on."""
import concurrent.futures
import faulthandler
import itertools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import warnings

from harness import SLOWNESS, each

import cases
import kerma
import scenes
from cases import raised

N = 20000
warnings.filterwarnings("ignore", category=DeprecationWarning)  # of os.fork() in a process with threads, from 3.12 on


def watched():
    """In a child: who does not end in time is killed. (The watchdog of faulthandler is a thread of the parent's.)"""
    signal.alarm(int(8 * SLOWNESS))


def fork(work):
    """work() in a child, which ends with it; the child's status."""
    child = os.fork()
    if child == 0:
        watched()
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(99)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def refused(sim):
    """All of it, at once."""
    for call in (lambda: sim.run(1), sim.initialize, sim.snapshot, sim.abort, lambda: sim.progress, lambda: sim.start(1),
                 lambda: sim.wait(1), lambda: sim.replay(1), sim.stalls):
        assert "after fork" in str(raised(kerma.ForkError, call))
    sim.close()
    sim.close()
    raised(kerma.ClosedError, sim.run, 1)


def a_simulation_of_its_own():
    for threads in (0, 2):
        with scenes.box(threads) as sim:
            assert sim.run(N).scores_hash == HASH


HASH = scenes.box(0).run(N).scores_hash


def test_a_child_of_an_idle_simulation():
    sim = scenes.box(2)
    sim.run(N // 2)
    mesh, solid, result = kerma.Mesh(*cases.BALL), kerma.Orb(3), sim.snapshot()

    def child():
        refused(sim)
        assert len(mesh) == 1280 and solid.inside((0, 0, 0)) and result.histories == N // 2
        a_simulation_of_its_own()

    assert fork(child) == 0
    assert sim.run(N // 2).scores_hash == HASH
    sim.close()


@each(threads=[1, 4])
def test_children_of_a_running_simulation(threads):
    begun = threading.Event()
    sim = scenes.box(threads, histories_end=lambda worker: begun.set() if worker.history == 100 else None)
    sim.start(N)
    begun.wait()
    for _ in range(10):
        assert fork(lambda: (refused(sim), a_simulation_of_its_own())) == 0
    assert sim.wait().scores_hash == HASH
    sim.close()


def test_a_child_of_a_simulation_that_another_thread_uses_meets_no_lock():
    with scenes.box(2) as sim:
        sim.run(N // 2)
        with cases.meanwhile(lambda: (sim.progress, sim.snapshot())):
            for _ in range(20):
                assert fork(lambda: refused(sim)) == 0
        assert sim.run(N // 2).scores_hash == HASH


def test_a_lock_that_another_thread_holds_is_free_in_the_child():
    held, go_on = threading.Event(), threading.Event()
    sim = scenes.box(1)

    def hold():
        with sim._lock:
            held.set()
            go_on.wait()

    task = cases.Task(hold)
    held.wait()
    assert fork(lambda: (sim.run(10), sim.close())) == 0
    go_on.set()
    task.end()


def test_a_serial_simulation_goes_on_in_both_processes():
    with scenes.box(0) as sim:
        sim.run(N // 2)

        def child():
            assert sim.run(N // 2).scores_hash == HASH
            sim.close()

        assert fork(child) == 0
        assert sim.run(N // 2).scores_hash == HASH


def test_a_serial_simulation_that_another_thread_runs_is_refused_in_the_child():
    inside, go_on = threading.Event(), threading.Event()

    def hold(worker):
        inside.set()
        go_on.wait()

    sim = scenes.box(0, histories_end=hold)
    task = cases.Task(sim.run, N)
    inside.wait()
    assert fork(lambda: raised(kerma.ForkError, sim.run, 1)) == 0
    go_on.set()
    assert task.end().scores_hash == HASH
    sim.close()


ENDS = {"exit": 7, "_exit": 7, "raise": 1, "return": 0}
MOMENTS = ["run_begin", "run_end", "worker_begin", "worker_end", "history_begin", "history_end", "step", "block", "build",
           "drop", "progress"]


def leave(how):
    if how == "exit":
        sys.exit(7)
    if how == "_exit":
        os._exit(7)
    if how == "raise":
        raise ValueError("of the child")


def life(sim, moment, observer):
    if moment == "build":
        sim.set_user_initialization(observer)
    elif moment == "drop":
        sim.set_user_initialization(lambda worker: 1, observer)
    else:
        getattr(sim, "on_" + moment)(observer)
    result = sim.run(N)
    sim.close()
    return result.scores_hash


@each(moment=MOMENTS)
def test_a_child_forked_in_a_callback_ends_as_it_wants_to(moment):
    """On a thread of kerma's it ends with the callback; on a thread of Python's it is as after any fork."""
    faulthandler.cancel_dump_traceback_later()  # a child that finalizes would wait for its thread, which is the parent's
    parent = os.getpid()
    for threads, (how, status) in itertools.product((0, 2), ENDS.items()):
        children = []
        sim = scenes.box(threads)

        def observer(*_):
            if children:
                return
            children.append(None)
            children[0] = os.fork()
            if children[0] == 0:
                watched()
                sys.stderr = open(os.devnull, "w")
                assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
                if threads > 0:
                    refused(sim)
                leave(how)

        try:
            hash = life(sim, moment, observer)
        except BaseException as e:  # of the child alone
            if os.getpid() == parent:
                raise
            os._exit(e.code if isinstance(e, SystemExit) else 0 if isinstance(e, (kerma.ForkError, kerma.ClosedError))
                     else 1)
        if os.getpid() != parent:
            os._exit(0)
        assert hash == HASH, (threads, how)
        assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == status, (threads, how)


def test_a_signal_handler_that_forks_while_its_thread_waits():
    children = []
    sims = [scenes.box(2)]

    def handler(*_):
        children.append(os.fork())
        if children[0] == 0:
            watched()

    def shoot(worker):
        if worker.history == 50:
            os.kill(os.getpid(), signal.SIGUSR1)
            cases.wait_until(lambda: children)

    signal.signal(signal.SIGUSR1, handler)
    sims[0].on_history_end(shoot)
    try:
        hash = sims[0].run(N).scores_hash
    except kerma.ForkError:
        assert children == [0]
        os._exit(5)
    assert children[0] > 0 and hash == HASH
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 5
    sims[0].close()


PROGRAM = """
import os, sys, threading, warnings
import scenes
warnings.simplefilter("ignore")
how = sys.argv[1]
begun = threading.Event()
sim = scenes.box(2, histories_end=lambda worker: begun.set())
with sim:
    sim.start(10**12)
    begun.wait()
    child = os.fork()
    if child == 0:
        if how == "_exit":
            os._exit(7)
        if how == "exit":
            sys.exit(7)
        if how == "raise":
            raise ValueError("of the child")
    else:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sim.abort()
if child:
    sys.exit(0 if status == {"exit": 7, "_exit": 7, "raise": 1, "return": 0}[how] else 50 + status)
"""


def test_a_child_of_a_running_simulation_may_end_in_every_way():
    for how in ENDS:
        cases.python(PROGRAM, how)


def job(seed):
    with scenes.box(seed % 3, seed=seed) as sim:
        return sim.run(1000).scores_hash


@each(method=["fork", "spawn", "forkserver"])
def test_multiprocessing(method):
    expected = [job(seed) for seed in range(4)]
    sim = scenes.box(2)
    sim.run(N // 2)
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        assert pool.map(job, range(4)) == expected
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(job, range(4))) == expected
    assert sim.run(N // 2).scores_hash == HASH
    sim.close()
    assert "cannot be pickled" in str(raised(TypeError, pickle.dumps, sim))
