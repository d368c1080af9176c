"""Meshes, solids, images, and volumes made of them."""
import math

from . import _arrays
from ._base import Owner, changed
from ._native import c
from .errors import ArgumentError
from .matter import CTTable, Material


class Mesh(Owner):
    """A closed triangle mesh.

    :param vertices: (n, 3) in mm
    :param triangles: (m, 3) indices of vertices, counter-clockwise seen from outside

    Both are copied. A surface that is not closed raises :class:`kerma.MeshError`.
    """

    _kind = "mesh"

    def __init__(self, vertices, triangles):
        self._own(c.kma_mesh_create_arrays(self._arrays_of(vertices, triangles)))

    @staticmethod
    def _arrays_of(vertices, triangles):
        np = _arrays.numpy()
        wide = np.asarray(triangles)
        if wide.size and (wide.min() < 0 or wide.max() >= 2**32):
            raise ArgumentError(f"triangles holds indices from {wide.min()} to {wide.max()}: 0 or more are needed")
        v, _ = _arrays.rows(vertices, 3, np.float64, "vertices")
        t, _ = _arrays.rows(wide, 3, np.uint32, "triangles")
        return v, t

    @classmethod
    def _of(cls, handle, label=""):
        self = cls.__new__(cls)
        self._own(handle, label)
        return self

    @classmethod
    def read(cls, path, *, unit=1.0):
        """Reads an STL file; `unit` is mm that a 1 in the file means."""
        return cls._of(c.kma_mesh_read_stl(_arrays.path(path), unit), str(path))

    @classmethod
    def audit(cls, vertices, triangles):
        """What is wrong with a surface, as a dict; nothing is refused."""
        return c.kma_mesh_audit_arrays(cls._arrays_of(vertices, triangles))

    @classmethod
    def audit_file(cls, path, *, unit=1.0):
        return c.kma_mesh_audit_stl(_arrays.path(path), unit)

    @property
    def report(self):
        return c.kma_mesh_get_report(self._c)

    @property
    def vertices(self):
        """(n, 3) in mm, equal ones welded; a copy."""
        out = _arrays.numpy().empty((c.kma_mesh_count_vertices(self._c), 3))
        c.kma_mesh_get_vertices(self._c, (out,))
        return out

    @property
    def triangles(self):
        """(m, 3) indices of the welded vertices; a copy."""
        np = _arrays.numpy()
        out = np.empty((c.kma_mesh_count_facets(self._c), 3), dtype=np.uint32)
        c.kma_mesh_get_facets(self._c, (out,))
        return out

    @property
    def volume(self):
        """mm3"""
        return c.kma_mesh_get_volume(self._c)

    @property
    def surface_area(self):
        """mm2"""
        return c.kma_mesh_get_surface_area(self._c)

    @property
    def bounds(self):
        """Lowest and highest corner, mm."""
        return c.kma_mesh_get_bounds(self._c)

    def intersect(self, origins, directions, *, threads=None):
        """(distances, facets, exits) of the first surface that each ray meets."""
        np = _arrays.numpy()
        o, single = _arrays.rows(origins, 3, np.float64, "origins")
        d, _ = _arrays.rows(directions, 3, np.float64, "directions")
        o, d = (np.ascontiguousarray(x) for x in np.broadcast_arrays(o, d))
        n = len(o)
        t, f, e = np.empty(n), np.empty(n, np.uint32), np.empty(n, np.uint8)
        handle = self._c
        _arrays.spread(lambda arrays: c.kma_mesh_intersect(handle, arrays), (o, d, t, f, e), threads)
        return (t[0], f[0], bool(e[0])) if single else (t, f, e.astype(bool))

    def inside(self, points, *, threads=None):
        np = _arrays.numpy()
        p, single = _arrays.rows(points, 3, np.float64, "points")
        out = np.empty(len(p), np.uint8)
        handle = self._c
        _arrays.spread(lambda arrays: c.kma_mesh_inside(handle, arrays), (p, out), threads)
        return bool(out[0]) if single else out.astype(bool)

    def nearest(self, points, *, threads=None):
        """(distances, facets) of the facet nearest to each point."""
        np = _arrays.numpy()
        p, single = _arrays.rows(points, 3, np.float64, "points")
        out, facets = np.empty(len(p)), np.empty(len(p), np.uint32)
        handle = self._c
        _arrays.spread(lambda arrays: c.kma_mesh_nearest(handle, arrays), (p, out, facets), threads)
        return (out[0], facets[0]) if single else (out, facets)

    def __len__(self):
        return c.kma_mesh_count_facets(self._c)

    def _describe(self):
        return f"{len(self)} facets, {self.volume:.6g} mm3"


