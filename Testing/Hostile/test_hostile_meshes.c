/* STL files that are wrong in ways a reader may trip over: counts, cuts, numbers, words, and shapes. */
#include <math.h>
#include "hostile.h"

/* The tetrahedron of which most rows are a damaged copy. */
static const double corners[4][9] = {
    {0, 0, 0, 0, 1, 0, 1, 0, 0}, {0, 0, 0, 1, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 1, 0, 1, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};

static void put_u32(unsigned char *at, uint32_t value)
{
    int i;

    for (i = 0; i < 4; i++) at[i] = (unsigned char)(value >> 8 * i);
}

static void put_float(unsigned char *at, double value)
{
    float narrow = (float)value;
    uint32_t bits;

    memcpy(&bits, &narrow, sizeof bits);
    put_u32(at, bits);
}

/* Binary STL: `count` facets are there, of the tetrahedron again and again; `claimed` stands in the header, and the file
 * is cut to, or filled to, `size` bytes (0: as it is). Number `poked` of the coordinates is `value`. */
static void binary(const char *path, size_t count, uint32_t claimed, size_t size, size_t poked, double value)
{
    size_t sound = 84 + 50 * count, room = sound > size ? sound : size, i, k;
    unsigned char *b = calloc(1, room);

    assert_non_null(b);
    memcpy(b, "made by a test", 14);
    put_u32(b + 80, claimed);
    for (i = 0; i < count; i++)
        for (k = 0; k < 9; k++) put_float(b + 84 + 50 * i + 12 + 4 * k, 9 * i + k == poked ? value : corners[i % 4][k]);
    kmt_put(path, b, size == 0 ? sound : size);
    free(b);
}

static const size_t NONE = (size_t)-1;

static void one_more(const char *p) { binary(p, 4, 5, 0, NONE, 0); }
static void one_fewer(const char *p) { binary(p, 4, 3, 0, NONE, 0); }
static void all_ones(const char *p) { binary(p, 4, UINT32_MAX, 0, NONE, 0); }
static void ten_gb(const char *p) { binary(p, 4, 200000000, 0, NONE, 0); }
/* 50 * this and 84 is 284, the size of 4 facets, in 32 bits */
static void wraps(const char *p) { binary(p, 4, 4 + (1u << 31), 0, NONE, 0); }
static void cut_by_one(const char *p) { binary(p, 4, 4, 283, NONE, 0); }
static void cut_in_header(const char *p) { binary(p, 4, 4, 83, NONE, 0); }
static void filled(const char *p) { binary(p, 4, 4, 285, NONE, 0); }
static void no_facets(const char *p) { binary(p, 0, 0, 0, NONE, 0); }
static void not_a_number(const char *p) { binary(p, 4, 4, 0, 11, NAN); }
static void infinite(const char *p) { binary(p, 4, 4, 0, 35, -INFINITY); }
static void far_away(const char *p) { binary(p, 4, 4, 0, 3, 3e38); }
static void all_the_same(const char *p) { binary(p, 40000, 40000, 0, NONE, 0); }
static void one_facet(const char *p) { binary(p, 1, 1, 0, NONE, 0); }

/* A fan: all facets share one edge. */
static void one_edge(const char *path)
{
    enum { FACETS = 50000 };
    unsigned char *b = calloc(1, 84 + 50 * FACETS);
    size_t i;

    assert_non_null(b);
    put_u32(b + 80, FACETS);
    for (i = 0; i < FACETS; i++) {
        unsigned char *f = b + 84 + 50 * i + 12;
        put_float(f + 4 * 5, 1); /* (0 0 0) (0 0 1) (1 i 0) */
        put_float(f + 4 * 6, 1);
        put_float(f + 4 * 7, (double)i);
    }
    kmt_put(path, b, 84 + 50 * FACETS);
    free(b);
}

/* Needles that all cross in the middle, each facet open: every two of them intersect. */
static void needles(const char *path)
{
    enum { FACETS = 50000 };
    unsigned char *b = calloc(1, 84 + 50 * FACETS);
    size_t i;

    assert_non_null(b);
    put_u32(b + 80, FACETS);
    for (i = 0; i < FACETS; i++) {
        unsigned char *f = b + 84 + 50 * i + 12;
        double angle = 6.28318 * (double)i / FACETS;
        put_float(f, cos(angle));
        put_float(f + 4, sin(angle));
        put_float(f + 12, -cos(angle));
        put_float(f + 16, -sin(angle));
        put_float(f + 24, 1e-30);
        put_float(f + 32, 1e-30);
    }
    kmt_put(path, b, 84 + 50 * FACETS);
    free(b);
}

/* Tetrahedra about the same centre, each a little larger: every line from the innermost passes all of them. */
static void shells(const char *path, size_t count)
{
    static const unsigned char order[4][3] = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};
    unsigned char *b = calloc(1, 84 + 200 * count);
    size_t i, facet, k, axis;

    assert_non_null(b);
    put_u32(b + 80, (uint32_t)(4 * count));
    for (i = 0; i < count; i++)
        for (facet = 0; facet < 4; facet++)
            for (k = 0; k < 3; k++)
                for (axis = 0; axis < 3; axis++)
                    put_float(b + 84 + 50 * (4 * i + facet) + 12 + 4 * (3 * k + axis),
                              (1 + 0.001 * (double)i) * ((order[facet][k] == axis + 1) - 0.25));
    kmt_put(path, b, 84 + 200 * count);
    free(b);
}

