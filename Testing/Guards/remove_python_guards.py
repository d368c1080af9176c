#!/usr/bin/env python3
"""Removes the guards of the Python binding one by one and shows which test notices.

    remove_python_guards.py SCRATCH [NAME ...]   all guards, or those whose name contains one of the words
    remove_python_guards.py --check              every guard is where guards_python.py says (no build)

Copies the sources to SCRATCH, builds the library and the module once, and for each guard: removes it, builds the module,
runs the tests that must notice with this Python, puts it back. A guard is held if at least one of its tests fails, crashes
or does not end within its time. Ends with 1 if some guard could be removed without any test noticing. Takes some minutes;
NumPy is needed.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from guards_python import GUARDS
from remove_guards import SOURCE, place


def call(*command, **more):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def must(*command):
    done = call(*command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")


def configure(root, scratch, release_gil):
    """The folder of a module's build."""
    library, build = scratch / "library", scratch / f"module-{release_gil}"
    if not (library / "build.ninja").exists():
        must("cmake", "-S", root, "-B", library, "-G", "Ninja", "-DKERMA_BUILD_PYTHON=OFF")
    must("ninja", "-C", library, "kerma")
    must("cmake", "-S", root / "Wrapping", "-B", build, "-G", "Ninja", f"-Dkerma_DIR={library}/cmake",
         f"-DPython_EXECUTABLE={sys.executable}", f"-DRELEASE_GIL={release_gil}")
    return build


def run(root, build, release_gil, test):
    """None, or how the test failed."""
    environment = {**os.environ, "PYTHONPATH": str(build / "python"), "PYTHONDONTWRITEBYTECODE": "1",
                   "KERMA_TEST_RELEASE_GIL": str(int(release_gil == "ON")), "KERMA_TEST_WRAPPER": str(build / "kerma_wrap.c")}
    tests = root / "Testing/Python"
    if test == "gil_list":
        done = call(sys.executable, tests / "check_gil_list.py", "--wrapper", build / "kerma_wrap.c", "--release-gil",
                    release_gil, "--source", root)
        return None if done.returncode == 0 else done.stdout.strip().splitlines()[0].split(": if ")[0]
    file, _, pattern = test.partition(":")
    done = call(sys.executable, tests / "harness.py", tests / f"test_{file}.py", pattern or "*", env=environment)
    if done.returncode == 0:
        if not re.search(r"^ok ", done.stdout, re.M):
            sys.exit(f"no test is called {test}")
        return None
    failed = re.search(r"^FAILED  (test_\w+).*?\([\d.]+ s\): (.*)", done.stdout, re.M)
    if failed is None:
        return f"fails: {done.stdout.strip().splitlines()[-1]}"
    how = failed[2]
    name = failed[1][5:].replace("_", " ")
    return f"{name}: " + ("does not end" if how.startswith("frozen") else
                          "crashes" if how.startswith("killed") else "fails")


def try_guard(guard, root, build):
    """What noticed."""
    text = place(guard, root)
    path = root / guard.file
    try:
        path.write_text(text.replace(guard.old, guard.new))
        must("ninja", "-C", build)
        for test in guard.tests.split():
            how = run(root, build, guard.release_gil, test)
            if how is not None:
                return f"`python_{test.partition(':')[0]}`: {how}"
    finally:
        path.write_text(text)
    return None


def main():
    if sys.argv[1:] == ["--check"]:
        for guard in GUARDS:
            place(guard, SOURCE)
        print(f"{len(GUARDS)} guards are in their places")
        return 0
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scratch, words = pathlib.Path(sys.argv[1]).absolute(), sys.argv[2:]
    root = scratch / "source"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns(".git", "build"))
    missed = 0
    builds = {}
    for guard in GUARDS:
        if words and not any(word in guard.name for word in words):
            continue
        if guard.release_gil not in builds:
            builds[guard.release_gil] = configure(root, scratch, guard.release_gil)
        begun = time.monotonic()
        noticed = try_guard(guard, root, builds[guard.release_gil])
        missed += noticed is None
        print(f"| {guard.name} | {guard.promise} | {noticed or 'NOTHING NOTICED'} |", flush=True)
        print(f"{time.monotonic() - begun:6.0f} s", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
