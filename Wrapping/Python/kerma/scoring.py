"""Scorers: what a run adds up, and where."""
from . import _arrays
from ._base import Owner
from ._native import c


class Scorer(Owner):
    """What a run adds up: :class:`VoxelScorer`, :class:`GridScorer`, :class:`VolumeScorer`, :class:`DetectorScorer`."""

    _kind = "scorer"

    @classmethod
    def _of(cls, handle):
        self = Scorer.__new__(Scorer)
        self._own(handle, c.kma_scorer_get_name(handle))
        return self

    @property
    def name(self):
        return c.kma_scorer_get_name(self._c)

    @property
    def kind(self):
        """"voxels", "grid", "volume" or "detector"."""
        return c.kma_scorer_kind_name(c.kma_scorer_get_kind(self._c))

    @property
    def bins(self):
        return c.kma_scorer_get_bins(self._c)

    def _describe(self):
        return f"{self.kind}, {self.bins} bins"


class VoxelScorer(Scorer):
    """Energy and dose in each voxel of an image volume."""

    def __init__(self, name, volume):
        self._own(c.kma_scorer_create_voxels(name, volume._c), name)


class GridScorer(Scorer):
    """Energy and dose in each cell of a grid in the world: count and spacing (mm) in x, y, z.

    :param origin: mm, centre of the first cell; default: the grid is centred on 0, 0, 0
    """

    def __init__(self, name, count, spacing, *, origin=None, direction=None):
        count = tuple(int(n) for n in count)
        spacing = _arrays.vector(spacing, "spacing")
        if origin is None:
            origin = tuple(-0.5 * (n - 1) * s for n, s in zip(count, spacing))
        geometry = {"count": count, "spacing": spacing, "origin": _arrays.vector(origin, "origin")}
        if direction is not None:
            geometry["direction"] = _arrays.vector(_arrays.numpy().ravel(direction), "direction", 9)
        self._own(c.kma_scorer_create_grid(name, geometry), name)


class VolumeScorer(Scorer):
    """Energy and dose in a volume, all its placements together, without its daughters."""

    def __init__(self, name, volume):
        self._own(c.kma_scorer_create_volume(name, volume._c), name)


class DetectorScorer(Scorer):
    """Photons that cross a rectangle of pixels, primary and scattered apart: mm, pixels along u and v."""

    def __init__(self, name, centre, pixels, pixel_size, *, u=(1, 0, 0), v=(0, 1, 0), absorbs=True):
        options = {
            "centre": _arrays.vector(centre, "centre"),
            "u": _arrays.vector(u, "u"),
            "v": _arrays.vector(v, "v"),
            "count": tuple(int(n) for n in pixels),
            "pixel_size": _arrays.vector(pixel_size, "pixel_size", 2),
            "absorbs": int(absorbs),
        }
        self._own(c.kma_scorer_create_detector(name, options), name)
