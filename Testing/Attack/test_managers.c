/* Many run managers in one process: one after the other, at once, inside one another, waiting for one another. */
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"
#include "kerma/kerma.h"
#include "kmt.h"
#include "kmt_scene.h"

enum { HISTORIES = 50 };

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* On threads that are not the test's own, cmocka cannot end the test. */
static void must(kma_status status)
{
    if (status == KMA_OK) return;
    print_error("%s: %s\n", kma_status_name(status), kma_error_message());
    abort();
}

static size_t count_entries(const char *path)
{
    DIR *directory = opendir(path);
    size_t n = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL) n++;
    closedir(directory);
    return n - 2; /* . and .. */
}

static size_t threads_now(void) { return count_entries("/proc/self/task"); }
static size_t descriptors_now(void) { return count_entries("/proc/self/fd"); }

/* A joined thread may be seen for a moment yet. */
static void assert_threads(size_t wanted)
{
    int i;

    for (i = 0; i < 1000 && threads_now() != wanted; i++) sleep_ms(1);
    assert_int_equal(threads_now(), wanted);
}

static kma_run_manager run_of(kma_scene scene, int threads)
{
    kma_run_options options;
    kma_run_manager run = {0};

    must(kma_run_options_defaults(&options));
    options.threads = threads;
    options.seed = 7;
    must(kma_run_manager_create(scene, &options, &run));
    return run;
}

static void hash_of(kma_run_manager run, char out[KMA_HASH_SIZE])
{
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};

    must(kma_run_manager_snapshot(run, &result));
    must(kma_result_get_info(result, &info));
    memcpy(out, info.scores_hash, KMA_HASH_SIZE);
    must(kma_result_release(&result));
}

/* A whole life: created, initialized, run, closed; its scores. */
static void live(kma_scene scene, int threads, char hash[KMA_HASH_SIZE])
{
    kma_run_manager run = run_of(scene, threads);

    must(kma_run_manager_initialize(run));
    must(kma_run_manager_beam_on(run, HISTORIES));
    if (hash != NULL) hash_of(run, hash);
    must(kma_run_manager_close(run));
    must(kma_run_manager_release(&run));
}

/* ---- one after the other ---- */

static size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long size = 0, resident = 0;

    malloc_trim(0); /* what is free already is the C library's to keep */
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2);
    fclose(file);
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

TEST(memory_threads_and_descriptors_do_not_grow_from_the_100th_to_the_1000th)
{
    enum { FIRST = KMT_SANITIZED ? 20 : 100, LAST = KMT_SANITIZED ? 40 : 1000, MIB = 1 << 20 };
    size_t heap = 0, resident = 0, threads = 0, descriptors = 0;
    int i;

    /* Otherwise the C library, whose malloc tests use for all, keeps a worker's 4 MB free in each arena it makes. */
    assert_true(KMT_SANITIZED || mallopt(M_MMAP_THRESHOLD, MIB) == 1);
    for (i = 1; i <= LAST; i++) {
        kma_scene scene = kmt_water_scene();
        live(scene, i % 3, NULL);
        assert_ok(kma_scene_release(&scene));
        if (i != FIRST) continue;
        heap = heap_bytes();
        resident = resident_bytes();
        threads = threads_now();
        descriptors = descriptors_now();
    }
    assert_threads(threads);
    assert_int_equal(descriptors_now(), descriptors);
    print_message("from %d to %d: %lld bytes of heap, %lld resident\n", FIRST, LAST,
                  (long long)heap_bytes() - (long long)heap, (long long)resident_bytes() - (long long)resident);
    if (KMT_SANITIZED) return; /* a sanitizer keeps what was freed */
    assert_true(heap_bytes() <= heap + MIB);
    assert_true(resident_bytes() <= resident + MIB);
}

typedef struct lives { kma_scene scene; int count, first; char wanted[KMA_HASH_SIZE]; } lives;

static void *live_often(void *object)
{
    const lives *l = object;
    char hash[KMA_HASH_SIZE];
    int i;

    for (i = 0; i < l->count; i++) {
        live(l->scene, (l->first + i) % 4, hash);
        if (strcmp(hash, l->wanted) != 0) abort();
    }
    return NULL;
}

