#include "kmt.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/handle.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"

static int destroyed;

static void count_destroyed(void *object)
{
    (void)object;
    destroyed++;
}

TEST(a_stale_handle_is_refused_after_its_slot_is_reused)
{
    int object = 0;
    uint64_t first = 0, copy, second = 0;
    void *p = NULL;

    destroyed = 0;
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &first));
    copy = first;
    assert_int_equal(kma_live_objects(KMA_KIND_MESH), 1);
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &first));
    assert_int_equal(first, 0);
    assert_int_equal(destroyed, 1);
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &second));
    assert_int_equal((uint32_t)copy, (uint32_t)second); /* the slot is the same */
    assert_fails(kmi_handle_pin(KMA_KIND_MESH, copy, &p), KMA_ERR_STALE, "mesh was released");
    assert_fails(kmi_handle_release(KMA_KIND_MESH, &copy), KMA_ERR_STALE, "mesh");
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &second));
    kmt_assert_no_live_objects();
}

TEST(a_use_keeps_the_object_alive_after_the_name_died)
{
    int object = 0;
    uint64_t name = 0, copy;
    void *p = NULL;

    destroyed = 0;
    assert_ok(kmi_handle_create(KMA_KIND_SOLID, &object, count_destroyed, &name));
    copy = name;
    assert_ok(kmi_handle_pin(KMA_KIND_SOLID, copy, &p));
    assert_ptr_equal(p, &object);
    assert_ok(kmi_handle_release(KMA_KIND_SOLID, &name));
    assert_int_equal(destroyed, 0);
    assert_fails(kmi_handle_pin(KMA_KIND_SOLID, copy, &p), KMA_ERR_STALE, "solid");
    assert_fails(kmi_handle_retain(KMA_KIND_SOLID, copy), KMA_ERR_STALE, "solid");
    assert_ok(kmi_handle_pin_used(KMA_KIND_SOLID, copy, &p)); /* what has a use may have another */
    assert_ptr_equal(p, &object);
    kmi_handle_unpin(copy);
    assert_int_equal(destroyed, 0);
    kmi_handle_unpin(copy);
    assert_int_equal(destroyed, 1);
    assert_fails(kmi_handle_pin_used(KMA_KIND_SOLID, copy, &p), KMA_ERR_STALE, "solid");
    kmt_assert_no_live_objects();
}

TEST(null_and_foreign_handles_are_argument_errors)
{
    int object = 0;
    uint64_t name = 0;
    void *p = NULL;

    assert_fails(kmi_handle_pin(KMA_KIND_IMAGE, 0, &p), KMA_ERR_ARGUMENT, "names nothing");
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &name));
    assert_fails(kmi_handle_pin(KMA_KIND_IMAGE, name, &p), KMA_ERR_ARGUMENT, "this one names a mesh");
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &name));
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &name));
}

TEST(a_handle_whose_kind_was_forged_is_refused_everywhere)
{
    int object = 0;
    uint64_t bits = 0, forged;
    void *p = &object;

    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &bits));
    forged = (bits & ~(UINT64_C(0xff) << 56)) | (uint64_t)KMA_KIND_SOLID << 56;
    assert_fails(kmi_handle_pin(KMA_KIND_SOLID, forged, &p), KMA_ERR_STALE, "solid");
    assert_null(p);
    assert_fails(kmi_handle_pin_used(KMA_KIND_SOLID, forged, &p), KMA_ERR_STALE, "solid");
    assert_fails(kmi_handle_retain(KMA_KIND_SOLID, forged), KMA_ERR_STALE, "solid");
    assert_fails(kmi_handle_release(KMA_KIND_SOLID, &forged), KMA_ERR_STALE, "solid");
    assert_int_equal(kma_live_objects(KMA_KIND_MESH), 1);
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &bits));
    kmt_assert_no_live_objects();
}

