/*
 * Errors from anywhere: observers, scorers, transport and commits that fail on
 * any worker at any history, several of them at once. The error of the lowest
 * history number reaches the caller, what was committed is kept and exact, and
 * the run manager goes on to the bits of an undisturbed run.
 */
#include "fault.h"
#include "kmt_scene.h"
#include "life.h"

#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/handle.h"
#include "base/os.h"
#include "run/run_manager.h"

enum { HISTORIES = 20000, FAILURES_MAX = 8 };

/* The inside of a run manager, for as long as the caller holds its name. */
static kmi_run_manager *inside_of(kma_run_manager run)
{
    void *object = NULL;

    assert_ok(kmi_handle_pin(KMA_KIND_RUN_MANAGER, run.bits, &object));
    kmi_handle_unpin(run.bits);
    return object;
}

static const char *undisturbed(void)
{
    static char hash[KMA_HASH_SIZE];

    if (hash[0] == '\0') {
        kma_run_manager run = kmt_water_run(0);
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        kmt_scores_hash(run, hash);
        assert_ok(kma_run_manager_release(&run));
    }
    return hash;
}

/* ---- what fails --------------------------------------------------------- */

typedef enum failure_kind { AT_BEGIN, AT_A_STEP, AT_END, IN_A_SCORER, IN_TRANSPORT, KINDS } failure_kind;

typedef struct failure {
    uint64_t history;
    failure_kind kind;
    atomic_bool on;
} failure;

typedef struct disturbance {
    kmi_run_manager *run;
    failure list[FAILURES_MAX];
    int count;
    atomic_int failed;                /* histories that did, in this run */
    atomic_uchar ended[HISTORIES];    /* how often each came to its end */
    /* Another way: the low history waits until the run has heard of the high one. */
    uint64_t low, high;
    /* And another: each worker takes a snapshot in each interval, so that its commit copies what that shares. */
    bool shares;
    kma_result shared[4];
} disturbance;

static failure *failure_of(disturbance *d, uint64_t history)
{
    int i;

    for (i = 0; i < d->count; i++)
        if (d->list[i].history == history && atomic_load(&d->list[i].on)) return &d->list[i];
    return NULL;
}

static kma_status status_of(const failure *f)
{
    return f->kind == IN_A_SCORER ? KMA_ERR_RANGE : f->kind == IN_TRANSPORT ? KMA_ERR_INTERNAL
                                                                           : (kma_status)(100 + (int)(f->history % 900));
}

static kma_status refuse(const failure *f, const char *where)
{
    return kmi_fail(status_of(f), "history %llu is refused at its %s", (unsigned long long)f->history, where);
}

static kma_status at_begin(kma_run_manager run, const kma_worker *worker, void *context)
{
    disturbance *d = context;
    const failure *f = failure_of(d, worker->history);
    kmi_worker *w = &d->run->workers[worker->index];

    (void)run;
    w->transporter->steps_max = f != NULL && f->kind == IN_TRANSPORT ? 0 : KMI_STEPS_MAX;
    if (f == NULL) return KMA_OK;
    atomic_fetch_add(&d->failed, 1);
    return f->kind == AT_BEGIN ? refuse(f, "begin") : KMA_OK;
}

static kma_status at_end(kma_run_manager run, const kma_worker *worker, void *context)
{
    disturbance *d = context;
    const failure *f = failure_of(d, worker->history);

    if (d->shares && worker->history % KMI_INTERVAL_HISTORIES == 2000) {
        (void)kma_result_release(&d->shared[worker->index]);
        (void)kma_run_manager_snapshot(run, &d->shared[worker->index]); /* without memory: another time */
    }
    if (f != NULL && f->kind == AT_END) return refuse(f, "end");
    if (f != NULL && f->kind == IN_A_SCORER)
        kmi_scores_add(d->run->workers[worker->index].scores, KMI_LEDGER_BINS, 1e300);
    else
        atomic_fetch_add(&d->ended[worker->history], 1);
    return KMA_OK;
}

static kma_status at_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *context)
{
    const failure *f = failure_of(context, worker->history);

    (void)run;
    (void)action;
    return f != NULL && f->kind == AT_A_STEP && step->number == 1 ? refuse(f, "first step") : KMA_OK;
}

static kma_run_manager disturbed_run(int threads, disturbance *d)
{
    kma_run_manager run = kmt_water_run(threads);

    d->run = inside_of(run);
    assert_ok(kma_run_manager_on_history_begin(run, at_begin, d, NULL));
    assert_ok(kma_run_manager_on_step(run, at_step, d, NULL));
    assert_ok(kma_run_manager_on_history_end(run, at_end, d, NULL));
    assert_ok(kma_run_manager_initialize(run));
    return run;
}

