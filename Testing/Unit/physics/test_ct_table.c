#include "kmt.h"

#include <math.h>

#include "kerma/ct_table.h"
#include "physics/ct_table.h"

static kma_material nist(const char *name)
{
    kma_material m = {0};
    assert_ok(kma_material_create_nist(name, &m));
    return m;
}

static double density_at(kma_ct_table t, double ct_number)
{
    size_t material = 0;
    double density = 0;
    assert_ok(kma_ct_table_convert(t, ct_number, &material, &density, NULL));
    return density;
}

/* Densities at the points that GATE lists for Schneider's calibration (its densities table), and
 * sections of TOPAS above 1600 HU. */
TEST(densities_of_the_builtin_table_are_the_published_ones)
{
    static const struct { double hu, density; } points[] = {
        {-1000, 0.00121}, {-98.000001, 0.93}, {-97, 0.931379}, {0, 1.018},     {14, 1.0305},  {15, 1.03},
        {22, 1.03},       {23, 1.029887},     {100, 1.1199},   {101, 1.0768}, {500, 1.313},  {1600, 1.9642},
        {2000, 2.201},    {2500, 2.451},      {2995, 4.54},    {3071, 4.54}};
    kma_ct_table t = {0};
    double low = 0, high = 0;
    size_t i;

    assert_ok(kma_ct_table_create_builtin(&t));
    for (i = 0; i < sizeof points / sizeof *points; i++)
        assert_near(density_at(t, points[i].hu), points[i].density, 1e-4);
    assert_ok(kma_ct_table_get_range(t, &low, &high));
    assert_true(low == -1000 && high == 3072);
    assert_ok(kma_ct_table_release(&t));
    kmt_assert_no_live_objects();
}

TEST(tissues_of_the_builtin_table_change_at_the_published_numbers)
{
    static const double first[] = {-1000, -950, -120, -82, -52, -22, 8,   19,  80,   120,  200,  300, 400,
                                   500,   600,  700,  800, 900, 1000, 1100, 1200, 1300, 1400, 1500, 2995};
    kma_ct_table t = {0};
    size_t count = 0, material = 0, i;
    double density;
    int outside;

    assert_ok(kma_ct_table_create_builtin(&t));
    assert_ok(kma_ct_table_count_materials(t, &count));
    assert_int_equal(count, 25);
    for (i = 0; i < 25; i++) {
        assert_ok(kma_ct_table_convert(t, first[i], &material, &density, &outside));
        assert_int_equal(material, i);
        assert_int_equal(outside, 0);
        if (i == 0) continue;
        assert_ok(kma_ct_table_convert(t, first[i] - 0.001, &material, &density, &outside));
        assert_int_equal(material, i - 1);
    }
    assert_ok(kma_ct_table_release(&t));
}

TEST(compositions_of_the_builtin_table_are_complete_and_those_of_the_paper)
{
    /* Schneider et al. (2000), table 6: rows -950..-120 and 1500..1600. */
    static const struct { size_t material; int z; double fraction; } cases[] = {
        {1, 1, 0.103}, {1, 6, 0.105}, {1, 7, 0.031}, {1, 8, 0.749}, {1, 19, 0.002},
        {23, 1, 0.034}, {23, 6, 0.155}, {23, 8, 0.435}, {23, 15, 0.103}, {23, 20, 0.225}, {0, 18, 0.013}};
    kmi_ct_table *t = NULL;
    size_t i, k;

    assert_ok(kmi_ct_table_new_builtin(&t));
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kmi_material *m = kmi_ct_table_material(t, cases[i].material);
        for (k = 0; k < m->count && m->z[k] != cases[i].z; k++) continue;
        assert_true(k < m->count);
        assert_near(m->fraction[k], cases[i].fraction, 5e-4);
    }
    for (i = 0; i < kmi_ct_table_material_count(t); i++) {
        const kmi_material *m = kmi_ct_table_material(t, i);
        double sum = 0;
        for (k = 0; k < m->count; k++) {
            /* each is a multiple of 0.1 % divided by a sum within 0.1 % of 1 */
            double permille = m->fraction[k] * 1000;
            assert_near(permille, round(permille), 0.0011 * permille);
            sum += m->fraction[k];
        }
        assert_near(sum, 1, 1e-14);
        assert_true(m->density > 0);
    }
    kmi_ct_table_destroy(t);
}

