#include "kmt_file.h"

#include <locale.h>
#include <math.h>

#include "io/ct_table_csv.h"

#define HEADER "ct_low,ct_high,density_low,density_high,material"

static kma_status parse(const char *text, kmi_ct_table **out)
{
    size_t size = strlen(text);
    char *copy = malloc(size + 1);
    kma_status status;

    memcpy(copy, text, size + 1);
    status = kmi_ct_table_parse_csv("t.csv", copy, size, out);
    free(copy);
    return status;
}

static kmi_ct_table *good(const char *text)
{
    kmi_ct_table *t = NULL;
    assert_ok(parse(text, &t));
    return t;
}

static const char example[] = "# my scanner\n" HEADER ",H,C,N,O,P,Ca,Ar\n"
                              "-1000,-950,0.00121,0.0527,air,,,0.755,0.232,,,0.013\n"
                              "-950,-100,0.0527,0.93,\"Lung (ICRP)\"\n\n"
                              "-100,60,0.93,1.06,soft,0.105,0.256,0.027,0.602,0.01,,\n"
                              "60,100,1.06,1.10,soft\n"
                              "100,1600,1.10,1.96,\"Bone, Cortical (ICRP)\"\n";

TEST(the_documented_example_is_read_and_its_file_too)
{
    kma_ct_table t = {0};
    kmi_ct_table *inner = good(example);
    size_t n = 0;
    double low, high;
    int outside;
    kmi_ct_voxel v;

    assert_int_equal(kmi_ct_table_material_count(inner), 4);
    assert_string_equal(kmi_ct_table_material(inner, 1)->name, "Lung (ICRP)");
    assert_int_equal(kmi_ct_table_material(inner, 1)->count, 13);
    assert_int_equal(kmi_ct_table_material(inner, 0)->count, 3);
    assert_int_equal(kmi_ct_table_material(inner, 0)->z[2], 18);
    assert_near(kmi_ct_table_material(inner, 0)->fraction[2], 0.013, 1e-12);
    v = kmi_ct_table_convert(inner, 80, &outside);
    assert_int_equal(v.material, 2);
    assert_near(v.density, 1.08, 1e-6);
    kmi_ct_table_destroy(inner);

    assert_ok(kma_ct_table_read_csv(kmt_put_text("table.csv", example), &t));
    assert_ok(kma_ct_table_count_materials(t, &n));
    assert_int_equal(n, 4);
    assert_ok(kma_ct_table_get_range(t, &low, &high));
    assert_true(low == -1000 && high == 1600);
    assert_ok(kma_ct_table_release(&t));
    kmt_assert_no_live_objects();
}

TEST(line_ends_blanks_quotes_and_byte_order_marks_do_not_matter)
{
    static const char *const texts[] = {
        "\xef\xbb\xbf" HEADER ",H,O\r\n0,10,1,2,water,0.112,0.888\r\n",
        HEADER ",H,O\n0,10,1,2,water,0.112,0.888",
        " ct_low , ct_high,\tdensity_low,density_high,material,\"H\",O\n  0 ,10, 1,\"2\", water ,0.112, \"0.888\" \n#x",
        HEADER ",O,H\n\n   \n # c\n0,1e1,1.0,+2,\"water\",8.88e-1,0.112\n"};
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        kmi_ct_table *t = good(texts[i]);
        int outside;
        kmi_ct_voxel v = kmi_ct_table_convert(t, 5, &outside);
        assert_near(v.density, 1.5, 0);
        assert_string_equal(kmi_ct_table_material(t, 0)->name, "water");
        assert_near(kmi_ct_table_material(t, 0)->fraction[0], 0.112, 1e-12);
        kmi_ct_table_destroy(t);
    }
    {
        kmi_ct_table *t = good(HEADER ",H\n0,10,1,2,\"a \"\"b\"\", c\",1\n");
        assert_string_equal(kmi_ct_table_material(t, 0)->name, "a \"b\", c");
        kmi_ct_table_destroy(t);
    }
}

