/*
 * The text at the beginning of a MetaImage: lines "Key = value" up to ElementDataFile.
 *
 * What surprises: TransformMatrix lists the axes' directions one after the other, so that it is the transpose
 * of ITK's direction matrix (itkMetaImageIO.cxx hands its i-th group of numbers to SetDirection(i, ...)). Origins
 * and rotations have three names each, left from older versions. MET_LONG has 4 bytes (metaTypes.h).
 */
#include "io/metaimage.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/number.h"

#define KEY_LIST(X)                                                            \
    X(OBJECT_TYPE, "ObjectType")                                               \
    X(NDIMS, "NDims")                                                          \
    X(BINARY_DATA, "BinaryData")                                               \
    X(BINARY_MSB, "BinaryDataByteOrderMSB")                                    \
    X(ELEMENT_MSB, "ElementByteOrderMSB")                                      \
    X(COMPRESSED, "CompressedData")                                            \
    X(COMPRESSED_SIZE, "CompressedDataSize")                                   \
    X(TRANSFORM, "TransformMatrix")                                            \
    X(ROTATION, "Rotation")                                                    \
    X(ORIENTATION, "Orientation")                                              \
    X(OFFSET, "Offset")                                                        \
    X(POSITION, "Position")                                                    \
    X(ORIGIN, "Origin")                                                        \
    X(IMAGE_POSITION, "ImagePosition")                                         \
    X(SPACING, "ElementSpacing")                                               \
    X(SIZE, "ElementSize")                                                     \
    X(DISTANCE_UNITS, "DistanceUnits")                                         \
    X(DIM_SIZE, "DimSize")                                                     \
    X(CHANNELS, "ElementNumberOfChannels")                                     \
    X(SLOPE, "ElementToIntensityFunctionSlope")                                \
    X(SLOPE_OFFSET, "ElementToIntensityFunctionOffset")                        \
    X(HEADER_SIZE, "HeaderSize")                                               \
    X(TYPE, "ElementType")                                                     \
    X(DATA_FILE, "ElementDataFile")

#define KEY_ENUM(name, text) KEY_##name,
enum { KEY_LIST(KEY_ENUM) KEY_COUNT };
#undef KEY_ENUM
#define KEY_TEXT(name, text) text,
static const char *const key_names[KEY_COUNT] = {KEY_LIST(KEY_TEXT)};
#undef KEY_TEXT

static const struct {
    const char *name;
    kma_scalar type;
} type_names[] = {/* the first name of a type is the one to write */
                  {"MET_CHAR", KMA_SCALAR_INT8},       {"MET_UCHAR", KMA_SCALAR_UINT8},
                  {"MET_SHORT", KMA_SCALAR_INT16},     {"MET_USHORT", KMA_SCALAR_UINT16},
                  {"MET_INT", KMA_SCALAR_INT32},       {"MET_UINT", KMA_SCALAR_UINT32},
                  {"MET_LONG_LONG", KMA_SCALAR_INT64}, {"MET_ULONG_LONG", KMA_SCALAR_UINT64},
                  {"MET_FLOAT", KMA_SCALAR_FLOAT32},   {"MET_DOUBLE", KMA_SCALAR_FLOAT64},
                  {"MET_LONG", KMA_SCALAR_INT32},      {"MET_ULONG", KMA_SCALAR_UINT32},
                  {"MET_ASCII_CHAR", KMA_SCALAR_INT8}};
enum { TYPE_NAMES = sizeof type_names / sizeof type_names[0] };

const char *kmi_metaimage_type_name(kma_scalar type)
{
    size_t i;

    for (i = 0; i < TYPE_NAMES; i++)
        if (type_names[i].type == type) return type_names[i].name;
    return "MET_OTHER";
}

typedef struct reader {
    const char *path;
    struct {
        const char *value; /* NULL: the key was not given */
        size_t line;
    } key[KEY_COUNT];
} reader;

static bool has(const reader *r, int key)
{
    return r->key[key].value != NULL;
}

static kma_status bad(const reader *r, int key, const char *format, ...) __attribute__((format(printf, 3, 4)));
static kma_status bad(const reader *r, int key, const char *format, ...)
{
    char text[400], shown[KMI_SHOWN_SIZE];
    const char *value = r->key[key].value;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: %s = %s: %s", r->path, r->key[key].line, key_names[key],
                    kmi_shown(value, strlen(value), shown), text);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Cuts blanks off both ends of [*begin, *end). */
static void trim(char **begin, char **end)
{
    while (*begin < *end && blank(**begin)) (*begin)++;
    while (*end > *begin && blank((*end)[-1])) (*end)--;
}

