/* Reading MetaImages. Expected layouts are those of MetaIO: github.com/Kitware/MetaIO, metaTypes.h, metaImage.cxx. */
#include "kmt_file.h"

#include <locale.h>
#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

#include "geometry/image.h"
#include "io/metaimage.h"

/* A whole file: header lines, then bytes. */
static const char *put(const char *name, const char *header, const void *data, size_t size)
{
    static unsigned char bytes[1 << 16];
    size_t length = strlen(header);

    assert_true(length + size <= sizeof bytes);
    memcpy(bytes, header, length);
    memcpy(bytes + length, data, size);
    return kmt_put(name, bytes, length + size);
}

static size_t squeeze(const void *data, size_t size, int window_bits, unsigned char *out, size_t room)
{
    z_stream z;

    memset(&z, 0, sizeof z);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)data;
    z.avail_in = (unsigned)size;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static const kmi_image *object_of(kma_image image)
{
    /* The tests look inside: the borrowed pointer is the image's data. */
    static kmi_image copy;
    kma_image_geometry g;

    memset(&copy, 0, sizeof copy);
    assert_ok(kma_image_get_geometry(image, &g));
    assert_ok(kmi_grid_of_geometry(&g, &copy.grid));
    assert_ok(kma_image_get_type(image, &copy.type));
    copy.cells = kmi_grid_cells(&copy.grid);
    assert_ok(kma_image_borrow(image, (const void **)&copy.data));
    assert_ok(kma_image_return(image));
    return &copy;
}

static double sum_of(kma_image image, double *low, double *high)
{
    const kmi_image *o = object_of(image);
    double sum = 0;
    size_t i;

    *low = *high = kmi_image_value(o, 0);
    for (i = 0; i < o->cells; i++) {
        double v = kmi_image_value(o, i);
        sum += v;
        if (v < *low) *low = v;
        if (v > *high) *high = v;
    }
    return sum;
}

#define PLAIN "NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 2 3\n"

TEST(a_real_thorax_is_read_with_its_direction)
{
    /* Sums and counts taken with SimpleITK: shared/data/README.md. */
    const char *path = kmt_shared_data("ct/thorax_3mm.mha");
    static const double direction[9] = {-1, 0, 0, 0, -1, 0, 0, 0, 1};
    const kmi_image *o;
    kma_image image = {0};
    double low, high;
    size_t i, bone = 0, air = 0;

    if (path == NULL) skip();
    assert_ok(kma_image_read(path, &image));
    o = object_of(image);
    assert_int_equal(o->grid.count[0], 122);
    assert_int_equal(o->grid.count[1], 101);
    assert_int_equal(o->grid.count[2], 112);
    for (i = 0; i < 3; i++) assert_true(o->grid.spacing[i] == 3);
    for (i = 0; i < 9; i++) assert_true(o->grid.direction[i] == direction[i]);
    assert_near(o->grid.origin[0], 177.95633, 5e-6);
    assert_near(o->grid.origin[1], -11.319, 5e-6);
    assert_near(o->grid.origin[2], 94.30176, 5e-6);
    assert_int_equal(o->type, KMA_SCALAR_INT16);
    assert_true(sum_of(image, &low, &high) == -496851173);
    assert_true(low == -1207 && high == 3382);
    for (i = 0; i < o->cells; i++) {
        bone += kmi_image_value(o, i) > 200;
        air += kmi_image_value(o, i) < -500;
    }
    assert_int_equal(bone, 26765);
    assert_int_equal(air, 495100);
    assert_ok(kma_image_release(&image));
}

TEST(a_real_head_is_read)
{
    const char *path = kmt_shared_data("ct/head_quarter.mha");
    kma_image image = {0};
    double low, high;

    if (path == NULL) skip();
    assert_ok(kma_image_read(path, &image));
    assert_true(sum_of(image, &low, &high) == 193392317);
    assert_true(low == 0 && high == 3926);
    assert_true(object_of(image)->grid.spacing[0] == 3.2);
    assert_ok(kma_image_release(&image));
}

