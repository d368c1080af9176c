"""Sentences of Documentation/threads-and-callbacks.md that no other file tries."""
import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading

from harness import each

import kerma
import scenes


def test_a_worker_keeps_its_thread_local_values_from_callback_to_callback():
    local, made, threads = threading.local(), [], set()

    def count(worker):
        threads.add(threading.get_ident())
        if not hasattr(local, "n"):
            local.n = 0
            made.append(worker.index)
        local.n += 1

    with scenes.box(2, histories_end=count) as sim:
        sim.run(20000)
        sim.run(20000)
    assert len(made) == len(threads) <= 2, (len(made), threads)


def test_a_lock_around_a_run_that_a_callback_wants_is_named_by_the_stalls():
    lock, waiting = threading.Lock(), threading.Event()

    def take(worker):
        waiting.set()
        with lock:
            pass

    def look():
        waiting.wait()
        while not told:
            told.extend(s for s in sim.stalls() if "in an observer of history end" in s.doing)
        lock.release()

    told = []
    with scenes.box(1, histories_end=take) as sim:
        helper = threading.Thread(target=look)
        lock.acquire()
        helper.start()
        assert sim.run(10).histories == 10
        helper.join()
    assert told[0].who == "worker 0 of 1", told


@each(call=["initialize", "run", "wait", "close"], threads=[0, 2])
def test_each_call_that_calls_back_lets_the_gil_go(call, threads):
    """No report of a stall comes to help: it would be read by Python, which then lets the GIL go."""
    called = []

    def note(worker):
        called.append(1)

    sim = scenes.box(threads, stall_seconds=0)
    if call == "initialize":
        sim.on_worker_begin(note)
    elif call == "close":
        sim.on_worker_end(note)
    else:
        sim.on_history_end(note)
    sim.initialize()
    if call == "run":
        sim.run(100)
    elif call == "wait":
        sim.start(100)
        sim.wait()
    sim.close()
    assert called


END = """
import atexit, sys, threading
sys.path.insert(0, {here!r})

def late():
    for call in (lambda: scenes.box(0).run(10), lambda: sim.run(10)):
        try:
            call()
        except kerma.ClosedError as e:
            print("late:", e)
    print("late:", box.volume, result.histories)

def early():
    print("early:", scenes.box(2).run(10).histories)

atexit.register(late)
import kerma, scenes
atexit.register(early)
box = kerma.Box((1, 2, 3))
sim = scenes.box(2, histories_end=lambda worker: entered.set())
sim.on_worker_end(lambda worker: sys.stdout.write("a worker ends\\n"))
sim.on_run_end(lambda: sys.stdout.write("a run ends\\n"))
entered = threading.Event()
result = sim.run(10)
entered.clear()
sim.start(1 << 40)
entered.wait()
"""


@each(end=["", "sys.exit(3)", "raise KeyError"])
def test_the_end_of_the_process_ends_runs_in_order(end):
    here = os.path.dirname(os.path.abspath(__file__))
    done = subprocess.run([sys.executable, "-c", END.format(here=here) + end], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert done.returncode == (0 if end == "" else 3 if "exit" in end else 1), done
    assert "Traceback" not in done.stderr or "raise KeyError" in end, done.stderr
    early = lines.index("early: 10")
    assert lines.count("a run ends") == 2 and lines.count("a worker ends") == 2
    assert min(i for i, line in enumerate(lines) if line == "a worker ends") > early
    assert lines[-3:] == ["late: the interpreter is ending: no run can begin any more",
                          "late: the interpreter is ending: kerma has closed all runs", "late: 6.0 10"], lines


def test_the_exception_of_the_lowest_history_is_raised_although_a_later_one_came_last():
    meet = threading.Barrier(2)

    def fail(worker):
        if worker.history == 0:
            meet.wait()
            raise ValueError("the first history")
        if worker.history == 4096:  # the other worker's first
            meet.wait()
            while not any(code >= 0x40000000 for code in sim._hooks[0]):
                pass  # until that one's exception is kept
            raise KeyError("a later history")

    with scenes.box(2) as sim:
        sim.on_history_begin(fail)
        try:
            sim.run(8192)
        except ValueError as e:
            assert str(e) == "the first history"
        else:
            assert False, "nothing was raised"


@each(threads=[1, 2])
def test_reports_go_on_while_python_is_held(threads):
    """The callback holds the GIL until the fourth report has come: each is written without Python."""
    api = ctypes.PyDLL(None)
    reader, writer = os.pipe()
    buffer = ctypes.create_string_buffer(65536)

    def hold(worker):
        if worker.history == 3:
            for i in range(4):
                assert api.read(reader, buffer, len(buffer)) > 0

    with scenes.box(threads, histories_end=hold, stall_seconds=0.05, stall_descriptor=writer) as sim:
        assert sim.run(10).histories == 10
    os.close(reader)
    os.close(writer)


def test_what_is_placed_keeps_its_name_as_long_as_its_mother():
    def make():
        world = kerma.Volume("world", kerma.Box((100, 100, 100)))
        inner = world.place(kerma.Volume("inner", kerma.Box((50, 50, 50)), "Water, Liquid"))
        inner.place(kerma.Volume("core", kerma.Orb(5), "Water, Liquid"))
        return world

    world = make()
    gc.collect()
    inner = world.daughters[0].volume
    assert inner.name == "inner" and inner.daughters[0].volume.name == "core"
    assert [v.name for v in world.tree()] == ["world", "inner", "core"]


def test_ctrl_c_that_ended_a_run_is_not_lost_in_a_run_that_its_end_makes():
    inner = []

    def end():
        with scenes.box(0) as other:
            inner.append(other.run(10).histories)

    def interrupt():
        while sim.snapshot().histories == 0:
            pass
        os.kill(os.getpid(), signal.SIGINT)

    with scenes.box(0) as sim:
        sim.on_run_end(end)
        sim.initialize()
        helper = threading.Thread(target=interrupt)
        helper.start()
        try:
            sim.run(1 << 40)
        except KeyboardInterrupt:
            pass
        else:
            assert False, "nothing was raised"
        helper.join()
    assert inner == [10]
