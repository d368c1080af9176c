/* Records under attack: readers that fail again and again, gaps, every wait ended from outside, memory. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "kmt.h"
#include "kmt_scene.h"
#include "base/thread.h"
#include "kerma/kerma.h"

enum { INTERVAL = 4096 };

/* ---- a reader that keeps what it gets, and fails when it is told to ---- */

typedef struct reader {
    unsigned char *bytes;
    size_t size, room;
    atomic_ullong next;        /* number of the block that is to come */
    atomic_ullong fail_at;     /* from this block on it fails, ... */
    atomic_ullong fail_from;   /* if it begins with this history or a later one, ... */
    atomic_int failures;       /* so often */
    atomic_bool hold;          /* blocks wait while it is set */
    atomic_int inside;         /* calls under way */
    atomic_ullong calls;
    long pause_ns;
    int disposed;
} reader;

static void sleep_ns(long ns)
{
    struct timespec pause = {ns / 1000000000, ns % 1000000000};
    nanosleep(&pause, NULL);
}

static kma_status take(kma_run_manager run, const kma_block *block, void *context)
{
    reader *r = context;
    size_t bytes = block->count * block->record_size;
    uint64_t history;

    (void)run;
    assert_int_equal(atomic_fetch_add(&r->inside, 1), 0); /* one call at a time */
    atomic_fetch_add(&r->calls, 1);
    assert_true(block->number == r->next && block->count > 0);
    if (r->pause_ns > 0) sleep_ns(r->pause_ns);
    while (r->hold) sleep_ns(100000);
    memcpy(&history, block->records, sizeof history);
    if (block->number >= r->fail_at && history >= r->fail_from && r->failures > 0) {
        r->failures--;
        atomic_fetch_sub(&r->inside, 1);
        return (kma_status)201;
    }
    r->next++;
    if (r->size + bytes > r->room) {
        r->room = 2 * (r->size + bytes);
        r->bytes = realloc(r->bytes, r->room);
        assert_non_null(r->bytes);
    }
    memcpy(r->bytes + r->size, block->records, bytes);
    r->size += bytes;
    atomic_fetch_sub(&r->inside, 1);
    return KMA_OK;
}

/* The same without keeping anything. */
static kma_status look(kma_run_manager run, const kma_block *block, void *context)
{
    reader *r = context;

    (void)run;
    (void)block;
    atomic_fetch_add(&r->calls, 1);
    if (r->pause_ns > 0) sleep_ns(r->pause_ns);
    while (r->hold) sleep_ns(100000);
    return KMA_OK;
}

static void dispose(void *context)
{
    reader *r = context;
    assert_int_equal(r->inside, 0);
    r->disposed++;
}

static reader *new_reader(void)
{
    reader *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->fail_at = UINT64_MAX;
    return r;
}

static void free_reader(reader *r)
{
    free(r->bytes);
    free(r);
}

static kma_run_manager steps_to(int threads, kma_block_fn *fn, reader *r, size_t block)
{
    kma_run_manager run = kmt_water_run(threads);
    kma_record_options options;

    assert_ok(kma_record_options_defaults(&options));
    options.block = block;
    assert_ok(kma_run_manager_on_step_block(run, &options, fn, r, dispose));
    return run;
}

/* All steps of this many histories in order, as one serial run makes them. */
static reader *whole_stream(uint64_t histories)
{
    reader *r = new_reader();
    kma_run_manager run = steps_to(0, take, r, 1000);

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, histories));
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    return r;
}

