/*
 * Independent truth: kmi_solid_inside() decides by an implicit function of one
 * point and shares nothing with the chords of a line; volumes and areas come
 * from Monte Carlo points and from Crofton's formula.
 */
#include "any_solid.h"

static const double contact = 1e-5;
static const double pi = 3.14159265358979323846;

enum { SPANS_MAX = 8 };
typedef struct span {
    double in, out;
} span;

/* The chords of a line as transport meets them, from t = 0 on. */
static int spans_of(const kmi_solid *s, kmi_vec3 o, kmi_vec3 d, span out[SPANS_MAX])
{
    double t = 0, leave = kmi_solid_exit(s, o, d, 0, contact);
    int n = 0;

    if (leave > 0) {
        out[n].in = 0;
        out[n++].out = t = leave;
    }
    for (;;) {
        double enter = kmi_solid_entry(s, o, d, t, INFINITY, contact);
        if (!(enter < INFINITY)) return n;
        assert_true(enter >= t);
        t = kmi_solid_exit(s, o, d, enter, contact);
        assert_true(t > enter + contact); /* every entry is followed by progress */
        assert_true(n < SPANS_MAX);
        out[n].in = enter;
        out[n++].out = t;
    }
}

/* Inside according to the spans: 1, 0, or -1 for closer than `doubt` to a border. */
static int in_spans(const span *s, int n, double t, double doubt)
{
    int i;
    for (i = 0; i < n; i++) {
        if (fabs(t - s[i].in) < doubt || fabs(t - s[i].out) < doubt) return -1;
        if (t > s[i].in && t < s[i].out) return 1;
    }
    return 0;
}

