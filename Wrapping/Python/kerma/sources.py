"""Spectra and photon sources."""
from . import _arrays
from ._base import Owner
from ._native import c
from .errors import ArgumentError


class Spectrum(Owner):
    """Photon energies and how often they are emitted.

    :param energies: MeV: one, or several lines in rising order
    :param weights: relative number of photons of each line
    """

    _kind = "spectrum"

    def __init__(self, energies, weights=None):
        if weights is None:
            self._own(c.kma_spectrum_create_mono(float(energies)))
        else:
            arrays = (_arrays.line(energies, float, "energies"), _arrays.line(weights, float, "weights"))
            self._own(c.kma_spectrum_create_lines(arrays))

    @classmethod
    def _of(cls, handle, label=""):
        self = cls.__new__(cls)
        self._own(handle, label)
        return self

    @classmethod
    def histogram(cls, edges, weights):
        """Bins between n + 1 edges in MeV, evenly filled each by a weight (photons in the whole bin)."""
        arrays = (_arrays.line(edges, float, "edges"), _arrays.line(weights, float, "weights"))
        return cls._of(c.kma_spectrum_create_histogram(arrays))

    @classmethod
    def read(cls, path):
        """Reads a CSV table."""
        return cls._of(c.kma_spectrum_read_csv(_arrays.path(path)), str(path))

    @property
    def energies(self):
        """MeV: lines, or the edges of bins."""
        edges = c.kma_spectrum_get_kind(self._c) == c.KMA_SPECTRUM_HISTOGRAM
        out = _arrays.numpy().empty(c.kma_spectrum_get_count(self._c) + edges)
        c.kma_spectrum_get_energies(self._c, (out,))
        return out

    @property
    def weights(self):
        out = _arrays.numpy().empty(c.kma_spectrum_get_count(self._c))
        c.kma_spectrum_get_weights(self._c, (out,))
        return out

    @property
    def mean_energy(self):
        """MeV"""
        return c.kma_spectrum_get_mean_energy(self._c)

    def _describe(self):
        return f"{c.kma_spectrum_get_count(self._c)} energies, mean {self.mean_energy:.6g} MeV"


class Source(Owner):
    """Where photons come from: :class:`PointSource`, :class:`PencilSource`, :class:`ParallelSource`."""

    _kind = "source"

    @classmethod
    def _of(cls, handle):
        self = Source.__new__(Source)
        self._own(handle)
        return self

    def _make(self, spectrum, options):
        if not isinstance(spectrum, Spectrum):
            spectrum = Spectrum(spectrum)
        self._own(c.kma_source_create(options, spectrum._c))

    @property
    def options(self):
        return c.kma_source_get_options(self._c)

    @property
    def solid_angle(self):
        """sr into which a point source emits."""
        return c.kma_source_get_solid_angle(self._c)


class PointSource(Source):
    """Emits from a point: isotropically, into a cone, or towards a rectangle.

    :param spectrum: a :class:`Spectrum`, or one energy in MeV
    :param position: mm
    :param direction: of the cone's or the field's axis
    :param half_angle: rad: a cone
    :param field: (width, height) in mm of a rectangle at `field_distance`
    """

    def __init__(self, spectrum, position=(0, 0, 0), *, direction=(0, 0, 1), half_angle=None, field=None,
                 field_distance=1000.0, up=(0, 0, 0), weight=1.0):
        options = {
            "kind": c.KMA_SOURCE_POINT,
            "position": _arrays.vector(position, "position"),
            "direction": _arrays.vector(direction, "direction"),
            "up": _arrays.vector(up, "up"),
            "weight": weight,
        }
        if half_angle is not None and field is not None:
            raise ArgumentError("a source has a half_angle or a field, not both")
        if half_angle is not None:
            options.update(emission=c.KMA_EMISSION_CONE, half_angle=half_angle)
        elif field is not None:
            width, height = _arrays.vector(field, "field", 2)
            options.update(emission=c.KMA_EMISSION_FIELD, field_width=width, field_height=height,
                           field_distance=field_distance)
        self._make(spectrum, options)


class PencilSource(Source):
    """Emits along a line."""

    def __init__(self, spectrum, position=(0, 0, 0), *, direction=(0, 0, 1), weight=1.0):
        self._make(spectrum, {
            "kind": c.KMA_SOURCE_PENCIL,
            "position": _arrays.vector(position, "position"),
            "direction": _arrays.vector(direction, "direction"),
            "weight": weight,
        })


class ParallelSource(Source):
    """Emits along one direction from anywhere on a rectangle, size=(width, height), or a disc, radius=..., in mm."""

    def __init__(self, spectrum, position=(0, 0, 0), *, direction=(0, 0, 1), size=None, radius=None, up=(0, 0, 0),
                 weight=1.0):
        options = {
            "kind": c.KMA_SOURCE_PARALLEL,
            "position": _arrays.vector(position, "position"),
            "direction": _arrays.vector(direction, "direction"),
            "up": _arrays.vector(up, "up"),
            "weight": weight,
        }
        if (size is None) == (radius is None):
            raise ArgumentError("a parallel source has a size or a radius")
        if size is not None:
            width, height = _arrays.vector(size, "size", 2)
            options.update(field=c.KMA_FIELD_RECTANGLE, field_width=width, field_height=height)
        else:
            options.update(field=c.KMA_FIELD_DISC, field_radius=radius)
        self._make(spectrum, options)
