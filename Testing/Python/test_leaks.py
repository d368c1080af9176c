"""Nothing that kerma or its glue has allocated is lost: functions of other files run one after the other in one process,
and then the leak sanitizer looks for memory that nobody can reach any more. In builds with the address sanitizer only.

CPython and NumPy lose memory of their own, most of it when the interpreter ends: the look is taken before, and what
counts is what kerma or its glue has asked for, by the stack of the allocation (CPython has no frame pointers: the slow
unwinder is needed). What Python's collector knows of can always be reached; live_objects() and test_lifetime.py look
after that.
"""
import ctypes
import gc
import glob
import os
import re
import subprocess
import sys
import tempfile

import harness
from harness import SANITIZED, SLOWNESS, Skip, limit

HERE = os.path.dirname(os.path.abspath(__file__))


def what_was_lost(report):
    """The leaks of kerma and its glue in a report of the leak sanitizer; what Python code has asked for is not theirs."""
    parts = re.findall(r"^(?:Direct|Indirect) leak of .*(?:\n +#.*)*", report, re.M)
    native = {part: part.split(" _PyEval_EvalFrameDefault ")[0] for part in parts}
    return "\n".join(p for p in parts if re.search(r"\((.*/)?(lib|_)kerma[^/]*\)$", native[p], re.M))


def lose():
    import kerma

    text = kerma.Volume("a lost name", kerma.Orb(1), "Water, Liquid").name
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(text))


def child(options, files):
    os.environ["ASAN_OPTIONS"] = options  # of the processes that the functions start
    for file in files:
        if file == "lose":
            lose()
            continue
        for _, function, arguments in harness.variants(harness.load(os.path.join(HERE, f"test_{file}.py"))):
            if not hasattr(function, "status"):
                try:
                    function(**arguments)
                except Skip:
                    pass
    alive = harness.live_objects()
    assert not alive, alive
    gc.collect()
    ctypes.CDLL(None).__lsan_do_recoverable_leak_check()
    print("LOOKED", flush=True)
    os._exit(0)


def lost_after(*files):
    if not SANITIZED:
        raise Skip("the address sanitizer is needed")
    options = os.environ.get("ASAN_OPTIONS", "")
    for _ in range(5):
        with tempfile.TemporaryDirectory() as directory:
            more = ("detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=16:"
                    f"log_path={directory}/report:stack_trace_format='    #%n %f %S (%m)'")
            process = subprocess.run([sys.executable, __file__, options, *files], timeout=110 * SLOWNESS,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     env={**os.environ, "ASAN_OPTIONS": f"{options}:{more}", "KERMA_TEST_SIZE": "0.02"})
            said = process.stdout.decode(errors="replace")
            report = ""
            for file in glob.glob(directory + "/report.*"):
                with open(file, errors="replace") as f:
                    report += f.read()
        if process.returncode == 0 and said.endswith("LOOKED\n"):
            return what_was_lost(report)
        # Its own threads stumble at times over the memory of a thread that has just ended.
        if "LeakSanitizer has encountered a fatal error" not in report:
            break
    raise AssertionError(f"ended with {process.returncode}:\n{said}\n{report[:3000]}")


def test_what_the_glue_loses_is_seen():
    lost = lost_after("lose")
    assert lost.count(" leak of ") == 1 and "kmp_get_text" in lost, lost


@limit(120)
def test_nothing_is_lost():
    lost = lost_after("arguments", "structs", "first", "contract", "glue", "cases_errors")
    assert not lost, lost


if __name__ == "__main__":
    child(sys.argv[1], sys.argv[2:])
