/* An image: values on a grid. Written by its maker alone, read by anyone once it has a name. */
#ifndef KMI_IMAGE_H
#define KMI_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/pulse.h"
#include "base/thread.h"
#include "geometry/grid.h"
#include "kerma/image.h"

typedef struct kmi_image {
    kmi_grid grid;
    kma_scalar type;
    size_t cells;
    void *data;           /* [nz][ny][nx] of `type` */
    atomic_size_t lent;   /* borrows not returned yet */
    kmi_lock lock;        /* guards the two below: the digest is made when first asked for */
    bool digest_known;
    uint8_t digest[KMI_DIGEST_SIZE];
} kmi_image;

/* A new image of zeros for its maker to fill. */
kma_status kmi_image_new(const kmi_grid *grid, kma_scalar type, kmi_image **out);
/* The same around `data` of kmi_alloc, which it owns from now on; on failure the caller still does. */
kma_status kmi_image_adopt(const kmi_grid *grid, kma_scalar type, void *data, kmi_image **out);
void kmi_image_destroy(void *image); /* NULL is fine */
/* Gives it a handle. On failure the caller still owns it. */
kma_status kmi_image_publish(kmi_image *image, kma_image *out);

/* KMA_ERR_ARGUMENT unless this is a scalar type and a grid whose bytes fit into memory at all. */
kma_status kmi_image_check(const kmi_grid *grid, kma_scalar type);

static inline const kmi_grid *kmi_image_grid(const kmi_image *self)
{
    return &self->grid;
}

static inline double kmi_image_value(const kmi_image *self, size_t cell)
{
    switch (self->type) {
#define KMI_IMAGE_CASE(name, code, text, c_type) case name: return (double)((const c_type *)self->data)[cell];
        KMA_SCALAR_LIST(KMI_IMAGE_CASE)
#undef KMI_IMAGE_CASE
    case KMA_SCALAR_END: break;
    }
    return 0;
}
/* Values [first, first + n), which the image must have. */
void kmi_image_values(const kmi_image *self, size_t first, size_t n, double *out);
/* of all values; all but its size are set */
void kmi_image_statistics(const kmi_image *self, kma_image_statistics *out);
/* Of grid, type and bytes: equal images have equal digests. Thread-safe, kept once made. Fails as the pulse does. */
kma_status kmi_image_digest(const kmi_image *self, const kmi_pulse *pulse, uint8_t out[KMI_DIGEST_SIZE]);

/* Between the public and the internal form of the same thing. */
kma_status kmi_grid_of_geometry(const kma_image_geometry *geometry, kmi_grid *out); /* checked */
void kmi_geometry_of_grid(const kmi_grid *grid, kma_image_geometry *out);

/* Index coordinates as ITK has them: whole at the centres of cells. */
void kmi_grid_point_of_index(const kmi_grid *grid, const double index[3], double point[3]);
void kmi_grid_index_of_point(const kmi_grid *grid, const double point[3], double index[3]);

#endif
