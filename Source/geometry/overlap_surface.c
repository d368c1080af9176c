/* Surfaces in pieces, which are split until they are small enough: see overlap_parts.h. */
#include <string.h>

#include "base/elementary.h"
#include "base/memory.h"
#include "geometry/mesh_parts.h"
#include "geometry/overlap_parts.h"

static const double half_pi = 1.57079632679489661923;
static const double two_pi = 6.283185307179586477;

/* ---- faces ---- */

static kmi_face flat(kmi_vec3 origin, kmi_vec3 u, kmi_vec3 v)
{
    kmi_face f = {KMI_FACE_FLAT, origin, u, v, 0, 0, 1};
    return f;
}

/* u x v points outward. */
static void make_box(kmi_surface *s, kmi_vec3 half, kmi_face_kind kind, double radius)
{
    const kmi_vec3 x = kmi_vec(half.x, 0, 0), y = kmi_vec(0, half.y, 0), z = kmi_vec(0, 0, half.z);
    const kmi_vec3 axes[3][3] = {{x, y, z}, {y, z, x}, {z, x, y}};
    int i;

    for (i = 0; i < 3; i++) {
        s->faces[2 * i] = flat(axes[i][0], axes[i][1], axes[i][2]);
        s->faces[2 * i + 1] = flat(kmi_scale(axes[i][0], -1), axes[i][2], axes[i][1]);
    }
    s->face_count = 6;
    for (i = 0; i < 6; i++) {
        s->faces[i].kind = kind;
        s->faces[i].radius = radius;
    }
}

static kmi_face round_face(kmi_face_kind kind, double radius, double z, double side)
{
    kmi_face f = {kind, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, radius, z, side};
    return f;
}

static void make_tube(kmi_surface *s)
{
    double inner = s->solid->u.tube.inner, outer = s->solid->u.tube.outer, h = s->solid->u.tube.half_length;
    const double *start = s->solid->u.tube.start, *end = s->solid->u.tube.end;
    double mean = 0.5 * (inner + outer), half = 0.5 * (outer - inner);
    int n = 0;

    s->faces[n++] = round_face(KMI_FACE_MANTLE, outer, 0, 1);
    s->faces[n++] = round_face(KMI_FACE_SECTOR, 0, h, 1);
    s->faces[n++] = round_face(KMI_FACE_SECTOR, 0, -h, -1);
    if (inner > 0) s->faces[n++] = round_face(KMI_FACE_MANTLE, inner, 0, -1);
    if (s->solid->u.tube.wedge != 0) {
        s->faces[n++] = flat(kmi_vec(mean * start[0], mean * start[1], 0), kmi_vec(half * start[0], half * start[1], 0),
                             kmi_vec(0, 0, h));
        s->faces[n++] = flat(kmi_vec(mean * end[0], mean * end[1], 0), kmi_vec(0, 0, h),
                             kmi_vec(half * end[0], half * end[1], 0));
    }
    s->face_count = n;
}

void kmi_surface_make(kmi_surface *self, const kmi_solid *solid)
{
    memset(self, 0, sizeof *self);
    self->solid = solid;
    switch (solid->kind) {
    case KMI_SOLID_BOX: make_box(self, solid->u.box.half, KMI_FACE_FLAT, 0); break;
    case KMI_SOLID_ORB: make_box(self, kmi_vec(1, 1, 1), KMI_FACE_SPHERE, solid->u.orb.radius); break;
    case KMI_SOLID_TUBE: make_tube(self); break;
    case KMI_SOLID_MESH:
    case KMI_SOLID_GRID: break;
    }
}

kmi_vec3 kmi_face_point(const kmi_face *f, double a, double b)
{
    kmi_vec3 p = kmi_add(f->origin, kmi_add(kmi_scale(f->u, a), kmi_scale(f->v, b)));
    double sine, cosine;

    if (f->kind == KMI_FACE_FLAT) return p;
    if (f->kind == KMI_FACE_SPHERE) return kmi_scale(p, f->radius / kmi_norm(p));
    kmi_sincos(a, &sine, &cosine);
    if (f->kind == KMI_FACE_SECTOR) return kmi_vec(b * cosine, b * sine, f->z);
    return kmi_vec(f->radius * cosine, f->radius * sine, b);
}

