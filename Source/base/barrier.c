/* See barrier.h. Nothing here waits without a predicate, a loop and a way out. */
#include "base/barrier.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/print.h"
#include "base/thread.h"

enum { NAME_SIZE = 32, NAMES_IN_TEXT = 8 };

typedef struct participant {
    char name[NAME_SIZE];
    bool arrived;
    kmi_event *event; /* lent; NULL: waits by the condition */
} participant;

struct kmi_barrier {
    kmi_lock lock;         /* guards all below */
    kmi_condition changed; /* generation, broken or inside has changed */
    uint64_t generation;   /* how many meetings took place */
    int count;
    int arrived;
    int inside; /* calls of arrive_and_wait under way: free waits for them */
    int first;  /* who came first to this meeting, and when; when is 0 before the first */
    uint64_t first_ns;
    kma_status broken; /* KMA_OK: whole */
    char text[KMI_ERROR_TEXT_SIZE];
    participant participants[];
};

kma_status kmi_barrier_new(int count, kmi_barrier **out)
{
    kma_status status = KMA_OK;
    kmi_barrier *self = NULL;
    bool has_lock = false;
    int i;

    *out = NULL;
    if (count < 1) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "a barrier for %d participants: at least 1 is needed", count));
    self = kmi_alloc(sizeof *self + (size_t)count * sizeof *self->participants);
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a barrier of %d participants", count));
    KMI_TRY(kmi_lock_init(&self->lock));
    has_lock = true;
    KMI_TRY(kmi_condition_init(&self->changed));
    self->count = count;
    for (i = 0; i < count; i++) snprintf(self->participants[i].name, NAME_SIZE, "participant %d", i);

    *out = self;
    self = NULL;
cleanup:
    if (self != NULL && has_lock) kmi_lock_destroy(&self->lock);
    kmi_free(self);
    return status;
}

void kmi_barrier_free(kmi_barrier *self)
{
    if (self == NULL) return;
    kmi_barrier_break(self, KMA_ERR_CLOSED, "the barrier was closed");
    kmi_lock_take(&self->lock);
    while (self->inside > 0) kmi_condition_wait(&self->changed, &self->lock);
    kmi_lock_give(&self->lock);
    kmi_condition_destroy(&self->changed);
    kmi_lock_destroy(&self->lock);
    kmi_free(self);
}

void kmi_barrier_name(kmi_barrier *self, int index, const char *name)
{
    if (index < 0 || index >= self->count) return;
    kmi_lock_take(&self->lock);
    snprintf(self->participants[index].name, NAME_SIZE, "%s", name);
    kmi_lock_give(&self->lock);
}

void kmi_barrier_wait_by(kmi_barrier *self, int index, kmi_event *event)
{
    if (index < 0 || index >= self->count) return;
    kmi_lock_take(&self->lock);
    self->participants[index].event = event;
    kmi_lock_give(&self->lock);
}

/* With the lock held: whoever waits looks at the predicate again. */
static void wake_all(kmi_barrier *self)
{
    int i;

    kmi_condition_wake_all(&self->changed);
    for (i = 0; i < self->count; i++)
        if (self->participants[i].event != NULL) kmi_event_set(self->participants[i].event);
}

static void append(char *text, size_t size, size_t *used, const char *before, const char *what)
{
    int n;

    if (*used >= size) return;
    n = snprintf(text + *used, size - *used, "%s%s", before, what);
    if (n > 0) *used += (size_t)n;
}

/* With the lock held. */
static int missing(const kmi_barrier *self, char *text, size_t size)
{
    int i, told = 0, absent = self->count - self->arrived;
    size_t used = 0;
    char number[80];

    if (size > 0) text[0] = '\0';
    if (self->broken != KMA_OK || self->first_ns == 0) return 0;
    for (i = 0; i < self->count && told < NAMES_IN_TEXT; i++)
        if (!self->participants[i].arrived)
            append(text, size, &used, told++ == 0 ? "" : ", ", self->participants[i].name);
    if (absent > told) {
        snprintf(number, sizeof number, " and %d more", absent - told);
        append(text, size, &used, "", number);
    }
    append(text, size, &used, "", absent == 1 ? " has not arrived; " : " have not arrived; ");
    kmi_print(number, sizeof number, "%s came %.1f s ago", self->participants[self->first].name,
             (double)(kmi_clock_ns() - self->first_ns) * 1e-9);
    append(text, size, &used, "", number);
    return absent;
}

