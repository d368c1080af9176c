"""What a scene is made of, what a result on disk holds, and what a file is."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import _arrays, values
from ._base import Owner
from ._html import table
from ._native import c
from .values import Fault, Ledger, MeshReport, Vector

if TYPE_CHECKING:
    from ._arrays import Path

_NONE = 2**64 - 1  # KMA_INVENTORY_NONE


def _index(number: int) -> int | None:
    return None if number == _NONE else number


class InventoryVolume(NamedTuple):
    """A volume in use."""

    name: str
    shape: str  #: "box", "orb", "tube", "mesh", "image"
    dimensions: tuple[float, ...]  #: box, image: full lengths; orb: radius; tube: radii, length, phi_start, phi_delta
    low: Vector  #: mm, bounds in its own frame
    high: Vector
    material: int | None  #: index of a material; None for vacuum and images
    density: float  #: g/cm3; of an image the mean of its voxels
    image: int | None  #: index of an image
    placements: int  #: how often it is there in the world
    daughters: int  #: placed in it directly
    solid_volume: float  #: mm3, of its shape
    volume: float  #: mm3, without its daughters
    mass: float  #: g of one placement, without its daughters
    mass_uncertainty: float  #: g; 0 if it is exact
    method: str  #: how the mass was found: "analytic", "mesh", "voxels" or "sampled"
    mass_with_daughters: float  #: g
    mesh: MeshReport | None


class InventoryPlacement(NamedTuple):
    """A placement in the world, under one chain of mothers."""

    volume: int  #: index of a volume
    mother: int | None  #: index of a placement; None for the world
    first_daughter: int  #: index of a placement; the others follow
    daughters: int
    translation: Vector  #: mm, in the world
    rotation: tuple[float, ...]  #: nine numbers, row by row
    low: Vector  #: mm, bounds in the world
    high: Vector


class InventoryMaterial(NamedTuple):
    """A material of solids or CT tables in use."""

    name: str
    density: float  #: g/cm3, its own: voxels have the CT table's
    elements: dict[str, float]  #: mass fractions
    volumes: int  #: that it fills
    voxels: int  #: of all images, that became it


class InventoryPart(NamedTuple):
    """What of an image became one material."""

    material: int  #: index of a material
    voxels: int
    mass: float  #: g
    density_low: float  #: g/cm3, of these voxels
    density_high: float


class InventoryImage(NamedTuple):
    """An image that a volume shows, and what became of its CT numbers."""

    volume: int  #: index of a volume
    voxels: int
    lowest: float  #: CT numbers in the image
    highest: float
    table_low: float  #: CT numbers in the table
    table_high: float
    below: int  #: voxels beyond the table: they count as its ends
    above: int
    mass: float  #: g of all voxels
    materials: list[InventoryPart]


class InventorySource(NamedTuple):
    """A source."""

    kind: str  #: "point", "pencil" or "parallel"
    position: Vector  #: mm
    share: float  #: of all histories
    mean_energy: float  #: MeV
    min_energy: float
    max_energy: float
    in_world: bool


class InventoryScorer(NamedTuple):
    """A scorer."""

    name: str
    kind: str
    bins: int
    quantities: int  #: that each bin holds
    bytes: int  #: once all bins are hit
    volume: int | None  #: index of a volume


class Memory(NamedTuple):
    """Bytes that a run needs."""

    geometry: int
    images: int
    tables: int
    scorers: int
    worker: int  #: each


_source_kinds = {c.KMA_SOURCE_POINT: "point", c.KMA_SOURCE_PENCIL: "pencil", c.KMA_SOURCE_PARALLEL: "parallel"}


class Inventory(Owner):
    """What a scene is made of: see :meth:`kerma.Simulation.inventory`. A copy: later changes do not show.

    Where there are faults, what they make unknown is left away.
    """

    __slots__ = ("_info",)
    _kind = "inventory"

    def __init__(self, handle: Any) -> None:
        self._own(handle)
        self._info: dict[str, Any] = c.kma_inventory_get_info(handle)

    def _all(self, get: Any, what: str) -> list[dict[str, Any]]:
        handle = self._c
        return [get(handle, i) for i in range(self._info[what])]

    @property
    def faults(self) -> list[Fault]:
        """For which a run would be refused; overlaps are not looked for."""
        return [values._fault(d["status"], d["text"]) for d in self._all(c.kma_inventory_get_fault, "faults")]

    @property
    def volumes(self) -> list[InventoryVolume]:
        """Those in use, the world first."""
        found = []
        for d in self._all(c.kma_inventory_get_volume, "volumes"):
            mesh = values._mesh_report(d["mesh"]) if d["shape"] == c.KMA_SHAPE_MESH else None
            d.update(shape=c.kma_shape_name(d["shape"]), material=_index(d["material"]), image=_index(d["image"]),
                     method=c.kma_mass_method_name(d["method"]), mesh=mesh)
            found.append(InventoryVolume(**d))
        return found

    @property
    def placements(self) -> list[InventoryPlacement]:
        """In the world, its own first; mothers come before daughters."""
        found = []
        for d in self._all(c.kma_inventory_get_placement, "placements"):
            d.update(mother=_index(d["mother"]))
            found.append(InventoryPlacement(**d))
        return found

    @property
    def materials(self) -> list[InventoryMaterial]:
        found = []
        for d in self._all(c.kma_inventory_get_material, "materials"):
            n = d["elements"]
            elements = {c.kma_element_symbol(z): f for z, f in zip(d["z"][:n], d["fraction"][:n])}
            found.append(InventoryMaterial(d["name"], d["density"], elements, d["volumes"], d["voxels"]))
        return found

    @property
    def images(self) -> list[InventoryImage]:
        handle = self._c
        found = []
        for i, d in enumerate(self._all(c.kma_inventory_get_image, "images")):
            parts = [InventoryPart(**c.kma_inventory_get_image_material(handle, i, k)) for k in range(d["materials"])]
            found.append(InventoryImage(**{**{k: d[k] for k in InventoryImage._fields}, "materials": parts}))
        return found

    @property
    def sources(self) -> list[InventorySource]:
        return [InventorySource(_source_kinds[d["options"]["kind"]], d["options"]["position"], d["share"],
                                d["mean_energy"], d["min_energy"], d["max_energy"], bool(d["in_world"]))
                for d in self._all(c.kma_inventory_get_source, "sources")]

    @property
    def scorers(self) -> list[InventoryScorer]:
        return [InventoryScorer(d["name"], c.kma_scorer_kind_name(d["kind"]), d["bins"], d["quantities"], d["bytes"],
                                _index(d["volume"]))
                for d in self._all(c.kma_inventory_get_scorer, "scorers")]

    @property
    def memory(self) -> Memory:
        self._c
        return Memory(*(self._info[f"{x}_bytes"] for x in ("geometry", "image", "table", "scorer", "worker")))

    @property
    def scene_hash(self) -> str:
        """As a result of the scene will have it; empty with faults."""
        self._c
        return str(self._info["scene_hash"])

    @property
    def contact(self) -> float:
        """mm: gaps and overlaps below count as contact."""
        self._c
        return float(self._info["contact"])

    def _describe(self) -> str:
        i = self._info
        return f"{i['volumes']} volumes, {i['placements']} placements, {i['faults']} faults"

    def _html(self) -> str:
        materials = self.materials
        rows = []
        for v in self.volumes:
            material = "" if v.image is not None else "vacuum" if v.material is None else materials[v.material].name
            rows.append((v.name, v.shape, material, f"{v.density:g}", f"{v.volume / 1000:g}", f"{v.mass:g}", v.placements))
        rows += [("fault", f.error.__name__, f.text, "", "", "", 0) for f in self.faults]
        return table("kerma.Inventory", ("volume", "shape", "material", "g/cm3", "cm3", "g", "placed"), rows)


class SummaryValue(NamedTuple):
    """A number of a scorer."""

    value: float
    uncertainty: float  #: one standard deviation; nan if there is none
    unit: str  #: per history but for masses


class SummaryScorer(NamedTuple):
    """A scorer in a summary."""

    name: str
    kind: str
    bins: int
    values: dict[str, SummaryValue]  #: by name, such as "largest_dose"


class Summary(Owner):
    """What the summary.json of a directory of results says, read back."""

    __slots__ = ("_info",)
    _kind = "summary"

    def __init__(self, path: Path) -> None:
        """:param path: a directory of results, or the summary.json in one"""
        self._own(c.kma_summary_read(_arrays.path(path)), _arrays.path_label(path))
        self._info: dict[str, Any] = c.kma_summary_get_info(self._handle)

    def _get(self, name: str) -> Any:
        self._c
        return self._info[name]

    @property
    def title(self) -> str:
        return str(self._get("title"))

    @property
    def histories(self) -> int:
        return int(self._get("histories"))

    @property
    def seed(self) -> int:
        return int(self._get("seed"))

    @property
    def cut_energy(self) -> float:
        """MeV"""
        return float(self._get("cut_energy"))

    @property
    def ledger(self) -> Ledger:
        return Ledger(**self._get("ledger"))

    @property
    def scene_hash(self) -> str:
        return str(self._get("scene_hash"))

    @property
    def scores_hash(self) -> str:
        return str(self._get("scores_hash"))

    @property
    def kerma_version(self) -> str:
        return str(self._get("kerma_version"))

    @property
    def scorers(self) -> list[SummaryScorer]:
        handle = self._c
        found = []
        for i in range(self._info["scorers"]):
            d = c.kma_summary_get_scorer(handle, i)
            numbers = {v["name"]: SummaryValue(v["value"], v["uncertainty"], v["unit"])
                       for v in d["value"][: d["values"]]}
            found.append(SummaryScorer(d["name"], d["kind"], d["bins"], numbers))
        return found

    def _describe(self) -> str:
        return f"{self.histories} histories, {self._info['scorers']} scorers"


def recognize(path: Path) -> str:
    """What a file is by its content: "mesh", "image", "scene", "result", "spectrum" or "CT table".

    :raises FormatError: it is nothing that kerma knows
    """
    return str(c.kma_file_kind_name(c.kma_file_recognize(_arrays.path(path))))
