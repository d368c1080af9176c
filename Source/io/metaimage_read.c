/*
 * Reads MetaImages. A file may lie: no memory is taken that the file's own size does not justify, nothing but
 * ordinary files is opened, and what is left over or missing is told rather than guessed.
 */
#include "io/metaimage.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/pulse.h"
#include "io/number.h"
#include "io/z_memory.h"

enum {
    HEADER_MAX = 1 << 20,
    CHUNK = 1 << 18,
    DEFLATE_RATIO = 1032, /* no deflate stream grows by more: a match of 258 bytes takes 2 bits (zlib.net/zlib_tech.html) */
    ASCII_TOKEN_MAX = 100
};

/* Where the data are: `size` bytes at the reader's place. */
typedef struct source {
    const char *path;
    kmi_file_reader *file;
    uint64_t size;
} source;

static kma_status no_memory(const char *path, size_t bytes)
{
    return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu bytes", path, bytes);
}

/* Makes room for more output, never more than `bytes`. */
static kma_status grow(const char *path, unsigned char **out, size_t *room, size_t bytes)
{
    size_t wanted = *room > bytes / 2 ? bytes : 2 * *room;
    unsigned char *larger = kmi_realloc(*out, wanted);

    if (larger == NULL) return no_memory(path, wanted);
    *out = larger;
    *room = wanted;
    return KMA_OK;
}

/* Inflates a stream that must hold exactly `bytes`. */
static kma_status load_compressed(const source *s, size_t bytes, void **out)
{
    kma_status status = KMA_OK;
    z_stream z;
    bool started = false, full = false;
    unsigned char *data = NULL, *chunk = NULL;
    unsigned char beyond = 0; /* a byte of room past the end shows whether the stream goes on */
    size_t room = 0, used = 0;
    uint64_t left = s->size;
    int code = Z_OK;

    memset(&z, 0, sizeof z);
    if (s->size < 2 || bytes / DEFLATE_RATIO > s->size)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the %llu compressed bytes cannot hold the %zu bytes of the image", s->path,
                         (unsigned long long)s->size, bytes));
    room = bytes / 8 < s->size ? bytes : 2 * (size_t)s->size;
    if (room > bytes) room = bytes;
    data = kmi_alloc(room);
    chunk = kmi_alloc(CHUNK);
    if (data == NULL || chunk == NULL) KMI_TRY(no_memory(s->path, room + CHUNK));
    kmi_z_memory(&z);
    code = inflateInit2(&z, 15 + 32); /* zlib or gzip, by the stream's own header */
    if (code != Z_OK) KMI_TRY(no_memory(s->path, 1 << 15));
    started = true;
    while (code != Z_STREAM_END) {
        size_t offered;
        KMI_TRY(kmi_pulse_beat(&kmi_thread_pulse));
        if (z.avail_in == 0) {
            size_t n = left < CHUNK ? (size_t)left : CHUNK;
            if (n == 0)
                KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data end after %zu of the image's %zu bytes", s->path,
                                 used, bytes));
            KMI_TRY(kmi_file_reader_read(s->file, chunk, n));
            left -= n;
            z.next_in = chunk;
            z.avail_in = (unsigned)n;
        }
        if (used == room && room < bytes) KMI_TRY(grow(s->path, &data, &room, bytes));
        full = used == bytes;
        offered = full ? 1 : room - used < CHUNK ? room - used : CHUNK;
        z.next_out = full ? &beyond : data + used;
        z.avail_out = (unsigned)offered;
        code = inflate(&z, Z_NO_FLUSH);
        if (!full) used += offered - z.avail_out;
        if (code == Z_MEM_ERROR) KMI_TRY(no_memory(s->path, 1 << 15));
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data are damaged after %zu of %zu bytes: %s", s->path, used,
                             bytes, z.msg != NULL ? z.msg : "a dictionary is asked for"));
        if (full && z.avail_out == 0)
            KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data hold more than the image's %zu bytes", s->path, bytes));
    }
    if (used != bytes)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data hold %zu bytes, the image has %zu", s->path, used, bytes));
    if (z.avail_in > 0 || left > 0)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: %llu bytes follow the compressed data", s->path,
                         (unsigned long long)(left + z.avail_in)));
    *out = data;
    data = NULL;
cleanup:
    if (started) inflateEnd(&z);
    kmi_free(chunk);
    kmi_free(data);
    return status;
}

