/* The mesh object: audited, built, read only. See mesh.h. */
#include "geometry/mesh.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "geometry/mesh_parts.h"

void kmi_mesh_destroy(void *mesh)
{
    kmi_mesh *self = mesh;
    if (self == NULL) return;
    kmi_free(self->vertices);
    kmi_free(self->triangles);
    kmi_bvh_clear(&self->bvh);
    kmi_free(self);
}

static void set_bounds(kmi_mesh *self)
{
    const kma_mesh_report *r = &self->report;
    int i;
    self->bounds.low = kmi_vec(r->low[0], r->low[1], r->low[2]);
    self->bounds.high = kmi_vec(r->high[0], r->high[1], r->high[2]);
    for (i = 0; i < 3; i++) self->reach[i] = fabs(r->low[i]) > fabs(r->high[i]) ? fabs(r->low[i]) : fabs(r->high[i]);
}

kma_status kmi_mesh_new_audited(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                size_t triangle_count, const kmi_pulse *pulse, kmi_mesh_findings *findings_out,
                                kmi_mesh **out)
{
    kma_status status = KMA_OK;
    kmi_mesh_surface surface = {0};
    kmi_mesh *self = NULL;

    *out = NULL;
    KMI_TRY(kmi_mesh_audit(vertices, vertex_count, triangles, triangle_count, pulse, &surface, findings_out));
    KMI_TRY(kmi_mesh_judge(findings_out));
    self = kmi_alloc(sizeof *self);
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a mesh of %zu facets", triangle_count));
    self->vertices = surface.vertices;
    self->triangles = surface.triangles;
    self->vertex_count = surface.vertex_count;
    self->triangle_count = surface.triangle_count;
    surface.vertices = NULL; /* the mesh's now */
    surface.triangles = NULL;
    self->report = findings_out->report;
    set_bounds(self);
    KMI_TRY(kmi_bvh_build((const double(*)[3])self->vertices, (const uint32_t(*)[3])self->triangles,
                          self->triangle_count, pulse, &self->bvh));
    KMI_TRY(kmi_mesh_look_at_bodies(self, surface.bodies, pulse, findings_out));
    KMI_TRY(kmi_mesh_judge(findings_out));
    findings_out->report.usable = 1;
    self->report = findings_out->report;
    *out = self;
    self = NULL;
cleanup:
    kmi_mesh_surface_clear(&surface);
    kmi_mesh_destroy(self);
    return status;
}

kma_status kmi_mesh_new(const double *vertices, size_t vertex_count, const uint32_t *triangles, size_t triangle_count,
                        const kmi_pulse *pulse, kmi_mesh **out)
{
    kmi_mesh_findings findings;
    return kmi_mesh_new_audited(vertices, vertex_count, triangles, triangle_count, pulse, &findings, out);
}

