/* Structs of the caller. Their first member is their size: one that nobody filled, or that belongs to another version, is
 * refused. */
#ifndef KMI_SIZED_H
#define KMI_SIZED_H

#include <stddef.h>

#include "kerma/base.h"

/* A struct to be read. `cure`: who sets its size, or what it is set to. */
kma_status kmi_sized_check(const void *given, size_t size, const char *name, const char *cure);
/* A struct to be filled, `out` of the caller: checked, and all but its size becomes 0. `type`: its type's name. */
kma_status kmi_sized_begin(void *out, size_t size, const char *type);

#endif
