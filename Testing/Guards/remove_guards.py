#!/usr/bin/env python3
"""Removes kerma's guards one by one and shows which test notices.

    remove_guards.py SCRATCH [NAME ...]   all guards, or those whose name contains one of the words
    remove_guards.py --check              every guard is where guards.py says (no build)

Copies the sources to SCRATCH, builds them whole once, and for each guard: removes it, builds the tests that must notice,
runs them, puts it back. A guard is held if at least one of its tests fails or does not end within its time. Ends with
1 if some guard could be removed without any test noticing. Takes some minutes.
"""
import pathlib
import shutil
import subprocess
import sys
import time

from guards import GUARDS

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 60  # s; a test that does not end is a freeze


def place(guard, root):
    """The file's text, or a fault."""
    text = (root / guard.file).read_text()
    count = text.count(guard.old)
    if count != 1:
        sys.exit(f"guards.py: '{guard.name}' is {count} times in {guard.file}, once is wanted")
    return text


def configure(root, build, sanitize):
    options = ["-DKERMA_BUILD_TESTS=ON"]
    if sanitize:
        options += ["-DCMAKE_BUILD_TYPE=Sanitize", f"-DKERMA_SANITIZE={sanitize}"]
    subprocess.run(["cmake", "-S", root, "-B", build, "-G", "Ninja", *options], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def build_tests(build, tests):
    done = subprocess.run(["ninja", "-C", build, *tests], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"the build of {' '.join(tests)} failed:\n{done.stdout[-3000:]}")


def run(build, test):
    """None, or how the test failed."""
    call = ["ctest", "--test-dir", build, "-R", f"^{test}$", "--timeout", str(LIMIT), "--output-on-failure"]
    done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0 and "100% tests passed" in done.stdout:
        return None
    if "***Timeout" in done.stdout:
        return "does not end"
    for line in done.stdout.splitlines():
        if ("FAILED  ]" in line or "[  ERROR   ] " in line) and "test(s)" not in line and "---" not in line:
            return line.split("]", 1)[1].strip()
        if "WARNING: ThreadSanitizer" in line or "ERROR: AddressSanitizer" in line:
            return line.split(":", 1)[1].strip()
    return "crashes" if "Exception" in done.stdout or "SEGFAULT" in done.stdout or "Subprocess aborted" in done.stdout else "fails"


def try_guard(guard, root, build):
    """What noticed."""
    text = place(guard, root)
    path = root / guard.file
    tests = guard.tests.split()
    try:
        path.write_text(text.replace(guard.old, guard.new))
        build_tests(build, tests)
        for test in tests:
            how = run(build, test)
            if how is not None:
                return f"{test}: {how}"
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
    scratch, words = pathlib.Path(sys.argv[1]), sys.argv[2:]
    root = scratch / "source"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns(".git", "build"))
    missed = 0
    for guard in GUARDS:
        if words and not any(word in guard.name for word in words):
            continue
        build = scratch / ("build-" + (guard.sanitize or "plain"))
        configure(root, build, guard.sanitize)
        begun = time.monotonic()
        noticed = try_guard(guard, root, build)
        missed += noticed is None
        print(f"| {guard.name} | {guard.promise} | {noticed or 'NOTHING NOTICED'} |", flush=True)
        print(f"{time.monotonic() - begun:6.0f} s", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
