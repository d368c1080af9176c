/* Attacks on kerma/scorer.h, scene.h, run_manager.h, observer.h, result.h, simulation.h, file.h and summary.h. */
#include "attack.h"

#include <stddef.h>
#include <string.h>

#include "kmt.h"

/* ---- scorer.h ---- */

CALL(kma_scorer_kind_name, 0)
{
    assert_non_null(kma_scorer_kind_name((kma_scorer_kind)attack_choice(a, 2)));
    return KMA_OK;
}

static const char *draw_name(attack *a)
{
    char name[8];

    snprintf(name, sizeof name, "s%zu", attack_below(a, 1000)); /* names within a scene must differ */
    return attack_text(a, name);
}

CALL(kma_scorer_create_voxels, 0)
{
    const char *name = draw_name(a);
    return kma_scorer_create_voxels(name, VOLUME, NEW(SCORER));
}

CALL(kma_scorer_create_grid, 0)
{
    const char *name = draw_name(a);
    kma_image_geometry g;

    kma_image_geometry_defaults(&g);
    g.count[0] = attack_size(a, 3);
    if (g.count[0] == (size_t)1 << 32) g.count[0] = 0; /* would be right, and large */
    g.spacing[2] = attack_number(a, 5);
    return kma_scorer_create_grid(name, IN(&g), NEW(SCORER));
}

CALL(kma_scorer_create_volume, 0)
{
    const char *name = draw_name(a);
    return kma_scorer_create_volume(name, VOLUME, NEW(SCORER));
}

CALL(kma_detector_options_defaults, 0) { return kma_detector_options_defaults(OUT(kma_detector_options)); }

CALL(kma_scorer_create_detector, 0)
{
    const char *name = draw_name(a);
    kma_detector_options options;

    assert_int_equal(kma_detector_options_defaults(&options), KMA_OK);
    options.size = attack_size(a, options.size);
    options.centre[2] = attack_number(a, 90);
    options.u[0] = attack_number(a, 1);
    options.pixel_size[0] = attack_number(a, 5);
    return kma_scorer_create_detector(name, IN(&options), NEW(SCORER));
}

CALL(kma_scorer_retain, 0) { RETAIN(kma_scorer, SCORER); }
CALL(kma_scorer_release, 0) { RELEASE(kma_scorer, SCORER); }
CALL(kma_scorer_get_kind, 0) { return kma_scorer_get_kind(SCORER, OUT(kma_scorer_kind)); }

CALL(kma_scorer_get_name, 0)
{
    size_t room = 1 + attack_below(a, 150);
    char *name = attack_out(a, room, 0, ATTACK_TEXT, false);

    if (attack_chance(a, 16)) {
        a->odd = true;
        room = 0;
    }
    return kma_scorer_get_name(SCORER, name, room);
}

CALL(kma_scorer_get_bins, 0) { return kma_scorer_get_bins(SCORER, OUT(size_t)); }
CALL(kma_scorer_get_geometry, 0) { return kma_scorer_get_geometry(SCORER, OUT(kma_image_geometry)); }

CALL(kma_scorer_get_volume, GETS_NAMES) { return kma_scorer_get_volume(SCORER, OLD(VOLUME)); }
CALL(kma_scorer_get_detector, 0) { return kma_scorer_get_detector(SCORER, OUT(kma_detector_options)); }

/* ---- scene.h ---- */

CALL(kma_scene_create, 0) { return kma_scene_create(VOLUME, NEW(SCENE)); }
CALL(kma_scene_retain, 0) { RETAIN(kma_scene, SCENE); }
CALL(kma_scene_release, 0) { RELEASE(kma_scene, SCENE); }

CALL(kma_scene_add_source, 0)
{
    kma_scene scene = SCENE;
    return kma_scene_add_source(scene, SOURCE);
}

CALL(kma_scene_add_scorer, 0)
{
    kma_scene scene = SCENE;
    return kma_scene_add_scorer(scene, SCORER);
}

CALL(kma_scene_set_cut_energy, 0) { return kma_scene_set_cut_energy(SCENE, attack_number(a, 0.01)); }
CALL(kma_scene_get_cut_energy, 0) { return kma_scene_get_cut_energy(SCENE, OUT(double)); }
CALL(kma_scene_set_overlap_check, 0)
{
    kma_scene scene = SCENE;
    kma_overlap_action action = (kma_overlap_action)attack_choice(a, (int)attack_below(a, 3));
    size_t points = attack_chance(a, 12) ? (a->odd = true, SIZE_MAX) : 1 + attack_below(a, 20);
    return kma_scene_set_overlap_check(scene, action, points);
}

