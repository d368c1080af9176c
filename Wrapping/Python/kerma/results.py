"""What a run scored."""
from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import _arrays, values
from ._base import Owner, choice
from ._html import table
from ._native import c
from .errors import ArgumentError
from .geometry import Image, _OnGrid
from .values import Estimate, Largest, Ledger, ResultInfo

if TYPE_CHECKING:
    from ._arrays import Path

_QUANTITIES: dict[str, int] = {c.kma_quantity_name(q): q for q in range(c.KMA_QUANTITY_SCATTER_COUNT + 1)}
_PIECE = 1 << 20  # bins a call: an interrupt is soon seen
_OF_DETECTORS = ("primary_energy", "primary_count", "scatter_energy", "scatter_count")
_OF_MATTER = ("energy", "dose", "mass")


class ScorerResult(_OnGrid):
    """One scorer of a result: arrays are (z, y, x), of a detector (v, u), of a volume numbers. All but masses are per history.

    Quantities are named "energy" (MeV), "dose" (Gy), "mass" (g); of a detector "primary_energy", "primary_count",
    "scatter_energy", "scatter_count": of photons that never interacted before, and of those that did, MeV and photons.
    Those of a closed result raise :class:`kerma.ClosedError`.
    """

    __slots__ = ("_result", "_index", "_info", "__weakref__")

    def __init__(self, result: Result, index: int) -> None:
        self._result = result
        self._index = index
        self._info: dict[str, Any] = c.kma_result_get_scorer(result._c, index)

    @property
    def name(self) -> str:
        """The scorer's."""
        return str(self._info["name"])

    @property
    def kind(self) -> str:
        """"voxels", "grid", "volume" or "detector"."""
        return str(c.kma_scorer_kind_name(self._info["kind"]))

    @property
    def shape(self) -> tuple[int, ...]:
        """(z, y, x), (v, u) or ()."""
        if self._info["kind"] == c.KMA_SCORER_VOLUME:
            return ()
        nx, ny, nz = self._geometry["count"]
        return (ny, nx) if self._info["kind"] == c.KMA_SCORER_DETECTOR else (nz, ny, nx)

    @property
    def bins(self) -> int:
        """Voxels, cells or pixels; 1 of a volume."""
        return int(self._info["bins"])

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of what it has."""
        return _OF_DETECTORS if self._info["kind"] == c.KMA_SCORER_DETECTOR else _OF_MATTER

    def _quantity(self, name: str) -> int:
        return choice(name, {n: _QUANTITIES[n] for n in self.quantities}, f"the quantity of scorer {self.name!r}")

    @staticmethod
    def unit(quantity: str) -> str:
        """"Gy", "MeV", "g" or "1"; per history but for masses.

        :param quantity: such as "dose"
        :raises ArgumentError: there is none of this name
        """
        return str(c.kma_quantity_unit(choice(quantity, _QUANTITIES, "the quantity")))

    def values(self, quantity: str) -> Estimate:
        """(mean, uncertainty) per history: arrays of the scorer's shape, of a volume two numbers.

        The uncertainty is one standard deviation of the mean; infinite with a single history.

        :param quantity: one of :attr:`quantities`: "dose" in Gy, "energy" in MeV, "mass" in g
        :raises ArgumentError: the scorer has none of this name
        """
        import numpy as np

        mean, uncertainty = np.empty(self.bins), np.empty(self.bins)
        number, result = self._quantity(quantity), self._result._c
        for first in range(0, self.bins, _PIECE):
            piece = slice(first, first + _PIECE)
            c.kma_result_get_values(result, self._index, number, first, (mean[piece], uncertainty[piece]))
        if self.shape == ():
            return Estimate(float(mean[0]), float(uncertainty[0]))
        return Estimate(mean.reshape(self.shape), uncertainty.reshape(self.shape))

    @property
    def dose(self) -> Any:
        """Gy per history, of the scorer's shape."""
        return self.values("dose").mean

    @property
    def dose_uncertainty(self) -> Any:
        """Gy: one standard deviation of the mean, of the scorer's shape."""
        return self.values("dose").uncertainty

    @property
    def energy(self) -> Any:
        """MeV per history, of the scorer's shape."""
        return self.values("energy").mean

    @property
    def energy_uncertainty(self) -> Any:
        """MeV: one standard deviation of the mean, of the scorer's shape."""
        return self.values("energy").uncertainty

    @property
    def mass(self) -> Any:
        """g in each bin, of the scorer's shape."""
        return self.values("mass").mean

    def total(self, quantity: str = "energy") -> float:
        """The sum of all bins, per history; masses in all.

        :param quantity: "energy" in MeV, "mass" in g, or one of a detector's; doses of bins have no sum
        :raises ArgumentError: the scorer has none of this name, or it has no sum
        """
        return float(c.kma_result_get_total(self._result._c, self._index, self._quantity(quantity)))

    def largest(self, quantity: str) -> Largest:
        """The bin with the largest value that is beyond doubt: largest less two standard deviations.

        :param quantity: one of :attr:`quantities`
        :raises ArgumentError: the scorer has none of this name
        """
        import numpy as np

        index, mean, uncertainty = c.kma_result_get_largest(self._result._c, self._index, self._quantity(quantity))
        return Largest(tuple(int(i) for i in np.unravel_index(index, self.shape)) if self.shape else (), mean,
                       uncertainty)

    @property
    def _geometry(self) -> dict[str, Any]:
        if self._info["kind"] == c.KMA_SCORER_VOLUME:
            raise ArgumentError(f"the volume scorer {self.name!r} has no grid")
        geometry: dict[str, Any] = self._info["geometry"]
        return geometry

    def image(self, quantity: str = "dose", *, uncertainty: bool = False) -> Image:
        """The mean (or its uncertainty) per history as an image where the bins lie; of a detector one slice.

        :param quantity: "dose" in Gy, "energy" in MeV, "mass" in g, or one of a detector's
        :param uncertainty: one standard deviation instead of the mean
        :raises ArgumentError: the scorer has none of this name, or is one of a volume, which has no grid
        """
        z_y_x = self._geometry["count"][::-1]
        estimate = self.values(quantity)
        array = (estimate.uncertainty if uncertainty else estimate.mean).reshape(z_y_x)
        return Image(array, spacing=self.spacing, origin=self.origin, direction=self.direction)

    def __repr__(self) -> str:
        if self._result.closed:
            return f"<kerma.ScorerResult {self.name!r}: closed>"
        return f"<kerma.ScorerResult {self.name!r}: {self.kind}, {self._summary()}>"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        """(quantity, value, uncertainty, unit) of what says most."""
        rows = []
        if self._info["kind"] == c.KMA_SCORER_VOLUME:
            for name in ("dose", "energy"):
                mean, uncertainty = self.values(name)
                rows.append((name, f"{mean:.5g}", f"{uncertainty:.2g}", self.unit(name)))
        elif self._info["kind"] == c.KMA_SCORER_DETECTOR:
            rows += [(f"{name} in all", f"{self.total(name):.5g}", "", self.unit(name)) for name in _OF_DETECTORS]
        else:
            index, mean, uncertainty = self.largest("dose")
            rows.append((f"largest dose, at {list(index)}", f"{mean:.5g}", f"{uncertainty:.2g}", "Gy"))
            rows.append(("energy in all", f"{self.total('energy'):.5g}", "", "MeV"))
        return rows

    def _summary(self) -> str:
        name, value, uncertainty, unit = self._rows()[0]
        what = f"{self.bins} bins, " if self.bins > 1 else ""
        return f"{what}{name} {value}{' ± ' + uncertainty if uncertainty else ''}{' ' + unit if unit != '1' else ''}"

    def _repr_html_(self) -> str | None:
        if self._result.closed:
            return None
        shape = " x ".join(map(str, self.shape))
        return table(f"kerma.ScorerResult {self.name}: {self.kind}{' ' + shape if shape else ''}, per history",
                     ("quantity", "value", "uncertainty", "unit"), self._rows())


