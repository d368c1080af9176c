"""Scorers: what a run adds up, and where."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _arrays
from ._base import Owner, handle_of
from ._native import c
from .geometry import Volume, _OnGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ._base import Kept
    from .values import Vector


class Scorer(Owner):
    """What a run adds up: :class:`VoxelScorer`, :class:`GridScorer`, :class:`VolumeScorer`, :class:`DetectorScorer`."""

    __slots__ = ()
    _kind = "scorer"

    @classmethod
    def _of(cls, handle: Any, kept: Kept | None = None) -> Scorer:
        kinds: dict[int, type[Scorer]] = {c.KMA_SCORER_VOXELS: VoxelScorer, c.KMA_SCORER_GRID: GridScorer,
                                          c.KMA_SCORER_VOLUME: VolumeScorer, c.KMA_SCORER_DETECTOR: DetectorScorer}
        return kinds[c.kma_scorer_get_kind(handle)]._owning(handle, c.kma_scorer_get_name(handle), kept)

    @property
    def name(self) -> str:
        """By which a result finds it."""
        return str(c.kma_scorer_get_name(self._c))

    @property
    def kind(self) -> str:
        """"voxels", "grid", "volume" or "detector"."""
        return str(c.kma_scorer_kind_name(c.kma_scorer_get_kind(self._c)))

    @property
    def bins(self) -> int:
        """Voxels, cells or pixels; 1 of a volume."""
        return int(c.kma_scorer_get_bins(self._c))

    def _describe(self) -> str:
        return f"{self.kind}, {self.bins} bins"


class _OfVolume(Scorer):
    __slots__ = ()

    def _score(self, create: Any, name: str, volume: Volume) -> None:
        handle = handle_of(volume, Volume, "volume")
        self._own(create(name, handle), name)
        self._keep(handle, volume._kept)

    @property
    def volume(self) -> Volume:
        """In which it scores."""
        return Volume._of(c.kma_scorer_get_volume(self._c), self._kept)


class VoxelScorer(_OfVolume):
    """Energy and dose in each voxel of an image volume.

    :param name: results use it
    :param volume: shows an image. If it is placed several times, its placements are summed
    :raises ArgumentError: the volume shows none, or the name is empty or too long
    """

    __slots__ = ()

    def __init__(self, name: str, volume: Volume) -> None:
        self._score(c.kma_scorer_create_voxels, name, volume)


class VolumeScorer(_OfVolume):
    """Energy and dose in a volume, all its placements together, without its daughters.

    :param name: results use it
    :param volume: a solid, or an image as a whole
    :raises ArgumentError: the name is empty or too long
    """

    __slots__ = ()

    def __init__(self, name: str, volume: Volume) -> None:
        self._score(c.kma_scorer_create_volume, name, volume)


class GridScorer(_OnGrid, Scorer):
    """Energy and dose in each cell of a grid in the world, whatever lies there.

    :param name: results use it
    :param count: cells in x, y, z
    :param spacing: mm, in x, y, z
    :param origin: mm, centre of the first cell; default: the grid's middle is at 0, 0, 0
    :param direction: 3 x 3; column c is the unit vector along axis c
    :raises ArgumentError: a number is none of a grid, or the name is empty or too long
    """

    __slots__ = ()

    def __init__(self, name: str, count: Sequence[int], spacing: ArrayLike, *, origin: ArrayLike | None = None,
                 direction: ArrayLike | None = None) -> None:
        import numpy as np

        cells = _arrays.counts(count, "count", 3)
        size = _arrays.vector(spacing, "spacing")
        axes = (1, 0, 0, 0, 1, 0, 0, 0, 1) if direction is None else _arrays.matrix(direction, "direction")
        if origin is None:
            half = [-0.5 * (n - 1) * s for n, s in zip(cells, size)]
            origin = half if direction is None else np.array(axes).reshape(3, 3) @ half
        geometry = {"count": cells, "spacing": size, "origin": _arrays.vector(origin, "origin"), "direction": axes}
        self._own(c.kma_scorer_create_grid(name, geometry), name)

    @property
    def _geometry(self) -> dict[str, Any]:
        geometry: dict[str, Any] = c.kma_scorer_get_geometry(self._c)
        return geometry

    @property
    def count(self) -> tuple[int, int, int]:
        """Cells in x, y, z."""
        x, y, z = self._geometry["count"]
        return x, y, z


class DetectorScorer(Scorer):
    """Photons that cross a rectangle of pixels from either side, primary and scattered apart: numbers and energy.

    :param name: results use it
    :param centre: (x, y, z) mm
    :param pixels: along u and v
    :param pixel_size: mm along u and v
    :param u: direction (x, y, z) of a row of pixels
    :param v: direction (x, y, z) of a column
    :param absorbs: whether photons end there
    :raises ArgumentError: a number is none of a detector, u and v are parallel, or the name is empty or too long
    """

    __slots__ = ()

    def __init__(self, name: str, centre: ArrayLike, pixels: Sequence[int], pixel_size: ArrayLike, *,
                 u: ArrayLike = (1, 0, 0), v: ArrayLike = (0, 1, 0), absorbs: bool = True) -> None:
        options = {
            "centre": _arrays.vector(centre, "centre"),
            "u": _arrays.vector(u, "u"),
            "v": _arrays.vector(v, "v"),
            "count": _arrays.counts(pixels, "pixels", 2),
            "pixel_size": _arrays.vector(pixel_size, "pixel_size", 2),
            "absorbs": int(absorbs),
        }
        self._own(c.kma_scorer_create_detector(name, options), name)

    @property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = c.kma_scorer_get_detector(self._c)
        return options

    @property
    def centre(self) -> Vector:
        """mm, in x, y, z."""
        x, y, z = self._options["centre"]
        return x, y, z

    @property
    def pixels(self) -> tuple[int, int]:
        """Along u and v."""
        u, v = self._options["count"]
        return u, v

    @property
    def pixel_size(self) -> tuple[float, float]:
        """mm along u and v"""
        u, v = self._options["pixel_size"]
        return u, v

    @property
    def u(self) -> Vector:
        """Direction of a row of pixels, of length 1."""
        x, y, z = self._options["u"]
        return x, y, z

    @property
    def v(self) -> Vector:
        """Direction of a column, of length 1."""
        x, y, z = self._options["v"]
        return x, y, z

    @property
    def absorbs(self) -> bool:
        """Whether photons end there."""
        return bool(self._options["absorbs"])
