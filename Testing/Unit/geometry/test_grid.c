#include "any_solid.h"

static kmi_grid simple(void)
{
    kmi_grid g = {{4, 3, 2}, {1, 2, 5}, {10, 20, 30}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    return g;
}

TEST(a_cell_is_found_from_its_centre_and_its_corners)
{
    kmi_grid g = simple();
    kmi_frame here = kmi_frame_identity();
    kmi_grid_map m;

    kmi_grid_map_make(&m, &g, &here);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(10, 20, 30)), 0);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(11, 20, 30)), 1);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(13, 24, 35)), 23);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(9.5, 19, 27.5)), 0);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(9.49, 19, 27.5)), -1);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(13.5, 20, 30)), -1);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_vec(NAN, 20, 30)), -1);
    assert_int_equal(kmi_grid_map_cell_clamped(&m, kmi_vec(13.5, 20, 30)), 3);
    assert_int_equal(kmi_grid_map_cell_clamped(&m, kmi_vec(-1e30, 20, 1e30)), 12);
    assert_int_equal(kmi_grid_map_cell_clamped(&m, kmi_vec(NAN, 20, 1e30)), 0);
    assert_int_equal(kmi_grid_cells(&g), 24);
    assert_near(kmi_grid_cell_volume(&g), 10, 0);
}

PROPERTY(map_and_cell_point_are_inverse_in_any_frame, 2000)
{
    kmi_frame place = kmt_any_frame(rng, kmi_vec(kmt_between(rng, -99, 99), 5, -7)), turned;
    kmi_grid g = simple();
    kmi_grid_map m;
    int i = kmt_below(rng, 4), j = kmt_below(rng, 3), k = kmt_below(rng, 2), c;
    double a = kmt_between(rng, 0.001, 0.999), b = kmt_between(rng, 0.001, 0.999);

    turned = kmt_any_frame(rng, place.translation);
    for (c = 0; c < 9; c++) g.direction[c] = turned.rotation[c] + kmt_between(rng, -2e-5, 2e-5);
    assert_ok(kmi_grid_check(&g));
    kmi_grid_map_make(&m, &g, &place);
    assert_int_equal(kmi_grid_map_cell(&m, kmi_grid_cell_point(&g, &place, i + a, j + b, k + a)), i + 4 * (j + 3 * k));
}

PROPERTY(the_outline_holds_exactly_the_points_that_have_a_cell, 2000)
{
    kmi_frame here = kmi_frame_identity();
    kmi_grid_map m;
    kmi_solid s;
    int i;

    kmt_any_grid(rng, 10, &s);
    kmi_grid_map_make(&m, &s.u.grid.grid, &here);
    for (i = 0; i < 50; i++) {
        kmi_vec3 p = kmt_point_in(rng, &s.bounds);
        assert_int_equal(kmi_solid_inside(&s, p), kmi_grid_map_cell(&m, p) >= 0);
    }
}

TEST(an_axis_parallel_outline_is_not_turned)
{
    kmi_grid g = simple();
    kmi_solid s;

    kmi_solid_make_grid(&s, &g);
    assert_false(s.u.grid.frame.rotated);
    assert_near(s.bounds.low.x, 9.5, 0);
    assert_near(s.bounds.high.x, 13.5, 0);
    assert_near(s.bounds.low.z, 27.5, 0);
    assert_near(s.bounds.high.z, 37.5, 0);
}

TEST(grids_that_make_no_sense_are_refused)
{
    kmi_grid g = simple();

    assert_ok(kmi_grid_check(&g));
    g.count[1] = 0;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "0 cells along y");
    g.count[1] = (size_t)1 << 40;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "cells along y");
    g.count[0] = g.count[1] = g.count[2] = 1000000;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "1000000 x 1000000 x 1000000");
    g = simple();
    g.spacing[2] = -1;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "spacing[2] is -1");
    g.spacing[2] = NAN;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "spacing[2] is nan");
    g = simple();
    g.origin[0] = INFINITY;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "origin[0] is inf");
    g = simple();
    g.direction[1] = 0.01;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "not orthonormal");
    g.direction[1] = NAN;
    assert_fails(kmi_grid_check(&g), KMA_ERR_ARGUMENT, "not orthonormal");
}