static kma_status take_line(reader *r, size_t line, char *begin, char *end, bool *last)
{
    char *equals, *name_end, *value, *c;
    char shown[KMI_SHOWN_SIZE];
    int key;

    trim(&begin, &end);
    if (begin == end) return KMA_OK;
    for (equals = begin; equals < end && *equals != '=' && *equals != ':'; equals++) {
    }
    name_end = equals;
    trim(&begin, &name_end);
    for (c = begin; c < name_end && *c >= ' ' && *c < 127; c++) {
    }
    if (equals == end || c != name_end || begin == name_end)
        return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: '%s' is no line 'Key = value' of a MetaImage header", r->path, line,
                        kmi_shown(begin, (size_t)(end - begin), shown));
    value = equals + 1;
    trim(&value, &end);
    for (key = 0; key < KEY_COUNT; key++) {
        if (strlen(key_names[key]) != (size_t)(name_end - begin) ||
            memcmp(key_names[key], begin, (size_t)(name_end - begin)) != 0)
            continue;
        if (has(r, key))
            return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: %s is given again (first in line %zu)", r->path, line,
                            key_names[key], r->key[key].line);
        if (memchr(value, '\0', (size_t)(end - value)) != NULL)
            return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: %s = '%s' holds a zero byte", r->path, line, key_names[key],
                            kmi_shown(value, (size_t)(end - value), shown));
        *end = '\0'; /* on a blank, a line's end or the byte the caller keeps free */
        r->key[key].value = value;
        r->key[key].line = line;
        *last = key == KEY_DATA_FILE;
        return KMA_OK;
    }
    return KMA_OK; /* names, dates, modalities ... change nothing here */
}

static kma_status need(const reader *r, int key, const char *advice)
{
    if (has(r, key)) return KMA_OK;
    return kmi_fail(KMA_ERR_FORMAT, "%s: the header has no %s%s", r->path, key_names[key], advice);
}

/* The next blank-separated word at *p, or NULL. */
static const char *word(const char **p, size_t *length)
{
    const char *begin = *p;

    while (blank(*begin)) begin++;
    if (*begin == '\0') return NULL;
    *p = begin;
    while (**p != '\0' && !blank(**p)) (*p)++;
    *length = (size_t)(*p - begin);
    return begin;
}

static kma_status numbers(const reader *r, int key, int n, double *out)
{
    const char *p = r->key[key].value, *w;
    char shown[KMI_SHOWN_SIZE];
    size_t length;
    int i;

    for (i = 0; (w = word(&p, &length)) != NULL; i++) {
        double number;
        if (!kmi_number_double(w, length, &number) || !isfinite(number))
            return bad(r, key, "'%s' is no finite number", kmi_shown(w, length, shown));
        if (i < n) out[i] = number;
    }
    if (i != n) return bad(r, key, "%d numbers are needed for NDims = %s", n, r->key[KEY_NDIMS].value);
    return KMA_OK;
}

static kma_status integer(const reader *r, int key, int64_t low, int64_t *out)
{
    const char *value = r->key[key].value;

    if (!kmi_number_integer(value, strlen(value), out) || *out < low)
        return bad(r, key, "a whole number of at least %lld is needed", (long long)low);
    return KMA_OK;
}

static kma_status truth(const reader *r, int key, bool *out)
{
    static const char *const yes[] = {"True", "true", "TRUE", "T", "t", "1"};
    static const char *const no[] = {"False", "false", "FALSE", "F", "f", "0"};
    size_t i;

    if (!has(r, key)) return KMA_OK;
    for (i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(r->key[key].value, yes[i]) == 0) {
            *out = true;
            return KMA_OK;
        }
        if (strcmp(r->key[key].value, no[i]) == 0) {
            *out = false;
            return KMA_OK;
        }
    }
    return bad(r, key, "True or False is needed");
}

/* Numbers that may be given by several names, which must agree then. */
static kma_status numbers_by_names(const reader *r, const int *keys, int key_count, int n, double *out)
{
    kma_status status = KMA_OK;
    double other[9];
    int first = -1, k, i;

    for (k = 0; k < key_count; k++) {
        if (!has(r, keys[k])) continue;
        KMI_TRY(numbers(r, keys[k], n, first < 0 ? out : other));
        if (first < 0) {
            first = keys[k];
            continue;
        }
        for (i = 0; i < n; i++)
            if (out[i] != other[i])
                KMI_TRY(bad(r, keys[k], "contradicts %s in line %zu", key_names[first], r->key[first].line));
    }
cleanup:
    return status;
}

/* Of which key the text of kmi_grid_check speaks. */
static int blamed(const reader *r, const int *origins, const int *rotations)
{
    const char *text = kma_error_message();
    int k;

    if (strncmp(text, "the grid has", 12) == 0) return KEY_DIM_SIZE;
    for (k = 0; k < 4; k++)
        if (strncmp(text, "origin", 6) == 0 && has(r, origins[k])) return origins[k];
    for (k = 0; k < 3; k++)
        if (strstr(text, "direction") != NULL && has(r, rotations[k])) return rotations[k];
    return KEY_COUNT;
}

