/* Observers of steps: what they see, what they may decide, and that looking changes nothing. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "kmt.h"
#include "kmt_scene.h"
#include "kerma/kerma.h"

enum { HISTORIES = 6000 };

/* ---- one history's steps are a chain ---- */

typedef struct chain {
    kma_step last;
    uint64_t steps, histories, ended;
    double deposited, escaped, killed; /* of all, MeV */
    uint64_t processes[KMA_PROCESS_END];
    double kill_above; /* Compton photons above this energy are killed; MeV */
} chain;

static void assert_same(const double a[3], const double b[3])
{
    assert_memory_equal(a, b, 3 * sizeof *a);
}

static void check_begin(const kma_step *step)
{
    assert_int_equal(step->number, 0);
    assert_int_equal(step->track, 0);
    assert_int_equal(step->process, KMA_PROCESS_SOURCE);
    assert_same(step->begin, step->end);
    assert_near(step->begin[2], -200, 0);
    assert_near(step->energy, 0.06, 0);
    assert_int_equal(step->placement, 0);
}

static void check_matter(const kma_step *step)
{
    if (step->placement == 1) assert_int_equal(step->material, 0);
    if (step->placement != 1) assert_int_equal(step->material, KMA_NONE);
    assert_int_equal(step->voxel, -1);
    if (step->process == KMA_PROCESS_BOUNDARY)
        assert_int_not_equal(step->placement, step->next_placement);
    else
        assert_int_equal(step->placement, step->next_placement);
    if (step->process == KMA_PROCESS_COMPTON || step->process == KMA_PROCESS_PHOTOELECTRIC)
        assert_int_equal(step->placement, 1); /* the world is vacuum */
}

static void check_step(const kma_step *step, const kma_step *before)
{
    double d[3] = {step->end[0] - step->begin[0], step->end[1] - step->begin[1], step->end[2] - step->begin[2]};

    assert_true(step->history == before->history);
    assert_int_equal(step->number, before->number + 1);
    assert_same(step->begin, before->end);
    assert_same(step->direction, before->next_direction);
    assert_int_equal(step->placement, before->next_placement);
    assert_true(step->energy == before->next_energy);
    assert_near(sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), step->length, 1e-9);
    assert_true(step->next_energy + step->deposited <= step->energy * (1 + 1e-15));
}

static kma_status follow_chain(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                               void *context)
{
    chain *c = context;

    (void)run;
    assert_int_equal(worker->index, 0);
    assert_true(worker->history == step->history);
    assert_int_equal(*action, KMA_GO_ON);
    if (step->process == KMA_PROCESS_SOURCE) {
        assert_true(c->histories == c->ended); /* the history before has come to its end */
        check_begin(step);
        c->histories++;
    } else {
        check_step(step, &c->last);
    }
    check_matter(step);
    c->processes[step->process]++;
    c->deposited += step->deposited;
    if (step->process == KMA_PROCESS_ESCAPE || (step->process == KMA_PROCESS_DETECTOR && step->next_energy == 0))
        c->escaped += step->energy;
    if (step->process == KMA_PROCESS_COMPTON && step->next_energy > c->kill_above) {
        *action = KMA_KILL_TRACK;
        c->killed += step->next_energy;
        c->ended++;
    } else if (step->next_energy == 0) {
        c->ended++;
    }
    c->last = *step;
    c->steps++;
    return KMA_OK;
}

static kma_energy_ledger ledger_of(kma_run_manager run)
{
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};

    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &info));
    assert_ok(kma_result_release(&result));
    return info.ledger;
}

