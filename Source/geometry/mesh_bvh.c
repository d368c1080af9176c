/* Builds the tree of boxes: see mesh_bvh.h. */
#include "geometry/mesh_bvh.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

enum {
    BINS = 16,
    MEDIAN_DEPTH = 42 /* from here on ranges are halved: 2^28 facets end within KMI_BVH_DEPTH */
};
/* A node's eight boxes against two facets, in time (measured); only the ratio matters. */

typedef struct box {
    float low[3], high[3];
} box;
typedef struct item {
    box bounds;
    uint32_t facet;
} item; /* a facet to be sorted into the tree */

/* A run of items that becomes a child. */
typedef struct range {
    size_t first, count;
    box bounds;
    int depth;    /* binary splits above */
    bool is_leaf; /* not worth another split */
} range;

typedef struct builder {
    item *items;
    kmi_bvh_node *nodes;
    size_t node_count, node_room;
    kmi_bvh_pair *pairs;
    size_t pair_count, pair_room;
    const double (*vertices)[3];
    const uint32_t (*triangles)[3];
    const kmi_pulse *pulse;
    size_t work; /* facets since the last beat */
} builder;

static const box EMPTY = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};

static void grow(box *b, const box *other)
{
    int i;
    for (i = 0; i < 3; i++) {
        if (other->low[i] < b->low[i]) b->low[i] = other->low[i];
        if (other->high[i] > b->high[i]) b->high[i] = other->high[i];
    }
}

/* Half the surface area; in double: two corners may be 1e12 mm apart. */
static double area(const box *b)
{
    double x = (double)b->high[0] - b->low[0], y = (double)b->high[1] - b->low[1], z = (double)b->high[2] - b->low[2];
    return x < 0 ? 0 : x * y + y * z + z * x;
}

static float centre2(const item *it, int axis) { return it->bounds.low[axis] + it->bounds.high[axis]; }

static size_t pairs_of(size_t facets) { return (facets + 1) / 2; }

static box bounds_of(const item *items, size_t count)
{
    box b = EMPTY;
    size_t i;
    for (i = 0; i < count; i++) grow(&b, &items[i].bounds);
    return b;
}

typedef struct bin {
    box bounds;
    size_t count;
} bin;
typedef struct plane {
    int axis, bin;
    float low, scale;
    double cost;
} plane;

static int bin_of(const item *it, int axis, float low, float scale)
{
    int b = (int)((centre2(it, axis) - low) * scale);
    return b < 0 ? 0 : b >= BINS ? BINS - 1 : b;
}

/* The best of the planes between the bins of one axis. */
static void try_axis(const item *items, size_t count, int axis, const box *centres, plane *best)
{
    bin bins[BINS];
    double right_cost[BINS];
    float low = centres->low[axis], extent = centres->high[axis] - low, scale = (float)BINS / extent;
    box b = EMPTY;
    size_t i, n = 0;
    int k;

    if (!(extent > 0) || !(scale < INFINITY)) return;
    for (k = 0; k < BINS; k++) bins[k] = (bin){EMPTY, 0};
    for (i = 0; i < count; i++) {
        bin *to = &bins[bin_of(&items[i], axis, low, scale)];
        grow(&to->bounds, &items[i].bounds);
        to->count++;
    }
    for (k = BINS - 1; k > 0; k--) {
        grow(&b, &bins[k].bounds);
        n += bins[k].count;
        right_cost[k] = n == 0 ? INFINITY : area(&b) * (double)pairs_of(n);
    }
    b = EMPTY;
    n = 0;
    for (k = 1; k < BINS; k++) {
        double cost;
        grow(&b, &bins[k - 1].bounds);
        n += bins[k - 1].count;
        if (n == 0) continue;
        cost = area(&b) * (double)pairs_of(n) + right_cost[k];
        if (cost < best->cost) *best = (plane){axis, k, low, scale, cost};
    }
}

