"""What kerma tells in several numbers: tuples with names. Units are said with each."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import errors
from ._native import c

if TYPE_CHECKING:
    from .geometry import Volume

Vector = tuple[float, float, float]


class Estimate(NamedTuple):
    """A mean per history and one standard deviation of it: numbers, or arrays of the scorer's shape."""

    mean: Any
    uncertainty: Any


class Largest(NamedTuple):
    """The bin with the largest value that is beyond doubt: largest less two standard deviations."""

    bin: tuple[int, ...]  #: its index in the array: (z, y, x), of a detector (v, u), of a volume ()
    mean: float
    uncertainty: float


class Ledger(NamedTuple):
    """Where the emitted energy went, MeV in all histories: emitted = deposited + escaped + cut + killed."""

    emitted: float
    deposited: float  #: by interactions
    escaped: float  #: left the world, or ended in an absorbing detector
    cut: float  #: of photons that fell below the cut-off
    killed: float  #: of photons that an observer ended
    balance: float  #: emitted less all others, of the exact sums
    allowed: float  #: the largest balance that rounding each entry to a quantum allows


class ResultInfo(NamedTuple):
    """What a result is of."""

    histories: int  #: that the scores hold
    first_missing: int  #: all histories below this number are held
    seed: int
    scorers: int
    cut_energy: float  #: MeV
    ledger: Ledger
    ct_voxels: int  #: voxels of images that CT tables converted
    ct_voxels_below: int  #: of these, with numbers below their table
    ct_voxels_above: int
    scene_hash: str  #: SHA-256, hexadecimal
    fingerprint: str  #: of the tables of cross-sections
    scores_hash: str  #: of all exact sums: equal for equal scene, seed and histories


class Progress(NamedTuple):
    """How far a run is."""

    state: str  #: "configuring", "initialized", "running" or "closed"
    histories: int  #: done, in all runs since the result began
    target: int  #: wanted, in all
    elapsed: float  #: s since the run under way (or the last one) began
    elapsed_histories: int  #: done in that time

    @property
    def fraction(self) -> float:
        """Done of what is wanted, 0 to 1."""
        return self.histories / self.target if self.target else 0.0

    @property
    def rate(self) -> float:
        """Histories a second; 0 if nothing is known yet."""
        return self.elapsed_histories / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def remaining(self) -> float:
        """s that the rest will take; inf if nothing is known yet."""
        left = self.target - self.histories
        return left / self.rate if self.rate > 0 else 0.0 if left == 0 else float("inf")


class Stall(NamedTuple):
    """What somebody has been doing, and for how long."""

    who: str
    doing: str
    seconds: float


class Overlap(NamedTuple):
    """Two volumes that overlap."""

    kind: str  #: "outside": `first` sticks out of its mother; "siblings": `first` and `second` share space
    mother: str  #: names of volumes
    first: str
    second: str
    first_placement: int  #: index in the mother's `daughters`
    second_placement: int
    depth: float  #: mm: how far a point of one is inside of the other, or outside of the mother
    point: Vector  #: mm, in the mother: that point
    world: Vector  #: mm, the same in the world


class Fault(NamedTuple):
    """Something that is wrong with a scene."""

    error: type[errors.Error]  #: the class of the exception that a run would raise
    text: str


class MeshPlace(NamedTuple):
    """Where damage of a mesh is first."""

    facet: int  #: in the order given
    begin: Vector  #: mm, of its edge; of a whole facet: its first corner
    end: Vector


