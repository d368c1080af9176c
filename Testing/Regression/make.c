/* Short ways to make objects: see make.h. */
#include "make.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const double TILTED[9] = {3.0 / 5, -4.0 / 5 * 5 / 13, 4.0 / 5 * 12 / 13, 4.0 / 5, 3.0 / 5 * 5 / 13, -3.0 / 5 * 12 / 13,
                          0,       12.0 / 13,         5.0 / 13};
const double TURNED[9] = {8.0 / 17, 0, 15.0 / 17, 0, 1, 0, -15.0 / 17, 0, 8.0 / 17};

void must_be_ok(kma_status status, const char *what)
{
    if (status == KMA_OK) return;
    fprintf(stderr, "%s: %s: %s\n", what, kma_status_name(status), kma_error_message());
    exit(1);
}

/* ---- what was made ------------------------------------------------------ */

#define KINDS(X) X(material) X(solid) X(mesh) X(image) X(ct_table) X(volume) X(spectrum) X(source) X(scorer) X(scene)

enum { ROOM = 64 };
#define KEEP(kind)                                                             \
    static kma_##kind kind##s[ROOM];                                           \
    static size_t kind##_count;                                                \
    static kma_##kind keep_##kind(kma_##kind object)                           \
    {                                                                          \
        if (kind##_count == ROOM) abort();                                     \
        return kind##s[kind##_count++] = object;                               \
    }
KINDS(KEEP)

#define RELEASE(kind)                                                          \
    while (kind##_count > 0) MUST(kma_##kind##_release(&kind##s[--kind##_count]));
void make_release_all(void)
{
    KINDS(RELEASE)
}

/* ---- materials and solids ----------------------------------------------- */

kma_material make_nist(const char *name)
{
    kma_material material;
    MUST(kma_material_create_nist(name, &material));
    return keep_material(material);
}

kma_material make_formula(const char *formula, double density)
{
    kma_material material;
    MUST(kma_material_create_formula(NULL, formula, density, &material));
    return keep_material(material);
}

kma_solid make_box(double x, double y, double z)
{
    const double size[3] = {x, y, z};
    kma_solid solid;
    MUST(kma_solid_create_box(size, &solid));
    return keep_solid(solid);
}

kma_solid make_orb(double radius)
{
    kma_solid solid;
    MUST(kma_solid_create_orb(radius, &solid));
    return keep_solid(solid);
}

kma_solid make_tube(double inner, double outer, double length, double phi_start, double phi_delta)
{
    kma_solid solid;
    MUST(kma_solid_create_tube(inner, outer, length, phi_start, phi_delta, &solid));
    return keep_solid(solid);
}

/* A cube's faces, cut into squares, pushed out to a sphere, with dents and bumps by a polynomial. Corners on the cube's
 * edges come once from each face, with the same coordinates: the library welds them. */
enum { CUT = 10 };

static void boulder_point(int face, int i, int j, double scale, double out[3])
{
    double cube[3], r2, r;
    int axis = face / 2, c;

    cube[axis] = face % 2 == 0 ? 1 : -1;
    cube[(axis + 1) % 3] = (2.0 * i - CUT) / CUT;
    cube[(axis + 2) % 3] = (2.0 * j - CUT) / CUT;
    r2 = cube[0] * cube[0] + cube[1] * cube[1] + cube[2] * cube[2];
    r = 1 + 0.4 * cube[0] * cube[1] - 0.5 * cube[2] * cube[2] * cube[0] * cube[0] + 0.1 * cube[2];
    for (c = 0; c < 3; c++) out[c] = scale * r * cube[c] / sqrt(r2);
}

kma_solid make_boulder(double scale)
{
    static double points[6 * CUT * CUT * 4][3];
    static uint32_t facets[6 * CUT * CUT * 2][3];
    kma_mesh mesh;
    kma_solid solid;
    uint32_t n = 0, f = 0;
    int face, i, j;

    for (face = 0; face < 6; face++)
        for (i = 0; i < CUT; i++)
            for (j = 0; j < CUT; j++) {
                /* On the negative faces the other way around, so that corners are counter-clockwise from outside. */
                uint32_t b = face % 2 == 0 ? n + 1 : n + 3, d = face % 2 == 0 ? n + 3 : n + 1;
                boulder_point(face, i, j, scale, points[n]);
                boulder_point(face, i + 1, j, scale, points[n + 1]);
                boulder_point(face, i + 1, j + 1, scale, points[n + 2]);
                boulder_point(face, i, j + 1, scale, points[n + 3]);
                memcpy(facets[f++], (const uint32_t[3]){n, b, n + 2}, sizeof facets[0]);
                memcpy(facets[f++], (const uint32_t[3]){n, n + 2, d}, sizeof facets[0]);
                n += 4;
            }
    MUST(kma_mesh_create_arrays(points[0], n, facets[0], f, &mesh));
    keep_mesh(mesh);
    MUST(kma_solid_create_tessellated(mesh, &solid));
    return keep_solid(solid);
}

/* ---- volumes, sources, scorers ------------------------------------------ */

kma_volume make_volume(const char *name, kma_solid solid, kma_material material)
{
    kma_volume volume;
    MUST(kma_volume_create(name, solid, material, &volume));
    return keep_volume(volume);
}

kma_volume make_image_volume(const char *name, const kma_image_geometry *geometry, const int16_t *ct_numbers)
{
    kma_image image;
    kma_ct_table table;
    kma_volume volume;
    MUST(kma_image_create(geometry, KMA_SCALAR_INT16, ct_numbers, &image));
    keep_image(image);
    MUST(kma_ct_table_create_builtin(&table));
    keep_ct_table(table);
    MUST(kma_volume_create_image(name, image, table, &volume));
    return keep_volume(volume);
}

kma_spectrum make_lines(const double *energy, const double *weight, size_t n)
{
    kma_spectrum spectrum;
    MUST(kma_spectrum_create_lines(energy, weight, n, &spectrum));
    return keep_spectrum(spectrum);
}

kma_spectrum make_histogram(const double *edges, const double *weight, size_t n)
{
    kma_spectrum spectrum;
    MUST(kma_spectrum_create_histogram(edges, weight, n, &spectrum));
    return keep_spectrum(spectrum);
}

kma_scene make_scene(kma_volume world)
{
    kma_scene scene;
    MUST(kma_scene_create(world, &scene));
    MUST(kma_scene_set_cut_energy(scene, 0.005));
    return keep_scene(scene);
}

void make_source(kma_scene scene, const kma_source_options *options, kma_spectrum spectrum)
{
    kma_source source;
    MUST(kma_source_create(options, spectrum, &source));
    MUST(kma_scene_add_source(scene, keep_source(source)));
}

static void add_scorer(kma_scene scene, kma_scorer scorer)
{
    MUST(kma_scene_add_scorer(scene, keep_scorer(scorer)));
}

void make_grid(kma_scene scene, const char *name, const kma_image_geometry *geometry)
{
    kma_scorer scorer;
    MUST(kma_scorer_create_grid(name, geometry, &scorer));
    add_scorer(scene, scorer);
}

void make_volume_scorer(kma_scene scene, const char *name, kma_volume volume)
{
    kma_scorer scorer;
    MUST(kma_scorer_create_volume(name, volume, &scorer));
    add_scorer(scene, scorer);
}

void make_voxels(kma_scene scene, const char *name, kma_volume volume)
{
    kma_scorer scorer;
    MUST(kma_scorer_create_voxels(name, volume, &scorer));
    add_scorer(scene, scorer);
}

void make_detector(kma_scene scene, const char *name, const kma_detector_options *options)
{
    kma_scorer scorer;
    MUST(kma_scorer_create_detector(name, options, &scorer));
    add_scorer(scene, scorer);
}
