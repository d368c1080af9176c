#include "kmt.h"

#include <math.h>
#include <pthread.h>

#include "base/handle.h"
#include "geometry/geometry.h"
#include "kerma/volume.h"

static const kma_material vacuum = {0};

static kma_volume box_volume(const char *name, double size)
{
    double sizes[3] = {size, size, size};
    kma_volume v = {0};
    kma_solid s = {0};

    assert_ok(kma_solid_create_box(sizes, &s));
    assert_ok(kma_volume_create(name, s, vacuum, &v));
    assert_ok(kma_solid_release(&s));
    return v;
}

TEST(a_volume_keeps_its_solid_material_and_daughters_alive)
{
    kma_volume world = box_volume("world", 10), inner = {0};
    kma_material water = {0};
    kma_solid orb = {0};
    char name[16];
    size_t n;

    assert_ok(kma_material_create_formula("water", "H2O", 1, &water));
    assert_ok(kma_solid_create_orb(2, &orb));
    assert_ok(kma_volume_create("inner", orb, water, &inner));
    assert_ok(kma_volume_place(world, inner, NULL, NULL));
    assert_ok(kma_volume_get_name(inner, name, sizeof name, &n));
    assert_string_equal(name, "inner");
    assert_int_equal(n, 5);
    assert_ok(kma_solid_release(&orb));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_volume_release(&inner));
    assert_int_equal(kma_live_objects(KMA_KIND_VOLUME), 2);
    assert_int_equal(kma_live_objects(KMA_KIND_SOLID), 2);
    assert_int_equal(kma_live_objects(KMA_KIND_MATERIAL), 1);
    assert_ok(kma_volume_release(&world));
    kmt_assert_no_live_objects();
}

TEST(an_image_volume_has_the_outline_of_its_image)
{
    static const int16_t hu[24] = {0};
    kma_image_geometry geometry;
    kma_image image = {0}, no_image = {0};
    kma_ct_table table = {0}, no_table = {0};
    kma_volume v = {0};
    kmi_volume *inside = NULL;
    void *object = NULL;

    kma_image_geometry_defaults(&geometry);
    geometry.count[0] = 4, geometry.count[1] = 3, geometry.count[2] = 2;
    geometry.spacing[0] = 2, geometry.origin[0] = 10, geometry.origin[2] = -5;
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_INT16, hu, &image));
    assert_ok(kma_ct_table_create_builtin(&table));
    assert_fails(kma_volume_create_image("CT", no_image, table, &v), KMA_ERR_ARGUMENT, "image handle names nothing");
    assert_fails(kma_volume_create_image("CT", image, no_table, &v), KMA_ERR_ARGUMENT, "CT table handle names");
    assert_fails(kma_volume_create_image(NULL, image, table, &v), KMA_ERR_ARGUMENT, "name is NULL");
    assert_true(v.bits == 0);
    assert_ok(kma_volume_create_image("CT", image, table, &v));
    assert_ok(kma_image_release(&image));
    assert_ok(kma_ct_table_release(&table));
    assert_int_equal(kma_live_objects(KMA_KIND_IMAGE), 1);
    assert_int_equal(kma_live_objects(KMA_KIND_CT_TABLE), 1);
    assert_ok(kmi_handle_pin(KMA_KIND_VOLUME, v.bits, &object));
    inside = object;
    assert_int_equal(inside->solid.kind, KMI_SOLID_GRID);
    assert_near(inside->solid.bounds.low.x, 9, 0);
    assert_near(inside->solid.bounds.high.x, 17, 0);
    assert_near(inside->solid.bounds.low.z, -5.5, 0);
    assert_near(kmi_solid_volume(&inside->solid), 48, 0);
    assert_non_null(inside->image);
    assert_non_null(inside->ct_table);
    assert_null(inside->material);
    kmi_handle_unpin(v.bits);
    assert_ok(kma_volume_release(&v));
    kmt_assert_no_live_objects();
}

