/* The schema of tables: see schema_text.h. Indented by hand, one keyword or key a line. */
#include "schema_text.h"

#include <string.h>

#include "simulation/scene_shapes.h"

enum { SHAPES_MAX = 64 };

typedef struct writer {
    FILE *file;
    int depth;
    bool first;                       /* nothing stands yet in the object or array */
    const kmi_shape *shapes[SHAPES_MAX]; /* all that are referred to, in the order they were met */
    size_t count;
} writer;

static void put_quoted(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') fputc('\\', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

static void line(writer *w, const char *key)
{
    int i;

    fputs(w->first ? "\n" : ",\n", w->file);
    w->first = false;
    for (i = 0; i < w->depth; i++) fputs("  ", w->file);
    if (key == NULL) return;
    put_quoted(w->file, key);
    fputs(": ", w->file);
}

static void begin(writer *w, const char *key, char bracket)
{
    line(w, key);
    fputc(bracket, w->file);
    w->depth++;
    w->first = true;
}

static void end(writer *w, char bracket)
{
    int i;

    w->depth--;
    fputc('\n', w->file);
    for (i = 0; i < w->depth; i++) fputs("  ", w->file);
    fputc(bracket, w->file);
    w->first = false;
}

static void text(writer *w, const char *key, const char *value)
{
    line(w, key);
    put_quoted(w->file, value);
}

static void raw(writer *w, const char *key, const char *value)
{
    line(w, key);
    fputs(value, w->file);
}

static void refer(writer *w, const kmi_shape *shape)
{
    char reference[96];
    size_t i;

    snprintf(reference, sizeof reference, "#/$defs/%s", shape->name);
    text(w, "$ref", reference);
    for (i = 0; i < w->count; i++)
        if (w->shapes[i] == shape) return;
    if (w->count < SHAPES_MAX) w->shapes[w->count++] = shape;
}

static void put_range(writer *w, const kmi_key *key, bool whole)
{
    text(w, "type", whole ? "integer" : "number");
    if (whole)
        raw(w, "minimum", key->range == KMI_RANGE_POSITIVE ? "1" : "0");
    else if (key->range == KMI_RANGE_POSITIVE)
        raw(w, "exclusiveMinimum", "0");
    else if (key->range == KMI_RANGE_NOT_NEGATIVE)
        raw(w, "minimum", "0");
}

static void put_array(writer *w, const kmi_key *key, size_t least, size_t most, bool whole)
{
    char number[24];

    text(w, "type", "array");
    begin(w, "items", '{');
    put_range(w, key, whole);
    end(w, '}');
    snprintf(number, sizeof number, "%zu", least);
    raw(w, "minItems", number);
    snprintf(number, sizeof number, "%zu", most);
    if (most < KMI_JSON_VALUES_MAX) raw(w, "maxItems", number);
}

static void put_form(writer *w, const kmi_key *key)
{
    char number[24];

    switch (key->form) {
    case KMI_FORM_TEXT: text(w, "type", "string"); break;
    case KMI_FORM_TRUTH: text(w, "type", "boolean"); break;
    case KMI_FORM_WHOLE: put_range(w, key, true); break;
    case KMI_FORM_NUMBER: put_range(w, key, false); break;
    case KMI_FORM_NUMBERS: put_array(w, key, key->least, key->most, false); break;
    case KMI_FORM_WHOLES: put_array(w, key, key->least, key->most, true); break;
    case KMI_FORM_OBJECT: refer(w, key->shape); break;
    case KMI_FORM_LIST:
        text(w, "type", "array");
        begin(w, "items", '{');
        refer(w, key->shape);
        end(w, '}');
        snprintf(number, sizeof number, "%zu", key->least);
        raw(w, "minItems", number);
        break;
    case KMI_FORM_MAP:
    case KMI_FORM_PARTS:
        text(w, "type", "object");
        raw(w, "propertyNames", "{\"minLength\": 1}");
        begin(w, "additionalProperties", '{');
        if (key->form == KMI_FORM_MAP)
            refer(w, key->shape);
        else
            put_range(w, key, false);
        end(w, '}');
        break;
    case KMI_FORM_ROTATION:
        begin(w, "oneOf", '[');
        begin(w, NULL, '{');
        put_array(w, key, 9, 9, false);
        end(w, '}');
        begin(w, NULL, '{');
        refer(w, key->shape);
        end(w, '}');
        end(w, ']');
        break;
    }
}

static void put_pair(writer *w, const char *a, const char *b)
{
    char pair[160];

    snprintf(pair, sizeof pair, b == NULL ? "{\"required\": [\"%s\"]}" : "{\"required\": [\"%s\", \"%s\"]}", a, b);
    raw(w, NULL, pair);
}

static void put_one_of(writer *w, const kmi_shape *shape)
{
    size_t i, j;

    if (shape->one_of[0] == NULL) return;
    if (shape->one_of_is_required) {
        begin(w, "oneOf", '[');
        for (i = 0; i < 4 && shape->one_of[i] != NULL; i++) put_pair(w, shape->one_of[i], NULL);
        end(w, ']');
        return;
    }
    begin(w, "not", '{');
    begin(w, "anyOf", '[');
    for (i = 0; i < 4 && shape->one_of[i] != NULL; i++)
        for (j = i + 1; j < 4 && shape->one_of[j] != NULL; j++) put_pair(w, shape->one_of[i], shape->one_of[j]);
    end(w, ']');
    end(w, '}');
}

/* What an object of these keys must be; `tag` is the key that has the shape's name as its value, if any. */
static void put_object(writer *w, const kmi_shape *shape, const char *tag)
{
    char format[16];
    size_t i;

    text(w, "type", "object");
    begin(w, "properties", '{');
    for (i = 0; i < shape->count; i++) {
        const kmi_key *key = &shape->keys[i];
        begin(w, key->name, '{');
        text(w, "description", key->what);
        if (tag != NULL && strcmp(tag, key->name) == 0) {
            text(w, "const", shape->name);
        } else if (shape == &kmi_shape_scene && strcmp(key->name, "kerma") == 0) {
            snprintf(format, sizeof format, "%d", KMI_SCENE_FORMAT);
            raw(w, "const", format);
        } else {
            put_form(w, key);
        }
        end(w, '}');
    }
    end(w, '}');
    begin(w, "required", '[');
    for (i = 0; i < shape->count; i++)
        if (shape->keys[i].required) text(w, NULL, shape->keys[i].name);
    end(w, ']');
    raw(w, "additionalProperties", "false");
    put_one_of(w, shape);
}

static void put_shape(writer *w, const kmi_shape *shape)
{
    size_t i;

    begin(w, shape->name, '{');
    if (shape->variant_count == 0) put_object(w, shape, NULL);
    if (shape->variant_count > 0) begin(w, "oneOf", '[');
    for (i = 0; i < shape->variant_count; i++) {
        begin(w, NULL, '{');
        put_object(w, &shape->variants[i], shape->tag);
        end(w, '}');
    }
    if (shape->variant_count > 0) end(w, ']');
    end(w, '}');
}

void kmt_write_schema(FILE *file, const kmi_shape *shape)
{
    writer w = {.file = file, .depth = 1, .first = true};
    size_t i;

    fputc('{', file);
    text(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
    text(&w, "title", "A scene of kerma");
    text(&w, "description", "Made of the tables in Source/simulation/scene_shapes.c; Documentation/scene.md says more.");
    refer(&w, shape);
    begin(&w, "$defs", '{');
    for (i = 0; i < w.count; i++) put_shape(&w, w.shapes[i]);
    end(&w, '}');
    end(&w, '}');
    fputc('\n', file);
}
