/* What a file is meant to be, by its first bytes; JSON by its keys. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "kerma/file.h"
#include "simulation/json.h"
#include "simulation/summary.h"

enum { HEAD_SIZE = 65536, STL_HEADER = 84, STL_RECORD = 50 };

typedef struct head {
    const char *path;
    char bytes[HEAD_SIZE + 1]; /* and a zero */
    size_t length;
    uint64_t size;    /* of the whole file */
    const char *text; /* behind a byte order mark and blanks */
} head;

const char *kma_file_kind_name(kma_file_kind kind)
{
    switch (kind) {
#define CASE(name, code, text) case name: return text;
        KMA_FILE_LIST(CASE)
#undef CASE
    case KMA_FILE_END: break;
    }
    return "?";
}

static kma_status read_head(head *h)
{
    kma_status status = KMA_OK;
    kmi_file_reader *file = NULL;
    size_t got = 1;

    KMI_TRY(kmi_file_reader_open(h->path, &file));
    h->size = kmi_file_reader_size(file);
    while (h->length < HEAD_SIZE && got > 0) {
        KMI_TRY(kmi_file_reader_some(file, h->bytes + h->length, HEAD_SIZE - h->length, &got));
        h->length += got;
    }
    h->text = h->bytes + (h->length >= 3 && memcmp(h->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    h->text += strspn(h->text, " \t\r\n\v\f");
cleanup:
    kmi_file_reader_close(file);
    return status;
}

/* ---- one kind after the other ---- */

static uint64_t stl_facets(const head *h)
{
    const unsigned char *p = (const unsigned char *)h->bytes + 80;
    return p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

static bool is_mesh(const head *h)
{
    if (h->length >= STL_HEADER && STL_HEADER + STL_RECORD * stl_facets(h) == h->size) return true;
    return strncasecmp(h->text, "solid", 5) == 0 && strchr(" \t\r\n", h->text[5]) != NULL;
}

static bool is_image(const head *h)
{
    size_t key = strspn(h->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    const char *behind = h->text + key;

    behind += strspn(behind, " \t");
    return key > 0 && *behind == '=' &&
           (strstr(h->text, "NDims") != NULL || strstr(h->text, "ElementDataFile") != NULL);
}

static kma_status recognize_json(const head *h, kma_file_kind *out)
{
    kma_status status = KMA_OK;
    kmi_json_document *d = NULL;

    KMI_TRY(kmi_json_read(h->path, &d));
    if (kmi_json_member(d->root, "kerma_summary") != NULL)
        *out = KMA_FILE_RESULT;
    else if (kmi_json_member(d->root, "kerma") != NULL)
        *out = KMA_FILE_SCENE;
    else
        KMI_TRY(kmi_json_fail(d, d->root->offset,
                              "JSON, but neither a scene (it has the key 'kerma') nor the summary of a "
                              "result ('kerma_summary')"));
cleanup:
    kmi_json_destroy(d);
    return status;
}

/* The line of a table that names its columns: the first that is not empty and no comment. */
static bool find_columns(const head *h, char *line, size_t size)
{
    const char *at = h->text;
    size_t length;

    for (;; at += length + 1) {
        length = strcspn(at, "\n");
        if (strspn(at, " \t\r") < length && *at != '#') break;
        if (at[length] == '\0') return false;
    }
    snprintf(line, size, "%.*s", (int)(length < size ? length : size - 1), at);
    return true;
}

/* What somebody may hand over instead. */
static const char *looks_like(const head *h)
{
    static const struct { size_t at; const char *magic, *what; } known[] = {
        {0, "\x1F\x8B", "a gzip file: unpack it, or write it as MetaImage (.mha)"},
        {0, "ply", "a PLY mesh: write it as STL"},
        {128, "DICM", "a DICOM file: write the series as MetaImage (.mha)"},
        {0, "NRRD", "an NRRD image: write it as MetaImage (.mha)"},
        {344, "n+1", "a NIfTI image: write it as MetaImage (.mha)"},
        {0, "\x89PNG", "a PNG picture"},
        {0, "PK\x03\x04", "a ZIP archive: unpack it"},
    };
    size_t i;

    for (i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].magic);
        if (h->length >= known[i].at + length && memcmp(h->bytes + known[i].at, known[i].magic, length) == 0)
            return known[i].what;
    }
    return NULL;
}

static kma_status unknown(const head *h)
{
    const char *what = looks_like(h);

    if (h->size == 0) return kmi_fail(KMA_ERR_FORMAT, "%s: the file is empty", h->path);
    if (what != NULL) return kmi_fail(KMA_ERR_FORMAT, "%s: %s", h->path, what);
    if (h->length >= STL_HEADER && memchr(h->bytes, 0, h->length) != NULL)
        return kmi_fail(
            KMA_ERR_FORMAT,
            "%s: no mesh (STL), image (MetaImage), scene, result, spectrum or CT table; as a binary STL with the "
            "%llu facets that bytes 80 to 83 claim it would have %llu bytes, it has %llu",
            h->path, (unsigned long long)stl_facets(h), (unsigned long long)(STL_HEADER + STL_RECORD * stl_facets(h)),
            (unsigned long long)h->size);
    return kmi_fail(KMA_ERR_FORMAT, "%s: no mesh (STL), image (MetaImage), scene, result, spectrum or CT table",
                    h->path);
}

static kma_status recognize(head *h, kma_file_kind *out)
{
    kma_status status = KMA_OK;
    char columns[1024];

    KMI_TRY(read_head(h));
    if (is_mesh(h)) {
        *out = KMA_FILE_MESH;
    } else if (h->text[0] == '{') {
        KMI_TRY(recognize_json(h, out));
    } else if (is_image(h)) {
        *out = KMA_FILE_IMAGE;
    } else if (find_columns(h, columns, sizeof columns) && strstr(columns, "ct_low") != NULL) {
        *out = KMA_FILE_CT_TABLE;
    } else if (find_columns(h, columns, sizeof columns) &&
               (strstr(columns, "energy_mev") != NULL || strstr(columns, "energy_low_mev") != NULL)) {
        *out = KMA_FILE_SPECTRUM;
    } else {
        KMI_TRY(unknown(h));
    }
cleanup:
    return status;
}

static kma_status recognize_directory(const char *path, kma_file_kind *out)
{
    kma_status status = KMA_OK;
    char *summary = NULL;
    struct stat found;

    KMI_TRY(kmi_summary_path(path, "summary.json", &summary));
    if (stat(summary, &found) != 0)
        KMI_TRY(errno != ENOENT ? kmi_file_fail("cannot look at", summary, errno) :
                kmi_fail(KMA_ERR_FORMAT, "%.600s: a directory without summary.json, so no result of a run", path));
    *out = KMA_FILE_RESULT;
cleanup:
    kmi_free(summary);
    return status;
}

kma_status kma_file_recognize(const char *path, kma_file_kind *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    struct stat found;
    head *h = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = (kma_file_kind)0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode)) return recognize_directory(path, out);
    h = kmi_alloc(sizeof *h);
    if (h == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", path));
    h->path = path;
    KMI_TRY(recognize(h, out));
cleanup:
    kmi_free(h);
    return status;
}
