/*
 * STL, after 3D Systems' StereoLithography Interface Specification (1988).
 *
 * Binary: 80 bytes of anything, the number of facets (32 bits, little endian), then 50
 * bytes a facet: normal and three corners in float32, and two bytes that programs use for colours.
 * Text: solid [name], facets, endsolid [name]. The header of a binary file may begin
 * with "solid" too (AutoCAD's does), so the size decides: it must be exactly right.
 */
#include "io/stl.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

enum { HEADER = 84, RECORD = 50, WORD_SHOWN = 40 };

typedef struct corners {
    double *values; /* [facets][9] */
    size_t facets, room;
} corners;

static kma_status add_facet(corners *self, const double facet[9])
{
    if (self->facets == self->room) {
        size_t room = self->room + self->room / 2 + 256;
        double *more = kmi_realloc(self->values, room * 9 * sizeof *more);
        if (more == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu facets", room);
        self->values = more;
        self->room = room;
    }
    memcpy(self->values + 9 * self->facets++, facet, 9 * sizeof *facet);
    return KMA_OK;
}

/* ---- binary ---- */

static uint32_t word_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static kma_status parse_binary(const unsigned char *bytes, double unit_mm, const kmi_pulse *pulse, corners *out)
{
    kma_status status = KMA_OK;
    size_t count = word_at(bytes + 80), i;
    int k;

    out->values = kmi_alloc_array(count, 9 * sizeof *out->values); /* the size of the file vouches for the count */
    if (out->values == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu facets", count));
    out->room = count;
    for (i = 0; i < count; i++) {
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        for (k = 0; k < 9; k++) {
            uint32_t word = word_at(bytes + HEADER + RECORD * i + 12 + 4 * (size_t)k);
            float value;
            memcpy(&value, &word, sizeof value);
            if (!isfinite(value))
                KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "facet %zu of %zu: %c of corner %d is %g (must be finite)", i, count,
                                 'x' + k % 3, k / 3, (double)value));
            out->values[9 * i + (size_t)k] = unit_mm * (double)value;
        }
    }
    out->facets = count;
cleanup:
    return status;
}

/* ---- text ---- */

typedef struct reader {
    const char *at, *end;
    size_t line;
    const char *word; /* the current word, not terminated; length 0 at the end */
    size_t length;
} reader;

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void next_word(reader *r)
{
    for (; r->at < r->end && is_space(*r->at); r->at++)
        if (*r->at == '\n') r->line++;
    r->word = r->at;
    while (r->at < r->end && !is_space(*r->at)) r->at++;
    r->length = (size_t)(r->at - r->word);
}

/* A solid's name is all that follows on its line. */
static void skip_line(reader *r)
{
    while (r->at < r->end && *r->at != '\n' && *r->at != '\r') r->at++;
}

static bool word_is(const reader *r, const char *word)
{
    return r->length == strlen(word) && strncasecmp(r->word, word, r->length) == 0;
}

static kma_status fail_at(const reader *r, const char *expected)
{
    char shown[WORD_SHOWN + 1];
    size_t i;

    for (i = 0; i < r->length && i < WORD_SHOWN; i++)
        shown[i] = r->word[i] > ' ' && r->word[i] <= '~' ? r->word[i] : '?';
    shown[i] = '\0';
    if (r->length == 0)
        return kmi_fail(KMA_ERR_FORMAT, "line %zu: the file ends where %s is expected", r->line, expected);
    return kmi_fail(KMA_ERR_FORMAT, "line %zu: '%s' where %s is expected", r->line, shown, expected);
}

static kma_status expect(reader *r, const char *word)
{
    char quoted[32];

    next_word(r);
    if (word_is(r, word)) return KMA_OK;
    quoted[0] = '\'';
    strcpy(quoted + 1, word); /* ours, and short */
    strcat(quoted, "'");
    return fail_at(r, quoted);
}

static kma_status read_number(reader *r, double *out)
{
    const char *word, *end, *stop;

    next_word(r);
    word = r->word;
    end = word + r->length;
    if (r->length > 1 && *word == '+') word++;
    stop = r->length == 0 ? NULL : kmi_parse_double(word, end, out);
    return stop == end && stop != NULL ? KMA_OK : fail_at(r, "a number");
}

