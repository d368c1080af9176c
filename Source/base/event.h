/*
 * A flag that a thread of the host waits for. It waits in poll(2), so that a
 * signal ends the wait at once and the host's handler (Python's, for Ctrl-C)
 * can act; a condition variable would go on waiting.
 */
#ifndef KMI_EVENT_H
#define KMI_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct kmi_event {
    int descriptor; /* + 1: all-zero is a closed event */
} kmi_event;

typedef enum kmi_event_result {
    KMI_EVENT_SET = 0,
    KMI_EVENT_TIMEOUT = 1,
    KMI_EVENT_INTERRUPTED = 2 /* a signal came: look after the host, then wait again */
} kmi_event_result;

/* KMA_ERR_IO if no descriptor is left. */
kma_status kmi_event_open(kmi_event *self);
void kmi_event_close(kmi_event *self); /* a closed one is fine */
/* Once set it stays so, for everybody who waits now or later, until it is cleared. */
void kmi_event_set(kmi_event *self);
void kmi_event_clear(kmi_event *self);
/* Waits until it is set, at most timeout_ns (KMI_FOREVER: no limit), or until a signal comes. */
kmi_event_result kmi_event_wait(const kmi_event *self, uint64_t timeout_ns);

#endif
