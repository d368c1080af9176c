"""Spectra and photon sources."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _arrays
from ._base import Owner, handle_of
from ._html import table
from ._native import c
from .errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ._arrays import Path
    from ._base import Kept
    from .values import Vector


class Spectrum(Owner):
    """Photon energies and how often they are emitted.

    :param energies: MeV: one, or several lines in rising order
    :param weights: relative number of photons of each line
    :raises ArgumentError: energies do not rise, a weight is negative, or there are not as many; the text says which

    For bins: :meth:`histogram`; from a CSV file: :meth:`read`.
    """

    __slots__ = ()
    _kind = "spectrum"

    def __init__(self, energies: ArrayLike, weights: ArrayLike | None = None) -> None:
        import numpy as np

        if weights is None:
            if np.ndim(energies) != 0:
                raise ArgumentError("several energies need as many weights")
            if isinstance(energies, (str, bytes)) or energies is None:
                raise TypeError(f"energies must be numbers in MeV, not {energies!r:.80}")
            self._own(c.kma_spectrum_create_mono(energies))
            return
        arrays = (_arrays.line(energies, "energies"), _arrays.line(weights, "weights"))
        if len(arrays[0]) != len(arrays[1]):
            raise ArgumentError(f"there are {len(arrays[0])} energies, but {len(arrays[1])} weights")
        self._own(c.kma_spectrum_create_lines(arrays))

    @classmethod
    def histogram(cls, edges: ArrayLike, weights: ArrayLike) -> Spectrum:
        """Bins, each of them evenly filled.

        :param edges: (n + 1,) MeV, rising
        :param weights: (n,) relative numbers of photons in the whole bin
        :raises ArgumentError: edges do not rise, a weight is negative, or there are not as many; the text says which
        """
        arrays = (_arrays.line(edges, "edges"), _arrays.line(weights, "weights"))
        if len(arrays[0]) != len(arrays[1]) + 1:
            raise ArgumentError(f"{len(arrays[0])} edges make {max(len(arrays[0]) - 1, 0)} bins, but there are "
                                f"{len(arrays[1])} weights")
        return cls._owning(c.kma_spectrum_create_histogram(arrays))

    @classmethod
    def read(cls, path: Path) -> Spectrum:
        """Reads a table of lines or bins from a CSV file.

        :param path: of the file
        :raises FileError: it cannot be read
        :raises FormatError: it is no such table; the text says file and line
        """
        return cls._owning(c.kma_spectrum_read_csv(_arrays.path(path)), _arrays.path_label(path))

    @property
    def is_histogram(self) -> bool:
        """Whether it has bins; otherwise lines."""
        return bool(c.kma_spectrum_get_kind(self._c) == c.KMA_SPECTRUM_HISTOGRAM)

    @property
    def energies(self) -> NDArray[np.float64]:
        """MeV: (n,) lines, or (n + 1,) edges of bins."""
        import numpy as np

        out = np.empty(c.kma_spectrum_get_count(self._c) + self.is_histogram)
        c.kma_spectrum_get_energies(self._c, (out,))
        return out

    @property
    def weights(self) -> NDArray[np.float64]:
        """(n,) relative numbers of photons."""
        import numpy as np

        out = np.empty(c.kma_spectrum_get_count(self._c))
        c.kma_spectrum_get_weights(self._c, (out,))
        return out

    @property
    def mean_energy(self) -> float:
        """MeV, of all photons."""
        return float(c.kma_spectrum_get_mean_energy(self._c))

    @property
    def min_energy(self) -> float:
        """MeV: the smallest that can be emitted."""
        return float(c.kma_spectrum_get_min_energy(self._c))

    @property
    def max_energy(self) -> float:
        """MeV: the largest that can be emitted."""
        return float(c.kma_spectrum_get_max_energy(self._c))

    def __len__(self) -> int:
        return int(c.kma_spectrum_get_count(self._c))

    def _describe(self) -> str:
        n, mean = len(self), f"{self.mean_energy:.6g} MeV"
        return mean if n == 1 else f"{n} {'bins' if self.is_histogram else 'lines'}, mean {mean}"


class Source(Owner):
    """Where photons come from: :class:`PointSource`, :class:`PencilSource`, :class:`ParallelSource`.

    A history is one photon of one source; results are per photon. Of several sources each history picks one, in proportion
    to their weights.
    """

    __slots__ = ()
    _kind = "source"

    @classmethod
    def _of(cls, handle: Any, kept: Kept | None = None) -> Source:
        kinds: dict[int, type[Source]] = {c.KMA_SOURCE_POINT: PointSource, c.KMA_SOURCE_PENCIL: PencilSource,
                                          c.KMA_SOURCE_PARALLEL: ParallelSource}
        return kinds[c.kma_source_get_options(handle)["kind"]]._owning(handle, kept=kept)

    def _make(self, spectrum: Spectrum | float, kind: int, position: ArrayLike, direction: ArrayLike, weight: float,
              more: dict[str, Any]) -> None:
        options = {"kind": kind, "position": _arrays.vector(position, "position"),
                   "direction": _arrays.vector(direction, "direction"), "weight": weight, **more}
        if not isinstance(spectrum, Spectrum):
            try:
                spectrum = Spectrum(float(spectrum))
            except (TypeError, ValueError) as e:
                if isinstance(e, ArgumentError):
                    raise
                raise TypeError(f"spectrum must be a kerma.Spectrum or an energy in MeV, not {spectrum!r:.80}") from None
        handle = handle_of(spectrum, Spectrum, "spectrum")
        self._own(c.kma_source_create(options, handle))
        self._keep(handle)

    @property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = c.kma_source_get_options(self._c)
        return options

    @property
    def spectrum(self) -> Spectrum:
        """Of the photons that it emits."""
        return Spectrum._owning(c.kma_source_get_spectrum(self._c), kept=self._kept)

    @property
    def position(self) -> Vector:
        """mm, in x, y, z."""
        x, y, z = self._options["position"]
        return x, y, z

    @property
    def direction(self) -> Vector:
        """Along which it emits, or its middle: (x, y, z) of length 1."""
        x, y, z = self._options["direction"]
        return x, y, z

    @property
    def weight(self) -> float:
        """How often, relative to the other sources of a scene."""
        return float(self._options["weight"])

    def _form(self) -> str:
        return ""

    def _describe(self) -> str:
        form = self._form()
        return f"{self.spectrum._describe()}, at ({', '.join(f'{x:g}' for x in self.position)}) mm" + (
            f", {form}" if form else "")

    def _html(self) -> str:
        return table(f"kerma.{type(self).__name__}", (), [
            ("spectrum", self.spectrum._describe()), ("position, mm", self.position), ("direction", self.direction),
            ("form", self._form()), ("weight", f"{self.weight:g}")])


class PointSource(Source):
    """Emits from a point: isotropically, into a cone, or towards a rectangle.

    :param spectrum: a :class:`Spectrum`, or one energy in MeV
    :param position: (x, y, z) mm
    :param direction: of the cone's or the field's axis; of any length
    :param half_angle: rad: a cone
    :param field: (width, height) in mm of a rectangle at `field_distance` mm
    :param up: the direction of the rectangle's height; (0, 0, 0): y, or z where the direction is near y
    :param weight: how often, relative to the other sources of a scene
    :raises ArgumentError: a number is none of such a source; the text says which
    """

    __slots__ = ()

    def __init__(self, spectrum: Spectrum | float, position: ArrayLike = (0, 0, 0), *,
                 direction: ArrayLike = (0, 0, 1), half_angle: float | None = None, field: ArrayLike | None = None,
                 field_distance: float = 1000.0, up: ArrayLike = (0, 0, 0), weight: float = 1.0) -> None:
        more: dict[str, Any] = {"up": _arrays.vector(up, "up")}
        if half_angle is not None and field is not None:
            raise ArgumentError("a source has a half_angle or a field, not both")
        if half_angle is not None:
            more.update(emission=c.KMA_EMISSION_CONE, half_angle=half_angle)
        elif field is not None:
            width, height = _arrays.vector(field, "field", 2)
            more.update(emission=c.KMA_EMISSION_FIELD, field_width=width, field_height=height,
                        field_distance=field_distance)
        self._make(spectrum, c.KMA_SOURCE_POINT, position, direction, weight, more)

    @property
    def half_angle(self) -> float | None:
        """rad, of a cone; otherwise None."""
        options = self._options
        return float(options["half_angle"]) if options["emission"] == c.KMA_EMISSION_CONE else None

    @property
    def field(self) -> tuple[float, float] | None:
        """(width, height) in mm of the rectangle; None without one."""
        options = self._options
        if options["emission"] != c.KMA_EMISSION_FIELD:
            return None
        return options["field_width"], options["field_height"]

    @property
    def field_distance(self) -> float | None:
        """mm to the rectangle; None without one."""
        options = self._options
        return float(options["field_distance"]) if options["emission"] == c.KMA_EMISSION_FIELD else None

    @property
    def solid_angle(self) -> float:
        """sr into which it emits. An isotropic source of the same strength gives results times this / (4 pi)."""
        return float(c.kma_source_get_solid_angle(self._c))

    def _form(self) -> str:
        half_angle, field = self.half_angle, self.field
        if half_angle is not None:
            return f"cone of {half_angle:g} rad"
        return "isotropic" if field is None else f"field of {field[0]:g} x {field[1]:g} mm at {self.field_distance:g} mm"


class PencilSource(Source):
    """Emits along a line.

    :param spectrum: a :class:`Spectrum`, or one energy in MeV
    :param position: (x, y, z) mm
    :param direction: of any length
    :param weight: how often, relative to the other sources of a scene
    :raises ArgumentError: a number is none of such a source; the text says which
    """

    __slots__ = ()

    def __init__(self, spectrum: Spectrum | float, position: ArrayLike = (0, 0, 0), *,
                 direction: ArrayLike = (0, 0, 1), weight: float = 1.0) -> None:
        self._make(spectrum, c.KMA_SOURCE_PENCIL, position, direction, weight, {})


class ParallelSource(Source):
    """Emits along one direction, evenly from anywhere on a rectangle or a disc about its position.

    :param spectrum: a :class:`Spectrum`, or one energy in MeV
    :param position: (x, y, z) mm
    :param direction: of any length
    :param size: (width, height) of a rectangle, mm
    :param radius: of a disc, mm
    :param up: the direction of the rectangle's height; (0, 0, 0): y, or z where the direction is near y
    :param weight: how often, relative to the other sources of a scene
    :raises ArgumentError: a number is none of such a source; the text says which
    """

    __slots__ = ()

    def __init__(self, spectrum: Spectrum | float, position: ArrayLike = (0, 0, 0), *,
                 direction: ArrayLike = (0, 0, 1), size: ArrayLike | None = None, radius: float | None = None,
                 up: ArrayLike = (0, 0, 0), weight: float = 1.0) -> None:
        more: dict[str, Any] = {"up": _arrays.vector(up, "up")}
        if (size is None) == (radius is None):
            raise ArgumentError("a parallel source has a size or a radius: one of them")
        if size is not None:
            width, height = _arrays.vector(size, "size", 2)
            more.update(field=c.KMA_FIELD_RECTANGLE, field_width=width, field_height=height)
        else:
            more.update(field=c.KMA_FIELD_DISC, field_radius=radius)
        self._make(spectrum, c.KMA_SOURCE_PARALLEL, position, direction, weight, more)

    @property
    def size(self) -> tuple[float, float] | None:
        """(width, height) in mm of the rectangle; None of a disc."""
        options = self._options
        if options["field"] != c.KMA_FIELD_RECTANGLE:
            return None
        return options["field_width"], options["field_height"]

    @property
    def radius(self) -> float | None:
        """mm, of the disc; None of a rectangle."""
        options = self._options
        return float(options["field_radius"]) if options["field"] == c.KMA_FIELD_DISC else None

    def _form(self) -> str:
        size = self.size
        return f"disc of radius {self.radius:g} mm" if size is None else f"{size[0]:g} x {size[1]:g} mm"
