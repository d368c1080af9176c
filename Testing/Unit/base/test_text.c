#include "kmt.h"

#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <unistd.h>

#include "base/text.h"

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Reads the whole text. */
static bool reads_as(const char *text, double expected)
{
    double value = -77;
    const char *end = text + strlen(text), *after = kmi_parse_double(text, end, &value);

    if (after == end && bits_of(value) == bits_of(expected)) return true;
    print_error("'%s' is read as %.17g (%d characters), expected %.17g\n", text, value,
                after == NULL ? -1 : (int)(after - text), expected);
    return false;
}

static bool writes_as(double value, const char *expected)
{
    char text[KMI_DOUBLE_TEXT_SIZE];
    size_t length = kmi_format_double(value, text);

    if (strcmp(text, expected) == 0 && length == strlen(expected)) return true;
    print_error("%.17g is written '%s' (length %zu), expected '%s'\n", value, text, length, expected);
    return false;
}

TEST(decimals_are_read_with_sign_point_and_exponent)
{
    assert_true(reads_as("0", 0.0));
    assert_true(reads_as("-0", -0.0));
    assert_true(reads_as("-0.000e5", -0.0));
    assert_true(reads_as("+1.5", 1.5));
    assert_true(reads_as("-12.25e1", -122.5));
    assert_true(reads_as("5.", 5));
    assert_true(reads_as(".5", 0.5));
    assert_true(reads_as("1E+3", 1000));
    assert_true(reads_as("1e-3", 0.001));
    assert_true(reads_as("00012", 12));
    assert_true(reads_as("0.1", 0x1.999999999999ap-4));
    assert_true(reads_as("123456789012345678901234567890", 0x1.8ee90ff6c373ep+96)); /* Python: float.hex */
    assert_true(reads_as("Inf", INFINITY));
    assert_true(reads_as("-INFINITY", -INFINITY));
}

TEST(not_a_number_is_read_in_any_case)
{
    const char *text = "-NaN";
    double value = 0;

    assert_ptr_equal(kmi_parse_double(text + 1, text + 4, &value), text + 4);
    assert_true(isnan(value));
    assert_ptr_equal(kmi_parse_double(text, text + 4, &value), text + 4);
    assert_true(isnan(value));
}

TEST(reading_stops_where_the_number_stops_and_never_passes_the_end)
{
    static const struct {
        const char *text;
        int length; /* given */
        int used;   /* -1: no number */
        double value;
    } cases[] = {
        {"1.5,2", 5, 3, 1.5}, {"12e", 3, 2, 12}, {"12e+", 4, 2, 12},   {"12e+x", 5, 2, 12},   {"1.2.3", 5, 3, 1.2},
        {"123", 2, 2, 12},    {"1e55", 3, 3, 1e5}, {"1.5", 1, 1, 1},   {"-5", 1, -1, 0},      {"", 0, -1, 0},
        {".", 1, -1, 0},      {"-", 1, -1, 0},     {"e5", 2, -1, 0},   {" 1", 2, -1, 0},      {"+-1", 3, -1, 0},
        {"0x10", 4, 1, 0},    {"in", 2, -1, 0},    {"inf", 2, -1, 0},  {"infinite", 8, 3, INFINITY},
        {"1,5", 3, 1, 1},     {"--1", 3, -1, 0},   {".e5", 3, -1, 0},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        /* A copy of exactly that size, so that the address sanitizer sees a byte too many. */
        char *copy = malloc((size_t)cases[i].length + 1), *after;
        double value = -77;

        memcpy(copy + 1, cases[i].text, (size_t)cases[i].length);
        after = (char *)(uintptr_t)kmi_parse_double(copy + 1, copy + 1 + cases[i].length, &value);
        assert_true_msg((after == NULL ? -1 : after - copy - 1) == cases[i].used && value == cases[i].value,
                        "'%.*s': used %d, value %g", cases[i].length, cases[i].text,
                        after == NULL ? -1 : (int)(after - copy - 1), value);
        free(copy);
    }
}

/* Hard cases that have tripped readers; their bits by Python's float(), which is correctly rounded. */
TEST(the_hard_cases_are_rounded_correctly)
{
    assert_true(reads_as("2.2250738585072011e-308", 0x0.fffffffffffffp-1022));
    assert_true(reads_as("2.2250738585072014e-308", DBL_MIN));
    assert_true(reads_as("1.7976931348623157e308", DBL_MAX));
    assert_true(reads_as("1.7976931348623158e308", DBL_MAX));
    assert_true(reads_as("1.7976931348623159e308", INFINITY));
    assert_true(reads_as("4.9406564584124654e-324", 0x1p-1074));
    assert_true(reads_as("2.4703282292062327e-324", 0.0));
    assert_true(reads_as("2.4703282292062328e-324", 0x1p-1074));
    assert_true(reads_as("9007199254740993", 9007199254740992.0)); /* the middle: to even */
    assert_true(reads_as("9007199254740993.00000000000000000000000000001", 9007199254740994.0));
    assert_true(reads_as("9007199254740995", 9007199254740996.0));
    assert_true(reads_as("6.631236846766476e-316", double_of(0x8000000)));
    assert_true(reads_as("3.2378839133029012895883524125015321748630094239894e-319", double_of(0xffff)));
    assert_true(reads_as("6.8985865317742005e-320", double_of(0x368b)));
    assert_true(reads_as("1e23", 0x1.52d02c7e14af6p+76)); /* the first power of ten that is no double */
    assert_true(reads_as("8.5e22", 8.5e22));
}

