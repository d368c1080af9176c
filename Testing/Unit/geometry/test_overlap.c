/* Overlaps of placed volumes, against what follows from where they lie. */
#include "kmt.h"

#include "any_solid.h"
#include "geometry/overlap.h"
#include "kmt_mesh.h"
#include "scene.h"

typedef struct room {
    scene s;
    kmi_overlap_list list;
} room;

static kmi_solid box_solid(double x, double y, double z)
{
    double size[3] = {x, y, z};
    kmi_solid s;
    assert_ok(kmi_solid_make_box(size, &s));
    return s;
}

static kmi_solid orb_solid(double radius)
{
    kmi_solid s;
    assert_ok(kmi_solid_make_orb(radius, &s));
    return s;
}

static kmi_solid tube_solid(double inner, double outer, double length, double start, double delta)
{
    kmi_solid s;
    assert_ok(kmi_solid_make_tube(inner, outer, length, start, delta, &s));
    return s;
}

static kmi_solid mesh_solid(const kmi_mesh *mesh)
{
    kmi_solid s;
    kmi_solid_make_mesh(mesh, 0, &s);
    return s;
}

static const double two_pi = 6.283185307179586477;

/* A world of this solid. */
static void open_room(room *r, const kmi_solid *world)
{
    memset(r, 0, sizeof *r);
    add_solid(&r->s, "world", world);
}

static void open_box(room *r, double size)
{
    kmi_solid world = box_solid(size, size, size);
    open_room(r, &world);
}

static void put(room *r, const char *name, const kmi_solid *solid, const kmi_frame *frame)
{
    assert_ok(kmi_volume_add(r->s.volumes[0], add_solid(&r->s, name, solid), 0, frame));
}

static void put_at(room *r, const char *name, kmi_solid solid, double x, double y, double z)
{
    kmi_frame f = kmi_frame_identity();
    f.translation = kmi_vec(x, y, z);
    put(r, name, &solid, &f);
}

static size_t find(room *r)
{
    close_scene(&r->s);
    assert_ok(kmi_overlaps_find(r->s.geometry, 0, NULL, &r->list));
    return r->list.count;
}

static void leave(room *r)
{
    kmi_overlap_list_clear(&r->list);
    drop_scene(&r->s);
}

#define assert_overlaps(r, n)                                                  \
    do {                                                                       \
        size_t n_ = find(r);                                                   \
        assert_true_msg(n_ == (n), "%zu overlaps, the deepest %g mm", n_, n_ > 0 ? (r)->list.items[0].depth : 0.0); \
    } while (0)

/* ---- siblings ---- */

TEST(boxes_that_share_a_slab_overlap_by_its_thickness)
{
    room r;
    open_box(&r, 100);
    put_at(&r, "a", box_solid(10, 20, 30), 0, 0, 0);
    put_at(&r, "b", box_solid(10, 20, 30), 8.75, 0, 0);
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 1.25, 1e-12);
    assert_true(r.list.items[0].world.x >= 3.75 && r.list.items[0].world.x <= 5);
    leave(&r);
}

TEST(boxes_that_touch_do_not_overlap)
{
    room r;
    open_box(&r, 30);
    put_at(&r, "a", box_solid(10, 30, 30), -10, 0, 0);
    put_at(&r, "b", box_solid(10, 30, 30), 0, 0, 0);
    put_at(&r, "c", box_solid(10, 30, 30), 10, 0, 0);
    assert_overlaps(&r, 0);
    leave(&r);
}

TEST(less_than_the_contact_length_is_contact_and_more_is_not)
{
    int more;
    for (more = 0; more < 2; more++) {
        room r;
        open_box(&r, 100);
        put_at(&r, "a", orb_solid(10), -10, 0, 0);
        put_at(&r, "b", orb_solid(10), 10 - (more ? 1.2e-5 : 0.8e-5), 0, 0);
        assert_overlaps(&r, more ? 1 : 0);
        leave(&r);
    }
}

