/* Checking objects against tables: see shape.h. */
#include "simulation/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/number.h"

enum { KNOWN_MAX = 32, SHOWN_NAME = 60 };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static const kmi_key *find_key(const kmi_shape *shape, const char *name)
{
    size_t i;

    for (i = 0; i < shape->count; i++)
        if (is(shape->keys[i].name, name)) return &shape->keys[i];
    return NULL;
}

/* ---- variants ---- */

const kmi_shape *kmi_shape_variant(const kmi_json *object, const kmi_shape *shape)
{
    const kmi_json *tag = shape->tag == NULL ? NULL : kmi_json_member(object, shape->tag);
    size_t i;

    if (shape->variant_count == 0) return shape;
    for (i = 0; i < shape->variant_count; i++) {
        const kmi_shape *variant = &shape->variants[i];
        if (shape->tag == NULL && kmi_json_member(object, variant->keys[0].name) != NULL) return variant;
        if (tag != NULL && tag->type == KMI_JSON_TEXT && is(tag->text, variant->name)) return variant;
    }
    return NULL;
}

/* All names among which an unknown one was meant. */
static size_t known_keys(const kmi_shape *shape, const char *known[KNOWN_MAX])
{
    size_t count = 0, i, j, k;

    for (i = 0; i < shape->count && count < KNOWN_MAX; i++) known[count++] = shape->keys[i].name;
    for (i = 0; i < shape->variant_count; i++)
        for (j = 0; j < shape->variants[i].count && count < KNOWN_MAX; j++) {
            for (k = 0; k < count && !is(known[k], shape->variants[i].keys[j].name); k++) continue;
            if (k == count) known[count++] = shape->variants[i].keys[j].name;
        }
    return count;
}

static kma_status no_variant(const kmi_json_document *d, const kmi_json *object, const kmi_shape *shape)
{
    const char *known[KNOWN_MAX];
    char nearest[KMI_NEAREST_SIZE], list[KMI_NEAREST_SIZE];
    const kmi_json *tag, *m;
    size_t i, used = 0, count;

    for (i = 0; i < shape->variant_count && i < KNOWN_MAX; i++)
        known[i] = shape->tag == NULL ? shape->variants[i].keys[0].name : shape->variants[i].name;
    for (count = i, i = 0; i < count; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s'%s'", i == 0 ? "" : i + 1 < count ? ", " : " or ",
                                 known[i]);
    if (shape->tag != NULL) {
        tag = kmi_json_member(object, shape->tag);
        if (tag == NULL) return kmi_json_fail(d, object->offset, "%s needs the key '%s' (%s)", shape->what, shape->tag, list);
        if (tag->type != KMI_JSON_TEXT)
            return kmi_json_fail(d, tag->offset, "'%s' is %s (expected %s)", shape->tag, kmi_json_type_name(tag->type), list);
        return kmi_json_fail(d, tag->offset, "'%.*s' is not a '%s'%s", SHOWN_NAME, tag->text, shape->tag,
                             kmi_nearest(tag->text, known, count, nearest));
    }
    count = known_keys(shape, known); /* 'rox' for 'box' is more helpful than that all are missing */
    for (m = object->first; m != NULL; m = m->next) {
        for (i = 0; i < count && !is(known[i], m->key); i++) continue;
        if (i == count)
            return kmi_json_fail(d, m->key_offset, "unknown key '%.*s'%s", SHOWN_NAME, m->key,
                                 kmi_nearest(m->key, known, count, nearest));
    }
    return kmi_json_fail(d, object->offset, "%s needs one of the keys %s", shape->what, list);
}

/* ---- keys ---- */

static kma_status unknown_key(const kmi_json_document *d, const kmi_json *member, const kmi_shape *shape,
                              const kmi_shape *variant)
{
    const char *known[KNOWN_MAX], *chosen = variant->keys[0].name;
    char nearest[KMI_NEAREST_SIZE];
    size_t count, i;

    for (i = 0; i < shape->variant_count; i++) {
        if (find_key(&shape->variants[i], member->key) == NULL) continue;
        if (shape->tag != NULL)
            return kmi_json_fail(d, member->key_offset, "'%s' does not go with the %s '%s'", member->key, shape->tag,
                                 variant->name);
        return kmi_json_fail(d, member->key_offset, "'%s' does not go with '%s'", member->key, chosen);
    }
    count = known_keys(variant, known);
    return kmi_json_fail(d, member->key_offset, "unknown key '%.*s'%s", SHOWN_NAME, member->key,
                         kmi_nearest(member->key, known, count, nearest));
}

static kma_status wrong_type(const kmi_json_document *d, const kmi_json *value, const char *name, const char *expected)
{
    if (name == NULL) return kmi_json_fail(d, value->offset, "%s (expected %s)", kmi_json_type_name(value->type), expected);
    return kmi_json_fail(d, value->offset, "'%.*s' is %s (expected %s)", SHOWN_NAME, name,
                         kmi_json_type_name(value->type), expected);
}