kmi_vec3 kmi_face_normal(const kmi_face *f, kmi_vec3 p)
{
    kmi_vec3 n;

    switch (f->kind) {
    case KMI_FACE_SECTOR: return kmi_vec(0, 0, f->side);
    case KMI_FACE_MANTLE: return kmi_scale(kmi_vec(p.x, p.y, 0), f->side / f->radius);
    case KMI_FACE_SPHERE: return kmi_scale(p, 1 / f->radius);
    case KMI_FACE_FLAT: break;
    }
    n = kmi_cross(f->u, f->v);
    return kmi_scale(n, 1 / kmi_norm(n));
}

/* ---- pieces ---- */

kma_status kmi_piece_list_append(kmi_piece_list *list, const kmi_piece *piece)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        kmi_piece *items = kmi_realloc(list->items, room * sizeof *items);
        if (items == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory to look for overlaps (%zu pieces)", room);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = *piece;
    return KMA_OK;
}

void kmi_piece_list_clear(kmi_piece_list *self)
{
    kmi_free(self->items);
    memset(self, 0, sizeof *self);
}

int kmi_piece_corners(const kmi_surface *self, const kmi_piece *piece, kmi_vec3 out[KMI_CORNERS_MAX])
{
    const kmi_box3 *b = &piece->u.box;
    const double *r = piece->u.range;
    int i;

    switch (piece->kind) {
    case KMI_PIECE_TRIANGLE: memcpy(out, piece->u.corner, sizeof piece->u.corner); return 3;
    case KMI_PIECE_NODE:
        for (i = 0; i < 8; i++)
            out[i] = kmi_vec(i & 1 ? b->high.x : b->low.x, i & 2 ? b->high.y : b->low.y, i & 4 ? b->high.z : b->low.z);
        return 8;
    case KMI_PIECE_FACE: break;
    }
    for (i = 0; i < 4; i++) out[i] = kmi_face_point(&self->faces[piece->number], r[i & 1], r[2 + (i >> 1)]);
    return 4;
}

/* A circle leaves its chord over an angle x, at most a quarter turn, by radius (1 - cos x/2) <= radius x^2 / 8. */
double kmi_piece_sagitta(const kmi_surface *self, const kmi_piece *piece)
{
    const double *r = piece->u.range;
    const kmi_face *f;
    double angle;

    if (piece->kind != KMI_PIECE_FACE) return 0;
    f = &self->faces[piece->number];
    angle = r[1] - r[0];
    switch (f->kind) {
    case KMI_FACE_MANTLE: return f->radius * angle * angle * 0.125;
    case KMI_FACE_SECTOR: return r[3] * angle * angle * 0.125;
    case KMI_FACE_SPHERE: return piece->radius * piece->radius / (2 * f->radius);
    case KMI_FACE_FLAT: break;
    }
    return 0;
}

kmi_vec3 kmi_piece_normal(const kmi_surface *self, const kmi_piece *piece)
{
    const kmi_vec3 *c = piece->u.corner;
    kmi_vec3 n;
    double size;

    if (piece->kind == KMI_PIECE_FACE) return kmi_face_normal(&self->faces[piece->number], piece->middle);
    if (piece->kind == KMI_PIECE_NODE) return kmi_vec(0, 0, 0);
    n = kmi_cross(kmi_sub(c[1], c[0]), kmi_sub(c[2], c[0]));
    size = kmi_norm(n);
    return size > 0 ? kmi_scale(n, 1 / size) : n;
}