static void compare_with_points(const kmi_solid *s, kmi_vec3 o, kmi_vec3 d, double length, double doubt, kmi_rng *rng)
{
    span spans[SPANS_MAX];
    int i, n = spans_of(s, o, d, spans), wrong = 0;

    for (i = 0; i < 60; i++) {
        double t = length * kmi_rng_uniform(rng);
        int expected = kmi_solid_inside(s, kmi_along(o, d, t)), seen = in_spans(spans, n, t, doubt);
        /* A sliver below the contact length is legally left out: its ends are as good as one border. */
        if (seen < 0 || seen == expected) continue;
        if (expected &&
            kmi_solid_inside(s, kmi_along(o, d, t - contact)) + kmi_solid_inside(s, kmi_along(o, d, t + contact)) < 2)
            continue;
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

PROPERTY(chords_of_any_solid_agree_with_its_points, 30000)
{
    kmi_vec3 half = kmt_vec_between(rng, 1, 50);
    double size = kmi_norm(half);
    kmi_vec3 d = kmt_direction(rng);
    kmi_vec3 aim, o;
    kmi_solid s;

    if (seed % 5 == 0)
        kmt_any_grid(rng, size, &s);
    else
        kmt_any_solid(rng, half, &s);
    aim = kmt_point_in(rng, &s.bounds);
    if (seed % 7 == 0) { /* along an axis */
        int axis = kmt_below(rng, 3);
        d = kmi_vec(axis == 0, axis == 1, axis == 2);
    }
    o = seed % 3 == 0 ? aim : kmi_along(aim, d, -size * kmt_between(rng, 0, 3));
    compare_with_points(&s, o, d, 6 * size, 1e-7, rng);
}

PROPERTY(a_far_origin_sees_the_same_chords, 3000)
{
    kmi_vec3 half = kmt_vec_between(rng, 1, 50);
    kmi_vec3 d = kmt_direction(rng), near, far;
    span a[SPANS_MAX], b[SPANS_MAX];
    int i, n, m;
    kmi_solid s;

    kmt_any_solid(rng, half, &s);
    near = kmi_along(kmt_point_in(rng, &s.bounds), d, -4 * kmi_norm(half));
    far = kmi_along(near, d, -1e6);
    n = spans_of(&s, near, d, a);
    m = spans_of(&s, far, d, b);
    for (i = 0; i < n; i++)
        if (a[i].out - a[i].in < 1e-2) return; /* a graze: how long it is depends on the last bits of the origin */
    for (i = 1; i < n; i++)
        if (a[i].in - a[i - 1].out < 1e-2) return;
    assert_int_equal(n, m);
    for (i = 0; i < n; i++) {
        assert_near(b[i].in - 1e6, a[i].in, 1e-5);
        assert_near(b[i].out - 1e6, a[i].out, 1e-5);
    }
}

/* Isotropic lines that are uniform over a ball of radius R about the bounds' centre (Santalo, Integral
 * Geometry (1976) ch. 14): mean chord length V / (pi R^2), mean number of crossings S / (2 pi R^2). */
static void check_measures(const kmi_solid *s, kmi_rng *rng, int rays)
{
    kmi_vec3 centre = kmi_scale(kmi_add(s->bounds.low, s->bounds.high), 0.5);
    double r = 1.01 * kmi_norm(kmi_sub(s->bounds.high, centre));
    double length = 0, length2 = 0, crossings = 0, crossings2 = 0, sigma, mean;
    int i, k;

    for (i = 0; i < rays; i++) {
        kmi_vec3 d = kmt_direction(rng), u, v;
        double rho = r * sqrt(kmi_rng_uniform(rng)), sine, cosine, sum = 0;
        span spans[SPANS_MAX];
        int n;
        kmi_basis(d, &u, &v);
        mean = 2 * pi * kmi_rng_uniform(rng);
        sine = sin(mean), cosine = cos(mean);
        n = spans_of(s, kmi_along(kmi_along(kmi_along(centre, u, rho * cosine), v, rho * sine), d, -2 * r), d, spans);
        for (k = 0; k < n; k++) sum += spans[k].out - spans[k].in;
        length += sum;
        length2 += sum * sum;
        crossings += 2 * n;
        crossings2 += 4.0 * n * n;
    }
    mean = length / rays;
    sigma = sqrt((length2 / rays - mean * mean) / rays);
    assert_near(mean, kmi_solid_volume(s) / (pi * r * r), 4 * sigma + 1e-12);
    mean = crossings / rays;
    sigma = sqrt((crossings2 / rays - mean * mean) / rays);
    assert_near(mean, kmi_solid_surface_area(s) / (2 * pi * r * r), 4 * sigma + 1e-12);
}

TEST(volume_and_area_agree_with_integral_geometry)
{
    double size[3] = {2, 30, 7};
    kmi_rng rng;
    kmi_solid s;

    kmi_rng_start(&rng, 11, 0, KMI_STREAM_GEOMETRY);
    assert_ok(kmi_solid_make_box(size, &s));
    check_measures(&s, &rng, 100000);
    assert_ok(kmi_solid_make_orb(12.5, &s));
    check_measures(&s, &rng, 100000);
    assert_ok(kmi_solid_make_tube(0, 10, 8, 0, 2 * pi, &s));
    check_measures(&s, &rng, 100000);
    assert_ok(kmi_solid_make_tube(6, 10, 30, 1, 2 * pi, &s));
    check_measures(&s, &rng, 100000);
    assert_ok(kmi_solid_make_tube(3, 10, 5, 1, 1.2, &s));
    check_measures(&s, &rng, 100000);
    assert_ok(kmi_solid_make_tube(3, 10, 5, -2, 5, &s));
    check_measures(&s, &rng, 100000);
    kmt_any_grid(&rng, 20, &s);
    check_measures(&s, &rng, 100000);
}

PROPERTY(volume_agrees_with_random_points_and_bounds_hold_them_all, 40)
{
    kmi_vec3 half = kmt_vec_between(rng, 1, 50);
    kmi_box3 wide;
    kmi_solid s;
    double fraction, expected, box;
    int i, hits = 0, n = 20000;

    kmt_any_solid(rng, half, &s);
    wide.low = kmi_sub(s.bounds.low, kmi_vec(1, 1, 1));
    wide.high = kmi_add(s.bounds.high, kmi_vec(1, 1, 1));
    for (i = 0; i < n; i++) {
        kmi_vec3 p = kmt_point_in(rng, &wide);
        if (!kmi_solid_inside(&s, p)) continue;
        hits++;
        assert_true(p.x >= s.bounds.low.x && p.x <= s.bounds.high.x);
        assert_true(p.y >= s.bounds.low.y && p.y <= s.bounds.high.y);
        assert_true(p.z >= s.bounds.low.z && p.z <= s.bounds.high.z);
    }
    box = (wide.high.x - wide.low.x) * (wide.high.y - wide.low.y) * (wide.high.z - wide.low.z);
    fraction = (double)hits / n;
    expected = kmi_solid_volume(&s) / box;
    assert_near(fraction, expected, 4.5 * sqrt(expected * (1 - expected) / n)); /* 40 seeds: 3e-4 in all */
}

TEST(bounds_of_a_tube_section_are_tight)
{
    kmi_solid s;

    assert_ok(kmi_solid_make_tube(5, 10, 4, 0.25 * pi, 0.5 * pi, &s)); /* about the y axis */
    assert_near(s.bounds.low.x, -10 * sqrt(0.5), 1e-12);
    assert_near(s.bounds.high.x, 10 * sqrt(0.5), 1e-12);
    assert_near(s.bounds.low.y, 5 * sqrt(0.5), 1e-12);
    assert_near(s.bounds.high.y, 10, 1e-12);
    assert_near(s.bounds.high.z, 2, 0);
}

static kmi_solid cube(void)
{
    double size[3] = {2, 2, 2};
    kmi_solid s;
    assert_ok(kmi_solid_make_box(size, &s));
    return s;
}

static void one_span(const kmi_solid *s, kmi_vec3 o, kmi_vec3 d, double in, double out)
{
    span spans[SPANS_MAX];
    d = kmi_scale(d, 1 / kmi_norm(d));
    assert_int_equal(spans_of(s, o, d, spans), 1);
    assert_near(spans[0].in, in, 1e-11);
    assert_near(spans[0].out, out, 1e-11);
}

static void no_span(const kmi_solid *s, kmi_vec3 o, kmi_vec3 d)
{
    span spans[SPANS_MAX];
    d = kmi_scale(d, 1 / kmi_norm(d));
    assert_int_equal(spans_of(s, o, d, spans), 0);
}

TEST(a_face_and_an_edge_belong_to_the_box)
{
    kmi_solid s = cube();

    one_span(&s, kmi_vec(1, 0, -5), kmi_vec(0, 0, 1), 4, 6);
    one_span(&s, kmi_vec(-1, 0, -5), kmi_vec(0, 0, 1), 4, 6);
    one_span(&s, kmi_vec(-1, 0, -5), kmi_vec(-0.0, -0.0, 1), 4, 6);
    one_span(&s, kmi_vec(1, 1, 5), kmi_vec(0, 0, -1), 4, 6);
    one_span(&s, kmi_vec(1, -5, 0), kmi_vec(0, 1, 0), 4, 6);
    one_span(&s, kmi_vec(5, 0, -1), kmi_vec(-1, 0, 0), 4, 6);
    no_span(&s, kmi_vec(1 + 1e-9, 0, -5), kmi_vec(0, 0, 1));
}

TEST(a_line_through_corners_crosses_the_box_once)
{
    kmi_solid s = cube();

    one_span(&s, kmi_vec(-2, -2, -2), kmi_vec(1, 1, 1), sqrt(3), 3 * sqrt(3));
    one_span(&s, kmi_vec(2, 2, 0), kmi_vec(-1, -1, 0), sqrt(2), 3 * sqrt(2));
    no_span(&s, kmi_vec(0, 2, 0), kmi_vec(1, -1, 0)); /* touches the edge (1,1) alone */
}

TEST(a_track_on_a_face_leaves_outward_at_once_and_inward_at_the_other_side)
{
    kmi_solid s = cube();

    assert_near(kmi_solid_exit(&s, kmi_vec(1, 0, 0), kmi_vec(1, 0, 0), 0, contact), 0, 0);
    assert_near(kmi_solid_exit(&s, kmi_vec(1, 0, 0), kmi_vec(-1, 0, 0), 0, contact), 2, 1e-11);
    /* rounded half a contact length outside: still inside if it comes back */
    assert_near(kmi_solid_exit(&s, kmi_vec(1 + 0.5 * contact, 0, 0), kmi_vec(-1, 0, 0), 0, contact), 2, 2 * contact);
    assert_near(kmi_solid_exit(&s, kmi_vec(1 + 2 * contact, 0, 0), kmi_vec(-1, 0, 0), 0, contact), 0, 0);
    assert_true(kmi_solid_entry(&s, kmi_vec(1, 0, 0), kmi_vec(1, 0, 0), 0, INFINITY, contact) == INFINITY);
    assert_near(kmi_solid_entry(&s, kmi_vec(1, 0, 0), kmi_vec(-1, 0, 0), 0, INFINITY, contact), 0, 0);
}

TEST(an_entry_beyond_the_limit_is_none)
{
    kmi_solid s = cube();

    assert_near(kmi_solid_entry(&s, kmi_vec(-5, 0, 0), kmi_vec(1, 0, 0), 0, 4, contact), 4, 1e-11);
    assert_true(kmi_solid_entry(&s, kmi_vec(-5, 0, 0), kmi_vec(1, 0, 0), 0, 3.999, contact) == INFINITY);
}

TEST(a_line_along_the_axis_of_a_tube_sees_its_wall_or_its_bore)
{
    kmi_solid s;

    assert_ok(kmi_solid_make_tube(3, 5, 20, 0, 2 * pi, &s));
    no_span(&s, kmi_vec(0, 0, -30), kmi_vec(0, 0, 1));
    no_span(&s, kmi_vec(3 - 1e-9, 0, -30), kmi_vec(0, 0, 1));
    one_span(&s, kmi_vec(3, 0, -30), kmi_vec(0, 0, 1), 20, 40); /* surfaces belong to the tube */
    one_span(&s, kmi_vec(0, -4, -30), kmi_vec(0, 0, 1), 20, 40);
    one_span(&s, kmi_vec(0, 5, 30), kmi_vec(0, 0, -1), 20, 40);
    no_span(&s, kmi_vec(0, 5 + 1e-9, 30), kmi_vec(0, 0, -1));
}

TEST(a_line_across_a_tube_meets_both_walls)
{
    span spans[SPANS_MAX];
    kmi_solid s;

    assert_ok(kmi_solid_make_tube(3, 5, 20, 0, 2 * pi, &s));
    assert_int_equal(spans_of(&s, kmi_vec(-10, 0, 10), kmi_vec(1, 0, 0), spans), 2); /* on its end face */
    assert_near(spans[0].in, 5, 1e-11);
    assert_near(spans[0].out, 7, 1e-11);
    assert_near(spans[1].in, 13, 1e-11);
    assert_near(spans[1].out, 15, 1e-11);
    assert_int_equal(spans_of(&s, kmi_vec(-10, 3, 0), kmi_vec(1, 0, 0), spans), 1); /* tangent to the bore */
    assert_near(spans[0].out - spans[0].in, 8, 1e-11);
    assert_int_equal(spans_of(&s, kmi_vec(-10, 5, 0), kmi_vec(1, 0, 0), spans), 0); /* tangent to the mantle */
    /* three quarters of a turn with the lower right quarter missing: a diagonal meets three pieces */
    assert_ok(kmi_solid_make_tube(3, 5, 20, 0, 1.5 * pi, &s));
    assert_int_equal(spans_of(&s, kmi_vec(-10, 0.5, 0), kmi_vec(1, 0, 0), spans), 2);
    assert_int_equal(spans_of(&s, kmi_vec(-10, -0.5, 0), kmi_vec(1, 0, 0), spans), 1);
}

TEST(sizes_that_make_no_solid_are_refused)
{
    double flat[3] = {1, 0, 1}, nan_size[3] = {1, 1, NAN}, wide[3] = {1, 1, 1e10};
    kmi_solid s;

    assert_fails(kmi_solid_make_box(flat, &s), KMA_ERR_ARGUMENT, "size in y is 0 mm");
    assert_fails(kmi_solid_make_box(nan_size, &s), KMA_ERR_ARGUMENT, "size in z is nan");
    assert_fails(kmi_solid_make_box(wide, &s), KMA_ERR_ARGUMENT, "1e+10");
    assert_fails(kmi_solid_make_orb(-1, &s), KMA_ERR_ARGUMENT, "radius is -1");
    assert_fails(kmi_solid_make_tube(5, 5, 1, 0, 1, &s), KMA_ERR_ARGUMENT, "inner radius is 5");
    assert_fails(kmi_solid_make_tube(NAN, 5, 1, 0, 1, &s), KMA_ERR_ARGUMENT, "inner radius");
    assert_fails(kmi_solid_make_tube(0, 5, 1, 7, 1, &s), KMA_ERR_ARGUMENT, "phi_start is 7");
    assert_fails(kmi_solid_make_tube(0, 5, 1, 0, 0, &s), KMA_ERR_ARGUMENT, "phi_delta is 0");
    assert_fails(kmi_solid_make_tube(0, 5, 1, 0, 6.3, &s), KMA_ERR_ARGUMENT, "phi_delta is 6.3");
    assert_fails(kmi_solid_make_tube(0, 5, INFINITY, 0, 1, &s), KMA_ERR_ARGUMENT, "length is inf");
}

PROPERTY(a_box_that_a_solid_contains_holds_only_inside_points, 3000)
{
    kmi_vec3 half = kmt_vec_between(rng, 5, 20);
    kmi_vec3 p;
    kmi_box3 box;
    kmi_solid s;
    int i, inside = 0;

    if (seed % 5 == 0)
        kmt_any_grid(rng, 20, &s);
    else
        kmt_any_solid(rng, half, &s);
    p = kmt_point_in(rng, &s.bounds);
    box.low = p;
    box.high = kmi_add(p, kmt_vec_between(rng, 0, 2));
    for (i = 0; i < 100; i++) inside += kmi_solid_inside(&s, kmt_point_in(rng, &box));
    if (kmi_solid_contains_box(&s, &box)) assert_int_equal(inside, 100);
}

TEST(a_small_box_in_the_middle_of_the_matter_is_contained)
{
    kmi_box3 box = {{6.5, -0.5, -0.5}, {7.5, 0.5, 0.5}};
    kmi_box3 middle = {{-0.5, -0.5, -0.5}, {0.5, 0.5, 0.5}};
    double size[3] = {15, 1, 1};
    kmi_solid s;

    assert_ok(kmi_solid_make_tube(5, 9, 2, -1, 2, &s));
    assert_true(kmi_solid_contains_box(&s, &box));
    assert_false(kmi_solid_contains_box(&s, &middle));
    assert_ok(kmi_solid_make_tube(5, 9, 2, 1, 2 * pi - 2, &s));
    assert_false(kmi_solid_contains_box(&s, &box));
    assert_ok(kmi_solid_make_orb(8, &s));
    assert_true(kmi_solid_contains_box(&s, &box));
    assert_ok(kmi_solid_make_box(size, &s));
    assert_true(kmi_solid_contains_box(&s, &box));
}
