"""What kerma tells in several numbers: tuples with names. Units are said with each."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from . import errors
from ._native import c

if TYPE_CHECKING:
    from .geometry import Volume

Vector = tuple[float, float, float]
_Tuple = TypeVar("_Tuple", bound=type[tuple[Any, ...]])


def documented(cls: _Tuple) -> _Tuple:
    """Gives each field of a named tuple what the class's docstring says of it: help() shows it there, too."""
    for name, text in re.findall(r"^ *:param (\w+): (.*)$", cls.__doc__ or "", re.M):
        getattr(cls, name).__doc__ = text
    return cls


@documented
class Estimate(NamedTuple):
    """A mean per history and one standard deviation of it: numbers, or arrays of the scorer's shape.

    :param mean: per history: Gy, MeV, photons; masses: g
    :param uncertainty: one standard deviation of the mean, in its unit
    """

    mean: Any
    uncertainty: Any


@documented
class Largest(NamedTuple):
    """The bin with the largest value that is beyond doubt: largest less two standard deviations.

    :param bin: its index in the array: (z, y, x), of a detector (v, u), of a volume ()
    :param mean: its value, per history, in the quantity's unit
    :param uncertainty: one standard deviation of that
    """

    bin: tuple[int, ...]
    mean: float
    uncertainty: float


@documented
class Ledger(NamedTuple):
    """Where the emitted energy went, MeV in all histories: emitted = deposited + escaped + cut + killed.

    :param emitted: MeV, by the sources
    :param deposited: MeV, by interactions
    :param escaped: MeV that left the world, or ended in an absorbing detector
    :param cut: MeV, of photons that fell below the cut-off
    :param killed: MeV, of photons that an observer ended
    :param balance: MeV: emitted less all others, of the exact sums
    :param allowed: MeV: the largest balance that rounding each entry to a quantum allows
    """

    emitted: float
    deposited: float
    escaped: float
    cut: float
    killed: float
    balance: float
    allowed: float


@documented
class ResultInfo(NamedTuple):
    """What a result is of.

    :param histories: that the scores hold
    :param first_missing: all histories below this number are held
    :param seed: of the random numbers
    :param scorers: how many
    :param cut_energy: MeV, below which photons stop
    :param ledger: where the energy went, MeV
    :param ct_voxels: voxels of images that CT tables converted
    :param ct_voxels_below: of these, with numbers below their table
    :param ct_voxels_above: of these, with numbers above their table
    :param scene_hash: SHA-256, hexadecimal
    :param fingerprint: of the tables of cross-sections
    :param scores_hash: of all exact sums: equal for equal scene, seed and histories
    """

    histories: int
    first_missing: int
    seed: int
    scorers: int
    cut_energy: float
    ledger: Ledger
    ct_voxels: int
    ct_voxels_below: int
    ct_voxels_above: int
    scene_hash: str
    fingerprint: str
    scores_hash: str


@documented
class Progress(NamedTuple):
    """How far a run is.

    :param state: "configuring", "initialized", "running" or "closed"
    :param histories: done, in all runs since the result began
    :param target: wanted, in all
    :param elapsed: s since the run under way (or the last one) began
    :param elapsed_histories: done in that time
    """

    state: str
    histories: int
    target: int
    elapsed: float
    elapsed_histories: int

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


@documented
class Stall(NamedTuple):
    """What somebody has been doing, and for how long.

    :param who: such as "worker 0 of 2"
    :param doing: what, and in which observer
    :param seconds: s, for how long
    """

    who: str
    doing: str
    seconds: float


@documented
class Overlap(NamedTuple):
    """Two volumes that overlap.

    :param kind: "outside": `first` sticks out of its mother; "siblings": `first` and `second` share space
    :param mother: name of the volume that they are placed in
    :param first: name of a volume
    :param second: name of the other; of the mother again where `first` sticks out
    :param first_placement: index in the mother's `daughters`
    :param second_placement: index in the mother's `daughters`; 0 where `first` sticks out
    :param depth: mm: how far a point of one is inside of the other, or outside of the mother
    :param point: mm, in the mother: that point
    :param world: mm, the same in the world
    """

    kind: str
    mother: str
    first: str
    second: str
    first_placement: int
    second_placement: int
    depth: float
    point: Vector
    world: Vector


@documented
class Fault(NamedTuple):
    """Something that is wrong with a scene.

    :param error: the class of the exception that a run would raise
    :param text: what is wrong; of a file it begins with file, line and column
    """

    error: type[errors.Error]
    text: str


@documented
class MeshPlace(NamedTuple):
    """Where damage of a mesh is first.

    :param facet: in the order given
    :param begin: mm, of its edge; of a whole facet: its first corner
    :param end: mm, of its edge
    """

    facet: int
    begin: Vector
    end: Vector