/* ---- what must hold after a failure ------------------------------------- */

static failure *lowest_of(disturbance *d)
{
    failure *lowest = NULL;
    int i;

    for (i = 0; i < d->count; i++)
        if (atomic_load(&d->list[i].on) && (lowest == NULL || d->list[i].history < lowest->history))
            lowest = &d->list[i];
    return lowest;
}

/* What is held is what came to its end, and its energy is all there. */
static void assert_kept(kma_run_manager run, disturbance *d, uint64_t first_missing)
{
    kma_progress progress = {.size = sizeof progress};
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};
    uint64_t ended = 0, h;

    for (h = 0; h < HISTORIES; h++) {
        assert_in_range(d->ended[h], h < first_missing ? 1 : 0, 1);
        ended += d->ended[h];
    }
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &info));
    assert_ok(kma_run_manager_progress(run, &progress));
    assert_int_equal(info.histories, ended);
    assert_int_equal(progress.histories, ended);
    assert_int_equal(info.first_missing, first_missing);
    assert_near(info.ledger.emitted, 0.06 * (double)ended, 1e-9 * (double)ended);
    assert_true(fabs(info.ledger.balance) <= info.ledger.allowed);
    assert_ok(kma_result_release(&result));
}

/* The text names the lowest history and how many others failed. */
static void assert_told(const failure *f, int others)
{
    char name[64], more[64] = "";
    const char *text = kma_error_message(), *at;

    snprintf(name, sizeof name, "history %llu", (unsigned long long)f->history);
    at = strstr(text, name);
    assert_true_msg(at == text && (at[strlen(name)] < '0' || at[strlen(name)] > '9'), "'%s' is not about %s", text, name);
    if (others > 0) snprintf(more, sizeof more, " (and %d other failure%s)", others, others == 1 ? "" : "s");
    at = strstr(text, " (and ");
    assert_true_msg(at == NULL ? others == 0 : strcmp(at, more) == 0, "'%s' should end with '%s'", text, more);
}

/* Runs and mends the lowest failure, until all is done. */
static void run_to_the_end(kma_run_manager run, disturbance *d, uint64_t more)
{
    failure *lowest;

    while ((lowest = lowest_of(d)) != NULL) {
        kma_status status;
        atomic_store(&d->failed, 0);
        status = kma_run_manager_beam_on(run, more);
        assert_int_equal(status, status_of(lowest));
        assert_told(lowest, atomic_load(&d->failed) - 1);
        assert_kept(run, d, lowest->history);
        atomic_store(&lowest->on, false);
        more = 0;
    }
    assert_ok(kma_run_manager_beam_on(run, more));
    assert_kept(run, d, HISTORIES);
}

static void assert_undisturbed_and_close(kma_run_manager run)
{
    char hash[KMA_HASH_SIZE];

    kmt_scores_hash(run, hash);
    assert_string_equal(hash, undisturbed());
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    kmt_assert_no_live_objects();
}

static void add_failure(disturbance *d, uint64_t history, failure_kind kind)
{
    if (failure_of(d, history) != NULL) return;
    d->list[d->count].history = history;
    d->list[d->count].kind = kind;
    atomic_store(&d->list[d->count].on, true);
    d->count++;
}

/* ---- any history, any worker, any of five ways --------------------------- */

PROPERTY(whatever_histories_fail_the_lowest_is_told_and_the_others_are_kept, 42 / FAULT_STRIDE)
{
    static disturbance d;
    kma_run_manager run;
    int n = 1 + (int)(kmi_rng_uniform(rng) * FAILURES_MAX), i;

    memset(&d, 0, sizeof d);
    for (i = 0; i < n; i++) {
        /* Often near one another, so that one worker meets several and many meet one at the same time. */
        uint64_t span = kmi_rng_uniform(rng) < 0.3 ? 50 : HISTORIES;
        add_failure(&d, (uint64_t)(kmi_rng_uniform(rng) * (double)span), (failure_kind)(kmi_rng_uniform(rng) * KINDS));
    }
    run = disturbed_run(seed % 4 == 0 ? 0 : 4, &d);
    run_to_the_end(run, &d, HISTORIES);
    assert_undisturbed_and_close(run);
}

