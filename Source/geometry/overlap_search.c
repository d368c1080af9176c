/*
 * The point of a surface that lies deepest in another solid (or farthest
 * outside of it), by branch and bound: the surface is cut into pieces, a piece
 * of radius r whose middle has the value v holds nothing above v + r, since no
 * depth changes faster than the point moves, and the piece with the largest
 * bound is cut next (Land, Doig, Econometrica 28 (1960) 497). It ends when no
 * piece can hold an overlap, which is then a proof, or a notably deeper one, or
 * when the points are used up; then the best are improved where they are.
 *
 * Depth in a convex solid is a concave function of the point, distance from one
 * a convex function: tangents and corners then give far closer bounds, which
 * also hold where surfaces touch.
 */
#include <string.h>

#include "geometry/frame.h"
#include "geometry/mesh_nearest.h"
#include "geometry/overlap_parts.h"

enum {
    PIECE_WORK = 8,      /* and taking a piece from many as long as so many */
    MESH_WORK = 64,      /* a depth in a mesh takes as long as so many others */
    FULL_SHARE = 16,     /* and the whole distance as long as one in so many facets */
    MESH_POINTS = 4,     /* a mesh gets so many times the points, to cut facets */
    FACETS = 100000,     /* and its facets are looked at until there were so many */
    FACETS_KNOWN = 1000, /* the same where an overlap is known already, which then is only to be measured */
    POINTS_SHARE = 4,    /* and of the points there is one in so many */
    BEST = 4,            /* points that are improved in the end */
    STARTS = 32,         /* points from which the inside is looked at */
    STEPS = 60           /* of an improvement */
};
static const double deeper_enough = 1.02; /* what is not 2 % deeper is not looked for */

typedef struct candidate {
    double value;
    kmi_piece piece;
} candidate;

typedef struct state {
    kmi_search *s;
    kmi_surface surface;
    kmi_frame across; /* from the surface's frame to the other's */
    size_t points;
    size_t looked_at; /* facets and boxes of the mesh's tree */
    candidate best[BEST];
    int best_count;
    kmi_vec3 starts[STARTS], normals[STARTS];
    int start_count;
    double found; /* the largest value */
    kmi_vec3 at;
} state;

/* ---- values ---- */

static double outside_box(const kmi_box3 *b, kmi_vec3 p)
{
    return kmi_norm(kmi_vec(fmax(0, fmax(b->low.x - p.x, p.x - b->high.x)),
                            fmax(0, fmax(b->low.y - p.y, p.y - b->high.y)),
                            fmax(0, fmax(b->low.z - p.z, p.z - b->high.z))));
}

/* No facet is near, on the side where nothing is wrong: then nobody need know how far it is. */
static bool is_far_right(const kmi_search *s, const kmi_mesh *mesh, kmi_vec3 q, double near)
{
    uint32_t facet;
    return near < INFINITY && !(kmi_mesh_nearest_within(mesh, q, near, &facet) < INFINITY) &&
           kmi_mesh_inside(mesh, q) == (s->kind == KMI_SEARCH_OUTSIDE);
}

/* The value at a point of the surface's frame, and how it changes there (0 if that is not known). A value below
 * -near may come out as -near. */
static double value_at(state *t, kmi_vec3 p, double near, kmi_vec3 *slope_out)
{
    kmi_search *s = t->s;
    const kmi_solid *other = &s->other->solid;
    kmi_vec3 q = kmi_to_mother(&t->across, p), outward;
    double depth, away;

    *slope_out = kmi_vec(0, 0, 0);
    s->work++;
    if (other->kind == KMI_SOLID_MESH) {
        away = outside_box(&other->bounds, q);
        if (away > 0 && s->kind != KMI_SEARCH_OUTSIDE) return -away; /* above the true value, which serves as well */
        s->work += MESH_WORK;
        if (is_far_right(s, other->u.mesh.mesh, q, near)) return -near;
        s->work += kmi_mesh_facet_count(other->u.mesh.mesh) / FULL_SHARE; /* deep inside all may be equally near */
    }
    depth = kmi_solid_depth(other, q, &outward);
    outward = kmi_unrotate(&t->across, outward);
    *slope_out = s->kind == KMI_SEARCH_OUTSIDE ? outward : kmi_scale(outward, -1);
    return s->kind == KMI_SEARCH_OUTSIDE ? -depth : depth;
}

