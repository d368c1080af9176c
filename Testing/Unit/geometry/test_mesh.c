#include "kmt.h"
#include "kmt_mesh.h"

#include <math.h>

#include "geometry/mesh_nearest.h"
#include "geometry/mesh_parts.h"

static const double PI = 3.14159265358979323846;

TEST(a_box_is_measured_exactly)
{
    kmt_mesh data = kmt_mesh_box(1, 2, 3);
    kmi_mesh *mesh = kmt_mesh_build(&data);

    assert_near(kmi_mesh_volume(mesh), 48, 0);
    assert_near(kmi_mesh_surface_area(mesh), 88, 0);
    assert_int_equal(kmi_mesh_facet_count(mesh), 12);
    assert_int_equal(kmi_mesh_vertex_count(mesh), 8);
    assert_near(kmi_mesh_bounds(mesh).low.z, -3, 0);
    assert_near(kmi_mesh_bounds(mesh).high.y, 2, 0);
    assert_false(mesh->overlaps);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(a_torus_of_many_facets_has_the_volume_and_area_of_the_torus)
{
    kmt_mesh data = kmt_mesh_torus(50, 20, 400, 200);
    kmi_mesh *mesh = kmt_mesh_build(&data);

    /* V = 2 pi^2 R r^2, A = 4 pi^2 R r; an inscribed polygon of n corners lacks (2 pi / n)^2 / 6 of its area */
    assert_near(kmi_mesh_volume(mesh) / (2 * PI * PI * 50 * 400), 1, 3e-4);
    assert_near(kmi_mesh_surface_area(mesh) / (4 * PI * PI * 50 * 20), 1, 3e-4);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(rays_along_the_axes_through_a_box_enter_and_leave_once_wherever_they_pass)
{
    kmt_mesh data = kmt_mesh_box(1, 2, 3);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    double x, y;

    for (x = -1.25; x <= 1.25; x += 0.125) { /* corners, edges, diagonals, rims, and beside */
        for (y = -2.5; y <= 2.5; y += 0.25) {
            kmi_vec3 o = kmi_vec(x, y, -10), d = kmi_vec(0, 0, 1);
            double in = kmi_mesh_entry(mesh, o, d, 0, INFINITY, 1e-5);
            if (fabs(x) < 1 && fabs(y) < 2) assert_near(in, 7, 0);
            if (fabs(x) > 1 || fabs(y) > 2) assert_true(in == INFINITY);
            if (in == INFINITY) continue;
            assert_near(in, 7, 0);
            assert_near(kmi_mesh_exit(mesh, o, d, in, 1e-5), 13, 0);
            assert_true(kmi_mesh_entry(mesh, o, d, 13, INFINITY, 1e-5) == INFINITY);
            assert_near(kmi_mesh_exit(mesh, kmi_vec(x, y, 10), kmi_vec(0, 0, -1), 7, 1e-5), 13, 0);
        }
    }
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(hits_behind_the_origin_are_found_when_asked_for)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    kmi_mesh_hit hit;

    assert_true(kmi_mesh_first_hit(mesh, kmi_vec(10, 0.25, 0.125), kmi_vec(1, 0, 0), -20, 0, &hit));
    assert_near(hit.t, -11, 0);
    assert_false(hit.exits);
    assert_true(kmi_mesh_first_hit(mesh, kmi_vec(10, 0.25, 0.125), kmi_vec(1, 0, 0), -11, 0, &hit));
    assert_near(hit.t, -9, 0);
    assert_true(hit.exits);
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(10, 0.25, 0.125), kmi_vec(1, 0, 0), -9, INFINITY, &hit));
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(10, 0.25, 0.125), kmi_vec(1, 0, 0), -11, -9.5, &hit));
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(an_exit_within_the_contact_length_is_now)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    kmi_vec3 o = kmi_vec(-5, 0.25, 0.125), d = kmi_vec(1, 0, 0);

    assert_near(kmi_mesh_exit(mesh, o, d, 6 - 5e-6, 1e-5), 6 - 5e-6, 0);
    assert_near(kmi_mesh_exit(mesh, o, d, 7, 1e-5), 7, 0); /* it had left already */
    assert_near(kmi_mesh_exit(mesh, o, d, 6 - 5e-5, 1e-5), 6, 0);
    /* entering 5e-6 mm ahead: it has begun, even if the limit comes before the far side */
    assert_near(kmi_mesh_entry(mesh, o, d, 4 - 5e-6, INFINITY, 1e-5), 4 - 5e-6, 0);
    assert_near(kmi_mesh_entry(mesh, o, d, 4 - 5e-6, 5, 1e-5), 4 - 5e-6, 0);
    assert_near(kmi_mesh_entry(mesh, o, d, 4 - 5e-5, 5, 1e-5), 4, 0);
    assert_true(kmi_mesh_entry(mesh, o, d, 0, 3.5, 1e-5) == INFINITY);
    assert_true(kmi_mesh_entry(mesh, o, d, 6 - 5e-6, 9, 1e-5) == INFINITY);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(numbers_that_are_none_end_a_query_without_a_hit)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    const double bad[] = {NAN, INFINITY, -INFINITY, 1e200};
    kmi_mesh_hit hit;
    size_t i;

    for (i = 0; i < 4; i++) {
        assert_false(kmi_mesh_first_hit(mesh, kmi_vec(bad[i], 0, 0), kmi_vec(1, 0, 0), 0, INFINITY, &hit));
        assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, bad[i]), kmi_vec(1, 0, 0), 0, INFINITY, &hit));
        assert_false(kmi_mesh_inside(mesh, kmi_vec(0, bad[i], 0)));
        assert_true(kmi_mesh_exit(mesh, kmi_vec(0, bad[i], 0), kmi_vec(1, 0, 0), 2, 1e-5) == 2);
        if (i < 3) assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(bad[i], 0, 0), 0, INFINITY, &hit));
    }
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(0, 0, 0), 0, INFINITY, &hit));
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(1, 0, 0), NAN, INFINITY, &hit));
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(1, 0, 0), 0, NAN, &hit));
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

