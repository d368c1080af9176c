#!/usr/bin/env python3
"""Removes the guards of the Python binding one by one and shows which test notices.

    remove_python_guards.py SCRATCH [NAME ...]   all guards, or those whose name contains one of the words
    remove_python_guards.py --check              every guard is where guards_python.py says (no build)

Copies the sources to SCRATCH, builds the library and the module once, and for each guard: removes it, builds the module,
runs the tests that must notice with this Python, puts it back. A guard is held if at least one of its tests fails, crashes
or does not end within its time. Ends with 1 if some guard could be removed without any test noticing. Takes some minutes;
NumPy is needed.
"""
import functools
import os
import re
import sys

from guards_python import GUARDS
from removal import call, main, must


def configure(guard, root, scratch):
    """The folder of the module's build."""
    return configured(guard.release_gil, root, scratch)


@functools.cache
def configured(release_gil, root, scratch):
    library, build = scratch / "library", scratch / f"module-{release_gil}"
    must("cmake", "-S", root, "-B", library, "-G", "Ninja", "-DKERMA_BUILD_PYTHON=OFF")
    must("ninja", "-C", library, "kerma")
    must("cmake", "-S", root / "Wrapping", "-B", build, "-G", "Ninja", f"-Dkerma_DIR={library}/cmake",
         f"-DPython_EXECUTABLE={sys.executable}", f"-DRELEASE_GIL={release_gil}")
    return build


def make(guard, build):
    must("ninja", "-C", build)


def run(test, guard, build, root):
    """None, or how the test failed."""
    environment = {**os.environ, "PYTHONPATH": str(build / "python"), "PYTHONDONTWRITEBYTECODE": "1",
                   "KERMA_TEST_RELEASE_GIL": str(int(guard.release_gil == "ON")),
                   "KERMA_TEST_WRAPPER": str(build / "kerma_wrap.c")}
    tests = root / "Testing/Python"
    file, _, pattern = test.partition(":")
    how = None
    if test == "gil_list":
        done = call(sys.executable, tests / "check_gil_list.py", "--wrapper", build / "kerma_wrap.c", "--release-gil",
                    guard.release_gil, "--source", root)
        if done.returncode != 0:
            how = done.stdout.strip().splitlines()[0].split(": if ")[0]
    else:
        done = call(sys.executable, tests / "harness.py", tests / f"test_{file}.py", pattern or "*", env=environment)
        if done.returncode != 0:
            how = what_failed(done.stdout)
        elif not re.search(r"^ok ", done.stdout, re.M):
            sys.exit(f"no test is called {test}")
    return how and f"`python_{file}`: {how}"


def what_failed(output):
    failed = re.search(r"^FAILED  (test_\w+).*?\([\d.]+ s\): (.*)", output, re.M)
    if failed is None:
        return f"fails: {output.strip().splitlines()[-1]}"
    how = "does not end" if failed[2].startswith("frozen") else "crashes" if failed[2].startswith("killed") else "fails"
    return f"{failed[1][5:].replace('_', ' ')}: {how}"


if __name__ == "__main__":
    sys.exit(main(__doc__, GUARDS, configure, make, run))
