/* The handle table: see handle.h. */
#include "base/handle.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/thread.h"

enum {
    SLOTS_PER_BLOCK = 4096,
    BLOCKS = 65536, /* 268 million objects at once */
    LAST_GENERATION = (1 << 24) - 1,
    COUNT_MAX = (1 << 20) - 1
};

/* A slot's state is one word, changed by compare-and-swap only:
 * generation 24 bits, owners 20 bits, uses 20 bits. */
typedef struct slot {
    _Atomic uint64_t state;
    void *object;
    kmi_destroy_fn *destroy;
    _Atomic kma_kind kind; /* read on stale names too, while the slot is being reused */
    uint32_t next_free; /* slot + 1; 0 ends the list */
} slot;

static slot *_Atomic blocks[BLOCKS];
static kmi_lock free_lock = KMI_LOCK_INIT; /* guards free_head and slots_made */
static uint32_t free_head;
static uint32_t slots_made;
static atomic_size_t live[KMA_KIND_END];

#define GENERATION(state) ((uint32_t)((state) >> 40))
#define OWNERS(state) ((uint32_t)((state) >> 20) & COUNT_MAX)
#define USES(state) ((uint32_t)(state)&COUNT_MAX)
#define ONE_OWNER (UINT64_C(1) << 20)
#define ONE_USE UINT64_C(1)
#define ANY_OWNER (COUNT_MAX * ONE_OWNER) /* a state with one of these bits has owners */
#define ANY_USE (COUNT_MAX * ONE_USE)

const char *kmi_kind_name(kma_kind kind)
{
    switch (kind) {
#define CASE(name, code, text) case name: return text;
        KMA_KIND_LIST(CASE)
#undef CASE
    case KMA_KIND_END: break;
    }
    return "unknown object";
}

size_t kma_live_objects(kma_kind kind)
{
    if ((int)kind <= 0 || kind >= KMA_KIND_END) return 0;
    return atomic_load(&live[kind]);
}

__attribute__((constructor)) static void keep_over_fork(void)
{
    kmi_lock_keep_over_fork(&free_lock);
}

static slot *slot_at(uint32_t index)
{
    slot *block;
    if (index / SLOTS_PER_BLOCK >= BLOCKS) return NULL;
    block = atomic_load_explicit(&blocks[index / SLOTS_PER_BLOCK], memory_order_acquire);
    return block == NULL ? NULL : &block[index % SLOTS_PER_BLOCK];
}

/* With the lock held. False if a block is wanted first. */
static bool take_known_slot(uint32_t *index_out)
{
    if (free_head != 0) {
        *index_out = free_head - 1;
        free_head = slot_at(*index_out)->next_free;
        return true;
    }
    if (slot_at(slots_made) == NULL) return false;
    *index_out = slots_made++;
    return true;
}

static kma_status take_slot(uint32_t *index_out)
{
    slot *block;
    bool full, found;

    kmi_lock_take(&free_lock);
    found = take_known_slot(index_out);
    full = slots_made / SLOTS_PER_BLOCK >= BLOCKS;
    kmi_lock_give(&free_lock);
    if (found) return KMA_OK;
    if (full) return kmi_fail(KMA_ERR_MEMORY, "all %u handles are in use", (unsigned)BLOCKS * SLOTS_PER_BLOCK);

    /* Without the lock: the host's allocator may have a lock of its own, and both are taken by fork. */
    block = kmi_alloc_array(SLOTS_PER_BLOCK, sizeof *block);
    kmi_lock_take(&free_lock);
    found = take_known_slot(index_out); /* another thread may have been faster */
    if (!found && block != NULL && slots_made / SLOTS_PER_BLOCK < BLOCKS) {
        atomic_store_explicit(&blocks[slots_made / SLOTS_PER_BLOCK], block, memory_order_release);
        block = NULL;
        found = take_known_slot(index_out);
    }
    kmi_lock_give(&free_lock);
    kmi_free(block);
    return found ? KMA_OK : kmi_fail(KMA_ERR_MEMORY, "no memory for more handles");
}

kma_status kmi_handle_create(kma_kind kind, void *object, kmi_destroy_fn *destroy, uint64_t *bits_out)
{
    kma_status status = KMA_OK;
    uint32_t index = 0;
    uint32_t generation;
    slot *s = NULL;

    *bits_out = 0;
    KMI_TRY(take_slot(&index));
    s = slot_at(index);
    /* Generation 0 is never used, so that no handle is all zero. */
    generation = GENERATION(atomic_load_explicit(&s->state, memory_order_relaxed)) + 1;
    s->object = object;
    s->destroy = destroy;
    s->kind = kind;
    atomic_fetch_add(&live[kind], 1);
    atomic_store_explicit(&s->state, ((uint64_t)generation << 40) | ONE_OWNER, memory_order_release);
    *bits_out = ((uint64_t)kind << 56) | ((uint64_t)generation << 32) | index;
cleanup:
    return status;
}