static kma_status load_raw(const source *s, size_t bytes, void **out)
{
    kma_status status = KMA_OK;
    void *data = NULL;

    if (s->size != bytes)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: holds %llu bytes of data, DimSize and ElementType need %zu%s", s->path,
                         (unsigned long long)s->size, bytes,
                         s->size > bytes ? " (HeaderSize says how many to leave out before them)" : ""));
    data = kmi_alloc(bytes);
    if (data == NULL) KMI_TRY(no_memory(s->path, bytes));
    KMI_TRY(kmi_file_reader_read(s->file, data, bytes));
    *out = data;
    data = NULL;
cleanup:
    kmi_free(data);
    return status;
}

/* One decimal number as a value of the image's type. */
static bool store_number(kma_scalar type, const char *text, size_t length, void *data, size_t i)
{
    double number = 0;
    int64_t integer = 0;

    switch (type) {
    case KMA_SCALAR_FLOAT32:
        if (!kmi_number_double(text, length, &number)) return false;
        ((float *)data)[i] = (float)number;
        return true;
    case KMA_SCALAR_FLOAT64: return kmi_number_double(text, length, &((double *)data)[i]);
    case KMA_SCALAR_UINT64: return kmi_number_unsigned(text, length, &((uint64_t *)data)[i]);
    case KMA_SCALAR_INT64: return kmi_number_integer(text, length, &((int64_t *)data)[i]);
    case KMA_SCALAR_END: return false;
#define INTEGER(name, c_type, low, high)                                       \
    case name:                                                                 \
        if (!kmi_number_integer(text, length, &integer) || integer < (low) || integer > (high)) return false; \
        ((c_type *)data)[i] = (c_type)integer;                                 \
        return true;
        INTEGER(KMA_SCALAR_INT8, int8_t, INT8_MIN, INT8_MAX)
        INTEGER(KMA_SCALAR_UINT8, uint8_t, 0, UINT8_MAX)
        INTEGER(KMA_SCALAR_INT16, int16_t, INT16_MIN, INT16_MAX)
        INTEGER(KMA_SCALAR_UINT16, uint16_t, 0, UINT16_MAX)
        INTEGER(KMA_SCALAR_INT32, int32_t, INT32_MIN, INT32_MAX)
        INTEGER(KMA_SCALAR_UINT32, uint32_t, 0, UINT32_MAX)
#undef INTEGER
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static kma_status load_text(const source *s, kma_scalar type, size_t cells, void **out)
{
    kma_status status = KMA_OK;
    unsigned char *data = NULL;
    char *text = NULL;
    char shown[KMI_SHOWN_SIZE];
    size_t kept = 0, stored = 0; /* `kept`: bytes of an unfinished number at the start of `text` */
    uint64_t left = s->size;

    if (cells > s->size / 2 + 1)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: %llu bytes cannot hold the %zu numbers of the image", s->path,
                         (unsigned long long)s->size, cells));
    data = kmi_alloc_array(cells, kma_scalar_size(type));
    text = kmi_alloc(CHUNK + ASCII_TOKEN_MAX + 1);
    if (data == NULL || text == NULL) KMI_TRY(no_memory(s->path, cells * kma_scalar_size(type)));
    while (left > 0) {
        size_t n = left < CHUNK ? (size_t)left : CHUNK, i = 0;
        KMI_TRY(kmi_pulse_beat(&kmi_thread_pulse));
        KMI_TRY(kmi_file_reader_read(s->file, text + kept, n));
        left -= n;
        n += kept;
        kept = 0;
        while (i < n) {
            size_t begin = i;
            if (is_blank(text[i])) {
                i++;
                continue;
            }
            while (i < n && !is_blank(text[i]) && i - begin <= ASCII_TOKEN_MAX) i++;
            if (i == n && left > 0 && i - begin < ASCII_TOKEN_MAX) { /* may go on in the next chunk */
                kept = i - begin;
                memmove(text, text + begin, kept);
                break;
            }
            if (stored == cells)
                KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the data hold more than the image's %zu numbers", s->path, cells));
            if (!store_number(type, text + begin, i - begin, data, stored))
                KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: value %zu is '%s', no number that fits %s", s->path, stored,
                                 kmi_shown(text + begin, i - begin, shown), kma_scalar_name(type)));
            stored++;
        }
    }
    if (stored != cells)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the data hold %zu numbers, the image has %zu", s->path, stored, cells));
    *out = data;
    data = NULL;