TEST(the_first_numbers_of_the_matrix_are_the_direction_of_the_first_axis)
{
    /* itkMetaImageIO.cxx: SetDirection(i, {matrix[i*n + j]}), and SetDirection sets column i. The matrix
     * (1 4 -8; -8 4 1; 4 7 4) / 9 is a rotation with no symmetry at all. */
    static const double rows[9] = {1, 4, -8, -8, 4, 1, 4, 7, 4};
    static const char *const names[] = {"TransformMatrix", "Rotation", "Orientation"};
    static const char *const places[] = {"Offset", "Position", "Origin", "ImagePosition"};
    char header[2000];
    kma_image image = {0};
    double index[3] = {1, 0, 0}, point[3];
    size_t k;
    int i, j;

    for (k = 0; k < 4; k++) {
        snprintf(header, sizeof header,
                 "ObjectType = Image\n" PLAIN "%s = 0.1111111111111111 0.4444444444444444 -0.8888888888888889 "
                 "-0.8888888888888889 0.4444444444444444 0.1111111111111111 0.4444444444444444 0.7777777777777778 "
                 "0.4444444444444444\n%s = -7 8.25 1e2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
                 names[k % 3], places[k]);
        assert_ok(kma_image_read(put("oblique.mha", header, "abcdef", 6), &image));
        for (i = 0; i < 3; i++)
            for (j = 0; j < 3; j++)
                assert_near(object_of(image)->grid.direction[3 * j + i], rows[3 * i + j] / 9, 2e-16);
        assert_ok(kma_image_point_of_index(image, index, point)); /* one voxel of 1 mm along the first axis */
        assert_near(point[0], -7 + 1. / 9, 1e-14);
        assert_near(point[1], 8.25 + 4. / 9, 1e-14);
        assert_near(point[2], 100 - 8. / 9, 1e-13);
        assert_ok(kma_image_release(&image));
    }
}

TEST(every_type_is_read_in_both_byte_orders_plain_zlib_and_gzip)
{
    static const struct {
        const char *name;
        kma_scalar type;
        size_t size;
        unsigned char little[8]; /* the second value; the first is 0 */
        double value;
    } types[] = {
        {"MET_CHAR", KMA_SCALAR_INT8, 1, {0x80}, -128},
        {"MET_ASCII_CHAR", KMA_SCALAR_INT8, 1, {0x41}, 65},
        {"MET_UCHAR", KMA_SCALAR_UINT8, 1, {0x80}, 128},
        {"MET_SHORT", KMA_SCALAR_INT16, 2, {0x18, 0xfc}, -1000},
        {"MET_USHORT", KMA_SCALAR_UINT16, 2, {0x18, 0xfc}, 64536},
        {"MET_INT", KMA_SCALAR_INT32, 4, {0xfe, 0xff, 0xff, 0xff}, -2},
        {"MET_LONG", KMA_SCALAR_INT32, 4, {0xfe, 0xff, 0xff, 0xff}, -2},
        {"MET_UINT", KMA_SCALAR_UINT32, 4, {0xfe, 0xff, 0xff, 0xff}, 4294967294.0},
        {"MET_ULONG", KMA_SCALAR_UINT32, 4, {0x01, 0x02, 0x03, 0x04}, 0x04030201},
        {"MET_LONG_LONG", KMA_SCALAR_INT64, 8, {0, 0, 0, 0, 0, 0, 0, 0x80}, -9223372036854775808.0},
        {"MET_ULONG_LONG", KMA_SCALAR_UINT64, 8, {0, 0, 0, 0, 0, 0, 0, 0x80}, 9223372036854775808.0},
        {"MET_FLOAT", KMA_SCALAR_FLOAT32, 4, {0, 0, 0x20, 0xc0}, -2.5},
        {"MET_DOUBLE", KMA_SCALAR_FLOAT64, 8, {0, 0, 0, 0, 0, 0, 0x04, 0x40}, 2.5}};
    size_t t, b;
    int msb, packed;

    for (t = 0; t < sizeof types / sizeof types[0]; t++) {
        for (msb = 0; msb < 2; msb++) {
            for (packed = 0; packed < 4; packed++) {
                unsigned char data[16] = {0}, small[200];
                char header[1000], told[60] = "Modality = MET_MOD_CT\n";
                size_t size = types[t].size, n = 2 * size;
                kma_image image = {0};
                for (b = 0; b < size; b++) data[size + b] = types[t].little[msb ? size - 1 - b : b];
                if (packed > 0) n = squeeze(data, n, packed == 2 ? 31 : 15, small, sizeof small);
                if (packed == 3) snprintf(told, sizeof told, "CompressedDataSize = %zu\n", n);
                snprintf(header, sizeof header,
                         "NDims = 3\nDimSize = 2 1 1\n%s = %s\nElementSpacing = 1 1 1\nCompressedData = %s\n%s"
                         "ElementType = %s\nElementDataFile = LOCAL\n",
                         packed == 1 ? "ElementByteOrderMSB" : "BinaryDataByteOrderMSB", msb ? "True" : "False",
                         packed > 0 ? "True" : "False", told, types[t].name);
                assert_ok(kma_image_read(put("types.mha", header, packed > 0 ? small : data, n), &image));
                assert_int_equal(object_of(image)->type, types[t].type);
                assert_true(kmi_image_value(object_of(image), 0) == 0);
                assert_true(kmi_image_value(object_of(image), 1) == types[t].value);
                assert_ok(kma_image_release(&image));
            }
        }
    }
}