static kma_status read_grid(const reader *r, kmi_grid *grid)
{
    static const int origins[] = {KEY_OFFSET, KEY_POSITION, KEY_ORIGIN, KEY_IMAGE_POSITION};
    static const int rotations[] = {KEY_TRANSFORM, KEY_ROTATION, KEY_ORIENTATION};
    kma_status status = KMA_OK;
    int spacing_key = has(r, KEY_SPACING) ? KEY_SPACING : KEY_SIZE;
    int64_t n = 0;
    double counts[3] = {1, 1, 1}, matrix[9] = {0};
    int i, j;

    KMI_TRY(need(r, KEY_NDIMS, " (2 or 3)"));
    KMI_TRY(integer(r, KEY_NDIMS, 1, &n));
    if (n != 2 && n != 3) KMI_TRY(bad(r, KEY_NDIMS, "only images of 2 and 3 dimensions can be read"));
    memset(grid, 0, sizeof *grid);
    for (i = 0; i < 3; i++) grid->spacing[i] = 1;

    KMI_TRY(need(r, KEY_DIM_SIZE, ", the number of voxels along each axis"));
    KMI_TRY(numbers(r, KEY_DIM_SIZE, (int)n, counts));
    for (i = 0; i < 3; i++) {
        if (!(counts[i] >= 1 && counts[i] <= INT32_MAX && counts[i] == floor(counts[i])))
            KMI_TRY(bad(r, KEY_DIM_SIZE, "each number of voxels must be whole, from 1 to %d", INT32_MAX));
        grid->count[i] = (size_t)counts[i];
    }
    if (!has(r, spacing_key))
        KMI_TRY(need(r, KEY_SPACING, ": add a line 'ElementSpacing = 1 1 1' (mm) if its voxels are of that size"));
    KMI_TRY(numbers(r, spacing_key, (int)n, grid->spacing));
    for (i = 0; i < n; i++)
        if (!(grid->spacing[i] > 0 && grid->spacing[i] <= 1e9))
            KMI_TRY(bad(r, spacing_key, "spacings are mm above 0 and at most 1e9"));
    KMI_TRY(numbers_by_names(r, origins, 4, (int)n, grid->origin));

    for (i = 0; i < n; i++) matrix[i * n + i] = 1;
    KMI_TRY(numbers_by_names(r, rotations, 3, (int)(n * n), matrix));
    grid->direction[8] = 1;
    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++) grid->direction[3 * j + i] = matrix[i * n + j]; /* axis i's direction is column i */
    if (kmi_grid_check(grid) != KMA_OK) {
        int key = blamed(r, origins, rotations);
        if (key == KEY_COUNT) KMI_TRY(kmi_fail_prefix(KMA_ERR_FORMAT, "%s: ", r->path));
        KMI_TRY(kmi_fail_prefix(KMA_ERR_FORMAT, "%s:%zu: %s: ", r->path, r->key[key].line, key_names[key]));
    }
cleanup:
    return status;
}

/* Things that would change the numbers or their places, and that are not read. */
static kma_status refuse_others(const reader *r)
{
    kma_status status = KMA_OK;
    int64_t channels = 1;
    double slope = 1, offset = 0;

    if (has(r, KEY_OBJECT_TYPE) && strcmp(r->key[KEY_OBJECT_TYPE].value, "Image") != 0)
        KMI_TRY(bad(r, KEY_OBJECT_TYPE, "only an Image can be read"));
    if (has(r, KEY_CHANNELS)) KMI_TRY(integer(r, KEY_CHANNELS, 1, &channels));
    if (channels != 1) KMI_TRY(bad(r, KEY_CHANNELS, "only images with one number a voxel can be read"));
    if (has(r, KEY_SLOPE)) KMI_TRY(numbers(r, KEY_SLOPE, 1, &slope));
    if (has(r, KEY_SLOPE_OFFSET)) KMI_TRY(numbers(r, KEY_SLOPE_OFFSET, 1, &offset));
    if (slope != 1) KMI_TRY(bad(r, KEY_SLOPE, "values to be rescaled cannot be read: store them rescaled"));
    if (offset != 0) KMI_TRY(bad(r, KEY_SLOPE_OFFSET, "values to be rescaled cannot be read: store them rescaled"));
    if (has(r, KEY_DISTANCE_UNITS) && strcmp(r->key[KEY_DISTANCE_UNITS].value, "mm") != 0 &&
        strcmp(r->key[KEY_DISTANCE_UNITS].value, "?") != 0)
        KMI_TRY(bad(r, KEY_DISTANCE_UNITS, "lengths must be in mm"));
cleanup:
    return status;
}

