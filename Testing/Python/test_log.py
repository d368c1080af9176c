"""Log records and reports of stalls: they never need the GIL that caused the stall."""
import ctypes
import io
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading

import numpy as np
from harness import each, limit, status

import kerma
import scenes
from kerma._native import c

held = ctypes.PyDLL(None)  # calls through it keep the GIL
held.usleep.argtypes = [ctypes.c_uint]
held.lseek.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int]
held.lseek.restype = ctypes.c_long


class Ticker:
    """Another Python thread that runs whenever it may."""

    def __init__(self):
        self.ticks, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.tick)
        self.thread.start()

    def tick(self):
        while not self.over.wait(0.001):
            self.ticks += 1

    def end(self):
        self.over.set()
        self.thread.join()


class Reports:
    """A pipe that a process of its own empties into a file: what is in the file was reported, whoever holds the GIL."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile()
        read, self.descriptor = os.pipe()
        self.reader = subprocess.Popen(["cat"], stdin=read, stdout=self.file)
        os.close(read)
        self.look = os.open(self.file.name, os.O_RDONLY)

    def wait_with_the_gil(self, milliseconds):
        """Sleeps with the GIL held until the file holds something; how much."""
        size = 0
        while not size and milliseconds > 0:
            held.usleep(10000)
            milliseconds -= 10
            size = held.lseek(self.look, 0, os.SEEK_END)
        return size

    def end(self):
        """All lines."""
        os.close(self.descriptor)
        self.reader.wait()
        os.close(self.look)
        with open(self.file.name) as f:
            return f.read().splitlines()


PLACES = {
    "build": "build of the user initialization", "on_worker_begin": "an observer of worker begin",
    "on_history_begin": "an observer of history begin", "on_history_end": "an observer of history end",
    "on_step": "an observer of steps", "on_block": "an observer of records", "on_run_begin": "an observer of run begin",
    "on_run_end": "an observer of run end", "on_worker_end": "an observer of worker end",
    "drop": "drop of the user initialization",
}


def holding(reports, ticker, found):
    def hold_the_gil(*arguments):
        if found:
            return
        before = ticker.ticks
        found.append(reports.wait_with_the_gil(20000))
        found.append(ticker.ticks - before)

    return hold_the_gil


@limit(60)
@each(place=list(PLACES), threads=[2])
def test_a_report_is_written_while_the_gil_is_held(place, threads):
    """The observer itself sees that it was reported, without having let the GIL go. Nobody else ran Python meanwhile."""
    ticker, reports, found = Ticker(), Reports(), []
    hold = holding(reports, ticker, found)
    sys.setswitchinterval(1000)  # nobody is asked to let the GIL go, either
    sim = scenes.box(threads, stall_seconds=0.1, stall_descriptor=reports.descriptor)
    if place == "build":
        sim.set_user_initialization(hold)
    elif place == "drop":
        sim.set_user_initialization(lambda worker: 1, hold)
    else:
        getattr(sim, place)(hold)
    sim.run(2000)
    sim.close()
    sys.setswitchinterval(0.005)
    ticker.end()
    lines = reports.end()
    assert found and found[0] > 0, "nothing was reported while the GIL was held"
    assert found[1] == 0, f"another thread ran {found[1]} times: the GIL was not held"
    code = hold.__code__
    name = f"holding.<locals>.hold_the_gil (test_log.py:{code.co_firstlineno})"
    mine = [x for x in lines if f"is in {PLACES[place]}" in x and f", {name} for 0." in x]
    assert mine and mine[0].startswith("kerma: stall: ") and mine[0].endswith(" waits"), lines


def test_a_report_tells_who_waits_for_the_gil_from_who_has_it():
    ticker, reports, culprits = Ticker(), Reports(), []

    def culprit(worker):
        if not culprits:
            culprits.append(worker.index)
            for _ in range(2000):
                if b"waiting for Python's GIL" in held_pread(reports.look, 65536, 0):
                    return
                held.usleep(10000)

    sys.setswitchinterval(1000)
    sim = scenes.box(2, stall_seconds=0.1, stall_descriptor=reports.descriptor)
    sim.on_worker_begin(culprit)
    sim.initialize()
    sys.setswitchinterval(0.005)
    ticker.end()
    lines = reports.end()
    what = "is in an observer of worker begin, "
    who, other = culprits[0], 1 - culprits[0]
    assert [x for x in lines if f"worker {who} of 2 {what}test_" in x and ".culprit (test_log.py:" in x], lines
    assert [x for x in lines if f"worker {other} of 2 {what}waiting for Python's GIL to call test_" in x], lines


def held_pread(descriptor, size, offset):
    buffer = ctypes.create_string_buffer(size)
    held.pread.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_long]
    held.pread.restype = ctypes.c_ssize_t
    return buffer.raw[: held.pread(descriptor, buffer, size, offset)]


@limit(60)
def test_a_report_is_written_while_a_signal_handler_holds_the_gil():
    """The main thread is in the poll function then, and the workers wait for the GIL."""
    ticker, reports, found = Ticker(), Reports(), []
    hold = holding(reports, ticker, found)
    signal.signal(signal.SIGUSR1, hold)
    sys.setswitchinterval(1000)
    sim = scenes.box(2, stall_seconds=0.1, stall_descriptor=reports.descriptor)

    @sim.on_history_end
    def asks(worker):
        if worker.history == 100:
            os.kill(os.getpid(), signal.SIGUSR1)

    sim.on_history_end(lambda worker: None if found or worker.history < 100 else held.usleep(100))
    sim.run(3000)
    sys.setswitchinterval(0.005)
    ticker.end()
    lines = reports.end()
    assert found and found[0] > 0, "nothing was reported while the GIL was held"
    assert [x for x in lines if "waiting for Python's GIL to call test_a_report_is_written_while_a_signal" in x], lines


@status(3)
@limit(60)
def test_a_report_is_written_while_the_gil_is_held_at_the_end_of_the_interpreter():
    global kept
    ticker, reports, found = Ticker(), Reports(), []
    ticker.end()
    kept = scenes.box(2, stall_seconds=0.1, stall_descriptor=reports.descriptor)

    @kept.on_worker_end
    def hold(worker):
        if not found:
            found.append(reports.wait_with_the_gil(20000))
            if found[0] > 0:
                os._exit(3)

    kept.initialize()


def test_stalls_are_told_to_another_python_thread():
    told, go = [], threading.Event()

    def stand(worker):
        if worker.history == 7:
            go.wait()

    sim = scenes.box(1, histories_end=stand)
    sim.start(100)
    while not told:
        told = [x for x in sim.stalls() if "(history 7)" in x.doing]
    assert told[0].who == "worker 0 of 1" and ".stand (test_log.py:" in told[0].doing and told[0].seconds >= 0
    assert not sim.stalls(1000)
    go.set()
    sim.wait()
    assert not [x for x in sim.stalls() if "stand" in x.doing]


def test_all_kinds_of_callables_are_named():
    import functools

    class Callable:
        def __call__(self, worker):
            stand(worker)

        def method(self, worker):
            stand(worker)

    class Odd:
        def __getattr__(self, name):
            raise RuntimeError("odd")

        def __call__(self, worker):
            stand(worker)

    @functools.wraps(os.getcwd)
    def wrapper(worker):
        stand(worker)

    def stand(worker):
        reached.set()
        go.wait()

    for fn, name in [
        (Callable(), "Callable (test_log.py:"), (Callable().method, "Callable.method (test_log.py:"),
        (functools.partial(stand), "stand (test_log.py:"), (lambda worker: stand(worker), "<lambda> (test_log.py:"),
        (Odd(), "Odd"), (wrapper, "getcwd"), (print, "print"),
    ]:
        reached, go = threading.Event(), threading.Event()
        sim = scenes.box(1)
        sim.on_history_end(fn)
        if fn is not print:
            sim.start(1)
            reached.wait()
            assert [x for x in sim.stalls() if name in x.doing], (name, sim.stalls())
            go.set()
            sim.wait()
        assert name in str(kerma.observers._name_of(fn)), kerma.observers._name_of(fn)


# ---- Python's logging ----


class List(logging.Handler):
    """Keeps records, and does something for each."""

    def __init__(self, do=lambda record: None):
        super().__init__()
        self.records, self.do = [], do
        logger = logging.getLogger("kerma")
        logger.addHandler(self)
        logger.setLevel(logging.DEBUG)

    def emit(self, record):
        self.records.append((record.levelno, record.getMessage()))
        self.do(record)


def write_stl(directory):
    name = os.path.join(directory, "a mesh.stl")
    vertices, triangles = scenes.tetrahedron()
    with open(name, "w") as f:
        f.write("solid x\n")
        for t in triangles:
            f.write("facet normal 0 0 0\nouter loop\n")
            f.writelines("vertex %g %g %g\n" % vertices[i] for i in t)
            f.write("endloop\nendfacet\n")
        f.write("endsolid x\n")
    return name


@each(threads=[0, 2])
def test_records_reach_logging_with_level_and_text(threads):
    handler = List()
    scenes.crowded(threads=threads).run(10)
    warnings = [text for level, text in handler.records if level == logging.WARNING]
    assert any("'part 0'" in text and "overlap" in text for text in warnings), handler.records
    del handler.records[:]
    with tempfile.TemporaryDirectory() as directory:
        kerma.Mesh.read(write_stl(directory))
    assert handler.records == [(logging.INFO, handler.records[0][1])] and "a mesh.stl: 4 facets" in handler.records[0][1]


def test_records_of_a_call_that_fails_come_before_its_exception():
    handler = List()
    sim = scenes.crowded()
    sim.add_scorer(kerma.VolumeScorer("nowhere", kerma.Volume("elsewhere", kerma.Orb(1))))
    try:
        sim.run(1)
    except kerma.GeometryError as e:
        assert "elsewhere" in str(e)
    assert [1 for level, text in handler.records if level == logging.WARNING] or not handler.records


@each(caller=["main thread", "another thread"])
def test_records_come_while_a_run_is_under_way(caller):
    """The observer waits for what only a handler of records does: were they told at the end, there would be none."""
    told = threading.Event()
    handler = List(lambda record: told.set() if "stall" in record.getMessage() else None)
    sim = scenes.box(2, histories_end=lambda worker: told.wait(), stall_seconds=0.05, stall_descriptor=None)
    if caller == "main thread":
        sim.run(10)
    else:
        thread = threading.Thread(target=sim.run, args=(10,))
        thread.start()
        thread.join()
    assert all(level == logging.WARNING for level, text in handler.records)


@each(threads=[0, 2])
def test_what_a_handler_raises_reaches_the_caller_and_the_simulation_can_run_again(threads):
    def fail(record):
        raise ValueError("of the handler")

    handler = List(fail)
    sim = scenes.crowded(threads=threads)
    try:
        sim.run(10)
    except ValueError as e:
        assert str(e) == "of the handler"
    else:
        assert False
    handler.do = lambda record: None
    assert sim.run(10).histories >= 10


@each(threads=[0, 2])
def test_ctrl_c_in_a_handler_reaches_the_caller(threads):
    handler = List(lambda record: signal.raise_signal(signal.SIGINT))
    sim = scenes.crowded(threads=threads)
    try:
        sim.run(10**9)
    except KeyboardInterrupt:
        pass
    else:
        assert False, "the interrupt was lost"
    handler.do = lambda record: None
    sim.close()


def test_a_handler_may_call_kerma_also_what_makes_records():
    with tempfile.TemporaryDirectory() as directory:
        name = write_stl(directory)

        def use(record):
            assert scenes.crowded(threads=1, overlaps="ignore").run(10).histories == 10
            kerma.Mesh.read(name)  # one more record for each: they are not read to an end that never comes

        handler = List(use)
        kerma.Mesh.read(name)
        first = len(handler.records)
        kerma.Mesh.read(name)
        assert 1 <= first < len(handler.records) < 20
        handler.do = lambda record: None


def test_a_handler_may_use_the_simulation_that_runs():
    told = threading.Event()

    def use(record):
        sim.progress, sim.stalls(), sim.snapshot()
        sim.abort()
        told.set()

    handler = List(use)
    sim = scenes.box(2, histories_end=lambda worker: told.wait(), stall_seconds=0.05, stall_descriptor=None)
    try:
        sim.run(10**9)
    except kerma.AbortedError:
        pass
    else:
        assert False
    handler.do = None  # logging's lists keep the handler, which holds the simulation


def test_a_slow_handler_holds_nobody_up():
    """It waits for the run's end, in the midst of the run."""
    ended, told = threading.Event(), threading.Event()

    def wait(record):
        told.set()
        assert ended.wait(20)

    handler = List(wait)
    sim = scenes.box(2, histories_end=lambda worker: told.wait(), stall_seconds=0.05, stall_descriptor=None)
    sim.on_run_end(ended.set)
    assert sim.run(100).histories == 100
    assert handler.records


