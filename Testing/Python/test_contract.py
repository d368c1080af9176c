"""Sentences of Documentation/threads-and-callbacks.md that no other file tries."""
import threading

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
