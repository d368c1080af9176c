#include "scene_support.h"

#include <math.h>

#include "scoring/mass.h"

static const double PI = 3.14159265358979323846;

/* Densities by volume; an image's is 1 + 0.1 i + 0.01 j + 0.001 k in its voxel (i, j, k). */
typedef struct densities {
    const small_scene *scene;
    size_t asked;
} densities;

static double image_density(double i, double j, double k)
{
    return 1 + 0.1 * i + 0.01 * j + 0.001 * k;
}

static double density(const void *context, int32_t instance, kmi_vec3 p)
{
    const densities *d = context;
    const kmi_instance *v = &d->scene->geometry->instances[instance];

    ((densities *)(uintptr_t)d)->asked++;
    if (v->volume == d->scene->implant) return 4.5;
    if (v->volume == d->scene->core) return 10;
    if (v->volume == d->scene->block) return 2.7;
    if (v->volume == d->scene->phantom) {
        kmi_grid_map map;
        int64_t cell;
        kmi_grid_map_make(&map, &d->scene->grid, &v->frame);
        cell = kmi_grid_map_cell_clamped(&map, p);
        return image_density((double)(cell % 10), (double)(cell / 10 % 8), (double)(cell / 80));
    }
    return 0;
}

static void masses(const small_scene *s, const kmi_scorer *scorer, uint64_t first, size_t n, double *out)
{
    densities d = {s, 0};
    kmi_density_field field = {density, &d};
    assert_ok(kmi_scorer_mass(scorer, s->geometry, &field, first, n, out));
}

static double sum(const double *a, size_t n)
{
    double total = 0;
    size_t i;
    for (i = 0; i < n; i++) total += a[i];
    return total;
}

TEST(a_volume_has_the_mass_of_its_solid_less_its_daughters_in_all_its_placements)
{
    int placements;
    for (placements = 1; placements <= 2; placements++) {
        small_scene s = small_scene_new(placements);
        kmi_scorer *implant = NULL, *core = NULL, *block = NULL, *world = NULL;
        double m;

        assert_ok(kmi_scorer_new_volume("implant", s.implant, 0, &implant));
        assert_ok(kmi_scorer_new_volume("core", s.core, 0, &core));
        assert_ok(kmi_scorer_new_volume("block", s.block, 0, &block));
        assert_ok(kmi_scorer_new_volume("world", s.world, 0, &world));
        masses(&s, implant, 0, 1, &m); /* 4/3 pi r^3 less 6^3, in mm3 of 4.5 g/cm3 */
        assert_near(m, placements * 4.5e-3 * (4.0 / 3 * PI * 15 * 15 * 15 - 216), 1e-12);
        masses(&s, core, 0, 1, &m);
        assert_near(m, placements * 10e-3 * 216, 1e-12);
        masses(&s, block, 0, 1, &m);
        assert_near(m, 2.7e-3 * 8000, 1e-12);
        masses(&s, world, 0, 1, &m);
        assert_true(m == 0);
        kmi_scorer_destroy(implant);
        kmi_scorer_destroy(core);
        kmi_scorer_destroy(block);
        kmi_scorer_destroy(world);
        small_scene_free(&s);
    }
}

/* All of the phantom's voxels; sum over i, j, k of the densities, by hand: 480 (1 + 0.45 + 0.035 + 0.0025). */
#define PHANTOM_GRAMS 480.0 * (1 + 0.1 * 4.5 + 0.01 * 3.5 + 0.001 * 2.5)

TEST(a_voxel_of_one_material_has_exactly_density_times_volume)
{
    small_scene s = small_scene_new(1);
    kmi_scorer *scorer = NULL;
    double m[480];
    size_t b, whole = 0;

    assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorer));
    masses(&s, scorer, 0, 480, m);
    for (b = 0; b < 480; b++) {
        double i = (double)(b % 10), j = (double)(b / 10 % 8), k = (double)(b / 80);
        /* The implant reaches 15 mm from the middle; its box's contact margin reaches the next voxels. */
        if (i >= 3 && i <= 6 && j >= 2 && j <= 5 && k >= 1 && k <= 4) continue;
        assert_near(m[b], image_density(i, j, k), 1e-15); /* of 1 cm3, in g */
        whole++;
    }
    assert_int_equal(whole, 480 - 64);
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

