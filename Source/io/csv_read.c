/* Reading tables: see csv.h. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/csv.h"
#include "io/number.h"

enum { COLUMNS_MAX = 4096 };

typedef struct cell {
    const char *begin, *end; /* without blanks and quotes */
    const char *seen;        /* where it starts in the line */
    bool quoted;
} cell;

typedef struct reader {
    const char *path;
    const char *line_begin, *line_end, *at;
    size_t line;
} reader;

static kma_status bad(const reader *r, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
static kma_status bad(const reader *r, const char *at, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return kmi_fail(KMA_ERR_FORMAT, "%s:%zu:%zu: %s", r->path, r->line, (size_t)(at - r->line_begin) + 1, text);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The cell at r->at; leaves r->at behind its comma, or NULL behind the last one. */
static kma_status take_cell(reader *r, cell *out)
{
    const char *p = r->at, *end = r->line_end;
    char shown[KMI_SHOWN_SIZE];

    while (p < end && blank(*p)) p++;
    out->seen = p;
    out->quoted = p < end && *p == '"';
    if (out->quoted) {
        out->begin = ++p;
        while (p < end && (*p != '"' || (p + 1 < end && p[1] == '"'))) p += *p == '"' ? 2 : 1;
        if (p >= end) return bad(r, out->seen, "the quote is not closed in this line");
        out->end = p++;
        while (p < end && blank(*p)) p++;
        if (p < end && *p != ',')
            return bad(r, p, "'%s' follows a closing quote (a comma was expected)", kmi_shown(p, (size_t)(end - p), shown));
    } else {
        out->begin = p;
        while (p < end && *p != ',') p++;
        out->end = p;
        while (out->end > out->begin && blank(out->end[-1])) out->end--;
    }
    r->at = p < end ? p + 1 : NULL;
    return KMA_OK;
}

/* Finds the next line with cells; false at the end of the text. */
static bool next_line(reader *r, const char *text_end)
{
    const char *p = r->line == 0 ? r->line_begin : r->line_end + 1;

    for (; p < text_end; p = r->line_end + 1) {
        const char *c = p;
        r->line++;
        r->line_begin = p;
        r->line_end = memchr(p, '\n', (size_t)(text_end - p));
        if (r->line_end == NULL) r->line_end = text_end;
        while (c < r->line_end && blank(*c)) c++;
        if (c == r->line_end || *c == '#') continue;
        r->at = p;
        return true;
    }
    return false;
}

static char *name_of(const cell *c)
{
    char *name = kmi_alloc((size_t)(c->end - c->begin) + 1);
    const char *p;
    size_t n = 0;

    if (name == NULL) return NULL;
    for (p = c->begin; p < c->end; p++) {
        name[n++] = *p;
        if (c->quoted && *p == '"') p++; /* doubled */
    }
    return name;
}

static kma_status no_memory(const char *path)
{
    return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for the table", path);
}

/* Looks at the first line: how many cells, and whether they are names. */
static kma_status take_first(reader *r, kmi_csv *csv, bool *is_header)
{
    kma_status status = KMA_OK;
    const char *start = r->at;
    char shown[KMI_SHOWN_SIZE];
    cell c;
    double number;
    size_t i;

    *is_header = false;
    while (r->at != NULL) {
        KMI_TRY(take_cell(r, &c));
        if (!kmi_number_double(c.begin, (size_t)(c.end - c.begin), &number)) *is_header = true;
        if (++csv->columns > COLUMNS_MAX) KMI_TRY(bad(r, c.seen, "a table has at most %d columns", COLUMNS_MAX));
    }
    r->at = start;
    if (!*is_header) goto cleanup;
    csv->names = kmi_alloc_array(csv->columns, sizeof *csv->names);
    if (csv->names == NULL) KMI_TRY(no_memory(r->path));
    for (i = 0; i < csv->columns; i++) {
        size_t j;
        KMI_TRY(take_cell(r, &c));
        if (c.begin == c.end) KMI_TRY(bad(r, c.seen, "the name of column %zu is empty", i + 1));
        if (!kmi_utf8_is_valid(c.begin, (size_t)(c.end - c.begin)))
            KMI_TRY(bad(r, c.seen, "the name '%s' is not UTF-8 (save the file as UTF-8)",
                        kmi_shown(c.begin, (size_t)(c.end - c.begin), shown)));
        csv->names[i] = name_of(&c);
        if (csv->names[i] == NULL) KMI_TRY(no_memory(r->path));
        for (j = 0; j < i; j++)
            if (strcmp(csv->names[j], csv->names[i]) == 0)
                KMI_TRY(bad(r, c.seen, "columns %zu and %zu have the same name '%s'", j + 1, i + 1, csv->names[i]));
    }
cleanup:
    return status;
}

static kma_status take_row(reader *r, kmi_csv *csv)
{
    kma_status status = KMA_OK;
    char shown[KMI_SHOWN_SIZE];
    double *row = csv->values + csv->rows * csv->columns;
    cell c;
    size_t i;

    for (i = 0; r->at != NULL; i++) {
        size_t length;
        KMI_TRY(take_cell(r, &c));
        length = (size_t)(c.end - c.begin);
        if (i == csv->columns)
            KMI_TRY(bad(r, c.seen, "'%s' is cell %zu of this row, the table has %zu columns",
                        kmi_shown(c.begin, length, shown), i + 1, csv->columns));
        if (length == 0) KMI_TRY(bad(r, c.seen, "cell %zu is empty (a number was expected)", i + 1));
        if (!kmi_number_double(c.begin, length, &row[i]))
            KMI_TRY(bad(r, c.seen, "'%s' is no number%s", kmi_shown(c.begin, length, shown),
                        memchr(c.begin, ';', length) != NULL ? " (commas separate cells, a point the decimals)" : ""));
        if (!isfinite(row[i])) KMI_TRY(bad(r, c.seen, "'%s' is not finite", kmi_shown(c.begin, length, shown)));
    }
    if (i < csv->columns)
        KMI_TRY(bad(r, r->line_begin, "this row has %zu cells, the table %zu columns", i, csv->columns));
    csv->lines[csv->rows++] = r->line;
cleanup:
    return status;
}

static kma_status make_room(kmi_csv *csv, size_t *room, size_t rows_max)
{
    size_t wanted = *room == 0 ? 64 : 2 * *room;
    double *values;
    size_t *lines;

    if (csv->rows < *room) return KMA_OK;
    if (wanted > rows_max) wanted = rows_max;
    if (wanted > SIZE_MAX / 2 / sizeof *values / csv->columns) return no_memory(csv->path);
    values = kmi_realloc(csv->values, wanted * csv->columns * sizeof *values);
    if (values == NULL) return no_memory(csv->path);
    csv->values = values;
    lines = kmi_realloc(csv->lines, wanted * sizeof *lines);
    if (lines == NULL) return no_memory(csv->path);
    csv->lines = lines;
    *room = wanted;
    return KMA_OK;
}

kma_status kmi_csv_read(const char *path, size_t rows_max, kmi_csv **out)
{
    kma_status status = KMA_OK;
    kmi_csv *csv = NULL;
    char *text = NULL;
    size_t size = 0, room = 0;
    bool is_header = false;
    const char *zero;
    reader r;

    *out = NULL;
    memset(&r, 0, sizeof r);
    KMI_TRY(kmi_file_read_all(path, KMI_CSV_SIZE_MAX, &text, &size));
    csv = kmi_alloc(sizeof *csv);
    if (csv != NULL) csv->path = kmi_strdup(path);
    if (csv == NULL || csv->path == NULL) KMI_TRY(no_memory(path));
    zero = memchr(text, '\0', size);
    if (zero != NULL)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: byte %zu is zero: this is no plain text (save it as UTF-8)", path,
                         (size_t)(zero - text)));
    r.path = path;
    r.line_begin = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
    if (next_line(&r, text + size)) {
        KMI_TRY(take_first(&r, csv, &is_header));
        if (is_header && !next_line(&r, text + size)) r.at = NULL;
        while (r.at != NULL) {
            if (csv->rows == rows_max) KMI_TRY(bad(&r, r.line_begin, "the table has more than %zu rows", rows_max));
            KMI_TRY(make_room(csv, &room, rows_max));
            KMI_TRY(take_row(&r, csv));
            if (!next_line(&r, text + size)) break;
        }
    }
    if (csv->rows == 0) KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the table has no rows of numbers", path));
    *out = csv;
    csv = NULL;
cleanup:
    kmi_csv_destroy(csv);
    kmi_free(text);
    return status;
}

void kmi_csv_destroy(kmi_csv *self)
{
    size_t i;

    if (self == NULL) return;
    if (self->names != NULL)
        for (i = 0; i < self->columns; i++) kmi_free(self->names[i]);
    kmi_free(self->names);
    kmi_free(self->values);
    kmi_free(self->lines);
    kmi_free(self->path);
    kmi_free(self);
}

int kmi_csv_column(const kmi_csv *self, const char *name)
{
    size_t i;

    if (self->names == NULL) return -1;
    for (i = 0; i < self->columns; i++)
        if (strcmp(self->names[i], name) == 0) return (int)i;
    return -1;
}

kma_status kmi_csv_fail(const kmi_csv *self, size_t row, size_t column, const char *format, ...)
{
    char text[300], shown[KMI_SHOWN_SIZE], number[KMI_DOUBLE_TEXT_SIZE];
    const char *name = self->names != NULL ? self->names[column] : "value";
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    kmi_format_double(kmi_csv_value(self, row, column), number);
    return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: %s = %s: %s", self->path, self->lines[row],
                    kmi_shown(name, strlen(name), shown), number, text);
}
