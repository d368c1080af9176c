/*
 * The one door to xraylib. Outside of it energies are MeV; cross-sections stay
 * cm2/g, x = sin(theta/2)/wavelength is in 1/Angstrom.
 *
 * Threads: only functions of xraylib that read its constant arrays are called
 * here, from any thread at once. Its compound parser and its *_CP functions
 * change the process's locale and are not used.
 */
#ifndef KMI_XRL_H
#define KMI_XRL_H

#include <stddef.h>

#include "base/error.h"

/* Where all cross-sections of all elements 1..98 exist: 1..800 keV. */
#define KMI_XRL_ENERGY_MIN 0.001 /* MeV */
#define KMI_XRL_ENERGY_MAX 0.8   /* MeV */

typedef struct kmi_xrl_attenuation { double photoelectric, compton, rayleigh; /* cm2/g, each > 0 */ } kmi_xrl_attenuation;

/* KMA_ERR_PHYSICS names the element and the energy for which there is no value. */
kma_status kmi_xrl_attenuation_at(int z, double energy, kmi_xrl_attenuation *out);
/* The photoelectric part alone; 0 where there is none. */
double kmi_xrl_photoelectric(int z, double energy);
/* F(x) of Hubbell et al. in electrons; x >= 0. See xrl.c for its far tail. */
kma_status kmi_xrl_form_factor(int z, double x, double *out);
/* S(x) of Hubbell et al. in electrons; x >= 0.002. */
kma_status kmi_xrl_scattering_function(int z, double x, double *out);
/* g/cm3 of the pure element. */
kma_status kmi_xrl_density(int z, double *out);

enum { KMI_XRL_NIST_NAME_SIZE = 96, KMI_XRL_NIST_ELEMENTS_MAX = 32 };

/* A compound of NIST's list as xraylib ships it. */
typedef struct kmi_xrl_nist {
    char name[KMI_XRL_NIST_NAME_SIZE];
    double density; /* g/cm3 */
    size_t count;
    int z[KMI_XRL_NIST_ELEMENTS_MAX];
    double fraction[KMI_XRL_NIST_ELEMENTS_MAX]; /* by mass, sum 1 within 1e-5 */
} kmi_xrl_nist;

size_t kmi_xrl_nist_count(void);
kma_status kmi_xrl_nist_get(size_t index, kmi_xrl_nist *out);

#endif
