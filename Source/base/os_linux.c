/* Linux: see os.h. */
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

uint64_t kmi_clock_ns(void)
{
    struct timespec t = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail: the clock exists and the pointer is good */
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

uint64_t kmi_clock_coarse_ms(void)
{
    struct timespec t = {0, 0};

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t); /* cannot fail, as above */
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t kmi_deadline(uint64_t timeout_ns)
{
    uint64_t now = kmi_clock_ns();

    return timeout_ns > KMI_FOREVER - now ? KMI_FOREVER : now + timeout_ns;
}

uint64_t kmi_time_left(uint64_t deadline_ns)
{
    uint64_t now;

    if (deadline_ns == KMI_FOREVER) return KMI_FOREVER;
    now = kmi_clock_ns();
    return deadline_ns > now ? deadline_ns - now : 0;
}

/* Reads a small file of /proc or /sys, whose st_size says nothing; false if it cannot be read. */
static bool read_small(const char *path, char *text, size_t size)
{
    size_t have = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (file < 0) return false;
    while (have < size - 1) {
        ssize_t n = read(file, text + have, size - 1 - have);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        have += (size_t)n;
    }
    close(file);
    text[have] = '\0';
    return have > 0;
}

/* "200000 100000" (quota and period in us) or "max 100000": 0 is no limit. */
static int quota_of_group(const char *root, const char *group)
{
    char path[PATH_MAX], text[64], *rest = NULL;
    long quota, period;

    if (snprintf(path, sizeof path, "%s%s/cpu.max", root, group) >= (int)sizeof path) return 0;
    if (!read_small(path, text, sizeof text)) return 0;
    quota = strtol(text, &rest, 10);
    if (rest == text || quota <= 0) return 0;
    period = strtol(rest, NULL, 10);
    if (period <= 0) return 0;
    quota = (quota - 1) / period + 1;
    return quota > INT_MAX ? INT_MAX : (int)quota;
}

int kmi_quota_processors(const char *root, const char *groups)
{
    char group[PATH_MAX];
    const char *start = strncmp(groups, "0::", 3) == 0 ? groups : strstr(groups, "\n0::");
    size_t length;
    int least = 0;

    if (start == NULL) return 0; /* no version 2 hierarchy */
    start = strchr(start, '/');
    if (start == NULL) return 0;
    length = strcspn(start, "\n");
    if (length >= sizeof group) return 0;
    memcpy(group, start, length);
    group[length] = '\0';
    /* Each group above limits what is below it. */
    for (;;) {
        char *last = strrchr(group, '/');
        int n = quota_of_group(root, strcmp(group, "/") == 0 ? "" : group);

        if (n > 0 && (least == 0 || n < least)) least = n;
        if (last == NULL) break;
        *last = '\0';
    }
    return least;
}

static int affinity_processors(void)
{
    int possible;

    /* The kernel refuses a set that is smaller than its own: double it until it fits. */
    for (possible = 1024; possible <= 1 << 20; possible *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)possible);
        size_t size = CPU_ALLOC_SIZE((size_t)possible);
        int n = 0, error = 0;

        if (set == NULL) break;
        if (sched_getaffinity(0, size, set) == 0)
            n = CPU_COUNT_S(size, set);
        else
            error = errno;
        CPU_FREE(set);
        if (n > 0) return n;
        if (error != EINVAL) break;
    }
    return 1;
}

int kmi_processors(void)
{
    char groups[4096];
    int n = affinity_processors();
    int quota = 0;

    if (read_small("/proc/self/cgroup", groups, sizeof groups)) quota = kmi_quota_processors("/sys/fs/cgroup", groups);
    return quota > 0 && quota < n ? quota : n;
}

/*
 * The number is kept in a page that the kernel empties in every child
 * (MADV_WIPEONFORK, Linux 4.14). A handler of pthread_atfork would not be
 * called for a child made with clone or _Fork.
 */
pid_t kmi_process_id(void)
{
    static atomic_int *_Atomic page;
    atomic_int *cached = atomic_load_explicit(&page, memory_order_acquire);
    int id;

    if (cached == NULL) {
        size_t size = (size_t)sysconf(_SC_PAGESIZE);
        atomic_int *expected = NULL;
        void *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (fresh == MAP_FAILED) return getpid();
        if (madvise(fresh, size, MADV_WIPEONFORK) != 0) {
            munmap(fresh, size);
            return getpid();
        }
        cached = fresh;
        if (!atomic_compare_exchange_strong_explicit(&page, &expected, cached, memory_order_acq_rel,
                                                     memory_order_acquire)) {
            munmap(fresh, size); /* another thread was faster */
            cached = expected;
        }
    }
    id = atomic_load_explicit(cached, memory_order_relaxed);
    if (id == 0) { /* the first call of this process; several threads store the same number */
        id = getpid();
        atomic_store_explicit(cached, id, memory_order_relaxed);
    }
    return id;
}

const char *kmi_errno_text(int error)
{
    const char *text = strerrordesc_np(error); /* not translated, unlike strerror */

    return text == NULL ? "unknown error" : text;
}
