"""What a scene is made of, what a result on disk holds, and what a file is."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import _arrays, values
from ._base import Owner
from ._html import table
from ._native import c
from .values import Fault, Ledger, MeshReport, Vector, documented

if TYPE_CHECKING:
    from ._arrays import Path

_NONE = 2**64 - 1  # KMA_INVENTORY_NONE


def _index(number: int) -> int | None:
    return None if number == _NONE else number


@documented
class InventoryVolume(NamedTuple):
    """A volume in use.

    :param name: as it was given
    :param shape: "box", "orb", "tube", "mesh", "image"
    :param dimensions: mm, rad: box, image: full lengths; orb: radius; tube: radii, length, phi_start, phi_delta
    :param low: mm, bounds in its own frame
    :param high: mm, bounds in its own frame
    :param material: index of a material; None for vacuum and images
    :param density: g/cm3; of an image the mean of its voxels; 0: vacuum
    :param image: index of an image
    :param placements: how often it is there in the world
    :param daughters: placed in it directly
    :param solid_volume: mm3, of its shape
    :param volume: mm3, without its daughters
    :param mass: g of one placement, without its daughters
    :param mass_uncertainty: g; 0 if it is exact
    :param method: how the mass was found: "analytic", "mesh", "voxels" or "sampled"
    :param mass_with_daughters: g of one placement and all that is placed in it
    :param mesh: the audit of its mesh; None of other shapes
    """

    name: str
    shape: str
    dimensions: tuple[float, ...]
    low: Vector
    high: Vector
    material: int | None
    density: float
    image: int | None
    placements: int
    daughters: int
    solid_volume: float
    volume: float
    mass: float
    mass_uncertainty: float
    method: str
    mass_with_daughters: float
    mesh: MeshReport | None


@documented
class InventoryPlacement(NamedTuple):
    """A placement in the world, under one chain of mothers.

    :param volume: index of a volume
    :param mother: index of a placement; None for the world
    :param first_daughter: index of a placement; the others follow
    :param daughters: placed in it directly
    :param translation: mm, in the world: a point p of the volume is at rotation p + translation
    :param rotation: 3 x 3, nine numbers, row by row
    :param low: mm, bounds in the world
    :param high: mm, bounds in the world
    """

    volume: int
    mother: int | None
    first_daughter: int
    daughters: int
    translation: Vector
    rotation: tuple[float, ...]
    low: Vector
    high: Vector


@documented
class InventoryMaterial(NamedTuple):
    """A material of solids or CT tables in use.

    :param name: as it was given
    :param density: g/cm3, its own: voxels have the CT table's
    :param elements: mass fractions
    :param volumes: that it fills
    :param voxels: of all images, that became it
    """

    name: str
    density: float
    elements: dict[str, float]
    volumes: int
    voxels: int


@documented
class InventoryPart(NamedTuple):
    """What of an image became one material.

    :param material: index of a material
    :param voxels: how many
    :param mass: g
    :param density_low: g/cm3, of these voxels
    :param density_high: g/cm3, of these voxels
    """

    material: int
    voxels: int
    mass: float
    density_low: float
    density_high: float


@documented
class InventoryImage(NamedTuple):
    """An image that a volume shows, and what became of its CT numbers.

    :param volume: index of a volume
    :param voxels: how many
    :param lowest: CT number in the image
    :param highest: CT number in the image
    :param table_low: the table's first CT number
    :param table_high: the table's last CT number
    :param below: voxels with numbers below the table: they count as its first
    :param above: voxels with numbers above the table: they count as its last
    :param mass: g of all voxels
    :param materials: what became each material
    """

    volume: int
    voxels: int
    lowest: float
    highest: float
    table_low: float
    table_high: float
    below: int
    above: int
    mass: float
    materials: list[InventoryPart]


@documented
class InventorySource(NamedTuple):
    """A source.

    :param kind: "point", "pencil" or "parallel"
    :param position: mm, in the world
    :param share: fraction of all histories, 0 to 1
    :param mean_energy: MeV, of its photons
    :param min_energy: MeV, the smallest that it emits
    :param max_energy: MeV, the largest that it emits
    :param in_world: whether its position lies in the world; from outside, photons that miss the world escape at once
    """

    kind: str
    position: Vector
    share: float
    mean_energy: float
    min_energy: float
    max_energy: float
    in_world: bool


@documented
class InventoryScorer(NamedTuple):
    """A scorer.

    :param name: as it was given
    :param kind: "voxels", "grid", "volume" or "detector"
    :param bins: how many
    :param quantities: numbers that each bin holds
    :param bytes: of memory, once all bins are hit
    :param volume: index of a volume; None for grids and detectors
    """

    name: str
    kind: str
    bins: int
    quantities: int
    bytes: int
    volume: int | None


@documented
class Memory(NamedTuple):
    """Bytes that a run needs.

    :param geometry: bytes of meshes and placements
    :param images: bytes of images: their values, and what a run makes of them
    :param tables: bytes of cross-sections
    :param scorers: bytes of all scorers' bins, once all are hit
    :param worker: bytes of each worker
    """

    geometry: int
    images: int
    tables: int
    scorers: int
    worker: int


_SOURCE_KINDS = {c.KMA_SOURCE_POINT: "point", c.KMA_SOURCE_PENCIL: "pencil", c.KMA_SOURCE_PARALLEL: "parallel"}


class Inventory(Owner):
    """What a scene is made of: see :meth:`kerma.Simulation.inventory`. A copy: later changes do not show.

    Where there are faults, what they make unknown is left away. A closed one raises :class:`kerma.ClosedError`.
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
        """Those of solids and CT tables in use, each once; other tables say their index in this list."""
        found = []
        for d in self._all(c.kma_inventory_get_material, "materials"):
            n = d["elements"]
            elements = {c.kma_element_symbol(z): f for z, f in zip(d["z"][:n], d["fraction"][:n])}
            found.append(InventoryMaterial(d["name"], d["density"], elements, d["volumes"], d["voxels"]))
        return found

    @property
    def images(self) -> list[InventoryImage]:
        """Those that volumes show, and what became of their CT numbers."""
        handle = self._c
        found = []
        for i, d in enumerate(self._all(c.kma_inventory_get_image, "images")):
            parts = [InventoryPart(**c.kma_inventory_get_image_material(handle, i, k)) for k in range(d["materials"])]
            found.append(InventoryImage(**{**{k: d[k] for k in InventoryImage._fields}, "materials": parts}))
        return found

    @property
    def sources(self) -> list[InventorySource]:
        """In the order in which they were added."""
        return [InventorySource(_SOURCE_KINDS[d["options"]["kind"]], d["options"]["position"], d["share"],
                                d["mean_energy"], d["min_energy"], d["max_energy"], bool(d["in_world"]))
                for d in self._all(c.kma_inventory_get_source, "sources")]

    @property
    def scorers(self) -> list[InventoryScorer]:
        """In the order in which they were added."""
        return [InventoryScorer(d["name"], c.kma_scorer_kind_name(d["kind"]), d["bins"], d["quantities"], d["bytes"],
                                _index(d["volume"]))
                for d in self._all(c.kma_inventory_get_scorer, "scorers")]

    @property
    def memory(self) -> Memory:
        """Bytes that a run needs."""
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


