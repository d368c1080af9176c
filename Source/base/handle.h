/*
 * The handle table: names outside, pointers inside.
 *
 * A handle is 64 bits: kind 8, generation 24, slot 32. A slot counts owners
 * (create, retain, release) and uses (a run, a parent, a call in progress).
 * The name dies with the last owner, the object with the last owner and the
 * last use. Slots never move and are never freed; a slot that used its last
 * generation is retired.
 */
#ifndef KMI_HANDLE_H
#define KMI_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef void kmi_destroy_fn(void *object);

/* Gives `object` a name with one owner; destroy(object) runs once, on the
 * thread that drops the last owner or use, with no lock held.
 * On failure nothing was taken: the caller still owns the object. */
kma_status kmi_handle_create(kma_kind kind, void *object, kmi_destroy_fn *destroy,
                             uint64_t *bits_out);
kma_status kmi_handle_retain(kma_kind kind, uint64_t bits);
/* One owner less; sets *bits to 0. All-zero is a harmless KMA_OK. */
kma_status kmi_handle_release(kma_kind kind, uint64_t *bits);
/* One more use; *object_out stays valid until the matching unpin. */
kma_status kmi_handle_pin(kma_kind kind, uint64_t bits, void **object_out);
/* One more use of an object that the caller already uses. */
void kmi_handle_pin_again(uint64_t bits);
/* One more use of an object that is alive in any way, also by a use alone (a loan
 * whose name died): for giving loans back. KMA_ERR_STALE if it is gone. */
kma_status kmi_handle_pin_used(kma_kind kind, uint64_t bits, void **object_out);
void kmi_handle_unpin(uint64_t bits); /* by slot: the name may have died meanwhile */
/* Whether the name still has an owner; the caller uses the object. */
bool kmi_handle_is_owned(uint64_t bits);
const char *kmi_kind_name(kma_kind kind);

#endif
