#include "any_solid.h"

#include "geometry/geometry.h"

static kmi_volume *box_volume(const char *name, double size)
{
    double sizes[3] = {size, size, size};
    kmi_volume *v = NULL;
    kmi_solid s;

    assert_ok(kmi_solid_make_box(sizes, &s));
    assert_ok(kmi_volume_new(name, &s, &v));
    return v;
}

static void place(kmi_volume *mother, kmi_volume *daughter, double x)
{
    kmi_frame f = kmi_frame_identity();
    f.translation.x = x;
    assert_ok(kmi_volume_add(mother, daughter, 0, &f));
}

TEST(the_tree_is_flattened_breadth_first_with_daughters_in_declared_order)
{
    kmi_volume *world = box_volume("world", 100), *a = box_volume("a", 20), *b = box_volume("b", 4);
    kmi_geometry *g = NULL;

    place(world, a, -20);
    place(world, a, 20);
    place(world, b, 0);
    place(a, b, 5);
    assert_ok(kmi_geometry_close(world, &g));
    assert_int_equal(g->instance_count, 6);
    assert_int_equal(g->volume_count, 3);
    assert_ptr_equal(g->volumes[0], world);
    assert_ptr_equal(g->volumes[1], a);
    assert_ptr_equal(g->volumes[2], b);
    assert_int_equal(g->instances[0].mother, KMI_OUTSIDE);
    assert_int_equal(g->instances[0].first_daughter, 1);
    assert_int_equal(g->instances[0].daughter_count, 3);
    assert_int_equal(g->instances[3].volume_index, 2);
    assert_int_equal(g->instances[4].mother, 1);
    assert_int_equal(g->instances[5].mother, 2);
    assert_near(g->instances[4].frame.translation.x, -15, 0);
    assert_near(g->instances[5].frame.translation.x, 25, 0);
    assert_near(g->instances[5].bounds.high.x, 27, 1.01e-5);
    assert_near(g->contact, 1e-5, 0);
    kmi_geometry_destroy(g);
    kmi_volume_destroy(world);
    kmi_volume_destroy(a);
    kmi_volume_destroy(b);
}

TEST(the_contact_length_grows_with_the_world)
{
    kmi_volume *world = box_volume("world", 2e6), *foil = box_volume("foil", 0.05);
    kmi_geometry *g = NULL;

    assert_ok(kmi_geometry_close(world, &g));
    assert_near(g->contact, 1e6 / 16777216, 0);
    kmi_geometry_destroy(g);
    place(world, foil, 0);
    assert_fails(kmi_geometry_close(world, &g), KMA_ERR_GEOMETRY, "'foil' is 0.05 mm thin");
    assert_null(g);
    kmi_volume_destroy(world);
    kmi_volume_destroy(foil);
}

TEST(a_volume_cannot_be_placed_inside_itself)
{
    kmi_volume *a = box_volume("a", 3), *b = box_volume("b", 2), *c = box_volume("c", 1);
    kmi_frame here = kmi_frame_identity();

    assert_fails(kmi_volume_add(a, a, 0, &here), KMA_ERR_GEOMETRY, "'a' cannot be placed inside itself");
    place(a, b, 0);
    place(b, c, 0);
    assert_fails(kmi_volume_add(c, a, 0, &here), KMA_ERR_GEOMETRY,
                 "'a' cannot be placed in 'c', which is inside 'a' already");
    assert_int_equal(c->placement_count, 0);
    kmi_volume_destroy(a);
    kmi_volume_destroy(b);
    kmi_volume_destroy(c);
}

TEST(a_cycle_that_slipped_in_is_refused_when_closing)
{
    kmi_volume *world = box_volume("world", 4), *a = box_volume("a", 3), *b = box_volume("b", 2);
    kmi_volume *c = box_volume("c", 1);
    kmi_geometry *g = NULL;

    place(world, a, 0);
    place(a, b, 0);
    place(b, c, 0);
    b->placements[0].daughter = a; /* past the check of kmi_volume_add */
    assert_fails(kmi_geometry_close(world, &g), KMA_ERR_GEOMETRY, "is inside itself: it is placed in");
    assert_true(strstr(kma_error_message(), "'a'") != NULL && strstr(kma_error_message(), "'b'") != NULL);
    b->placements[0].daughter = world;
    assert_fails(kmi_geometry_close(world, &g), KMA_ERR_GEOMETRY, "is inside itself");
    b->placements[0].daughter = c;
    assert_ok(kmi_geometry_close(world, &g));
    kmi_geometry_destroy(g);
    kmi_volume_destroy(world);
    kmi_volume_destroy(a);
    kmi_volume_destroy(b);
    kmi_volume_destroy(c);
}