static bool is_whole(const kmi_json *value)
{
    uint64_t whole;

    if (value->type != KMI_JSON_NUMBER) return false;
    if (kmi_parse_u64(value->text, value->text + value->length, &whole) == value->text + value->length) return true;
    /* 1e6: whole, and below 2^53, so that it is exactly what was written */
    return value->number >= 0 && value->number < 0x1p53 && (double)(uint64_t)value->number == value->number;
}

uint64_t kmi_shape_whole(const kmi_json *value)
{
    uint64_t whole;

    if (kmi_parse_u64(value->text, value->text + value->length, &whole) == value->text + value->length) return whole;
    return (uint64_t)value->number;
}

/* One number, alone or of an array, by the rules of its key. */
static kma_status check_number(const kmi_json_document *d, const kmi_json *value, const char *name, const kmi_key *key)
{
    bool whole = key->form == KMI_FORM_WHOLE || key->form == KMI_FORM_WHOLES;
    char shown[KMI_SHOWN_SIZE];

    if (value->type != KMI_JSON_NUMBER) return wrong_type(d, value, name, whole ? "a whole number" : "a number");
    kmi_shown(value->text, value->length, shown);
    if (whole && !is_whole(value))
        return kmi_json_fail(d, value->offset, "'%.*s' is %s (must be a whole number from 0 to 2^64 - 1)", SHOWN_NAME, name,
                             shown);
    if (key->range == KMI_RANGE_POSITIVE && !(value->number > 0))
        return kmi_json_fail(d, value->offset, "'%.*s' is %s (must be above 0)", SHOWN_NAME, name, shown);
    if (key->range == KMI_RANGE_NOT_NEGATIVE && !(value->number >= 0))
        return kmi_json_fail(d, value->offset, "'%.*s' is %s (must be 0 or above)", SHOWN_NAME, name, shown);
    return KMA_OK;
}

static kma_status check_numbers(const kmi_json_document *d, const kmi_json *value, const kmi_key *key)
{
    kma_status status = KMA_OK;
    const kmi_json *element;
    char expected[96];
    const char *numbers = key->form == KMI_FORM_WHOLES ? "whole numbers" : "numbers";

    if (key->least == key->most) {
        snprintf(expected, sizeof expected, "an array of %zu %s", key->least, numbers);
    } else {
        snprintf(expected, sizeof expected, "an array of at least %zu %s", key->least, numbers);
    }
    if (value->type != KMI_JSON_ARRAY) return wrong_type(d, value, key->name, expected);
    if (value->count < key->least || value->count > key->most)
        return kmi_json_fail(d, value->offset, "'%s' has %zu elements (expected %s)", key->name, value->count, expected);
    for (element = value->first; element != NULL; element = element->next)
        KMI_TRY(check_number(d, element, key->name, key));
cleanup:
    return status;
}

/* Objects or numbers under names that the user chose. */
static kma_status check_map(const kmi_json_document *d, const kmi_json *value, const kmi_key *key)
{
    kma_status status = KMA_OK;
    const kmi_json *m;

    if (value->type != KMI_JSON_OBJECT) return wrong_type(d, value, key->name, "an object of names");
    for (m = value->first; m != NULL; m = m->next) {
        if (m->key[0] == '\0') KMI_TRY(kmi_json_fail(d, m->key_offset, "an empty name"));
        if (key->form == KMI_FORM_MAP) {
            if (m->type != KMI_JSON_OBJECT) KMI_TRY(wrong_type(d, m, m->key, "an object"));
            KMI_TRY(kmi_shape_check(d, m, key->shape));
        } else {
            KMI_TRY(check_number(d, m, m->key, key));
        }
    }
cleanup:
    return status;
}

static kma_status check_list(const kmi_json_document *d, const kmi_json *value, const kmi_key *key)
{
    kma_status status = KMA_OK;
    const kmi_json *element;

    if (value->type != KMI_JSON_ARRAY) return wrong_type(d, value, key->name, "an array of objects");
    if (value->count < key->least)
        return kmi_json_fail(d, value->offset, "'%s' has %zu elements (expected at least %zu)", key->name, value->count,
                             key->least);
    for (element = value->first; element != NULL; element = element->next) {
        if (element->type != KMI_JSON_OBJECT) KMI_TRY(wrong_type(d, element, NULL, "an object"));
        KMI_TRY(kmi_shape_check(d, element, key->shape));
    }
cleanup:
    return status;
}

