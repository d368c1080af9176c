/*
 * Every wait, with one participant that does not come, dies or is slow: the wait
 * reports who, at what and since when, within the stated time, or it ends.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "kmt.h"
#include "kmt_scene.h"
#include "kerma/kerma.h"

#define LIMIT_S 0.1
#define NEVER_S 30 /* longer than anything of this test, however busy the machine is */
enum { REPORT_MS = 60000 }; /* far above LIMIT_S + 0.5 s: a busy machine is no failure, a missing report is */

/* ---- a gate that user code stands before ---- */

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    atomic_int waiting;
    uint64_t history; /* only there */
    int worker;       /* only this one; -1: any */
    int pipe[2];
    atomic_int logged;
    char log[4000]; /* what was logged, as much as fits */
} gate;

static void make_gate(gate *g)
{
    memset(g, 0, sizeof *g);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    g->worker = -1;
    assert_int_equal(pipe(g->pipe), 0);
    assert_int_equal(fcntl(g->pipe[1], F_SETFL, O_NONBLOCK), 0);
}

static void stand(gate *g)
{
    pthread_mutex_lock(&g->lock);
    if (!g->open) atomic_fetch_add(&g->waiting, 1);
    while (!g->open) pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void open_gate(gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void free_gate(gate *g)
{
    close(g->pipe[0]);
    close(g->pipe[1]);
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
}

static kma_status at_worker(kma_run_manager run, const kma_worker *worker, void *context)
{
    gate *g = context;
    (void)run;
    if ((g->worker < 0 || worker->index == g->worker) && (g->history == 0 || worker->history == g->history)) stand(g);
    return KMA_OK;
}

static kma_status at_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *context)
{
    (void)run;
    (void)worker;
    (void)action;
    if (step->history == ((gate *)context)->history) stand(context);
    return KMA_OK;
}

static kma_status at_run(kma_run_manager run, void *context)
{
    (void)run;
    stand(context);
    return KMA_OK;
}

static kma_status at_block(kma_run_manager run, const kma_block *block, void *context)
{
    (void)run;
    (void)block;
    stand(context);
    return KMA_OK;
}

static kma_status at_build(kma_run_manager run, const kma_worker *worker, void *context, void **data_out)
{
    (void)run;
    *data_out = context;
    if (worker->index == ((gate *)context)->worker) stand(context);
    return KMA_OK;
}

static void at_drop(kma_run_manager run, const kma_worker *worker, void *context, void *data)
{
    (void)run;
    (void)data;
    if (worker->index == ((gate *)context)->worker) stand(context);
}

static void at_dispose(void *context)
{
    stand(context);
}

static int at_poll(void *context)
{
    stand(context);
    return 0;
}

/* ---- a run manager that reports to the gate's pipe and the log ---- */


static void on_log(kma_log_level level, const char *text, void *context)
{
    gate *g = context;
    assert_int_equal(level, KMA_LOG_WARNING);
    pthread_mutex_lock(&g->lock);
    atomic_fetch_add(&g->logged, 1);
    strncat(g->log, text, sizeof g->log - strlen(g->log) - 1);
    pthread_mutex_unlock(&g->lock);
}

/* Among what was logged: on a slow machine there may be reports of others, too. */
static bool was_logged(gate *g, const char *text)
{
    bool found;

    pthread_mutex_lock(&g->lock);
    found = strstr(g->log, text) != NULL;
    pthread_mutex_unlock(&g->lock);
    return found;
}

static kma_run_manager reporting_run_after(double seconds, int threads, gate *g, kma_poll_fn *poll_fn)
{
    kma_scene scene = kmt_water_scene();
    kma_run_options options;
    kma_run_manager run = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.seed = 7;
    options.stall_seconds = seconds;
    options.stall_descriptor = g->pipe[1];
    options.poll = poll_fn;
    options.poll_context = g;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_set_log_sink(on_log, g));
    return run;
}

static kma_run_manager reporting_run(int threads, gate *g, kma_poll_fn *poll_fn)
{
    return reporting_run_after(LIMIT_S, threads, g, poll_fn);
}

