/*
 * Reads MetaImages. A file may lie: no memory is taken that the file's own size does not justify, nothing but
 * ordinary files is opened, and what is left over or missing is told rather than guessed.
 */
#include "io/metaimage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "io/number.h"

enum {
    HEADER_MAX = 1 << 20,
    CHUNK = 1 << 18,
    DEFLATE_RATIO = 1032, /* no deflate stream grows by more: a match of 258 bytes takes 2 bits (zlib.net/zlib_tech.html) */
    ASCII_TOKEN_MAX = 100
};

/* Where the data are: `size` bytes from `start` of an open file. */
typedef struct source {
    const char *path;
    int file;
    int64_t start, size;
} source;

/* Opens an ordinary file. Pipes and devices, which could block or never end, are refused. */
static kma_status open_file(const char *path, source *s)
{
    struct stat info;

    s->path = path;
    s->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (s->file < 0) return kmi_fail(KMA_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    if (fstat(s->file, &info) != 0) return kmi_fail(KMA_ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return kmi_fail(KMA_ERR_IO, "%s: is %s, not an ordinary file", path,
                        S_ISDIR(info.st_mode) ? "a directory" : "a pipe or device");
    s->start = 0;
    s->size = info.st_size;
    return KMA_OK;
}

static kma_status read_at(const source *s, int64_t at, void *out, size_t n)
{
    unsigned char *to = out;

    while (n > 0) {
        ssize_t got = pread(s->file, to, n, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return kmi_fail(KMA_ERR_IO, "%s: cannot be read: %s", s->path, strerror(errno));
        if (got == 0) return kmi_fail(KMA_ERR_IO, "%s: became shorter while it was read", s->path);
        to += got;
        at += got;
        n -= (size_t)got;
    }
    return KMA_OK;
}

static kma_status no_memory(const char *path, size_t bytes)
{
    return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu bytes", path, bytes);
}

static void *z_alloc(void *context, unsigned n, unsigned size)
{
    (void)context;
    return kmi_alloc_array(n, size);
}

static void z_free(void *context, void *p)
{
    (void)context;
    kmi_free(p);
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
    int64_t at = 0;
    int code = Z_OK;

    memset(&z, 0, sizeof z);
    if (s->size < 2 || bytes / DEFLATE_RATIO > (size_t)s->size)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the %lld compressed bytes cannot hold the %zu bytes of the image", s->path,
                         (long long)s->size, bytes));
    room = bytes / 8 < (size_t)s->size ? bytes : 2 * (size_t)s->size;
    if (room > bytes) room = bytes;
    data = kmi_alloc(room);
    chunk = kmi_alloc(CHUNK);
    if (data == NULL || chunk == NULL) KMI_TRY(no_memory(s->path, room + CHUNK));
    z.zalloc = z_alloc;
    z.zfree = z_free;
    code = inflateInit2(&z, 15 + 32); /* zlib or gzip, by the stream's own header */
    if (code != Z_OK) KMI_TRY(no_memory(s->path, 1 << 15));
    started = true;
    while (code != Z_STREAM_END) {
        size_t offered;
        if (z.avail_in == 0) {
            size_t n = s->size - at < CHUNK ? (size_t)(s->size - at) : CHUNK;
            if (n == 0)
                KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data end after %zu of the image's %zu bytes", s->path,
                                 used, bytes));
            KMI_TRY(read_at(s, s->start + at, chunk, n));
            at += (int64_t)n;
            z.next_in = chunk;
            z.avail_in = (unsigned)n;
        }
        if (used == room && room < bytes) KMI_TRY(grow(s->path, &data, &room, bytes));
        full = used == bytes;
        offered = full ? 1 : room - used < CHUNK ? room - used : CHUNK;
        z.next_out = full ? &beyond : data + used;
        z.avail_out = (unsigned)offered;
        code = inflate(&z, Z_NO_FLUSH);
        if (code == Z_MEM_ERROR) KMI_TRY(no_memory(s->path, 1 << 15));
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data are damaged after %zu of %zu bytes: %s", s->path, used,
                             bytes, z.msg != NULL ? z.msg : "a dictionary is asked for"));
        if (full && z.avail_out == 0)
            KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data hold more than the image's %zu bytes", s->path, bytes));
        if (!full) used += offered - z.avail_out;
    }
    if (used != bytes)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the compressed data hold %zu bytes, the image has %zu", s->path, used, bytes));
    if (z.avail_in > 0 || at < s->size)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: %lld bytes follow the compressed data", s->path,
                         (long long)(s->size - at) + (long long)z.avail_in));
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

    if ((uint64_t)s->size != bytes)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: holds %lld bytes of data, DimSize and ElementType need %zu%s", s->path,
                         (long long)s->size, bytes,
                         (uint64_t)s->size > bytes ? " (HeaderSize says how many to leave out before them)" : ""));
    data = kmi_alloc(bytes);
    if (data == NULL) KMI_TRY(no_memory(s->path, bytes));
    KMI_TRY(read_at(s, s->start, data, bytes));
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
    uint64_t natural = 0;

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
    (void)natural;
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
    int64_t at = 0;

    if (cells > (uint64_t)s->size / 2 + 1)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: %lld bytes cannot hold the %zu numbers of the image", s->path,
                         (long long)s->size, cells));
    data = kmi_alloc_array(cells, kma_scalar_size(type));
    text = kmi_alloc(CHUNK + ASCII_TOKEN_MAX + 1);
    if (data == NULL || text == NULL) KMI_TRY(no_memory(s->path, cells * kma_scalar_size(type)));
    while (at < s->size || kept > 0) {
        size_t n = s->size - at < CHUNK ? (size_t)(s->size - at) : CHUNK, i = 0;
        KMI_TRY(read_at(s, s->start + at, text + kept, n));
        at += (int64_t)n;
        n += kept;
        kept = 0;
        while (i < n) {
            size_t begin = i;
            if (is_blank(text[i])) {
                i++;
                continue;
            }
            while (i < n && !is_blank(text[i]) && i - begin <= ASCII_TOKEN_MAX) i++;
            if (i == n && at < s->size && i - begin < ASCII_TOKEN_MAX) { /* may go on in the next chunk */
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

/* Narrows the whole file to the bytes of the data. */
static kma_status find_data(const kmi_metaimage_header *h, size_t bytes, source *s)
{
    int64_t begin = h->local ? (int64_t)h->header_bytes : 0;
    int64_t length = h->compressed ? h->compressed_size : h->binary ? (int64_t)bytes : -1;

    if (h->skip > 0) begin = h->skip;
    if (h->skip == -1 && length >= 0 && s->size - length >= begin) begin = s->size - length;
    if (begin > s->size)
        return kmi_fail(KMA_ERR_FORMAT, "%s: has %lld bytes, HeaderSize says that the data begin after %lld", s->path,
                        (long long)s->size, (long long)begin);
    s->start = begin;
    s->size -= begin;
    if (h->compressed && h->compressed_size >= 0) {
        if (s->size != h->compressed_size)
            return kmi_fail(KMA_ERR_FORMAT, "%s: holds %lld bytes of data, CompressedDataSize says %lld", s->path,
                            (long long)s->size, (long long)h->compressed_size);
    }
    return KMA_OK;
}

kma_status kmi_metaimage_load(const char *path, const kmi_metaimage_header *h, kmi_image **out)
{
    kma_status status = KMA_OK;
    source s = {NULL, -1, 0, 0};
    char *other = NULL;
    void *data = NULL;
    size_t cells = kmi_grid_cells(&h->grid), size = kma_scalar_size(h->type);

    *out = NULL;
    if (!h->local) KMI_TRY(data_path(path, h->data_file, &other));
    KMI_TRY(open_file(other != NULL ? other : path, &s));
    KMI_TRY(find_data(h, cells * size, &s));
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
    if (s.file >= 0) close(s.file);
    kmi_free(data);
    kmi_free(other);
    return status;
}

kma_status kmi_metaimage_read(const char *path, kmi_image **out)
{
    kma_status status = KMA_OK;
    source s = {NULL, -1, 0, 0};
    kmi_metaimage_header header;
    char *text = NULL;
    size_t size = 0;

    *out = NULL;
    KMI_TRY(open_file(path, &s));
    size = s.size < HEADER_MAX ? (size_t)s.size : HEADER_MAX;
    text = kmi_alloc(size + 1);
    if (text == NULL) KMI_TRY(no_memory(path, size + 1));
    KMI_TRY(read_at(&s, 0, text, size));
    KMI_TRY(kmi_metaimage_parse(path, text, size, (int64_t)size == s.size, &header));
    KMI_TRY(kmi_metaimage_load(path, &header, out));
cleanup:
    if (s.file >= 0) close(s.file);
    kmi_free(text);
    return status;
}
