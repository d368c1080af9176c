#include "kmt.h"

#include <math.h>

#include "base/handle.h"
#include "emission/source.h"
#include "emission/spectrum.h"

#define PI 3.14159265358979323846

static kma_spectrum mono(void)
{
    kma_spectrum s = {0};
    assert_ok(kma_spectrum_create_mono(0.1, &s));
    return s;
}

static kma_source_options defaults(void)
{
    kma_source_options o;
    assert_ok(kma_source_options_defaults(&o));
    return o;
}

static kma_source_options field(double width, double height, double distance)
{
    kma_source_options o = defaults();
    o.emission = KMA_EMISSION_FIELD;
    o.field_width = width;
    o.field_height = height;
    o.field_distance = distance;
    return o;
}

static double solid_angle(const kma_source_options *o)
{
    kma_spectrum spectrum = mono();
    kma_source s = {0};
    double value = 0;

    assert_ok(kma_source_create(o, spectrum, &s));
    assert_ok(kma_source_get_solid_angle(s, &value));
    assert_ok(kma_source_release(&s));
    assert_ok(kma_spectrum_release(&spectrum));
    return value;
}

TEST(the_solid_angle_of_a_rectangle_is_the_analytic_one)
{
    static const double cases[][3] = {{1, 1, 1}, {300, 200, 1000}, {1, 1000, 10}, {1e6, 1e6, 1}, {0.01, 0.02, 1e3}};
    kma_source_options o = field(2, 2, 1);
    size_t i;

    assert_near(solid_angle(&o), 4 * PI / 6, 1e-15); /* a face of a cube, from its centre */
    o = field(1e-3, 1e-3, 1e3);
    assert_near(solid_angle(&o), 1e-12, 1e-24); /* far away: area / distance^2, less 1e-12 of it */
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        /* 4 asin(ab / sqrt((a^2 + d^2)(b^2 + d^2))): Khadjavi's other form. */
        double a = 0.5 * cases[i][0], b = 0.5 * cases[i][1], d = cases[i][2], expected;
        expected = 4 * asin(a * b / sqrt((a * a + d * d) * (b * b + d * d)));
        o = field(cases[i][0], cases[i][1], d);
        assert_near(solid_angle(&o), expected, 1e-10 * expected); /* asin next to 1 has few digits */
    }
}

TEST(the_solid_angle_of_a_cone_is_the_analytic_one)
{
    static const double angles[] = {1e-6, 0.1, 1, PI / 2, 3, PI};
    kma_source_options o = defaults();
    size_t i;

    assert_near(solid_angle(&o), 4 * PI, 1e-14); /* isotropic */
    o.emission = KMA_EMISSION_CONE;
    for (i = 0; i < sizeof angles / sizeof *angles; i++) {
        double half = sin(0.5 * angles[i]);
        o.half_angle = angles[i];
        assert_near(solid_angle(&o), 4 * PI * half * half, 1e-14 * half * half);
    }
}

TEST(a_pencil_or_parallel_source_has_no_solid_angle)
{
    kma_spectrum spectrum = mono();
    kma_source_options o = defaults();
    kma_source s = {0};
    double value = 1;

    o.kind = KMA_SOURCE_PENCIL;
    assert_ok(kma_source_create(&o, spectrum, &s));
    assert_fails(kma_source_get_solid_angle(s, &value), KMA_ERR_ARGUMENT, "a pencil source has no solid angle");
    assert_true(value == 0);
    assert_ok(kma_source_release(&s));
    o.kind = KMA_SOURCE_PARALLEL;
    assert_ok(kma_source_create(&o, spectrum, &s));
    assert_fails(kma_source_get_solid_angle(s, &value), KMA_ERR_ARGUMENT, "a parallel source has no solid angle");
    assert_ok(kma_source_release(&s));
    assert_ok(kma_spectrum_release(&spectrum));
    kmt_assert_no_live_objects();
}

TEST(directions_are_normalised_whatever_their_size_and_up_is_made_perpendicular)
{
    static const double sizes[] = {1, 1e-300, 1e300, 5e-324 * 0x1p60};
    kma_spectrum spectrum = mono();
    size_t i;

    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        kma_source_options o = field(10, 20, 100), got;
        kma_source s = {0};

        o.direction[0] = 3 * sizes[i];
        o.direction[1] = 0;
        o.direction[2] = -4 * sizes[i];
        o.up[0] = 0.5 * sizes[i];
        o.up[1] = 1 * sizes[i];
        o.up[2] = 0;
        assert_ok(kma_source_create(&o, spectrum, &s));
        assert_ok(kma_source_get_options(s, &got));
        assert_near(got.direction[0], 0.6, 1e-15);
        assert_near(got.direction[1], 0, 1e-15);
        assert_near(got.direction[2], -0.8, 1e-15);
        /* (1/2, 1, 0) less its 0.3 along the direction, normalised */
        assert_near(got.up[0], 0.32 / sqrt(1.16), 1e-15);
        assert_near(got.up[1], 1 / sqrt(1.16), 1e-15);
        assert_near(got.up[2], 0.24 / sqrt(1.16), 1e-15);
        assert_ok(kma_source_release(&s));
    }
    assert_ok(kma_spectrum_release(&spectrum));
}

