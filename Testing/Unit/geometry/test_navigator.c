/*
 * Independent truth: kmi_navigator_locate() asks every solid's implicit
 * function at one point and knows nothing of flights.
 */
#include "any_solid.h"

#include "geometry/navigator.h"

enum { VOLUMES_MAX = 64, STEPS_MAX = 2000 };

typedef struct scene {
    kmi_volume *volumes[VOLUMES_MAX];
    int count;
    kmi_geometry *geometry;
} scene;

static kmi_volume *add_solid(scene *s, const char *name, const kmi_solid *solid)
{
    assert_true(s->count < VOLUMES_MAX);
    assert_ok(kmi_volume_new(name, solid, &s->volumes[s->count]));
    return s->volumes[s->count++];
}

static kmi_volume *add_box(scene *s, const char *name, double x, double y, double z)
{
    double size[3] = {x, y, z};
    kmi_solid solid;
    assert_ok(kmi_solid_make_box(size, &solid));
    return add_solid(s, name, &solid);
}

static void place_at(kmi_volume *mother, kmi_volume *daughter, double x, double y, double z)
{
    kmi_frame f = kmi_frame_identity();
    f.translation = kmi_vec(x, y, z);
    assert_ok(kmi_volume_add(mother, daughter, 0, &f));
}

static void close_scene(scene *s)
{
    assert_ok(kmi_geometry_close(s->volumes[0], &s->geometry));
}

static void drop_scene(scene *s)
{
    int i;
    kmi_geometry_destroy(s->geometry);
    for (i = 0; i < s->count; i++) kmi_volume_destroy(s->volumes[i]);
    memset(s, 0, sizeof *s);
}

typedef struct step {
    double begin, end;
    int32_t instance;
} step;

/* Follows a flight until it is outside or at t_max; zero-length steps are kept. */
static int fly(const kmi_geometry *g, kmi_vec3 o, kmi_vec3 d, int32_t instance, double t_max, step steps[STEPS_MAX])
{
    kmi_flight f;
    kmi_boundary b;
    int n = 0;

    kmi_flight_start(&f, o, d, instance);
    for (;;) {
        bool more = kmi_navigator_next(g, &f, t_max, &b);
        assert_true(n < STEPS_MAX);
        steps[n].begin = f.t;
        steps[n].instance = f.instance;
        steps[n].end = more ? b.t : t_max;
        if (f.instance != KMI_OUTSIDE || more) n++;
        if (!more) return n;
        assert_true(b.t >= f.t && b.t <= t_max);
        assert_true(b.instance != f.instance);
        f.t = b.t;
        f.instance = b.instance;
    }
}


TEST(a_box_in_a_box_is_entered_and_left)
{
    scene s = {0};
    step steps[STEPS_MAX];
    int n;

    add_box(&s, "world", 100, 100, 100);
    place_at(s.volumes[0], add_box(&s, "inner", 10, 10, 10), 20, 0, 0);
    close_scene(&s);
    n = fly(s.geometry, kmi_vec(-60, 0, 0), kmi_vec(1, 0, 0), KMI_OUTSIDE, INFINITY, steps);
    assert_int_equal(n, 4);
    assert_int_equal(steps[0].instance, KMI_OUTSIDE);
    assert_near(steps[0].end, 10, 1e-11);
    assert_int_equal(steps[1].instance, 0);
    assert_near(steps[1].end, 75, 1e-11);
    assert_int_equal(steps[2].instance, 1);
    assert_near(steps[2].end, 85, 1e-11);
    assert_int_equal(steps[3].instance, 0);
    assert_near(steps[3].end, 110, 1e-11);
    assert_int_equal(kmi_navigator_locate(s.geometry, kmi_vec(20, 0, 0)), 1);
    assert_int_equal(kmi_navigator_locate(s.geometry, kmi_vec(0, 0, 0)), 0);
    assert_int_equal(kmi_navigator_locate(s.geometry, kmi_vec(0, 51, 0)), KMI_OUTSIDE);
    drop_scene(&s);
}

TEST(a_flight_that_ends_before_the_boundary_stays)
{
    scene s = {0};
    kmi_flight f;
    kmi_boundary b;

    add_box(&s, "world", 100, 100, 100);
    close_scene(&s);
    kmi_flight_start(&f, kmi_vec(0, 0, 0), kmi_vec(0, 1, 0), 0);
    assert_false(kmi_navigator_next(s.geometry, &f, 49.9, &b));
    assert_true(kmi_navigator_next(s.geometry, &f, 50.001, &b));
    assert_near(b.t, 50, 1e-11);
    assert_int_equal(b.instance, KMI_OUTSIDE);
    drop_scene(&s);
}

