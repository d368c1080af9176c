/* Records in blocks: the same bytes for any number of threads, in order, bounded, and none missing. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "kmt.h"
#include "kmt_scene.h"
#include "kerma/kerma.h"

enum { INTERVAL = 4096 };

/* All that was delivered to one observer. */
typedef struct delivered {
    unsigned char *bytes;
    size_t size, room, record_size;
    size_t sizes[4096]; /* records of each block */
    size_t blocks;
    uint64_t last;      /* history */
    bool ordered;
    uint64_t fail_at;   /* fails at the block with this number */
    int failures;
    long pause_ns;
    atomic_ullong begun;       /* the highest history begun */
    unsigned long long ahead;  /* how far it was ahead of a block, in intervals */
    pthread_t thread;
} delivered;

static kma_status take(kma_run_manager run, const kma_block *block, void *context)
{
    delivered *d = context;
    const unsigned char *record = block->records;
    uint64_t history;
    size_t bytes = block->count * block->record_size, i;

    (void)run;
    assert_true(block->count > 0 && block->record_size == d->record_size);
    assert_true(block->number == d->blocks);
    d->thread = pthread_self();
    if (block->number == d->fail_at && d->failures++ < 2) return (kma_status)200;
    if (d->pause_ns > 0) {
        struct timespec pause = {0, d->pause_ns};
        memcpy(&history, record, sizeof history);
        nanosleep(&pause, NULL); /* time for the workers to run ahead */
        if (d->begun / INTERVAL > history / INTERVAL && d->begun / INTERVAL - history / INTERVAL > d->ahead)
            d->ahead = d->begun / INTERVAL - history / INTERVAL;
    }
    for (i = 0; i < block->count; i++) {
        memcpy(&history, record + i * block->record_size, sizeof history);
        if (d->size > 0 || i > 0) d->ordered = d->ordered && history >= d->last;
        d->last = history;
    }
    if (d->size + bytes > d->room) {
        d->room = 2 * (d->size + bytes);
        d->bytes = realloc(d->bytes, d->room);
        assert_non_null(d->bytes);
    }
    memcpy(d->bytes + d->size, block->records, bytes);
    d->size += bytes;
    d->sizes[d->blocks++] = block->count;
    return KMA_OK;
}

static delivered *new_delivered(size_t record_size)
{
    delivered *d = calloc(1, sizeof *d);
    assert_non_null(d);
    d->record_size = record_size;
    d->ordered = true;
    d->fail_at = UINT64_MAX;
    return d;
}

static void free_delivered(void *context)
{
    delivered *d = context;
    free(d->bytes);
    free(d);
}

