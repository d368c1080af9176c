/*
 * The closed physics: tables of all materials of a plan, immutable, shared.
 *
 * Cross-sections are kept on one grid of energy segments for all materials:
 * 128 segments an octave (the double's exponent and leading mantissa bits give
 * the segment without a logarithm) and every absorption edge of every element
 * as a further border. Within a segment they are linear in energy.
 */
#ifndef KMI_PHYSICS_H
#define KMI_PHYSICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "physics/material.h"

typedef struct kmi_physics kmi_physics;

typedef enum kmi_process { KMI_PHOTOELECTRIC, KMI_COMPTON, KMI_RAYLEIGH } kmi_process;

/* energy_min..energy_max MeV within 0.001..0.8: KMA_ERR_PHYSICS names the limits otherwise.
 * materials[n]: described in physics/material.h; an index into this array is the "material
 * index" everywhere below. n may be 0. A material without elements is vacuum: all zero. */
kma_status kmi_physics_new(const kmi_material *const *materials, size_t n, double energy_min,
                           double energy_max, kmi_physics **out);
void kmi_physics_destroy(kmi_physics *self);
/* SHA-256 over all the tables that transport reads. */
void kmi_physics_fingerprint(const kmi_physics *self, uint8_t digest_out[32]);

/* The segment that holds `energy` (energy_min <= energy <= energy_max). */
uint32_t kmi_physics_segment(const kmi_physics *self, double energy);
/* Mass attenuation cm2/g, coherent scattering included. */
double kmi_physics_total(const kmi_physics *self, uint32_t material, uint32_t segment, double energy);
/* Linear attenuation 1/mm of a material at its own density. */
double kmi_physics_linear(const kmi_physics *self, uint32_t material, uint32_t segment, double energy);
/* An upper bound of total * density over the segment, for each material's largest density:
 * fills majorant_out[segments] in 1/mm for image voxels with max_density[n] g/cm3 (0: not in the image). */
kma_status kmi_physics_majorant(const kmi_physics *self, const double *max_density, size_t n,
                                double *majorant_out, size_t segments);
size_t kmi_physics_segments(const kmi_physics *self);

/* Which process, by one uniform in (0,1). */
kmi_process kmi_physics_choose(const kmi_physics *self, uint32_t material, uint32_t segment, double energy,
                               double uniform);
/* Compton: Klein-Nishina times S(x)/Z of the material. */
void kmi_physics_compton(const kmi_physics *self, uint32_t material, double energy, kmi_rng *rng,
                         double *energy_out, double *cos_theta_out);
/* Rayleigh: Thomson times F(x)^2 of the material. */
void kmi_physics_rayleigh(const kmi_physics *self, uint32_t material, double energy, kmi_rng *rng,
                          double *cos_theta_out);

#endif
