/* CT tables from CSV files: see Documentation/ct-table-csv.md. */
#ifndef KMI_CT_TABLE_CSV_H
#define KMI_CT_TABLE_CSV_H

#include "base/file.h"
#include "physics/ct_table.h"

enum { KMI_CT_TABLE_CSV_MAX = 16 << 20 /* bytes that are read; ten thousand rows are mostly below 10 MB */ };

/* `text` of `size` bytes, with a zero byte behind, is changed while it is read. `path` is for error texts. */
kma_status kmi_ct_table_parse_csv(const char *path, char *text, size_t size, kmi_ct_table **out);
kma_status kmi_ct_table_read_csv(const char *path, kmi_ct_table **out);
/* KMA_ERR_STATE for a table that is too large to be read. */
kma_status kmi_ct_table_write_csv(const kmi_ct_table *table, const char *path, kmi_file_batch *batch);

#endif