TEST(the_steps_of_a_history_are_a_chain_from_the_source_to_an_end_and_hold_all_energy)
{
    chain c = {.kill_above = INFINITY};
    kma_run_manager run = kmt_water_run(0);
    kma_energy_ledger ledger;
    int p;

    assert_ok(kma_run_manager_on_step(run, follow_chain, &c, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    ledger = ledger_of(run);
    assert_true(c.histories == HISTORIES && c.ended == HISTORIES);
    for (p = 0; p < KMA_PROCESS_END; p++)
        if (p != KMA_PROCESS_CUT) /* at 60 keV and a cut of 5 keV Compton never ends below it */
            assert_true_msg(c.processes[p] > 0, "no step ended by %s", kma_process_name((kma_process)p));
    assert_near(c.deposited, ledger.deposited + ledger.cut, 1e-7);
    assert_near(c.escaped, ledger.escaped, 1e-7);
    assert_true(ledger.killed == 0);
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
}

static kma_status count_steps(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                              void *context)
{
    (void)run;
    (void)worker;
    (void)step;
    (void)action;
    atomic_fetch_add((atomic_ullong *)context, 1);
    return KMA_OK;
}

TEST(looking_at_steps_changes_no_score_and_every_number_of_threads_makes_the_same_steps)
{
    char plain[KMA_HASH_SIZE], observed[KMA_HASH_SIZE];
    unsigned long long serial = 0;
    int threads;

    for (threads = -1; threads <= 3; threads++) { /* -1: serial, and nobody looks */
        atomic_ullong steps = 0;
        kma_run_manager run = kmt_water_run(threads < 0 ? 0 : threads);
        if (threads >= 0) assert_ok(kma_run_manager_on_step(run, count_steps, &steps, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, 3 * HISTORIES));
        kmt_scores_hash(run, threads < 0 ? plain : observed);
        if (threads >= 0) assert_string_equal(plain, observed);
        if (threads == 0) serial = steps;
        if (threads > 0) assert_true(steps == serial && serial > 3 * HISTORIES);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

/* ---- decisions ---- */

TEST(a_killed_photons_energy_is_booked_as_killed_and_the_ledger_balances)
{
    chain c = {.kill_above = 0.05};
    kma_run_manager run = kmt_water_run(0);
    kma_energy_ledger ledger;

    assert_ok(kma_run_manager_on_step(run, follow_chain, &c, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    ledger = ledger_of(run);
    assert_true(c.killed > 1 && c.histories == HISTORIES);
    assert_near(ledger.killed, c.killed, 1e-7);
    assert_near(c.deposited, ledger.deposited + ledger.cut, 1e-7);
    assert_true(fabs(ledger.balance) <= ledger.allowed);
    assert_near(ledger.emitted, HISTORIES * 0.06, 1e-7);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}

/* ---- below the cut ---- */

typedef struct below {
    bool kill;
    double deposited, cut, killed; /* of the steps, MeV */
} below;

static kma_status at_the_cut(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                             void *context)
{
    below *b = context;

    (void)run;
    (void)worker;
    if (step->process == KMA_PROCESS_CUT)
        b->cut += step->deposited;
    else
        b->deposited += step->deposited;
    if (b->kill && step->process == KMA_PROCESS_COMPTON && step->next_energy < 0.055) {
        *action = KMA_KILL_TRACK;
        b->killed += step->next_energy;
    }
    return KMA_OK;
}

TEST(a_photon_killed_where_the_cut_would_end_it_deposits_only_its_collision)
{
    int kill;

    for (kill = 0; kill < 2; kill++) {
        below b = {.kill = kill == 1};
        kma_scene scene = kmt_water_scene();
        kma_run_options options;
        kma_run_manager run = {0};
        kma_result result = {0};
        kma_energy_ledger ledger;
        double whole;
        size_t index;

        assert_ok(kma_scene_set_cut_energy(scene, 0.055));
        assert_ok(kma_run_options_defaults(&options));
        options.threads = 0;
        assert_ok(kma_run_manager_create(scene, &options, &run));
        assert_ok(kma_run_manager_on_step(run, at_the_cut, &b, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        ledger = ledger_of(run);
        assert_ok(kma_run_manager_snapshot(run, &result));
        assert_ok(kma_result_find_scorer(result, "whole", &index));
        assert_ok(kma_result_get_total(result, index, KMA_QUANTITY_ENERGY, &whole));
        assert_true(kill ? b.cut == 0 && b.killed > 10 : b.cut > 10 && b.killed == 0);
        assert_near(ledger.cut, b.cut, 1e-7);
        assert_near(ledger.killed, b.killed, 1e-7);
        assert_near(ledger.deposited, b.deposited, 1e-7);
        assert_near(whole * HISTORIES, b.deposited + b.cut, 1e-7);
        assert_true(fabs(ledger.balance) <= ledger.allowed);
        assert_ok(kma_result_release(&result));
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        assert_ok(kma_scene_release(&scene));
    }
}

/* ---- random numbers ---- */

typedef struct drawn {
    double numbers[4]; /* of histories 0 to 3: the first two draws, added */
} drawn;

static kma_status draw_at_emission(kma_run_manager run, const kma_worker *worker, const kma_step *step,
                                   kma_action *action, void *context)
{
    drawn *d = context;

    (void)run;
    (void)action;
    if (step->number == 0 && step->history < 4) d->numbers[step->history] = kma_worker_uniform(worker);
    if (step->number == 1 && step->history < 4) d->numbers[step->history] += kma_worker_uniform(worker);
    return KMA_OK;
}

TEST(the_observers_numbers_belong_to_seed_and_history_whoever_else_looks_and_in_a_replay)
{
    drawn first = {{0}};
    int way, threads, i;

    for (threads = 0; threads <= 2; threads++) {
        for (way = 0; way < 2; way++) { /* 1: the histories are run twice, for the scene has changed */
            drawn seen = {{0}}, again = {{0}};
            kma_scene scene = kmt_water_scene();
            kma_run_options options;
            kma_run_manager run = {0};

            assert_ok(kma_run_options_defaults(&options));
            options.threads = threads;
            options.seed = 1234567;
            assert_ok(kma_run_manager_create(scene, &options, &run));
            assert_ok(kma_run_manager_on_step(run, draw_at_emission, &seen, NULL));
            assert_ok(kma_run_manager_initialize(run));
            assert_ok(kma_run_manager_beam_on(run, 100));
            if (way == 1) {
                assert_ok(kma_scene_set_cut_energy(scene, 0.006));
                assert_ok(kma_run_manager_initialize(run));
                assert_ok(kma_run_manager_beam_on(run, 100));
            }
            if (threads == 0 && way == 0) first = seen;
            for (i = 0; i < 4; i++) assert_ok(kma_run_manager_replay(run, (uint64_t)i, draw_at_emission, &again));
            assert_memory_equal(&seen, &first, sizeof seen);
            assert_memory_equal(&again, &first, sizeof seen);
            assert_ok(kma_run_manager_close(run));
            assert_ok(kma_run_manager_release(&run));
            assert_ok(kma_scene_release(&scene));
        }
    }
    for (i = 0; i < 4; i++) assert_true(first.numbers[i] > 0 && first.numbers[i] != first.numbers[(i + 1) % 4]);
}

/* Russian roulette: half of the photons that enter the box survive. */
static kma_status roulette(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                           void *context)
{
    (void)run;
    if (step->process != KMA_PROCESS_BOUNDARY || step->next_placement != 1) return KMA_OK;
    if (kma_worker_uniform(worker) < 0.5) {
        *action = *(kma_action *)context;
        return KMA_OK;
    }
    return KMA_OK;
}

TEST(decisions_by_the_observers_random_numbers_are_the_same_for_any_number_of_threads)
{
    kma_action actions[] = {KMA_KILL_TRACK, KMA_END_HISTORY};
    char first[KMA_HASH_SIZE], other[KMA_HASH_SIZE];
    size_t a;
    int threads;

    for (a = 0; a < 2; a++) {
        for (threads = 0; threads <= 3; threads++) {
            kma_run_manager run = kmt_water_run(threads);
            kma_energy_ledger ledger;
            assert_ok(kma_run_manager_on_step(run, roulette, &actions[a], NULL));
            assert_ok(kma_run_manager_initialize(run));
            assert_ok(kma_run_manager_beam_on(run, 2 * HISTORIES));
            ledger = ledger_of(run);
            /* Binomial: half of 12000 photons of 60 keV, five standard deviations of sqrt(12000) / 2. */
            assert_near(ledger.killed / 0.06, HISTORIES, 5 * 55);
            assert_true(fabs(ledger.balance) <= ledger.allowed);
            kmt_scores_hash(run, threads == 0 ? first : other);
            if (threads > 0) assert_string_equal(first, other);
            assert_ok(kma_run_manager_close(run));
            assert_ok(kma_run_manager_release(&run));
        }
    }
    assert_near(kma_worker_uniform(NULL), 0.5, 0);
}

static kma_status end_at(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                         void *context)
{
    (void)run;
    (void)worker;
    if (step->history == *(uint64_t *)context && step->number == 1) *action = KMA_END_RUN;
    return KMA_OK;
}

TEST(a_step_may_end_the_run_whose_histories_are_kept_and_which_goes_on_later)
{
    char whole[KMA_HASH_SIZE], pieces[KMA_HASH_SIZE];
    kma_run_manager run = kmt_water_run(0);
    int threads;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 50000));
    kmt_scores_hash(run, whole);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    for (threads = 0; threads <= 2; threads++) {
        uint64_t at = 5000;
        run = kmt_water_run(threads);
        assert_ok(kma_run_manager_on_step(run, end_at, &at, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_fails(kma_run_manager_beam_on(run, 50000), KMA_ERR_ABORTED, "of 50000");
        assert_true(kmt_histories(run) > (threads == 0 ? 5000 : 0) && kmt_histories(run) < 50000);
        at = UINT64_MAX;
        assert_ok(kma_run_manager_beam_on(run, 0));
        kmt_scores_hash(run, pieces);
        assert_string_equal(whole, pieces);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

static kma_status fail_in(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *context)
{
    (void)run;
    (void)worker;
    if (step->history >= *(uint64_t *)context && step->process == KMA_PROCESS_COMPTON) *action = (kma_action)17;
    return KMA_OK;
}

TEST(an_action_that_does_not_exist_ends_the_run_with_an_error)
{
    int threads;

    for (threads = 0; threads <= 2; threads += 2) {
        uint64_t at = 700;
        kma_run_manager run = kmt_water_run(threads);
        assert_ok(kma_run_manager_on_step(run, fail_in, &at, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_fails(kma_run_manager_beam_on(run, 50000), KMA_ERR_ARGUMENT, "action 17");
        assert_true(kmt_histories(run) >= 700 && kmt_histories(run) < 50000);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

/* ---- replay ---- */

typedef struct list {
    kma_step steps[4000];
    size_t count;
    uint64_t from, to;
} list;

static kma_status keep(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                       void *context)
{
    list *l = context;

    (void)run;
    (void)worker;
    (void)action;
    if (step->history < l->from || step->history >= l->to) return KMA_OK;
    assert_true(l->count < 4000);
    l->steps[l->count++] = *step;
    return KMA_OK;
}

TEST(a_replayed_history_has_the_same_steps_to_the_bit_and_scores_nothing)
{
    static list seen, again;
    kma_run_manager run = kmt_water_run(0);
    kma_placement place = {.size = sizeof place};
    char before[KMA_HASH_SIZE], after[KMA_HASH_SIZE], name[KMA_NAME_SIZE];
    uint64_t history;

    seen.from = again.from = 100;
    seen.to = again.to = 200;
    assert_fails(kma_run_manager_replay(run, 1, keep, &again), KMA_ERR_STATE, "initialize");
    assert_fails(kma_run_manager_get_material(run, 0, name), KMA_ERR_STATE, "initialize");
    assert_ok(kma_run_manager_on_step(run, keep, &seen, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 300));
    kmt_scores_hash(run, before);
    for (history = 100; history < 200; history++) assert_ok(kma_run_manager_replay(run, history, keep, &again));
    kmt_scores_hash(run, after);
    assert_string_equal(before, after);
    assert_true(seen.count == again.count && seen.count > 300);
    assert_memory_equal(seen.steps, again.steps, seen.count * sizeof(kma_step));

    assert_ok(kma_run_manager_get_placement(run, 1, &place));
    assert_string_equal(place.volume, "box");
    assert_int_equal(place.mother, 0);
    assert_int_equal(place.copy, 0);
    assert_fails(kma_run_manager_get_placement(run, 2, &place), KMA_ERR_ARGUMENT, "0 to 1");
    assert_ok(kma_run_manager_get_material(run, 0, name));
    assert_string_equal(name, "Water, Liquid");
    assert_fails(kma_run_manager_get_material(run, -1, name), KMA_ERR_ARGUMENT, "material -1");
    assert_fails(kma_run_manager_replay(run, 5, NULL, NULL), KMA_ERR_ARGUMENT, "fn");
    assert_fails(kma_run_manager_replay(run, UINT64_MAX, keep, &again), KMA_ERR_ARGUMENT, "2^60");
    history = 0;
    assert_fails(kma_run_manager_replay(run, 3, fail_in, &history), KMA_ERR_ARGUMENT, "action 17");
    assert_ok(kma_run_manager_close(run));
    assert_fails(kma_run_manager_replay(run, 1, keep, &again), KMA_ERR_CLOSED, "closed");
    assert_ok(kma_run_manager_release(&run));
}

/* ---- data of each worker ---- */

typedef struct own {
    pthread_t thread;
    uint64_t histories;
    atomic_int *alive;
} own;

typedef struct makings {
    own workers[8];
    atomic_int alive, disposed, built;
    int fail_at; /* build of this worker fails; -1: none */
    pthread_t disposed_by;
} makings;

static kma_status build(kma_run_manager run, const kma_worker *worker, void *context, void **data_out)
{
    makings *m = context;
    own *o = &m->workers[worker->index];

    (void)run;
    assert_null(worker->data);
    atomic_fetch_add(&m->built, 1);
    if (worker->index == m->fail_at) return KMA_ERR_OBSERVER;
    *o = (own){.thread = pthread_self(), .alive = &m->alive};
    atomic_fetch_add(&m->alive, 1);
    *data_out = o;
    return KMA_OK;
}

static void drop(kma_run_manager run, const kma_worker *worker, void *context, void *data)
{
    own *o = data;

    (void)run;
    assert_ptr_equal(o, &((makings *)context)->workers[worker->index]);
    assert_true(pthread_equal(o->thread, pthread_self()));
    atomic_fetch_sub(o->alive, 1);
}

static void dispose_makings(void *context)
{
    makings *m = context;
    m->disposed_by = pthread_self();
    atomic_fetch_add(&m->disposed, 1);
}

static kma_status count_own(kma_run_manager run, const kma_worker *worker, void *context)
{
    own *o = worker->data;

    (void)run;
    (void)context;
    assert_true(pthread_equal(o->thread, pthread_self()));
    o->histories++; /* no lock: it is this worker's */
    return KMA_OK;
}

static kma_status step_with_own(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                                void *context)
{
    own *o = worker->data;

    (void)run;
    (void)step;
    (void)action;
    (void)context;
    assert_true(pthread_equal(o->thread, pthread_self()));
    return KMA_OK;
}

TEST(user_initialization_gives_each_worker_its_data_and_drops_it_on_the_same_thread)
{
    int threads, i;

    for (threads = 0; threads <= 4; threads++) {
        makings m = {.fail_at = -1};
        kma_user_initialization user = {sizeof user, build, drop, &m, dispose_makings};
        kma_run_manager run = kmt_water_run(threads);
        int workers = threads == 0 ? 1 : threads;
        uint64_t histories = 0;

        assert_ok(kma_run_manager_set_user_initialization(run, &user));
        user.context = &(makings){.fail_at = -1};
        assert_fails(kma_run_manager_set_user_initialization(run, &user), KMA_ERR_STATE, "already");
        assert_int_equal(((makings *)user.context)->disposed, 1);
        assert_ok(kma_run_manager_on_worker_begin(run, count_own, NULL, NULL));
        assert_ok(kma_run_manager_on_history_end(run, count_own, NULL, NULL));
        assert_ok(kma_run_manager_on_worker_end(run, count_own, NULL, NULL));
        assert_ok(kma_run_manager_on_step(run, step_with_own, NULL, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal(m.alive, workers);
        assert_ok(kma_run_manager_initialize(run)); /* a worker's life spans it */
        assert_int_equal(m.built, workers);
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        assert_ok(kma_run_manager_close(run));
        assert_int_equal(m.alive, 0);
        assert_int_equal(m.disposed, 1);
        for (i = 0; i < workers; i++) {
            histories += m.workers[i].histories;
            if (threads > 0) assert_false(pthread_equal(m.disposed_by, m.workers[i].thread));
        }
        assert_true(histories == HISTORIES + 2 * (uint64_t)workers);
        assert_ok(kma_run_manager_release(&run));
    }
}

TEST(a_failing_user_initialization_fails_the_initialize_and_what_was_built_is_dropped)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        int workers = threads == 0 ? 1 : threads, k;
        for (k = 0; k < workers; k++) {
            makings m = {.fail_at = k};
            kma_user_initialization user = {sizeof user, build, drop, &m, dispose_makings};
            kma_run_manager run = kmt_water_run(threads);
            assert_ok(kma_run_manager_set_user_initialization(run, &user));
            assert_fails(kma_run_manager_initialize(run), KMA_ERR_OBSERVER, "user initialization");
            assert_int_equal(m.alive, 0);
            m.fail_at = -1;
            assert_ok(kma_run_manager_initialize(run));
            assert_int_equal(m.alive, workers);
            assert_ok(kma_run_manager_beam_on(run, 100));
            assert_ok(kma_run_manager_close(run));
            assert_int_equal(m.alive, 0);
            assert_int_equal(m.disposed, 1);
            assert_ok(kma_run_manager_release(&run));
        }
    }
    kmt_assert_no_live_objects();
}