TEST(a_thousand_run_managers_in_eight_threads_give_the_same_scores_and_leave_nothing)
{
    enum { THREADS = 8, ALL = KMT_SANITIZED ? 96 : 1000 };
    kma_scene scene = kmt_water_scene();
    lives l[THREADS];
    pthread_t threads[THREADS];
    size_t threads_before, descriptors_before;
    char wanted[KMA_HASH_SIZE];
    uint64_t begun;
    int i;

    live(scene, 2, wanted); /* also: a sanitizer may make a thread with the first one */
    threads_before = threads_now();
    descriptors_before = descriptors_now();
    begun = kmi_clock_ns();
    for (i = 0; i < THREADS; i++) {
        l[i] = (lives){scene, ALL / THREADS, i, ""};
        memcpy(l[i].wanted, wanted, sizeof wanted);
        assert_int_equal(pthread_create(&threads[i], NULL, live_often, &l[i]), 0);
    }
    for (i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    print_message("%d run managers in %.1f s\n", ALL, (double)(kmi_clock_ns() - begun) * 1e-9);
    assert_threads(threads_before);
    assert_int_equal(descriptors_now(), descriptors_before);
    assert_ok(kma_scene_release(&scene));
    kmt_assert_no_live_objects();
}

/* ---- at once ---- */

TEST(twenty_run_at_once_and_each_has_its_own_scores)
{
    enum { MANY = 20 };
    kma_scene scene = kmt_water_scene();
    kma_run_manager runs[MANY];
    char wanted[KMA_HASH_SIZE], hash[KMA_HASH_SIZE];
    size_t threads_before = threads_now();
    int i;

    live(scene, 0, wanted);
    for (i = 0; i < MANY; i++) {
        runs[i] = run_of(scene, 1 + i % 3);
        assert_ok(kma_run_manager_initialize(runs[i]));
    }
    assert_true(threads_now() >= 1 + MANY * 2);
    for (i = 0; i < MANY; i++) assert_ok(kma_run_manager_start(runs[i], HISTORIES));
    for (i = 0; i < MANY; i++) assert_ok(kma_run_manager_wait(runs[i], -1));
    for (i = 0; i < MANY; i++) {
        hash_of(runs[i], hash);
        assert_string_equal(hash, wanted);
        assert_ok(kma_run_manager_close(runs[i]));
        assert_ok(kma_run_manager_release(&runs[i]));
    }
    assert_ok(kma_scene_release(&scene));
    assert_threads(threads_before);
}

TEST(sixty_four_workers_on_few_processors_give_the_same_scores)
{
    kma_scene scene = kmt_water_scene();
    kma_run_manager serial = run_of(scene, 0), many = run_of(scene, 64);
    char wanted[KMA_HASH_SIZE], hash[KMA_HASH_SIZE];
    size_t threads_before = threads_now();

    assert_ok(kma_run_manager_initialize(serial));
    assert_ok(kma_run_manager_beam_on(serial, 20000));
    assert_ok(kma_run_manager_initialize(many));
    assert_true(threads_now() >= 65);
    assert_ok(kma_run_manager_beam_on(many, 20000));
    hash_of(serial, wanted);
    hash_of(many, hash);
    assert_string_equal(hash, wanted);
    assert_ok(kma_run_manager_close(many));
    assert_ok(kma_run_manager_release(&many));
    assert_ok(kma_run_manager_release(&serial));
    assert_ok(kma_scene_release(&scene));
    assert_threads(threads_before);
}

/* ---- inside one another ---- */

typedef struct inner { kma_scene scene; char wanted[KMA_HASH_SIZE]; atomic_int lives, wrong; } inner;

static kma_status live_inside(kma_run_manager run, const kma_worker *worker, void *context)
{
    inner *in = context;
    char hash[KMA_HASH_SIZE];

    (void)run;
    if (worker->history % 10 != 3) return KMA_OK;
    live(in->scene, (int)(worker->history / 10 % 3), hash);
    if (strcmp(hash, in->wanted) != 0) atomic_fetch_add(&in->wrong, 1);
    atomic_fetch_add(&in->lives, 1);
    return KMA_OK;
}

TEST(a_run_manager_lives_inside_a_callback_of_another)
{
    inner in = {.scene = kmt_water_scene()};
    int threads;

    live(in.scene, 0, in.wanted);
    for (threads = 0; threads <= 2; threads++) {
        kma_run_manager run = run_of(in.scene, threads);
        char hash[KMA_HASH_SIZE];

        assert_ok(kma_run_manager_on_history_begin(run, live_inside, &in, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        hash_of(run, hash);
        assert_string_equal(hash, in.wanted);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
    assert_int_equal(atomic_load(&in.lives), 15);
    assert_int_equal(atomic_load(&in.wrong), 0);
    assert_ok(kma_scene_release(&in.scene));
}

/* ---- waiting for one another ---- */

enum { RING_MAX = 3 };
typedef enum how { BY_CLOSE, BY_WAIT, BY_SHORT_WAIT } how;
typedef struct ring {
    kma_run_manager runs[RING_MAX];
    int count;
    how how;
    atomic_int inside;                      /* callbacks that have met */
    _Atomic int got[RING_MAX];              /* what waiting for the next one returned */
    char text[RING_MAX][256];
} ring;
typedef struct place { ring *ring; int index; } place;

static kma_status wait_for_the_next(kma_run_manager run, const kma_worker *worker, void *context)
{
    place *p = context;
    ring *r = p->ring;
    kma_run_manager next = r->runs[(p->index + 1) % r->count];
    kma_status status = KMA_OK;

    (void)run;
    if (worker->history != 0) return KMA_OK;
    atomic_fetch_add(&r->inside, 1);
    while (atomic_load(&r->inside) < r->count) sleep_ms(1);
    if (r->how == BY_CLOSE) status = kma_run_manager_close(next);
    if (r->how == BY_WAIT) status = kma_run_manager_wait(next, -1);
    if (r->how == BY_SHORT_WAIT) status = kma_run_manager_wait(next, 0.05);
    snprintf(r->text[p->index], sizeof r->text[p->index], "%s", kma_error_message());
    atomic_store(&r->got[p->index], (int)status);
    return KMA_OK;
}

static void make_ring(ring *r, place *places, int count, how by, int threads)
{
    kma_scene scene = kmt_water_scene();
    int i;

    memset(r, 0, sizeof *r);
    r->count = count;
    r->how = by;
    for (i = 0; i < count; i++) {
        places[i] = (place){r, i};
        r->runs[i] = run_of(scene, threads);
        assert_ok(kma_run_manager_on_history_begin(r->runs[i], wait_for_the_next, &places[i], NULL));
        assert_ok(kma_run_manager_initialize(r->runs[i]));
    }
    assert_ok(kma_scene_release(&scene));
}

static int count_got(const ring *r, kma_status status)
{
    int i, n = 0;

    for (i = 0; i < r->count; i++) n += atomic_load(&r->got[i]) == (int)status;
    return n;
}

static void *beam_serially(void *object)
{
    kma_run_manager *run = object;

    (void)kma_run_manager_beam_on(*run, 1); /* closed meanwhile */
    return NULL;
}

TEST(callbacks_that_wait_for_one_another_get_busy_instead_of_a_freeze)
{
    int count, threads, i;
    how by;

    for (count = 2; count <= RING_MAX; count++)
        for (by = BY_CLOSE; by <= BY_WAIT; by++)
            for (threads = 0; threads <= 2; threads++) {
                ring r;
                place places[RING_MAX];
                pthread_t callers[RING_MAX];

                make_ring(&r, places, count, by, threads);
                for (i = 0; i < count; i++)
                    assert_int_equal(pthread_create(&callers[i], NULL, beam_serially, &r.runs[i]), 0);
                for (i = 0; i < count; i++) assert_int_equal(pthread_join(callers[i], NULL), 0);
                assert_int_equal(count_got(&r, KMA_ERR_BUSY), 1); /* the one that would have closed the ring */
                for (i = 0; i < count; i++)
                    if (atomic_load(&r.got[i]) == KMA_ERR_BUSY) assert_non_null(strstr(r.text[i], "never return"));
                for (i = 0; i < count; i++) assert_ok(kma_run_manager_release(&r.runs[i]));
                assert_ok(kma_shutdown());
            }
}

TEST(a_wait_with_a_time_limit_may_be_part_of_a_ring)
{
    ring r;
    place places[RING_MAX];
    int i;

    make_ring(&r, places, 2, BY_SHORT_WAIT, 1);
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_start(r.runs[i], 1));
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_wait(r.runs[i], -1));
    assert_int_equal(count_got(&r, KMA_ERR_BUSY), 0);
    assert_true(count_got(&r, KMA_ERR_TIMEOUT) >= 1);
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_release(&r.runs[i]));
}

static kma_status wait_for_another(kma_run_manager run, const kma_worker *worker, void *context)
{
    kma_run_manager *other = context;

    (void)run;
    return worker->history == 5 ? kma_run_manager_wait(*other, -1) : KMA_OK;
}

TEST(several_callbacks_may_wait_for_one_run_and_chains_are_no_rings)
{
    kma_scene scene = kmt_water_scene();
    kma_run_manager last = run_of(scene, 1), middle = run_of(scene, 2), first[2] = {run_of(scene, 1), run_of(scene, 2)};
    int i;

    assert_ok(kma_run_manager_on_history_begin(middle, wait_for_another, &last, NULL));
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_on_history_begin(first[i], wait_for_another, &middle, NULL));
    assert_ok(kma_run_manager_initialize(last));
    assert_ok(kma_run_manager_initialize(middle));
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_initialize(first[i]));
    assert_ok(kma_run_manager_start(last, 20000));
    assert_ok(kma_run_manager_start(middle, HISTORIES));
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_start(first[i], HISTORIES));
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_wait(first[i], -1));
    assert_ok(kma_run_manager_wait(middle, 0));
    assert_ok(kma_run_manager_wait(last, 0));
    for (i = 0; i < 2; i++) assert_ok(kma_run_manager_release(&first[i]));
    assert_ok(kma_run_manager_release(&middle));
    assert_ok(kma_run_manager_release(&last));
    assert_ok(kma_scene_release(&scene));
}

