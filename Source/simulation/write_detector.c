/* Files of a detector: energy and number of primary and scattered photons, a profile, and a radiograph. */
#include <stdio.h>
#include <string.h>

#include "base/elementary.h"
#include "base/memory.h"
#include "io/plot.h"
#include "io/slice.h"
#include "simulation/write.h"

static const kma_quantity quantities[4] = {KMA_QUANTITY_PRIMARY_ENERGY, KMA_QUANTITY_PRIMARY_COUNT,
                                           KMA_QUANTITY_SCATTER_ENERGY, KMA_QUANTITY_SCATTER_COUNT};

/* What a radiograph shows: all energy, or that of the photons that never interacted, as behind a perfect grid. */
typedef enum radiograph { RADIOGRAPH_ALL, RADIOGRAPH_PRIMARY } radiograph;

/* Energy in each pixel, as the slice is looked at. */
static kma_status read_energy(const kmi_results *self, size_t index, radiograph what, const kmi_slice *slice, float *out)
{
    kma_status status = KMA_OK;
    size_t n = slice->width * slice->height, i, j, pixel, at[3];
    double *energy[2] = {kmi_alloc_array(n, sizeof **energy), kmi_alloc_array(n, sizeof **energy)};

    if (energy[0] == NULL || energy[1] == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu pixels", n));
    KMI_TRY(kma_result_get_values(self->result, index, KMA_QUANTITY_PRIMARY_ENERGY, 0, n, energy[0], NULL));
    KMI_TRY(kma_result_get_values(self->result, index, KMA_QUANTITY_SCATTER_ENERGY, 0, n, energy[1], NULL));
    for (j = 0; j < slice->height; j++)
        for (i = 0; i < slice->width; i++) {
            kmi_slice_index(slice, i, j, at);
            pixel = at[0] + slice->grid.count[0] * at[1];
            out[j * slice->width + i] =
                (float)(what == RADIOGRAPH_ALL ? energy[0][pixel] + energy[1][pixel] : energy[0][pixel]);
        }
cleanup:
    kmi_free(energy[0]);
    kmi_free(energy[1]);
    return status;
}

/* -ln(E / E0), so that what absorbs is bright, with E0 where next to nothing does. Pixels without a photon count half
 * of the darkest. */
static kma_status attenuate(float *values, size_t n)
{
    kma_status status = KMA_OK;
    kmi_window window;
    double least = 0;
    size_t i;

    KMI_TRY(kmi_window_of_values(values, n, 0, 99.5, false, &window));
    for (i = 0; i < n; i++)
        if (values[i] > 0 && (least == 0 || values[i] < least)) least = values[i];
    for (i = 0; i < n; i++)
        values[i] = least == 0 ? 0 : (float)-kmi_log((values[i] > 0 ? values[i] : 0.5 * least) / window.high);
cleanup:
    return status;
}

static kma_status draw(const kmi_results *self, size_t index, radiograph what, const char *name, const kmi_grid *grid)
{
    kma_status status = KMA_OK;
    kmi_picture *picture = NULL;
    float *values = NULL;
    kmi_slice slice;
    kmi_plot plot;
    char title[192], *path = NULL;
    size_t n;

    KMI_TRY(kmi_slice_make(grid, 2, 0, &slice));
    n = slice.width * slice.height;
    values = kmi_alloc_array(n, sizeof *values);
    if (values == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu pixels", n));
    KMI_TRY(read_energy(self, index, what, &slice, values));
    KMI_TRY(attenuate(values, n));
    kmi_plot_defaults(&plot, slice.width, slice.height, values);
    plot.pixel_width = slice.pixel_width;
    plot.pixel_height = slice.pixel_height;
    plot.map = KMI_MAP_GRAY;
    KMI_TRY(kmi_window_of_values(values, n, 0.5, 99.5, false, &plot.window));
    snprintf(title, sizeof title, "%s: radiograph%s", name, what == RADIOGRAPH_ALL ? "" : ", primary photons alone");
    plot.title = title;
    plot.unit = "-ln(E/E0)";
    KMI_TRY(kmi_plot_draw(&plot, &picture));
    KMI_TRY(kmi_results_path(self, name, what == RADIOGRAPH_ALL ? "_radiograph.png" : "_radiograph_primary.png", &path));
    KMI_TRY(kmi_picture_write(picture, path));
cleanup:
    kmi_picture_destroy(picture);
    kmi_free(values);
    kmi_free(path);
    return status;
}

kma_status kmi_write_detector(const kmi_results *self, size_t index, kmi_scorer_summary *s)
{
    kma_status status = KMA_OK;
    double *totals[4] = {&s->primary_energy, &s->primary_count, &s->scatter_energy, &s->scatter_count};
    kmi_grid grid;
    size_t i;

    kmi_results_grid(&s->info.geometry, &grid);
    for (i = 0; i < 4; i++) {
        KMI_TRY(kma_result_get_total(self->result, index, quantities[i], totals[i]));
        KMI_TRY(kmi_write_image(self, index, s->info.name, &grid, quantities[i], false));
        KMI_TRY(kmi_write_image(self, index, s->info.name, &grid, quantities[i], true));
    }
    KMI_TRY(kmi_write_profile(self, index, s->info.name, &grid, quantities, 4));
    KMI_TRY(draw(self, index, RADIOGRAPH_ALL, s->info.name, &grid));
    KMI_TRY(draw(self, index, RADIOGRAPH_PRIMARY, s->info.name, &grid));
cleanup:
    return status;
}
