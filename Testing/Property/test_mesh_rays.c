/*
 * A ray inside a closed mesh always leaves: followed through all its crossings,
 * from random points in random directions, and aimed exactly at vertices and at
 * the middles of edges.
 */
#include "kmt.h"
#include "kmt_mesh.h"

#include <math.h>

static const double CONTACT = 1e-5;

enum { CROSSINGS_MAX = 1000, HITS_MAX = 1000 };

/* What following one flight gave. */
typedef struct trip {
    double chord; /* mm inside */
    int exits, entries;
} trip;

static trip follow(const kmi_mesh *mesh, kmi_vec3 origin, kmi_vec3 direction)
{
    trip r = {0, 0, 0};
    double t = 0;

    for (;;) {
        double leave = kmi_mesh_exit(mesh, origin, direction, t, CONTACT);
        assert_true(leave >= t && leave < INFINITY);
        r.chord += leave - t;
        r.exits++;
        t = kmi_mesh_entry(mesh, origin, direction, leave, INFINITY, CONTACT);
        assert_true(t >= leave);
        if (t == INFINITY) return r;
        r.entries++;
        assert_true_msg(r.exits < CROSSINGS_MAX,
                        "stuck at %.17g, from (%.17g, %.17g, %.17g) along (%.17g, %.17g, %.17g)", t, origin.x, origin.y,
                        origin.z, direction.x, direction.y, direction.z);
    }
}

/* The length inside for t > 0, from all hits: an odd number of them from an inside point. */
static double chord_by_brute_force(const kmi_mesh *mesh, kmi_vec3 origin, kmi_vec3 direction)
{
    static long double t[HITS_MAX];
    size_t n = kmt_mesh_all_hits(mesh, origin, direction, t, HITS_MAX), i = 0;
    long double last = 0, sum = 0;
    bool inside = true;

    assert_int_equal(n % 2, 0);
    while (i < n && t[i] <= 0) i++;
    assert_int_equal((n - i) % 2, 1);
    for (; i < n; i++) {
        if (inside) sum += t[i] - last;
        last = t[i];
        inside = !inside;
    }
    return (double)sum;
}

static void random_rays(const kmi_mesh *mesh, int count, int checked, uint64_t seed)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    double size = kmi_norm(kmi_sub(b.high, b.low));
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, seed, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < count; i++) {
        kmi_vec3 o = kmt_mesh_inside_point(&rng, mesh), d = kmt_direction(&rng);
        trip r = follow(mesh, o, d);
        assert_int_equal(r.exits, r.entries + 1);
        if (i < checked) assert_near(r.chord, chord_by_brute_force(mesh, o, d), 2 * CONTACT * r.exits + 1e-11 * size);
    }
}

/* At a vertex, or at the middle of an edge, from an inside point: the flight passes
 * its target or ends there; in both cases it must leave, and as often as it entered. */
static void aimed_rays(const kmi_mesh *mesh, int count, uint64_t seed)
{
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, seed, 1, KMI_STREAM_GEOMETRY);
    for (i = 0; i < count; i++) {
        kmi_vec3 o = kmt_mesh_inside_point(&rng, mesh), target, d;
        uint32_t f[3], k = (uint32_t)(kmi_rng_uniform(&rng) * 3);
        trip r;
        kmi_mesh_facet(mesh, (size_t)(kmi_rng_uniform(&rng) * (double)kmi_mesh_facet_count(mesh)), f);
        target = kmt_mesh_vertex(mesh, f[k]);
        if (i % 2 == 1) target = kmi_scale(kmi_add(target, kmt_mesh_vertex(mesh, f[(k + 1) % 3])), 0.5);
        d = kmi_sub(target, o);
        d = kmi_scale(d, 1 / kmi_norm(d));
        r = follow(mesh, o, d);
        assert_int_equal(r.exits, r.entries + 1);
    }
}