TEST(ten_daughters_eight_levels_deep_are_too_many)
{
    kmi_volume *v[9];
    char name[16];
    kmi_geometry *g = NULL;
    int i, k;

    for (i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "level %d", i);
        v[i] = box_volume(name, 100);
    }
    for (i = 0; i < 8; i++)
        for (k = 0; k < 10; k++) place(v[i], v[i + 1], k);
    assert_fails(kmi_geometry_close(v[0], &g), KMA_ERR_GEOMETRY, "more than 10000000 placed volumes");
    assert_ok(kmi_geometry_close(v[4], &g));
    assert_int_equal(g->instance_count, 11111);
    kmi_geometry_destroy(g);
    for (i = 0; i < 9; i++) kmi_volume_destroy(v[i]);
}

TEST(a_chain_of_a_hundred_thousand_volumes_is_refused)
{
    enum { DEEP = 100000 };
    kmi_volume **v = malloc(DEEP * sizeof *v);
    kmi_geometry *g = NULL;
    int i;

    assert_non_null(v);
    for (i = 0; i < DEEP; i++) v[i] = box_volume("link", 100);
    for (i = DEEP - 2; i >= 0; i--) place(v[i], v[i + 1], 0); /* not quadratic either */
    assert_fails(kmi_geometry_close(v[0], &g), KMA_ERR_GEOMETRY, "'link' is nested more than 1000 levels");
    for (i = 0; i < DEEP; i++) kmi_volume_destroy(v[i]);
    free(v);
}

TEST(many_volumes_are_found_by_address)
{
    enum { MANY = 3000 };
    kmi_volume *world = box_volume("world", 100), *v[MANY];
    kmi_geometry *g = NULL;
    int i;

    for (i = 0; i < MANY; i++) {
        v[i] = box_volume("crystal", 1);
        place(world, v[i], i);
    }
    for (i = 0; i < MANY; i++) place(world, v[MANY - 1 - i], -i);
    assert_ok(kmi_geometry_close(world, &g));
    assert_int_equal(g->volume_count, MANY + 1);
    assert_int_equal(g->instance_count, 2 * MANY + 1);
    for (i = 0; i < MANY; i++) {
        assert_int_equal(g->instances[1 + i].volume_index, 1 + i);
        assert_int_equal(g->instances[1 + MANY + i].volume_index, MANY - i);
        assert_ptr_equal(g->volumes[1 + i], v[i]);
    }
    kmi_geometry_destroy(g);
    for (i = 0; i < MANY; i++) kmi_volume_destroy(v[i]);
    kmi_volume_destroy(world);
}

TEST(a_failed_allocation_while_closing_leaves_nothing_behind)
{
    kmi_volume *world = box_volume("world", 100), *a = box_volume("a", 20);
    kmi_geometry *g = NULL;
    kma_status status = KMA_ERR_MEMORY;
    long n;

    place(world, a, 0);
    for (n = 1; status != KMA_OK; n++) {
        kmt_fail_allocation(n);
        status = kmi_geometry_close(world, &g);
        kmt_fail_allocation(0);
        assert_true(status == KMA_OK || (status == KMA_ERR_MEMORY && g == NULL));
    }
    assert_true(n > 5);
    kmi_geometry_destroy(g);
    kmi_volume_destroy(world);
    kmi_volume_destroy(a);
}

TEST(bad_names_are_refused)
{
    kmi_volume *v = NULL;
    char longer[300];
    kmi_solid s;

    assert_ok(kmi_solid_make_orb(1, &s));
    memset(longer, 'x', sizeof longer);
    longer[256] = '\0';
    assert_fails(kmi_volume_new(NULL, &s, &v), KMA_ERR_ARGUMENT, "NULL");
    assert_fails(kmi_volume_new("", &s, &v), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kmi_volume_new("a\nb", &s, &v), KMA_ERR_ARGUMENT, "control character 10 at byte 1");
    assert_fails(kmi_volume_new(longer, &s, &v), KMA_ERR_ARGUMENT, "longer than 255 bytes");
    longer[255] = '\0';
    assert_ok(kmi_volume_new(longer, &s, &v));
    kmi_volume_destroy(v);
}
