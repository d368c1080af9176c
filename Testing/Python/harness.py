#!/usr/bin/env python3
"""Runs the tests of a file, each in a process of its own with a time limit: a freeze is a failure, and so is a crash.

    harness.py FILE [PATTERN]      tests are the file's functions test_*; a pattern such as 'test_exit*' picks some

A test passes if its function returns and then, after a collection, no object of kerma is alive and no worker keeps a
thread state. Decorators say more:

    @limit(60)                     seconds; default 30. Five times as much under a sanitizer (KERMA_TEST_SLOWNESS)
    @each(threads=[0, 1, 4])       once for each value (or combination of values), given as keyword arguments
    @all_in_one(threads=[0, 1, 4]) the same, one after the other in one process
    @status(3)                     the process ends by itself with this status, in or after the function; nothing is
                                   looked for afterwards
    @leaves_objects                what lives at the end is not looked at
    raise Skip("why")              what the test needs is not here
    size(200)                      so many repetitions; fewer (KERMA_TEST_SIZE) where a test is only repeated: on further
                                   Pythons, under sanitizers
    SANITIZED                      memory that was freed is kept for a while, and all is slow
    raised(E, call, ...)           the exception of this class, or these, that the call raises; a failure if it does not
    refusal(call, E, ...)          its text

Exit status: 0, 1 if a test failed, 77 if all were skipped.
"""
import collections
import fnmatch
import importlib.util
import itertools
import os
import re
import signal
import subprocess
import sys
import time

SKIPPED = 77
SLOWNESS = float(os.environ.get("KERMA_TEST_SLOWNESS", "1"))
SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")
SIZE = float(os.environ.get("KERMA_TEST_SIZE", "1"))


class Skip(Exception):
    pass


def size(n):
    return max(1, round(n * SIZE))


def raised(classes, call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except classes as e:
        return e
    raise AssertionError(f"nothing was raised: {classes} expected")


def refusal(call, *classes):
    return str(raised(classes, call))


def limit(seconds):
    def mark(function):
        function.limit = seconds
        return function

    return mark


def each(**values):
    def mark(function):
        function.each = {**getattr(function, "each", {}), **values}
        return function

    return mark


def combinations(values):
    """Of one value for each name, as keyword arguments."""
    return [dict(zip(values, combination)) for combination in itertools.product(*values.values())]


def all_in_one(**values):
    """As `each`, but one after the other in one process: for tests that are run in many configurations."""

    def mark(function):
        def run():
            for arguments in combinations(values):
                try:
                    function(**arguments)
                except Exception:
                    print(f"with {arguments}:", flush=True)
                    raise

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        return run

    return mark


def status(code):
    def mark(function):
        function.status = code
        return function

    return mark


def leaves_objects(function):
    function.leaves_objects = True
    return function


def load(path):
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # spawned processes import it by name
    spec.loader.exec_module(module)
    return module


def variants(module):
    """(name, function, keyword arguments), in the order of the file."""
    for name, function in vars(module).items():
        if not name.startswith("test_") or not callable(function):
            continue
        for arguments in combinations(getattr(function, "each", {})):
            label = ",".join(f"{k}={v}" for k, v in arguments.items())
            yield f"{name}[{label}]" if label else name, function, arguments


def live_objects():
    """{kind: number} of kerma's objects that are alive, once those on their way out are gone (or did not go in 5 s)."""
    import gc

    from kerma._native import c

    kinds = [k for k in dir(c) if k.startswith("KMA_KIND_") and k != "KMA_KIND_END"]
    end = time.monotonic() + 5 * SLOWNESS
    while True:
        gc.collect()
        alive = {k: c.kma_live_objects(getattr(c, k)) for k in kinds}
        alive = {k: n for k, n in alive.items() if n}
        states = c.kmp_kept_thread_states()
        if states:
            alive["thread states kept"] = states
        if not alive or time.monotonic() > end:
            return alive
        time.sleep(0.01)


def time_limit(function):
    return getattr(function, "limit", 30) * SLOWNESS


def child(path, wanted):
    import faulthandler

    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started with it ignored
    module = load(path)
    name, function, arguments = next(v for v in variants(module) if v[0] == wanted)
    faulthandler.dump_traceback_later(0.9 * time_limit(function))
    try:
        function(**arguments)
    except Skip as why:
        print(why, flush=True)
        sys.exit(SKIPPED)
    if hasattr(function, "status"):
        return
    if not getattr(function, "leaves_objects", False):
        del function, arguments
        alive = live_objects()
        if alive:
            print(f"alive at the end: {alive}", flush=True)
            sys.exit(1)
    faulthandler.cancel_dump_traceback_later()


def how_it_ended(code, wanted):
    if code == wanted:
        return ""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"ended with {code}" + (f" instead of {wanted}" if wanted else "")


def run(path, name, function):
    """'' if it passed, 'skipped: why', or what was wrong."""
    seconds = time_limit(function)
    command = [sys.executable, "-X", "dev" if os.environ.get("KERMA_TEST_DEV") else "faulthandler", __file__, "--child"]
    process = subprocess.Popen(command + [path, name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
        fault = how_it_ended(process.returncode, getattr(function, "status", 0))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        fault = f"frozen: not ended after {seconds:g} s"
    text = output.decode(errors="replace")
    if process.returncode == SKIPPED:
        return "skipped: " + text.strip().rsplit("\n", 1)[-1]
    if fault:
        return fault + "\n" + re.sub("^", "    ", text.rstrip()[-6000:], flags=re.M)
    return ""


def main(arguments):
    if arguments and arguments[0] == "--child":
        return child(*arguments[1:])
    if not arguments:
        print(__doc__)
        return 2
    path = arguments[0]
    patterns = arguments[1:] or ["*"]
    module = load(path)
    ends = collections.Counter()
    for name, function, _ in variants(module):
        if not any(fnmatch.fnmatchcase(name, p) or fnmatch.fnmatchcase(name.split("[")[0], p) for p in patterns):
            continue
        begun = time.monotonic()
        fault = run(path, name, function)
        taken = time.monotonic() - begun
        end = "ok" if not fault else "skip" if fault.startswith("skipped") else "FAILED"
        ends[end] += 1
        print(f"{end:7} {name} ({taken:.1f} s)" + (f": {fault}" if fault else ""), flush=True)
    print(f"{ends['ok']} passed, {ends['FAILED']} failed, {ends['skip']} skipped")
    if ends["FAILED"] or not ends:  # no test of such a name is a mistake
        return 1
    return 0 if ends["ok"] else SKIPPED


if __name__ == "__main__":
    # The tests import this file by its name: they must meet the same classes.
    sys.modules["harness"] = sys.modules["__main__"]
    sys.exit(main(sys.argv[1:]))
