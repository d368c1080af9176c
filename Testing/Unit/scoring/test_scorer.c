#include "kmt.h"

#include <math.h>

#include "kerma/kerma.h"
#include "scoring/scorer.h"

static kma_detector_options options(void)
{
    kma_detector_options o;
    assert_ok(kma_detector_options_defaults(&o));
    return o;
}

TEST(a_grid_scorer_gives_back_what_it_was_made_of)
{
    kma_image_geometry cells, back;
    kma_scorer s = {1}, copy;
    kma_scorer_kind kind;
    size_t bins = 0;
    char name[KMA_SCORER_NAME_MAX + 1], cut[5];

    kma_image_geometry_defaults(&cells);
    cells.count[0] = 3;
    cells.count[1] = 4;
    cells.count[2] = 5;
    cells.spacing[2] = 2.5;
    cells.origin[1] = -7;
    assert_ok(kma_scorer_create_grid("dose in the room", &cells, &s));
    assert_ok(kma_scorer_get_kind(s, &kind));
    assert_int_equal(kind, KMA_SCORER_GRID);
    assert_ok(kma_scorer_get_bins(s, &bins));
    assert_int_equal(bins, 60);
    assert_ok(kma_scorer_get_name(s, name, sizeof name));
    assert_string_equal(name, "dose in the room");
    assert_ok(kma_scorer_get_name(s, cut, sizeof cut));
    assert_string_equal(cut, "dose");
    assert_ok(kma_scorer_get_geometry(s, &back));
    assert_int_equal(back.count[2], 5);
    assert_true(back.spacing[2] == 2.5 && back.origin[1] == -7 && back.direction[8] == 1);
    copy = s;
    assert_ok(kma_scorer_retain(s));
    assert_ok(kma_scorer_release(&s));
    assert_ok(kma_scorer_release(&s)); /* names none by now */
    assert_ok(kma_scorer_get_bins(copy, &bins));
    s = copy;
    assert_ok(kma_scorer_release(&s));
    assert_fails(kma_scorer_get_bins(copy, &bins), KMA_ERR_STALE, "scorer was released");
    assert_int_equal(bins, 0);
    kmt_assert_no_live_objects();
}

TEST(the_pixels_of_a_detector_are_one_slice_around_its_centre)
{
    kma_detector_options o = options();
    kma_image_geometry g;
    kma_scorer s;

    /* Columns run along y, rows along z; v leans over and is set upright. */
    o.centre[0] = 500;
    o.u[0] = 0;
    o.u[1] = 2;
    o.v[1] = 3;
    o.v[2] = 4;
    o.count[0] = 100;
    o.count[1] = 50;
    o.pixel_size[0] = 0.5;
    o.pixel_size[1] = 0.25;
    assert_ok(kma_scorer_create_detector("panel", &o, &s));
    assert_ok(kma_scorer_get_geometry(s, &g));
    assert_int_equal(g.count[0], 100);
    assert_int_equal(g.count[1], 50);
    assert_int_equal(g.count[2], 1);
    assert_true(g.spacing[0] == 0.5 && g.spacing[1] == 0.25 && g.spacing[2] == 1);
    assert_true(g.origin[0] == 500);
    assert_near(g.origin[1], -24.75, 1e-12);
    assert_near(g.origin[2], -6.125, 1e-12);
    assert_near(g.direction[3], 1, 1e-15); /* u = y */
    assert_near(g.direction[7], 1, 1e-15); /* v = z */
    assert_near(g.direction[2], 1, 1e-15); /* u x v = x */
    assert_near(g.direction[4], 0, 1e-15);
    assert_ok(kma_scorer_release(&s));
    kmt_assert_no_live_objects();
}

PROPERTY(the_axes_of_a_detector_are_orthonormal_whatever_was_given, 300)
{
    kma_detector_options o = options();
    kmi_scorer *s = NULL;
    double scale = kmi_rng_uniform(rng) < 0.5 ? 1e-200 : 1e8;
    int i;

    for (i = 0; i < 3; i++) {
        o.u[i] = scale * (kmi_rng_uniform(rng) - 0.5);
        o.v[i] = o.u[i] / scale + 0.01 * (kmi_rng_uniform(rng) - 0.5); /* nearly parallel */
    }
    if (kmi_scorer_new_detector("d", &o, &s) == KMA_OK) {
        const kmi_detector *d = &s->detector;
        assert_near(kmi_norm(d->u), 1, 1e-15);
        assert_near(kmi_norm(d->v), 1, 1e-15);
        assert_near(kmi_dot(d->u, d->v), 0, 1e-15);
        assert_near(kmi_norm(d->normal), 1, 1e-15);
    } else {
        assert_fails(kmi_scorer_new_detector("d", &o, &s), KMA_ERR_ARGUMENT, "parallel");
    }
    kmi_scorer_destroy(s);
}