static kma_status read_facet(reader *r, double unit_mm, double facet[9])
{
    kma_status status = KMA_OK;
    double unused;
    int i, k;

    KMI_TRY(expect(r, "normal"));
    for (k = 0; k < 3; k++) KMI_TRY(read_number(r, &unused)); /* may be nan: the corners tell */
    KMI_TRY(expect(r, "outer"));
    KMI_TRY(expect(r, "loop"));
    for (i = 0; i < 3; i++) {
        KMI_TRY(expect(r, "vertex"));
        for (k = 0; k < 3; k++) {
            KMI_TRY(read_number(r, &facet[3 * i + k]));
            if (!isfinite(facet[3 * i + k])) KMI_TRY(fail_at(r, "a finite number"));
            facet[3 * i + k] *= unit_mm;
        }
    }
    next_word(r);
    if (word_is(r, "vertex")) KMI_TRY(fail_at(r, "'endloop' (a facet has three corners)"));
    if (!word_is(r, "endloop")) KMI_TRY(fail_at(r, "'endloop'"));
    KMI_TRY(expect(r, "endfacet"));
cleanup:
    return status;
}

static kma_status parse_text(const char *bytes, size_t size, double unit_mm, const kmi_pulse *pulse, corners *out)
{
    kma_status status = KMA_OK;
    reader r = {bytes, bytes + size, 1, bytes, 0};
    double facet[9];

    for (next_word(&r); r.length > 0; next_word(&r)) {
        if (!word_is(&r, "solid")) KMI_TRY(fail_at(&r, "'solid'"));
        skip_line(&r);
        for (next_word(&r); word_is(&r, "facet"); next_word(&r)) {
            KMI_TRY(kmi_pulse_beat_at(pulse, out->facets));
            KMI_TRY(read_facet(&r, unit_mm, facet));
            KMI_TRY(add_facet(out, facet));
        }
        if (!word_is(&r, "endsolid")) KMI_TRY(fail_at(&r, "'facet' or 'endsolid'"));
        skip_line(&r);
    }
cleanup:
    return status;
}

/* ---- which ---- */

static bool begins_with_solid(const char *bytes, size_t size)
{
    reader r = {bytes, bytes + size, 1, bytes, 0};
    next_word(&r);
    return word_is(&r, "solid");
}

kma_status kmi_stl_check_head(const char *head, size_t head_size, size_t size, bool *binary_out)
{
    uint64_t claimed = head_size >= HEADER ? word_at((const unsigned char *)head + 80) : 0;

    *binary_out = head_size >= HEADER && HEADER + RECORD * claimed == size;
    if (*binary_out || (begins_with_solid(head, head_size) && memchr(head, 0, head_size) == NULL)) return KMA_OK;
    if (size < HEADER)
        return kmi_fail(KMA_ERR_FORMAT,
                        "not an STL file: %zu bytes, no text that begins with 'solid', and too short for a binary one "
                        "(84 bytes and 50 a facet)",
                        size);
    return kmi_fail(KMA_ERR_FORMAT,
                    "not an STL file, or damaged: binary STL with the %llu facets that bytes 80 to 83 claim has "
                    "%llu bytes, this has %zu",
                    (unsigned long long)claimed, (unsigned long long)(HEADER + RECORD * claimed), size);
}

kma_status kmi_stl_parse(const char *bytes, size_t size, double unit_mm, const kmi_pulse *pulse, double **corners_out,
                         size_t *facet_count_out)
{
    kma_status status = KMA_OK;
    corners c = {NULL, 0, 0};
    bool binary = false;

    *corners_out = NULL;
    *facet_count_out = 0;
    KMI_TRY(kmi_stl_check_head(bytes, size, size, &binary));
    if (binary)
        KMI_TRY(parse_binary((const unsigned char *)bytes, unit_mm, pulse, &c));
    else
        KMI_TRY(parse_text(bytes, size, unit_mm, pulse, &c));
    if (c.facets == 0) KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "the STL file has no facets"));
    *corners_out = c.values;
    *facet_count_out = c.facets;
    c.values = NULL;
cleanup:
    kmi_free(c.values);
    return status;
}
