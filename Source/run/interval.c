/* See interval.h. */
#include "run/interval.h"

#include <string.h>

#include "base/memory.h"

void kmi_interval_set_clear(kmi_interval_set *self)
{
    self->count = 0;
}

void kmi_interval_set_free(kmi_interval_set *self)
{
    kmi_free(self->intervals);
    memset(self, 0, sizeof *self);
}

kma_status kmi_interval_set_reserve(kmi_interval_set *self, size_t more)
{
    size_t room = self->room == 0 ? 16 : self->room;
    kmi_interval *intervals;

    while (room < self->count + more) room *= 2;
    if (room == self->room) return KMA_OK;
    intervals = kmi_realloc(self->intervals, room * sizeof *intervals);
    if (intervals == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu intervals of histories", room);
    self->intervals = intervals;
    self->room = room;
    return KMA_OK;
}

void kmi_interval_set_add(kmi_interval_set *self, kmi_interval added)
{
    size_t first = 0, last;

    if (added.begin >= added.end) return;
    while (first < self->count && self->intervals[first].end < added.begin) first++;
    last = first; /* those in [first, last) touch the added one and join it */
    while (last < self->count && self->intervals[last].begin <= added.end) {
        if (self->intervals[last].begin < added.begin) added.begin = self->intervals[last].begin;
        if (self->intervals[last].end > added.end) added.end = self->intervals[last].end;
        last++;
    }
    memmove(&self->intervals[first + 1], &self->intervals[last], (self->count - last) * sizeof *self->intervals);
    self->intervals[first] = added;
    self->count = self->count - (last - first) + 1;
}

uint64_t kmi_interval_set_total(const kmi_interval_set *self)
{
    uint64_t total = 0;
    size_t i;
    for (i = 0; i < self->count; i++) total += self->intervals[i].end - self->intervals[i].begin;
    return total;
}

bool kmi_interval_set_take(kmi_interval_set *self, kmi_interval *out)
{
    uint64_t border;

    if (self->count == 0) return false;
    *out = self->intervals[0];
    border = (out->begin / KMI_INTERVAL_HISTORIES + 1) * KMI_INTERVAL_HISTORIES;
    if (border < out->end) {
        out->end = border;
        self->intervals[0].begin = border;
    } else {
        self->count--;
        memmove(&self->intervals[0], &self->intervals[1], self->count * sizeof *self->intervals);
    }
    return true;
}

kma_status kmi_interval_set_missing(kmi_interval_set *self, const kmi_interval_set *held, uint64_t target)
{
    kma_status status = KMA_OK;
    uint64_t begin = 0;
    size_t i;

    kmi_interval_set_clear(self);
    KMI_TRY(kmi_interval_set_reserve(self, held->count + 1));
    for (i = 0; i < held->count && held->intervals[i].begin < target; i++) {
        kmi_interval gap = {begin, held->intervals[i].begin};
        kmi_interval_set_add(self, gap);
        begin = held->intervals[i].end;
    }
    if (begin < target) {
        kmi_interval rest = {begin, target};
        kmi_interval_set_add(self, rest);
    }
cleanup:
    return status;
}
