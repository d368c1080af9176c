#include "kmt.h"
#include "kmt_mesh.h"

#include <math.h>

#include "base/digest.h"
#include "geometry/mesh_parts.h"

static kma_mesh_report audit(const kmt_mesh *data)
{
    kma_mesh_report r;
    assert_ok(kma_mesh_audit_arrays(data->vertices, data->vertex_count, data->triangles, data->triangle_count, &r));
    return r;
}

static void assert_refused(const kmt_mesh *data, const char *part)
{
    kma_mesh mesh = {1};
    assert_fails(
        kma_mesh_create_arrays(data->vertices, data->vertex_count, data->triangles, data->triangle_count, &mesh),
        KMA_ERR_MESH, part);
    assert_int_equal(mesh.bits, 0);
}

static bool is_clean(const kma_mesh_report *r)
{
    return r->open_edges + r->flipped_edges + r->duplicate_facets + r->nonfinite_vertices + r->bad_indices +
               r->inside_out_bodies ==
           0;
}

TEST(a_good_mesh_has_a_clean_report)
{
    kmt_mesh data = kmt_mesh_icosphere(2, 10);
    kma_mesh_report r = audit(&data);

    assert_true(is_clean(&r));
    assert_int_equal(r.facets, 320);
    assert_int_equal(r.vertices, 162); /* Euler: V = F / 2 + 2 */
    assert_int_equal(r.bodies, 1);
    assert_int_equal(r.nonmanifold_edges, 0);
    assert_int_equal(r.crossing_edges, 0);
    assert_near(r.high[2], 10, 0.5);
    kmt_mesh_free(&data);
}

TEST(a_missing_facet_leaves_three_open_edges_and_is_named)
{
    kmt_mesh data = kmt_mesh_box(1, 2, 3);
    kma_mesh_report r;

    data.triangle_count--;
    r = audit(&data);
    assert_int_equal(r.open_edges, 3);
    assert_int_equal(r.flipped_edges, 0);
    assert_near(r.volume, 0, 0);
    assert_refused(&data, "the mesh is not closed: 3 open edges (first: facet ");
    assert_refused(&data, " mm)");
    kmt_mesh_free(&data);
}

TEST(a_flipped_facet_has_three_flipped_edges)
{
    kmt_mesh data = kmt_mesh_icosphere(1, 1);
    uint32_t swap = data.triangles[0];
    kma_mesh_report r;

    data.triangles[0] = data.triangles[1];
    data.triangles[1] = swap;
    r = audit(&data);
    assert_int_equal(r.flipped_edges, 3);
    assert_int_equal(r.open_edges, 0);
    assert_refused(&data,
                   "not closed: 3 edges run through twice in one direction (a neighbour is flipped) (first: facet ");
    kmt_mesh_free(&data);
}

TEST(an_inside_out_mesh_is_refused_with_advice)
{
    kmt_mesh data = kmt_mesh_torus(10, 3, 20, 10);

    kmt_mesh_turn(&data);
    assert_int_equal(audit(&data).inside_out_bodies, 1);
    assert_refused(&data, "1 body is inside out (first: facet ");
    assert_refused(&data, "reverse the corners");
    kmt_mesh_free(&data);
}

TEST(a_cavity_is_fine_and_an_inside_out_neighbour_is_not)
{
    kmt_mesh data = kmt_mesh_icosphere(3, 10), small = kmt_mesh_icosphere(2, 3);
    kmi_mesh *mesh;
    double cavity;

    kmt_mesh_turn(&small);
    kmt_mesh_append(&data, &small);
    mesh = kmt_mesh_build(&data);
    assert_int_equal(kmi_mesh_report(mesh)->bodies, 2);
    assert_false(mesh->overlaps);
    assert_true(kmi_mesh_inside(mesh, kmi_vec(0, 0, 5)));
    assert_false(kmi_mesh_inside(mesh, kmi_vec(0, 0, 0)));
    cavity = kmi_mesh_exit(mesh, kmi_vec(0.1, 0.2, 9), kmi_vec(0, 0, -1), 0, 1e-5);
    assert_near(cavity, 6, 0.2);
    assert_near(kmi_mesh_entry(mesh, kmi_vec(0.1, 0.2, 9), kmi_vec(0, 0, -1), cavity, INFINITY, 1e-5), 12, 0.2);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);

    data = kmt_mesh_icosphere(3, 10);
    kmt_mesh_move(&small, 1, 100, 0, 0);
    kmt_mesh_append(&data, &small);
    assert_int_equal(audit(&data).inside_out_bodies, 1);
    assert_refused(&data, "1 body is inside out (first: facet ");
    kmt_mesh_free(&data);
    kmt_mesh_free(&small);
}

