#include "chi_square.h"

#include "base/digest.h"
#include "emission/source.h"
#include "emission/spectrum.h"

#define PI 3.14159265358979323846

enum { PHOTONS = 400000 };

static kmi_spectrum *spectrum;
static kmi_source *source;
static kmi_rng rng;

static kma_source_options defaults(void)
{
    kma_source_options o;
    assert_ok(kma_source_options_defaults(&o));
    return o;
}

static void start(const kma_source_options *o, uint64_t seed)
{
    const double energy[] = {0.03, 0.06}, weight[] = {1, 1};

    assert_ok(kmi_spectrum_new_lines(energy, weight, 2, &spectrum));
    assert_ok(kmi_source_new(o, spectrum, 0, &source));
    kmi_rng_start(&rng, seed, 0, KMI_STREAM_SOURCE);
}

static void end(void)
{
    kmi_source_destroy(source);
    kmi_spectrum_destroy(spectrum);
}

static kmi_emission emit(void)
{
    kmi_emission e;

    memset(&e, 0xff, sizeof e); /* a member that is not set is a nan */
    kmi_source_emit(source, &rng, &e);
    assert_true(e.weight == 1);
    assert_true(e.energy == 0.03 || e.energy == 0.06);
    assert_near(kmi_norm(e.direction), 1, 4e-16);
    return e;
}

static void assert_vector(kmi_vec3 v, double x, double y, double z)
{
    assert_near(v.x, x, 1e-13);
    assert_near(v.y, y, 1e-13);
    assert_near(v.z, z, 1e-13);
}

/* Cosine to the axis and azimuth around it, evenly cut: every cell has the same solid angle. */
static void check_cone(kmi_vec3 axis, double half_angle, uint64_t seed)
{
    enum { COSINES = 16, AZIMUTHS = 16 };
    static long counts[COSINES * AZIMUTHS];
    kma_source_options o = defaults();
    kmi_vec3 u, v;
    int i;

    memset(counts, 0, sizeof counts);
    o.emission = half_angle == PI ? KMA_EMISSION_ISOTROPIC : KMA_EMISSION_CONE;
    o.half_angle = half_angle;
    o.position[0] = 7;
    o.direction[0] = 3 * axis.x;
    o.direction[1] = 3 * axis.y;
    o.direction[2] = 3 * axis.z;
    axis = kmi_scale(axis, 1 / kmi_norm(axis));
    kmi_basis(axis, &u, &v);
    start(&o, seed);
    for (i = 0; i < PHOTONS; i++) {
        kmi_emission e = emit();
        double c = kmi_dot(e.direction, axis), azimuth = atan2(kmi_dot(e.direction, v), kmi_dot(e.direction, u));
        double rounding = 1e-15;
        assert_vector(e.position, 7, 0, 0);
        assert_true(c >= cos(half_angle) - rounding && c <= 1 + rounding);
        c = fmax(fmin(c, 1), cos(half_angle));
        counts[class_of(c, cos(half_angle), 1, COSINES) * AZIMUTHS + class_of(azimuth, -PI, PI, AZIMUTHS)]++;
    }
    assert_even(counts, COSINES * AZIMUTHS);
    end();
}

TEST(an_isotropic_source_is_even_in_solid_angle)
{
    check_cone(kmi_vec(0, 0, 1), PI, 1);
    check_cone(kmi_vec(1, -2, 0.5), PI, 2);
}

TEST(a_cone_is_even_in_its_solid_angle_and_holds_all_photons)
{
    check_cone(kmi_vec(0, 0, 1), 0.2, 3);
    check_cone(kmi_vec(1, -2, 0.5), 1, 4);
    check_cone(kmi_vec(0, 0, -1), 2.5, 5);
    check_cone(kmi_vec(-1, 0, 0), PI / 2, 6);
}

