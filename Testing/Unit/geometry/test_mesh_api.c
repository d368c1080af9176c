#include "kmt.h"
#include "kmt_mesh.h"

#include <math.h>

static kma_mesh create(kmt_mesh data)
{
    kma_mesh mesh = {0};
    assert_ok(kma_mesh_create_arrays(data.vertices, data.vertex_count, data.triangles, data.triangle_count, &mesh));
    kmt_mesh_free(&data);
    return mesh;
}

TEST(a_mesh_gives_back_what_it_was_made_of)
{
    kmt_mesh data = kmt_mesh_box(1, 2, 3);
    kma_mesh mesh = {0};
    kma_mesh_report report;
    double vertices[24], low[3], high[3], volume, area;
    uint32_t facets[36];
    size_t nv, nf;

    assert_ok(kma_mesh_create_arrays(data.vertices, 8, data.triangles, 12, &mesh));
    assert_ok(kma_mesh_count_vertices(mesh, &nv));
    assert_ok(kma_mesh_count_facets(mesh, &nf));
    assert_int_equal(nv, 8);
    assert_int_equal(nf, 12);
    assert_ok(kma_mesh_get_vertices(mesh, vertices, 8));
    assert_ok(kma_mesh_get_facets(mesh, facets, 12));
    assert_memory_equal(vertices, data.vertices, sizeof vertices);
    assert_memory_equal(facets, data.triangles, sizeof facets);
    assert_fails(kma_mesh_get_vertices(mesh, vertices, 7), KMA_ERR_ARGUMENT, "vertex_count is 7, the mesh has 8");
    assert_fails(kma_mesh_get_facets(mesh, facets, 13), KMA_ERR_ARGUMENT, "facet_count is 13, the mesh has 12");
    assert_ok(kma_mesh_get_volume(mesh, &volume));
    assert_ok(kma_mesh_get_surface_area(mesh, &area));
    assert_ok(kma_mesh_get_bounds(mesh, low, high));
    assert_ok(kma_mesh_get_report(mesh, &report));
    assert_near(volume, 48, 0);
    assert_near(area, 88, 0);
    assert_near(low[1], -2, 0);
    assert_near(high[2], 3, 0);
    assert_int_equal(report.bodies, 1);
    assert_ok(kma_mesh_release(&mesh));
    kmt_mesh_free(&data);
    kmt_assert_no_live_objects();
}

TEST(rays_in_bulk_give_distance_facet_and_facing)
{
    kma_mesh mesh = create(kmt_mesh_box(1, 2, 3));
    const double origins[4][3] = {{0, 0.5, 0.25}, {-5, 0.5, 0.25}, {-5, 0.5, 0.25}, {1, 0.5, 0.25}};
    const double directions[4][3] = {{2, 0, 0}, {0.5, 0, 0}, {-1, 0, 0}, {1, 0, 0}};
    double t[4];
    uint32_t facets[4];
    uint8_t exits[4];

    assert_ok(kma_mesh_intersect(mesh, origins[0], directions[0], 4, t, facets, exits));
    assert_near(t[0], 1, 0); /* mm, whatever the direction's length */
    assert_int_equal(exits[0], 1);
    assert_true(facets[0] == 10 || facets[0] == 11); /* x = +1 */
    assert_near(t[1], 4, 0);
    assert_int_equal(exits[1], 0);
    assert_true(facets[1] == 8 || facets[1] == 9);
    assert_true(t[2] == INFINITY);
    assert_int_equal(facets[2], UINT32_MAX);
    assert_int_equal(exits[2], 0);
    assert_true(t[3] == INFINITY); /* on the surface: t > 0 */
    assert_ok(kma_mesh_intersect(mesh, origins[0], directions[0], 4, t, NULL, NULL));
    assert_ok(kma_mesh_intersect(mesh, NULL, NULL, 0, t, NULL, NULL));
    assert_ok(kma_mesh_release(&mesh));
}

TEST(a_bad_ray_is_named_and_zeroes_the_outputs)
{
    kma_mesh mesh = create(kmt_mesh_box(1, 2, 3));
    double origins[2][3] = {{0, 0.5, 0.25}, {NAN, 0, 0}}, directions[2][3] = {{1, 0, 0}, {1, 0, 0}}, t[2];
    uint32_t facets[2];

    assert_fails(kma_mesh_intersect(mesh, origins[0], directions[0], 2, t, facets, NULL), KMA_ERR_ARGUMENT,
                 "origins[1] is (nan, 0, 0)");
    assert_near(t[0], 0, 0);
    assert_int_equal(facets[0], 0);
    origins[1][0] = 0;
    directions[1][0] = 0;
    assert_fails(kma_mesh_intersect(mesh, origins[0], directions[0], 2, t, facets, NULL), KMA_ERR_ARGUMENT,
                 "directions[1] is (0, 0, 0) (must be finite and not zero)");
    assert_fails(kma_mesh_intersect(mesh, NULL, directions[0], 2, t, facets, NULL), KMA_ERR_ARGUMENT,
                 "origins is NULL");
    assert_ok(kma_mesh_release(&mesh));
    assert_fails(kma_mesh_intersect(mesh, origins[0], directions[0], 1, t, facets, NULL), KMA_ERR_ARGUMENT, "mesh");
}

