/* The door to the heap: aligned blocks, and those for huge pages, which go back to the system. */
#include "kmt.h"

#include <errno.h>
#include <stdlib.h>
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

TEST(a_hosts_allocator_is_asked_for_all_of_them)
{
    void *p;

    assert_ok(kma_set_allocator(host_alloc, host_realloc, host_free, NULL));
    p = kmi_alloc_aligned(4 * mib, 2 * mib);
    assert_non_null(p);
    assert_int_equal(calls, 1);
    kmi_free_aligned(p, 4 * mib);
    assert_int_equal(calls, 0);
    assert_ok(kma_set_allocator(NULL, NULL, NULL, NULL));
}