TEST(a_cone_of_a_nanoradian_is_even_too)
{
    enum { RINGS = 50 };
    static long counts[RINGS];
    const double half_angle = 1e-9;
    kma_source_options o = defaults();
    int i;

    memset(counts, 0, sizeof counts);
    o.emission = KMA_EMISSION_CONE;
    o.half_angle = half_angle;
    start(&o, 7);
    for (i = 0; i < PHOTONS; i++) { /* for so small angles even in theta^2 = x^2 + y^2 */
        kmi_emission e = emit();
        double squares = e.direction.x * e.direction.x + e.direction.y * e.direction.y;
        assert_true(squares <= half_angle * half_angle * (1 + 1e-15));
        counts[class_of(fmin(squares / (half_angle * half_angle), 1), 0, 1, RINGS)]++;
    }
    assert_even(counts, RINGS);
    end();
}

/* Solid angle of a triangle seen from the origin (A. van Oosterom and J. Strackee, IEEE Trans. Biomed. Eng. 30
 * (1983) 125): not the formula that the sampling inverts. */
static double triangle(kmi_vec3 a, kmi_vec3 b, kmi_vec3 c)
{
    double la = kmi_norm(a), lb = kmi_norm(b), lc = kmi_norm(c);
    return 2 * fabs(atan2(kmi_dot(a, kmi_cross(b, c)),
                          la * lb * lc + kmi_dot(a, b) * lc + kmi_dot(a, c) * lb + kmi_dot(b, c) * la));
}

static double rectangle(double x0, double x1, double y0, double y1, double d)
{
    return triangle(kmi_vec(x0, y0, d), kmi_vec(x1, y0, d), kmi_vec(x1, y1, d)) +
           triangle(kmi_vec(x0, y0, d), kmi_vec(x1, y1, d), kmi_vec(x0, y1, d));
}

/* Cuts of -half .. half that are even in angle, as a wide field's photons nearly are. */
static double cut(double half, double distance, int i, int n)
{
    return i == 0 ? -half : i == n ? half : distance * tan((2.0 * i / n - 1) * atan(half / distance));
}

static int cut_class(const double *cuts, int n, double x)
{
    int i = 0;
    assert_true_msg(x >= cuts[0] && x <= cuts[n], "%.17g is outside of the field's %.17g .. %.17g", x, cuts[0], cuts[n]);
    while (i < n - 1 && x >= cuts[i + 1]) i++;
    return i;
}

/* Photons are counted in cells of the field's plane. */
static void check_field(double width, double height, double distance, uint64_t seed)
{
    enum { N = 12 };
    static long counts[N * N];
    double probability[N * N], x_cut[N + 1], y_cut[N + 1], total = 0;
    kma_source_options o = defaults();
    int i, j;

    memset(counts, 0, sizeof counts);
    o.emission = KMA_EMISSION_FIELD;
    o.field_width = width;
    o.field_height = height;
    o.field_distance = distance;
    for (i = 0; i <= N; i++) {
        x_cut[i] = cut(0.5 * width, distance, i, N);
        y_cut[i] = cut(0.5 * height, distance, i, N);
    }
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++)
            total += probability[i * N + j] = rectangle(x_cut[i], x_cut[i + 1], y_cut[j], y_cut[j + 1], distance);
    for (i = 0; i < N * N; i++) probability[i] /= total;
    start(&o, seed);
    for (i = 0; i < PHOTONS; i++) {
        kmi_emission e = emit(); /* along z, width along x, height along y */
        double x = e.direction.x / e.direction.z * distance, y = e.direction.y / e.direction.z * distance;
        assert_true(e.direction.z > 0);
        assert_true(fabs(x) <= 0.5 * width * (1 + 1e-15) && fabs(y) <= 0.5 * height * (1 + 1e-15));
        x = fmax(-0.5 * width, fmin(0.5 * width, x));
        y = fmax(-0.5 * height, fmin(0.5 * height, y));
        counts[cut_class(x_cut, N, x) * N + cut_class(y_cut, N, y)]++;
    }
    assert_follows(counts, probability, N * N);
    end();
}

