/* What the readers of a scene file's parts share: see read.h. */
#include "simulation/read.h"

#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "base/text.h"
#include "simulation/shape.h"

/* ---- values ---- */

double kmi_read_number(const kmi_json *object, const char *key, double otherwise)
{
    const kmi_json *value = kmi_json_member(object, key);
    return value == NULL ? otherwise : value->number;
}

void kmi_read_numbers(const kmi_json *object, const char *key, double *out, size_t n)
{
    const kmi_json *array = kmi_json_member(object, key), *element;
    size_t i = 0;

    if (array == NULL) return;
    for (element = array->first; element != NULL && i < n; element = element->next) out[i++] = element->number;
}

kma_status kmi_read_all_numbers(const kmi_reader *self, const kmi_json *array, double **out)
{
    const kmi_json *element;
    size_t i = 0;

    *out = kmi_alloc_array(array->count + 1, sizeof **out);
    if (*out == NULL)
        return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu numbers", self->document->name, array->count);
    for (element = array->first; element != NULL; element = element->next) (*out)[i++] = element->number;
    return KMA_OK;
}

kma_status kmi_read_path(const kmi_reader *self, const kmi_json *text, char **out)
{
    size_t folder = text->text[0] == '/' ? 0 : strlen(self->folder);

    *out = NULL;
    if (text->length == 0) return kmi_json_fail(self->document, text->offset, "the name of a file is empty");
    *out = kmi_alloc(folder + text->length + 1);
    if (*out == NULL) return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for a path", self->document->name);
    memcpy(*out, self->folder, folder);
    memcpy(*out + folder, text->text, text->length);
    return KMA_OK;
}

/* ---- names ---- */

kma_status kmi_read_keep(const kmi_reader *self, const kmi_json *member, kma_kind kind, uint64_t bits)
{
    kma_status status = KMA_OK;
    kmi_simulation *s = self->simulation;
    kmi_named *more;
    size_t room;

    if (s->count == s->room) {
        room = 2 * s->room + 16;
        more = kmi_realloc(s->made, room * sizeof *more);
        if (more == NULL)
            KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu names", self->document->name, room));
        s->made = more;
        s->room = room;
    }
    s->made[s->count++] = (kmi_named){member->key, member->key == NULL ? member->offset : member->key_offset, kind, bits, 0};
    bits = 0;
cleanup:
    if (bits != 0) kmi_handle_release(kind, &bits);
    return status;
}

static kma_status unknown_name(const kmi_reader *self, const kmi_json *text, kma_kind kind)
{
    kma_status status = KMA_OK;
    const kmi_simulation *s = self->simulation;
    const char **known = kmi_alloc_array(s->count + 1, sizeof *known);
    char nearest[KMI_NEAREST_SIZE];
    size_t n = 0, i;

    if (known == NULL) return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for names", self->document->name);
    for (i = 0; i < s->count; i++)
        if (s->made[i].kind == kind && s->made[i].name != NULL) known[n++] = s->made[i].name;
    if (kind == KMA_KIND_MATERIAL) known[n++] = "vacuum";
    status = kmi_json_fail(self->document, text->offset, "no %s is named '%.60s'%s", kmi_kind_name(kind), text->text,
                           kmi_nearest(text->text, known, n, nearest));
    kmi_free(known);
    return status;
}

kma_status kmi_read_find(const kmi_reader *self, const kmi_json *text, kma_kind kind, uint64_t *bits_out)
{
    kmi_simulation *s = self->simulation;
    size_t i;

    *bits_out = 0;
    if (kind == KMA_KIND_MATERIAL && strcmp(text->text, "vacuum") == 0) return KMA_OK;
    for (i = 0; i < s->count; i++) {
        kmi_named *named = &s->made[i];
        if (named->kind != kind || named->name == NULL || strcmp(named->name, text->text) != 0) continue;
        named->used++;
        *bits_out = named->bits;
        return KMA_OK;
    }
    return unknown_name(self, text, kind);
}

/* ---- faults ---- */

/* What a value is called by the functions, where that is not its key. */
static const struct { const char *name, *key; size_t element; } other_names[] = {
    {"energy", "energies", 0}, {"weight", "weights", 0}, {"field_width", "size", 0}, {"field_height", "size", 1},
    {"field_distance", "distance", 0}, {"field_radius", "radius", 0}, {"fraction", "fractions", 0}, {"unit_mm", "unit", 0},
    {"count", "pixels", 0}, {"path", "file", 0},
};

static const kmi_json *element_of(const kmi_json *value, uint64_t index)
{
    const kmi_json *element = value->type == KMI_JSON_ARRAY ? value->first : NULL;

    while (element != NULL && index-- > 0) element = element->next;
    return element == NULL ? value : element;
}

/* The value that `text` speaks of, or NULL. */
static const kmi_json *spoken_of(const kmi_json *object, const char *text)
{
    const kmi_json *value = NULL;
    char name[64];
    size_t length, i;
    uint64_t index = 0;
    bool indexed;

    if (strncmp(text, "options.", 8) == 0) text += 8;
    if (strncmp(text, "geometry.", 9) == 0) text += 9;
    length = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    if (length == 0 || length >= sizeof name) return NULL;
    memcpy(name, text, length);
    name[length] = '\0';
    indexed = text[length] == '[' && kmi_parse_u64(text + length + 1, text + strlen(text), &index) != NULL;
    value = kmi_json_member(object, name);
    for (i = 0; value == NULL && i < sizeof other_names / sizeof *other_names; i++) {
        if (strcmp(other_names[i].name, name) != 0) continue;
        value = kmi_json_member(object, other_names[i].key);
        if (!indexed && other_names[i].element > 0) index = other_names[i].element;
        indexed = indexed || other_names[i].element > 0;
    }
    if (value != NULL && indexed) value = element_of(value, index);
    return value;
}

kma_status kmi_read_blame(const kmi_reader *self, const kmi_json *object, kma_status status)
{
    const kmi_json *value;

    if (status == KMA_OK) return KMA_OK;
    value = spoken_of(object, kma_error_message());
    return kmi_json_blame(self->document, value == NULL ? object->offset : value->offset, status);
}

bool kmi_read_speaks_of(const kmi_json *object)
{
    return spoken_of(object, kma_error_message()) != NULL;
}