static void assert_same_stream(const reader *a, const reader *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

/* Every history below `histories` begins once. */
static void assert_each_once(const reader *r, size_t histories)
{
    const kma_step *step = (const kma_step *)(const void *)r->bytes;
    unsigned char *seen = calloc(histories, 1);
    size_t i, n = 0;

    for (i = 0; i < r->size / sizeof *step; i++) {
        if (step[i].process != KMA_PROCESS_SOURCE) continue;
        assert_true(step[i].history < histories);
        assert_int_equal(seen[step[i].history]++, 0);
        n++;
    }
    assert_int_equal(n, histories);
    free(seen);
}

/* Returns when nobody makes histories any more: all wait for something. */
static uint64_t wait_for_standstill(kma_run_manager run, uint64_t at_least)
{
    kma_progress progress = {.size = sizeof progress};
    uint64_t last = 0;
    int still = 0;

    while (still < 20) {
        sleep_ns(2000000);
        assert_ok(kma_run_manager_progress(run, &progress));
        still = progress.histories >= at_least && progress.histories == last ? still + 1 : 0;
        last = progress.histories;
    }
    return last;
}

/* ---- failures ---- */

TEST(a_reader_that_fails_again_and_again_freezes_no_run_and_misses_nothing)
{
    enum { FAILURES = 7, HISTORIES = 5000 }; /* more failures than pieces, more histories than an interval */
    reader *whole = whole_stream((FAILURES + 1) * HISTORIES);
    int threads, i;

    for (threads = 0; threads <= 3; threads++) {
        reader *r = new_reader();
        kma_run_manager run = steps_to(threads, take, r, 700);
        uint64_t done = 0;

        r->fail_at = 3;
        r->failures = FAILURES;
        assert_ok(kma_run_manager_initialize(run));
        for (i = 0; i < FAILURES; i++) {
            assert_int_equal((int)kma_run_manager_beam_on(run, HISTORIES), 201);
            assert_int_equal(r->next, 3);
            if (i == 0) done = kmt_histories(run);
        }
        /* The next runs began with the block, not with histories. */
        if (threads == 0) assert_int_equal(kmt_histories(run), done);
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        assert_int_equal(kmt_histories(run), (FAILURES + 1) * HISTORIES);
        assert_same_stream(r, whole); /* failures leave no trace in the order */
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        free_reader(r);
    }
    free_reader(whole);
}

TEST(a_refused_last_block_is_delivered_by_the_next_run)
{
    enum { HISTORIES = 5000 };
    reader *whole = whole_stream(HISTORIES);
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        reader *r = new_reader();
        kma_run_manager run = steps_to(threads, take, r, 1 << 20); /* one block, cut by the end of the run */

        r->fail_at = 0;
        r->failures = 2;
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal((int)kma_run_manager_beam_on(run, HISTORIES), 201);
        assert_int_equal(kmt_histories(run), HISTORIES);
        assert_int_equal((int)kma_run_manager_beam_on(run, 0), 201);
        assert_ok(kma_run_manager_beam_on(run, 0));
        assert_int_equal(r->next, 1);
        assert_same_stream(r, whole);
        assert_ok(kma_run_manager_beam_on(run, 0));
        assert_int_equal(r->next, 1);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        free_reader(r);
    }
    free_reader(whole);
}

typedef struct gap {
    atomic_bool open; /* the worker at history 4096 may go on */
} gap;

static kma_status stop_at_second_interval(kma_run_manager run, const kma_worker *worker, void *context)
{
    gap *g = context;

    (void)run;
    while (worker->history == INTERVAL && !g->open) sleep_ns(100000);
    return KMA_OK;
}

TEST(a_refused_block_beyond_a_gap_of_missing_histories_ends_the_run)
{
    enum { HISTORIES = 8 * INTERVAL, RECORDERS = 3 };
    reader *r[RECORDERS];
    kma_run_manager run = kmt_water_run(2);
    kma_record_options options;
    gap g = {false};
    int i;

    assert_ok(kma_record_options_defaults(&options));
    options.block = 1000;
    for (i = 0; i < RECORDERS; i++) { /* several, so that the gap's records fill more pieces than there are */
        r[i] = new_reader();
        assert_ok(kma_run_manager_on_step_block(run, &options, take, r[i], NULL));
    }
    assert_ok(kma_run_manager_on_history_begin(run, stop_at_second_interval, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, HISTORIES));
    wait_for_standstill(run, INTERVAL + 100); /* the other worker has gone beyond what is missing */
    assert_ok(kma_run_manager_abort(run));
    r[2]->failures = 1000000;
    r[2]->fail_at = 0;
    r[2]->fail_from = 2 * INTERVAL; /* beyond the gap: what is missing comes before it */
    g.open = true;
    assert_int_equal((int)kma_run_manager_wait(run, -1), 201);
    for (i = 0; i < 3; i++) assert_int_equal((int)kma_run_manager_beam_on(run, 0), 201);
    r[2]->failures = 0;
    assert_ok(kma_run_manager_beam_on(run, 0));
    for (i = 0; i < RECORDERS; i++) assert_each_once(r[i], HISTORIES);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    for (i = 0; i < RECORDERS; i++) free_reader(r[i]);
}

