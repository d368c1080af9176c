"""What this installation is like: kerma.doctor() and the command `kerma doctor`."""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ._base import pip
from .values import documented

GOOD, NOTE, TROUBLE = "good", "note", "trouble"
_HISTORIES = 1000
_LEAST_NUMPY = (1, 23)
_LEAST_MEMORY = 256 * 2**20


@documented
class Check(NamedTuple):
    """One thing that was looked at.

    :param name: what was looked at, such as "NumPy"
    :param state: "good", "note" (worth knowing) or "trouble"
    :param text: what was found
    :param cure: what to do about a trouble; empty without one
    """

    name: str
    state: str
    text: str
    cure: str = ""


class Report:
    """What :func:`kerma.doctor` found. ``print(report)`` shows it; :attr:`ok` says whether there is no trouble."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)

    @property
    def troubles(self) -> tuple[Check, ...]:
        """The checks that found something wrong."""
        return tuple(check for check in self.checks if check.state == TROUBLE)

    @property
    def ok(self) -> bool:
        """Whether no check found something wrong."""
        return not self.troubles

    def as_dict(self) -> dict[str, Any]:
        """The same for JSON."""
        return {"kerma_doctor": 1, "ok": self.ok, "checks": [check._asdict() for check in self.checks]}

    def __str__(self) -> str:
        n = len(self.troubles)
        lines = [f"kerma doctor: {f'{n} trouble' + ('s' if n > 1 else '') if n else 'all is well'}"]
        width = max((len(check.name) for check in self.checks), default=0)
        for check in self.checks:
            state = check.state.upper() if check.state == TROUBLE else check.state
            lines.append(f"  {state:<8} {check.name:<{width}}  {check.text}")
            if check.cure:
                lines.append(f"  {'':8} {'':{width}}  Cure: {check.cure}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<kerma.Report: {len(self.checks)} checks, {len(self.troubles)} troubles>"


def doctor(error: BaseException | str | None = None) -> Report:
    """Looks at everything that kerma stands on, runs a small simulation, and tells what is wrong and what helps.

    :param error: an exception of itk's, or its text, that is to be explained too
    :returns: a :class:`Report`; nothing is raised

    Imports itk and SimpleITK if they are installed: kerma uses them only to read, take and give images.
    """
    checks: list[Check] = []
    if error is not None:
        checks += _guarded("the error", lambda: _the_error(error))
    for name, look in (
        ("kerma", _kerma),
        ("library", _library),
        ("command", _command),
        ("Python", _python),
        ("NumPy", _numpy),
        ("processors", _processors),
        ("memory", _memory),
        ("runs", _runs),
        ("itk", _itk),
        ("SimpleITK", _simpleitk),
    ):
        checks += _guarded(name, look)
    return Report(checks)


def _guarded(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    checks: list[Check] = []
    try:
        for check in look():
            checks.append(check)
    except Exception as e:  # what fails here is what is to be told
        checks.append(Check(name, TROUBLE, f"this check failed: {type(e).__name__}: {e}"))
    return checks


def _the_error(error: BaseException | str) -> Iterator[Check]:
    from . import _itk_health

    found = _itk_health.explain(error)
    if found is None:
        text = " ".join(str(error).split())
        yield Check("the error", NOTE, f"{text[:200]}: none of the known troubles with itk")
    else:
        yield Check("the error", TROUBLE, found.what, found.cure)


def _kerma() -> Iterator[Check]:
    from ._native import build_info

    info = build_info()
    gil = "long calls let other Python threads run" if info["release_gil"] else "short calls hold the GIL (RELEASE_GIL=OFF)"
    api = "one module for all Pythons" if info["abi3"] else "a module for this Python's version alone"
    folder = os.path.dirname(os.path.abspath(__file__))
    yield Check("kerma", GOOD, f"{info['version']} in {folder}; {gil}; SWIG {info['swig']}, {api}")


def _library() -> Iterator[Check]:
    from importlib import metadata

    from . import __version__

    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        paths = sorted({line.split(None, 5)[5].rstrip("\n") for line in maps if "/libkerma" in line})
    if len(paths) > 1:
        yield Check("library", TROUBLE, f"{len(paths)} libraries of kerma are loaded: {', '.join(paths)}",
                    "look for what brings the other one: LD_LIBRARY_PATH, LD_PRELOAD, or a module that is linked with it")
        return
    try:
        installed = metadata.version("kerma")
    except metadata.PackageNotFoundError:
        installed = __version__
    if installed != __version__:
        yield Check("library", TROUBLE, f"the installed package is {installed}, but the library {paths[0]} is {__version__}",
                    f"{pip()} install --force-reinstall kerma, or take the other one out of "
                    "PYTHONPATH and LD_LIBRARY_PATH")
    else:
        yield Check("library", GOOD, paths[0] if paths else "within the module")


def _command() -> Iterator[Check]:
    import shutil
    import subprocess

    from . import __version__

    inside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "kerma")
    program = inside if os.path.exists(inside) else shutil.which("kerma")
    if program is None:
        yield Check("command", NOTE, "there is no program kerma in PATH")
        return
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    said = done.stdout.strip()
    if done.returncode != 0 or said != f"kerma {__version__}":
        yield Check("command", TROUBLE, f"{program} says {(said or done.stderr.strip() or str(done.returncode))!r}, this package "
                    f"is {__version__}", "install both from one build, or change PATH")
    else:
        yield Check("command", GOOD, program)


def _python() -> Iterator[Check]:
    import platform
    import sysconfig

    text = f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        yield Check("Python", NOTE, f"{text}; free-threaded: kerma was not tested with it, and turns the GIL on when imported")
    else:
        yield Check("Python", GOOD, text)


def _numpy() -> Iterator[Check]:
    least = ".".join(str(n) for n in _LEAST_NUMPY)
    cure = f"{pip()} install -U 'numpy>={least}'"
    try:
        import numpy
    except Exception as e:  # a broken one fails in many ways
        yield Check("NumPy", TROUBLE, f"cannot be imported ({type(e).__name__}: {e}): arrays and images need it", cure)
        return
    version = tuple(int(n) for n in numpy.__version__.split(".")[:2])
    if version < _LEAST_NUMPY:
        yield Check("NumPy", TROUBLE, f"{numpy.__version__} is older than {least}", cure)
    else:
        yield Check("NumPy", GOOD, numpy.__version__)


def _processors() -> Iterator[Check]:
    may, there = len(os.sched_getaffinity(0)), os.cpu_count()
    yield Check("processors", GOOD, f"{may} of {there} may be used: as many workers as that by default")


def _memory() -> Iterator[Check]:
    import resource

    with open("/proc/meminfo", encoding="ascii") as file:
        free = next((int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:")), None)
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    text = "unknown" if free is None else f"{free / 2**30:.1f} GiB free"
    if limit != resource.RLIM_INFINITY:
        text += f"; this process may have {limit / 2**30:.1f} GiB (RLIMIT_AS)"
    least = min(x for x in (free, limit if limit != resource.RLIM_INFINITY else None, _LEAST_MEMORY) if x is not None)
    if least < _LEAST_MEMORY:
        yield Check("memory", TROUBLE, text, "end other programs, or raise the limit (ulimit -v)")
    else:
        yield Check("memory", GOOD, text)


def _runs() -> Iterator[Check]:
    """The same histories without and with workers, with an observer in Python: cross-sections, threads, trampolines."""
    import threading
    import time

    results = {}
    begun = time.perf_counter()
    for threads in (0, 1, None):
        seen: list[int] = []
        result = _small_run(threads, lambda worker: seen.append(threading.get_ident()))
        if len(seen) != _HISTORIES:
            raise RuntimeError(f"with threads={threads} the observer was called {len(seen)} times in {_HISTORIES} histories")
        results[threads] = result
    taken = time.perf_counter() - begun
    if len(set(results.values())) != 1:
        yield Check("runs", TROUBLE, f"results depend on the number of threads: {results}",
                    "please report it, with the processor's name: this must not be")
    else:
        yield Check("runs", GOOD, f"{_HISTORIES} histories with threads 0, 1 and {len(os.sched_getaffinity(0))}: the same result "
                    f"(in {taken:.2f} s)")


def _small_run(threads: int | None, on_history_end: Callable[[Any], None]) -> Any:
    from . import Box, Material, Orb, PencilSource, Simulation, Volume, VolumeScorer

    world = Volume("world", Box((200, 200, 200)))
    drop = world.place(Volume("drop", Orb(10), Material("Water, Liquid")), (0, 0, 20))
    with Simulation(world, threads=threads, title="doctor") as sim:
        sim.add_source(PencilSource(0.06, (0, 0, -90)))
        sim.add_scorer(VolumeScorer("drop", drop))
        sim.on_history_end(on_history_end)
        return sim.run(_HISTORIES).scores_hash


# ---- itk ----

_NOT_NEEDED = "not installed; needed by from_itk, to_itk and read_itk alone"


def _itk() -> Iterator[Check]:
    from . import _itk_health as health
    from .errors import ITKError

    if not health.is_there("itk"):
        yield Check("itk", NOTE, _NOT_NEEDED)
        return
    try:
        itk = health.require("itk", *health.USED)
    except ITKError as e:
        trouble = e.trouble or health.Trouble(str(e), "")
        yield Check("itk", TROUBLE, trouble.what, trouble.cure)
        return
    found = health.package_trouble()
    version = health.version_of(itk)
    if found is not None:
        yield Check("itk", TROUBLE, found.what, found.cure)
    else:
        yield Check("itk", GOOD, f"{version}, {itk.__file__}")
    yield from _read_with("itk", itk, itk.imread)


def _simpleitk() -> Iterator[Check]:
    from . import _itk_health as health
    from .errors import ITKError

    if not health.is_there("SimpleITK"):
        yield Check("SimpleITK", NOTE, "not installed; needed by to_simpleitk alone, and instead of itk by read_itk")
        return
    try:
        simpleitk = health.require("SimpleITK", "ReadImage", "GetArrayViewFromImage", "GetImageFromArray")
    except ITKError as e:
        trouble = e.trouble or health.Trouble(str(e), "")
        yield Check("SimpleITK", TROUBLE, trouble.what, trouble.cure)
        return
    yield Check("SimpleITK", GOOD, f"{getattr(simpleitk, '__version__', 'of unknown version')}, {simpleitk.__file__}")
    yield from _read_with("SimpleITK", simpleitk, simpleitk.ReadImage)


def _read_with(package: str, module: Any, read: Callable[[Any], Any]) -> Iterator[Check]:
    """A small image that lies askew: written here, read there; then whether its path may be no str."""
    import pathlib
    import tempfile

    from . import Image, _itk_health

    values = [[[5.0 * j + i + 20 * k for i in range(5)] for j in range(4)] for k in range(3)]
    image = Image(values, spacing=(1, 2, 3), origin=(4, 5, 6), direction=((0, -1, 0), (1, 0, 0), (0, 0, 1)))
    with tempfile.TemporaryDirectory(prefix="kerma-doctor-") as folder:
        path = os.path.join(folder, "image.mha")
        image.write(path)
        name = f"{package}: files"
        try:
            with _itk_health.explained():
                back = Image.from_itk(read(path))
        except Exception as e:  # whatever it is: this is how it will be for the user
            text = f"an image that kerma wrote cannot be read: {type(e).__name__}: {' '.join(str(e).split())[:500]}"
            yield Check(name, TROUBLE, text, _itk_health.cure() if package == "itk" else "")
            return
        if (back.array != image.array).any() or back.point_of_index((4, 3, 2)) != image.point_of_index((4, 3, 2)):
            yield Check(name, TROUBLE, "an image that kerma wrote is another one when read", "please report it, with the version")
        else:
            yield Check(name, GOOD, "an image written here is read there, and lies where it lay")
        yield _paths(package, module, read, pathlib.Path(path))


def _paths(package: str, module: Any, read: Callable[[Any], Any], path: Any) -> Check:
    from . import _itk_health

    name = f"{package}: paths"
    try:
        read(path)
    except TypeError as e:
        found = _itk_health.path_trouble(e)
        if found is None:
            raise
        return Check(name, TROUBLE, f"{found.what}; kerma itself gives it str alone", found.cure)
    if package == "itk":
        try:
            module.ImageIOFactory.CreateImageIO(path, module.CommonEnums.IOFileMode_ReadMode)
        except TypeError as e:
            found = _itk_health.path_trouble(e)
            if found is None:
                raise
            return Check(name, NOTE, "imread takes a pathlib.Path, ImageIOFactory.CreateImageIO and SetFileName do not: give them "
                         "str(path)")
    return Check(name, GOOD, "a pathlib.Path is taken")


# ---- the command ----


def main(arguments: Sequence[str]) -> int:
    """`kerma doctor [--json] [--error TEXT]`: 0 if all is well, 1 if not, 2 for wrong use."""
    import argparse
    import json

    parser = argparse.ArgumentParser(prog="kerma doctor", allow_abbrev=False, description="Looks at what kerma stands on, runs a small "
                                     "simulation, and says what is wrong and what helps.", epilog="Exit codes: 0 all is well, "
                                     "1 there is trouble, 2 wrong use")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--error", metavar="TEXT", help="text of an error of itk's that is to be explained")
    options = parser.parse_args(arguments)
    report = doctor(options.error)
    print(json.dumps(report.as_dict(), indent=2) if options.json else report)
    return 0 if report.ok else 1
