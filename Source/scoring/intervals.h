/* A set of histories as rising, disjoint intervals that do not touch. Not locked. */
#ifndef KMI_INTERVALS_H
#define KMI_INTERVALS_H

#include "scoring/tally.h"

typedef struct kmi_intervals {
    kmi_interval *list; /* [count], owned */
    size_t count, room;
    uint64_t histories;
} kmi_intervals;

/* KMA_ERR_INTERNAL if a history of `one` is in the set already; the set is as before on any failure. */
kma_status kmi_intervals_add(kmi_intervals *self, kmi_interval one);
kma_status kmi_intervals_copy(const kmi_intervals *self, kmi_intervals *out);
void kmi_intervals_free(kmi_intervals *self); /* the list; the set is empty then */

#endif
