/*
 * The scenes whose results are kept in digests.txt. Together they pass through
 * every kind of solid, volume, source, spectrum and scorer, and all physics.
 */
#include "scenes.h"

#include "make.h"

static const kma_material VACUUM = {0};

static void set(double out[3], double x, double y, double z)
{
    out[0] = x;
    out[1] = y;
    out[2] = z;
}

static kma_source_options source_at(kma_source_kind kind, double x, double y, double z)
{
    kma_source_options source;
    MUST(kma_source_options_defaults(&source));
    source.kind = kind;
    set(source.position, x, y, z);
    return source;
}

static kma_image_geometry cells(size_t nx, size_t ny, size_t nz, double spacing)
{
    kma_image_geometry g;
    int c;

    kma_image_geometry_defaults(&g);
    g.count[0] = nx;
    g.count[1] = ny;
    g.count[2] = nz;
    for (c = 0; c < 3; c++) {
        g.spacing[c] = spacing;
        g.origin[c] = -0.5 * spacing * ((double)g.count[c] - 1);
    }
    return g;
}

/* The axes of a rotation given to an image's geometry, which stays centred on the origin. */
static void turn_cells(kma_image_geometry *g, const double rotation[9])
{
    int r, c;
    for (r = 0; r < 3; r++) {
        g->origin[r] = 0;
        for (c = 0; c < 3; c++) {
            g->direction[3 * r + c] = rotation[3 * r + c];
            g->origin[r] -= rotation[3 * r + c] * 0.5 * g->spacing[c] * ((double)g->count[c] - 1);
        }
    }
}

/* Solids in solids, each turned against its mother, one placed three times; an oblique grid over all of it. */
static kma_scene make_nesting(void)
{
    kma_volume world = make_volume("world", make_box(800, 800, 800), make_nist("Air, Dry (near sea level)"));
    kma_volume box = make_volume("box", make_box(200, 160, 120), make_nist("Water, Liquid"));
    kma_volume pipe = make_volume("pipe", make_tube(12, 30, 90, 0, 6.283185307179586), make_nist("Aluminum"));
    kma_volume wedge = make_volume("wedge", make_tube(0, 40, 50, -1, 4.5), make_nist("Bone, Cortical (ICRP)"));
    kma_volume ball = make_volume("ball", make_orb(10), make_formula("CaCO3", 2.71));
    kma_volume core = make_volume("core", make_box(8, 6, 4), VACUUM);
    kma_image_geometry grid = cells(24, 20, 16, 10);
    kma_source_options point = source_at(KMA_SOURCE_POINT, 20, -10, -300);
    kma_scene scene;

    MUST(kma_volume_place(ball, core, (const double[3]){1, 2, 3}, TURNED));
    MUST(kma_volume_place(wedge, ball, (const double[3]){10, 15, -5}, NULL));
    MUST(kma_volume_place(box, pipe, (const double[3]){-50, 5, 0}, TURNED));
    MUST(kma_volume_place(box, wedge, (const double[3]){45, -10, 5}, TILTED));
    MUST(kma_volume_place(box, ball, (const double[3]){0, 60, 40}, TURNED));
    MUST(kma_volume_place(world, box, (const double[3]){5, -6, 7}, TILTED));
    MUST(kma_volume_place(world, ball, (const double[3]){0, 0, 200}, NULL));
    scene = make_scene(world);
    /* The pipe sticks out of the box by 3.8 mm: what becomes of photons in overlapping volumes is to stay as it is, too. */
    MUST(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_WARN, 0));
    point.emission = KMA_EMISSION_FIELD;
    set(point.direction, 0.05, 0, 1);
    point.field_width = 260;
    point.field_height = 200;
    point.field_distance = 300;
    make_source(scene, &point, make_lines((const double[3]){0.03, 0.08, 0.5}, (const double[3]){1, 2, 1}, 3));
    turn_cells(&grid, TURNED);
    make_grid(scene, "grid", &grid);
    make_volume_scorer(scene, "pipe", pipe);
    make_volume_scorer(scene, "wedge", wedge);
    make_volume_scorer(scene, "ball", ball);
    return scene;
}

