/*
 * Do the bodies of a closed surface face outward, and do they keep apart?
 *
 * Just outside of a facet (on the side its normal points to) the winding number is 0
 * for a body on its own and for a cavity in another; below 0 the body is inside
 * out; above 0 it lies inside another body, facing outward too. An edge that
 * pierces a facet which has none of its ends shows that the surface crosses
 * itself. In both cases the facing of a hit does not tell inside from outside,
 * and every question is answered by winding (mesh_winding.c). Where bodies only touch it
 * does: see there.
 */
#include <math.h>

#include "base/memory.h"
#include "geometry/mesh_parts.h"

/* Gaps and overlaps below this are contact (design of the navigator): float32 files have them everywhere. */
static const double CONTACT = 1e-5; /* mm */
static const double CONTACT_RELATIVE = 1e-7;

static double larger(double a, double b) { return a > b ? a : b; }

static kmi_vec3 corner(const kmi_mesh *self, size_t facet, int i)
{
    const double *v = self->vertices[self->triangles[facet][i]];
    return kmi_vec(v[0], v[1], v[2]);
}

/*
 * How much may be looked at, in pairs of facets: some 3 ns each along edges, whose facets lie together in memory; some
 * 15 ns along lines through whole bodies. Sound parts need some tens a facet. Bodies that all lie
 * in one another, or needles that meet in a point, need the square of their number: a file of some MB would keep
 * its reader busy for hours.
 */
static const size_t EDGE_WORK = (size_t)1 << 28, EDGE_WORK_FACET = 2048;
static const size_t BODY_WORK = (size_t)1 << 26, BODY_WORK_FACET = 512;
static const size_t BEAT_WORK = (size_t)1 << 18; /* between two beats: milliseconds */

/* Hits behind the facet's own, in the order of (t, facet). */
typedef struct outside {
    uint32_t facet;
    double t;     /* of its own hit */
    long winding; /* of those behind it */
} outside;

static void find_own(const kmi_mesh_hit *hit, void *context)
{
    outside *o = context;
    if (hit->facet == o->facet) o->t = hit->t;
}

static void add_behind(const kmi_mesh_hit *hit, void *context)
{
    outside *o = context;
    if (hit->t > o->t || (hit->t == o->t && hit->facet > o->facet)) o->winding += hit->exits ? 1 : -1;
}

/* The winding number just outside of a facet. */
static long winding_outside(const kmi_mesh *self, size_t facet, size_t *spent)
{
    kmi_vec3 p = corner(self, facet, 0), q = corner(self, facet, 1), r = corner(self, facet, 2);
    kmi_vec3 n = kmi_cross(kmi_sub(q, p), kmi_sub(r, p));
    kmi_vec3 middle = kmi_scale(kmi_add(p, kmi_add(q, r)), 1.0 / 3);
    outside o = {(uint32_t)facet, -INFINITY, 0};
    kmi_mesh_line line;

    if (!kmi_mesh_line_start(self, middle, kmi_scale(n, 1 / kmi_norm(n)), &line)) return 0;
    *spent += kmi_mesh_line_visit(self, &line, -INFINITY, INFINITY, find_own, &o);
    *spent += kmi_mesh_line_visit(self, &line, -INFINITY, INFINITY, add_behind, &o);
    return o.winding;
}

/* The facet with the largest area of each body: a sliver's middle is on its rim. */
static void largest_facets(const kmi_mesh *self, const uint32_t *bodies, size_t *facet_out, double *area)
{
    size_t i;
    for (i = 0; i < self->triangle_count; i++) {
        kmi_vec3 a = corner(self, i, 0);
        double s = kmi_norm(kmi_cross(kmi_sub(corner(self, i, 1), a), kmi_sub(corner(self, i, 2), a)));
        if (s <= area[bodies[i]]) continue;
        area[bodies[i]] = s;
        facet_out[bodies[i]] = i;
    }
}

/* An edge on its way through the mesh. */
typedef struct probe {
    const kmi_mesh *mesh;
    uint32_t from, to;
    kmi_vec3 start, direction;
    double length, contact;
    bool pierces;
} probe;

/* Nearer to its rim or along its plane, the facet is touched, not pierced. */
static void look_at_hit(const kmi_mesh_hit *hit, void *context)
{
    probe *p = context;
    const uint32_t *t = p->mesh->triangles[hit->facet];
    kmi_vec3 at, normal;
    double from_off, to_off;
    int i;

    for (i = 0; i < 3; i++)
        if (t[i] == p->from || t[i] == p->to) return;
    at = kmi_along(p->start, p->direction, hit->t);
    normal = kmi_cross(kmi_sub(corner(p->mesh, hit->facet, 1), corner(p->mesh, hit->facet, 0)),
                       kmi_sub(corner(p->mesh, hit->facet, 2), corner(p->mesh, hit->facet, 0)));
    normal = kmi_scale(normal, 1 / kmi_norm(normal));
    from_off = fabs(kmi_dot(p->direction, normal)) * hit->t;
    to_off = fabs(kmi_dot(p->direction, normal)) * (p->length - hit->t);
    if (!(from_off > p->contact && to_off > p->contact)) return;
    for (i = 0; i < 3; i++) {
        kmi_vec3 a = corner(p->mesh, hit->facet, i), side = kmi_sub(corner(p->mesh, hit->facet, (i + 1) % 3), a);
        if (!(kmi_dot(kmi_cross(normal, side), kmi_sub(at, a)) > p->contact * kmi_norm(side))) return;
    }
    p->pierces = true;
}