/* A line of the pipe that says `who`, `what` and `waiter`; others may come before it. */
static void expect_report(gate *g, const char *who, const char *what, const char *waiter)
{
    char text[4096] = "";
    size_t used = 0;

    for (;;) {
        struct pollfd ready = {g->pipe[0], POLLIN, 0};
        char *line, *end;
        ssize_t n;
        if (poll(&ready, 1, REPORT_MS) != 1) break;
        n = read(g->pipe[0], text + used, sizeof text - 1 - used);
        assert_true(n > 0);
        used += (size_t)n;
        text[used] = '\0';
        for (line = text; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = '\0';
            if (strstr(line, "kerma: stall: ") == line && strstr(line, who) && strstr(line, what) && strstr(line, waiter)) return;
            *end = '\n';
        }
    }
    print_error("no report that '%s' is '%s' while '%s' waits; there was: %s\n", who, what, waiter, text);
    fail();
}

static void expect_stall(kma_run_manager run, const char *who, const char *what)
{
    kma_stall stalls[16];
    size_t n = 0, i;

    assert_ok(kma_run_manager_stalls(run, LIMIT_S, stalls, 16, &n));
    for (i = 0; i < n; i++)
        if (strstr(stalls[i].who, who) && strstr(stalls[i].doing, what) && stalls[i].seconds >= LIMIT_S) return;
    print_error("kma_run_manager_stalls does not tell that '%s' is '%s' (%zu told)\n", who, what, n);
    fail();
}

/* A call in a thread of its own: it waits, and must end when the gate opens. */
typedef struct call {
    kma_run_manager run;
    kma_status (*function)(kma_run_manager run);
    kma_status status;
    char text[1024];
    pthread_t thread;
} call;

static void *make_call(void *context)
{
    call *c = context;
    c->status = c->function(c->run);
    snprintf(c->text, sizeof c->text, "%s", kma_error_message());
    return NULL;
}

static void begin_call(call *c, kma_run_manager run, kma_status (*function)(kma_run_manager))
{
    *c = (call){.run = run, .function = function};
    assert_int_equal(pthread_create(&c->thread, NULL, make_call, c), 0);
}

static kma_status end_call(call *c)
{
    pthread_join(c->thread, NULL);
    return c->status;
}

static kma_status beam(kma_run_manager run) { return kma_run_manager_beam_on(run, 20000); }
static kma_status start(kma_run_manager run) { return kma_run_manager_start(run, 20000); }
static kma_status shut_down(kma_run_manager run)
{
    (void)run;
    return kma_shutdown();
}

/* The call reports that somebody is at something; then the gate opens, the call ends well, and the run goes on. */
static void check_wait(kma_run_manager run, gate *g, kma_status (*function)(kma_run_manager), const char *who,
                       const char *what, const char *waiter)
{
    call c;

    begin_call(&c, run, function);
    expect_report(g, who, what, waiter);
    expect_stall(run, who, what);
    open_gate(g);
    assert_int_equal(end_call(&c), KMA_OK);
}

static void finish(kma_run_manager *run, gate *g)
{
    assert_ok(kma_run_manager_close(*run));
    assert_ok(kma_run_manager_release(run));
    assert_ok(kma_set_log_sink(NULL, NULL));
    free_gate(g);
    kmt_assert_no_live_objects();
}

TEST(initialize_tells_which_worker_does_not_come_out_of_worker_begin)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    g.worker = 1;
    run = reporting_run(3, &g, NULL);
    assert_ok(kma_run_manager_on_worker_begin(run, at_worker, &g, NULL));
    check_wait(run, &g, kma_run_manager_initialize, "worker 1 of 3", "in an observer of worker begin", "waits");
    assert_true(was_logged(&g, "worker 1 of 3 is in an observer of worker begin"));
    assert_ok(kma_run_manager_beam_on(run, 1000));
    finish(&run, &g);
}

TEST(initialize_tells_which_worker_does_not_come_out_of_user_initialization)
{
    gate g;
    kma_run_manager run;
    kma_user_initialization user = {sizeof user, at_build, NULL, &g, NULL};

    make_gate(&g);
    g.worker = 0;
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_set_user_initialization(run, &user));
    check_wait(run, &g, kma_run_manager_initialize, "worker 0 of 2", "in build of the user initialization", "waits");
    finish(&run, &g);
}

TEST(a_caller_of_initialize_that_hangs_in_its_poll_function_is_told_by_the_steward)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    g.open = true; /* the first polls come before there is a steward */
    run = reporting_run(2, &g, at_poll);
    assert_ok(kma_run_manager_initialize(run));
    g.open = false;
    check_wait(run, &g, kma_run_manager_initialize, "the caller of initialize", "in the poll function", "the end of the run");
    finish(&run, &g);
}

