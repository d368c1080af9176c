/*
 * Files of a scorer of voxels or cells: dose, its uncertainty, a profile, and three pictures.
 *
 * A large grid is read slab by slab, never as a whole: while the doses are written the pictures' slices are copied
 * out of them; a further reading takes their densities.
 */
#include "simulation/write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/metaimage.h"
#include "io/plot.h"
#include "io/slice.h"

typedef struct cut {
    kmi_slice slice;
    float *dose, *density; /* [height][width] */
} cut;

typedef struct dose_writer {
    const kmi_results *results;
    size_t index;
    kmi_grid grid;
    kmi_scorer_summary *summary;
    double relative;    /* sum of relative uncertainties */
    size_t middle[3];   /* where the slices cross: at the largest dose, or in the middle */
    cut cuts[3];
} dose_writer;

enum { SLAB = 1 << 16 };

/* ---- what happens to each value ---- */

static void add_relative(dose_writer *w, size_t n, const double *dose, const double *uncertainty)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (!(dose[i] > 0 && dose[i] >= 0.5 * w->summary->dose)) continue;
        w->summary->above_half++;
        w->relative += uncertainty[i] / dose[i];
    }
}

/* Copies what lies in one of the slices. */
static void copy_cuts(dose_writer *w, size_t first, size_t n, const double *values, bool density)
{
    const size_t *count = w->grid.count;
    size_t at[3] = {first % count[0], first / count[0] % count[1], first / count[0] / count[1]}, i, axis, column, row;

    for (i = 0; i < n; i++) {
        for (axis = 0; axis < 3; axis++) {
            cut *c = &w->cuts[axis];
            if (at[axis] != w->middle[axis]) continue;
            column = at[c->slice.column_axis];
            row = at[c->slice.row_axis];
            if (c->slice.column_reversed) column = c->slice.width - 1 - column;
            if (c->slice.row_reversed) row = c->slice.height - 1 - row;
            (density ? c->density : c->dose)[row * c->slice.width + column] = (float)values[i];
        }
        if (++at[0] < count[0]) continue;
        at[0] = 0;
        if (++at[1] < count[1]) continue;
        at[1] = 0;
        at[2]++;
    }
}

/* ---- the image ---- */

