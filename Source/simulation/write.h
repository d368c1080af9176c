/* The writing of results as files: one scorer after the other, then tables and the summary of all. */
#ifndef KMI_WRITE_H
#define KMI_WRITE_H

#include <stdbool.h>

#include "geometry/grid.h"
#include "kerma/result.h"

/* What is said about one scorer in summary.json; members that its kind does not have stay 0. */
typedef struct kmi_scorer_summary {
    kma_result_scorer info;
    double mass;                 /* g */
    double energy;               /* MeV a history */
    double dose, dose_uncertainty;    /* Gy a history: of a volume; of voxels and cells the largest */
    double energy_uncertainty;   /* MeV a history, of a volume */
    size_t dose_at;              /* the bin of the largest dose */
    size_t above_half;           /* bins of at least half of the largest dose */
    double above_half_relative;  /* mean of their relative uncertainties; infinite with one history */
    double primary_energy, primary_count, scatter_energy, scatter_count; /* a history, of a detector */
} kmi_scorer_summary;

typedef struct kmi_results {
    kma_result result;
    const char *directory;
    const char *title; /* or NULL */
    kma_result_info info;
    kmi_scorer_summary *scorers; /* [info.scorers] */
} kmi_results;

/* Makes the directory and writes everything. */
kma_status kmi_results_write(kma_result result, const char *title, const char *directory);

/* Each writes the files of scorer `index` and fills in its summary. */
kma_status kmi_write_dose(const kmi_results *self, size_t index, kmi_scorer_summary *summary);
kma_status kmi_write_detector(const kmi_results *self, size_t index, kmi_scorer_summary *summary);
/* summary.json */
kma_status kmi_write_summary(const kmi_results *self);

/* directory / name of the scorer, ending. Free with kmi_free. */
kma_status kmi_results_path(const kmi_results *self, const char *name, const char *ending, char **out);
/* One image of a quantity, or of its uncertainty, float32, read slab by slab. */
kma_status kmi_write_image(const kmi_results *self, size_t index, const char *name, const kmi_grid *grid,
                           kma_quantity quantity, bool uncertainty);
/*
 * A table of the lines along the grid's axes through its middle: axis, index, x_mm, y_mm, z_mm, and for each of n
 * quantities its mean and uncertainty, a history.
 */
kma_status kmi_write_profile(const kmi_results *self, size_t index, const char *name, const kmi_grid *grid,
                             const kma_quantity *quantities, size_t n);
void kmi_results_grid(const kma_image_geometry *geometry, kmi_grid *out);

#endif
