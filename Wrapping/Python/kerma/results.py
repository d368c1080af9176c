"""What a run scored."""
from . import _arrays
from ._base import Owner
from ._native import c
from .errors import ArgumentError
from .geometry import Image


class ScorerResult:
    """One scorer of a result. Arrays are (z, y, x), of a detector (v, u), of a volume a number; all per history."""

    def __init__(self, result, index):
        self._result = result
        self._index = index
        self._info = c.kma_result_get_scorer(result._c, index)

    @property
    def name(self):
        return self._info["name"]

    @property
    def kind(self):
        return c.kma_scorer_kind_name(self._info["kind"])

    @property
    def shape(self):
        """(z, y, x), (v, u) or ()."""
        nx, ny, nz = self._info["geometry"]["count"]
        if self._info["kind"] == c.KMA_SCORER_VOLUME:
            return ()
        return (ny, nx) if self._info["kind"] == c.KMA_SCORER_DETECTOR else (nz, ny, nx)

    def values(self, quantity):
        """(mean, uncertainty) per history; quantity as "dose", "energy", "mass", "primary_count" ..."""
        np = _arrays.numpy()
        n = self._info["bins"]
        mean, uncertainty = np.empty(n), np.empty(n)
        code = _quantities.get(quantity, quantity)
        c.kma_result_get_values(self._result._c, self._index, code, 0, (mean, uncertainty))
        return mean.reshape(self.shape)[()], uncertainty.reshape(self.shape)[()]

    @property
    def dose(self):
        """Gy per history."""
        return self.values("dose")[0]

    @property
    def dose_uncertainty(self):
        """Gy: one standard deviation of the mean."""
        return self.values("dose")[1]

    @property
    def energy(self):
        """MeV per history."""
        return self.values("energy")[0]

    @property
    def energy_uncertainty(self):
        return self.values("energy")[1]

    @property
    def mass(self):
        """g"""
        return self.values("mass")[0]

    def total(self, quantity="energy"):
        """The sum of all bins, per history."""
        return c.kma_result_get_total(self._result._c, self._index, _quantities.get(quantity, quantity))

    def image(self, quantity="dose"):
        """The mean as an image where the bins lie."""
        if self._info["kind"] == c.KMA_SCORER_VOLUME:
            raise ArgumentError(f"the volume scorer {self.name!r} has no grid to make an image of")
        g = self._info["geometry"]
        values = self.values(quantity)[0].reshape(g["count"][::-1])
        return Image(values, spacing=g["spacing"], origin=g["origin"], direction=g["direction"])

    def __repr__(self):
        return f"<kerma.ScorerResult {self.name!r}: {self.kind}, {self._info['bins']} bins>"


_quantities = {c.kma_quantity_name(q): q for q in range(7)}


class Result(Owner):
    """An immutable snapshot of a run: ``result["name"]`` is a scorer's part."""

    _kind = "result"

    def __init__(self, handle):
        self._own(handle)

    @property
    def info(self):
        return c.kma_result_get_info(self._c)

    @property
    def histories(self):
        return self.info["histories"]

    @property
    def seed(self):
        return self.info["seed"]

    @property
    def scene_hash(self):
        return self.info["scene_hash"]

    @property
    def scores_hash(self):
        """SHA-256 of all exact sums: equal for equal scene, seed and histories, whatever the number of threads."""
        return self.info["scores_hash"]

    @property
    def ledger(self):
        """Where the emitted energy went, MeV."""
        return self.info["ledger"]

    @property
    def names(self):
        return [c.kma_result_get_scorer(self._c, i)["name"] for i in range(self.info["scorers"])]

    def __getitem__(self, name):
        if isinstance(name, int):
            return ScorerResult(self, name)
        return ScorerResult(self, c.kma_result_find_scorer(self._c, name))

    def __len__(self):
        return self.info["scorers"]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def write(self, directory):
        """Writes images, pictures, tables and summary.json."""
        c.kma_result_write(self._c, _arrays.path(directory))

    def _describe(self):
        return f"{self.histories} histories, {len(self)} scorers"