/* ---- contexts are dropped elsewhere ---- */

static _Thread_local bool on_worker;
static atomic_int dropped, dropped_on_worker;

static void note_drop(void *context)
{
    (void)context;
    atomic_fetch_add(&dropped, 1);
    if (on_worker) atomic_fetch_add(&dropped_on_worker, 1);
}

static kma_status do_nothing(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    return KMA_OK;
}

/* Makes one in any state and forgets it: its last use goes on this worker. */
static kma_status make_and_release(kma_run_manager run, const kma_worker *worker, void *context)
{
    kma_scene *scene = context;
    kma_run_manager made = run_of(*scene, (int)(worker->history % 3));

    (void)run;
    on_worker = true;
    must(kma_run_manager_on_history_begin(made, do_nothing, NULL, note_drop));
    if (worker->history % 2 == 0) must(kma_run_manager_initialize(made));
    must(kma_run_manager_release(&made));
    return KMA_OK;
}

TEST(a_context_is_never_dropped_on_a_worker_whatever_is_released_there)
{
    kma_scene scene = kmt_water_scene();
    kma_run_manager run = run_of(scene, 2);
    int i;

    atomic_store(&dropped, 0);
    assert_ok(kma_run_manager_on_history_end(run, make_and_release, &scene, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 36));
    for (i = 0; i < 5000 && atomic_load(&dropped) < 36; i++) sleep_ms(1); /* soon, not only at the end */
    assert_int_equal(atomic_load(&dropped), 36);
    assert_ok(kma_run_manager_close(run));
    assert_int_equal(atomic_load(&dropped), 36);
    assert_int_equal(atomic_load(&dropped_on_worker), 0);
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
}
