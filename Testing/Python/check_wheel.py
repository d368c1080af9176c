#!/usr/bin/env python3
"""Installs a wheel in a clean virtual environment and uses it where nothing else of kerma can be seen.

    check_wheel.py --wheel DIR --source DIR --hide DIR... [--release-gil 0|1] TEST...

--wheel   the folder with the wheel (77 if there is none: the test that should have made it says why)
--source  the checkout: its examples and the named tests of Testing/Python are copied
--hide    what must not be seen: the checkout, the build. Where mounting is allowed (to root, or in a user namespace) it
          is covered, and so are the system's own copies of the libraries in the wheel; otherwise it is only looked at
          where the loaded files come from

The import's time is printed, not judged.
"""
import argparse
import glob
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SKIPPED = 77

INSIDE = """
import os, sys
import kerma
import scenes

home = os.path.realpath(sys.prefix) + os.sep
assert os.path.realpath(kerma.__file__).startswith(home), kerma.__file__
with scenes.box(2) as sim:
    assert sim.run(1000).histories == 1000
with open("/proc/self/maps") as maps:
    loaded = {os.path.realpath(line.split()[-1]) for line in maps if "/" in line}
ours = sorted(os.path.basename(p) for p in loaded if p.startswith(home) and ".so" in p and "numpy" not in p)
others = [p for p in loaded for name in ("kerma", "libxrl", "libmd.", "libmd-") if name in os.path.basename(p)
          and not p.startswith(home)]
assert not others, others
print("loaded:", *ours)
assert any(name.startswith("libxrl") for name in ours) and "libkerma.so" in ours
"""


def fail(why):
    print("FAILED:", why)
    sys.exit(1)


def environment(folder):
    """Nothing of the caller's, and a library path with a libkerma.so that cannot be loaded."""
    kept = ("PATH", "LANG", "TMPDIR", "KERMA_TEST_SLOWNESS")
    return {**{k: os.environ[k] for k in kept if k in os.environ}, "HOME": folder, "PYTHONDONTWRITEBYTECODE": "1",
            "LD_LIBRARY_PATH": os.path.join(folder, "decoy")}


def install(options, folder):
    wheels = glob.glob(os.path.join(options.wheel, "kerma-*.whl"))
    if not wheels:
        print(f"skipped: no wheel in {options.wheel}; the test that should have made it says why")
        sys.exit(SKIPPED)
    venv = os.path.join(folder, "venv")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    python = os.path.join(venv, "bin", "python")
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    if subprocess.run([python, "-m", "pip", "-q", "install", *wheels], env=clean, stdin=subprocess.DEVNULL).returncode:
        print("skipped: the wheel, or NumPy which it needs, could not be installed (see above)")
        sys.exit(SKIPPED)
    return python


def copy(options, folder):
    work = os.path.join(folder, "work")
    os.makedirs(work)
    os.makedirs(os.path.join(folder, "decoy"))
    with open(os.path.join(folder, "decoy", "libkerma.so"), "w"):
        pass
    tests = os.path.join(options.source, "Testing", "Python")
    for name in "harness.py", "scenes.py", *(f"test_{t}.py" for t in options.tests):
        shutil.copy(os.path.join(tests, name), work)
    shutil.copy(os.path.join(options.source, "Examples", "water_box.json"), work)
    for example in glob.glob(os.path.join(options.source, "Examples", "python", "*.py")):
        shutil.copy(example, work)
    return work


def system_copies(python):
    """Where this system has the libraries that the wheel carries."""
    packages = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()
    names = {os.path.basename(p).split("-")[0] for p in glob.glob(os.path.join(packages, "kerma.libs", "*.so*"))}
    if not names:
        fail("the wheel carries no libraries")
    known = subprocess.run(["/sbin/ldconfig", "-p"], stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return [line.split("=> ")[1] for line in known if "=> " in line and line.split(".so")[0].strip() in names]


def hidden(options, python):
    """A command's beginning with which the rest of it sees nothing of what is to be hidden."""
    script = ["set -e"]
    script += [f"mount -t tmpfs none '{p}'" for p in options.hide]
    script += [f"mount --bind /dev/null '{p}'" for p in system_copies(python)]
    script += ['exec "$@"']
    for unshare in ["unshare", "-m"], ["unshare", "-r", "-m"]:
        prefix = [*unshare, "sh", "-c", "\n".join(script), "sh"]
        try:
            if not subprocess.run([*prefix, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
                return prefix
        except OSError:
            pass
    print("the build tree is not hidden: mounting is not allowed here")
    return []


def import_time(command, python, **more):
    """(elapsed, the processor's), s: medians of 7 starts beyond those of a bare Python."""

    def start(code):
        used, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([*command, python, "-c", code], check=True, **more)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter() - begun, ended.ru_utime + ended.ru_stime - used.ru_utime - used.ru_stime

    bare, ours = ([statistics.median(t) for t in zip(*(start(code) for _ in range(7)))]
                  for code in ("pass", "import kerma"))
    return ours[0] - bare[0], ours[1] - bare[1]


def check(options, folder):
    python = install(options, folder)
    work = copy(options, folder)
    command = hidden(options, python)
    more = {"cwd": work, "env": environment(folder)}
    more["env"]["KERMA_TEST_RELEASE_GIL"] = str(options.release_gil)

    def run(*arguments, **also):
        said = ("..." if "\n" in a else os.path.basename(a) if a.startswith("/") else a for a in arguments)
        print("$", *said, flush=True)
        done = subprocess.run([*command, *arguments], **more, **also)
        if done.returncode not in (0, SKIPPED):
            fail(f"it ended with {done.returncode}")

    for path in options.hide if command else ():
        if subprocess.run([*command, "sh", "-c", '[ -z "$(ls -A "$1")" ]', "sh", path]).returncode:
            fail(f"{path} can be seen")
    run(python, "-c", INSIDE)
    kerma = os.path.join(os.path.dirname(python), "kerma")
    run(kerma, "--version")
    run(kerma, "doctor")
    run(kerma, "run", "water_box.json", "--histories", "20000", "--out", "results", stdout=subprocess.DEVNULL)
    run(python, "-m", "kerma", "info", "water_box.json", stdout=subprocess.DEVNULL)
    first = os.path.join(work, "first.py")
    if os.path.exists(first):
        run(python, first)
    for test in options.tests:
        run(python, "harness.py", f"test_{test}.py")
    del more["env"]["PYTHONDONTWRITEBYTECODE"]
    elapsed, processor = import_time(command, python, **more)
    print(f"import kerma takes {elapsed:.3f} s, {processor:.3f} s of them on a processor")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheel", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--hide", action="append", default=[])
    parser.add_argument("--release-gil", type=int, default=1)
    parser.add_argument("tests", nargs="*")
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        check(parser.parse_args(), os.path.realpath(scratch))