TEST(a_digit_beyond_the_eight_hundredth_still_tips_the_scale)
{
    /* 1 + 2^-53 is the middle between 1 and the next double. */
    const char *middle = "1.00000000000000011102230246251565404236316680908203125";
    char text[4000];
    size_t n = strlen(middle);

    memcpy(text, middle, n);
    memset(text + n, '0', 3000);
    text[n + 3000] = '\0';
    assert_true(reads_as(text, 1.0));
    text[n + 2999] = '1';
    assert_true(reads_as(text, 1.0 + DBL_EPSILON));

    memset(text, '0', 3000); /* 0.000...01e3000 = 10 */
    text[1] = '.';
    strcpy(text + 3000, "1e3000");
    assert_true(reads_as(text, 10.0));
    memset(text, '0', 3000); /* 1000...0e-2999 = 1 */
    text[0] = '1';
    strcpy(text + 3000, "e-2999");
    assert_true(reads_as(text, 1.0));
    memset(text, '7', 3000);
    strcpy(text + 3000, "e-2999");
    assert_true(reads_as(text, 70.0 / 9)); /* 7.777... */
}

TEST(an_endless_exponent_gives_infinity_or_zero_and_leaves_errno_alone)
{
    errno = 123;
    assert_true(reads_as("1e400", INFINITY));
    assert_true(reads_as("-1e99999999999999999999999999", -INFINITY));
    assert_true(reads_as("1e-400", 0.0));
    assert_true(reads_as("-1e-99999999999999999999999999", -0.0));
    assert_true(reads_as("0e99999999999999999999999999", 0.0));
    assert_int_equal(errno, 123);
}

TEST(whole_numbers_are_read_up_to_the_largest)
{
    const char *text = "18446744073709551615x", *more = "18446744073709551616";
    uint64_t value = 7;

    assert_ptr_equal(kmi_parse_u64(text, text + 21, &value), text + 20);
    assert_true(value == UINT64_MAX);
    assert_null(kmi_parse_u64(more, more + 20, &value));
    assert_int_equal(value, 0);
    assert_ptr_equal(kmi_parse_u64(more, more + 3, &value), more + 3);
    assert_int_equal(value, 184);
    assert_null(kmi_parse_u64(more, more, &value));
    assert_null(kmi_parse_u64("-1", "", &value));
}

/* Expected texts by Python's repr(), which writes whole numbers with ".0" behind. */
TEST(numbers_are_written_as_short_as_they_can_be_read_back)
{
    assert_true(writes_as(0.0, "0"));
    assert_true(writes_as(-0.0, "-0"));
    assert_true(writes_as(1, "1"));
    assert_true(writes_as(-2.5, "-2.5"));
    assert_true(writes_as(0.1, "0.1"));
    assert_true(writes_as(0.1 + 0.2, "0.30000000000000004"));
    assert_true(writes_as(1.0 / 3, "0.3333333333333333"));
    assert_true(writes_as(2.0 / 3, "0.6666666666666666"));
    assert_true(writes_as(100, "100"));
    assert_true(writes_as(1234.5678, "1234.5678"));
    assert_true(writes_as(0.0001, "0.0001"));
    assert_true(writes_as(0.00012345, "0.00012345"));
    assert_true(writes_as(0.00001, "1e-05"));
    assert_true(writes_as(9007199254740993.0, "9007199254740992"));
    assert_true(writes_as(1e15, "1000000000000000"));
    assert_true(writes_as(1e16, "1e+16"));
    assert_true(writes_as(123456789012345678.0, "1.2345678901234568e+17"));
    assert_true(writes_as(1e23, "1e+23"));
    assert_true(writes_as(-DBL_MAX, "-1.7976931348623157e+308"));
    assert_true(writes_as(DBL_MIN, "2.2250738585072014e-308"));
    assert_true(writes_as(0x1p-1074, "5e-324"));
    assert_true(writes_as(INFINITY, "inf"));
    assert_true(writes_as(-INFINITY, "-inf"));
    assert_true(writes_as(NAN, "nan"));
}

