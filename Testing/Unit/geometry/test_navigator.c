/*
 * Scenes small enough to know the answer: nested, filled, touching, overlapping
 * and wrongly built ones.
 */
#include "scene.h"

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

/* n x n x n cubes of side 2 (n odd) that fill a block, which `frame` places in the world. */
static void make_lattice(scene *s, int n, const kmi_frame *frame)
{
    kmi_volume *world = add_box(s, "world", 40, 40, 40), *block = add_box(s, "block", 2 * n, 2 * n, 2 * n);
    kmi_volume *cell = add_box(s, "cell", 2, 2, 2);
    int x, y, z, half = n / 2;

    assert_ok(kmi_volume_add(world, block, 0, frame));
    for (z = -half; z <= half; z++)
        for (y = -half; y <= half; y++)
            for (x = -half; x <= half; x++) place_at(block, cell, 2 * x, 2 * y, 2 * z);
    close_scene(s);
}

static void check_lines_in_lattice(int size)
{
    static const double at[] = {-5, -3, -2, -1, 0, 0.5, 1, 3, 5};
    kmi_frame here = kmi_frame_identity();
    scene s = {0};
    step steps[STEPS_MAX];
    int i, j, k, axis, sign, n;

    make_lattice(&s, size, &here);
    for (axis = 0; axis < 3; axis++)
        for (sign = -1; sign <= 1; sign += 2)
            for (i = 0; i < 9; i++)
                for (j = 0; j < 9; j++) {
                    double o[3], d[3] = {0, 0, 0}, inside = 0;
                    if (fabs(at[i]) > size || fabs(at[j]) > size) continue;
                    d[axis] = sign;
                    o[axis] = -15 * sign;
                    o[(axis + 1) % 3] = at[i];
                    o[(axis + 2) % 3] = at[j];
                    n = fly(s.geometry, kmi_vec(o[0], o[1], o[2]), kmi_vec(d[0], d[1], d[2]), 0, INFINITY, steps);
                    for (k = 2; k < s.geometry->instance_count; k++) inside += length_in(steps, n, k);
                    assert_near(inside, 2 * size, 1e-11);
                    assert_near(length_in(steps, n, 1), 0, 1e-11);
                    assert_true(longest_standstill(steps, n) <= 4);
                }
    drop_scene(&s);
}

TEST(lines_in_the_planes_and_edges_of_a_lattice_are_always_in_a_cell)
{
    check_lines_in_lattice(1);
    check_lines_in_lattice(3);
    check_lines_in_lattice(5);
}

PROPERTY(diagonals_through_edges_and_corners_of_a_turned_lattice_lose_nothing, 300)
{
    static const double to[][3] = {{1, 1, 0}, {1, -1, 0}, {0, 1, 1}, {1, 0, -1}, {1, 1, 1}, {1, -1, 1}, {-1, 1, 1}};
    kmi_frame turned = kmt_any_frame(rng, kmi_vec(1, 2, 3)), here = kmi_frame_identity();
    scene s = {0};
    step steps[STEPS_MAX];
    int i, k, n;

    make_lattice(&s, seed % 3 ? 3 : 5, seed % 2 ? &turned : &here);
    for (i = 0; i < 7; i++) {
        kmi_vec3 d = kmi_scale(kmi_vec(to[i][0], to[i][1], to[i][2]),
                               1 / sqrt(fabs(to[i][0]) + fabs(to[i][1]) + fabs(to[i][2])));
        int c = kmt_below(rng, 8); /* a corner of the middle cell */
        kmi_vec3 o = kmi_along(kmi_vec(c & 1 ? 1 : -1, c & 2 ? 1 : -1, c & 4 ? 1 : -1), d, -12);
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
