"""The low-level module, made ready: errors, main thread, log, and the end of the interpreter."""
from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from typing import Any

from . import _kerma_c

# Before the proxies: C knows their classes by what was imported last, so a subinterpreter must not come that far.
_kerma_c.kmp_begin(_kerma_c)

from . import _kerma  # noqa: E402

c = _kerma

from . import errors  # noqa: E402

c.kmp_set_errors(errors._by_code)
c.kmp_set_main_thread(threading.main_thread().ident)
os.register_at_fork(after_in_child=lambda: c.kmp_set_main_thread(threading.get_ident()))


def _end_child(failure: BaseException | None) -> None:
    """The end of a child of fork made in an observer on a worker: what called the observer is not in the child.

    Python ends a child like this when the function of the forking thread returns; kerma does it when the observer does.
    """
    status = 0
    try:
        if isinstance(failure, SystemExit):
            status = 0 if failure.code is None else failure.code if isinstance(failure.code, int) else 1
            if failure.code is not None and not isinstance(failure.code, int):
                print(failure.code, file=sys.stderr)
        elif failure is not None:
            status = 1
            sys.excepthook(type(failure), failure, failure.__traceback__)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(status & 0xFF)


c.kmp_set_child_end(_end_child)

Step = _kerma_c.Step
Worker = _kerma_c.Worker
version = c.kma_version


def build_info() -> dict[str, Any]:
    """What this kerma was built as: a dict.

    ``version``; ``release_gil``: whether long calls let other Python threads run (see Documentation/threads-and-callbacks);
    ``swig``: the version that made the module; ``abi3``: whether one module serves all Pythons from 3.10 on.
    """
    swig = c.kmp_swig_version()
    return {
        "version": c.kma_version(),
        "release_gil": bool(c.kmp_releases_gil()),
        "swig": f"{swig >> 16 & 0xff:x}.{swig >> 8 & 0xff:x}.{swig & 0xff:x}",
        "abi3": str(_kerma_c.__file__).endswith(".abi3.so"),
    }


_LEVELS = {
    c.KMA_LOG_DEBUG: logging.DEBUG,
    c.KMA_LOG_INFO: logging.INFO,
    c.KMA_LOG_WARNING: logging.WARNING,
    c.KMA_LOG_ERROR: logging.ERROR,
}
_logger = logging.getLogger("kerma")


def _read_log(level: int, text: str) -> None:
    if text.startswith("kerma: stall: ") and not _logger.hasHandlers():
        return  # it was written to the simulation's descriptor; the handler of last resort would put it on stderr again
    _logger.log(_LEVELS.get(level, logging.ERROR), "%s", text)


c.kmp_log_set_reader(_read_log)


class NoLog:
    """While a lock of the package is held: records wait, for handlers of them are user code."""

    __slots__ = ()

    def __enter__(self) -> None:
        c.kmp_log_hold(1)

    def __exit__(self, *exception: object) -> None:
        c.kmp_log_hold(0)


no_log = NoLog()

# While the interpreter still runs: aborts and joins all runs. Once it is being torn down no thread of kerma's may reach it.
# C's own function: in one of Python's a signal's handler could raise before it is called.
atexit.register(_kerma_c.kmp_shutdown)
