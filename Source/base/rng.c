/* Philox from Random123; see rng.h. */
#include "base/rng.h"

#include <Random123/philox.h>

void kmi_rng_start(kmi_rng *self, uint64_t seed, uint64_t history, kmi_stream stream)
{
    self->key[0] = seed;
    self->key[1] = UINT64_C(0x6b65726d612d3031); /* "kerma-01": a key space of our own */
    self->counter[0] = history;
    self->counter[1] = (uint64_t)stream;
    self->counter[2] = 0;
    self->counter[3] = 0;
    self->used = 4;
}

void kmi_rng_refill(kmi_rng *self)
{
    philox4x64_ctr_t counter = {{self->counter[0], self->counter[1], self->counter[2], self->counter[3]}};
    philox4x64_key_t key = {{self->key[0], self->key[1]}};
    philox4x64_ctr_t block = philox4x64(counter, key);

    self->block[0] = block.v[0];
    self->block[1] = block.v[1];
    self->block[2] = block.v[2];
    self->block[3] = block.v[3];
    self->counter[2]++;
    self->used = 0;
}
