/* MetaImages whose header, data, or data file is not what the other says. */
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "hostile.h"

#define PLAIN "NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 2 3\n"
#define LOCAL "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
#define ROW(what, text, status, ...) {what, text, 0, NULL, status, {__VA_ARGS__}}
#define BAD(what, text, ...) ROW(what, text, KMA_ERR_FORMAT, __VA_ARGS__)
/* All bytes of a literal, with the zeros in it. */
#define RAW(what, text, ...) {what, text, sizeof(text) - 1, NULL, KMA_ERR_FORMAT, {__VA_ARGS__}}
#define SIZE(numbers) "NDims = 3\nDimSize = " numbers "\nElementSpacing = 1 1 1\n"

static void header_without_end(const char *path)
{
    char *text = malloc(2 << 20);

    assert_non_null(text);
    memset(text, 'x', 2 << 20);
    memcpy(text, "NDims = 3\nComment = ", 20);
    kmt_put(path, text, 2 << 20);
    free(text);
}

static void lines_without_end(const char *path)
{
    char *text = malloc(2 << 20);
    size_t i;

    assert_non_null(text);
    for (i = 0; i + 8 <= 2 << 20; i += 8) memcpy(text + i, "a = bcd\n", 8);
    kmt_put(path, text, 2 << 20);
    free(text);
}

/* A stream of `real` zeros behind a header that claims `claimed` of them. */
static void deflated(const char *path, size_t real, const char *claimed, size_t cut)
{
    uLongf size = compressBound(real);
    unsigned char *zeros = calloc(1, real), *packed = malloc(size);
    FILE *file = fopen(path, "wb");

    assert_true(zeros != NULL && packed != NULL && file != NULL);
    assert_int_equal(compress2(packed, &size, zeros, real, 9), Z_OK);
    fprintf(file, "NDims = 3\nDimSize = %s\nElementSpacing = 1 1 1\nCompressedData = True\n" LOCAL, claimed);
    fwrite(packed, 1, size - cut, file);
    assert_int_equal(fclose(file), 0);
    free(zeros);
    free(packed);
}

static void bomb(const char *path) { deflated(path, 64 << 20, "10 10 10", 0); }
static void short_stream(const char *path) { deflated(path, 100, "100 100 1", 0); }
static void cut_stream(const char *path) { deflated(path, 10000, "100 100 1", 3); }
/* 10 MB of zeros are 10 kB: the claim of 10 GB is 1000-fold again, which no stream can be */
static void ten_gb_in_ten_kb(const char *path) { deflated(path, 10 << 20, "2000 2000 2500", 0); }
/* and here 10 MB is possible, so what comes out decides */
static void ten_mb_in_ten_kb(const char *path) { deflated(path, 10 << 20, "1024 1024 10", 7); }

static void dictionary(const char *path)
{
    static const char stream[] = "\x78\xbb\0\0\0\1abc";
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(PLAIN "CompressedData = True\n" LOCAL, file);
    fwrite(stream, 1, sizeof stream - 1, file);
    assert_int_equal(fclose(file), 0);
}

