"""The option RELEASE_GIL, seen from outside: does another Python thread get on while one is inside a long call?

The first test fails if the option has no effect, in either form: built ON the other thread must tick during one long array
query, built OFF it must see that it cannot. Which form is wanted says KERMA_TEST_RELEASE_GIL (1 or 0); without it the
module is asked (kerma.build_info()). The second must pass in both: calls that wait for workers let the GIL go by hand.

Needs an importable kerma and nothing else: also run against an installed wheel, by harness.py or as a program of its own.
"""
import os
import sys
import threading
import time

from harness import each, limit

import kerma
import scenes
from kerma._native import c


def wanted():
    said = os.environ.get("KERMA_TEST_RELEASE_GIL")
    return kerma.build_info()["release_gil"] if said is None else said not in ("0", "OFF")


def ticks_during(call):
    """How often another thread counts between the begin and the end of one call of C.

    Python hands the GIL over by itself neither before the call nor after it, and the other thread gives it up only to
    sleep. So it counts if, and only if, the call lets the GIL go.
    """
    ticks = [0]
    stop = threading.Event()
    ready = threading.Event()

    def tick():
        ready.set()
        while not stop.is_set():
            ticks[0] += 1
            time.sleep(0.001)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # before the other thread first waits for the GIL: it will not ask for it before so many s
    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        ready.wait()
        before = ticks[0]
        begun = time.perf_counter()
        call()
        seconds = time.perf_counter() - begun
        return ticks[0] - before, seconds
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        ticker.join()


def query(rays):
    """One call of C for so many rays, and nothing else: NumPy lets the GIL go when it copies."""
    import numpy as np

    solid = kerma.Tessellated(kerma.Mesh(*scenes.tetrahedron(50.0)))
    points = np.tile([5.0, 5.0, -100.0], (rays, 1))
    directions = np.tile([0.0, 0.0, 1.0], (rays, 1))
    out = np.zeros(rays)
    handle, arrays = solid._c, (points, directions, out)

    def call():
        c.kma_solid_distance_to_in(handle, arrays)

    def check():
        assert (out == solid.distance_to_in(points[0], directions[0])).all() and out[0] == 100.0

    return call, check


@limit(120)
def test_other_threads_get_on_during_a_long_query_if_and_only_if_the_option_says_so():
    assert kerma.build_info()["release_gil"] == wanted(), "the module is not what the build asked for"
    few, check = query(100_000)
    few()
    check()
    begun = time.perf_counter()
    few()
    rays = int(100_000 / max(time.perf_counter() - begun, 1e-3))  # for about a second
    for attempt in range(4):
        ticks, seconds = ticks_during(query(min(rays << attempt, 20_000_000))[0])
        print(f"{ticks} ticks in a query of {seconds:.2f} s, {'released' if wanted() else 'held'} wanted")
        if ticks > 0 or not wanted():
            break  # a machine so busy that the other thread was never scheduled gets a longer call
    assert (ticks > 0) == wanted(), f"{ticks} ticks in {seconds} s"


@each(threads=[0, 1, 4])
def test_a_callback_may_wait_for_what_only_another_python_thread_does(threads):
    entered, flag = threading.Event(), threading.Event()
    order = []

    def observer(worker):
        if worker.history == 10:
            entered.set()
            order.append("waiting")
            flag.wait()  # for ever, if beam_on held the GIL
            order.append("flag seen")

    def other():
        entered.wait()
        order.append("flag set")
        flag.set()

    helper = threading.Thread(target=other)
    helper.start()
    with scenes.box(threads, histories_end=observer) as sim:
        sim.initialize()
        assert sim.run(100).histories == 100
    helper.join()
    assert sorted(order) == ["flag seen", "flag set", "waiting"] and order[-1] == "flag seen", order


if __name__ == "__main__":
    test_other_threads_get_on_during_a_long_query_if_and_only_if_the_option_says_so()
    for n in (0, 1, 4):
        test_a_callback_may_wait_for_what_only_another_python_thread_does(n)
    print(f"passed: kerma {kerma.__version__} lets the GIL go in {'long calls' if wanted() else 'calls that wait only'}")
