"""Materials, and tables from CT numbers to materials."""
from . import _arrays
from ._base import Owner
from ._native import c


class Material(Owner):
    """A compound of NIST's list or an element by name, such as "Water, Liquid", "Bone, Cortical (ICRP)", "Ti".

    For others: :meth:`formula`, :meth:`mass_fractions`.
    """

    _kind = "material"

    def __init__(self, name):
        self._own(c.kma_material_create_nist(name), name)

    @classmethod
    def _of(cls, handle):
        self = cls.__new__(cls)
        self._own(handle, c.kma_material_get_name(handle))
        return self

    @classmethod
    def formula(cls, formula, density=0.0, *, name=None):
        """From a chemical formula such as "Ca10(PO4)6(OH)2"; density in g/cm3, 0 for an element's usual one."""
        return cls._of(c.kma_material_create_formula(name, formula, density))

    @classmethod
    def mass_fractions(cls, fractions, density, *, name):
        """From mass fractions {symbol or atomic number: fraction}; density in g/cm3."""
        np = _arrays.numpy()
        symbols = {c.kma_element_symbol(z): z for z in range(1, 99)}
        z = np.array([symbols.get(k, -1) if isinstance(k, str) else k for k in fractions], dtype=np.int32)
        if (z == -1).any():
            from .errors import ArgumentError

            raise ArgumentError(f"no such element: {list(fractions)[int(np.argmax(z == -1))]!r} (H to Cf are known)")
        f = np.array(list(fractions.values()), dtype=float)
        return cls._of(c.kma_material_create_mass_fractions(name, (z, f), density))

    @property
    def name(self):
        return c.kma_material_get_name(self._c)

    @property
    def density(self):
        """g/cm3"""
        return c.kma_material_get_density(self._c)

    @property
    def elements(self):
        """Mass fractions by symbol."""
        pairs = (c.kma_material_get_element(self._c, i) for i in range(c.kma_material_count_elements(self._c)))
        return {c.kma_element_symbol(z): fraction for z, fraction in pairs}

    def attenuation(self, energy):
        """Mass attenuation in cm2/g at an energy in MeV: photoelectric, compton, rayleigh, total."""
        return c.kma_material_get_attenuation(self._c, energy)

    def _describe(self):
        return f"{self.density:g} g/cm3"


def nist_materials():
    """The names of NIST's compounds."""
    return [c.kma_material_get_nist_name(i) for i in range(c.kma_material_count_nist())]


class CTTable(Owner):
    """From CT numbers to materials and densities. Without arguments: Schneider's, for HU at 120 kV."""

    _kind = "CT table"

    def __init__(self, rows=None):
        if rows is None:
            self._own(c.kma_ct_table_create_builtin(), "schneider")
        else:
            rows = [(float(a), float(b), float(d), float(e), material._c) for a, b, d, e, material in rows]
            self._own(c.kma_ct_table_create(rows))

    @classmethod
    def read(cls, path):
        self = cls.__new__(cls)
        self._own(c.kma_ct_table_read_csv(_arrays.path(path)), str(path))
        return self

    @property
    def range(self):
        """The first and the last CT number."""
        return c.kma_ct_table_get_range(self._c)

    @property
    def materials(self):
        return [
            Material._of(c.kma_ct_table_get_material(self._c, i))
            for i in range(c.kma_ct_table_count_materials(self._c))
        ]

    def convert(self, ct_number):
        """(material, density in g/cm3) of a CT number."""
        index, density, _ = c.kma_ct_table_convert(self._c, ct_number)
        return Material._of(c.kma_ct_table_get_material(self._c, index)), density

    def __len__(self):
        return c.kma_ct_table_count_rows(self._c)

    def _describe(self):
        low, high = self.range
        return f"{len(self)} rows, {low:g} to {high:g}"