static void assert_same_delivery(const delivered *a, const delivered *b)
{
    assert_true(a->size == b->size && a->blocks == b->blocks);
    assert_memory_equal(a->sizes, b->sizes, a->blocks * sizeof a->sizes[0]);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

static const kma_history_score scores[] = {{"whole", KMA_QUANTITY_ENERGY},
                                           {"detector", KMA_QUANTITY_PRIMARY_COUNT},
                                           {"detector", KMA_QUANTITY_SCATTER_ENERGY},
                                           {"dose", KMA_QUANTITY_ENERGY}};

typedef struct score_row { uint64_t history; double whole, primaries, scatter, dose; } score_row;

static kma_run_manager recorded_run(int threads, delivered *steps, delivered *rows, size_t block)
{
    kma_run_manager run = kmt_water_run(threads);
    kma_record_options options;

    assert_ok(kma_record_options_defaults(&options));
    options.block = block;
    if (steps != NULL) assert_ok(kma_run_manager_on_step_block(run, &options, take, steps, NULL));
    if (rows != NULL) assert_ok(kma_run_manager_on_history_block(run, scores, 4, &options, take, rows, NULL));
    return run;
}

TEST(blocks_hold_the_same_bytes_for_any_number_of_threads)
{
    static const int threads[] = {0, 1, 2, 7};
    static const uint64_t beams[] = {3 * INTERVAL, 17, 20000, 1};
    delivered *first_steps = NULL, *first_rows = NULL;
    size_t t, b;

    for (t = 0; t < 4; t++) {
        delivered *steps = new_delivered(sizeof(kma_step)), *rows = new_delivered(sizeof(score_row));
        kma_run_manager run = recorded_run(threads[t], steps, rows, 1000);
        assert_ok(kma_run_manager_initialize(run));
        for (b = 0; b < 4; b++) assert_ok(kma_run_manager_beam_on(run, beams[b]));
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        assert_true(steps->ordered && rows->ordered && steps->size > 30000 * sizeof(kma_step));
        if (threads[t] > 0) assert_false(pthread_equal(steps->thread, pthread_self()));
        if (t == 0) {
            first_steps = steps;
            first_rows = rows;
            continue;
        }
        assert_same_delivery(first_steps, steps);
        assert_same_delivery(first_rows, rows);
        free_delivered(steps);
        free_delivered(rows);
    }
    free_delivered(first_steps);
    free_delivered(first_rows);
}

/* What each history deposits in the box, added up from its steps. */
static void add_step(const kma_step *step, score_row *row)
{
    if (step->placement == 1) row->whole += step->deposited;
    if (step->process == KMA_PROCESS_DETECTOR && step->energy == 0.06) row->primaries += 1;
}

TEST(recorded_scores_are_those_of_each_history_and_add_up_to_the_result)
{
    delivered *steps = new_delivered(sizeof(kma_step)), *rows = new_delivered(sizeof(score_row));
    kma_run_manager run = recorded_run(2, steps, rows, 65536);
    const kma_step *step;
    const score_row *row;
    score_row *own = calloc(20000, sizeof *own);
    kma_result result = {0};
    double total[4] = {0}, expected;
    size_t i, with_row = 0, index;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 20000));
    assert_ok(kma_run_manager_snapshot(run, &result));
    step = (const kma_step *)(const void *)steps->bytes;
    row = (const score_row *)(const void *)rows->bytes;
    for (i = 0; i < steps->size / sizeof *step; i++) add_step(&step[i], &own[step[i].history]);
    for (i = 0; i < rows->size / sizeof *row; i++) {
        assert_near(row[i].whole, own[row[i].history].whole, 1e-15);
        assert_near(row[i].dose, row[i].whole, 1e-15); /* the grid covers the box */
        assert_true(row[i].primaries == 0 || row[i].primaries == 1);
        assert_true(row[i].primaries <= own[row[i].history].primaries); /* Rayleigh keeps the energy, too */
        assert_true(row[i].whole != 0 || row[i].primaries != 0 || row[i].scatter != 0);
        total[0] += row[i].whole;
        total[1] += row[i].primaries;
        total[2] += row[i].scatter;
        with_row++;
    }
    assert_true(with_row > 15000 && with_row < 20000);
    for (i = 0; i < 3; i++) {
        assert_ok(kma_result_find_scorer(result, scores[i].scorer, &index));
        assert_ok(kma_result_get_total(result, index, scores[i].quantity, &expected));
        assert_near(total[i] / 20000, expected, 1e-9);
    }
    free(own);
    assert_ok(kma_result_release(&result));
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    free_delivered(steps);
    free_delivered(rows);
}

TEST(only_the_processes_asked_for_are_recorded)
{
    delivered *all = new_delivered(sizeof(kma_step)), *some = new_delivered(sizeof(kma_step));
    kma_run_manager run = recorded_run(2, all, NULL, 500);
    kma_record_options options;
    const kma_step *step;
    size_t i, n = 0, wanted = 0;

    assert_ok(kma_record_options_defaults(&options));
    options.block = 77;
    options.processes = 1u << KMA_PROCESS_COMPTON | 1u << KMA_PROCESS_ESCAPE;
    assert_ok(kma_run_manager_on_step_block(run, &options, take, some, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 5000));
    step = (const kma_step *)(const void *)all->bytes;
    for (i = 0; i < all->size / sizeof *step; i++) {
        if (step[i].process != KMA_PROCESS_COMPTON && step[i].process != KMA_PROCESS_ESCAPE) continue;
        assert_memory_equal(&step[i], some->bytes + n++ * sizeof *step, sizeof *step);
        wanted++;
    }
    assert_true(wanted > 1000 && some->size == wanted * sizeof *step);
    for (i = 0; i + 1 < some->blocks; i++) assert_int_equal(some->sizes[i], 77);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    free_delivered(all);
    free_delivered(some);
}