PROPERTY(what_is_written_is_read_back_bit_by_bit, 300)
{
    int i;

    for (i = 0; i < 100; i++) {
        double x = double_of(kmi_rng_bits(rng)), back = 0;
        char text[KMI_DOUBLE_TEXT_SIZE];
        size_t length;

        if (isnan(x)) continue;
        if (i % 4 == 0) x = (double)(int64_t)(kmi_rng_bits(rng) >> 40) / 1000; /* as people write */
        length = kmi_format_double(x, text);
        assert_true(length < KMI_DOUBLE_TEXT_SIZE && strlen(text) == length);
        assert_ptr_equal(kmi_parse_double(text, text + length, &back), text + length);
        assert_true_msg(bits_of(back) == bits_of(x), "%.17g was written '%s' and read as %.17g", x, text, back);
    }
}

/* glibc's strtod is correctly rounded, and an independent judge of the quick path. */
PROPERTY(reading_agrees_with_the_c_library, 300)
{
    int i;

    for (i = 0; i < 200; i++) {
        char text[64];
        uint64_t mantissa = kmi_rng_bits(rng) >> (kmi_rng_bits(rng) % 64);
        int span = i % 2 == 0 ? 60 : 700;
        int exponent = (int)(kmi_rng_bits(rng) % (uint64_t)span) - span / 2;
        double value = 0;

        snprintf(text, sizeof text, "%s%llue%d", i % 3 == 0 ? "-" : "", (unsigned long long)mantissa, exponent);
        kmi_parse_double(text, text + strlen(text), &value);
        assert_true_msg(bits_of(value) == bits_of(strtod(text, NULL)), "'%s' is read as %.17g", text, value);
    }
}

/* 0.3 takes the quick path, the second number strtod's; the values are those of rounding to nearest. */
TEST(the_hosts_rounding_direction_changes_no_digit_and_is_left_alone)
{
    static const int directions[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    const char *quick_text = "0.3", *slow_text = "1.7976931348623158e308";
    size_t i;

    for (i = 0; i < 3; i++) {
        char text[KMI_DOUBLE_TEXT_SIZE];
        double quick = 0, slow = 0;
        int after;

        fesetround(directions[i]);
        kmi_parse_double(quick_text, quick_text + 3, &quick);
        kmi_parse_double(slow_text, slow_text + strlen(slow_text), &slow);
        kmi_format_double(0x1.3333333333333p-2, text);
        after = fegetround();
        fesetround(FE_TONEAREST);
        assert_int_equal(after, directions[i]);
        assert_true(quick == 0x1.3333333333333p-2);
        assert_true(slow == DBL_MAX);
        assert_string_equal(text, "0.3");
    }
}

/* Makes the system's description of a locale usable for this process; false if the system has none. */
static bool make_locale(const char *name)
{
    char command[512], path[256];

    snprintf(path, sizeof path, "/usr/share/i18n/locales/%s", name);
    if (access(path, R_OK) != 0) return false;
    snprintf(command, sizeof command, "localedef -i %s -f UTF-8 %s/%s.UTF-8 > /dev/null 2>&1", name, kmt_scratch(),
             name);
    if (system(command) == -1) return false;
    setenv("LOCPATH", kmt_scratch(), 1);
    snprintf(path, sizeof path, "%s.UTF-8", name);
    return setlocale(LC_ALL, path) != NULL;
}

/* German writes 0,5; Pashto 0 U+066B 5, a point of two bytes. */
TEST(a_host_that_speaks_german_or_pashto_reads_and_writes_the_same_numbers)
{
    static const char *const names[] = {"de_DE", "ps_AF"};
    int tested = 0, i;

    for (i = 0; i < 2; i++) {
        char theirs[32];
        bool read, written, stopped;
        double value = 0;

        if (!make_locale(names[i])) continue;
        tested++;
        snprintf(theirs, sizeof theirs, "%g", 0.5);
        read = reads_as("0.1", 0.1) && reads_as("3.14159265358979323846", 3.14159265358979323846);
        stopped = kmi_parse_double(theirs, theirs + strlen(theirs), &value) == theirs + 1;
        written = writes_as(0.5, "0.5") && writes_as(1.0 / 3, "0.3333333333333333") && writes_as(1.5e-7, "1.5e-07");
        setlocale(LC_ALL, "C");
        assert_string_not_equal(theirs, "0.5"); /* the locale is really at work */
        assert_true(read && written && stopped);
    }
    unsetenv("LOCPATH");
    if (tested == 0) skip();
}

TEST(words_are_the_same_but_for_the_case_of_english_letters)
{
    assert_true(kmi_text_is_same_word("Aluminium", "aLUMINIUM"));
    assert_true(kmi_text_is_same_word("", ""));
    assert_false(kmi_text_is_same_word("Iron", "Iro"));
    assert_false(kmi_text_is_same_word("Iro", "Iron"));
    assert_false(kmi_text_is_same_word("\xdd", "i"));
    assert_false(kmi_text_is_same_word("[", "{")); /* 32 apart as letters are */
}
