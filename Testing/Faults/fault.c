/* See fault.h. */
#include "fault.h"

#include <dirent.h>
#include <malloc.h>
#include <stdatomic.h>
#include <time.h>

static atomic_long asked, fired, blocks, bytes;
static atomic_long first; /* 0: none fails */
static atomic_bool for_good;

bool fault_fails_now(void)
{
    long n = atomic_fetch_add(&asked, 1) + 1, at = atomic_load(&first);

    if (at == 0 || (atomic_load(&for_good) ? n < at : n != at)) return false;
    atomic_fetch_add(&fired, 1);
    return true;
}

static void *counted_alloc(size_t size, void *context)
{
    void *p = fault_fails_now() ? NULL : malloc(size);

    (void)context;
    if (p == NULL) return NULL;
    atomic_fetch_add(&blocks, 1);
    atomic_fetch_add(&bytes, (long)malloc_usable_size(p));
    return p;
}

static void *counted_realloc(void *p, size_t size, void *context)
{
    long before = p == NULL ? 0 : (long)malloc_usable_size(p);
    void *moved;

    (void)context;
    if (fault_fails_now()) return NULL;
    moved = realloc(p, size);
    if (moved == NULL) return NULL;
    if (p == NULL) atomic_fetch_add(&blocks, 1);
    atomic_fetch_add(&bytes, (long)malloc_usable_size(moved) - before);
    return moved;
}

static void counted_free(void *p, void *context)
{
    (void)context;
    atomic_fetch_sub(&blocks, 1);
    atomic_fetch_sub(&bytes, (long)malloc_usable_size(p));
    free(p);
}

void fault_install(void)
{
    assert_ok(kma_set_allocator(counted_alloc, counted_realloc, counted_free, NULL));
}

void fault_arm(long n, fault_mode mode)
{
    atomic_store(&first, 0);
    atomic_store(&asked, 0);
    atomic_store(&fired, 0);
    atomic_store(&for_good, mode == FAULT_FROM_THERE);
    atomic_store(&first, n);
}

void fault_disarm(void)
{
    atomic_store(&first, 0);
}

long fault_asked(void)
{
    return atomic_load(&asked);
}

long fault_fired(void)
{
    return atomic_load(&fired);
}

long fault_blocks(void)
{
    return atomic_load(&blocks);
}

long fault_bytes(void)
{
    return atomic_load(&bytes);
}

int fault_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL) n++;
    closedir(dir);
    return n - 2; /* . and .. */
}

void fault_wait_for_threads(int most)
{
    const struct timespec a_moment = {0, 1000000};
    int i, n = fault_threads();

    for (i = 0; i < 5000 && n > most; i++) {
        nanosleep(&a_moment, NULL);
        n = fault_threads();
    }
    assert_true_msg(n <= most, "%d threads are left, %d were expected", n, most);
}

bool fault_judge(fault_log *log, kma_status status, long fired_before, const uint64_t *name_bits, const char *call)
{
    const char *text = kma_error_message();

    if (status == KMA_OK) {
        if (fault_fired() > fired_before) {
            log->swallowed++;
            log->swallower = call;
        }
        return true;
    }
    log->failed_calls++;
    assert_true_msg(fault_fired() > 0, "%s: %s: '%s', but no allocation failed", call, kma_status_name(status), text);
    assert_true_msg(status == KMA_ERR_MEMORY || (status == KMA_ERR_THREAD && log->may_be_a_thread), "%s: %s: '%s', expected KMA_ERR_MEMORY", call, kma_status_name(status),
                    text);
    assert_true_msg(text[0] != '\0' && strchr(text, '\n') == NULL, "%s: the text is '%s'", call, text);
    assert_true_msg(name_bits == NULL || *name_bits == 0, "%s failed but made a name", call);
    return false;
}