/* Tangent to a convex mesh at a vertex, and along an edge: it may cut a corner or miss it. */
static void grazing_rays(const kmi_mesh *mesh, int count, uint64_t seed)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    kmi_vec3 centre = kmi_scale(kmi_add(b.low, b.high), 0.5);
    double size = kmi_norm(kmi_sub(b.high, b.low));
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, seed, 2, KMI_STREAM_GEOMETRY);
    for (i = 0; i < count; i++) {
        uint32_t f[3];
        kmi_vec3 v, d, o;
        double in, out = 0;
        int crossings = 0;
        kmi_mesh_facet(mesh, (size_t)(kmi_rng_uniform(&rng) * (double)kmi_mesh_facet_count(mesh)), f);
        v = kmt_mesh_vertex(mesh, f[0]);
        d = i % 2 == 0 ? kmi_cross(kmi_sub(v, centre), kmt_direction(&rng)) : kmi_sub(kmt_mesh_vertex(mesh, f[1]), v);
        d = kmi_scale(d, 1 / kmi_norm(d));
        o = kmi_along(v, d, -size);
        while ((in = kmi_mesh_entry(mesh, o, d, out, INFINITY, CONTACT)) < INFINITY) {
            out = kmi_mesh_exit(mesh, o, d, in, CONTACT);
            assert_true(in >= 0 && out >= in && out < 3 * size);
            assert_true(++crossings < CROSSINGS_MAX);
        }
    }
}

/* 1,000,000 random and 100,000 aimed flights over the four meshes. KMT_RAYS=k flies k times as many. */
enum { RANDOM = 250000, AIMED = 25000, CHECKED = 250 };

static int times(void)
{
    const char *text = getenv("KMT_RAYS");
    int k = text == NULL ? 1 : atoi(text);
    return k > 0 ? k : 1;
}

static void follow_all(kmi_mesh *mesh, uint64_t seed)
{
    random_rays(mesh, RANDOM * times(), CHECKED, seed);
    aimed_rays(mesh, AIMED * times(), seed);
    kmi_mesh_destroy(mesh);
}

TEST(no_ray_is_lost_or_stuck_in_a_sphere)
{
    kmt_mesh data = kmt_mesh_icosphere(5, 100);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    grazing_rays(mesh, 20000, 1);
    follow_all(mesh, 1);
    kmt_mesh_free(&data);
}

TEST(no_ray_is_lost_or_stuck_in_a_knot)
{
    kmt_mesh data = kmt_mesh_knot(100, 20, 400, 30);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    grazing_rays(mesh, 20000, 2);
    follow_all(mesh, 2);
    kmt_mesh_free(&data);
}

static void follow_in_file(const char *name, double scale, uint64_t seed)
{
    const char *path = kmt_shared_data(name);
    kma_mesh handle = {0};
    size_t nv, nf;
    kmt_mesh data;

    if (path == NULL) return;
    assert_ok(kma_mesh_read_stl(path, scale, &handle));
    assert_ok(kma_mesh_count_vertices(handle, &nv));
    assert_ok(kma_mesh_count_facets(handle, &nf));
    data.vertices = calloc(nv, 3 * sizeof(double));
    data.triangles = calloc(nf, 3 * sizeof(uint32_t));
    data.vertex_count = nv;
    data.triangle_count = nf;
    assert_ok(kma_mesh_get_vertices(handle, data.vertices, nv));
    assert_ok(kma_mesh_get_facets(handle, data.triangles, nf));
    assert_ok(kma_mesh_release(&handle));
    follow_all(kmt_mesh_build(&data), seed);
    kmt_mesh_free(&data);
}

TEST(no_ray_is_lost_or_stuck_in_a_real_aperture) { follow_in_file("mesh/Aperture_cm.stl", 10, 3); }

TEST(no_ray_is_lost_or_stuck_in_a_scanned_implant) { follow_in_file("mesh/42400-IDGH.stl", 1, 4); }