def test_records_that_nobody_reads_are_bounded_and_counted():
    records = []
    with tempfile.TemporaryDirectory() as directory:
        name = write_stl(directory)
        c.kmp_log_set_reader(None)
        for _ in range(10000):
            kerma.Mesh.read(name)
        c.kmp_log_set_reader(lambda level, text: records.append((level, text)))
        kerma.Orb(1)  # any call hands them on
    assert len(records) == 1001, len(records)
    assert records[-1] == (c.KMA_LOG_WARNING, "9000 log records came faster than they were read and are lost")


# ---- where reports go by default ----

FROZEN = """
import ctypes, io, sys, threading
import scenes
def hold(worker):
    ctypes.PyDLL(None).usleep(400000)
{before}
sim = scenes.box(2, stall_seconds=0.05{options})
sim.on_worker_begin(hold)
sim.initialize()
{after}
"""


def stderr_of(before="", options="", after="", **more):
    program = FROZEN.format(before=before, options=options, after=after)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env=environment, **more)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stderr.splitlines() if "an observer of worker begin" in line], done.stdout


def test_reports_go_to_stderr_unless_told_otherwise_and_only_once():
    lines, _ = stderr_of()
    assert lines and all(x.startswith("kerma: stall: ") for x in lines), lines
    assert stderr_of(options=", stall_descriptor=None")[0] == []  # so it is not the log that put them there, too
    lines, out = stderr_of(before="import logging; logging.basicConfig(stream=sys.stdout)")
    assert lines and "WARNING:kerma:kerma: stall: " in out  # a log that was asked for has them, too
    assert stderr_of(before="sys.stderr = io.StringIO()")[0]  # a notebook's, say
    assert stderr_of(before="sys.stderr = sys.__stderr__ = None; import os; os.close(2)")[0] == []


def test_a_descriptor_that_takes_nothing_stops_nobody():
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(write, True)  # full, and a write would wait for ever
    told = threading.Event()
    List(lambda record: told.set())
    for descriptor in (write, 12345):
        told.clear()
        with scenes.box(2, histories_end=lambda worker: told.wait(), stall_seconds=0.05, stall_descriptor=descriptor) as sim:
            assert sim.run(10).histories == 10


def test_no_lock_of_a_simulation_is_held_while_a_reader_runs():
    from kerma._native import _read_log

    sim = scenes.box(0)  # the calls that make its run manager are the first to find what waits
    made = []
    with scenes.crowded(threads=0) as other:
        c.kmp_log_set_reader(None)
        other.initialize()  # its warnings wait
    c.kmp_log_set_reader(lambda level, text: made.append(sim._run is not None))
    try:
        sim.on_history_end(lambda worker: None)
        sim.initialize()
    finally:
        c.kmp_log_set_reader(_read_log)
        sim.close()
    assert made and all(made)  # not from within, where the lock is held