/* Where bodies of a mesh touch or cross, parts of its facets are inside of it: they bound no hole. */
static bool is_surface(const state *t, const kmi_piece *piece, kmi_vec3 p)
{
    const kmi_solid *self = t->surface.solid;
    double step = 2 * t->s->contact;

    if (t->s->kind != KMI_SEARCH_HOLES || self->kind != KMI_SOLID_MESH) return true;
    if (kmi_mesh_report(self->u.mesh.mesh)->bodies < 2) return true;
    return !kmi_mesh_inside(self->u.mesh.mesh, kmi_along(p, kmi_piece_normal(&t->surface, piece), step));
}

static void take(state *t, const kmi_piece *piece, kmi_vec3 p, double value)
{
    kmi_vec3 normal;

    if (value > -t->s->contact && t->start_count < STARTS && t->s->kind != KMI_SEARCH_HOLES) {
        normal = kmi_piece_normal(&t->surface, piece);
        if (kmi_norm(normal) > 0) {
            t->starts[t->start_count] = p;
            t->normals[t->start_count++] = normal;
        }
    }
    if (!(value > t->found) || (value > t->s->contact && !is_surface(t, piece, p))) return;
    t->found = value;
    t->at = p;
}

/* Keeps the best pieces, of several that lie in one another's radius one. */
static void keep(state *t, const kmi_piece *piece, double value)
{
    int i, n = t->best_count;

    for (i = 0; i < n; i++)
        if (kmi_norm(kmi_sub(t->best[i].piece.middle, piece->middle)) < t->best[i].piece.radius) break;
    if (i < n && value <= t->best[i].value) return;
    if (i == n && n < BEST) t->best_count++;
    if (i == BEST) {
        i--;
        if (value <= t->best[i].value) return;
    }
    for (; i > 0 && t->best[i - 1].value < value; i--) t->best[i] = t->best[i - 1];
    t->best[i].value = value;
    t->best[i].piece = *piece;
}

/* ---- bounds ---- */

static bool is_polygon(const state *t, const kmi_piece *p)
{
    return p->kind != KMI_PIECE_FACE || t->surface.faces[p->number].kind == KMI_FACE_FLAT;
}

/* The value is concave: it lies below its tangent. */
static double tangent_bound(const state *t, const kmi_piece *p, double value, kmi_vec3 slope)
{
    kmi_vec3 c[KMI_CORNERS_MAX], normal;
    const kmi_face *f;
    double rise = 0, up;
    int i, n;

    if (is_polygon(t, p)) {
        n = kmi_piece_corners(&t->surface, p, c);
        for (i = 0; i < n; i++) rise = fmax(rise, kmi_dot(slope, kmi_sub(c[i], p->middle)));
        return value + rise;
    }
    f = &t->surface.faces[p->number];
    normal = kmi_piece_normal(&t->surface, p);
    up = kmi_dot(slope, normal);
    rise = kmi_norm(kmi_sub(slope, kmi_scale(normal, up))) * p->radius;
    /* A chord of length r leaves the tangent plane by r^2 / 2R: inward, or outward in a bore. */
    if (f->kind != KMI_FACE_SECTOR) rise += fmax(0, -f->side * up) * p->radius * p->radius / (2 * f->radius);
    return value + rise;
}

/* The value is convex: it is largest at a corner, or within the sagitta of one. */
static double corner_bound(state *t, const kmi_piece *p)
{
    kmi_vec3 c[KMI_CORNERS_MAX], slope;
    double largest = -INFINITY;
    int i, n = kmi_piece_corners(&t->surface, p, c);

    for (i = 0; i < n; i++) {
        double value = value_at(t, c[i], INFINITY, &slope);
        largest = fmax(largest, value);
        if (p->kind != KMI_PIECE_NODE) take(t, p, c[i], value);
    }
    return largest + kmi_piece_sagitta(&t->surface, p);
}

static double wanted(const state *t)
{
    return fmax(t->s->contact, fmax(t->found, t->s->depth) * deeper_enough);
}

/* ---- the heap of pieces ---- */

static void sift_up(kmi_piece_list *heap)
{
    size_t i = heap->count - 1;
    kmi_piece p = heap->items[i];

    for (; i > 0 && heap->items[(i - 1) / 2].bound < p.bound; i = (i - 1) / 2)
        heap->items[i] = heap->items[(i - 1) / 2];
    heap->items[i] = p;
}