static kma_status read_both(dose_writer *w, size_t first, size_t n, double **dose, double **uncertainty)
{
    *dose = kmi_alloc_array(n, sizeof **dose);
    *uncertainty = kmi_alloc_array(n, sizeof **uncertainty);
    if (*dose == NULL || *uncertainty == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu voxels", n);
    return kma_result_get_values(w->results->result, w->index, KMA_QUANTITY_DOSE, first, n, *dose, *uncertainty);
}

static kma_status fill_dose(void *context, size_t first, size_t n, void *out)
{
    kma_status status = KMA_OK;
    dose_writer *w = context;
    double *dose = NULL, *uncertainty = NULL;
    float *stored = out;
    size_t i;

    KMI_TRY(read_both(w, first, n, &dose, &uncertainty));
    add_relative(w, n, dose, uncertainty);
    copy_cuts(w, first, n, dose, false);
    for (i = 0; i < n; i++) stored[i] = (float)dose[i];
cleanup:
    kmi_free(dose);
    kmi_free(uncertainty);
    return status;
}

static kma_status write_doses(dose_writer *w)
{
    kma_status status = KMA_OK;
    char *path = NULL;

    KMI_TRY(kmi_results_path(w->results, w->summary->info.name, "_dose.mha", &path));
    KMI_TRY(kmi_metaimage_write(path, &w->grid, KMA_SCALAR_FLOAT32, KMA_COMPRESSION_NONE, fill_dose, w));
cleanup:
    kmi_free(path);
    return status;
}

/* ---- the pictures ---- */

static kma_status make_cuts(dose_writer *w)
{
    kma_status status = KMA_OK;
    size_t at = w->summary->dose_at, axis, n;

    for (axis = 0; axis < 3; axis++) {
        w->middle[axis] = w->summary->dose > 0 ? at % w->grid.count[axis] : w->grid.count[axis] / 2;
        at /= w->grid.count[axis];
    }
    for (axis = 0; axis < 3; axis++) {
        cut *c = &w->cuts[axis];
        KMI_TRY(kmi_slice_make(&w->grid, (int)axis, w->middle[axis], &c->slice));
        n = c->slice.width * c->slice.height;
        c->dose = kmi_alloc_array(n, sizeof *c->dose);
        c->density = kmi_alloc_array(n, sizeof *c->density);
        if (c->dose == NULL || c->density == NULL)
            KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a picture of %zu voxels", n));
    }
cleanup:
    return status;
}

/* Densities, g/cm3, for the slices; and the mass of all, g. */
static kma_status read_densities(dose_writer *w)
{
    kma_status status = KMA_OK;
    size_t bins = w->summary->info.bins, first, n, i;
    double *mass = kmi_alloc_array(SLAB, sizeof *mass), per_mass = 1000 / kmi_grid_cell_volume(&w->grid);

    if (mass == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %d masses", (int)SLAB));
    for (first = 0; first < bins; first += n) {
        n = bins - first < SLAB ? bins - first : SLAB;
        KMI_TRY(kma_result_get_values(w->results->result, w->index, KMA_QUANTITY_MASS, first, n, mass, NULL));
        for (i = 0; i < n; i++) {
            w->summary->mass += mass[i];
            mass[i] *= per_mass;
        }
        copy_cuts(w, first, n, mass, true);
    }
cleanup:
    kmi_free(mass);
    return status;
}

/* Dose in air is noise to the eye: what is a fiftieth as dense as the densest matter of a slice is left blank in it. */
static kma_status blank_thin(dose_writer *w)
{
    kma_status status = KMA_OK;
    kmi_window window;
    size_t axis, i;

    for (axis = 0; axis < 3; axis++) {
        cut *c = &w->cuts[axis];
        size_t n = c->slice.width * c->slice.height;
        KMI_TRY(kmi_window_of_values(c->density, n, 0, 99.5, false, &window));
        for (i = 0; i < n; i++)
            if (c->density[i] < 0.02 * window.high) c->dose[i] = 0;
    }
cleanup:
    return status;
}

/* The part of the scale above which a colour is of no more use: all but 1 in 500 of the values are below. */
static kma_status dose_window(const dose_writer *w, kmi_window *out)
{
    kma_status status = KMA_OK;
    size_t n[3], all = 0, axis;
    float *values = NULL;

    for (axis = 0; axis < 3; axis++) {
        n[axis] = w->cuts[axis].slice.width * w->cuts[axis].slice.height;
        all += n[axis];
    }
    values = kmi_alloc_array(all, sizeof *values);
    if (values == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a picture of %zu voxels", all));
    for (axis = 0, all = 0; axis < 3; all += n[axis++]) memcpy(values + all, w->cuts[axis].dose, n[axis] * sizeof *values);
    KMI_TRY(kmi_window_of_values(values, all, 0, 99.8, false, out));
    out->low = 0;
    if (!(out->high > 0)) out->high = 1;
cleanup:
    kmi_free(values);
    return status;
}

static kma_status draw(const dose_writer *w, size_t axis, const kmi_window *window)
{
    static const char *const endings[3] = {"_dose_yz.png", "_dose_xz.png", "_dose_xy.png"};
    static const char letters[] = "ijk";
    kma_status status = KMA_OK;
    const cut *c = &w->cuts[axis];
    kmi_picture *picture = NULL;
    kmi_plot plot;
    char title[192], *path = NULL;

    kmi_plot_defaults(&plot, c->slice.width, c->slice.height, c->dose);
    plot.pixel_width = c->slice.pixel_width;
    plot.pixel_height = c->slice.pixel_height;
    plot.window = *window;
    plot.under = c->density;
    KMI_TRY(kmi_window_of_values(c->density, c->slice.width * c->slice.height, 0, 99.5, false, &plot.under_window));
    plot.under_window.low = 0;
    if (!(plot.under_window.high > 0)) plot.under_window.high = 1;
    snprintf(title, sizeof title, "%s: dose, %c = %zu", w->summary->info.name, letters[axis], w->middle[axis]);
    plot.title = title;
    plot.unit = "Gy";
    KMI_TRY(kmi_plot_draw(&plot, &picture));
    KMI_TRY(kmi_results_path(w->results, w->summary->info.name, endings[axis], &path));
    KMI_TRY(kmi_picture_write(picture, path));
cleanup:
    kmi_picture_destroy(picture);
    kmi_free(path);
    return status;
}

kma_status kmi_write_dose(const kmi_results *self, size_t index, kmi_scorer_summary *summary)
{
    static const kma_quantity dose[1] = {KMA_QUANTITY_DOSE};
    kma_status status = KMA_OK;
    dose_writer w = {.results = self, .index = index, .summary = summary};
    kmi_window window;
    size_t axis;

    kmi_results_grid(&summary->info.geometry, &w.grid);
    KMI_TRY(kma_result_get_total(self->result, index, KMA_QUANTITY_ENERGY, &summary->energy));
    KMI_TRY(kma_result_get_largest(self->result, index, KMA_QUANTITY_DOSE, &summary->dose_at, &summary->dose,
                                   &summary->dose_uncertainty));
    KMI_TRY(make_cuts(&w));
    KMI_TRY(write_doses(&w));
    KMI_TRY(kmi_write_image(self, index, summary->info.name, &w.grid, KMA_QUANTITY_DOSE, true));
    if (summary->above_half > 0) summary->above_half_relative = w.relative / (double)summary->above_half;
    KMI_TRY(read_densities(&w));
    KMI_TRY(blank_thin(&w));
    KMI_TRY(dose_window(&w, &window));
    for (axis = 0; axis < 3; axis++) KMI_TRY(draw(&w, axis, &window));
    KMI_TRY(kmi_write_profile(self, index, summary->info.name, &w.grid, dose, 1));
cleanup:
    for (axis = 0; axis < 3; axis++) {
        kmi_free(w.cuts[axis].dose);
        kmi_free(w.cuts[axis].density);
    }
    return status;
}