TEST(without_memory_no_handle_is_made_and_the_object_stays_the_callers)
{
    enum { MANY = 5000 }; /* more than a block of slots, so that some creation must allocate */
    static uint64_t names[MANY];
    int object = 0, i, failed = 0;

    destroyed = 0;
    kmt_fail_allocation(1);
    for (i = 0; i < MANY && failed == 0; i++)
        if (kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &names[i]) != KMA_OK) failed = i + 1;
    kmt_fail_allocation(0);
    assert_int_not_equal(failed, 0);
    assert_string_equal(kma_error_message(), "no memory for more handles");
    assert_int_equal(names[failed - 1], 0);
    assert_int_equal(kma_live_objects(KMA_KIND_MESH), failed - 1);
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &names[failed - 1]));
    for (i = 0; i < failed; i++) assert_ok(kmi_handle_release(KMA_KIND_MESH, &names[i]));
    assert_int_equal(destroyed, failed);
    kmt_assert_no_live_objects();
}

TEST(owners_and_uses_that_cannot_be_counted_are_refused)
{
    enum { MOST = (1 << 20) - 1 };
    int object = 0;
    uint64_t name = 0, copy;
    void *p = NULL;
    int i, refused = 0;

    destroyed = 0;
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &name));
    for (i = 1; i < MOST; i++) refused += kmi_handle_retain(KMA_KIND_MESH, name) != KMA_OK;
    assert_int_equal(refused, 0);
    assert_fails(kmi_handle_retain(KMA_KIND_MESH, name), KMA_ERR_BUSY, "the mesh has 1048575 owners");
    for (i = 0; i < MOST; i++) refused += kmi_handle_pin(KMA_KIND_MESH, name, &p) != KMA_OK;
    assert_int_equal(refused, 0);
    assert_fails(kmi_handle_pin(KMA_KIND_MESH, name, &p), KMA_ERR_BUSY, "the mesh has 1048575 uses");
    assert_null(p);
    for (i = 0; i < MOST; i++) {
        copy = name;
        refused += kmi_handle_release(KMA_KIND_MESH, &copy) != KMA_OK;
    }
    assert_int_equal(refused, 0);
    copy = name;
    assert_fails(kmi_handle_release(KMA_KIND_MESH, &copy), KMA_ERR_STALE, "released");
    assert_int_equal(destroyed, 0);
    for (i = 0; i < MOST; i++) kmi_handle_unpin(name);
    assert_int_equal(destroyed, 1);
    kmt_assert_no_live_objects();
}

TEST(a_handle_that_was_never_given_out_is_refused)
{
    uint64_t forged = ((uint64_t)KMA_KIND_MESH << 56) | (UINT64_C(1) << 32) | UINT32_MAX;
    void *p = &forged;

    assert_fails(kmi_handle_pin(KMA_KIND_MESH, forged, &p), KMA_ERR_ARGUMENT, "never given out");
    assert_null(p);
    assert_fails(kmi_handle_retain(KMA_KIND_MESH, forged), KMA_ERR_ARGUMENT, "never given out");
    assert_fails(kmi_handle_release(KMA_KIND_MESH, &forged), KMA_ERR_ARGUMENT, "never given out");
}

/* 2^24 - 1 lives of one slot: too many for the sanitizers' pace. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define KMT_SLOW 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define KMT_SLOW 1
#endif
#endif
#ifndef KMT_SLOW
TEST(a_slot_that_used_its_last_generation_is_never_used_again)
{
    int object = 0;
    uint64_t name = 0, copy = 0;
    uint32_t slot, generation = 0;
    void *p = NULL;
    long i, errors = 0;

    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &name));
    slot = (uint32_t)name;
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &name));
    for (i = 0; i < 1L << 24; i++) {
        errors += kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &name) != KMA_OK;
        if ((uint32_t)name != slot) break;
        errors += (uint32_t)(name >> 32 & 0xffffff) <= generation; /* always a new name */
        generation = (uint32_t)(name >> 32 & 0xffffff);
        copy = name;
        errors += kmi_handle_release(KMA_KIND_MESH, &name) != KMA_OK;
    }
    assert_int_equal(errors, 0);
    assert_int_equal(generation, 0xffffff);
    assert_int_not_equal((uint32_t)name, slot);
    assert_fails(kmi_handle_pin(KMA_KIND_MESH, copy, &p), KMA_ERR_STALE, "released");
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &name));
    kmt_assert_no_live_objects();
}
#endif