kmi_vec3 kmi_piece_point(const kmi_surface *self, const kmi_piece *piece, double a, double b)
{
    uint32_t corners[3];
    double v[3][3], sum;
    kmi_vec3 p;
    int i;

    if (piece->kind == KMI_PIECE_FACE) return kmi_face_point(&self->faces[piece->number], a, b);
    kmi_mesh_facet(self->solid->u.mesh.mesh, piece->number, corners);
    for (i = 0; i < 3; i++) kmi_mesh_vertex(self->solid->u.mesh.mesh, corners[i], v[i]);
    a = 0.5 * (a + 1);
    b = 0.5 * (b + 1);
    sum = fmax(1, a + b);
    a /= sum;
    b /= sum;
    p = kmi_vec(v[0][0], v[0][1], v[0][2]);
    p = kmi_add(p, kmi_scale(kmi_vec(v[1][0] - v[0][0], v[1][1] - v[0][1], v[1][2] - v[0][2]), a));
    return kmi_add(p, kmi_scale(kmi_vec(v[2][0] - v[0][0], v[2][1] - v[0][1], v[2][2] - v[0][2]), b));
}

/* On all of these surfaces no point is farther from the middle than a corner is. */
static kma_status append_face(const kmi_surface *s, uint32_t face, const double range[4], kmi_piece_list *out)
{
    kmi_vec3 corners[KMI_CORNERS_MAX];
    kmi_piece p;
    int i;

    memset(&p, 0, sizeof p);
    p.kind = KMI_PIECE_FACE;
    p.number = face;
    memcpy(p.u.range, range, sizeof p.u.range);
    p.middle = kmi_face_point(&s->faces[face], 0.5 * (range[0] + range[1]), 0.5 * (range[2] + range[3]));
    (void)kmi_piece_corners(s, &p, corners);
    for (i = 0; i < 4; i++) p.radius = fmax(p.radius, kmi_norm(kmi_sub(corners[i], p.middle)));
    return kmi_piece_list_append(out, &p);
}

static kma_status append_triangle(uint32_t facet, kmi_vec3 a, kmi_vec3 b, kmi_vec3 c, kmi_piece_list *out)
{
    kmi_piece p;
    int i;

    memset(&p, 0, sizeof p);
    p.kind = KMI_PIECE_TRIANGLE;
    p.number = facet;
    p.u.corner[0] = a;
    p.u.corner[1] = b;
    p.u.corner[2] = c;
    p.middle = kmi_scale(kmi_add(a, kmi_add(b, c)), 1.0 / 3);
    for (i = 0; i < 3; i++) p.radius = fmax(p.radius, kmi_norm(kmi_sub(p.u.corner[i], p.middle)));
    return kmi_piece_list_append(out, &p);
}

static kma_status append_leaf(const kmi_mesh *mesh, uint32_t child, kmi_piece_list *out)
{
    kma_status status = KMA_OK;
    uint32_t i = (child & ~KMI_BVH_LEAF_BIT) >> 2, end = i + (child & 3) + 1;
    kmi_vec3 v[3];
    int lane, k;

    for (; i < end; i++)
        for (lane = 0; lane < 2; lane++) {
            const kmi_bvh_pair *pair = &mesh->bvh.pairs[i];
            if (pair->facet[lane] == KMI_BVH_NO_FACET) continue;
            for (k = 0; k < 3; k++)
                v[k] = kmi_vec(pair->corner[k][0][lane], pair->corner[k][1][lane], pair->corner[k][2][lane]);
            KMI_TRY(append_triangle(pair->facet[lane], v[0], v[1], v[2], out));
        }
cleanup:
    return status;
}

static kma_status append_node(const kmi_mesh *mesh, uint32_t number, kmi_piece_list *out)
{
    kma_status status = KMA_OK;
    const kmi_bvh_node *node = &mesh->bvh.nodes[number];
    int i;

    for (i = 0; i < KMI_BVH_WIDTH; i++) {
        kmi_piece p;
        if (!(node->bounds[0][0][i] <= node->bounds[1][0][i])) continue; /* no child */
        memset(&p, 0, sizeof p);
        p.kind = KMI_PIECE_NODE;
        p.number = node->child[i];
        p.u.box.low = kmi_vec(node->bounds[0][0][i], node->bounds[0][1][i], node->bounds[0][2][i]);
        p.u.box.high = kmi_vec(node->bounds[1][0][i], node->bounds[1][1][i], node->bounds[1][2][i]);
        p.middle = kmi_scale(kmi_add(p.u.box.low, p.u.box.high), 0.5);
        p.radius = 0.5 * kmi_norm(kmi_sub(p.u.box.high, p.u.box.low));
        KMI_TRY(kmi_piece_list_append(out, &p));
    }
cleanup:
    return status;
}