class MeshBuilder(Owner):
    """Collects facets one by one; :meth:`mesh` makes the mesh of them."""

    _kind = "mesh builder"

    def __init__(self):
        self._own(c.kma_mesh_builder_create())

    def triangle(self, a, b, d):
        c.kma_mesh_builder_add_triangle(self._c, a, b, d)

    def quadrangle(self, a, b, d, e):
        c.kma_mesh_builder_add_quadrangle(self._c, a, b, d, e)

    def mesh(self):
        return Mesh._of(c.kma_mesh_builder_close(self._c))

    def __len__(self):
        return c.kma_mesh_builder_count_facets(self._c)


class Solid(Owner):
    """A shape in a frame of its own. Points and directions of queries are (n, 3) arrays, or three numbers."""

    _kind = "solid"

    @classmethod
    def _of(cls, handle):
        self = Solid.__new__(Solid)
        self._own(handle)
        return self

    @property
    def volume(self):
        """mm3"""
        return c.kma_solid_get_volume(self._c)

    @property
    def surface_area(self):
        """mm2"""
        return c.kma_solid_get_surface_area(self._c)

    @property
    def bounds(self):
        """Lowest and highest corner, mm."""
        return c.kma_solid_get_bounds(self._c)

    def _query(self, call, points, directions, threads, dtype=float):
        np = _arrays.numpy()
        p, single = _arrays.rows(points, 3, np.float64, "points")
        arrays = [p]
        if directions is not None:
            d, one = _arrays.rows(directions, 3, np.float64, "directions")
            arrays = [np.ascontiguousarray(x) for x in np.broadcast_arrays(p, d)]
            single = single and one
        out = np.empty(len(arrays[0]), dtype)
        handle = self._c
        _arrays.spread(lambda pieces: call(handle, pieces), (*arrays, out), threads)
        return out[0] if single else out

    def inside(self, points, *, threads=None):
        """Which points are inside or on the surface."""
        np = _arrays.numpy()
        out = self._query(c.kma_solid_is_inside, points, None, threads, np.uint8)
        return bool(out) if np.ndim(out) == 0 else out.astype(bool)

    def distance_to_in(self, points, directions, *, threads=None):
        """mm along each direction to where the solid is entered; inf if it is not met."""
        return self._query(c.kma_solid_distance_to_in, points, directions, threads)

    def distance_to_out(self, points, directions, *, threads=None):
        """mm along each direction to where the solid is left; 0 outside."""
        return self._query(c.kma_solid_distance_to_out, points, directions, threads)

    def safety_to_in(self, points, *, threads=None):
        return self._query(c.kma_solid_safety_to_in, points, None, threads)

    def safety_to_out(self, points, *, threads=None):
        return self._query(c.kma_solid_safety_to_out, points, None, threads)

    def normal(self, points, *, threads=None):
        """Outward unit normals of the surface near the points, (n, 3)."""
        np = _arrays.numpy()
        p, single = _arrays.rows(points, 3, np.float64, "points")
        out = np.empty((len(p), 3))
        handle = self._c
        flat = lambda pieces: c.kma_solid_get_normal(handle, pieces)  # noqa: E731
        _arrays.spread(flat, (p, out), threads)
        return out[0] if single else out

    def _describe(self):
        return f"{self.volume:.6g} mm3"


