/* The inside of a tally, for tally.c and snapshot.c. */
#ifndef KMI_TALLY_INSIDE_H
#define KMI_TALLY_INSIDE_H

#include <pthread.h>

#include "base/thread.h"
#include "scoring/chunk.h"
#include "scoring/intervals.h"

enum { KMI_RANGES = 64 };

struct kmi_tally {
    uint64_t bins;
    unsigned range_shift;      /* bin >> range_shift is its range */
    size_t chunk_count;
    pthread_rwlock_t whole;    /* shared: commits; exclusive: snapshots */
    kmi_lock held_lock;        /* guards held and bound */
    kmi_intervals held;
    kmi_uint128 bound;         /* no bin's sum of squares is above it */
    kmi_lock range_lock[KMI_RANGES]; /* [r] guards the bins of range r */
    kmi_lock chunk_lock[KMI_RANGES]; /* [i] guards the pointers to chunks i, i + 64, ... */
    kmi_chunk **chunks;        /* [chunk_count]; NULL until touched */
};

#endif