static void drop_object(slot *s, uint32_t index, uint32_t generation)
{
    void *object = s->object;
    kma_kind kind = s->kind;

    s->object = NULL;
    s->destroy(object);
    atomic_fetch_sub(&live[kind], 1);
    if (generation >= LAST_GENERATION) return; /* retired: its names can never be reused */
    kmi_lock_take(&free_lock);
    s->next_free = free_head;
    free_head = index + 1;
    kmi_lock_give(&free_lock);
}

/* Finds the slot of a handle, checks the form; the generation is checked with the state. */
static kma_status find(kma_kind kind, uint64_t bits, slot **slot_out)
{
    kma_kind own = (kma_kind)(bits >> 56);

    if (bits == 0)
        return kmi_fail(KMA_ERR_ARGUMENT, "the %s handle names nothing (all zero)", kmi_kind_name(kind));
    if (own != kind)
        return kmi_fail(KMA_ERR_ARGUMENT, "a %s handle is wanted, this one names a %s", kmi_kind_name(kind),
                        kmi_kind_name(own));
    *slot_out = slot_at((uint32_t)bits);
    if (*slot_out == NULL)
        return kmi_fail(KMA_ERR_ARGUMENT, "this %s handle was never given out", kmi_kind_name(kind));
    return KMA_OK;
}

static uint32_t handle_generation(uint64_t bits)
{
    return (uint32_t)(bits >> 32) & LAST_GENERATION;
}

static kma_status stale(kma_kind kind)
{
    return kmi_fail(KMA_ERR_STALE, "the %s was released: this handle names nothing any more", kmi_kind_name(kind));
}

/* Adds owners or uses to a name that has `any` of them. */
static kma_status add(kma_kind kind, uint64_t bits, uint64_t what, uint64_t any, slot **slot_out)
{
    slot *s = NULL;
    uint64_t state;
    kma_status status = find(kind, bits, &s);

    if (status != KMA_OK) return status;
    state = atomic_load_explicit(&s->state, memory_order_acquire);
    do {
        if (GENERATION(state) != handle_generation(bits) || (state & any) == 0 || s->kind != kind) return stale(kind);
        if ((what == ONE_OWNER ? OWNERS(state) : USES(state)) == COUNT_MAX)
            return kmi_fail(KMA_ERR_BUSY, "the %s has %d %s, the most there can be", kmi_kind_name(kind), COUNT_MAX,
                            what == ONE_OWNER ? "owners" : "uses");
    } while (!atomic_compare_exchange_weak_explicit(&s->state, &state, state + what, memory_order_acq_rel,
                                                    memory_order_acquire));
    *slot_out = s;
    return KMA_OK;
}

kma_status kmi_handle_retain(kma_kind kind, uint64_t bits)
{
    slot *s = NULL;
    return add(kind, bits, ONE_OWNER, ANY_OWNER, &s);
}

static kma_status pin(kma_kind kind, uint64_t bits, uint64_t any, void **object_out)
{
    slot *s = NULL;
    kma_status status = add(kind, bits, ONE_USE, any, &s);

    *object_out = NULL;
    if (status == KMA_OK) *object_out = s->object;
    return status;
}

kma_status kmi_handle_pin(kma_kind kind, uint64_t bits, void **object_out)
{
    return pin(kind, bits, ANY_OWNER, object_out);
}

kma_status kmi_handle_pin_used(kma_kind kind, uint64_t bits, void **object_out)
{
    return pin(kind, bits, ANY_OWNER | ANY_USE, object_out);
}

void kmi_handle_pin_again(uint64_t bits)
{
    atomic_fetch_add_explicit(&slot_at((uint32_t)bits)->state, ONE_USE, memory_order_relaxed);
}

kma_status kmi_handle_release(kma_kind kind, uint64_t *bits)
{
    slot *s = NULL;
    uint64_t state;
    uint64_t name = *bits;
    kma_status status;

    *bits = 0;
    if (name == 0) return KMA_OK;
    status = find(kind, name, &s);
    if (status != KMA_OK) return status;
    state = atomic_load_explicit(&s->state, memory_order_acquire);
    do {
        /* A forged kind must not get past what the release of this kind does besides. */
        if (GENERATION(state) != handle_generation(name) || OWNERS(state) == 0 || s->kind != kind) return stale(kind);
    } while (!atomic_compare_exchange_weak_explicit(&s->state, &state, state - ONE_OWNER, memory_order_acq_rel,
                                                    memory_order_acquire));
    if (OWNERS(state) == 1 && USES(state) == 0) drop_object(s, (uint32_t)name, GENERATION(state));
    return KMA_OK;
}

void kmi_handle_unpin(uint64_t bits)
{
    slot *s = slot_at((uint32_t)bits);
    uint64_t state = atomic_fetch_sub_explicit(&s->state, ONE_USE, memory_order_acq_rel);

    if (OWNERS(state) == 0 && USES(state) == 1) drop_object(s, (uint32_t)bits, GENERATION(state));
}

bool kmi_handle_is_owned(uint64_t bits)
{
    return OWNERS(atomic_load_explicit(&slot_at((uint32_t)bits)->state, memory_order_acquire)) > 0;
}