TEST(numbers_outside_are_clamped_and_told)
{
    kma_ct_table t = {0};
    kma_material water = nist("Water, Liquid"), bone = nist("Bone, Cortical (ICRP)");
    kma_ct_row rows[2] = {{0, 10, 0.5, 1.5, water}, {10, 20, 2, 3, bone}};
    static const struct { double ct; size_t material; double density; int outside; } cases[] = {
        {0, 0, 0.5, 0},  {5, 0, 1, 0},    {9.999, 0, 1.4999, 0}, {10, 1, 2, 0},       {15, 1, 2.5, 0},
        {20, 1, 3, 0},   {21, 1, 3, 1},   {-1e-9, 0, 0.5, -1},   {NAN, 0, 0.5, -1},   {INFINITY, 1, 3, 1},
        {-INFINITY, 0, 0.5, -1}, {1e300, 1, 3, 1}, {-1e300, 0, 0.5, -1}};
    size_t i;

    assert_ok(kma_ct_table_create(rows, 2, &t));
    assert_ok(kma_material_release(&water)); /* the table has copies */
    assert_ok(kma_material_release(&bone));
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t material = 9;
        double density = 9;
        int outside = 9;
        assert_ok(kma_ct_table_convert(t, cases[i].ct, &material, &density, &outside));
        assert_int_equal(material, cases[i].material);
        assert_near(density, (float)cases[i].density, 1e-6);
        assert_int_equal(outside, cases[i].outside);
    }
    assert_ok(kma_ct_table_release(&t));
    kmt_assert_no_live_objects();
}

TEST(rows_share_materials_and_materials_can_be_asked_back)
{
    kma_ct_table t = {0};
    kma_material water = nist("Water, Liquid"), lead = nist("Lead"), m = {0};
    kma_ct_row rows[3] = {{-1, 0, 1, 1, water}, {0, 1, 2, 2, lead}, {1, 2, 3, 3, water}};
    size_t count = 0, material = 9;
    double density;
    char name[32];

    assert_ok(kma_ct_table_create(rows, 3, &t));
    assert_ok(kma_ct_table_count_materials(t, &count));
    assert_int_equal(count, 2);
    assert_ok(kma_ct_table_convert(t, 1.5, &material, &density, NULL));
    assert_int_equal(material, 0);
    assert_near(density, 3, 0);
    assert_ok(kma_ct_table_get_material(t, 1, &m));
    assert_ok(kma_material_get_name(m, name, sizeof name, NULL));
    assert_string_equal(name, "Lead");
    assert_ok(kma_material_release(&m));
    assert_fails(kma_ct_table_get_material(t, 2, &m), KMA_ERR_ARGUMENT, "index is 2, the CT table has 2");
    assert_int_equal(m.bits, 0);
    assert_ok(kma_ct_table_retain(t));
    rows[0].material = water;
    assert_ok(kma_ct_table_release(&(kma_ct_table){t.bits}));
    assert_ok(kma_ct_table_release(&t));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&lead));
    kmt_assert_no_live_objects();
}

