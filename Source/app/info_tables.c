/* kerma info of spectra and CT tables. */
#include <stdio.h>

#include "app.h"

/* ---- spectra ---- */

bool app_info_spectrum(const char *path, app_json *json)
{
    kma_spectrum spectrum = {0};
    kma_spectrum_kind kind = KMA_SPECTRUM_LINES;
    size_t count = 0;
    double low = 0, high = 0, mean = 0;
    kma_status status = kma_spectrum_read_csv(path, &spectrum);

    if (status == KMA_OK) status = kma_spectrum_get_kind(spectrum, &kind);
    if (status == KMA_OK) status = kma_spectrum_get_count(spectrum, &count);
    if (status == KMA_OK) status = kma_spectrum_get_min_energy(spectrum, &low);
    if (status == KMA_OK) status = kma_spectrum_get_max_energy(spectrum, &high);
    if (status == KMA_OK) status = kma_spectrum_get_mean_energy(spectrum, &mean);
    kma_spectrum_release(&spectrum);
    if (status != KMA_OK) return false;
    app_info_begin(path, KMA_FILE_SPECTRUM, "spectrum of photons (CSV)", json);
    if (json == NULL) {
        app_line(kind == KMA_SPECTRUM_LINES ? "lines" : "bins", "%zu", count);
        app_line("energies", "%g to %g MeV, where photons are", low, high);
        app_line("mean", "%.6g MeV a photon", mean);
        return true;
    }
    app_json_begin(json, "spectrum", '{');
    app_json_text(json, "form", kind == KMA_SPECTRUM_LINES ? "lines" : "bins");
    app_json_count(json, "count", count);
    app_json_number(json, "min_energy_mev", low);
    app_json_number(json, "max_energy_mev", high);
    app_json_number(json, "mean_energy_mev", mean);
    app_json_end(json);
    return true;
}

/* ---- CT tables ---- */

static bool name_of(kma_ct_table table, size_t index, char *out, size_t size)
{
    kma_material material = {0};
    kma_status status = kma_ct_table_get_material(table, index, &material);

    if (status == KMA_OK) status = app_material_name(material, out, size);
    kma_material_release(&material);
    return status == KMA_OK;
}

static bool show_row(kma_ct_table table, size_t index, app_json *json)
{
    kma_ct_row row;
    size_t material;
    char name[APP_NAME_SIZE];

    if (kma_ct_table_get_row(table, index, &row, &material) != KMA_OK || !name_of(table, material, name, sizeof name))
        return false;
    if (json == NULL) {
        printf("  %10g  %10g  %13g  %13g  %s\n", row.ct_low, row.ct_high, row.density_low, row.density_high, name);
        return true;
    }
    app_json_begin(json, NULL, '{');
    app_json_number(json, "ct_low", row.ct_low);
    app_json_number(json, "ct_high", row.ct_high);
    app_json_number(json, "density_low_g_cm3", row.density_low);
    app_json_number(json, "density_high_g_cm3", row.density_high);
    app_json_text(json, "material", name);
    app_json_end(json);
    return true;
}

static bool show_table(const char *path, kma_ct_table table, app_json *json)
{
    size_t rows, materials, i;
    double low, high;
    bool good = true;

    if (kma_ct_table_count_rows(table, &rows) != KMA_OK || kma_ct_table_count_materials(table, &materials) != KMA_OK ||
        kma_ct_table_get_range(table, &low, &high) != KMA_OK)
        return false;
    app_info_begin(path, KMA_FILE_CT_TABLE, "CT table (CSV)", json);
    if (json == NULL) {
        app_line("CT numbers", "%g to %g", low, high);
        app_line("rows", "%zu, of %zu material%s", rows, materials, materials == 1 ? "" : "s");
        printf("\n  %10s  %10s  %13s  %13s  %s\n", "from CT", "to CT", "from g/cm3", "to g/cm3", "material");
    } else {
        app_json_begin(json, "ct_table", '{');
        app_json_number(json, "ct_low", low);
        app_json_number(json, "ct_high", high);
        app_json_count(json, "materials", materials);
        app_json_begin(json, "rows", '[');
    }
    for (i = 0; i < rows && good; i++) good = show_row(table, i, json);
    if (json != NULL) {
        app_json_end(json);
        app_json_end(json);
    }
    return good;
}

bool app_info_ct_table(const char *path, app_json *json)
{
    kma_ct_table table = {0};
    bool good = kma_ct_table_read_csv(path, &table) == KMA_OK && show_table(path, table, json);

    kma_ct_table_release(&table);
    return good;
}

kma_status app_material_name(kma_material material, char *out, size_t size)
{
    size_t length = 0;
    kma_status status = kma_material_get_name(material, NULL, 0, &length);

    if (status != KMA_OK) return status;
    if (length < size) return kma_material_get_name(material, out, size, NULL);
    snprintf(out, size, "(a name of %zu bytes)", length);
    return KMA_OK;
}
