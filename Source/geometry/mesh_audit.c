/* Audits a heap of triangles: see mesh_audit.h. Linear in time, no recursion. */
#include "geometry/mesh_audit.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec.h"
#include "geometry/mesh.h"
#include "geometry/mesh_weld.h"

static const double COORDINATE_MAX = 1e12; /* mm: a thousand kilometres; products of three must fit a double */

/* One of a facet's three edges. */
typedef struct edge {
    uint32_t low, high; /* vertex numbers, low < high */
    uint32_t facet;
    bool forward; /* the facet runs from low to high */
} edge;

void kmi_mesh_surface_clear(kmi_mesh_surface *self)
{
    kmi_free(self->vertices);
    kmi_free(self->triangles);
    kmi_free(self->bodies);
    memset(self, 0, sizeof *self);
}

static kmi_vec3 vertex(const kmi_mesh_surface *s, uint32_t i)
{
    return kmi_vec(s->vertices[i][0], s->vertices[i][1], s->vertices[i][2]);
}

/* ---- input that cannot be used at all ---- */

static bool all_usable(const double *vertices, size_t vertex_count, const uint32_t *triangles, size_t triangle_count,
                       kmi_mesh_findings *f)
{
    size_t i;
    int k;

    for (i = 0; i < vertex_count; i++) {
        const double *v = vertices + 3 * i;
        if (fabs(v[0]) <= COORDINATE_MAX && fabs(v[1]) <= COORDINATE_MAX && fabs(v[2]) <= COORDINATE_MAX) continue;
        if (f->report.nonfinite_vertices++ > 0) continue;
        f->nonfinite_vertex = i;
        memcpy(f->nonfinite, v, sizeof f->nonfinite);
    }
    for (i = 0; i < triangle_count; i++) {
        for (k = 0; k < 3; k++) {
            if (triangles[3 * i + k] < vertex_count) continue;
            if (f->report.bad_indices++ > 0) continue;
            f->bad_index_facet = i;
            f->bad_index = triangles[3 * i + k];
        }
    }
    return f->report.nonfinite_vertices == 0 && f->report.bad_indices == 0;
}