/* ---- touching solids ---- */

/* Where a flight is at t; boundaries closer than `doubt` give KMI_DOUBT. */
enum { KMI_DOUBT = -2 };
static int32_t instance_at(const step *steps, int n, double t, double doubt)
{
    int i;
    for (i = 0; i < n; i++) {
        if (fabs(t - steps[i].begin) < doubt || fabs(t - steps[i].end) < doubt) return KMI_DOUBT;
        if (t > steps[i].begin && t < steps[i].end) return steps[i].instance;
    }
    return KMI_OUTSIDE;
}

static double length_in(const step *steps, int n, int32_t instance)
{
    double sum = 0;
    int i;
    for (i = 0; i < n; i++)
        if (steps[i].instance == instance) sum += steps[i].end - steps[i].begin;
    return sum;
}

static int longest_standstill(const step *steps, int n)
{
    int i, run = 0, longest = 0;
    for (i = 0; i < n; i++) {
        run = steps[i].end > steps[i].begin ? 0 : run + 1;
        if (run > longest) longest = run;
    }
    return longest;
}

/* 3 x 3 x 3 cubes of side 2 that fill a block that fills the world, turned by `frame`. */
static void make_lattice(scene *s, const kmi_frame *frame)
{
    kmi_volume *world = add_box(s, "world", 40, 40, 40), *block = add_box(s, "block", 6, 6, 6);
    kmi_volume *cell = add_box(s, "cell", 2, 2, 2);
    int x, y, z;

    assert_ok(kmi_volume_add(world, block, 0, frame));
    for (z = -1; z <= 1; z++)
        for (y = -1; y <= 1; y++)
            for (x = -1; x <= 1; x++) place_at(block, cell, 2 * x, 2 * y, 2 * z);
    close_scene(s);
}

TEST(lines_in_the_planes_and_edges_of_a_lattice_are_always_in_a_cell)
{
    static const double at[] = {-3, -2, -1, 0, 0.5, 1, 3};
    kmi_frame here = kmi_frame_identity();
    scene s = {0};
    step steps[STEPS_MAX];
    int i, j, k, axis, sign, n;

    make_lattice(&s, &here);
    for (axis = 0; axis < 3; axis++)
        for (sign = -1; sign <= 1; sign += 2)
            for (i = 0; i < 7; i++)
                for (j = 0; j < 7; j++) {
                    double o[3], d[3] = {0, 0, 0}, inside = 0;
                    d[axis] = sign;
                    o[axis] = -15 * sign;
                    o[(axis + 1) % 3] = at[i];
                    o[(axis + 2) % 3] = at[j];
                    n = fly(s.geometry, kmi_vec(o[0], o[1], o[2]), kmi_vec(d[0], d[1], d[2]), 0, INFINITY, steps);
                    for (k = 2; k < s.geometry->instance_count; k++) inside += length_in(steps, n, k);
                    assert_near(inside, 6, 1e-11);
                    assert_near(length_in(steps, n, 1), 0, 1e-11);
                    assert_true(longest_standstill(steps, n) <= 4);
                }
    drop_scene(&s);
}

