/*
 * Independent truth: kmi_navigator_locate() asks every solid's implicit
 * function at one point and knows nothing of flights.
 */
#include "scene.h"
#include "kmt_mesh.h"

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
        for (k = 0; k < 12 && n > 0 && steps[n - 1].instance != KMI_OUTSIDE;
             k++) { /* as after interactions: from rounded points */
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

/* ---- images and meshes ---- */

/* A flight that may end early meets the same boundaries up to there. */
static void check_short(const kmi_geometry *g, kmi_rng *rng, const step *steps, int n, kmi_vec3 o, kmi_vec3 d)
{
    step shorter[STEPS_MAX];
    double t_max = kmt_between(rng, 0, steps[n - 1].end);
    int i, m = fly(g, o, d, steps[0].instance, t_max, shorter);

    for (i = 0; i < m; i++) {
        assert_int_equal(shorter[i].instance, steps[i].instance);
        assert_true(shorter[i].begin == steps[i].begin);
        assert_true(shorter[i].end == (i < m - 1 ? steps[i].end : t_max));
    }
    assert_true(steps[m == 0 ? 0 : m - 1].end > t_max); /* outside of the world before the first boundary: no step */
}

static void check_many(scene *s, kmi_rng *rng, int flights)
{
    step steps[STEPS_MAX];
    int k, n;

    while (flights > 0) {
        kmi_vec3 o = kmi_scale(kmt_direction(rng), 300), d = any_aim(s->geometry, rng, o);
        n = fly(s->geometry, o, d, KMI_OUTSIDE, INFINITY, steps);
        for (k = 0; k < 12 && n > 0 && steps[n - 1].instance != KMI_OUTSIDE; k++, flights--) {
            double t;
            int32_t in = any_place(rng, steps, n, &t);
            check_flight(s->geometry, rng, steps, n, o, d);
            check_short(s->geometry, rng, steps, n, o, d);
            o = kmi_along(o, d, t);
            d = any_aim(s->geometry, rng, o);
            n = fly(s->geometry, o, d, in, INFINITY, steps);
        }
    }
}

PROPERTY(flights_through_a_turned_image_with_a_daughter_agree_with_locate, 60)
{
    scene s = {0};
    kmi_solid image, orb;
    kmi_frame f;
    kmi_vec3 centre;

    add_box(&s, "world", 200, 200, 200);
    kmt_any_grid(rng, 80, &image);
    centre = kmi_scale(kmi_add(image.bounds.low, image.bounds.high), 0.5);
    f = seed % 2 ? kmt_any_frame(rng, kmi_vec(0, 0, 0)) : kmi_frame_identity();
    f.translation = kmi_scale(kmi_rotate(&f, centre), -1); /* its middle is the world's */
    add_solid(&s, "image", &image);
    assert_ok(kmi_volume_add(s.volumes[0], s.volumes[1], 0, &f));
    assert_ok(kmi_solid_make_orb(0.49 * kmi_solid_thickness(&image), &orb));
    place_at(s.volumes[1], add_solid(&s, "orb", &orb), centre.x, centre.y, centre.z);
    close_scene(&s);
    check_many(&s, rng, 1000);
    drop_scene(&s);
}

TEST(flights_through_meshes_and_what_they_hold_agree_with_locate)
{
    kmt_mesh ball = kmt_mesh_icosphere(3, 40), knot = kmt_mesh_knot(10, 3, 200, 12), cube = kmt_mesh_box(8, 8, 8);
    kmt_mesh twins = kmt_mesh_icosphere(2, 10), other = kmt_mesh_box(9, 9, 9);
    kmi_mesh *ball_mesh = kmt_mesh_build(&ball), *knot_mesh = kmt_mesh_build(&knot);
    kmi_mesh *cube_mesh = kmt_mesh_build(&cube), *twins_mesh;
    kmi_solid solid;
    kmi_frame f;
    scene s = {0};
    kmi_rng rng;

    kmt_mesh_move(&other, 1, 5, 6, 7);
    kmt_mesh_append(&twins, &other);
    twins_mesh = kmt_mesh_build(&twins);
    kmi_rng_start(&rng, 3, 0, KMI_STREAM_GEOMETRY);
    add_box(&s, "world", 200, 200, 200);
    kmi_solid_make_mesh(ball_mesh, 0, &solid);
    place_at(s.volumes[0], add_solid(&s, "ball", &solid), 0, 0, 0);
    kmi_solid_make_mesh(knot_mesh, 0, &solid);
    f = kmt_any_frame(&rng, kmi_vec(0, 0, 70));
    assert_ok(kmi_volume_add(s.volumes[0], add_solid(&s, "knot", &solid), 0, &f));
    f.translation = kmi_vec(0, -10, 12);
    assert_ok(kmi_volume_add(s.volumes[1], s.volumes[2], 0, &f));
    kmi_solid_make_mesh(cube_mesh, 0, &solid);
    place_at(s.volumes[1], add_solid(&s, "cube", &solid), 0, 0, -20); /* cubes that touch, of facets and of planes */
    place_at(s.volumes[1], s.volumes[3], 16, 0, -20);
    place_at(s.volumes[1], add_box(&s, "box", 16, 16, 16), -16, 0, -20);
    kmi_solid_make_mesh(twins_mesh, 0, &solid); /* its two bodies overlap: facets inside of it mean nothing */
    place_at(s.volumes[0], add_solid(&s, "twins", &solid), -70, 0, 0);
    place_at(s.volumes[3], add_box(&s, "inner", 16, 16, 4), 0, 0, 6); /* touches five faces from inside */
    close_scene(&s);
    check_many(&s, &rng, 30000);
    drop_scene(&s);
    kmi_mesh_destroy(ball_mesh);
    kmi_mesh_destroy(knot_mesh);
    kmi_mesh_destroy(cube_mesh);
    kmi_mesh_destroy(twins_mesh);
    kmt_mesh_free(&ball);
    kmt_mesh_free(&knot);
    kmt_mesh_free(&cube);
    kmt_mesh_free(&twins);
    kmt_mesh_free(&other);
}

/* ---- many daughters ---- */

/* The contract by its words: every daughter is asked, the first declared within a contact length of the nearest wins.
 */
static bool naive_next(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out)
{
    const kmi_instance *v = &g->instances[f->instance];
    double exit = kmi_solid_exit(v->solid, kmi_to_local(&v->frame, f->origin), kmi_unrotate(&v->frame, f->direction),
                                 f->t, g->contact);
    double entries[1000], nearest = INFINITY, limit = fmin(t_max, exit - g->contact);
    int i;

    for (i = 0; i < v->daughter_count; i++) {
        const kmi_instance *d = &g->instances[v->first_daughter + i];
        entries[i] = kmi_solid_entry(d->solid, kmi_to_local(&d->frame, f->origin),
                                     kmi_unrotate(&d->frame, f->direction), f->t, limit, g->contact);
        nearest = fmin(nearest, entries[i]);
    }
    for (i = 0; i < v->daughter_count; i++)
        if (nearest < INFINITY && entries[i] <= nearest + g->contact) {
            out->t = entries[i];
            out->instance = v->first_daughter + i;
            return true;
        }
    out->t = exit;
    out->instance = v->mother;
    return exit <= t_max;
}

static int32_t naive_locate(const kmi_geometry *g, int32_t mother, kmi_vec3 p)
{
    const kmi_instance *v = &g->instances[mother];
    int32_t i;

    for (i = v->first_daughter; i < v->first_daughter + v->daughter_count; i++)
        if (kmi_solid_inside(g->instances[i].solid, kmi_to_local(&g->instances[i].frame, p))) return i;
    return mother;
}

/* One of 27 places: hundreds of daughters share them. */
static kmi_vec3 lattice_point(kmi_rng *rng)
{
    int i = kmt_below(rng, 27);
    return kmi_vec(15 * (i % 3), 15 * (i / 3 % 3), 15 * (i / 9));
}

PROPERTY(a_tree_of_daughters_changes_no_answer, 60)
{
    int many = kmt_below(rng, 2) ? 17 + kmt_below(rng, 20) : 100 + kmt_below(rng, 800), i;
    kmi_frame turned = kmt_any_frame(rng, kmi_vec(3, 4, 5));
    kmi_volume *mother, *daughter[4];
    scene s = {0};

    add_box(&s, "world", 300, 300, 300);
    mother = add_box(&s, "mother", 100, 100, 100);
    assert_ok(kmi_volume_add(s.volumes[0], mother, 0, &turned));
    turned.translation.x += 1;
    assert_ok(kmi_volume_add(s.volumes[0], mother, 0, &turned));
    for (i = 0; i < 4; i++) {
        kmi_solid solid;
        kmt_any_solid(rng, kmt_vec_between(rng, 0.5, 5), &solid);
        daughter[i] = add_solid(&s, "daughter", &solid);
    }
    for (i = 0; i < many; i++) { /* they overlap, touch and coincide: all on lattice points for every other seed */
        kmi_frame f = kmt_below(rng, 2) ? kmt_any_frame(rng, kmi_vec(0, 0, 0)) : kmi_frame_identity();
        f.translation = kmt_vec_between(rng, -45, 45);
        if (seed % 2) f.translation = lattice_point(rng);
        assert_ok(kmi_volume_add(mother, daughter[kmt_below(rng, 4)], 0, &f));
    }
    close_scene(&s);
    for (i = 0; i < 2000; i++) {
        kmi_vec3 p = kmi_to_mother(&s.geometry->instances[1].frame, kmt_vec_between(rng, -50, 50));
        double t_max = kmt_below(rng, 2) ? INFINITY : kmt_between(rng, 0, 60);
        kmi_boundary a = {0, 0}, b = {0, 0};
        kmi_flight f;
        kmi_flight_start(&f, p, kmt_direction(rng), 1);
        f.t = kmt_below(rng, 2) ? 0 : kmt_between(rng, 0, 50);
        assert_int_equal(kmi_navigator_next(s.geometry, &f, t_max, &a), naive_next(s.geometry, &f, t_max, &b));
        assert_true(a.t == b.t);
        assert_int_equal(a.instance, b.instance);
        assert_int_equal(kmi_navigator_locate(s.geometry, p), naive_locate(s.geometry, 1, p));
    }
    drop_scene(&s);
}