TEST(the_first_and_the_last_history_may_fail_in_every_way)
{
    static disturbance d;
    int kind, threads;

    for (kind = 0; kind < KINDS; kind++)
        for (threads = 0; threads <= 4; threads += 4) {
            kma_run_manager run;
            memset(&d, 0, sizeof d);
            add_failure(&d, 0, (failure_kind)kind);
            add_failure(&d, HISTORIES - 1, (failure_kind)kind);
            run = disturbed_run(threads, &d);
            run_to_the_end(run, &d, HISTORIES);
            assert_undisturbed_and_close(run);
        }
}

/* ---- a low history that fails after a high one ---------------------------- */

static kma_status low_after_high(kma_run_manager run, const kma_worker *worker, void *context)
{
    disturbance *d = context;
    uint64_t deadline = kmi_deadline(UINT64_C(20) * 1000 * 1000 * 1000);

    (void)run;
    if (worker->history == d->low)
        while (atomic_load(&d->run->stop_history) > d->high && kmi_time_left(deadline) > 0) sched_yield();
    return at_begin(run, worker, context);
}

TEST(a_low_history_that_fails_later_than_a_high_one_wins)
{
    static disturbance d;
    const uint64_t low[] = {0, 100, 4000, 4096}, high[] = {5000, 4096, 9000, 16384};
    size_t i;

    for (i = 0; i < sizeof low / sizeof *low; i++) {
        kma_run_manager run = kmt_water_run(4);
        memset(&d, 0, sizeof d);
        d.run = inside_of(run);
        d.low = low[i];
        d.high = high[i];
        add_failure(&d, high[i], AT_END);
        add_failure(&d, low[i], AT_BEGIN);
        assert_ok(kma_run_manager_on_history_begin(run, low_after_high, &d, NULL));
        assert_ok(kma_run_manager_on_history_end(run, at_end, &d, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal(kma_run_manager_beam_on(run, HISTORIES), status_of(&d.list[1]));
        assert_told(&d.list[1], 1); /* the high one came first, and lost */
        assert_kept(run, &d, low[i]);
        atomic_store(&d.list[1].on, false);
        d.low = UINT64_MAX; /* the high one is alone now */
        run_to_the_end(run, &d, 0);
        assert_undisturbed_and_close(run);
    }
}

/* ---- the begin and the end of a run -------------------------------------- */

typedef struct run_refusal { bool at_begin, at_end; } run_refusal;

static kma_status refuse_run_begin(kma_run_manager run, void *context)
{
    (void)run;
    return ((run_refusal *)context)->at_begin ? kmi_fail((kma_status)201, "the run may not begin") : KMA_OK;
}

static kma_status refuse_run_end(kma_run_manager run, void *context)
{
    (void)run;
    return ((run_refusal *)context)->at_end ? kmi_fail((kma_status)202, "the run may not end") : KMA_OK;
}

TEST(a_run_that_is_refused_at_its_begin_does_nothing_and_at_its_end_has_done_all)
{
    static disturbance d;
    int threads;

    for (threads = 0; threads <= 4; threads += 2) {
        run_refusal r = {true, false};
        kma_run_manager run = kmt_water_run(threads);
        memset(&d, 0, sizeof d);
        d.run = inside_of(run);
        assert_ok(kma_run_manager_on_run_begin(run, refuse_run_begin, &r, NULL));
        assert_ok(kma_run_manager_on_run_end(run, refuse_run_end, &r, NULL));
        assert_ok(kma_run_manager_on_history_begin(run, at_begin, &d, NULL));
        assert_ok(kma_run_manager_on_history_end(run, at_end, &d, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal((int)kma_run_manager_beam_on(run, HISTORIES), 201);
        assert_string_equal(kma_error_message(), "the run may not begin");
        assert_kept(run, &d, 0);
        r.at_end = true;
        assert_int_equal((int)kma_run_manager_beam_on(run, 0), 201); /* it comes first */
        assert_string_equal(kma_error_message(), "the run may not begin (and 1 other failure)");
        assert_kept(run, &d, 0);
        r.at_begin = false;
        add_failure(&d, 7000, AT_END);
        assert_int_equal(kma_run_manager_beam_on(run, 0), status_of(&d.list[0])); /* a history before the end */
        assert_told(&d.list[0], 1);
        assert_kept(run, &d, 7000);
        atomic_store(&d.list[0].on, false);
        assert_int_equal((int)kma_run_manager_beam_on(run, 0), 202);
        assert_string_equal(kma_error_message(), "the run may not end");
        assert_kept(run, &d, HISTORIES);
        r.at_end = false;
        assert_ok(kma_run_manager_beam_on(run, 0));
        assert_undisturbed_and_close(run);
    }
}

/* ---- records ---------------------------------------------------------------- */

/* What was delivered of every history, whatever the order and the cuts. */
typedef struct delivered {
    uint32_t steps[HISTORIES], scores[HISTORIES];
    double sum[HISTORIES]; /* of processes, halved: exact */
} delivered;

typedef struct receiver {
    delivered *all;
    uint64_t next[2];                   /* number of the next block of steps, of scores */
    uint64_t refused[FAILURES_MAX];     /* blocks that hold such a history are, once each */
    int refusals;
    atomic_int count;                   /* that happened */
    struct { size_t count; uint64_t first, last; } again[2]; /* the block that was refused comes next */
} receiver;

/* KMA_OK: the block is taken. */
static kma_status look_at_block(receiver *r, int kind, const kma_block *block)
{
    uint64_t first, last;
    int i;

    memcpy(&first, block->records, sizeof first);
    memcpy(&last, (const char *)block->records + (block->count - 1) * block->record_size, sizeof last);
    if (block->number != r->next[kind]) return kmi_fail((kma_status)501, "a block is missing, or comes twice");
    if (r->again[kind].count != 0 &&
        (r->again[kind].count != block->count || r->again[kind].first != first || r->again[kind].last != last))
        return kmi_fail((kma_status)502, "a block that was refused does not come again as it was");
    r->again[kind].count = 0;
    for (i = 0; i < r->refusals; i++)
        if (r->refused[i] >= first && r->refused[i] <= last) {
            r->refused[i] = UINT64_MAX;
            atomic_fetch_add(&r->count, 1);
            r->again[kind].count = block->count;
            r->again[kind].first = first;
            r->again[kind].last = last;
            return kmi_fail((kma_status)500, "history %llu begins a block that is refused", (unsigned long long)first);
        }
    r->next[kind]++;
    return KMA_OK;
}

static kma_status receive_steps(kma_run_manager run, const kma_block *block, void *context)
{
    receiver *r = context;
    const kma_step *steps = block->records;
    kma_status status = look_at_block(r, 0, block);
    size_t i;

    (void)run;
    for (i = 0; i < block->count && status == KMA_OK; i++) {
        r->all->steps[steps[i].history]++;
        r->all->sum[steps[i].history] += 0.5 * steps[i].process;
    }
    return status;
}

static kma_status receive_scores(kma_run_manager run, const kma_block *block, void *context)
{
    receiver *r = context;
    kma_status status = look_at_block(r, 1, block);
    size_t i;

    (void)run;
    for (i = 0; i < block->count && status == KMA_OK; i++) {
        uint64_t history;
        memcpy(&history, (const char *)block->records + i * block->record_size, sizeof history);
        r->all->scores[history]++;
    }
    return status;
}

static kma_run_manager recorded_run(int threads, disturbance *d, receiver *r)
{
    const kma_history_score score = {"whole", KMA_QUANTITY_ENERGY};
    kma_run_manager run = kmt_water_run(threads);
    kma_record_options options;

    d->run = inside_of(run);
    assert_ok(kma_record_options_defaults(&options));
    options.block = 700;
    assert_ok(kma_run_manager_on_history_begin(run, at_begin, d, NULL));
    assert_ok(kma_run_manager_on_step(run, at_step, d, NULL));
    assert_ok(kma_run_manager_on_history_end(run, at_end, d, NULL));
    assert_ok(kma_run_manager_on_step_block(run, &options, receive_steps, r, NULL));
    assert_ok(kma_run_manager_on_history_block(run, &score, 1, &options, receive_scores, r, NULL));
    assert_ok(kma_run_manager_initialize(run));
    return run;
}

static const delivered *undisturbed_records(void)
{
    static delivered all;
    static disturbance d;
    receiver r = {.all = &all};

    if (all.steps[0] == 0) {
        kma_run_manager run = recorded_run(0, &d, &r);
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        assert_undisturbed_and_close(run);
    }
    return &all;
}

static void assert_delivered_once(const delivered *all)
{
    const delivered *expected = undisturbed_records();
    uint64_t h;

    for (h = 0; h < HISTORIES; h++)
        assert_true_msg(all->steps[h] == expected->steps[h] && all->scores[h] == expected->scores[h] &&
                            all->sum[h] == expected->sum[h],
                        "history %llu: %u steps, %u scores were delivered, not %u, %u", (unsigned long long)h,
                        all->steps[h], all->scores[h], expected->steps[h], expected->scores[h]);
}

PROPERTY(whatever_blocks_and_histories_fail_each_record_is_delivered_once, 21 / FAULT_STRIDE)
{
    static disturbance d;
    static delivered all;
    receiver r = {.all = &all};
    kma_run_manager run;
    uint64_t more = HISTORIES;
    kma_status status;
    int runs = 0, i;

    (void)undisturbed_records();
    memset(&d, 0, sizeof d);
    memset(&all, 0, sizeof all);
    r.refusals = 1 + (int)(kmi_rng_uniform(rng) * 4);
    for (i = 0; i < r.refusals; i++) r.refused[i] = (uint64_t)(kmi_rng_uniform(rng) * HISTORIES);
    for (i = 0; i < 3; i++)
        add_failure(&d, (uint64_t)(kmi_rng_uniform(rng) * HISTORIES), (failure_kind)(kmi_rng_uniform(rng) * KINDS));
    /* A block that is the last of a run, for what follows fails. */
    if (seed % 2 == 0 && lowest_of(&d)->history > 0) r.refused[0] = lowest_of(&d)->history - 1;
    run = recorded_run(seed % 3 == 0 ? 0 : 4, &d, &r);
    while ((status = kma_run_manager_beam_on(run, more)) != KMA_OK) {
        failure *lowest = lowest_of(&d);
        unsigned long long told = 0;
        assert_true_msg(sscanf(kma_error_message(), "history %llu", &told) == 1, "'%s'", kma_error_message());
        if (status != (kma_status)500) { /* a history: the lowest of these, for all below it were tried */
            assert_int_equal(told, lowest->history);
            assert_int_equal(status, status_of(lowest));
            atomic_store(&lowest->on, false);
        } else {
            assert_true(lowest == NULL || told <= lowest->history); /* a block that begins below it */
            /* Sometimes both are mended at once, so that records follow the block that comes again. */
            if (lowest != NULL && seed % 2 == 0) atomic_store(&lowest->on, false);
        }
        more = 0;
        assert_true_msg(++runs < 3 * FAILURES_MAX, "it fails again and again: '%s'", kma_error_message());
    }
    assert_kept(run, &d, HISTORIES);
    assert_int_equal(r.count, r.refusals);
    assert_delivered_once(&all);
    assert_undisturbed_and_close(run);
}

/* ---- workers' lives ------------------------------------------------------- */

typedef struct lives {
    atomic_int begun, ended;
    int failing_begin; /* index of the worker; all of the higher ones fail too */
    int failing_end;
} lives;

static kma_status begin_life(kma_run_manager run, const kma_worker *worker, void *context)
{
    lives *l = context;

    (void)run;
    atomic_fetch_add(&l->begun, 1);
    return worker->index >= l->failing_begin ? kmi_fail((kma_status)(300 + worker->index), "it is too early") : KMA_OK;
}

static kma_status end_life(kma_run_manager run, const kma_worker *worker, void *context)
{
    lives *l = context;

    (void)run;
    atomic_fetch_add(&l->ended, 1);
    return worker->index >= l->failing_end ? kmi_fail((kma_status)(400 + worker->index), "it is too late") : KMA_OK;
}

TEST(workers_that_fail_to_begin_or_to_end_are_told_and_all_lives_are_ended)
{
    int threads, k;

    for (threads = 1; threads <= 4; threads++)
        for (k = 0; k < threads; k++) {
            lives l = {.failing_begin = k, .failing_end = 99};
            kma_run_manager run = kmt_water_run(threads);
            kma_status status;
            char name[64], more[32] = "";
            assert_ok(kma_run_manager_on_worker_begin(run, begin_life, &l, NULL));
            assert_ok(kma_run_manager_on_worker_end(run, end_life, &l, NULL));
            status = kma_run_manager_initialize(run);
            assert_in_range(status, 300 + k, 300 + threads - 1);
            snprintf(name, sizeof name, "worker %d of %d", (int)status - 300, threads);
            assert_true_msg(strstr(kma_error_message(), name) == kma_error_message(), "'%s'", kma_error_message());
            assert_non_null(strstr(kma_error_message(), "too early"));
            assert_int_equal(l.begun, l.ended);
            l.failing_begin = 99;
            l.failing_end = k;
            assert_ok(kma_run_manager_initialize(run));
            assert_ok(kma_run_manager_beam_on(run, 1000));
            assert_int_equal(kmt_histories(run), 1000);
            assert_int_equal((int)kma_run_manager_close(run), 400 + k);
            if (threads - k > 1)
                snprintf(more, sizeof more, " (and %d other failure%s)", threads - k - 1, threads - k == 2 ? "" : "s");
            snprintf(name, sizeof name, "it is too late%s", more);
            assert_string_equal(kma_error_message(), name);
            assert_int_equal(l.begun, l.ended);
            assert_ok(kma_run_manager_release(&run));
        }
    kmt_assert_no_live_objects();
}

/* ---- commits without memory ----------------------------------------------- */

/* True if a commit failed. */
static bool run_out_of_memory(int threads, long n)
{
    static disturbance d;
    static delivered all;
    receiver r = {.all = &all};
    kma_run_manager run;
    kma_status status;
    uint64_t once = 0, h;
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};
    int i;

    memset(&d, 0, sizeof d);
    memset(&all, 0, sizeof all);
    d.shares = true;
    run = recorded_run(threads, &d, &r);
    assert_ok(kma_run_manager_beam_on(run, 1000));
    fault_arm(n, FAULT_ONCE);
    status = kma_run_manager_beam_on(run, HISTORIES - 1000);
    fault_disarm();
    assert_true(status == KMA_OK || (status == KMA_ERR_MEMORY && fault_fired() > 0));
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &info));
    assert_ok(kma_result_release(&result));
    assert_true(info.histories >= 1000 && info.first_missing >= 1000);
    assert_near(info.ledger.emitted, 0.06 * (double)info.histories, 1e-9 * (double)info.histories);
    assert_true(fabs(info.ledger.balance) <= info.ledger.allowed);
    if (status != KMA_OK) assert_ok(kma_run_manager_beam_on(run, 0));
    for (h = 0; h < HISTORIES; h++) {
        assert_true(d.ended[h] >= 1); /* some twice: their first commit failed, nothing of it was kept */
        once += d.ended[h] == 1;
    }
    assert_true(once >= info.histories);
    assert_delivered_once(&all);
    for (i = 0; i < 4; i++) assert_ok(kma_result_release(&d.shared[i]));
    assert_undisturbed_and_close(run);
    return status != KMA_OK;
}

TEST(commits_that_find_no_memory_are_done_again_when_there_is_some)
{
    int threads;
    long n;

    fault_install();
    (void)undisturbed_records();
    for (threads = 0; threads <= 4; threads += 4) {
        int failed = 0, runs = 0;
        for (n = 1; n == 1 || fault_fired() > 0; n += FAULT_STRIDE > 1 ? 17 : 1) {
            failed += run_out_of_memory(threads, n);
            runs++;
        }
        print_message("%d of %d runs had no memory for a commit\n", failed, runs);
        assert_true(failed > 0);
    }
}

/* ---- an image whose majorant is exceeded --------------------------------- */

static void spoil(kmi_run_manager *run, double factor)
{
    uint32_t v;
    size_t i;

    for (v = 0; v < run->plan->geometry->volume_count; v++) {
        kmi_voxels *voxels = run->plan->voxels[v];
        if (voxels == NULL) continue;
        for (i = 0; i < KMI_CLASSES * voxels->segments; i++) voxels->majorant[i] *= factor;
    }
}

TEST(a_voxel_beyond_its_majorant_ends_the_run_with_the_first_history_that_met_it)
{
    char text[2][KMI_ERROR_TEXT_SIZE];
    int i;

    for (i = 0; i < 2; i++) { /* serial; four workers */
        life self = {.threads = 4 * i};
        char *more;
        uint64_t first = 0;
        fault_arm(0, FAULT_ONCE);
        assert_true(life_describe(&self) && life_create_run(&self) && life_initialize(&self));
        spoil(inside_of(self.run), 0.25);
        assert_int_equal(kma_run_manager_beam_on(self.run, HISTORIES), KMA_ERR_INTERNAL);
        strcpy(text[i], kma_error_message());
        if ((more = strstr(text[i], " (and ")) != NULL) *more = '\0';
        assert_int_equal(sscanf(text[i], "history %" SCNu64, &first), 1);
        assert_true(kmt_histories(self.run) >= first && kmt_histories(self.run) < HISTORIES);
        spoil(inside_of(self.run), 4);
        assert_ok(kma_run_manager_beam_on(self.run, 0));
        assert_int_equal(kmt_histories(self.run), HISTORIES);
        life_end(&self);
    }
    assert_string_equal(text[0], text[1]);
    kmt_assert_no_live_objects();
}
