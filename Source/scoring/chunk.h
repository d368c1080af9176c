/* Pieces of a tally, shared between it and its snapshots by counted references. */
#ifndef KMI_CHUNK_H
#define KMI_CHUNK_H

#include <stdatomic.h>

#include "scoring/tally.h"

enum { KMI_CHUNK_SHIFT = 16, KMI_CHUNK_BINS = 1 << KMI_CHUNK_SHIFT }; /* 2 MiB: a huge page */

/* 32 bytes, aligned to them: one cache line is touched. */
typedef struct kmi_bin {
    kmi_int128 sum;
    kmi_uint128 squares;
} kmi_bin;

typedef struct kmi_chunk {
    kmi_bin *bins;
    uint32_t count;
    atomic_uint references;
} kmi_chunk;

kmi_chunk *kmi_chunk_new(uint32_t count); /* all zero, one reference; NULL without memory */
kmi_chunk *kmi_chunk_copy(const kmi_chunk *self);
void kmi_chunk_retain(kmi_chunk *self);   /* NULL is fine, here and below */
void kmi_chunk_release(kmi_chunk *self);
static inline bool kmi_chunk_is_shared(kmi_chunk *self)
{
    /* Acquire: what a snapshot read before its release happened before what we write now. */
    return atomic_load_explicit(&self->references, memory_order_acquire) != 1;
}

#endif
