/*
 * Run managers whose last use would go on a worker of another one, in a callback: destroying them calls dispose, which
 * no worker does. The worker's steward takes the use over.
 */
#include "base/handle.h"
#include "run/run_manager.h"

static kmi_lock orphans_lock = KMI_LOCK_INIT; /* guards orphans, next_orphan and orphan_uses of all run managers */
static _Thread_local kmi_worker *worker_here;

__attribute__((constructor)) static void keep_over_fork(void)
{
    kmi_lock_keep_over_fork(&orphans_lock);
}

void kmi_worker_is_here(kmi_worker *worker)
{
    worker_here = worker;
}

void kmi_run_drop_use(kmi_run_manager *self)
{
    uint64_t bits = self->self_bits;
    kmi_run_manager *parent = worker_here == NULL ? NULL : worker_here->run;

    /* Its own threads hold a use of a worker's run manager; a child of fork has no steward of its parent's; and where there
     * is a name, there is an owner. */
    if (parent == NULL || parent == self || !kmi_run_is_here(parent) || kmi_handle_is_owned(bits)) {
        kmi_handle_unpin(bits);
        return;
    }
    kmi_lock_take(&orphans_lock);
    if (self->orphan_uses++ == 0) {
        self->next_orphan = parent->orphans;
        parent->orphans = self;
    }
    kmi_lock_give(&orphans_lock);
    kmi_lock_take(&parent->lock);
    parent->has_orphans = true;
    kmi_condition_wake_all(&parent->changed);
    kmi_lock_give(&parent->lock);
}

void kmi_run_drop_orphans(kmi_run_manager *self)
{
    for (;;) {
        kmi_run_manager *orphan;
        uint64_t bits = 0, uses = 0;

        kmi_lock_take(&orphans_lock);
        orphan = self->orphans;
        if (orphan != NULL) {
            self->orphans = orphan->next_orphan;
            uses = orphan->orphan_uses;
            orphan->orphan_uses = 0;
            bits = orphan->self_bits;
        }
        kmi_lock_give(&orphans_lock);
        if (orphan == NULL) return;
        for (; uses > 0; uses--) kmi_handle_unpin(bits);
    }
}