TEST(a_flat_surface_encloses_nothing)
{
    const double v[5][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0.5, 0.5, 0}};
    const uint32_t t[8][3] = {{0, 1, 4}, {1, 2, 4}, {2, 3, 4}, {3, 0, 4}, {0, 2, 1}, {0, 3, 2}};
    kma_mesh mesh = {1};

    assert_fails(kma_mesh_create_arrays(v[0], 5, t[0], 6, &mesh), KMA_ERR_MESH, "encloses no volume");
}

/* A corner of the box's top face is pulled to the middle of an edge: a T-junction, closed by a facet without area. */
TEST(facets_without_area_may_close_a_surface)
{
    const double v[9][3] = {{0, 0, 0}, {2, 0, 0}, {2, 2, 0}, {0, 2, 0}, {0, 0, 2},
                            {2, 0, 2}, {2, 2, 2}, {0, 2, 2}, {1, 0, 2}};
    const uint32_t t[14][3] = {{0, 2, 1}, {0, 3, 2}, {0, 1, 5}, {0, 5, 4}, {1, 2, 6}, {1, 6, 5}, {2, 3, 7}, {2, 7, 6},
                               {3, 0, 4}, {3, 4, 7}, {4, 8, 7}, {8, 6, 7}, {8, 5, 6}, {4, 5, 8}};
    kmi_mesh *mesh = NULL;
    kmi_rng rng;
    int i;

    assert_ok(kmi_mesh_new(v[0], 9, t[0], 14, NULL, &mesh));
    assert_int_equal(kmi_mesh_report(mesh)->flat_facets, 1);
    assert_int_equal(kmi_mesh_report(mesh)->degenerate_facets, 0);
    assert_int_equal(kmi_mesh_report(mesh)->bodies, 1);
    assert_near(kmi_mesh_volume(mesh), 8, 1e-14);
    assert_false(mesh->overlaps);
    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 2000; i++) { /* at points of the edge with the facet without area */
        kmi_vec3 o = kmt_mesh_point(&rng, kmi_vec(0, 0, 0), kmi_vec(2, 2, 2));
        kmi_vec3 d = kmi_sub(kmi_vec(i % 3 == 0 ? 1 : i % 3 == 1 ? 0.5 : 2 * kmi_rng_uniform(&rng), 0, 2), o);
        double length = kmi_norm(d);
        /* it may leave through the other face, which it meets at a grazing angle */
        assert_near(kmi_mesh_exit(mesh, o, kmi_scale(d, 1 / length), 0, 1e-5), length, 1e-9);
    }
    kmi_mesh_destroy(mesh);
}

TEST(repeated_facets_are_refused)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1), more = kmt_mesh_box(1, 1, 1);

    kmt_mesh_append(&data, &more); /* welding makes every facet a duplicate */
    assert_int_equal(audit(&data).duplicate_facets, 12);
    assert_refused(&data, "12 facets given twice (first: facet 12");
    kmt_mesh_free(&data);

    data = kmt_mesh_box(1, 1, 1);
    data.triangles[3 * 7 + 1] = data.triangles[3 * 7];
    assert_int_equal(audit(&data).degenerate_facets, 1);
    assert_refused(&data, "not closed: 3 open edges");
    assert_refused(&data, "1 degenerate facet (a corner repeated) (first: facet 7");
    kmt_mesh_free(&data);
    kmt_mesh_free(&more);
}