static kma_status copy_welded(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                              size_t triangle_count, const kmi_pulse *pulse, kmi_mesh_surface *s)
{
    kma_status status = KMA_OK;
    uint32_t *number = kmi_alloc_array(vertex_count, sizeof *number);
    double(*fitting)[3];
    size_t i;
    int k;

    s->vertices = kmi_alloc_array(vertex_count, sizeof *s->vertices);
    s->triangles = kmi_alloc_array(triangle_count, sizeof *s->triangles);
    s->bodies = kmi_alloc_array(triangle_count, sizeof *s->bodies);
    s->triangle_count = triangle_count;
    if (number == NULL || s->vertices == NULL || s->triangles == NULL || s->bodies == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a mesh of %zu facets", triangle_count));
    KMI_TRY(kmi_mesh_weld(vertices, vertex_count, pulse, number, s->vertices, &s->vertex_count));
    for (i = 0; i < triangle_count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        for (k = 0; k < 3; k++) s->triangles[i][k] = number[triangles[3 * i + k]];
    }
    fitting = kmi_realloc(s->vertices, s->vertex_count * sizeof *s->vertices);
    if (fitting == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu vertices", s->vertex_count));
    s->vertices = fitting;
cleanup:
    kmi_free(number);
    return status;
}

/* ---- facets ---- */

static void note(kma_mesh_place *place, size_t count_before, const kmi_mesh_surface *s, size_t facet, uint32_t from,
                 uint32_t to)
{
    if (count_before > 0) return;
    place->facet = facet;
    memcpy(place->from, s->vertices[from], sizeof place->from);
    memcpy(place->to, s->vertices[to], sizeof place->to);
}

static kma_status find_degenerate(const kmi_mesh_surface *s, const kmi_pulse *pulse, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < s->triangle_count; i++) {
        const uint32_t *t = s->triangles[i];
        kmi_vec3 a = vertex(s, t[0]);
        kmi_vec3 n = kmi_cross(kmi_sub(vertex(s, t[1]), a), kmi_sub(vertex(s, t[2]), a));
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        if (t[0] == t[1] || t[1] == t[2] || t[2] == t[0])
            note(&f->report.first_degenerate, f->report.degenerate_facets++, s, i, t[0], t[1]);
        else if (n.x == 0 && n.y == 0 && n.z == 0)
            f->report.flat_facets++;
    }
cleanup:
    return status;
}

static void sort_corners(const uint32_t t[3], uint32_t out[3])
{
    uint32_t a = t[0], b = t[1], c = t[2], swap;
    if (a > b) {
        swap = a;
        a = b;
        b = swap;
    }
    if (b > c) {
        swap = b;
        b = c;
        c = swap;
    }
    if (a > b) {
        swap = a;
        a = b;
        b = swap;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
}

static kma_status find_duplicates(const kmi_mesh_surface *s, const kmi_pulse *pulse, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    uint32_t *table = NULL; /* facet + 1; 0 is free */
    size_t room = 16, i, k;

    while (room < 2 * s->triangle_count) room *= 2;
    table = kmi_alloc_array(room, sizeof *table);
    if (table == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to compare %zu facets", s->triangle_count));
    for (i = 0; i < s->triangle_count; i++) {
        uint32_t key[3], other[3];
        uint64_t h;
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        sort_corners(s->triangles[i], key);
        h = ((uint64_t)key[0] << 32 | key[1]) * UINT64_C(0x9e3779b97f4a7c15);
        h = (h ^ h >> 29 ^ key[2]) * UINT64_C(0xbf58476d1ce4e5b9);
        for (k = (h ^ h >> 32) & (room - 1); table[k] != 0; k = (k + 1) & (room - 1)) {
            sort_corners(s->triangles[table[k] - 1], other);
            if (memcmp(key, other, sizeof key) == 0) break;
        }
        if (table[k] != 0)
            note(&f->report.first_duplicate, f->report.duplicate_facets++, s, i, s->triangles[i][0], s->triangles[i][1]);
        else
            table[k] = (uint32_t)i + 1;
    }
cleanup:
    kmi_free(table);
    return status;
}

/* ---- edges ---- */

/* Sorts by one of the two vertices, keeping the order of equals: a counting sort. */
static kma_status sort_edges(const edge *in, edge *out, size_t count, bool by_low, size_t *start, size_t vertex_count,
                             const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    size_t i, sum = 0;

    memset(start, 0, (vertex_count + 1) * sizeof *start);
    for (i = 0; i < count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        start[by_low ? in[i].low : in[i].high]++;
    }
    for (i = 0; i < vertex_count; i++) {
        size_t n = start[i];
        start[i] = sum;
        sum += n;
    }
    for (i = 0; i < count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        out[start[by_low ? in[i].low : in[i].high]++] = in[i];
    }
cleanup:
    return status;
}

static kma_status make_edges(const kmi_mesh_surface *s, const kmi_pulse *pulse, edge **edges_out, size_t *count_out)
{
    kma_status status = KMA_OK;
    edge *edges = kmi_alloc_array(s->triangle_count, 3 * sizeof *edges);
    edge *other = kmi_alloc_array(s->triangle_count, 3 * sizeof *other);
    size_t *start = kmi_alloc_array(s->vertex_count + 1, sizeof *start);
    size_t i, count = 0;
    int k;

    *edges_out = NULL;
    if (edges == NULL || other == NULL || start == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the edges of %zu facets", s->triangle_count));
    for (i = 0; i < s->triangle_count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        for (k = 0; k < 3; k++) {
            uint32_t a = s->triangles[i][k], b = s->triangles[i][(k + 1) % 3];
            if (a != b) edges[count++] = (edge){a < b ? a : b, a < b ? b : a, (uint32_t)i, a < b};
        }
    }
    KMI_TRY(sort_edges(edges, other, count, false, start, s->vertex_count, pulse));
    KMI_TRY(sort_edges(other, edges, count, true, start, s->vertex_count, pulse));
    *edges_out = edges;
    *count_out = count;
    edges = NULL;
cleanup:
    kmi_free(edges);
    kmi_free(other);
    kmi_free(start);
    return status;
}

static uint32_t body_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* The lower facet becomes the parent, so that a body is named by its first facet. */
static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = body_of(parent, a);
    b = body_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

static void look_at_edge(const kmi_mesh_surface *s, const edge *group, size_t count, kmi_mesh_findings *f)
{
    size_t forward = 0, i, odd = 0;

    for (i = 0; i < count; i++) forward += group[i].forward;
    if (count > 2) note(&f->report.first_nonmanifold, f->report.nonmanifold_edges++, s, group[0].facet, group[0].low, group[0].high);
    if (2 * forward == count) return;
    while (odd < count && group[odd].forward != (2 * forward > count)) odd++; /* one of the majority */
    {
        const edge *e = &group[odd];
        uint32_t from = e->forward ? e->low : e->high, to = e->forward ? e->high : e->low;
        if (count % 2 == 1)
            note(&f->report.first_open, f->report.open_edges++, s, e->facet, from, to);
        else
            note(&f->report.first_flipped, f->report.flipped_edges++, s, e->facet, from, to);
    }
}

static kma_status look_at_edges(kmi_mesh_surface *s, const kmi_pulse *pulse, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    edge *edges = NULL;
    size_t count = 0, groups = 0, i, j, n = 0;

    KMI_TRY(make_edges(s, pulse, &edges, &count));
    for (i = 0; i < s->triangle_count; i++) s->bodies[i] = (uint32_t)i;
    for (i = 0; i < count; i = j) {
        KMI_TRY(kmi_pulse_beat_at(pulse, groups++));
        for (j = i + 1; j < count && edges[j].low == edges[i].low && edges[j].high == edges[i].high; j++)
            join(s->bodies, edges[i].facet, edges[j].facet);
        look_at_edge(s, edges + i, j - i, f);
    }
    /* A parent is never above its child: numbers can be given in one pass. */
    for (i = 0; i < s->triangle_count; i++) s->bodies[i] = s->bodies[i] == i ? (uint32_t)n++ : s->bodies[s->bodies[i]];
    f->report.bodies = n;
cleanup:
    kmi_free(edges);
    return status;
}

/* ---- size ---- */

static kma_status measure(const kmi_mesh_surface *s, const kmi_pulse *pulse, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    kma_mesh_report *r = &f->report;
    double volume = 0, area = 0;
    kmi_vec3 o;
    size_t i;
    int k;

    memcpy(r->low, s->vertices[0], sizeof r->low);
    memcpy(r->high, s->vertices[0], sizeof r->high);
    for (i = 0; i < s->vertex_count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        for (k = 0; k < 3; k++) {
            if (s->vertices[i][k] < r->low[k]) r->low[k] = s->vertices[i][k];
            if (s->vertices[i][k] > r->high[k]) r->high[k] = s->vertices[i][k];
        }
    }
    /* Divergence theorem: tetrahedra upon the centre of the bounds, so that a far origin costs no digits. */
    o = kmi_vec(0.5 * (r->low[0] + r->high[0]), 0.5 * (r->low[1] + r->high[1]), 0.5 * (r->low[2] + r->high[2]));
    for (i = 0; i < s->triangle_count; i++) {
        const uint32_t *t = s->triangles[i];
        kmi_vec3 a = vertex(s, t[0]);
        kmi_vec3 n = kmi_cross(kmi_sub(vertex(s, t[1]), a), kmi_sub(vertex(s, t[2]), a));
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        volume += kmi_dot(kmi_sub(a, o), n) / 6;
        area += kmi_norm(n) / 2;
    }
    r->area = area;
    r->volume = r->open_edges == 0 && r->flipped_edges == 0 ? volume : 0;
cleanup:
    return status;
}

kma_status kmi_mesh_audit(const double *vertices, size_t vertex_count, const uint32_t *triangles, size_t triangle_count,
                          const kmi_pulse *pulse, kmi_mesh_surface *s, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;

    memset(s, 0, sizeof *s);
    memset(f, 0, sizeof *f);
    if (triangle_count > KMI_MESH_FACETS_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%zu facets (at most %d)", triangle_count, KMI_MESH_FACETS_MAX));
    if (vertex_count >= UINT32_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%zu vertices (at most %u)", vertex_count, UINT32_MAX - 1));
    f->report.facets = triangle_count;
    f->report.vertices = vertex_count;
    if (triangle_count == 0) return KMA_OK;
    if (vertices == NULL || triangles == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%s is NULL", vertices == NULL ? "vertices" : "triangles"));
    if (!all_usable(vertices, vertex_count, triangles, triangle_count, f)) return KMA_OK;
    KMI_TRY(copy_welded(vertices, vertex_count, triangles, triangle_count, pulse, s));
    f->report.vertices = s->vertex_count;
    KMI_TRY(find_degenerate(s, pulse, f));
    KMI_TRY(find_duplicates(s, pulse, f));
    KMI_TRY(look_at_edges(s, pulse, f));
    KMI_TRY(measure(s, pulse, f));
cleanup:
    if (status != KMA_OK) {
        kmi_mesh_surface_clear(s);
        memset(f, 0, sizeof *f);
    }
    return status;
}

/* ---- words ---- */

typedef struct words {
    char text[KMI_ERROR_TEXT_SIZE];
    size_t length;
} words;

static void say(words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(words *w, const char *format, ...)
{
    va_list arguments;
    int n;
    va_start(arguments, format);
    n = vsnprintf(w->text + w->length, sizeof w->text - w->length, format, arguments);
    va_end(arguments);
    if (n > 0) w->length += (size_t)n;
    if (w->length >= sizeof w->text) w->length = sizeof w->text - 1;
}

static void say_place(words *w, size_t count, const char *one, const char *many, const kma_mesh_place *p, bool edge_)
{
    if (count == 0) return;
    say(w, "%s%zu %s (first: facet %zu, ", w->length > 0 ? "; " : "", count, count == 1 ? one : many, p->facet);
    if (edge_)
        say(w, "from (%.9g, %.9g, %.9g) to (%.9g, %.9g, %.9g) mm)", p->from[0], p->from[1], p->from[2], p->to[0],
            p->to[1], p->to[2]);
    else
        say(w, "at (%.9g, %.9g, %.9g) mm)", p->from[0], p->from[1], p->from[2]);
}

kma_status kmi_mesh_judge(const kmi_mesh_findings *f)
{
    const kma_mesh_report *r = &f->report;
    words w = {"", 0};

    if (r->facets == 0) return kmi_fail(KMA_ERR_MESH, "the mesh has no facets (a closed surface has at least 4)");
    if (r->nonfinite_vertices > 0)
        say(&w, "%zu %s not finite or beyond 1e12 mm (first: vertex %zu at (%g, %g, %g))", r->nonfinite_vertices,
            r->nonfinite_vertices == 1 ? "vertex is" : "vertices are", f->nonfinite_vertex, f->nonfinite[0],
            f->nonfinite[1], f->nonfinite[2]);
    if (r->bad_indices > 0)
        say(&w, "%s%zu vertex %s out of range (first: %u in facet %zu, there are %zu vertices)",
            w.length > 0 ? "; " : "", r->bad_indices, r->bad_indices == 1 ? "index is" : "indices are", f->bad_index,
            f->bad_index_facet, r->vertices);
    say_place(&w, r->open_edges, "open edge", "open edges", &f->report.first_open, true);
    say_place(&w, r->flipped_edges, "edge run through twice in one direction (a neighbour is flipped)",
              "edges run through twice in one direction (a neighbour is flipped)", &f->report.first_flipped, true);
    say_place(&w, r->duplicate_facets, "facet given twice", "facets given twice", &f->report.first_duplicate, false);
    say_place(&w, r->degenerate_facets, "degenerate facet (a corner repeated)", "degenerate facets (a corner repeated)",
              &f->report.first_degenerate, false);
    if (w.length > 0) { /* harmless by themselves, but they may tell where the damage comes from */
        say_place(&w, r->nonmanifold_edges, "edge of more than two facets", "edges of more than two facets",
                  &f->report.first_nonmanifold, true);
    } else if (r->volume == 0) {
        say(&w, "the mesh encloses no volume");
    }
    if (r->inside_out_bodies > 0) {
        say_place(&w, r->inside_out_bodies, "body is inside out", "bodies are inside out", &f->report.first_inside_out, false);
        say(&w, ": reverse the corners of its facets, they must run counter-clockwise seen from outside");
    }
    if (w.length == 0) return KMA_OK;
    return kmi_fail(KMA_ERR_MESH, "%s%s", r->open_edges + r->flipped_edges > 0 ? "the mesh is not closed: " : "",
                    w.text);
}
