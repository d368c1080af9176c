/* Held histories: see intervals.h. */
#include "scoring/intervals.h"

#include <string.h>

#include "base/memory.h"

static kma_status make_room(kmi_intervals *self)
{
    size_t room = self->room == 0 ? 16 : 2 * self->room;
    kmi_interval *list;

    if (self->count < self->room) return KMA_OK;
    list = kmi_realloc(self->list, room * sizeof *list);
    if (list == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu intervals of histories", room);
    self->list = list;
    self->room = room;
    return KMA_OK;
}

kma_status kmi_intervals_add(kmi_intervals *self, kmi_interval one)
{
    kma_status status = KMA_OK;
    kmi_interval *list;
    size_t low = 0, high = self->count; /* the first interval that begins at or after one.end */
    bool joins_before, joins_after;

    if (one.begin >= one.end) goto cleanup;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->list[middle].begin >= one.end)
            high = middle;
        else
            low = middle + 1;
    }
    if (low > 0 && self->list[low - 1].end > one.begin)
        KMI_TRY(kmi_fail(KMA_ERR_INTERNAL, "histories [%llu, %llu) are held already, in [%llu, %llu)",
                         (unsigned long long)one.begin, (unsigned long long)one.end,
                         (unsigned long long)self->list[low - 1].begin, (unsigned long long)self->list[low - 1].end));
    KMI_TRY(make_room(self));
    list = self->list;
    joins_before = low > 0 && list[low - 1].end == one.begin;
    joins_after = low < self->count && list[low].begin == one.end;
    if (joins_before && joins_after) {
        list[low - 1].end = list[low].end;
        memmove(&list[low], &list[low + 1], (self->count - low - 1) * sizeof *list);
        self->count--;
    } else if (joins_before) {
        list[low - 1].end = one.end;
    } else if (joins_after) {
        list[low].begin = one.begin;
    } else {
        memmove(&list[low + 1], &list[low], (self->count - low) * sizeof *list);
        list[low] = one;
        self->count++;
    }
    self->histories += one.end - one.begin;
cleanup:
    return status;
}

kma_status kmi_intervals_copy(const kmi_intervals *self, kmi_intervals *out)
{
    memset(out, 0, sizeof *out);
    if (self->count == 0) return KMA_OK;
    out->list = kmi_alloc_array(self->count, sizeof *out->list);
    if (out->list == NULL)
        return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu intervals of histories", self->count);
    memcpy(out->list, self->list, self->count * sizeof *out->list);
    out->count = out->room = self->count;
    out->histories = self->histories;
    return KMA_OK;
}

void kmi_intervals_free(kmi_intervals *self)
{
    kmi_free(self->list);
    memset(self, 0, sizeof *self);
}