/* ---- several threads ---- */

enum { THREADS = 8, SHARED = 12, STEPS = 20000, PINS_MAX = 6 };

typedef struct thing {
    uint64_t name;           /* never changed once it is made */
    atomic_int destructions; /* 1 in the end */
    atomic_int uses;         /* pins that are held, as the threads count them */
    atomic_int errors;       /* destroyed while somebody used it */
} thing;

static thing things[SHARED];

static void destroy_thing(void *object)
{
    thing *t = object;

    if (atomic_load(&t->uses) != 0) atomic_fetch_add(&t->errors, 1);
    atomic_fetch_add(&t->destructions, 1);
}

static void free_object(void *object) { kmi_free(object); }

typedef struct player {
    int index;
    int owned[SHARED]; /* references this thread holds */
    int pinned[PINS_MAX];
    int pins;
    int surprises; /* a result that no interleaving allows */
    int stale;
    kmi_rng rng;
    kmi_thread thread;
} player;

static void play_pin(player *self, int i)
{
    thing *t = &things[i];
    void *p = NULL;
    kma_status status;

    if (self->pins == PINS_MAX) return;
    atomic_fetch_add(&t->uses, self->owned[i] > 0); /* it must succeed then: count it before it is there */
    status = kmi_handle_pin(KMA_KIND_SOLID, t->name, &p);
    if (status == KMA_OK) {
        if (self->owned[i] == 0) atomic_fetch_add(&t->uses, 1);
        if (p != t || atomic_load(&t->destructions) != 0) self->surprises++;
        self->pinned[self->pins++] = i;
    } else {
        if (status != KMA_ERR_STALE || p != NULL || self->owned[i] > 0) self->surprises++;
        self->stale++;
    }
}

static void play_unpin(player *self)
{
    int i;

    if (self->pins == 0) return;
    i = self->pinned[--self->pins];
    if (atomic_load(&things[i].destructions) != 0) self->surprises++;
    atomic_fetch_sub(&things[i].uses, 1);
    kmi_handle_unpin(things[i].name);
}

static void play_release(player *self, int i)
{
    uint64_t copy = things[i].name;

    if (self->owned[i] == 0) return;
    self->owned[i]--;
    if (kmi_handle_release(KMA_KIND_SOLID, &copy) != KMA_OK || copy != 0) self->surprises++;
}

static void play_retain(player *self, int i)
{
    kma_status status = kmi_handle_retain(KMA_KIND_SOLID, things[i].name);

    if (status == KMA_OK)
        self->owned[i]++;
    else if (status != KMA_ERR_STALE || self->owned[i] > 0)
        self->surprises++;
}

/* Objects of its own take the slots that became free, so that stale names meet other objects there. */
static void play_create(player *self)
{
    int *object = kmi_alloc(sizeof *object);
    uint64_t name = 0, copy;
    void *p = NULL;

    if (object == NULL) return;
    *object = self->index;
    if (kmi_handle_create(KMA_KIND_SOLID, object, free_object, &name) != KMA_OK) {
        self->surprises++;
        return;
    }
    copy = name;
    if (kmi_handle_pin(KMA_KIND_SOLID, name, &p) != KMA_OK || p != object) self->surprises++;
    if (kmi_handle_release(KMA_KIND_SOLID, &name) != KMA_OK) self->surprises++;
    if (*object != self->index) self->surprises++; /* the use keeps it alive */
    kmi_handle_pin_again(copy);
    kmi_handle_unpin(copy);
    kmi_handle_unpin(copy);
    if (kmi_handle_pin(KMA_KIND_SOLID, copy, &p) != KMA_ERR_STALE) self->surprises++;
}

static void play(void *context)
{
    player *self = context;
    int step, i;

    for (step = 0; step < STEPS; step++) {
        uint64_t bits = kmi_rng_bits(&self->rng);
        i = (int)(bits % SHARED);
        switch (bits >> 32 & 7) {
        case 0: play_retain(self, i); break;
        case 1:
        case 2: play_release(self, i); break; /* more often than retain: names die on the way */
        case 3:
        case 4: play_pin(self, i); break;
        case 5:
        case 6: play_unpin(self); break;
        default: play_create(self); break;
        }
    }
    for (i = 0; i < SHARED; i++)
        while (self->owned[i] > 0) play_release(self, i);
    while (self->pins > 0) play_unpin(self);
}