/* The distance from a triangle by its closest point (Ericson, Real-Time Collision Detection, 2005, section 5.1.5). */
static double distance_from_facet(const kmi_mesh *mesh, size_t i, kmi_vec3 p)
{
    uint32_t f[3];
    kmi_vec3 a, ab, ac, ap, bp, cp, closest;
    double d1, d2, d3, d4, d5, d6, va, vb, vc;

    kmi_mesh_facet(mesh, i, f);
    a = kmt_mesh_vertex(mesh, f[0]);
    ab = kmi_sub(kmt_mesh_vertex(mesh, f[1]), a);
    ac = kmi_sub(kmt_mesh_vertex(mesh, f[2]), a);
    ap = kmi_sub(p, a);
    bp = kmi_sub(ap, ab);
    cp = kmi_sub(ap, ac);
    d1 = kmi_dot(ab, ap);
    d2 = kmi_dot(ac, ap);
    d3 = kmi_dot(ab, bp);
    d4 = kmi_dot(ac, bp);
    d5 = kmi_dot(ab, cp);
    d6 = kmi_dot(ac, cp);
    vc = d1 * d4 - d3 * d2;
    vb = d5 * d2 - d1 * d6;
    va = d3 * d6 - d5 * d4;
    if (d1 <= 0 && d2 <= 0)
        closest = kmi_vec(0, 0, 0);
    else if (d3 >= 0 && d4 <= d3)
        closest = ab;
    else if (d6 >= 0 && d5 <= d6)
        closest = ac;
    else if (vc <= 0 && d1 >= 0 && d3 <= 0)
        closest = kmi_scale(ab, d1 / (d1 - d3));
    else if (vb <= 0 && d2 >= 0 && d6 <= 0)
        closest = kmi_scale(ac, d2 / (d2 - d6));
    else if (va <= 0 && d4 >= d3 && d5 >= d6)
        closest = kmi_add(ab, kmi_scale(kmi_sub(ac, ab), (d4 - d3) / ((d4 - d3) + (d5 - d6))));
    else
        closest = kmi_add(kmi_scale(ab, vb / (va + vb + vc)), kmi_scale(ac, vc / (va + vb + vc)));
    return kmi_norm(kmi_sub(ap, closest));
}

TEST(the_nearest_facet_is_the_nearest_of_all)
{
    kmt_mesh data = kmt_mesh_knot(100, 20, 100, 12);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 1000; i++) {
        kmi_vec3 p = kmt_mesh_point(&rng, kmi_vec(-250, -250, -150), kmi_vec(250, 250, 150));
        double least = INFINITY, distance;
        uint32_t facet = 0;
        size_t k;
        if (i % 4 == 0) p = kmt_mesh_vertex(mesh, (uint32_t)i); /* on the surface */
        for (k = 0; k < kmi_mesh_facet_count(mesh); k++) least = fmin(least, distance_from_facet(mesh, k, p));
        distance = kmi_mesh_nearest(mesh, p, &facet);
        assert_near(distance, least, 1e-11);
        assert_near(distance_from_facet(mesh, facet, p), least, 1e-11);
    }
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(of_facets_equally_near_the_lowest_is_named)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    uint32_t facet = 99;

    assert_near(kmi_mesh_nearest(mesh, kmi_vec(0, 0, 0), &facet), 1, 0);
    assert_int_equal(facet, 0);
    assert_near(kmi_mesh_nearest(mesh, kmi_vec(4, 5, 0.5), &facet), 5, 0); /* the edge of x = 1 and y = 1 */
    assert_int_equal(facet, 7); /* {2, 7, 3}: of y = 1, has it; so have 10 and 11 */
    assert_near(kmi_mesh_normal(mesh, facet).y, 1, 0);
    assert_true(kmi_mesh_nearest(mesh, kmi_vec(NAN, 0, 0), &facet) == INFINITY);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}
