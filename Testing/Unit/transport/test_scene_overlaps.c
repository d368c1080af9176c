/* What a scene does about overlaps, and that photons are safe in those that it lets pass. */
#include "kmt.h"
#include "kmt_problem.h"

#include "base/handle.h"
#include "geometry/overlap.h"
#include "transport/plan.h"

static const kma_material vacuum = {0};
_Static_assert((int)KMA_OVERLAPS_MAX == (int)KMI_OVERLAPS_MAX, "told as it is");

static kma_volume orb(const char *name, double radius, kma_material material)
{
    kma_solid solid = {0};
    kma_volume volume = {0};
    assert_ok(kma_solid_create_orb(radius, &solid));
    assert_ok(kma_volume_create(name, solid, material, &volume));
    assert_ok(kma_solid_release(&solid));
    return volume;
}

static kma_scene scene_of(kma_volume world)
{
    kma_source beam = kmt_beam(0.1, 0, 0, -140, 120);
    kma_scene scene = {0};
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, beam));
    assert_ok(kma_source_release(&beam));
    return scene;
}

/* An implant and a rod share 1.25 mm in a patient that lies 20 mm along z. */
static kma_scene overlapping_scene(size_t rods)
{
    kma_material water = kmt_material("Water, Liquid");
    kma_volume world = kmt_box("world", 300, 300, 300, vacuum), patient = kmt_box("patient", 100, 100, 100, water);
    kma_volume implant = kmt_box("implant", 10, 10, 10, water), rod = kmt_box("rod", 2, 2, 2, water);
    kma_scene scene;
    size_t i;

    kmt_place(world, patient, 0, 0, 20);
    kmt_place(patient, implant, 0, 0, 0);
    for (i = 0; i < rods; i++) kmt_place(patient, rod, -4 + 2.0 * (double)(i % 5), -4 + 2.0 * (double)(i / 5), 4.75);
    scene = scene_of(world);
    assert_ok(kma_material_release(&water));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&patient));
    assert_ok(kma_volume_release(&implant));
    assert_ok(kma_volume_release(&rod));
    return scene;
}

static kma_status close_scene(kma_scene scene, const kmi_pulse *pulse, kmi_plan **out)
{
    void *object = NULL;
    kma_status status;

    assert_ok(kmi_handle_pin(KMA_KIND_SCENE, scene.bits, &object));
    status = kmi_plan_new(object, pulse, out);
    kmi_handle_unpin(scene.bits);
    return status;
}

typedef struct records { int count, warnings; char first[1024], last[1024]; } records;

static void note(kma_log_level level, const char *text, void *context)
{
    records *r = context;
    if (r->count++ == 0) snprintf(r->first, sizeof r->first, "%s", text);
    snprintf(r->last, sizeof r->last, "%s", text);
    r->warnings += level == KMA_LOG_WARNING;
}

TEST(an_overlap_is_refused_with_both_names_the_depth_and_where)
{
    kma_scene scene = overlapping_scene(1);
    kmi_plan *plan = NULL;

    assert_fails(close_scene(scene, NULL, &plan), KMA_ERR_GEOMETRY,
                 "'implant' and 'rod' (placements 1 and 2 in 'patient') overlap by 1.25 mm at (");
    assert_non_null(strstr(kma_error_message(), "move one"));
    assert_ok(kma_scene_release(&scene));
    scene = overlapping_scene(3);
    assert_fails(close_scene(scene, NULL, &plan), KMA_ERR_GEOMETRY, "3 overlaps; the deepest: 'implant' and 'rod'");
    assert_ok(kma_scene_release(&scene));
    kmt_assert_no_live_objects();
}

TEST(a_warning_is_given_for_each_of_ten_and_then_for_their_number)
{
    static const struct { size_t rods; int records; } cases[] = {{1, 1}, {10, 10}, {12, 11}};
    size_t i;

    for (i = 0; i < 3; i++) {
        kma_scene scene = overlapping_scene(cases[i].rods);
        kmi_plan *plan = NULL;
        records r = {0};

        assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_WARN, 0));
        assert_ok(kma_set_log_sink(note, &r));
        assert_ok(close_scene(scene, NULL, &plan));
        assert_ok(kma_set_log_sink(NULL, NULL));
        assert_int_equal(r.count, cases[i].records);
        assert_int_equal(r.warnings, cases[i].records);
        assert_non_null(strstr(r.first, "'implant' and 'rod'"));
        if (cases[i].rods == 12) assert_string_equal(r.last, "12 overlaps in all; the 10 deepest were named");
        kmi_plan_release(plan);
        assert_ok(kma_scene_release(&scene));
    }
}

TEST(nobody_looks_where_overlaps_are_ignored)
{
    kma_scene scene = overlapping_scene(1);
    kmi_plan *plan = NULL;
    records r = {0};

    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_IGNORE, 0));
    assert_ok(kma_set_log_sink(note, &r));
    assert_ok(close_scene(scene, NULL, &plan));
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_int_equal(r.count, 0);
    kmi_plan_release(plan);
    assert_ok(kma_scene_release(&scene));
}