TEST(points_in_bulk_are_inside_or_not)
{
    kma_mesh mesh = create(kmt_mesh_torus(10, 3, 40, 20));
    const double points[4][3] = {{10, 0, 0}, {0, 0, 0}, {0, -10, 2.5}, {INFINITY, 0, 0}};
    uint8_t inside[4];

    assert_ok(kma_mesh_inside(mesh, points[0], 4, inside));
    assert_int_equal(inside[0], 1);
    assert_int_equal(inside[1], 0);
    assert_int_equal(inside[2], 1);
    assert_int_equal(inside[3], 0);
    assert_ok(kma_mesh_release(&mesh));
}

TEST(the_nearest_facets_come_in_bulk)
{
    kma_mesh mesh = create(kmt_mesh_box(1, 2, 3));
    double points[3][3] = {{0.5, 0.25, 0.125}, {1, 0.5, 0.25}, {5, 0, 0.5}}, distance[3];
    uint32_t facets[3];

    assert_ok(kma_mesh_nearest(mesh, points[0], 3, distance, facets));
    assert_near(distance[0], 0.5, 0);
    assert_near(distance[1], 0, 0);
    assert_near(distance[2], 4, 0);
    assert_true(facets[2] == 10 || facets[2] == 11); /* x = +1 */
    assert_ok(kma_mesh_nearest(mesh, points[0], 3, distance, NULL));
    points[1][2] = NAN;
    assert_fails(kma_mesh_nearest(mesh, points[0], 3, distance, facets), KMA_ERR_ARGUMENT,
                 "points[1] is (1, 0.5, nan)");
    assert_near(distance[0], 0, 0);
    assert_int_equal(facets[2], 0);
    assert_fails(kma_mesh_nearest(mesh, NULL, 3, distance, facets), KMA_ERR_ARGUMENT, "points is NULL");
    assert_ok(kma_mesh_release(&mesh));
}

static const double A[3] = {0, 0, 0}, B[3] = {2, 0, 0}, C[3] = {2, 3, 0}, D[3] = {0, 3, 0};
static const double E[3] = {0, 0, 4}, F[3] = {2, 0, 4}, G[3] = {2, 3, 4}, H[3] = {0, 3, 4};

static kma_mesh_builder new_builder(void)
{
    kma_mesh_builder b = {0};
    assert_ok(kma_mesh_builder_create(&b));
    return b;
}

TEST(a_box_is_built_of_quadrangles)
{
    kma_mesh_builder b = new_builder();
    kma_mesh mesh = {0}, second = {1};
    double volume;
    size_t n;

    assert_ok(kma_mesh_builder_add_quadrangle(b, A, D, C, B));
    assert_ok(kma_mesh_builder_add_quadrangle(b, E, F, G, H));
    assert_ok(kma_mesh_builder_add_quadrangle(b, A, B, F, E));
    assert_ok(kma_mesh_builder_add_quadrangle(b, C, D, H, G));
    assert_ok(kma_mesh_builder_add_quadrangle(b, A, E, H, D));
    assert_fails(kma_mesh_builder_close(b, &mesh), KMA_ERR_MESH, "4 open edges"); /* one side is missing: */
    assert_ok(kma_mesh_builder_add_triangle(b, B, C, G));                         /* go on */
    assert_ok(kma_mesh_builder_add_triangle(b, B, G, F));
    assert_ok(kma_mesh_builder_close(b, &mesh));
    assert_ok(kma_mesh_get_volume(mesh, &volume));
    assert_near(volume, 24, 1e-13);
    assert_ok(kma_mesh_count_facets(mesh, &n));
    assert_int_equal(n, 12);
    assert_fails(kma_mesh_builder_add_triangle(b, A, B, C), KMA_ERR_CLOSED, "closed");
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, B, C, D), KMA_ERR_CLOSED, "closed");
    assert_fails(kma_mesh_builder_close(b, &second), KMA_ERR_CLOSED, "closed");
    assert_int_equal(second.bits, 0);
    assert_ok(kma_mesh_builder_count_facets(b, &n));
    assert_int_equal(n, 12);
    assert_ok(kma_mesh_builder_release(&b));
    assert_ok(kma_mesh_count_facets(mesh, &n)); /* the mesh needs no builder */
    assert_ok(kma_mesh_release(&mesh));
    kmt_assert_no_live_objects();
}