@documented
class MeshReport(NamedTuple):
    """What an audit of a surface found. Facets and edges are counted after equal vertices were welded.

    :param facets: how many
    :param vertices: how many differ
    :param bodies: parts that share no edge; cavities count
    :param open_edges: without a partner
    :param flipped_edges: that two neighbours run through in the same direction
    :param nonmanifold_edges: of more than two facets; fine if their directions balance
    :param degenerate_facets: a corner repeated
    :param flat_facets: three corners on a line; no harm
    :param duplicate_facets: the same three corners as an earlier one
    :param nonfinite_vertices: with a coordinate that is infinite or no number
    :param bad_indices: corners that name no vertex
    :param inside_out_bodies: whose facets face inwards, and that are no cavities
    :param crossing_edges: bodies overlap; fine, but slower
    :param volume: mm3; 0 unless the surface is closed
    :param area: mm2
    :param low: mm, bounds
    :param high: mm, bounds
    :param usable: closed and consistent: a mesh can be made of it
    :param first_open: the first open edge; None without one
    :param first_flipped: the first flipped edge; None without one
    :param first_nonmanifold: the first edge of more than two facets; None without one
    :param first_degenerate: the first facet with a corner repeated; None without one
    :param first_duplicate: the first facet that was there before; None without one
    :param first_inside_out: a facet of the first body that is inside out; None without one
    """

    facets: int
    vertices: int
    bodies: int
    open_edges: int
    flipped_edges: int
    nonmanifold_edges: int
    degenerate_facets: int
    flat_facets: int
    duplicate_facets: int
    nonfinite_vertices: int
    bad_indices: int
    inside_out_bodies: int
    crossing_edges: int
    volume: float
    area: float
    low: Vector
    high: Vector
    usable: bool
    first_open: MeshPlace | None
    first_flipped: MeshPlace | None
    first_nonmanifold: MeshPlace | None
    first_degenerate: MeshPlace | None
    first_duplicate: MeshPlace | None
    first_inside_out: MeshPlace | None


@documented
class Hits(NamedTuple):
    """The first surfaces that rays meet: arrays (n,), or numbers of a single ray.

    :param distance: mm; inf if the ray meets nothing
    :param facet: its number; 2**32 - 1 if the ray meets nothing
    :param exits: whether the ray leaves the mesh there
    """

    distance: Any
    facet: Any
    exits: Any


@documented
class Nearest(NamedTuple):
    """The facets nearest to points: arrays (n,), or numbers of a single point.

    :param distance: mm
    :param facet: its number
    """

    distance: Any
    facet: Any


@documented
class Attenuation(NamedTuple):
    """Mass attenuation coefficients, cm2/g; by the density and 0.1 it is 1/mm.

    :param photoelectric: cm2/g
    :param compton: cm2/g, scattering by bound electrons
    :param rayleigh: cm2/g, scattering without loss of energy
    :param total: cm2/g, their sum
    """

    photoelectric: float
    compton: float
    rayleigh: float
    total: float


@documented
class CTRow(NamedTuple):
    """A row of a CT table: its material from ct_low on, and a density that is linear in between.

    :param ct_low: its first CT number
    :param ct_high: CT number at which it ends and the next row begins
    :param density_low: g/cm3 at ct_low
    :param density_high: g/cm3 at ct_high
    :param material: a :class:`kerma.Material`
    """

    ct_low: float
    ct_high: float
    density_low: float
    density_high: float
    material: Any


@documented
class ImageStatistics(NamedTuple):
    """What an image's values are like.

    :param values: finite ones
    :param not_finite: infinite ones, and those that are no numbers
    :param lowest: of the finite ones, in the image's own unit
    :param highest: of the finite ones
    :param mean: of the finite ones
    """

    values: int
    not_finite: int
    lowest: float
    highest: float
    mean: float


@documented
class Placed(NamedTuple):
    """A daughter of a volume: its point p is at rotation p + translation in the mother.

    :param volume: what is placed
    :param translation: mm
    :param rotation: 3 x 3 array
    """

    volume: Volume
    translation: Vector
    rotation: Any


@documented
class Placement(NamedTuple):
    """What the number of a placement in a step means: a volume under one chain of mothers.

    :param volume: its name
    :param mother: number of a placement; -1 for the world
    :param copy: of this volume: 0, 1 ... in order of placement
    """

    volume: str
    mother: int
    copy: int


def _result_info(d: dict[str, Any]) -> ResultInfo:
    d["ledger"] = Ledger(**d["ledger"])
    return ResultInfo(**d)


_STATES = {
    c.KMA_RUN_CONFIGURING: "configuring",
    c.KMA_RUN_INITIALIZED: "initialized",
    c.KMA_RUN_RUNNING: "running",
    c.KMA_RUN_CLOSED: "closed",
}


def _progress(d: dict[str, Any]) -> Progress:
    d["state"] = _STATES[d["state"]]
    return Progress(**d)


def _overlap(d: dict[str, Any]) -> Overlap:
    d["kind"] = "outside" if d["kind"] == c.KMA_OVERLAP_OUTSIDE else "siblings"
    return Overlap(**d)


_PLACES = {
    "first_open": "open_edges",
    "first_flipped": "flipped_edges",
    "first_nonmanifold": "nonmanifold_edges",
    "first_degenerate": "degenerate_facets",
    "first_duplicate": "duplicate_facets",
    "first_inside_out": "inside_out_bodies",
}


def _mesh_report(d: dict[str, Any]) -> MeshReport:
    d["usable"] = bool(d["usable"])
    for place, count in _PLACES.items():
        p = d[place]
        d[place] = MeshPlace(p["facet"], p["from"], p["to"]) if d[count] else None
    return MeshReport(**d)


def _fault(status: int, text: str) -> Fault:
    return Fault(errors._by_code[status], text)
