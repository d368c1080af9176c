"""Meshes, solids, images, and volumes made of them."""
from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from . import _arrays, values
from ._base import Owner, changed, choice, handle_of
from ._html import numbers, table
from ._native import c
from .errors import ArgumentError, FileError, FormatError, StateError
from .matter import CTTable, Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from ._arrays import Path
    from ._base import Kept
    from .values import Hits, ImageStatistics, MeshReport, Nearest, Placed, Vector

_T = TypeVar("_T")


class Mesh(Owner):
    """A closed triangle mesh.

    :param vertices: (n, 3) in mm
    :param triangles: (m, 3) indices of vertices, counter-clockwise seen from outside
    :raises MeshError: the surface is not closed and consistent; the text says what is wrong and where, :meth:`audit` tells all
    :raises ArgumentError: the arrays have other shapes, or hold no such numbers

    Both are copied. Equal vertices are welded.
    """

    __slots__ = ()
    _kind = "mesh"

    def __init__(self, vertices: ArrayLike, triangles: ArrayLike) -> None:
        self._own(c.kma_mesh_create_arrays(self._arrays_of(vertices, triangles)))

    @staticmethod
    def _arrays_of(vertices: ArrayLike, triangles: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
        import numpy as np

        v, _ = _arrays.rows(vertices, 3, "vertices")
        t, _ = _arrays.rows(_arrays.numbers(triangles, "triangles", whole=True), 3, "triangles")
        if t.size and not (t.min() >= 0 and t.max() < 2**32):
            raise ArgumentError(f"triangles has indices from {t.min()} to {t.max()} (must be 0 to {2**32 - 1})")
        # Copies: C looks at them twice, and what another thread writes into the caller's in between names no vertex.
        return np.array(v, np.float64, order="C"), np.array(t, np.uint32, order="C")

    @classmethod
    def read(cls, path: Path, *, unit: float = 1.0) -> Mesh:
        """Reads an STL file, binary or text.

        :param path: of the file
        :param unit: mm that a 1 in the file means (10 for cm)
        :raises FileError: it cannot be read
        :raises FormatError: it is no STL file, or damaged
        :raises MeshError: its surface is not closed: see :meth:`audit_file`
        """
        return cls._owning(c.kma_mesh_read_stl(_arrays.path(path), unit), _arrays.path_label(path))

    @classmethod
    def audit(cls, vertices: ArrayLike, triangles: ArrayLike) -> MeshReport:
        """What is wrong with a surface, and where; no surface is refused.

        :param vertices: (n, 3) in mm
        :param triangles: (m, 3) indices of vertices
        :raises ArgumentError: the arrays have other shapes
        """
        return values._mesh_report(c.kma_mesh_audit_arrays(cls._arrays_of(vertices, triangles)))

    @classmethod
    def audit_file(cls, path: Path, *, unit: float = 1.0) -> MeshReport:
        """What is wrong with the surface in an STL file, and where; no surface is refused.

        :param path: of the file
        :param unit: mm that a 1 in the file means
        :raises FileError: it cannot be read
        :raises FormatError: it is no STL file, or damaged
        """
        return values._mesh_report(c.kma_mesh_audit_stl(_arrays.path(path), unit))

    @property
    def report(self) -> MeshReport:
        """The audit of this mesh."""
        return values._mesh_report(c.kma_mesh_get_report(self._c))

    @property
    def vertices(self) -> NDArray[np.float64]:
        """(n, 3) in mm, equal ones welded; a copy."""
        import numpy as np

        handle = self._c
        out = np.empty((c.kma_mesh_count_vertices(handle), 3))
        c.kma_mesh_get_vertices(handle, (out,))
        return out

    @property
    def triangles(self) -> NDArray[np.uint32]:
        """(m, 3) indices of the welded vertices, counter-clockwise seen from outside; a copy."""
        import numpy as np

        handle = self._c
        out = np.empty((c.kma_mesh_count_facets(handle), 3), dtype=np.uint32)
        c.kma_mesh_get_facets(handle, (out,))
        return out

    @property
    def volume(self) -> float:
        """mm3 that it encloses."""
        return float(c.kma_mesh_get_volume(self._c))

    @property
    def surface_area(self) -> float:
        """mm2 of its surface."""
        return float(c.kma_mesh_get_surface_area(self._c))

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """Lowest and highest corner, mm, in x, y, z."""
        low, high = c.kma_mesh_get_bounds(self._c)
        return low, high

    def intersect(self, origins: ArrayLike, directions: ArrayLike, *, threads: int | None = None) -> Hits:
        """The first surface that each ray meets: arrays (n,), or numbers of a single ray.

        :param origins: (n, 3) mm, or one for all
        :param directions: (n, 3) of any length, or one for all
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: shapes do not fit, a number is not finite, or a direction has no length; the text says the row
        """
        import numpy as np

        o, d, single = _arrays.pair(origins, directions, ("origins", "directions"))
        n = len(o)
        distances, facets, exits = np.empty(n), np.empty(n, np.uint32), np.empty(n, np.uint8)
        _arrays.query(partial(c.kma_mesh_intersect, self._c), (o, d), (distances, facets, exits), threads)
        if single:
            return values.Hits(float(distances[0]), int(facets[0]), bool(exits[0]))
        return values.Hits(distances, facets, exits.astype(bool))

    def inside(self, points: ArrayLike, *, threads: int | None = None) -> Any:
        """Which points are inside: (n,) bool; of one point a bool. On the surface either may come.

        :param points: (n, 3) mm
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: the shape is another, or a number is not finite; the text says the row
        """
        import numpy as np

        p, single = _arrays.rows(points, 3, "points")
        out = np.empty(len(p), np.uint8)
        _arrays.query(partial(c.kma_mesh_inside, self._c), (p,), (out,), threads)
        return bool(out[0]) if single else out.astype(bool)

    def nearest(self, points: ArrayLike, *, threads: int | None = None) -> Nearest:
        """The facet nearest to each point, from inside or outside, and how far it is: arrays (n,), or numbers of one point.

        :param points: (n, 3) mm
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: the shape is another, or a number is not finite; the text says the row
        """
        import numpy as np

        p, single = _arrays.rows(points, 3, "points")
        distances, facets = np.empty(len(p)), np.empty(len(p), np.uint32)
        _arrays.query(partial(c.kma_mesh_nearest, self._c), (p,), (distances, facets), threads)
        return values.Nearest(float(distances[0]), int(facets[0])) if single else values.Nearest(distances, facets)

    def __len__(self) -> int:
        return int(c.kma_mesh_count_facets(self._c))

    def _describe(self) -> str:
        return f"{len(self)} facets, {self.volume:.6g} mm3"


class MeshBuilder(Owner):
    """Collects facets one by one; :meth:`mesh` makes the mesh of them."""

    __slots__ = ()
    _kind = "mesh builder"

    def __init__(self) -> None:
        self._own(c.kma_mesh_builder_create())

    def triangle(self, first: ArrayLike, second: ArrayLike, third: ArrayLike) -> None:
        """Adds a triangle: its corners counter-clockwise seen from outside.

        :param first: (x, y, z) mm, as `second` and `third`
        :raises ArgumentError: a corner is not three finite numbers
        :raises StateError: the mesh was made already
        """
        c.kma_mesh_builder_add_triangle(self._c, _arrays.vector(first, "first"), _arrays.vector(second, "second"),
                                        _arrays.vector(third, "third"))

    def quadrangle(self, first: ArrayLike, second: ArrayLike, third: ArrayLike, fourth: ArrayLike) -> None:
        """Adds a flat, convex quadrangle as two triangles: its corners counter-clockwise seen from outside.

        :param first: (x, y, z) mm, as `second`, `third` and `fourth`
        :raises ArgumentError: a corner is not three finite numbers
        :raises StateError: the mesh was made already
        """
        c.kma_mesh_builder_add_quadrangle(self._c, _arrays.vector(first, "first"), _arrays.vector(second, "second"),
                                          _arrays.vector(third, "third"), _arrays.vector(fourth, "fourth"))

    def mesh(self) -> Mesh:
        """The mesh; afterwards the builder takes no more.

        :raises MeshError: the surface is not closed and consistent; what is missing can be added
        :raises StateError: the mesh was made already
        """
        return Mesh._owning(c.kma_mesh_builder_close(self._c))

    def __len__(self) -> int:
        return int(c.kma_mesh_builder_count_facets(self._c))

    def _describe(self) -> str:
        return f"{len(self)} facets"


class Solid(Owner):
    """A shape in a frame of its own: :class:`Box`, :class:`Orb`, :class:`Tube`, :class:`Tessellated`.

    Queries take points (mm) and directions as arrays (n, 3) and give arrays (n,); of three numbers they give one. They work
    on all processors while other Python threads go on; `threads` limits that, and changes no number.
    """

    __slots__ = ()
    _kind = "solid"

    @classmethod
    def _of(cls, handle: Any, kept: Kept | None = None) -> Solid:
        kinds: dict[int, type[Solid]] = {c.KMA_SHAPE_BOX: Box, c.KMA_SHAPE_ORB: Orb, c.KMA_SHAPE_TUBE: Tube,
                                         c.KMA_SHAPE_MESH: Tessellated}
        return kinds[c.kma_solid_get_shape(handle)]._owning(handle, kept=kept)

    @property
    def shape(self) -> str:
        """"box", "orb", "tube" or "mesh"."""
        return str(c.kma_shape_name(c.kma_solid_get_shape(self._c)))

    @property
    def dimensions(self) -> dict[str, Any]:
        """What it was made from, by the names of its class's arguments: mm and rad. Empty of a mesh."""
        self._c
        return {}

    def _numbers(self) -> tuple[float, ...]:
        """What C calls its dimensions."""
        dimensions: tuple[float, ...] = c.kma_solid_get_dimensions(self._c)
        return dimensions

    @property
    def volume(self) -> float:
        """mm3 that it encloses."""
        return float(c.kma_solid_get_volume(self._c))

    @property
    def surface_area(self) -> float:
        """mm2 of its surface."""
        return float(c.kma_solid_get_surface_area(self._c))

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """Lowest and highest corner, mm, in x, y, z."""
        low, high = c.kma_solid_get_bounds(self._c)
        return low, high

    def _query(self, call: Any, points: ArrayLike, directions: ArrayLike | None, threads: int | None,
               dtype: DTypeLike = float, shape: tuple[int, ...] = ()) -> Any:
        import numpy as np

        inputs: tuple[NDArray[Any], ...]
        if directions is None:
            p, single = _arrays.rows(points, 3, "points")
            inputs = (p,)
        else:
            p, d, single = _arrays.pair(points, directions, ("points", "directions"))
            inputs = (p, d)
        out = np.empty((len(p), *shape), dtype)
        _arrays.query(partial(call, self._c), inputs, (out,), threads)
        return out[0] if single else out

    def inside(self, points: ArrayLike, *, threads: int | None = None) -> Any:
        """Which points are inside or on the surface: (n,) bool; of one point a bool.

        :param points: (n, 3) mm, in the solid's frame
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: the shape is another, or a number is not finite; the text says the row
        """
        import numpy as np

        out = self._query(c.kma_solid_is_inside, points, None, threads, np.uint8)
        return bool(out) if np.ndim(out) == 0 else out.astype(bool)

    def distance_to_in(self, points: ArrayLike, directions: ArrayLike, *, threads: int | None = None) -> Any:
        """(n,) mm along each direction to where the solid is entered; inf if it is not met, 0 inside.

        :param points: (n, 3) mm, in the solid's frame, or one for all
        :param directions: (n, 3) of any length, or one for all
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: shapes do not fit, a number is not finite, or a direction has no length; the text says the row
        """
        return self._query(c.kma_solid_distance_to_in, points, directions, threads)

    def distance_to_out(self, points: ArrayLike, directions: ArrayLike, *, threads: int | None = None) -> Any:
        """(n,) mm along each direction to where the solid is left for the first time; 0 outside.

        :param points: (n, 3) mm, in the solid's frame, or one for all
        :param directions: (n, 3) of any length, or one for all
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: shapes do not fit, a number is not finite, or a direction has no length; the text says the row
        """
        return self._query(c.kma_solid_distance_to_out, points, directions, threads)

    def safety_to_in(self, points: ArrayLike, *, threads: int | None = None) -> Any:
        """(n,) mm that can be walked from each point in any direction without entering; 0 inside.

        :param points: (n, 3) mm, in the solid's frame
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: the shape is another, or a number is not finite; the text says the row
        """
        return self._query(c.kma_solid_safety_to_in, points, None, threads)

    def safety_to_out(self, points: ArrayLike, *, threads: int | None = None) -> Any:
        """(n,) mm that can be walked from each point in any direction without leaving; 0 outside.

        :param points: (n, 3) mm, in the solid's frame
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: the shape is another, or a number is not finite; the text says the row
        """
        return self._query(c.kma_solid_safety_to_out, points, None, threads)

    def normal(self, points: ArrayLike, *, threads: int | None = None) -> Any:
        """(n, 3) outward unit normals of the surface near each point.

        :param points: (n, 3) mm, in the solid's frame
        :param threads: how many share the work; None: all processors. The numbers are the same
        :raises ArgumentError: the shape is another, or a number is not finite; the text says the row
        """
        return self._query(c.kma_solid_get_normal, points, None, threads, shape=(3,))

    def _describe(self) -> str:
        what = ", ".join(f"{k}={v:g}" if isinstance(v, float) else f"{k}=({numbers(v)})"
                         for k, v in self.dimensions.items())
        return what or f"{self.volume:.6g} mm3"


class Box(Solid):
    """A box about the origin, its faces at right angles to the axes.

    :param size: full lengths in x, y, z, mm
    :raises ArgumentError: one of them is not above 0 and at most 1e9
    """

    __slots__ = ()

    def __init__(self, size: ArrayLike) -> None:
        self._own(c.kma_solid_create_box(_arrays.vector(size, "size")))

    @property
    def size(self) -> Vector:
        """Full lengths in x, y, z, mm."""
        x, y, z = self._numbers()[:3]
        return x, y, z

    @property
    def dimensions(self) -> dict[str, Any]:
        """{"size": (x, y, z)}, mm"""
        return {"size": self.size}


class Orb(Solid):
    """A full sphere about the origin.

    :param radius: mm
    :raises ArgumentError: it is not above 0 and at most 1e9
    """

    __slots__ = ()

    def __init__(self, radius: float) -> None:
        self._own(c.kma_solid_create_orb(radius))

    @property
    def radius(self) -> float:
        """mm"""
        return self._numbers()[0]

    @property
    def dimensions(self) -> dict[str, Any]:
        """{"radius": mm}"""
        return {"radius": self.radius}


class Tube(Solid):
    """A tube, or a section of one, about the z axis and centred on the origin.

    :param outer_radius: mm
    :param length: full length along z, mm
    :param inner_radius: mm; 0: a full cylinder
    :param phi_start: azimuth at which a section begins, rad, from x towards y
    :param phi_delta: how far it reaches, rad, at most 2 pi
    :raises ArgumentError: a number is none of a tube; the text says which
    """

    __slots__ = ()

    def __init__(self, outer_radius: float, length: float, *, inner_radius: float = 0.0, phi_start: float = 0.0,
                 phi_delta: float = 2 * math.pi) -> None:
        self._own(c.kma_solid_create_tube(inner_radius, outer_radius, length, phi_start, phi_delta))

    @property
    def dimensions(self) -> dict[str, Any]:
        """The numbers of the constructor by name: mm and rad."""
        inner, outer, length, start, delta = self._numbers()
        return {"outer_radius": outer, "length": length, "inner_radius": inner, "phi_start": start, "phi_delta": delta}

    @property
    def outer_radius(self) -> float:
        """mm"""
        return self._numbers()[1]

    @property
    def inner_radius(self) -> float:
        """mm"""
        return self._numbers()[0]

    @property
    def length(self) -> float:
        """mm, along z"""
        return self._numbers()[2]

    @property
    def phi_start(self) -> float:
        """rad"""
        return self._numbers()[3]

    @property
    def phi_delta(self) -> float:
        """rad; 2 pi: a full turn"""
        return self._numbers()[4]


class Tessellated(Solid):
    """The inside of a closed triangle mesh.

    :param mesh: a :class:`Mesh`, which is shared, not copied
    :raises ClosedError: the mesh was closed
    """

    __slots__ = ()

    def __init__(self, mesh: Mesh) -> None:
        handle = handle_of(mesh, Mesh, "mesh")
        self._own(c.kma_solid_create_tessellated(handle))
        self._keep(handle)

    @classmethod
    def read(cls, path: Path, *, unit: float = 1.0) -> Tessellated:
        """From an STL file.

        :param path: of the file
        :param unit: mm that a 1 in the file means (10 for cm)
        :raises FileError, FormatError, MeshError: as of :meth:`Mesh.read`
        """
        return cls(Mesh.read(path, unit=unit))

    @property
    def mesh(self) -> Mesh:
        """Its surface."""
        return Mesh._owning(c.kma_solid_get_mesh(self._c), kept=self._kept)


class _Loan(c.kmp_loan):  # type: ignore[misc]
    """Values lent by an image. NumPy's views of them keep it alive."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return {"version": 3, "typestr": self.typestr, "shape": self.shape, "data": (self.address(), True)}


class _OnGrid:
    """What lies on a regular grid in space; which one, `_geometry` says."""

    __slots__ = ()

    @property
    def _geometry(self) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def spacing(self) -> Vector:
        """mm from centre to centre, in x, y, z."""
        x, y, z = self._geometry["spacing"]
        return x, y, z

    @property
    def origin(self) -> Vector:
        """mm, where the first centre lies, in x, y, z."""
        x, y, z = self._geometry["origin"]
        return x, y, z

    @property
    def direction(self) -> NDArray[np.float64]:
        """3 x 3; column c is the unit vector along axis c."""
        import numpy as np

        return np.array(self._geometry["direction"]).reshape(3, 3)


class Image(_OnGrid, Owner):
    """Numbers on a regular grid in space, such as a CT.

    The centre of voxel (i, j, k) is at origin + direction (i spacing[0], j spacing[1], k spacing[2]), as in ITK.

    :param array: (z, y, x) integers or floats; copied. float16 becomes float32, bool becomes uint8
    :param spacing: mm between voxel centres, in x, y, z
    :param origin: mm, centre of the first voxel, in x, y, z
    :param direction: 3 x 3; column c is the unit vector along axis c
    :raises ArgumentError: the array has no three dimensions or is empty, or the place is none: a spacing that is not above
        0, a direction that is not orthonormal within 1e-4
    """

    __slots__ = ()
    _kind = "image"

    def __init__(self, array: ArrayLike, *, spacing: ArrayLike = (1, 1, 1), origin: ArrayLike = (0, 0, 0),
                 direction: ArrayLike | None = None) -> None:
        import numpy as np

        voxels = _arrays.numbers(array, "an image's array")
        smallest = {"b1": np.uint8, "f2": np.float32, "f16": np.float64, "g16": np.float64}
        dtype = smallest.get(f"{voxels.dtype.kind}{voxels.dtype.itemsize}", voxels.dtype.newbyteorder("="))
        voxels = np.ascontiguousarray(voxels, dtype=dtype)
        if voxels.ndim != 3:
            raise ArgumentError(f"an image has three dimensions (z, y, x), this array has the shape {voxels.shape}")
        if voxels.size == 0:
            raise ArgumentError(f"an image has one voxel or more, this array has the shape {voxels.shape}")
        geometry: dict[str, Any] = {
            "count": voxels.shape[::-1],
            "spacing": _arrays.vector(spacing, "spacing"),
            "origin": _arrays.vector(origin, "origin"),
        }
        if direction is not None:
            geometry["direction"] = _arrays.matrix(direction, "direction")
        self._own(c.kma_image_create((geometry, voxels)))

    @classmethod
    def read(cls, path: Path) -> Image:
        """Reads a MetaImage (.mha, .mhd). :meth:`read_itk` reads other formats.

        :param path: of the file
        :raises FileError: it cannot be read
        :raises FormatError: it is no such file; the text says where
        """
        name = _arrays.path_label(path)
        try:
            return cls._owning(c.kma_image_read(_arrays.path(path)), name)
        except (FileError, FormatError) as e:
            if name.lower().endswith((".mha", ".mhd")) or not os.path.exists(path):
                raise
            raise type(e)(f"{e}. Formats other than MetaImage are read by kerma.Image.read_itk(), with itk or SimpleITK") from None

    def write(self, path: Path, *, compress: bool = False) -> None:
        """Writes a MetaImage. A file that is there is replaced as a whole, or not at all.

        :param path: ends in .mha, or in .mhd with the data in a file beside it
        :param compress: by zlib
        :raises FileError: it cannot be written
        :raises ArgumentError: the name ends otherwise
        """
        kind = c.KMA_COMPRESSION_ZLIB if compress else c.KMA_COMPRESSION_NONE
        c.kma_image_write(self._c, _arrays.path(path), kind)

    def write_picture(self, path: Path, *, under: Image | None = None, axis: int = 2, slice: int | None = None,
                      colours: str = "heat", scale: str = "linear", low: float | None = None,
                      high: float | None = None, under_low: float | None = None, under_high: float | None = None,
                      opacity: float = 0.75, magnify: int = 0, title: str = "", unit: str = "") -> None:
        """Writes a slice as a PNG picture with a colour bar.

        :param path: of the file
        :param under: shown in gray below it, at the same places in space
        :param axis: of the image, 0 is x: the slice is across it
        :param slice: index along the axis; None: in the middle
        :param colours: "heat" or "gray"
        :param scale: "linear" or "logarithmic"
        :param low, high: values at the ends of the colour bar; None: from the slice's percentiles
        :param under_low, under_high: values that are black and white in the image below
        :param opacity: of the colours above the image below
        :param magnify: pixels a voxel; 0: as it suits
        :param title, unit: printable ASCII
        :raises ArgumentError: there is no such axis, slice or colour, or `high` is not above `low`
        :raises FileError: the file cannot be written
        """
        options: dict[str, Any] = {
            "axis": axis,
            "map": choice(colours, {"heat": c.KMA_PICTURE_HEAT, "gray": c.KMA_PICTURE_GRAY}, "colours"),
            "scale": choice(scale, {"linear": c.KMA_PICTURE_LINEAR, "logarithmic": c.KMA_PICTURE_LOGARITHMIC}, "scale"),
            "opacity": opacity,
            "magnify": magnify,
            "title": title or None,
            "unit": unit or None,
        }
        optional = {"slice": slice, "low": low, "high": high, "under_low": under_low, "under_high": under_high}
        options.update({k: v for k, v in optional.items() if v is not None})
        below = None if under is None else handle_of(under, Image, "under")
        c.kma_picture_write(self._c, below, options, _arrays.path(path))

    @classmethod
    def from_itk(cls, image: Any) -> Image:
        """An image of itk or SimpleITK, or another object with GetSpacing, GetOrigin and GetDirection.

        The values are copied once. Two dimensions make one slice of 1 mm at z = 0. A filter's output is brought up to date
        first.

        :param image: whose methods say spacing and origin in mm
        :raises ArgumentError: several values in a voxel, other dimensions, only a part in memory
        :raises ITKError: the installation of itk is not whole
        """
        from . import _itk

        made: Image = _itk.from_itk(cls, image)
        return made

    @classmethod
    def read_itk(cls, path: Path, *, series: str | None = None, package: str | None = None) -> Image:
        """Reads a file that itk or SimpleITK can read (NIfTI, NRRD, ...), or a directory with a DICOM series.

        :param path: of the file or directory
        :param series: UID of the series, where a directory holds several and not just one of modality CT
        :param package: "itk" or "SimpleITK"; None: itk if it is installed
        :raises FileError: it cannot be read
        :raises FormatError: slices are not evenly spaced, or the gantry is tilted
        :raises ITKError: there is neither package, or it is not whole
        """
        from . import _itk

        made: Image = _itk.read_file(cls, path, series, package)
        return made

    def to_itk(self, dtype: DTypeLike | None = None) -> Any:
        """A new itk.Image with a copy of the values: ITK may write into it, and keep it, at will.

        :param dtype: values are stored so, exactly or not at all (itk from PyPI has no int8 and no int64); None: as they are
        :raises ArgumentError: a value would change, or itk has no images of the type
        :raises ITKError: itk is missing, or not whole
        """
        from . import _itk

        self._c
        return _itk.to_itk(self, dtype)

    def to_simpleitk(self, dtype: DTypeLike | None = None) -> Any:
        """A new SimpleITK.Image with a copy of the values.

        :param dtype: as of :meth:`to_itk`
        :raises ArgumentError: a value would change, or SimpleITK has no images of the type
        :raises ITKError: SimpleITK is missing, or not whole
        """
        from . import _itk

        self._c
        return _itk.to_simpleitk(self, dtype)

    @property
    def _geometry(self) -> dict[str, Any]:
        geometry: dict[str, Any] = c.kma_image_get_geometry(self._c)
        return geometry

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's type of the values."""
        import numpy as np

        dtype: np.dtype[Any] = np.dtype(c.kma_scalar_name(c.kma_image_get_type(self._c)))
        return dtype

    @property
    def array(self) -> NDArray[Any]:
        """The values, (z, y, x), in the image's own unit: a view without a copy, read-only, which keeps them alive by itself."""
        import numpy as np

        handle = self._c
        loan = c.kmp_image_borrow(handle)
        loan.__class__ = _Loan
        loan.shape = c.kma_image_get_geometry(handle)["count"][::-1]
        loan.typestr = np.dtype(c.kma_scalar_name(c.kma_image_get_type(handle))).str
        return np.asarray(loan)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy as np

        array = self.array
        if dtype is not None and np.dtype(dtype) != array.dtype:
            if copy is False:
                raise ValueError(f"{array.dtype} cannot be seen as {np.dtype(dtype)} without a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels: (z, y, x)."""
        x, y, z = self._geometry["count"]
        return z, y, x

    def point_of_index(self, index: ArrayLike) -> Vector:
        """Where a voxel's centre lies: (x, y, z) in mm.

        :param index: (x, y, z); fractions and numbers outside are allowed
        :raises ArgumentError: it is not three finite numbers
        """
        x, y, z = c.kma_image_point_of_index(self._c, _arrays.vector(index, "index"))
        return x, y, z

    def index_of_point(self, point: ArrayLike) -> Vector:
        """The voxel index (x, y, z) of a point, not rounded.

        :param point: (x, y, z) mm
        :raises ArgumentError: it is not three finite numbers
        """
        x, y, z = c.kma_image_index_of_point(self._c, _arrays.vector(point, "point"))
        return x, y, z

    @property
    def statistics(self) -> ImageStatistics:
        """Lowest, highest and mean of the values."""
        return values.ImageStatistics(**c.kma_image_get_statistics(self._c))

    def _describe(self) -> str:
        g = self._geometry
        return "{} x {} x {} of {:g} x {:g} x {:g} mm, {}".format(*g["count"], *g["spacing"], self.dtype)

    def _html(self) -> str:
        g = self._geometry
        s = self.statistics
        return table("kerma.Image" + (f" {self._label}" if self._label else ""), (), [
            ("voxels (x, y, z)", numbers(g["count"])),
            ("spacing, mm", numbers(g["spacing"])),
            ("origin, mm", numbers(g["origin"])),
            ("direction", numbers(g["direction"])),
            ("values", f"{self.dtype}, {s.lowest:g} to {s.highest:g}, mean {s.mean:g}"),
        ])


class Volume(Owner):
    """A solid filled with a material, or an image looked up in a CT table.

    :param name: errors and results use it
    :param solid: its shape, or an :class:`Image`
    :param material: of a solid: a :class:`Material`, the name of one of NIST's compounds, or None: vacuum
    :param ct_table: of an image; default Schneider's (:class:`CTTable`)
    :raises ArgumentError: the name is empty or too long, there is no such material, or the filling is of the other kind
    """

    __slots__ = ()
    _kind = "volume"

    def __init__(self, name: str, solid: Solid | Image, material: Material | str | None = None, *,
                 ct_table: CTTable | None = None) -> None:
        if isinstance(solid, Image):
            if material is not None:
                raise ArgumentError("an image volume takes its materials from a ct_table, not from `material`")
            shape, filling = solid._c, handle_of(CTTable() if ct_table is None else ct_table, CTTable, "ct_table")
            self._own(c.kma_volume_create_image(name, shape, filling), name)
        else:
            if ct_table is not None:
                raise ArgumentError("a ct_table is for images, not for solids")
            shape = handle_of(solid, Solid, "solid")
            if isinstance(material, str):
                material = Material(material)
            filling = None if material is None else handle_of(material, Material, "material")
            self._own(c.kma_volume_create(name, shape, filling), name)
        self._keep(shape, solid._kept)
        if filling is not None:
            self._keep(filling)

    @classmethod
    def _of(cls, handle: Any, kept: Kept | None = None) -> Volume:
        return cls._owning(handle, c.kma_volume_get_name(handle), kept)

    @property
    def name(self) -> str:
        """As it was given."""
        return str(c.kma_volume_get_name(self._c))

    def _part(self, get: Any, make: Callable[..., _T]) -> _T | None:
        """What one kind of volume has, and C does not give of the other."""
        try:
            return make(get(self._c), kept=self._kept)
        except StateError:
            return None

    @property
    def solid(self) -> Solid | None:
        """Its shape; None if it shows an image."""
        return self._part(c.kma_volume_get_solid, Solid._of)

    @property
    def material(self) -> Material | None:
        """What fills it; None: vacuum, or an image."""
        handle = c.kma_volume_get_material(self._c)
        return Material._of(handle, self._kept) if handle.id() else None

    @property
    def image(self) -> Image | None:
        """The image that it shows; None if it is a solid."""
        return self._part(c.kma_volume_get_image, Image._owning)

    @property
    def ct_table(self) -> CTTable | None:
        """The table by which the image is understood; None if it is a solid."""
        return self._part(c.kma_volume_get_ct_table, CTTable._owning)

    def place(self, daughter: Volume, translation: ArrayLike | None = None,
              rotation: ArrayLike | None = None) -> Volume:
        """Places a volume in this one; returns it.

        :param daughter: may be placed as often as needed, in several mothers
        :param translation: mm, where its origin comes to lie
        :param rotation: 3 x 3 matrix: a point p of the daughter is at rotation p + translation
        :raises GeometryError: this one lies inside of the daughter
        :raises ArgumentError: a number is not finite, or the matrix is no rotation
        """
        handle = handle_of(daughter, Volume, "daughter")
        t = None if translation is None else _arrays.vector(translation, "translation")
        r = None if rotation is None else _arrays.matrix(rotation, "rotation")
        c.kma_volume_place(self._c, handle, t, r)
        self._keep(handle, daughter._kept)
        changed()
        return daughter

    @property
    def daughters(self) -> list[Placed]:
        """(volume, translation in mm, rotation 3 x 3) of each placement, in the order in which they were made."""
        import numpy as np

        handle = self._c
        placements = []
        for i in range(c.kma_volume_count_placements(handle)):
            daughter, translation, rotation = c.kma_volume_get_placement(handle, i)
            placements.append(values.Placed(Volume._of(daughter, self._kept), translation,
                                            np.array(rotation).reshape(3, 3)))
        return placements

    def tree(self) -> list[Volume]:
        """This volume and all that is placed in it, each once, mothers first."""
        self._c
        found = {self._id: self}
        waiting = [self]
        while waiting:
            handle = waiting.pop(0)._c
            for i in range(c.kma_volume_count_placements(handle)):
                daughter = Volume._of(c.kma_volume_get_placement(handle, i)[0], self._kept)
                if daughter._id not in found:
                    found[daughter._id] = daughter
                    waiting.append(daughter)
        return list(found.values())

    def _what(self) -> tuple[str, str]:
        """Shape and material."""
        solid, image, material = self.solid, self.image, self.material
        if image is not None:
            return f"image, {image._describe()}", "by its CT table"
        shape = "" if solid is None else f"{solid.shape}, {solid._describe()}"
        return shape, "vacuum" if material is None else material.name

    def _describe(self) -> str:
        shape, material = self._what()
        n = int(c.kma_volume_count_placements(self._c))
        return f"{shape.split(',')[0]}, {material}" + (f", {n} placed in it" if n else "")

    def _html(self) -> str:
        shape, material = self._what()
        rows = [("shape", shape), ("material", material)]
        rows += [("holds", f"{d.volume.name} at ({numbers(d.translation)}) mm") for d in self.daughters]
        return table(f"kerma.Volume {self.name}", (), rows)
