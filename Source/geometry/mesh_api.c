/* Public functions of meshes. */
#include <math.h>
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "geometry/mesh_nearest.h"
#include "geometry/mesh_parts.h"
#include "kerma/mesh.h"

kma_status kma_mesh_create_arrays(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                  size_t triangle_count, kma_mesh *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_mesh *mesh = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_mesh_new(vertices, vertex_count, triangles, triangle_count, &kmi_thread_pulse, &mesh));
    KMI_TRY(kmi_handle_create(KMA_KIND_MESH, mesh, kmi_mesh_destroy, &out->bits));
    mesh = NULL;
cleanup:
    kmi_mesh_destroy(mesh);
    return status;
}

kma_status kma_mesh_retain(kma_mesh self) { return kmi_handle_retain(KMA_KIND_MESH, self.bits); }

kma_status kma_mesh_release(kma_mesh *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_MESH, &self->bits);
}

kma_status kma_mesh_audit_arrays(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                 size_t triangle_count, kma_mesh_report *report_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_mesh_findings findings;
    kmi_mesh *mesh = NULL;

    if (report_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "report_out is NULL");
    memset(report_out, 0, sizeof *report_out);
    status = kmi_mesh_new_audited(vertices, vertex_count, triangles, triangle_count, &kmi_thread_pulse, &findings, &mesh);
    if (status == KMA_ERR_MESH) status = KMA_OK; /* the damage is the answer */
    KMI_TRY(status);
    *report_out = findings.report;
cleanup:
    kmi_mesh_destroy(mesh);
    return status;
}

kma_status kma_mesh_get_report(kma_mesh self, kma_mesh_report *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *mesh = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, self.bits, &mesh));
    *out = *kmi_mesh_report(mesh);
cleanup:
    if (mesh != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_count_facets(kma_mesh self, size_t *out)
{
    kma_mesh_report report;
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = kma_mesh_get_report(self, &report);
    *out = report.facets;
    return status;
}

kma_status kma_mesh_count_vertices(kma_mesh self, size_t *out)
{
    kma_mesh_report report;
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = kma_mesh_get_report(self, &report);
    *out = report.vertices;
    return status;
}

kma_status kma_mesh_get_volume(kma_mesh self, double *out)
{
    KMI_FLOATS;
    kma_mesh_report report;
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = kma_mesh_get_report(self, &report);
    *out = report.volume;
    return status;
}

kma_status kma_mesh_get_surface_area(kma_mesh self, double *out)
{
    KMI_FLOATS;
    kma_mesh_report report;
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = kma_mesh_get_report(self, &report);
    *out = report.area;
    return status;
}

kma_status kma_mesh_get_bounds(kma_mesh self, double low_out[3], double high_out[3])
{
    KMI_FLOATS;
    kma_mesh_report report;
    kma_status status;

    if (low_out != NULL) memset(low_out, 0, sizeof report.low);
    if (high_out != NULL) memset(high_out, 0, sizeof report.high);
    if (low_out == NULL || high_out == NULL)
        return kmi_fail(KMA_ERR_ARGUMENT, "%s is NULL", low_out == NULL ? "low_out" : "high_out");
    status = kma_mesh_get_report(self, &report);
    memcpy(low_out, report.low, sizeof report.low);
    memcpy(high_out, report.high, sizeof report.high);
    return status;
}

kma_status kma_mesh_get_vertices(kma_mesh self, double *vertices_out, size_t vertex_count)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *pinned = NULL;
    const kmi_mesh *mesh;

    if (vertices_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "vertices_out is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, self.bits, &pinned));
    mesh = pinned;
    if (vertex_count != mesh->vertex_count)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "vertex_count is %zu, the mesh has %zu vertices", vertex_count,
                         mesh->vertex_count));
    memcpy(vertices_out, mesh->vertices, vertex_count * sizeof *mesh->vertices);
cleanup:
    if (pinned != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_get_facets(kma_mesh self, uint32_t *facets_out, size_t facet_count)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *pinned = NULL;
    const kmi_mesh *mesh;

    if (facets_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "facets_out is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, self.bits, &pinned));
    mesh = pinned;
    if (facet_count != mesh->triangle_count)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "facet_count is %zu, the mesh has %zu facets", facet_count,
                         mesh->triangle_count));
    memcpy(facets_out, mesh->triangles, facet_count * sizeof *mesh->triangles);