TEST(data_files_are_found_beside_their_header)
{
    static const char raw[] = "....abcdef";
    char header[4500];
    kma_image image = {0};
    size_t k;
    static const struct {
        const char *skip, *name;
        size_t from;
    } cases[] = {{"", "six.raw", 4}, {"HeaderSize = 4\n", "ten.raw", 0}, {"HeaderSize = -1\n", "ten.raw", 0},
                 {"HeaderSize = 0\n", "six.raw", 4}};

    kmt_put("six.raw", raw + 4, 6);
    kmt_put("ten.raw", raw, 10);
    for (k = 0; k < 8; k++) {
        const char *name = cases[k % 4].name;
        snprintf(header, sizeof header, PLAIN "%sElementType = MET_UCHAR\r\nElementDataFile =  %s \r\n", cases[k % 4].skip,
                 k < 4 ? name : kmt_path(name)); /* relative, then absolute */
        assert_ok(kma_image_read(put("outside.mhd", header, "", 0), &image));
        assert_true(kmi_image_value(object_of(image), 0) == 'a');
        assert_true(kmi_image_value(object_of(image), 5) == 'f');
        assert_ok(kma_image_release(&image));
    }
    assert_fails(kma_image_read(put("outside.mhd", PLAIN "ElementType = MET_UCHAR\nElementDataFile = none.raw\n", "", 0),
                                &image),
                 KMA_ERR_IO, "none.raw");
    assert_fails(kma_image_read(put("outside.mhd", PLAIN "ElementType = MET_UCHAR\nElementDataFile = ten.raw\n", "", 0),
                                &image),
                 KMA_ERR_FORMAT, "holds 10 bytes of data, DimSize and ElementType need 6");
}

TEST(a_header_may_end_without_newline_if_the_data_are_elsewhere)
{
    kma_image image = {0};

    kmt_put("six.raw", "abcdef", 6);
    assert_ok(kma_image_read(put("end.mhd", PLAIN "ElementType = MET_UCHAR\nElementDataFile = six.raw", "", 0), &image));
    assert_ok(kma_image_release(&image));
}

TEST(two_dimensions_are_one_slice)
{
    kma_image image = {0};
    const kmi_grid *g;

    assert_ok(kma_image_read(put("flat.mha",
                                 "NDims = 2\nDimSize = 3 2\nElementSize = 0.5 0.25\nOffset = 3 4\n"
                                 "TransformMatrix = 0 1 -1 0\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
                                 "abcdef", 6),
                             &image));
    g = &object_of(image)->grid;
    assert_int_equal(g->count[2], 1);
    assert_true(g->spacing[0] == 0.5 && g->spacing[1] == 0.25 && g->spacing[2] == 1);
    assert_true(g->origin[0] == 3 && g->origin[1] == 4 && g->origin[2] == 0);
    assert_true(g->direction[3] == 1 && g->direction[1] == -1 && g->direction[8] == 1 && g->direction[0] == 0);
    assert_ok(kma_image_release(&image));
}