TEST(a_quadrangle_is_split_along_its_shorter_diagonal)
{
    const double kite[4][3] = {{0, 0, 0}, {5, -1, 0}, {10, 0, 0}, {5, 1, 0}}, top[3] = {5, 0, 3};
    kma_mesh_builder b = new_builder();
    kma_mesh mesh = {0};
    uint32_t facets[18];
    double vertices[15];
    int i;

    assert_ok(kma_mesh_builder_add_quadrangle(b, kite[0], kite[3], kite[2], kite[1])); /* from below */
    for (i = 0; i < 4; i++) assert_ok(kma_mesh_builder_add_triangle(b, kite[i], kite[(i + 1) % 4], top));
    assert_ok(kma_mesh_builder_close(b, &mesh));
    assert_ok(kma_mesh_get_facets(mesh, facets, 6));
    assert_ok(kma_mesh_get_vertices(mesh, vertices, 5));
    /* facet 0 is corner a and the short diagonal's ends, both at x = 5 */
    assert_near(vertices[3 * facets[0]], 0, 0);
    assert_near(vertices[3 * facets[1]], 5, 0);
    assert_near(vertices[3 * facets[2]], 5, 0);
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_mesh_builder_release(&b));
}

TEST(facets_that_are_none_are_refused_when_they_come)
{
    const double off[3] = {0, 3, 1e-3}, dent[3] = {0.5, 1, 0}, middle[3] = {1, 0, 0}, bad[3] = {0, NAN, 0};
    const double nearly[3] = {0, 3, 1e-5};
    kma_mesh_builder b = new_builder();
    kma_mesh mesh = {0};
    size_t n;

    assert_fails(kma_mesh_builder_add_triangle(b, A, bad, B), KMA_ERR_ARGUMENT, "corner b is (0, nan, 0)");
    assert_fails(kma_mesh_builder_add_triangle(b, A, NULL, B), KMA_ERR_ARGUMENT, "corner b is NULL");
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, B, C, off), KMA_ERR_ARGUMENT, "not flat");
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, B, dent, D), KMA_ERR_ARGUMENT, "not convex");
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, middle, B, D), KMA_ERR_ARGUMENT, "at corner b");
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, C, B, D), KMA_ERR_ARGUMENT, "no area"); /* a bow tie */
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, B, B, A), KMA_ERR_ARGUMENT, "no area");
    assert_fails(kma_mesh_builder_add_quadrangle(b, A, B, B, D), KMA_ERR_ARGUMENT, "not convex");
    assert_ok(kma_mesh_builder_count_facets(b, &n));
    assert_int_equal(n, 0);
    assert_fails(kma_mesh_builder_close(b, &mesh), KMA_ERR_MESH, "no facets");
    assert_ok(kma_mesh_builder_add_quadrangle(b, A, B, C, nearly));
    assert_ok(kma_mesh_builder_release(&b));
    assert_fails(kma_mesh_builder_add_triangle(b, A, B, C), KMA_ERR_ARGUMENT, "names nothing");
    kmt_assert_no_live_objects();
}

TEST(a_builder_survives_the_failure_of_any_allocation)
{
    kma_mesh_builder b = new_builder();
    kma_mesh mesh = {0};
    long n;

    for (n = 1; n < 4; n++) {
        kmt_fail_allocation(1);
        assert_fails(kma_mesh_builder_add_quadrangle(b, A, D, C, B), KMA_ERR_MEMORY, "");
        kmt_fail_allocation(0);
    }
    assert_ok(kma_mesh_builder_add_quadrangle(b, A, D, C, B));
    assert_ok(kma_mesh_builder_add_quadrangle(b, E, F, G, H));
    assert_ok(kma_mesh_builder_add_quadrangle(b, A, B, F, E));
    assert_ok(kma_mesh_builder_add_quadrangle(b, C, D, H, G));
    assert_ok(kma_mesh_builder_add_quadrangle(b, A, E, H, D));
    assert_ok(kma_mesh_builder_add_quadrangle(b, B, C, G, F));
    for (n = 1;; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_mesh_builder_close(b, &mesh);
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_true(n < 1000);
    }
    assert_true(n > 10);
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_mesh_builder_release(&b));
    kmt_assert_no_live_objects();
}