TEST(the_settings_are_not_part_of_the_hash)
{
    kma_scene scene = overlapping_scene(1);
    kmi_plan *a = NULL, *b = NULL;

    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_IGNORE, 0));
    assert_ok(close_scene(scene, NULL, &a));
    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_WARN, 77));
    assert_ok(close_scene(scene, NULL, &b));
    assert_memory_equal(a->scene_hash, b->scene_hash, KMI_DIGEST_SIZE);
    kmi_plan_release(a);
    kmi_plan_release(b);
    assert_ok(kma_scene_release(&scene));
}

TEST(a_setting_out_of_range_is_refused_and_changes_nothing)
{
    kma_scene scene = overlapping_scene(1), none = {0};
    kma_overlap_action action;
    size_t points, count = 7;

    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_WARN, 12));
    assert_fails(kma_scene_set_overlap_check(scene, (kma_overlap_action)3, 0), KMA_ERR_ARGUMENT, "action is 3");
    assert_fails(kma_scene_set_overlap_check(scene, (kma_overlap_action)-1, 0), KMA_ERR_ARGUMENT, "action is -1");
    assert_fails(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_REFUSE, 1000001), KMA_ERR_ARGUMENT, "1000001");
    assert_ok(kma_scene_get_overlap_check(scene, &action, &points));
    assert_int_equal(action, KMA_OVERLAPS_WARN);
    assert_int_equal(points, 12);
    assert_ok(kma_scene_get_overlap_check(scene, NULL, NULL));
    assert_fails(kma_scene_set_overlap_check(none, KMA_OVERLAPS_WARN, 0), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_scene_check_overlaps(scene, 1000001, NULL, 0, &count), KMA_ERR_ARGUMENT, "1000001");
    assert_int_equal(count, 0);
    assert_fails(kma_scene_check_overlaps(scene, 0, NULL, 1, &count), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_scene_check_overlaps(scene, 0, NULL, 0, NULL), KMA_ERR_ARGUMENT, "count_out is NULL");
    assert_ok(kma_scene_release(&scene));
}

TEST(all_overlaps_can_be_listed_whatever_the_scene_does_about_them)
{
    kma_scene scene = overlapping_scene(3);
    kma_overlap list[4];
    size_t count = 0;

    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_IGNORE, 0));
    assert_ok(kma_scene_check_overlaps(scene, 0, NULL, 0, &count));
    assert_int_equal(count, 3);
    memset(list, 0x55, sizeof list);
    assert_ok(kma_scene_check_overlaps(scene, 0, list, 2, &count));
    assert_int_equal(count, 3);
    assert_int_equal(((unsigned char *)&list[2])[0], 0x55); /* not one more than there is room for */
    assert_int_equal(list[1].kind, KMA_OVERLAP_SIBLINGS);
    assert_string_equal(list[1].mother, "patient");
    assert_string_equal(list[1].first, "implant");
    assert_string_equal(list[1].second, "rod");
    assert_int_equal(list[1].first_placement, 0);
    assert_int_equal(list[1].second_placement, 2);
    assert_near(list[1].depth, 1.25, 1e-12);
    assert_near(list[1].world[2] - list[1].point[2], 20, 1e-12);
    assert_ok(kma_scene_release(&scene));
}

static kma_status count_beats(void *context)
{
    ++*(int *)context;
    return KMA_OK;
}

/* Two lattices of meshes, 0.6 mm apart where they are nearest: the search takes many beats. */
static kma_scene costly_scene(kma_volume *world_out)
{
    enum { AROUND = 24 };
    static double points[AROUND + 2][3];
    static uint32_t facets[2 * AROUND][3];
    kma_volume world = kmt_box("world", 300, 300, 300, vacuum), top;
    kma_mesh mesh = {0};
    kma_solid solid = {0};
    kma_scene scene;
    uint32_t i;

    for (i = 0; i < AROUND; i++) { /* a double cone of quarters that are bent outward */
        int quarter = (int)(4 * i / AROUND);
        double t = 4.0 * i / AROUND - quarter, x = 1 - t, y = t;
        double s = 5 / sqrt(x * x + y * y);
        points[i][0] = s * (quarter == 0 ? x : quarter == 1 ? -y : quarter == 2 ? -x : y);
        points[i][1] = s * (quarter == 0 ? y : quarter == 1 ? x : quarter == 2 ? -y : -x);
        facets[2 * i][0] = i, facets[2 * i][1] = (i + 1) % AROUND, facets[2 * i][2] = AROUND;
        facets[2 * i + 1][0] = (i + 1) % AROUND, facets[2 * i + 1][1] = i, facets[2 * i + 1][2] = AROUND + 1;
    }
    points[AROUND][2] = 5;
    points[AROUND + 1][2] = -5;
    assert_ok(kma_mesh_create_arrays(points[0], AROUND + 2, facets[0], 2 * AROUND, &mesh));
    assert_ok(kma_solid_create_tessellated(mesh, &solid));
    assert_ok(kma_volume_create("top", solid, vacuum, &top));
    for (i = 0; i < 100; i++) kmt_place(world, top, -67.5 + 15.0 * (i % 10), -67.5 + 15.0 * (i / 10), 0);
    for (i = 0; i < 81; i++) kmt_place(world, top, -60.0 + 15.0 * (i % 9), -60.0 + 15.0 * (i / 9), 0);
    scene = scene_of(world);
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_solid_release(&solid));
    assert_ok(kma_volume_release(&top));
    *world_out = world;
    return scene;
}

