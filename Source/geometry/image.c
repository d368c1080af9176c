/* See image.h. */
#include "geometry/image.h"

#include <string.h>

#include "base/memory.h"
#include "base/sized.h"

const char *kma_scalar_name(kma_scalar type)
{
    switch (type) {
#define CASE(name, code, text, c_type) case name: return text;
        KMA_SCALAR_LIST(CASE)
#undef CASE
    case KMA_SCALAR_END: break;
    }
    return "?";
}

size_t kma_scalar_size(kma_scalar type)
{
    switch (type) {
#define CASE(name, code, text, c_type) case name: return sizeof(c_type);
        KMA_SCALAR_LIST(CASE)
#undef CASE
    case KMA_SCALAR_END: break;
    }
    return 0;
}

kma_status kmi_image_check(const kmi_grid *grid, kma_scalar type)
{
    size_t size = kma_scalar_size(type);

    if (size == 0) return kmi_fail(KMA_ERR_ARGUMENT, "%d is no scalar type (see kma_scalar)", (int)type);
    if (kmi_grid_check(grid) != KMA_OK) return KMA_ERR_ARGUMENT;
    if (kmi_grid_cells(grid) > SIZE_MAX / 2 / size)
        return kmi_fail(KMA_ERR_ARGUMENT, "an image of %zu x %zu x %zu voxels of %s is larger than any memory",
                        grid->count[0], grid->count[1], grid->count[2], kma_scalar_name(type));
    return KMA_OK;
}

kma_status kmi_image_adopt(const kmi_grid *grid, kma_scalar type, void *data, kmi_image **out)
{
    kma_status status = KMA_OK;
    kmi_image *image = NULL;

    *out = NULL;
    KMI_TRY(kmi_image_check(grid, type));
    image = kmi_alloc(sizeof *image);
    if (image == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for an image"));
    KMI_TRY(kmi_lock_init(&image->lock));
    image->grid = *grid;
    image->type = type;
    image->cells = kmi_grid_cells(grid);
    image->data = data;
    atomic_init(&image->lent, 0);
    *out = image;
    image = NULL;
cleanup:
    kmi_free(image); /* data stay the caller's */
    return status;
}

kma_status kmi_image_new(const kmi_grid *grid, kma_scalar type, kmi_image **out)
{
    kma_status status = KMA_OK;
    void *data = NULL;

    *out = NULL;
    KMI_TRY(kmi_image_check(grid, type));
    data = kmi_alloc_array(kmi_grid_cells(grid), kma_scalar_size(type));
    if (data == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for an image of %zu x %zu x %zu voxels of %s", grid->count[0],
                         grid->count[1], grid->count[2], kma_scalar_name(type)));
    KMI_TRY(kmi_image_adopt(grid, type, data, out));
    data = NULL;
cleanup:
    kmi_free(data);
    return status;
}

void kmi_image_destroy(void *object)
{
    kmi_image *image = object;

    if (image == NULL) return;
    kmi_lock_destroy(&image->lock);
    kmi_free(image->data);
    kmi_free(image);
}

void kmi_image_values(const kmi_image *self, size_t first, size_t n, double *out)
{
    size_t i;

    switch (self->type) { /* one loop for each type: the compiler makes each a vector loop */
#define CASE(name, code, text, c_type)                                         \
    case name: {                                                               \
        const c_type *values = (const c_type *)self->data + first;             \
        for (i = 0; i < n; i++) out[i] = (double)values[i];                    \
        break;                                                                 \
    }
        KMA_SCALAR_LIST(CASE)
#undef CASE
    case KMA_SCALAR_END: break;
    }
}

enum { PULSE_BYTES = 1 << 20 }; /* some milliseconds of hashing between two beats */

