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
        assert_true_msg(r.exits < CROSSINGS_MAX, "stuck at t = %.17g, from (%.17g, %.17g, %.17g) along (%.17g, %.17g, %.17g)",
                        t, origin.x, origin.y, origin.z, direction.x, direction.y, direction.z);
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

static kmi_vec3 inside_point(const kmi_mesh *mesh, kmi_rng *rng)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    for (;;) {
        kmi_vec3 p = kmi_vec(b.low.x + kmi_rng_uniform(rng) * (b.high.x - b.low.x),
                             b.low.y + kmi_rng_uniform(rng) * (b.high.y - b.low.y),
                             b.low.z + kmi_rng_uniform(rng) * (b.high.z - b.low.z));
        if (kmi_mesh_inside(mesh, p)) return p;
    }
}

static kmi_vec3 vertex_of(const kmi_mesh *mesh, uint32_t i)
{
    double v[3];
    kmi_mesh_vertex(mesh, i, v);
    return kmi_vec(v[0], v[1], v[2]);
}

static void random_rays(const kmi_mesh *mesh, int count, int checked, uint64_t seed)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    double size = kmi_norm(kmi_sub(b.high, b.low));
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, seed, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < count; i++) {
        kmi_vec3 o = inside_point(mesh, &rng), d = kmt_direction(&rng);
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
        kmi_vec3 o = inside_point(mesh, &rng), target, d;
        uint32_t f[3], k = (uint32_t)(kmi_rng_uniform(&rng) * 3);
        trip r;
        kmi_mesh_facet(mesh, (size_t)(kmi_rng_uniform(&rng) * (double)kmi_mesh_facet_count(mesh)), f);
        target = vertex_of(mesh, f[k]);
        if (i % 2 == 1) target = kmi_scale(kmi_add(target, vertex_of(mesh, f[(k + 1) % 3])), 0.5);
        d = kmi_sub(target, o);
        d = kmi_scale(d, 1 / kmi_norm(d));
        r = follow(mesh, o, d);
        assert_int_equal(r.exits, r.entries + 1);
    }
}

TEST(no_ray_is_lost_or_stuck_in_a_sphere)
{
    kmt_mesh data = kmt_mesh_icosphere(5, 100);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    random_rays(mesh, 300000, 300, 1);
    aimed_rays(mesh, 50000, 1);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(no_ray_is_lost_or_stuck_in_a_knot)
{
    kmt_mesh data = kmt_mesh_knot(100, 20, 400, 30);
    kmi_mesh *mesh = kmt_mesh_build(&data);
    random_rays(mesh, 300000, 300, 2);
    aimed_rays(mesh, 50000, 2);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}
