"""Materials, and tables from CT numbers to materials."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import _arrays
from ._base import Owner, handle_of, whole
from ._html import table
from ._native import c
from .errors import ArgumentError
from .values import Attenuation, CTRow

if TYPE_CHECKING:
    from ._arrays import Path
    from ._base import Kept

_ELEMENTS = 98  # H to Cf


class Material(Owner):
    """What volumes are made of: a compound of NIST's list or an element by name, with its usual density.

    ``Material("Water, Liquid")``, ``Material("Bone, Cortical (ICRP)")``, ``Material("Ti")``: see
    :func:`kerma.nist_materials`. For others: :meth:`formula`, :meth:`mass_fractions`.

    :param name: the compound's, the element's or its symbol
    :raises ArgumentError: there is none of this name; the text suggests the nearest
    """

    __slots__ = ()
    _kind = "material"

    def __init__(self, name: str) -> None:
        try:
            self._own(c.kma_material_create_nist(name), name)
        except ArgumentError as e:
            if not isinstance(name, str):
                raise
            words = re.findall("[a-z0-9]+", name.lower().removeprefix("g4_"))  # as Geant4 has them: G4_WATER
            near = [n for n in nist_materials() if words and all(word in n.lower() for word in words)]
            there_are = f"; of those with {' and '.join(words)} in their names there are: {', '.join(map(repr, near[:8]))}"
            raise ArgumentError(f"{e}{there_are if near else ''}; kerma.Material.formula() and mass_fractions() make others"
                                ) from None

    @classmethod
    def _of(cls, handle: Any, kept: Kept | None = None) -> Material:
        return cls._owning(handle, c.kma_material_get_name(handle), kept)

    @classmethod
    def formula(cls, formula: str, density: float = 0.0, *, name: str | None = None) -> Material:
        """From a chemical formula such as "Ca10(PO4)6(OH)2".

        :param density: g/cm3; 0: a pure element's usual one
        :param name: default the formula
        :raises ArgumentError: it is no formula, or no density; the text says where
        """
        return cls._of(c.kma_material_create_formula(name, formula, density))

    @classmethod
    def mass_fractions(cls, fractions: Mapping[str | int, float], density: float, *, name: str) -> Material:
        """From mass fractions, {symbol or atomic number: fraction}: their sum is 1 within 0.001.

        :param fractions: of elements from H to Cf, 1 to 98
        :param density: g/cm3
        :param name: results and errors use it
        :raises ArgumentError: there is no such element, fractions do not sum up to 1, or the density is none
        """
        import numpy as np

        symbols = {c.kma_element_symbol(z): z for z in range(1, _ELEMENTS + 1)}
        numbers = []
        for element in fractions:
            z = symbols.get(element, 0) if isinstance(element, str) else whole(element, "an element's atomic number")
            if not 1 <= z <= _ELEMENTS:
                raise ArgumentError(f"there is no element {element!r} (H to Cf, 1 to {_ELEMENTS}, are known)")
            numbers.append(z)
        weights = _arrays.line(list(fractions.values()), "fractions")
        return cls._of(c.kma_material_create_mass_fractions(name, (np.array(numbers, np.int32), weights), density))

    @property
    def name(self) -> str:
        """As it was given; of NIST's list the full name."""
        return str(c.kma_material_get_name(self._c))

    @property
    def density(self) -> float:
        """g/cm3"""
        return float(c.kma_material_get_density(self._c))

    @property
    def elements(self) -> dict[str, float]:
        """Mass fractions by symbol, their sum 1."""
        handle = self._c
        pairs = (c.kma_material_get_element(handle, i) for i in range(c.kma_material_count_elements(handle)))
        return {c.kma_element_symbol(z): fraction for z, fraction in pairs}

    def attenuation(self, energy: float) -> Attenuation:
        """Mass attenuation in cm2/g.

        :param energy: MeV
        :raises PhysicsError: the energy is outside of 0.001 to 0.8 MeV
        """
        return Attenuation(**c.kma_material_get_attenuation(self._c, energy))

    def _describe(self) -> str:
        return f"{self.density:g} g/cm3"

    def _html(self) -> str:
        rows: list[tuple[str, str]] = [("density", f"{self.density:g} g/cm3")]
        rows += [(symbol, f"{fraction:.4f}") for symbol, fraction in self.elements.items()]
        return table(f"kerma.Material {self.name}", (), rows)