CALL(kma_scene_get_overlap_check, 0)
{
    kma_overlap_action *action = OUT_OR_NULL(kma_overlap_action);
    return kma_scene_get_overlap_check(SCENE, action, OUT_OR_NULL(size_t));
}

CALL(kma_scene_check_overlaps, SLOW)
{
    size_t room = attack_below(a, 3), points = attack_chance(a, 12) ? (a->odd = true, SIZE_MAX) : 1 + attack_below(a, 20);
    kma_overlap *out = OUTS(kma_overlap, room);
    return kma_scene_check_overlaps(SCENE, points, out, room, OUT(size_t));
}

CALL(kma_scene_count_sources, 0) { return kma_scene_count_sources(SCENE, OUT(size_t)); }
CALL(kma_scene_count_scorers, 0) { return kma_scene_count_scorers(SCENE, OUT(size_t)); }
CALL(kma_scene_get_world, GETS_NAMES) { return kma_scene_get_world(SCENE, OLD(VOLUME)); }

CALL(kma_scene_get_source, GETS_NAMES)
{
    kma_scene scene = SCENE;
    return kma_scene_get_source(scene, attack_size(a, 0), OLD(SOURCE));
}

CALL(kma_scene_get_scorer, GETS_NAMES)
{
    kma_scene scene = SCENE;
    return kma_scene_get_scorer(scene, attack_size(a, 0), OLD(SCORER));
}

/* ---- run_manager.h ---- */

/* What an observer was given: dropped exactly once. */
typedef struct context {
    attack_pool *pool;
    atomic_ulong calls;
    unsigned seed;
    bool fails;
} context;

static void drop(void *object)
{
    context *c = object;

    atomic_fetch_add(&c->pool->contexts_dropped, 1);
    free(c);
}

/* Attacks from inside of a run: this may run, wait for or close any other run manager, and they this one. */
static void attack_from_inside(context *c)
{
    unsigned long n = atomic_fetch_add(&c->calls, 1);
    attack inner;

    if (n > 40) return;
    attack_start(&inner, c->pool, NULL, c->seed, 1000 + n);
    attack_once(&inner);
    attack_once(&inner);
}

static kma_status on_run(kma_run_manager run, void *object)
{
    context *c = object;

    if (c->seed != 0) attack_from_inside(c);
    if (run.bits == 0) abort();
    kmi_error_clear();
    return c->fails ? KMA_ERR_RANGE : KMA_OK;
}

static kma_status on_worker(kma_run_manager run, const kma_worker *worker, void *object)
{
    context *c = object;

    if (run.bits == 0 || worker->index >= worker->count) abort();
    if (c->seed != 0) attack_from_inside(c);
    kmi_error_clear();
    return c->fails && worker->history > 10 ? KMA_ERR_RANGE : KMA_OK;
}

static kma_status on_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *object)
{
    context *c = object;

    if (run.bits == 0 || step == NULL || action == NULL) abort();
    if (worker != NULL && !(kma_worker_uniform(worker) > 0)) abort();
    if (c->fails && step->number > 5) *action = KMA_END_HISTORY;
    return KMA_OK;
}

static kma_status on_block(kma_run_manager run, const kma_block *block, void *object)
{
    context *c = object;

    if (run.bits == 0 || block->record_size == 0) abort();
    if (c->seed != 0) attack_from_inside(c);
    kmi_error_clear();
    return c->fails && block->number > 0 ? KMA_ERR_RANGE : KMA_OK;
}

static kma_status build(kma_run_manager run, const kma_worker *worker, void *object, void **data_out)
{
    (void)object;
    if (run.bits == 0) abort();
    *data_out = malloc(8);
    return worker->index < 1000 ? KMA_OK : KMA_ERR_RANGE;
}

static void unbuild(kma_run_manager run, const kma_worker *worker, void *object, void *data)
{
    (void)run;
    (void)worker;
    (void)object;
    free(data);
}

static context *draw_context(attack *a)
{
    context *c = calloc(1, sizeof *c);

    if (c == NULL) abort();
    c->pool = a->pool;
    c->fails = attack_chance(a, 8);
    if (a->book == NULL && attack_chance(a, 2)) c->seed = 1 + (unsigned)attack_below(a, 1000); /* not behind a book's back */
    atomic_fetch_add(&a->pool->contexts_given, 1);
    return c;
}

