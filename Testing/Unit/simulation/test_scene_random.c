/*
 * Random scenes, written and read: nested, turned, shared, named alike, of odd numbers. Their volumes overlap, which
 * nobody looks at; what counts is that both scenes do the same.
 */
#include "round_trip.h"

#include <math.h>

static const kma_material vacuum = {0};

typedef struct pool {
    kmi_rng *rng;
    kma_material materials[6];
    kma_solid solids[10];
    kma_image images[2];
    kma_ct_table tables[2];
    kma_volume volumes[14];
    bool shows_image[14];
    kma_spectrum spectra[5];
    kma_scene scene;
} pool;

#define COUNT(array) (sizeof(array) / sizeof *(array))

static size_t below(pool *p, size_t n) { return (size_t)(kmi_rng_uniform(p->rng) * (double)n); }
static double between(pool *p, double low, double high) { return low + (high - low) * kmi_rng_uniform(p->rng); }

static void draw_vector(pool *p, double size, double out[3])
{
    kmi_vec3 d = kmt_direction(p->rng);

    out[0] = size * d.x, out[1] = size * d.y, out[2] = size * d.z;
}

/* Mostly nearly a rotation, as programs compute them. */
static void draw_rotation(pool *p, double out[9])
{
    kmi_vec3 u = kmt_direction(p->rng), v, w;
    double off = below(p, 2) ? 0 : between(p, 0, 3e-7);
    int i;

    kmi_basis(u, &v, &w);
    out[0] = v.x, out[3] = v.y, out[6] = v.z;
    out[1] = w.x, out[4] = w.y, out[7] = w.z;
    out[2] = u.x, out[5] = u.y, out[8] = u.z;
    for (i = 0; i < 9; i++) out[i] += off * (2 * kmi_rng_uniform(p->rng) - 1);
}

static const char *draw_name(pool *p)
{
    static const char *const names[] = {"a",      "a",        "a 2",   "b/c",           "\xc3\xa4\xe2\x82\xac",
                                        "q\"\\q", "vacuum",   "H2O",   "Water, Liquid", "Aluminum",
                                        " ",      "file_1",   "%2F",   "x\xf0\x9f\x98\x80",
                                        "a very long name, longer than what a file is called after: it is about 80 bytes"};

    return names[below(p, COUNT(names))];
}

/* ---- matter ---- */

static void draw_materials(pool *p)
{
    static const int z[5] = {1, 6, 7, 8, 20};
    double fraction[5], sum;
    size_t i, k, n;

    for (i = 0; i < COUNT(p->materials); i++) {
        if (i == 0) {
            assert_ok(kma_material_create_nist("Water, Liquid", &p->materials[i]));
        } else if (i == 1) {
            assert_ok(kma_material_create_formula(below(p, 2) ? NULL : draw_name(p), "H2O", between(p, 0.5, 2), &p->materials[i]));
        } else {
            n = 1 + below(p, 5);
            for (k = 0, sum = 0; k < n; k++) sum += fraction[k] = between(p, 0.01, 1);
            for (k = 0; k < n; k++) fraction[k] *= (1 + between(p, -9e-4, 9e-4)) / sum;
            assert_ok(kma_material_create_mass_fractions(draw_name(p), z, fraction, n, between(p, 0.1, 3), &p->materials[i]));
        }
    }
}

static void draw_spectra(pool *p)
{
    static const size_t sizes[] = {1, 3, 60, 101, 150};
    double energy[151], weight[150];
    size_t i, k;

    for (i = 0; i < COUNT(p->spectra); i++) {
        size_t n = sizes[i];
        for (k = 0; k <= n; k++) energy[k] = 0.05 + 0.05 * ((double)k + 0.9 * kmi_rng_uniform(p->rng)) / (double)n;
        for (k = 0; k < n; k++) weight[k] = k > 0 && below(p, 4) == 0 ? 0 : exp(between(p, -30, 30));
        if (below(p, 2))
            assert_ok(kma_spectrum_create_lines(energy, weight, n, &p->spectra[i]));
        else
            assert_ok(kma_spectrum_create_histogram(energy, weight, n, &p->spectra[i]));
    }
}

/* ---- geometry ---- */

static kma_mesh draw_mesh(pool *p)
{
    static const uint32_t sides[4][3] = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};
    double vertices[5][3];
    uint32_t facets[4][3], shift = (uint32_t)below(p, 4);
    kma_mesh mesh = {0};
    bool floats = below(p, 2);
    int i, k;

    memset(vertices, 0, sizeof vertices);
    for (i = 0; i < 4; i++)
        for (k = 0; k < 3; k++) {
            double x = between(p, -1, 1) + (i == k + 1 ? 20 : 0);
            vertices[(i + (int)shift) % 4][k] = floats ? (double)(float)x : x;
        }
    for (i = 0; i < 4; i++)
        for (k = 0; k < 3; k++) facets[i][k] = (sides[i][k] + shift) % 4;
    assert_ok(kma_mesh_create_arrays(&vertices[0][0], 4 + below(p, 2), &facets[0][0], 4, &mesh)); /* one may be of no facet */
    return mesh;
}

