/*
 * Counter-based random numbers: Philox4x64-10 of Random123 (Salmon et al.,
 * SC11, doi:10.1145/2063384.2063405). A number is a pure function of (seed,
 * history, stream, draw); nothing is shared between threads or saved.
 */
#ifndef KMI_RNG_H
#define KMI_RNG_H

#include <stdint.h>

typedef enum kmi_stream {
    KMI_STREAM_SOURCE = 0,    /* what the source emits */
    KMI_STREAM_TRANSPORT = 1, /* free paths and interactions */
    KMI_STREAM_SCORING = 2,   /* stochastic rounding of scores */
    KMI_STREAM_OBSERVER = 3,  /* decisions of observers */
    KMI_STREAM_GEOMETRY = 4   /* sampling of volumes and tests, outside of histories */
} kmi_stream;

typedef struct kmi_rng {
    uint64_t key[2];     /* seed, a constant of kerma */
    uint64_t counter[4]; /* history, stream, block, 0 */
    uint64_t block[4];   /* the numbers of this block */
    unsigned used;       /* of the four; 4 = draw a new block */
} kmi_rng;

void kmi_rng_start(kmi_rng *self, uint64_t seed, uint64_t history, kmi_stream stream);
void kmi_rng_refill(kmi_rng *self); /* fills block, counts on */

static inline uint64_t kmi_rng_bits(kmi_rng *self)
{
    if (self->used == 4) kmi_rng_refill(self);
    return self->block[self->used++];
}
/* In (0,1), never 0 and never 1: the odd multiples of 2^-53. */
static inline double kmi_rng_uniform(kmi_rng *self)
{
    return ((double)(kmi_rng_bits(self) >> 12) + 0.5) * 0x1p-52;
}

#endif
