#include "kmt.h"
#include "kmt_mesh.h"

#include <math.h>

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
        if (i < 3)
            assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(bad[i], 0, 0), 0, INFINITY, &hit));
    }
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(0, 0, 0), 0, INFINITY, &hit));
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(1, 0, 0), NAN, INFINITY, &hit));
    assert_false(kmi_mesh_first_hit(mesh, kmi_vec(0, 0, 0), kmi_vec(1, 0, 0), 0, NAN, &hit));
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}
