/* Tables of spectra and CT numbers that are wrong in their text, their columns, or their numbers. */
#include "hostile.h"

#define ROW(what, text, status, ...) {what, text, 0, NULL, status, {__VA_ARGS__}}
#define BAD(what, text, ...) ROW(what, text, KMA_ERR_FORMAT, __VA_ARGS__)
/* All bytes of a literal, with the zeros in it. */
#define RAW(what, text, ...) {what, text, sizeof(text) - 1, NULL, KMA_ERR_FORMAT, {__VA_ARGS__}}

/* ---- spectra ---- */

#define LINES "energy_mev,weight\n"
#define BINS "energy_low_mev,energy_high_mev,weight\n"

/* "a,a,a ...": more columns than a table may have. */
static void columns(const char *path)
{
    char *text = malloc(20000);
    size_t i;

    assert_non_null(text);
    for (i = 0; i < 10000; i++) memcpy(text + 2 * i, i == 9999 ? "1\n" : "1,", 2);
    kmt_put(path, text, 20000);
    free(text);
}

/* Columns of different names: comparing each with all others must not take long. */
static void names(const char *path)
{
    FILE *file = fopen(path, "wb");
    int i;

    assert_non_null(file);
    for (i = 0; i < 4096; i++) fprintf(file, "%sa_very_long_name_of_a_column_%d", i == 0 ? "" : ",", i);
    fprintf(file, "\n1\n");
    assert_int_equal(fclose(file), 0);
}

/* One row more than there may be, of 2 bytes each. */
static void rows_without_end(const char *path)
{
    size_t size = (size_t)2 * ((1 << 23) + 1) + 2, i;
    char *text = malloc(size);

    assert_non_null(text);
    memcpy(text, "a\n", 2);
    for (i = 2; i + 1 < size; i += 2) memcpy(text + i, "1\n", 2);
    kmt_put(path, text, size);
    free(text);
}

/* Commas to the end: one row of a megabyte of empty cells. */
static void commas(const char *path)
{
    char *text = malloc(1 << 20);

    assert_non_null(text);
    memset(text, ',', 1 << 20);
    kmt_put(path, text, 1 << 20);
    free(text);
}

static void long_digits(const char *path)
{
    char *text = malloc(1 << 20);

    assert_non_null(text);
    memset(text, '9', 1 << 20);
    memcpy(text, LINES, sizeof LINES - 1);
    memcpy(text + (1 << 20) - 4, ",1\n\n", 4);
    kmt_put(path, text, 1 << 20);
    free(text);
}

