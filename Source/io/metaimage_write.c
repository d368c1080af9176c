/*
 * Writes MetaImages: the same image gives the same bytes, with shortest round-trip decimals in the header and
 * neither dates nor names. Data pass through one slab.
 */
#include "io/metaimage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/pulse.h"
#include "base/text.h"
#include "io/z_memory.h"

enum {
    SLAB_BYTES = 1 << 20,
    CHUNK = 1 << 18,
    LEVEL = 2,       /* CT: 1.4 % larger than level 6, three times as fast; dose: 0.9 %. ITK uses it too */
    SIZE_DIGITS = 20 /* of the stream's size, filled in when it is known */
};

/* A header in the making. */
typedef struct text {
    char bytes[2048 + 4096];
    size_t size;
} text;

static void append(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(text *t, const char *format, ...)
{
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(t->bytes + t->size, sizeof t->bytes - t->size, format, arguments);
    va_end(arguments);
    if (n > 0) t->size += (size_t)n;
    if (t->size >= sizeof t->bytes) t->size = sizeof t->bytes - 1; /* names are checked to fit */
}

static void append_numbers(text *t, const char *key, const double *numbers, int n)
{
    char number[KMI_DOUBLE_TEXT_SIZE];
    int i;

    append(t, "%s =", key);
    for (i = 0; i < n; i++) {
        kmi_format_double(numbers[i], number);
        append(t, " %s", number);
    }
    append(t, "\n");
}

/* Returns where the digits of the stream's size are to be filled in; 0 if nowhere. */
static size_t make_header(text *t, const kmi_grid *grid, kma_scalar type, bool compressed, const char *data_file)
{
    static const double no_centre[3] = {0, 0, 0};
    double axes[9];
    size_t size_at = 0;
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) axes[3 * i + j] = grid->direction[3 * j + i]; /* one axis after the other */
    append(t, "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n");
    append(t, "CompressedData = %s\n", compressed ? "True" : "False");
    if (compressed) {
        append(t, "CompressedDataSize = ");
        size_at = t->size;
        append(t, "%*s\n", SIZE_DIGITS, "");
    }
    append_numbers(t, "TransformMatrix", axes, 9);
    append_numbers(t, "Offset", grid->origin, 3);
    append_numbers(t, "CenterOfRotation", no_centre, 3);
    append_numbers(t, "ElementSpacing", grid->spacing, 3);
    append(t, "DimSize = %zu %zu %zu\n", grid->count[0], grid->count[1], grid->count[2]);
    append(t, "ElementType = %s\nElementDataFile = %s\n", kmi_metaimage_type_name(type), data_file);
    return size_at;
}

/* Splits the path: whether the data go into a file of their own, and that file's path. */
static kma_status name_files(const char *path, bool compressed, bool *local, char **data_path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1, *c;
    const char *suffix = compressed ? ".zraw" : ".raw";
    size_t length = strlen(path), stem;

    *data_path = NULL;
    if (strlen(name) > 4 && strcmp(path + length - 4, ".mha") == 0) {
        *local = true;
        return KMA_OK;
    }
    if (strlen(name) <= 4 || strcmp(path + length - 4, ".mhd") != 0)
        return kmi_fail(KMA_ERR_ARGUMENT, "%s: images are written to .mha (one file) or .mhd (header and data)", path);
    for (c = name; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 127 || *c == '%' || (c == name && *c == ' '))
            return kmi_fail(KMA_ERR_ARGUMENT, "%s: an .mhd header cannot hold this name: leave out '%%', line ends and "
                                              "leading blanks, or write an .mha", path);
    if (strlen(name) + 1 >= 4096) return kmi_fail(KMA_ERR_ARGUMENT, "%s: the name is too long", path);
    *local = false;
    stem = length - 4;
    *data_path = kmi_alloc(stem + strlen(suffix) + 1);
    if (*data_path == NULL) return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for a file name", path);
    memcpy(*data_path, path, stem);
    memcpy(*data_path + stem, suffix, strlen(suffix) + 1);
    return KMA_OK;
}

/* Where slabs go: into a file as they are, or through deflate. */
typedef struct sink {
    kmi_file_writer *file;
    z_stream z;
    bool deflating;
    unsigned char *chunk; /* [CHUNK] compressed bytes */
} sink;