cleanup:
    if (pinned != NULL) kmi_handle_unpin(self.bits);
    return status;
}

/* One ray of kma_mesh_intersect(). */
static kma_status intersect(const kmi_mesh *mesh, size_t i, const double o[3], const double d[3], double *t,
                            uint32_t *facet, uint8_t *exits)
{
    kmi_vec3 direction = kmi_vec(d[0], d[1], d[2]);
    double norm = kmi_norm(direction);
    kmi_mesh_hit hit = {INFINITY, UINT32_MAX, false};

    if (!(fabs(o[0]) + fabs(o[1]) + fabs(o[2]) < INFINITY))
        return kmi_fail(KMA_ERR_ARGUMENT, "origins[%zu] is (%g, %g, %g) (must be finite)", i, o[0], o[1], o[2]);
    if (!(norm > 1e-150 && norm < 1e150))
        return kmi_fail(KMA_ERR_ARGUMENT, "directions[%zu] is (%g, %g, %g) (must be finite and not zero)", i, d[0],
                        d[1], d[2]);
    (void)kmi_mesh_first_hit(mesh, kmi_vec(o[0], o[1], o[2]), kmi_scale(direction, 1 / norm), 0, INFINITY, &hit);
    *t = hit.t;
    if (facet != NULL) *facet = hit.facet;
    if (exits != NULL) *exits = hit.exits;
    return KMA_OK;
}

kma_status kma_mesh_intersect(kma_mesh self, const double *origins, const double *directions, size_t n, double *t_out,
                              uint32_t *facets_out, uint8_t *exits_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *mesh = NULL;
    size_t i;

    if (t_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "t_out is NULL");
    if (n > 0 && (origins == NULL || directions == NULL))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%s is NULL", origins == NULL ? "origins" : "directions"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, self.bits, &mesh));
    for (i = 0; i < n; i++)
        KMI_TRY(intersect(mesh, i, origins + 3 * i, directions + 3 * i, t_out + i,
                          facets_out == NULL ? NULL : facets_out + i, exits_out == NULL ? NULL : exits_out + i));
cleanup:
    if (status != KMA_OK) {
        memset(t_out, 0, n * sizeof *t_out);
        if (facets_out != NULL) memset(facets_out, 0, n * sizeof *facets_out);
        if (exits_out != NULL) memset(exits_out, 0, n * sizeof *exits_out);
    }
    if (mesh != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_inside(kma_mesh self, const double *points, size_t n, uint8_t *inside_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *mesh = NULL;
    size_t i;

    if (inside_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "inside_out is NULL");
    memset(inside_out, 0, n * sizeof *inside_out);
    if (n > 0 && points == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "points is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, self.bits, &mesh));
    for (i = 0; i < n; i++)
        inside_out[i] = kmi_mesh_inside(mesh, kmi_vec(points[3 * i], points[3 * i + 1], points[3 * i + 2]));
cleanup:
    if (mesh != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_nearest(kma_mesh self, const double *points, size_t n, double *distance_out, uint32_t *facets_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *mesh = NULL;
    size_t i;

    if (distance_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "distance_out is NULL");
    if (n > 0 && points == NULL) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "points is NULL"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, self.bits, &mesh));
    for (i = 0; i < n; i++) {
        const double *p = points + 3 * i;
        uint32_t facet = 0;
        if (!(fabs(p[0]) + fabs(p[1]) + fabs(p[2]) < 1e100))
            KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "points[%zu] is (%g, %g, %g) (must be finite, below 1e100)", i, p[0],
                             p[1], p[2]));
        distance_out[i] = kmi_mesh_nearest(mesh, kmi_vec(p[0], p[1], p[2]), &facet);
        if (facets_out != NULL) facets_out[i] = facet;
    }
cleanup:
    if (status != KMA_OK) {
        memset(distance_out, 0, n * sizeof *distance_out);
        if (facets_out != NULL) memset(facets_out, 0, n * sizeof *facets_out);
    }
    if (mesh != NULL) kmi_handle_unpin(self.bits);
    return status;
}
