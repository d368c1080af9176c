/* CT tables from CSV files: see Documentation/ct-table-csv.md. */
#ifndef KMI_CT_TABLE_CSV_H
#define KMI_CT_TABLE_CSV_H

#include "physics/ct_table.h"

/* `text` of `size` bytes, with a zero byte behind, is changed while it is read. `path` is for error texts. */
kma_status kmi_ct_table_parse_csv(const char *path, char *text, size_t size, kmi_ct_table **out);
kma_status kmi_ct_table_read_csv(const char *path, kmi_ct_table **out);

#endif
