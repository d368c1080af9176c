/* Names that differ: see unique_names.h. */
#include "base/unique_names.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* Fowler, Noll, Vo: FNV-1a. A hundred thousand names that are all alike are one lookup each. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* The place where the name is or would be; `room` is a power of two, and not full. */
static kmi_unique_name *find(kmi_unique_name *names, size_t room, const char *text)
{
    size_t i = hash(text) & (room - 1);

    while (names[i].text != NULL && strcmp(names[i].text, text) != 0) i = (i + 1) & (room - 1);
    return &names[i];
}

static kma_status make_room(kmi_unique_names *self)
{
    size_t room = self->room == 0 ? 16 : 2 * self->room, i;
    kmi_unique_name *names;

    if (2 * (self->count + 1) <= self->room) return KMA_OK;
    names = kmi_alloc_array(room, sizeof *names);
    if (names == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu names", self->count + 1);
    for (i = 0; i < self->room; i++)
        if (self->names[i].text != NULL) *find(names, room, self->names[i].text) = self->names[i];
    kmi_free(self->names);
    self->names = names;
    self->room = room;
    return KMA_OK;
}

kma_status kmi_unique_claim(kmi_unique_names *self, const char *name, bool *was_free_out)
{
    kma_status status = KMA_OK;
    kmi_unique_name *at;

    *was_free_out = false;
    KMI_TRY(make_room(self));
    at = find(self->names, self->room, name);
    if (at->text != NULL) return KMA_OK;
    at->text = kmi_strdup(name);
    if (at->text == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a name"));
    at->next = 2;
    self->count++;
    *was_free_out = true;
cleanup:
    return status;
}

kma_status kmi_unique_make(kmi_unique_names *self, const char *name, char **out)
{
    kma_status status = KMA_OK;
    size_t size = strlen(name) + 24, number;
    char *text = kmi_alloc(size);
    bool is_free = false;

    *out = NULL;
    if (text == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a name"));
    strcpy(text, name);
    KMI_TRY(kmi_unique_claim(self, text, &is_free));
    while (!is_free) {
        number = find(self->names, self->room, name)->next++;
        snprintf(text, size, "%s %zu", name, number);
        KMI_TRY(kmi_unique_claim(self, text, &is_free));
    }
    *out = text;
    text = NULL;
cleanup:
    kmi_free(text);
    return status;
}

void kmi_unique_clear(kmi_unique_names *self)
{
    size_t i;

    for (i = 0; i < self->room; i++) kmi_free(self->names[i].text);
    kmi_free(self->names);
    memset(self, 0, sizeof *self);
}
