/* Which volumes overlap: every daughter with its mother, and all siblings whose boxes meet. See overlap.h. */
#include "geometry/overlap.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/print.h"
#include "geometry/daughter_tree.h"
#include "geometry/frame.h"
#include "geometry/overlap_parts.h"

enum { PAIR_WORK = 16, NAME_SHOWN = 100 };

typedef struct finder {
    const kmi_geometry *g;
    kmi_search search;
    kmi_overlap_list *list;
} finder;

/* ---- solids in their mother's frame ---- */

static void place(const kmi_solid *solid, const kmi_frame *frame, kmi_placed *out)
{
    out->solid = *solid;
    out->frame = *frame;
    if (solid->kind == KMI_SOLID_GRID) {
        memset(&out->solid, 0, sizeof out->solid);
        out->solid.kind = KMI_SOLID_BOX;
        out->solid.u.box.half = solid->u.grid.half;
        out->solid.bounds.low = kmi_scale(solid->u.grid.half, -1);
        out->solid.bounds.high = solid->u.grid.half;
        out->frame = kmi_frame_compose(frame, &solid->u.grid.frame);
    }
    out->bounds = kmi_frame_box(&out->frame, &out->solid.bounds);
    out->convex = kmi_solid_is_convex(&out->solid);
}

/* From the world's frames, since the placements may be added to meanwhile. */
static void place_daughter(const kmi_geometry *g, int32_t instance, kmi_placed *out)
{
    const kmi_instance *d = &g->instances[instance], *m = &g->instances[d->mother];
    kmi_frame frame = kmi_frame_between(&d->frame, &m->frame);
    place(d->solid, &frame, out);
}

static bool boxes_meet(const kmi_box3 *a, const kmi_box3 *b, double contact)
{
    return fmin(a->high.x, b->high.x) - fmax(a->low.x, b->low.x) > contact &&
           fmin(a->high.y, b->high.y) - fmax(a->low.y, b->low.y) > contact &&
           fmin(a->high.z, b->high.z) - fmax(a->low.z, b->low.z) > contact;
}

/* ---- pairs ---- */

static bool is_full(const finder *f) { return f->list->count == KMI_OVERLAPS_MAX; }

static kma_status beat(finder *f)
{
    f->search.work += PAIR_WORK;
    if (f->search.work < KMI_SEARCH_BEAT) return KMA_OK;
    f->search.work = 0;
    return kmi_pulse_beat(f->search.pulse);
}

/* What the search has found, if it is more than contact, takes its place in the list. */
static kma_status record(finder *f, int32_t first, int32_t second)
{
    kmi_overlap_list *list = f->list;
    kmi_overlap o = {first, second, f->search.depth, f->search.point, {0, 0, 0}};
    size_t i;

    if (!(o.depth > f->g->contact)) return KMA_OK;
    o.world = kmi_to_mother(&f->g->instances[f->g->instances[first].mother].frame, o.point);
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        kmi_overlap *items = kmi_realloc(list->items, room * sizeof *items);
        if (items == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu overlaps", room);
        list->items = items;
        list->room = room;
    }
    for (i = list->count++; i > 0 && list->items[i - 1].depth < o.depth; i--) list->items[i] = list->items[i - 1];
    list->items[i] = o;
    return KMA_OK;
}

static kma_status search(finder *f, kmi_search_kind kind, const kmi_placed *self, const kmi_placed *other)
{
    f->search.kind = kind;
    f->search.self = self;
    f->search.other = other;
    return kmi_search_run(&f->search);
}

static kma_status look_at_daughter(finder *f, const kmi_placed *mother, int32_t instance)
{
    kma_status status = KMA_OK;
    int32_t m = f->g->instances[instance].mother;
    kmi_placed d;

    place_daughter(f->g, instance, &d);
    if (kmi_solid_contains_box(f->g->instances[m].solid, &d.bounds)) goto cleanup;
    f->search.depth = 0;
    KMI_TRY(search(f, KMI_SEARCH_OUTSIDE, &d, mother));
    if (!mother->convex) KMI_TRY(search(f, KMI_SEARCH_HOLES, mother, &d));
    KMI_TRY(record(f, instance, m));
cleanup:
    return status;
}

static kma_status look_at_siblings(finder *f, const kmi_placed *a, int32_t first, int32_t second)
{
    kma_status status = KMA_OK;
    kmi_placed b;

    if (is_full(f)) goto cleanup;
    KMI_TRY(beat(f));
    place_daughter(f->g, second, &b);
    if (!boxes_meet(&a->bounds, &b.bounds, f->g->contact) || kmi_placed_apart(a, &b, f->g->contact)) goto cleanup;
    f->search.depth = 0;
    KMI_TRY(search(f, KMI_SEARCH_INSIDE, a, &b));
    KMI_TRY(search(f, KMI_SEARCH_INSIDE, &b, a));
    KMI_TRY(record(f, first, second));
cleanup:
    return status;
}

