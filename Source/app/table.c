/* The results as a table for people. */
#include <stdio.h>

#include "app.h"

static void row(const char *scorer, const char *quantity, double value, const char *uncertainty, const char *unit)
{
    printf("  %-*s  %-22s  %12.5g  %12s  %s\n", 20 + app_hidden(scorer), scorer, quantity, value, uncertainty, unit);
}

static void measured(const char *scorer, const char *quantity, double value, double sigma, const char *unit)
{
    char text[32] = "unknown";

    if (sigma - sigma == 0) snprintf(text, sizeof text, "%.2g", sigma);
    row(scorer, quantity, value, text, unit);
}

void app_table_head(void)
{
    printf("  %-20s  %-22s  %12s  %12s  %s\n", "scorer", "quantity", "value", "uncertainty", "unit");
}

void app_table_row(const char *scorer, const char *quantity, double value, double sigma, const char *unit)
{
    if (sigma != sigma)
        row(scorer, quantity, value, "", unit);
    else
        measured(scorer, quantity, value, sigma, unit);
}

static kma_status print_volume(kma_result result, size_t index, const kma_result_scorer *s)
{
    double value, sigma;
    kma_status status = kma_result_get_values(result, index, KMA_QUANTITY_DOSE, 0, 1, &value, &sigma);

    if (status == KMA_OK) measured(s->name, "dose", value, sigma, "Gy");
    if (status == KMA_OK) status = kma_result_get_values(result, index, KMA_QUANTITY_ENERGY, 0, 1, &value, &sigma);
    if (status == KMA_OK) measured("", "energy", value, sigma, "MeV");
    if (status == KMA_OK) status = kma_result_get_values(result, index, KMA_QUANTITY_MASS, 0, 1, &value, NULL);
    if (status == KMA_OK) row("", "mass", value, "", "g");
    return status;
}

static kma_status print_totals(kma_result result, size_t index, const kma_result_scorer *s)
{
    static const struct { kma_quantity quantity; const char *text, *unit; } totals[] = {
        {KMA_QUANTITY_PRIMARY_ENERGY, "primary energy", "MeV"}, {KMA_QUANTITY_PRIMARY_COUNT, "primary photons", "1"},
        {KMA_QUANTITY_SCATTER_ENERGY, "scattered energy", "MeV"}, {KMA_QUANTITY_SCATTER_COUNT, "scattered photons", "1"},
    };
    kma_status status = KMA_OK;
    double value, sigma;
    size_t bin, i;

    if (s->kind != KMA_SCORER_DETECTOR) {
        status = kma_result_get_largest(result, index, KMA_QUANTITY_DOSE, &bin, &value, &sigma);
        if (status == KMA_OK) measured(s->name, "largest dose", value, sigma, "Gy");
        if (status == KMA_OK) status = kma_result_get_total(result, index, KMA_QUANTITY_ENERGY, &value);
        if (status == KMA_OK) row("", "energy in all", value, "", "MeV");
        return status;
    }
    for (i = 0; i < sizeof totals / sizeof *totals && status == KMA_OK; i++) {
        status = kma_result_get_total(result, index, totals[i].quantity, &value);
        if (status == KMA_OK) row(i == 0 ? s->name : "", totals[i].text, value, "", totals[i].unit);
    }
    return status;
}

void app_print_ledger(uint64_t histories, double cut_energy, const kma_energy_ledger *l, uint64_t ct_voxels,
                      uint64_t ct_below, uint64_t ct_above)
{
    double part = l->emitted > 0 ? 100 / l->emitted : 0;

    printf("\nEnergy of all %llu histories, MeV\n", (unsigned long long)histories);
    printf("  emitted    %14.8g\n", l->emitted);
    printf("  deposited  %14.8g  %6.2f %%\n", l->deposited, part * l->deposited);
    printf("  escaped    %14.8g  %6.2f %%\n", l->escaped, part * l->escaped);
    printf("  cut        %14.8g  %6.2f %%  (scored where photons fell below %g MeV)\n", l->cut, part * l->cut,
           cut_energy);
    if (l->killed != 0) printf("  killed     %14.8g  %6.2f %%\n", l->killed, part * l->killed);
    printf("  balance    %14.3g  (at most %.3g by rounding)\n", l->balance, l->allowed);
    if (ct_below + ct_above > 0)
        printf("\n%llu of %llu CT voxels were below the CT table, %llu above: they count as its ends\n",
               (unsigned long long)ct_below, (unsigned long long)ct_voxels, (unsigned long long)ct_above);
}

bool app_print_table(kma_result result, const char *title)
{
    kma_result_info info = {.size = sizeof info};
    kma_result_scorer s = {.size = sizeof s};
    kma_status status = kma_result_get_info(result, &info);
    size_t i;

    if (status != KMA_OK) return false;
    if (title[0] != '\0') printf("%s\n", title);
    printf("%llu histories, seed %llu\n\n", (unsigned long long)info.histories, (unsigned long long)info.seed);
    if (info.scorers > 0) {
        puts("Results per history");
        app_table_head();
    }
    for (i = 0; i < info.scorers && status == KMA_OK; i++) {
        status = kma_result_get_scorer(result, i, &s);
        if (status != KMA_OK) break;
        status = s.kind == KMA_SCORER_VOLUME ? print_volume(result, i, &s) : print_totals(result, i, &s);
    }
    if (status != KMA_OK) return false;
    app_print_ledger(info.histories, info.cut_energy, &info.ledger, info.ct_voxels, info.ct_voxels_below,
                     info.ct_voxels_above);
    return true;
}