static kma_status read_coding(const reader *r, kmi_metaimage_header *h)
{
    kma_status status = KMA_OK;
    bool other = false;
    size_t i;

    KMI_TRY(need(r, KEY_TYPE, " (MET_SHORT, MET_FLOAT ...)"));
    for (i = 0; i < TYPE_NAMES; i++)
        if (strcmp(type_names[i].name, r->key[KEY_TYPE].value) == 0) h->type = type_names[i].type;
    if (h->type == (kma_scalar)0)
        KMI_TRY(bad(r, KEY_TYPE, "no type that can be read (MET_CHAR, MET_UCHAR, MET_SHORT, MET_USHORT, MET_INT, MET_UINT, "
                                 "MET_LONG_LONG, MET_ULONG_LONG, MET_FLOAT, MET_DOUBLE)"));
    h->binary = true;
    KMI_TRY(truth(r, KEY_BINARY_DATA, &h->binary));
    KMI_TRY(truth(r, KEY_COMPRESSED, &h->compressed));
    if (h->compressed && !h->binary) KMI_TRY(bad(r, KEY_COMPRESSED, "only binary data can be compressed"));
    KMI_TRY(truth(r, KEY_ELEMENT_MSB, &h->msb));
    other = h->msb;
    KMI_TRY(truth(r, KEY_BINARY_MSB, &h->msb));
    if (has(r, KEY_ELEMENT_MSB) && other != h->msb)
        KMI_TRY(bad(r, KEY_BINARY_MSB, "contradicts ElementByteOrderMSB in line %zu", r->key[KEY_ELEMENT_MSB].line));
    h->compressed_size = -1;
    if (has(r, KEY_COMPRESSED_SIZE) && h->compressed) {
        KMI_TRY(integer(r, KEY_COMPRESSED_SIZE, 0, &h->compressed_size));
        if (h->compressed_size == 0) h->compressed_size = -1; /* as MetaIO: not told */
    }
    if (has(r, KEY_HEADER_SIZE)) KMI_TRY(integer(r, KEY_HEADER_SIZE, -1, &h->skip));
    if (h->skip == -1 && h->compressed && h->compressed_size < 0)
        KMI_TRY(bad(r, KEY_HEADER_SIZE, "where compressed data begin cannot be found without CompressedDataSize"));
cleanup:
    return status;
}

static kma_status read_data_file(const reader *r, kmi_metaimage_header *h)
{
    const char *name = r->key[KEY_DATA_FILE].value;

    if (strcmp(name, "LOCAL") == 0 || strcmp(name, "Local") == 0 || strcmp(name, "local") == 0) {
        h->local = true;
        if (h->skip > 0 && (size_t)h->skip < h->header_bytes)
            return bad(r, KEY_HEADER_SIZE, "the header itself has %zu bytes", h->header_bytes);
        return KMA_OK;
    }
    if (name[0] == '\0') return bad(r, KEY_DATA_FILE, "LOCAL or the name of a file is needed");
    if (strncmp(name, "LIST", 4) == 0 && (name[4] == '\0' || blank(name[4])))
        return bad(r, KEY_DATA_FILE, "lists of files cannot be read: join the slices into one file");
    if (strchr(name, '%') != NULL)
        return bad(r, KEY_DATA_FILE, "patterns of file names cannot be read: join the slices into one file");
    if (strlen(name) >= sizeof h->data_file)
        return bad(r, KEY_DATA_FILE, "a name has fewer than %zu bytes", sizeof h->data_file);
    memcpy(h->data_file, name, strlen(name) + 1);
    return KMA_OK;
}

kma_status kmi_metaimage_parse(const char *path, char *text, size_t size, bool whole, kmi_metaimage_header *out)
{
    kma_status status = KMA_OK;
    reader r;
    size_t line = 0, at = 0;
    bool last = false;

    memset(out, 0, sizeof *out);
    memset(&r, 0, sizeof r);
    r.path = path;
    while (!last && at < size) {
        char *begin = text + at;
        char *end = memchr(begin, '\n', size - at);
        if (end == NULL && !whole) break;
        if (end == NULL) end = text + size;
        at = (size_t)(end - text) + 1;
        KMI_TRY(take_line(&r, ++line, begin, end, &last));
    }
    if (!last)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: no MetaImage header: there is no ElementDataFile in its first %zu bytes", path,
                         size));
    out->header_bytes = at < size ? at : size;
    KMI_TRY(refuse_others(&r));
    KMI_TRY(read_grid(&r, &out->grid));
    KMI_TRY(read_coding(&r, out));
    if (kmi_image_check(&out->grid, out->type) != KMA_OK) KMI_TRY(kmi_fail_prefix(KMA_ERR_FORMAT, "%s: ", path));
    KMI_TRY(read_data_file(&r, out));
cleanup:
    if (status != KMA_OK) memset(out, 0, sizeof *out);
    return status;
}
