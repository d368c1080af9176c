/* Writing JSON: see json_write.h. */
#include "simulation/json_write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"

enum { DEPTH_MAX = 16 };

struct kmi_json_writer {
    kmi_file_writer *file;
    uint64_t values; /* and keys */
    int depth;
    char close[DEPTH_MAX];
    bool filled[DEPTH_MAX]; /* something stands there already */
};

kma_status kmi_json_open(const char *path, kmi_json_writer **out)
{
    kma_status status = KMA_OK;
    kmi_json_writer *self = NULL;

    *out = NULL;
    self = kmi_alloc(sizeof *self);
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to write it", path));
    KMI_TRY(kmi_file_writer_open(path, &self->file));
    *out = self;
    self = NULL;
cleanup:
    kmi_json_discard(self);
    return status;
}

static void put(kmi_json_writer *self, const char *text)
{
    (void)kmi_file_write(self->file, text, strlen(text)); /* the commit tells */
}

static void put_quoted(kmi_json_writer *self, const char *text)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    size_t left = strlen(text), bytes;
    char escape[8];
    const char *at;

    put(self, "\"");
    for (; left > 0; text += bytes, left -= bytes) {
        bytes = kmi_utf8_length(text, left);
        at = strchr(plain, text[0]);
        if (bytes == 0) {
            bytes = 1;
            put(self, "\xEF\xBF\xBD");
        } else if (at != NULL) {
            snprintf(escape, sizeof escape, "\\%c", letters[at - plain]);
            put(self, escape);
        } else if ((unsigned char)text[0] < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)text[0]);
            put(self, escape);
        } else {
            (void)kmi_file_write(self->file, text, bytes);
        }
    }
    put(self, "\"");
}

/* Comma, new line, indentation and key. */
static void begin_value(kmi_json_writer *self, const char *key)
{
    int i;

    self->values += key == NULL ? 1 : 2;
    if (self->depth > 0) {
        put(self, self->filled[self->depth - 1] ? ",\n" : "\n");
        self->filled[self->depth - 1] = true;
    }
    for (i = 0; i < self->depth; i++) put(self, "  ");
    if (key == NULL) return;
    put_quoted(self, key);
    put(self, ": ");
}

void kmi_json_begin(kmi_json_writer *self, const char *key, char bracket)
{
    char text[2] = {bracket, '\0'};

    begin_value(self, key);
    put(self, text);
    self->close[self->depth] = bracket == '{' ? '}' : ']';
    self->filled[self->depth] = false;
    if (self->depth + 1 < DEPTH_MAX) self->depth++;
}

void kmi_json_end(kmi_json_writer *self)
{
    char text[2] = {0, '\0'};
    int i;

    self->depth--;
    text[0] = self->close[self->depth];
    if (self->filled[self->depth]) put(self, "\n");
    for (i = 0; self->filled[self->depth] && i < self->depth; i++) put(self, "  ");
    put(self, text);
}

void kmi_json_put_text(kmi_json_writer *self, const char *key, const char *text)
{
    begin_value(self, key);
    put_quoted(self, text);
}

void kmi_json_put_truth(kmi_json_writer *self, const char *key, bool value)
{
    begin_value(self, key);
    put(self, value ? "true" : "false");
}

static void put_number(kmi_json_writer *self, double value)
{
    char text[KMI_DOUBLE_TEXT_SIZE];

    if (isfinite(value)) {
        kmi_format_double(value, text);
        put(self, text);
    } else {
        put(self, "null");
    }
}

void kmi_json_put_number(kmi_json_writer *self, const char *key, double value)
{
    begin_value(self, key);
    put_number(self, value);
}

void kmi_json_put_count(kmi_json_writer *self, const char *key, uint64_t value)
{
    char text[24];

    begin_value(self, key);
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    put(self, text);
}

void kmi_json_put_numbers(kmi_json_writer *self, const char *key, const double *values, size_t n)
{
    size_t i;

    begin_value(self, key);
    self->values += n;
    for (i = 0; i < n; i++) {
        put(self, i == 0 ? "[" : ", ");
        put_number(self, values[i]);
    }
    put(self, n == 0 ? "[]" : "]");
}

void kmi_json_put_counts(kmi_json_writer *self, const char *key, const size_t *values, size_t n)
{
    char text[32];
    size_t i;

    begin_value(self, key);
    self->values += n;
    for (i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%s%zu", i == 0 ? "[" : ", ", values[i]);
        put(self, text);
    }
    put(self, n == 0 ? "[]" : "]");
}

kma_status kmi_json_commit(kmi_json_writer **self)
{
    kma_status status;

    put(*self, "\n");
    status = kmi_file_commit(&(*self)->file);
    kmi_json_discard(*self);
    *self = NULL;
    return status;
}

kma_status kmi_json_set_aside(kmi_json_writer **self, kmi_file_batch *batch)
{
    kma_status status;

    put(*self, "\n");
    status = kmi_file_set_aside(batch, &(*self)->file);
    kmi_json_discard(*self);
    *self = NULL;
    return status;
}

void kmi_json_written(const kmi_json_writer *self, uint64_t *values_out, uint64_t *bytes_out)
{
    *values_out = self->values;
    *bytes_out = kmi_file_writer_size(self->file);
}

void kmi_json_discard(kmi_json_writer *self)
{
    if (self == NULL) return;
    kmi_file_discard(self->file);
    kmi_free(self);
}
