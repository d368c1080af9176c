"""Your code inside of a run: the pulses of a scintillator, and where photons scatter first.

    python observers.py
"""
from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

import kerma
from kerma.units import cm, keV, mm


def scene() -> kerma.Simulation:
    world = kerma.Volume("world", kerma.Box((20 * cm, 20 * cm, 20 * cm)))
    iodide = kerma.Material.formula("NaI", 3.67, name="sodium iodide")
    crystal = world.place(kerma.Volume("crystal", kerma.Tube(2 * cm, 1 * cm), iodide))
    return kerma.Simulation(world, sources=[kerma.PencilSource(300 * keV, (0, 0, -5 * cm))],
                            scorers=[kerma.VolumeScorer("crystal", crystal)])


def main() -> None:
    pulses = np.zeros(31, np.int64)  # of 10 keV each
    depths: list[NDArray[Any]] = []
    lock = threading.Lock()
    backwards = 0

    with scene() as sim:
        # Records: what each history left in the crystal, in order, one call at a time: no lock.
        @sim.on_block(scores=["crystal"])
        def count(histories: NDArray[Any]) -> None:
            np.add.at(pulses, np.minimum(histories["crystal"] / (10 * keV), 30).astype(int), 1)

        # Records of steps, of one process alone.
        @sim.on_block(processes=[kerma.Process.COMPTON])
        def look(steps: NDArray[Any]) -> None:
            first = steps[steps["energy"] == 300 * keV]
            depths.append(first["end"][:, 2] + 5 * mm)

        # A decision at each step, on all workers at once: what they share needs a lock.
        @sim.on_step
        def leave(worker: kerma.Worker, step: kerma.Step) -> kerma.Action | None:
            nonlocal backwards
            if step.next_placement == 0 and step.next_direction[2] < 0:
                with lock:
                    backwards += 1
                return kerma.Action.KILL_TRACK
            return None

        result = sim.run(20000)

    print(f"{backwards} of {result.histories} photons left the crystal backwards and were ended there")
    print(f"first Compton scatterings lie at {np.concatenate(depths).mean():.2f} mm on average")
    for i, n in enumerate(pulses):
        print(f"{10 * i:4d} keV {n:6d} {'#' * round(40 * n / pulses.max())}")


if __name__ == "__main__":
    main()
