/* See fuzz.h. */
#include "fuzz.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

static const size_t SPARE = 16u << 20;

static size_t live, peak, limit;

void fuzz_refuse(const char *format, ...)
{
    va_list arguments;

    fputs("not as promised: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nthe last error text: %s\n", kma_error_message());
    abort();
}

/* ---- memory ---- */

static void grow(size_t size)
{
    live += size;
    if (live > peak) peak = live;
}

static void *take(size_t size, void *context)
{
    void *p = size > SIZE_MAX / 4 || live + size > limit ? NULL : malloc(size);

    (void)context;
    if (p == NULL) fuzz_refuse("%zu bytes are asked for, beside %zu; the limit is %zu", size, live, limit);
    grow(malloc_usable_size(p));
    return p;
}

static void give(void *p, void *context)
{
    (void)context;
    if (p != NULL) live -= malloc_usable_size(p);
    free(p);
}

/* Both blocks count while the old one is copied. */
static void *change(void *old, size_t size, void *context)
{
    void *p = take(size, context);
    size_t have = old == NULL ? 0 : malloc_usable_size(old);

    if (old != NULL) memcpy(p, old, have < size ? have : size);
    give(old, context);
    return p;
}

static size_t objects(void)
{
    size_t n = 0;
    int kind;

    for (kind = 1; kind < KMA_KIND_END; kind++) n += kma_live_objects((kma_kind)kind);
    return n;
}

void fuzz_begin(size_t size, size_t per_byte)
{
    static int ready;

    limit = SIZE_MAX;
    if (!ready && kma_set_allocator(take, change, give, NULL) != KMA_OK) fuzz_refuse("no allocator");
    ready = 1;
    peak = live;
    limit = live + SPARE + per_byte * size;
}

/* Nothing that a terminal obeys, nothing that another language cannot decode. */
static bool is_clean(const char *text)
{
    size_t left = strlen(text), bytes;

    for (; left > 0; text += bytes, left -= bytes) {
        bytes = kmi_utf8_length(text, left);
        if (bytes == 0 || (unsigned char)text[0] < ' ' || text[0] == 127) return false;
    }
    return true;
}

void fuzz_end(kma_status status, const char *part)
{
    const char *text = kma_error_message();

    limit = SIZE_MAX;
    if (objects() != 0) fuzz_refuse("%zu objects are left", objects());
    if (status == KMA_OK) return;
    if (status == KMA_ERR_INTERNAL) fuzz_refuse("an internal error");
    if (text[0] == '\0') fuzz_refuse("a failure without a text");
    if (!is_clean(text)) fuzz_refuse("a text that is not one line of UTF-8");
    if (part != NULL && strstr(text, part) == NULL) fuzz_refuse("the text does not name %s", part);
}

/* ---- files ---- */

static char folder[64];

static void remove_folder(void)
{
    char command[128];

    if (folder[0] == '\0') return;
    snprintf(command, sizeof command, "rm -rf %s", folder); /* a name of ours, without anything special */
    if (system(command) != 0) fputs("the folder in memory is left\n", stderr);
}

const char *fuzz_file(const char *name, const uint8_t *bytes, size_t size)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    int file;

    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/dev/shm/kerma-fuzz.XXXXXX");
        if (mkdtemp(folder) == NULL) snprintf(folder, sizeof folder, "/tmp/kerma-fuzz.XXXXXX");
        if (folder[0] == '/' && access(folder, W_OK) != 0 && mkdtemp(folder) == NULL) abort();
        atexit(remove_folder);
    }
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size || close(file) != 0) fuzz_refuse("cannot write %s", path);
    return path;
}