PROPERTY(eight_threads_at_random_destroy_each_object_once_and_never_while_it_is_used, 3)
{
    static player players[THREADS];
    int i, k, stale = 0;

    (void)rng;
    memset(players, 0, sizeof players);
    for (i = 0; i < SHARED; i++) {
        atomic_store(&things[i].destructions, 0);
        atomic_store(&things[i].uses, 0);
        atomic_store(&things[i].errors, 0);
        assert_ok(kmi_handle_create(KMA_KIND_SOLID, &things[i], destroy_thing, &things[i].name));
    }
    for (k = 0; k < THREADS; k++) {
        players[k].index = k;
        kmi_rng_start(&players[k].rng, seed, (uint64_t)k, KMI_STREAM_OBSERVER);
        for (i = 0; i < SHARED; i++) /* some have few owners and die early */
            for (; players[k].owned[i] < i % 3; players[k].owned[i]++)
                assert_ok(kmi_handle_retain(KMA_KIND_SOLID, things[i].name));
    }
    for (k = 0; k < THREADS; k++) assert_ok(kmi_thread_start(&players[k].thread, "player", play, &players[k]));
    for (i = 0; i < SHARED; i++) {
        uint64_t copy = things[i].name;
        assert_ok(kmi_handle_release(KMA_KIND_SOLID, &copy)); /* the creator's own */
    }
    for (k = 0; k < THREADS; k++) kmi_thread_join(&players[k].thread);
    for (k = 0; k < THREADS; k++) {
        assert_int_equal(players[k].surprises, 0);
        stale += players[k].stale;
    }
    for (i = 0; i < SHARED; i++) {
        assert_int_equal(atomic_load(&things[i].destructions), 1);
        assert_int_equal(atomic_load(&things[i].errors), 0);
    }
    assert_true(stale > 0); /* names did die on the way */
    kmt_assert_no_live_objects();
}

enum { FORKS = 300 };
static atomic_bool stop;

static void drop_nothing(void *object) { (void)object; }

static void drop_record(kma_log_level level, const char *text, void *context)
{
    (void)level;
    (void)text;
    (void)context;
}

static void churn(void *context)
{
    int object = 0;

    (void)context;
    while (!atomic_load(&stop)) {
        uint64_t name = 0;
        kmi_handle_create(KMA_KIND_MESH, &object, drop_nothing, &name);
        kmi_handle_release(KMA_KIND_MESH, &name);
        kmi_log_write(KMA_LOG_INFO, "x");
    }
}

/* What Python's multiprocessing does on Linux. A lock held by another thread at that moment would be
 * held for ever in the child. */
TEST(a_child_of_fork_can_make_handles_and_log_whatever_the_other_threads_did)
{
    kmi_thread t[3];
    int round, i, frozen = 0;

    atomic_store(&stop, false);
    assert_ok(kma_set_log_sink(drop_record, NULL));
    for (i = 0; i < 3; i++) assert_ok(kmi_thread_start(&t[i], "churn", churn, NULL));
    for (round = 0; round < FORKS && frozen == 0; round++) {
        pid_t child = fork();
        int how = 0;

        if (child == 0) {
            int object = 0;
            uint64_t name = 0;
            alarm(20);
            kmi_log_write(KMA_LOG_INFO, "from the child");
            if (kmi_handle_create(KMA_KIND_MESH, &object, drop_nothing, &name) != KMA_OK) _exit(1);
            _exit(kmi_handle_release(KMA_KIND_MESH, &name) == KMA_OK ? 0 : 2);
        }
        if (child < 0) break;
        waitpid(child, &how, 0);
        if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) frozen++;
    }
    atomic_store(&stop, true);
    for (i = 0; i < 3; i++) kmi_thread_join(&t[i]);
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_int_equal(frozen, 0);
    assert_int_equal(round, FORKS);
}
