"""Row f: the interpreter's end with a run in flight. Every program below ends as the user wants it to, many times over.

KERMA_TEST_EXITS says how often the three most common ones are run (10; fewer under sanitizers); each of the others a
third as often.
"""
import concurrent.futures
import os
import subprocess
import sys

from harness import SLOWNESS, Skip, each, limit, size

import cases

TIMES = int(os.environ.get("KERMA_TEST_EXITS", size(10)))

BEGIN = """
import atexit, gc, os, sys, threading, time
threads = int(sys.argv[1])
sim = None

def at_the_end():
    # Registered before kerma is imported, so it runs behind kerma's own: all runs have been ended by then.
    from kerma._native import c
    if sim is not None and sim._run is not None:
        progress = c.kma_run_manager_progress(sim._run)
        assert progress["state"] == c.KMA_RUN_CLOSED, progress
        assert 0 < progress["histories"] < progress["target"], progress
    if sim is not None and not sim.closed:
        try:
            sim.run(1)
        except kerma.ClosedError:
            pass
        else:
            os._exit(77)
    os.write(1, b"ENDED BY THE HOOK\\n")

atexit.register(at_the_end)
import numpy as np
import kerma, scenes
begun = threading.Event()
many = 10**12

def make(fn=lambda worker: begun.set(), n=threads):
    return scenes.box(n, histories_end=fn, stall_seconds=0)

def under_way(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    begun.wait()
    return thread
"""

# name: (program, status)
PROGRAMS = {
    "sys_exit": ("sim = make(); sim.start(many); begun.wait(); sys.exit(3)", 3),
    "end": ("sim = make(); sim.start(many); begun.wait()", 0),
    "uncaught": ("sim = make(); sim.start(many); begun.wait(); raise ValueError('mine')", 1),
    "daemon": ("sim = make(); under_way(lambda: sim.run(many))", 0),
    "daemon_and_sys_exit": ("sim = make(); under_way(lambda: sim.run(many)); sys.exit(3)", 3),
    "daemon_progress": ("sim = make(); sim.on_progress(lambda p: None); under_way(lambda: sim.run(many))", 0),
    "non_daemon": ("""
local = make()
threading.Thread(target=lambda: local.run(2000)).start()
""", 0),
    "nested": ("""
outer = make()
def inner(worker):
    begun.set()
    with scenes.box(threads) as other:
        other.run(many)
sim = outer
other = make(inner)
under_way(lambda: other.run(many))
outer.start(many)
while outer.progress.histories == 0:
    time.sleep(0.001)
""", 0),
    "cycle": ("""
class App:
    def __init__(self):
        self.me = self
        self.sim = make(self.count)
    def count(self, worker):
        begun.set()
app = App()
sim = app.sim
app.sim.start(many)
begun.wait()
gc.disable()
""", 0),
    "atexit_after_import": ("""
sim = make()
def late():
    result = scenes.box(threads).run(100)
    assert result.histories == 100
    assert sim.progress.state == "running"
atexit.register(late)
sim.start(many)
begun.wait()
""", 0),
    "struck_by_a_signal": ("""
def strike(frame, event, argument):  # as a signal's handler may, wherever Python code of kerma's hook runs
    if frame.f_code.co_name == "kmp_shutdown":
        raise KeyboardInterrupt
sim = make()
under_way(lambda: sim.run(many))
sys.settrace(strike)
""", 0),
    "creating": ("""
def create():
    while True:
        other = scenes.box(threads)
        begun.set()
        other.run(10)
under_way(create)
""", 0),
    "creating_and_dropping_running": ("""
def create():
    while True:
        other = make()
        other.start(many)
under_way(create)
""", 0),
    "sleeping_observer": ("""
def slow(worker):
    begun.set()
    time.sleep(0.05)
sim = make(slow)
sim.start(many)
begun.wait()
while sim.progress.histories == 0:
    time.sleep(0.001)
""", 0),
    "blocks": ("""
sim = make()
sim.on_block(lambda records: begun.set(), block=64)
sim.start(many)
begun.wait()
""", 0),
    "query": ("""
points = np.random.default_rng(1).uniform(-20, 20, (300000, 3))
solid = kerma.Orb(10)
def ask():
    while True:
        begun.set()
        solid.distance_to_in(points, (0, 0, 1))
under_way(ask)
""", 0),
    "system_exit_in_observer": ("""
def leave(worker):
    if worker.history == 5:
        sys.exit(4)
other = make(leave)
other.run(many)
""", 4),
    "waiting_in_a_daemon_with_all_kinds": ("""
sim = make()
sim.set_user_initialization(lambda worker: [1], lambda data: data.clear())
for register in (sim.on_worker_begin, sim.on_worker_end, sim.on_run_begin, sim.on_run_end, sim.on_step):
    register(lambda *a: None)
sim.start(many)
under_way(sim.wait)
""", 0),
    "dropped": ("""
other = make()
other.start(many)
begun.wait()
del other
""", 0),
}
STARTED = {"sys_exit", "end", "uncaught", "cycle", "atexit_after_import", "sleeping_observer", "blocks"}


def once(program, threads):
    process = subprocess.run([sys.executable, "-X", "faulthandler", "-c", BEGIN + program, str(threads)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=25 * SLOWNESS,
                             env={**os.environ, "PYTHONPATH": os.pathsep.join([cases.HERE, os.environ["PYTHONPATH"]])})
    return process.returncode, process.stdout.decode(errors="replace")


@limit(300)
@each(name=PROGRAMS)
def test_f_the_process_ends_as_its_user_wants(name):
    program, status = PROGRAMS[name]
    if TIMES < 1:
        raise Skip("KERMA_TEST_EXITS is 0")
    # A serial run is made by wait() alone, so there is none in flight where nobody waits.
    threads = [2] if name in STARTED | {"dropped", "nested", "creating_and_dropping_running"} else [2, 0]
    times = TIMES if name in ("sys_exit", "uncaught", "daemon") else -(-TIMES // 3)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda i: once(program, threads[i % len(threads)]), range(times)))
    print(f"{name}: {len(ends)} processes, {sum(code == status for code, _ in ends)} ended with {status}")
    for code, output in ends:
        assert code == status, f"ended with {code}:\n{output}"
        assert output.count("ENDED BY THE HOOK") == 1, output
        assert "Exception in thread" not in output, output  # Python would abort if it met the closing of stderr
        assert ", in close" not in output, output  # whoever ends the interpreter closes: no with block hears of it
        assert "Assertion" not in output and "Fatal" not in output, output
        if name == "uncaught":
            assert "ValueError: mine" in output