TEST(numbers_are_read_the_same_in_a_german_locale)
{
    kmi_ct_table *t;
    int outside;

    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) print_message("de_DE.UTF-8 is not installed: tested in C alone\n");
    t = good(HEADER ",H\n0,10,1.25,2.75,h,1\n");
    assert_near(kmi_ct_table_convert(t, 0, &outside).density, 1.25, 0);
    kmi_ct_table_destroy(t);
    setlocale(LC_ALL, "C");
}

TEST(wrong_files_are_refused_with_line_and_column)
{
    static const struct { const char *text, *part; } cases[] = {
        {"", "t.csv: the file has no header line"},
        {"# only\n\n", "no header line"},
        {HEADER "\n", "t.csv: the table has no rows"},
        {"a,b\n1,2\n", "t.csv:1: the header must begin with ct_low"},
        {"ct_low,ct_high,density_low,density_high\n", "t.csv:1: the header must begin"},
        {HEADER ",Xx\n", "t.csv:1: column 6 is \"Xx\": the symbol of an element"},
        {HEADER ",H,O,H\n", "column 8 is \"H\": the element has a column already"},
        {HEADER ",H,\n", "column 7 is \"\""},
        {HEADER ",H\n0,10,1,1\n", "t.csv:2: the line has fewer than five"},
        {HEADER ",H\n0,10,1,1,w,1,0\n", "t.csv:2: the line has more columns"},
        {HEADER ",H\n0,ten,1,1,w,1\n", "t.csv:2: column 2 is \"ten\": a number is wanted"},
        {HEADER ",H\n,10,1,1,w,1\n", "column 1 is \"\": a number"},
        {HEADER ",H\n0,10,1 2,1,w,1\n", "column 3 is \"1 2\": a number"},
        {HEADER ",H\n0,10,1,0x10,w,1\n", "column 4 is \"0x10\": a number"},
        {HEADER ",H\n0,10,\"1,5\",1,w,1\n", "column 3 is \"1,5\": a number"},
        {HEADER ",H\n0,10,1,1,w,one\n", "column 6 is \"one\": a number"},
        {HEADER ",H\n0,10,1,1,,1\n", "t.csv:2: the material has no name"},
        {HEADER ",H\n0,10,1,1,w,0.9\n", "t.csv:2: the mass fractions of \"w\" sum to 0.9"},
        {HEADER ",H\n0,10,1,1,w,-1\n", "t.csv:2: fraction[0] of \"w\" is -1"},
        {HEADER ",H\n0,10,1,1,w,nan\n", "is nan"},
        {HEADER "\n0,10,1,1,Watr\n", "t.csv:2: NIST's list has no compound or element \"Watr\""},
        {HEADER ",H,O\n0,10,1,1,w,1,0\n10,20,1,1,w,0.5,0.5\n", "t.csv:3: column 5 is \"w\": this material had another"},
        {HEADER ",H\n0,10,1,1,w,1\n\n# gap\n15,20,1,1,w\n", "t.csv:5: the row begins at 15, the one before ends at 10"},
        {HEADER ",H\n0,10,1,1,w,1\n5,20,1,1,w\n", "t.csv:3: the row begins at 5"},
        {HEADER ",H\n10,0,1,1,w,1\n", "t.csv:2: the row goes from 10 to 0"},
        {HEADER ",H\n0,inf,1,1,w,1\n", "from 0 to inf"},
        {HEADER ",H\n0,nan,1,1,w,1\n", "from 0 to nan"},
        {HEADER ",H\n0,10,-1,1,w,1\n", "t.csv:2: density_low is -1 g/cm3"},
        {HEADER ",H\n0,10,1,1000,w,1\n", "t.csv:2: density_high is 1000 g/cm3"},
        {HEADER ",H\n0,10,1,1,\"w,1\n", "t.csv:2: a quoted cell does not end"},
        {HEADER ",H\n0,10,1,1,\"w\"x,1\n", "t.csv:2: a comma is wanted after a quoted"},
        {HEADER ",H\n-1e308,1,1,1,w,1\n1,1e308,1,1,w\n", "too far"}};
    size_t i;
    kma_ct_table t = {1};

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        kmi_ct_table *out = (kmi_ct_table *)(uintptr_t)1;
        assert_fails(parse(cases[i].text, &out), KMA_ERR_FORMAT, cases[i].part);
        assert_null(out);
    }
    {
        char zero[] = HEADER ",H\n0,10,1,1,w\0,1\n";
        kmi_ct_table *out = NULL;
        assert_fails(kmi_ct_table_parse_csv("t.csv", zero, sizeof zero - 1, &out), KMA_ERR_FORMAT, "zero byte");
    }
    assert_fails(kma_ct_table_read_csv("/nowhere/table.csv", &t), KMA_ERR_IO, "/nowhere/table.csv");
    assert_int_equal(t.bits, 0);
    assert_fails(kma_ct_table_read_csv(NULL, &t), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_ct_table_read_csv("x", NULL), KMA_ERR_ARGUMENT, "out is NULL");
}

