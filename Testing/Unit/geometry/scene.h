/* Scenes for the navigator's tests, and flights through them. */
#ifndef KMT_SCENE_H
#define KMT_SCENE_H

#include "any_solid.h"

#include "geometry/navigator.h"

enum { VOLUMES_MAX = 64, STEPS_MAX = 2000 };

typedef struct scene {
    kmi_volume *volumes[VOLUMES_MAX];
    int count;
    kmi_geometry *geometry;
} scene;

static inline kmi_volume *add_solid(scene *s, const char *name, const kmi_solid *solid)
{
    assert_true(s->count < VOLUMES_MAX);
    assert_ok(kmi_volume_new(name, solid, &s->volumes[s->count]));
    return s->volumes[s->count++];
}

static inline kmi_volume *add_box(scene *s, const char *name, double x, double y, double z)
{
    double size[3] = {x, y, z};
    kmi_solid solid;
    assert_ok(kmi_solid_make_box(size, &solid));
    return add_solid(s, name, &solid);
}

static inline void place_at(kmi_volume *mother, kmi_volume *daughter, double x, double y, double z)
{
    kmi_frame f = kmi_frame_identity();
    f.translation = kmi_vec(x, y, z);
    assert_ok(kmi_volume_add(mother, daughter, 0, &f));
}

static inline void close_scene(scene *s) { assert_ok(kmi_geometry_close(s->volumes[0], &s->geometry)); }

static inline void drop_scene(scene *s)
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
static inline int fly(const kmi_geometry *g, kmi_vec3 o, kmi_vec3 d, int32_t instance, double t_max,
                      step steps[STEPS_MAX])
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

/* Where a flight is at t; boundaries closer than `doubt` give KMI_DOUBT. */
enum { KMI_DOUBT = -2 };
static inline int32_t instance_at(const step *steps, int n, double t, double doubt)
{
    int i;
    for (i = 0; i < n; i++) {
        if (fabs(t - steps[i].begin) < doubt || fabs(t - steps[i].end) < doubt) return KMI_DOUBT;
        if (t > steps[i].begin && t < steps[i].end) return steps[i].instance;
    }
    return KMI_OUTSIDE;
}

static inline double length_in(const step *steps, int n, int32_t instance)
{
    double sum = 0;
    int i;
    for (i = 0; i < n; i++)
        if (steps[i].instance == instance) sum += steps[i].end - steps[i].begin;
    return sum;
}

static inline int longest_standstill(const step *steps, int n)
{
    int i, run = 0, longest = 0;
    for (i = 0; i < n; i++) {
        run = steps[i].end > steps[i].begin ? 0 : run + 1;
        if (run > longest) longest = run;
    }
    return longest;
}

#endif
