/* CT tables from CSV files. The format is described in Documentation/ct-table-csv.md. */
#include "io/ct_table_csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/number.h"
#include "physics/element.h"

enum { FIRST_COLUMNS = 5, COLUMNS_MAX = FIRST_COLUMNS + KMI_ELEMENTS_MAX };

static const char *const first_columns[FIRST_COLUMNS] = {"ct_low", "ct_high", "density_low", "density_high", "material"};

typedef struct cell { char *text; size_t length; } cell;

typedef struct reader {
    const char *path;
    char *next, *end;
    size_t line;             /* of the record that was read last, from 1 */
    cell cells[COLUMNS_MAX]; /* of that record */
    size_t cell_count;
    size_t columns;      /* as the header says */
    int z[COLUMNS_MAX];  /* of the columns behind the first ones */
    kmi_ct_row *rows;    /* [row_room] */
    size_t row_count, row_room;
    kmi_material **materials; /* [row_room], owned */
    size_t material_count;
} reader;

static kma_status wrong(const reader *self, const char *what)
{
    return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: %s", self->path, self->line, what);
}

static kma_status wrong_cell(const reader *self, size_t column, const char *what)
{
    char shown[KMI_SHOWN_SIZE];
    return kmi_fail(KMA_ERR_FORMAT, "%s:%zu: column %zu is \"%s\": %s", self->path, self->line, column + 1,
                    kmi_shown(self->cells[column].text, self->cells[column].length, shown), what);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Takes one cell from *p, which ends at a comma or at `end`. */
static kma_status read_cell(reader *self, char **p, char *end)
{
    cell c = {*p, 0};

    if (self->cell_count == COLUMNS_MAX) return wrong(self, "the line has more than 103 columns");
    while (*p < end && is_blank(**p)) (*p)++;
    if (*p < end && **p == '"') {
        char *to = ++(*p);
        c.text = to;
        for (;; (*p)++) {
            if (*p == end) return wrong(self, "a quoted cell does not end on its line");
            if (**p == '"') {
                if (*p + 1 == end || (*p)[1] != '"') break;
                (*p)++; /* two quotes stand for one */
            }
            *to++ = **p;
        }
        c.length = (size_t)(to - c.text);
        (*p)++;
        while (*p < end && is_blank(**p)) (*p)++;
        if (*p < end && **p != ',') return wrong(self, "a comma is wanted after a quoted cell");
    } else {
        c.text = *p;
        while (*p < end && **p != ',') (*p)++;
        c.length = (size_t)(*p - c.text);
        while (c.length > 0 && is_blank(c.text[c.length - 1])) c.length--;
    }
    self->cells[self->cell_count++] = c;
    if (!kmi_utf8_is_valid(c.text, c.length))
        return wrong_cell(self, self->cell_count - 1, "not UTF-8 (save the file as UTF-8)");
    return KMA_OK;
}

/* The next line that is neither empty nor a comment, as cells. *more_out is false at the end. */
static kma_status read_record(reader *self, bool *more_out)
{
    kma_status status = KMA_OK;

    *more_out = false;
    self->cell_count = 0;
    while (self->next < self->end) {
        char *p = self->next;
        char *end = memchr(p, '\n', (size_t)(self->end - p));

        self->line++;
        self->next = end == NULL ? self->end : end + 1;
        if (end == NULL) end = self->end;
        if (end > p && end[-1] == '\r') end--;
        while (p < end && is_blank(*p)) p++;
        if (p == end || *p == '#') continue;
        if (memchr(p, 0, (size_t)(end - p)) != NULL) KMI_TRY(wrong(self, "the line holds a zero byte: not a text file"));
        KMI_TRY(read_cell(self, &p, end));
        while (p < end) {
            p++; /* the comma */
            KMI_TRY(read_cell(self, &p, end));
        }
        *more_out = true;
        return KMA_OK;
    }
cleanup:
    return status;
}

static bool cell_is(const cell *c, const char *text)
{
    return strlen(text) == c->length && memcmp(c->text, text, c->length) == 0;
}

static kma_status read_header(reader *self)
{
    kma_status status = KMA_OK;
    bool more = false;
    size_t i, k;

    KMI_TRY(read_record(self, &more));
    if (!more) KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the file has no header line", self->path));
    for (i = 0; i < FIRST_COLUMNS; i++)
        if (i >= self->cell_count || !cell_is(&self->cells[i], first_columns[i]))
            KMI_TRY(wrong(self, "the header must begin with ct_low,ct_high,density_low,density_high,material"));
    self->columns = self->cell_count;
    for (; i < self->columns; i++) {
        self->z[i] = kmi_element_from_symbol(self->cells[i].text, self->cells[i].length);
        if (self->z[i] == 0) KMI_TRY(wrong_cell(self, i, "the symbol of an element is wanted (H to Cf)"));
        for (k = FIRST_COLUMNS; k < i; k++)
            if (self->z[k] == self->z[i]) KMI_TRY(wrong_cell(self, i, "the element has a column already"));
    }
cleanup:
    return status;
}

static kma_status read_number(const reader *self, size_t column, double *out)
{
    const cell *c = &self->cells[column];
    if (kmi_parse_double(c->text, c->text + c->length, out) != c->text + c->length || c->length == 0)
        return wrong_cell(self, column, "a number is wanted");
    return KMA_OK;
}

static bool same_composition(const kmi_material *a, const kmi_material *b)
{
    return a->count == b->count && memcmp(a->z, b->z, a->count * sizeof *a->z) == 0 &&
           memcmp(a->fraction, b->fraction, a->count * sizeof *a->fraction) == 0;
}

/* The material of the record: from its fractions, or known by its name. */
static kma_status read_material(reader *self, const kmi_ct_row *row, const kmi_material **out)
{
    kma_status status = KMA_OK;
    kmi_material *fresh = NULL, *known = NULL;
    double fraction[COLUMNS_MAX], density;
    char *name = NULL;
    size_t given = 0, i;

    *out = NULL;
    if (self->cells[4].length == 0) KMI_TRY(wrong(self, "the material has no name"));
    name = kmi_alloc(self->cells[4].length + 1);
    if (name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to read %s", self->path));
    memcpy(name, self->cells[4].text, self->cells[4].length);
    for (i = 0; i < self->material_count && known == NULL; i++)
        if (strcmp(self->materials[i]->name, name) == 0) known = self->materials[i];
    for (i = FIRST_COLUMNS; i < self->columns; i++) {
        fraction[i] = 0;
        if (i >= self->cell_count || self->cells[i].length == 0) continue;
        KMI_TRY(read_number(self, i, &fraction[i]));
        given++;
    }
    if (given > 0) {
        density = row->density_low > row->density_high ? row->density_low : row->density_high;
        status = kmi_material_new_mass_fractions(name, &self->z[FIRST_COLUMNS], &fraction[FIRST_COLUMNS],
                                                 self->columns - FIRST_COLUMNS, density > 0 ? density : 1.0, &fresh);
    } else if (known == NULL) {
        status = kmi_material_new_nist(name, &fresh);
    }
    if (status == KMA_ERR_ARGUMENT) KMI_TRY(kmi_fail_prefix(KMA_ERR_FORMAT, "%s:%zu: ", self->path, self->line));
    if (status != KMA_OK) goto cleanup;
    if (known != NULL) {
        if (fresh != NULL && !same_composition(fresh, known))
            KMI_TRY(wrong_cell(self, 4, "this material had another composition above"));
        *out = known;
    } else {
        *out = self->materials[self->material_count++] = fresh;
        fresh = NULL;
    }
cleanup:
    kmi_material_destroy(fresh);
    kmi_free(name);
    return status;
}

static kma_status make_room(reader *self)
{
    size_t room = self->row_room == 0 ? 64 : 2 * self->row_room;
    kmi_ct_row *rows;
    kmi_material **materials;

    if (self->row_count < self->row_room) return KMA_OK;
    rows = kmi_realloc(self->rows, room * sizeof *rows);
    if (rows != NULL) self->rows = rows;
    materials = kmi_realloc(self->materials, room * sizeof *materials);
    if (materials != NULL) self->materials = materials;
    if (rows == NULL || materials == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory to read %s", self->path);
    self->row_room = room;
    return KMA_OK;
}

static kma_status read_row(reader *self)
{
    kma_status status = KMA_OK;
    kmi_ct_row row = {0, 0, 0, 0, NULL};

    if (self->cell_count > self->columns) KMI_TRY(wrong(self, "the line has more columns than the header"));
    if (self->cell_count < FIRST_COLUMNS) KMI_TRY(wrong(self, "the line has fewer than five columns"));
    if (self->row_count == KMI_CT_ROWS_MAX) KMI_TRY(wrong(self, "the table has more than 10000 rows"));
    KMI_TRY(make_room(self));
    KMI_TRY(read_number(self, 0, &row.ct_low));
    KMI_TRY(read_number(self, 1, &row.ct_high));
    KMI_TRY(read_number(self, 2, &row.density_low));
    KMI_TRY(read_number(self, 3, &row.density_high));
    if (kmi_ct_row_check(&row, self->row_count > 0 ? &self->rows[self->row_count - 1] : NULL) != KMA_OK)
        KMI_TRY(kmi_fail_prefix(KMA_ERR_FORMAT, "%s:%zu: ", self->path, self->line));
    KMI_TRY(read_material(self, &row, &row.material));
    self->rows[self->row_count++] = row;
cleanup:
    return status;
}

kma_status kmi_ct_table_parse_csv(const char *path, char *text, size_t size, kmi_ct_table **out)
{
    kma_status status = KMA_OK;
    reader r;
    bool more = false;
    size_t i;

    *out = NULL;
    memset(&r, 0, sizeof r);
    r.path = path;
    r.next = text;
    r.end = text + size;
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) r.next += 3; /* a byte order mark */
    KMI_TRY(read_header(&r));
    for (;;) {
        KMI_TRY(read_record(&r, &more));
        if (!more) break;
        KMI_TRY(read_row(&r));
    }
    if (r.row_count == 0) KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%s: the table has no rows", path));
    status = kmi_ct_table_new(r.rows, r.row_count, out);
    if (status == KMA_ERR_ARGUMENT) KMI_TRY(kmi_fail_prefix(KMA_ERR_FORMAT, "%s: ", path));
cleanup:
    for (i = 0; i < r.material_count; i++) kmi_material_destroy(r.materials[i]);
    kmi_free(r.materials);
    kmi_free(r.rows);
    return status;
}

kma_status kmi_ct_table_read_csv(const char *path, kmi_ct_table **out)
{
    kma_status status = KMA_OK;
    char *text = NULL;
    size_t size = 0;

    *out = NULL;
    KMI_TRY(kmi_file_read_all(path, KMI_CT_TABLE_CSV_MAX, &text, &size));
    KMI_TRY(kmi_ct_table_parse_csv(path, text, size, out));
cleanup:
    kmi_free(text);
    return status;
}
