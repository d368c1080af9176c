/* See names.h. */
#include "simulation/names.h"

#include <string.h>

#include "base/memory.h"

void kmi_names_clear(kmi_names *self)
{
    kmi_free(self->order);
    memset(self, 0, sizeof *self);
}

void kmi_names_changed(kmi_names *self, kma_kind kind)
{
    if (self->kind == kind) kmi_names_clear(self);
}

static bool is_before(const kmi_named *made, size_t a, size_t b)
{
    return strcmp(made[a].name, made[b].name) < 0;
}

static void sink(const kmi_named *made, size_t *heap, size_t i, size_t n)
{
    size_t moved = heap[i], child;

    while ((child = 2 * i + 1) < n) {
        if (child + 1 < n && is_before(made, heap[child], heap[child + 1])) child++;
        if (!is_before(made, moved, heap[child])) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = moved;
}

/* Heapsort: no order of the names makes it slow. */
static kma_status put_in_order(kmi_names *self, const kmi_simulation *s, kma_kind kind)
{
    size_t i, first;

    kmi_names_clear(self);
    self->order = kmi_alloc_array(s->count + 1, sizeof *self->order);
    if (self->order == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu names", s->count);
    for (i = 0; i < s->count; i++)
        if (s->made[i].kind == kind && s->made[i].name != NULL) self->order[self->count++] = i;
    for (i = self->count / 2; i-- > 0;) sink(s->made, self->order, i, self->count);
    for (i = self->count; i-- > 1;) {
        first = self->order[0];
        self->order[0] = self->order[i];
        self->order[i] = first;
        sink(s->made, self->order, 0, i);
    }
    self->kind = kind;
    return KMA_OK;
}

kma_status kmi_names_find(kmi_names *self, const kmi_simulation *simulation, kma_kind kind, const char *name,
                          kmi_named **out)
{
    kma_status status = KMA_OK;
    size_t low = 0, high;

    *out = NULL;
    if (self->kind != kind) KMI_TRY(put_in_order(self, simulation, kind));
    high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        kmi_named *named = &simulation->made[self->order[middle]];
        int order = strcmp(name, named->name);

        if (order == 0) {
            *out = named;
            break;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
cleanup:
    return status;
}
