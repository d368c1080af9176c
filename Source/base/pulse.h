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

#endif
