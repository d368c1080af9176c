/**
 * @file kerma/spectrum.h
 * Photon spectra: which energies a source may emit, and how often.
 *
 * Units:   energy MeV; weights count photons (not energy), are relative and need not sum to 1.
 * Threads: a spectrum never changes once created; any thread may use it.
 * On failure every function leaves its inputs as they were and sets its outputs to zero.
 */
#ifndef KERMA_SPECTRUM_H
#define KERMA_SPECTRUM_H

#include "kerma/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one spectrum. All-zero names none. A plain value: copy it freely. */
typedef struct kma_spectrum { uint64_t bits; } kma_spectrum;

typedef enum kma_spectrum_kind {
    KMA_SPECTRUM_LINES = 1,    /**< each energy exactly */
    KMA_SPECTRUM_HISTOGRAM = 2 /**< evenly spread within each bin */
} kma_spectrum_kind;

/**
 * Creates a spectrum of one energy: a single line.
 *
 * @param energy  MeV, > 0 and finite.
 * @param out     the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller:
 *                           give it back with kma_spectrum_release().
 * @retval KMA_ERR_ARGUMENT  the energy breaks the rule above.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_spectrum_create_mono(double energy, kma_spectrum *out);
/**
 * Creates a spectrum of discrete lines.
 *
 * @param energy  [n] MeV, each > 0 and finite, strictly rising. Copied.
 * @param weight  [n] relative number of photons, each >= 0 and finite, not all 0. Copied.
 * @param n       number of lines, 1 to 2^24.
 * @param out     the new handle; names none if the call fails.
 *
 * @retval KMA_OK            as kma_spectrum_create_mono().
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule above; kma_error_message()
 *                           says which index and what it held.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_spectrum_create_lines(const double *energy, const double *weight, size_t n, kma_spectrum *out);
/**
 * Creates a spectrum of bins, evenly filled each.
 *
 * @param edges   [n+1] MeV, each > 0 and finite, strictly rising: bin i is edges[i] .. edges[i+1]. Copied.
 * @param weight  [n] relative number of photons in the whole bin (not per MeV), each >= 0 and finite, not all 0.
 *                Copied.
 * @param n       number of bins, 1 to 2^24.
 * @param out     the new handle; names none if the call fails.
 *
 * @retval KMA_OK, KMA_ERR_ARGUMENT, KMA_ERR_MEMORY  as kma_spectrum_create_lines().
 */
KMA_API kma_status kma_spectrum_create_histogram(const double *edges, const double *weight, size_t n,
                                                 kma_spectrum *out);

/**
 * Reads a spectrum from a table: comma-separated values, lines beginning with '#' are comments, the first other
 * line names the columns. Others than these are not used (but hold numbers, too).
 *
 *     energy_low_mev,energy_high_mev,weight     bins, rising; gaps between them stay empty
 *     energy_mev,weight                         lines, rising
 *
 * @param path  the file; its weights follow the rules of the two functions above.
 * @param out   the new handle; names none if the call fails.
 *
 * @retval KMA_OK          as kma_spectrum_create_mono().
 * @retval KMA_ERR_IO      the file cannot be read.
 * @retval KMA_ERR_FORMAT  it is no such table, or a value breaks a rule; the text names file, line and value.
 * @retval KMA_ERR_MEMORY  nothing was created.
 */
KMA_API kma_status kma_spectrum_read_csv(const char *path, kma_spectrum *out);

KMA_API kma_status kma_spectrum_retain(kma_spectrum self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is
 * a harmless KMA_OK. A source that uses the spectrum keeps it alive by itself.
 * @retval KMA_ERR_STALE  another copy of the handle was released too often;
 *                        nothing was touched.
 */
KMA_API kma_status kma_spectrum_release(kma_spectrum *self);

KMA_API kma_status kma_spectrum_get_kind(kma_spectrum self, kma_spectrum_kind *out);
/** Number of lines or bins, those of weight 0 too. */
KMA_API kma_status kma_spectrum_get_count(kma_spectrum self, size_t *out);
/**
 * Copies the energies as they were given.
 * @param n    room in `out`: kma_spectrum_get_count(), for a histogram one more (the edges).
 * @param out  [n] MeV
 * @retval KMA_ERR_ARGUMENT  n is another number; the text says which it should be.
 */
KMA_API kma_status kma_spectrum_get_energies(kma_spectrum self, size_t n, double *out);
/**
 * Copies the weights as they were given.
 * @param n    room in `out`: kma_spectrum_get_count().
 * @param out  [n] relative number of photons
 * @retval KMA_ERR_ARGUMENT  n is another number.
 */
KMA_API kma_status kma_spectrum_get_weights(kma_spectrum self, size_t n, double *out);

/** Mean energy of a photon, MeV. */
KMA_API kma_status kma_spectrum_get_mean_energy(kma_spectrum self, double *out);
/** Smallest energy that can be emitted, MeV: lines and bins of weight 0 do not count. */
KMA_API kma_status kma_spectrum_get_min_energy(kma_spectrum self, double *out);
/** Largest energy that can be emitted, MeV. */
KMA_API kma_status kma_spectrum_get_max_energy(kma_spectrum self, double *out);

#ifdef __cplusplus
}
#endif
#endif