/* ---- a slow reader ---- */

static kma_status note_begin(kma_run_manager run, const kma_worker *worker, void *context)
{
    delivered *d = context;
    unsigned long long seen = d->begun;

    (void)run;
    while (seen < worker->history && !atomic_compare_exchange_weak(&d->begun, &seen, worker->history)) {}
    return KMA_OK;
}

TEST(workers_wait_for_a_slow_reader_within_the_window)
{
    int threads;

    for (threads = 1; threads <= 4; threads++) {
        delivered *rows = new_delivered(sizeof(score_row));
        kma_run_manager run = recorded_run(threads, NULL, rows, 2000);
        assert_ok(kma_run_manager_on_history_begin(run, note_begin, rows, NULL));
        rows->pause_ns = 2 * 1000 * 1000;
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, 30 * INTERVAL));
        /* 4 pieces a worker and one for the oldest history; a block may begin in the interval before its last piece; and
         * others may lie in between, whose workers have no piece yet and are slow to wake. */
        assert_true_msg(rows->ahead <= 5 * (unsigned long long)threads + 1, "%d threads: %llu intervals ahead", threads,
                        rows->ahead);
        assert_true(rows->ordered);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        free_delivered(rows);
    }
}

/* ---- ends before the end ---- */

static kma_status abort_late(kma_run_manager run, const kma_worker *worker, void *context)
{
    atomic_int *left = context;
    (void)worker;
    return atomic_fetch_sub(left, 1) == 1 ? kma_run_manager_abort(run) : KMA_OK;
}

TEST(what_an_aborted_run_delivers_is_what_its_result_holds)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        delivered *steps = new_delivered(sizeof(kma_step));
        kma_run_manager run = recorded_run(threads, steps, NULL, 1000);
        atomic_int left = 21000;
        const kma_step *step;
        unsigned char *seen = calloc(60000, 1);
        size_t i, sources = 0;

        assert_ok(kma_run_manager_on_history_end(run, abort_late, &left, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_fails(kma_run_manager_beam_on(run, 60000), KMA_ERR_ABORTED, "aborted");
        step = (const kma_step *)(const void *)steps->bytes;
        for (i = 0; i < steps->size / sizeof *step; i++) sources += step[i].process == KMA_PROCESS_SOURCE;
        assert_true(sources == kmt_histories(run) && sources >= 21000);
        assert_true(steps->ordered);
        assert_ok(kma_run_manager_beam_on(run, 0));
        step = (const kma_step *)(const void *)steps->bytes;
        sources = 0;
        for (i = 0; i < steps->size / sizeof *step; i++) {
            if (step[i].process != KMA_PROCESS_SOURCE) continue;
            assert_int_equal(seen[step[i].history]++, 0); /* each once */
            sources++;
        }
        assert_int_equal(sources, 60000);
        free(seen);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        free_delivered(steps);
    }
}

TEST(a_reader_that_fails_gets_the_same_block_again_and_none_is_missing)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        delivered *whole = new_delivered(sizeof(kma_step)), *broken = new_delivered(sizeof(kma_step));
        kma_run_manager run = recorded_run(0, whole, NULL, 1000);
        const kma_step *a, *b;
        size_t i;

        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, 30000));
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));

        run = recorded_run(threads, broken, NULL, 1000);
        broken->fail_at = 5;
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal((int)kma_run_manager_beam_on(run, 30000), 200);
        assert_true(strstr(kma_error_message(), "records") != NULL);
        assert_int_equal(broken->blocks, 5);
        assert_int_equal((int)kma_run_manager_beam_on(run, 0), 200); /* the same one again */
        assert_int_equal(broken->blocks, 5);
        assert_ok(kma_run_manager_beam_on(run, 0));
        assert_int_equal(kmt_histories(run), 30000);
        assert_int_equal(broken->size, whole->size);
        /* In the order of runs: within each they rise. */
        assert_memory_equal(whole->bytes, broken->bytes, 5000 * sizeof(kma_step));
        a = (const kma_step *)(const void *)whole->bytes;
        b = (const kma_step *)(const void *)broken->bytes;
        for (i = 0; threads == 0 && i < whole->size / sizeof *a; i++) assert_memory_equal(&a[i], &b[i], sizeof *a);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        free_delivered(whole);
        free_delivered(broken);
    }
}

