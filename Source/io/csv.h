/*
 * Tables of numbers as CSV. Lines beginning with '#' are comments; the first other line may name the columns
 * (it does if any of its cells is no number); cells are separated by commas, may have blanks around them and
 * may be quoted. LF or CRLF; a byte order mark is skipped. The point is the decimal sign in every locale.
 */
#ifndef KMI_CSV_H
#define KMI_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"

enum { KMI_CSV_SIZE_MAX = 1 << 28 /* bytes of a file that is read */ };

typedef struct kmi_csv {
    char *path;     /* for texts */
    size_t rows, columns;
    double *values; /* [rows][columns], all finite */
    char **names;   /* [columns], or NULL if the file has none */
    size_t *lines;  /* [rows] where each row stands */
} kmi_csv;

/* Errors are KMA_ERR_FORMAT "file:line:column: ..." with the text seen. A table without rows is an error. */
kma_status kmi_csv_read(const char *path, size_t rows_max, kmi_csv **out);
void kmi_csv_destroy(kmi_csv *self); /* NULL is fine */

/* Index of a column of this name, or -1. */
int kmi_csv_column(const kmi_csv *self, const char *name);
static inline double kmi_csv_value(const kmi_csv *self, size_t row, size_t column)
{
    return self->values[row * self->columns + column];
}
/* Fails with "file:line: name = value: " before the text (printf form). */
kma_status kmi_csv_fail(const kmi_csv *self, size_t row, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writing, atomic as of base/file.h; numbers are the shortest that read back the same. */
typedef struct kmi_csv_writer kmi_csv_writer;

kma_status kmi_csv_open(const char *path, kmi_csv_writer **out);
kma_status kmi_csv_comment(kmi_csv_writer *self, const char *text);  /* before, between or after rows */
kma_status kmi_csv_put_text(kmi_csv_writer *self, const char *text); /* the next cell; quoted if it has to be */
kma_status kmi_csv_put_number(kmi_csv_writer *self, double value);
kma_status kmi_csv_put_count(kmi_csv_writer *self, uint64_t value);
kma_status kmi_csv_end_row(kmi_csv_writer *self);
kma_status kmi_csv_names(kmi_csv_writer *self, const char *const *names, size_t n);
kma_status kmi_csv_row(kmi_csv_writer *self, const double *values, size_t n);
kma_status kmi_csv_commit(kmi_csv_writer **self); /* sets *self to NULL */
kma_status kmi_csv_set_aside(kmi_csv_writer **self, kmi_file_batch *batch); /* instead of the commit */
uint64_t kmi_csv_size(const kmi_csv_writer *self); /* bytes so far */
void kmi_csv_discard(kmi_csv_writer *self);       /* NULL is fine */

#endif
