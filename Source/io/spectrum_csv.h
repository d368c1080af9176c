/* Spectra in CSV files. */
#ifndef KMI_SPECTRUM_CSV_H
#define KMI_SPECTRUM_CSV_H

#include "base/file.h"
#include "emission/spectrum.h"

enum { KMI_SPECTRUM_ROWS_MAX = KMI_SPECTRUM_LARGEST_COUNT / 2 }; /* that are read: each bin may have a gap before it */

/* KMA_ERR_STATE for a spectrum that is too large to be read. */
kma_status kmi_spectrum_write_csv(const kmi_spectrum *spectrum, const char *path, kmi_file_batch *batch);

#endif
