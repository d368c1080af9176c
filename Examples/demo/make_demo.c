/*
 * Makes the demo's input: a procedural CT of a torso in CT numbers, an STL of a
 * bone screw, and the scene that puts them before a detector.
 *
 *     kerma_make_demo DIRECTORY
 *
 * writes torso.mha, screw.stl and demo.json there: six screws and two rods hold the spine. Everything is drawn from
 * formulas, so the demo needs no data.
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kerma/kerma.h>

/* ---- the torso ---------------------------------------------------------- */

enum { NX = 180, NY = 130, NZ = 150 };
static const double SPACING = 2.0; /* mm */

/* Signed "depth" inside of an ellipse or ellipsoid: > 0 inside, about mm near the border. */
static double ellipsoid(const double p[3], double x, double y, double z, double a, double b, double c)
{
    double u = (p[0] - x) / a, v = (p[1] - y) / b, w = (p[2] - z) / c;
    double r = sqrt(u * u + v * v + w * w);
    double smallest = fmin(a, fmin(b, c));
    return (1 - r) * smallest;
}

/* A tissue takes over where the point is inside; borders are blended over a millimetre. */
static void paint(double *hu, double depth, double value)
{
    double part = depth + 0.5;
    if (part <= 0) return;
    if (part > 1) part = 1;
    *hu += part * (value - *hu);
}

/* Ribs: bent tubes that fall from the spine to the front, one every 24 mm. */
static double rib(const double p[3])
{
    double phi = atan2(p[1] - 5, p[0]);           /* 0 = patient's left, pi/2 = back */
    double round = fabs(phi + 1.5707963267948966); /* from the front */
    double height, along, best = -1e9;
    int k;

    if (round < 0.5) return -1e9; /* open at the front */
    along = ellipsoid(p, 0, 5, p[2], 132, 94, 1e9);
    for (k = -6; k <= 6; k++) {
        height = 24.0 * k + 26.0 * cos(phi - 1.5707963267948966);
        best = fmax(best, 5.5 - hypot(along * 1.0 - 4.0, (p[2] - height) * 0.9));
    }
    return best;
}

static double vertebra(const double p[3])
{
    double local = fmod(p[2] + 1000 * 34.0, 34.0) - 17.0; /* one every 34 mm, discs between */
    double body = fmin(20 - hypot(p[0], (p[1] - 62) * 1.2), 14 - fabs(local));
    double arch = fmin(5 - fabs(hypot(p[0], p[1] - 88) - 13), 12 - fabs(local));
    double spine = fmin(4 - fabs(p[0]), fmin(p[1] - 98, fmin(113 - p[1], 9 - fabs(local + 4))));
    double wing = fmin(5 - fabs(p[1] - 88 - 0.15 * fabs(p[0])), fmin(38 - fabs(p[0]), 6 - fabs(local)));
    return fmax(fmax(body, arch), fmax(spine, wing));
}

/* A smooth texture of a few CT numbers, from sums of waves: no two places look quite the same. */
static double texture(const double p[3], double size)
{
    return sin(p[0] / size + 1.3 * sin(p[2] / (1.7 * size))) * sin(p[1] / size + 0.7 * sin(p[0] / (2.1 * size))) *
           sin(p[2] / size + 1.1 * sin(p[1] / (1.3 * size)));
}

static double ct_number(const double p[3])
{
    double hu = -1000, lung, bone;
    double breath = 1 + 0.06 * sin(p[2] / 70);

    if (ellipsoid(p, 0, 0, 0, 168 * breath, 122 * breath, 1e9) < -1) return hu; /* the air around */
    paint(&hu, ellipsoid(p, 0, 0, 0, 168 * breath, 122 * breath, 1e9), -95 + 12 * texture(p, 9));   /* fat and skin */
    paint(&hu, ellipsoid(p, 0, 3, 0, 150 * breath, 106 * breath, 1e9), 55 + 10 * texture(p, 6));    /* muscle */
    lung = fmax(ellipsoid(p, 66, -6, 30, 56, 74, 128), ellipsoid(p, -66, -6, 30, 58, 76, 132));
    lung = fmin(lung, -ellipsoid(p, 25, -38, -8, 52, 48, 62));  /* the heart's bed */
    lung = fmin(lung, p[2] + 70 - 0.004 * (p[0] * p[0]) - 0.002 * p[1] * p[1]); /* the diaphragm */
    paint(&hu, lung, -790 + 60 * texture(p, 11) + 120 * fmax(0, texture(p, 4) - 0.45));
    paint(&hu, ellipsoid(p, 25, -38, -8, 48, 44, 58), 45 + 8 * texture(p, 12));                     /* heart */
    paint(&hu, 11 - hypot(p[0] + 8, p[1] - 34), 60);                                                /* aorta */
    paint(&hu, fmin(8 - hypot(p[0], p[1] - 22), p[2] - 20), -950);                                  /* trachea */
    paint(&hu, ellipsoid(p, -58, -10, -118, 78, 70, 58), 65 + 9 * texture(p, 14));                  /* liver */
    paint(&hu, rib(p), 620);
    paint(&hu, rib(p) - 2.0, 260);                                                                  /* marrow */
    paint(&hu, fmin(fmin(18 - fabs(p[0]), 5 - fabs(p[1] + 100)), 95 - fabs(p[2] - 15)), 450);       /* sternum */
    bone = vertebra(p);
    paint(&hu, bone, 720);
    paint(&hu, bone - 2.2, 240 + 60 * texture(p, 3));                                               /* spongy bone */
    return hu;
}