TEST(no_failing_allocation_loses_a_record_or_freezes_a_run)
{
    enum { HISTORIES = 9000 };
    reader *whole = whole_stream(HISTORIES);
    int threads;
    long n;

    for (threads = 0; threads <= 2; threads += 2) {
        int failed = 0;
        for (n = 1; n <= 24; n += threads == 0 ? 1 : 3) {
            reader *r = new_reader();
            kma_run_manager run = steps_to(threads, take, r, 700);
            kma_progress progress = {.size = sizeof progress};
            kma_status status;

            assert_ok(kma_run_manager_initialize(run));
            kmt_fail_allocation(n);
            status = kma_run_manager_beam_on(run, HISTORIES);
            failed += kmt_allocation_failed();
            if (kmt_allocation_failed())
                assert_int_equal(status, KMA_ERR_MEMORY);
            else
                assert_int_equal(status, KMA_OK);
            kmt_fail_allocation(0);
            assert_ok(kma_run_manager_progress(run, &progress));
            assert_ok(kma_run_manager_beam_on(run, HISTORIES - progress.target)); /* the call may have failed at once */
            assert_int_equal(kmt_histories(run), HISTORIES);
            assert_each_once(r, HISTORIES);
            if (threads == 0) assert_same_stream(r, whole);
            assert_ok(kma_run_manager_close(run));
            assert_ok(kma_run_manager_release(&run));
            free_reader(r);
        }
        assert_true(failed > 5);
    }
    free_reader(whole);
}

/* ---- a scene that changes while blocks are pending ---- */

TEST(a_changed_scene_begins_with_block_0_and_nothing_of_the_old_result)
{
    enum { HISTORIES = 9000 };
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        reader *r = new_reader();
        kma_scene scene = kmt_water_scene();
        kma_run_options run_options;
        kma_record_options options;
        kma_run_manager run = {0};
        const kma_step *step;
        size_t i;

        assert_ok(kma_run_options_defaults(&run_options));
        run_options.threads = threads;
        run_options.seed = 7;
        assert_ok(kma_run_manager_create(scene, &run_options, &run));
        assert_ok(kma_record_options_defaults(&options));
        options.block = 700;
        assert_ok(kma_run_manager_on_step_block(run, &options, take, r, NULL));
        assert_ok(kma_run_manager_initialize(run));
        r->fail_at = 5;
        r->failures = 1;
        assert_int_equal((int)kma_run_manager_beam_on(run, HISTORIES), 201);
        assert_ok(kma_scene_set_cut_energy(scene, 0.059)); /* Compton's photons end now */
        assert_ok(kma_run_manager_initialize(run));
        r->next = 0;
        r->size = 0;
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        assert_each_once(r, HISTORIES);
        step = (const kma_step *)(const void *)r->bytes;
        for (i = 0; i < r->size / sizeof *step; i++)
            assert_true(step[i].process == KMA_PROCESS_CUT || step[i].energy >= 0.059);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        assert_ok(kma_scene_release(&scene));
        free_reader(r);
    }
}

/* ---- a serial run that pauses ---- */

TEST(a_serial_run_that_pauses_delivers_the_same_records)
{
    enum { HISTORIES = 30000 };
    reader *whole = whole_stream(HISTORIES), *r = new_reader();
    kma_run_manager run = steps_to(0, take, r, 1000);
    kma_status status;
    int pauses = 0;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, HISTORIES));
    while ((status = kma_run_manager_wait(run, 0.0005)) == KMA_ERR_TIMEOUT) pauses++;
    assert_ok(status);
    assert_true(pauses > 3);
    assert_same_stream(r, whole);
    assert_int_equal(r->next, (whole->size / sizeof(kma_step) + 999) / 1000);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    free_reader(r);
    free_reader(whole);
}

