/* Chunks of bins: see chunk.h. */
#include "scoring/chunk.h"

#include <string.h>

#include "base/memory.h"

/* A full chunk is a huge page: worth a factor of 3 for tallies of millions of bins. */
static size_t chunk_alignment(uint32_t count)
{
    return count == KMI_CHUNK_BINS ? sizeof(kmi_bin) * KMI_CHUNK_BINS : 64;
}

kmi_chunk *kmi_chunk_new(uint32_t count)
{
    kmi_chunk *c = kmi_alloc(sizeof *c);

    if (c == NULL) return NULL;
    c->bins = kmi_alloc_aligned(count * sizeof *c->bins, chunk_alignment(count));
    if (c->bins == NULL) {
        kmi_free(c);
        return NULL;
    }
    c->count = count;
    atomic_init(&c->references, 1);
    return c;
}

kmi_chunk *kmi_chunk_copy(const kmi_chunk *self)
{
    kmi_chunk *c = kmi_chunk_new(self->count);
    if (c != NULL) memcpy(c->bins, self->bins, self->count * sizeof *c->bins);
    return c;
}

void kmi_chunk_retain(kmi_chunk *self)
{
    if (self != NULL) atomic_fetch_add_explicit(&self->references, 1, memory_order_relaxed);
}

void kmi_chunk_release(kmi_chunk *self)
{
    if (self == NULL) return;
    if (atomic_fetch_sub_explicit(&self->references, 1, memory_order_acq_rel) != 1) return;
    kmi_free_aligned(self->bins, self->count * sizeof *self->bins);
    kmi_free(self);
}
