/* Materials as the rest of the library sees them. */
#ifndef KMI_MATERIAL_H
#define KMI_MATERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { KMI_ELEMENTS_MAX = 98 };

typedef struct kmi_material {
    char *name;
    double density;                    /* g/cm3; 0 for vacuum */
    size_t count;                      /* of elements; 0 for vacuum */
    int z[KMI_ELEMENTS_MAX];           /* rising */
    double fraction[KMI_ELEMENTS_MAX]; /* by mass, sum 1 */
} kmi_material;

/*
 * CT numbers to materials and densities. Row i holds for numbers in [hu[i], hu[i+1]);
 * the density is linear between densities at the row's two ends.
 */
typedef struct kmi_ct_table kmi_ct_table;

typedef struct kmi_ct_voxel { uint32_t material; float density; } kmi_ct_voxel;

size_t kmi_ct_table_material_count(const kmi_ct_table *self);
const kmi_material *kmi_ct_table_material(const kmi_ct_table *self, size_t index);
/* The stated rule for numbers outside of the table is clamping to its ends.
 * *outside_out: -1 below, 0 within, +1 above. Never fails; nan counts as below. */
kmi_ct_voxel kmi_ct_table_convert(const kmi_ct_table *self, double ct_number, int *outside_out);
void kmi_ct_table_digest(const kmi_ct_table *self, uint8_t digest_out[32]);

#endif
