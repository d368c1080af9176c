#include "kmt.h"

#include <math.h>

#include "kerma/solid.h"

static const double pi = 3.14159265358979323846;
static const kma_solid none = {0};

static kma_mesh cube_mesh(void)
{
    static const double v[8][3] = {{-1, -1, -1}, {1, -1, -1}, {-1, 1, -1}, {1, 1, -1},
                                   {-1, -1, 1},  {1, -1, 1},  {-1, 1, 1},  {1, 1, 1}};
    static const uint32_t t[12][3] = {{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6}, {0, 1, 5}, {0, 5, 4},
                                      {2, 6, 7}, {2, 7, 3}, {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5}};
    kma_mesh mesh = {0};
    assert_ok(kma_mesh_create_arrays(&v[0][0], 8, &t[0][0], 12, &mesh));
    return mesh;
}

TEST(solids_have_their_volume_area_and_bounds)
{
    double size[3] = {2, 4, 6}, value, low[3], high[3];
    kma_solid s = {0};

    assert_ok(kma_solid_create_box(size, &s));
    assert_ok(kma_solid_get_volume(s, &value));
    assert_near(value, 48, 0);
    assert_ok(kma_solid_get_surface_area(s, &value));
    assert_near(value, 88, 0);
    assert_ok(kma_solid_get_bounds(s, low, high));
    assert_near(low[0], -1, 0);
    assert_near(high[2], 3, 0);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_orb(2, &s));
    assert_ok(kma_solid_get_volume(s, &value));
    assert_near(value, 32 * pi / 3, 1e-12);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_tube(1, 2, 10, 0, 0.5 * pi, &s));
    assert_ok(kma_solid_get_volume(s, &value));
    assert_near(value, 7.5 * pi, 1e-12);
    assert_ok(kma_solid_get_surface_area(s, &value));
    assert_near(value, 0.5 * pi * 3 * 10 + 2 * 0.75 * pi + 2 * 10, 1e-12);
    assert_ok(kma_solid_release(&s));
    kmt_assert_no_live_objects();
}

TEST(distances_go_to_the_first_surface_whatever_the_length_of_the_direction)
{
    double size[3] = {2, 2, 2};
    double points[5][3] = {{-5, 0, 0}, {0, 0, 0}, {-5, 0, 0}, {1, 0, 0}, {1, 0, 0}};
    double directions[5][3] = {{1e-200, 0, 0}, {0, 1e200, 0}, {0, 3, 0}, {7, 0, 0}, {-2, 0, 0}};
    double in[5], out[5];
    kma_solid s = {0};

    assert_ok(kma_solid_create_box(size, &s));
    assert_ok(kma_solid_distance_to_in(s, &points[0][0], &directions[0][0], 5, in));
    assert_ok(kma_solid_distance_to_out(s, &points[0][0], &directions[0][0], 5, out));
    assert_near(in[0], 4, 1e-14);
    assert_near(in[1], 0, 0);
    assert_true(in[2] == INFINITY);
    assert_true(in[3] == INFINITY); /* on the surface, going away */
    assert_near(in[4], 0, 0);
    assert_near(out[0], 0, 0);
    assert_near(out[1], 1, 1e-14);
    assert_near(out[2], 0, 0);
    assert_near(out[3], 0, 0);
    assert_near(out[4], 2, 1e-14);
    assert_ok(kma_solid_release(&s));
}

TEST(a_tessellated_cube_answers_like_a_box)
{
    double size[3] = {2, 2, 2}, a[200], b[200], points[600], directions[600], normal_a[600], normal_b[600];
    uint8_t inside_a[200], inside_b[200];
    kma_mesh mesh = cube_mesh();
    kma_solid box = {0}, cube = {0};
    kmi_rng rng;
    int i;

    assert_ok(kma_solid_create_box(size, &box));
    assert_ok(kma_solid_create_tessellated(mesh, &cube));
    assert_ok(kma_mesh_release(&mesh)); /* the solid keeps it */
    assert_int_equal(kma_live_objects(KMA_KIND_MESH), 1);
    kmi_rng_start(&rng, 5, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 600; i++) {
        points[i] = 4 * kmi_rng_uniform(&rng) - 2;
        directions[i] = 2 * kmi_rng_uniform(&rng) - 1;
    }
    assert_ok(kma_solid_get_volume(cube, &a[0]));
    assert_near(a[0], 8, 1e-12);
    assert_ok(kma_solid_get_surface_area(cube, &a[0]));
    assert_near(a[0], 24, 1e-12);
    assert_ok(kma_solid_is_inside(box, points, 200, inside_a));
    assert_ok(kma_solid_is_inside(cube, points, 200, inside_b));
    assert_memory_equal(inside_a, inside_b, 200);
    assert_ok(kma_solid_distance_to_in(box, points, directions, 200, a));
    assert_ok(kma_solid_distance_to_in(cube, points, directions, 200, b));
    for (i = 0; i < 200; i++) assert_true(a[i] == b[i] || fabs(a[i] - b[i]) < 1e-12);
    assert_ok(kma_solid_distance_to_out(box, points, directions, 200, a));
    assert_ok(kma_solid_distance_to_out(cube, points, directions, 200, b));
    for (i = 0; i < 200; i++) assert_near(a[i], b[i], 1e-12);
    assert_ok(kma_solid_safety_to_in(box, points, 200, a));
    assert_ok(kma_solid_safety_to_in(cube, points, 200, b));
    for (i = 0; i < 200; i++) assert_near(a[i], b[i], 1e-12);
    for (i = 0; i < 200; i++) { /* onto the face that is nearest to each point */
        int axis = i % 3;
        points[3 * i + axis] = points[3 * i + axis] > 0 ? 1 : -1;
        points[3 * i + (axis + 1) % 3] *= 0.49;
        points[3 * i + (axis + 2) % 3] *= 0.49;
    }
    assert_ok(kma_solid_get_normal(box, points, 200, normal_a));
    assert_ok(kma_solid_get_normal(cube, points, 200, normal_b));
    for (i = 0; i < 600; i++) assert_near(normal_a[i], normal_b[i], 1e-12);
    assert_ok(kma_solid_release(&cube));
    assert_ok(kma_solid_release(&box));
    kmt_assert_no_live_objects();
}