static kma_status refuse_history(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    return worker->history == *(uint64_t *)context ? KMA_ERR_OBSERVER : KMA_OK;
}

TEST(a_history_that_an_observer_refuses_leaves_no_record_and_has_one_when_it_is_run_again)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        delivered *steps = new_delivered(sizeof(kma_step));
        kma_run_manager run = recorded_run(threads, steps, NULL, 100);
        uint64_t refused = 9000;
        const kma_step *step;
        size_t i, at = 0;

        assert_ok(kma_run_manager_on_history_end(run, refuse_history, &refused, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_fails(kma_run_manager_beam_on(run, 20000), KMA_ERR_OBSERVER, "history end");
        step = (const kma_step *)(const void *)steps->bytes;
        for (i = 0; i < steps->size / sizeof *step; i++) at += step[i].history == 9000;
        assert_int_equal(at, 0);
        refused = UINT64_MAX;
        assert_ok(kma_run_manager_beam_on(run, 0));
        step = (const kma_step *)(const void *)steps->bytes;
        for (i = 0; i < steps->size / sizeof *step; i++)
            at += step[i].history == 9000 && step[i].process == KMA_PROCESS_SOURCE;
        assert_int_equal(at, 1);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        free_delivered(steps);
    }
}

TEST(bad_requests_for_records_are_refused_and_contexts_disposed)
{
    kma_run_manager run = kmt_water_run(0);
    kma_history_score none[] = {{"nothing", KMA_QUANTITY_ENERGY}}, bad[] = {{"detector", KMA_QUANTITY_ENERGY}};
    kma_record_options options;

    assert_ok(kma_record_options_defaults(&options));
    options.block = 0;
    assert_fails(kma_run_manager_on_step_block(run, &options, take, new_delivered(8), free_delivered), KMA_ERR_ARGUMENT,
                 "0 records");
    options.block = 10;
    options.processes = 0;
    assert_fails(kma_run_manager_on_step_block(run, &options, take, new_delivered(8), free_delivered), KMA_ERR_ARGUMENT,
                 "processes");
    assert_fails(kma_run_manager_on_step_block(run, NULL, NULL, new_delivered(8), free_delivered), KMA_ERR_ARGUMENT, "fn");
    assert_fails(kma_run_manager_on_history_block(run, none, 0, NULL, take, new_delivered(8), free_delivered),
                 KMA_ERR_ARGUMENT, "1 to 64");
    assert_fails(kma_run_manager_on_history_block(run, NULL, 1, NULL, take, new_delivered(8), free_delivered),
                 KMA_ERR_ARGUMENT, "1 to 64");
    assert_ok(kma_run_manager_on_history_block(run, none, 1, NULL, take, new_delivered(8), free_delivered));
    assert_fails(kma_run_manager_initialize(run), KMA_ERR_ARGUMENT, "'nothing'");
    assert_ok(kma_run_manager_release(&run));
    run = kmt_water_run(2);
    assert_ok(kma_run_manager_on_history_block(run, bad, 1, NULL, take, new_delivered(8), free_delivered));
    assert_fails(kma_run_manager_initialize(run), KMA_ERR_ARGUMENT, "primary and scatter");
    assert_fails(kma_run_manager_on_history_block(run, scores, 4, NULL, take, new_delivered(8), free_delivered), KMA_ERR_STATE,
                 "before the first initialize");
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
}