static const hostile_row spectra[] = {
    BAD("an empty file", "", "no rows"),
    BAD("only comments", "# a\n# b\n", "no rows"),
    BAD("only names", LINES, "no rows"),
    BAD("no names", "0.03,1\n0.06,2\n", "energy_mev", "first row"),
    BAD("other names", "energy_kev,weight\n30,1\n", "energy_mev", "first row"),
    BAD("no weights", "energy_mev\n0.03\n", "weight"),
    BAD("one edge of two", "energy_low_mev,weight\n0.03,1\n", "energy_high_mev"),
    BAD("lines and bins", "energy_mev,energy_low_mev,energy_high_mev,weight\n0.03,0.02,0.04,1\n", "energy_mev"),
    BAD("a name twice", "energy_mev,weight,weight\n0.03,1,2\n", ":1:19:", "same name 'weight'"),
    BAD("an empty name", "energy_mev,,weight\n0.03,1,2\n", ":1:12:", "name of column 2"),
    BAD("a name that is not UTF-8", "energy_mev,weight,\xb5m\n0.03,1,2\n", ":1:19:", "not UTF-8"),
    BAD("a cell too many", LINES "0.03,1,2\n", ":2:8:", "cell 3"),
    BAD("a cell too few", LINES "0.03\n", ":2:1:", "1 cells"),
    BAD("an empty cell", LINES "0.03,\n", ":2:6:", "cell 2 is empty"),
    BAD("a word for a number", LINES "0.03,1\nO.06,1\n", ":3:1:", "'O.06' is no number"),
    BAD("nan", LINES "nan,1\n", ":2:1:", "'nan' is not finite"),
    BAD("infinity", LINES "0.03,inf\n", ":2:6:", "'inf' is not finite"),
    BAD("a number beyond doubles", LINES "0.03,1e309\n", ":2:6:", "not finite"),
    BAD("a hexadecimal number", LINES "0x1p-5,1\n", ":2:1:", "is no number"),
    BAD("two numbers in a cell", LINES "0.03 0.04,1\n", ":2:1:", "is no number"),
    BAD("decimal commas", "energy_mev;weight\n0,03;1\n", ":2:3:", "cell 2"),
    BAD("a quote that is not closed", LINES "\"0.03,1\n", ":2:1:", "quote is not closed"),
    BAD("text behind a quote", LINES "\"0.03\"x,1\n", ":2:7:", "closing quote"),
    BAD("a quote over two lines", "\"energy\n_mev\",weight\n0.03,1\n", ":1:1:", "quote is not closed"),
    BAD("energy 0", LINES "0,1\n", ":2:", "energy_mev = 0", "above 0"),
    BAD("energy below 0", LINES "-0.03,1\n", ":2:", "energy_mev = -0.03"),
    BAD("energies that fall", LINES "0.06,1\n0.03,1\n", ":3:", "energies rise"),
    BAD("an energy twice", LINES "0.06,1\n0.06,1\n", ":3:", "energies rise"),
    BAD("a weight below 0", LINES "0.06,-1\n", ":2:", "weight = -1"),
    BAD("no weight above 0", LINES "0.06,0\n0.08,0\n", "all weights are 0"),
    BAD("an inverted bin", BINS "0.06,0.03,1\n", ":2:", "energy_high_mev = 0.03"),
    BAD("an empty bin", BINS "0.06,0.06,1\n", ":2:", "a bin ends above"),
    BAD("bins that overlap", BINS "0.01,0.03,1\n0.02,0.04,1\n", ":3:", "energy_low_mev = 0.02"),
    BAD("weights whose sum is infinite", LINES "0.03,1e308\n0.04,1e308\n", "spectrum.csv: ", "weight"),
    BAD("escape sequences", LINES "\033]0;gotcha\007,1\n", ":2:1:", "is no number"),
    RAW("a zero byte", LINES "0.03,\0001\n", "byte 23 is zero"),
    RAW("UTF-16", "\xff\xfe" "e\0n\0e\0r\0g\0y\0", "byte 3 is zero", "UTF-8"),
    {"old Mac line ends", "energy_mev,weight\r0.03,1\r0.06,1\r", 0, NULL, KMA_ERR_FORMAT, {"spectrum.csv"}},
    RAW("a PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "byte 8 is zero"),
    {"ten thousand columns", NULL, 0, columns, KMA_ERR_FORMAT, {":1:8193:", "at most 4096 columns"}},
    {"four thousand names", NULL, 0, names, KMA_ERR_FORMAT, {":2:1:", "1 cells, the table 4096 columns"}},
    {"rows without end", NULL, 0, rows_without_end, KMA_ERR_FORMAT, {":8388610:1:", "more than 8388608 rows"}},
    {"a megabyte of commas", NULL, 0, commas, KMA_ERR_FORMAT, {":1:"}},
    {"a megabyte of digits", NULL, 0, long_digits, KMA_ERR_FORMAT, {":2:1:", "not finite"}}};

TEST(every_hostile_spectrum_is_refused_with_file_and_place)
{
    size_t i;

    for (i = 0; i < sizeof spectra / sizeof *spectra; i++) hostile_check(READ_SPECTRUM, &spectra[i]);
}

/* ---- CT tables ---- */

#define HEAD "ct_low,ct_high,density_low,density_high,material"

static void table_without_end(const char *path)
{
    FILE *file = fopen(path, "wb");
    int i;

    assert_non_null(file);
    fprintf(file, HEAD "\n");
    for (i = 0; i <= 10000; i++) fprintf(file, "%d,%d,1,1,Fe\n", i, i + 1);
    assert_int_equal(fclose(file), 0);
}

/* Ten thousand materials, each with a long name: every one is compared with all before it. */
static void materials(const char *path)
{
    FILE *file = fopen(path, "wb");
    int i;

    assert_non_null(file);
    fprintf(file, HEAD ",H\n");
    for (i = 0; i < 9999; i++) fprintf(file, "%d,%d,1,1,the same long beginning of a name %d,1\n", i, i + 1, i);
    fprintf(file, "9999,9999,1,1,Fe,1\n");
    assert_int_equal(fclose(file), 0);
}

static void wide(const char *path)
{
    FILE *file = fopen(path, "wb");
    int i;

    assert_non_null(file);
    fprintf(file, HEAD);
    for (i = 0; i < 200000; i++) fprintf(file, ",");
    assert_int_equal(fclose(file), 0);
}

static const hostile_row tables[] = {
    BAD("an empty file", "", "no header line"),
    BAD("only comments", "# a\n\n# b\n", "no header line"),
    BAD("another header", "hu,density\n0,1\n", ":1:", "must begin with ct_low"),
    BAD("a header of four columns", "ct_low,ct_high,density_low,density_high\n", ":1:", "must begin with ct_low"),
    BAD("no rows", HEAD "\n", "no rows"),
    BAD("an unknown element", HEAD ",Xx\n0,1,1,1,Fe\n", ":1:", "column 6", "\"Xx\""),
    BAD("an element twice", HEAD ",H,H\n", ":1:", "column 7", "column already"),
    BAD("an empty element", HEAD ",\n0,1,1,1,Fe\n", ":1:", "column 6"),
    BAD("too few columns", HEAD "\n0,1,1\n", ":2:", "fewer than five"),
    BAD("too many columns", HEAD "\n0,1,1,1,Fe,1\n", ":2:", "more columns"),
    BAD("an empty number", HEAD "\n,1,1,1,Fe\n", ":2:", "column 1"),
    BAD("a word for a number", HEAD "\n0,one,1,1,Fe\n", ":2:", "column 2", "\"one\""),
    BAD("nan", HEAD "\n0,nan,1,1,Fe\n", ":2:", "nan"),
    BAD("infinity", HEAD "\n-inf,0,1,1,Fe\n", ":2:", "inf"),
    BAD("a density of nan", HEAD "\n0,1,nan,1,Fe\n", ":2:", "nan"),
    BAD("a density below 0", HEAD "\n0,1,-1,1,Fe\n", ":2:", "-1"),
    BAD("a density beyond matter", HEAD "\n0,1,1,1e6,Fe\n", ":2:", "1e+06"),
    BAD("an inverted row", HEAD "\n1,0,1,1,Fe\n", ":2:", "0"),
    BAD("an empty row", HEAD "\n0,0,1,1,Fe\n", ":2:", "0"),
    BAD("a gap", HEAD "\n0,1,1,1,Fe\n2,3,1,1,Fe\n", ":3:", "begins at 2"),
    BAD("rows that overlap", HEAD "\n0,2,1,1,Fe\n1,3,1,1,Fe\n", ":3:", "begins at 1"),
    BAD("no material", HEAD "\n0,1,1,1,\n", ":2:", "no name"),
    BAD("an unknown material", HEAD "\n0,1,1,1,unobtainium\n", ":2:", "unobtainium"),
    BAD("a material that is not UTF-8", HEAD ",H\n0,1,1,1,\xb5,1\n", ":2:", "column 5", "not UTF-8"),
    BAD("fractions that sum to 0.5", HEAD ",H\n0,1,1,1,x,0.5\n", ":2:", "0.5"),
    BAD("a fraction below 0", HEAD ",H,O\n0,1,1,1,x,-1,2\n", ":2:", "-1"),
    BAD("a fraction of nan", HEAD ",H\n0,1,1,1,x,nan\n", ":2:", "nan"),
    BAD("another composition", HEAD ",H,O\n0,1,1,1,x,0.1,0.9\n1,2,1,1,x,0.2,0.8\n", ":3:", "another composition"),
    BAD("a quote that is not closed", HEAD "\n0,1,1,1,\"Water, Liquid\n", ":2:", "does not end on its line"),
    BAD("text behind a quote", HEAD "\n0,1,1,1,\"Fe\"x\n", ":2:", "a comma is wanted"),
    BAD("decimal commas", "ct_low;ct_high;density_low;density_high;material\n", ":1:", "must begin with ct_low"),
    BAD("escape sequences", HEAD "\n\033[2J,1,1,1,Fe\n", ":2:", "column 1", "\\x1b[2J"),
    RAW("a zero byte", HEAD "\n0,1,1,1,F\0e\n", ":2:", "zero byte"),
    RAW("UTF-16", "\xff\xfe" "c\0t\0_\0l\0", ":1:", "zero byte"),
    {"a table without end", NULL, 0, table_without_end, KMA_ERR_FORMAT, {":10002:", "10000 rows"}},
    {"ten thousand materials", NULL, 0, materials, KMA_ERR_FORMAT, {":10001:", "9999"}},
    {"two hundred thousand columns", NULL, 0, wide, KMA_ERR_FORMAT, {":1:", "more than 103 columns"}}};

TEST(every_hostile_ct_table_is_refused_with_file_and_place)
{
    size_t i;

    for (i = 0; i < sizeof tables / sizeof *tables; i++) hostile_check(READ_CT_TABLE, &tables[i]);
}

TEST(the_rows_are_this_many)
{
    print_message("%zu hostile tables; the slowest took %.3f s, the greediest %zu bytes\n", hostile_checked(), hostile_longest(),
                  hostile_most());
    assert_true(hostile_checked() >= 81);
}