TEST(decimal_values_are_read_in_any_locale)
{
    kma_image image = {0};
    const char *german = setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed */

    (void)german;
    assert_ok(kma_image_read(put("text.mha",
                                 PLAIN "BinaryData = False\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n",
                                 "1.5 -2\t3e2\n\n nan 5 -0.0625\n", 27),
                             &image));
    assert_true(kmi_image_value(object_of(image), 0) == 1.5);
    assert_true(kmi_image_value(object_of(image), 2) == 300);
    assert_true(isnan(kmi_image_value(object_of(image), 3)));
    assert_true(kmi_image_value(object_of(image), 5) == -0.0625);
    assert_ok(kma_image_release(&image));
    setlocale(LC_ALL, "C");
    assert_ok(kma_image_read(put("text.mha",
                                 "NDims = 3\nDimSize = 1 1 2\nElementSpacing = 1 1 1\nBinaryData = False\n"
                                 "ElementType = MET_ULONG_LONG\nElementDataFile = LOCAL\n",
                                 "18446744073709551615 7", 22),
                             &image));
    assert_true(((const uint64_t *)object_of(image)->data)[0] == UINT64_MAX);
    assert_ok(kma_image_release(&image));
}

TEST(numbers_split_between_two_reads_are_whole)
{
    enum { N = 120000 };
    char *text = malloc(40 + 8 * N);
    kma_image image = {0};
    size_t used, i;

    used = (size_t)sprintf(text, "NDims=3\nDimSize= 400 300 1\nElementSpacing=1 1 1\nBinaryData=False\n"
                                 "ElementType=MET_INT\nElementDataFile=LOCAL\n");
    for (i = 0; i < N; i++) used += (size_t)sprintf(text + used, "%zu ", i % 7 == 0 ? i : 100000 + i);
    assert_ok(kma_image_read(kmt_put("long.mha", text, used), &image));
    free(text);
    for (i = 0; i < N; i++)
        assert_int_equal(((const int32_t *)object_of(image)->data)[i], i % 7 == 0 ? i : 100000 + i);
    assert_ok(kma_image_release(&image));
}

#define TAIL "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n"

