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

void kmi_read_wholes(const kmi_json *object, const char *key, size_t *out, size_t n)
{
    const kmi_json *array = kmi_json_member(object, key), *element;
    size_t i = 0;

    if (array == NULL) return;
    for (element = array->first; element != NULL && i < n; element = element->next) out[i++] = kmi_shape_whole(element);
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

/* The simulation owns what `named` names from now on, also if this fails. */
static kma_status keep(const kmi_reader *self, kmi_named named)
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
    s->made[s->count++] = named;
    named.bits = 0;
    kmi_names_changed(self->names, named.kind);
cleanup:
    if (named.bits != 0) kmi_handle_release(named.kind, &named.bits);
    return status;
}

kma_status kmi_read_keep(const kmi_reader *self, const kmi_json *member, kma_kind kind, uint64_t bits)
{
    size_t offset = member->key == NULL ? member->offset : member->key_offset;

    return keep(self, (kmi_named){member->key, offset, kind, bits, 0});
}

kma_status kmi_read_keep_part(const kmi_reader *self, kma_kind kind, uint64_t *bits)
{
    kmi_named named = {NULL, 0, kind, *bits, 0};

    *bits = 0;
    return keep(self, named);
}

kma_status kmi_read_forgive(const kmi_reader *self, kma_status status)
{
    kmi_read_check *check = self->check;

    if (status == KMA_OK || check == NULL || status == KMA_ERR_MEMORY || status == KMA_ERR_ABORTED || status == KMA_ERR_INTERNAL)
        return status; /* no fault of the file's */
    if (!check->implied) {
        if (check->faults == KMA_FAULTS_MAX) return status;
        check->faults++;
        check->fn(status, kma_error_message(), check->context);
    }
    check->implied = false;
    return KMA_OK;
}

kma_status kmi_read_each(const kmi_reader *self, const kmi_json *all, kmi_read_fn *fn)
{
    kma_status status = KMA_OK;
    const kmi_json *m;

    for (m = all == NULL ? NULL : all->first; m != NULL; m = m->next) KMI_TRY(kmi_read_forgive(self, fn(self, m)));
cleanup:
    return status;
}

kma_status kmi_read_made(const kmi_reader *self, const kmi_json *member, kma_kind kind, uint64_t bits,
                         kma_status status)
{
    if (status != KMA_OK) {
        status = kmi_read_forgive(self, status);
        if (status != KMA_OK) return status;
        bits = 0;
    }
    return kmi_read_keep(self, member, kind, bits);
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
    kma_status status = KMA_OK;
    kmi_named *named = NULL;

    *bits_out = 0;
    if (kind == KMA_KIND_MATERIAL && strcmp(text->text, "vacuum") == 0) return KMA_OK;
    status = kmi_names_find(self->names, self->simulation, kind, text->text, &named);
    if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%s: ", self->document->name));
    if (named == NULL) KMI_TRY(unknown_name(self, text, kind));
    named->used++;
    *bits_out = named->bits;
    if (named->bits == 0) { /* only a check keeps what could not be made */
        self->check->implied = true;
        KMI_TRY(
            kmi_json_fail(self->document, text->offset, "the %s '%.60s' has a fault", kmi_kind_name(kind), text->text));
    }
cleanup:
    return status;
}

/* ---- faults ---- */

/* What a value is called by the functions, where that is not its key. */
static const struct { const char *name, *key; size_t element; } other_names[] = {
    {"energy", "energies", 0}, {"weight", "weights", 0}, {"field_width", "size", 0}, {"field_height", "size", 1},
    {"field_distance", "distance", 0}, {"field_radius", "radius", 0}, {"fraction", "fractions", 0}, {"unit_mm", "unit", 0},
    {"count", "pixels", 0}, {"cells", "count", 0},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Where `text` has the word `name`, as it is or with blanks for its underscores; NULL if it has not. */
static const char *find_word(const char *text, const char *name)
{
    const char *at;
    size_t i, length = strlen(name);

    for (at = text; *at != '\0'; at++) {
        if (at > text && is_letter(at[-1])) continue;
        for (i = 0; i < length && (at[i] == name[i] || (name[i] == '_' && at[i] == ' ')); i++) continue;
        if (i == length && !is_letter(at[i])) return at;
    }
    return NULL;
}

/* The element that "[3]", " in y" or " along y" behind the name of an array means; else the array itself. */
static const kmi_json *element_of(const kmi_json *array, const char *behind, size_t otherwise)
{
    const kmi_json *element = array->type == KMI_JSON_ARRAY ? array->first : NULL;
    uint64_t index = otherwise;
    bool known = otherwise > 0;

    if (behind[0] == '[') {
        known = kmi_parse_u64(behind + 1, behind + strlen(behind), &index) != NULL;
    } else {
        if (strncmp(behind, " in ", 4) == 0) behind += 4;
        if (strncmp(behind, " along ", 7) == 0) behind += 7;
        if (behind[0] >= 'x' && behind[0] <= 'z' && !is_letter(behind[1])) {
            known = true;
            index = (uint64_t)(behind[0] - 'x');
        }
    }
    while (element != NULL && index-- > 0) element = element->next;
    return known && element != NULL ? element : array;
}

/* The value that `text` speaks of first, or NULL. */
static const kmi_json *spoken_of(const kmi_json *object, const char *text)
{
    const kmi_json *m, *value = NULL;
    const char *at, *first = NULL;
    size_t i, longest = 0;

    for (m = object->first; m != NULL; m = m->next) {
        for (i = 0; i <= sizeof other_names / sizeof *other_names; i++) {
            const char *name = i == 0 ? m->key : other_names[i - 1].name;
            if (m->key == NULL || (i > 0 && strcmp(other_names[i - 1].key, m->key) != 0)) continue;
            at = find_word(text, name);
            if (at == NULL || (first != NULL && (at > first || (at == first && strlen(name) <= longest)))) continue;
            first = at;
            longest = strlen(name);
            value = element_of(m, at + longest, i == 0 ? 0 : other_names[i - 1].element);
        }
    }
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
