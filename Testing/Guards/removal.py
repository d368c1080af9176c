"""Removing guards one by one from a copy of the sources: what remove_guards.py and remove_python_guards.py have in common."""
import contextlib
import dataclasses
import pathlib
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Guard:
    name: str     # what is removed
    promise: str  # what it holds
    file: str
    old: str      # occurs exactly once in the file, and is replaced ...
    new: str      # ... by this
    tests: str    # of which at least one must notice, apart by spaces


def call(*command, **more):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def must(*command):
    done = call(*command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")


def text_of(guard, root):
    """The text of the guard's file, with the guard where it belongs."""
    text = (root / guard.file).read_text()
    count = text.count(guard.old)
    if count != 1:
        sys.exit(f"the guard '{guard.name}' is {count} times in {guard.file}, once is wanted")
    return text


@contextlib.contextmanager
def removed(guard, root):
    text = text_of(guard, root)
    path = root / guard.file
    try:
        path.write_text(text.replace(guard.old, guard.new))
        yield
    finally:
        path.write_text(text)


def main(usage, guards, configure, build, run):
    """
    The program: its status.

    configure(guard, root, scratch) makes what is needed to build for a guard; build(guard, made) builds;
    run(test, guard, made, root) is None, or how the test failed.
    """
    if sys.argv[1:] == ["--check"]:
        for guard in guards:
            text_of(guard, SOURCE)
        print(f"{len(guards)} guards are in their places")
        return 0
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(usage)
    scratch, words = pathlib.Path(sys.argv[1]).absolute(), sys.argv[2:]
    root = scratch / "source"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns(".git", "build"))
    missed = 0
    for guard in guards:
        if words and not any(word in guard.name for word in words):
            continue
        made = configure(guard, root, scratch)
        begun = time.monotonic()
        with removed(guard, root):
            build(guard, made)
            noticed = next(filter(None, (run(test, guard, made, root) for test in guard.tests.split())), None)
        missed += noticed is None
        print(f"| {guard.name} | {guard.promise} | {noticed or 'NOTHING NOTICED'} |", flush=True)
        print(f"{time.monotonic() - begun:6.0f} s", file=sys.stderr)
    return 1 if missed else 0