/* A concave mesh of bone in water, placed twice; a cone of photons; a detector that lets them pass, turned. */
static kma_scene make_mesh(void)
{
    kma_volume world = make_volume("world", make_box(600, 600, 600), VACUUM);
    kma_volume water = make_volume("water", make_orb(120), make_nist("Water, Liquid"));
    kma_volume boulder = make_volume("boulder", make_boulder(40), make_nist("Bone, Cortical (ICRP)"));
    kma_source_options point = source_at(KMA_SOURCE_POINT, 0, -250, 30);
    kma_image_geometry grid = cells(30, 30, 30, 8);
    kma_detector_options plane;
    kma_scene scene;

    MUST(kma_volume_place(water, boulder, (const double[3]){-45, 10, 5}, TILTED));
    MUST(kma_volume_place(water, boulder, (const double[3]){48, -12, -9}, NULL));
    MUST(kma_volume_place(world, water, NULL, NULL));
    scene = make_scene(world);
    point.emission = KMA_EMISSION_CONE;
    point.half_angle = 0.45;
    set(point.direction, 0, 1, -0.1);
    make_source(scene, &point, make_lines((const double[1]){0.08}, (const double[1]){1}, 1));
    make_grid(scene, "grid", &grid);
    make_volume_scorer(scene, "boulder", boulder);
    make_volume_scorer(scene, "water", water);
    MUST(kma_detector_options_defaults(&plane));
    set(plane.centre, 5, 200, 0);
    set(plane.u, 15, 0, 8);
    set(plane.v, -8, 2, 15);
    plane.count[0] = 40;
    plane.count[1] = 30;
    plane.pixel_size[0] = plane.pixel_size[1] = 8;
    plane.absorbs = 0;
    make_detector(scene, "detector", &plane);
    return scene;
}

/* CT numbers from air to metal, smooth in places and jumping in others, some of them outside of the table. */
static int16_t ct_number(long i, long j, long k)
{
    long r = (i - 14) * (i - 14) + (j - 12) * (j - 12) + 2 * (k - 9) * (k - 9);
    if (r > 190) return -1024;
    if (r < 20) return (int16_t)(-800 + 10 * r);
    if ((i + 2 * j + 3 * k) % 29 == 0) return (int16_t)(300 + 40 * r % 2000);
    if (i == 5 && j == 12) return 3100;
    return (int16_t)(-120 + (i * j + 7 * k) % 240);
}

/* A CT whose axes are oblique, with a titanium mesh inside, before a detector; a spectrum of bins. */
static kma_scene make_ct(void)
{
    enum { NX = 28, NY = 24, NZ = 20 };
    static const double edges[8] = {0.015, 0.02, 0.03, 0.045, 0.058, 0.06, 0.07, 0.1};
    static const double weights[7] = {0.5, 4, 9, 8, 12, 0, 6};
    int16_t voxels[NX * NY * NZ];
    kma_image_geometry g = cells(NX, NY, NZ, 6);
    kma_volume world = make_volume("world", make_box(700, 700, 700), make_nist("Air, Dry (near sea level)"));
    kma_volume implant = make_volume("implant", make_boulder(15), make_formula("Ti", 4.506));
    kma_volume patient;
    kma_source_options point = source_at(KMA_SOURCE_POINT, 0, 0, -300);
    kma_detector_options plane;
    kma_scene scene;
    long i, j, k, n = 0;

    for (k = 0; k < NZ; k++)
        for (j = 0; j < NY; j++)
            for (i = 0; i < NX; i++) voxels[n++] = ct_number(i, j, k);
    g.spacing[2] = 7.5;
    turn_cells(&g, TILTED);
    patient = make_image_volume("patient", &g, voxels);
    MUST(kma_volume_place(patient, implant, (const double[3]){12, -8, 20}, TURNED));
    MUST(kma_volume_place(world, patient, (const double[3]){3, 4, -5}, TURNED));
    scene = make_scene(world);
    point.emission = KMA_EMISSION_FIELD;
    point.field_width = 200;
    point.field_height = 180;
    point.field_distance = 300;
    make_source(scene, &point, make_histogram(edges, weights, 7));
    make_voxels(scene, "patient", patient);
    make_volume_scorer(scene, "implant", implant);
    MUST(kma_detector_options_defaults(&plane));
    set(plane.centre, 0, 0, 250);
    plane.count[0] = plane.count[1] = 48;
    plane.pixel_size[0] = plane.pixel_size[1] = 9;
    make_detector(scene, "detector", &plane);
    return scene;
}

