/* All memory of the library comes from here, so that a test can fail the n-th allocation. */
#ifndef KMI_MEMORY_H
#define KMI_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

void *kmi_alloc(size_t size);                  /* zeroed; NULL if there is none */
void *kmi_alloc_array(size_t n, size_t size);  /* zeroed; NULL on overflow too */
void *kmi_realloc(void *p, size_t size);       /* new part is not zeroed */
void kmi_free(void *p);                        /* NULL is fine */
char *kmi_strdup(const char *text);
/* Zeroed memory aligned to `alignment` (a power of two up to 2 MiB; 2 MiB asks for
 * huge pages). Free with kmi_free_aligned, giving the same size. */
void *kmi_alloc_aligned(size_t size, size_t alignment);
void kmi_free_aligned(void *p, size_t size);
/* For calls of libraries that do not look whether malloc gave them memory: whether the system's heap has
 * this much now, which they then find there. Likely, not certain: another thread may be faster. */
bool kmi_system_has_room(size_t size);

#endif
