"""What observers see and answer."""
from __future__ import annotations

import enum
import functools
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._native import Step as Step
from ._native import Worker as Worker
from ._native import c

if TYPE_CHECKING:
    import numpy as np


class Action(enum.IntEnum):
    """What an observer of steps wants to happen: GO_ON, KILL_TRACK (the photon ends here, its energy is in the ledger's
    `killed`), END_HISTORY (all its photons end; what they scored counts), END_RUN (as :meth:`kerma.Simulation.abort`)."""

    GO_ON = c.KMA_GO_ON
    KILL_TRACK = c.KMA_KILL_TRACK
    END_HISTORY = c.KMA_END_HISTORY
    END_RUN = c.KMA_END_RUN


class Process(enum.IntEnum):
    """What ended a step."""

    SOURCE = c.KMA_PROCESS_SOURCE
    BOUNDARY = c.KMA_PROCESS_BOUNDARY
    PHOTOELECTRIC = c.KMA_PROCESS_PHOTOELECTRIC
    COMPTON = c.KMA_PROCESS_COMPTON
    RAYLEIGH = c.KMA_PROCESS_RAYLEIGH
    DETECTOR = c.KMA_PROCESS_DETECTOR
    CUT = c.KMA_PROCESS_CUT
    ESCAPE = c.KMA_PROCESS_ESCAPE


def step_dtype() -> np.dtype[Any]:
    """The NumPy type of a record of a step: what blocks of steps hold.

    Fields are those of :class:`kerma.Step`, of the shape () but begin, end, direction and next_direction, which have (3,);
    mm, MeV.
    """
    import numpy as np

    return np.dtype([
        ("history", "<u8"), ("track", "<u4"), ("number", "<u4"), ("process", "<i4"), ("placement", "<i4"),
        ("next_placement", "<i4"), ("material", "<i4"), ("voxel", "<i8"), ("begin", "<f8", 3), ("end", "<f8", 3),
        ("length", "<f8"), ("direction", "<f8", 3), ("next_direction", "<f8", 3), ("energy", "<f8"),
        ("next_energy", "<f8"), ("deposited", "<f8"),
    ])


def history_dtype(scores: Sequence[str]) -> np.dtype[Any]:
    """The NumPy type of a record of a history's scores."""
    import numpy as np

    return np.dtype([("history", "<u8")] + [(name, "<f8") for name in scores])


class Hooks(list):  # type: ignore[type-arg]
    """The callables of one run manager, to which C holds weak references: see glue/kmp.h."""

    __slots__ = ("__weakref__",)

    def __init__(self) -> None:
        super().__init__(({}, {}))

    def add(self, callable: Any) -> tuple[Hooks, int]:
        self.append(callable)
        return (self, len(self) - 1)

    def name(self, index: int) -> str | bytes:
        """What reports of stalls call a callable: its name, and where it is defined."""
        return _name_of(self[index])


def _name_of(fn: Any) -> str | bytes:
    try:
        for _ in range(10):  # what wraps it, then what is bound
            fn = fn.func if isinstance(fn, functools.partial) else getattr(fn, "__wrapped__", getattr(fn, "__func__", fn))
        code = getattr(fn, "__code__", None) or getattr(type(fn).__call__, "__code__", None)
        name = getattr(fn, "__qualname__", None) or type(fn).__qualname__
        where = f" ({os.path.basename(code.co_filename)}:{code.co_firstlineno})" if code is not None else ""
        return " ".join(f"{name}{where}".replace("\0", "?").split()).encode(errors="replace")
    except Exception:  # of a user's __getattr__: an odd name is no reason to refuse an observer
        return type(fn).__name__