TEST(contact_grows_with_the_world_as_files_of_floats_need_it)
{
    int more;
    for (more = 0; more < 2; more++) { /* 1e6 mm from its middle to its side: 2^-24 of it is 0.0596 mm */
        room r;
        open_box(&r, 2e6);
        put_at(&r, "a", box_solid(10, 10, 10), 0, 0, 9e5);
        put_at(&r, "b", box_solid(10, 10, 10), 0, 0, 9e5 + 10 - (more ? 0.065 : 0.055));
        assert_overlaps(&r, more ? 1 : 0);
        leave(&r);
    }
}

TEST(a_small_one_wholly_inside_of_a_large_one_overlaps)
{
    int swapped;
    for (swapped = 0; swapped < 2; swapped++) {
        room r;
        open_box(&r, 1000);
        put_at(&r, "a", swapped ? orb_solid(0.01) : box_solid(400, 400, 400), 0, 0, 0);
        put_at(&r, "b", swapped ? box_solid(400, 400, 400) : orb_solid(0.01), 0, 3, 7);
        assert_overlaps(&r, 1);
        assert_true(r.list.items[0].depth > 190 && r.list.items[0].depth < 200.02);
        leave(&r);
    }
}

TEST(far_from_all_facets_a_small_one_is_inside_of_a_mesh_or_outside_of_its_mother)
{
    kmt_mesh sphere = kmt_mesh_icosphere(4, 100);
    kmi_mesh *mesh = kmt_mesh_build(&sphere);
    kmi_solid solid = mesh_solid(mesh);
    room r;

    open_box(&r, 400);
    put_at(&r, "large", solid, 0, 0, 0);
    put_at(&r, "small", orb_solid(0.1), 20, 0, 0);
    put_at(&r, "apart", orb_solid(0.1), 0, 0, 180);
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 80, 0.5);
    leave(&r);
    open_room(&r, &solid);
    put_at(&r, "inside", orb_solid(0.1), 20, 0, 0);
    put_at(&r, "outside", orb_solid(0.1), 0, 0, 180);
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 80.1, 0.5);
    leave(&r);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&sphere);
}

TEST(two_that_are_the_same_overlap_though_no_surface_is_inside_of_the_other)
{
    kmt_mesh knot = kmt_mesh_knot(30, 8, 60, 12);
    kmi_mesh *mesh = kmt_mesh_build(&knot);
    kmi_solid solids[5];
    int i;

    solids[0] = box_solid(20, 30, 40);
    solids[1] = orb_solid(10);
    solids[2] = tube_solid(19, 20, 30, 0, two_pi);
    solids[3] = tube_solid(5, 20, 30, 1, 4.5);
    solids[4] = mesh_solid(mesh);
    for (i = 0; i < 5; i++) {
        room r;
        open_box(&r, 400);
        put_at(&r, "a", solids[i], 1, 2, 3);
        put_at(&r, "b", solids[i], 1, 2, 3);
        assert_overlaps(&r, 1);
        assert_true_msg(r.list.items[0].depth > 0.3, "solid %d: %g mm", i, r.list.items[0].depth);
        leave(&r);
    }
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&knot);
}

TEST(an_orb_of_facets_in_an_orb_overlaps_by_more_than_the_gaps_between_them)
{
    kmt_mesh sphere = kmt_mesh_icosphere(4, 10);
    kmi_mesh *mesh = kmt_mesh_build(&sphere);
    room r;

    open_box(&r, 100);
    put_at(&r, "facets", mesh_solid(mesh), 0, 0, 0);
    put_at(&r, "orb", orb_solid(10), 0, 0, 0);
    assert_overlaps(&r, 1);
    assert_true(r.list.items[0].depth > 5);
    leave(&r);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&sphere);
}

TEST(a_rod_in_a_pipe_touches_it_and_one_that_is_off_the_axis_does_not)
{
    int off;
    for (off = 0; off < 2; off++) {
        room r;
        open_box(&r, 100);
        put_at(&r, "pipe", tube_solid(10, 12, 40, 0, two_pi), 0, 0, 0);
        put_at(&r, "rod", tube_solid(0, 10, 50, 0, two_pi), off ? 1e-4 : 0, 0, 0);
        assert_overlaps(&r, (size_t)off);
        if (off) assert_near(r.list.items[0].depth, 1e-4, 2e-6);
        leave(&r);
    }
}

