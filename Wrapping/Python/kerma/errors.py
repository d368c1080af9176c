"""One exception class for each status of kerma's C interface, all below :class:`Error`."""
from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._itk_health import Trouble


class Error(Exception):
    """A call of kerma failed. The text says what was wrong, the value seen and what to do."""

    #: Name of the status in C, such as "KMA_ERR_STALE".
    status = "KMA_ERR_?"


class ArgumentError(Error, ValueError):
    """An argument breaks a documented rule."""

    status = "KMA_ERR_ARGUMENT"


class OutOfMemoryError(Error, MemoryError):
    """There is no memory; nothing was changed."""

    status = "KMA_ERR_MEMORY"


class StaleError(Error):
    """Something is used that lives no more: a name, or a step after its call."""

    status = "KMA_ERR_STALE"


class ClosedError(Error):
    """The object was closed, or the interpreter is ending."""

    status = "KMA_ERR_CLOSED"


class StateError(Error):
    """The call is not allowed in this state; the text says what is."""

    status = "KMA_ERR_STATE"


class BusyError(Error):
    """The object is in use, such as a simulation that is to be run by its own observer."""

    status = "KMA_ERR_BUSY"


class FileError(Error, OSError):
    """A file cannot be read or written."""

    status = "KMA_ERR_IO"


class FormatError(Error, ValueError):
    """A file or text does not follow its format; the text says where."""

    status = "KMA_ERR_FORMAT"


class GeometryError(Error, ValueError):
    """The geometry is not valid: volumes overlap, stick out, or hold themselves."""

    status = "KMA_ERR_GEOMETRY"


class MeshError(Error, ValueError):
    """The mesh is not a closed, consistent surface; the text has counts and first places."""

    status = "KMA_ERR_MESH"


class PhysicsError(Error, ValueError):
    """There are no cross-sections for this material or energy."""

    status = "KMA_ERR_PHYSICS"


class RangeError(Error, OverflowError):
    """A value does not fit its exact representation."""

    status = "KMA_ERR_RANGE"


class TimeoutError(Error, builtins.TimeoutError):
    """The time limit passed; what was waited for goes on."""

    status = "KMA_ERR_TIMEOUT"


class AbortedError(Error):
    """The run was aborted. What was scored is kept; a further run does what is missing first."""

    status = "KMA_ERR_ABORTED"


class ObserverError(Error):
    """An observer reported a failure that carries no exception of its own."""

    status = "KMA_ERR_OBSERVER"


class ThreadError(Error, RuntimeError):
    """A thread could not be created, or user code ended it."""

    status = "KMA_ERR_THREAD"


class ForkError(Error, RuntimeError):
    """The object belongs to the process before fork(): use multiprocessing's "spawn"."""

    status = "KMA_ERR_FORK"


class MismatchError(Error, ValueError):
    """Results of different runs cannot be combined."""

    status = "KMA_ERR_MISMATCH"


class ITKError(Error, ImportError):
    """itk or SimpleITK is wanted, and is missing or not whole; the text says what is wrong and what helps."""

    status = "ITK"  # no status in C: ITK is a matter of the package alone
    trouble: Trouble | None = None  # what and cure apart, as kerma.doctor() shows them


class InternalError(Error, RuntimeError):
    """An assumption of kerma itself was broken: please report it."""

    status = "KMA_ERR_INTERNAL"


def _classes() -> dict[int, type[Error]]:
    from . import _kerma as c

    by_name = {x.status: x for x in list(globals().values()) if isinstance(x, type) and issubclass(x, Error)}
    return {code: by_name[name] for name, code, text in c.kmp_statuses() if name != "KMA_OK"}


_by_code = _classes()
__all__ = ["Error", "ITKError"] + sorted(x.__name__ for x in _by_code.values())