static kma_status write_torso(const char *path)
{
    kma_image_geometry geometry;
    kma_image image = {0};
    kma_status status;
    int16_t *voxels = malloc(sizeof *voxels * NX * NY * NZ);
    int i, j, k;

    if (voxels == NULL) return KMA_ERR_MEMORY;
    kma_image_geometry_defaults(&geometry);
    geometry.count[0] = NX;
    geometry.count[1] = NY;
    geometry.count[2] = NZ;
    for (i = 0; i < 3; i++) {
        geometry.spacing[i] = SPACING;
        geometry.origin[i] = -0.5 * SPACING * ((double)geometry.count[i] - 1);
    }
    for (k = 0; k < NZ; k++)
        for (j = 0; j < NY; j++)
            for (i = 0; i < NX; i++) {
                double p[3] = {geometry.origin[0] + SPACING * i, geometry.origin[1] + SPACING * j,
                               geometry.origin[2] + SPACING * k};
                voxels[((size_t)k * NY + (size_t)j) * NX + (size_t)i] = (int16_t)lrint(ct_number(p));
            }
    status = kma_image_create(&geometry, KMA_SCALAR_INT16, voxels, &image);
    if (status == KMA_OK) status = kma_image_write(image, path, KMA_COMPRESSION_ZLIB);
    kma_image_release(&image);
    free(voxels);
    return status;
}

/* ---- the screw: a profile turned about an axis, with a thread cut into it ---- */

enum { TURN = 48, RINGS = 240 };
static const double LENGTH = 46; /* mm */

static double radius_at(double s, double phi)
{
    double z = s * LENGTH, thread;

    if (z > 38) return 5.5;                              /* head */
    if (z > 36) return 2.6;                              /* neck */
    thread = fmod(z / 2.75 - phi / 6.283185307179586 + 100, 1.0);
    return 0.6 + fmin(2.2, 0.35 * z) + 0.55 * (1 - fabs(2 * thread - 1)) * fmin(1, z / 5);
}

static void ring_point(int ring, int turn, double out[3])
{
    double s = (double)ring / (RINGS - 1), phi = 6.283185307179586 * (turn % TURN) / TURN;
    double r = radius_at(s, phi);
    out[0] = r * cos(phi);
    out[1] = r * sin(phi);
    out[2] = s * LENGTH;
}

static void put_facet(FILE *file, const double a[3], const double b[3], const double c[3])
{
    float numbers[12] = {0, 0, 0, (float)a[0], (float)a[1], (float)a[2], (float)b[0], (float)b[1], (float)b[2],
                         (float)c[0], (float)c[1], (float)c[2]};
    uint16_t attribute = 0;
    fwrite(numbers, sizeof numbers, 1, file);
    fwrite(&attribute, sizeof attribute, 1, file);
}

static int write_screw(const char *path)
{
    FILE *file = fopen(path, "wb");
    char header[80] = "kerma demo: a bone screw, mm";
    uint32_t facets = 2u * TURN * (RINGS - 1) + 2u * TURN;
    const double tip[3] = {0, 0, 0}, top[3] = {0, 0, LENGTH};
    int ring, turn;

    if (file == NULL) return -1;
    fwrite(header, sizeof header, 1, file);
    fwrite(&facets, sizeof facets, 1, file);
    for (turn = 0; turn < TURN; turn++) {
        double a[3], b[3], c[3], d[3];
        for (ring = 0; ring + 1 < RINGS; ring++) {
            ring_point(ring, turn, a);
            ring_point(ring, turn + 1, b);
            ring_point(ring + 1, turn + 1, c);
            ring_point(ring + 1, turn, d);
            put_facet(file, a, b, c);
            put_facet(file, a, c, d);
        }
        ring_point(0, turn, a);
        ring_point(0, turn + 1, b);
        put_facet(file, tip, b, a);
        ring_point(RINGS - 1, turn, a);
        ring_point(RINGS - 1, turn + 1, b);
        put_facet(file, top, a, b);
    }
    return fclose(file);
}

/* ---- the scene ---------------------------------------------------------- */

