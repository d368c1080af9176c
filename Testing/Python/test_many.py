"""Many of everything: simulations, callbacks, runs, threads. What is used grows once, not each time.

KERMA_TEST_MANY=1 is the full size, for runs by hand: 1,000 simulations, a million callbacks, 3,000 runs. Otherwise, in CI, it
is a fraction of that (default 0.1), with the same bounds.
"""
import ctypes
import gc
import os
import sys
import threading
import time
import weakref

from harness import Skip, each, limit

import kerma
import scenes
from kerma._native import c

MANY = float(os.environ.get("KERMA_TEST_MANY", "0.1"))
LIMIT = 60 + 600 * MANY


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def median(values):
    return sorted(values)[len(values) // 2]


def check_memory(once, times, warm, bytes_more):
    """`once` again and again: the median of the last readings is at most so much above that of the first after `warm`."""
    if os.environ.get("LD_PRELOAD"):
        raise Skip("a sanitizer's memory is not the program's")
    readings = []
    for i in range(times):
        once(i)
        readings.append(resident())
    tenth = max(5, (times - warm) // 10)
    first, last = median(readings[warm : warm + tenth]), median(readings[-tenth:])
    print(f"{times} times: {first / 2**20:.2f} MB, then {last / 2**20:.2f} MB")
    assert last - first <= bytes_more, [r >> 10 for r in readings[:: max(1, times // 20)]]


# ---- thread states, as the interpreter counts them ----

api = ctypes.pythonapi
for name in ("PyInterpreterState_Get", "PyInterpreterState_ThreadHead", "PyThreadState_Next"):
    getattr(api, name).restype = ctypes.c_void_p
api.PyInterpreterState_ThreadHead.argtypes = [ctypes.c_void_p]
api.PyThreadState_Next.argtypes = [ctypes.c_void_p]


def thread_states():
    n, state = 0, api.PyInterpreterState_ThreadHead(api.PyInterpreterState_Get())
    while state:
        n += 1
        state = api.PyThreadState_Next(state)
    return n


# ---- tests ----


@limit(LIMIT)
def test_a_thousand_simulations_take_no_memory_from_the_hundredth_on():
    seen = []

    def once(i):
        with scenes.box(2) as sim:
            sim.on_worker_begin(lambda worker: seen.append(worker.index))
            sim.on_history_end(lambda worker, sim=sim: None)
            sim.on_step(lambda worker, step: step.energy and None)
            sim.on_block(lambda block: seen.append(len(block)))
            sim.set_user_initialization(lambda worker: [sim], lambda data: data.clear())
            assert sim.run(20)["drop"].energy >= 0
        del seen[:]

    check_memory(once, max(220, int(1000 * MANY)), 100, 2 * 2**20)


@limit(LIMIT)
@each(way=["dropped", "failed"])
def test_simulations_that_are_dropped_or_fail_take_no_memory(way):
    def fail(worker):
        raise ValueError(worker.history)

    def once(i):
        sim = scenes.box(2)
        sim.on_history_end(fail if way == "failed" else lambda worker, sim=sim: None)
        if way == "failed":
            try:
                sim.run(20)
            except ValueError:
                pass
        else:
            sim.start(20)
        del sim
        gc.collect()
        while c.kma_live_objects(c.KMA_KIND_RUN_MANAGER):
            time.sleep(0.001)  # it ends in the background

    check_memory(once, max(150, int(600 * MANY)), 75, 4 * 2**20)


@limit(LIMIT)
def test_thousands_of_short_runs_take_no_memory():
    with scenes.box(2) as sim:
        sim.on_history_end(lambda worker: None)
        sim.on_run_begin(lambda: None)
        check_memory(lambda i: sim.run(4), max(400, int(3000 * MANY)), 100, 2**20)


@limit(LIMIT)
@each(threads=[0, 1, 4])
def test_a_million_callbacks_leave_no_thread_state(threads):
    calls = 0

    def count(worker, step):
        nonlocal calls
        calls += 1

    before = thread_states()
    sim = scenes.box(threads)
    sim.on_step(count)
    sim.initialize()
    sim.run(int(1000000 * MANY / 4))  # a history has some four steps
    during = thread_states()
    assert c.kmp_kept_thread_states() == threads and during <= before + threads, (before, during)
    assert calls > 500000 * MANY, calls
    sim.close()
    assert thread_states() == before and c.kmp_kept_thread_states() == 0
    print(f"{calls} callbacks, thread states {before}, {during}, {thread_states()}")


@each(threads=[1, 4])
def test_thread_states_go_also_with_a_dropped_or_failed_simulation(threads):
    before = thread_states()

    def fail(worker):
        raise ValueError

    for place in ("on_worker_begin", "on_history_end", "build", "on_worker_end"):
        sim = scenes.box(threads)
        sim.on_history_begin(lambda worker: None)
        if place == "build":
            sim.set_user_initialization(fail)
        else:
            getattr(sim, place)(fail)
        for end in (lambda: sim.run(5), sim.close):
            try:
                end()
            except ValueError:
                pass
        assert thread_states() == before, place
    for _ in range(20):
        sim = scenes.box(threads)
        sim.on_history_begin(lambda worker: None)
        sim.start(10**9)
        gone = weakref.ref(sim)
        del sim
        gc.collect()
        assert gone() is None
    while c.kmp_kept_thread_states() or c.kma_live_objects(c.KMA_KIND_RUN_MANAGER):
        time.sleep(0.001)  # they end in the background
    assert thread_states() == before


@each(threads=[1, 4])
def test_a_thread_local_of_a_worker_lasts_from_callback_to_callback_and_goes_with_it(threads):
    local, values = threading.local(), []

    class Value:
        def __init__(self):
            self.calls = 0
            values.append(weakref.ref(self))

    def count(*arguments):
        if not hasattr(local, "value"):
            local.value = Value()
        local.value.calls += 1

    sim = scenes.box(threads)
    for way in (sim.on_worker_begin, sim.on_history_begin, sim.on_history_end, sim.on_step):
        way(count)
    for _ in range(3):
        sim.run(3000)
    assert len(values) == threads and sum(ref().calls for ref in values) > 18000 + threads
    sim.close()
    gc.collect()
    assert [ref() for ref in values] == [None] * threads


# ---- references ----


class Argument:
    pass


def counted_objects():
    gc.collect()
    return len(gc.get_objects())


KINDS = ["on_run_begin", "on_run_end", "on_worker_begin", "on_worker_end", "on_history_begin", "on_history_end", "on_step",
         "on_block", "history scores", "on_progress", "build", "replay"]


def attach(sim, kind, fn):
    if kind == "on_block":
        sim.on_block(lambda block: fn(block), block=4)
    elif kind == "history scores":
        sim.on_block(lambda block: fn(block), scores=["drop"], block=4)
    elif kind == "build":
        sim.set_user_initialization(fn, fn)
    elif kind == "replay":
        pass
    else:
        getattr(sim, kind)(fn)


@limit(LIMIT)
@each(ending=["returns", "raises"])
def test_references_are_stable_over_many_calls_of_every_kind_of_callback(ending):
    """Of the callable, of what it returns, and of what it is given."""
    kept, answer = Argument(), kerma.Action.GO_ON

    def callback(*arguments):
        if ending == "raises":
            raise ValueError(kept)
        return kept if len(arguments) < 2 else answer  # what an observer of steps returns means something

    def run(sim, kind, n):
        try:
            if kind == "replay":
                for history in range(n // 20):
                    sim.replay(history)
            else:
                sim.run(n)
        except ValueError as e:
            assert e.args == (kept,)

    def rounds(kind, count):
        """Many histories, or many runs, or many simulations: what makes many calls of this kind."""
        sims = count // 200 if kind in ("on_worker_begin", "on_worker_end", "build") else 1
        for _ in range(sims):
            sim = scenes.box(1)
            attach(sim, kind, callback)
            if ending == "raises" or kind in ("on_run_begin", "on_run_end", "on_progress"):
                for _ in range(count // 100):
                    run(sim, kind, 10)
            else:
                run(sim, kind, count)
            try:
                sim.close()
            except ValueError:
                pass
            del sim

    count = int(100000 * MANY)
    for kind in KINDS:
        small = count // 20
        rounds(kind, small)
        before = counted_objects(), sys.getrefcount(callback), sys.getrefcount(kept), sys.getrefcount(answer)
        rounds(kind, count if kind in ("on_history_begin", "on_history_end", "on_step", "on_block") else small * 4)
        after = counted_objects(), sys.getrefcount(callback), sys.getrefcount(kept), sys.getrefcount(answer)
        assert after[1:] == before[1:], (kind, before, after)
        assert after[0] - before[0] < 20, (kind, before, after)