/* Sheets of lead around its absorption edges at low energies, down to the cut-off. */
static kma_scene make_lead(void)
{
    kma_volume world = make_volume("world", make_box(200, 200, 200), VACUUM);
    kma_volume tank = make_volume("tank", make_box(100, 100, 60), make_nist("Air, Dry (near sea level)"));
    kma_volume sheet = make_volume("sheet", make_box(80, 80, 0.05), make_nist("Lead"));
    kma_source_options pencil = source_at(KMA_SOURCE_PENCIL, 3, 2, -90);
    kma_image_geometry grid = cells(20, 20, 60, 1);
    kma_scene scene;
    int i;

    for (i = 0; i < 5; i++) MUST(kma_volume_place(tank, sheet, (const double[3]){i, -i, 10.0 * i - 20}, NULL));
    MUST(kma_volume_place(world, tank, NULL, NULL));
    scene = make_scene(world);
    set(pencil.direction, 1, 2, 60);
    make_source(scene, &pencil,
                make_lines((const double[7]){0.006, 0.01304, 0.0153, 0.02, 0.045, 0.0881, 0.15},
                           (const double[7]){1, 1, 1, 2, 2, 3, 3}, 7));
    make_grid(scene, "grid", &grid);
    make_volume_scorer(scene, "sheet", sheet);
    make_volume_scorer(scene, "tank", tank);
    return scene;
}

/* Every kind of source at once, of different weights, around a cylinder of several materials. */
static kma_scene make_sources(void)
{
    static const double mono[1] = {0.1}, one[1] = {1};
    kma_volume world = make_volume("world", make_box(1000, 1000, 1000), make_nist("Air, Dry (near sea level)"));
    kma_volume body = make_volume("body", make_tube(0, 100, 240, 0, 6.283185307179586),
                                  make_nist("Tissue, Soft (ICRU four-component)"));
    kma_volume rod = make_volume("rod", make_tube(0, 15, 200, 0, 6.283185307179586), make_nist("Calcium"));
    kma_source_options s;
    kma_spectrum single, bins;
    kma_image_geometry grid = cells(22, 22, 26, 10);
    kma_scene scene;

    MUST(kma_volume_place(body, rod, (const double[3]){50, 0, 0}, NULL));
    MUST(kma_volume_place(body, rod, (const double[3]){-30, -50, 0}, NULL));
    MUST(kma_volume_place(world, body, NULL, TILTED));
    scene = make_scene(world);
    single = make_lines(mono, one, 1);
    bins = make_histogram((const double[3]){0.02, 0.05, 0.3}, (const double[2]){3, 1}, 2);
    s = source_at(KMA_SOURCE_POINT, 10, 20, 30); /* inside the body, to all sides */
    make_source(scene, &s, single);
    s = source_at(KMA_SOURCE_POINT, -200, 0, 0);
    s.emission = KMA_EMISSION_CONE;
    s.half_angle = 0.3;
    s.weight = 2.5;
    set(s.direction, 1, 0, 0);
    make_source(scene, &s, bins);
    s = source_at(KMA_SOURCE_PENCIL, 0, 300, 40);
    s.weight = 0.125;
    set(s.direction, 0, -1, -0.1);
    make_source(scene, &s, single);
    s = source_at(KMA_SOURCE_PARALLEL, 0, 0, 350);
    s.field = KMA_FIELD_DISC;
    s.field_radius = 90;
    set(s.direction, 0.2, 0.1, -1);
    make_source(scene, &s, bins);
    s = source_at(KMA_SOURCE_PARALLEL, 150, -300, 0);
    s.field_width = 120;
    s.field_height = 40;
    s.weight = 0.7;
    set(s.direction, -1, 2, 0);
    set(s.up, 0, 1, 3);
    make_source(scene, &s, single);
    make_grid(scene, "grid", &grid);
    make_volume_scorer(scene, "rods", rod);
    return scene;
}

const regression_scene regression_scenes[] = {
    {"nesting", make_nesting}, {"mesh", make_mesh}, {"ct", make_ct}, {"lead", make_lead}, {"sources", make_sources},
};
const size_t regression_scene_count = sizeof regression_scenes / sizeof regression_scenes[0];