static const char scene[] =
    "{\n"
    "  \"kerma\": 1,\n"
    "  \"title\": \"A torso with screws and rods in its spine, 120 kVp radiograph\",\n"
    "  \"seed\": 1,\n"
    "  \"histories\": 24000000,\n"
    "  \"cut_energy\": 0.005,\n"
    "  \"materials\": {\n"
    "    \"air\": {\"nist\": \"Air, Dry (near sea level)\"},\n"
    "    \"titanium\": {\"formula\": \"Ti\", \"density\": 4.506}\n"
    "  },\n"
    "  \"spectra\": {\"tube\": {\"file\": \"tungsten_120kVp.csv\"}},\n"
    "  \"volumes\": {\n"
    "    \"room\": {\"box\": {\"size\": [1200, 2600, 1200]}, \"material\": \"air\"},\n"
    "    \"torso\": {\"image\": {\"file\": \"torso.mha\"}},\n"
    "    \"screw\": {\"mesh\": {\"file\": \"screw.stl\", \"unit\": 1}, \"material\": \"titanium\"},\n"
    "    \"rod\": {\"tube\": {\"outer_radius\": 3, \"length\": 90}, \"material\": \"titanium\"}\n"
    "  },\n"
    "  \"world\": \"room\",\n"
    "  \"placements\": [\n"
    "    {\"volume\": \"torso\", \"in\": \"room\"},\n"
    "    {\"volume\": \"screw\", \"in\": \"torso\", \"translation\": [6, 52, -17],\n"
    "     \"rotation\": {\"axis\": [1, -0.25, 0], \"angle\": -1.5707963267948966}},\n"
    "    {\"volume\": \"screw\", \"in\": \"torso\", \"translation\": [-6, 52, -17],\n"
    "     \"rotation\": {\"axis\": [1, 0.25, 0], \"angle\": -1.5707963267948966}},\n"
    "    {\"volume\": \"screw\", \"in\": \"torso\", \"translation\": [6, 52, 17],\n"
    "     \"rotation\": {\"axis\": [1, -0.25, 0], \"angle\": -1.5707963267948966}},\n"
    "    {\"volume\": \"screw\", \"in\": \"torso\", \"translation\": [-6, 52, 17],\n"
    "     \"rotation\": {\"axis\": [1, 0.25, 0], \"angle\": -1.5707963267948966}},\n"
    "    {\"volume\": \"screw\", \"in\": \"torso\", \"translation\": [6, 52, 51],\n"
    "     \"rotation\": {\"axis\": [1, -0.25, 0], \"angle\": -1.5707963267948966}},\n"
    "    {\"volume\": \"screw\", \"in\": \"torso\", \"translation\": [-6, 52, 51],\n"
    "     \"rotation\": {\"axis\": [1, 0.25, 0], \"angle\": -1.5707963267948966}},\n"
    "    {\"volume\": \"rod\", \"in\": \"torso\", \"translation\": [18, 100, 17]},\n"
    "    {\"volume\": \"rod\", \"in\": \"torso\", \"translation\": [-18, 100, 17]}\n"
    "  ],\n"
    "  \"sources\": [\n"
    "    {\"type\": \"point\", \"position\": [0, -850, 0], \"direction\": [0, 1, 0], \"spectrum\": \"tube\",\n"
    "     \"field\": {\"size\": [400, 360], \"distance\": 1000, \"up\": [0, 0, 1]}}\n"
    "  ],\n"
    "  \"scorers\": {\n"
    "    \"torso\": {\"voxels\": \"torso\"},\n"
    "    \"screws\": {\"volume\": \"screw\"},\n"
    "    \"xray\": {\"detector\": {\"centre\": [0, 420, 0], \"u\": [1, 0, 0], \"v\": [0, 0, 1],\n"
    "                   \"pixels\": [100, 90], \"pixel_size\": [5, 5]}}\n"
    "  }\n"
    "}\n";

static int write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) return -1;
    if (fputs(text, file) < 0) {
        fclose(file);
        return -1;
    }
    return fclose(file);
}

int main(int argc, char **argv)
{
    char path[4096];

    if (argc != 2) {
        fprintf(stderr, "usage: kerma_make_demo DIRECTORY\n");
        return 2;
    }
    snprintf(path, sizeof path, "%s/torso.mha", argv[1]);
    if (write_torso(path) != KMA_OK) {
        fprintf(stderr, "kerma_make_demo: %s\n", kma_error_message());
        return 1;
    }
    snprintf(path, sizeof path, "%s/screw.stl", argv[1]);
    if (write_screw(path) != 0) {
        fprintf(stderr, "kerma_make_demo: %s: %s\n", path, strerror(errno));
        return 1;
    }
    snprintf(path, sizeof path, "%s/demo.json", argv[1]);
    if (write_text(path, scene) != 0) {
        fprintf(stderr, "kerma_make_demo: %s: %s\n", path, strerror(errno));
        return 1;
    }
    kma_shutdown();
    return 0;
}
