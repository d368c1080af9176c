/**
 * @file kerma/summary.h
 * What a run's summary.json says, read back: Documentation/results.md.
 *
 * Units:   MeV, Gy, g, s, each said with the value.
 * Threads: a summary never changes once read; any thread may use it.
 */
#ifndef KERMA_SUMMARY_H
#define KERMA_SUMMARY_H

#include "kerma/base.h"
#include "kerma/image.h"
#include "kerma/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one summary. All-zero names none. A plain value: copy it freely. */
typedef struct kma_summary { uint64_t bits; } kma_summary;

/**
 * Reads a summary.
 *
 * @param path  a directory of results, or the summary.json in one. What performance.json beside it says is read too,
 *              if it is there.
 * @param out   one reference, owned by the caller: give it back with kma_summary_release(). Names none on failure.
 *
 * @retval KMA_ERR_IO      it cannot be read
 * @retval KMA_ERR_FORMAT  it is no summary of this format; the text says where
 */
KMA_API kma_status kma_summary_read(const char *path, kma_summary *out);
KMA_API kma_status kma_summary_retain(kma_summary self); /**< one owner more */
/** Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK. */
KMA_API kma_status kma_summary_release(kma_summary *self);

/** Bytes of the shorter texts below, their final 0 included. Longer ones are cut. */
enum { KMA_SUMMARY_TEXT_SIZE = 64 };

typedef struct kma_summary_info {
    size_t size;                 /**< set it to sizeof(kma_summary_info) */
    char title[256];             /**< empty if there is none; cut if longer */
    uint64_t histories;          /**< that the scores hold */
    uint64_t first_missing;      /**< all histories below this number are held */
    uint64_t seed;
    double cut_energy;           /**< MeV */
    size_t scorers;
    kma_energy_ledger ledger;    /**< of all histories, MeV */
    uint64_t ct_voxels, ct_voxels_below, ct_voxels_above;
    char kerma_version[KMA_SUMMARY_TEXT_SIZE], xraylib_version[KMA_SUMMARY_TEXT_SIZE];
    char scene_hash[KMA_HASH_SIZE], fingerprint[KMA_HASH_SIZE], scores_hash[KMA_HASH_SIZE];
    double histories_per_second; /**< of performance.json; 0 if nothing is known */
    double wall;                 /**< s, of the histories; likewise */
    size_t workers;              /**< likewise */
} kma_summary_info;
/** @retval KMA_ERR_ARGUMENT  out is NULL, or its size was not set */
KMA_API kma_status kma_summary_get_info(kma_summary self, kma_summary_info *out);

/** One number of a scorer, such as "largest_dose". */
typedef struct kma_summary_value {
    char name[KMA_SUMMARY_TEXT_SIZE];
    double value;
    double uncertainty; /**< one standard deviation; nan if there is none */
    char unit[16];      /**< "Gy", "MeV", "g", "photons": per history, but for a mass */
} kma_summary_value;
enum { KMA_SUMMARY_VALUES = 8 };

typedef struct kma_summary_scorer {
    size_t size;              /**< set it to sizeof(kma_summary_scorer) */
    char name[128];
    char kind[16];            /**< as of kma_scorer_kind_name() */
    size_t bins;
    kma_image_geometry geometry; /**< of voxels, cells or pixels; all 0 for a volume scorer */
    size_t values;
    kma_summary_value value[KMA_SUMMARY_VALUES]; /**< [values] in the file's order */
} kma_summary_scorer;
/** @param index  0 .. scorers-1, in the scene's order. */
KMA_API kma_status kma_summary_get_scorer(kma_summary self, size_t index, kma_summary_scorer *out);

#ifdef __cplusplus
}
#endif
#endif