TEST(bad_rows_are_refused_with_their_number)
{
    kma_ct_table t = {1};
    kma_material water = nist("Water, Liquid");
    const kma_ct_row good[2] = {{0, 10, 0.5, 1.5, water}, {10, 20, 2, 3, water}};
    kma_ct_row rows[2];

#define REFUSED(change, text)                                                  \
    do {                                                                       \
        memcpy(rows, good, sizeof rows);                                       \
        change;                                                                \
        assert_fails(kma_ct_table_create(rows, 2, &t), KMA_ERR_ARGUMENT, text); \
        assert_int_equal(t.bits, 0);                                           \
    } while (0)
    REFUSED(rows[1].ct_low = 11, "rows[1]: the row begins at 11, the one before ends at 10");
    REFUSED(rows[1].ct_low = 9, "rows[1]: the row begins at 9");
    REFUSED(rows[1].ct_high = 10, "rows[1]: the row goes from 10 to 10");
    REFUSED(rows[1].ct_high = 5, "rows[1]: the row goes from 10 to 5");
    REFUSED(rows[1].ct_high = INFINITY, "rows[1]: the row goes from 10 to inf");
    REFUSED(rows[0].ct_low = NAN, "rows[0]: the row goes from nan to 10");
    REFUSED(rows[0].ct_low = -1e308; rows[1].ct_high = 1e308, "too far");
    REFUSED(rows[0].density_low = -0.1, "rows[0]: density_low is -0.1 g/cm3");
    REFUSED(rows[1].density_high = 101, "rows[1]: density_high is 101 g/cm3");
    REFUSED(rows[1].density_high = NAN, "rows[1]: density_high is nan");
    REFUSED(rows[1].material.bits = 0, "rows[1].material: the material handle names nothing");
#undef REFUSED
    assert_fails(kma_ct_table_create(NULL, 2, &t), KMA_ERR_ARGUMENT, "0 rows");
    assert_fails(kma_ct_table_create(good, 0, &t), KMA_ERR_ARGUMENT, "0 rows");
    assert_fails(kma_ct_table_create(good, 10001, &t), KMA_ERR_ARGUMENT, "10001 rows");
    assert_fails(kma_ct_table_create(good, 2, NULL), KMA_ERR_ARGUMENT, "NULL");
    assert_fails(kma_ct_table_create_builtin(NULL), KMA_ERR_ARGUMENT, "NULL");
    assert_fails(kma_ct_table_convert(t, 0, NULL, NULL, NULL), KMA_ERR_ARGUMENT, "NULL");
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}

PROPERTY(buckets_find_the_same_row_as_a_plain_search, 200)
{
    enum { ROWS = 60 };
    kmi_material *m = NULL;
    kmi_ct_table *t = NULL;
    kmi_ct_row rows[ROWS];
    double at = 2000 * (kmi_rng_uniform(rng) - 0.5);
    int i, n;

    assert_ok(kmi_material_new_nist("Water, Liquid", &m));
    for (i = 0; i < ROWS; i++) {
        double u = kmi_rng_uniform(rng);
        rows[i].ct_low = at;
        at += 1e-5 + 1000 * u * u * u * u * u * u; /* widths of all sizes */
        rows[i].ct_high = at;
        rows[i].density_low = rows[i].density_high = i;
        rows[i].material = m;
    }
    assert_ok(kmi_ct_table_new(rows, ROWS, &t));
    for (n = 0; n < 500; n++) {
        double ct = n < ROWS ? rows[n].ct_low : rows[0].ct_low + (at - rows[0].ct_low) * kmi_rng_uniform(rng);
        int outside = 0, expected = 0;
        if (n >= ROWS && n < 2 * ROWS) ct = nextafter(rows[n - ROWS].ct_high, -1e9);
        while (expected + 1 < ROWS && rows[expected + 1].ct_low <= ct) expected++;
        assert_int_equal((int)kmi_ct_table_convert(t, ct, &outside).density, expected);
        assert_int_equal(outside, 0);
    }
    kmi_ct_table_destroy(t);
    kmi_material_destroy(m);
}