TEST(a_facet_with_a_repeated_corner_is_refused_even_where_the_rest_is_closed)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    uint32_t *triangles = malloc((data.triangle_count + 1) * 3 * sizeof *triangles);
    kmi_mesh *mesh = NULL;

    assert_non_null(triangles);
    memcpy(triangles, data.triangles, data.triangle_count * 3 * sizeof *triangles);
    triangles[3 * data.triangle_count] = triangles[3 * data.triangle_count + 1] = 3;
    triangles[3 * data.triangle_count + 2] = 5;
    assert_fails(kmi_mesh_new(data.vertices, data.vertex_count, triangles, data.triangle_count + 1, NULL, &mesh), KMA_ERR_MESH,
                 "1 degenerate facet (a corner repeated) (first: facet 12");
    free(triangles);
    kmt_mesh_free(&data);
}

TEST(unusable_numbers_are_named)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    kma_mesh_report r;

    data.vertices[3 * 5 + 1] = NAN;
    data.vertices[3 * 6] = 1e13;
    r = audit(&data);
    assert_int_equal(r.nonfinite_vertices, 2);
    assert_refused(&data, "2 vertices are not finite or beyond 1e12 mm (first: vertex 5 at (1, nan, 1))");
    data.triangles[4] = 8;
    assert_int_equal(audit(&data).bad_indices, 1);
    assert_refused(&data, "1 vertex index is out of range (first: 8 in facet 1, there are 8 vertices)");
    kmt_mesh_free(&data);
}

TEST(what_is_no_mesh_at_all_is_refused)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1);
    kma_mesh mesh = {1};
    kma_mesh_report r;

    assert_fails(kma_mesh_create_arrays(NULL, 8, data.triangles, 12, &mesh), KMA_ERR_ARGUMENT, "vertices is NULL");
    assert_fails(kma_mesh_create_arrays(data.vertices, 8, NULL, 12, &mesh), KMA_ERR_ARGUMENT, "triangles is NULL");
    assert_fails(kma_mesh_create_arrays(data.vertices, 8, data.triangles, 12, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_mesh_create_arrays(NULL, 0, NULL, 0, &mesh), KMA_ERR_MESH, "no facets");
    assert_fails(kma_mesh_create_arrays(data.vertices, 8, data.triangles, (size_t)1 << 40, &mesh), KMA_ERR_ARGUMENT,
                 "1099511627776 facets (at most 268435456)");
    assert_fails(kma_mesh_create_arrays(data.vertices, (size_t)1 << 33, data.triangles, 12, &mesh), KMA_ERR_ARGUMENT,
                 "vertices (at most");
    assert_fails(kma_mesh_audit_arrays(data.vertices, 8, data.triangles, 12, NULL), KMA_ERR_ARGUMENT, "report_out");
    data.triangle_count = 1;
    r = audit(&data);
    assert_int_equal(r.open_edges, 3);
    kmt_mesh_free(&data);
    kmt_assert_no_live_objects();
}

TEST(soup_is_welded_to_the_same_mesh_and_minus_zero_is_zero)
{
    kmt_mesh data = kmt_mesh_torus(10, 3, 24, 12), soup = kmt_mesh_soup(&data);
    kmi_mesh *a, *b;
    uint8_t da[KMI_DIGEST_SIZE], db[KMI_DIGEST_SIZE];
    size_t i;

    for (i = 0; i < 3 * soup.vertex_count; i += 7)
        if (soup.vertices[i] == 0) soup.vertices[i] = -soup.vertices[i];
    b = kmt_mesh_build(&soup);
    assert_int_equal(kmi_mesh_vertex_count(b), data.vertex_count);
    kmt_mesh_free(&soup);
    soup = kmt_mesh_soup(&data);
    a = kmt_mesh_build(&soup);
    assert_ok(kmi_mesh_digest(a, NULL, da));
    assert_ok(kmi_mesh_digest(b, NULL, db));
    assert_memory_equal(da, db, sizeof da);
    kmi_mesh_destroy(a);
    kmi_mesh_destroy(b);
    kmt_mesh_free(&soup);
    kmt_mesh_free(&data);
}

