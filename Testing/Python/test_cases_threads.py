"""Rows g, h and j: initialize does not freeze; other Python threads go on; whoever runs, closes or looks, from anywhere."""
import threading

from harness import each, limit

import cases
import kerma
import scenes
from cases import Task, raised

N = 20000


def observed(threads):
    """A simulation with all kinds of observers in Python, a user initialization among them; and what they counted."""
    sim = scenes.box(threads)
    counts = {}
    lock = threading.Lock()

    def count(what):
        with lock:
            counts[what] = counts.get(what, 0) + 1

    sim.set_user_initialization(lambda worker: count("build") or [0], lambda data: count("drop"))
    sim.on_worker_begin(lambda worker: count("worker begin"))
    sim.on_worker_end(lambda worker: count("worker end"))
    sim.on_run_begin(lambda: count("run begin"))
    sim.on_run_end(lambda: count("run end"))
    sim.on_history_begin(lambda worker: worker.data.__setitem__(0, worker.data[0] + 1))
    return sim, counts


def whole_life(threads):
    sim, counts = observed(threads)
    sim.initialize()
    workers = max(threads, 1)
    assert counts == {"build": workers, "worker begin": workers}, counts
    hash = sim.run(500).scores_hash
    sim.initialize()
    sim.run(0)
    sim.close()
    assert counts == {"build": workers, "worker begin": workers, "run begin": 2, "run end": 2, "worker end": workers,
                      "drop": workers}, counts
    return hash


def busy():
    """Holds the GIL as long as Python lets it, and asks for it again at once."""
    sum(range(2000))


@each(threads=[0, 1, 2, 4], thread=["main", "other"])
def test_h_initialize_with_observers_in_python_returns(threads, thread):
    expected = scenes.box(0).run(500).scores_hash
    for disturbance in (cases.contextlib.nullcontext(), cases.meanwhile(busy)):
        with disturbance:
            hash = whole_life(threads) if thread == "main" else Task(whole_life, threads).end()
        assert hash == expected


@each(threads=[0, 1, 4])
def test_g_another_python_thread_goes_on_during_initialize_run_and_close(threads):
    """Each callback waits for what another Python thread alone can do."""
    asked, answered = threading.Semaphore(0), threading.Semaphore(0)
    over = threading.Event()

    def answer():
        while True:
            asked.acquire()
            if over.is_set():
                return
            answered.release()

    def ask(*_):
        asked.release()
        answered.acquire()

    helper = threading.Thread(target=answer)
    helper.start()
    sim = scenes.box(threads)
    sim.set_user_initialization(ask, ask)
    for register in (sim.on_worker_begin, sim.on_worker_end, sim.on_history_begin, sim.on_run_begin, sim.on_run_end,
                     sim.on_step):
        register(ask)
    sim.on_block(ask, block=64)
    sim.run(20)
    sim.close()
    over.set()
    asked.release()
    helper.join()


