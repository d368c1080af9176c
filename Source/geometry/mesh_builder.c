/* See mesh_builder.h. */
#include "geometry/mesh_builder.h"

#include <string.h>

#include "base/handle.h"
#include "base/memory.h"

/* A corner of a quadrangle may lie this far off the plane of its diagonals, as a part of the longer diagonal:
 * float32 coordinates (6e-8) of a facet ten times its size away from the origin, and some. */
static const double PLANAR = 1e-5;
static const double COORDINATE_MAX = 1e12; /* mm, as in the audit */

kma_status kmi_mesh_builder_new(kmi_mesh_builder **out)
{
    kma_status status = KMA_OK;
    kmi_mesh_builder *b = kmi_alloc(sizeof *b);

    *out = NULL;
    if (b == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a mesh builder"));
    KMI_TRY(kmi_lock_init(&b->lock));
    *out = b;
    b = NULL;
cleanup:
    kmi_free(b);
    return status;
}

void kmi_mesh_builder_destroy(void *builder)
{
    kmi_mesh_builder *self = builder;
    if (self == NULL) return;
    kmi_lock_destroy(&self->lock);
    kmi_free(self->corners);
    kmi_free(self);
}

static kmi_vec3 point(const double *p) { return kmi_vec(p[0], p[1], p[2]); }

static kma_status check_corners(const double *const *corner, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        const double *p = corner[i];
        if (p == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "corner %c is NULL", 'a' + i);
        if (!(fabs(p[0]) <= COORDINATE_MAX && fabs(p[1]) <= COORDINATE_MAX && fabs(p[2]) <= COORDINATE_MAX))
            return kmi_fail(KMA_ERR_ARGUMENT, "corner %c is (%g, %g, %g) (must be finite and within 1e12 mm)", 'a' + i,
                            p[0], p[1], p[2]);
    }
    return KMA_OK;
}

/* Room for `count` facets more. */
static kma_status reserve(kmi_mesh_builder *self, size_t count)
{
    kma_status status = KMA_OK;

    if (self->closed)
        KMI_TRY(kmi_fail(KMA_ERR_CLOSED, "the mesh builder was closed: create another one for another mesh"));
    if (self->facet_count + count > self->facet_room) {
        size_t room = self->facet_room + self->facet_room / 2 + 64;
        double *more = kmi_realloc(self->corners, room * 9 * sizeof *more);
        if (more == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu facets", room));
        self->corners = more;
        self->facet_room = room;
    }
cleanup:
    return status;
}

static void put(kmi_mesh_builder *self, const double *a, const double *b, const double *c)
{
    double *to = self->corners + 9 * self->facet_count++;
    memcpy(to, a, 3 * sizeof *to);
    memcpy(to + 3, b, 3 * sizeof *to);
    memcpy(to + 6, c, 3 * sizeof *to);
}

kma_status kmi_mesh_builder_triangle(kmi_mesh_builder *self, const double *const corner[3])
{
    kma_status status = KMA_OK;

    KMI_TRY(check_corners(corner, 3));
    KMI_TRY(kmi_lock_enter(&self->lock));
    status = reserve(self, 1);
    if (status == KMA_OK) put(self, corner[0], corner[1], corner[2]);
    kmi_lock_give(&self->lock);
cleanup:
    return status;
}

/* Flat and convex; *ac_out: the diagonal from a to c is the shorter one. */
static kma_status check_quadrangle(const double *const corner[4], bool *ac_out)
{
    kmi_vec3 p[4], ac, bd, n;
    double longer, off;
    int i;

    for (i = 0; i < 4; i++) p[i] = point(corner[i]);
    ac = kmi_sub(p[2], p[0]);
    bd = kmi_sub(p[3], p[1]);
    *ac_out = kmi_dot(ac, ac) <= kmi_dot(bd, bd);
    longer = kmi_norm(*ac_out ? bd : ac);
    n = kmi_cross(ac, bd); /* twice the area */
    if (!(kmi_norm(n) > 0))
        return kmi_fail(KMA_ERR_ARGUMENT, "the quadrangle's corners lie on one line: it has no area");
    n = kmi_scale(n, 1 / kmi_norm(n));
    off = fabs(kmi_dot(n, kmi_sub(p[1], p[0]))); /* distance of the two diagonals */
    if (!(off <= PLANAR * longer))
        return kmi_fail(KMA_ERR_ARGUMENT,
                        "the quadrangle is not flat: its diagonals pass each other %.9g mm apart (at most %.9g mm, "
                        "1e-5 of the longer one); give two triangles",
                        off, PLANAR * longer);
    for (i = 0; i < 4; i++) {
        kmi_vec3 before = kmi_sub(p[i], p[(i + 3) % 4]), after = kmi_sub(p[(i + 1) % 4], p[i]);
        if (!(kmi_dot(n, kmi_cross(before, after)) > 0))
            return kmi_fail(KMA_ERR_ARGUMENT,
                            "the quadrangle is not convex: it does not turn to one side at corner %c, "
                            "(%.9g, %.9g, %.9g) mm; give two triangles",
                            'a' + i, p[i].x, p[i].y, p[i].z);
    }
    return KMA_OK;
}

kma_status kmi_mesh_builder_quadrangle(kmi_mesh_builder *self, const double *const corner[4])
{
    kma_status status = KMA_OK;
    bool ac = false;

    KMI_TRY(check_corners(corner, 4));
    KMI_TRY(check_quadrangle(corner, &ac));
    KMI_TRY(kmi_lock_enter(&self->lock));
    status = reserve(self, 2);
    if (status == KMA_OK) {
        put(self, corner[0], corner[1], corner[ac ? 2 : 3]);
        if (ac)
            put(self, corner[0], corner[2], corner[3]);
        else
            put(self, corner[1], corner[2], corner[3]);
    }
    kmi_lock_give(&self->lock);
cleanup:
    return status;
}

kma_status kmi_mesh_builder_close(kmi_mesh_builder *self, kma_mesh *out)
{
    kma_status status = KMA_OK;
    kmi_mesh *mesh = NULL;

    out->bits = 0;
    status = kmi_lock_enter(&self->lock);
    if (status != KMA_OK) return status;
    KMI_TRY(reserve(self, 0));
    KMI_TRY(kmi_mesh_new_soup(self->corners, self->facet_count, NULL, &mesh));
    KMI_TRY(kmi_handle_create(KMA_KIND_MESH, mesh, kmi_mesh_destroy, &out->bits)); /* may fail: closed after it */
    mesh = NULL;
    self->closed = true;
    kmi_free(self->corners);
    self->corners = NULL;
    self->facet_room = 0; /* the count stays: it can be asked for */
cleanup:
    kmi_lock_give(&self->lock);
    kmi_mesh_destroy(mesh);
    return status;
}
