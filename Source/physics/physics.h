/*
 * The closed physics: tables of all materials of a plan, immutable, shared.
 *
 * Cross-sections are kept on one grid of energy segments for all materials:
 * 128 segments an octave (the double's exponent and leading mantissa bits give
 * the segment without a logarithm), every absorption edge of every element
 * as a further border, and some more (energy_grid.h). Within a segment they are
 * linear in energy.
 *
 * The grid does not depend on the materials, so a material's numbers do not
 * change when another one joins the scene.
 */
#ifndef KMI_PHYSICS_H
#define KMI_PHYSICS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/pulse.h"
#include "base/rng.h"
#include "physics/energy_grid.h"
#include "physics/material.h"

typedef enum kmi_process { KMI_PHOTOELECTRIC, KMI_COMPTON, KMI_RAYLEIGH } kmi_process;

/* Mass attenuation in a segment: at its lower border, cm2/g, and the slope, cm2/g/MeV. */
typedef struct kmi_physics_total_cell { float value, slope; } kmi_physics_total_cell;
/* The same for the photoelectric part and for photoelectric and Compton together; the rest is Rayleigh. */
typedef struct kmi_physics_part_cell { float photo, photo_slope, both, both_slope; } kmi_physics_part_cell;

typedef struct kmi_scatter_table kmi_scatter_table;

/* Read by the functions below and the area's own files only. */
typedef struct kmi_physics {
    double energy_min, energy_max; /* MeV */
    double energy_end;             /* end of the last segment, MeV */
    uint64_t first_key;            /* of the first segment's lower border */
    uint32_t keys;
    uint32_t segments;
    uint32_t materials;
    uint32_t *start;                /* [keys] the segment that holds the lowest energy of a key */
    double *border;                 /* [segments + 1] lower borders, MeV; the last is infinite */
    const kmi_energy_border *grid;  /* [segments + 1] the same, with the true end; the process's, not ours */
    kmi_physics_total_cell *total;  /* [segments][materials] */
    kmi_physics_part_cell *part;    /* [segments][materials] */
    double *density_mm;             /* [materials] g/cm3 * 0.1: cm2/g to 1/mm */
    kmi_scatter_table **scatter;    /* [materials] NULL for vacuum */
} kmi_physics;

/* energy_min..energy_max MeV within 0.001..0.8: KMA_ERR_PHYSICS names the limits otherwise.
 * materials[n]: described in physics/material.h; an index into this array is the "material
 * index" everywhere below. n may be 0. A material without elements is vacuum: all zero. The pulse (may be NULL)
 * beats after each material. */
kma_status kmi_physics_new(const kmi_material *const *materials, size_t n, double energy_min,
                           double energy_max, const kmi_pulse *pulse, kmi_physics **out);
void kmi_physics_destroy(kmi_physics *self); /* NULL is fine */
size_t kmi_physics_bytes(const kmi_physics *self); /* of memory, the process's energy grid not counted */
/* SHA-256 over all the tables that transport reads. */
void kmi_physics_fingerprint(const kmi_physics *self, uint8_t digest_out[32]);
/* An upper bound of total * density over the segment, for each material's largest density:
 * fills majorant_out[segments] in 1/mm for image voxels with max_density[n] g/cm3 (0: not in the image). */
kma_status kmi_physics_majorant(const kmi_physics *self, const double *max_density, size_t n,
                                double *majorant_out, size_t segments);

static inline size_t kmi_physics_segments(const kmi_physics *self)
{
    return self->segments;
}

/* The segment that holds `energy` (energy_min <= energy <= energy_max; others get the nearest). */
static inline uint32_t kmi_physics_segment(const kmi_physics *self, double energy)
{
    uint64_t key;
    uint32_t segment;

    memcpy(&key, &energy, sizeof key);
    key = (key >> KMI_ENERGY_KEY_SHIFT) - self->first_key;
    if (key >= self->keys) return energy < self->energy_end ? 0 : self->segments - 1;
    segment = self->start[key];
    while (energy >= self->border[segment + 1]) segment++; /* past the edges within the key; ends at infinity */
    return segment;
}

/* Mass attenuation cm2/g, coherent scattering included. */
static inline double kmi_physics_total(const kmi_physics *self, uint32_t material, uint32_t segment, double energy)
{
    const kmi_physics_total_cell *c = &self->total[(size_t)segment * self->materials + material];
    return c->value + c->slope * (energy - self->border[segment]);
}

/* Linear attenuation 1/mm of a material at its own density. */
static inline double kmi_physics_linear(const kmi_physics *self, uint32_t material, uint32_t segment, double energy)
{
    return kmi_physics_total(self, material, segment, energy) * self->density_mm[material];
}

/* Which process, by one uniform in (0,1). */
static inline kmi_process kmi_physics_choose(const kmi_physics *self, uint32_t material, uint32_t segment,
                                             double energy, double uniform)
{
    const kmi_physics_part_cell *c = &self->part[(size_t)segment * self->materials + material];
    double above = energy - self->border[segment];
    double at = uniform * kmi_physics_total(self, material, segment, energy);

    if (at <= c->photo + c->photo_slope * above) return KMI_PHOTOELECTRIC; /* so for vacuum */
    return at <= c->both + c->both_slope * above ? KMI_COMPTON : KMI_RAYLEIGH;
}

/* Compton: Klein-Nishina times S(x)/Z of the material. Not for vacuum. */
void kmi_physics_compton(const kmi_physics *self, uint32_t material, double energy, kmi_rng *rng,
                         double *energy_out, double *cos_theta_out);
/* Rayleigh: Thomson times F(x)^2 of the material. Not for vacuum. */
void kmi_physics_rayleigh(const kmi_physics *self, uint32_t material, double energy, kmi_rng *rng,
                          double *cos_theta_out);

#endif
