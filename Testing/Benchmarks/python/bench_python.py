#!/usr/bin/env python3
"""What the Python package costs: callbacks, records, import, threads, calls.

    PYTHONPATH=BUILD/python bench_python.py [--rounds N] [--pybind11 DIR] [SECTION ...]

Sections: callbacks records import simulations arrays calls; default all. Run by hand, it never decides whether a test
passes. Each section measures its rows in turn, in rounds, and prints medians, so that rows and ratios of one section come
from the same minutes: on a busy machine look at the ratios and at processor time, which other processes lengthen less.

--pybind11 names the include directory of pybind11 (default: what `python -m pybind11 --includes` says). The baseline, a
Python function called from std::thread under gil_scoped_acquire, is then built with c++ and measured between kerma's rows;
without pybind11 it is left out.
"""
import argparse
import importlib
import pathlib
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time

import kerma
from kerma.units import keV

HERE = pathlib.Path(__file__).resolve().parent


def nothing(*arguments):
    """The observer that does nothing."""


def water(threads, seed=1):
    """A beam 390 mm wide into water of 390 x 390 x 200 mm: nearly seven steps a history."""
    world = kerma.Volume("world", kerma.Box((1000, 1000, 4200)), kerma.Material("Air, Dry (near sea level)"))
    phantom = world.place(kerma.Volume("phantom", kerma.Box((390, 390, 200)), kerma.Material("Water, Liquid")), (0, 0, 100))
    sim = kerma.Simulation(world, threads=threads, seed=seed)
    sim.add_source(kerma.PointSource(56.4 * keV, (0, 0, -1800), field=(390, 390), field_distance=1800))
    sim.add_scorer(kerma.VolumeScorer("phantom", phantom))
    return sim


def timed(call):
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def timed_twice(call):
    """Seconds on the clock, and of processor time in all threads."""
    begin = time.process_time()
    seconds = timed(call)
    return seconds, time.process_time() - begin


def in_rounds(rows, rounds):
    """{name: [what was measured in each round]} of {name: function that measures}."""
    measured = {name: [] for name in rows}
    for _ in range(rounds):
        for name, measure in rows.items():
            measured[name].append(measure())
    return measured


def each_costs(rounds, none, count):
    """ns of processor time for one of `count` calls or records: the median of the rounds' differences."""
    return 1e9 * statistics.median((a[1] - b[1]) / count for a, b in zip(rounds, none))


def table(title, heads, lines):
    print(f"\n{title}\n")
    widths = [max(len(str(row[i])) for row in [heads, *lines]) for i in range(len(heads))]
    for row in [heads, ["-" * w for w in widths], *lines]:
        print("| " + " | ".join(str(x).ljust(w) for x, w in zip(row, widths)) + " |")
    sys.stdout.flush()


def one_run(threads, histories, observe):
    """The times of one run; the workers have met Python before."""
    with water(threads) as sim:
        observe(sim)
        sim.run(100)
        return timed_twice(lambda: sim.run(histories))


def count_calls(histories):
    """Steps of a run of the histories that are timed."""
    steps = [0]

    def count(records):
        steps[0] += len(records)

    with water(0) as sim:
        sim.run(100)
        before = sim.snapshot().histories
    with water(2) as sim:
        sim.on_block(count)
        sim.run(before)
        steps[0] = 0
        sim.run(histories)
    return steps[0]


# ---- callbacks -------------------------------------------------------------


def build_baseline(include, directory):
    """The module of baseline.cpp, or None without pybind11."""
    if include is None:
        done = subprocess.run([sys.executable, "-m", "pybind11", "--includes"], capture_output=True, text=True)
        if done.returncode != 0:
            print("no pybind11 for this Python: no baseline (pip install pybind11)")
            return None
        flags = done.stdout.split()
    else:
        flags = [f"-I{include}", f"-I{sysconfig.get_path('include')}"]
    out = pathlib.Path(directory, "kerma_bench_baseline" + sysconfig.get_config_var("EXT_SUFFIX"))
    subprocess.run(["c++", "-O3", "-DNDEBUG", "-std=c++17", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread", *flags,
                    str(HERE / "baseline.cpp"), "-o", str(out)], check=True)
    sys.path.insert(0, str(directory))
    return importlib.import_module("kerma_bench_baseline")


