/* Spectra from tables. */
#include <string.h>

#include "base/float_env.h"
#include "base/memory.h"
#include "io/csv.h"
#include "io/spectrum_csv.h"

/* Both ends of each row's bin rise, and so do the bins; `low` may be `high`: lines. */
static kma_status check_rows(const kmi_csv *csv, int low, int high, int weight)
{
    double before = 0, sum = 0;
    size_t i;

    for (i = 0; i < csv->rows; i++) {
        double from = kmi_csv_value(csv, i, (size_t)low), to = kmi_csv_value(csv, i, (size_t)high);
        double w = kmi_csv_value(csv, i, (size_t)weight);
        if (!(from > 0)) return kmi_csv_fail(csv, i, (size_t)low, "energies are MeV above 0");
        if (low != high && !(to > from)) return kmi_csv_fail(csv, i, (size_t)high, "a bin ends above its beginning");
        if (i > 0 && (low == high ? !(from > before) : !(from >= before)))
            return kmi_csv_fail(csv, i, (size_t)low, low == high ? "energies rise from row to row"
                                                                 : "a bin begins at the end of the one before, or above");
        if (!(w >= 0)) return kmi_csv_fail(csv, i, (size_t)weight, "weights are at least 0");
        before = to;
        sum += w;
    }
    if (!(sum > 0)) return kmi_fail(KMA_ERR_FORMAT, "%s: all weights are 0", csv->path);
    return KMA_OK;
}

/* edges[2 n], weights[2 n]: room for a gap before each bin. Returns the number of bins. */
static size_t join_bins(const kmi_csv *csv, int low, int high, int weight, double *edges, double *weights)
{
    size_t n = 0, i;

    edges[0] = kmi_csv_value(csv, 0, (size_t)low);
    for (i = 0; i < csv->rows; i++) {
        double from = kmi_csv_value(csv, i, (size_t)low);
        if (from != edges[n]) {
            weights[n] = 0;
            edges[++n] = from;
        }
        weights[n] = kmi_csv_value(csv, i, (size_t)weight);
        edges[++n] = kmi_csv_value(csv, i, (size_t)high);
    }
    return n;
}

kma_status kma_spectrum_read_csv(const char *path, kma_spectrum *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_csv *csv = NULL;
    double *energies = NULL, *weights = NULL;
    int low, high, line, weight;
    size_t n;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kmi_csv_read(path, KMI_SPECTRUM_ROWS_MAX, &csv));
    low = kmi_csv_column(csv, "energy_low_mev");
    high = kmi_csv_column(csv, "energy_high_mev");
    line = kmi_csv_column(csv, "energy_mev");
    weight = kmi_csv_column(csv, "weight");
    if (weight < 0 || (low < 0) != (high < 0) || (low < 0) == (line < 0))
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: a spectrum has the columns energy_mev,weight (lines) or "
                                         "energy_low_mev,energy_high_mev,weight (bins), named in its first row", path));
    if (line >= 0) low = high = line;
    KMI_TRY(check_rows(csv, low, high, weight));
    energies = kmi_alloc_array(2 * csv->rows + 1, sizeof *energies);
    weights = kmi_alloc_array(2 * csv->rows, sizeof *weights);
    if (energies == NULL || weights == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu rows", path, csv->rows));
    if (line >= 0) {
        for (n = 0; n < csv->rows; n++) {
            energies[n] = kmi_csv_value(csv, n, (size_t)line);
            weights[n] = kmi_csv_value(csv, n, (size_t)weight);
        }
        status = kma_spectrum_create_lines(energies, weights, n, out);
    } else {
        n = join_bins(csv, low, high, weight, energies, weights);
        status = kma_spectrum_create_histogram(energies, weights, n, out);
    }
    if (status == KMA_ERR_ARGUMENT) status = kmi_fail_prefix(KMA_ERR_FORMAT, "%s: ", path);
cleanup:
    kmi_free(energies);
    kmi_free(weights);
    kmi_csv_destroy(csv);
    return status;
}