static kma_status spoil_at_block(kma_run_manager run, const kma_block *block, void *context)
{
    uint32_t upward = 0x1f80u | 0x4000u;

    (void)run;
    (void)block;
    ++*(int *)context;
    __asm__ volatile("ldmxcsr %0" : : "m"(upward));
    return KMA_OK;
}

static uint32_t float_settings(void)
{
    uint32_t mxcsr;
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    return mxcsr & ~0x3fu; /* but for the flags */
}

TEST(closing_a_paused_serial_run_delivers_what_is_held_and_leaves_the_hosts_environment)
{
    enum { CLOSE, RELEASE, SHUTDOWN, WAYS };
    int way;

    for (way = 0; way < WAYS; way++) {
        kma_run_manager run = kmt_water_run(0);
        uint32_t nearest = 0x1f80u, downward = nearest | 0x2000u;
        reader *r = new_reader();
        int blocks = 0;

        assert_ok(kma_run_manager_on_step_block(run, NULL, spoil_at_block, &blocks, NULL)); /* the end cuts its block */
        assert_ok(kma_run_manager_on_step_block(run, NULL, take, r, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_start(run, 100000000));
        assert_int_equal(kma_run_manager_wait(run, 0.002), KMA_ERR_TIMEOUT);
        blocks = 0;
        __asm__ volatile("ldmxcsr %0" : : "m"(downward)); /* the host's own choice */
        if (way == CLOSE) assert_ok(kma_run_manager_close(run));
        if (way == RELEASE) assert_ok(kma_run_manager_release(&run));
        if (way == SHUTDOWN) assert_ok(kma_shutdown());
        assert_int_equal(float_settings(), downward);
        __asm__ volatile("ldmxcsr %0" : : "m"(nearest));
        assert_true(blocks >= 1 && r->size > 0);
        if (way != RELEASE) assert_ok(kma_run_manager_release(&run));
        free_reader(r);
    }
}

static kma_status slow_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                            void *context)
{
    (void)run;
    (void)worker;
    (void)step;
    (void)action;
    (void)context;
    sleep_ns(1000000);
    return KMA_OK;
}

TEST(a_serial_run_with_slow_observers_of_steps_keeps_its_time_limit)
{
    kma_run_manager run = kmt_water_run(0);
    uint64_t begin;

    assert_ok(kma_run_manager_on_step(run, slow_step, NULL, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, 2000));
    begin = kmi_clock_ns();
    assert_int_equal(kma_run_manager_wait(run, 0.02), KMA_ERR_TIMEOUT);
    assert_true_msg(kmi_clock_ns() - begin < 1000000000, "%g s", 1e-9 * (double)(kmi_clock_ns() - begin)); /* 2000: 10 s */
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}

/* ---- every wait ended from outside ---- */

typedef struct closer {
    kma_run_manager run;
    int way;
    atomic_bool done;
} closer;

enum { ABORT, CLOSE_IT, RELEASE_IT, SHUT_DOWN, END_WAYS };

static void *end_it(void *object)
{
    closer *c = object;
    if (c->way == ABORT) assert_ok(kma_run_manager_abort(c->run));
    if (c->way == CLOSE_IT) assert_ok(kma_run_manager_close(c->run));
    if (c->way == RELEASE_IT) assert_ok(kma_run_manager_release(&c->run));
    if (c->way == SHUT_DOWN) assert_ok(kma_shutdown());
    c->done = true;
    return NULL;
}

