/* Absorption edges: where the photoelectric cross-sections jump. */
#ifndef KMI_EDGES_H
#define KMI_EDGES_H

#include <stddef.h>

/* Relative: the true jump is nearer than this to the listed energy, and cross-sections are
 * taken this far below and above it. */
#define KMI_EDGE_APART 1e-5

/* MeV; the last edge of all is K of californium at 0.135. */
#define KMI_EDGES_END 0.15

/* All jumps of all elements from 0.97 keV to KMI_EDGES_END, rising, MeV (rounded to float),
 * no two closer than half of KMI_EDGE_APART. Found once per process; any thread. */
const double *kmi_edges(size_t *count_out);

#endif
