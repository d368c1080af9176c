/* What the writers of scorers share, and the order of it all: see write.h. */
#include "simulation/write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/csv.h"
#include "io/metaimage.h"
#include "simulation/file_names.h"

/* ---- paths ---- */

static kma_status make_directory(const char *path)
{
    struct stat found;

    if (mkdir(path, 0777) == 0 || errno == EEXIST) {
        if (stat(path, &found) != 0) return kmi_file_fail("cannot look at the directory", path, errno);
        if (!S_ISDIR(found.st_mode)) return kmi_file_fail("cannot make the directory", path, ENOTDIR);
        return KMA_OK;
    }
    return kmi_file_fail("cannot make the directory", path, errno);
}

/* And its parents. */
static kma_status make_directories(const char *path)
{
    kma_status status = KMA_OK;
    char *part = NULL, *slash;

    if (path[0] == '\0') KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the name of the directory is empty"));
    part = kmi_strdup(path);
    if (part == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for its path", path));
    for (slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        KMI_TRY(make_directory(part));
        *slash = '/';
    }
    KMI_TRY(make_directory(path));
cleanup:
    kmi_free(part);
    return status;
}

kma_status kmi_results_path(const kmi_results *self, const char *name, const char *ending, char **out)
{
    kma_status status = KMA_OK;
    char file[KMI_FILE_NAME_SIZE];
    size_t length = strlen(self->directory);

    *out = NULL;
    KMI_TRY(kmi_file_name(name, ending, file));
    *out = kmi_alloc(length + strlen(file) + 2);
    if (*out == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for a path", self->directory));
    snprintf(*out, length + strlen(file) + 2, "%s/%s", self->directory, file);
cleanup:
    return status;
}

void kmi_results_grid(const kma_image_geometry *geometry, kmi_grid *out)
{
    memcpy(out->count, geometry->count, sizeof out->count);
    memcpy(out->spacing, geometry->spacing, sizeof out->spacing);
    memcpy(out->origin, geometry->origin, sizeof out->origin);
    memcpy(out->direction, geometry->direction, sizeof out->direction);
}

/* ---- images ---- */

typedef struct image_source {
    kma_result result;
    size_t index;
    kma_quantity quantity;
    bool uncertainty;
} image_source;

static kma_status fill(void *context, size_t first, size_t n, void *out)
{
    kma_status status = KMA_OK;
    const image_source *s = context;
    double *values = kmi_alloc_array(n, sizeof *values);
    float *stored = out;
    size_t i;

    if (values == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu voxels", n));
    KMI_TRY(kma_result_get_values(s->result, s->index, s->quantity, first, n, s->uncertainty ? NULL : values,
                                  s->uncertainty ? values : NULL));
    for (i = 0; i < n; i++) stored[i] = (float)values[i];
cleanup:
    kmi_free(values);
    return status;
}

kma_status kmi_write_image(const kmi_results *self, size_t index, const char *name, const kmi_grid *grid,
                           kma_quantity quantity, bool uncertainty)
{
    kma_status status = KMA_OK;
    image_source source = {self->result, index, quantity, uncertainty};
    char ending[64], *path = NULL;

    snprintf(ending, sizeof ending, "_%s%s.mha", kma_quantity_name(quantity), uncertainty ? "_uncertainty" : "");
    KMI_TRY(kmi_results_path(self, name, ending, &path));
    KMI_TRY(kmi_metaimage_write(path, grid, KMA_SCALAR_FLOAT32, KMA_COMPRESSION_NONE, fill, &source));
cleanup:
    kmi_free(path);
    return status;
}

/* ---- profiles ---- */

enum { PROFILE_QUANTITIES = 4 };

static kma_status profile_row(const kmi_results *self, size_t index, const kmi_grid *grid, kmi_csv_writer *table, int axis,
                              const size_t at[3], const kma_quantity *quantities, size_t n)
{
    kma_status status = KMA_OK;
    size_t bin = at[0] + grid->count[0] * (at[1] + grid->count[1] * at[2]), q;
    double row[5 + 2 * PROFILE_QUANTITIES];
    int r, c;

    row[0] = axis;
    row[1] = (double)at[axis];
    for (r = 0; r < 3; r++) {
        row[2 + r] = grid->origin[r];
        for (c = 0; c < 3; c++) row[2 + r] += grid->direction[3 * r + c] * grid->spacing[c] * (double)at[c];
    }
    for (q = 0; q < n; q++) {
        double *cell = &row[5 + 2 * q];
        KMI_TRY(kma_result_get_values(self->result, index, quantities[q], bin, 1, &cell[0], &cell[1]));
        if (!(cell[1] - cell[1] == 0)) cell[1] = cell[0]; /* one history: nothing is known, 100 % is said */
    }
    KMI_TRY(kmi_csv_row(table, row, 5 + 2 * n));
cleanup:
    return status;
}

kma_status kmi_write_profile(const kmi_results *self, size_t index, const char *name, const kmi_grid *grid,
                             const kma_quantity *quantities, size_t n)
{
    static const char *const units[] = {"mev", "gy", "g", "mev", "photons", "mev", "photons"};
    static const char *const first_names[5] = {"axis", "index", "x_mm", "y_mm", "z_mm"};
    kma_status status = KMA_OK;
    kmi_csv_writer *table = NULL;
    char names[2 * PROFILE_QUANTITIES][64], *path = NULL;
    const char *columns[5 + 2 * PROFILE_QUANTITIES];
    size_t middle[3], at[3], i, q;
    int axis;

    memcpy(columns, first_names, sizeof first_names);
    for (q = 0; q < n; q++) {
        const char *quantity = kma_quantity_name(quantities[q]), *unit = units[quantities[q]];
        snprintf(names[2 * q], sizeof names[0], "%s_%s", quantity, unit);
        snprintf(names[2 * q + 1], sizeof names[0], "%s_uncertainty_%s", quantity, unit);
        columns[5 + 2 * q] = names[2 * q];
        columns[6 + 2 * q] = names[2 * q + 1];
    }
    for (i = 0; i < 3; i++) middle[i] = grid->count[i] / 2;
    KMI_TRY(kmi_results_path(self, name, "_profile.csv", &path));
    KMI_TRY(kmi_csv_open(path, &table));
    KMI_TRY(kmi_csv_comment(table, "per history; lines along each axis of the grid through its middle"));
    KMI_TRY(kmi_csv_names(table, columns, 5 + 2 * n));
    for (axis = 0; axis < 3; axis++) {
        if (grid->count[axis] == 1 && axis > 0) continue;
        memcpy(at, middle, sizeof at);
        for (i = 0; i < grid->count[axis]; i++) {
            at[axis] = i;
            KMI_TRY(profile_row(self, index, grid, table, axis, at, quantities, n));
        }
    }
    KMI_TRY(kmi_csv_commit(&table));
cleanup:
    kmi_csv_discard(table);
    kmi_free(path);
    return status;
}

/* ---- volumes ---- */

static kma_status read_volume(const kmi_results *self, size_t index, kmi_scorer_summary *s)
{
    kma_status status = KMA_OK;

    KMI_TRY(kma_result_get_values(self->result, index, KMA_QUANTITY_MASS, 0, 1, &s->mass, NULL));
    KMI_TRY(kma_result_get_values(self->result, index, KMA_QUANTITY_ENERGY, 0, 1, &s->energy, &s->energy_uncertainty));
    KMI_TRY(kma_result_get_values(self->result, index, KMA_QUANTITY_DOSE, 0, 1, &s->dose, &s->dose_uncertainty));
cleanup:
    return status;
}

static kma_status put_uncertainty(kmi_csv_writer *table, double value)
{
    return value - value == 0 ? kmi_csv_put_number(table, value) : kmi_csv_put_text(table, "");
}

static kma_status write_volumes(const kmi_results *self)
{
    static const char *const names[] = {"name", "mass_g", "energy_mev", "energy_uncertainty_mev", "dose_gy",
                                        "dose_uncertainty_gy"};
    kma_status status = KMA_OK;
    kmi_csv_writer *table = NULL;
    char *path = NULL;
    size_t i, count = 0;

    for (i = 0; i < self->info.scorers; i++) count += self->scorers[i].info.kind == KMA_SCORER_VOLUME;
    if (count == 0) return KMA_OK;
    KMI_TRY(kmi_results_path(self, "volumes", ".csv", &path));
    KMI_TRY(kmi_csv_open(path, &table));
    KMI_TRY(kmi_csv_comment(table, "per history; uncertainties are one standard deviation, empty with a single history"));
    KMI_TRY(kmi_csv_names(table, names, sizeof names / sizeof *names));
    for (i = 0; i < self->info.scorers; i++) {
        const kmi_scorer_summary *s = &self->scorers[i];
        if (s->info.kind != KMA_SCORER_VOLUME) continue;
        KMI_TRY(kmi_csv_put_text(table, s->info.name));
        KMI_TRY(kmi_csv_put_number(table, s->mass));
        KMI_TRY(kmi_csv_put_number(table, s->energy));
        KMI_TRY(put_uncertainty(table, s->energy_uncertainty));
        KMI_TRY(kmi_csv_put_number(table, s->dose));
        KMI_TRY(put_uncertainty(table, s->dose_uncertainty));
        KMI_TRY(kmi_csv_end_row(table));
    }
    KMI_TRY(kmi_csv_commit(&table));
cleanup:
    kmi_csv_discard(table);
    kmi_free(path);
    return status;
}

/* ---- all ---- */

static kma_status write_scorer(const kmi_results *self, size_t index, kmi_scorer_summary *s)
{
    kma_status status = KMA_OK;

    s->info.size = sizeof s->info;
    KMI_TRY(kma_result_get_scorer(self->result, index, &s->info));
    switch (s->info.kind) {
    case KMA_SCORER_VOXELS:
    case KMA_SCORER_GRID: KMI_TRY(kmi_write_dose(self, index, s)); break;
    case KMA_SCORER_VOLUME: KMI_TRY(read_volume(self, index, s)); break;
    case KMA_SCORER_DETECTOR: KMI_TRY(kmi_write_detector(self, index, s)); break;
    }
cleanup:
    return status;
}

kma_status kmi_results_write(kma_result result, const char *title, const char *directory)
{
    kma_status status = KMA_OK;
    kmi_results r = {.result = result, .directory = directory, .title = title};
    size_t i;

    r.info.size = sizeof r.info;
    KMI_TRY(kma_result_get_info(result, &r.info));
    KMI_TRY(make_directories(directory));
    r.scorers = kmi_alloc_array(r.info.scorers + 1, sizeof *r.scorers);
    if (r.scorers == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scorers", r.info.scorers));
    for (i = 0; i < r.info.scorers; i++) KMI_TRY(write_scorer(&r, i, &r.scorers[i]));
    KMI_TRY(write_volumes(&r));
    KMI_TRY(kmi_write_summary(&r));
cleanup:
    kmi_free(r.scorers);
    return status;
}
