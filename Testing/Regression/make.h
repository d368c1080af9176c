/*
 * Short ways to make objects for scenes. A call that fails ends the program with
 * the library's text; what was made is kept until make_release_all().
 *
 * Only exact arithmetic is used for numbers that go into a scene, and only the
 * public interface: the same program gives the same scenes on every machine and
 * with every build of the library.
 */
#ifndef MAKE_H
#define MAKE_H

#include "kerma/kerma.h"

void must_be_ok(kma_status status, const char *what);
#define MUST(call) must_be_ok((call), #call)

kma_material make_nist(const char *name);
kma_material make_formula(const char *formula, double density);
kma_solid make_box(double x, double y, double z);
kma_solid make_orb(double radius);
kma_solid make_tube(double inner, double outer, double length, double phi_start, double phi_delta);
/* A sphere of radius 1 with dents and bumps, 1200 facets: concave, and without libm's functions. */
kma_solid make_boulder(double scale);
kma_volume make_volume(const char *name, kma_solid solid, kma_material material);
kma_volume make_image_volume(const char *name, const kma_image_geometry *geometry, const int16_t *ct_numbers);
kma_spectrum make_lines(const double *energy, const double *weight, size_t n);
kma_spectrum make_histogram(const double *edges, const double *weight, size_t n);
/* A scene of a world and its sources and scorers, cut at 5 keV. */
kma_scene make_scene(kma_volume world);
void make_source(kma_scene scene, const kma_source_options *options, kma_spectrum spectrum);
void make_grid(kma_scene scene, const char *name, const kma_image_geometry *geometry);
void make_volume_scorer(kma_scene scene, const char *name, kma_volume volume);
void make_voxels(kma_scene scene, const char *name, kma_volume volume);
void make_detector(kma_scene scene, const char *name, const kma_detector_options *options);
void make_release_all(void);

/* A right-handed rotation whose entries are fractions: about x by the angle of (5, 12, 13), then about z by that of
 * (3, 4, 5). */
extern const double TILTED[9];
/* About y by the angle of (8, 15, 17). */
extern const double TURNED[9];

#endif