class MeshReport(NamedTuple):
    """What an audit of a surface found. Facets and edges are counted after equal vertices were welded."""

    facets: int
    vertices: int
    bodies: int  #: parts that share no edge; cavities count
    open_edges: int  #: without a partner
    flipped_edges: int  #: that two neighbours run through in the same direction
    nonmanifold_edges: int  #: of more than two facets; fine if their directions balance
    degenerate_facets: int  #: a corner repeated
    flat_facets: int  #: three corners on a line; no harm
    duplicate_facets: int  #: the same three corners as an earlier one
    nonfinite_vertices: int
    bad_indices: int  #: corners that name no vertex
    inside_out_bodies: int
    crossing_edges: int  #: bodies overlap; fine, but slower
    volume: float  #: mm3; 0 unless the surface is closed
    area: float  #: mm2
    low: Vector  #: mm, bounds
    high: Vector
    usable: bool  #: closed and consistent: a mesh can be made of it
    first_open: MeshPlace | None
    first_flipped: MeshPlace | None
    first_nonmanifold: MeshPlace | None
    first_degenerate: MeshPlace | None
    first_duplicate: MeshPlace | None
    first_inside_out: MeshPlace | None


class Hits(NamedTuple):
    """The first surfaces that rays meet: arrays (n,), or numbers of a single ray."""

    distance: Any  #: mm; inf if the ray meets nothing
    facet: Any  #: its number; 2**32 - 1 if the ray meets nothing
    exits: Any  #: whether the ray leaves the mesh there


class Nearest(NamedTuple):
    """The facets nearest to points: arrays (n,), or numbers of a single point."""

    distance: Any  #: mm
    facet: Any  #: its number


class Attenuation(NamedTuple):
    """Mass attenuation coefficients, cm2/g; by the density and 0.1 it is 1/mm."""

    photoelectric: float
    compton: float
    rayleigh: float
    total: float


class CTRow(NamedTuple):
    """A row of a CT table: its material from ct_low on, and a density that is linear in between."""

    ct_low: float
    ct_high: float
    density_low: float  #: g/cm3 at ct_low
    density_high: float  #: g/cm3 at ct_high
    material: Any  #: a :class:`kerma.Material`


class ImageStatistics(NamedTuple):
    """What an image's values are like."""

    values: int  #: finite ones
    not_finite: int
    lowest: float
    highest: float
    mean: float


class Placed(NamedTuple):
    """A daughter of a volume: its point p is at rotation p + translation in the mother."""

    volume: Volume
    translation: Vector  #: mm
    rotation: Any  #: 3 x 3 array


class Placement(NamedTuple):
    """What the number of a placement in a step means: a volume under one chain of mothers."""

    volume: str  #: its name
    mother: int  #: number of a placement; -1 for the world
    copy: int  #: of this volume: 0, 1 ... in order of placement


def _ledger(d: dict[str, Any]) -> Ledger:
    return Ledger(**d)


def _result_info(d: dict[str, Any]) -> ResultInfo:
    d["ledger"] = _ledger(d["ledger"])
    return ResultInfo(**d)


_states = {
    c.KMA_RUN_CONFIGURING: "configuring",
    c.KMA_RUN_INITIALIZED: "initialized",
    c.KMA_RUN_RUNNING: "running",
    c.KMA_RUN_CLOSED: "closed",
}


def _progress(d: dict[str, Any]) -> Progress:
    d["state"] = _states[d["state"]]
    return Progress(**d)


def _overlap(d: dict[str, Any]) -> Overlap:
    d["kind"] = "outside" if d["kind"] == c.KMA_OVERLAP_OUTSIDE else "siblings"
    return Overlap(**d)


_places = {
    "first_open": "open_edges",
    "first_flipped": "flipped_edges",
    "first_nonmanifold": "nonmanifold_edges",
    "first_degenerate": "degenerate_facets",
    "first_duplicate": "duplicate_facets",
    "first_inside_out": "inside_out_bodies",
}


def _mesh_report(d: dict[str, Any]) -> MeshReport:
    d["usable"] = bool(d["usable"])
    for place, count in _places.items():
        p = d[place]
        d[place] = MeshPlace(p["facet"], p["from"], p["to"]) if d[count] else None
    return MeshReport(**d)


def _fault(status: int, text: str) -> Fault:
    return Fault(errors._by_code[status], text)
