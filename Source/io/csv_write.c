/* Writing tables: see csv.h. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/csv.h"

struct kmi_csv_writer {
    kmi_file_writer *file;
    bool in_row; /* the row has a cell already */
};

kma_status kmi_csv_open(const char *path, kmi_csv_writer **out)
{
    kma_status status = KMA_OK;
    kmi_csv_writer *self = NULL;

    *out = NULL;
    self = kmi_alloc(sizeof *self);
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to write a table", path));
    KMI_TRY(kmi_file_writer_open(path, &self->file));
    *out = self;
    self = NULL;
cleanup:
    kmi_csv_discard(self);
    return status;
}

static kma_status put(kmi_csv_writer *self, const char *text)
{
    return kmi_file_write(self->file, text, strlen(text));
}

kma_status kmi_csv_comment(kmi_csv_writer *self, const char *text)
{
    kma_status status = KMA_OK;

    while (text != NULL) { /* each of its lines */
        const char *end = strchr(text, '\n');
        KMI_TRY(put(self, "# "));
        KMI_TRY(kmi_file_write(self->file, text, end == NULL ? strlen(text) : (size_t)(end - text)));
        KMI_TRY(put(self, "\n"));
        text = end == NULL ? NULL : end + 1;
    }
cleanup:
    return status;
}

static kma_status begin_cell(kmi_csv_writer *self)
{
    bool first = !self->in_row;

    self->in_row = true;
    return first ? KMA_OK : put(self, ",");
}

kma_status kmi_csv_put_text(kmi_csv_writer *self, const char *text)
{
    kma_status status = KMA_OK;
    const char *p;

    KMI_TRY(begin_cell(self));
    if (text[0] != '\0' && strpbrk(text, "\",\r\n#") == NULL && text[0] != ' ' && text[strlen(text) - 1] != ' ') {
        KMI_TRY(put(self, text));
        goto cleanup;
    }
    KMI_TRY(put(self, "\""));
    for (p = text; *p != '\0'; p++) {
        if (*p == '"') KMI_TRY(put(self, "\""));
        KMI_TRY(kmi_file_write(self->file, *p == '\n' || *p == '\r' ? " " : p, 1)); /* a row is a line */
    }
    KMI_TRY(put(self, "\""));
cleanup:
    return status;
}

kma_status kmi_csv_put_number(kmi_csv_writer *self, double value)
{
    kma_status status = KMA_OK;
    char text[KMI_DOUBLE_TEXT_SIZE];

    KMI_TRY(begin_cell(self));
    kmi_format_double(value, text);
    KMI_TRY(put(self, text));
cleanup:
    return status;
}

kma_status kmi_csv_put_count(kmi_csv_writer *self, uint64_t value)
{
    kma_status status = KMA_OK;
    char text[24];

    KMI_TRY(begin_cell(self));
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    KMI_TRY(put(self, text));
cleanup:
    return status;
}

kma_status kmi_csv_end_row(kmi_csv_writer *self)
{
    self->in_row = false;
    return put(self, "\n");
}

kma_status kmi_csv_names(kmi_csv_writer *self, const char *const *names, size_t n)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < n; i++) KMI_TRY(kmi_csv_put_text(self, names[i]));
    KMI_TRY(kmi_csv_end_row(self));
cleanup:
    return status;
}

kma_status kmi_csv_row(kmi_csv_writer *self, const double *values, size_t n)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < n; i++) KMI_TRY(kmi_csv_put_number(self, values[i]));
    KMI_TRY(kmi_csv_end_row(self));
cleanup:
    return status;
}

kma_status kmi_csv_commit(kmi_csv_writer **writer)
{
    kmi_csv_writer *self = *writer;
    kma_status status = kmi_file_commit(&self->file);

    *writer = NULL;
    kmi_csv_discard(self);
    return status;
}

kma_status kmi_csv_set_aside(kmi_csv_writer **writer, kmi_file_batch *batch)
{
    kmi_csv_writer *self = *writer;
    kma_status status = kmi_file_set_aside(batch, &self->file);

    *writer = NULL;
    kmi_csv_discard(self);
    return status;
}

uint64_t kmi_csv_size(const kmi_csv_writer *self)
{
    return kmi_file_writer_size(self->file);
}

void kmi_csv_discard(kmi_csv_writer *self)
{
    if (self == NULL) return;
    kmi_file_discard(self->file);
    kmi_free(self);
}
