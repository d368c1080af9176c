/* Small files for the tests of readers and writers. */
#ifndef KMT_FILES_H
#define KMT_FILES_H

#include "kmt.h"

/* scratch/name; valid until the fourth call after this one. */
static inline const char *file_path(const char *name)
{
    static char paths[4][4096];
    static int next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s", kmt_scratch(), name);
    return paths[next];
}

static inline const char *file_put(const char *name, const void *bytes, size_t size)
{
    const char *path = file_path(name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *file_put_text(const char *name, const char *text)
{
    return file_put(name, text, strlen(text));
}

/* All bytes of a file; free() them. */
static inline unsigned char *file_get(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;
    long end;

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    end = ftell(file);
    rewind(file);
    bytes = malloc((size_t)end + 1);
    *size = fread(bytes, 1, (size_t)end, file);
    assert_int_equal(*size, end);
    fclose(file);
    return bytes;
}

#endif