PROPERTY(diagonals_through_edges_and_corners_of_a_turned_lattice_lose_nothing, 300)
{
    static const double to[][3] = {{1, 1, 0}, {1, -1, 0}, {0, 1, 1}, {1, 0, -1}, {1, 1, 1}, {1, -1, 1}, {-1, 1, 1}};
    kmi_frame turned = kmt_any_frame(rng, kmi_vec(1, 2, 3)), here = kmi_frame_identity();
    scene s = {0};
    step steps[STEPS_MAX];
    int i, k, n;

    make_lattice(&s, seed % 2 ? &turned : &here);
    for (i = 0; i < 7; i++) {
        kmi_vec3 d = kmi_scale(kmi_vec(to[i][0], to[i][1], to[i][2]), 1 / sqrt(fabs(to[i][0]) + fabs(to[i][1]) + fabs(to[i][2])));
        kmi_vec3 o = kmi_along(kmi_vec(kmt_below(rng, 2) * 2 - 1, kmt_below(rng, 2) * 2 - 1, kmt_below(rng, 2) * 2 - 1), d, -12);
        double inside = 0, chord;
        kmi_solid block = s.volumes[1]->solid;
        chord = kmi_solid_exit(&block, o, d, 12, 1e-5) - kmi_solid_entry(&block, o, d, 0, INFINITY, 1e-5);
        o = kmi_to_mother(&s.geometry->instances[1].frame, o);
        d = kmi_rotate(&s.geometry->instances[1].frame, d);
        n = fly(s.geometry, o, d, 0, INFINITY, steps);
        for (k = 2; k < s.geometry->instance_count; k++) inside += length_in(steps, n, k);
        assert_near(inside, chord, 1e-9);
        assert_near(length_in(steps, n, 1), 0, 1e-9);
        assert_true(longest_standstill(steps, n) <= 4);
    }
    drop_scene(&s);
}

TEST(a_daughter_that_fills_its_mother_is_entered_with_it_and_left_first)
{
    scene s = {0};
    step steps[STEPS_MAX];
    int n;

    add_box(&s, "world", 20, 20, 20);
    place_at(s.volumes[0], add_box(&s, "outer", 10, 10, 10), 0, 0, 0);
    place_at(s.volumes[1], add_box(&s, "inner", 10, 10, 10), 0, 0, 0);
    close_scene(&s);
    n = fly(s.geometry, kmi_vec(-10, 0, 0), kmi_vec(1, 0, 0), 0, INFINITY, steps);
    assert_int_equal(n, 5);
    assert_int_equal(steps[1].instance, 1);
    assert_near(steps[1].end, steps[1].begin, 1e-11);
    assert_int_equal(steps[2].instance, 2);
    assert_near(steps[2].end - steps[2].begin, 10, 1e-11);
    assert_int_equal(steps[3].instance, 1);
    assert_near(steps[3].end, 15, 1e-11);
    drop_scene(&s);
}

TEST(of_two_daughters_that_begin_together_the_first_declared_is_entered)
{
    double shift;
    scene s = {0};
    step steps[STEPS_MAX];

    for (shift = -0.8e-5; shift < 1e-5; shift += 0.4e-5) { /* also where the second begins a little earlier */
        add_box(&s, "world", 40, 40, 40);
        place_at(s.volumes[0], add_box(&s, "first", 10, 10, 10), shift, 0, 0);
        place_at(s.volumes[0], add_box(&s, "second", 10, 10, 10), 0, 0, 0);
        close_scene(&s);
        assert_true(fly(s.geometry, kmi_vec(-10, 0, 0), kmi_vec(1, 0, 0), 0, INFINITY, steps) == 3);
        assert_int_equal(steps[1].instance, 1);
        assert_near(steps[1].end - steps[1].begin, 10, 1e-11);
        drop_scene(&s);
    }
}

TEST(gaps_and_overlaps_below_the_contact_length_do_not_stop_a_track)
{
    double gap;
    scene s = {0};
    step steps[STEPS_MAX];
    int n;

    for (gap = -0.9e-5; gap < 1e-5; gap += 0.2e-5) {
        add_box(&s, "world", 40, 40, 40);
        place_at(s.volumes[0], add_box(&s, "left", 10, 10, 10), -5, 0, 0);
        place_at(s.volumes[0], add_box(&s, "right", 10, 10, 10), 5 + gap, 0, 0);
        close_scene(&s);
        n = fly(s.geometry, kmi_vec(-20, 1, 0), kmi_vec(1, 0, 0), 0, INFINITY, steps);
        assert_near(length_in(steps, n, 1), 10, 1e-11);
        assert_near(length_in(steps, n, 2), 10, 1e-5);
        assert_near(length_in(steps, n, 0), 20, 1e-5);
        drop_scene(&s);
    }
}

TEST(leaving_precedes_entering)
{
    scene s = {0};
    step steps[STEPS_MAX];
    int n, i;

    add_box(&s, "world", 40, 40, 40);
    place_at(s.volumes[0], add_box(&s, "mother", 10, 10, 10), 0, 0, 0);
    place_at(s.volumes[1], add_box(&s, "daughter", 2, 2, 2), 6 - 0.5e-5, 0, 0); /* holds half a contact length */
    close_scene(&s);
    n = fly(s.geometry, kmi_vec(-20, 0, 0), kmi_vec(1, 0, 0), 0, INFINITY, steps);
    for (i = 0; i < n; i++) assert_true(steps[i].instance != 2);
    assert_int_equal(n, 3);
    drop_scene(&s);
}