TEST(the_digest_follows_rows_and_compositions)
{
    kmi_material *water = NULL, *lead = NULL;
    kmi_ct_row rows[2] = {{0, 10, 0.5, 1.5, NULL}, {10, 20, 2, 3, NULL}};
    uint8_t digest[7][32];
    int i, j;

    assert_ok(kmi_material_new_nist("Water, Liquid", &water));
    assert_ok(kmi_material_new_nist("Lead", &lead));
    rows[0].material = rows[1].material = water;
    for (i = 0; i < 7; i++) {
        kmi_ct_table *t = NULL;
        if (i == 2) rows[0].density_low = 0.6;
        if (i == 3) rows[1].material = lead;
        if (i == 4) rows[0].ct_high = rows[1].ct_low = 11;
        if (i == 5) rows[1].ct_high = 21;
        if (i == 6) rows[1].density_high = 3.5;
        assert_ok(kmi_ct_table_new(rows, 2, &t));
        kmi_ct_table_digest(t, digest[i]);
        kmi_ct_table_destroy(t);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    for (i = 1; i < 7; i++)
        for (j = i + 1; j < 7; j++) assert_memory_not_equal(digest[i], digest[j], 32);
    kmi_material_destroy(water);
    kmi_material_destroy(lead);
}

TEST(every_failing_allocation_is_reported_and_nothing_is_left)
{
    kma_material water = nist("Water, Liquid"), lead = nist("Lead");
    kma_ct_row rows[3] = {{-1, 0, 1, 1, water}, {0, 1, 2, 2, lead}, {1, 2, 3, 3, water}};
    int which;

    for (which = 0; which < 2; which++) {
        long n;
        for (n = 1; n < 500; n++) {
            kma_ct_table t = {0};
            kma_status status;
            kmt_fail_allocation(n);
            status = which == 0 ? kma_ct_table_create(rows, 3, &t) : kma_ct_table_create_builtin(&t);
            if (!kmt_allocation_failed()) {
                kmt_fail_allocation(0);
                assert_ok(status);
                assert_ok(kma_ct_table_release(&t));
                break;
            }
            kmt_fail_allocation(0);
            assert_fails(status, KMA_ERR_MEMORY, "");
            assert_int_equal(t.bits, 0);
            assert_int_equal(kma_live_objects(KMA_KIND_CT_TABLE), 0);
        }
        assert_true(n > 5 && n < 500);
    }
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&lead));
    kmt_assert_no_live_objects();
}

TEST(rows_come_back_as_they_were_given)
{
    kma_material water = nist("Water, Liquid"), lead = nist("Lead");
    kma_ct_row rows[3] = {{-1000, -950, 0.00121, 0.0527, water}, {-950, 0.1, 0.0527, 1.1, lead}, {0.1, 7, 1.3, 1.2, water}};
    kma_ct_table t = {0};
    kma_ct_row row;
    size_t n = 0, material = 9, i;

    assert_ok(kma_ct_table_create(rows, 3, &t));
    assert_ok(kma_ct_table_count_rows(t, &n));
    assert_int_equal(n, 3);
    for (i = 0; i < 3; i++) {
        assert_ok(kma_ct_table_get_row(t, i, &row, &material));
        assert_true(row.ct_low == rows[i].ct_low && row.ct_high == rows[i].ct_high);
        assert_true(row.density_low == rows[i].density_low && row.density_high == rows[i].density_high);
        assert_int_equal(row.material.bits, 0);
        assert_int_equal(material, i == 1);
    }
    assert_fails(kma_ct_table_get_row(t, 3, &row, &material), KMA_ERR_ARGUMENT, "the CT table has 3 rows");
    assert_true(row.ct_low == 0 && material == 0);
    assert_fails(kma_ct_table_get_row(t, 0, NULL, &material), KMA_ERR_ARGUMENT, "NULL");
    assert_fails(kma_ct_table_count_rows(t, NULL), KMA_ERR_ARGUMENT, "NULL");
    assert_ok(kma_ct_table_release(&t));
    assert_fails(kma_ct_table_count_rows(t, &n), KMA_ERR_ARGUMENT, "");
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&lead));
    kmt_assert_no_live_objects();
}