/* The ball's voxels hold all three densities: by symmetry the image's mean density in the ball is that of the middle. */
TEST(voxels_around_an_implant_hold_what_is_in_them)
{
    int placements;
    for (placements = 1; placements <= 2; placements++) {
        small_scene s = small_scene_new(placements);
        kmi_scorer *scorer = NULL;
        double m[480], ball = 4.0 / 3 * PI * 15 * 15 * 15, middle = image_density(4.5, 3.5, 2.5);
        double expected = PHANTOM_GRAMS - middle * ball * 1e-3 + 4.5e-3 * (ball - 216) + 10e-3 * 216;

        assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorer));
        masses(&s, scorer, 0, 480, m);
        /* 56 voxels are cut by a surface of up to 9 g/cm3 difference: 0.007 x 1 cm3 x 9 x sqrt(56) = 0.5 g, correlated
         * by symmetry in 8s; 1 % of the whole is 7 g. */
        assert_near(sum(m, 480), placements * expected, placements * 0.7);
        kmi_scorer_destroy(scorer);
        small_scene_free(&s);
    }
}

TEST(the_mass_of_an_image_volume_leaves_out_what_is_placed_in_it)
{
    small_scene s = small_scene_new(1);
    kmi_scorer *scorer = NULL;
    double m, ball = 4.0 / 3 * PI * 15 * 15 * 15;

    assert_ok(kmi_scorer_new_volume("phantom", s.phantom, 0, &scorer));
    masses(&s, scorer, 0, 1, &m);
    assert_near(m, PHANTOM_GRAMS - image_density(4.5, 3.5, 2.5) * ball * 1e-3, 0.15);
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

TEST(a_grid_parallel_to_an_image_sums_the_voxels_it_overlaps)
{
    small_scene s = small_scene_new(1);
    /* Cells of 4 mm in the phantom's corner away from the implant: 5 x 4 x 3 cells from its voxel (0, 0, 0) on.
     * The phantom is turned by 90 degrees: its x runs along the world's y. */
    kmi_grid cells = plain_grid(4, 5, 3, 4, kmi_vec(0, 0, 0));
    kmi_scorer *scorer = NULL;
    densities d = {&s, 0};
    kmi_density_field field = {density, &d};
    double m[60];
    size_t b;

    /* Phantom corner (-50, -40, -30) in its frame is (40, -50, -30) turned, + (5, 20, -30) = (45, -30, -60). */
    cells.origin[0] = 45 - 4 * 4 + 2;
    cells.origin[1] = -30 + 2;
    cells.origin[2] = -60 + 2;
    assert_ok(kmi_scorer_new_grid("g", &cells, &scorer));
    assert_ok(kmi_scorer_mass(scorer, s.geometry, &field, 0, 60, m));
    for (b = 0; b < 60; b++) {
        /* In the image: x from world y, y from world x backwards. */
        double low[3] = {4.0 * (double)(b / 4 % 5), 4.0 * (3 - (double)(b % 4)), 4.0 * (double)(b / 20)};
        double expected = 0;
        int i, j, k;
        for (i = 0; i < 3; i++)
            for (j = 0; j < 3; j++)
                for (k = 0; k < 3; k++) {
                    double x = fmax(0, fmin(low[0] + 4, 10 * (i + 1)) - fmax(low[0], 10 * i));
                    double y = fmax(0, fmin(low[1] + 4, 10 * (j + 1)) - fmax(low[1], 10 * j));
                    double z = fmax(0, fmin(low[2] + 4, 10 * (k + 1)) - fmax(low[2], 10 * k));
                    expected += x * y * z * 1e-3 * image_density(i, j, k);
                }
        assert_near(m[b], expected, 1e-12);
    }
    assert_true(d.asked < 60 * 9); /* no sampling */
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

TEST(a_free_grid_holds_the_mass_of_the_world_and_cells_outside_hold_none)
{
    small_scene s = small_scene_new(1);
    kmi_grid cells = plain_grid(11, 11, 11, 40, kmi_vec(0, 0, 0)); /* 440 mm: its border cells stick out */
    kmi_grid far = plain_grid(2, 2, 2, 10, kmi_vec(0, 0, 300));
    kmi_scorer *scorer = NULL;
    double m[1331], ball = 4.0 / 3 * PI * 15 * 15 * 15;
    double expected = PHANTOM_GRAMS - image_density(4.5, 3.5, 2.5) * ball * 1e-3 + 4.5e-3 * (ball - 216) + 10e-3 * 216 +
                      2.7e-3 * 8000;

    assert_ok(kmi_scorer_new_grid("g", &cells, &scorer));
    masses(&s, scorer, 0, 1331, m);
    /* Cells of 64 cm3, cut by surfaces of density 1.5 (the phantom's faces, along the cells' sides) in 30 cells:
     * 0.002 x 64 x 1.5 x 30 = 5.8 g at worst; the ball and the block 2 cells of 64 cm3 x 0.007 x 5. */
    assert_near(sum(m, 1331), expected, 10);
    kmi_scorer_destroy(scorer);
    assert_ok(kmi_scorer_new_grid("far", &far, &scorer));
    masses(&s, scorer, 0, 8, m);
    assert_true(sum(m, 8) == 0);
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

TEST(a_cell_within_one_volume_is_exact_and_needs_one_look)
{
    small_scene s = small_scene_new(1);
    kmi_grid cells = plain_grid(3, 3, 3, 5, kmi_vec(-150, 0, 0)); /* in the block */
    kmi_scorer *scorer = NULL;
    densities d = {&s, 0};
    kmi_density_field field = {density, &d};
    double m[27];
    size_t b;

    assert_ok(kmi_scorer_new_grid("g", &cells, &scorer));
    assert_ok(kmi_scorer_mass(scorer, s.geometry, &field, 0, 27, m));
    for (b = 0; b < 27; b++) assert_near(m[b], 125 * 2.7e-3, 1e-15);
    assert_int_equal(d.asked, 27);
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

/* Share of the mass of a cell of 10 mm that lies beyond the plane axis . p = depth; *exact_out: counted finely. */
static double share_beyond(kmi_vec3 axis, double depth, double *exact_out)
{
    enum { FINE = 60 };
    small_scene s;
    kmi_volume *world = box_volume("world", 400, 400, 400), *half = box_volume("half", 100, 100, 100);
    kmi_scorer *scorer = NULL;
    kmi_grid cells = plain_grid(1, 1, 1, 10, kmi_vec(0, 0, 0));
    kmi_frame frame;
    kmi_vec3 u, v;
    double m, columns[9];
    int i, j, k, inside = 0;

    memset(&s, 0, sizeof s);
    kmi_basis(axis, &u, &v);
    columns[0] = axis.x, columns[1] = u.x, columns[2] = v.x;
    columns[3] = axis.y, columns[4] = u.y, columns[5] = v.y;
    columns[6] = axis.z, columns[7] = u.z, columns[8] = v.z;
    frame = kmi_frame_make(columns, kmi_scale(axis, depth + 50)); /* one face of the cube is the plane */
    assert_ok(kmi_volume_add(world, half, 0, &frame));
    assert_ok(kmi_geometry_close(world, &s.geometry));
    s.block = half; /* 2.7 g/cm3 */
    assert_ok(kmi_scorer_new_grid("g", &cells, &scorer));
    masses(&s, scorer, 0, 1, &m);
    for (i = 0; i < FINE; i++)
        for (j = 0; j < FINE; j++)
            for (k = 0; k < FINE; k++)
                inside += axis.x * (10 * (i + 0.5) / FINE - 5) + axis.y * (10 * (j + 0.5) / FINE - 5) +
                              axis.z * (10 * (k + 0.5) / FINE - 5) > depth;
    *exact_out = (double)inside / FINE / FINE / FINE;
    kmi_scorer_destroy(scorer);
    kmi_geometry_destroy(s.geometry);
    kmi_volume_destroy(world);
    kmi_volume_destroy(half);
    return m / 2.7;
}

TEST(the_share_of_a_cell_cut_by_a_plane_errs_no_more_than_is_stated)
{
    static const kmi_vec3 sides[6] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, 0, 0}, {0, -1, 0}, {0, 0, -1}};
    enum { PLANES = 300 };
    kmi_rng rng;
    double exact, error, squares = 0, worst = 0;
    int i;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 60; i++) {
        double depth = -4.9 + 9.8 * kmi_rng_uniform(&rng);
        assert_near(share_beyond(sides[i % 6], depth, &exact), (5 - depth) / 10, 0.00201);
    }
    for (i = 0; i < PLANES; i++) {
        double depth = -4.5 + 9 * kmi_rng_uniform(&rng);
        error = share_beyond(kmt_direction(&rng), depth, &exact) - exact;
        squares += error * error;
        worst = fmax(worst, fabs(error));
    }
    /* 0.008, with a relative uncertainty of 1 / sqrt(2 x 300): 4 sigma; the fine count adds little. */
    assert_true_msg(sqrt(squares / PLANES) < 0.008 * 1.17, "%g", sqrt(squares / PLANES));
    assert_true_msg(worst < 0.1, "%g", worst);
}

TEST(masses_do_not_depend_on_the_range_asked_for)
{
    small_scene s = small_scene_new(2);
    kmi_grid cells = plain_grid(13, 11, 9, 13, kmi_vec(1, 2, 3));
    kmi_scorer *scorers[2];
    double all[13 * 11 * 9], part[50];
    size_t c, first;

    assert_ok(kmi_scorer_new_grid("g", &cells, &scorers[0]));
    assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorers[1]));
    for (c = 0; c < 2; c++) {
        size_t bins = scorers[c]->bins;
        masses(&s, scorers[c], 0, bins, all);
        for (first = 7; first < bins; first += 50) {
            size_t n = bins - first < 50 ? bins - first : 50;
            masses(&s, scorers[c], first, n, part);
            assert_memory_equal(part, all + first, n * sizeof *part);
        }
        kmi_scorer_destroy(scorers[c]);
    }
    small_scene_free(&s);
}