class Box(Solid):
    """A box about the origin: full lengths in x, y, z in mm."""

    def __init__(self, size):
        self._own(c.kma_solid_create_box(_arrays.vector(size, "size")))


class Orb(Solid):
    """A full sphere about the origin: radius in mm."""

    def __init__(self, radius):
        self._own(c.kma_solid_create_orb(radius))


class Tube(Solid):
    """A tube, or a section of one, about the z axis: mm and rad."""

    def __init__(self, outer_radius, length, *, inner_radius=0.0, phi_start=0.0, phi_delta=2 * math.pi):
        self._own(c.kma_solid_create_tube(inner_radius, outer_radius, length, phi_start, phi_delta))


class Tessellated(Solid):
    """The inside of a closed triangle mesh."""

    def __init__(self, mesh):
        self._own(c.kma_solid_create_tessellated(mesh._c))

    @classmethod
    def read(cls, path, *, unit=1.0):
        return cls(Mesh.read(path, unit=unit))


class _Loan(c.kmp_loan):
    """Values lent by an image. NumPy's views of them keep it alive."""

    @property
    def __array_interface__(self):
        return {"version": 3, "typestr": self.typestr, "shape": self.shape, "data": (self.address(), True)}


class Image(Owner):
    """Numbers on a regular grid in space, such as a CT.

    :param array: (z, y, x) integers or floats; copied
    :param spacing: mm between voxel centres, in x, y, z
    :param origin: mm, centre of the first voxel
    :param direction: 3 x 3; column c is the unit vector along axis c
    """

    _kind = "image"

    def __init__(self, array, *, spacing=(1, 1, 1), origin=(0, 0, 0), direction=None):
        np = _arrays.numpy()
        values = np.asarray(array)
        if values.dtype == bool:
            values = values.astype(np.uint8)
        values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
        if values.ndim != 3:
            raise ArgumentError(f"an image has three dimensions (z, y, x), this array has {values.ndim}")
        geometry = {
            "count": values.shape[::-1],
            "spacing": _arrays.vector(spacing, "spacing"),
            "origin": _arrays.vector(origin, "origin"),
        }
        if direction is not None:
            geometry["direction"] = _arrays.vector(np.ravel(direction), "direction", 9)
        self._own(c.kma_image_create((geometry, values)))

    @classmethod
    def _of(cls, handle, label=""):
        self = cls.__new__(cls)
        self._own(handle, label)
        return self

    @classmethod
    def read(cls, path):
        """Reads a MetaImage (.mha, .mhd)."""
        return cls._of(c.kma_image_read(_arrays.path(path)), str(path))

    def write(self, path, *, compress=False):
        """Writes a MetaImage (.mha, or .mhd with its data beside it)."""
        kind = c.KMA_COMPRESSION_ZLIB if compress else c.KMA_COMPRESSION_NONE
        c.kma_image_write(self._c, _arrays.path(path), kind)

    @classmethod
    def from_itk(cls, image):
        """An image of itk or SimpleITK, or another object with GetSpacing, GetOrigin and GetDirection.

        The values are copied once. Two dimensions make one slice of 1 mm at z = 0. A filter's output is brought up to date
        first. :class:`kerma.ArgumentError`: several values in a voxel, other dimensions, only a part in memory.
        """
        from . import _itk

        return _itk.from_itk(cls, image)

    @classmethod
    def read_itk(cls, path, *, series=None, package=None):
        """Reads a file that itk or SimpleITK can read (NIfTI, NRRD, ...), or a directory with a DICOM series.

        :param series: UID of the series, where a directory holds several and not just one of modality CT
        :param package: "itk" or "SimpleITK"; None: itk if it is installed

        Slices that are not evenly spaced, or a tilted gantry, raise :class:`kerma.FormatError`.
        """
        from . import _itk

        return _itk.read_file(cls, path, series, package)

    def to_itk(self, dtype=None):
        """A new itk.Image with a copy of the values: ITK may write into it, and keep it, at will.

        :param dtype: values are stored so, exactly or not at all (itk from PyPI has no int8 and no int64)
        """
        from . import _itk

        return _itk.to_itk(self, dtype)

    def to_simpleitk(self, dtype=None):
        """A new SimpleITK.Image with a copy of the values; `dtype` as of :meth:`to_itk`."""
        from . import _itk

        return _itk.to_simpleitk(self, dtype)

    @property
    def _geometry(self):
        return c.kma_image_get_geometry(self._c)

    @property
    def array(self):
        """The values, (z, y, x): a view without a copy, read-only, which keeps them alive by itself."""
        np = _arrays.numpy()
        handle = self._c
        loan = c.kmp_image_borrow(handle)
        loan.__class__ = _Loan
        loan.shape = self.shape
        loan.typestr = np.dtype(c.kma_scalar_name(c.kma_image_get_type(handle))).str
        return np.asarray(loan)

    def __array__(self, dtype=None, copy=None):
        np = _arrays.numpy()
        array = self.array if dtype is None else self.array.astype(dtype, copy=False)
        return np.array(array) if copy else array

    @property
    def shape(self):
        """(z, y, x)"""
        return self._geometry["count"][::-1]

    @property
    def spacing(self):
        return self._geometry["spacing"]

    @property
    def origin(self):
        return self._geometry["origin"]

    @property
    def direction(self):
        return _arrays.numpy().array(self._geometry["direction"]).reshape(3, 3)

    def point_of_index(self, index):
        """Where the voxel index (x, y, z) lies, mm."""
        return c.kma_image_point_of_index(self._c, index)

    def index_of_point(self, point):
        return c.kma_image_index_of_point(self._c, point)

    @property
    def statistics(self):
        return c.kma_image_get_statistics(self._c)

    def _describe(self):
        g = self._geometry
        return "{} x {} x {} of {:g} x {:g} x {:g} mm".format(*g["count"], *g["spacing"])


