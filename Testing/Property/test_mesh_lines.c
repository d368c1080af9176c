/*
 * What makes a mesh watertight: along any line at all, also exactly through
 * vertices and edges, entries and exits cancel; and the walk down the tree finds
 * the hits one by one in order, each once, none lost.
 */
#include "kmt.h"
#include "kmt_mesh.h"

#include <math.h>

#include "geometry/mesh_parts.h"

enum { HITS_MAX = 2000 };

typedef struct hits {
    kmi_mesh_hit hit[HITS_MAX];
    size_t count;
    long sum;
} hits;

static void collect(const kmi_mesh_hit *hit, void *context)
{
    hits *h = context;
    assert_true(h->count < HITS_MAX);
    h->hit[h->count++] = *hit;
    h->sum += hit->exits ? 1 : -1;
}

static int compare(const void *a, const void *b)
{
    const kmi_mesh_hit *x = a, *y = b;
    if (x->t != y->t) return x->t < y->t ? -1 : 1;
    return (x->facet > y->facet) - (x->facet < y->facet);
}

/* Any line: returns the number of hits. */
static size_t check_line(const kmi_mesh *mesh, kmi_vec3 o, kmi_vec3 d)
{
    static hits h;
    kmi_mesh_line line;
    kmi_mesh_hit hit = {-INFINITY, KMI_BVH_NO_FACET, false};
    size_t i;

    h.count = 0;
    h.sum = 0;
    if (!kmi_mesh_line_start(mesh, o, d, &line)) return 0;
    kmi_mesh_line_visit(mesh, &line, -INFINITY, INFINITY, collect, &h);
    assert_true_msg(h.sum == 0, "%ld more exits than entries along (%.17g, %.17g, %.17g) from (%.17g, %.17g, %.17g)",
                    h.sum, d.x, d.y, d.z, o.x, o.y, o.z);
    qsort(h.hit, h.count, sizeof h.hit[0], compare);
    for (i = 0; i < h.count; i++) {
        /* by number, and from just before it: pruning from either end loses nothing */
        assert_true(kmi_mesh_line_next(mesh, &line, hit.t, hit.facet, INFINITY, &hit));
        assert_true(hit.t == h.hit[i].t && hit.facet == h.hit[i].facet && hit.exits == h.hit[i].exits);
        if (i > 0 && h.hit[i - 1].t == hit.t) continue;
        {
            kmi_mesh_hit again = {0};
            double before = nextafter(hit.t, -INFINITY);
            assert_true(kmi_mesh_first_hit(mesh, o, d, before, hit.t, &again));
            assert_true(again.t == hit.t && again.facet == hit.facet);
        }
    }
    assert_false(kmi_mesh_line_next(mesh, &line, hit.t, hit.facet, INFINITY, &hit));
    return h.count;
}

/* Along the axes exactly through vertices and through middles of edges, and at random. */
static void check_lines(const kmi_mesh *mesh, int count, uint64_t seed)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    double size = kmi_norm(kmi_sub(b.high, b.low));
    size_t hit = 0;
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, seed, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < count; i++) {
        uint32_t f[3];
        kmi_vec3 target, d, o;
        kmi_mesh_facet(mesh, (size_t)(kmi_rng_uniform(&rng) * (double)kmi_mesh_facet_count(mesh)), f);
        target = kmt_mesh_vertex(mesh, f[0]);
        if (i % 3 == 1) target = kmi_scale(kmi_add(target, kmt_mesh_vertex(mesh, f[1])), 0.5);
        for (k = 0; k < 6; k++) { /* the target's coordinates across the axis stay as they are */
            double s = k % 2 == 0 ? 1 : -1, away = size * (double)(i % 5 - 2);
            d = kmi_vec(k / 2 == 0 ? s : 0, k / 2 == 1 ? s : -0.0, k / 2 == 2 ? s : 0);
            o = kmi_vec(target.x + (k / 2 == 0 ? away : 0), target.y + (k / 2 == 1 ? away : 0),
                        target.z + (k / 2 == 2 ? away : 0));
            hit += check_line(mesh, o, d);
        }
        d = kmt_direction(&rng);
        hit += check_line(mesh, kmi_along(target, d, size * (i % 7 / 2.0 - 1)), d);
        d = kmi_sub(kmt_mesh_vertex(mesh, f[1]),
                    kmt_mesh_vertex(mesh, f[2])); /* along an edge, in the plane of its facets */
        d = kmi_scale(d, 1 / kmi_norm(d));
        hit += check_line(mesh, kmi_along(kmt_mesh_vertex(mesh, f[1]), d, -size), d);
        d = kmi_vec(d.x * 1e-20, d.y * 1e-200, 1); /* nearly along an axis */
        hit += check_line(mesh, target, d);
    }
    assert_true(hit > (size_t)count * 8);
}

