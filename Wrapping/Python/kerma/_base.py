"""What all objects of the package share: each owns one reference to an object of the library."""
from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import ArgumentError, ClosedError, StateError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_T = TypeVar("_T")
Kept = dict[int, Any]


class Owner:
    """Owns one reference to an object of kerma's library.

    It may be dropped, closed, or collected in any order and at any time: whatever still uses the object, such as a run or
    a volume that holds it, keeps it alive by itself. A closed one raises :class:`kerma.ClosedError`. Two of these that
    name the same object of the library are equal.
    """

    # Slots: an attribute that does not exist cannot be set by a slip of the pen.
    __slots__ = ("_handle", "_label", "_id", "_kept", "__weakref__")

    _kind = "object"
    _handle: Any
    _label: str
    _id: int
    _kept: Kept

    def _own(self, handle: Any, label: str = "", kept: Kept | None = None) -> None:
        """Takes a handle. An object that was asked for shares what is kept with the one that it belongs to."""
        self._handle = handle
        self._label = label
        self._id = handle.id()
        self._kept = {} if kept is None else kept

    @classmethod
    def _owning(cls, handle: Any, label: str = "", kept: Kept | None = None) -> Self:
        """An object of a handle that exists: what __init__ does is done."""
        self = cls.__new__(cls)
        self._own(handle, label, kept)
        return self

    def _keep(self, handle: Any, kept: Kept | None = None) -> None:
        """Keeps the handle of what this object is made of: what lives in another object alone has no name any more, and
        could not be asked for."""
        self._kept[handle.id()] = (handle, kept)

    @property
    def _c(self) -> Any:
        """The handle, for a call: the call's own reference keeps it alive if another thread closes this object."""
        handle = getattr(self, "_handle", None)
        if handle is None:
            if not hasattr(self, "_handle"):
                raise StateError(f"the {self._kind} was never made: {type(self).__name__}.__init__ must call super().__init__()")
            raise ClosedError(f"the {self._name()} was closed")
        return handle

    def _name(self) -> str:
        label = getattr(self, "_label", "")
        return f"{self._kind} {label!r}" if label else self._kind

    def close(self) -> None:
        """Gives the reference back. A second call does nothing."""
        self._handle = None
        self._kept = {}

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return getattr(self, "_handle", None) is None

    def __enter__(self) -> Self:
        self._c
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Owner):
            return NotImplemented
        return getattr(self, "_id", 0) != 0 and self._id == getattr(other, "_id", 0)

    def __hash__(self) -> int:
        return hash(getattr(self, "_id", 0)) or object.__hash__(self)

    def __repr__(self) -> str:
        label = getattr(self, "_label", "")
        if self.closed:
            what = "closed"
        else:
            try:
                what = self._describe()
            except ClosedError:  # by another thread, meanwhile
                what = "closed"
        name = f" {label!r}" if label else ""
        return f"<kerma.{type(self).__name__}{name}{': ' if what else ''}{what}>"

    def _describe(self) -> str:
        return ""

    def _html(self) -> str | None:
        return None

    def _repr_html_(self) -> str | None:
        """A table for notebooks."""
        try:
            return None if self.closed else self._html()
        except ClosedError:
            return None

    def __reduce__(self) -> Any:
        raise TypeError(f"{type(self).__name__} objects cannot be pickled: save the scene as a file, and read it there")


def handle_of(value: object, kind: type[Owner], what: str) -> Any:
    """The handle of an argument that must be such an object."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} must be a kerma.{kind.__name__}, not {type(value).__name__}: {value!r:.80}")
    return value._c


def whole(value: Any, what: str, low: int = 0, high: int = 2**64 - 1) -> int:
    """A whole number from whatever means one: 1e6 and NumPy's numbers do, 1.5 and True do not."""
    if isinstance(value, bool):
        raise TypeError(f"{what} must be a whole number, not {value!r}")
    try:
        number = value.__index__()
    except AttributeError:
        if not isinstance(value, float) and not hasattr(value, "is_integer"):
            raise TypeError(f"{what} must be a whole number, not {value!r}") from None
        if not value.is_integer():
            raise ArgumentError(f"{what} is {value!r}: a whole number is needed") from None
        number = int(value)
    number = int(number)
    if not low <= number <= high:
        raise ArgumentError(f"{what} is {number} (must be {low} to {high})")
    return number


def real(value: Any, what: str) -> float:
    """A number, from whatever means one but texts."""
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{what} must be a number, not {value!r:.80}") from None


def choice(value: Any, names: dict[str, _T], what: str) -> _T:
    """What a name stands for."""
    try:
        return names[value]
    except (KeyError, TypeError):
        raise ArgumentError(f"{what} is {value!r} (must be one of: {', '.join(map(repr, names))})") from None


_numbers = itertools.count(1)


class _Changes:
    """The number of the last change of what scenes describe, so that a run knows when to initialize again."""

    last = 0


def changed() -> None:
    _Changes.last = next(_numbers)  # one of its own, also when several threads change something at once


def changes() -> int:
    return _Changes.last


def pip() -> str:
    """How this Python's pip is called."""
    import shlex
    import sys

    return f"{shlex.quote(sys.executable or 'python3')} -m pip"
