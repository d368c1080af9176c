/*
 * A meeting of a fixed number of named participants, again and again. It can
 * be broken: then everybody who waits, and everybody who comes later, returns
 * with the breaker's status and text. It says who is missing.
 */
#ifndef KMI_BARRIER_H
#define KMI_BARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/event.h"

typedef struct kmi_barrier kmi_barrier;

kma_status kmi_barrier_new(int count, kmi_barrier **out);
/* Breaks it (KMA_ERR_CLOSED) for those who still wait and returns when they have left. NULL is fine. */
void kmi_barrier_free(kmi_barrier *self);
/* A name for texts, cut at 31 characters; "participant 3" by default. */
void kmi_barrier_name(kmi_barrier *self, int index, const char *name);
/*
 * This participant waits by `event` (open, its own, lent) instead of a condition: a signal then ends
 * its wait early, as if the time limit had passed. For threads of the host.
 */
void kmi_barrier_wait_by(kmi_barrier *self, int index, kmi_event *event);

/*
 * Arrives and waits until all have.
 * KMA_ERR_TIMEOUT: the time limit (or, with an event, a signal) came first; the text names who has not
 * arrived. The arrival is taken back: the participant may come again to the same meeting.
 * KMA_ERR_INTERNAL: somebody waits under this index already, or there is no such index.
 * Any other: the barrier is broken.
 */
kma_status kmi_barrier_arrive_and_wait(kmi_barrier *self, int index, uint64_t timeout_ns);
/* The first to break it decides status (not KMA_OK) and text; later ones change nothing. */
void kmi_barrier_break(kmi_barrier *self, kma_status status, const char *text);
bool kmi_barrier_is_broken(kmi_barrier *self);
/*
 * How many are missing while others wait, and a text such as
 * "worker 1, worker 3 have not arrived; worker 0 came 12.3 s ago". 0 and "" if nobody waits.
 * Any thread; never waits for a participant.
 */
int kmi_barrier_missing(kmi_barrier *self, char *text, size_t size);

#endif
