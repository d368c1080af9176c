"""Arrays in and out. NumPy is imported when the first array comes, not with the package."""
import os
import threading

from .errors import ArgumentError

_PIECE = 65536  # rows a call: some ten milliseconds


def numpy():
    import numpy as np

    return np


def rows(values, columns, dtype, what):
    """A contiguous array (n, columns), and whether one row alone was given."""
    np = numpy()
    array = np.ascontiguousarray(values, dtype=dtype)
    single = array.ndim == 1
    if single:
        array = array[np.newaxis]
    if array.ndim != 2 or array.shape[1] != columns:
        raise ArgumentError(f"{what} must have the shape (n, {columns}), not {np.shape(values)}")
    return array, single


def line(values, dtype, what):
    np = numpy()
    array = np.ascontiguousarray(values, dtype=dtype)
    if array.ndim != 1:
        raise ArgumentError(f"{what} must have one dimension, not the shape {array.shape}")
    return array


def vector(values, what, n=3):
    """n numbers as a tuple, from any sequence or array."""
    try:
        result = tuple(float(x) for x in values)
    except TypeError:
        raise ArgumentError(f"{what} must be {n} numbers, not {values!r}") from None
    if len(result) != n:
        raise ArgumentError(f"{what} must be {n} numbers, it has {len(result)}")
    return result


def processors():
    return len(os.sched_getaffinity(0))


def spread(call, arrays, threads=None):
    """call(tuple of arrays) for pieces of the arrays' rows, on several threads: rows do not depend on one another.

    With threads = 1 it is one call. An exception of a piece, the first there is, reaches the caller.
    """
    n = len(arrays[0])
    count = processors() if threads is None else int(threads)
    if count < 1:
        raise ArgumentError(f"threads is {threads}: 1 or more are needed")
    count = min(count, -(-n // _PIECE))
    if count <= 1:
        call(tuple(arrays))
        return
    pieces = iter(range(0, n, _PIECE))
    lock = threading.Lock()
    failures = []

    def work():
        while not failures:
            with lock:
                first = next(pieces, None)
            if first is None:
                return
            try:
                call(tuple(None if a is None else a[first : first + _PIECE] for a in arrays))
            except BaseException as failure:
                failures.append((first, failure))

    helpers = [threading.Thread(target=work, name=f"kerma query {i}", daemon=True) for i in range(1, count)]
    try:
        for helper in helpers:
            helper.start()
        work()
        for helper in helpers:
            helper.join()
    except BaseException as failure:  # an interrupt: the others end with their piece
        failures.append((-1, failure))
        raise
    if failures:
        raise min(failures, key=lambda x: x[0])[1]


def path(name):
    """Any path as the bytes that the system wants."""
    return os.fsencode(os.fspath(name))