@documented
class SummaryValue(NamedTuple):
    """A number of a scorer.

    :param value: in `unit`
    :param uncertainty: one standard deviation, in `unit`; nan if there is none
    :param unit: "Gy", "MeV", "g" or "1"; per history but for masses
    """

    value: float
    uncertainty: float
    unit: str


@documented
class SummaryScorer(NamedTuple):
    """A scorer in a summary.

    :param name: of the scorer
    :param kind: "voxels", "grid", "volume" or "detector"
    :param bins: how many
    :param values: by name, such as "largest_dose"
    """

    name: str
    kind: str
    bins: int
    values: dict[str, SummaryValue]


class Summary(Owner):
    """What the summary.json of a directory of results says, read back."""

    __slots__ = ("_info",)
    _kind = "summary"

    def __init__(self, path: Path) -> None:
        """Reads the file.

        :param path: a directory of results, or the summary.json in one
        :raises FileError: there is none, or it cannot be read
        :raises FormatError: it is no summary; the text says where
        """
        self._own(c.kma_summary_read(_arrays.path(path)), _arrays.path_label(path))
        self._info: dict[str, Any] = c.kma_summary_get_info(self._handle)

    def _get(self, name: str) -> Any:
        self._c
        return self._info[name]

    @property
    def title(self) -> str:
        """The simulation's."""
        return str(self._get("title"))

    @property
    def histories(self) -> int:
        """Photons that the scores hold."""
        return int(self._get("histories"))

    @property
    def seed(self) -> int:
        """Of the random numbers."""
        return int(self._get("seed"))

    @property
    def cut_energy(self) -> float:
        """MeV: below it a photon stopped and left its energy where it was."""
        return float(self._get("cut_energy"))

    @property
    def ledger(self) -> Ledger:
        """Where the emitted energy went, MeV in all histories."""
        return Ledger(**self._get("ledger"))

    @property
    def scene_hash(self) -> str:
        """SHA-256 of the scene: that of a :class:`kerma.Result` of an equal scene."""
        return str(self._get("scene_hash"))

    @property
    def scores_hash(self) -> str:
        """SHA-256 of all exact sums: equal for equal scene, seed and histories."""
        return str(self._get("scores_hash"))

    @property
    def kerma_version(self) -> str:
        """Of the kerma that wrote it, such as "0.1.0"."""
        return str(self._get("kerma_version"))

    @property
    def scorers(self) -> list[SummaryScorer]:
        """Their main numbers, in the scene's order."""
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

    :param path: of the file
    :raises FileError: it cannot be read
    :raises FormatError: it is nothing that kerma knows
    """
    return str(c.kma_file_kind_name(c.kma_file_recognize(_arrays.path(path))))