/* No direction leads to the surface sooner than the safety says, and a step along the normal changes sides. */
static void check_safety_and_normal(kma_solid s, kmi_rng *rng)
{
    int i, k;

    for (i = 0; i < 500; i++) {
        double p[3], to_in, to_out, in, out, normal[3], surface[3], d[3];
        uint8_t side[2];
        kmi_vec3 direction = kmt_direction(rng);
        for (k = 0; k < 3; k++) p[k] = 12 * kmi_rng_uniform(rng) - 6;
        d[0] = direction.x, d[1] = direction.y, d[2] = direction.z;
        assert_ok(kma_solid_safety_to_in(s, p, 1, &to_in));
        assert_ok(kma_solid_safety_to_out(s, p, 1, &to_out));
        assert_ok(kma_solid_distance_to_in(s, p, d, 1, &in));
        assert_ok(kma_solid_distance_to_out(s, p, d, 1, &out));
        assert_ok(kma_solid_is_inside(s, p, 1, side));
        assert_true(side[0] ? to_in == 0 : to_out == 0);
        assert_true(to_in <= in + 1e-9 && to_out <= out + 1e-9);
        if (in == INFINITY || in == 0) continue;
        for (k = 0; k < 3; k++) surface[k] = p[k] + in * d[k];
        assert_ok(kma_solid_get_normal(s, surface, 1, normal));
        assert_near(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2], 1, 1e-12);
        assert_true(normal[0] * d[0] + normal[1] * d[1] + normal[2] * d[2] < 1e-6); /* it was entered there */
        for (k = 0; k < 3; k++) p[k] = surface[k] + 1e-6 * normal[k];
        assert_ok(kma_solid_is_inside(s, p, 1, &side[0]));
        assert_int_equal(side[0], 0);
    }
}

TEST(safeties_are_lower_bounds_and_normals_point_outward)
{
    double size[3] = {3, 5, 8};
    kma_solid s = {0};
    kmi_rng rng;

    kmi_rng_start(&rng, 6, 0, KMI_STREAM_GEOMETRY);
    assert_ok(kma_solid_create_box(size, &s));
    check_safety_and_normal(s, &rng);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_orb(3, &s));
    check_safety_and_normal(s, &rng);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_tube(2, 4, 6, 0.3, 2, &s));
    check_safety_and_normal(s, &rng);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_tube(1, 4, 6, 0.3, 5, &s));
    check_safety_and_normal(s, &rng);
    assert_ok(kma_solid_release(&s));
}