static void pop(kmi_piece_list *heap, kmi_piece *out)
{
    size_t i = 0, child;
    kmi_piece last = heap->items[--heap->count];

    *out = heap->items[0];
    for (; (child = 2 * i + 1) < heap->count; i = child) {
        if (child + 1 < heap->count && heap->items[child + 1].bound > heap->items[child].bound) child++;
        if (!(heap->items[child].bound > last.bound)) break;
        heap->items[i] = heap->items[child];
    }
    heap->items[i] = last;
}

/* ---- the search ---- */

static kma_status beat(kmi_search *s)
{
    if (s->work < KMI_SEARCH_BEAT) return KMA_OK;
    s->work = 0;
    return kmi_pulse_beat(s->pulse);
}

/* Looks at the pieces in `parts`; those that may hold something join the heap. Whole faces and facets (`first`) are
 * seen with their corners. */
static kma_status look_at_parts(state *t, bool first)
{
    const bool facets = first && t->surface.solid->kind == KMI_SOLID_MESH;
    kma_status status = KMA_OK;
    kmi_search *s = t->s;
    size_t i;
    int c, n;

    for (i = 0; i < s->parts.count; i++) {
        kmi_piece *p = &s->parts.items[i];
        kmi_vec3 slope, ignored, corners[KMI_CORNERS_MAX];
        double value = value_at(t, p->middle, p->radius + s->contact, &slope);

        if (facets)
            t->looked_at++;
        else
            t->points++;
        if (p->kind != KMI_PIECE_NODE) {
            take(t, p, p->middle, value);
            if (value + p->radius > wanted(t)) keep(t, p, value);
        }
        p->bound = value + p->radius;
        if (s->other->convex && s->kind != KMI_SEARCH_OUTSIDE)
            p->bound = fmin(p->bound, tangent_bound(t, p, value, slope));
        if (p->bound > wanted(t) && s->other->convex && s->kind == KMI_SEARCH_OUTSIDE) {
            p->bound = fmin(p->bound, corner_bound(t, p));
        } else if (p->bound > wanted(t) && p->kind != KMI_PIECE_NODE && first) {
            n = kmi_piece_corners(&t->surface, p, corners);
            for (c = 0; c < n; c++) take(t, p, corners[c], value_at(t, corners[c], s->contact, &ignored));
        }
        KMI_TRY(beat(s));
        if (!(p->bound > wanted(t)) || !(p->radius > 0.25 * s->contact)) continue;
        KMI_TRY(kmi_piece_list_append(&s->heap, p));
        sift_up(&s->heap);
    }
cleanup:
    return status;
}

/* From a point on, always to the best of eight neighbours, in steps that shrink where there is no better one. */
static kma_status improve(state *t, const candidate *c)
{
    kma_status status = KMA_OK;
    const kmi_piece *p = &c->piece;
    const kmi_solid *self = t->surface.solid;
    double low[2] = {-1, -1}, high[2] = {1, 1}, at[2] = {0, 0}, step[2] = {0.5, 0.5}, best = c->value;
    kmi_vec3 slope;
    int i, k, moves;

    if (p->kind == KMI_PIECE_FACE) {
        const kmi_face *f = &t->surface.faces[p->number];
        for (k = 0; k < 2; k++) {
            at[k] = 0.5 * (p->u.range[2 * k] + p->u.range[2 * k + 1]);
            step[k] = 0.5 * (p->u.range[2 * k + 1] - p->u.range[2 * k]);
        }
        if (f->kind == KMI_FACE_MANTLE || f->kind == KMI_FACE_SECTOR) {
            low[0] = self->u.tube.wedge == 0 ? -INFINITY : self->u.tube.phi_start;
            high[0] = self->u.tube.wedge == 0 ? INFINITY : self->u.tube.phi_start + self->u.tube.phi_delta;
            low[1] = f->kind == KMI_FACE_MANTLE ? -self->u.tube.half_length : self->u.tube.inner;
            high[1] = f->kind == KMI_FACE_MANTLE ? self->u.tube.half_length : self->u.tube.outer;
        }
    }
    for (moves = 0; moves < STEPS; moves++) {
        double better = best, next[2] = {at[0], at[1]};
        KMI_TRY(beat(t->s));
        for (i = 0; i < 9; i++) {
            double a = at[0] + (i % 3 - 1) * step[0], b = at[1] + (i / 3 - 1) * step[1], value;
            kmi_vec3 point;
            if (i == 4) continue;
            a = fmin(fmax(a, low[0]), high[0]);
            b = fmin(fmax(b, low[1]), high[1]);
            point = kmi_piece_point(&t->surface, p, a, b);
            value = value_at(t, point, INFINITY, &slope);
            take(t, p, point, value);
            if (!(value > better)) continue;
            better = value;
            next[0] = a;
            next[1] = b;
        }
        if (!(better > best)) {
            step[0] *= 0.5;
            step[1] *= 0.5;
            if (step[0] < 1e-7 * p->radius / (p->radius + 1)) break;
            continue;
        }
        best = better;
        at[0] = next[0];
        at[1] = next[1];
    }
cleanup:
    return status;
}

