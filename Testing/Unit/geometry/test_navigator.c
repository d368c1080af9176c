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
    assert_near(steps[0].end, 10, 0);
    assert_int_equal(steps[1].instance, 0);
    assert_near(steps[1].end, 75, 0);
    assert_int_equal(steps[2].instance, 1);
    assert_near(steps[2].end, 85, 0);
    assert_int_equal(steps[3].instance, 0);
    assert_near(steps[3].end, 110, 0);
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
    assert_true(kmi_navigator_next(s.geometry, &f, 50, &b));
    assert_near(b.t, 50, 0);
    assert_int_equal(b.instance, KMI_OUTSIDE);
    drop_scene(&s);
}