static size_t partition(item *items, size_t count, const plane *p)
{
    size_t i = 0, j = count;
    while (i < j) {
        if (bin_of(&items[i], p->axis, p->low, p->scale) < p->bin) {
            i++;
        } else {
            item swap = items[i];
            items[i] = items[--j];
            items[j] = swap;
        }
    }
    return i;
}

/* After each of the passes over the facets of a range: the first ones are long. */
static kma_status beat(builder *self, size_t facets)
{
    self->work += facets;
    if (self->work < KMI_PULSE_THINGS) return KMA_OK;
    self->work = 0;
    return kmi_pulse_beat(self->pulse);
}

/* Splits `r` in two, or leaves it a leaf. */
static kma_status split(builder *self, range *r, range *other, bool *is_split_out)
{
    kma_status status = KMA_OK;
    item *items = self->items + r->first;
    plane best = {-1, 0, 0, 0, INFINITY};
    size_t left = 0, i;
    int axis;

    *is_split_out = false;
    if (r->count <= 2) return KMA_OK;
    if (r->depth < MEDIAN_DEPTH) {
        box centres = EMPTY;
        for (i = 0; i < r->count; i++) {
            box c;
            for (axis = 0; axis < 3; axis++) c.low[axis] = c.high[axis] = centre2(&items[i], axis);
            grow(&centres, &c);
        }
        KMI_TRY(beat(self, r->count));
        for (axis = 0; axis < 3; axis++) {
            try_axis(items, r->count, axis, &centres, &best);
            KMI_TRY(beat(self, r->count));
        }
        if (best.axis >= 0) left = partition(items, r->count, &best);
        KMI_TRY(beat(self, r->count));
    }
    if (left == 0 || left == r->count) {
        if (r->count <= KMI_BVH_LEAF) return KMA_OK;
        left = r->count / 2; /* equal centres, or too deep: any halves do */
    }
    *other = (range){r->first + left, r->count - left, bounds_of(items + left, r->count - left), r->depth + 1, false};
    r->count = left;
    r->bounds = bounds_of(items, left);
    r->depth++;
    *is_split_out = true;
cleanup:
    return status;
}