/* The reader holds its first block until the workers have run into the window or out of pieces. */
static void end_while_workers_wait(int threads, bool steps, int way)
{
    static const kma_history_score whole[] = {{"whole", KMA_QUANTITY_ENERGY}};
    reader *r = new_reader();
    kma_run_manager run = kmt_water_run(threads);
    kma_record_options options;
    uint64_t histories;
    closer c = {.way = way};
    pthread_t thread;

    assert_ok(kma_record_options_defaults(&options));
    options.block = 500;
    r->hold = true;
    if (steps)
        assert_ok(kma_run_manager_on_step_block(run, &options, look, r, dispose));
    else
        assert_ok(kma_run_manager_on_history_block(run, whole, 1, &options, look, r, dispose));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, 100000000));
    histories = wait_for_standstill(run, 1);
    assert_true(r->calls == 1 && histories < (uint64_t)(4 * threads + 3) * INTERVAL);
    c.run = run;
    assert_int_equal(pthread_create(&thread, NULL, end_it, &c), 0);
    sleep_ns(5000000);
    if (way == CLOSE_IT || way == SHUT_DOWN) assert_false(c.done); /* they wait for the reader */
    r->hold = false;
    if (way == ABORT) assert_fails(kma_run_manager_wait(run, -1), KMA_ERR_ABORTED, "aborted");
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (way == ABORT) assert_ok(kma_run_manager_close(run));
    if (way == RELEASE_IT) assert_ok(kma_shutdown());
    assert_int_equal(r->disposed, 1);
    if (way != RELEASE_IT) assert_ok(kma_run_manager_release(&run));
    free_reader(r);
}

TEST(abort_close_release_and_shutdown_end_workers_that_wait_for_the_window_or_a_piece)
{
    int threads, way;

    for (threads = 1; threads <= 2; threads++)
        for (way = 0; way < END_WAYS; way++) {
            end_while_workers_wait(threads, false, way);
            end_while_workers_wait(threads, true, way);
        }
    kmt_assert_no_live_objects();
}

static kma_status release_inside(kma_run_manager run, const kma_block *block, void *context)
{
    kma_run_manager *last = context;

    (void)block;
    if (last->bits == 0) return KMA_OK; /* what was handed over is delivered all the same */
    assert_fails(kma_run_manager_close(run), KMA_ERR_BUSY, "callback");
    assert_fails(kma_run_manager_beam_on(run, 1), KMA_ERR_BUSY, "callback");
    assert_fails(kma_shutdown(), KMA_ERR_BUSY, "callback");
    assert_ok(kma_run_manager_abort(run));
    return kma_run_manager_release(last);
}

TEST(a_reader_may_release_the_last_name_of_its_run_manager)
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        kma_run_manager run = kmt_water_run(threads), last = run;
        kma_record_options options;
        assert_ok(kma_record_options_defaults(&options));
        options.block = 100;
        assert_ok(kma_run_manager_on_step_block(run, &options, release_inside, &last, NULL));
        assert_ok(kma_run_manager_initialize(run));
        (void)kma_run_manager_beam_on(run, 100000); /* aborted; or its name is gone before the wait begins */
        assert_ok(kma_shutdown());
        assert_int_equal(last.bits, 0);
    }
    kmt_assert_no_live_objects();
}

/* ---- memory ---- */

enum { HEAD = 16 }; /* the size in front of what is given out */

static atomic_llong live_bytes, peak_bytes;

static void count_bytes(long long more)
{
    long long now = atomic_fetch_add(&live_bytes, more) + more, peak = peak_bytes;
    while (peak < now && !atomic_compare_exchange_weak(&peak_bytes, &peak, now)) {}
}

static void *counting_alloc(size_t size, void *context)
{
    char *p = malloc(size + HEAD);
    (void)context;
    if (p == NULL) return NULL;
    memcpy(p, &size, sizeof size);
    count_bytes((long long)size);
    return p + HEAD;
}

static void counting_free(void *p, void *context)
{
    size_t size;
    (void)context;
    if (p == NULL) return;
    memcpy(&size, (char *)p - HEAD, sizeof size);
    count_bytes(-(long long)size);
    free((char *)p - HEAD);
}

static void *counting_realloc(void *p, size_t size, void *context)
{
    char *moved;
    size_t before;

    if (p == NULL) return counting_alloc(size, context);
    memcpy(&before, (char *)p - HEAD, sizeof before);
    moved = realloc((char *)p - HEAD, size + HEAD);
    if (moved == NULL) return NULL;
    memcpy(moved, &size, sizeof size);
    count_bytes((long long)size - (long long)before);
    return moved + HEAD;
}