def callbacks(rounds, include):
    histories, calls = 100_000, 50_000
    steps = count_calls(histories)
    rows, count = {}, {}

    def add(name, n, measure):
        rows[name], count[name] = measure, n

    for threads, who in ((1, "1 worker"), (2, "2 workers"), (0, "serial")):
        add(f"no observer, {who}", 0, lambda t=threads: one_run(t, histories, lambda sim: None))
        add(f"on_step, {who}", steps, lambda t=threads: one_run(t, histories, lambda sim: sim.on_step(nothing)))
        add(f"on_history_end, {who}", histories,
            lambda t=threads: one_run(t, histories, lambda sim: sim.on_history_end(nothing)))
    with tempfile.TemporaryDirectory() as directory:
        baseline = build_baseline(include, directory)
        if baseline is not None:
            a, b = object(), object()
            for threads, who in ((1, "1 thread"), (2, "2 threads")):
                add(f"pybind11, arguments ready, {who}", calls * threads,
                    lambda t=threads: timed_twice(lambda: baseline.ready(nothing, a, b, calls, t)))
                add(f"pybind11, arguments wrapped, {who}", calls * threads,
                    lambda t=threads: timed_twice(lambda: baseline.wrapped(nothing, calls, t)))
        measured = in_rounds(rows, rounds)

    def line(name):
        rate = count[name] / statistics.median(wall for wall, _ in measured[name])
        if "pybind11" in name:
            cost, ratio = statistics.median(1e9 * cpu / count[name] for _, cpu in measured[name]), ""
        else:
            cost, ratio = each_costs(measured[name], measured["no observer, " + name.split(", ")[1]], count[name]), ""
            if baseline is not None:
                reference = "pybind11, arguments ready, " + ("2 threads" if "2 workers" in name else "1 thread")
                ratio = statistics.median(count[name] / a[0] / (count[reference] / b[0])
                                          for a, b in zip(measured[name], measured[reference]))
                ratio = f"{ratio:.1f}"
        return [name, f"{rate:.3g}", ratio, f"{cost:.0f}"]

    table(f"callbacks: {histories} histories, {steps} steps; the observer does nothing",
          ["row", "calls/s, transport included", "times pybind11, ready", "ns of processor time a call, transport taken off"],
          [line(name) for name in rows if count[name]])


# ---- records ---------------------------------------------------------------


def records(rounds, include):
    histories = 300_000
    steps = count_calls(histories)
    rows, count = {}, {}
    for threads, who in ((1, "1 worker"), (2, "2 workers"), (0, "serial")):
        rows[f"none, {who}"] = lambda t=threads: one_run(t, histories, lambda sim: None)
        name = f"step blocks, {who}"
        rows[name], count[name] = (lambda t=threads: one_run(t, histories, lambda sim: sim.on_block(nothing))), steps
        name = f"history blocks, {who}"
        rows[name] = lambda t=threads: one_run(
            t, histories, lambda sim: sim.on_block(nothing, scores=["phantom"]))
        count[name] = scored(histories)
    measured = in_rounds(rows, rounds)
    lines = []
    for name in count:
        none = measured["none, " + name.split(", ")[1]]
        relative = statistics.median(a[0] / b[0] for a, b in zip(none, measured[name]))
        rate = count[name] / statistics.median(wall for wall, _ in measured[name])
        lines.append([name, f"{rate:.3g}", f"{relative:.2f}", f"{each_costs(measured[name], none, count[name]):.0f}"])
    table(f"records: {histories} histories, {steps} steps; the observer does nothing",
          ["row", "records/s, transport included", "histories/s of none's", "ns of processor time a record"], lines)


def scored(histories):
    n = [0]

    def count(array):
        n[0] += len(array)

    with water(2) as sim:
        sim.on_block(count, scores=["phantom"])
        sim.run(100)
        n[0] = 0
        sim.run(histories)
    return n[0]


# ---- import ----------------------------------------------------------------


def start(code):
    return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def import_time(rounds, include):
    seconds = in_rounds({"python": lambda: start("pass"), "import kerma": lambda: start("import kerma"),
                         "import numpy": lambda: start("import numpy")}, max(rounds, 11))
    bare = statistics.median(seconds["python"])
    table("start of a process, ms", ["row", "median", "less the bare one"],
          [[name, f"{1e3 * statistics.median(s):.0f}", f"{1e3 * (statistics.median(s) - bare):.0f}"]
           for name, s in seconds.items()])


# ---- threads of the user ---------------------------------------------------


def together(functions):
    threads = [threading.Thread(target=f) for f in functions]

    def all_of_them():
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    return timed(all_of_them)