kma_status kmi_mesh_new_soup_audited(const double *corners, size_t facet_count, const kmi_pulse *pulse,
                                     kmi_mesh_findings *findings_out, kmi_mesh **out)
{
    kma_status status = KMA_OK;
    uint32_t *triangles = NULL;
    size_t i;

    *out = NULL;
    memset(findings_out, 0, sizeof *findings_out);
    if (facet_count > KMI_MESH_FACETS_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%zu facets (at most %d)", facet_count, KMI_MESH_FACETS_MAX));
    triangles = kmi_alloc_array(facet_count, 3 * sizeof *triangles);
    if (triangles == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a mesh of %zu facets", facet_count));
    for (i = 0; i < 3 * facet_count; i++) triangles[i] = (uint32_t)i;
    KMI_TRY(kmi_mesh_new_audited(corners, 3 * facet_count, triangles, facet_count, pulse, findings_out, out));
cleanup:
    kmi_free(triangles);
    return status;
}

kma_status kmi_mesh_new_soup(const double *corners, size_t facet_count, const kmi_pulse *pulse, kmi_mesh **out)
{
    kmi_mesh_findings findings;
    return kmi_mesh_new_soup_audited(corners, facet_count, pulse, &findings, out);
}

kma_status kmi_mesh_audit_soup(const double *corners, size_t facet_count, const kmi_pulse *pulse,
                               kma_mesh_report *report_out)
{
    kma_status status;
    kmi_mesh_findings findings;
    kmi_mesh *mesh = NULL;

    status = kmi_mesh_new_soup_audited(corners, facet_count, pulse, &findings, &mesh);
    if (status == KMA_ERR_MESH) status = KMA_OK; /* the damage is the answer */
    if (status == KMA_OK) *report_out = findings.report;
    kmi_mesh_destroy(mesh);
    return status;
}

size_t kmi_mesh_facet_count(const kmi_mesh *self) { return self->triangle_count; }

size_t kmi_mesh_vertex_count(const kmi_mesh *self) { return self->vertex_count; }

size_t kmi_mesh_bytes(const kmi_mesh *self)
{
    return sizeof *self + self->vertex_count * sizeof *self->vertices + self->triangle_count * sizeof *self->triangles +
           self->bvh.node_count * sizeof *self->bvh.nodes + self->bvh.pair_count * sizeof *self->bvh.pairs;
}

double kmi_mesh_volume(const kmi_mesh *self) { return self->report.volume; }

double kmi_mesh_surface_area(const kmi_mesh *self) { return self->report.area; }

kmi_box3 kmi_mesh_bounds(const kmi_mesh *self) { return self->bounds; }

void kmi_mesh_vertex(const kmi_mesh *self, size_t index, double out[3])
{
    memcpy(out, self->vertices[index], sizeof self->vertices[index]);
}

void kmi_mesh_facet(const kmi_mesh *self, size_t index, uint32_t out[3])
{
    memcpy(out, self->triangles[index], sizeof self->triangles[index]);
}

const kma_mesh_report *kmi_mesh_report(const kmi_mesh *self) { return &self->report; }

enum { PULSE_CORNERS = 1 << 15 }; /* some milliseconds of hashing between two beats */

/*
 * Of the facets in their order, and of vertices numbered as the facets first speak of them: a mesh from arrays has the
 * digest of the same facets in a file, where nothing else is known of vertices. No ray looks at numbers of vertices.
 */
kma_status kmi_mesh_digest(const kmi_mesh *self, const kmi_pulse *pulse, uint8_t digest_out[32])
{
    kma_status status = KMA_OK;
    uint32_t *number = NULL; /* [vertex_count] + 1; 0: not met yet */
    uint32_t *met = NULL;    /* [vertex_count] vertices by number */
    uint32_t count = 0;
    kmi_digest d;
    size_t i;
    int k;

    number = kmi_alloc_array(self->vertex_count, sizeof *number);
    met = kmi_alloc_array(self->vertex_count, sizeof *met);
    if (number == NULL || met == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the digest of a mesh of %zu vertices", self->vertex_count));
    for (i = 0; i < 3 * self->triangle_count; i++) {
        uint32_t v = self->triangles[i / 3][i % 3];
        if (number[v] != 0) continue;
        met[count++] = v;
        number[v] = count;
    }
    kmi_digest_start(&d, "mesh");
    kmi_digest_u64(&d, count);
    kmi_digest_u64(&d, self->triangle_count);
    for (i = 0; i < count; i++) {
        for (k = 0; k < 3; k++) kmi_digest_double(&d, self->vertices[met[i]][k]);
        if (i % PULSE_CORNERS == 0) KMI_TRY(kmi_pulse_beat(pulse));
    }
    for (i = 0; i < self->triangle_count; i++) {
        for (k = 0; k < 3; k++) kmi_digest_u64(&d, number[self->triangles[i][k]] - 1);
        if (i % PULSE_CORNERS == 0) KMI_TRY(kmi_pulse_beat(pulse));
    }
    kmi_digest_end(&d, digest_out);
cleanup:
    kmi_free(number);
    kmi_free(met);
    return status;
}
