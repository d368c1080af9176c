#!/usr/bin/env python3
"""The Pythons that the package is tested with, and virtual environments for them.

    pythons.py find [PYTHON...]              prints version;path, a line each: of these, or of all that can be found, the
                                             latest of each minor version: pyenv's, /usr/bin, /usr/local/bin; 3.10 or
                                             later, with headers, with a GIL
    pythons.py provide DIR PYTHON PACKAGE... makes DIR, where `run` finds a Python that has the packages: PYTHON itself
                                             if it has them, or else a virtual environment; 77 if no index has them
    pythons.py build DIR [--needs FILE] COMMAND...
                                             configures DIR by this cmake command and builds it; 77 without FILE
    pythons.py run DIR [--or PYTHON] ...     becomes that Python with these arguments; without one, PYTHON, or 77

Packages are requirements as pip knows them ("swig>=4.5").
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

SKIPPED = 77
ABOUT = """
import json, os, sys, sysconfig
print(json.dumps([sys.version_info[:3], os.path.realpath(sys.executable), sys.implementation.name,
                  os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
                  bool(sysconfig.get_config_var("Py_GIL_DISABLED"))]))
"""
HAS = """
import importlib.metadata, sys
for name in sys.argv[1:]:
    importlib.metadata.version(name)
"""


def about(python):
    """[version, path, implementation, has headers, has no GIL], or None."""
    try:
        output = subprocess.run([python, "-I", "-c", ABOUT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                timeout=60)
        return json.loads(output.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def candidates():
    for folder in dict.fromkeys([os.environ.get("PYENV_ROOT") or "", os.path.expanduser("~/.pyenv")]):
        if folder:
            yield from sorted(glob.glob(os.path.join(folder, "versions", "*", "bin", "python3")))
    for folder in "/usr/bin", "/usr/local/bin":
        yield from sorted(p for p in glob.glob(folder + "/python3.*") if re.search(r"/python3\.\d+$", p))


def find(named):
    found = {}
    for python in named or candidates():
        told = about(python)
        if told is None:
            if named:
                sys.exit(f"{python} is no Python")
            continue
        version, path, implementation, headers, no_gil = told
        if tuple(version) >= (3, 10) and implementation == "cpython" and headers and not no_gil:
            found.setdefault(path, version)
        elif named:
            sys.exit(f"{python} is no CPython from 3.10 on with its headers and a GIL")
    seen = {}
    for path, version in sorted(found.items(), key=lambda item: item[1]):
        seen[tuple(version) if named else tuple(version[:2])] = version, path
    for version, path in seen.values():
        print(f"{'.'.join(map(str, version))};{path}")


def has(python, packages):
    names = [re.split(r"[<>=!\[ ]", p)[0] for p in packages]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return not subprocess.run([python, "-c", HAS, *names], **quiet).returncode


def provide(folder, python, *packages):
    wanted = {"of": python, "packages": packages}
    note = os.path.join(folder, "interpreter.json")
    try:
        with open(note) as f:
            known = json.load(f)
        if known["wanted"] == json.loads(json.dumps(wanted)) and has(known["python"], packages):
            return 0
    except (OSError, ValueError, KeyError):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    interpreter = python
    # A requirement with a version is left to pip.
    if not has(python, packages) or any(re.search(r"[<>=!]", p) for p in packages):
        interpreter = os.path.join(os.path.abspath(folder), "venv", "bin", "python")
        for command in ([python, "-m", "venv", "--system-site-packages", os.path.join(folder, "venv")],
                        [interpreter, "-m", "pip", "--disable-pip-version-check", "-q", "install", *packages]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            if done.returncode:
                print(done.stdout.decode(errors="replace")[-2000:])
                print(f"skipped: {python} has no {' '.join(packages)}, and they could not be fetched (see above)")
                return SKIPPED
    with open(note, "w") as f:
        json.dump({"wanted": wanted, "python": interpreter}, f)
    return 0


def build(folder, *command):
    if command[0] == "--needs":
        if not os.path.exists(command[1]):
            print(f"skipped: there is no {command[1]}; the test that should have fetched it says why")
            return SKIPPED
        command = command[2:]
    for step in [*command, "-B", folder], [command[0], "--build", folder, "-j", "1"]:
        done = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            print(done.stdout.decode(errors="replace"))
            return 1
    return 0


def run(folder, *arguments):
    other = None
    if arguments[0] == "--or":
        other, arguments = arguments[1], arguments[2:]
    try:
        with open(os.path.join(folder, "interpreter.json")) as f:
            python = json.load(f)["python"]
    except OSError:
        python = other
    if python is None:
        print(f"skipped: {folder} holds no Python; the test that should have made it says why")
        return SKIPPED
    sys.stdout.flush()
    os.execv(python, [python, *arguments])


if __name__ == "__main__":
    commands = {"find": lambda *named: find(named), "provide": provide, "build": build, "run": run}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        print(__doc__)
        sys.exit(2)
    sys.exit(commands[sys.argv[1]](*sys.argv[2:]))
