"""The first minute: a water phantom under an X-ray field, its depth dose as a picture of characters.

    python first.py [histories]
"""
from __future__ import annotations

import sys

import kerma
from kerma.units import cm, keV, m


def depth_dose(histories: float = 1e6) -> kerma.ScorerResult:
    """Dose along the beam's axis in 30 x 30 x 20 cm of water, the tube's focus at 1 m."""
    room = kerma.Volume("room", kerma.Box((2 * m, 2 * m, 3 * m)), "Air, Dry (near sea level)")
    phantom = kerma.Volume("phantom", kerma.Box((30 * cm, 30 * cm, 20 * cm)), "Water, Liquid")
    room.place(phantom, translation=(0, 0, 10 * cm))

    with kerma.Simulation(room, title="Depth dose in water", seed=7) as sim:
        sim.add_source(kerma.PointSource(60 * keV, (0, 0, -1 * m), field=(10 * cm, 10 * cm), field_distance=1 * m))
        sim.add_scorer(kerma.GridScorer("axis", (1, 1, 20), (2 * cm, 2 * cm, 1 * cm), origin=(0, 0, 0.5 * cm)))
        sim.add_scorer(kerma.VolumeScorer("phantom", phantom))
        result = sim.run(histories, progress=sys.stderr.isatty())

    mean, uncertainty = result["phantom"].values("energy")
    print(f"{result.histories} photons of 60 keV; of each {1000 * mean:.3f} ± {1000 * uncertainty:.3f} keV stay in the water")
    return result["axis"]


def main() -> None:
    axis = depth_dose(float(sys.argv[1]) if len(sys.argv) > 1 else 1e6)
    dose, uncertainty = axis.values("dose")
    for depth, (d, u) in enumerate(zip(dose[:, 0, 0], uncertainty[:, 0, 0])):
        bar = "#" * round(50 * d / dose.max())
        print(f"{depth:3d} to {depth + 1:2d} cm  {1e15 * d:6.3f} ± {1e15 * u:5.3f} fGy  {bar}")


if __name__ == "__main__":
    main()