TEST(detector_options_that_break_a_rule_are_refused_by_name)
{
    kma_detector_options o, raw;
    kma_scorer s;

    memset(&raw, 0, sizeof raw);
    assert_fails(kma_scorer_create_detector("d", &raw, &s), KMA_ERR_ARGUMENT, "kma_detector_options_defaults");
    assert_fails(kma_scorer_create_detector("d", NULL, &s), KMA_ERR_ARGUMENT, "options is NULL");
    assert_fails(kma_scorer_create_detector("d", &raw, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_detector_options_defaults(NULL), KMA_ERR_ARGUMENT, "options is NULL");
#define REFUSES(change, part)                                                  \
    do {                                                                       \
        o = options();                                                         \
        change;                                                                \
        s.bits = 5;                                                            \
        assert_fails(kma_scorer_create_detector("d", &o, &s), KMA_ERR_ARGUMENT, part); \
        assert_true(s.bits == 0);                                              \
    } while (0)
    REFUSES(o.centre[1] = NAN, "centre[1] is nan");
    REFUSES(o.u[2] = INFINITY, "u[2] is inf");
    REFUSES(o.u[0] = 0, "u is (0, 0, 0)");
    REFUSES(o.v[1] = 0, "v is (0, 0, 0)");
    REFUSES((o.v[0] = -5, o.v[1] = 0), "u and v are parallel");
    REFUSES(o.count[0] = 0, "count[0] is 0");
    REFUSES(o.count[1] = (size_t)1 << 40, "count[1] is 1099511627776");
    REFUSES(o.pixel_size[1] = -1, "pixel_size[1] is -1");
    REFUSES(o.pixel_size[0] = NAN, "pixel_size[0] is nan");
    REFUSES(o.count[0] = o.count[1] = 2000000000, "cells");
#undef REFUSES
    kmt_assert_no_live_objects();
}

TEST(names_are_checked)
{
    kma_image_geometry cells;
    kma_scorer s;
    char longest[KMA_SCORER_NAME_MAX + 2];

    kma_image_geometry_defaults(&cells);
    assert_fails(kma_scorer_create_grid(NULL, &cells, &s), KMA_ERR_ARGUMENT, "name is NULL");
    assert_fails(kma_scorer_create_grid("", &cells, &s), KMA_ERR_ARGUMENT, "name is empty");
    assert_fails(kma_scorer_create_grid("a\nb", &cells, &s), KMA_ERR_ARGUMENT, "control character 10 at byte 1");
    memset(longest, 'x', sizeof longest);
    longest[KMA_SCORER_NAME_MAX + 1] = '\0';
    assert_fails(kma_scorer_create_grid(longest, &cells, &s), KMA_ERR_ARGUMENT, "longer than 127 bytes");
    longest[KMA_SCORER_NAME_MAX] = '\0';
    assert_ok(kma_scorer_create_grid(longest, &cells, &s));
    assert_ok(kma_scorer_release(&s));
    cells.spacing[0] = 0;
    assert_fails(kma_scorer_create_grid("g", &cells, &s), KMA_ERR_ARGUMENT, "spacing[0] is 0");
    assert_fails(kma_scorer_create_grid("g", NULL, &s), KMA_ERR_ARGUMENT, "geometry");
    kmt_assert_no_live_objects();
}

TEST(nothing_is_written_through_null)
{
    kma_scorer none = {0};
    kma_scorer_kind kind;
    kma_image_geometry g;
    size_t bins;
    char name[4];

    assert_fails(kma_scorer_get_kind(none, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_scorer_get_bins(none, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_scorer_get_geometry(none, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_scorer_get_name(none, NULL, 4), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_scorer_get_name(none, name, 0), KMA_ERR_ARGUMENT, "room is 0");
    assert_fails(kma_scorer_release(NULL), KMA_ERR_ARGUMENT, "self is NULL");
    assert_fails(kma_scorer_get_kind(none, &kind), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_scorer_get_bins(none, &bins), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_scorer_get_geometry(none, &g), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_scorer_get_name(none, name, 4), KMA_ERR_ARGUMENT, "names nothing");
    assert_string_equal(kma_scorer_kind_name(KMA_SCORER_VOXELS), "voxels");
    assert_string_equal(kma_scorer_kind_name(KMA_SCORER_GRID), "grid");
    assert_string_equal(kma_scorer_kind_name(KMA_SCORER_VOLUME), "volume");
    assert_string_equal(kma_scorer_kind_name(KMA_SCORER_DETECTOR), "detector");
    assert_string_equal(kma_scorer_kind_name((kma_scorer_kind)77), "?");
}

TEST(without_memory_no_scorer_is_made_and_nothing_leaks)
{
    kma_image_geometry cells;
    kma_detector_options o = options();
    kma_scorer s;
    long n;

    kma_image_geometry_defaults(&cells);
    for (n = 1; n <= 2; n++) {
        kmt_fail_allocation(n);
        assert_fails(kma_scorer_create_grid("g", &cells, &s), KMA_ERR_MEMORY, "no room for the scorer 'g'");
        assert_true(s.bits == 0);
        kmt_fail_allocation(n);
        assert_fails(kma_scorer_create_detector("d", &o, &s), KMA_ERR_MEMORY, "no room for the scorer 'd'");
        kmt_fail_allocation(0);
    }
    kmt_assert_no_live_objects();
}

TEST(a_scorer_keeps_its_volume_alive_and_voxels_need_an_image)
{
    const double size[3] = {10, 20, 30};
    kma_solid box;
    kma_volume volume, gone, none = {0};
    kma_scorer s, other;
    kma_scorer_kind kind;
    kma_image_geometry g;
    size_t bins = 0;

    assert_ok(kma_solid_create_box(size, &box));
    assert_ok(kma_volume_create("block", box, (kma_material){0}, &volume));
    assert_ok(kma_solid_release(&box));
    assert_fails(kma_scorer_create_voxels("x", volume, &s), KMA_ERR_ARGUMENT, "the volume 'block' shows no image");
    assert_true(s.bits == 0);
    assert_fails(kma_scorer_create_volume("", volume, &s), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kma_scorer_create_volume("x", none, &s), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_scorer_create_volume("x", volume, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_scorer_create_volume("energy in the block", volume, &s));
    gone = volume;
    assert_ok(kma_volume_release(&volume));
    assert_int_equal(kma_live_objects(KMA_KIND_VOLUME), 1);
    assert_fails(kma_scorer_create_volume("x", gone, &other), KMA_ERR_STALE, "volume was released");
    assert_ok(kma_scorer_get_kind(s, &kind));
    assert_int_equal(kind, KMA_SCORER_VOLUME);
    assert_ok(kma_scorer_get_bins(s, &bins));
    assert_int_equal(bins, 1);
    assert_fails(kma_scorer_get_geometry(s, &g), KMA_ERR_STATE, "one bin and no grid");
    assert_ok(kma_scorer_release(&s));
    kmt_assert_no_live_objects();
}

TEST(the_voxels_of_an_image_volume_are_those_of_its_image)
{
    static const int16_t numbers[24];
    kma_image_geometry geometry, back;
    kma_image image;
    kma_ct_table table;
    kma_volume volume;
    kma_scorer s;
    size_t bins = 0;

    kma_image_geometry_defaults(&geometry);
    geometry.count[0] = 2;
    geometry.count[1] = 3;
    geometry.count[2] = 4;
    geometry.spacing[1] = 0.75;
    geometry.origin[2] = 12;
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_INT16, numbers, &image));
    assert_ok(kma_ct_table_create_builtin(&table));
    assert_ok(kma_volume_create_image("ct", image, table, &volume));
    assert_ok(kma_image_release(&image));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_scorer_create_voxels("dose", volume, &s));
    assert_ok(kma_volume_release(&volume));
    assert_ok(kma_scorer_get_bins(s, &bins));
    assert_int_equal(bins, 24);
    assert_ok(kma_scorer_get_geometry(s, &back));
    assert_memory_equal(back.count, geometry.count, sizeof back.count);
    assert_memory_equal(back.spacing, geometry.spacing, sizeof back.spacing);
    assert_memory_equal(back.origin, geometry.origin, sizeof back.origin);
    assert_memory_equal(back.direction, geometry.direction, sizeof back.direction);
    assert_ok(kma_scorer_release(&s));
    kmt_assert_no_live_objects();
}

TEST(a_scorer_hands_out_its_volume_and_a_detector_its_options)
{
    static const double size[3] = {1, 2, 3};
    kma_detector_options o = options(), got, again;
    kma_solid box = {0};
    kma_volume v = {0}, back = {7};
    kma_scorer inside = {0}, detector = {0}, same = {0};

    assert_ok(kma_solid_create_box(size, &box));
    assert_ok(kma_volume_create("v", box, (kma_material){0}, &v));
    assert_ok(kma_scorer_create_volume("inside", v, &inside));
    o.centre[1] = 3.5;
    o.u[0] = 1, o.u[1] = 2, o.u[2] = -0.5;
    o.v[0] = 0, o.v[1] = 0.3, o.v[2] = 2;
    o.count[0] = 7;
    o.pixel_size[1] = 0.3;
    o.absorbs = 0;
    assert_ok(kma_scorer_create_detector("detector", &o, &detector));
    assert_fails(kma_scorer_get_volume(detector, &back), KMA_ERR_STATE, "'detector' is a detector scorer");
    assert_true(back.bits == 0);
    assert_fails(kma_scorer_get_detector(inside, &got), KMA_ERR_STATE, "'inside' is a volume scorer, no detector");
    assert_true(got.size == 0 && got.count[0] == 0);
    assert_ok(kma_scorer_get_volume(inside, &back));
    assert_true(back.bits == v.bits);
    assert_ok(kma_scorer_get_detector(detector, &got));
    assert_true(got.size == sizeof got && got.centre[1] == 3.5 && got.count[0] == 7 && got.count[1] == 1);
    assert_true(got.pixel_size[0] == 1 && got.pixel_size[1] == 0.3 && got.absorbs == 0);
    assert_near(got.u[0], 1 / sqrt(5.25), 1e-15);
    assert_near(got.u[0] * got.v[0] + got.u[1] * got.v[1] + got.u[2] * got.v[2], 0, 1e-15);
    assert_ok(kma_scorer_create_detector("same", &got, &same)); /* they are options */
    assert_ok(kma_scorer_get_detector(same, &again));
    assert_memory_equal(&again, &got, sizeof got);
    assert_ok(kma_volume_release(&v));
    assert_ok(kma_volume_release(&back));
    assert_fails(kma_scorer_get_volume(inside, &back), KMA_ERR_STALE, "volume was released");
    assert_ok(kma_scorer_release(&same));
    assert_ok(kma_scorer_release(&detector));
    assert_ok(kma_scorer_release(&inside));
    assert_ok(kma_solid_release(&box));
    kmt_assert_no_live_objects();
}

/* v as near to u as is allowed. */
PROPERTY(a_detector_made_of_its_own_options_is_the_same_to_the_bit, 300)
{
    kma_detector_options o = options(), once, twice;
    kma_scorer first = {0}, second = {0};
    double length = exp(20 * kmi_rng_uniform(rng) - 10), tilt = exp(-5 * kmi_rng_uniform(rng));
    kmi_vec3 u = kmt_direction(rng), side, unused, v;

    kmi_basis(u, &side, &unused);
    v = kmi_add(u, kmi_scale(side, tilt));
    o.u[0] = length * u.x, o.u[1] = length * u.y, o.u[2] = length * u.z;
    o.v[0] = v.x, o.v[1] = v.y, o.v[2] = v.z;
    assert_ok(kma_scorer_create_detector("d", &o, &first));
    assert_ok(kma_scorer_get_detector(first, &once));
    assert_ok(kma_scorer_create_detector("d", &once, &second));
    assert_ok(kma_scorer_get_detector(second, &twice));
    assert_memory_equal(&once, &twice, sizeof once);
    assert_ok(kma_scorer_release(&first));
    assert_ok(kma_scorer_release(&second));
}
