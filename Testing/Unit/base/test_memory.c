/* The door to the heap: aligned blocks, and those for huge pages, which go back to the system. */
#include "kmt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "kerma/kerma.h"

static const size_t mib = 1u << 20;

TEST(aligned_blocks_are_zeroed_and_aligned)
{
    size_t alignment, sizes[] = {1, 64, 4096, 3 * mib}, i;

    for (alignment = 1; alignment <= 2 * mib; alignment *= 2)
        for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *p = kmi_alloc_aligned(sizes[i], alignment);
            size_t k;
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % alignment, 0);
            for (k = 0; k < sizes[i]; k += 997) assert_int_equal(p[k], 0);
            memset(p, 0xff, sizes[i]);
            kmi_free_aligned(p, sizes[i]);
        }
    kmi_free_aligned(NULL, 1);
    assert_null(kmi_alloc_aligned(SIZE_MAX - 5, 64));
    assert_null(kmi_alloc_aligned(SIZE_MAX / 2, 2 * mib));
}

TEST(blocks_for_huge_pages_go_back_to_the_system)
{
#ifdef __SANITIZE_ADDRESS__
    skip(); /* they are on the heap */
#else
    int i;

    assert_ok(kma_set_allocator(NULL, NULL, NULL, NULL)); /* tests have one of their own */
    for (i = 0; i < 30; i++) {
        unsigned char there, *p = kmi_alloc_aligned(4 * mib, 2 * mib);
        assert_non_null(p);
        memset(p, 1, 4 * mib);
        assert_int_equal(mincore(p, 4 * mib - 4096, (unsigned char[1024]){0}), 0);
        kmi_free_aligned(p, 4 * mib);
        assert_int_equal(mincore(p, 4096, &there), -1);
        assert_int_equal(errno, ENOMEM); /* nothing is mapped there */
    }
#endif
}

static int calls;

static void *host_alloc(size_t size, void *context)
{
    (void)context;
    calls++;
    return malloc(size);
}

static void *host_realloc(void *p, size_t size, void *context)
{
    (void)context;
    return realloc(p, size);
}

static void host_free(void *p, void *context)
{
    (void)context;
    calls--;
    free(p);
}

/* Whether huge pages are wished for where p points to. */
static bool wants_huge_pages(const void *p)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    unsigned long from = 0, to = 0;
    bool wanted = false;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long a, b;
        if (sscanf(line, "%lx-%lx ", &a, &b) == 2) from = a, to = b;
        if (strncmp(line, "VmFlags:", 8) == 0 && (uintptr_t)p >= from && (uintptr_t)p < to)
            wanted = strstr(line, " hg") != NULL;
    }
    fclose(file);
    return wanted;
}

TEST(a_hosts_allocator_is_asked_for_all_of_them_and_its_memory_stays_as_it_is)
{
    void *p;

    assert_ok(kma_set_allocator(host_alloc, host_realloc, host_free, NULL));
    p = kmi_alloc_aligned(4 * mib, 2 * mib);
    assert_non_null(p);
    assert_int_equal(calls, 1);
    assert_false(wants_huge_pages(p));
    kmi_free_aligned(p, 4 * mib);
    assert_int_equal(calls, 0);
    assert_ok(kma_set_allocator(NULL, NULL, NULL, NULL));
}