TEST(bad_queries_are_refused_and_zero_their_output)
{
    double size[3] = {2, 2, 2}, points[6] = {0, 0, 0, 0, NAN, 0}, zero[6] = {1, 0, 0, 0, 0, 0}, out[2] = {7, 7};
    uint8_t inside[2] = {7, 7};
    kma_solid s = {0}, dead;

    assert_fails(kma_solid_create_box(NULL, &s), KMA_ERR_ARGUMENT, "size is NULL");
    assert_fails(kma_solid_create_box(size, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_solid_create_tessellated((kma_mesh){0}, &s), KMA_ERR_ARGUMENT, "mesh handle names nothing");
    assert_ok(kma_solid_create_box(size, &s));
    assert_fails(kma_solid_is_inside(s, points, 2, inside), KMA_ERR_ARGUMENT, "points[1][1] is nan");
    assert_int_equal(inside[0] + inside[1], 0);
    assert_fails(kma_solid_is_inside(s, NULL, 2, inside), KMA_ERR_ARGUMENT, "points is NULL");
    assert_ok(kma_solid_is_inside(s, NULL, 0, NULL));
    points[4] = 0;
    assert_fails(kma_solid_distance_to_out(s, points, zero, 2, out), KMA_ERR_ARGUMENT, "directions[1] is (0, 0, 0)");
    assert_near(out[0], 0, 0);
    assert_fails(kma_solid_distance_to_in(s, points, NULL, 2, out), KMA_ERR_ARGUMENT, "directions is NULL");
    assert_fails(kma_solid_distance_to_in(s, points, points, 2, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_solid_get_volume(none, out), KMA_ERR_ARGUMENT, "solid handle names nothing");
    dead = s;
    assert_ok(kma_solid_release(&s));
    assert_fails(kma_solid_get_volume(dead, out), KMA_ERR_STALE, "solid was released");
    assert_ok(kma_solid_release(&s));
    assert_fails(kma_solid_create_orb(0, &s), KMA_ERR_ARGUMENT, "radius is 0");
    assert_true(s.bits == 0);
    kmt_assert_no_live_objects();
}

TEST(failed_allocations_make_no_solid)
{
    kma_mesh mesh = cube_mesh();
    kma_solid s = {0};

    kmt_fail_allocation(1);
    assert_fails(kma_solid_create_orb(1, &s), KMA_ERR_MEMORY, "no room");
    kmt_fail_allocation(1);
    assert_fails(kma_solid_create_tessellated(mesh, &s), KMA_ERR_MEMORY, "no room");
    kmt_fail_allocation(0);
    assert_true(s.bits == 0);
    assert_ok(kma_mesh_release(&mesh));
    kmt_assert_no_live_objects();
}

TEST(a_solid_tells_the_numbers_that_it_was_made_from)
{
    static const double size[3] = {2, 4.1, 6}, zeros[5] = {0};
    static const double tube[5] = {1, 2.3, 10, -0.7, 1.9}, full[5] = {0, 3, 7, 0.5, 6.283185307179586};
    kma_shape shape;
    double d[5];
    kma_solid s = {0};

    assert_ok(kma_solid_create_box(size, &s));
    assert_ok(kma_solid_get_shape(s, &shape));
    assert_int_equal(shape, KMA_SHAPE_BOX);
    assert_ok(kma_solid_get_dimensions(s, d));
    assert_memory_equal(d, size, sizeof size);
    assert_true(d[3] == 0 && d[4] == 0);
    assert_ok(kma_solid_release(&s));
    assert_fails(kma_solid_get_dimensions(s, d), KMA_ERR_ARGUMENT, "names nothing");
    assert_memory_equal(d, zeros, sizeof zeros);
    assert_fails(kma_solid_get_shape(s, &shape), KMA_ERR_ARGUMENT, "names nothing");
    assert_int_equal(shape, 0);
    assert_ok(kma_solid_create_orb(0.3, &s));
    assert_ok(kma_solid_get_shape(s, &shape));
    assert_int_equal(shape, KMA_SHAPE_ORB);
    assert_ok(kma_solid_get_dimensions(s, d));
    assert_true(d[0] == 0.3 && d[1] == 0 && d[2] == 0 && d[3] == 0 && d[4] == 0);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_tube(1, 2.3, 10, -0.7, 1.9, &s));
    assert_ok(kma_solid_get_shape(s, &shape));
    assert_int_equal(shape, KMA_SHAPE_TUBE);
    assert_ok(kma_solid_get_dimensions(s, d));
    assert_memory_equal(d, tube, sizeof tube);
    assert_ok(kma_solid_release(&s));
    assert_ok(kma_solid_create_tube(0, 3, 7, 0.5, 6.2831853071, &s)); /* 2 pi as people type it */
    assert_ok(kma_solid_get_dimensions(s, d));
    assert_memory_equal(d, full, sizeof full);
    assert_fails(kma_solid_get_shape(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_solid_get_dimensions(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_solid_release(&s));
}

TEST(a_tessellated_solid_hands_out_its_mesh_as_long_as_that_has_a_name)
{
    kma_mesh mesh = cube_mesh(), got = {7};
    kma_solid s = {0}, orb = {0};
    kma_shape shape;
    double d[5];

    assert_ok(kma_solid_create_tessellated(mesh, &s));
    assert_ok(kma_solid_get_shape(s, &shape));
    assert_int_equal(shape, KMA_SHAPE_MESH);
    assert_ok(kma_solid_get_dimensions(s, d));
    assert_true(d[0] == 0 && d[4] == 0);
    assert_ok(kma_solid_create_orb(1, &orb));
    assert_fails(kma_solid_get_mesh(orb, &got), KMA_ERR_STATE, "no mesh");
    assert_true(got.bits == 0);
    assert_ok(kma_solid_get_mesh(s, &got));
    assert_true(got.bits == mesh.bits);
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_mesh_release(&got)); /* the reference is one of its own */
    assert_fails(kma_solid_get_mesh(s, &got), KMA_ERR_STALE, "mesh was released");
    assert_fails(kma_solid_get_mesh(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_solid_release(&orb));
    assert_ok(kma_solid_release(&s));
    kmt_assert_no_live_objects();
}
