/*
 * Runs the regression scenes and prints one line for each:
 *
 *     NAME histories N scene SHA256 tables SHA256 scores SHA256
 *
 *     regression_scores [--threads T] [--parts N,N,...] [--abort-at H] [SCENE...]
 *
 * 20,000 histories of seed 20, in one beam_on or in several of N; with --abort-at
 * the run is aborted in the history H and then continued. Whatever is
 * asked for, the same lines must come out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make.h"
#include "scenes.h"

enum { HISTORIES = 20000, SEED = 20, PARTS_MAX = 32 };

typedef struct plan {
    int threads;
    uint64_t part[PARTS_MAX];
    size_t parts;
    uint64_t abort_at; /* UINT64_MAX: never */
} plan;

static void fail(const char *text)
{
    fprintf(stderr, "regression_scores: %s\n", text);
    exit(2);
}

static kma_status abort_there(kma_run_manager run, const kma_worker *worker, void *context)
{
    const uint64_t *there = context;
    return worker->history == *there ? kma_run_manager_abort(run) : KMA_OK;
}

/* Aborted runs hold some of their histories, not all: else nothing was tested. */
static void run_aborted(kma_run_manager run, uint64_t histories)
{
    kma_progress progress = {.size = sizeof progress};

    if (kma_run_manager_beam_on(run, histories) != KMA_ERR_ABORTED) fail("the run was not aborted");
    MUST(kma_run_manager_progress(run, &progress));
    if (progress.histories == 0 || progress.histories >= progress.target) fail("the run was not aborted in its middle");
}

/* Something reached every scorer, or its numbers would guard nothing. */
static void check_scorers(const char *name, kma_result result, size_t scorers)
{
    static const kma_quantity deposits[1] = {KMA_QUANTITY_ENERGY};
    static const kma_quantity crossings[2] = {KMA_QUANTITY_PRIMARY_ENERGY, KMA_QUANTITY_SCATTER_ENERGY};
    size_t i, k;

    for (i = 0; i < scorers; i++) {
        kma_result_scorer scorer = {.size = sizeof scorer};
        int detector;
        MUST(kma_result_get_scorer(result, i, &scorer));
        detector = scorer.kind == KMA_SCORER_DETECTOR;
        for (k = 0; k < (detector ? 2 : 1); k++) {
            double total;
            MUST(kma_result_get_total(result, i, detector ? crossings[k] : deposits[k], &total));
            if (!(total > 0)) {
                fprintf(stderr, "%s: the scorer '%s' has no score\n", name, scorer.name);
                exit(1);
            }
        }
    }
}

static void run_scene(const regression_scene *scene, plan *p)
{
    kma_run_options options;
    kma_run_manager run;
    kma_result result;
    kma_result_info info = {.size = sizeof info};
    size_t i;

    MUST(kma_run_options_defaults(&options));
    options.threads = p->threads;
    options.seed = SEED;
    MUST(kma_run_manager_create(scene->make(), &options, &run));
    if (p->abort_at != UINT64_MAX) MUST(kma_run_manager_on_history_begin(run, abort_there, &p->abort_at, NULL));
    MUST(kma_run_manager_initialize(run));
    for (i = 0; i < p->parts; i++) {
        if (i == 0 && p->abort_at != UINT64_MAX)
            run_aborted(run, p->part[i]);
        else
            MUST(kma_run_manager_beam_on(run, p->part[i]));
    }
    MUST(kma_run_manager_snapshot(run, &result));
    MUST(kma_result_get_info(result, &info));
    check_scorers(scene->name, result, info.scorers);
    MUST(kma_run_manager_close(run));
    MUST(kma_run_manager_release(&run));
    MUST(kma_result_release(&result));
    make_release_all();
    if (!(info.ledger.balance <= info.ledger.allowed && -info.ledger.balance <= info.ledger.allowed))
        fail("the energy ledger does not balance");
    printf("%s histories %" PRIu64 " scene %s tables %s scores %s\n", scene->name, info.histories, info.scene_hash,
           info.fingerprint, info.scores_hash);
    fflush(stdout);
}

static void read_parts(char *text, plan *p)
{
    uint64_t sum = 0;
    char *part;

    for (p->parts = 0, part = strtok(text, ","); part != NULL; part = strtok(NULL, ",")) {
        if (p->parts == PARTS_MAX) fail("too many parts");
        sum += p->part[p->parts++] = strtoull(part, NULL, 10);
    }
    if (sum != HISTORIES) fail("the parts do not sum to 20000");
}

static const regression_scene *find_scene(const char *name)
{
    size_t i;
    for (i = 0; i < regression_scene_count; i++)
        if (strcmp(name, regression_scenes[i].name) == 0) return &regression_scenes[i];
    fail("no such scene or option");
    return NULL;
}

int main(int argc, char **argv)
{
    plan p = {.part = {HISTORIES}, .parts = 1, .abort_at = UINT64_MAX};
    size_t i;
    int a;

    for (a = 1; a + 1 < argc && strncmp(argv[a], "--", 2) == 0; a += 2) {
        if (strcmp(argv[a], "--threads") == 0)
            p.threads = atoi(argv[a + 1]);
        else if (strcmp(argv[a], "--parts") == 0)
            read_parts(argv[a + 1], &p);
        else if (strcmp(argv[a], "--abort-at") == 0)
            p.abort_at = strtoull(argv[a + 1], NULL, 10);
        else
            fail("no such option");
    }
    if (a == argc)
        for (i = 0; i < regression_scene_count; i++) run_scene(&regression_scenes[i], &p);
    for (; a < argc; a++) run_scene(find_scene(argv[a]), &p);
    MUST(kma_shutdown());
    return 0;
}
