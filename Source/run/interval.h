/*
 * Sets of history numbers as sorted, disjoint, non-adjacent intervals: what is
 * still to do, and what is held.
 */
#ifndef KMI_INTERVAL_H
#define KMI_INTERVAL_H

#include "base/error.h"
#include "scoring/tally.h"

typedef struct kmi_interval_set {
    kmi_interval *intervals;
    size_t count, room;
} kmi_interval_set;

enum {
    /* Work is handed out on a fixed grid of history numbers, whatever the number of threads: 4096
     * histories are some milliseconds of work, so that few workers idle at the end of a run. */
    KMI_INTERVAL_HISTORIES = 4096
};
#define KMI_HISTORIES_MAX (UINT64_C(1) << 60)

void kmi_interval_set_clear(kmi_interval_set *self); /* keeps its room */
void kmi_interval_set_free(kmi_interval_set *self);
/* Room for `more` additions that cannot fail. */
kma_status kmi_interval_set_reserve(kmi_interval_set *self, size_t more);
/* Adds [begin, end); the room must be there; an empty interval changes nothing. */
void kmi_interval_set_add(kmi_interval_set *self, kmi_interval interval);
uint64_t kmi_interval_set_total(const kmi_interval_set *self);
/* Takes the lowest numbers off: at most up to the next border of the grid. False if the set is empty. */
bool kmi_interval_set_take(kmi_interval_set *self, kmi_interval *out);
/* self = [0, target) without `held`. */
kma_status kmi_interval_set_missing(kmi_interval_set *self, const kmi_interval_set *held, uint64_t target);

#endif