TEST(a_field_is_even_in_its_solid_angle_and_holds_all_photons)
{
    check_field(300, 200, 1000, 10);  /* radiography */
    check_field(200, 300, 1000, 11);  /* the other side is the shorter one */
    check_field(1000, 1000, 200, 12); /* wide: the corners get a fiftieth of the centre's density */
    check_field(10, 1000, 50, 13);    /* long and narrow */
    check_field(0.01, 0.02, 1000, 14);
}

TEST(a_field_of_nearly_half_the_sphere_is_even_in_solid_angle)
{
    check_field(4000, 2000, 10, 15);
    check_field(400, 1000, 1, 16);
}

TEST(a_field_of_any_proportions_holds_all_photons)
{
    static const double lengths[] = {1e-9, 1e-3, 1, 1e4, 1e9};
    enum { N = sizeof lengths / sizeof *lengths };
    int i, k;

    for (i = 0; i < N * N * N; i++) {
        kma_source_options o = defaults();
        double d;
        o.emission = KMA_EMISSION_FIELD;
        o.field_width = lengths[i % N];
        o.field_height = lengths[i / N % N];
        o.field_distance = d = lengths[i / N / N];
        start(&o, 17);
        for (k = 0; k < 200; k++) {
            kmi_emission e = emit();
            assert_true(e.direction.z > 0);
            assert_true(fabs(e.direction.x) <= 0.5 * o.field_width / d * e.direction.z * (1 + 1e-15));
            assert_true(fabs(e.direction.y) <= 0.5 * o.field_height / d * e.direction.z * (1 + 1e-15));
        }
        end();
    }
}

TEST(up_turns_the_field)
{
    kma_source_options o = defaults();
    double wide = 0, high = 0;
    int i;

    o.emission = KMA_EMISSION_FIELD;
    o.direction[0] = -2;
    o.direction[2] = 0;
    o.up[1] = 5;
    o.up[2] = 5; /* height along (0, 1, 1), so width along height x direction = (0, -1, 1) */
    o.field_width = 400;
    o.field_height = 20;
    o.field_distance = 100;
    start(&o, 18);
    for (i = 0; i < 1000; i++) {
        kmi_vec3 d = emit().direction;
        wide = fmax(wide, fabs(d.z - d.y) / sqrt(2) / -d.x * 100);
        high = fmax(high, fabs(d.z + d.y) / sqrt(2) / -d.x * 100);
    }
    assert_true(wide <= 200 * (1 + 1e-14) && wide > 190);
    assert_true(high <= 10 * (1 + 1e-14) && high > 9.9);
    end();
}

TEST(a_parallel_rectangle_is_even_over_its_area)
{
    enum { N = 16 };
    static long counts[N * N];
    kma_source_options o = defaults();
    int i;

    memset(counts, 0, sizeof counts);
    o.kind = KMA_SOURCE_PARALLEL;
    o.position[0] = 10;
    o.position[1] = 20;
    o.position[2] = 30;
    o.direction[0] = 1;
    o.direction[2] = 0;
    o.up[2] = 1; /* width along z x x = y */
    o.field_width = 40;
    o.field_height = 8;
    start(&o, 20);
    for (i = 0; i < PHOTONS; i++) {
        kmi_emission e = emit();
        assert_vector(e.direction, 1, 0, 0);
        assert_true(e.position.x == 10);
        counts[class_of(e.position.y, 0, 40, N) * N + class_of(e.position.z, 26, 34, N)]++;
    }
    assert_even(counts, N * N);
    end();
}