/* A cube of 12 facets instead of a box: the same masses, and no sampling inside or outside of it. */
TEST(cells_away_from_the_surface_of_a_mesh_are_exact)
{
    static const double corner[8][3] = {{-20, -20, -20}, {20, -20, -20}, {-20, 20, -20}, {20, 20, -20},
                                        {-20, -20, 20},  {20, -20, 20},  {-20, 20, 20},  {20, 20, 20}};
    static const uint32_t facet[12][3] = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                                          {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
    kmi_mesh *mesh = NULL;
    kmi_solid solid;
    kmi_volume *world = box_volume("world", 400, 400, 400), *cube = NULL;
    kmi_frame here = kmi_frame_identity();
    kmi_grid cells = plain_grid(8, 8, 8, 7, kmi_vec(0, 0, 0));
    kmi_scorer *scorer = NULL;
    small_scene s;
    densities d = {&s, 0};
    kmi_density_field field = {density, &d};
    double m[512], expected;
    size_t b, cut = 0;

    memset(&s, 0, sizeof s);
    memset(&solid, 0, sizeof solid);
    assert_ok(kmi_mesh_new(&corner[0][0], 8, &facet[0][0], 12, NULL, &mesh));
    solid.kind = KMI_SOLID_MESH;
    solid.bounds = kmi_mesh_bounds(mesh);
    solid.u.mesh.mesh = mesh;
    assert_ok(kmi_volume_new("cube", &solid, &cube));
    assert_ok(kmi_volume_add(world, cube, 0, &here));
    assert_ok(kmi_geometry_close(world, &s.geometry));
    s.block = cube;
    assert_ok(kmi_scorer_new_grid("g", &cells, &scorer));
    assert_ok(kmi_scorer_mass(scorer, s.geometry, &field, 0, 512, m));
    for (b = 0; b < 512; b++) {
        size_t i[3] = {b % 8, b / 8 % 8, b / 64};
        double share = 1;
        int a;
        for (a = 0; a < 3; a++) { /* cells from -28 on; the cube's faces at -20 and 20 cut the second and the last but one */
            double low = -28 + 7 * (double)i[a];
            share *= fmax(0, fmin(low + 7, 20) - fmax(low, -20)) / 7;
        }
        expected = share * 343 * 2.7e-3;
        cut += share > 0 && share < 1;
        assert_near(m[b], expected, share == 0 || share == 1 ? 1e-15 : 0.01 * 343 * 2.7e-3);
    }
    assert_int_equal(cut, 216 - 64);
    /* Each cut cell is sampled, as are empty ones that touch an edge of a facet's box at most. */
    assert_true(d.asked < (216 - 64) * 256 + 512);
    kmi_scorer_destroy(scorer);
    kmi_geometry_destroy(s.geometry);
    kmi_volume_destroy(world);
    kmi_volume_destroy(cube);
    kmi_mesh_destroy(mesh);
}

TEST(a_detector_has_no_mass_and_a_range_beyond_the_bins_is_refused)
{
    small_scene s = small_scene_new(1);
    kma_detector_options o;
    kmi_scorer *scorer = NULL;
    densities d = {&s, 0};
    kmi_density_field field = {density, &d};
    double m[2] = {5, 5};

    assert_ok(kma_detector_options_defaults(&o));
    o.count[0] = 2;
    assert_ok(kmi_scorer_new_detector("d", &o, &scorer));
    assert_ok(kmi_scorer_mass(scorer, s.geometry, &field, 0, 2, m));
    assert_true(m[0] == 0 && m[1] == 0);
    assert_fails(kmi_scorer_mass(scorer, s.geometry, &field, 1, 2, m), KMA_ERR_INTERNAL, "scorer->bins - first");
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

TEST(without_memory_no_mass_is_told)
{
    small_scene s = small_scene_new(2);
    kmi_scorer *scorer = NULL;
    densities d = {&s, 0};
    kmi_density_field field = {density, &d};
    double m = 3;
    long n;

    assert_ok(kmi_scorer_new_volume("phantom", s.phantom, 0, &scorer));
    for (n = 1; n <= 3; n++) {
        kmt_fail_allocation(n);
        assert_fails(kmi_scorer_mass(scorer, s.geometry, &field, 0, 1, &m), KMA_ERR_MEMORY, "no memory for the mass");
        kmt_fail_allocation(0);
        assert_true(m == 0);
    }
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}