TEST(two_halves_of_a_pipe_touch)
{
    room r;
    open_box(&r, 100);
    put_at(&r, "one", tube_solid(10, 12, 40, 0.3, 0.5 * two_pi), 0, 0, 0);
    put_at(&r, "other", tube_solid(10, 12, 40, 0.3 + 0.5 * two_pi, 0.5 * two_pi), 0, 0, 0);
    assert_overlaps(&r, 0);
    leave(&r);
}

#define VERTEX(i, j) ((uint32_t)((j) * n + (i)))

/* The i-th corner along side k of the top of a slab. */
static uint32_t rim(int cells, int k, int i)
{
    const int n = cells + 1;
    switch (k) {
    case 0: return VERTEX(i, 0);
    case 1: return VERTEX(cells, i);
    case 2: return VERTEX(cells - i, cells);
    default: return VERTEX(0, cells - i);
    }
}

/* A slab from z = -4 to 0 whose top has cells x cells squares of 1 mm; one of its corners stands up by `spike`. */
static kmi_mesh *slab_with_spike(int cells, double spike)
{
    kmt_mesh m;
    kmi_mesh *mesh;
    int n = cells + 1, x, y, k;
    size_t t = 0, bottom = (size_t)n * (size_t)n;

    m.vertex_count = bottom + 4;
    m.triangle_count = (size_t)(2 * cells * cells + 4 * (cells + 1) + 2);
    m.vertices = calloc(m.vertex_count, 3 * sizeof *m.vertices);
    m.triangles = calloc(m.triangle_count, 3 * sizeof *m.triangles);
    assert_true(m.vertices != NULL && m.triangles != NULL);
#define TRIANGLE(a, b, c) (m.triangles[t++] = (a), m.triangles[t++] = (b), m.triangles[t++] = (c))
    for (y = 0; y < n; y++)
        for (x = 0; x < n; x++) {
            double *v = m.vertices + 3 * VERTEX(x, y);
            v[0] = x - 0.5 * cells;
            v[1] = y - 0.5 * cells;
            v[2] = x == cells / 3 && y == cells / 2 ? spike : 0;
            if (x == cells || y == cells) continue;
            TRIANGLE(VERTEX(x, y), VERTEX(x + 1, y), VERTEX(x + 1, y + 1));
            TRIANGLE(VERTEX(x, y), VERTEX(x + 1, y + 1), VERTEX(x, y + 1));
        }
    for (k = 0; k < 4; k++) { /* corners of the bottom, counter-clockwise from above; then the sides as fans */
        const uint32_t this = (uint32_t)bottom + (uint32_t)k, next = (uint32_t)bottom + (uint32_t)(k + 1) % 4;
        double *v = m.vertices + 3 * this;
        v[0] = (k == 0 || k == 3 ? -0.5 : 0.5) * cells;
        v[1] = (k < 2 ? -0.5 : 0.5) * cells;
        v[2] = -4;
        for (x = 0; x < cells; x++) {
            const uint32_t a = rim(cells, k, x), b = rim(cells, k, x + 1);
            TRIANGLE(b, a, this);
        }
        TRIANGLE(rim(cells, k, cells), this, next);
    }
    TRIANGLE((uint32_t)bottom, (uint32_t)bottom + 2, (uint32_t)bottom + 1);
    TRIANGLE((uint32_t)bottom, (uint32_t)bottom + 3, (uint32_t)bottom + 2);
    assert_int_equal(t, 3 * m.triangle_count);
    mesh = kmt_mesh_build(&m);
    kmt_mesh_free(&m);
    return mesh;
}

TEST(one_of_thousands_of_corners_that_stands_up_where_all_else_touches_is_found)
{
    kmi_mesh *flat = slab_with_spike(160, 0), *spiked = slab_with_spike(160, 1e-4); /* 51 846 facets */
    kmt_mesh block = kmt_mesh_box(80, 80, 2);
    kmi_mesh *block_mesh = kmt_mesh_build(&block);
    int spike, kind;

    for (spike = 0; spike < 2; spike++)
        for (kind = 0; kind < 2; kind++) { /* upon it a box, or a box of facets */
            room r;
            open_box(&r, 400);
            put_at(&r, "slab", mesh_solid(spike ? spiked : flat), 0, 0, 0);
            put_at(&r, "on it", kind == 0 ? box_solid(160, 160, 4) : mesh_solid(block_mesh), 0, 0, 2);
            assert_overlaps(&r, (size_t)spike);
            if (spike) assert_near(r.list.items[0].depth, 1e-4, 1e-9);
            leave(&r);
        }
    kmi_mesh_destroy(flat);
    kmi_mesh_destroy(spiked);
    kmi_mesh_destroy(block_mesh);
    kmt_mesh_free(&block);
}

