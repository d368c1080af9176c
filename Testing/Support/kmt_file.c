/* See kmt_file.h. The C library's streams do the work: some tests let system calls fail. */
#include "kmt_file.h"

#include <dirent.h>

const char *kmt_path(const char *name)
{
    static char paths[8][4096];
    static int next;
    char *path;

    if (name[0] == '/') return name;
    path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", kmt_scratch(), name);
    return path;
}

const char *kmt_put(const char *name, const void *bytes, size_t size)
{
    const char *path = kmt_path(name);
    FILE *file = fopen(path, "wb");

    assert_true_msg(file != NULL, "%s cannot be written", path);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *kmt_put_text(const char *name, const char *text)
{
    return kmt_put(name, text, strlen(text));
}

void *kmt_get(const char *name, size_t *size_out)
{
    const char *path = kmt_path(name);
    FILE *file = fopen(path, "rb");
    char *bytes;
    long size;

    assert_true_msg(file != NULL, "%s is missing", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    rewind(file);
    bytes = calloc((size_t)size + 1, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    if (size_out != NULL) *size_out = (size_t)size;
    return bytes;
}

void kmt_assert_content(const char *name, const char *text)
{
    size_t size;
    char *bytes = kmt_get(name, &size);

    assert_int_equal(size, strlen(text));
    assert_string_equal(bytes, text);
    free(bytes);
}

int kmt_entries(const char *path)
{
    DIR *directory = opendir(path);
    int n = -2; /* . and .. */

    if (directory == NULL) return 0;
    while (readdir(directory) != NULL) n++;
    closedir(directory);
    return n;
}