class Result(Owner):
    """What a run scored: an immutable snapshot, made by :meth:`kerma.Simulation.run`, `wait` and `snapshot`.

    ``result["name"]`` is a scorer's :class:`ScorerResult`; so is ``result[0]``, by the scene's order. A name that no scorer
    has raises :class:`kerma.ArgumentError`, a number :class:`IndexError`.
    """

    __slots__ = ("_title",)
    _kind = "result"

    def __init__(self, handle: Any, title: str = "") -> None:
        self._title = title
        self._own(handle)

    @property
    def info(self) -> ResultInfo:
        """Histories, seed, hashes and the energy ledger."""
        return values._result_info(c.kma_result_get_info(self._c))

    @property
    def histories(self) -> int:
        """That the scores hold."""
        return self.info.histories

    @property
    def seed(self) -> int:
        """Of the random numbers."""
        return self.info.seed

    @property
    def scene_hash(self) -> str:
        """SHA-256 of the scene: equal scenes have equal ones, made in Python, C or read from a file."""
        return self.info.scene_hash

    @property
    def scores_hash(self) -> str:
        """SHA-256 of all exact sums: equal for equal scene, seed and histories, whatever the number of threads."""
        return self.info.scores_hash

    @property
    def ledger(self) -> Ledger:
        """Where the emitted energy went, MeV in all histories."""
        return self.info.ledger

    @property
    def names(self) -> list[str]:
        """Of the scorers, in the scene's order."""
        handle = self._c
        return [c.kma_result_get_scorer(handle, i)["name"] for i in range(len(self))]

    def __getitem__(self, name: str | int) -> ScorerResult:
        if isinstance(name, str):
            return ScorerResult(self, c.kma_result_find_scorer(self._c, name))
        n = len(self)
        try:
            index = operator.index(name)
        except TypeError:
            raise TypeError(f"a scorer's name or number is needed, not {name!r:.80}") from None
        if not -n <= index < n:
            raise IndexError(f"there are {n} scorers, no number {index}")
        return ScorerResult(self, index % n)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __len__(self) -> int:
        return self.info.scorers

    def __iter__(self) -> Iterator[ScorerResult]:
        return (self[i] for i in range(len(self)))

    def write(self, directory: Path) -> None:
        """Writes images, pictures, tables and summary.json, as the command `kerma run` does.

        The directory and its parents are made if they are missing. The same result gives the same bytes.

        :param directory: such as "results"
        :raises FileError: a file cannot be written; the text says which
        """
        c.kma_result_write_titled(self._c, self._title, _arrays.path(directory))

    def _describe(self) -> str:
        n = len(self)
        return f"{self.histories} histories, {n} scorer{'' if n == 1 else 's'}"

    def _html(self) -> str:
        info = self.info
        rows = [(s.name, *row) for s in self for row in s._rows()]
        emitted = info.ledger.emitted or 1.0
        rows += [("energy", part, f"{100 * getattr(info.ledger, part) / emitted:.2f}", "", "%")
                 for part in ("deposited", "escaped", "cut", "killed")]
        return table(f"kerma.Result of {info.histories} histories, seed {info.seed}; per history",
                     ("scorer", "quantity", "value", "uncertainty", "unit"), rows)
