/* From tokens to a tree; what jsmn lets pass is refused here: see json.h. */
#include "simulation/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/number.h"
#include "simulation/json_text.h"
#include "simulation/json_tokens.h"

typedef struct reader {
    kmi_json_document *document;
    kmi_json_tokens tokens;
    size_t token; /* the next one */
    size_t at;    /* offset */
    size_t value; /* the next free one of document->values */
    char *text;   /* the next free byte of document->texts */
    int depth;
} reader;

void kmi_json_place(const kmi_json_document *self, size_t offset, size_t *line_out, size_t *column_out)
{
    size_t i = 0, bytes;

    *line_out = *column_out = 1;
    if (self->size >= 3 && memcmp(self->bytes, "\xEF\xBB\xBF", 3) == 0) i = 3;
    while (i < offset && i < self->size) {
        bytes = kmi_utf8_length(self->bytes + i, self->size - i);
        if (self->bytes[i] == '\n' || (self->bytes[i] == '\r' && self->bytes[i + 1] != '\n')) {
            ++*line_out;
            *column_out = 1;
        } else if (self->bytes[i] != '\r') {
            ++*column_out;
        }
        i += bytes == 0 ? 1 : bytes;
    }
}

kma_status kmi_json_blame(const kmi_json_document *self, size_t offset, kma_status status)
{
    size_t line, column;

    if (status == KMA_OK) return KMA_OK;
    kmi_json_place(self, offset, &line, &column);
    return kmi_fail_prefix(status, "%s:%zu:%zu: ", self->name, line, column);
}

