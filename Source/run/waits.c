/*
 * Who waits for whom. A thread inside of a callback of one run manager may wait for another; if a callback of that one
 * waits for the first, by whatever way round, nobody ever returns. The list holds the waits without end of threads that
 * are inside of something; whoever would close a ring gets KMA_ERR_BUSY instead.
 */
#include "run/run_manager.h"

static kmi_lock waits_lock = KMI_LOCK_INIT; /* guards what follows, and the waits' members */
static kmi_wait *waits;
static pid_t process; /* of those in the list: a child of fork has no waiting thread but itself */
static unsigned search;

__attribute__((constructor)) static void keep_over_fork(void)
{
    kmi_lock_keep_over_fork(&waits_lock);
}

/* Whether a callback of this run manager has to return before the thread with these frames is out of them. A poll
 * function holds nobody up: runs with workers go on without it, and in a serial run there is another frame outside. */
static bool holds(const kmi_inside *frame, const kmi_run_manager *run)
{
    for (; frame != NULL; frame = frame->outer)
        if (frame->run == run && frame->holds) return true;
    return false;
}

/* Whether `run` cannot go on before one of the run managers that `mine` holds does. */
static bool needs_mine_locked(const kmi_run_manager *run, const kmi_inside *mine)
{
    kmi_wait *w;

    for (w = waits; w != NULL; w = w->next) {
        if (w->searched == search || !holds(w->inside, run)) continue;
        w->searched = search;
        if (holds(mine, w->on) || needs_mine_locked(w->on, mine)) return true;
    }
    return false;
}

kma_status kmi_wait_begin(kmi_wait *self, const kmi_run_manager *on, bool without_end, const char *call)
{
    bool ring = false;

    self->listed = false;
    if (kmi_inside_here() == NULL || !without_end) return KMA_OK;
    kmi_lock_take(&waits_lock);
    if (process != kmi_process_id()) waits = NULL;
    process = kmi_process_id();
    search++;
    ring = needs_mine_locked(on, kmi_inside_here());
    if (!ring) {
        self->on = on;
        self->inside = kmi_inside_here();
        self->searched = search;
        self->next = waits;
        self->listed = true;
        waits = self;
    }
    kmi_lock_give(&waits_lock);
    if (ring)
        return kmi_fail(KMA_ERR_BUSY, "%s would never return: a callback of that run manager waits for the one whose callback "
                                      "this is (return, or wait with a time limit)", call);
    return KMA_OK;
}

void kmi_wait_end(kmi_wait *self)
{
    kmi_wait **link;

    if (!self->listed) return;
    kmi_lock_take(&waits_lock);
    for (link = &waits; *link != NULL; link = &(*link)->next)
        if (*link == self) {
            *link = self->next;
            break;
        }
    self->listed = false;
    kmi_lock_give(&waits_lock);
}

void kmi_wait_forget(const kmi_inside *innermost)
{
    const kmi_inside *frame;
    kmi_wait **link;

    kmi_lock_take(&waits_lock);
    for (link = &waits; *link != NULL;) {
        for (frame = innermost; frame != NULL && frame != (*link)->inside; frame = frame->outer) continue;
        if (frame != NULL)
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
    kmi_lock_give(&waits_lock);
}