/* Vertices in reverse order, and one that no facet speaks of: no ray sees either. */
TEST(the_digest_of_a_mesh_is_that_of_its_facets_whatever_the_order_of_its_vertices)
{
    kmt_mesh data = kmt_mesh_torus(10, 3, 24, 12);
    size_t n = data.vertex_count, i;
    double *reversed = calloc(3 * (n + 1), sizeof *reversed);
    uint32_t *triangles = calloc(3 * data.triangle_count, sizeof *triangles);
    kmi_mesh *a = kmt_mesh_build(&data), *b = NULL, *c = NULL;
    uint8_t da[KMI_DIGEST_SIZE], db[KMI_DIGEST_SIZE];
    long k;

    assert_true(reversed != NULL && triangles != NULL);
    for (i = 0; i < n; i++) memcpy(reversed + 3 * (n - 1 - i), data.vertices + 3 * i, 3 * sizeof *reversed);
    for (i = 0; i < 3 * data.triangle_count; i++) triangles[i] = (uint32_t)(n - 1) - data.triangles[i];
    assert_ok(kmi_mesh_new(reversed, n + 1, triangles, data.triangle_count, NULL, &b));
    assert_ok(kmi_mesh_digest(a, NULL, da));
    assert_ok(kmi_mesh_digest(b, NULL, db));
    assert_memory_equal(da, db, sizeof da);
    /* The first facet begins at another of its corners: another mesh. */
    for (i = 0; i < 3; i++) triangles[i] = (uint32_t)(n - 1) - data.triangles[(i + 1) % 3];
    assert_ok(kmi_mesh_new(reversed, n + 1, triangles, data.triangle_count, NULL, &c));
    assert_ok(kmi_mesh_digest(c, NULL, db));
    assert_memory_not_equal(da, db, sizeof da);
    for (k = 1; k < 3; k++) {
        kmt_fail_allocation(k);
        assert_fails(kmi_mesh_digest(a, NULL, db), KMA_ERR_MEMORY, "digest of a mesh");
        kmt_fail_allocation(0);
    }
    free(triangles);
    free(reversed);
    kmi_mesh_destroy(a);
    kmi_mesh_destroy(b);
    kmi_mesh_destroy(c);
    kmt_mesh_free(&data);
}

/* Two boxes that share one edge: four facets meet there, and every direction has its opposite. */
TEST(bodies_that_touch_along_an_edge_are_closed)
{
    kmt_mesh data = kmt_mesh_box(1, 1, 1), other = kmt_mesh_box(1, 1, 1);
    kmi_mesh *mesh;
    kma_mesh_report r;

    kmt_mesh_move(&other, 1, 2, 2, 0);
    kmt_mesh_append(&data, &other);
    r = audit(&data);
    assert_true(is_clean(&r));
    assert_int_equal(r.nonmanifold_edges, 1);
    assert_int_equal(r.vertices, 14);
    mesh = kmt_mesh_build(&data);
    assert_near(kmi_mesh_volume(mesh), 16, 1e-12);
    assert_near(kmi_mesh_exit(mesh, kmi_vec(0, 0, 0.25), kmi_vec(sqrt(0.5), sqrt(0.5), 0), 0, 1e-5), sqrt(2), 1e-15);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
    kmt_mesh_free(&other);
}