static void check(kmt_mesh data, double scale, double x, double y, double z, int count, uint64_t seed)
{
    kmi_mesh *mesh;
    kmt_mesh_move(&data, scale, x, y, z);
    mesh = kmt_mesh_build(&data);
    check_lines(mesh, count, seed);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(entries_and_exits_cancel_along_any_line_through_a_box)
{
    check(kmt_mesh_box(1, 2, 3), 1, 0, 0, 0, 3000, 1);
    check(kmt_mesh_box(1, 2, 3), 1, 1, 2, 3, 3000, 2); /* a corner at the origin */
}

TEST(entries_and_exits_cancel_along_any_line_through_a_sphere)
{
    check(kmt_mesh_icosphere(4, 100), 1, 0, 0, 0, 8000, 3);
}

TEST(entries_and_exits_cancel_along_any_line_through_a_knot)
{
    check(kmt_mesh_knot(100, 20, 300, 20), 1, 0, 0, 0, 8000, 4);
}

/* A torus whose vertices stand on a coarse lattice: lines through many vertices and edges at once. */
TEST(entries_and_exits_cancel_along_lines_through_many_vertices_at_once)
{
    kmt_mesh data = kmt_mesh_torus(40, 15, 48, 24);
    kmi_mesh *mesh;
    kmi_rng rng;
    size_t i, hit = 0;

    for (i = 0; i < 3 * data.vertex_count; i++) data.vertices[i] = rint(data.vertices[i]);
    mesh = kmt_mesh_build(&data);
    kmi_rng_start(&rng, 5, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 20000; i++) {
        kmi_vec3 o = kmt_mesh_point(&rng, kmi_vec(-60, -60, -20), kmi_vec(60, 60, 20));
        kmi_vec3 d = kmt_mesh_point(&rng, kmi_vec(-2, -2, -1), kmi_vec(2, 2, 1));
        o = kmi_vec(rint(o.x), rint(o.y), rint(o.z));
        d = kmi_vec(rint(d.x), rint(d.y), rint(d.z));
        if (kmi_norm(d) > 0) hit += check_line(mesh, o, kmi_scale(d, 1 / kmi_norm(d)));
    }
    assert_true(hit > 20000);
    check_lines(mesh, 5000, 6);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(neither_scale_nor_distance_from_the_origin_opens_a_mesh)
{
    static const double scale[] = {1e-30, 1e-9, 1e-3, 1e3, 1e9};
    static const double away[] = {1e3, 1e6, 1e9, 1e11};
    uint64_t i;

    for (i = 0; i < 5; i++) check(kmt_mesh_knot(10, 2, 100, 12), scale[i], 0, 0, 0, 800, 10 + i);
    for (i = 0; i < 4; i++) check(kmt_mesh_icosphere(3, 100), 1, away[i], -0.7 * away[i], 0.3 * away[i], 800, 20 + i);
}

/* Lines a few units in the last place beside a vertex, whose edges run, three by three, in directions (m, n) of
 * small integers: the products that say on which side of them the line passes are equal when rounded, and
 * differ exactly. A guess would put the line into none or two of the needles between them. */
TEST(lines_within_rounding_of_a_vertex_keep_the_count)
{
    enum { RING = 96, APICES = 20 };
    static const double factor[3] = {1, 1.31, 0.77};
    double unit = 0x1p-53, vertices[RING + 2][3];
    uint32_t triangles[2 * RING][3];
    kmi_rng rng;
    int i, j, k;

    for (i = 0; i < RING; i++) {
        uint32_t a = (uint32_t)(2 + i), b = (uint32_t)(2 + (i + 1) % RING);
        memcpy(triangles[2 * i], (uint32_t[3]){0, a, b}, sizeof triangles[0]);
        memcpy(triangles[2 * i + 1], (uint32_t[3]){1, b, a}, sizeof triangles[0]);
    }
    kmi_rng_start(&rng, 40, 0, KMI_STREAM_GEOMETRY);
    for (k = 0; k < APICES; k++) {
        double x = 0.5 + 0.5 * kmi_rng_uniform(&rng), y = 0.5 + 0.5 * kmi_rng_uniform(&rng); /* multiples of unit */
        kmi_mesh *mesh = NULL;
        memcpy(vertices[0], (double[3]){x, y, 1e-3}, sizeof vertices[0]);
        memcpy(vertices[1], (double[3]){x, y, -1e-3}, sizeof vertices[1]);
        for (i = 0; i < RING; i++) { /* around the square of |m|, |n| <= 4, counter-clockwise */
            int side = i / 24, step = i / 3 % 8 - 4;
            int m = side == 0 ? 4 : side == 1 ? -step : side == 2 ? -4 : step;
            int n = side == 0 ? step : side == 1 ? 4 : side == 2 ? -step : -4;
            vertices[i + 2][0] = x + m / 7.0 * factor[i % 3];
            vertices[i + 2][1] = y + n / 7.0 * factor[i % 3];
            vertices[i + 2][2] = 0;
        }
        assert_ok(kmi_mesh_new(vertices[0], RING + 2, triangles[0], 2 * RING, NULL, &mesh));
        for (i = -12; i <= 12; i++)
            for (j = -12; j <= 12; j++)
                assert_true(check_line(mesh, kmi_vec(x + i * unit, y + j * unit, -3), kmi_vec(0, 0, 1)) >= 2);
        kmi_mesh_destroy(mesh);
    }
}

/* Needles: 1e6 times as long as wide, and flat as float32 files are. */
TEST(thin_facets_lose_nothing)
{
    check(kmt_mesh_torus(1000, 1e-3, 6, 5), 1, 0, 0, 0, 3000, 30);
    check(kmt_mesh_torus(1000, 1e-9, 7, 3), 1, 3, 2, 1, 3000, 31);
}

TEST(inside_is_inside_of_a_sphere)
{
    kmt_mesh data = kmt_mesh_icosphere(5, 100);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    kmi_rng rng;
    double inner = 100; /* of the sphere that touches the nearest facet from inside */
    size_t i;

    for (i = 0; i < data.triangle_count; i++) {
        kmi_vec3 a, b, c, n;
        uint32_t f[3];
        kmi_mesh_facet(mesh, i, f);
        a = kmt_mesh_vertex(mesh, f[0]);
        b = kmt_mesh_vertex(mesh, f[1]);
        c = kmt_mesh_vertex(mesh, f[2]);
        n = kmi_cross(kmi_sub(b, a), kmi_sub(c, a));
        inner = fmin(inner, kmi_dot(n, a) / kmi_norm(n));
    }
    assert_true(inner > 99.9);
    kmi_rng_start(&rng, 7, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 100000; i++) {
        double u = kmi_rng_uniform(&rng), r = i % 2 == 0 ? inner * cbrt(u) : 100 + 30 * u * u;
        kmi_vec3 p = kmi_scale(kmt_direction(&rng), r);
        assert_int_equal(kmi_mesh_inside(mesh, p), r < inner);
    }
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(inside_is_inside_of_a_torus)
{
    kmt_mesh data = kmt_mesh_torus(50, 20, 200, 100);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    kmi_rng rng;
    int i, in = 0;

    kmi_rng_start(&rng, 8, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 100000; i++) {
        kmi_vec3 p = kmt_mesh_point(&rng, kmi_vec(-80, -80, -25), kmi_vec(80, 80, 25));
        double r = hypot(hypot(p.x, p.y) - 50, p.z);
        if (r > 19.97 && r < 20) continue; /* between facets and torus: the sagittas are below 0.02 mm */
        assert_int_equal(kmi_mesh_inside(mesh, p), r < 20);
        in += r < 20;
    }
    /* the torus fills 2 pi^2 50 20^2 of 160 160 50: 0.3084 */
    assert_near(in / 1e5, 0.3084, 5 * sqrt(0.3084 * 0.6916 / 1e5) + 1e-3);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(inside_agrees_with_the_solid_angle_of_a_knot)
{
    kmt_mesh data = kmt_mesh_knot(100, 20, 150, 16);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    kmi_box3 b = kmi_mesh_bounds(mesh);
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 9, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 2000; i++) {
        kmi_vec3 p = kmt_mesh_point(&rng, b.low, b.high);
        double winding = kmt_mesh_solid_angle_winding(mesh, p);
        assert_near(winding, rint(winding), 1e-9);
        assert_int_equal(kmi_mesh_inside(mesh, p), rint(winding) == 1);
    }
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}