class Volume(Owner):
    """A solid filled with a material (None: vacuum), or an image looked up in a CT table.

    :param name: errors and results use it
    :param solid: its shape, or an :class:`Image`
    :param material: of a solid
    :param ct_table: of an image; default Schneider's
    """

    _kind = "volume"

    def __init__(self, name, solid, material=None, *, ct_table=None):
        if isinstance(solid, Image):
            if material is not None:
                raise ArgumentError("an image volume takes its materials from a ct_table, not from `material`")
            table = CTTable() if ct_table is None else ct_table
            self._own(c.kma_volume_create_image(name, solid._c, table._c), name)
        else:
            if isinstance(material, str):
                material = Material(material)
            self._own(c.kma_volume_create(name, solid._c, None if material is None else material._c), name)
        self._daughters = []

    @classmethod
    def _of(cls, handle):
        self = cls.__new__(cls)
        self._own(handle, c.kma_volume_get_name(handle))
        self._daughters = []
        return self

    @property
    def name(self):
        return c.kma_volume_get_name(self._c)

    def place(self, daughter, translation=None, rotation=None):
        """Places a volume in this one; returns it.

        :param translation: mm, where its origin comes to lie
        :param rotation: 3 x 3 matrix: a point p of the daughter is at rotation p + translation
        """
        t = None if translation is None else _arrays.vector(translation, "translation")
        r = None if rotation is None else _arrays.vector(_arrays.numpy().ravel(rotation), "rotation", 9)
        c.kma_volume_place(self._c, daughter._c, t, r)
        self._daughters.append(daughter)  # its name lives with its mother's
        changed()
        return daughter

    @property
    def daughters(self):
        """(volume, translation, rotation) of each placement."""
        np = _arrays.numpy()
        placements = []
        for i in range(c.kma_volume_count_placements(self._c)):
            daughter, translation, rotation = c.kma_volume_get_placement(self._c, i)
            placements.append((Volume._of(daughter), translation, np.array(rotation).reshape(3, 3)))
        return placements

    def _describe(self):
        return f"{c.kma_volume_count_placements(self._c)} placed in it"