/* ---- mothers ---- */

TEST(a_daughter_sticks_out_by_how_far_its_corner_is_outside)
{
    room r;
    open_box(&r, 100);
    put_at(&r, "a", box_solid(20, 20, 20), 43, 0, 44); /* 3 mm in x, 4 mm in z */
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 5, 1e-12);
    assert_near(r.list.items[0].point.x, 53, 1e-12);
    assert_near(r.list.items[0].point.z, 54, 1e-12);
    assert_true(kmi_overlap_is_outside(r.s.geometry, &r.list.items[0]));
    leave(&r);
}

TEST(a_daughter_that_fills_its_mother_is_inside)
{
    kmt_mesh torus = kmt_mesh_torus(20, 6, 40, 20);
    kmi_mesh *mesh = kmt_mesh_build(&torus);
    kmi_solid solids[4];
    int i;

    solids[0] = box_solid(20, 30, 40);
    solids[1] = orb_solid(10);
    solids[2] = tube_solid(8, 20, 30, 1, 4.5);
    solids[3] = mesh_solid(mesh);
    for (i = 0; i < 4; i++) {
        room r;
        open_room(&r, &solids[i]);
        put_at(&r, "same", solids[i], 0, 0, 0);
        assert_overlaps(&r, 0);
        leave(&r);
    }
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&torus);
}

TEST(a_daughter_over_a_hole_of_its_mother_sticks_out)
{
    kmi_solid pipe = tube_solid(2, 50, 100, 0, two_pi);
    room r;
    open_room(&r, &pipe);
    put_at(&r, "plug", orb_solid(20), 0, 0, 0); /* farthest outside: on the axis, 2 mm from the bore's wall */
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 18, 0.5); /* the wall, in the orb */
    leave(&r);
}

/* A cavity of a mesh, an icosphere turned inside out, 2 mm wide at most, in the middle of a large box. */
static kmi_mesh *box_with_cavity(double half, double cavity, double x)
{
    kmt_mesh all = kmt_mesh_box(half, half, half), hole = kmt_mesh_icosphere(2, cavity);
    kmi_mesh *mesh;

    kmt_mesh_turn(&hole);
    kmt_mesh_move(&hole, 1, x, 0, 0);
    kmt_mesh_append(&all, &hole);
    mesh = kmt_mesh_build(&all);
    kmt_mesh_free(&all);
    kmt_mesh_free(&hole);
    return mesh;
}

TEST(a_cavity_inside_of_a_daughter_is_found_though_the_daughters_surface_is_inside)
{
    kmi_mesh *mesh = box_with_cavity(50, 1, 5);
    kmi_solid world = mesh_solid(mesh);
    room r;

    open_room(&r, &world);
    put_at(&r, "ball", orb_solid(20), 0, 0, 0);
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 16, 0.05); /* the cavity's vertex at (4, 0, 0) or near */
    leave(&r);
    kmi_mesh_destroy(mesh);
}

TEST(a_daughter_that_fills_a_cavity_of_its_mother_is_outside_of_it)
{
    kmi_mesh *mesh = box_with_cavity(50, 10, 5);
    kmt_mesh ball = kmt_mesh_icosphere(2, 10);
    kmi_mesh *ball_mesh = kmt_mesh_build(&ball);
    kmi_solid world = mesh_solid(mesh);
    room r;

    open_room(&r, &world);
    put_at(&r, "ball", mesh_solid(ball_mesh), 5, 0, 0);
    assert_overlaps(&r, 1);
    assert_true(r.list.items[0].depth > 5);
    leave(&r);
    kmi_mesh_destroy(mesh);
    kmi_mesh_destroy(ball_mesh);
    kmt_mesh_free(&ball);
}