@each(threads=[0, 1, 4])
def test_j1_any_thread_may_run_what_another_one_initialized(threads):
    sim = scenes.box(threads)
    sim.initialize()
    Task(sim.run, N // 4).end()
    Task(sim.start, N // 4).end()
    sim.wait()
    sim.start(N // 4)
    Task(sim.wait).end()
    result = Task(sim.run, N // 4).end()
    assert result.scores_hash == scenes.box(0).run(N).scores_hash
    Task(sim.close).end()
    assert sim.closed


@each(threads=[0, 1, 4])
def test_j2_of_two_threads_that_run_one_simulation_one_is_refused(threads):
    inside, go_on = threading.Event(), threading.Event()

    def hold(worker):
        inside.set()
        go_on.wait()

    sim = scenes.box(threads, histories_end=hold)
    first = Task(sim.run, N)
    inside.wait()
    for call in (lambda: sim.run(10), lambda: sim.start(10), sim.initialize):
        text = str(raised(kerma.StateError, call))
        assert "under way" in text or "running" in text, text
    raised(kerma.TimeoutError, sim.wait, 0.001)
    go_on.set()
    assert first.end().scores_hash == scenes.box(0).run(N).scores_hash
    assert sim.run(N).histories == 2 * N
    sim.close()


@limit(60)
@each(threads=[0, 1, 4])
def test_j2_two_threads_at_once_without_agreement_do_no_harm(threads):
    sim = scenes.box(threads)
    meet = threading.Barrier(2)
    refused = []

    def run():
        done = 0
        for _ in range(30):
            meet.wait()
            try:
                sim.run(1000)
                done += 1
            except (kerma.StateError, kerma.BusyError) as e:
                refused.append(type(e))
        return done

    tasks = [Task(run) for _ in range(2)]
    done = sum(task.end() for task in tasks)
    assert done >= 30, done
    result = sim.snapshot()
    assert result.histories == 1000 * done
    assert result.scores_hash == scenes.box(0).run(1000 * done).scores_hash
    sim.close()


@each(threads=[0, 2])
def test_j2_two_simulations_at_once_in_two_threads(threads):
    expected = [scenes.box(0, seed=seed).run(N).scores_hash for seed in (1, 2)]
    tasks = [Task(lambda seed=seed: scenes.box(threads, seed=seed).run(N).scores_hash) for seed in (1, 2)]
    assert [task.end() for task in tasks] == expected


@limit(60)
@each(threads=[0, 2])
def test_j_four_threads_with_simulations_of_their_own(threads):
    expected = [scenes.box(0, seed=seed).run(1000).scores_hash for seed in range(4)]

    def work(seed):
        for _ in range(10):
            sim = scenes.box(threads, seed=seed)
            if sim.run(1000).scores_hash != expected[seed]:
                return False
            if seed % 2:
                sim.close()
        return True

    tasks = [Task(work, seed) for seed in range(4)]
    assert all(task.end() for task in tasks)


@each(threads=[0, 1, 4])
def test_j_snapshots_progress_and_abort_from_other_threads(threads):
    begun, aborted = threading.Event(), threading.Event()

    def hold(worker):
        begun.set()
        if worker.history == N // 2:
            aborted.wait()

    sim = scenes.box(threads, histories_end=hold)
    task = Task(sim.run, N)
    begun.wait()
    seen = [sim.snapshot().histories for _ in range(20)]
    assert seen == sorted(seen)
    progress = [Task(lambda: sim.progress.histories).end() for _ in range(5)]
    assert progress == sorted(progress) and sim.progress.target == N
    assert isinstance(sim.stalls(), list)
    Task(sim.abort).end()
    aborted.set()
    raised(kerma.AbortedError, task.end)
    assert 0 < sim.snapshot().histories < N
    assert sim.run(0).scores_hash == scenes.box(0).run(N).scores_hash
    sim.close()


@each(threads=[0, 1, 4])
def test_b_closed_by_another_thread_while_one_is_inside(threads):
    for inside in ("run", "wait", "progress"):
        begun = threading.Event()
        sim = scenes.box(threads, title="mine", histories_end=lambda worker: begun.set())
        if inside == "wait":
            sim.start(10**12)
            task = Task(sim.wait)
        else:
            if inside == "progress":
                sim.on_progress(lambda progress: None)
            task = Task(sim.run, 10**12)
        begun.wait()
        ends = [Task(sim.close) for _ in range(3)]
        for end in ends:
            end.end()
        try:
            task.end()
        except (kerma.AbortedError, kerma.ClosedError) as e:
            assert type(e) is kerma.AbortedError or "'mine'" in str(e), e
        else:
            assert False, "it ran to its end"
        assert str(raised(kerma.ClosedError, sim.run, 1)) == "the simulation 'mine' was closed"


@each(threads=[0, 1, 4])
def test_b_closed_by_another_thread_during_initialize(threads):
    inside, go_on = threading.Event(), threading.Event()

    def hold(worker):
        inside.set()
        go_on.wait()

    sim = scenes.box(threads, title="mine")
    sim.on_worker_begin(hold)
    task = Task(sim.initialize)
    inside.wait()
    end = Task(sim.close)
    run = sim._run
    cases.wait_until(lambda: cases.c.kma_run_manager_progress(run)["state"] == cases.c.KMA_RUN_CLOSED)
    go_on.set()
    end.end()
    e = None
    try:
        task.end()
    except kerma.ClosedError as closed:
        e = closed
    assert e is None or "the simulation 'mine' was closed" in str(e), e  # or it was just ready
    assert str(raised(kerma.ClosedError, sim.initialize)) == "the simulation 'mine' was closed"
    del run


@each(threads=[0, 4])
def test_j_abort_reaches_a_run_that_still_initializes(threads):
    inside, go_on = threading.Event(), threading.Event()

    def hold(worker):
        inside.set()
        go_on.wait()

    for call in ("run", "start"):
        sim = scenes.box(threads)
        sim.on_worker_begin(hold)
        inside.clear()
        go_on.clear()
        task = Task(getattr(sim, call), 100)
        inside.wait()
        sim.abort()
        go_on.set()
        assert "before its first history" in str(raised(kerma.AbortedError, task.end))
        assert sim.progress.state == "initialized" and sim.snapshot().histories == 0
        assert sim.run(10).histories == 10  # an abort is for the run under way, not for the next one
        sim.close()


@each(threads=[2])
def test_j_a_run_from_within_the_making_of_the_run_manager_is_the_same_simulations(threads):
    """By a signal's handler, a __del__, or as here by what an observer is asked for its name."""
    sim = scenes.box(threads)
    inner = []

    class Observer:
        def __call__(self, worker):
            pass

        @property
        def __wrapped__(self):
            if not inner:
                inner.append(None)
                inner.append(sim.run(5))
            raise AttributeError

    sim.on_history_end(Observer())
    assert sim.run(10).histories == 15 and inner[1].histories == 5


@each(threads=[0, 1, 4])
def test_b_its_own_observer_is_refused_and_nothing_freezes(threads):
    for call in ("close", "run", "initialize", "wait", "start"):
        refused = []

        def observer(worker):
            if worker.history == 10:
                try:
                    getattr(sim, call)(*((5,) if call in ("run", "start") else ()))
                except kerma.BusyError as e:
                    refused.append(e)
                    raise

        with scenes.box(threads, histories_end=observer) as sim:
            e = raised(kerma.BusyError, sim.run, 100)
            assert refused == [e] and "callback" in str(e)
            assert not sim.closed and sim.snapshot().histories == 10
        assert sim.closed
        refused.clear()


@each(threads=[0, 1, 4])
def test_b_an_observer_that_goes_on_after_it_was_refused_disturbs_nothing(threads):
    refused = []

    def observer(worker):
        if worker.history == 10:
            for call in (sim.close, sim.wait, sim.initialize, lambda: sim.run(1), lambda: sim.start(1)):
                refused.append(type(raised(kerma.BusyError, call)))
            assert sim.progress.target == 100 and sim.snapshot().histories <= 100

    with scenes.box(threads, histories_end=observer) as sim:
        assert sim.run(100).histories == 100
    assert len(refused) == 5


@each(threads=[1, 4])
def test_b_two_simulations_whose_observers_close_each_other(threads):
    """A ring of waits: the last to join it is refused, nobody freezes."""
    meet = threading.Barrier(2)
    refused = []

    def observer(other):
        def fn(worker):
            if worker.history == 0:
                meet.wait()
                try:
                    sims[other].close()
                except kerma.BusyError as e:
                    refused.append(e)

        return fn

    sims = []
    sims += [scenes.box(threads, histories_end=observer(1)), scenes.box(threads, histories_end=observer(0))]
    tasks = [Task(sim.run, 1000) for sim in sims]
    for task in tasks:
        try:
            task.end()
        except (kerma.AbortedError, kerma.ClosedError):
            pass
    assert len(refused) == 1, refused
    for sim in sims:
        sim.close()
    refused.clear()