static void draw_solids(pool *p)
{
    double size[3];
    size_t i;
    int k;

    for (i = 0; i < COUNT(p->solids); i++) {
        kma_mesh mesh = {0};
        for (k = 0; k < 3; k++) size[k] = between(p, 1, 40);
        switch (i % 5) {
        case 0: assert_ok(kma_solid_create_box(size, &p->solids[i])); break;
        case 1: assert_ok(kma_solid_create_orb(size[0], &p->solids[i])); break;
        case 2: assert_ok(kma_solid_create_tube(0, size[0], size[1], between(p, -6, 6), 6.283185307179586, &p->solids[i])); break;
        case 3:
            assert_ok(kma_solid_create_tube(0.5 * size[0], size[0], size[1], between(p, -6, 6), between(p, 0.5, 6),
                                            &p->solids[i]));
            break;
        default:
            mesh = draw_mesh(p);
            assert_ok(kma_solid_create_tessellated(mesh, &p->solids[i]));
            assert_ok(kma_mesh_release(&mesh));
        }
    }
}

static void draw_images(pool *p)
{
    kma_ct_row rows[4];
    size_t i, k;

    for (i = 0; i < COUNT(p->images); i++) {
        kma_image_geometry g;
        double values[24];
        float floats[24];
        kma_image_geometry_defaults(&g);
        g.count[0] = 2, g.count[1] = 3, g.count[2] = 4;
        for (k = 0; k < 3; k++) g.spacing[k] = between(p, 0.5, 5), g.origin[k] = between(p, -5, 5);
        draw_rotation(p, g.direction);
        for (k = 0; k < 24; k++) floats[k] = (float)(values[k] = between(p, -1200, 2000));
        assert_ok(kma_image_create(&g, i == 0 ? KMA_SCALAR_FLOAT64 : KMA_SCALAR_FLOAT32, i == 0 ? (void *)values : floats,
                                   &p->images[i]));
    }
    for (i = 0; i < COUNT(p->tables); i++) {
        double at = between(p, -1100, -900);
        for (k = 0; k < 4; k++) {
            rows[k].ct_low = at;
            rows[k].ct_high = at += between(p, 100, 900);
            rows[k].density_low = between(p, 0, 2);
            rows[k].density_high = between(p, 0.1, 2);
            rows[k].material = p->materials[below(p, COUNT(p->materials))];
        }
        assert_ok(kma_ct_table_create(rows, 1 + below(p, 4), &p->tables[i]));
    }
}

/* Each volume may hold those behind it. */
static void draw_volumes(pool *p)
{
    const double world[3] = {400, 400, 400};
    size_t i, k;

    for (i = 0; i < COUNT(p->volumes); i++) {
        kma_solid solid = p->solids[below(p, COUNT(p->solids))];
        kma_material material = below(p, 5) ? p->materials[below(p, COUNT(p->materials))] : vacuum;
        p->shows_image[i] = i > 0 && below(p, 5) == 0;
        if (i == 0) assert_ok(kma_solid_create_box(world, &solid));
        if (p->shows_image[i])
            assert_ok(kma_volume_create_image(draw_name(p), p->images[below(p, 2)], p->tables[below(p, 2)], &p->volumes[i]));
        else
            assert_ok(kma_volume_create(draw_name(p), solid, material, &p->volumes[i]));
        if (i == 0) assert_ok(kma_solid_release(&solid));
    }
    for (k = 1; k < COUNT(p->volumes); k++)
        for (i = below(p, 3); i < 3; i++) {
            double t[3], r[9];
            draw_vector(p, between(p, 0, 60), t);
            draw_rotation(p, r);
            assert_ok(kma_volume_place(p->volumes[below(p, 2) ? 0 : below(p, k)], p->volumes[k], below(p, 4) ? t : NULL,
                                       below(p, 3) ? r : NULL));
        }
}

/* ---- the scene ---- */

