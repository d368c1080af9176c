#!/usr/bin/env python3
"""Writes the tungsten tube spectra of this folder. Needs SpekPy 2.5.4 (pip install spekpy==2.5.4).

Usage: python3 make_tungsten.py     (writes tungsten_100kVp.csv and tungsten_120kVp.csv beside itself)
"""
import pathlib

import spekpy

ANODE_DEG = 12
ALUMINIUM_MM = 2.5
SMALLEST_WEIGHT = 1e-7  # the first bin has at least this part of all photons; what is below is left out

HEADER = """\
# Photon spectrum of an X-ray tube: tungsten reflection target, {kvp} kV (constant potential), anode angle {anode} degrees,
# central axis, total filtration {al} mm Al, without air between tube and patient.
#
# Made with SpekPy {version} (MIT licence), physics model {physics}, coefficients '{mu}', bins of 1 keV, by
# make_tungsten.py beside this file. The model is that of
#   G. Poludniowski, A. Omar, R. Bujila, P. Andreo: SpekPy v2.0, a software toolkit for modeling x-ray tube spectra.
#   Med Phys 48 (2021) 3630, doi:10.1002/mp.14945
#   A. Omar, P. Andreo, G. Poludniowski: A model for the energy and angular distribution of x rays emitted from an
#   x-ray tube. Part I. Bremsstrahlung production. Med Phys 47 (2020) 4763, doi:10.1002/mp.14359
# A computed spectrum, not a measured one: a real tube of the same voltage may have another anode and filtration.
#
# Mean energy {mean:.5f} MeV. First half-value layer {hvl1:.3f} mm Al, second {hvl2:.3f} mm Al (air kerma).
# weight: part of the photons in the bin; the sum is 1. Bins below {low} MeV hold less than {smallest:g} each and
# are left out.
"""


def write(kvp):
    tube = spekpy.Spek(kvp=kvp, th=ANODE_DEG, dk=1.0, physics="casim", mu_data_source="pene", z=100)
    tube.filter("Al", ALUMINIUM_MM)
    centres, fluence = tube.get_spectrum(edges=False)
    weights = fluence / fluence.sum()
    first = next(i for i, w in enumerate(weights) if w >= SMALLEST_WEIGHT)
    centres, weights = centres[first:], weights[first:] / weights[first:].sum()
    lines = [
        HEADER.format(kvp=kvp, anode=ANODE_DEG, al=ALUMINIUM_MM, version=spekpy.__version__,
                      physics=tube.state.model_parameters.physics, mu=tube.state.model_parameters.mu_data_source,
                      mean=float((centres * weights).sum()) / 1000, hvl1=tube.get_hvl1(), hvl2=tube.get_hvl2(),
                      low=f"{(centres[0] - 0.5) / 1000:.3f}", smallest=SMALLEST_WEIGHT),
        "energy_low_mev,energy_high_mev,weight\n",
    ]
    lines += [f"{(c - 0.5) / 1000:.3f},{(c + 0.5) / 1000:.3f},{w:.6e}\n" for c, w in zip(centres, weights)]
    path = pathlib.Path(__file__).with_name(f"tungsten_{kvp}kVp.csv")
    path.write_text("".join(lines), encoding="ascii")


for kilovolt in (100, 120):
    write(kilovolt)
