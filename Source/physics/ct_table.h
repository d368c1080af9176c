/* Making CT tables; their use is in physics/material.h. */
#ifndef KMI_CT_TABLE_H
#define KMI_CT_TABLE_H

#include "kerma/ct_table.h"
#include "physics/material.h"

/* As kma_ct_row; rows with the same pointer share a material, which is copied. */
typedef struct kmi_ct_row {
    double ct_low, ct_high;
    double density_low, density_high; /* g/cm3 */
    const kmi_material *material;
} kmi_ct_row;

enum { KMI_CT_ROWS_MAX = 10000 };

/* One row by itself, and after the one before it (NULL for the first); not its material. */
kma_status kmi_ct_row_check(const kmi_ct_row *self, const kmi_ct_row *previous);
kma_status kmi_ct_table_new(const kmi_ct_row *rows, size_t n, kmi_ct_table **out);
kma_status kmi_ct_table_new_builtin(kmi_ct_table **out);
void kmi_ct_table_destroy(kmi_ct_table *self); /* NULL is fine */
/* Gives the table a handle with one owner and takes it over (also if that fails). */
kma_status kmi_ct_table_publish(kmi_ct_table *self, kma_ct_table *out);
size_t kmi_ct_table_row_count(const kmi_ct_table *self);
/* As it was given, but with the table's own material, whose index it returns. */
size_t kmi_ct_table_row(const kmi_ct_table *self, size_t index, kmi_ct_row *out);
void kmi_ct_table_range(const kmi_ct_table *self, double *low_out, double *high_out);

#endif