/* ---- volumes ---- */

/* The later siblings of `first`, found in the tree of their boxes. */
static kma_status look_in_tree(finder *f, const kmi_daughter_tree *tree, const kmi_placed *a, int32_t first,
                               int32_t first_daughter)
{
    kma_status status = KMA_OK;
    int32_t stack[KMI_DAUGHTER_TREE_STACK], i;
    int depth = 0;

    stack[depth++] = 0;
    while (depth > 0) {
        int32_t at = stack[--depth];
        const kmi_daughter_node *node = &tree->nodes[at];
        if (!boxes_meet(&node->bounds, &a->bounds, 0)) continue;
        if (node->count == 0) {
            stack[depth++] = node->right;
            stack[depth++] = at + 1;
        }
        for (i = 0; i < node->count; i++) {
            int32_t second = first_daughter + tree->order[node->first + i];
            if (second > first) KMI_TRY(look_at_siblings(f, a, first, second));
        }
    }
cleanup:
    return status;
}

static kma_status look_at_volume(finder *f, int32_t instance)
{
    kma_status status = KMA_OK;
    const kmi_instance *m = &f->g->instances[instance];
    const kmi_daughter_tree *tree = f->g->trees[m->volume_index];
    int32_t i, j, end = m->first_daughter + m->daughter_count;
    kmi_frame here = kmi_frame_identity();
    kmi_placed mother, a;

    place(m->solid, &here, &mother);
    for (i = m->first_daughter; i < end && !is_full(f); i++) {
        KMI_TRY(beat(f));
        KMI_TRY(look_at_daughter(f, &mother, i));
        if (m->daughter_count == 1) break;
        place_daughter(f->g, i, &a);
        if (tree != NULL) {
            KMI_TRY(look_in_tree(f, tree, &a, i, m->first_daughter));
        } else {
            for (j = i + 1; j < end; j++) KMI_TRY(look_at_siblings(f, &a, i, j));
        }
    }
cleanup:
    return status;
}

kma_status kmi_overlaps_find(const kmi_geometry *g, size_t points, const kmi_pulse *pulse, kmi_overlap_list *out)
{
    kma_status status = KMA_OK;
    unsigned char *seen = kmi_alloc_array(g->volume_count, 1);
    finder f;
    int32_t i;

    memset(out, 0, sizeof *out);
    memset(&f, 0, sizeof f);
    f.g = g;
    f.list = out;
    f.search.contact = g->contact;
    f.search.points = points == 0 ? KMI_OVERLAP_POINTS : points;
    f.search.pulse = pulse;
    if (seen == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to look for overlaps in %u volumes", g->volume_count));
    for (i = 0; i < g->instance_count && !is_full(&f); i++) {
        unsigned char *mark = &seen[g->instances[i].volume_index];
        if (*mark) continue;
        *mark = 1;
        KMI_TRY(look_at_volume(&f, i));
    }
cleanup:
    kmi_free(seen);
    kmi_search_clear(&f.search);
    if (status != KMA_OK) kmi_overlap_list_clear(out);
    return status;
}

void kmi_overlap_list_clear(kmi_overlap_list *self)
{
    kmi_free(self->items);
    memset(self, 0, sizeof *self);
}

/* ---- texts ---- */

void kmi_overlap_text(const kmi_geometry *g, const kmi_overlap *o, char out[KMI_OVERLAP_TEXT_SIZE])
{
    const kmi_instance *first = &g->instances[o->first], *second = &g->instances[o->second];
    const kmi_instance *mother = &g->instances[first->mother];
    int place_1 = (int)(o->first - mother->first_daughter) + 1;
    int place_2 = (int)(o->second - mother->first_daughter) + 1;
    char where[256], local[128] = "";

    if (first->mother != 0) /* the world's frame is the world */
        kmi_print(local, sizeof local, ", (%.6g, %.6g, %.6g) in its mother's frame", o->point.x, o->point.y, o->point.z);
    kmi_print(where, sizeof where, "by %.4g mm at (%.6g, %.6g, %.6g) mm%s", o->depth, o->world.x, o->world.y, o->world.z,
             local);
    if (kmi_overlap_is_outside(g, o))
        snprintf(out, KMI_OVERLAP_TEXT_SIZE,
                 "'%.*s' (placement %d in '%.*s') sticks out of '%.*s' %s: "
                 "move it, or make one smaller or the other larger",
                 NAME_SHOWN, first->volume->name, place_1, NAME_SHOWN, mother->volume->name, NAME_SHOWN,
                 mother->volume->name, where);
    else
        snprintf(out, KMI_OVERLAP_TEXT_SIZE,
                 "'%.*s' and '%.*s' (placements %d and %d in '%.*s') overlap %s: "
                 "move one of them, or place it in the other",
                 NAME_SHOWN, first->volume->name, NAME_SHOWN, second->volume->name, place_1, place_2, NAME_SHOWN,
                 mother->volume->name, where);
}