TEST(a_steward_and_a_caller_that_hang_in_user_code_are_told_by_an_idle_worker)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    g.open = true;
    run = reporting_run(2, &g, at_poll);
    assert_ok(kma_run_manager_on_run_end(run, at_run, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    g.open = false;
    check_wait(run, &g, beam, "the steward", "in an observer of run end", "an idle worker");
    finish(&run, &g);
}

TEST(wait_tells_which_worker_does_not_come_out_of_an_observer_and_in_which_history)
{
    typedef kma_status add(kma_run_manager, kma_worker_fn *, void *, void (*)(void *));
    add *const adds[] = {kma_run_manager_on_history_begin, kma_run_manager_on_history_end};
    const char *const texts[] = {"history begin (history 5000)", "history end (history 5000)"};
    int threads, i;

    for (i = 0; i < 2; i++) {
        for (threads = 1; threads <= 2; threads++) {
            gate g;
            kma_run_manager run;
            make_gate(&g);
            g.history = 5000;
            run = reporting_run(threads, &g, NULL);
            assert_ok(adds[i](run, at_worker, &g, NULL));
            assert_ok(kma_run_manager_initialize(run));
            check_wait(run, &g, beam, threads == 1 ? "of 1" : "of 2", texts[i], "waits");
            finish(&run, &g);
        }
    }
}

TEST(wait_tells_of_a_step_observer_that_does_not_return)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    g.history = 77;
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_step(run, at_step, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    check_wait(run, &g, beam, "of 2", "in an observer of steps (history 77)", "waits");
    finish(&run, &g);
}

TEST(where_nobody_waits_for_the_run_the_steward_tells)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    g.history = 9000;
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_history_end(run, at_worker, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, 20000));
    expect_report(&g, "of 2", "history end (history 9000)", "the end of the run waits");
    open_gate(&g);
    assert_ok(kma_run_manager_wait(run, -1));
    finish(&run, &g);
}

TEST(a_run_begin_observer_that_does_not_return_is_told_by_the_steward)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_run_begin(run, at_run, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    check_wait(run, &g, start, "the caller of initialize or start", "in an observer of run begin", "the end of the run");
    assert_ok(kma_run_manager_wait(run, -1));
    finish(&run, &g);
}

