/* kerma replay: one history again, step by step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

typedef struct replay {
    const app_options *options;
    kma_simulation simulation;
    kma_scene scene;
    kma_run_manager run;
    kma_inventory inventory; /* made when a step is in an image: it knows the voxels */
    kma_step *steps;         /* [count] */
    size_t count, room;
    uint64_t seed;
} replay;

static int poll(void *context)
{
    (void)context;
    return app_was_interrupted();
}

/* ---- gathering: nothing is printed before all is known ---- */

static kma_status take(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                       void *context)
{
    replay *r = context;

    (void)run;
    (void)worker;
    (void)action;
    if (r->count == r->room) {
        size_t room = 2 * r->room + 64;
        kma_step *more = realloc(r->steps, room * sizeof *more);
        if (more == NULL) return KMA_ERR_MEMORY;
        r->steps = more;
        r->room = room;
    }
    r->steps[r->count++] = *step;
    return app_was_interrupted() ? KMA_ERR_ABORTED : KMA_OK;
}

static kma_status read_scene(replay *r)
{
    kma_status status = kma_simulation_read(r->options->file, &r->simulation);

    if (status == KMA_OK) status = kma_simulation_get_scene(r->simulation, &r->scene);
    if (status == KMA_OK) status = kma_simulation_get_seed(r->simulation, &r->seed);
    if (r->options->has_seed) r->seed = r->options->seed;
    return status;
}

static kma_status initialize(replay *r)
{
    kma_run_options options;
    kma_status status = kma_run_options_defaults(&options);

    options.threads = 0;
    options.seed = r->seed;
    options.poll = poll;
    if (status == KMA_OK) status = kma_run_manager_create(r->scene, &options, &r->run);
    if (status == KMA_OK) status = kma_run_manager_initialize(r->run);
    return status;
}

/* ---- what numbers mean ---- */

/* "drop", or "drop #3" of several. */
static bool name_place(const replay *r, int32_t placement, char *out, size_t size)
{
    kma_placement p = {.size = sizeof p};

    snprintf(out, size, "(outside)");
    if (placement == KMA_NONE) return true;
    if (kma_run_manager_get_placement(r->run, placement, &p) != KMA_OK) return false;
    if (p.copy > 0)
        snprintf(out, size, "%s #%d", p.volume, (int)p.copy + 1);
    else
        snprintf(out, size, "%s", p.volume);
    return true;
}

static bool name_material(const replay *r, int32_t material, char out[KMA_NAME_SIZE])
{
    snprintf(out, KMA_NAME_SIZE, "vacuum");
    return material == KMA_NONE || kma_run_manager_get_material(r->run, material, out) == KMA_OK;
}

/* Index in x, y, z. Placements of an inventory have the numbers that steps speak of. */
static bool find_voxel(replay *r, const kma_step *step, size_t out[3])
{
    kma_inventory_placement p = {.size = sizeof p};
    kma_inventory_volume v = {.size = sizeof v};
    kma_inventory_image i = {.size = sizeof i};
    size_t voxel = (size_t)step->voxel;

    if (r->inventory.bits == 0 && kma_inventory_create(r->scene, &r->inventory) != KMA_OK) return false;
    if (kma_inventory_get_placement(r->inventory, (size_t)step->placement, &p) != KMA_OK ||
        kma_inventory_get_volume(r->inventory, p.volume, &v) != KMA_OK ||
        kma_inventory_get_image(r->inventory, v.image, &i) != KMA_OK)
        return false;
    out[0] = voxel % i.geometry.count[0];
    out[1] = voxel / i.geometry.count[0] % i.geometry.count[1];
    out[2] = voxel / i.geometry.count[0] / i.geometry.count[1];
    return true;
}

/* ---- saying it ---- */

static int widest_place(const replay *r)
{
    char name[KMA_NAME_SIZE + 16];
    int width = 6;
    size_t i;

    for (i = 0; i < r->count; i++)
        if (name_place(r, r->steps[i].placement, name, sizeof name) && (int)strlen(name) - app_hidden(name) > width)
            width = (int)strlen(name) - app_hidden(name);
    return width;
}

