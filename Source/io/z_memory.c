/* See z_memory.h. */
#include "io/z_memory.h"

#include "base/memory.h"

static void *z_alloc(void *context, unsigned n, unsigned size)
{
    (void)context;
    return kmi_alloc_array(n, size);
}

static void z_free(void *context, void *p)
{
    (void)context;
    kmi_free(p);
}

void kmi_z_memory(z_stream *z)
{
    z->zalloc = z_alloc;
    z->zfree = z_free;
    z->opaque = NULL;
}