/*
 * Where the surfaces coincide no point of one is inside of the other, though all of both solids may be shared (or
 * all of a daughter outside): so the middles of chords into the solid are looked at, too.
 */
static kma_status look_inside(state *t)
{
    kma_status status = KMA_OK;
    kmi_search *s = t->s;
    const kmi_solid *self = &s->self->solid, *other = &s->other->solid;
    int i;

    if (s->kind == KMI_SEARCH_OUTSIDE && s->other->convex) return KMA_OK; /* what has its surface inside is inside */
    for (i = 0; i < t->start_count; i++) {
        kmi_vec3 p = t->starts[i], d = kmi_scale(t->normals[i], -1), q;
        double length = kmi_solid_exit(self, p, d, 0, s->contact), depth;
        if (s->kind == KMI_SEARCH_INSIDE)
            length = fmin(length, kmi_solid_exit(other, kmi_to_mother(&t->across, p), kmi_rotate(&t->across, d), 0,
                                                 s->contact));
        if (!(length > 2 * s->contact)) continue;
        q = kmi_along(p, d, 0.5 * length);
        depth = kmi_solid_depth(other, kmi_to_mother(&t->across, q), NULL);
        depth = fmin(kmi_solid_depth(self, q, NULL), s->kind == KMI_SEARCH_OUTSIDE ? -depth : depth);
        s->work += KMI_SEARCH_BEAT / STARTS;
        KMI_TRY(beat(s));
        if (!(depth > t->found)) continue;
        t->found = depth;
        t->at = q;
    }
cleanup:
    return status;
}

kma_status kmi_search_run(kmi_search *s)
{
    kma_status status = KMA_OK;
    size_t points = s->points * (s->self->solid.kind == KMI_SOLID_MESH ? MESH_POINTS : 1);
    bool is_open = false; /* something was not looked at for want of points */
    state t;
    int i;

    memset(&t, 0, sizeof t);
    t.s = s;
    t.found = -INFINITY;
    t.across = kmi_frame_between(&s->self->frame, &s->other->frame);
    kmi_surface_make(&t.surface, &s->self->solid);
    s->heap.count = s->parts.count = 0;
    KMI_TRY(kmi_surface_begin(&t.surface, &s->parts));
    KMI_TRY(look_at_parts(&t, true));
    while (s->heap.count > 0 && s->heap.items[0].bound > wanted(&t)) {
        bool known = fmax(t.found, s->depth) > s->contact;
        kmi_piece p;
        pop(&s->heap, &p);
        s->work += PIECE_WORK;
        KMI_TRY(beat(s));
        if (p.kind == KMI_PIECE_NODE ? t.looked_at >= (known ? FACETS_KNOWN : FACETS)
                                     : t.points >= (known ? points / POINTS_SHARE : points)) {
            is_open = true;
            continue;
        }
        s->parts.count = 0;
        KMI_TRY(kmi_surface_split(&t.surface, &p, &s->parts));
        KMI_TRY(look_at_parts(&t, p.kind == KMI_PIECE_NODE));
    }
    if (is_open || t.found > s->contact)
        for (i = 0; i < t.best_count; i++) KMI_TRY(improve(&t, &t.best[i]));
    KMI_TRY(look_inside(&t));
    if (t.found > s->depth) {
        s->depth = t.found;
        s->point = kmi_to_mother(&s->self->frame, t.at);
    }
cleanup:
    return status;
}

void kmi_search_clear(kmi_search *search)
{
    kmi_piece_list_clear(&search->heap);
    kmi_piece_list_clear(&search->parts);
}
