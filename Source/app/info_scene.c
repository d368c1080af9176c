/* kerma info of a scene: in a few lines; kerma check says more. */
#include <stdio.h>

#include "app.h"

typedef struct scene_numbers {
    char title[256];
    uint64_t seed, histories;
    double cut_energy;
    size_t sources, scorers;
} scene_numbers;

static kma_status read(const char *path, scene_numbers *out)
{
    kma_simulation simulation = {0};
    kma_scene scene = {0};
    size_t length = 0;
    kma_status status = kma_simulation_read(path, &simulation);

    if (status == KMA_OK) status = kma_simulation_get_scene(simulation, &scene);
    if (status == KMA_OK) status = kma_simulation_get_title(simulation, NULL, 0, &length);
    if (status == KMA_OK && length < sizeof out->title)
        status = kma_simulation_get_title(simulation, out->title, sizeof out->title, NULL);
    else
        snprintf(out->title, sizeof out->title, "(%zu bytes)", length);
    if (status == KMA_OK) status = kma_simulation_get_seed(simulation, &out->seed);
    if (status == KMA_OK) status = kma_simulation_get_histories(simulation, &out->histories);
    if (status == KMA_OK) status = kma_scene_get_cut_energy(scene, &out->cut_energy);
    if (status == KMA_OK) status = kma_scene_count_sources(scene, &out->sources);
    if (status == KMA_OK) status = kma_scene_count_scorers(scene, &out->scorers);
    kma_scene_release(&scene);
    kma_simulation_release(&simulation);
    return status;
}

bool app_info_scene(const char *path, app_json *json)
{
    scene_numbers s = {0};

    if (read(path, &s) != KMA_OK) return false;
    app_info_begin(path, KMA_FILE_SCENE, "scene", json);
    if (json == NULL) {
        if (s.title[0] != '\0') app_line("title", "%s", s.title);
        app_line("histories", "%llu, seed %llu", (unsigned long long)s.histories, (unsigned long long)s.seed);
        app_line("cut-off", "%g MeV", s.cut_energy);
        app_line("sources", "%zu", s.sources);
        app_line("scorers", "%zu", s.scorers);
        return true;
    }
    app_json_begin(json, "scene", '{');
    app_json_text(json, "title", s.title);
    app_json_count(json, "histories", s.histories);
    app_json_count(json, "seed", s.seed);
    app_json_number(json, "cut_energy_mev", s.cut_energy);
    app_json_count(json, "sources", s.sources);
    app_json_count(json, "scorers", s.scorers);
    app_json_end(json);
    return true;
}
