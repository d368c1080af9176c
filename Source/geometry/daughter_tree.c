/* Builds the tree of daughters' boxes by binned surface area (Wald, RT 2007): see daughter_tree.h. */
#include "geometry/daughter_tree.h"

#include "base/memory.h"
#include "geometry/frame.h"

enum { LEAF = 2, BINS = 16, AREA_LEVELS = 40 };

typedef struct item {
    double low[3], high[3];
    int32_t index;
} item;

typedef struct builder {
    kmi_daughter_tree *tree;
    item *items;
    int32_t node_count;
} builder;

typedef struct bin {
    item bounds;
    int32_t count;
} bin;

static const item nothing = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}, 0};

static void grow(item *b, const item *other)
{
    int c;
    for (c = 0; c < 3; c++) {
        b->low[c] = fmin(b->low[c], other->low[c]);
        b->high[c] = fmax(b->high[c], other->high[c]);
    }
}

static double half_area(const item *b)
{
    double x = b->high[0] - b->low[0], y = b->high[1] - b->low[1], z = b->high[2] - b->low[2];
    return x < 0 ? 0 : x * y + y * z + z * x;
}

static double centre2(const item *i, int axis) { return i->low[axis] + i->high[axis]; }

static int bin_of(const item *i, int axis, double low, double scale)
{
    int b = (int)((centre2(i, axis) - low) * scale);
    return b < BINS ? b : BINS - 1;
}

/* The cheapest of the planes between bins along an axis; false if all centres are in one place. */
static bool best_plane(const item *items, int32_t count, int axis, double *low_out, double *scale_out, int *bin_out,
                       double *cost_out)
{
    double low = INFINITY, high = -INFINITY, right_cost[BINS];
    bin bins[BINS];
    item sum;
    int32_t i, n;
    int b;

    for (i = 0; i < count; i++) {
        low = fmin(low, centre2(&items[i], axis));
        high = fmax(high, centre2(&items[i], axis));
    }
    if (!(high > low)) return false;
    *low_out = low;
    *scale_out = BINS / (high - low);
    for (b = 0; b < BINS; b++) {
        bins[b].bounds = nothing;
        bins[b].count = 0;
    }
    for (i = 0; i < count; i++) {
        bin *at = &bins[bin_of(&items[i], axis, low, *scale_out)];
        grow(&at->bounds, &items[i]);
        at->count++;
    }
    sum = nothing;
    for (b = BINS - 1, n = 0; b > 0; b--) {
        grow(&sum, &bins[b].bounds);
        n += bins[b].count;
        right_cost[b] = half_area(&sum) * n;
    }
    *cost_out = INFINITY;
    sum = nothing;
    for (b = 1, n = 0; b < BINS; b++) {
        double cost;
        grow(&sum, &bins[b - 1].bounds);
        n += bins[b - 1].count;
        cost = half_area(&sum) * n + right_cost[b];
        if (n > 0 && n < count && cost < *cost_out) {
            *cost_out = cost;
            *bin_out = b;
        }
    }
    return *cost_out < INFINITY;
}

/* Moves the items of the left part to the front; how many. */
static int32_t split(item *items, int32_t count, int level)
{
    double low = 0, scale = 0, cost, best = INFINITY, best_low = 0, best_scale = 0;
    int axis, at = 0, best_axis = -1, best_bin = 0;
    int32_t i, n = 0;

    for (axis = 0; level < AREA_LEVELS && axis < 3; axis++)
        if (best_plane(items, count, axis, &low, &scale, &at, &cost) && cost < best) {
            best = cost;
            best_axis = axis;
            best_bin = at;
            best_low = low;
            best_scale = scale;
        }
    if (best_axis < 0) return count / 2;
    for (i = 0; i < count; i++)
        if (bin_of(&items[i], best_axis, best_low, best_scale) < best_bin) {
            item swapped = items[i];
            items[i] = items[n];
            items[n++] = swapped;
        }
    return n;
}

static int32_t build(builder *b, int32_t first, int32_t count, int level)
{
    int32_t self = b->node_count++, i, left;
    kmi_daughter_node *node = &b->tree->nodes[self];
    item bounds = nothing;

    for (i = first; i < first + count; i++) grow(&bounds, &b->items[i]);
    node->bounds.low = kmi_vec(bounds.low[0], bounds.low[1], bounds.low[2]);
    node->bounds.high = kmi_vec(bounds.high[0], bounds.high[1], bounds.high[2]);
    if (count <= LEAF) {
        node->first = first;
        node->count = count;
        for (i = first; i < first + count; i++) b->tree->order[i] = b->items[i].index;
        return self;
    }
    left = split(b->items + first, count, level);
    build(b, first, left, level + 1);
    node->right = build(b, first + left, count - left, level + 1);
    return self;
}

kma_status kmi_daughter_tree_new(const kmi_volume *mother, double margin, kmi_daughter_tree **out)
{
    kma_status status = KMA_OK;
    size_t i, count = mother->placement_count;
    builder b = {NULL, NULL, 0};

    *out = NULL;
    b.tree = kmi_alloc(sizeof *b.tree);
    b.items = kmi_alloc_array(count, sizeof *b.items);
    if (b.tree != NULL) b.tree->nodes = kmi_alloc_array(2 * count, sizeof *b.tree->nodes);
    if (b.tree != NULL) b.tree->order = kmi_alloc_array(count, sizeof *b.tree->order);
    if (b.items == NULL || b.tree == NULL || b.tree->nodes == NULL || b.tree->order == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room to sort the %zu daughters of the volume '%s'", count, mother->name));
    for (i = 0; i < count; i++) {
        const kmi_placement *p = &mother->placements[i];
        kmi_box3 box = kmi_frame_box(&p->frame, &p->daughter->solid.bounds);
        item it = {{box.low.x - margin, box.low.y - margin, box.low.z - margin},
                   {box.high.x + margin, box.high.y + margin, box.high.z + margin},
                   (int32_t)i};
        b.items[i] = it;
    }
    build(&b, 0, (int32_t)count, 0);
    *out = b.tree;
    b.tree = NULL;
cleanup:
    kmi_free(b.items);
    kmi_daughter_tree_destroy(b.tree);
    return status;
}

void kmi_daughter_tree_destroy(kmi_daughter_tree *self)
{
    if (self == NULL) return;
    kmi_free(self->nodes);
    kmi_free(self->order);
    kmi_free(self);
}
