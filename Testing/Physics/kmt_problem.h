/* Small problems for the physics of whole runs, built through the public API. */
#ifndef KMT_PROBLEM_H
#define KMT_PROBLEM_H

#include "kerma/kerma.h"

kma_material kmt_material(const char *nist_name);
/* A box of `size` named `name`, filled with a material (all-zero: vacuum); the material stays the caller's. */
kma_volume kmt_box(const char *name, double x, double y, double z, kma_material material);
void kmt_place(kma_volume mother, kma_volume daughter, double x, double y, double z);
/* A monoenergetic source along +z from (x, y, z): a pencil, or a parallel field of width > 0. */
kma_source kmt_beam(double energy, double x, double y, double z, double width);
/* An image volume of count cells of `spacing`, centred on the origin; value(i, j, k) is its CT number. */
kma_volume kmt_image(const char *name, const size_t count[3], double spacing, double (*value)(size_t i, size_t j, size_t k),
                     kma_ct_table table);
/* A table of two rows: CT numbers around 0 are `first`, around 1000 are `second`, at the materials' own densities. */
kma_ct_table kmt_two_materials(kma_material first, kma_material second);
/* Runs histories of a scene on this many threads and gives the result; the scene stays the caller's. */
kma_result kmt_run(kma_scene scene, int threads, uint64_t seed, uint64_t histories);

#endif