TEST(wait_tells_of_a_run_end_observer_that_does_not_return)
{
    gate g;
    kma_run_manager run;

    make_gate(&g);
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_run_end(run, at_run, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    check_wait(run, &g, beam, "the steward", "in an observer of run end", "wait");
    finish(&run, &g);
}

TEST(workers_that_wait_for_a_reader_of_records_tell_so_when_nobody_else_does)
{
    gate g;
    kma_run_manager run;
    kma_record_options options;
    int threads;

    for (threads = 1; threads <= 3; threads += 2) {
        make_gate(&g);
        run = reporting_run(threads, &g, NULL);
        assert_ok(kma_record_options_defaults(&options));
        options.block = 100;
        assert_ok(kma_run_manager_on_step_block(run, &options, at_block, &g, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_start(run, 100000)); /* far beyond what fits in */
        expect_report(&g, "the steward", "in an observer of records", "a worker");
        expect_stall(run, "the steward", "in an observer of records");
        open_gate(&g);
        assert_ok(kma_run_manager_wait(run, -1));
        assert_int_equal(kmt_histories(run), 100000);
        finish(&run, &g);
    }
}

TEST(close_tells_which_worker_does_not_come_out_of_its_end)
{
    gate g;
    kma_run_manager run;
    kma_user_initialization user = {sizeof user, at_build, at_drop, &g, NULL};

    make_gate(&g);
    g.worker = 2;
    run = reporting_run(3, &g, NULL);
    assert_ok(kma_run_manager_on_worker_end(run, at_worker, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    check_wait(run, &g, kma_run_manager_close, "worker 2 of 3", "in an observer of worker end", "waits");
    finish(&run, &g);

    make_gate(&g);
    g.worker = -2; /* not in build */
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_set_user_initialization(run, &user));
    assert_ok(kma_run_manager_initialize(run));
    g.worker = 1;
    check_wait(run, &g, kma_run_manager_close, "worker 1 of 2", "in drop of the user initialization", "waits");
    finish(&run, &g);
}

TEST(close_tells_of_a_dispose_that_does_not_return_and_so_does_one_that_waits_for_another_close)
{
    gate g;
    kma_run_manager run;
    call first, second;

    make_gate(&g);
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_run_end(run, at_run, &g, at_dispose));
    assert_ok(kma_run_manager_initialize(run));
    begin_call(&first, run, kma_run_manager_close);
    expect_report(&g, "the steward", "in dispose of a context", "close");
    begin_call(&second, run, kma_run_manager_close);
    expect_report(&g, "the steward", "in dispose of a context", "close"); /* again, when it has doubled */
    open_gate(&g);
    assert_int_equal(end_call(&first), KMA_OK);
    assert_int_equal(end_call(&second), KMA_OK);
    finish(&run, &g);
}

TEST(kma_shutdown_tells_of_a_released_run_manager_whose_context_is_not_disposed_of)
{
    gate g;
    kma_run_manager run, gone;
    call c;

    make_gate(&g);
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_run_end(run, at_run, &g, at_dispose));
    assert_ok(kma_run_manager_initialize(run));
    gone = run;
    assert_ok(kma_run_manager_release(&run)); /* the steward disposes */
    while (g.waiting == 0) nanosleep(&(struct timespec){0, 1000000}, NULL);
    begin_call(&c, gone, shut_down);
    expect_report(&g, "the steward", "in dispose of a context", "kma_shutdown");
    open_gate(&g);
    assert_int_equal(end_call(&c), KMA_OK);
    assert_ok(kma_set_log_sink(NULL, NULL));
    free_gate(&g);
    kmt_assert_no_live_objects();
}

TEST(a_serial_run_is_told_by_who_waits_for_it)
{
    gate g;
    kma_run_manager run;
    call first, second;

    make_gate(&g);
    g.history = 50;
    run = reporting_run(0, &g, NULL);
    assert_ok(kma_run_manager_on_history_end(run, at_worker, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    begin_call(&first, run, beam);
    while (g.waiting == 0) nanosleep(&(struct timespec){0, 1000000}, NULL);
    begin_call(&second, run, kma_run_manager_close);
    expect_report(&g, "the serial run", "history end (history 50)", "close");
    expect_stall(run, "the serial run", "history end (history 50)");
    open_gate(&g);
    assert_int_equal(end_call(&first), KMA_ERR_ABORTED);
    assert_int_equal(end_call(&second), KMA_OK);
    finish(&run, &g);
}

TEST(nothing_is_told_of_a_run_that_goes_well_and_arguments_are_checked)
{
    gate g;
    kma_run_manager run, refused;
    kma_run_options options;
    kma_scene scene = {0};
    kma_stall stall;
    size_t n = 7;
    char byte;

    make_gate(&g);
    run = reporting_run_after(NEVER_S, 2, &g, NULL);
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 50000));
    assert_int_equal(fcntl(g.pipe[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(g.pipe[0], &byte, 1), -1);
    assert_int_equal(g.logged, 0);
    assert_ok(kma_run_manager_stalls(run, 0, &stall, 1, &n));
    assert_int_equal(n, 0); /* all wait */
    assert_fails(kma_run_manager_stalls(run, -1, &stall, 1, &n), KMA_ERR_ARGUMENT, "longer_than");
    assert_fails(kma_run_manager_stalls(run, 0, NULL, 1, &n), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_run_manager_stalls(run, 0, &stall, 1, NULL), KMA_ERR_ARGUMENT, "count_out");
    assert_ok(kma_run_options_defaults(&options));
    options.stall_seconds = -1;
    assert_fails(kma_run_manager_create(scene, &options, &refused), KMA_ERR_ARGUMENT, "stall_seconds");
    finish(&run, &g);
}

/* ---- what callbacks say of themselves ---- */

static kma_status note_and_return(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    kma_callback_note("the one before");
    return KMA_OK;
}

static kma_status note_and_stand(kma_run_manager run, const kma_worker *worker, void *context)
{
    if (worker->history == ((gate *)context)->history) kma_callback_note("count (app.py:12)");
    return at_worker(run, worker, context);
}

static void check_notes(kma_worker_fn *fn, const char *note)
{
    gate g;
    kma_run_manager run;
    kma_stall stall;
    size_t n;
    call c;

    make_gate(&g);
    g.history = 5;
    run = reporting_run(1, &g, NULL);
    assert_ok(kma_run_manager_on_history_end(run, note_and_return, NULL, NULL));
    assert_ok(kma_run_manager_on_history_end(run, fn, &g, NULL));
    assert_ok(kma_run_manager_initialize(run));
    begin_call(&c, run, beam);
    expect_report(&g, "worker 0 of 1", note[0] == '\0' ? "(history 5) for" : "(history 5), count (app.py:12) for", "waits");
    assert_ok(kma_run_manager_stalls(run, 0, &stall, 1, &n));
    assert_string_equal(stall.doing + strlen("in an observer of history end (history 5)"), note);
    open_gate(&g);
    assert_int_equal(end_call(&c), KMA_OK);
    kma_callback_note("nowhere");
    finish(&run, &g);
}

TEST(a_report_has_the_note_of_the_callback_until_it_returns)
{
    check_notes(note_and_stand, ", count (app.py:12)");
    check_notes(at_worker, "");
}

static kma_status note_too_much(kma_run_manager run, const kma_worker *worker, void *context)
{
    static char text[5000];

    memset(text, 'x', sizeof text - 1);
    kma_callback_note(text);
    return at_worker(run, worker, context);
}

TEST(a_note_of_any_length_is_cut)
{
    gate g;
    kma_run_manager run;
    kma_stall stall;
    size_t n;
    call c;

    make_gate(&g);
    run = reporting_run(1, &g, NULL);
    assert_ok(kma_run_manager_on_worker_begin(run, note_too_much, &g, NULL));
    begin_call(&c, run, kma_run_manager_initialize);
    expect_report(&g, "worker 0 of 1", "xxx", "waits");
    assert_ok(kma_run_manager_stalls(run, 0, &stall, 1, &n));
    assert_int_equal(strlen(stall.doing), sizeof stall.doing - 1);
    open_gate(&g);
    assert_int_equal(end_call(&c), KMA_OK);
    finish(&run, &g);
}

/* ---- a participant dies: user code ends its thread ---- */

typedef struct death {
    int moment, worker;
    uint64_t history;
    atomic_int deaths, disposed;
} death;

enum { AT_BUILD, AT_WORKER_BEGIN, AT_HISTORY_BEGIN, AT_STEP, AT_HISTORY_END, AT_BLOCK, AT_RUN_END, AT_WORKER_END, AT_DISPOSE, DEATHS };

static void perhaps_die(death *d, int moment)
{
    if (d->moment != moment || atomic_fetch_add(&d->deaths, 1) > 0) return;
    pthread_exit(NULL);
}

static kma_status die_building(kma_run_manager run, const kma_worker *worker, void *context, void **data_out)
{
    death *d = context;
    (void)run;
    if (worker->index == d->worker) perhaps_die(d, AT_BUILD);
    *data_out = d;
    return KMA_OK;
}

static kma_status die_beginning(kma_run_manager run, const kma_worker *worker, void *context)
{
    death *d = context;
    (void)run;
    if (worker->index == d->worker) perhaps_die(d, AT_WORKER_BEGIN);
    return KMA_OK;
}

static kma_status die_ending(kma_run_manager run, const kma_worker *worker, void *context)
{
    death *d = context;
    (void)run;
    if (worker->index == d->worker) perhaps_die(d, AT_WORKER_END);
    return KMA_OK;
}

static kma_status die_before_history(kma_run_manager run, const kma_worker *worker, void *context)
{
    death *d = context;
    (void)run;
    if (worker->history == d->history) perhaps_die(d, AT_HISTORY_BEGIN);
    return KMA_OK;
}

static kma_status die_after_history(kma_run_manager run, const kma_worker *worker, void *context)
{
    death *d = context;
    (void)run;
    if (worker->history == d->history) perhaps_die(d, AT_HISTORY_END);
    return KMA_OK;
}

static kma_status die_stepping(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                               void *context)
{
    death *d = context;
    (void)run;
    (void)worker;
    (void)action;
    if (step->history == d->history) perhaps_die(d, AT_STEP);
    return KMA_OK;
}

static kma_status die_reading(kma_run_manager run, const kma_block *block, void *context)
{
    (void)run;
    if (block->number == 3) perhaps_die(context, AT_BLOCK);
    return KMA_OK;
}

static kma_status die_at_run_end(kma_run_manager run, void *context)
{
    (void)run;
    perhaps_die(context, AT_RUN_END);
    return KMA_OK;
}

static void die_disposing(void *context)
{
    death *d = context;
    atomic_fetch_add(&d->disposed, 1);
    perhaps_die(d, AT_DISPOSE);
}

static kma_run_manager dying_run(int threads, death *d)
{
    kma_run_manager run = kmt_water_run(threads);
    kma_user_initialization user = {sizeof user, die_building, NULL, d, die_disposing};
    kma_record_options options;

    assert_ok(kma_record_options_defaults(&options));
    options.block = 1000;
    assert_ok(kma_run_manager_set_user_initialization(run, &user));
    assert_ok(kma_run_manager_on_worker_begin(run, die_beginning, d, die_disposing));
    assert_ok(kma_run_manager_on_worker_end(run, die_ending, d, die_disposing));
    assert_ok(kma_run_manager_on_history_begin(run, die_before_history, d, die_disposing));
    assert_ok(kma_run_manager_on_history_end(run, die_after_history, d, die_disposing));
    assert_ok(kma_run_manager_on_step(run, die_stepping, d, die_disposing));
    assert_ok(kma_run_manager_on_step_block(run, &options, die_reading, d, die_disposing));
    assert_ok(kma_run_manager_on_run_end(run, die_at_run_end, d, die_disposing));
    return run;
}

TEST(user_code_that_ends_its_thread_ends_the_call_with_an_error_and_nothing_is_lost)
{
    static const char *const doing[DEATHS] = {"in build", "worker begin", "history begin (history 9000)", "observer of steps",
                                              "history end (history 9000)", "observer of records", "run end", "worker end",
                                              ""};
    char whole[KMA_HASH_SIZE], again[KMA_HASH_SIZE];
    kma_run_manager run = kmt_water_run(0);
    int threads, moment;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 30000));
    kmt_scores_hash(run, whole);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    for (moment = 0; moment < DEATHS; moment++) {
        for (threads = 1; threads <= 3; threads++) {
            death d = {.moment = moment, .worker = threads - 1, .history = 9000};
            run = dying_run(threads, &d);
            if (moment <= AT_WORKER_BEGIN) {
                assert_fails(kma_run_manager_initialize(run), KMA_ERR_THREAD, doing[moment]);
                assert_int_equal(d.deaths, 1);
            }
            assert_ok(kma_run_manager_initialize(run));
            if (moment > AT_WORKER_BEGIN && moment <= AT_RUN_END) {
                assert_fails(kma_run_manager_beam_on(run, 30000), KMA_ERR_THREAD, doing[moment]);
                assert_true(kmt_histories(run) <= 30000);
                assert_fails(kma_run_manager_beam_on(run, 0), KMA_ERR_THREAD, "kma_run_manager_initialize");
                assert_ok(kma_run_manager_initialize(run));
                assert_ok(kma_run_manager_beam_on(run, 0));
            } else {
                assert_ok(kma_run_manager_beam_on(run, 30000));
            }
            kmt_scores_hash(run, again);
            assert_string_equal(whole, again);
            if (moment == AT_WORKER_END)
                assert_fails(kma_run_manager_close(run), KMA_ERR_THREAD, doing[moment]);
            else
                assert_ok(kma_run_manager_close(run));
            assert_int_equal(d.disposed, 8);
            assert_ok(kma_run_manager_release(&run));
            kmt_assert_no_live_objects();
        }
    }
}

TEST(an_initialize_that_waits_for_a_stuck_worker_ends_when_another_thread_closes_and_the_worker_goes_on)
{
    gate g;
    kma_run_manager run;
    call first, second;

    make_gate(&g);
    g.worker = 1;
    run = reporting_run(2, &g, NULL);
    assert_ok(kma_run_manager_on_worker_begin(run, at_worker, &g, NULL));
    begin_call(&first, run, kma_run_manager_initialize);
    expect_report(&g, "worker 1 of 2", "worker begin", "waits");
    begin_call(&second, run, kma_run_manager_close);
    expect_report(&g, "worker 1 of 2", "worker begin", "waits"); /* both wait on, and tell for whom */
    open_gate(&g);
    assert_int_equal(end_call(&first), KMA_ERR_CLOSED);
    assert_int_equal(end_call(&second), KMA_OK);
    finish(&run, &g);
}
