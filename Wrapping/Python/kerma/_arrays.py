"""Arrays in and out. NumPy is imported when the first array comes, not with the package."""
from __future__ import annotations

import _thread
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .errors import ArgumentError, OutOfMemoryError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_PIECE = 32768  # rows a call at most: milliseconds, so that threads share the work and an interrupt is soon seen
_FIRST_PIECE = 64  # unless a row takes long: in the middle of a mesh it may look at all facets
_PIECE_SECONDS = 0.02


def numbers(values: Any, what: str, *, whole: bool = False) -> NDArray[Any]:
    """Real numbers as they are given, in an array of a type that has no surprises when it is converted."""
    import numpy as np

    # Asked for by np.ma, it would be imported here: 15 ms, and no way in if a collection strikes in the midst of that.
    ma = sys.modules.get("numpy.ma")
    masked = getattr(ma, "MaskedArray", None)
    if ma is not None and masked is not None and isinstance(values, masked):
        if ma.is_masked(values):
            raise ArgumentError(f"{what} has masked values: fill them, or leave them out")
        values = values.data
    try:
        array = np.asarray(values)
        if array.dtype == object:
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as e:
        raise ArgumentError(f"{what} must be numbers in an array: {e}") from None
    if array.dtype.kind not in ("iuf" if whole else "biuf"):
        raise ArgumentError(f"{what} must be {'whole' if whole else 'real'} numbers, not {array.dtype}")
    if whole and array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            if not (array == np.floor(array)).all() or np.isinf(array).any():
                raise ArgumentError(f"{what} must be whole numbers")
    return array


def rows(values: Any, columns: int, what: str) -> tuple[NDArray[Any], bool]:
    """Rows of numbers (n, columns), not copied, and whether one row alone was given."""
    array = numbers(values, what)
    if array.shape == (0,):
        array = array.reshape(0, columns)
    single = array.ndim == 1
    if array.ndim not in (1, 2) or array.shape[-1] != columns:
        raise ArgumentError(f"{what} must have the shape (n, {columns}) or ({columns},), not {array.shape}")
    return (array[None] if single else array), single


def pair(a: Any, b: Any, what: tuple[str, str]) -> tuple[NDArray[Any], NDArray[Any], bool]:
    """Two arrays (n, 3) of as many rows; one row may stand for all. And whether one row alone was given."""
    import numpy as np

    x, one = rows(a, 3, what[0])
    y, also = rows(b, 3, what[1])
    if len(x) != len(y) and not one and not also and 1 not in (len(x), len(y)):
        raise ArgumentError(f"there are {len(x)} {what[0]}, but {len(y)} {what[1]}")
    n = len(y) if one or (len(x) == 1 and not also) else len(x)
    return np.broadcast_to(x, (n, 3)), np.broadcast_to(y, (n, 3)), one and also


def line(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """A contiguous array (n,) of doubles."""
    import numpy as np

    array = np.ascontiguousarray(numbers(values, what), dtype=np.float64)
    if array.ndim != 1 or np.ndim(values) != 1:
        raise ArgumentError(f"{what} must have one dimension, not the shape {np.shape(values)}")
    return array


def vector(values: Any, what: str, n: int = 3) -> tuple[float, ...]:
    """n numbers as a tuple, from any sequence or array."""
    from ._base import real

    try:
        if isinstance(values, (str, bytes)):
            raise TypeError
        result = tuple(real(x, what) for x in values)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what} must be {n} numbers, not {values!r:.80}") from None
    if len(result) != n:
        raise ArgumentError(f"{what} must be {n} numbers, it has {len(result)}")
    return result


def matrix(values: Any, what: str) -> tuple[float, ...]:
    """A 3 x 3 matrix as nine numbers, row by row."""
    import numpy as np

    array = numbers(values, what)
    if array.shape not in ((3, 3), (9,)):
        raise ArgumentError(f"{what} must be a 3 x 3 matrix, not of the shape {array.shape}")
    return tuple(array.astype(np.float64).ravel().tolist())


