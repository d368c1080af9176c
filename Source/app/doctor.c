/* kerma doctor: whether what the command stands on works. Of Python and ITK the package in Python knows more: it is asked. */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

enum { HISTORIES = 1000, CHECKS_MOST = 8 };

typedef struct check {
    const char *name, *state, *cure; /* cure: NULL if there is none */
    char text[1024];
} check;

typedef struct report {
    check checks[CHECKS_MOST];
    int count, troubles;
} report;

static void add(report *self, const char *name, const char *state, const char *cure, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void add(report *self, const char *name, const char *state, const char *cure, const char *format, ...)
{
    check *c = &self->checks[self->count++];
    va_list arguments;

    *c = (check){.name = name, .state = state, .cure = cure};
    va_start(arguments, format);
    vsnprintf(c->text, sizeof c->text, format, arguments);
    va_end(arguments);
    if (strcmp(state, "trouble") == 0) self->troubles++;
}

/* ---- a small run ---- */

/* What a scene is made of, released in any case. */
typedef struct parts {
    kma_material water;
    kma_solid box, orb;
    kma_volume world, drop;
    kma_spectrum line;
    kma_source source;
    kma_scorer scorer;
    kma_scene scene;
    kma_run_manager run;
    kma_result result;
} parts;

static void release(parts *p)
{
    kma_result_release(&p->result);
    kma_run_manager_release(&p->run);
    kma_scene_release(&p->scene);
    kma_scorer_release(&p->scorer);
    kma_source_release(&p->source);
    kma_spectrum_release(&p->line);
    kma_volume_release(&p->drop);
    kma_volume_release(&p->world);
    kma_solid_release(&p->orb);
    kma_solid_release(&p->box);
    kma_material_release(&p->water);
}

static bool describe(parts *p)
{
    static const double size[3] = {200, 200, 200}, place[3] = {0, 0, 20};
    kma_source_options beam;

    if (kma_source_options_defaults(&beam) != KMA_OK) return false;
    beam.kind = KMA_SOURCE_PENCIL;
    beam.position[2] = -90;
    return kma_material_create_nist("Water, Liquid", &p->water) == KMA_OK &&
           kma_solid_create_box(size, &p->box) == KMA_OK && kma_solid_create_orb(10, &p->orb) == KMA_OK &&
           kma_volume_create("world", p->box, (kma_material){0}, &p->world) == KMA_OK &&
           kma_volume_create("drop", p->orb, p->water, &p->drop) == KMA_OK &&
           kma_volume_place(p->world, p->drop, place, NULL) == KMA_OK &&
           kma_spectrum_create_mono(0.06, &p->line) == KMA_OK &&
           kma_source_create(&beam, p->line, &p->source) == KMA_OK &&
           kma_scorer_create_volume("drop", p->drop, &p->scorer) == KMA_OK &&
           kma_scene_create(p->world, &p->scene) == KMA_OK &&
           kma_scene_add_source(p->scene, p->source) == KMA_OK && kma_scene_add_scorer(p->scene, p->scorer) == KMA_OK;
}

/* False if something failed (kma_error_message). */
static bool small_run(int threads, char hash[KMA_HASH_SIZE])
{
    parts p = {0};
    kma_run_options options;
    kma_result_info info = {.size = sizeof info};
    bool good;

    good = describe(&p) && kma_run_options_defaults(&options) == KMA_OK;
    if (good) options.threads = threads;
    good = good && kma_run_manager_create(p.scene, &options, &p.run) == KMA_OK &&
           kma_run_manager_initialize(p.run) == KMA_OK && kma_run_manager_beam_on(p.run, HISTORIES) == KMA_OK &&
           kma_run_manager_snapshot(p.run, &p.result) == KMA_OK && kma_result_get_info(p.result, &info) == KMA_OK;
    if (good) memcpy(hash, info.scores_hash, KMA_HASH_SIZE);
    release(&p);
    return good;
}

static void check_runs(report *self)
{
    const int threads[] = {0, 1, KMA_THREADS_ALL};
    char hashes[3][KMA_HASH_SIZE];
    int i;

    for (i = 0; i < 3; i++)
        if (!small_run(threads[i], hashes[i])) {
            add(self, "runs", "trouble", NULL, "%d histories with threads %d: %s", HISTORIES,
                threads[i] == KMA_THREADS_ALL ? app_processors() : threads[i], kma_error_message());
            return;
        }
    if (strcmp(hashes[0], hashes[1]) == 0 && strcmp(hashes[0], hashes[2]) == 0)
        add(self, "runs", "good", NULL, "%d histories with threads 0, 1 and %d: the same result", HISTORIES, app_processors());
    else
        add(self, "runs", "trouble", "please report it, with the processor's name: this must not be",
            "results depend on the number of threads: %s, %s, %s", hashes[0], hashes[1], hashes[2]);
}

/* ---- the rest ---- */

static void check_library(report *self)
{
    const char *(*function)(void) = kma_version;
    void *address;
    Dl_info info;

    memcpy(&address, &function, sizeof address); /* ISO C has no cast for it, POSIX has the address */
    add(self, "library", "good", NULL, "%s, %s", kma_version(),
        dladdr(address, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "within the program");
}

static void check_python(report *self, const app_python *python)
{
    static const char cure[] = "run 'PYTHON -m kerma doctor' with the Python that has it";

    switch (python->found) {
    case APP_PYTHON_ANSWERED:
        if (python->status == 0)
            add(self, "Python", "good", NULL, "the package of python3 (PATH) is well");
        else
            add(self, "Python", "trouble", NULL, "the package of python3 (PATH) found trouble: see its report");
        break;
    case APP_PYTHON_WITHOUT_KERMA:
        add(self, "Python", "note", cure, "python3 (PATH) does not have the package kerma: what it knows of ITK was not asked");
        break;
    case APP_PYTHON_BROKEN:
        add(self, "Python", "trouble", "python3 -c 'import kerma' may tell more",
            "the package of python3 (PATH) did not answer: it ended with %s %d", python->signal ? "signal" : "status",
            python->signal ? python->signal : python->status);
        break;
    case APP_PYTHON_NONE:
        add(self, "Python", "note", cure, "there is no python3 in PATH (%s): what it knows of ITK was not asked",
            strerror(python->error));
        break;
    }
}

static void print_text(const report *self, const app_python *python)
{
    int i;

    printf("The command and its library: ");
    if (self->troubles == 0) printf("all is well\n");
    else printf("%d trouble%s\n", self->troubles, self->troubles > 1 ? "s" : "");
    for (i = 0; i < self->count; i++) {
        const check *c = &self->checks[i];
        printf("  %-8s %-10s  %s\n", strcmp(c->state, "trouble") == 0 ? "TROUBLE" : c->state, c->name, c->text);
        if (c->cure != NULL) printf("  %-8s %-10s  Cure: %s\n", "", "", c->cure);
    }
    if (python->found == APP_PYTHON_ANSWERED) printf("\n%s", python->text);
}

static void print_json(const report *self, const app_python *python)
{
    app_json json = {0};
    int i;

    app_json_begin(&json, NULL, '{');
    app_json_count(&json, "kerma_doctor", 1);
    app_json_truth(&json, "ok", self->troubles == 0);
    app_json_begin(&json, "checks", '[');
    for (i = 0; i < self->count; i++) {
        app_json_begin(&json, NULL, '{');
        app_json_text(&json, "name", self->checks[i].name);
        app_json_text(&json, "state", self->checks[i].state);
        app_json_text(&json, "text", self->checks[i].text);
        app_json_text(&json, "cure", self->checks[i].cure != NULL ? self->checks[i].cure : "");
        app_json_end(&json);
    }
    app_json_end(&json);
    if (python->found == APP_PYTHON_ANSWERED) app_json_made(&json, "python", python->text);
    else app_json_null(&json, "python");
    app_json_end(&json);
}

int app_doctor(const app_options *options)
{
    app_python python;
    report r = {0};

    app_listen();
    check_library(&r);
    add(&r, "processors", "good", NULL, "%d may be used: as many workers as that by default", app_processors());
    check_runs(&r);
    fflush(stdout);
    app_ask_python(options, &python);
    check_python(&r, &python);
    if (options->json) print_json(&r, &python);
    else print_text(&r, &python);
    free(python.text);
    return r.troubles == 0 ? APP_OK : APP_RUN_FAILED;
}
