#include "kmt.h"

#include <math.h>

#include "geometry/mesh_box.h"

enum { RINGS = 24, SECTORS = 40 };

/* A ball of radius 10 of triangles, about `centre`: its vertices lie on the sphere. */
static kmi_mesh *ball(kmi_vec3 centre)
{
    static double v[2 + (RINGS - 1) * SECTORS][3];
    static uint32_t t[2 * SECTORS * (RINGS - 1)][3];
    const double pi = 3.14159265358979323846;
    kmi_mesh *mesh = NULL;
    uint32_t n = 2, facets = 0, r, s;

    v[0][0] = centre.x, v[0][1] = centre.y, v[0][2] = centre.z + 10;
    v[1][0] = centre.x, v[1][1] = centre.y, v[1][2] = centre.z - 10;
    for (r = 1; r < RINGS; r++)
        for (s = 0; s < SECTORS; s++, n++) {
            double theta = pi * r / RINGS, phi = 2 * pi * s / SECTORS;
            v[n][0] = centre.x + 10 * sin(theta) * cos(phi);
            v[n][1] = centre.y + 10 * sin(theta) * sin(phi);
            v[n][2] = centre.z + 10 * cos(theta);
        }
    for (s = 0; s < SECTORS; s++) {
        uint32_t next = (s + 1) % SECTORS, last = 2 + (RINGS - 2) * SECTORS;
        const uint32_t top[3] = {0, 2 + s, 2 + next}, bottom[3] = {1, last + next, last + s};
        memcpy(t[facets++], top, sizeof top);
        memcpy(t[facets++], bottom, sizeof bottom);
        for (r = 1; r + 1 < RINGS; r++) {
            uint32_t a = 2 + (r - 1) * SECTORS + s, b = 2 + (r - 1) * SECTORS + next;
            const uint32_t one[3] = {a, a + SECTORS, b}, two[3] = {b, a + SECTORS, b + SECTORS};
            memcpy(t[facets++], one, sizeof one);
            memcpy(t[facets++], two, sizeof two);
        }
    }
    assert_ok(kmi_mesh_new(&v[0][0], n, &t[0][0], facets, NULL, &mesh));
    return mesh;
}

/* Distance of a box's nearest and farthest point from `centre`. */
static void reach(const kmi_box3 *b, kmi_vec3 centre, double *nearest, double *farthest)
{
    double near2 = 0, far2 = 0;
    const double low[3] = {b->low.x - centre.x, b->low.y - centre.y, b->low.z - centre.z};
    const double high[3] = {b->high.x - centre.x, b->high.y - centre.y, b->high.z - centre.z};
    int k;
    for (k = 0; k < 3; k++) {
        double near = fmax(0, fmax(low[k], -high[k])), far = fmax(fabs(low[k]), fabs(high[k]));
        near2 += near * near;
        far2 += far * far;
    }
    *nearest = sqrt(near2);
    *farthest = sqrt(far2);
}

/* The facets lie between the sphere of radius 10 and that of 10 cos(pi / 24) cos(pi / 40) = 9.88. */
TEST(boxes_that_the_surface_crosses_are_touched_and_boxes_well_inside_or_outside_are_not)
{
    static const kmi_vec3 centres[] = {{0, 0, 0}, {1e5, -2e5, 3e4}};
    size_t c;

    for (c = 0; c < 2; c++) {
        kmi_mesh *mesh = ball(centres[c]);
        kmi_rng rng;
        int i, crossed = 0, clear = 0, false_alarms = 0;

        kmi_rng_start(&rng, 7, c, KMI_STREAM_GEOMETRY);
        for (i = 0; i < 20000; i++) {
            kmi_vec3 p = kmi_scale(kmt_direction(&rng), 13 * kmi_rng_uniform(&rng));
            double half = 0.01 + 2 * kmi_rng_uniform(&rng) * kmi_rng_uniform(&rng), nearest, farthest;
            kmi_box3 box = {kmi_add(centres[c], kmi_add(p, kmi_vec(-half, -half, -half))),
                            kmi_add(centres[c], kmi_add(p, kmi_vec(half, half, half)))};
            bool touches = kmi_mesh_touches_box(mesh, &box);
            reach(&box, centres[c], &nearest, &farthest);
            if (nearest < 9.87 && farthest > 10.01) {
                assert_true(touches);
                crossed++;
            } else if (nearest > 10.01 || farthest < 9.87) {
                clear++;
                false_alarms += touches;
                if (!touches) assert_true(kmi_mesh_inside(mesh, kmi_add(centres[c], p)) == (farthest < 9.87));
            }
        }
        assert_true(crossed > 2000 && clear > 2000);
        assert_true(false_alarms < clear / 20);
        kmi_mesh_destroy(mesh);
    }
}

TEST(a_box_in_a_corner_of_the_mesh_box_touches_nothing_and_the_box_of_all_does)
{
    kmi_mesh *mesh = ball(kmi_vec(0, 0, 0));
    kmi_box3 corner = {{8, 8, 8}, {9, 9, 9}}, all = {{-20, -20, -20}, {20, 20, 20}}, point = {{0, 0, 10}, {0, 0, 10}};
    kmi_box3 middle = {{-1, -1, -1}, {1, 1, 1}};

    assert_false(kmi_mesh_touches_box(mesh, &corner));
    assert_false(kmi_mesh_touches_box(mesh, &middle));
    assert_true(kmi_mesh_touches_box(mesh, &all));
    assert_true(kmi_mesh_touches_box(mesh, &point)); /* a vertex */
    kmi_mesh_destroy(mesh);
}