static const hostile_row rows[] = {
    BAD("an empty file", "", "no ElementDataFile"),
    BAD("not a header", "P5\n3 2\n255\nabcdef", ":1:", "'P5'"),
    RAW("a PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ":1:", "no line 'Key = value'"),
    RAW("UTF-16", "\xff\xfeN\0D\0i\0m\0s\0 \0=\0 \0003\0\n\0", ":1:", "no line 'Key = value'"),
    BAD("a key that is not ASCII", PLAIN "\xb5 = 3\n" LOCAL "abcdef", ":4:", "\\xb5 = 3"),
    BAD("no end of the header", PLAIN "ElementType = MET_UCHAR\n", "no ElementDataFile"),
    BAD("no dimensions", "DimSize = 3 2 1\nElementSpacing = 1 2 3\n" LOCAL "abcdef", "no NDims"),
    BAD("no size", "NDims = 3\nElementSpacing = 1 2 3\n" LOCAL "abcdef", "no DimSize"),
    BAD("no spacing", "NDims = 3\nDimSize = 3 2 1\n" LOCAL "abcdef", "no ElementSpacing"),
    BAD("no type", PLAIN "ElementDataFile = LOCAL\nabcdef", "no ElementType"),
    BAD("a key twice", PLAIN "DimSize = 3 2 1\n" LOCAL "abcdef", ":4:", "DimSize", "again"),
    BAD("one dimension", "NDims = 1\nDimSize = 6\nElementSpacing = 1\n" LOCAL "abcdef", ":1:", "NDims = 1"),
    BAD("a thousand million dimensions", "NDims = 1000000000\nDimSize = 3 2 1\nElementSpacing = 1 2 3\n" LOCAL "abcdef", ":1:", "NDims"),
    BAD("dimensions beyond 64 bits", "NDims = 99999999999999999999\nDimSize = 3 2 1\n" LOCAL, ":1:", "NDims"),
    BAD("two of three sizes", SIZE("3 2") LOCAL "abcdef", ":2:", "DimSize = 3 2"),
    BAD("four of three sizes", SIZE("3 2 1 1") LOCAL "abcdef", ":2:", "DimSize"),
    BAD("a size of 0", SIZE("3 0 1") LOCAL "abcdef", ":2:", "DimSize"),
    BAD("a size below 0", SIZE("3 -2 1") LOCAL "abcdef", ":2:", "DimSize"),
    BAD("a size of nan", SIZE("3 nan 1") LOCAL "abcdef", ":2:", "'nan'"),
    BAD("half a voxel", SIZE("3 2.5 1") LOCAL "abcdef", ":2:", "whole"),
    BAD("a size of 2^31", SIZE("2147483648 1 1") LOCAL "abcdef", ":2:", "from 1 to 2147483647"),
    BAD("voxels beyond 64 bits", SIZE("2147483647 2147483647 2147483647") LOCAL "abcdef", ":2: DimSize", "at most 1e+12"),
    BAD("bytes that wrap 64 bits", SIZE("1048576 1048576 16777216") "ElementType = MET_DOUBLE\nElementDataFile = LOCAL\nabcdef", ":2: DimSize"),
    BAD("10 GB claimed", SIZE("2000 2000 2500") LOCAL "abcdef", "holds 6 bytes", "need 10000000000"),
    BAD("10 GB claimed in text", SIZE("2000 2000 2500") "BinaryData = False\n" LOCAL "1 2 3", "5 bytes cannot hold"),
    BAD("10 GB claimed in a stream", SIZE("2000 2000 2500") "CompressedData = True\n" LOCAL "abcdef", "cannot hold the 10000000000 bytes"),
    BAD("one voxel too many", PLAIN LOCAL "abcdefg", "holds 7 bytes", "need 6"),
    BAD("one voxel too few", PLAIN LOCAL "abcde", "holds 5 bytes", "need 6"),
    BAD("no data", PLAIN LOCAL, "holds 0 bytes", "need 6"),
    BAD("a spacing of 0", "NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 0 1\n" LOCAL "abcdef", ":3:", "ElementSpacing"),
    BAD("a spacing below 0", "NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 -1 1\n" LOCAL "abcdef", ":3:", "ElementSpacing"),
    BAD("a spacing of nan", "NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 1 nan\n" LOCAL "abcdef", ":3:", "'nan'"),
    BAD("an infinite spacing", "NDims = 3\nDimSize = 3 2 1\nElementSpacing = inf 1 1\n" LOCAL "abcdef", ":3:", "'inf'"),
    BAD("an origin of nan", PLAIN "Offset = 0 nan 0\n" LOCAL "abcdef", ":4:", "Offset"),
    BAD("an origin far away", PLAIN "Origin = 0 0 1e300\n" LOCAL "abcdef", ":4: Origin", "1e+300"),
    BAD("two origins", PLAIN "Offset = 1 0 0\nPosition = 2 0 0\n" LOCAL "abcdef", ":5:", "contradicts Offset in line 4"),
    BAD("a direction of zeros", PLAIN "TransformMatrix = 0 0 0 0 0 0 0 0 0\n" LOCAL "abcdef", ":4: TransformMatrix", "orthonormal"),
    BAD("a direction of nan", PLAIN "Rotation = 1 0 0 0 nan 0 0 0 1\n" LOCAL "abcdef", ":4:", "Rotation"),
    BAD("a direction of large numbers", PLAIN "Orientation = 1e200 0 0 0 1e200 0 0 0 1e200\n" LOCAL "abcdef", ":4: Orientation"),
    BAD("an unknown type", PLAIN "ElementType = MET_HALF\nElementDataFile = LOCAL\nabcdef", ":4:", "MET_HALF"),
    BAD("three channels", PLAIN "ElementNumberOfChannels = 3\n" LOCAL "abcdef", ":4:", "ElementNumberOfChannels"),
    BAD("neither true nor false", PLAIN "BinaryData = perhaps\n" LOCAL "abcdef", ":4:", "BinaryData"),
    BAD("data before the file begins", PLAIN "HeaderSize = -2\n" LOCAL "abcdef", ":4:", "HeaderSize"),
    BAD("data behind the end", PLAIN "HeaderSize = 9223372036854775807\n" LOCAL "abcdef", "HeaderSize", "9223372036854775807"),
    BAD("data in the header", PLAIN "HeaderSize = 5\n" LOCAL "abcdef", ":4:", "HeaderSize"),
    BAD("a stream of another size", PLAIN "CompressedData = True\nCompressedDataSize = 7\n" LOCAL "abcdef", "CompressedDataSize says 7"),
    BAD("a stream below 0", PLAIN "CompressedData = True\nCompressedDataSize = -7\n" LOCAL "abcdef", ":5:", "CompressedDataSize"),
    BAD("no stream", PLAIN "CompressedData = True\n" LOCAL "abcdef", "damaged after 0 of 6 bytes"),
    BAD("text and a stream", PLAIN "BinaryData = False\nCompressedData = True\n" LOCAL "abcdef", ":5:", "CompressedData"),
    BAD("a number too many", PLAIN "BinaryData = False\n" LOCAL "1 2 3 4 5 6 7", "more than the image's 6 numbers"),
    BAD("a number too few", PLAIN "BinaryData = False\n" LOCAL "11 2 3 4 5", "5 numbers, the image has 6"),
    BAD("a number too large", PLAIN "BinaryData = False\n" LOCAL "1 2 3 4 5 256", "value 5 is '256'", "uint8"),
    BAD("a word among numbers", PLAIN "BinaryData = False\n" LOCAL "1 2 \033[2J 4 5 6", "value 2 is", "\\x1b"),
    BAD("a list of files", PLAIN "ElementType = MET_UCHAR\nElementDataFile = LIST\na.raw\n", ":5:", "ElementDataFile"),
    BAD("a pattern of files", PLAIN "ElementType = MET_UCHAR\nElementDataFile = %s%n.raw 1 9 1\n", ":5:", "patterns"),
    BAD("data in itself", PLAIN "ElementType = MET_UCHAR\nElementDataFile = image.mhd\n", "ElementDataFile", "need 6"),
    ROW("data in a directory", PLAIN "ElementType = MET_UCHAR\nElementDataFile = .\n", KMA_ERR_IO, "ElementDataFile", "a directory"),
    ROW("data in a device", PLAIN "ElementType = MET_UCHAR\nElementDataFile = /dev/zero\n", KMA_ERR_IO, "ElementDataFile", "a device"),
    ROW("data in a pipe", PLAIN "ElementType = MET_UCHAR\nElementDataFile = data.pipe\n", KMA_ERR_IO, "data.pipe", "a pipe"),
    ROW("data nowhere", PLAIN "ElementType = MET_UCHAR\nElementDataFile = no/where.raw\n", KMA_ERR_IO, "no/where.raw", "No such file"),
    RAW("a zero byte in a value", "NDims = 3\nDimSize = 3 2\0001\n" LOCAL, ":2:", "zero byte"),
    {"a header without end", NULL, 0, header_without_end, KMA_ERR_FORMAT, {"first 1048576 bytes"}},
    {"lines without end", NULL, 0, lines_without_end, KMA_ERR_FORMAT, {"first 1048576 bytes"}},
    {"a stream of 64 MiB for a thousand voxels", NULL, 0, bomb, KMA_ERR_FORMAT, {"more than the image's 1000 bytes"}},
    {"a stream that is too short", NULL, 0, short_stream, KMA_ERR_FORMAT, {"hold 100 bytes, the image has 10000"}},
    {"a stream that is cut", NULL, 0, cut_stream, KMA_ERR_FORMAT, {"end after"}},
    {"10 GB claimed of a stream of 10 kB", NULL, 0, ten_gb_in_ten_kb, KMA_ERR_FORMAT, {"cannot hold the 10000000000 bytes"}},
    {"a stream that wants a dictionary", NULL, 0, dictionary, KMA_ERR_FORMAT, {"dictionary"}}};

TEST(every_hostile_image_is_refused_with_file_and_place)
{
    size_t i;

    assert_int_equal(mkfifo(kmt_path("data.pipe"), 0600), 0);
    for (i = 0; i < sizeof rows / sizeof *rows; i++) hostile_check(READ_IMAGE, &rows[i]);
    unlink(kmt_path("data.pipe"));
}

/* What a stream may become is more than a multiple of the file: here it is told apart. */
TEST(a_cut_stream_takes_no_more_than_twice_what_came_out)
{
    const char *path = kmt_path("image.mhd");

    ten_mb_in_ten_kb(path);
    hostile_allow(2 * (10 << 20));
    hostile_check_path(READ_IMAGE, "a stream of 10 MB that is cut", path, "image.mhd", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"end after", NULL});
    assert_true(hostile_most() > 10 << 20); /* it was inflated, not refused by its claim */
    unlink(path);
}

TEST(the_rows_are_this_many)
{
    print_message("%zu hostile images; the slowest took %.3f s, the greediest %zu bytes\n", hostile_checked(), hostile_longest(),
                  hostile_most());
    assert_true(hostile_checked() >= 68);
}