TEST(a_scene_that_was_clean_is_looked_at_again_only_when_something_was_placed)
{
    kma_volume world, more = kmt_box("more", 1, 1, 1, vacuum);
    kma_scene scene = costly_scene(&world);
    kmi_plan *plan = NULL;
    int first = 0, again = 0, other = 0;
    kmi_pulse pulse = {count_beats, &first};

    assert_ok(close_scene(scene, &pulse, &plan));
    kmi_plan_release(plan);
    pulse.context = &again;
    assert_ok(close_scene(scene, &pulse, &plan));
    kmi_plan_release(plan);
    assert_true_msg(again < first, "%d beats, then %d", first, again);
    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_REFUSE, 1001)); /* more points: it looks again */
    pulse.context = &other;
    assert_ok(close_scene(scene, &pulse, &plan));
    kmi_plan_release(plan);
    assert_true_msg(other > again, "%d beats, then %d", again, other);
    kmt_place(world, more, 0, 0, 149.9);
    assert_fails(close_scene(scene, NULL, &plan), KMA_ERR_GEOMETRY, "'more' (placement 182 in 'world') sticks out");
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&more));
    assert_ok(kma_scene_release(&scene));
    kmt_assert_no_live_objects();
}

/* ---- transport ---- */

static double striped(size_t i, size_t j, size_t k) { return (i + j + k) % 3 == 0 ? 1000 : 0; }

/* All that can be wrong at once: copies in one place, images across images, a daughter nowhere in its mother. */
static kma_scene tangled_scene(void)
{
    static const size_t count[3] = {12, 12, 12};
    kma_material water = kmt_material("Water, Liquid"), bone = kmt_material("Bone, Cortical (ICRP)");
    kma_ct_table table = kmt_two_materials(water, bone);
    kma_volume world = kmt_box("world", 300, 300, 300, vacuum), image = kmt_image("image", count, 5, striped, table);
    kma_volume ball = orb("ball", 20, bone), block = kmt_box("block", 40, 40, 40, water), seed = orb("seed", 3, bone);
    kma_volume other = kmt_image("other", count, 4, striped, table);
    kma_scene scene;

    kmt_place(world, image, 0, 0, 0);
    kmt_place(world, other, 20, 10, 15);
    kmt_place(world, ball, 25, 0, 0);
    kmt_place(world, ball, 25, 0, 0);
    kmt_place(world, block, -30, 10, 5);
    kmt_place(world, block, 0, 0, 145);
    kmt_place(image, seed, 0, 0, 0);
    kmt_place(image, seed, 0, 1, 2);
    kmt_place(image, block, 30, 0, 0);
    kmt_place(ball, seed, 40, 0, 0);
    scene = scene_of(world);
    assert_ok(kma_scene_set_overlap_check(scene, KMA_OVERLAPS_WARN, 0));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&bone));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_volume_release(&other));
    assert_ok(kma_volume_release(&ball));
    assert_ok(kma_volume_release(&block));
    assert_ok(kma_volume_release(&seed));
    return scene;
}

TEST(photons_pass_through_overlaps_and_no_energy_is_lost)
{
    kma_scene scene = tangled_scene();
    kma_result_info one = {.size = sizeof one}, two = {.size = sizeof two};
    size_t count = 0;
    kma_result result;

    assert_ok(kma_scene_check_overlaps(scene, 0, NULL, 0, &count));
    assert_true_msg(count >= 10, "%zu overlaps", count);
    result = kmt_run(scene, 0, 3, 100000);
    assert_ok(kma_result_get_info(result, &one));
    assert_ok(kma_result_release(&result));
    assert_int_equal(one.histories, 100000);
    assert_true_msg(fabs(one.ledger.balance) <= one.ledger.allowed, "%g MeV, allowed %g", one.ledger.balance,
                    one.ledger.allowed);
    assert_near(one.ledger.emitted, 0.1 * 100000, 1e-6);
    assert_true(one.ledger.deposited > 0.02 * one.ledger.emitted);
    result = kmt_run(scene, 2, 3, 100000);
    assert_ok(kma_result_get_info(result, &two));
    assert_ok(kma_result_release(&result));
    assert_string_equal(one.scores_hash, two.scores_hash);
    assert_ok(kma_scene_release(&scene));
    kmt_assert_no_live_objects();
}