TEST(a_placement_is_told_as_it_was_made)
{
    /* a quarter turn about z: x of the daughter is y of the mother */
    static const double turn[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1}, shift[3] = {1, 2, 3};
    kma_volume mother = box_volume("mother", 10), daughter = box_volume("daughter", 1), got = {0};
    double t[3], r[9];
    size_t n;

    assert_ok(kma_volume_place(mother, daughter, NULL, NULL));
    assert_ok(kma_volume_place(mother, daughter, shift, turn));
    assert_ok(kma_volume_count_placements(mother, &n));
    assert_int_equal(n, 2);
    assert_ok(kma_volume_get_placement(mother, 1, &got, t, r));
    assert_true(got.bits == daughter.bits);
    assert_memory_equal(t, shift, sizeof t);
    assert_memory_equal(r, turn, sizeof r);
    assert_ok(kma_volume_release(&got));
    assert_ok(kma_volume_get_placement(mother, 0, &got, NULL, NULL));
    assert_ok(kma_volume_release(&got));
    assert_fails(kma_volume_get_placement(mother, 2, &got, t, r), KMA_ERR_ARGUMENT, "'mother' has 2 placements");
    assert_true(got.bits == 0 && t[0] == 0 && r[0] == 0);
    assert_ok(kma_volume_release(&daughter));
    assert_fails(kma_volume_get_placement(mother, 0, &got, t, r), KMA_ERR_STALE, "volume was released");
    assert_ok(kma_volume_release(&mother));
    kmt_assert_no_live_objects();
}

TEST(a_rotation_carries_the_daughters_axes_into_the_mother)
{
    static const double turn[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1}, shift[3] = {1, 2, 3};
    kma_volume mother = box_volume("mother", 10), daughter = box_volume("daughter", 1);
    kmi_geometry *g = NULL;
    kmi_vec3 p;
    void *m = NULL;

    assert_ok(kma_volume_place(mother, daughter, shift, turn));
    assert_ok(kmi_handle_pin(KMA_KIND_VOLUME, mother.bits, &m));
    assert_ok(kmi_geometry_close(m, &g));
    p = kmi_to_mother(&g->instances[1].frame, kmi_vec(1, 0, 0));
    assert_near(p.x, 1, 0);
    assert_near(p.y, 3, 0);
    assert_near(p.z, 3, 0);
    kmi_geometry_destroy(g);
    kmi_handle_unpin(mother.bits);
    assert_ok(kma_volume_release(&daughter));
    assert_ok(kma_volume_release(&mother));
}

TEST(a_rotation_that_is_nearly_right_is_made_right)
{
    double c = 0.6 + 3e-8, s = 0.8 - 2e-8;
    double turn[9] = {c, -s, 0, s, c, 0, 0, 0, 1}, r[9];
    kma_volume mother = box_volume("mother", 10), daughter = box_volume("daughter", 1), got = {0};
    int i, j;

    assert_ok(kma_volume_place(mother, daughter, NULL, turn));
    assert_ok(kma_volume_get_placement(mother, 0, &got, NULL, r));
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) assert_near(r[i] * r[j] + r[3 + i] * r[3 + j] + r[6 + i] * r[6 + j], i == j, 1e-15);
    assert_near(r[0], 0.6, 1e-7);
    assert_ok(kma_volume_release(&got));
    assert_ok(kma_volume_release(&daughter));
    assert_ok(kma_volume_release(&mother));
}

TEST(bad_placements_are_refused_and_place_nothing)
{
    static const double mirror[9] = {1, 0, 0, 0, 1, 0, 0, 0, -1}, skew[9] = {1, 0.01, 0, 0, 1, 0, 0, 0, 1};
    static const double unknown[9] = {1, 0, 0, 0, NAN, 0, 0, 0, 1}, far[3] = {0, 1e10, 0}, lost[3] = {0, 0, NAN};
    kma_volume a = box_volume("a", 10), b = box_volume("b", 1), none = {0}, dead;
    kma_volume c = box_volume("c", 1);
    size_t n;

    assert_fails(kma_volume_place(a, b, NULL, mirror), KMA_ERR_ARGUMENT, "determinant -1: it mirrors");
    assert_fails(kma_volume_place(a, b, NULL, skew), KMA_ERR_ARGUMENT, "off by 0.01");
    assert_fails(kma_volume_place(a, b, NULL, unknown), KMA_ERR_ARGUMENT, "off by nan");
    assert_fails(kma_volume_place(a, b, far, NULL), KMA_ERR_ARGUMENT, "translation[1] is 1e+10");
    assert_fails(kma_volume_place(a, b, lost, NULL), KMA_ERR_ARGUMENT, "translation[2] is nan");
    assert_fails(kma_volume_place(a, none, NULL, NULL), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_volume_place(none, a, NULL, NULL), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_volume_place(a, a, NULL, NULL), KMA_ERR_GEOMETRY, "'a' cannot be placed inside itself");
    assert_ok(kma_volume_count_placements(a, &n));
    assert_int_equal(n, 0);
    assert_ok(kma_volume_place(a, b, NULL, NULL));
    assert_ok(kma_volume_place(b, c, NULL, NULL));
    assert_fails(kma_volume_place(c, a, NULL, NULL), KMA_ERR_GEOMETRY,
                 "'a' cannot be placed in 'c', which is inside 'a' already");
    dead = c;
    assert_ok(kma_volume_release(&c));
    assert_fails(kma_volume_place(a, dead, NULL, NULL), KMA_ERR_STALE, "volume was released");
    assert_ok(kma_volume_release(&a));
    assert_ok(kma_volume_release(&b));
    kmt_assert_no_live_objects();
}

