/* Test support: see kmt.h. */
#include "kmt.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TESTS_MAX = 1000 };
static struct CMUnitTest tests[TESTS_MAX];
static size_t test_count;
static uint64_t running_seed;

void kmt_register(const char *name, void (*function)(void **state))
{
    struct CMUnitTest t = {name, function, NULL, NULL, NULL};
    if (test_count == TESTS_MAX) abort();
    memcpy(&tests[test_count++], &t, sizeof t);
}

uint64_t kmt_seed_first(void)
{
    const char *text = getenv("KMT_SEED");
    return text == NULL ? 1 : strtoull(text, NULL, 10);
}

uint64_t kmt_seed_last(uint64_t count)
{
    const char *text = getenv("KMT_SEED");
    return text == NULL ? count : strtoull(text, NULL, 10);
}

void kmt_seed_running(uint64_t seed)
{
    running_seed = seed;
}

static void tell_seed(void)
{
    if (running_seed != 0)
        print_error("the failing seed is %llu: run again with KMT_SEED=%llu\n", (unsigned long long)running_seed,
                    (unsigned long long)running_seed);
    running_seed = 0;
}

static size_t left_alive[KMA_KIND_END]; /* by tests that failed for it, so that the others do not */

static size_t count_left(void)
{
    size_t n = 0;
    int kind;

    for (kind = 1; kind < KMA_KIND_END; kind++)
        if (kma_live_objects((kma_kind)kind) > left_alive[kind]) n += kma_live_objects((kma_kind)kind) - left_alive[kind];
    return n;
}

/* Whether a test gave everything back: threads of released run managers may still be ending. */
static int after_each(void **state)
{
    const struct timespec a_moment = {0, 1000000};
    int kind, i;

    (void)state;
    tell_seed();
    for (i = 0; count_left() > 0 && i < 10000; i++) nanosleep(&a_moment, NULL);
    if (count_left() == 0) return 0;
    for (kind = 1; kind < KMA_KIND_END; kind++) {
        if (kma_live_objects((kma_kind)kind) > left_alive[kind])
            print_error("the test left %zu objects of kind %d alive\n",
                        kma_live_objects((kma_kind)kind) - left_alive[kind], kind);
        left_alive[kind] = kma_live_objects((kma_kind)kind);
    }
    return -1;
}

void kmt_assert_ok(kma_status status, const char *call, const char *file, int line)
{
    if (status == KMA_OK) return;
    print_error("%s: %s: %s\n", call, kma_status_name(status), kma_error_message());
    _fail(file, line);
}

void kmt_assert_fails(kma_status status, kma_status expected, const char *part, const char *call, const char *file,
                      int line)
{
    if (status == expected && strstr(kma_error_message(), part) != NULL) return;
    print_error("%s: %s: '%s', expected %s with '%s'\n", call, kma_status_name(status), kma_error_message(),
                kma_status_name(expected), part);
    _fail(file, line);
}

void kmt_assert_near(double a, double b, double tolerance, const char *a_text, const char *b_text, const char *file,
                     int line)
{
    if (fabs(a - b) <= tolerance) return;
    print_error("%s = %.17g, %s = %.17g: apart by %g, allowed %g\n", a_text, a, b_text, b, fabs(a - b), tolerance);
    _fail(file, line);
}

void kmt_assert_no_live_objects(void)
{
    int kind;
    for (kind = 1; kind < KMA_KIND_END; kind++) {
        if (kma_live_objects((kma_kind)kind) != 0)
            print_error("%zu objects of kind %d are still alive\n", kma_live_objects((kma_kind)kind), kind);
        assert_int_equal(kma_live_objects((kma_kind)kind), 0);
    }
}

static atomic_long allocations_left;
static atomic_bool allocation_failed;

static bool fails_now(void)
{
    long left = atomic_load(&allocations_left);
    if (left <= 0) return false;
    left = atomic_fetch_sub(&allocations_left, 1);
    if (left != 1) return false;
    atomic_store(&allocation_failed, true);
    return true;
}

static void *hooked_alloc(size_t size, void *context)
{
    (void)context;
    return fails_now() ? NULL : malloc(size);
}

static void *hooked_realloc(void *p, size_t size, void *context)
{
    (void)context;
    return fails_now() ? NULL : realloc(p, size);
}

static void hooked_free(void *p, void *context)
{
    (void)context;
    free(p);
}

void kmt_fail_allocation(long n)
{
    atomic_store(&allocation_failed, false);
    atomic_store(&allocations_left, n);
}

bool kmt_allocation_failed(void)
{
    return atomic_load(&allocation_failed);
}

const char *kmt_shared_data(const char *relative)
{
    static char path[4096];
    const char *base = getenv("KERMA_SHARED_DATA");
    if (base == NULL) base = KMT_SHARED_DATA;
    snprintf(path, sizeof path, "%s/%s", base, relative);
    if (access(path, R_OK) == 0) return path;
    print_message("skipped: no real data at %s (set KERMA_SHARED_DATA)\n", path);
    return NULL;
}

static char scratch[64];

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f)
{
    (void)s;
    (void)flag;
    (void)f;
    return remove(path);
}

static void remove_scratch(void)
{
    if (scratch[0] != '\0') nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *kmt_scratch(void)
{
    if (scratch[0] == '\0') {
        snprintf(scratch, sizeof scratch, "/tmp/kerma-test.XXXXXX");
        if (mkdtemp(scratch) == NULL) abort();
        atexit(remove_scratch);
    }
    return scratch;
}

kmi_vec3 kmt_direction(kmi_rng *rng)
{
    for (;;) { /* Marsaglia 1972 */
        double a = 2 * kmi_rng_uniform(rng) - 1, b = 2 * kmi_rng_uniform(rng) - 1, s = a * a + b * b;
        if (s < 1) return kmi_vec(2 * a * sqrt(1 - s), 2 * b * sqrt(1 - s), 1 - 2 * s);
    }
}

int main(void)
{
    size_t i;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (kma_set_allocator(hooked_alloc, hooked_realloc, hooked_free, NULL) != KMA_OK) return 1;
    for (i = 0; i < test_count; i++) tests[i].teardown_func = after_each;
    cmocka_set_test_filter(getenv("KMT_ONLY")); /* NULL: all */
    return _cmocka_run_group_tests("kerma", tests, test_count, NULL, NULL);
}
