/*
 * CT tables as CSV: what is read from one is the same table to the bit, but for names that were alike and the materials'
 * own densities, which a table makes no use of.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/unique_names.h"
#include "base/utf8.h"
#include "io/csv.h"
#include "io/ct_table_csv.h"

/* Materials are known by their names there: they must differ, and be one line of UTF-8. */
static kma_status name_materials(const kmi_ct_table *table, char **names)
{
    kma_status status = KMA_OK;
    kmi_unique_names unique = {NULL, 0, 0};
    char *clean = NULL;
    size_t i;

    for (i = 0; i < kmi_ct_table_material_count(table); i++) {
        clean = kmi_strdup(kmi_ct_table_material(table, i)->name);
        if (clean == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the names of a CT table"));
        kmi_utf8_clean(clean);
        KMI_TRY(kmi_unique_make(&unique, clean, &names[i]));
        kmi_free(clean);
        clean = NULL;
    }
cleanup:
    kmi_free(clean);
    kmi_unique_clear(&unique);
    return status;
}

/* A column for each element that any material has. */
static kma_status put_names(kmi_csv_writer *csv, const kmi_ct_table *table, bool column[KMI_ELEMENTS_MAX + 1])
{
    static const char *const first[] = {"ct_low", "ct_high", "density_low", "density_high", "material"};
    kma_status status = KMA_OK;
    size_t i, k;
    int z;

    for (i = 0; i < kmi_ct_table_material_count(table); i++) {
        const kmi_material *m = kmi_ct_table_material(table, i);
        for (k = 0; k < m->count; k++) column[m->z[k]] = true;
    }
    for (i = 0; i < sizeof first / sizeof *first; i++) KMI_TRY(kmi_csv_put_text(csv, first[i]));
    for (z = 1; z <= KMI_ELEMENTS_MAX; z++)
        if (column[z]) KMI_TRY(kmi_csv_put_text(csv, kma_element_symbol(z)));
    KMI_TRY(kmi_csv_end_row(csv));
cleanup:
    return status;
}

static kma_status put_row(kmi_csv_writer *csv, const kmi_ct_row *row, const char *name, const bool *column)
{
    kma_status status = KMA_OK;
    double fraction[KMI_ELEMENTS_MAX + 1] = {0};
    size_t k;
    int z;

    KMI_TRY(kmi_csv_put_number(csv, row->ct_low));
    KMI_TRY(kmi_csv_put_number(csv, row->ct_high));
    KMI_TRY(kmi_csv_put_number(csv, row->density_low));
    KMI_TRY(kmi_csv_put_number(csv, row->density_high));
    KMI_TRY(kmi_csv_put_text(csv, name));
    for (k = 0; k < row->material->count; k++) fraction[row->material->z[k]] = row->material->fraction[k];
    for (z = 1; z <= KMI_ELEMENTS_MAX; z++)
        if (column[z]) KMI_TRY(kmi_csv_put_number(csv, fraction[z]));
    KMI_TRY(kmi_csv_end_row(csv));
cleanup:
    return status;
}

kma_status kmi_ct_table_write_csv(const kmi_ct_table *table, const char *path, kmi_file_batch *batch)
{
    kma_status status = KMA_OK;
    size_t materials = kmi_ct_table_material_count(table), i, index;
    bool column[KMI_ELEMENTS_MAX + 1] = {false};
    char **names = kmi_alloc_array(materials, sizeof *names);
    kmi_csv_writer *csv = NULL;
    kmi_ct_row row;

    if (names == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to write it", path));
    KMI_TRY(name_materials(table, names));
    KMI_TRY(kmi_csv_open(path, &csv));
    KMI_TRY(put_names(csv, table, column));
    for (i = 0; i < kmi_ct_table_row_count(table); i++) {
        index = kmi_ct_table_row(table, i, &row);
        KMI_TRY(put_row(csv, &row, names[index], column));
    }
    if (kmi_csv_size(csv) > KMI_CT_TABLE_CSV_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "%s: the CT table makes %llu bytes, at most %d are read: use fewer rows", path,
                         (unsigned long long)kmi_csv_size(csv), KMI_CT_TABLE_CSV_MAX));
    KMI_TRY(kmi_csv_set_aside(&csv, batch));
cleanup:
    kmi_csv_discard(csv);
    for (i = 0; names != NULL && i < materials; i++) kmi_free(names[i]);
    kmi_free(names);
    return status;
}