#define RUN_FN (attack_chance(a, 16) ? (a->odd = true, (kma_run_fn *)NULL) : on_run)
#define WORKER_FN (attack_chance(a, 16) ? (a->odd = true, (kma_worker_fn *)NULL) : on_worker)

#define STEP_FN (attack_chance(a, 16) ? (a->odd = true, (kma_step_fn *)NULL) : on_step)
#define BLOCK_FN (attack_chance(a, 16) ? (a->odd = true, (kma_block_fn *)NULL) : on_block)

#define OBSERVE(function, FN)                                                                   \
    CALL(function, CLOSED_REFUSED)                                                              \
    {                                                                                           \
        kma_run_manager run = RUN_MANAGER;                                                      \
        return function(run, FN, draw_context(a), drop);                                        \
    }
OBSERVE(kma_run_manager_on_run_begin, RUN_FN)
OBSERVE(kma_run_manager_on_run_end, RUN_FN)
OBSERVE(kma_run_manager_on_worker_begin, WORKER_FN)
OBSERVE(kma_run_manager_on_worker_end, WORKER_FN)
OBSERVE(kma_run_manager_on_history_begin, WORKER_FN)
OBSERVE(kma_run_manager_on_history_end, WORKER_FN)
OBSERVE(kma_run_manager_on_step, STEP_FN)

CALL(kma_record_options_defaults, 0) { return kma_record_options_defaults(OUT(kma_record_options)); }

static const kma_record_options *draw_record_options(attack *a)
{
    kma_record_options options;

    assert_int_equal(kma_record_options_defaults(&options), KMA_OK);
    options.size = attack_size(a, options.size);
    options.block = attack_chance(a, 12) ? (a->odd = true, 0) : 1 + attack_below(a, 100);
    return IN_OR_NULL(&options);
}

CALL(kma_run_manager_on_step_block, CLOSED_REFUSED)
{
    kma_run_manager run = RUN_MANAGER;
    const kma_record_options *options = draw_record_options(a);
    return kma_run_manager_on_step_block(run, options, BLOCK_FN, draw_context(a), drop);
}

CALL(kma_run_manager_on_history_block, CLOSED_REFUSED)
{
    kma_run_manager run = RUN_MANAGER;
    const kma_record_options *options = draw_record_options(a);
    kma_history_score scores[1] = {{attack_text(a, "dose"), (kma_quantity)attack_choice(a, KMA_QUANTITY_ENERGY)}};
    size_t n = attack_chance(a, 12) ? (a->odd = true, 0) : 1;
    return kma_run_manager_on_history_block(run, IN(&scores), n, options, BLOCK_FN, draw_context(a), drop);
}

CALL(kma_run_manager_set_user_initialization, CLOSED_REFUSED)
{
    kma_run_manager run = RUN_MANAGER;
    kma_user_initialization user = {attack_size(a, sizeof user), build, unbuild, NULL, NULL};
    return kma_run_manager_set_user_initialization(run, IN(&user));
}

CALL(kma_worker_uniform, 0)
{
    kma_worker worker = {0};

    assert_true(kma_worker_uniform(attack_chance(a, 2) ? &worker : NULL) == 0.5);
    return KMA_OK;
}

CALL(kma_process_name, 0)
{
    assert_non_null(kma_process_name((kma_process)attack_choice(a, 3)));
    return KMA_OK;
}

CALL(kma_run_manager_get_placement, CLOSED_ALLOWED)
{
    kma_run_manager run = RUN_MANAGER;
    return kma_run_manager_get_placement(run, attack_choice(a, 0), OUT_SIZED(kma_placement));
}

CALL(kma_run_manager_get_material, CLOSED_ALLOWED)
{
    kma_run_manager run = RUN_MANAGER;
    return kma_run_manager_get_material(run, attack_choice(a, 0), attack_out(a, KMA_NAME_SIZE, 0, ATTACK_TEXT, false));
}

CALL(kma_run_manager_replay, CLOSED_ALLOWED)
{
    context c = {.pool = a->pool};
    kma_run_manager run = RUN_MANAGER;
    uint64_t history = attack_chance(a, 12) ? (a->odd = true, UINT64_MAX) : attack_below(a, 1000);
    return kma_run_manager_replay(run, history, STEP_FN, &c);
}

static int poll_host(void *p)
{
    return p != NULL;
}