static kma_status add_leaf(builder *self, const range *r, uint32_t *child_out)
{
    kma_status status = KMA_OK;
    size_t count = pairs_of(r->count), i;
    int corner, axis;

    while (self->pair_count + count > self->pair_room) {
        size_t room = self->pair_room + self->pair_room / 2 + 16;
        kmi_bvh_pair *more = kmi_realloc(self->pairs, room * sizeof *more);
        if (more == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the mesh's tree (%zu leaves)", room));
        self->pairs = more;
        self->pair_room = room;
    }
    *child_out = KMI_BVH_LEAF_BIT | (uint32_t)self->pair_count << 2 | (uint32_t)(count - 1);
    for (i = 0; i < 2 * count; i++) {
        kmi_bvh_pair *p = &self->pairs[self->pair_count + i / 2];
        uint32_t facet = self->items[r->first + (i < r->count ? i : i - 1)].facet;
        for (corner = 0; corner < 3; corner++)
            for (axis = 0; axis < 3; axis++)
                p->corner[corner][axis][i % 2] = self->vertices[self->triangles[facet][corner]][axis];
        p->facet[i % 2] = i < r->count ? facet : KMI_BVH_NO_FACET;
    }
    self->pair_count += count;
cleanup:
    return status;
}

static kma_status add_node(builder *self, size_t *index_out)
{
    kma_status status = KMA_OK;

    if (self->node_count == self->node_room) {
        size_t room = self->node_room + self->node_room / 2 + 16;
        kmi_bvh_node *more = kmi_realloc(self->nodes, room * sizeof *more);
        if (more == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the mesh's tree (%zu nodes)", room));
        self->nodes = more;
        self->node_room = room;
    }
    memset(&self->nodes[self->node_count], 0, sizeof self->nodes[0]);
    *index_out = self->node_count++;
cleanup:
    return status;
}

/* One wide node: the child of the largest surface is split until there are eight.
 * Recursion is bounded by KMI_BVH_DEPTH. */
static kma_status build_node(builder *self, range whole, uint32_t *index_out)
{
    kma_status status = KMA_OK;
    range child[KMI_BVH_WIDTH];
    size_t index = 0;
    int count = 1, i, axis;

    KMI_TRY(add_node(self, &index));
    child[0] = whole;
    while (count < KMI_BVH_WIDTH) {
        int largest = -1;
        bool is_split = false;
        for (i = 0; i < count; i++)
            if (!child[i].is_leaf && (largest < 0 || area(&child[i].bounds) > area(&child[largest].bounds)))
                largest = i;
        if (largest < 0) break;
        KMI_TRY(split(self, &child[largest], &child[count], &is_split));
        if (is_split)
            count++;
        else
            child[largest].is_leaf = true;
    }
    for (i = 0; i < KMI_BVH_WIDTH; i++) {
        uint32_t link = 0;
        if (i < count) {
            bool leaf = child[i].is_leaf || child[i].count <= KMI_BVH_LEAF;
            KMI_TRY(leaf ? add_leaf(self, &child[i], &link) : build_node(self, child[i], &link));
        }
        for (axis = 0; axis < 3; axis++) {
            self->nodes[index].bounds[0][axis][i] = i < count ? child[i].bounds.low[axis] : INFINITY;
            self->nodes[index].bounds[1][axis][i] = i < count ? child[i].bounds.high[axis] : -INFINITY;
        }
        self->nodes[index].child[i] = link;
    }
    *index_out = (uint32_t)index;
cleanup:
    return status;
}

static void make_item(const double (*vertices)[3], const uint32_t triangle[3], uint32_t facet, item *out)
{
    int axis, corner;
    out->facet = facet;
    out->bounds = EMPTY;
    for (corner = 0; corner < 3; corner++) {
        for (axis = 0; axis < 3; axis++) {
            double v = vertices[triangle[corner]][axis];
            float low = kmi_float_below(v), high = kmi_float_above(v);
            if (low < out->bounds.low[axis]) out->bounds.low[axis] = low;
            if (high > out->bounds.high[axis]) out->bounds.high[axis] = high;
        }
    }
}

kma_status kmi_bvh_build(const double (*vertices)[3], const uint32_t (*triangles)[3], size_t triangle_count,
                         const kmi_pulse *pulse, kmi_bvh *out)
{
    kma_status status = KMA_OK;
    builder b = {.vertices = vertices, .triangles = triangles, .pulse = pulse};
    range whole = {0, triangle_count, EMPTY, 0, false};
    uint32_t root = 0;
    size_t i;

    memset(out, 0, sizeof *out);
    b.items = kmi_alloc_array(triangle_count, sizeof *b.items);
    if (b.items == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to sort %zu facets", triangle_count));
    for (i = 0; i < triangle_count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        make_item(vertices, triangles[i], (uint32_t)i, &b.items[i]);
    }
    whole.bounds = bounds_of(b.items, triangle_count);
    KMI_TRY(build_node(&b, whole, &root));

    out->nodes = kmi_alloc_aligned(b.node_count * sizeof *out->nodes, KMI_BVH_ALIGN);
    out->pairs = kmi_alloc_aligned(b.pair_count * sizeof *out->pairs, KMI_BVH_ALIGN);
    out->node_count = b.node_count;
    out->pair_count = b.pair_count;
    if (out->nodes == NULL || out->pairs == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the tree of a mesh of %zu facets", triangle_count));
    memcpy(out->nodes, b.nodes, b.node_count * sizeof *b.nodes);
    memcpy(out->pairs, b.pairs, b.pair_count * sizeof *b.pairs);
cleanup:
    if (status != KMA_OK) kmi_bvh_clear(out);
    kmi_free(b.items);
    kmi_free(b.nodes);
    kmi_free(b.pairs);
    return status;
}

void kmi_bvh_clear(kmi_bvh *self)
{
    kmi_free_aligned(self->nodes, self->node_count * sizeof *self->nodes);
    kmi_free_aligned(self->pairs, self->pair_count * sizeof *self->pairs);
    memset(self, 0, sizeof *self);
}
