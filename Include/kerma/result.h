/**
 * @file kerma/result.h
 * What a run scored: an immutable snapshot of exact sums, with everything
 * needed to read it. All means are per history, that is per source photon.
 *
 * Units:   MeV, Gy, g, counts (photons), each said per quantity.
 * Threads: a result never changes; any thread may use it.
 */
#ifndef KERMA_RESULT_H
#define KERMA_RESULT_H

#include "kerma/base.h"
#include "kerma/image.h"
#include "kerma/scorer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one result. All-zero names none. A plain value: copy it freely. */
typedef struct kma_result { uint64_t bits; } kma_result;

KMA_API kma_status kma_result_retain(kma_result self);
KMA_API kma_status kma_result_release(kma_result *self);

/** Where the emitted energy went, MeV in all histories: emitted = deposited + escaped + cut + killed. */
typedef struct kma_energy_ledger {
    double emitted;
    double deposited; /**< by interactions */
    double escaped;   /**< left the world, or ended in an absorbing detector */
    double cut;       /**< photons that fell below the cut-off; scored where they stopped */
    double killed;    /**< photons that an observer ended; scored nowhere */
    double balance;   /**< emitted - deposited - escaped - cut - killed, of the exact sums */
    double allowed;   /**< the largest |balance| that rounding each entry to a quantum allows */
} kma_energy_ledger;

enum { KMA_HASH_SIZE = 65 };

typedef struct kma_result_info {
    size_t size;                     /**< set it to sizeof(kma_result_info) */
    uint64_t histories;              /**< that the scores hold */
    uint64_t first_missing;          /**< all histories below this number are held */
    uint64_t seed;
    size_t scorers;
    double cut_energy;               /**< MeV */
    kma_energy_ledger ledger;
    uint64_t ct_voxels;              /**< voxels of image volumes converted by CT tables */
    uint64_t ct_voxels_below;        /**< of these, with numbers below their table */
    uint64_t ct_voxels_above;        /**< with numbers above it */
    char scene_hash[KMA_HASH_SIZE];  /**< SHA-256 of the scene, hexadecimal */
    char fingerprint[KMA_HASH_SIZE]; /**< SHA-256 of the cross-section tables, hexadecimal */
    char scores_hash[KMA_HASH_SIZE]; /**< SHA-256 of the intervals and all exact sums, hexadecimal */
} kma_result_info;
KMA_API kma_status kma_result_get_info(kma_result self, kma_result_info *out);

/** What can be read from a scorer. */
typedef enum kma_quantity {
    KMA_QUANTITY_ENERGY = 0,         /**< MeV per history, in each bin */
    KMA_QUANTITY_DOSE = 1,           /**< Gy per history: energy / mass of the bin; charged-particle equilibrium assumed.
                                          0 where the bin has no mass. */
    KMA_QUANTITY_MASS = 2,           /**< g; no uncertainty */
    KMA_QUANTITY_PRIMARY_ENERGY = 3, /**< detectors: MeV per history of photons that never interacted */
    KMA_QUANTITY_PRIMARY_COUNT = 4,  /**< photons per history */
    KMA_QUANTITY_SCATTER_ENERGY = 5,
    KMA_QUANTITY_SCATTER_COUNT = 6
} kma_quantity;
/** "Gy", "MeV", "g" or "1": the unit of a quantity (per history, but for mass). Static text. */
KMA_API const char *kma_quantity_unit(kma_quantity quantity);
/** "dose", "primary_count" ...: its name in files. Static text. */
KMA_API const char *kma_quantity_name(kma_quantity quantity);

typedef struct kma_result_scorer {
    size_t size;              /**< set it to sizeof(kma_result_scorer) */
    char name[128];           /**< truncated if longer */
    kma_scorer_kind kind;
    size_t bins;              /**< voxels, pixels (x fastest) or 1 */
    kma_image_geometry geometry; /**< of voxels, grid cells or pixels (one slice); zero for a volume scorer */
} kma_result_scorer;
/** @param index  0 .. scorers-1, in the scene's order. */
KMA_API kma_status kma_result_get_scorer(kma_result self, size_t index, kma_result_scorer *out);
/** Index of the scorer of this name; KMA_ERR_ARGUMENT with the names there are, if none. */
KMA_API kma_status kma_result_find_scorer(kma_result self, const char *name, size_t *index_out);

/**
 * Mean per history and its standard uncertainty, for bins [first, first + n).
 *
 * @param mean         [n], or NULL
 * @param uncertainty  [n], one standard deviation of the mean (by history); infinite with one
 *                     history; or NULL
 * @retval KMA_ERR_ARGUMENT  the scorer has no such quantity, or no such bins
 */
KMA_API kma_status kma_result_get_values(kma_result self, size_t scorer, kma_quantity quantity, size_t first, size_t n,
                                         double *mean, double *uncertainty);
/**
 * The bin with the largest value that is beyond doubt: largest less two standard deviations. One photon that was
 * absorbed in a voxel of air gives it a dose above all others, which says nothing. Only where no value is above
 * two of its standard deviations the plain largest counts.
 *
 * @param bin_out          its index; 0 if all values are 0
 * @param mean_out         its value, per history
 * @param uncertainty_out  one standard deviation of it
 */
KMA_API kma_status kma_result_get_largest(kma_result self, size_t scorer, kma_quantity quantity, size_t *bin_out,
                                          double *mean_out, double *uncertainty_out);
/** The sum of all bins of a quantity, per history (no uncertainty: bins of one history are correlated). */
KMA_API kma_status kma_result_get_total(kma_result self, size_t scorer, kma_quantity quantity, double *out);

#ifdef __cplusplus
}
#endif
#endif