TEST(many_columns_and_rows_are_counted)
{
    size_t room = 1 << 20, at;
    char *text = malloc(room);
    kmi_ct_table *t = NULL;
    int i;

    at = (size_t)sprintf(text, HEADER ",H\n");
    for (i = 0; i < 10000; i++) at += (size_t)sprintf(text + at, "%d,%d,1,1,h,1\n", i, i + 1);
    assert_ok(parse(text, &t));
    assert_int_equal(kmi_ct_table_material_count(t), 1);
    kmi_ct_table_destroy(t);
    sprintf(text + at, "10000,10001,1,1,h\n");
    assert_fails(parse(text, &t), KMA_ERR_FORMAT, "t.csv:10002: the table has more than 10000 rows");
    at = (size_t)sprintf(text, HEADER ",H\n");
    for (i = 0; i < 200; i++) text[at++] = ',';
    text[at] = 0;
    assert_fails(parse(text, &t), KMA_ERR_FORMAT, "t.csv:2: the line has more than 103 columns");
    free(text);
}

PROPERTY(damaged_files_never_crash_the_reader, 2000)
{
    char text[sizeof example];
    kmi_ct_table *t = NULL;
    int damages = 1 + (int)(kmi_rng_bits(rng) % 6), i;
    size_t size = sizeof example - 1;

    memcpy(text, example, sizeof example);
    for (i = 0; i < damages; i++) text[kmi_rng_bits(rng) % size] = (char)("\",\n#e.-0\xff"[kmi_rng_bits(rng) % 9]);
    if (kmi_rng_bits(rng) % 4 == 0) size = kmi_rng_bits(rng) % size;
    text[size] = 0;
    if (kmi_ct_table_parse_csv("t.csv", text, size, &t) == KMA_OK)
        assert_true(kmi_ct_table_material_count(t) > 0);
    else
        assert_non_null(strstr(kma_error_message(), "t.csv"));
    kmi_ct_table_destroy(t);
}

TEST(every_failing_allocation_is_reported_and_nothing_is_left)
{
    long n;

    for (n = 1; n < 500; n++) {
        kmi_ct_table *t = NULL;
        char text[sizeof example];
        kma_status status;
        memcpy(text, example, sizeof example);
        kmt_fail_allocation(n);
        status = kmi_ct_table_parse_csv("t.csv", text, sizeof example - 1, &t);
        if (!kmt_allocation_failed()) {
            kmt_fail_allocation(0);
            assert_ok(status);
            kmi_ct_table_destroy(t);
            break;
        }
        kmt_fail_allocation(0);
        assert_fails(status, KMA_ERR_MEMORY, "no memory");
        assert_null(t);
    }
    assert_true(n > 10 && n < 500);
}