static kma_status deflate_slab(sink *s, void *bytes, size_t n, bool last)
{
    kma_status status = KMA_OK;
    int code = Z_OK;

    s->z.next_in = bytes;
    s->z.avail_in = (unsigned)n;
    do {
        s->z.next_out = s->chunk;
        s->z.avail_out = CHUNK;
        code = deflate(&s->z, last ? Z_FINISH : Z_NO_FLUSH);
        KMI_ASSERT(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
        KMI_TRY(kmi_file_write(s->file, s->chunk, CHUNK - s->z.avail_out));
    } while (s->z.avail_out == 0 || (last && code != Z_STREAM_END));
cleanup:
    return status;
}

static kma_status write_data(const char *path, kmi_file_writer *file, size_t cells, kma_scalar type, bool compressed,
                             kmi_fill_fn *fill, void *context)
{
    kma_status status = KMA_OK;
    sink s;
    size_t size = kma_scalar_size(type), per_slab = SLAB_BYTES / size, first;
    void *slab = NULL;

    memset(&s, 0, sizeof s);
    s.file = file;
    if (per_slab > cells) per_slab = cells;
    slab = kmi_alloc_array(per_slab, size);
    if (compressed) s.chunk = kmi_alloc(CHUNK);
    if (slab == NULL || (compressed && s.chunk == NULL))
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to write a slab", path));
    if (compressed) {
        kmi_z_memory(&s.z);
        if (deflateInit(&s.z, LEVEL) != Z_OK) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to compress", path));
        s.deflating = true;
    }
    for (first = 0; first < cells; first += per_slab) {
        size_t n = cells - first < per_slab ? cells - first : per_slab;
        KMI_TRY(kmi_pulse_beat(&kmi_thread_pulse));
        KMI_TRY(fill(context, first, n, slab));
        if (compressed)
            KMI_TRY(deflate_slab(&s, slab, n * size, first + n == cells));
        else
            KMI_TRY(kmi_file_write(file, slab, n * size));
    }
cleanup:
    if (s.deflating) deflateEnd(&s.z);
    kmi_free(s.chunk);
    kmi_free(slab);
    return status;
}

/* Header and data into one file, or (data_file) the data into another, named in the header. */
static kma_status write_both(const char *path, const kmi_grid *grid, kma_scalar type, bool compressed,
                             kmi_fill_fn *fill, void *context, kmi_file_writer *header_file, kmi_file_writer *data_file,
                             const char *data_name)
{
    kma_status status = KMA_OK;
    kmi_file_writer *into = data_file == NULL ? header_file : data_file;
    char digits[SIZE_DIGITS + 1];
    text header;
    size_t size_at, data_start = 0;
    uint64_t data_size;

    memset(&header, 0, sizeof header);
    size_at = make_header(&header, grid, type, compressed, data_name);
    if (data_file == NULL) {
        KMI_TRY(kmi_file_write(header_file, header.bytes, header.size));
        data_start = header.size;
    }
    KMI_TRY(write_data(path, into, kmi_grid_cells(grid), type, compressed, fill, context));
    if (compressed) {
        data_size = kmi_file_writer_size(into) - data_start;
        snprintf(digits, sizeof digits, "%*llu", SIZE_DIGITS, (unsigned long long)data_size);
        memcpy(header.bytes + size_at, digits, SIZE_DIGITS);
        if (data_file == NULL) KMI_TRY(kmi_file_rewrite(header_file, size_at, digits, SIZE_DIGITS));
    }
    if (data_file != NULL) KMI_TRY(kmi_file_write(header_file, header.bytes, header.size));
cleanup:
    return status;
}

kma_status kmi_metaimage_write_local(const char *path, kmi_file_writer *file, const kmi_grid *grid, kma_scalar type,
                                     kma_compression compression, kmi_fill_fn *fill, void *context)
{
    return write_both(path, grid, type, compression == KMA_COMPRESSION_ZLIB, fill, context, file, NULL, "LOCAL");
}

kma_status kmi_metaimage_write(const char *path, const kmi_grid *grid, kma_scalar type, kma_compression compression,
                               kmi_fill_fn *fill, void *context)
{
    kma_status status = KMA_OK;
    kmi_file_writer *header_file = NULL, *data_file = NULL;
    char *data_path = NULL;
    const char *slash;
    bool local = true, compressed = compression == KMA_COMPRESSION_ZLIB;

    if (!compressed && compression != KMA_COMPRESSION_NONE)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%s: %d is no compression (see kma_compression)", path, (int)compression));
    KMI_TRY(kmi_image_check(grid, type));
    KMI_TRY(name_files(path, compressed, &local, &data_path));
    KMI_TRY(kmi_file_writer_open(path, &header_file));
    if (local) {
        KMI_TRY(kmi_metaimage_write_local(path, header_file, grid, type, compression, fill, context));
        KMI_TRY(kmi_file_commit(&header_file));
    } else {
        slash = strrchr(data_path, '/');
        KMI_TRY(kmi_file_writer_open(data_path, &data_file));
        KMI_TRY(write_both(path, grid, type, compressed, fill, context, header_file, data_file,
                           slash == NULL ? data_path : slash + 1));
        KMI_TRY(kmi_file_commit_both(&data_file, &header_file)); /* a header never names data that are not there */
    }
cleanup:
    kmi_file_discard(data_file);
    kmi_file_discard(header_file);
    kmi_free(data_path);
    return status;
}

kma_status kmi_metaimage_copy(void *context, size_t first, size_t n, void *out)
{
    const kmi_image *image = context;
    size_t size = kma_scalar_size(image->type);

    memcpy(out, (const unsigned char *)image->data + first * size, n * size);
    return KMA_OK;
}

kma_status kmi_metaimage_write_image(const kmi_image *image, const char *path, kmi_file_batch *batch)
{
    kma_status status = KMA_OK;
    kmi_file_writer *file = NULL;

    KMI_TRY(kmi_file_writer_open(path, &file));
    KMI_TRY(kmi_metaimage_write_local(path, file, &image->grid, image->type, KMA_COMPRESSION_ZLIB, kmi_metaimage_copy,
                                      (void *)image));
    KMI_TRY(kmi_file_set_aside(batch, &file));
cleanup:
    kmi_file_discard(file);
    return status;
}