TEST(a_sibling_in_the_cavity_of_a_mesh_does_not_overlap)
{
    kmi_mesh *mesh = box_with_cavity(50, 10, 5);
    room r;

    open_box(&r, 200);
    put_at(&r, "shell", mesh_solid(mesh), 0, 0, 0);
    put_at(&r, "ball", orb_solid(9), 5, 0, 0); /* the facets are no nearer than 9.4 mm */
    assert_overlaps(&r, 0);
    leave(&r);
    kmi_mesh_destroy(mesh);
}

TEST(a_mother_of_two_bodies_that_touch_holds_a_daughter_across_both)
{
    kmt_mesh all = kmt_mesh_box(10, 10, 10), right = kmt_mesh_box(10, 12, 12);
    kmi_mesh *mesh;
    kmi_solid world;
    room r;

    kmt_mesh_move(&right, 1, 20, 0, 0);
    kmt_mesh_append(&all, &right);
    mesh = kmt_mesh_build(&all);
    world = mesh_solid(mesh);
    open_room(&r, &world);
    put_at(&r, "across", orb_solid(8), 10, 0, 0);
    assert_overlaps(&r, 0);
    leave(&r);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&all);
    kmt_mesh_free(&right);
}

TEST(an_oblique_image_is_a_box_and_may_hold_an_implant)
{
    int out;
    for (out = 0; out < 2; out++) {
        kmi_rng rng;
        kmi_solid world = box_solid(2000, 2000, 2000), image;
        kmi_frame f = kmi_frame_identity();
        kmi_volume *volume, *implant;
        room r;

        kmi_rng_start(&rng, 5, 0, KMI_STREAM_GEOMETRY);
        kmt_any_grid(&rng, 300, &image);
        open_room(&r, &world);
        volume = add_solid(&r.s, "image", &image);
        implant = add_box(&r.s, "implant", 2, 2, 2);
        f = image.u.grid.frame; /* from its lower corner's inside, or 1 mm out of it */
        f.translation = kmi_to_mother(&f, kmi_sub(kmi_vec(out ? 0 : 1, 1, 1), image.u.grid.half));
        if (kmi_determinant(f.rotation) < 0) {
            int c;
            for (c = 0; c < 9; c += 3) f.rotation[c] = -f.rotation[c];
        }
        assert_ok(kmi_volume_add(volume, implant, 0, &f));
        f = kmi_frame_identity();
        assert_ok(kmi_volume_add(r.s.volumes[0], volume, 0, &f));
        assert_overlaps(&r, (size_t)out);
        if (out) assert_near(r.list.items[0].depth, 1, 1e-9);
        leave(&r);
    }
}

/* ---- many ---- */

TEST(the_deepest_comes_first_and_all_are_listed)
{
    room r;
    open_box(&r, 100);
    put_at(&r, "a", box_solid(10, 10, 10), 0, 0, 0);
    put_at(&r, "b", box_solid(10, 10, 10), 9, 0, 0);
    put_at(&r, "c", box_solid(10, 10, 10), 16, 0, 0);
    put_at(&r, "d", box_solid(10, 10, 10), 0, 0, 47);
    assert_overlaps(&r, 3);
    assert_near(r.list.items[0].depth, 3, 1e-12);
    assert_near(r.list.items[1].depth, 2, 1e-12);
    assert_near(r.list.items[2].depth, 1, 1e-12);
    assert_true(r.list.items[0].first == 2 && r.list.items[0].second == 3);
    leave(&r);
}

TEST(a_volume_placed_often_is_looked_at_once_and_in_the_world_at_its_first_place)
{
    kmi_solid world = box_solid(1000, 1000, 1000);
    kmi_volume *mother;
    room r;

    open_room(&r, &world);
    mother = add_box(&r.s, "mother", 20, 20, 20);
    place_at(mother, add_box(&r.s, "daughter", 4, 4, 4), 0, 0, 9);
    place_at(r.s.volumes[0], mother, 100, 200, 300);
    place_at(r.s.volumes[0], mother, -100, 0, 0);
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 1, 1e-12);
    assert_near(r.list.items[0].point.z, 11, 1e-12);
    assert_near(r.list.items[0].world.z, 311, 1e-12);
    leave(&r);
}

