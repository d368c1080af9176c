/* The one grid of energies on which all cross-sections are tabulated. */
#ifndef KMI_ENERGY_GRID_H
#define KMI_ENERGY_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct kmi_energy_border {
    double energy; /* MeV */
    bool edge;     /* an absorption edge: cross-sections differ on its two sides */
} kmi_energy_border;

/*
 * Borders of segments, rising, from just below 1 keV to KMI_XRL_ENERGY_MAX (the last):
 * 128 an octave by the bits of the energy, all absorption edges of all elements, and
 * what the bends of single elements' cross-sections need on top.
 * Made once per process; any thread.
 */
kma_status kmi_energy_grid_get(const kmi_energy_border **borders_out, size_t *count_out);

/* Where to take the cross-sections of a border's upper and lower side. */
double kmi_energy_above(kmi_energy_border border);
double kmi_energy_below(kmi_energy_border border);

enum { KMI_ENERGY_KEY_SHIFT = 52 - 7 }; /* 2^7 = 128 keys an octave */

uint64_t kmi_energy_key(double energy);
double kmi_energy_lowest_of_key(uint64_t key);

#endif
