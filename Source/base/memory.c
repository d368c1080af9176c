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

/* What is before an aligned block. */
typedef struct before {
    void *raw;
    size_t mapped; /* bytes from the system; 0: it is from the heap */
} before;

static const size_t huge_page = 2u << 20;

/*
 * Memory for huge pages comes from the system and goes back to it. From the heap, a part would stay in each arena that a
 * worker of some run had (glibc: as many as 8 a processor), and what the heap makes of it later would fill huge pages, too.
 */
static void *map(size_t size)
{
#ifdef __SANITIZE_ADDRESS__
    (void)size;
    return NULL; /* on the heap its ends are watched */
#else
    void *p = host_alloc != NULL ? MAP_FAILED
                                 : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
#endif
}

void *kmi_alloc_aligned(size_t size, size_t alignment)
{
    unsigned char *raw = NULL;
    uintptr_t aligned;
    size_t all, mapped;

    if (alignment < sizeof(before)) alignment = sizeof(before);
    if (size > SIZE_MAX / 2) return NULL;
    all = size + alignment + sizeof(before);
    if (alignment >= huge_page) raw = map(all);
    mapped = raw == NULL ? 0 : all;
    if (raw == NULL) raw = kmi_alloc(all);
    if (raw == NULL) return NULL;
    aligned = ((uintptr_t)raw + sizeof(before) + alignment - 1) & ~(uintptr_t)(alignment - 1);
    ((before *)aligned)[-1] = (before){raw, mapped};
    /* A wish, not a need. Not for what is another's: it would stay so when it is free, and each touch fill a huge page. */
    if (mapped > 0) (void)madvise((void *)aligned, size, MADV_HUGEPAGE);
    return (void *)aligned;
}

void kmi_free_aligned(void *p, size_t size)
{
    before b;

    (void)size;
    if (p == NULL) return;
    b = ((before *)p)[-1];
    if (b.mapped > 0)
        munmap(b.raw, b.mapped);
    else
        kmi_free(b.raw);
}

bool kmi_system_has_room(size_t size)
{
    void *volatile p = malloc(size); /* volatile: the compiler may leave out a malloc that is only freed */
    bool found = p != NULL;

    free(p);
    return found;
}