TEST(one_pair_among_thousands_is_found)
{
    enum { N = 12 };
    kmi_solid world = box_solid(10 * N + 10, 10 * N, 10 * N);
    kmi_volume *ball;
    room r;
    int i;

    open_room(&r, &world);
    ball = add_box(&r.s, "cell", 10, 10, 10);
    for (i = 0; i < N * N * N; i++)
        place_at(r.s.volumes[0], ball, 10 * (i % N) - 5 * N + 5 + (i == 700 ? 0.01 : 0), 10 * (i / N % N) - 5 * N + 5,
                 10 * (i / N / N) - 5 * N + 5);
    assert_overlaps(&r, 1);
    assert_near(r.list.items[0].depth, 0.01, 1e-9);
    assert_int_equal(r.list.items[0].first, 1 + 700);
    assert_int_equal(r.list.items[0].second, 1 + 701);
    leave(&r);
}

TEST(the_search_ends_after_a_thousand_overlaps)
{
    kmi_solid world = box_solid(100, 100, 100);
    kmi_volume *cell;
    room r;
    int i;

    open_room(&r, &world);
    cell = add_box(&r.s, "cell", 10, 10, 10);
    for (i = 0; i < 100; i++) place_at(r.s.volumes[0], cell, 0, 0, 0);
    assert_overlaps(&r, KMI_OVERLAPS_MAX);
    leave(&r);
}

static kma_status stop(void *context)
{
    ++*(int *)context;
    return kmi_fail(KMA_ERR_ABORTED, "enough");
}

TEST(a_long_search_beats_the_pulse_and_ends_when_that_says_so)
{
    kmt_mesh knot = kmt_mesh_knot(30, 8, 100, 20);
    kmi_mesh *mesh = kmt_mesh_build(&knot);
    int beats = 0;
    kmi_pulse pulse = {stop, &beats};
    room r;

    open_box(&r, 400);
    put_at(&r, "a", mesh_solid(mesh), 0, 0, 0);
    put_at(&r, "b", mesh_solid(mesh), 0, 0, 1e-6);
    close_scene(&r.s);
    assert_fails(kmi_overlaps_find(r.s.geometry, 0, &pulse, &r.list), KMA_ERR_ABORTED, "enough");
    assert_int_equal(beats, 1);
    assert_int_equal(r.list.count, 0);
    leave(&r);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&knot);
}

TEST(an_allocation_that_fails_is_an_error_and_leaves_nothing)
{
    long n;
    bool failed = true;
    room r;

    open_box(&r, 100);
    put_at(&r, "a", tube_solid(5, 10, 10, 0, two_pi), 0, 0, 0);
    put_at(&r, "b", tube_solid(5, 10, 10, 0, two_pi), 9, 0, 0);
    close_scene(&r.s);
    for (n = 1; failed; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kmi_overlaps_find(r.s.geometry, 0, NULL, &r.list);
        failed = kmt_allocation_failed();
        kmt_fail_allocation(0);
        assert_int_equal(status, failed ? KMA_ERR_MEMORY : KMA_OK);
        assert_int_equal(r.list.count, failed ? 0 : 1);
        kmi_overlap_list_clear(&r.list);
    }
    assert_true(n > 3);
    leave(&r);
}

TEST(the_text_names_both_their_mother_the_depth_and_the_place)
{
    char text[KMI_OVERLAP_TEXT_SIZE];
    kmi_solid world = box_solid(1000, 1000, 1000);
    kmi_volume *patient;
    room r;

    open_room(&r, &world);
    patient = add_box(&r.s, "patient", 100, 100, 100);
    place_at(patient, add_box(&r.s, "implant", 10, 10, 10), 0, 0, 0);
    place_at(patient, add_box(&r.s, "rod", 10, 10, 10), 0, 0, 8.75);
    place_at(r.s.volumes[0], patient, 0, 0, 200);
    assert_overlaps(&r, 1);
    kmi_overlap_text(r.s.geometry, &r.list.items[0], text);
    assert_non_null(strstr(text, "'implant' and 'rod' (placements 1 and 2 in 'patient') overlap by 1.25 mm at ("));
    assert_non_null(strstr(text, "in its mother's frame: move one of them"));
    leave(&r);
}