static kma_status check_value(const kmi_json_document *d, const kmi_json *value, const kmi_key *key)
{
    kmi_key nine = *key;

    switch (key->form) {
    case KMI_FORM_TEXT: return value->type == KMI_JSON_TEXT ? KMA_OK : wrong_type(d, value, key->name, "a text");
    case KMI_FORM_TRUTH:
        return value->type == KMI_JSON_BOOLEAN ? KMA_OK : wrong_type(d, value, key->name, "true or false");
    case KMI_FORM_WHOLE:
    case KMI_FORM_NUMBER: return check_number(d, value, key->name, key);
    case KMI_FORM_NUMBERS:
    case KMI_FORM_WHOLES: return check_numbers(d, value, key);
    case KMI_FORM_MAP:
    case KMI_FORM_PARTS: return check_map(d, value, key);
    case KMI_FORM_LIST: return check_list(d, value, key);
    case KMI_FORM_ROTATION:
        if (value->type == KMI_JSON_ARRAY) {
            nine.form = KMI_FORM_NUMBERS;
            nine.least = nine.most = 9;
            return check_numbers(d, value, &nine);
        }
        if (value->type != KMI_JSON_OBJECT)
            return wrong_type(d, value, key->name, "an object of 'axis' and 'angle', or an array of 9 numbers");
        return kmi_shape_check(d, value, key->shape);
    case KMI_FORM_OBJECT:
        if (value->type != KMI_JSON_OBJECT) return wrong_type(d, value, key->name, "an object");
        return kmi_shape_check(d, value, key->shape);
    }
    return kmi_fail(KMA_ERR_INTERNAL, "key '%s' has no form", key->name);
}

/* Keys that exclude one another. */
static kma_status check_one_of(const kmi_json_document *d, const kmi_json *object, const kmi_shape *shape)
{
    const kmi_json *first = NULL, *m;
    size_t i;

    for (i = 0; i < 4 && shape->one_of[i] != NULL; i++) {
        m = kmi_json_member(object, shape->one_of[i]);
        if (m == NULL) continue;
        if (first == NULL) {
            first = m;
            continue;
        }
        if (m->key_offset < first->key_offset) {
            const kmi_json *later = first;
            first = m;
            m = later;
        }
        return kmi_json_fail(d, m->key_offset, "'%s' does not go with '%s'", m->key, first->key);
    }
    if (first == NULL && shape->one_of_is_required)
        return kmi_json_fail(d, object->offset, "%s needs '%s' or '%s'", shape->what, shape->one_of[0], shape->one_of[1]);
    return KMA_OK;
}

kma_status kmi_shape_check(const kmi_json_document *d, const kmi_json *value, const kmi_shape *shape)
{
    kma_status status = KMA_OK;
    const kmi_shape *variant;
    const kmi_json *m;
    const kmi_key *key;
    size_t i;

    if (value->type != KMI_JSON_OBJECT) return wrong_type(d, value, NULL, "an object");
    variant = kmi_shape_variant(value, shape);
    if (variant == NULL) return no_variant(d, value, shape);
    for (m = value->first; m != NULL; m = m->next) {
        key = find_key(variant, m->key);
        if (key == NULL) KMI_TRY(unknown_key(d, m, shape, variant));
        KMI_TRY(check_value(d, m, key));
    }
    for (i = 0; i < variant->count; i++)
        if (variant->keys[i].required && kmi_json_member(value, variant->keys[i].name) == NULL)
            KMI_TRY(kmi_json_fail(d, value->offset, "%s needs the key '%s'", variant->what, variant->keys[i].name));
    KMI_TRY(check_one_of(d, value, variant));
cleanup:
    return status;
}

/* ---- every fault ---- */

/* Each member of a map, each element of a list by itself. */
static kma_status check_each_value(const kmi_json_document *d, const kmi_json *value, const kmi_key *key,
                                   kmi_shape_fn *fn, void *context)
{
    kma_status status = KMA_OK;
    const kmi_json *m;
    bool map = key->form == KMI_FORM_MAP && value->type == KMI_JSON_OBJECT;
    bool list = key->form == KMI_FORM_LIST && value->type == KMI_JSON_ARRAY && value->count >= key->least;

    if (!map && !list) return fn(context, check_value(d, value, key));
    for (m = value->first; m != NULL; m = m->next) {
        if (map && m->key[0] == '\0')
            status = kmi_json_fail(d, m->key_offset, "an empty name");
        else if (m->type != KMI_JSON_OBJECT)
            status = wrong_type(d, m, m->key, "an object");
        else
            status = kmi_shape_check(d, m, key->shape);
        KMI_TRY(fn(context, status));
    }
cleanup:
    return status;
}

kma_status kmi_shape_check_each(const kmi_json_document *d, const kmi_json *value, const kmi_shape *shape,
                                kmi_shape_fn *fn, void *context)
{
    kma_status status = KMA_OK;
    const kmi_json *m;
    size_t i;

    if (value->type != KMI_JSON_OBJECT || shape->variant_count > 0)
        return fn(context, kmi_shape_check(d, value, shape));
    for (m = value->first; m != NULL; m = m->next) {
        const kmi_key *key = find_key(shape, m->key);
        if (key == NULL) {
            KMI_TRY(fn(context, unknown_key(d, m, shape, shape)));
        } else {
            KMI_TRY(check_each_value(d, m, key, fn, context));
        }
    }
    for (i = 0; i < shape->count; i++)
        if (shape->keys[i].required && kmi_json_member(value, shape->keys[i].name) == NULL)
            KMI_TRY(fn(context,
                       kmi_json_fail(d, value->offset, "%s needs the key '%s'", shape->what, shape->keys[i].name)));
    KMI_TRY(fn(context, check_one_of(d, value, shape)));
cleanup:
    return status;
}
