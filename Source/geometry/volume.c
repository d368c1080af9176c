/* Logical volumes and their placements: see volume.h. */
#include "geometry/volume.h"

#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "base/thread.h"

enum { NAME_BYTES_MAX = 255 };

static kmi_lock describe_lock = KMI_LOCK_INIT; /* guards placements, next, seen, walks */
static uint64_t walks;

/* A forked child may describe a scene of its own. */
__attribute__((constructor)) static void keep_over_fork(void) { kmi_lock_keep_over_fork(&describe_lock); }

void kmi_describe_lock(void) { kmi_lock_take(&describe_lock); }

void kmi_describe_unlock(void) { kmi_lock_give(&describe_lock); }

static kma_status check_name(const char *name)
{
    size_t i;

    if (name == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "the volume's name is NULL");
    if (name[0] == '\0') return kmi_fail(KMA_ERR_ARGUMENT, "the volume's name is empty");
    for (i = 0; name[i] != '\0'; i++) {
        if (i == NAME_BYTES_MAX)
            return kmi_fail(KMA_ERR_ARGUMENT, "the volume's name is longer than %d bytes", NAME_BYTES_MAX);
        if ((unsigned char)name[i] < ' ' || name[i] == 127)
            return kmi_fail(KMA_ERR_ARGUMENT, "the volume's name holds the control character %d at byte %zu", name[i],
                            i);
    }
    return KMA_OK;
}

kma_status kmi_volume_new(const char *name, const kmi_solid *solid, kmi_volume **out)
{
    kma_status status = KMA_OK;
    kmi_volume *v = NULL;

    *out = NULL;
    KMI_TRY(check_name(name));
    v = kmi_alloc(sizeof *v);
    if (v == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room for the volume '%s'", name));
    v->solid = *solid;
    v->name = kmi_strdup(name);
    if (v->name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room for the volume '%s'", name));
    *out = v;
    v = NULL;
cleanup:
    kmi_volume_destroy(v);
    return status;
}

static void drop(kmi_volume *v)
{
    size_t i;

    for (i = 0; i < v->placement_count; i++)
        if (v->placements[i].daughter_bits != 0) kmi_handle_unpin(v->placements[i].daughter_bits);
    if (v->solid_bits != 0) kmi_handle_unpin(v->solid_bits);
    if (v->material_bits != 0) kmi_handle_unpin(v->material_bits);
    if (v->image_bits != 0) kmi_handle_unpin(v->image_bits);
    if (v->ct_table_bits != 0) kmi_handle_unpin(v->ct_table_bits);
    kmi_free(v->placements);
    kmi_free(v->name);
    kmi_free(v);
}

void kmi_volume_destroy(void *volume)
{
    /* Dropping a daughter's last use calls this function again: it only queues then, so
     * that a chain of a million volumes does not need a million stack frames. */
    static _Thread_local kmi_volume *queue;
    static _Thread_local bool dropping;
    kmi_volume *v = volume;

    if (v == NULL) return;
    v->next = queue;
    queue = v;
    if (dropping) return;
    dropping = true;
    while (queue != NULL) {
        v = queue;
        queue = v->next;
        drop(v);
    }
    dropping = false;
}

/* Is `wanted` the volume `from`, or somewhere inside it? Each volume is looked at once. */
static bool holds(kmi_volume *from, const kmi_volume *wanted)
{
    kmi_volume *list = from;
    uint64_t walk = ++walks;
    size_t i;

    from->next = NULL;
    from->seen = walk;
    while (list != NULL) {
        kmi_volume *v = list;
        list = v->next;
        if (v == wanted) return true;
        for (i = 0; i < v->placement_count; i++) {
            kmi_volume *d = v->placements[i].daughter;
            if (d->seen == walk) continue;
            d->seen = walk;
            d->next = list;
            list = d;
        }
    }
    return false;
}

static kma_status make_room(kmi_volume *v)
{
    size_t room = v->placement_room == 0 ? 4 : 2 * v->placement_room;
    kmi_placement *p;

    if (v->placement_count < v->placement_room) return KMA_OK;
    p = room > SIZE_MAX / 2 / sizeof *p ? NULL : kmi_realloc(v->placements, room * sizeof *p);
    if (p == NULL) return kmi_fail(KMA_ERR_MEMORY, "no room for another placement in the volume '%s'", v->name);
    v->placements = p;
    v->placement_room = room;
    return KMA_OK;
}

kma_status kmi_volume_add(kmi_volume *mother, kmi_volume *daughter, uint64_t daughter_bits, const kmi_frame *frame)
{
    kma_status status = KMA_OK;
    kmi_placement *p;

    kmi_describe_lock();
    if (mother == daughter)
        KMI_TRY(kmi_fail(KMA_ERR_GEOMETRY, "the volume '%s' cannot be placed inside itself", mother->name));
    /* Without the first two, building a deep tree from the inside or the outside would be quadratic. */
    if (mother->is_placed && daughter->placement_count > 0 && holds(daughter, mother))
        KMI_TRY(kmi_fail(KMA_ERR_GEOMETRY, "the volume '%s' cannot be placed in '%s', which is inside '%s' already",
                         daughter->name, mother->name, daughter->name));
    KMI_TRY(make_room(mother));
    p = &mother->placements[mother->placement_count++];
    p->daughter = daughter;
    p->daughter_bits = daughter_bits;
    p->frame = *frame;
    daughter->is_placed = true;
cleanup:
    kmi_describe_unlock();
    return status;
}