def counts(values: Any, what: str, n: int) -> tuple[int, ...]:
    """n whole numbers from 1 on."""
    from ._base import whole

    try:
        result = tuple(whole(x, what, 1, 2**32) for x in values)
    except TypeError:
        raise ArgumentError(f"{what} must be {n} whole numbers, not {values!r:.80}") from None
    if len(result) != n:
        raise ArgumentError(f"{what} must be {n} numbers, it has {len(result)}")
    return result


def processors() -> int:
    return len(os.sched_getaffinity(0))


_ROW = re.compile(r"\b(points|directions|origins)\[(\d+)\]")


def _say_row(failure: BaseException, first: int) -> BaseException:
    """A text that names a row of a piece names that of the whole array."""
    if first and isinstance(failure, ArgumentError):
        text = _ROW.sub(lambda m: f"{m[1]}[{int(m[2]) + first}]", str(failure))
        return type(failure)(text).with_traceback(failure.__traceback__)
    return failure


def query(call: Callable[[tuple[Any, ...]], object], inputs: Sequence[NDArray[Any]],
          outputs: Sequence[NDArray[Any]], threads: int | None) -> None:
    """call((*inputs, *outputs)) for pieces of the arrays' rows, on several threads: rows do not depend on one another.

    Each piece of an input is a copy, contiguous and of doubles: what other threads do to the array changes nothing halfway.
    An exception, that of the lowest row, reaches the caller, and so does an interrupt, which does not wait for the others.
    """
    import numpy as np

    from ._base import whole

    n = len(outputs[0])
    count = processors() if threads is None else whole(threads, "threads", 1, 1024)
    count = min(count, -(-n // _PIECE))
    failures: list[tuple[int, BaseException]] = []
    lock = threading.Lock()  # guards what follows; an interrupt inside of Condition.__enter__() would leave it taken
    changed = threading.Condition(lock)
    begun = done = at_work = 0  # rows, rows, threads

    def work() -> None:
        nonlocal begun, done
        size = _FIRST_PIECE
        while True:
            with lock:
                first = begun
                if failures or (first >= n and first > 0):
                    return
                begun = first + max(min(size, n - first), 1)  # nothing is asked for too: the object may be closed
                piece = slice(first, begun)
            try:
                copies = [np.array(a[piece], dtype=np.float64, order="C") for a in inputs]
                seconds = time.monotonic()
                call((*copies, *(a[piece] for a in outputs)))
                seconds = time.monotonic() - seconds
                with lock:
                    done += piece.stop - first
                size = max(min(4 * size, _PIECE, int(size * _PIECE_SECONDS / max(seconds, 1e-9))), 1)
            except BaseException as failure:
                failures.append((first, failure))

    def help_work() -> None:
        nonlocal at_work
        with lock:
            at_work += 1
        try:
            work()
        finally:
            with lock:
                at_work -= 1
                changed.notify_all()

    try:
        for _ in range(1, count):
            try:
                # Not threading.Thread, whose start() waits for ever for a thread that dies for want of memory at its begin.
                _thread.start_new_thread(help_work, ())
            except (RuntimeError, MemoryError):  # no thread can be had, or the interpreter is ending
                break  # those there are do the work
        work()
        with lock:
            while at_work:  # who begins later finds no piece left
                changed.wait(1)  # s; who has no memory to tell does not
    except BaseException as failure:  # an interrupt: the others end with their piece
        failures.append((-1, failure))
        raise
    if not failures and done < n:
        raise OutOfMemoryError("a thread ended in the midst of its work")  # without the memory to say why
    if failures:
        first, worst = min([f for f in failures if not isinstance(f[1], Exception)] or failures, key=lambda f: f[0])
        begun = max(n, 1)  # a thread that begins only now finds nothing left
        failures.clear()
        try:
            raise _say_row(worst, first) from None
        finally:
            del worst  # no cycle through the traceback


def path(name: Path) -> bytes:
    """Any path as the bytes that the system wants."""
    return os.fsencode(os.fspath(name))


def path_label(name: Path) -> str:
    return os.fsdecode(os.fspath(name))
