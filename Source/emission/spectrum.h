/* Making and reading spectra; emission.h has what transport needs. */
#ifndef KMI_SPECTRUM_H
#define KMI_SPECTRUM_H

#include "emission/emission.h"
#include "kerma/spectrum.h"

enum { KMI_SPECTRUM_LARGEST_COUNT = 1 << 24 };

/* As kma_spectrum_create_lines and _histogram; nothing is checked before, all is here. */
kma_status kmi_spectrum_new_lines(const double *energy, const double *weight, size_t n, kmi_spectrum **out);
kma_status kmi_spectrum_new_histogram(const double *edges, const double *weight, size_t n, kmi_spectrum **out);
void kmi_spectrum_destroy(kmi_spectrum *self); /* NULL is fine */

kma_spectrum_kind kmi_spectrum_kind(const kmi_spectrum *self);
size_t kmi_spectrum_count(const kmi_spectrum *self);             /* lines or bins */
size_t kmi_spectrum_energy_count(const kmi_spectrum *self);      /* lines, or edges */
const double *kmi_spectrum_energies(const kmi_spectrum *self);   /* [energy_count] MeV, as given */
const double *kmi_spectrum_weights(const kmi_spectrum *self);    /* [count] as given */

#endif