CALL(kma_run_options_defaults, 0) { return kma_run_options_defaults(OUT(kma_run_options)); }

CALL(kma_run_manager_create, 0)
{
    kma_run_options options;
    kma_scene scene = SCENE;

    assert_int_equal(kma_run_options_defaults(&options), KMA_OK);
    options.size = attack_size(a, options.size);
    options.threads = attack_chance(a, 16) ? (a->odd = true, 1025 + (int)attack_below(a, 100)) : (int)attack_below(a, 3);
    options.seed = kmi_rng_bits(&a->rng);
    options.poll = attack_chance(a, 2) ? poll_host : NULL;
    options.poll_context = attack_chance(a, 12) ? a->pool : NULL;
    return kma_run_manager_create(scene, IN(&options), NEW(RUN_MANAGER));
}

CALL(kma_run_manager_retain, 0) { RETAIN(kma_run_manager, RUN_MANAGER); }
CALL(kma_run_manager_release, 0) { RELEASE(kma_run_manager, RUN_MANAGER); }

CALL(kma_run_manager_initialize, SLOW | CLOSED_REFUSED) { return kma_run_manager_initialize(RUN_MANAGER); }
CALL(kma_run_manager_beam_on, CLOSED_REFUSED) { return kma_run_manager_beam_on(RUN_MANAGER, attack_below(a, 30)); }

CALL(kma_run_manager_start, CLOSED_REFUSED) /* its run_begin observers may wait */
{
    kma_run_manager run = RUN_MANAGER;
    return kma_run_manager_start(run, attack_chance(a, 16) ? UINT64_MAX : attack_below(a, 30));
}

CALL(kma_run_manager_wait, CLOSED_ALLOWED)
{
    kma_run_manager run = RUN_MANAGER;
    return kma_run_manager_wait(run, attack_number(a, attack_chance(a, 2) ? -1 : 0.001));
}

CALL(kma_run_manager_abort, 0) { return kma_run_manager_abort(RUN_MANAGER); }
CALL(kma_run_manager_progress, 0) { return kma_run_manager_progress(RUN_MANAGER, OUT_SIZED(kma_progress)); }

CALL(kma_run_manager_stalls, 0)
{
    kma_run_manager run = RUN_MANAGER;
    double longer_than = attack_number(a, 0);
    kma_stall *out = attack_out(a, 4 * sizeof *out, 0, ATTACK_ARRAY, false);

    return kma_run_manager_stalls(run, longer_than, out, 4, OUT(size_t));
}

CALL(kma_callback_note, 0)
{
    kma_callback_note(attack_chance(a, 2) ? "a note" : NULL);
    return KMA_OK;
}

CALL(kma_run_manager_snapshot, CLOSED_REFUSED)
{
    kma_run_manager run = RUN_MANAGER;
    return kma_run_manager_snapshot(run, NEW(RESULT));
}

CALL(kma_run_manager_close, SLOW)
{
    kma_run_manager run = RUN_MANAGER;
    kma_status status = kma_run_manager_close(run);

    attack_is_closed(a, KMA_KIND_RUN_MANAGER, run.bits); /* whatever worker_end observers said */
    return status;
}

/* ---- result.h ---- */

CALL(kma_result_retain, 0) { RETAIN(kma_result, RESULT); }
CALL(kma_result_release, 0) { RELEASE(kma_result, RESULT); }
CALL(kma_result_get_info, 0) { return kma_result_get_info(RESULT, OUT_SIZED(kma_result_info)); }

CALL(kma_quantity_unit, 0)
{
    assert_non_null(kma_quantity_unit((kma_quantity)attack_choice(a, 1)));
    return KMA_OK;
}

CALL(kma_quantity_name, 0)
{
    assert_non_null(kma_quantity_name((kma_quantity)attack_choice(a, 1)));
    return KMA_OK;
}

CALL(kma_result_get_scorer, 0)
{
    kma_result result = RESULT;
    return kma_result_get_scorer(result, attack_size(a, 0), OUT_SIZED(kma_result_scorer));
}

CALL(kma_result_find_scorer, 0)
{
    const char *name = attack_text(a, "dose");
    return kma_result_find_scorer(RESULT, name, OUT(size_t));
}

#define SCORER_AND_QUANTITY                                                                     \
    size_t scorer = attack_size(a, attack_below(a, 3));                                         \
    kma_quantity quantity = (kma_quantity)attack_choice(a, (int)attack_below(a, 7))

