/*
 * A pulse: what whoever makes something long calls now and then, every few
 * milliseconds of work, so that the host is looked after and can end it.
 */
#ifndef KMI_PULSE_H
#define KMI_PULSE_H

#include <stddef.h>

#include "base/error.h"

/* Called with no lock held, on the thread that makes it: anything but KMA_OK ends the making. */
typedef struct kmi_pulse {
    kma_status (*beat)(void *context);
    void *context;
} kmi_pulse;

/* NULL, and one without a function, is fine. */
static inline kma_status kmi_pulse_beat(const kmi_pulse *self)
{
    return self == NULL || self->beat == NULL ? KMA_OK : self->beat(self->context);
}

/* The same in a loop over many small things, by their number: some milliseconds of work between two beats. */
enum { KMI_PULSE_THINGS = 1 << 14 };
static inline kma_status kmi_pulse_beat_at(const kmi_pulse *self, size_t i)
{
    return i % KMI_PULSE_THINGS == 0 ? kmi_pulse_beat(self) : KMA_OK;
}

/* What public calls give: it asks the thread's poll function, see kma_set_thread_poll(). */
extern const kmi_pulse kmi_thread_pulse;

#endif