kma_status kmi_json_fail(const kmi_json_document *self, size_t offset, const char *format, ...)
{
    char text[KMI_ERROR_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return kmi_json_blame(self, offset, kmi_fail(KMA_ERR_FORMAT, "%s", text));
}

const char *kmi_json_type_name(kmi_json_type type)
{
    static const char *const names[] = {"null", "a boolean", "a number", "a text", "an array", "an object"};
    return names[type];
}

const kmi_json *kmi_json_member(const kmi_json *object, const char *key)
{
    const kmi_json *m;

    for (m = object->first; m != NULL; m = m->next)
        if (m->key != NULL && strcmp(m->key, key) == 0) return m;
    return NULL;
}

/* Fails where the reader stands: `expected` is what should have been there. */
static kma_status unexpected(reader *r, const char *expected)
{
    const kmi_json_document *d = r->document;
    char shown[KMI_SHOWN_SIZE];
    size_t length = 0;

    if (r->at >= d->size) return kmi_json_fail(d, r->at, "the text ends here (expected %s)", expected);
    while (r->at + length < d->size && length < 24 && strchr(" \t\r\n,:{}[]\"", d->bytes[r->at + length]) == NULL)
        length++;
    if (length == 0) length = 1;
    return kmi_json_fail(d, r->at, "unexpected %s (expected %s)", kmi_shown(d->bytes + r->at, length, shown), expected);
}

static void skip_blanks(reader *r)
{
    const char *s = r->document->bytes;

    while (r->at < r->document->size && (s[r->at] == ' ' || s[r->at] == '\t' || s[r->at] == '\n' || s[r->at] == '\r'))
        r->at++;
}

/* jsmn must have seen a token here as well: it counted them for us. */
static kma_status take_token(reader *r)
{
    if (r->token >= r->tokens.count || r->tokens.begins[r->token] != r->at) return unexpected(r, "a value");
    r->token++;
    return KMA_OK;
}

/* The text at the reader's quote. */
static kma_status take_text(reader *r, const char **text_out, size_t *length_out)
{
    kma_status status = KMA_OK;
    const kmi_json_document *d = r->document;
    bool known = r->token < r->tokens.count && r->tokens.begins[r->token] == r->at;
    char *out = known ? r->text : NULL; /* where jsmn saw no text is no room for one, but a fault to be found */
    size_t used;
    const char *fault = kmi_json_decode(d->bytes + r->at, d->size - r->at, out, &used, length_out);

    if (fault != NULL) return kmi_json_fail(d, r->at + used, "%s", fault);
    KMI_TRY(take_token(r));
    *text_out = out;
    r->text += *length_out + 1;
    r->at += used;
cleanup:
    return status;
}

static size_t digits(const char *s, size_t at)
{
    while (s[at] >= '0' && s[at] <= '9') at++;
    return at;
}

/* End of the number at s[at] (a 0 ends s), or `at` if it is none by RFC 8259, section 6. */
static size_t number_end(const char *s, size_t at)
{
    size_t begin = at, i;

    if (s[at] == '-') at++;
    i = digits(s, at);
    if (i == at || (s[at] == '0' && i > at + 1)) return begin;
    at = i;
    if (s[at] == '.') {
        i = digits(s, at + 1);
        if (i == at + 1) return begin;
        at = i;
    }
    if (s[at] == 'e' || s[at] == 'E') {
        at++;
        if (s[at] == '+' || s[at] == '-') at++;
        i = digits(s, at);
        if (i == at) return begin;
        at = i;
    }
    return at;
}

static kma_status word(reader *r, kmi_json *out)
{
    kma_status status = KMA_OK;
    static const char *const words[] = {"null", "false", "true"};
    const kmi_json_document *d = r->document;
    const char *s = d->bytes;
    char shown[KMI_SHOWN_SIZE];
    size_t end = r->at, i;

    while (end < d->size && strchr(" \t\r\n,:{}[]\"", s[end]) == NULL) end++;
    for (i = 0; i < 3; i++) {
        if (end - r->at != strlen(words[i]) || memcmp(s + r->at, words[i], end - r->at) != 0) continue;
        out->type = i == 0 ? KMI_JSON_NULL : KMI_JSON_BOOLEAN;
        out->truth = i == 2;
    }
    if (out->type == KMI_JSON_NULL && s[r->at] != 'n') {
        if (end == r->at || number_end(s, r->at) != end)
            return unexpected(r, "a value: an object, array, text, number, true, false or null");
        out->type = KMI_JSON_NUMBER;
        kmi_parse_double(s + r->at, s + end, &out->number);
        if (out->number - out->number != 0)
            return kmi_json_fail(d, r->at, "the number %s is too large", kmi_shown(s + r->at, end - r->at, shown));
    } else if (out->type == KMI_JSON_NULL && end - r->at != 4) {
        return unexpected(r, "a value: an object, array, text, number, true, false or null");
    }
    KMI_TRY(take_token(r));
    out->text = s + r->at;
    out->length = end - r->at;
    r->at = end;
cleanup:
    return status;
}

/* By key, and equal ones by place. */
static bool is_before(const kmi_json *a, const kmi_json *b)
{
    int order = strcmp(a->key, b->key);
    return order != 0 ? order < 0 : a->key_offset < b->key_offset;
}

static void sink(const kmi_json **heap, size_t i, size_t n)
{
    const kmi_json *m = heap[i];
    size_t child;

    while ((child = 2 * i + 1) < n) {
        if (child + 1 < n && is_before(heap[child], heap[child + 1])) child++;
        if (!is_before(m, heap[child])) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = m;
}

/* Heapsort: a hostile file cannot make it slow, as it could a hash table. */
static kma_status refuse_twins(const kmi_json_document *d, const kmi_json *object)
{
    kma_status status = KMA_OK;
    const kmi_json **m = kmi_alloc_array(object->count, sizeof *m), *child, *twin = NULL;
    char shown[KMI_SHOWN_SIZE];
    size_t n = 0, i;

    if (m == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu keys", object->count));
    for (child = object->first; child != NULL; child = child->next) m[n++] = child;
    for (i = n / 2; i-- > 0;) sink(m, i, n);
    for (i = n; i-- > 1;) {
        child = m[0];
        m[0] = m[i];
        m[i] = child;
        sink(m, 0, i);
    }
    for (i = 1; i < n; i++)
        if (strcmp(m[i - 1]->key, m[i]->key) == 0 && (twin == NULL || m[i]->key_offset < twin->key_offset)) twin = m[i];
    if (twin != NULL)
        KMI_TRY(kmi_json_fail(d, twin->key_offset, "the key %s is there already",
                              kmi_shown(twin->key, strlen(twin->key), shown)));
cleanup:
    kmi_free(m);
    return status;
}

static kma_status read_value(reader *r, kmi_json **out);

/* An object or array, from its opening bracket. */
static kma_status read_children(reader *r, kmi_json *out)
{
    kma_status status = KMA_OK;
    const kmi_json_document *d = r->document;
    bool object = out->type == KMI_JSON_OBJECT;
    char close = object ? '}' : ']';
    kmi_json **link = &out->first, *child;
    const char *key = NULL;
    size_t key_offset = 0, length, line, column;
    char expected[64];

    if (++r->depth > KMI_JSON_DEPTH_MAX)
        return kmi_json_fail(d, r->at, "nested more than %d deep", KMI_JSON_DEPTH_MAX);
    KMI_TRY(take_token(r));
    r->at++;
    skip_blanks(r);
    while (out->first == NULL || d->bytes[r->at] == ',') {
        if (out->first == NULL && d->bytes[r->at] == close) break;
        if (out->first != NULL) {
            r->at++;
            skip_blanks(r);
            if (d->bytes[r->at] == close)
                KMI_TRY(kmi_json_fail(d, r->at, "a comma before '%c' (remove the comma)", close));
        }
        if (object) {
            if (d->bytes[r->at] != '"') KMI_TRY(unexpected(r, "a key in double quotes"));
            key_offset = r->at;
            KMI_TRY(take_text(r, &key, &length));
            skip_blanks(r);
            if (d->bytes[r->at] != ':') KMI_TRY(unexpected(r, "':' after a key"));
            r->at++;
        }
        KMI_TRY(read_value(r, &child));
        child->key = key;
        child->key_offset = key_offset;
        *link = child;
        link = &child->next;
        out->count++;
        skip_blanks(r);
    }
    if (d->bytes[r->at] != close) {
        kmi_json_place(d, out->offset, &line, &column);
        snprintf(expected, sizeof expected, "',' or the '%c' for line %zu, column %zu", close, line, column);
        KMI_TRY(unexpected(r, expected));
    }
    r->at++;
    r->depth--;
    if (object && out->count > 1) KMI_TRY(refuse_twins(d, out));
cleanup:
    return status;
}

static kma_status read_value(reader *r, kmi_json **out)
{
    kma_status status = KMA_OK;
    kmi_json *v = NULL;
    char c;

    skip_blanks(r);
    if (r->at >= r->document->size) return unexpected(r, "a value");
    c = r->document->bytes[r->at];
    if (r->value > r->tokens.count) return unexpected(r, "a value"); /* jsmn saw a fault here */
    v = &r->document->values[r->value++];
    v->offset = r->at;
    if (c == '{' || c == '[') {
        v->type = c == '{' ? KMI_JSON_OBJECT : KMI_JSON_ARRAY;
        KMI_TRY(read_children(r, v));
    } else if (c == '"') {
        v->type = KMI_JSON_TEXT;
        KMI_TRY(take_text(r, &v->text, &v->length));
    } else {
        KMI_TRY(word(r, v));
    }
    *out = v;
cleanup:
    return status;
}

static kma_status parse(kmi_json_document *d)
{
    kma_status status = KMA_OK;
    reader r = {.document = d};
    kmi_json *root = NULL;
    size_t i;

    if (d->size >= 3 && memcmp(d->bytes, "\xEF\xBB\xBF", 3) == 0) r.at = 3;
    status = kmi_json_tokenize(d->bytes + r.at, d->size - r.at, KMI_JSON_VALUES_MAX, &r.tokens);
    if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%s: ", d->name));
    for (i = 0; i < r.tokens.count; i++) r.tokens.begins[i] += r.at;
    d->values = kmi_alloc_array(r.tokens.count + 1, sizeof *d->values);
    d->texts = kmi_alloc(r.tokens.texts + 1);
    if (d->values == NULL || d->texts == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu values", d->name, r.tokens.count));
    r.text = d->texts;
    KMI_TRY(read_value(&r, &root));
    skip_blanks(&r);
    if (r.at < d->size) KMI_TRY(unexpected(&r, "the end of the text"));
    KMI_ASSERT(r.token == r.tokens.count);
    d->root = root;
cleanup:
    kmi_json_tokens_clear(&r.tokens);
    return status;
}

/* Takes bytes[size] and the zero behind it. */
static kma_status new_document(const char *name, char **bytes, size_t size, kmi_json_document **out)
{
    kma_status status = KMA_OK;
    kmi_json_document *d = kmi_alloc(sizeof *d);

    if (d == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", name));
    d->bytes = *bytes;
    d->size = size;
    *bytes = NULL;
    d->name = kmi_strdup(name);
    if (d->name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", name));
    KMI_TRY(parse(d));
    *out = d;
    d = NULL;
cleanup:
    kmi_json_destroy(d);
    return status;
}

kma_status kmi_json_parse(const char *name, const char *text, size_t size, kmi_json_document **out)
{
    kma_status status = KMA_OK;
    char *bytes = NULL;

    *out = NULL;
    if (size > KMI_JSON_SIZE_MAX)
        return kmi_fail(KMA_ERR_FORMAT, "%s: larger than %d bytes", name, (int)KMI_JSON_SIZE_MAX);
    bytes = kmi_alloc(size + 1);
    if (bytes == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu bytes", name, size));
    memcpy(bytes, text, size);
    KMI_TRY(new_document(name, &bytes, size, out));
cleanup:
    kmi_free(bytes);
    return status;
}

kma_status kmi_json_read(const char *path, kmi_json_document **out)
{
    kma_status status = KMA_OK;
    char *bytes = NULL;
    size_t size = 0;

    *out = NULL;
    KMI_TRY(kmi_file_read_all(path, KMI_JSON_SIZE_MAX, &bytes, &size));
    KMI_TRY(new_document(path, &bytes, size, out));
cleanup:
    kmi_free(bytes);
    return status;
}

void kmi_json_destroy(kmi_json_document *self)
{
    if (self == NULL) return;
    kmi_free(self->name);
    kmi_free(self->bytes);
    kmi_free(self->values);
    kmi_free(self->texts);
    kmi_free(self);
}
