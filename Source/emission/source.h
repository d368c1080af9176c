/* Making sources; emission.h has what transport needs. */
#ifndef KMI_SOURCE_H
#define KMI_SOURCE_H

#include "emission/emission.h"
#include "kerma/source.h"

#define KMI_SOURCE_PI 3.141592653589793

/* Checks and resolves the options: unit vectors, and the rectangle's axes. The spectrum must live as long as the
 * source; `spectrum_name` is its handle, kept for kmi_source_spectrum_name alone. */
kma_status kmi_source_new(const kma_source_options *options, const kmi_spectrum *spectrum, uint64_t spectrum_name,
                          kmi_source **out);
void kmi_source_destroy(kmi_source *self); /* NULL is fine; the spectrum is not touched */
void kmi_source_get_options(const kmi_source *self, kma_source_options *out);
uint64_t kmi_source_spectrum_name(const kmi_source *self);
kma_status kmi_source_get_solid_angle(const kmi_source *self, double *out);

#endif
