/* kerma check: everything that is known of a scene before it runs, and all its faults. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

static void add(app_texts *self, const char *text)
{
    if (self->count == self->room) {
        size_t room = 2 * self->room + 8;
        char **more = realloc(self->texts, room * sizeof *more);
        if (more == NULL) return;
        self->texts = more;
        self->room = room;
    }
    self->texts[self->count] = strdup(text);
    self->count += self->texts[self->count] != NULL;
}

static void clear(app_texts *self)
{
    while (self->count > 0) free(self->texts[--self->count]);
    free(self->texts);
}

static void hear_warning(kma_log_level level, const char *text, void *check)
{
    if (level == KMA_LOG_WARNING || level == KMA_LOG_ERROR) add(&((app_check *)check)->warnings, text);
}

static void hear_fault(kma_status status, const char *text, void *check)
{
    (void)status;
    add(&((app_check *)check)->faults, text);
}

/* ---- steps: false, and what is wrong is a fault ---- */

static bool fault(app_check *c)
{
    add(&c->faults, kma_error_message());
    return false;
}

static bool read_scene(app_check *c)
{
    size_t length = 0;

    if (kma_simulation_check(c->options->file, hear_fault, c, &c->simulation) != KMA_OK ||
        kma_simulation_get_scene(c->simulation, &c->scene) != KMA_OK ||
        kma_simulation_get_histories(c->simulation, &c->histories) != KMA_OK ||
        kma_simulation_get_seed(c->simulation, &c->seed) != KMA_OK ||
        kma_simulation_get_title(c->simulation, NULL, 0, &length) != KMA_OK)
        return fault(c);
    c->title = calloc(length + 1, 1);
    return c->title == NULL || kma_simulation_get_title(c->simulation, c->title, length + 1, NULL) == KMA_OK ||
           fault(c);
}

/* Without a source because those of the file are at fault: that was told. */
static bool follows(const app_check *c, size_t faults_of_file, const kma_inventory_fault *f)
{
    return faults_of_file > 0 && c->info.sources == 0 && strstr(f->text, "no source") != NULL;
}

static bool make_inventory(app_check *c)
{
    kma_inventory_fault f = {.size = sizeof f};
    char text[1400];
    size_t of_file = c->faults.count, i;

    c->info.size = sizeof c->info;
    if (kma_inventory_create(c->scene, &c->inventory) != KMA_OK ||
        kma_inventory_get_info(c->inventory, &c->info) != KMA_OK)
        return fault(c);
    for (i = 0; i < c->info.faults; i++) {
        if (kma_inventory_get_fault(c->inventory, i, &f) != KMA_OK) return fault(c);
        if (follows(c, of_file, &f)) continue;
        snprintf(text, sizeof text, "%s: %s", c->options->file, f.text); /* the names in it are the scene's */
        add(&c->faults, text);
    }
    return true;
}

static void tell_overlap(app_check *c, const kma_overlap *o, app_texts *list)
{
    char at[APP_VECTOR_SIZE], text[2048];

    if (o->kind == KMA_OVERLAP_OUTSIDE)
        snprintf(text, sizeof text,
                 "%s: '%s' (placement %zu in '%s') sticks out of it by %.4g mm, at %s mm in the world",
                 c->options->file, o->first, o->first_placement + 1, o->mother, o->depth, app_vector(o->world, at));
    else
        snprintf(text, sizeof text,
                 "%s: '%s' and '%s' (placements %zu and %zu in '%s') overlap by %.4g mm, at %s mm in the world",
                 c->options->file, o->first, o->second, o->first_placement + 1, o->second_placement + 1, o->mother,
                 o->depth, app_vector(o->world, at));
    add(list, text);
}

/* All of them: as faults, unless the scene says that they only deserve a warning. */
static bool find_overlaps(app_check *c)
{
    kma_overlap_action action = KMA_OVERLAPS_REFUSE;
    size_t i;

    c->overlaps = calloc(KMA_OVERLAPS_MAX, sizeof *c->overlaps);
    if (c->overlaps == NULL) {
        add(&c->faults, "out of memory");
        return false;
    }
    if (kma_scene_get_overlap_check(c->scene, &action, NULL) != KMA_OK ||
        kma_scene_check_overlaps(c->scene, 0, c->overlaps, KMA_OVERLAPS_MAX, &c->overlap_count) != KMA_OK)
        return fault(c);
    for (i = 0; i < c->overlap_count; i++)
        tell_overlap(c, &c->overlaps[i], action == KMA_OVERLAPS_REFUSE ? &c->faults : &c->warnings);
    return true;
}

/* ---- the command ---- */

double app_check_memory(const kma_inventory_info *info, int workers)
{
    return (double)info->geometry_bytes + (double)info->image_bytes + (double)info->table_bytes +
           (double)info->scorer_bytes + workers * (double)info->worker_bytes;
}

static int work(app_check *c)
{
    size_t i;
    bool told;

    if (read_scene(c) && make_inventory(c) && c->info.volumes > 0) find_overlaps(c);
    if (app_was_interrupted()) return APP_INTERRUPTED;
    told = c->options->json ? app_check_json(c) : app_check_text(c);
    fflush(stdout);
    if (!told) app_say("%s", kma_error_message());
    for (i = 0; i < c->warnings.count && !c->options->json; i++) app_say("warning: %s", c->warnings.texts[i]);
    for (i = 0; i < c->faults.count; i++) app_say("%s", c->faults.texts[i]);
    if (!told) return APP_RUN_FAILED;
    return c->faults.count > 0 ? APP_SCENE : APP_OK;
}

int app_check_scene(const app_options *options)
{
    app_check c = {.options = options};
    int code;

    kma_set_log_sink(hear_warning, &c);
    app_catch_signals();
    code = work(&c);
    kma_inventory_release(&c.inventory);
    kma_scene_release(&c.scene);
    kma_simulation_release(&c.simulation);
    kma_set_log_sink(NULL, NULL);
    free(c.overlaps);
    free(c.title);
    clear(&c.faults);
    clear(&c.warnings);
    return code;
}