int kmi_barrier_missing(kmi_barrier *self, char *text, size_t size)
{
    int absent;

    kmi_lock_take(&self->lock);
    absent = missing(self, text, size);
    kmi_lock_give(&self->lock);
    return absent;
}

void kmi_barrier_break(kmi_barrier *self, kma_status status, const char *text)
{
    kmi_lock_take(&self->lock);
    if (self->broken == KMA_OK) {
        self->broken = status == KMA_OK ? KMA_ERR_INTERNAL : status;
        snprintf(self->text, sizeof self->text, "%s", text);
        wake_all(self);
    }
    kmi_lock_give(&self->lock);
}

bool kmi_barrier_is_broken(kmi_barrier *self)
{
    bool broken;

    kmi_lock_take(&self->lock);
    broken = self->broken != KMA_OK;
    kmi_lock_give(&self->lock);
    return broken;
}

static void open_barrier(kmi_barrier *self)
{
    int i;

    for (i = 0; i < self->count; i++) self->participants[i].arrived = false;
    self->arrived = 0;
    self->first_ns = 0;
    self->generation++;
    wake_all(self);
}

/* Sleeps once, with the lock given back meanwhile. False if the time is over or a signal came. */
static bool sleep_once(kmi_barrier *self, kmi_event *event, uint64_t deadline)
{
    kmi_event_result result;

    if (event == NULL) return kmi_condition_wait_until(&self->changed, &self->lock, deadline);
    /* Cleared with the lock held: what changes from here on sets it again. */
    kmi_event_clear(event);
    kmi_lock_give(&self->lock);
    result = kmi_event_wait(event, kmi_time_left(deadline));
    kmi_lock_take(&self->lock);
    return result == KMI_EVENT_SET;
}

/* With the lock held. */
static kma_status meet(kmi_barrier *self, int index, uint64_t timeout_ns)
{
    participant *p;
    uint64_t generation = self->generation;
    uint64_t deadline = kmi_deadline(timeout_ns);

    if (index < 0 || index >= self->count)
        return kmi_fail(KMA_ERR_INTERNAL, "participant %d came to a barrier of %d", index, self->count);
    p = &self->participants[index];
    if (self->broken != KMA_OK) return kmi_fail_again(self->broken, self->text);
    if (p->arrived) return kmi_fail(KMA_ERR_INTERNAL, "%s came twice to the same barrier", p->name);
    p->arrived = true;
    self->arrived++;
    if (self->first_ns == 0) {
        self->first_ns = kmi_clock_ns();
        self->first = index;
    }
    if (self->arrived == self->count) {
        open_barrier(self);
        return KMA_OK;
    }
    while (self->generation == generation && self->broken == KMA_OK) {
        char text[KMI_ERROR_TEXT_SIZE];

        if (sleep_once(self, p->event, deadline)) continue;
        if (self->generation != generation || self->broken != KMA_OK) break; /* it came with the last moment */
        missing(self, text, sizeof text);
        p->arrived = false;
        self->arrived--;
        return kmi_fail_again(KMA_ERR_TIMEOUT, text);
    }
    /* First what was reached: this meeting took place, even if the barrier broke before we woke. */
    if (self->generation != generation) return KMA_OK;
    p->arrived = false;
    self->arrived--;
    return kmi_fail_again(self->broken, self->text);
}

kma_status kmi_barrier_arrive_and_wait(kmi_barrier *self, int index, uint64_t timeout_ns)
{
    kma_status status;

    kmi_lock_take(&self->lock);
    self->inside++;
    status = meet(self, index, timeout_ns);
    self->inside--;
    if (self->inside == 0) kmi_condition_wake_all(&self->changed);
    kmi_lock_give(&self->lock);
    return status;
}
