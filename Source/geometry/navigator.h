/*
 * The navigator alone knows where a track is.
 *
 * A flight keeps its origin and direction from one interaction to the next; t
 * grows along it. At t, in instance V, the next boundary is the earliest of
 * V's exit and the entries of V's daughters. Where they coincide within the
 * contact length, leaving precedes entering, and of several entries the first
 * declared wins. When V is left the track is in V's mother at the same t, whose
 * own exit and daughters are looked at next; an interval that would end within
 * t + contact is never entered, so every entry is followed by progress and no
 * track can stick. See Source/geometry/README.md.
 */
#ifndef KMI_NAVIGATOR_H
#define KMI_NAVIGATOR_H

#include "geometry/geometry.h"

typedef struct kmi_flight {
    kmi_vec3 origin, direction; /* world; direction is a unit vector */
    kmi_vec3 inverse;           /* 1 / direction, for the boxes of daughters */
    double t;                   /* mm along the flight */
    int32_t instance;           /* where it is at t; KMI_OUTSIDE outside of the world volume */
} kmi_flight;

typedef struct kmi_boundary {
    double t;         /* >= flight's t */
    int32_t instance; /* where the track is beyond it */
} kmi_boundary;

void kmi_flight_start(kmi_flight *self, kmi_vec3 origin, kmi_vec3 direction, int32_t instance);
/* The next boundary at or before t_max: true and *out; false: none, t_max lies in this instance.
 * From KMI_OUTSIDE the only boundary is the world's entry. Does not move the flight. */
bool kmi_navigator_next(const kmi_geometry *g, const kmi_flight *flight, double t_max, kmi_boundary *out);
/* The deepest instance that contains a world point; KMI_OUTSIDE if none. */
int32_t kmi_navigator_locate(const kmi_geometry *g, kmi_vec3 point);

#endif
