"""A CT image made with NumPy, a steel ball in it, and the dose as an image that lies over it.

    python ct.py [directory]
"""
from __future__ import annotations

import pathlib
import sys
import tempfile

import numpy as np

import kerma
from kerma.units import cm, keV, mm


def torso() -> kerma.Image:
    """HU of an ellipse of tissue with two lungs and a spine: 4 mm voxels, x to the left, z to the head."""
    z, y, x = np.mgrid[0:40, 0:60, 0:90]
    y, x = (y - 29.5) / 30, (x - 44.5) / 45
    hu = np.full(x.shape, -1000, np.int16)
    hu[x**2 + y**2 < 0.9] = 40
    hu[((abs(x) - 0.45) / 0.3) ** 2 + ((y + 0.1) / 0.5) ** 2 < 1] = -750
    hu[(x / 0.12) ** 2 + ((y - 0.55) / 0.18) ** 2 < 1] = 700
    return kerma.Image(hu, spacing=(4, 4, 4), origin=(-178, -118, -78))


def main() -> None:
    directory = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="kerma-"))
    ct = torso()
    print(ct)

    patient = kerma.Volume("patient", ct)  # by Schneider's table of HU
    ball = kerma.Volume("ball", kerma.Orb(8 * mm), kerma.Material.formula("Fe", 7.87, name="steel"))
    patient.place(ball, (0, -60, 0))
    world = kerma.Volume("world", kerma.Box((60 * cm, 60 * cm, 60 * cm)), "Air, Dry (near sea level)")
    world.place(patient)

    with kerma.Simulation(world, title="A torso with a steel ball") as sim:
        tube = kerma.Spectrum.histogram(np.linspace(20 * keV, 120 * keV, 21), np.linspace(20, 1, 20))
        sim.add_source(kerma.ParallelSource(tube, (0, -29 * cm, 0), direction=(0, 1, 0), size=(30 * cm, 10 * cm)))
        sim.add_scorer(kerma.VoxelScorer("dose", patient))
        sim.add_scorer(kerma.VolumeScorer("ball", ball))
        sim.add_scorer(kerma.DetectorScorer("film", (0, 29 * cm, 0), (100, 40), (4 * mm, 4 * mm), v=(0, 0, 1)))
        for image in sim.inventory().images:
            print(f"{image.voxels} voxels of {image.lowest:g} to {image.highest:g} HU weigh {image.mass / 1000:.1f} kg")
        result = sim.run(4e5, progress=sys.stderr.isatty())

    dose = result["dose"]
    print(f"largest dose {dose.largest('dose').mean:.3g} Gy per photon, in the ball {result['ball'].dose:.3g} Gy")
    film = result["film"].values("primary_energy").mean  # (v, u)
    print(f"the film sees {film.sum():.4f} MeV per photon, least in the shadow at {np.argwhere(film == film.min())[0]}")

    result.write(directory / "results")  # as the command does: images, pictures, tables
    dose.image("dose").write_picture(directory / "dose.png", under=ct, axis=2, title="Dose per photon", unit="Gy")
    print(f"pictures are in {directory}")


if __name__ == "__main__":
    main()