TEST(a_slow_reader_costs_no_more_memory_than_is_promised)
{
    enum { WORKERS = 8, HISTORIES = 60 * INTERVAL };
    long long plain, most, others;
    reader *r = new_reader();
    kma_run_manager run;

    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
    assert_ok(kma_set_allocator(counting_alloc, counting_realloc, counting_free, NULL));
    run = kmt_water_run(WORKERS);
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    plain = peak_bytes;
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    others = live_bytes; /* the table of handles stays */

    peak_bytes = 0;
    r->pause_ns = 300000;
    run = steps_to(WORKERS, look, r, 1000);
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    most = peak_bytes;
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    assert_int_equal(live_bytes, others);
    print_message("%d workers: %.1f MiB, with a slow reader of all steps %.2f MiB more a worker\n", WORKERS,
                  (double)plain / 1048576, (double)(most - plain) / 1048576 / WORKERS);
    assert_true(most - plain < WORKERS * 5ll * 1048576);
    assert_ok(kma_set_allocator(NULL, NULL, NULL, NULL));
    free_reader(r);
}

/* A photon passes 4000 slabs in a row: 8000 steps, 1.3 MB of records a history. */
static kma_run_manager run_of_slabs(int threads)
{
    const double world_size[3] = {20, 20, 100}, slab_size[3] = {10, 10, 0.01};
    kma_solid world_solid = {0}, slab_solid = {0};
    kma_volume world = {0}, slab = {0};
    kma_material vacuum = {0};
    kma_spectrum spectrum = {0};
    kma_source_options beam;
    kma_source source = {0};
    kma_scorer energy = {0};
    kma_scene scene = {0};
    kma_run_options options;
    kma_run_manager run = {0};
    int i;

    assert_ok(kma_solid_create_box(world_size, &world_solid));
    assert_ok(kma_solid_create_box(slab_size, &slab_solid));
    assert_ok(kma_volume_create("world", world_solid, vacuum, &world));
    assert_ok(kma_volume_create("slab", slab_solid, vacuum, &slab));
    for (i = 0; i < 4000; i++) assert_ok(kma_volume_place(world, slab, (const double[3]){0, 0, 0.02 * (i - 2000)}, NULL));
    assert_ok(kma_spectrum_create_mono(0.06, &spectrum));
    assert_ok(kma_source_options_defaults(&beam));
    beam.kind = KMA_SOURCE_PENCIL;
    beam.position[2] = -48;
    assert_ok(kma_source_create(&beam, spectrum, &source));
    assert_ok(kma_scorer_create_volume("slab", slab, &energy));
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, source));
    assert_ok(kma_scene_add_scorer(scene, energy));
    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_IGNORE, 0));
    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_solid_release(&world_solid));
    assert_ok(kma_solid_release(&slab_solid));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&slab));
    assert_ok(kma_spectrum_release(&spectrum));
    assert_ok(kma_source_release(&source));
    assert_ok(kma_scorer_release(&energy));
    assert_ok(kma_scene_release(&scene));
    return run;
}

TEST(the_room_of_histories_with_very_many_records_is_given_back)
{
    enum { WORKERS = 4, HISTORIES = 60 };
    long long before, after;
    reader *r = new_reader();
    kma_record_options options;
    kma_run_manager run;

    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
    assert_ok(kma_set_allocator(counting_alloc, counting_realloc, counting_free, NULL));
    run = run_of_slabs(WORKERS);
    assert_ok(kma_record_options_defaults(&options));
    options.block = 1000;
    assert_ok(kma_run_manager_on_step_block(run, &options, look, r, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 0));
    before = live_bytes;
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    after = live_bytes;
    assert_int_equal(r->calls, HISTORIES * 8003 / 1000 + (HISTORIES * 8003 % 1000 != 0));
    assert_true_msg(after - before < 1048576, "%lld bytes stay", after - before);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_set_allocator(NULL, NULL, NULL, NULL));
    free_reader(r);
}