cleanup:
    kmi_free(text);
    kmi_free(data);
    return status;
}

static void swap_bytes(void *data, size_t n, size_t size)
{
    size_t i;

    if (size == 2) {
        uint16_t *v = data;
        for (i = 0; i < n; i++) v[i] = __builtin_bswap16(v[i]);
    } else if (size == 4) {
        uint32_t *v = data;
        for (i = 0; i < n; i++) v[i] = __builtin_bswap32(v[i]);
    } else if (size == 8) {
        uint64_t *v = data;
        for (i = 0; i < n; i++) v[i] = __builtin_bswap64(v[i]);
    }
}

/* The data file's path: relative to the folder of the header. */
static kma_status data_path(const char *path, const char *name, char **out)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash == NULL || name[0] == '/' ? 0 : (size_t)(slash - path) + 1;

    *out = kmi_alloc(folder + strlen(name) + 1);
    if (*out == NULL) return no_memory(path, folder + strlen(name) + 1);
    memcpy(*out, path, folder);
    memcpy(*out + folder, name, strlen(name) + 1);
    return KMA_OK;
}

/* Opens the file that holds the data, and finds them in it. */
static kma_status find_data(const char *path, const kmi_metaimage_header *h, size_t bytes, source *s)
{
    kma_status status = KMA_OK;
    uint64_t begin = h->local ? h->header_bytes : 0, size, length = bytes;

    KMI_TRY(kmi_file_reader_open(path, &s->file));
    s->path = path;
    size = kmi_file_reader_size(s->file);
    if (h->skip > 0) begin = (uint64_t)h->skip;
    if (h->compressed && h->compressed_size >= 0) length = (uint64_t)h->compressed_size;
    if (h->skip == -1 && h->binary && size >= length && size - length >= begin) begin = size - length;
    if (begin > size)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: has %llu bytes, HeaderSize says that the data begin after %llu", path,
                         (unsigned long long)size, (unsigned long long)begin));
    s->size = size - begin;
    if (h->compressed && h->compressed_size >= 0 && s->size != length)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: holds %llu bytes of data, CompressedDataSize says %llu", path,
                         (unsigned long long)s->size, (unsigned long long)length));
    KMI_TRY(kmi_file_reader_seek(s->file, begin));
cleanup:
    return status;
}

kma_status kmi_metaimage_load(const char *path, const kmi_metaimage_header *h, kmi_image **out)
{
    kma_status status = KMA_OK;
    source s = {NULL, NULL, 0};
    char *other = NULL;
    void *data = NULL;
    size_t cells = kmi_grid_cells(&h->grid), size = kma_scalar_size(h->type);

    *out = NULL;
    if (!h->local) KMI_TRY(data_path(path, h->data_file, &other));
    KMI_TRY(find_data(other != NULL ? other : path, h, cells * size, &s));
    if (!h->binary)
        KMI_TRY(load_text(&s, h->type, cells, &data));
    else if (h->compressed)
        KMI_TRY(load_compressed(&s, cells * size, &data));
    else
        KMI_TRY(load_raw(&s, cells * size, &data));
    if (h->binary && h->msb) swap_bytes(data, cells, size);
    KMI_TRY(kmi_image_adopt(&h->grid, h->type, data, out));
    data = NULL;
cleanup:
    if (status != KMA_OK && other != NULL) kmi_fail_prefix(status, "%s: ElementDataFile: ", path);
    kmi_file_reader_close(s.file);
    kmi_free(data);
    kmi_free(other);
    return status;
}

kma_status kmi_metaimage_read(const char *path, kmi_image **out)
{
    kma_status status = KMA_OK;
    kmi_file_reader *file = NULL;
    kmi_metaimage_header header;
    char *text = NULL;
    size_t size = 0;

    *out = NULL;
    KMI_TRY(kmi_file_reader_open(path, &file));
    size = kmi_file_reader_size(file) < HEADER_MAX ? (size_t)kmi_file_reader_size(file) : HEADER_MAX;
    text = kmi_alloc(size + 1);
    if (text == NULL) KMI_TRY(no_memory(path, size + 1));
    KMI_TRY(kmi_file_reader_read(file, text, size));
    KMI_TRY(kmi_metaimage_parse(path, text, size, size == kmi_file_reader_size(file), &header));
    KMI_TRY(kmi_metaimage_load(path, &header, out));
cleanup:
    kmi_file_reader_close(file);
    kmi_free(text);
    return status;
}
