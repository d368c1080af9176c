/**
 * @file kerma/material.h
 * Materials: what volumes are made of.
 *
 * A material is a list of elements with mass fractions and a density. Its
 * cross-sections are mixed from its elements by mass (no molecular effects).
 *
 * Units:   density g/cm3; energy MeV; mass attenuation cm2/g.
 * Threads: a material never changes once created; any thread may use it.
 * Data:    cross-sections are XCOM's as xraylib 4.0 ships them, for elements
 *          1..98 and 1..800 keV; atomic weights are IUPAC's of 2021.
 */
#ifndef KERMA_MATERIAL_H
#define KERMA_MATERIAL_H

#include "kerma/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one material. All-zero names none; where a volume may have no material, that is vacuum. A plain value. */
typedef struct kma_material { uint64_t bits; } kma_material;

/** Densities above this are refused: most likely they are in kg/m3. g/cm3. */
#define KMA_MATERIAL_DENSITY_MAX 100.0

/**
 * Creates a material of NIST's list of 180 compounds, such as "Water, Liquid",
 * "Air, Dry (near sea level)" or "Bone, Cortical (ICRP)", or a pure element by
 * its English name or symbol ("Aluminum", "Aluminium", "Al") with its usual
 * density.
 *
 * @param name  case is ignored (but not in symbols).
 * @param out   the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller:
 *                           give it back with kma_material_release().
 * @retval KMA_ERR_ARGUMENT  no such compound; the message suggests the nearest.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_material_create_nist(const char *name, kma_material *out);

/**
 * Creates a material from a chemical formula.
 *
 * @param name     any text of at least one byte, or NULL for the formula itself.
 * @param formula  element symbols with atom counts, which may be fractions, and
 *                 groups in round or square brackets, nested up to 16 deep:
 *                 "H2O", "Ca10(PO4)6(OH)2", "Al0.3Ga0.7As". No spaces.
 * @param density  g/cm3, above 0 and at most KMA_MATERIAL_DENSITY_MAX. 0 stands
 *                 for the usual density of a pure element; only for those.
 * @param out      as in kma_material_create_nist().
 *
 * @retval KMA_ERR_ARGUMENT  the density is not allowed, or the formula is not
 *                           right; the message says at which character.
 */
KMA_API kma_status kma_material_create_formula(const char *name, const char *formula, double density,
                                               kma_material *out);

/**
 * Creates a material from mass fractions.
 *
 * @param name      any text of at least one byte.
 * @param z         [n] atomic numbers within 1..98, each at most once, in any order. Copied.
 * @param fraction  [n] mass fractions, each >= 0 and finite; their sum must be 1
 *                  within 0.001 and is then made exactly 1; fractions that
 *                  kma_material_get_element() handed out stay to the bit. Copied.
 * @param n         number of elements, at least 1.
 * @param density   g/cm3, above 0 and at most KMA_MATERIAL_DENSITY_MAX.
 * @param out       as in kma_material_create_nist().
 *
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule above.
 */
KMA_API kma_status kma_material_create_mass_fractions(const char *name, const int *z, const double *fraction,
                                                      size_t n, double density, kma_material *out);

KMA_API kma_status kma_material_retain(kma_material self); /* one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is
 * a harmless KMA_OK. Volumes and runs that use the material keep it alive by themselves.
 */
KMA_API kma_status kma_material_release(kma_material *self);

/**
 * Copies the name, with its terminating 0.
 *
 * @param buffer      [size] bytes; may be NULL if size is 0.
 * @param length_out  the name's length without the 0; may be NULL. With size 0
 *                    the call only asks for the length.
 * @retval KMA_ERR_ARGUMENT  the buffer is too small; the message says how large it must be.
 */
KMA_API kma_status kma_material_get_name(kma_material self, char *buffer, size_t size, size_t *length_out);
/** Density in g/cm3. */
KMA_API kma_status kma_material_get_density(kma_material self, double *out);
/** Number of elements with a mass fraction above 0. */
KMA_API kma_status kma_material_count_elements(kma_material self, size_t *out);
/** Element `index` (by rising atomic number): its atomic number and mass fraction. */
KMA_API kma_status kma_material_get_element(kma_material self, size_t index, int *z_out, double *fraction_out);

/** "H", "He" ... "Cf": the symbol of an element; "?" outside of 1..98. Static text. */
KMA_API const char *kma_element_symbol(int z);

/** Mass attenuation coefficients, cm2/g. `total` is the sum of the three. */
typedef struct kma_attenuation { double photoelectric, compton, rayleigh, total; } kma_attenuation;

/**
 * Mass attenuation at an energy, straight from the data (runs use tables of it,
 * which differ by at most 0.1 %).
 *
 * @param energy  MeV, within 0.001..0.8.
 * @param out     cm2/g; multiply by the density and 0.1 for 1/mm.
 * @retval KMA_ERR_PHYSICS  the energy is outside, or there is no value for an element.
 */
KMA_API kma_status kma_material_get_attenuation(kma_material self, double energy, kma_attenuation *out);

/** How many compounds NIST's list has. */
KMA_API kma_status kma_material_count_nist(size_t *out);
/** Copies the name of compound `index` of NIST's list; buffer as in kma_material_get_name(). */
KMA_API kma_status kma_material_get_nist_name(size_t index, char *buffer, size_t size, size_t *length_out);

#ifdef __cplusplus
}
#endif
#endif
