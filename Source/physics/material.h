/* Materials as the rest of the library sees them. */
#ifndef KMI_MATERIAL_H
#define KMI_MATERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kerma/material.h"

enum { KMI_ELEMENTS_MAX = 98 };

typedef struct kmi_material {
    char *name;
    double density;                    /* g/cm3; 0 for vacuum */
    size_t count;                      /* of elements; 0 for vacuum */
    int z[KMI_ELEMENTS_MAX];           /* rising */
    double fraction[KMI_ELEMENTS_MAX]; /* by mass, sum 1 */
} kmi_material;

/* The rules of kma_material_create_*; the caller owns *out: kmi_material_destroy. */
kma_status kmi_material_new_nist(const char *name, kmi_material **out);
kma_status kmi_material_new_formula(const char *name, const char *formula, double density, kmi_material **out);
kma_status kmi_material_new_mass_fractions(const char *name, const int *z, const double *fraction, size_t n,
                                           double density, kmi_material **out);
/* As kmi_material_new_nist, but *out is NULL if there is no such name. */
kma_status kmi_material_find_nist(const char *name, kmi_material **out);
void kmi_material_destroy(kmi_material *self); /* NULL is fine */
/* Gives the material a handle with one owner and takes it over (also if that fails). */
kma_status kmi_material_publish(kmi_material *self, kma_material *out);
/* Mass attenuation straight from xraylib. */
kma_status kmi_material_attenuation(const kmi_material *self, double energy, kma_attenuation *out);
/* Copies text with its 0 by the rules of kma_material_get_name. */
kma_status kmi_material_copy_text(const char *text, char *buffer, size_t size, size_t *length_out);

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

/* Atoms of each element in a formula: atoms_out[z], z = 1..98. KMA_ERR_ARGUMENT says where it breaks. */
kma_status kmi_formula_parse(const char *formula, double atoms_out[KMI_ELEMENTS_MAX + 1]);

#endif
