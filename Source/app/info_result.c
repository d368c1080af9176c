/* kerma info of a result: what its summary says. */
#include <math.h>
#include <stdio.h>

#include "app.h"

static void print_scorers(kma_summary summary, size_t count)
{
    kma_summary_scorer s = {.size = sizeof s};
    size_t i, v;

    if (count == 0) return;
    puts("\nResults per history");
    app_table_head();
    for (i = 0; i < count && kma_summary_get_scorer(summary, i, &s) == KMA_OK; i++)
        for (v = 0; v < s.values; v++) {
            char quantity[KMA_SUMMARY_TEXT_SIZE];
            size_t c;
            for (c = 0; s.value[v].name[c] != '\0'; c++)
                quantity[c] = s.value[v].name[c] == '_' ? ' ' : s.value[v].name[c];
            quantity[c] = '\0';
            app_table_row(v == 0 ? s.name : "", quantity, s.value[v].value, s.value[v].uncertainty, s.value[v].unit);
        }
}

static void print(kma_summary summary, const kma_summary_info *i)
{
    if (i->title[0] != '\0') app_line("title", "%s", i->title);
    app_line("histories", "%llu%s", (unsigned long long)i->histories,
             i->first_missing == i->histories ? "" : ", not the first ones only: the run was interrupted");
    app_line("seed", "%llu", (unsigned long long)i->seed);
    app_line("cut-off", "%g MeV", i->cut_energy);
    app_line("kerma", "%s, with xraylib %s", i->kerma_version, i->xraylib_version);
    if (i->histories_per_second > 0)
        app_line("rate", "%.3g histories/s with %zu worker%s, %.3g s", i->histories_per_second, i->workers,
                 i->workers == 1 ? "" : "s", i->wall);
    app_line("scene", "%s", i->scene_hash);
    app_line("tables", "%s", i->fingerprint);
    app_line("scores", "%s", i->scores_hash);
    print_scorers(summary, i->scorers);
    app_print_ledger(i->histories, i->cut_energy, &i->ledger, i->ct_voxels, i->ct_voxels_below, i->ct_voxels_above);
}

static void put_scorers(app_json *json, kma_summary summary, size_t count)
{
    kma_summary_scorer s = {.size = sizeof s};
    size_t i, v;

    app_json_begin(json, "scorers", '[');
    for (i = 0; i < count && kma_summary_get_scorer(summary, i, &s) == KMA_OK; i++) {
        app_json_begin(json, NULL, '{');
        app_json_text(json, "name", s.name);
        app_json_text(json, "kind", s.kind);
        app_json_count(json, "bins", s.bins);
        if (s.geometry.size > 0) {
            app_json_begin(json, "grid", '{');
            app_grid_json(json, &s.geometry);
            app_json_end(json);
        }
        for (v = 0; v < s.values; v++) {
            app_json_begin(json, s.value[v].name, '{');
            app_json_number(json, "value", s.value[v].value);
            if (isfinite(s.value[v].uncertainty)) app_json_number(json, "uncertainty", s.value[v].uncertainty);
            app_json_text(json, "unit", s.value[v].unit);
            app_json_end(json);
        }
        app_json_end(json);
    }
    app_json_end(json);
}

static void put(app_json *json, kma_summary summary, const kma_summary_info *i)
{
    app_json_begin(json, "result", '{');
    app_json_text(json, "title", i->title);
    app_json_count(json, "histories", i->histories);
    app_json_count(json, "first_missing_history", i->first_missing);
    app_json_count(json, "seed", i->seed);
    app_json_number(json, "cut_energy_mev", i->cut_energy);
    app_json_text(json, "kerma_version", i->kerma_version);
    app_json_text(json, "xraylib_version", i->xraylib_version);
    app_json_text(json, "scene_hash", i->scene_hash);
    app_json_text(json, "fingerprint", i->fingerprint);
    app_json_text(json, "scores_hash", i->scores_hash);
    if (i->histories_per_second > 0) {
        app_json_number(json, "histories_per_s", i->histories_per_second);
        app_json_number(json, "wall_s", i->wall);
        app_json_count(json, "workers", i->workers);
    }
    put_scorers(json, summary, i->scorers);
    app_json_end(json);
}

bool app_info_result(const char *path, app_json *json)
{
    kma_summary summary = {0};
    kma_summary_info info = {.size = sizeof info};
    kma_status status = kma_summary_read(path, &summary);

    if (status == KMA_OK) status = kma_summary_get_info(summary, &info);
    if (status == KMA_OK) {
        app_info_begin(path, KMA_FILE_RESULT, "result of a run", json);
        if (json != NULL)
            put(json, summary, &info);
        else
            print(summary, &info);
    }
    kma_summary_release(&summary);
    return status == KMA_OK;
}
