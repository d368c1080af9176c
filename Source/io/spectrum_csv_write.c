/* Spectra as tables: what kma_spectrum_read_csv() makes of one is the same spectrum to the bit. */
#include "io/spectrum_csv.h"

#include "io/csv.h"

kma_status kmi_spectrum_write_csv(const kmi_spectrum *spectrum, const char *path, kmi_file_batch *batch)
{
    static const char *const bins[] = {"energy_low_mev", "energy_high_mev", "weight"};
    static const char *const lines[] = {"energy_mev", "weight"};
    kma_status status = KMA_OK;
    bool histogram = kmi_spectrum_kind(spectrum) == KMA_SPECTRUM_HISTOGRAM;
    const double *energy = kmi_spectrum_energies(spectrum), *weight = kmi_spectrum_weights(spectrum);
    size_t n = kmi_spectrum_count(spectrum), i;
    kmi_csv_writer *table = NULL;

    KMI_TRY(kmi_csv_open(path, &table));
    KMI_TRY(kmi_csv_names(table, histogram ? bins : lines, histogram ? 3 : 2));
    for (i = 0; i < n; i++) {
        const double row[3] = {energy[i], histogram ? energy[i + 1] : weight[i], weight[i]};
        KMI_TRY(kmi_csv_row(table, row, histogram ? 3 : 2));
    }
    if (n > KMI_SPECTRUM_ROWS_MAX || kmi_csv_size(table) > KMI_CSV_SIZE_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "%s: the spectrum has %zu %s, which make %llu bytes: at most %d and %d are read "
                         "from a table", path, n, histogram ? "bins" : "lines", (unsigned long long)kmi_csv_size(table),
                         KMI_SPECTRUM_ROWS_MAX, KMI_CSV_SIZE_MAX));
    KMI_TRY(kmi_csv_set_aside(&table, batch));
cleanup:
    kmi_csv_discard(table);
    return status;
}