CALL(kma_result_get_values, 0)
{
    SCORER_AND_QUANTITY;
    size_t first = attack_size(a, 0), n = attack_below(a, 5);
    double *mean = OUTS_OR_NULL(double, n);
    return kma_result_get_values(RESULT, scorer, quantity, first, n, mean, OUTS_OR_NULL(double, n));
}

CALL(kma_result_get_largest, 0)
{
    SCORER_AND_QUANTITY;
    size_t *bin = OUT(size_t);
    double *mean = OUT(double);
    return kma_result_get_largest(RESULT, scorer, quantity, bin, mean, OUT(double));
}

CALL(kma_result_get_total, 0)
{
    SCORER_AND_QUANTITY;
    return kma_result_get_total(RESULT, scorer, quantity, OUT(double));
}

CALL(kma_result_write, SLOW)
{
    const char *path = attack_new_path(a, ".d");
    return kma_result_write(RESULT, path);
}

CALL(kma_result_write_titled, SLOW)
{
    const char *path = attack_new_path(a, ".d");
    kma_result result = RESULT;
    return kma_result_write_titled(result, attack_text(a, "written under attack"), path);
}

/* ---- simulation.h ---- */

CALL(kma_scene_write_options_defaults, 0)
{
    return kma_scene_write_options_defaults(OUT(kma_scene_write_options));
}

CALL(kma_scene_write, SLOW)
{
    kma_scene scene = SCENE;
    kma_scene_write_options options;

    assert_int_equal(kma_scene_write_options_defaults(&options), KMA_OK);
    options.size = attack_size(a, options.size);
    options.title = attack_text(a, "written under attack");
    options.histories = attack_size(a, 100);
    return kma_scene_write(scene, IN_OR_NULL(&options), attack_new_path(a, ".json"));
}

CALL(kma_simulation_read, SLOW) { return kma_simulation_read(attack_path(a, "scene.json"), NEW(SIMULATION)); }
CALL(kma_simulation_retain, 0) { RETAIN(kma_simulation, SIMULATION); }
CALL(kma_simulation_release, 0) { RELEASE(kma_simulation, SIMULATION); }
CALL(kma_simulation_get_scene, GETS_NAMES) { return kma_simulation_get_scene(SIMULATION, OLD(SCENE)); }

CALL(kma_simulation_get_title, 0)
{
    size_t room = attack_chance(a, 4) ? attack_below(a, 8) : 256;
    char *buffer = attack_out(a, room, 0, ATTACK_TEXT, false);
    size_t *length = OUT_OR_NULL(size_t);

    if (buffer == NULL && attack_chance(a, 2)) room = 0;
    if (room < 200) a->odd = true;
    return kma_simulation_get_title(SIMULATION, buffer, room, length);
}

CALL(kma_simulation_get_seed, 0) { return kma_simulation_get_seed(SIMULATION, OUT(uint64_t)); }
CALL(kma_simulation_get_histories, 0) { return kma_simulation_get_histories(SIMULATION, OUT(uint64_t)); }

CALL(kma_simulation_write_results, SLOW)
{
    const char *path = attack_new_path(a, ".d");
    kma_simulation simulation = SIMULATION;
    return kma_simulation_write_results(simulation, RESULT, path);
}

/* ---- file.h and summary.h ---- */

CALL(kma_file_kind_name, 0)
{
    assert_non_null(kma_file_kind_name((kma_file_kind)attack_choice(a, 3)));
    return KMA_OK;
}

CALL(kma_file_recognize, SLOW)
{
    static const char *const names[] = {"part.stl", "ct.mha", "scene.json", "lines.csv", "table.csv", "results"};
    const char *path = attack_path(a, names[attack_below(a, sizeof names / sizeof *names)]);
    return kma_file_recognize(path, OUT(kma_file_kind));
}

CALL(kma_summary_read, 0) { return kma_summary_read(attack_path(a, "results"), NEW(SUMMARY)); }
CALL(kma_summary_retain, 0) { RETAIN(kma_summary, SUMMARY); }
CALL(kma_summary_release, 0) { RELEASE(kma_summary, SUMMARY); }
CALL(kma_summary_get_info, 0) { return kma_summary_get_info(SUMMARY, OUT_SIZED(kma_summary_info)); }

CALL(kma_summary_get_scorer, 0)
{
    kma_summary summary = SUMMARY;
    return kma_summary_get_scorer(summary, attack_size(a, 0), OUT_SIZED(kma_summary_scorer));
}
