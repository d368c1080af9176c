/* kerma run: read, run, write, tell. */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"

typedef struct job {
    const app_options *options;
    char out[PATH_MAX];
    bool made_out;      /* by this run */
    char *title;
    kma_simulation simulation;
    kma_scene scene;
    kma_run_manager run;
    kma_result result;
    uint64_t wanted;
    app_progress progress;
    app_performance performance;
    atomic_int workers;
} job;

static int fail(int code)
{
    app_say("%s", kma_error_message());
    return code;
}

/* ---- where results go ---- */

static bool choose_directory(job *j)
{
    const char *scene = j->options->file, *slash = strrchr(scene, '/'), *name = slash == NULL ? scene : slash + 1;
    size_t length = strlen(name);
    int used;

    if (j->options->out != NULL) {
        used = snprintf(j->out, sizeof j->out, "%s", j->options->out);
    } else {
        if (length > 5 && strcmp(name + length - 5, ".json") == 0) length -= 5;
        used = snprintf(j->out, sizeof j->out, "%.*s.results", (int)length, name);
    }
    if (used < (int)sizeof j->out) return true;
    app_say("the name of the directory for results is too long");
    return false;
}

/* Made and tried before the run: nobody likes to hear afterwards that nothing can be written. */
static bool prepare_directory(job *j)
{
    char *slash;

    for (slash = strchr(j->out + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(j->out, 0777); /* what fails here fails below, too */
        *slash = '/';
    }
    j->made_out = mkdir(j->out, 0777) == 0;
    if (!j->made_out && errno != EEXIST) {
        app_say("the directory %s cannot be made: %s", j->out, strerror(errno));
        return false;
    }
    if (access(j->out, W_OK | X_OK) == 0) {
        struct stat found;
        if (stat(j->out, &found) == 0 && S_ISDIR(found.st_mode)) return true;
        errno = ENOTDIR;
    }
    app_say("results cannot be written to %s: %s", j->out, strerror(errno));
    return false;
}

/* ---- the run ---- */

static kma_status count_worker(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    atomic_store((atomic_int *)context, worker->count);
    return KMA_OK;
}

static kma_status read_scene(job *j)
{
    size_t length = 0;
    kma_status status = kma_simulation_read(j->options->file, &j->simulation);

    if (status == KMA_OK) status = kma_simulation_get_scene(j->simulation, &j->scene);
    if (status == KMA_OK) status = kma_simulation_get_histories(j->simulation, &j->wanted);
    if (j->options->has_histories) j->wanted = j->options->histories;
    if (status == KMA_OK) status = kma_simulation_get_title(j->simulation, NULL, 0, &length);
    if (status != KMA_OK) return status;
    j->title = calloc(length + 1, 1);
    if (j->title == NULL) return KMA_ERR_MEMORY;
    return kma_simulation_get_title(j->simulation, j->title, length + 1, NULL);
}

static kma_status initialize(job *j)
{
    kma_run_options options;
    kma_status status = kma_run_options_defaults(&options);

    if (status == KMA_OK) status = kma_simulation_get_seed(j->simulation, &options.seed);
    if (j->options->has_seed) options.seed = j->options->seed;
    options.threads = j->options->threads;
    options.poll = app_poll;
    options.poll_context = &j->progress;
    if (status == KMA_OK) status = kma_run_manager_create(j->scene, &options, &j->run);
    if (status == KMA_OK) status = kma_run_manager_on_worker_begin(j->run, count_worker, &j->workers, NULL);
    if (status == KMA_OK) status = kma_run_manager_initialize(j->run);
    return status;
}

static kma_status beam_on(job *j)
{
    double wall = app_seconds(), cpu = app_cpu_seconds();
    kma_status status;

    j->performance.startup = wall - app_start_seconds();
    j->progress.run = j->run;
    status = kma_run_manager_beam_on(j->run, j->wanted);
    j->progress.run.bits = 0;
    app_progress_end(&j->progress);
    j->performance.wall = app_seconds() - wall;
    j->performance.cpu = app_cpu_seconds() - cpu;
    return status;
}

/* ---- afterwards ---- */

static int write_all(job *j)
{
    double begin = app_seconds();
    kma_status status;

    app_progress_note(&j->progress, "writing results ...");
    status = kma_simulation_write_results(j->simulation, j->result, j->out);
    app_progress_end(&j->progress);
    if (status != KMA_OK) return fail(APP_OUTPUT);
    j->performance.write = app_seconds() - begin;
    j->performance.threads = j->options->threads == KMA_THREADS_ALL ? atomic_load(&j->workers) : j->options->threads;
    j->performance.workers = atomic_load(&j->workers);
    if (!app_write_performance(&j->performance, j->out)) {
        app_say("%s/performance.json cannot be written: %s", j->out, strerror(errno));
        return APP_OUTPUT;
    }
    if (j->options->quiet) return APP_OK;
    if (!app_print_table(j->result, j->title)) return fail(APP_RUN_FAILED);
    printf("\n%.3g histories/s in %.3g s; all results: %s\n",
           j->performance.wall > 0 ? (double)j->performance.histories / j->performance.wall : 0, j->performance.wall, j->out);
    return APP_OK;
}

/* What is to be said about a run that did not reach its end. */
static int tell(const job *j, kma_status status, const char *message)
{
    bool interrupted = status == KMA_ERR_ABORTED && app_was_interrupted();

    if (interrupted)
        app_say("interrupted after %llu of %llu histories", (unsigned long long)j->performance.histories,
                (unsigned long long)j->wanted);
    else
        app_say("the run failed after %llu of %llu histories: %s", (unsigned long long)j->performance.histories,
                (unsigned long long)j->wanted, message);
    if (j->performance.histories == 0) app_say("no results were written");
    return interrupted ? APP_INTERRUPTED : APP_RUN_FAILED;
}

static int finish(job *j, kma_status status)
{
    kma_result_info info = {.size = sizeof info};
    char message[1024];
    int code = APP_OK, written = APP_OK;

    snprintf(message, sizeof message, "%s", kma_error_message());
    kma_set_thread_poll(NULL, NULL); /* what was simulated until Ctrl-C is written */
    if (kma_run_manager_snapshot(j->run, &j->result) != KMA_OK || kma_result_get_info(j->result, &info) != KMA_OK)
        return fail(APP_RUN_FAILED);
    kma_run_manager_close(j->run);
    j->performance.histories = info.histories;
    if (status != KMA_OK) code = tell(j, status, message);
    if (info.histories > 0) written = write_all(j);
    if (written != APP_OK) return written;
    return code;
}

static int tell_early(void)
{
    app_say("interrupted before the first history: no results were written");
    return APP_INTERRUPTED;
}

static int run_scene(job *j)
{
    kma_status status;

    app_progress_note(&j->progress, "preparing ...");
    status = initialize(j);
    app_progress_end(&j->progress);
    if (status == KMA_OK) return finish(j, beam_on(j));
    if (status == KMA_ERR_ABORTED && app_was_interrupted()) return tell_early();
    app_say("%s: %s", j->options->file, kma_error_message()); /* the names in it are the scene's */
    return APP_RUN_FAILED;
}

static int work(job *j)
{
    kma_status status;
    int code;

    app_progress_begin(&j->progress, j->options->quiet);
    app_progress_note(&j->progress, "reading ...");
    status = read_scene(j);
    app_progress_end(&j->progress);
    if (status == KMA_ERR_ABORTED && app_was_interrupted()) return tell_early();
    if (status != KMA_OK) return fail(APP_SCENE);
    if (!choose_directory(j)) return APP_USAGE;
    if (!prepare_directory(j)) return APP_OUTPUT;
    code = run_scene(j);
    if (j->made_out && code != APP_OK) rmdir(j->out); /* if it is empty */
    return code;
}

int app_run(const app_options *options)
{
    job *j = calloc(1, sizeof *j);
    int code;

    if (j == NULL) {
        app_say("out of memory");
        return APP_RUN_FAILED;
    }
    j->options = options;
    app_listen();
    app_catch_signals();
    code = work(j);
    kma_result_release(&j->result);
    kma_run_manager_release(&j->run);
    kma_scene_release(&j->scene);
    kma_simulation_release(&j->simulation);
    free(j->title);
    free(j);
    return code;
}