def nist_materials() -> list[str]:
    """The names of the compounds in NIST's list, for :class:`kerma.Material`."""
    return [c.kma_material_get_nist_name(i) for i in range(c.kma_material_count_nist())]


class CTTable(Owner):
    """From CT numbers to materials and densities.

    :param rows: (ct_low, ct_high, density_low, density_high, material) each, g/cm3, by rising CT number without gaps; None:
                 the table of Schneider, Bortfeld and Schlegel (2000), for HU at 120 kV
    :raises ArgumentError: there is a gap, a row is empty, or a density is none; the text says which row
    """

    __slots__ = ()
    _kind = "CT table"

    def __init__(self, rows: Iterable[CTRow | tuple[float, float, float, float, Material]] | None = None) -> None:
        if rows is None:
            self._own(c.kma_ct_table_create_builtin(), "schneider")
            return
        raw = []
        for i, row in enumerate(rows):
            if len(row) != 5:
                raise ArgumentError(f"row {i} of a CT table is {row!r:.80} (must be ct_low, ct_high, density_low, "
                                    "density_high, material)")
            raw.append((*_arrays.vector(row[:4], f"row {i} of a CT table", 4),
                        handle_of(row[4], Material, f"the material of row {i}")))
        self._own(c.kma_ct_table_create(raw))
        for *_, material in raw:
            self._keep(material)

    @classmethod
    def read(cls, path: Path) -> CTTable:
        """Reads a table from a CSV file.

        :param path: of the file
        :raises FileError: it cannot be read
        :raises FormatError: it is no such table; the text says file, line and column
        """
        return cls._owning(c.kma_ct_table_read_csv(_arrays.path(path)), _arrays.path_label(path))

    @property
    def range(self) -> tuple[float, float]:
        """The first and the last CT number, HU."""
        low, high = c.kma_ct_table_get_range(self._c)
        return low, high

    @property
    def rows(self) -> list[CTRow]:
        """As they were given: CT numbers, and densities in g/cm3."""
        handle = self._c
        materials = self.materials
        rows = []
        for i in range(c.kma_ct_table_count_rows(handle)):
            row, material = c.kma_ct_table_get_row(handle, i)
            ct_low, ct_high, density_low, density_high = row
            rows.append(CTRow(ct_low, ct_high, density_low, density_high, materials[material]))
        return rows

    @property
    def materials(self) -> list[Material]:
        """Each once, by first use."""
        handle = self._c
        return [Material._of(c.kma_ct_table_get_material(handle, i), self._kept)
                for i in range(c.kma_ct_table_count_materials(handle))]

    def convert(self, ct_number: float) -> tuple[Material, float]:
        """(material, density in g/cm3) of a CT number.

        :param ct_number: HU; outside of the table it gets what the table's nearest end has, and nan what its first has
        """
        handle = self._c
        index, density, _ = c.kma_ct_table_convert(handle, ct_number)
        return Material._of(c.kma_ct_table_get_material(handle, index), self._kept), density

    def __len__(self) -> int:
        return int(c.kma_ct_table_count_rows(self._c))

    def _describe(self) -> str:
        low, high = self.range
        return f"{len(self)} rows, {low:g} to {high:g}"

    def _html(self) -> str:
        return table("kerma.CTTable", ("from", "to", "g/cm3", "to", "material"), [
            (f"{r.ct_low:g}", f"{r.ct_high:g}", f"{r.density_low:g}", f"{r.density_high:g}", r.material.name)
            for r in self.rows])
