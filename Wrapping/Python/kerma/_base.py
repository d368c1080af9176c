"""What all objects of the package share: each owns one reference to an object of the library."""
from .errors import ClosedError


class Owner:
    """Owns one reference to an object of kerma's library.

    It may be dropped, closed, or collected in any order and at any time: whatever still uses the object, such as a run or
    a volume that holds it, keeps it alive by itself. A closed one raises :class:`kerma.ClosedError`.
    """

    _kind = "object"
    _handle = None
    _label = ""

    def _own(self, handle, label=""):
        self._handle = handle
        self._label = label

    @property
    def _c(self):
        """The handle, for a call: the call's own reference keeps it alive if another thread closes this object."""
        handle = self._handle
        if handle is None:
            raise ClosedError(f"the {self._name()} was closed")
        return handle

    def _name(self):
        return f"{self._kind} {self._label!r}" if self._label else self._kind

    def close(self):
        """Gives the reference back. A second call does nothing."""
        self._handle = None

    @property
    def closed(self):
        """Whether close() was called."""
        return self._handle is None

    def __enter__(self):
        self._c
        return self

    def __exit__(self, *exception):
        self.close()

    def __repr__(self):
        what = "closed" if self.closed else self._describe()
        name = f" {self._label!r}" if self._label else ""
        return f"<kerma.{type(self).__name__}{name}{': ' if what else ''}{what}>"

    def _describe(self):
        return ""

    def __reduce__(self):
        raise TypeError(f"a {self._kind} cannot be pickled: save the scene as a file, and read it there")


class _Changes:
    """Counts changes of what scenes describe, so that a run knows when to initialize again."""

    count = 0


def changed():
    _Changes.count += 1


def changes():
    return _Changes.count


def pip() -> str:
    """How this Python's pip is called."""
    import shlex
    import sys

    return f"{shlex.quote(sys.executable or 'python3')} -m pip"