static bool print_step(replay *r, const kma_step *s, int width)
{
    char place[KMA_NAME_SIZE + 16], material[KMA_NAME_SIZE];
    const double *d = s->next_direction;
    size_t voxel[3];

    if (!name_place(r, s->placement, place, sizeof place) || !name_material(r, s->material, material)) return false;
    printf("  %5u %4u  %-13s %11.4f %11.4f %11.4f  %8.5f %8.5f %8.5f  %10.6f %10.6f %10.6f  %-*s  %s", s->track,
           s->number, kma_process_name((kma_process)s->process), s->end[0], s->end[1], s->end[2], d[0], d[1], d[2],
           s->energy, s->next_energy, s->deposited, width + app_hidden(place), place, material);
    if (s->voxel >= 0) {
        if (!find_voxel(r, s, voxel)) return false;
        printf(" (%zu, %zu, %zu)", voxel[0], voxel[1], voxel[2]);
    }
    putchar('\n');
    return true;
}

static bool print(replay *r)
{
    double deposited = 0;
    int width = widest_place(r);
    size_t i;

    printf("History %llu, seed %llu: where each step ends, and the photon's direction and energy after it\n\n",
           (unsigned long long)r->options->history, (unsigned long long)r->seed);
    printf("  %5s %4s  %-13s %11s %11s %11s  %8s %8s %8s  %10s %10s %10s  %-*s  %s\n", "track", "step", "process",
           "x mm", "y mm", "z mm", "along x", "y", "z", "MeV before", "MeV after", "deposited", width, "volume",
           "material (voxel)");
    for (i = 0; i < r->count; i++) {
        if (!print_step(r, &r->steps[i], width)) return false;
        deposited += r->steps[i].deposited;
    }
    printf("\n%zu steps; %.6g of %.6g MeV deposited\n", r->count, deposited, r->count > 0 ? r->steps[0].energy : 0);
    return true;
}

static bool put_step(replay *r, app_json *json, const kma_step *s)
{
    char place[KMA_NAME_SIZE + 16], next[KMA_NAME_SIZE + 16], material[KMA_NAME_SIZE];
    size_t voxel[3];

    if (!name_place(r, s->placement, place, sizeof place) || !name_place(r, s->next_placement, next, sizeof next) ||
        !name_material(r, s->material, material) || (s->voxel >= 0 && !find_voxel(r, s, voxel)))
        return false;
    app_json_begin(json, NULL, '{');
    app_json_count(json, "track", s->track);
    app_json_count(json, "step", s->number);
    app_json_text(json, "process", kma_process_name((kma_process)s->process));
    app_json_numbers(json, "begin_mm", s->begin, 3);
    app_json_numbers(json, "end_mm", s->end, 3);
    app_json_number(json, "length_mm", s->length);
    app_json_numbers(json, "direction", s->direction, 3);
    app_json_numbers(json, "next_direction", s->next_direction, 3);
    app_json_number(json, "energy_mev", s->energy);
    app_json_number(json, "next_energy_mev", s->next_energy);
    app_json_number(json, "deposited_mev", s->deposited);
    app_json_text(json, "volume", place);
    app_json_text(json, "next_volume", next);
    app_json_text(json, "material", material);
    if (s->voxel >= 0) app_json_counts(json, "voxel", voxel, 3);
    app_json_end(json);
    return true;
}

static bool put(replay *r)
{
    app_json json = {0};
    size_t i;

    app_json_begin(&json, NULL, '{');
    app_json_count(&json, "kerma_replay", 1);
    app_json_text(&json, "file", r->options->file);
    app_json_count(&json, "history", r->options->history);
    app_json_count(&json, "seed", r->seed);
    app_json_begin(&json, "steps", '[');
    for (i = 0; i < r->count; i++)
        if (!put_step(r, &json, &r->steps[i])) return false;
    app_json_end(&json);
    app_json_end(&json);
    return true;
}

/* ---- the command ---- */

static int work(replay *r)
{
    kma_status status = read_scene(r);

    if (app_was_interrupted()) return APP_INTERRUPTED;
    if (status != KMA_OK) {
        app_say("%s", kma_error_message());
        return APP_SCENE;
    }
    status = initialize(r);
    if (status == KMA_OK) status = kma_run_manager_replay(r->run, r->options->history, take, r);
    if (app_was_interrupted()) return APP_INTERRUPTED;
    if (status != KMA_OK) {
        app_say("%s: %s", r->options->file, kma_error_message()); /* the names in it are the scene's */
        return APP_RUN_FAILED;
    }
    if (r->options->json ? put(r) : print(r)) return APP_OK;
    app_say("%s", kma_error_message());
    return APP_RUN_FAILED;
}

int app_replay(const app_options *options)
{
    replay r = {.options = options};
    int code;

    app_listen();
    app_catch_signals();
    code = work(&r);
    free(r.steps);
    kma_inventory_release(&r.inventory);
    kma_run_manager_release(&r.run);
    kma_scene_release(&r.scene);
    kma_simulation_release(&r.simulation);
    return code;
}