TEST(a_daughter_that_sticks_out_of_its_mother_is_still_left)
{
    scene s = {0};
    step steps[STEPS_MAX];
    int n;

    add_box(&s, "world", 40, 40, 40);
    place_at(s.volumes[0], add_box(&s, "mother", 10, 10, 10), 0, 0, 0);
    place_at(s.volumes[1], add_box(&s, "daughter", 10, 2, 2), 3, 0, 0);
    close_scene(&s);
    n = fly(s.geometry, kmi_vec(-20, 0, 0), kmi_vec(1, 0, 0), 0, INFINITY, steps);
    assert_near(length_in(steps, n, 2), 10, 1e-11);
    assert_near(steps[n - 1].end, 40, 1e-11);
    drop_scene(&s);
}

TEST(a_flight_told_the_wrong_instance_finds_its_way)
{
    scene s = {0};
    step steps[STEPS_MAX];
    int n;

    add_box(&s, "world", 40, 40, 40);
    place_at(s.volumes[0], add_box(&s, "a", 10, 10, 10), -10, 0, 0);
    place_at(s.volumes[0], add_box(&s, "b", 10, 10, 10), 10, 0, 0);
    close_scene(&s);
    n = fly(s.geometry, kmi_vec(-10, 0, 0), kmi_vec(1, 0, 0), 2, INFINITY, steps); /* in a, told b */
    assert_near(length_in(steps, n, 1), 5, 1e-11);
    assert_near(length_in(steps, n, 2), 10, 1e-11);
    assert_true(longest_standstill(steps, n) <= 2);
    drop_scene(&s);
}

/* ---- random scenes ---- */

static void fill(scene *s, kmi_rng *rng, kmi_volume *mother, kmi_box3 room, int levels);

/* A box about some of the matter of the solid, for daughters. False if it is too thin. */
static bool room_in(const kmi_solid *solid, kmi_box3 *room)
{
    double c, mid, phi, inner = solid->u.tube.inner, outer = solid->u.tube.outer;
    kmi_vec3 half, centre = kmi_vec(0, 0, 0);

    switch (solid->kind) {
    case KMI_SOLID_BOX: *room = solid->bounds; return true; /* daughters may touch its faces */
    case KMI_SOLID_ORB:
        c = solid->u.orb.radius * 0.577;
        half = kmi_vec(c, c, c);
        break;
    case KMI_SOLID_TUBE:
        c = outer * 0.707;
        if (inner > 0 || solid->u.tube.wedge != 0) {
            mid = 0.5 * (inner + outer);
            phi = solid->u.tube.phi_start + 0.5 * solid->u.tube.phi_delta;
            c = 0.7 * fmin(0.5 * (outer - inner), mid * sin(fmin(0.5 * solid->u.tube.phi_delta, 1.5)));
            centre = kmi_vec(mid * cos(phi), mid * sin(phi), 0);
        }
        half = kmi_vec(c, c, solid->u.tube.half_length);
        break;
    default: return false;
    }
    room->low = kmi_sub(centre, half);
    room->high = kmi_add(centre, half);
    return fmin(half.x, half.z) > 0.05;
}

static void add_any(scene *s, kmi_rng *rng, kmi_volume *mother, kmi_box3 cell, int levels)
{
    kmi_vec3 half = kmi_scale(kmi_sub(cell.high, cell.low), 0.5);
    kmi_frame f = kmi_frame_identity();
    kmi_solid solid;
    kmi_box3 room;
    double least = fmin(half.x, fmin(half.y, half.z));

    if (kmt_below(rng, 3) == 0) half = kmi_scale(half, kmt_between(rng, 0.3, 1));
    if (kmt_below(rng, 3) == 0) {
        f = kmt_any_frame(rng, kmi_vec(0, 0, 0));
        half = kmi_scale(kmi_vec(1, 1, 1), 0.577 * least);
    }
    f.translation = kmi_scale(kmi_add(cell.low, cell.high), 0.5);
    kmt_any_solid(rng, half, &solid);
    add_solid(s, "any", &solid);
    assert_ok(kmi_volume_add(mother, s->volumes[s->count - 1], 0, &f));
    if (levels > 0 && room_in(&solid, &room)) fill(s, rng, s->volumes[s->count - 1], room, levels - 1);
}

