/*
 * Which object a name of the scene file means. A file may have a hundred thousand names that speak of each other: they
 * are looked up in sorted order, one kind at a time, because a file's kinds are read one after the other.
 */
#ifndef KMI_NAMES_H
#define KMI_NAMES_H

#include "simulation/simulation.h"

typedef struct kmi_names {
    kma_kind kind;  /* of the names that are in order; 0: none are */
    size_t *order;  /* [count] of simulation->made, by name */
    size_t count;
} kmi_names;

/* *out is NULL if there is no such name. */
kma_status kmi_names_find(kmi_names *self, const kmi_simulation *simulation, kma_kind kind, const char *name,
                          kmi_named **out);
/* One more object of this kind was made. */
void kmi_names_changed(kmi_names *self, kma_kind kind);
void kmi_names_clear(kmi_names *self);

#endif