static void draw_sources(pool *p)
{
    size_t n = 1 + below(p, 4), i;

    for (i = 0; i < n; i++) {
        kma_source_options o;
        kma_source source = {0};
        assert_ok(kma_source_options_defaults(&o));
        o.kind = (kma_source_kind)(1 + below(p, 3));
        o.emission = (kma_emission)(1 + below(p, 3));
        o.field = (kma_field)(1 + below(p, 2));
        draw_vector(p, between(p, 0, 190), o.position);
        draw_vector(p, exp(between(p, -20, 20)), o.direction);
        if (below(p, 2)) draw_vector(p, exp(between(p, -20, 20)), o.up);
        o.half_angle = between(p, 0.001, 3.1);
        o.field_width = between(p, 1, 100);
        o.field_height = between(p, 1, 100);
        o.field_distance = between(p, 1, 300);
        o.field_radius = between(p, 1, 100);
        o.weight = below(p, 2) ? 1 : exp(between(p, -3, 3));
        assert_ok(kma_source_create(&o, p->spectra[below(p, COUNT(p->spectra))], &source));
        assert_ok(kma_scene_add_source(p->scene, source));
        assert_ok(kma_source_release(&source));
    }
}

static bool is_placed(kma_volume world, kma_volume v)
{
    kma_volume daughter = {0};
    bool found = world.bits == v.bits;
    size_t n, i;

    assert_ok(kma_volume_count_placements(world, &n));
    for (i = 0; i < n && !found; i++) {
        assert_ok(kma_volume_get_placement(world, i, &daughter, NULL, NULL));
        found = is_placed(daughter, v);
        assert_ok(kma_volume_release(&daughter));
    }
    return found;
}

static void draw_scorers(pool *p)
{
    size_t n = below(p, 6), i, v;

    for (i = 0; i < n; i++) {
        kma_image_geometry g;
        kma_detector_options o;
        kma_scorer scorer = {0};
        char name[160];
        int k;
        snprintf(name, sizeof name, "%zu%s", i, draw_name(p));
        v = below(p, COUNT(p->volumes));
        kma_image_geometry_defaults(&g);
        assert_ok(kma_detector_options_defaults(&o));
        for (k = 0; k < 3; k++) g.spacing[k] = between(p, 1, 30), g.count[k] = 1 + below(p, 4);
        if (below(p, 2)) draw_rotation(p, g.direction);
        draw_vector(p, 50, o.centre);
        draw_vector(p, exp(between(p, -10, 10)), o.u);
        draw_vector(p, exp(between(p, -10, 10)), o.v);
        o.count[0] = 1 + below(p, 7), o.pixel_size[1] = between(p, 0.1, 10), o.absorbs = (int)below(p, 2);
        if (below(p, 3) == 0)
            assert_ok(kma_scorer_create_grid(name, &g, &scorer));
        else if (below(p, 2))
            assert_ok(kma_scorer_create_detector(name, &o, &scorer));
        else if (!is_placed(p->volumes[0], p->volumes[v]))
            continue;
        else if (p->shows_image[v] && below(p, 2))
            assert_ok(kma_scorer_create_voxels(name, p->volumes[v], &scorer));
        else
            assert_ok(kma_scorer_create_volume(name, p->volumes[v], &scorer));
        assert_ok(kma_scene_add_scorer(p->scene, scorer));
        assert_ok(kma_scorer_release(&scorer));
    }
}

static void release_all(pool *p)
{
    size_t i;

    for (i = 0; i < COUNT(p->materials); i++) assert_ok(kma_material_release(&p->materials[i]));
    for (i = 0; i < COUNT(p->solids); i++) assert_ok(kma_solid_release(&p->solids[i]));
    for (i = 0; i < COUNT(p->images); i++) assert_ok(kma_image_release(&p->images[i]));
    for (i = 0; i < COUNT(p->tables); i++) assert_ok(kma_ct_table_release(&p->tables[i]));
    for (i = 0; i < COUNT(p->volumes); i++) assert_ok(kma_volume_release(&p->volumes[i]));
    for (i = 0; i < COUNT(p->spectra); i++) assert_ok(kma_spectrum_release(&p->spectra[i]));
}

enum { SCENES = 60 };

PROPERTY(a_random_scene_is_the_same_when_it_is_written_and_read, SCENES)
{
    pool p;

    memset(&p, 0, sizeof p);
    p.rng = rng;
    draw_materials(&p);
    draw_spectra(&p);
    draw_solids(&p);
    draw_images(&p);
    draw_volumes(&p);
    assert_ok(kma_scene_create(p.volumes[0], &p.scene));
    assert_ok(kma_scene_set_cut_energy(p.scene, between(&p, 0.045, 0.05)));
    assert_ok(kma_scene_set_overlap_check(p.scene, KMA_OVERLAPS_IGNORE, below(&p, 2) ? 0 : 1 + below(&p, 5000)));
    draw_sources(&p);
    draw_scorers(&p);
    if (seed % 2 == 0) release_all(&p); /* the scene alone holds it all */
    free(kmt_trip(p.scene, "random.json", 200, KMT_FILES_SHARED));
    if (seed % 2 != 0) release_all(&p);
    assert_ok(kma_scene_release(&p.scene));
}
