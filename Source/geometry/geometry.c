/* Closing the geometry: the tree of volumes becomes an array of instances. See geometry.h. */
#include "geometry/geometry.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "geometry/daughter_tree.h"
#include "geometry/frame.h"

enum { INSTANCES_MAX = 10000000, LEVELS_MAX = 1000, TABLE_SIZE_FIRST = 64 };
static const double contact_least = 1e-5;       /* mm */
static const double contact_relative = 0x1p-24; /* of the largest coordinate: a float's step, as STL files hold */

/* What is known of a logical volume while the tree is being closed. */
typedef struct node {
    const kmi_volume *volume;
    size_t placed;      /* how often, by volumes not yet looked at */
    uint64_t instances; /* of it, up to INSTANCES_MAX + 1 */
    int level;          /* its deepest */
    uint32_t mother;    /* one that was never reached by counting down: on the way back to a cycle */
} node;

/* All volumes of the tree in order of first meeting, found by their address. */
typedef struct tree {
    node *nodes;
    uint32_t count, room;
    uint32_t *table; /* node + 1; 0 is free */
    uint32_t table_size;
} tree;

static uint32_t hash(const kmi_volume *v, uint32_t table_size)
{
    return (uint32_t)(((uint64_t)(uintptr_t)v * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (table_size - 1);
}

/* The place in the table where `v` is or would be. */
static uint32_t *find(const tree *t, const kmi_volume *v)
{
    uint32_t i = hash(v, t->table_size);
    while (t->table[i] != 0 && t->nodes[t->table[i] - 1].volume != v) i = (i + 1) & (t->table_size - 1);
    return &t->table[i];
}

static kma_status grow(tree *t)
{
    uint32_t i, size = t->table_size == 0 ? TABLE_SIZE_FIRST : 2 * t->table_size;
    uint32_t *table = kmi_alloc_array(size, sizeof *table);
    node *nodes = kmi_realloc(t->nodes, (size_t)size / 2 * sizeof *nodes);

    if (nodes != NULL) t->nodes = nodes;
    if (table == NULL || nodes == NULL) {
        kmi_free(table);
        return kmi_fail(KMA_ERR_MEMORY, "no room to close a geometry of %u volumes", t->count);
    }
    kmi_free(t->table);
    t->table = table;
    t->table_size = size;
    t->room = size / 2;
    for (i = 0; i < t->count; i++) *find(t, t->nodes[i].volume) = i + 1;
    return KMA_OK;
}

static kma_status meet(tree *t, const kmi_volume *v, uint32_t *index_out)
{
    kma_status status = KMA_OK;
    uint32_t *place;

    if (t->count == t->room) KMI_TRY(grow(t));
    place = find(t, v);
    if (*place == 0) {
        memset(&t->nodes[t->count], 0, sizeof t->nodes[0]);
        t->nodes[t->count].volume = v;
        *place = ++t->count;
    }
    *index_out = *place - 1;
cleanup:
    return status;
}

static kma_status meet_all(tree *t, const kmi_volume *world)
{
    kma_status status = KMA_OK;
    uint32_t i, d;
    size_t p;

    KMI_TRY(meet(t, world, &d));
    for (i = 0; i < t->count; i++)
        for (p = 0; p < t->nodes[i].volume->placement_count; p++) {
            if (t->count > INSTANCES_MAX)
                KMI_TRY(kmi_fail(KMA_ERR_GEOMETRY, "the geometry has more than %d volumes", INSTANCES_MAX));
            KMI_TRY(meet(t, t->nodes[i].volume->placements[p].daughter, &d));
            t->nodes[d].placed++;
        }
cleanup:
    return status;
}

/* `left` and others were never freed of all their mothers: going from mother to mother ends on a cycle. */
static kma_status fail_cycle(tree *t, uint32_t left)
{
    uint32_t i, at = left;
    size_t p;

    for (i = 0; i < t->count; i++)
        for (p = 0; t->nodes[i].placed > 0 && p < t->nodes[i].volume->placement_count; p++)
            t->nodes[*find(t, t->nodes[i].volume->placements[p].daughter) - 1].mother = i;
    for (i = 0; i < t->count; i++) at = t->nodes[at].mother;
    return kmi_fail(KMA_ERR_GEOMETRY, "the volume '%s' is inside itself: it is placed in '%s'",
                    t->nodes[at].volume->name, t->nodes[t->nodes[at].mother].volume->name);
}

/* Kahn, CACM 5 (1962) 558: a volume is looked at when all that hold it have been; what a cycle holds never is. */
static kma_status count_instances(tree *t, uint64_t *total_out)
{
    kma_status status = KMA_OK;
    uint32_t *ready = kmi_alloc_array(t->count, sizeof *ready);
    uint32_t first = 0, last = 0, i;
    uint64_t total = 0;
    size_t p;

    if (ready == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room to close a geometry of %u volumes", t->count));
    t->nodes[0].instances = 1;
    if (t->nodes[0].placed == 0) ready[last++] = 0;
    while (first < last) {
        node *n = &t->nodes[ready[first++]];
        total += n->instances;
        if (n->level >= LEVELS_MAX)
            KMI_TRY(kmi_fail(KMA_ERR_GEOMETRY, "the volume '%s' is nested more than %d levels deep", n->volume->name,
                             LEVELS_MAX));
        for (p = 0; p < n->volume->placement_count; p++) {
            uint32_t daughter = *find(t, n->volume->placements[p].daughter) - 1;
            node *d = &t->nodes[daughter];
            d->instances += n->instances;
            if (d->instances > INSTANCES_MAX) d->instances = INSTANCES_MAX + 1;
            if (d->level <= n->level) d->level = n->level + 1;
            if (--d->placed == 0) ready[last++] = daughter;
        }
    }
    for (i = 0; i < t->count; i++)
        if (t->nodes[i].placed > 0) KMI_TRY(fail_cycle(t, i));
    if (total > INSTANCES_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_GEOMETRY, "the geometry has more than %d placed volumes", INSTANCES_MAX));
    *total_out = total;
cleanup:
    kmi_free(ready);
    return status;
}

static double largest_coordinate(const kmi_box3 *b)
{
    double x = fmax(fabs(b->low.x), fabs(b->high.x)), y = fmax(fabs(b->low.y), fabs(b->high.y));
    return fmax(fmax(x, y), fmax(fabs(b->low.z), fabs(b->high.z)));
}

static kma_status check_thickness(const kmi_geometry *g)
{
    uint32_t i;

    for (i = 0; i < g->volume_count; i++) {
        double thickness = kmi_solid_thickness(&g->volumes[i]->solid);
        if (!(thickness > g->contact))
            return kmi_fail(KMA_ERR_GEOMETRY,
                            "the volume '%s' is %g mm thin: in a world of this size all below %g mm is contact",
                            g->volumes[i]->name, thickness, g->contact);
    }
    return KMA_OK;
}

static void set_instance(const kmi_geometry *g, kmi_instance *self, const kmi_volume *v, int32_t mother,
                         const kmi_frame *frame, uint32_t volume_index)
{
    kmi_vec3 margin = kmi_vec(g->contact, g->contact, g->contact);

    self->solid = &v->solid;
    self->volume = v;
    self->mother = mother;
    self->frame = mother == KMI_OUTSIDE ? *frame : kmi_frame_compose(&g->instances[mother].frame, frame);
    self->bounds = kmi_frame_box(&self->frame, &v->solid.bounds);
    self->bounds.low = kmi_sub(self->bounds.low, margin);
    self->bounds.high = kmi_add(self->bounds.high, margin);
    self->volume_index = volume_index;
}

static void flatten(kmi_geometry *g, const tree *t)
{
    kmi_frame here = kmi_frame_identity();
    int32_t i, count = 1;
    size_t p;

    set_instance(g, &g->instances[0], t->nodes[0].volume, KMI_OUTSIDE, &here, 0);
    for (i = 0; i < count; i++) {
        const kmi_volume *v = g->instances[i].volume;
        g->instances[i].first_daughter = count;
        g->instances[i].daughter_count = (int32_t)v->placement_count;
        for (p = 0; p < v->placement_count; p++) {
            const kmi_placement *q = &v->placements[p];
            set_instance(g, &g->instances[count++], q->daughter, i, &q->frame, *find(t, q->daughter) - 1);
        }
    }
}

static kma_status make_trees(kmi_geometry *g)
{
    kma_status status = KMA_OK;
    uint32_t i;

    for (i = 0; i < g->volume_count; i++)
        if (g->volumes[i]->placement_count > KMI_DAUGHTERS_FEW)
            KMI_TRY(kmi_daughter_tree_new(g->volumes[i], g->contact, &g->trees[i]));
cleanup:
    return status;
}

kma_status kmi_geometry_close(const kmi_volume *world, kmi_geometry **out)
{
    kma_status status = KMA_OK;
    kmi_geometry *g = NULL;
    tree t = {NULL, 0, 0, NULL, 0};
    uint64_t total = 0;
    uint32_t i;

    *out = NULL;
    kmi_describe_lock();
    KMI_TRY(meet_all(&t, world));
    KMI_TRY(count_instances(&t, &total));
    g = kmi_alloc(sizeof *g);
    if (g != NULL) g->instances = kmi_alloc_array(total, sizeof *g->instances);
    if (g != NULL) g->volumes = kmi_alloc_array(t.count, sizeof *g->volumes);
    if (g != NULL) g->trees = kmi_alloc_array(t.count, sizeof *g->trees);
    if (g == NULL || g->instances == NULL || g->volumes == NULL || g->trees == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room for a geometry of %llu placed volumes", (unsigned long long)total));
    g->instance_count = (int32_t)total;
    g->volume_count = t.count;
    for (i = 0; i < t.count; i++) g->volumes[i] = t.nodes[i].volume;
    g->contact = fmax(contact_least, contact_relative * largest_coordinate(&world->solid.bounds));
    KMI_TRY(check_thickness(g));
    KMI_TRY(make_trees(g));
    flatten(g, &t);
    *out = g;
    g = NULL;
cleanup:
    kmi_describe_unlock();
    kmi_geometry_destroy(g);
    kmi_free(t.nodes);
    kmi_free(t.table);
    return status;
}

void kmi_geometry_destroy(kmi_geometry *self)
{
    uint32_t i;

    if (self == NULL) return;
    for (i = 0; self->trees != NULL && i < self->volume_count; i++) kmi_daughter_tree_destroy(self->trees[i]);
    kmi_free(self->trees);
    kmi_free(self->instances);
    kmi_free(self->volumes);
    kmi_free(self);
}