static bool pierces(const kmi_mesh *self, uint32_t from, uint32_t to, double contact, size_t *spent)
{
    const double *a = self->vertices[from], *b = self->vertices[to];
    kmi_vec3 start = kmi_vec(a[0], a[1], a[2]), along = kmi_sub(kmi_vec(b[0], b[1], b[2]), start);
    probe p = {self, from, to, start, along, kmi_norm(along), contact, false};
    kmi_mesh_line line;

    p.direction = kmi_scale(along, 1 / p.length);
    if (p.length > 2 * contact && kmi_mesh_line_start(self, start, p.direction, &line))
        *spent += kmi_mesh_line_visit(self, &line, contact, p.length - contact, look_at_hit, &p);
    return p.pierces;
}

/* Sets self->overlaps. Where that would take too long it is taken for granted: then every question is answered by winding,
 * which is slower and right in any case. */
static kma_status look_at_crossings(kmi_mesh *self, double contact, const kmi_pulse *pulse, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    size_t allowed = EDGE_WORK + EDGE_WORK_FACET * self->triangle_count, spent = 0, i;
    size_t next_beat = 0; /* in what is spent: one edge may cost as much as all others */
    int k;

    for (i = 0; i < self->triangle_count && spent <= allowed; i++) {
        if (f->report.crossing_edges > 0 && spent > allowed / 8) break; /* it is known; only how often is not */
        if (spent >= next_beat) {
            next_beat = spent + BEAT_WORK;
            KMI_TRY(kmi_pulse_beat(pulse));
        }
        for (k = 0; k < 3; k++) { /* each edge once: a closed surface runs through it both ways */
            uint32_t from = self->triangles[i][k], to = self->triangles[i][(k + 1) % 3];
            if (from < to && pierces(self, from, to, contact, &spent)) f->report.crossing_edges++;
        }
    }
    self->overlaps = f->report.crossing_edges > 0 || spent > allowed;
cleanup:
    return status;
}

kma_status kmi_mesh_look_at_bodies(kmi_mesh *self, const uint32_t *bodies, const kmi_pulse *pulse, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    size_t *facet = kmi_alloc_array(f->report.bodies, sizeof *facet);
    double *area = kmi_alloc_array(f->report.bodies, sizeof *area);
    double contact = CONTACT_RELATIVE * larger(self->reach[0], larger(self->reach[1], self->reach[2]));
    size_t allowed = BODY_WORK + BODY_WORK_FACET * self->triangle_count, spent = 0, next_beat = 0, i;

    contact = larger(contact, CONTACT);
    if (facet == NULL || area == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the %zu bodies of a mesh", f->report.bodies));
    KMI_TRY(look_at_crossings(self, contact, pulse, f));
    largest_facets(self, bodies, facet, area);
    for (i = 0; i < f->report.bodies; i++) {
        const double *v = self->vertices[self->triangles[facet[i]][0]];
        long winding = area[i] > 0 ? winding_outside(self, facet[i], &spent) : 0;
        if (spent >= next_beat) {
            next_beat = spent + BEAT_WORK;
            KMI_TRY(kmi_pulse_beat(pulse));
        }
        if (spent > allowed)
            KMI_TRY(kmi_fail(KMA_ERR_MESH, "too many of its %zu bodies lie in one another: which of them are inside out is not "
                                           "known after %zu comparisons (leave out what lies inside)",
                             f->report.bodies, spent));
        if (winding > 0) self->overlaps = true;
        if (winding >= 0 || f->report.inside_out_bodies++ > 0) continue;
        f->report.first_inside_out = (kma_mesh_place){facet[i], {v[0], v[1], v[2]}, {v[0], v[1], v[2]}};
    }
    if (f->report.volume <= 0 && f->report.inside_out_bodies == 0) { /* crosses itself, and mostly inside out */
        const double *v = self->vertices[self->triangles[0][0]];
        f->report.inside_out_bodies = 1;
        f->report.first_inside_out = (kma_mesh_place){0, {v[0], v[1], v[2]}, {v[0], v[1], v[2]}};
    }
cleanup:
    kmi_free(facet);
    kmi_free(area);
    return status;
}
