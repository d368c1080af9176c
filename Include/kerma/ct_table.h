/**
 * @file kerma/ct_table.h
 * CT tables: from the numbers of a CT image to materials and densities.
 *
 * A table is a list of rows without gaps. Row i holds for CT numbers in
 * [ct_low, ct_high), the last row for its ct_high too; it names one material,
 * and its density is linear between the densities at the row's two ends.
 * Numbers outside of the table get the values of its nearest end; a run counts
 * them and says so. NaN counts as below.
 *
 * Units:   CT numbers as they are in the image (mostly HU); density g/cm3.
 * Threads: a table never changes once created; any thread may use it.
 */
#ifndef KERMA_CT_TABLE_H
#define KERMA_CT_TABLE_H

#include "kerma/base.h"
#include "kerma/material.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one CT table. All-zero names none. A plain value. */
typedef struct kma_ct_table { uint64_t bits; } kma_ct_table;

typedef struct kma_ct_row {
    double ct_low;         /**< the row's first CT number */
    double ct_high;        /**< at least 1e-6 above ct_low; the next row's ct_low */
    double density_low;    /**< g/cm3 at ct_low, >= 0 and at most KMA_MATERIAL_DENSITY_MAX */
    double density_high;   /**< g/cm3 at ct_high, likewise */
    kma_material material; /**< its elements count, not its own density; rows may share it */
} kma_ct_row;

/**
 * Creates the built-in table for CT numbers in HU, -1000..3072:
 *
 * - up to 1600 the stoichiometric calibration of Schneider, Bortfeld and
 *   Schlegel, Phys. Med. Biol. 45 (2000) 459: 24 tissues, densities linear in
 *   five sections (at 101 HU the published sections do not meet: the density
 *   falls from 1.12 to 1.08 g/cm3);
 * - above, as in the default of TOPAS: the densest bone, from 2000 HU with
 *   2.2 g/cm3 + 0.0005 g/cm3 a HU, and from 2995 HU titanium, 4.54 g/cm3.
 *
 * It was made for one scanner at 120 kV. Nothing replaces a calibration of yours.
 *
 * @param out  the new handle; names none if the call fails. `*out` holds one
 *             reference, owned by the caller: give it back with kma_ct_table_release().
 */
KMA_API kma_status kma_ct_table_create_builtin(kma_ct_table *out);

/**
 * Creates a table from rows.
 *
 * @param rows  [n] by rising CT number, without gaps or overlaps; all finite. Copied, with their materials.
 * @param n     number of rows, 1..10000.
 * @param out   as in kma_ct_table_create_builtin().
 * @retval KMA_ERR_ARGUMENT  a row breaks a rule; the message names it and the value.
 */
KMA_API kma_status kma_ct_table_create(const kma_ct_row *rows, size_t n, kma_ct_table *out);

/**
 * Reads a table from a CSV file; Documentation/ct-table-csv.md describes it:
 *
 *     ct_low,ct_high,density_low,density_high,material,H,N,O,Ar
 *     -1000,-950,0.00121,0.0527,air,0,0.755,0.232,0.013
 *     -950,100,0.0527,1.1,"Water, Liquid",,,,
 *
 * @retval KMA_ERR_IO      the file cannot be read.
 * @retval KMA_ERR_FORMAT  it is not such a table; the message says file, line and column.
 */
KMA_API kma_status kma_ct_table_read_csv(const char *path, kma_ct_table *out);

KMA_API kma_status kma_ct_table_retain(kma_ct_table self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is
 * a harmless KMA_OK. Volumes and runs that use the table keep it alive by themselves.
 */
KMA_API kma_status kma_ct_table_release(kma_ct_table *self);

/** The first and the last CT number of the table. */
KMA_API kma_status kma_ct_table_get_range(kma_ct_table self, double *low_out, double *high_out);
KMA_API kma_status kma_ct_table_count_rows(kma_ct_table self, size_t *out);
/**
 * Row `index` as it was given.
 *
 * @param row_out       its numbers; its `material` names none.
 * @param material_out  index of its material, for kma_ct_table_get_material().
 */
KMA_API kma_status kma_ct_table_get_row(kma_ct_table self, size_t index, kma_ct_row *row_out, size_t *material_out);
/** Number of different materials. */
KMA_API kma_status kma_ct_table_count_materials(kma_ct_table self, size_t *out);
/** Material `index`, by first use in the rows. `*out` holds one reference, owned by the caller. */
KMA_API kma_status kma_ct_table_get_material(kma_ct_table self, size_t index, kma_material *out);
/**
 * What one CT number means.
 *
 * @param material_out  index of the material, for kma_ct_table_get_material().
 * @param density_out   g/cm3, rounded to float as runs use it.
 * @param outside_out   -1 below the table (or NaN), 0 within, 1 above; may be NULL.
 */
KMA_API kma_status kma_ct_table_convert(kma_ct_table self, double ct_number, size_t *material_out,
                                        double *density_out, int *outside_out);

#ifdef __cplusplus
}
#endif
#endif
