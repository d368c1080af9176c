/* The one door to the heap. */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/float_env.h"

static void *(*host_alloc)(size_t, void *);
static void *(*host_realloc)(void *, size_t, void *);
static void (*host_free)(void *, void *);
static void *host_context;

kma_status kma_set_allocator(void *(*alloc)(size_t, void *), void *(*realloc_fn)(void *, size_t, void *),
                             void (*free_fn)(void *, void *), void *context)
{
    int given = (alloc != NULL) + (realloc_fn != NULL) + (free_fn != NULL);
    int kind;

    if (given != 0 && given != 3)
        return kmi_fail(KMA_ERR_ARGUMENT, "alloc, realloc and free must be given together, or none of them");
    for (kind = 1; kind < KMA_KIND_END; kind++)
        if (kma_live_objects((kma_kind)kind) != 0)
            return kmi_fail(KMA_ERR_STATE, "an allocator must be set while no object exists: %zu live of kind %d",
                            kma_live_objects((kma_kind)kind), kind);
    host_alloc = alloc;
    host_realloc = realloc_fn;
    host_free = free_fn;
    host_context = context;
    return KMA_OK;
}

void *kmi_alloc(size_t size)
{
    kmi_float_env frame;
    void *p;

    if (size == 0) size = 1;
    if (host_alloc == NULL) return calloc(1, size);
    kmi_float_env_host_begin(&frame);
    p = host_alloc(size, host_context);
    kmi_float_env_host_end(&frame);
    if (p != NULL) memset(p, 0, size);
    return p;
}

void *kmi_alloc_array(size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / 2 / size) return NULL;
    return kmi_alloc(n * size);
}

void *kmi_realloc(void *p, size_t size)
{
    kmi_float_env frame;

    if (size == 0) size = 1;
    if (host_realloc == NULL) return realloc(p, size);
    kmi_float_env_host_begin(&frame);
    p = host_realloc(p, size, host_context);
    kmi_float_env_host_end(&frame);
    return p;
}

void kmi_free(void *p)
{
    kmi_float_env frame;

    if (p == NULL) return;
    if (host_free == NULL) {
        free(p);
        return;
    }
    kmi_float_env_host_begin(&frame);
    host_free(p, host_context);
    kmi_float_env_host_end(&frame);
}

char *kmi_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = kmi_alloc(size);
    if (copy != NULL) memcpy(copy, text, size);
    return copy;
}

void *kmi_alloc_aligned(size_t size, size_t alignment)
{
    /* The raw pointer is kept in the word before the aligned block. */
    unsigned char *raw;
    uintptr_t aligned;

    if (alignment < sizeof(void *)) alignment = sizeof(void *);
    if (size > SIZE_MAX / 2) return NULL;
    raw = kmi_alloc(size + alignment + sizeof(void *));
    if (raw == NULL) return NULL;
    aligned = ((uintptr_t)raw + sizeof(void *) + alignment - 1) & ~(uintptr_t)(alignment - 1);
    ((void **)aligned)[-1] = raw;
    if (alignment >= 2u << 20) (void)madvise((void *)aligned, size, MADV_HUGEPAGE); /* a wish, not a need */
    return (void *)aligned;
}

void kmi_free_aligned(void *p, size_t size)
{
    (void)size;
    if (p != NULL) kmi_free(((void **)p)[-1]);
}

bool kmi_system_has_room(size_t size)
{
    void *volatile p = malloc(size); /* volatile: the compiler may leave out a malloc that is only freed */
    bool found = p != NULL;

    free(p);
    return found;
}