static void assert_default_up(double x, double y, double z, double up_x, double up_y, double up_z)
{
    kma_spectrum spectrum = mono();
    kma_source_options o = field(10, 20, 100);
    kma_source s = {0};

    o.direction[0] = x;
    o.direction[1] = y;
    o.direction[2] = z;
    assert_ok(kma_source_create(&o, spectrum, &s));
    assert_ok(kma_source_get_options(s, &o));
    assert_near(o.up[0], up_x, 1e-15);
    assert_near(o.up[1], up_y, 1e-15);
    assert_near(o.up[2], up_z, 1e-15);
    assert_ok(kma_source_release(&s));
    assert_ok(kma_spectrum_release(&spectrum));
}

TEST(without_up_the_height_is_along_y_or_z_if_the_direction_is)
{
    assert_default_up(0, 0, 1, 0, 1, 0);
    assert_default_up(-5, 0, 0, 0, 1, 0);
    assert_default_up(0, 2, 0, 0, 0, 1);
    assert_default_up(0, -1, 0, 0, 0, 1);
}

TEST(options_that_break_a_rule_are_named)
{
    kma_spectrum spectrum = mono();
    kma_source s = {1};
    kma_source_options o;

#define REFUSES(change, text)                                                                                          \
    o = defaults();                                                                                                    \
    change;                                                                                                            \
    s.bits = 1;                                                                                                        \
    assert_fails(kma_source_create(&o, spectrum, &s), KMA_ERR_ARGUMENT, text);                                         \
    assert_int_equal(s.bits, 0)
    REFUSES(memset(&o, 0, sizeof o), "options->size is 0 (must be");
    REFUSES(o.size++, "kma_source_options_defaults() sets it");
    REFUSES(o.kind = (kma_source_kind)9, "kind is 9 (must be KMA_SOURCE_POINT, _PENCIL or _PARALLEL)");
    REFUSES(o.position[1] = NAN, "position is (0, ");
    REFUSES(o.position[2] = -INFINITY, "-inf) mm");
    REFUSES(o.position[0] = 2e9, "position is (2e+09, 0, 0) mm");
    REFUSES(o.weight = 0, "weight is 0 (must be finite and above 0)");
    REFUSES(o.weight = -1, "weight is -1");
    REFUSES(o.weight = INFINITY, "weight is inf");
    REFUSES(o.weight = NAN, "weight is");
    REFUSES(o.emission = (kma_emission)0, "emission is 0 (must be");
    REFUSES(o.kind = KMA_SOURCE_PENCIL; o.direction[2] = 0, "direction is (0, 0, 0) (must have a length)");
    REFUSES(o.kind = KMA_SOURCE_PENCIL; o.direction[0] = NAN, "(must be finite)");
    REFUSES(o.kind = KMA_SOURCE_PENCIL; o.direction[1] = INFINITY, "direction is (0, inf, 1) (must be finite)");
    REFUSES(o.emission = KMA_EMISSION_CONE; o.direction[2] = 0, "direction is (0, 0, 0)");
    REFUSES(o.emission = KMA_EMISSION_CONE; o.half_angle = 0, "half_angle is 0 rad (must be above 0");
    REFUSES(o.emission = KMA_EMISSION_CONE; o.half_angle = -1, "half_angle is -1 rad");
    REFUSES(o.emission = KMA_EMISSION_CONE; o.half_angle = 180, "half_angle is 180 rad");
    REFUSES(o.emission = KMA_EMISSION_CONE; o.half_angle = NAN, "half_angle is");
    REFUSES(o.emission = KMA_EMISSION_CONE; o.half_angle = 1e-200, "too small for a solid angle");
    REFUSES(o.emission = KMA_EMISSION_FIELD; o.field_width = 0, "field_width is 0 mm (must be 1e-09 to 1e+09)");
    REFUSES(o.emission = KMA_EMISSION_FIELD; o.field_height = -3, "field_height is -3 mm");
    REFUSES(o.emission = KMA_EMISSION_FIELD; o.field_height = NAN, "field_height is");
    REFUSES(o.emission = KMA_EMISSION_FIELD; o.field_distance = INFINITY, "field_distance is inf mm");
    REFUSES(o.emission = KMA_EMISSION_FIELD; o.up[2] = -2, "up (0, 0, -2) lies along the direction (0, 0, 1)");
    REFUSES(o.emission = KMA_EMISSION_FIELD; o.up[1] = NAN, "up is (0, ");
    REFUSES(o.kind = KMA_SOURCE_PARALLEL; o.field = (kma_field)3, "field is 3 (must be");
    REFUSES(o.kind = KMA_SOURCE_PARALLEL; o.field_width = 1e10, "field_width is 1e+10 mm");
    REFUSES(o.kind = KMA_SOURCE_PARALLEL; o.field = KMA_FIELD_DISC; o.field_radius = 0, "field_radius is 0 mm");
#undef REFUSES
    assert_fails(kma_source_create(NULL, spectrum, &s), KMA_ERR_ARGUMENT, "options is NULL");
    o = defaults();
    assert_fails(kma_source_create(&o, spectrum, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_source_options_defaults(NULL), KMA_ERR_ARGUMENT, "options is NULL");
    assert_ok(kma_spectrum_release(&spectrum)); /* no failure has kept a use */
    kmt_assert_no_live_objects();
}

TEST(members_that_a_kind_does_not_use_are_not_looked_at)
{
    kma_spectrum spectrum = mono();
    kma_source_options o = defaults();
    kma_source s = {0};

    memset(o.direction, 0, sizeof o.direction);
    o.half_angle = o.field_width = o.field_height = o.field_distance = o.field_radius = NAN;
    o.field = (kma_field)7;
    assert_ok(kma_source_create(&o, spectrum, &s)); /* isotropic */
    assert_ok(kma_source_release(&s));
    assert_ok(kma_spectrum_release(&spectrum));
}

TEST(a_source_keeps_its_spectrum_alive)
{
    kma_spectrum spectrum = mono(), same = {0}, copy = spectrum;
    kma_source_options o = defaults();
    kma_source s = {0};
    kmi_emission photon;
    kmi_rng rng;
    void *object = NULL;

    assert_ok(kma_source_create(&o, spectrum, &s));
    assert_ok(kma_source_get_spectrum(s, &same));
    assert_int_equal(same.bits, spectrum.bits);
    assert_ok(kma_spectrum_release(&same));
    assert_ok(kma_spectrum_release(&spectrum));
    assert_fails(kma_spectrum_retain(copy), KMA_ERR_STALE, "spectrum"); /* no name any more, but */
    assert_int_equal(kma_live_objects(KMA_KIND_SPECTRUM), 1);
    assert_fails(kma_source_get_spectrum(s, &same), KMA_ERR_STALE, "spectrum was released");
    assert_int_equal(same.bits, 0);
    assert_ok(kmi_handle_pin(KMA_KIND_SOURCE, s.bits, &object));
    kmi_rng_start(&rng, 1, 0, KMI_STREAM_SOURCE);
    kmi_source_emit(object, &rng, &photon);
    assert_true(photon.energy == 0.1);
    kmi_handle_unpin(s.bits);
    assert_ok(kma_source_release(&s));
    kmt_assert_no_live_objects();
}

TEST(null_stale_and_foreign_handles_are_refused)
{
    kma_spectrum spectrum = mono(), gone;
    kma_source_options o = defaults();
    kma_source s = {0}, copy;
    double value = 1;

    assert_ok(kma_source_create(&o, spectrum, &s));
    assert_fails(kma_source_get_options(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_source_get_spectrum(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_source_get_solid_angle(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_source_release(NULL), KMA_ERR_ARGUMENT, "self is NULL");
    copy = s;
    assert_ok(kma_source_retain(s));
    assert_ok(kma_source_release(&s));
    s = copy;
    assert_ok(kma_source_release(&s));
    assert_ok(kma_source_release(&s));
    assert_fails(kma_source_retain(copy), KMA_ERR_STALE, "source was released");
    assert_fails(kma_source_get_options(copy, &o), KMA_ERR_STALE, "source was released");
    assert_int_equal(o.size, 0);
    assert_fails(kma_source_get_solid_angle(copy, &value), KMA_ERR_STALE, "source was released");
    assert_true(value == 0);
    assert_fails(kma_source_release(&copy), KMA_ERR_STALE, "source was released");

    o = defaults();
    copy.bits = spectrum.bits; /* a spectrum's name in a source's place, and none */
    assert_fails(kma_source_get_solid_angle(copy, &value), KMA_ERR_ARGUMENT, "this one names a spectrum");
    gone.bits = 0;
    assert_fails(kma_source_create(&o, gone, &s), KMA_ERR_ARGUMENT, "spectrum handle names nothing");
    gone = spectrum;
    assert_ok(kma_spectrum_release(&spectrum));
    assert_fails(kma_source_create(&o, gone, &s), KMA_ERR_STALE, "spectrum was released");
    kmt_assert_no_live_objects();
}

TEST(an_allocation_that_fails_leaves_nothing_behind)
{
    kma_spectrum spectrum = mono();
    kma_source_options o = defaults();
    kma_source s = {1};

    kmt_fail_allocation(1);
    assert_fails(kma_source_create(&o, spectrum, &s), KMA_ERR_MEMORY, "no memory for a source");
    assert_true(kmt_allocation_failed());
    kmt_fail_allocation(0);
    assert_int_equal(s.bits, 0);
    assert_int_equal(kma_live_objects(KMA_KIND_SOURCE), 0);
    assert_ok(kma_spectrum_release(&spectrum));
    kmt_assert_no_live_objects();
}

static void digest_of(const kma_source_options *o, double energy, uint8_t out[32])
{
    double weight = 1;
    kmi_spectrum *spectrum = NULL;
    kmi_source *s = NULL;

    assert_ok(kmi_spectrum_new_lines(&energy, &weight, 1, &spectrum));
    assert_ok(kmi_source_new(o, spectrum, 0, &s));
    assert_true(kmi_source_weight(s) == o->weight);
    assert_ptr_equal(kmi_source_spectrum(s), spectrum);
    kmi_source_digest(s, out);
    kmi_source_destroy(s);
    kmi_spectrum_destroy(spectrum);
}

TEST(a_digest_changes_with_all_that_makes_a_difference_and_nothing_else)
{
    enum { CHANGES = 9 };
    kma_source_options base = field(10, 20, 100), o[CHANGES];
    uint8_t digest[CHANGES][32], other[32];
    int i, j;

    for (i = 0; i < CHANGES; i++) o[i] = base;
    o[1].position[1] = 5;
    o[2].direction[0] = 1;
    o[3].up[0] = 1;
    o[4].field_width = 11;
    o[5].field_distance = 101;
    o[6].weight = 2;
    o[7].emission = KMA_EMISSION_CONE;
    o[8].kind = KMA_SOURCE_PARALLEL;
    for (i = 0; i < CHANGES; i++) digest_of(&o[i], 0.1, digest[i]);
    for (i = 0; i < CHANGES; i++)
        for (j = 0; j < i; j++) assert_memory_not_equal(digest[i], digest[j], 32);
    digest_of(&base, 0.2, other);
    assert_memory_not_equal(digest[0], other, 32);
    base.direction[2] = 17; /* the same direction */
    base.up[1] = 3;         /* as it is without */
    base.half_angle = 1;    /* of a cone */
    base.field_radius = 3;  /* of a disc */
    base.field = KMA_FIELD_DISC;
    digest_of(&base, 0.1, other);
    assert_memory_equal(digest[0], other, 32);
    o[7].half_angle = 0.5;
    digest_of(&o[7], 0.1, other);
    assert_memory_not_equal(digest[7], other, 32);
    o[8].field = KMA_FIELD_DISC;
    digest_of(&o[8], 0.1, digest[7]);
    assert_memory_not_equal(digest[7], digest[8], 32);
    o[8].field_radius = 51;
    digest_of(&o[8], 0.1, other);
    assert_memory_not_equal(digest[7], other, 32);
}

/* Directions of any length, `up` nearly along them too. */
PROPERTY(a_source_made_of_its_own_options_is_the_same_to_the_bit, 300)
{
    kma_source_options o = field(10, 20, 300);
    kma_spectrum s = mono();
    kma_source first = {0}, second = {0};
    uint8_t a[32], b[32];
    void *object = NULL;
    double length = exp(20 * kmi_rng_uniform(rng) - 10), tilt = exp(-12 * kmi_rng_uniform(rng));
    kmi_vec3 d = kmt_direction(rng), up = kmt_direction(rng);

    up = kmi_add(d, kmi_scale(up, tilt));
    o.direction[0] = length * d.x, o.direction[1] = length * d.y, o.direction[2] = length * d.z;
    o.up[0] = up.x, o.up[1] = up.y, o.up[2] = up.z;
    if (seed % 5 == 0) o.up[0] = o.up[1] = o.up[2] = 0;
    if (seed % 3 == 0) o.kind = KMA_SOURCE_PARALLEL;
    assert_ok(kma_source_create(&o, s, &first));
    assert_ok(kma_source_get_options(first, &o));
    assert_ok(kma_source_create(&o, s, &second));
    assert_ok(kmi_handle_pin(KMA_KIND_SOURCE, first.bits, &object));
    kmi_source_digest(object, a);
    kmi_handle_unpin(first.bits);
    assert_ok(kmi_handle_pin(KMA_KIND_SOURCE, second.bits, &object));
    kmi_source_digest(object, b);
    kmi_handle_unpin(second.bits);
    assert_memory_equal(a, b, sizeof a);
    assert_ok(kma_source_release(&first));
    assert_ok(kma_source_release(&second));
    assert_ok(kma_spectrum_release(&s));
}