static kma_status make_digest(const kmi_image *self, const kmi_pulse *pulse, uint8_t out[KMI_DIGEST_SIZE])
{
    kma_status status = KMA_OK;
    size_t bytes = self->cells * kma_scalar_size(self->type), done;
    kmi_digest digest;
    int i;

    kmi_digest_start(&digest, "image");
    for (i = 0; i < 3; i++) kmi_digest_u64(&digest, self->grid.count[i]);
    for (i = 0; i < 3; i++) kmi_digest_double(&digest, self->grid.spacing[i]);
    for (i = 0; i < 3; i++) kmi_digest_double(&digest, self->grid.origin[i]);
    for (i = 0; i < 9; i++) kmi_digest_double(&digest, self->grid.direction[i]);
    kmi_digest_text(&digest, kma_scalar_name(self->type));
    for (done = 0; done < bytes; done += PULSE_BYTES) {
        kmi_digest_bytes(&digest, (const char *)self->data + done, bytes - done < PULSE_BYTES ? bytes - done : PULSE_BYTES);
        KMI_TRY(kmi_pulse_beat(pulse));
    }
    kmi_digest_end(&digest, out);
cleanup:
    return status;
}

kma_status kmi_image_digest(const kmi_image *self, const kmi_pulse *pulse, uint8_t out[KMI_DIGEST_SIZE])
{
    kma_status status = KMA_OK;
    kmi_image *image = (kmi_image *)self; /* never defined const; the lock guards what changes */
    bool known;

    KMI_TRY(kmi_lock_enter(&image->lock));
    known = image->digest_known;
    if (known) memcpy(out, image->digest, KMI_DIGEST_SIZE);
    kmi_lock_give(&image->lock);
    if (known) return KMA_OK;
    KMI_TRY(make_digest(self, pulse, out)); /* two threads may make the same */
    KMI_TRY(kmi_lock_enter(&image->lock));
    memcpy(image->digest, out, KMI_DIGEST_SIZE);
    image->digest_known = true;
    kmi_lock_give(&image->lock);
cleanup:
    return status;
}

kma_status kmi_grid_of_geometry(const kma_image_geometry *geometry, kmi_grid *out)
{
    kma_status status = KMA_OK;
    kmi_grid grid;

    memset(out, 0, sizeof *out);
    memset(&grid, 0, sizeof grid);
    if (geometry == NULL) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "geometry is NULL"));
    KMI_TRY(kmi_sized_check(geometry, sizeof *geometry, "geometry", "kma_image_geometry_defaults() sets it"));
    memcpy(grid.count, geometry->count, sizeof grid.count);
    memcpy(grid.spacing, geometry->spacing, sizeof grid.spacing);
    memcpy(grid.origin, geometry->origin, sizeof grid.origin);
    memcpy(grid.direction, geometry->direction, sizeof grid.direction);
    KMI_TRY(kmi_grid_check(&grid));
    *out = grid;
cleanup:
    return status;
}

void kmi_geometry_of_grid(const kmi_grid *grid, kma_image_geometry *out)
{
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    memcpy(out->count, grid->count, sizeof out->count);
    memcpy(out->spacing, grid->spacing, sizeof out->spacing);
    memcpy(out->origin, grid->origin, sizeof out->origin);
    memcpy(out->direction, grid->direction, sizeof out->direction);
}

void kmi_grid_point_of_index(const kmi_grid *grid, const double index[3], double point[3])
{
    const double *d = grid->direction;
    double x = grid->spacing[0] * index[0], y = grid->spacing[1] * index[1], z = grid->spacing[2] * index[2];
    int i;

    for (i = 0; i < 3; i++) point[i] = grid->origin[i] + d[3 * i] * x + d[3 * i + 1] * y + d[3 * i + 2] * z;
}

void kmi_grid_index_of_point(const kmi_grid *grid, const double point[3], double index[3])
{
    /* By Cramer's rule, not by the transpose: directions are orthonormal to 1e-4 only, and 1e-4 of half a metre
     * is a tenth of a voxel. */
    const double *d = grid->direction;
    kmi_vec3 a = kmi_vec(d[0], d[3], d[6]), b = kmi_vec(d[1], d[4], d[7]), c = kmi_vec(d[2], d[5], d[8]);
    kmi_vec3 p = kmi_vec(point[0] - grid->origin[0], point[1] - grid->origin[1], point[2] - grid->origin[2]);
    double determinant = kmi_dot(a, kmi_cross(b, c));

    index[0] = kmi_dot(p, kmi_cross(b, c)) / determinant / grid->spacing[0];
    index[1] = kmi_dot(p, kmi_cross(c, a)) / determinant / grid->spacing[1];
    index[2] = kmi_dot(p, kmi_cross(a, b)) / determinant / grid->spacing[2];
}