TEST(bad_volumes_are_refused)
{
    kma_solid s = {0}, none = {0};
    kma_material material = {s.bits};
    kma_volume v = {7};
    char small[3];
    size_t n = 7;

    assert_ok(kma_solid_create_orb(1, &s));
    assert_fails(kma_volume_create("v", none, vacuum, &v), KMA_ERR_ARGUMENT, "solid handle names nothing");
    assert_true(v.bits == 0);
    assert_fails(kma_volume_create("", s, vacuum, &v), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kma_volume_create("v", s, vacuum, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    material.bits = s.bits;
    assert_fails(kma_volume_create("v", s, material, &v), KMA_ERR_ARGUMENT, "this one names a solid");
    assert_ok(kma_volume_create("long", s, vacuum, &v));
    assert_fails(kma_volume_get_name(v, small, sizeof small, &n), KMA_ERR_ARGUMENT, "the name needs 5");
    assert_int_equal(small[0], 0);
    assert_ok(kma_volume_get_name(v, NULL, 0, &n));
    assert_int_equal(n, 4);
    assert_fails(kma_volume_get_name(v, NULL, 3, &n), KMA_ERR_ARGUMENT, "buffer is NULL");
    assert_ok(kma_volume_release(&v));
    assert_ok(kma_volume_release(&v));
    assert_ok(kma_solid_release(&s));
    kmt_assert_no_live_objects();
}

TEST(failed_allocations_leave_volumes_as_they_were)
{
    kma_volume mother = box_volume("mother", 10), daughter = box_volume("daughter", 1), v = {0};
    kma_solid s = {0};
    kma_status status = KMA_ERR_MEMORY;
    size_t count;
    long n;

    assert_ok(kma_solid_create_orb(1, &s));
    for (n = 1; status != KMA_OK; n++) {
        kmt_fail_allocation(n);
        status = kma_volume_create("v", s, vacuum, &v);
        kmt_fail_allocation(0);
        assert_true(status == KMA_OK || (status == KMA_ERR_MEMORY && v.bits == 0));
    }
    assert_true(n > 2);
    for (count = 0; count < 5;) {
        size_t seen;
        kmt_fail_allocation(1);
        status = kma_volume_place(mother, daughter, NULL, NULL);
        kmt_fail_allocation(0);
        if (status == KMA_OK)
            count++;
        else
            assert_fails(status, KMA_ERR_MEMORY, "no room for another placement in the volume 'mother'");
        assert_ok(kma_volume_count_placements(mother, &seen));
        assert_int_equal(seen, count);
        if (status != KMA_OK) {
            assert_ok(kma_volume_place(mother, daughter, NULL, NULL));
            count++;
        }
    }
    assert_ok(kma_volume_release(&v));
    assert_ok(kma_volume_release(&mother));
    assert_ok(kma_volume_release(&daughter));
    assert_ok(kma_solid_release(&s));
    kmt_assert_no_live_objects();
}

TEST(a_long_chain_of_volumes_is_released_without_a_deep_stack)
{
    kma_volume outer = box_volume("link", 10);
    int i;

    for (i = 0; i < 200000; i++) {
        kma_volume next = box_volume("link", 10);
        assert_ok(kma_volume_place(next, outer, NULL, NULL));
        assert_ok(kma_volume_release(&outer));
        outer = next;
    }
    assert_ok(kma_volume_release(&outer));
    kmt_assert_no_live_objects();
}

enum { PLACERS = 4, EACH = 500 };
static kma_volume shared_mother, shared_daughter;

static void *place_many(void *unused)
{
    size_t n;
    int i;
    for (i = 0; i < EACH; i++)
        if (kma_volume_place(shared_mother, shared_daughter, NULL, NULL) != KMA_OK ||
            kma_volume_count_placements(shared_mother, &n) != KMA_OK)
            return &shared_mother;
    return unused;
}

TEST(several_threads_may_place_in_one_mother)
{
    pthread_t threads[PLACERS];
    size_t n;
    int i;

    shared_mother = box_volume("mother", 10);
    shared_daughter = box_volume("daughter", 1);
    for (i = 0; i < PLACERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, place_many, NULL), 0);
    for (i = 0; i < PLACERS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_ok(kma_volume_count_placements(shared_mother, &n));
    assert_int_equal(n, PLACERS * EACH);
    assert_ok(kma_volume_release(&shared_mother));
    assert_ok(kma_volume_release(&shared_daughter));
    kmt_assert_no_live_objects();
}

TEST(a_volume_hands_out_what_it_was_made_from_as_long_as_that_has_a_name)
{
    kma_volume v = box_volume("empty", 10), filled = {0};
    kma_material water = {0}, material = {7};
    kma_ct_table table = {7};
    kma_image image = {7};
    kma_solid orb = {0}, solid = {7};

    assert_fails(kma_volume_get_solid(v, &solid), KMA_ERR_STALE, "solid was released");
    assert_true(solid.bits == 0);
    assert_ok(kma_volume_get_material(v, &material)); /* vacuum */
    assert_true(material.bits == 0);
    assert_fails(kma_volume_get_image(v, &image), KMA_ERR_STATE, "'empty' shows no image");
    assert_fails(kma_volume_get_ct_table(v, &table), KMA_ERR_STATE, "'empty' shows no image: it has no CT table");
    assert_true(image.bits == 0 && table.bits == 0);
    assert_ok(kma_material_create_formula("water", "H2O", 1, &water));
    assert_ok(kma_solid_create_orb(2, &orb));
    assert_ok(kma_volume_create("filled", orb, water, &filled));
    assert_ok(kma_volume_get_solid(filled, &solid));
    assert_ok(kma_volume_get_material(filled, &material));
    assert_true(solid.bits == orb.bits && material.bits == water.bits);
    assert_ok(kma_solid_release(&orb));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_solid_release(&solid)); /* the references are of their own */
    assert_ok(kma_material_release(&material));
    assert_fails(kma_volume_get_solid(filled, &solid), KMA_ERR_STALE, "solid was released");
    assert_fails(kma_volume_get_material(filled, &material), KMA_ERR_STALE, "material was released");
    assert_fails(kma_volume_get_material(filled, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_volume_release(&filled));
    assert_ok(kma_volume_release(&v));
    assert_fails(kma_volume_get_solid(v, &solid), KMA_ERR_ARGUMENT, "names nothing");
    kmt_assert_no_live_objects();
}

TEST(an_image_volume_hands_out_image_and_table_and_has_no_solid)
{
    static const int16_t hu[1] = {0};
    kma_image_geometry geometry;
    kma_image image = {0}, got = {0};
    kma_ct_table table = {0}, got_table = {0};
    kma_material material = {7};
    kma_solid solid = {7};
    kma_volume v = {0};

    kma_image_geometry_defaults(&geometry);
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_INT16, hu, &image));
    assert_ok(kma_ct_table_create_builtin(&table));
    assert_ok(kma_volume_create_image("CT", image, table, &v));
    assert_fails(kma_volume_get_solid(v, &solid), KMA_ERR_STATE, "'CT' shows an image: it was made from no solid");
    assert_ok(kma_volume_get_material(v, &material));
    assert_true(solid.bits == 0 && material.bits == 0);
    assert_ok(kma_volume_get_image(v, &got));
    assert_ok(kma_volume_get_ct_table(v, &got_table));
    assert_true(got.bits == image.bits && got_table.bits == table.bits);
    assert_ok(kma_image_release(&image));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_image_release(&got));
    assert_ok(kma_ct_table_release(&got_table));
    assert_fails(kma_volume_get_image(v, &got), KMA_ERR_STALE, "image was released");
    assert_fails(kma_volume_get_ct_table(v, &got_table), KMA_ERR_STALE, "table was released");
    assert_ok(kma_volume_release(&v));
    kmt_assert_no_live_objects();
}