static void many_shells(const char *path) { shells(path, 3000); }

static void long_word(const char *path)
{
    char *text = malloc(1 << 20);

    assert_non_null(text);
    memset(text, '7', 1 << 20);
    memcpy(text, "solid\nfacet normal ", 19);
    kmt_put(path, text, 1 << 20);
    free(text);
}

/* A text without end of what a reader skips. */
static void blanks(const char *path)
{
    char *text = malloc(4 << 20);

    assert_non_null(text);
    memset(text, '\n', 4 << 20);
    memcpy(text, "solid", 5);
    kmt_put(path, text, 4 << 20);
    free(text);
}

#define FACET(a, b, c) "facet normal 0 0 0\nouter loop\nvertex " a "\nvertex " b "\nvertex " c "\nendloop\nendfacet\n"
#define ROW(what, ...) {what, NULL, 0, __VA_ARGS__}
#define TEXT(what, text, ...) {what, text, 0, NULL, KMA_ERR_FORMAT, {__VA_ARGS__}}
/* All bytes of a literal, with the zeros in it. */
#define RAW(what, text, ...) {what, text, sizeof(text) - 1, NULL, KMA_ERR_FORMAT, {__VA_ARGS__}}

static const hostile_row rows[] = {
    {"an empty file", "", 0, NULL, KMA_ERR_FORMAT, {"0 bytes", "not an STL"}},
    ROW("one facet more is claimed than is there", one_more, KMA_ERR_FORMAT, {"5 facets", "bytes 80 to 83", "this has 284"}),
    ROW("one facet fewer is claimed than is there", one_fewer, KMA_ERR_FORMAT, {"3 facets", "bytes 80 to 83"}),
    ROW("4294967295 facets are claimed", all_ones, KMA_ERR_FORMAT, {"4294967295 facets", "bytes 80 to 83"}),
    ROW("10 GB are claimed", ten_gb, KMA_ERR_FORMAT, {"200000000 facets", "10000000084 bytes"}),
    ROW("a count whose size overflows 32 bits", wraps, KMA_ERR_FORMAT, {"2147483652 facets", "bytes 80 to 83"}),
    ROW("cut by a byte", cut_by_one, KMA_ERR_FORMAT, {"has 284 bytes, this has 283"}),
    ROW("cut in the header", cut_in_header, KMA_ERR_FORMAT, {"83 bytes", "too short"}),
    ROW("a byte too many", filled, KMA_ERR_FORMAT, {"has 284 bytes, this has 285"}),
    ROW("binary without facets", no_facets, KMA_ERR_FORMAT, {"no facets"}),
    ROW("nan in binary", not_a_number, KMA_ERR_FORMAT, {"facet 1 of 4", "corner 0 is nan"}),
    ROW("infinity in binary", infinite, KMA_ERR_FORMAT, {"facet 3 of 4", "z of corner 2", "inf"}),
    ROW("a coordinate far away", far_away, KMA_ERR_MESH, {"3e+38"}),
    ROW("the same facets ten thousand times", all_the_same, KMA_ERR_MESH, {"facet 4"}),
    ROW("one facet alone", one_facet, KMA_ERR_MESH, {"facet 0"}),
    ROW("fifty thousand facets at one edge", one_edge, KMA_ERR_MESH, {"facet"}),
    ROW("fifty thousand needles that cross", needles, KMA_ERR_MESH, {"facet"}),
    ROW("three thousand bodies in one another", many_shells, KMA_ERR_MESH, {"3000 bodies lie in one another"}),
    ROW("a word of a megabyte", long_word, KMA_ERR_FORMAT, {"line 2", "the file ends"}),
    ROW("four million empty lines", blanks, KMA_ERR_FORMAT, {"line 41943", "the file ends"}),
    TEXT("another format", "ply\nformat ascii 1.0\nelement vertex 8\n", "not an STL file"),
    TEXT("HTML", "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>",
         "not an STL file"),
    RAW("a zero byte in text", "solid x\nfacet normal 0 0 \0 0\nendsolid\n", "not an STL file"),
    RAW("UTF-16", "\xff\xfes\0o\0l\0i\0d\0\n\0e\0n\0d\0s\0o\0l\0i\0d\0", "not an STL file"),
    TEXT("only the first word", "solid", "line 1", "the file ends"),
    TEXT("no facets", "solid x\nendsolid x\n", "no facets"),
    TEXT("no end", "solid x\n" FACET("0 0 0", "1 0 0", "0 1 0"), "line 9", "'facet' or 'endsolid'"),
    TEXT("cut in a number", "solid\nfacet normal 0 0 0\nouter loop\nvertex 0 0", "line 4", "the file ends", "a number"),
    TEXT("a loop of four corners", "solid\nfacet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 1 1 0\nvertex 0 1 0\n",
         "line 7", "three corners"),
    TEXT("a loop of two corners", "solid\nfacet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nendloop\n", "line 6", "'vertex'"),
    TEXT("nan in text", "solid\n" FACET("0 0 0", "1 0 nan", "0 1 0"), "line 5", "'nan'", "finite"),
    TEXT("infinity in text", "solid\n" FACET("0 0 0", "1 -inf 0", "0 1 0"), "line 5", "'-inf'", "finite"),
    TEXT("a number beyond doubles", "solid\n" FACET("0 0 1e999", "1 0 0", "0 1 0"), "line 4", "'1e999'", "finite"),
    TEXT("a decimal comma", "solid\n" FACET("0 0 0", "1,5 0 0", "0 1 0"), "line 5", "'1,5'"),
    TEXT("a hexadecimal number", "solid\n" FACET("0 0 0", "0x10 0 0", "0 1 0"), "line 5", "'0x10'"),
    TEXT("a misspelt word", "solid\nfacet normal 0 0 0\nouter lop\n", "line 3", "'lop'", "'loop'"),
    TEXT("escape sequences", "solid\n" FACET("0 0 0", "\033[2J 0 0", "0 1 0"), "line 5", "?[2J"),
    TEXT("bytes that are no UTF-8", "solid\n" FACET("0 0 0", "\xff\xfe 0 0", "0 1 0"), "line 5", "where a number"),
    TEXT("rubbish behind the end", "solid\nendsolid\nrubbish\n", "line 3", "'rubbish'", "'solid'"),
    {"a corner of a thousand kilometres", "solid\n" FACET("0 0 0", "1e300 0 0", "0 1 0") "endsolid\n", 0, NULL, KMA_ERR_MESH, {"1e+300"}},
    {"an open surface", "solid\n" FACET("0 0 0", "0 1 0", "1 0 0") FACET("0 0 0", "1 0 0", "0 0 1") "endsolid\n", 0, NULL, KMA_ERR_MESH,
     {"facet 0"}},
    {"a facet of one point", "solid\n" FACET("1 1 1", "1 1 1", "1 1 1") "endsolid\n", 0, NULL, KMA_ERR_MESH, {"facet 0"}}};