TEST(malformed_files_are_told_by_file_line_and_key)
{
    static const struct {
        const char *header, *data, *text;
    } cases[] = {
        {"", "", "bad.mha: no MetaImage header: there is no ElementDataFile in its first 0 bytes"},
        {"hello\n", "", "bad.mha:1: 'hello' is no line 'Key = value'"},
        {"\x89PNG\r\n\x1a\n", "", "bad.mha:1: '\\x89PNG' is no line"},
        {"NDims = 3\n\xc3\xa4 = 3\n", "", "bad.mha:2: '\\xc3\\xa4 = 3' is no line"},
        {PLAIN "ElementType = MET_UCHAR\n", "", "no ElementDataFile"},
        {"DimSize = 3 2 1\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "the header has no NDims"},
        {"NDims = 3\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "the header has no DimSize"},
        {"NDims = 3\nDimSize = 3 2 1\n" TAIL, "abcdef", "the header has no ElementSpacing: add a line"},
        {PLAIN "ElementDataFile = LOCAL\n", "abcdef", "the header has no ElementType"},
        {PLAIN "NDims = 3\n" TAIL, "abcdef", "bad.mha:4: NDims is given again (first in line 1)"},
        {"NDims = 4\nDimSize = 3 2 1 1\nElementSpacing = 1 1 1 1\n" TAIL, "abcdef", "bad.mha:1: NDims = 4: only images of"},
        {"NDims = three\n" TAIL, "", "bad.mha:1: NDims = three: a whole number"},
        {"NDims = 99999999999999999999\n" TAIL, "", "NDims = 99999999999999999999: a whole number"},
        {"NDims = 3\nDimSize = 3 2\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "bad.mha:2: DimSize = 3 2: 3 numbers are needed"},
        {"NDims = 3\nDimSize = 3 2 1 1\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "3 numbers are needed"},
        {"NDims = 3\nDimSize = 3 -2 1\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "DimSize = 3 -2 1: each number of voxels"},
        {"NDims = 3\nDimSize = 3 2.5 1\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "must be whole"},
        {"NDims = 3\nDimSize = 0 2 1\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "from 1 to"},
        {"NDims = 3\nDimSize = 2000000000 2000000000 2000000000\nElementSpacing = 1 2 3\n" TAIL, "abcdef", "bad.mha:2: DimSize: the grid has 2000000000 x"},
        {"NDims = 3\nDimSize = 2000 2000 2500\nElementSpacing = 1 2 3\n" TAIL, "abcdef",
         "holds 6 bytes of data, DimSize and ElementType need 10000000000"},
        {"NDims = 3\nDimSize = 2000 2000 2500\nElementSpacing = 1 2 3\nCompressedData = True\n" TAIL, "abcdef",
         "the 6 compressed bytes cannot hold the 10000000000 bytes"},
        {"NDims = 3\nDimSize = 2000 2000 2500\nElementSpacing = 1 2 3\nBinaryData = False\n" TAIL, "1 2 3",
         "5 bytes cannot hold the 10000000000 numbers"},
        {"NDims = 3\nDimSize = 3 2 1\nElementSpacing = nan 1 1\n" TAIL, "abcdef", "bad.mha:3: ElementSpacing = nan 1 1: 'nan'"},
        {"NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 0 1\n" TAIL, "abcdef", "spacings are mm above 0"},
        {"NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 -1 1\n" TAIL, "abcdef", "spacings are mm above 0"},
        {"NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 1,5 1\n" TAIL, "abcdef", "'1,5' is no finite number"},
        {"NDims = 3\nDimSize = 3 2 1\nElementSpacing = 1 0x10 1\n" TAIL, "abcdef", "'0x10' is no finite number"},
        {PLAIN "Offset = 1e999 0 0\n" TAIL, "abcdef", "'1e999' is no finite number"},
        {PLAIN "Offset = 1 0 0\nPosition = 2 0 0\n" TAIL, "abcdef", "bad.mha:5: Position = 2 0 0: contradicts Offset in line 4"},
        {PLAIN "TransformMatrix = 1 0 0 0 1 0\n" TAIL, "abcdef", "9 numbers are needed for NDims = 3"},
        {PLAIN "TransformMatrix = 1 0 0 0 1 0 0 1 0\n" TAIL, "abcdef", "bad.mha:4: TransformMatrix: the columns"},
        {PLAIN "TransformMatrix = 2 0 0 0 1 0 0 0 1\n" TAIL, "abcdef", "orthonormal"},
        {PLAIN "ElementNumberOfChannels = 3\n" TAIL, "abcdef", "bad.mha:4: ElementNumberOfChannels = 3: only images with one"},
        {PLAIN "ElementToIntensityFunctionSlope = 2\n" TAIL, "abcdef", "rescaled"},
        {PLAIN "ElementToIntensityFunctionOffset = -1024\n" TAIL, "abcdef", "rescaled"},
        {PLAIN "DistanceUnits = cm\n" TAIL, "abcdef", "lengths must be in mm"},
        {PLAIN "ObjectType = Mesh\n" TAIL, "abcdef", "only an Image"},
        {PLAIN "BinaryData = maybe\n" TAIL, "abcdef", "True or False is needed"},
        {PLAIN "BinaryDataByteOrderMSB = True\nElementByteOrderMSB = False\n" TAIL, "abcdef", "contradicts"},
        {PLAIN "BinaryData = False\nCompressedData = True\n" TAIL, "abcdef", "only binary data can be compressed"},
        {PLAIN "ElementType = MET_FLOAT_ARRAY\nElementDataFile = LOCAL\n", "abcdef", "ElementType = MET_FLOAT_ARRAY: no type"},
        {PLAIN "ElementType = MET_UCHAR\nElementDataFile = LIST 2D\na.raw\n", "", "lists of files"},
        {PLAIN "ElementType = MET_UCHAR\nElementDataFile = slice%03d.raw 1 10 1\n", "", "patterns of file names"},
        {PLAIN "ElementType = MET_UCHAR\nElementDataFile =\n", "", "LOCAL or the name of a file"},
        {PLAIN "HeaderSize = 10\n" TAIL, "abcdef", "the header itself has"},
        {PLAIN "HeaderSize = 100000\n" TAIL, "abcdef", "HeaderSize says that the data begin after 100000"},
        {PLAIN "HeaderSize = -2\n" TAIL, "abcdef", "a whole number of at least -1"},
        {PLAIN "HeaderSize = -1\nCompressedData = True\n" TAIL, "abcdef", "without CompressedDataSize"},
        {PLAIN "CompressedData = True\nCompressedDataSize = 5\n" TAIL, "abcdef", "holds 6 bytes of data, CompressedDataSize says 5"},
        {PLAIN "CompressedData = True\n" TAIL, "abcdef", "the compressed data are damaged after 0 of 6 bytes"},
        {PLAIN TAIL, "abcde", "holds 5 bytes of data, DimSize and ElementType need 6"},
        {PLAIN TAIL, "abcdefg", "holds 7 bytes of data, DimSize and ElementType need 6 (HeaderSize"},
        {PLAIN "BinaryData = False\n" TAIL, "10 2 3 4 5", "the data hold 5 numbers, the image has 6"},
        {PLAIN "BinaryData = False\n" TAIL, "1 2 3 4 5 6 7", "the data hold more than the image's 6 numbers"},
        {PLAIN "BinaryData = False\n" TAIL, "1 2 256 4 5 6", "value 2 is '256', no number that fits uint8"},
        {PLAIN "BinaryData = False\n" TAIL, "1 2 -1 4 5 6", "value 2 is '-1'"},
        {PLAIN "BinaryData = False\n" TAIL, "1 2 1.5 4 5 6", "value 2 is '1.5'"},
        {PLAIN "BinaryData = False\n" TAIL, "1 2 \xff 4 5 6", "value 2 is '\\xff'"}};
    size_t k;

    for (k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        kma_image image = {1};
        const char *path = put("bad.mha", cases[k].header, cases[k].data, strlen(cases[k].data));
        assert_fails(kma_image_read(path, &image), KMA_ERR_FORMAT, cases[k].text);
        assert_non_null(strstr(kma_error_message(), "bad.mha"));
        assert_int_equal(image.bits, 0);
    }
    kmt_assert_no_live_objects();
}

TEST(a_zero_byte_in_a_value_is_told)
{
    static const char header[] = "NDims = 3\nDimSize = 3 2 1\0\nElementSpacing = 1 2 3\n" TAIL "abcdef";
    kma_image image = {0};

    assert_fails(kma_image_read(kmt_put("zero.mha", header, sizeof header - 1), &image), KMA_ERR_FORMAT,
                 "zero.mha:2: DimSize = '3 2 1\\x00' holds a zero byte");
}

TEST(a_header_without_end_is_not_read_for_ever)
{
    enum { SIZE = (1 << 20) + 5000 };
    char *bytes = malloc(SIZE);
    kma_image image = {0};
    size_t i;

    for (i = 0; i < SIZE; i++) bytes[i] = i % 10 == 9 ? '\n' : i % 10 == 4 ? '=' : 'a';
    assert_fails(kma_image_read(kmt_put("endless.mha", bytes, SIZE), &image), KMA_ERR_FORMAT,
                 "no ElementDataFile in its first 1048576 bytes");
    free(bytes);
}

TEST(compressed_streams_that_lie_are_refused)
{
    unsigned char zeros[4096] = {0}, small[4096];
    char header[500];
    kma_image image = {0};
    size_t n = squeeze(zeros, sizeof zeros, 15, small, sizeof small);
    static const struct {
        int side; /* DimSize = side 16 16 */
        const char *text;
    } cases[] = {{15, "hold more than the image's 3840 bytes"}, {1, "hold more than the image's 256 bytes"},
                 {17, "the compressed data hold 4096 bytes, the image has 4352"}};
    size_t k;

    for (k = 0; k < 3; k++) {
        snprintf(header, sizeof header, "NDims = 3\nDimSize = %d 16 16\nElementSpacing = 1 1 1\nCompressedData = True\n" TAIL,
                 cases[k].side);
        assert_fails(kma_image_read(put("lie.mha", header, small, n), &image), KMA_ERR_FORMAT, cases[k].text);
    }
    snprintf(header, sizeof header, "NDims = 3\nDimSize = 16 16 16\nElementSpacing = 1 1 1\nCompressedData = True\n" TAIL);
    assert_ok(kma_image_read(put("lie.mha", header, small, n), &image));
    assert_ok(kma_image_release(&image));
    assert_fails(kma_image_read(put("lie.mha", header, small, n - 1), &image), KMA_ERR_FORMAT, "the compressed data end after");
    small[n] = 0;
    assert_fails(kma_image_read(put("lie.mha", header, small, n + 1), &image), KMA_ERR_FORMAT,
                 "1 bytes follow the compressed data");
    small[n - 1] ^= 1; /* the check sum */
    assert_fails(kma_image_read(put("lie.mha", header, small, n), &image), KMA_ERR_FORMAT, "damaged after 4096 of 4096 bytes");
}

TEST(only_ordinary_files_are_opened)
{
    kma_image image = {0};
    const char *pipe = kmt_path("pipe.mha");
    const char *loop = kmt_path("loop.mhd");

    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_fails(kma_image_read(pipe, &image), KMA_ERR_IO, "pipe.mha"); /* an open for reading would wait for a writer */
    assert_fails(kma_image_read(kmt_scratch(), &image), KMA_ERR_IO, kmt_scratch());
    assert_fails(kma_image_read("/dev/zero", &image), KMA_ERR_IO, "/dev/zero");
    assert_fails(kma_image_read(kmt_path("nowhere.mha"), &image), KMA_ERR_IO, "nowhere.mha");
    assert_fails(kma_image_read(NULL, &image), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_image_read("x.mha", NULL), KMA_ERR_ARGUMENT, "out is NULL");
    /* A header that names itself is read as data: of the wrong size. */
    kmt_put_text("loop.mhd", PLAIN "ElementType = MET_UCHAR\nElementDataFile = loop.mhd\n");
    assert_fails(kma_image_read(loop, &image), KMA_ERR_FORMAT, "DimSize and ElementType need 6");
}

/* Small valid files, the parents of the mutants. */
static size_t parent(uint64_t k, unsigned char *bytes, size_t room)
{
    static const unsigned char data[96] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, [40] = 255, [47] = 128};
    char header[1000];
    unsigned char small[200];
    size_t n, length;
    static const char *const types[] = {"MET_UCHAR", "MET_SHORT", "MET_FLOAT", "MET_DOUBLE"};
    static const int sizes[] = {1, 2, 4, 8};
    int t = (int)(k % 4);
    bool packed = k / 4 % 2 == 1, text = k / 8 % 4 == 3;

    if (text) {
        packed = false;
        n = (size_t)sprintf((char *)small, "1 2 3 4 5 6 7 8 9 10 11 12\n");
    } else if (packed) {
        n = squeeze(data, 12 * (size_t)sizes[t], 15, small, sizeof small);
    } else {
        n = 12 * (size_t)sizes[t];
        memcpy(small, data, n);
    }
    snprintf(header, sizeof header,
             "ObjectType = Image\nNDims = 3\nBinaryData = %s\nBinaryDataByteOrderMSB = False\nCompressedData = %s\n"
             "TransformMatrix = 1 0 0 0 0 1 0 -1 0\nOffset = -10.5 20 3e1\nElementSpacing = 0.5 1 2\nDimSize = 3 2 2\n"
             "HeaderSize = -1\nElementType = %s\nElementDataFile = LOCAL\n",
             text ? "False" : "True", packed ? "True" : "False", types[t]);
    if (packed) { /* HeaderSize = -1 needs the size */
        char *at = strstr(header, "HeaderSize = -1\n");
        char rest[400];
        strcpy(rest, at + 16);
        sprintf(at, "CompressedDataSize = %zu\n%s", n, rest);
    }
    length = strlen(header);
    assert_true(length + n <= room);
    memcpy(bytes, header, length);
    memcpy(bytes + length, small, n);
    return length + n;
}

PROPERTY(mutants_are_read_or_refused_with_a_text_that_names_the_file, 3000)
{
    unsigned char bytes[4096];
    size_t size = parent(seed, bytes, 2048);
    unsigned changes = 1 + (unsigned)(4 * kmi_rng_uniform(rng)), c;
    kma_image image = {0};
    kma_status status;

    for (c = 0; c < changes; c++) {
        size_t at = (size_t)(kmi_rng_uniform(rng) * (double)size), n = (size_t)(20 * kmi_rng_uniform(rng));
        size_t from = (size_t)(kmi_rng_uniform(rng) * (double)size);
        switch ((int)(6 * kmi_rng_uniform(rng))) {
        case 0: bytes[at] ^= (unsigned char)(1u << (int)(8 * kmi_rng_uniform(rng))); break;
        case 1: bytes[at] = (unsigned char)(256 * kmi_rng_uniform(rng)); break;
        case 2: bytes[at] = (unsigned char)"0123456789-.e \n=n"[(int)(17 * kmi_rng_uniform(rng))]; break;
        case 3: /* cut out */
            if (n > size - at) n = size - at;
            memmove(bytes + at, bytes + at + n, size - at - n);
            size -= n;
            break;
        case 4: /* insert a copy of another part */
            if (from + n > size || size + n > sizeof bytes) break;
            memmove(bytes + at + n, bytes + at, size - at);
            memmove(bytes + at, bytes + (from < at ? from : from + n), n);
            size += n;
            break;
        default: size = at; break; /* cut off */
        }
        if (size == 0) break;
    }
    status = kma_image_read(kmt_put("mutant.mha", bytes, size), &image);
    if (status == KMA_OK) {
        double low, high;
        assert_true(object_of(image)->cells <= 4096);
        (void)sum_of(image, &low, &high);
    } else {
        assert_true(status == KMA_ERR_FORMAT || status == KMA_ERR_IO);
        assert_true_msg(strstr(kma_error_message(), "mutant.mha") != NULL, "%s", kma_error_message());
    }
    assert_ok(kma_image_release(&image));
    if (seed % 1000 == 0) kmt_assert_no_live_objects();
}

TEST(the_parents_of_the_mutants_are_valid)
{
    uint64_t k;

    for (k = 0; k < 32; k++) {
        unsigned char bytes[2048];
        size_t size = parent(k, bytes, sizeof bytes);
        kma_image image = {0};
        assert_ok(kma_image_read(kmt_put("parent.mha", bytes, size), &image));
        assert_int_equal(object_of(image)->cells, 12);
        assert_ok(kma_image_release(&image));
    }
}

TEST(every_failed_allocation_is_an_error_and_leaves_nothing)
{
    static const uint64_t parents[] = {0, 4, 25}; /* plain, compressed, decimal */
    size_t k;

    for (k = 0; k < 3; k++) {
        unsigned char bytes[2048];
        size_t size = parent(parents[k], bytes, sizeof bytes);
        const char *path = kmt_put("memory.mha", bytes, size);
        long n;
        for (n = 1; n < 100; n++) {
            kma_image image = {0};
            kma_status status;
            kmt_fail_allocation(n);
            status = kma_image_read(path, &image);
            kmt_fail_allocation(0);
            if (status == KMA_OK) assert_ok(kma_image_release(&image));
            kmt_assert_no_live_objects();
            if (status == KMA_OK) break;
            assert_int_equal(status, KMA_ERR_MEMORY);
            assert_int_equal(image.bits, 0);
        }
        assert_true(n >= 4 && n < 100);
    }
}