kma_status kmi_surface_begin(const kmi_surface *self, kmi_piece_list *out)
{
    kma_status status = KMA_OK;
    const kmi_solid *s = self->solid;
    int i, j, turns;

    if (s->kind == KMI_SOLID_MESH) return append_node(s->u.mesh.mesh, 0, out);
    for (i = 0; i < self->face_count; i++) {
        double range[4] = {-1, 1, -1, 1};
        double from = s->u.tube.phi_start, step = s->u.tube.phi_delta;
        if (self->faces[i].kind == KMI_FACE_FLAT || self->faces[i].kind == KMI_FACE_SPHERE) {
            KMI_TRY(append_face(self, (uint32_t)i, range, out));
            continue;
        }
        range[2] = self->faces[i].kind == KMI_FACE_MANTLE ? -s->u.tube.half_length : s->u.tube.inner;
        range[3] = self->faces[i].kind == KMI_FACE_MANTLE ? s->u.tube.half_length : s->u.tube.outer;
        if (s->u.tube.wedge == 0) step = two_pi;
        for (turns = 1; step > (double)turns * half_pi * (1 + 1e-12); turns++) continue;
        step /= turns;
        for (j = 0; j < turns; j++) {
            range[0] = from + j * step;
            range[1] = from + (j + 1) * step;
            KMI_TRY(append_face(self, (uint32_t)i, range, out));
        }
    }
cleanup:
    return status;
}

static kma_status split_triangle(const kmi_piece *p, kmi_piece_list *out)
{
    kma_status status = KMA_OK;
    const kmi_vec3 *v = p->u.corner;
    double longest = -1;
    kmi_vec3 m;
    int i, at = 0;

    for (i = 0; i < 3; i++) {
        kmi_vec3 e = kmi_sub(v[(i + 1) % 3], v[i]);
        if (kmi_dot(e, e) <= longest) continue;
        longest = kmi_dot(e, e);
        at = i;
    }
    m = kmi_scale(kmi_add(v[at], v[(at + 1) % 3]), 0.5);
    KMI_TRY(append_triangle(p->number, v[at], m, v[(at + 2) % 3], out));
    KMI_TRY(append_triangle(p->number, m, v[(at + 1) % 3], v[(at + 2) % 3], out));
cleanup:
    return status;
}

kma_status kmi_surface_split(const kmi_surface *self, const kmi_piece *piece, kmi_piece_list *out)
{
    kma_status status = KMA_OK;
    kmi_vec3 c[KMI_CORNERS_MAX];
    double range[4], middle;
    int axis, i;

    if (piece->kind == KMI_PIECE_TRIANGLE) return split_triangle(piece, out);
    if (piece->kind == KMI_PIECE_NODE)
        return piece->number & KMI_BVH_LEAF_BIT ? append_leaf(self->solid->u.mesh.mesh, piece->number, out)
                                                : append_node(self->solid->u.mesh.mesh, piece->number, out);
    (void)kmi_piece_corners(self, piece, c);
    axis = fmax(kmi_norm(kmi_sub(c[1], c[0])), kmi_norm(kmi_sub(c[3], c[2]))) <
           fmax(kmi_norm(kmi_sub(c[2], c[0])), kmi_norm(kmi_sub(c[3], c[1])));
    middle = 0.5 * (piece->u.range[2 * axis] + piece->u.range[2 * axis + 1]);
    for (i = 0; i < 2; i++) {
        memcpy(range, piece->u.range, sizeof range);
        range[2 * axis + 1 - i] = middle;
        KMI_TRY(append_face(self, piece->number, range, out));
    }
cleanup:
    return status;
}
