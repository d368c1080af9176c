/*
 * Overlaps of a closed geometry: daughters that stick out of their mother, and
 * siblings that share space by more than the contact length.
 *
 * Every logical volume is looked at once, however often it is placed. The
 * search is exhaustive where it can be and otherwise limited to a number of
 * points; it draws no random numbers, so it says the same everywhere.
 * How: README.md.
 */
#ifndef KMI_OVERLAP_H
#define KMI_OVERLAP_H

#include "base/pulse.h"
#include "geometry/geometry.h"

enum {
    KMI_OVERLAP_POINTS = 1000, /* of each surface of a pair, unless told otherwise */
    KMI_OVERLAP_POINTS_MAX = 1000000,
    KMI_OVERLAPS_MAX = 1000 /* the search ends after so many */
};

typedef struct kmi_overlap {
    int32_t first, second; /* instances: siblings in declared order; or a daughter and the mother it sticks out of */
    double depth;          /* mm, see README.md */
    kmi_vec3 point;        /* where, in the mother's frame */
    kmi_vec3 world;        /* the same in the world */
} kmi_overlap;

typedef struct kmi_overlap_list {
    kmi_overlap *items; /* [count] the deepest first */
    size_t count, room;
} kmi_overlap_list;

/* `points` 0 is KMI_OVERLAP_POINTS. The list is empty on failure; clear it in the end. */
kma_status kmi_overlaps_find(const kmi_geometry *g, size_t points, const kmi_pulse *pulse, kmi_overlap_list *out);
void kmi_overlap_list_clear(kmi_overlap_list *self);

static inline bool kmi_overlap_is_outside(const kmi_geometry *g, const kmi_overlap *o)
{
    return g->instances[o->first].mother == o->second;
}
/* One line: who, by how much, where, and what to do. Fits KMI_OVERLAP_TEXT_SIZE with names cut to 100 bytes. */
enum { KMI_OVERLAP_TEXT_SIZE = 900 };
void kmi_overlap_text(const kmi_geometry *g, const kmi_overlap *o, char out[KMI_OVERLAP_TEXT_SIZE]);

#endif