TEST(overlapping_bodies_are_one_inside)
{
    kmt_mesh data = kmt_mesh_box(2, 1, 1), other = kmt_mesh_box(2, 1, 1), inner = kmt_mesh_box(0.5, 0.5, 0.5);
    kmi_mesh *mesh;
    kmi_vec3 o = kmi_vec(-10, 0.125, 0.25), d = kmi_vec(1, 0, 0);
    double in, out;

    kmt_mesh_move(&other, 1, 3, 0.25, 0.125);
    kmt_mesh_append(&data, &other);
    mesh = kmt_mesh_build(&data);
    assert_true(kmi_mesh_report(mesh)->crossing_edges > 0);
    assert_true(mesh->overlaps);
    in = kmi_mesh_entry(mesh, o, d, 0, INFINITY, 1e-5);
    out = kmi_mesh_exit(mesh, o, d, in, 1e-5);
    assert_near(in, 8, 0);
    assert_near(out, 15, 0);
    assert_near(kmi_mesh_exit(mesh, o, d, 11.5, 1e-5), 15, 0); /* from where both are */
    assert_true(kmi_mesh_entry(mesh, o, d, out, INFINITY, 1e-5) == INFINITY);
    assert_true(kmi_mesh_inside(mesh, kmi_vec(1.5, 0.125, 0.25)));
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);

    data = kmt_mesh_box(2, 1, 1); /* one within the other, both facing outward */
    kmt_mesh_append(&data, &inner);
    mesh = kmt_mesh_build(&data);
    assert_true(mesh->overlaps);
    assert_near(kmi_mesh_exit(mesh, kmi_vec(0, 0.125, 0.25), d, 0, 1e-5), 2, 0);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
    kmt_mesh_free(&other);
    kmt_mesh_free(&inner);
}

TEST(a_mesh_survives_the_failure_of_any_allocation)
{
    kmt_mesh data = kmt_mesh_icosphere(2, 10);
    kma_mesh mesh = {0};
    long n;

    for (n = 1;; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_mesh_create_arrays(data.vertices, data.vertex_count, data.triangles, data.triangle_count, &mesh);
        kmt_fail_allocation(0);
        if (!kmt_allocation_failed() && status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_int_equal(mesh.bits, 0);
        assert_int_equal(kma_live_objects(KMA_KIND_MESH), 0);
        assert_true(n < 1000);
    }
    assert_true(n > 10);
    assert_ok(kma_mesh_release(&mesh));
    kmt_mesh_free(&data);
    kmt_assert_no_live_objects();
}

TEST(a_report_says_whether_a_mesh_can_be_made_and_where_damage_is_first)
{
    kmt_mesh data = kmt_mesh_box(1, 2, 3);
    kma_mesh_report r;
    double corner[3];
    uint32_t swap;

    assert_ok(kma_mesh_audit_arrays(data.vertices, data.vertex_count, data.triangles, data.triangle_count, &r));
    assert_int_equal(r.usable, 1);
    assert_int_equal(r.first_open.facet, 0);
    assert_true(r.first_open.to[0] == 0 && r.first_open.to[1] == 0 && r.first_open.to[2] == 0);

    /* Without its last facet three edges are open; the first of them belongs to a neighbour of what is missing. */
    assert_ok(kma_mesh_audit_arrays(data.vertices, data.vertex_count, data.triangles, data.triangle_count - 1, &r));
    assert_int_equal(r.usable, 0);
    assert_int_equal(r.open_edges, 3);
    assert_true(r.first_open.facet < data.triangle_count - 1);
    assert_memory_not_equal(r.first_open.from, r.first_open.to, sizeof r.first_open.to);

    /* Turned, facet 5 disagrees with its neighbours along all three edges. */
    swap = data.triangles[15];
    data.triangles[15] = data.triangles[16];
    data.triangles[16] = swap;
    assert_ok(kma_mesh_audit_arrays(data.vertices, data.vertex_count, data.triangles, data.triangle_count, &r));
    assert_int_equal(r.usable, 0);
    assert_int_equal(r.flipped_edges, 3);
    data.triangles[16] = data.triangles[15];
    data.triangles[15] = swap;

    /* A repeated corner, in facet 7, at that corner. */
    data.triangles[22] = data.triangles[21];
    assert_ok(kma_mesh_audit_arrays(data.vertices, data.vertex_count, data.triangles, data.triangle_count, &r));
    assert_int_equal(r.usable, 0);
    assert_int_equal(r.first_degenerate.facet, 7);
    memcpy(corner, data.vertices + 3 * data.triangles[21], sizeof corner);
    assert_memory_equal(r.first_degenerate.from, corner, sizeof corner);
    kmt_mesh_free(&data);
}