static void fill(scene *s, kmi_rng *rng, kmi_volume *mother, kmi_box3 room, int levels)
{
    int axis = kmt_below(rng, 3), parts = 1 + kmt_below(rng, 4), i;
    double low[3] = {room.low.x, room.low.y, room.low.z}, high[3] = {room.high.x, room.high.y, room.high.z};
    double begin = low[axis], size = high[axis] - low[axis];

    for (i = 0; i < parts; i++) {
        kmi_box3 cell;
        low[axis] = begin + size * i / parts;
        high[axis] = begin + size * (i + 1) / parts;
        cell.low = kmi_vec(low[0], low[1], low[2]);
        cell.high = kmi_vec(high[0], high[1], high[2]);
        if (s->count < 40 && kmt_below(rng, 4)) add_any(s, rng, mother, cell, levels);
    }
}

static void make_any_scene(scene *s, kmi_rng *rng)
{
    kmi_box3 room;
    kmi_solid world;

    for (;;) {
        do kmt_any_solid(rng, kmi_vec(50, 60, 70), &world);
        while (!room_in(&world, &room) || room.high.x - room.low.x < 50);
        add_solid(s, "world", &world);
        fill(s, rng, s->volumes[0], room, 4);
        if (s->count >= 12) break;
        drop_scene(s);
    }
    close_scene(s);
}

static void check_flight(const kmi_geometry *g, kmi_rng *rng, const step *steps, int n, kmi_vec3 o, kmi_vec3 d)
{
    double length = n == 0 ? 100 : steps[n - 1].end;
    int i;

    assert_true(n <= 2 * 3 * g->instance_count + 14);
    assert_true(longest_standstill(steps, n) <= 2 * 7);
    for (i = 0; i < 3; i++) {
        double t = 1.05 * length * kmi_rng_uniform(rng);
        int32_t seen = instance_at(steps, n, t, 1e-6);
        if (seen != KMI_DOUBT) assert_int_equal(seen, kmi_navigator_locate(g, kmi_along(o, d, t)));
    }
}

/* Somewhere along the steps but not outside of the world, every third time on a boundary inside of it. */
static int32_t any_place(kmi_rng *rng, const step *steps, int n, double *t_out)
{
    int first = steps[0].instance == KMI_OUTSIDE, at = first + kmt_below(rng, n - first);

    *t_out = at < n - 1 && kmt_below(rng, 3) == 0 ? steps[at].end : kmt_between(rng, steps[at].begin, steps[at].end);
    return steps[at].instance;
}

/* From `o` through a random place of a random volume, or anywhere now and then. */
static kmi_vec3 any_aim(const kmi_geometry *g, kmi_rng *rng, kmi_vec3 o)
{
    kmi_vec3 to = kmi_sub(kmt_point_in(rng, &g->instances[kmt_below(rng, g->instance_count)].bounds), o);
    return kmt_below(rng, 4) == 0 ? kmt_direction(rng) : kmi_scale(to, 1 / kmi_norm(to));
}

PROPERTY(flights_through_any_scene_agree_with_locate_everywhere, 250)
{
    scene s = {0};
    step steps[STEPS_MAX];
    long flown = 0, taken = 0;
    int k, n;

    make_any_scene(&s, rng);
    while (flown < 4000) {
        kmi_vec3 o = kmi_scale(kmt_direction(rng), 300), d = any_aim(s.geometry, rng, o);
        n = fly(s.geometry, o, d, KMI_OUTSIDE, INFINITY, steps);
        check_flight(s.geometry, rng, steps, n, o, d);
        for (k = 0; k < 12 && n > 0 && steps[n - 1].instance != KMI_OUTSIDE; k++) { /* as after interactions: from rounded points */
            double t;
            int32_t in = any_place(rng, steps, n, &t);
            o = kmi_along(o, d, t);
            d = any_aim(s.geometry, rng, o);
            n = fly(s.geometry, o, d, in, INFINITY, steps);
            check_flight(s.geometry, rng, steps, n, o, d);
            taken += n;
            flown++;
        }
    }
    assert_true(taken > 2 * flown); /* the scene is worth the flights */
    drop_scene(&s);
}