TEST(a_parallel_disc_is_even_over_its_area)
{
    enum { N = 16 };
    static long counts[N * N];
    kma_source_options o = defaults();
    kmi_vec3 axis = kmi_vec(2.0 / 3, -1.0 / 3, 2.0 / 3), u, v;
    int i;

    memset(counts, 0, sizeof counts);
    kmi_basis(axis, &u, &v);
    o.kind = KMA_SOURCE_PARALLEL;
    o.field = KMA_FIELD_DISC;
    o.field_radius = 5;
    o.position[2] = 100;
    o.direction[0] = 2;
    o.direction[1] = -1;
    o.direction[2] = 2;
    start(&o, 21);
    for (i = 0; i < PHOTONS; i++) {
        kmi_emission e = emit();
        kmi_vec3 p = kmi_sub(e.position, kmi_vec(0, 0, 100));
        assert_vector(e.direction, axis.x, axis.y, axis.z);
        assert_near(kmi_dot(p, axis), 0, 1e-13);
        counts[class_of(fmin(kmi_dot(p, p) / 25, 1), 0, 1, N) * N + /* beyond 1 by rounding alone: */
               class_of(atan2(kmi_dot(p, v), kmi_dot(p, u)), -PI, PI, N)]++;
        assert_true(kmi_dot(p, p) <= 25 * (1 + 1e-14));
    }
    assert_even(counts, N * N);
    end();
}

TEST(a_pencil_is_a_line)
{
    kma_source_options o = defaults();
    int i;

    o.kind = KMA_SOURCE_PENCIL;
    o.position[1] = -3;
    o.direction[0] = 4;
    o.direction[2] = 3;
    start(&o, 22);
    for (i = 0; i < 100; i++) {
        kmi_emission e = emit();
        assert_true(e.position.x == 0 && e.position.y == -3 && e.position.z == 0);
        assert_vector(e.direction, 0.8, 0, 0.6);
    }
    end();
}

TEST(energy_and_direction_are_independent)
{
    enum { N = 32 };
    static long counts[2 * N];
    kma_source_options o = defaults();
    int i;

    memset(counts, 0, sizeof counts);
    start(&o, 23);
    for (i = 0; i < PHOTONS; i++) {
        kmi_emission e = emit();
        counts[(e.energy > 0.05 ? N : 0) + class_of(e.direction.z, -1, 1, N)]++;
    }
    assert_even(counts, 2 * N);
    end();
}

static void add(kmi_digest *d, kmi_vec3 v)
{
    kmi_digest_double(d, v.x);
    kmi_digest_double(d, v.y);
    kmi_digest_double(d, v.z);
}

/* Made with gcc 12; equal for clang 14, -O0 to -O3, with and without sanitizers. It changes when the sampling does. */
TEST(emission_has_the_same_bits_everywhere)
{
    static const kma_source_kind kinds[] = {KMA_SOURCE_POINT,  KMA_SOURCE_POINT,    KMA_SOURCE_POINT,
                                            KMA_SOURCE_PENCIL, KMA_SOURCE_PARALLEL, KMA_SOURCE_PARALLEL};
    uint8_t bytes[KMI_DIGEST_SIZE];
    char text[KMI_DIGEST_TEXT_SIZE];
    kmi_digest d;
    int k, i;

    kmi_digest_start(&d, "emission");
    for (k = 0; k < 6; k++) {
        kma_source_options o = defaults();
        o.kind = kinds[k];
        o.emission = (kma_emission)(1 + k % 3);
        o.field = (kma_field)(1 + k % 2);
        o.direction[0] = 0.3;
        o.direction[1] = -0.7;
        o.up[0] = 1;
        o.half_angle = 0.4;
        o.field_width = 300;
        start(&o, 24);
        for (i = 0; i < 10000; i++) {
            kmi_emission e = emit();
            kmi_digest_double(&d, e.energy);
            add(&d, e.position);
            add(&d, e.direction);
        }
        end();
    }
    kmi_digest_end(&d, bytes);
    kmi_digest_format(bytes, text);
    assert_string_equal(text, "d44736b02bad1c25242e19e67eaaedaafb46dd495de3aff2040e137e81d38f40");
}