def simulations(rounds, include):
    histories = 1_000_000

    def some(n, threads, observe):
        sims = [water(threads, seed=i + 1) for i in range(n)]
        for sim in sims:
            observe(sim)
            sim.run(100)
        seconds = together([lambda sim=sim: sim.run(histories) for sim in sims])
        for sim in sims:
            sim.close()
        return seconds

    lines = []
    for threads, who in ((0, "serial"), (1, "1 worker")):
        seconds = in_rounds({n: lambda n=n: some(n, threads, lambda sim: None) for n in (1, 2)}, rounds)
        ratio = statistics.median(2 * a / b for a, b in zip(seconds[1], seconds[2]))
        lines.append([who, f"{histories / statistics.median(seconds[1]):.3g}",
                      f"{2 * histories / statistics.median(seconds[2]):.3g}", f"{ratio:.2f}"])
    table("simulations in Python threads of their own: histories/s", ["each", "one", "two at once", "times one"], lines)


def sphere(n):
    """(vertices, triangles) of a sphere of radius 50 mm with 4 n (n - 1) facets."""
    import numpy as np

    theta, phi = np.meshgrid(np.linspace(0, np.pi, n + 1)[1:-1], np.arange(2 * n) * np.pi / n, indexing="ij")
    ring = 50 * np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1).reshape(-1, 3)
    vertices = np.vstack([ring, [[0, 0, 50], [0, 0, -50]]])
    north, south, m = len(ring), len(ring) + 1, 2 * n
    triangles = []
    for j in range(m):
        k = (j + 1) % m
        triangles.append((north, j, k))
        triangles.append((south, (n - 2) * m + k, (n - 2) * m + j))
        for i in range(n - 2):
            a, b, c, d = i * m + j, i * m + k, (i + 1) * m + j, (i + 1) * m + k
            triangles += [(a, c, b), (b, c, d)]
    return vertices, triangles


def arrays(rounds, include):
    import numpy as np

    mesh = kerma.Mesh(*sphere(70))
    solid = kerma.Tessellated(mesh)
    random = np.random.default_rng(1)
    n = 1_000_000
    points = random.uniform(-100, 100, (n, 3))
    directions = random.normal(size=(n, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    seconds = in_rounds({t: lambda t=t: timed(lambda: solid.distance_to_in(points, directions, threads=t)) for t in (1, 2)},
                        rounds)
    ratio = statistics.median(a / b for a, b in zip(seconds[1], seconds[2]))
    table(f"distance_to_in of a mesh of {len(mesh)} facets: rays/s", ["1 thread", "2 threads", "times one"],
          [[*(f"{n / statistics.median(seconds[t]):.3g}" for t in (1, 2)), f"{ratio:.2f}"]])


# ---- one call --------------------------------------------------------------


def calls(rounds, include):
    import numpy as np

    c = kerma._native.c
    class Ready:
        """An array whose description is made already, so that NumPy's part is not measured."""

        def __init__(self, array):
            self.array = array
            self.__array_interface__ = array.__array_interface__

    solid = kerma.Box((10, 10, 10))
    handle = solid._c
    one = (np.zeros((1, 3)), np.zeros(1, np.uint8))
    ready = tuple(Ready(a) for a in one)
    loops = 100_000

    def loop(f, *arguments):
        def measure():
            times = range(loops)
            begin = time.perf_counter()
            for _ in times:
                f(*arguments)
            return time.perf_counter() - begin

        return measure

    seconds = in_rounds({
        "a Python function": loop(nothing, handle),
        "a getter, GIL held (kma_solid_get_volume)": loop(c.kma_solid_get_volume, handle),
        "a query of one point, GIL released if ON (kma_solid_is_inside)": loop(c.kma_solid_is_inside, handle, ready),
        "the same with NumPy's arrays": loop(c.kma_solid_is_inside, handle, one),
        "kerma.Box.volume": loop(lambda: solid.volume),
        "a box made and dropped (kerma.Box)": loop(lambda: kerma.Box((1, 1, 1))),
    }, rounds)
    table("one call, ns", ["call", "median"],
          [[name, f"{1e9 * statistics.median(s) / loops:.0f}"] for name, s in seconds.items()])


SECTIONS = {"callbacks": callbacks, "records": records, "import": import_time, "simulations": simulations,
            "arrays": arrays, "calls": calls}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pybind11", metavar="DIR")
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}: {' '.join(SECTIONS)}")
    print(f"kerma {kerma.__version__}, Python {platform.python_version()}, {options.rounds} rounds")
    for name in options.sections or SECTIONS:
        SECTIONS[name](options.rounds, options.pybind11)


if __name__ == "__main__":
    main()
