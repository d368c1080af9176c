/* What a scene file describes, made. */
#ifndef KMI_SIMULATION_H
#define KMI_SIMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kerma/scene.h"

enum { KMI_DEFAULT_HISTORIES = 100000 };

/* One reference to something that has a name in the file. */
typedef struct kmi_named {
    const char *name; /* lent by the document; NULL once that is gone */
    size_t offset;    /* of the name, there */
    kma_kind kind;
    uint64_t bits;
    size_t used;      /* how often the file speaks of it */
} kmi_named;

typedef struct kmi_simulation {
    char *title;
    uint64_t seed, histories;
    kma_scene scene;
    kmi_named *made; /* [count], in the file's order of kinds: later ones use earlier ones */
    size_t count, room;
} kmi_simulation;

struct kmi_read_check; /* read.h */
/* `check`: faults are told and the reading goes on; NULL: the first ends it. */
kma_status kmi_simulation_read(const char *path, struct kmi_read_check *check, kmi_simulation **out);
void kmi_simulation_destroy(void *simulation); /* NULL is fine */

#endif
