#!/usr/bin/env python3
"""Removes kerma's guards one by one and shows which test notices.

    remove_guards.py SCRATCH [NAME ...]   all guards, or those whose name contains one of the words
    remove_guards.py --check              every guard is where guards.py says (no build)

Copies the sources to SCRATCH, builds them whole once, and for each guard: removes it, builds the tests that must notice,
runs them, puts it back. A guard is held if at least one of its tests fails or does not end within its time. Ends with
1 if some guard could be removed without any test noticing. Takes some minutes.
"""
import sys

import removal
from guards import GUARDS

LIMIT = 60  # s; a test that does not end is a freeze


def configure(guard, root, scratch):
    """The folder of the build."""
    build = scratch / ("build-" + (guard.sanitize or "plain"))
    options = ["-DKERMA_BUILD_TESTS=ON"]
    if guard.sanitize:
        options += ["-DCMAKE_BUILD_TYPE=Sanitize", f"-DKERMA_SANITIZE={guard.sanitize}"]
    removal.must("cmake", "-S", root, "-B", build, "-G", "Ninja", *options)
    return build


def make(guard, build):
    removal.must("ninja", "-C", build, *guard.tests.split())


def run(test, guard, build, root):
    """None, or how the test failed."""
    done = removal.call("ctest", "--test-dir", build, "-R", f"^{test}$", "--timeout", LIMIT, "--output-on-failure")
    if done.returncode == 0 and "100% tests passed" in done.stdout:
        return None
    if "***Timeout" in done.stdout:
        return f"`{test}`: does not end"
    for line in done.stdout.splitlines():
        if ("FAILED  ]" in line or "[  ERROR   ] " in line) and "test(s)" not in line and "---" not in line:
            return f"`{test}`: {line.split(']', 1)[1].strip()}"
        if "WARNING: ThreadSanitizer" in line or "ERROR: AddressSanitizer" in line:
            return f"`{test}`: {line.split(':', 1)[1].strip()}"
    crashed = any(word in done.stdout for word in ("Exception", "SEGFAULT", "Subprocess aborted"))
    return f"`{test}`: {'crashes' if crashed else 'fails'}"


if __name__ == "__main__":
    sys.exit(removal.main(__doc__, GUARDS, configure, make, run))