TEST(every_hostile_mesh_is_refused_with_file_and_place)
{
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) hostile_check(READ_STL, &rows[i]);
}

/* Damage is told wherever a sound file is cut, but where only the name of the solid is lost. */
TEST(a_sound_file_cut_at_any_byte_is_refused)
{
    static const char *const none[HOSTILE_WORDS] = {NULL};
    const char *path = kmt_path("part.stl");
    unsigned char bytes[284];
    FILE *file;
    size_t size;

    binary(path, 4, 4, 0, NONE, 0);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
    fclose(file);
    assert_ok(hostile_read(READ_STL, path));
    for (size = 0; size < sizeof bytes; size += 7) {
        kmt_put(path, bytes, size);
        hostile_check_path(READ_STL, "a cut file", path, "part.stl", KMA_ERR_FORMAT, none);
    }
}

/* Each body is looked at along a line that meets all others; by walks from hit to hit this took hours. */
TEST(bodies_in_one_another_are_read_in_time)
{
    const char *path = kmt_path("part.stl");

    shells(path, 800);
    hostile_begin("bodies in one another");
    assert_ok(hostile_read(READ_STL, path));
    hostile_end();
}

#ifndef HOSTILE_SANITIZED /* about time, which says nothing there */
/* Tetrahedra as thin as needles, all through one point: every edge meets every box. */
TEST(needles_through_one_point_are_read_in_time)
{
    enum { NEEDLES = 8000 };
    static const unsigned char order[4][3] = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};
    const char *path = kmt_path("part.stl");
    unsigned char *b = calloc(1, 84 + 200 * NEEDLES);
    size_t i, facet, k, axis;

    assert_non_null(b);
    put_u32(b + 80, 4 * NEEDLES);
    for (i = 0; i < NEEDLES; i++) {
        double a = 3.14159 * (double)i / NEEDLES, c = cos(a), s = sin(a);
        const double at[4][3] = {{-10 * c, -10 * s, -5}, {10 * c, 10 * s, 5}, {10 * c - 0.001 * s, 10 * s + 0.001 * c, 5}, {10 * c, 10 * s, 5.001}};
        for (facet = 0; facet < 4; facet++)
            for (k = 0; k < 3; k++)
                for (axis = 0; axis < 3; axis++)
                    put_float(b + 84 + 50 * (4 * i + facet) + 12 + 4 * (3 * k + axis), at[order[facet][k]][axis]);
    }
    kmt_put(path, b, 84 + 200 * NEEDLES);
    free(b);
    hostile_begin("needles through one point");
    assert_fails(hostile_read(READ_STL, path), KMA_ERR_MESH, "part.stl: too many of its 8000 bodies lie in one another");
    hostile_end();
}
#endif

TEST(a_unit_that_makes_corners_infinite_is_refused)
{
    const char *path = kmt_path("part.stl");
    kma_mesh mesh = {1};

    binary(path, 4, 4, 0, 3, 1e30);
    assert_fails(kma_mesh_read_stl(path, 1e300, &mesh), KMA_ERR_MESH, "part.stl: ");
    assert_int_equal(mesh.bits, 0);
}

TEST(the_rows_are_this_many)
{
    print_message("%zu hostile meshes; the slowest took %.3f s, the greediest %zu bytes\n", hostile_checked(), hostile_longest(),
                  hostile_most());
    assert_true(hostile_checked() >= 40 + 41);
}
