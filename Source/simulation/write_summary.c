/* summary.json: what was run and what came out, the same bytes for any number of threads. */
#include "base/memory.h"
#include "simulation/json_write.h"
#include "simulation/write.h"

static void put_value(kmi_json_writer *json, const char *key, double value, const char *unit)
{
    kmi_json_begin(json, key, '{');
    kmi_json_put_number(json, "value", value);
    kmi_json_put_text(json, "unit", unit);
    kmi_json_end(json);
}

static void put_measured(kmi_json_writer *json, const char *key, double value, double uncertainty, const char *unit)
{
    kmi_json_begin(json, key, '{');
    kmi_json_put_number(json, "value", value);
    kmi_json_put_number(json, "uncertainty", uncertainty);
    kmi_json_put_text(json, "unit", unit);
    kmi_json_end(json);
}

static void put_place(kmi_json_writer *json, const kmi_grid *grid, size_t bin)
{
    size_t at[3] = {bin % grid->count[0], bin / grid->count[0] % grid->count[1], bin / grid->count[0] / grid->count[1]};
    double point[3];
    int r, c;

    for (r = 0; r < 3; r++) {
        point[r] = grid->origin[r];
        for (c = 0; c < 3; c++) point[r] += grid->direction[3 * r + c] * grid->spacing[c] * (double)at[c];
    }
    kmi_json_put_counts(json, "index", at, 3);
    kmi_json_put_numbers(json, "position_mm", point, 3);
}

static void put_grid(kmi_json_writer *json, const kmi_grid *grid)
{
    kmi_json_begin(json, "grid", '{');
    kmi_json_put_counts(json, "count", grid->count, 3);
    kmi_json_put_numbers(json, "spacing_mm", grid->spacing, 3);
    kmi_json_put_numbers(json, "origin_mm", grid->origin, 3);
    kmi_json_put_numbers(json, "direction", grid->direction, 9);
    kmi_json_end(json);
}

static void put_doses(kmi_json_writer *json, const kmi_scorer_summary *s, const kmi_grid *grid)
{
    put_value(json, "mass", s->mass, "g");
    put_value(json, "energy", s->energy, "MeV");
    kmi_json_begin(json, "largest_dose", '{');
    kmi_json_put_number(json, "value", s->dose);
    kmi_json_put_number(json, "uncertainty", s->dose_uncertainty);
    kmi_json_put_text(json, "unit", "Gy");
    put_place(json, grid, s->dose_at);
    kmi_json_end(json);
    kmi_json_begin(json, "above_half_of_largest_dose", '{');
    kmi_json_put_count(json, "bins", s->above_half);
    kmi_json_put_number(json, "mean_relative_uncertainty", s->above_half_relative);
    kmi_json_end(json);
}

static void put_scorer(kmi_json_writer *json, const kmi_scorer_summary *s)
{
    kmi_grid grid;

    kmi_json_begin(json, NULL, '{');
    kmi_json_put_text(json, "name", s->info.name);
    kmi_json_put_text(json, "kind", kma_scorer_kind_name(s->info.kind));
    kmi_json_put_count(json, "bins", s->info.bins);
    kmi_results_grid(&s->info.geometry, &grid);
    if (s->info.kind != KMA_SCORER_VOLUME) put_grid(json, &grid);
    switch (s->info.kind) {
    case KMA_SCORER_VOXELS:
    case KMA_SCORER_GRID: put_doses(json, s, &grid); break;
    case KMA_SCORER_VOLUME:
        put_value(json, "mass", s->mass, "g");
        put_measured(json, "energy", s->energy, s->energy_uncertainty, "MeV");
        put_measured(json, "dose", s->dose, s->dose_uncertainty, "Gy");
        break;
    case KMA_SCORER_DETECTOR:
        put_value(json, "primary_energy", s->primary_energy, "MeV");
        put_value(json, "primary_count", s->primary_count, "photons");
        put_value(json, "scatter_energy", s->scatter_energy, "MeV");
        put_value(json, "scatter_count", s->scatter_count, "photons");
        break;
    }
    kmi_json_end(json);
}

static void put_run(kmi_json_writer *json, const kmi_results *self)
{
    const kma_result_info *info = &self->info;
    const kma_energy_ledger *ledger = &info->ledger;

    kmi_json_put_count(json, "histories", info->histories);
    kmi_json_put_count(json, "first_missing_history", info->first_missing);
    kmi_json_put_count(json, "seed", info->seed);
    kmi_json_put_number(json, "cut_energy_mev", info->cut_energy);
    kmi_json_put_text(json, "kerma_version", kma_version());
    kmi_json_put_text(json, "xraylib_version", KERMA_XRAYLIB_VERSION_STRING);
    kmi_json_put_text(json, "scene_hash", info->scene_hash);
    kmi_json_put_text(json, "fingerprint", info->fingerprint);
    kmi_json_put_text(json, "scores_hash", info->scores_hash);
    kmi_json_begin(json, "energy_of_all_histories_mev", '{');
    kmi_json_put_number(json, "emitted", ledger->emitted);
    kmi_json_put_number(json, "deposited", ledger->deposited);
    kmi_json_put_number(json, "escaped", ledger->escaped);
    kmi_json_put_number(json, "cut", ledger->cut);
    kmi_json_put_number(json, "killed", ledger->killed);
    kmi_json_put_number(json, "balance", ledger->balance);
    kmi_json_put_number(json, "allowed_balance", ledger->allowed);
    kmi_json_end(json);
    kmi_json_begin(json, "ct_numbers", '{');
    kmi_json_put_count(json, "voxels", info->ct_voxels);
    kmi_json_put_count(json, "below_table", info->ct_voxels_below);
    kmi_json_put_count(json, "above_table", info->ct_voxels_above);
    kmi_json_end(json);
}

kma_status kmi_write_summary(const kmi_results *self)
{
    kma_status status = KMA_OK;
    kmi_json_writer *json = NULL;
    char *path = NULL;
    size_t i;

    KMI_TRY(kmi_results_path(self, "summary", ".json", &path));
    KMI_TRY(kmi_json_open(path, &json));
    kmi_json_begin(json, NULL, '{');
    kmi_json_put_count(json, "kerma_summary", 1);
    if (self->title != NULL) kmi_json_put_text(json, "title", self->title);
    put_run(json, self);
    kmi_json_put_text(json, "scorers_are", "per history; uncertainties are one standard deviation, null with one history");
    kmi_json_begin(json, "scorers", '[');
    for (i = 0; i < self->info.scorers; i++) put_scorer(json, &self->scorers[i]);
    kmi_json_end(json);
    kmi_json_end(json);
    KMI_TRY(kmi_json_commit(&json));
cleanup:
    kmi_json_discard(json);
    kmi_free(path);
    return status;
}
