/* Spectra and sources as transport sees them: immutable once made. */
#ifndef KMI_EMISSION_H
#define KMI_EMISSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/vec.h"

/* Lines (each energy exactly) or a histogram (uniform within the bin). Sampled by Walker's
 * alias method, one uniform for the choice and one within a bin. */
typedef struct kmi_spectrum kmi_spectrum;

double kmi_spectrum_sample(const kmi_spectrum *self, kmi_rng *rng); /* MeV */
double kmi_spectrum_min(const kmi_spectrum *self);  /* smallest energy with weight > 0 */
double kmi_spectrum_max(const kmi_spectrum *self);
double kmi_spectrum_mean(const kmi_spectrum *self);
void kmi_spectrum_digest(const kmi_spectrum *self, uint8_t digest_out[32]);

/* What a source emits: one photon a history. */
typedef struct kmi_emission {
    kmi_vec3 position, direction; /* world, mm; unit vector */
    double energy;                /* MeV */
    double weight;                /* 1 */
} kmi_emission;

typedef struct kmi_source kmi_source;

void kmi_source_emit(const kmi_source *self, kmi_rng *rng, kmi_emission *out);
double kmi_source_weight(const kmi_source *self); /* relative intensity among a scene's sources */
const kmi_spectrum *kmi_source_spectrum(const kmi_source *self);
void kmi_source_digest(const kmi_source *self, uint8_t digest_out[32]);

#endif
