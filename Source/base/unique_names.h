/* Names that differ: the first that wants a name has it, later ones get "name 2", "name 3" and so on. */
#ifndef KMI_UNIQUE_NAMES_H
#define KMI_UNIQUE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct kmi_unique_name {
    char *text;
    size_t next; /* the number to try next behind it */
} kmi_unique_name;

/* All zero: nothing is taken. What is given out depends on the calls alone. */
typedef struct kmi_unique_names {
    kmi_unique_name *names; /* [room], found by hash; a text of NULL is free */
    size_t count, room;
} kmi_unique_names;

/* Takes this very name, unless it is taken: *was_free_out. */
kma_status kmi_unique_claim(kmi_unique_names *self, const char *name, bool *was_free_out);
/* Takes the name or, if it is taken, the first free one with a number behind it. Free *out with kmi_free. */
kma_status kmi_unique_make(kmi_unique_names *self, const char *name, char **out);
void kmi_unique_clear(kmi_unique_names *self);

#endif
