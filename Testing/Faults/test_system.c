/*
 * What the system may refuse: threads, locks, conditions, event descriptors.
 * The linker puts the functions below in the place of the C library's.
 */
#include "fault.h"
#include "kmt_scene.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

/* ---- refusals ------------------------------------------------------------ */

typedef struct refusal {
    atomic_long asked, first; /* the first-th from the arming on is refused; 0: none */
    atomic_bool for_good;
    atomic_int error;
} refusal;

static refusal threads, locks, conditions, descriptors;

static void refuse(refusal *r, long n, int error, bool for_good)
{
    atomic_store(&r->first, 0);
    atomic_store(&r->asked, 0);
    atomic_store(&r->error, error);
    atomic_store(&r->for_good, for_good);
    atomic_store(&r->first, n);
}

static void allow(refusal *r)
{
    atomic_store(&r->first, 0);
}

static bool was_refused(refusal *r)
{
    long n = atomic_load(&r->first);
    return n > 0 && atomic_load(&r->asked) >= n;
}

static int ask(refusal *r)
{
    long n = atomic_fetch_add(&r->asked, 1) + 1, at = atomic_load(&r->first);
    return at > 0 && (n == at || (n > at && atomic_load(&r->for_good))) ? atomic_load(&r->error) : 0;
}

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*run)(void *), void *context)
{
    int error = ask(&threads);
    return error != 0 ? error : __real_pthread_create(id, attributes, run, context);
}

int __real_pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
int __wrap_pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    int error = ask(&locks);
    return error != 0 ? error : __real_pthread_mutex_init(mutex, attributes);
}

int __real_pthread_rwlock_init(pthread_rwlock_t *, const pthread_rwlockattr_t *);
int __wrap_pthread_rwlock_init(pthread_rwlock_t *, const pthread_rwlockattr_t *);
int __wrap_pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
    int error = ask(&locks);
    return error != 0 ? error : __real_pthread_rwlock_init(lock, attributes);
}

int __real_pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
int __wrap_pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    int error = ask(&conditions);
    return error != 0 ? error : __real_pthread_cond_init(condition, attributes);
}

int __real_eventfd(unsigned, int);
int __wrap_eventfd(unsigned, int);
int __wrap_eventfd(unsigned count, int flags)
{
    int error = ask(&descriptors);
    if (error == 0) return __real_eventfd(count, flags);
    errno = error;
    return -1;
}

/* ---- threads -------------------------------------------------------------- */

enum { HISTORIES = 3000 };

typedef struct lives { atomic_int begun, ended; } lives;

static kma_status begin_life(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    atomic_fetch_add(&((lives *)context)->begun, 1);
    return KMA_OK;
}

static kma_status end_life(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    atomic_fetch_add(&((lives *)context)->ended, 1);
    return KMA_OK;
}

static int threads_before;

static const char *undisturbed(void)
{
    static char hash[KMA_HASH_SIZE];

    if (hash[0] == '\0') {
        kma_run_manager run = kmt_water_run(1); /* with a thread: a sanitizer may start one of its own */
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        kmt_scores_hash(run, hash);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
        threads_before = fault_threads();
    }
    return hash;
}

static void assert_works(kma_run_manager run)
{
    char hash[KMA_HASH_SIZE];

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    kmt_scores_hash(run, hash);
    assert_string_equal(hash, undisturbed());
}

/* The steward is made first, then worker 0, 1, ... */
static void assert_names_the_thread(int k, int workers, const char *why)
{
    char start[64], name[32];
    const char *text = kma_error_message();

    if (k == 1)
        snprintf(start, sizeof start, "the steward thread could not be created: ");
    else
        snprintf(start, sizeof start, "worker %d of %d could not be created: ", k - 2, workers);
    snprintf(name, sizeof name, k == 1 ? "'kerma steward'" : "'kerma %d'", k - 2);
    assert_true_msg(strncmp(text, start, strlen(start)) == 0 && strstr(text, name) != NULL && strstr(text, why) != NULL,
                    "'%s' does not say '%s', %s and '%s'", text, start, name, why);
}

static void refuse_thread(int workers, int k, bool for_good, kma_run_manager run, lives *l)
{
    static const struct { int error; const char *text; } whys[] = {
        {EAGAIN, "Resource temporarily unavailable"}, {ENOMEM, "Cannot allocate memory"}, {EPERM, "Operation not permitted"},
    };
    int why = k % 3;

    refuse(&threads, k, whys[why].error, for_good);
    assert_int_equal(kma_run_manager_initialize(run), KMA_ERR_THREAD);
    assert_names_the_thread(k, workers, whys[why].text);
    assert_int_equal(threads.asked, k); /* none is tried after a refusal */
    allow(&threads);
    assert_int_equal(l->begun, l->ended);
    fault_wait_for_threads(threads_before);
    assert_fails(kma_run_manager_beam_on(run, 10), KMA_ERR_STATE, "call kma_run_manager_initialize");
}

TEST(whichever_thread_is_refused_none_stays_and_initialize_works_when_called_again)
{
    int workers, k;

    undisturbed();
    for (workers = 1; workers <= 8; workers++) {
        lives l = {0, 0};
        kma_run_manager run = kmt_water_run(workers);
        assert_ok(kma_run_manager_on_worker_begin(run, begin_life, &l, NULL));
        assert_ok(kma_run_manager_on_worker_end(run, end_life, &l, NULL));
        for (k = 1; k <= workers + 1; k++) {
            refuse_thread(workers, k, false, run, &l);
            refuse_thread(workers, k, true, run, &l);
        }
        assert_works(run);
        assert_int_equal(l.begun - l.ended, workers);
        assert_int_equal(fault_threads(), threads_before + workers + 1);
        assert_ok(kma_run_manager_close(run));
        assert_int_equal(l.begun, l.ended);
        fault_wait_for_threads(threads_before);
        assert_ok(kma_run_manager_release(&run));
    }
    kmt_assert_no_live_objects();
}

TEST(a_run_manager_whose_threads_were_refused_is_closed_and_released_like_any_other)
{
    int k;

    undisturbed();
    for (k = 1; k <= 4; k++) {
        lives l = {0, 0};
        kma_run_manager closed = kmt_water_run(3), released = kmt_water_run(3);
        assert_ok(kma_run_manager_on_worker_begin(closed, begin_life, &l, NULL));
        assert_ok(kma_run_manager_on_worker_end(closed, end_life, &l, NULL));
        refuse_thread(3, k, false, closed, &l);
        refuse_thread(3, k, true, released, &l);
        assert_ok(kma_run_manager_close(closed));
        assert_ok(kma_run_manager_release(&closed));
        assert_ok(kma_run_manager_release(&released));
        assert_int_equal(l.begun, l.ended);
        kmt_assert_no_live_objects();
    }
}

TEST(a_serial_run_manager_asks_for_no_thread)
{
    kma_run_manager run = kmt_water_run(0);

    undisturbed();
    refuse(&threads, 1, EAGAIN, true);
    assert_works(run);
    assert_int_equal(threads.asked, 0);
    allow(&threads);
    assert_ok(kma_run_manager_release(&run));
}

/* ---- locks, conditions, descriptors ---------------------------------------- */

/* A call that says so when it was refused something, makes no name, and does its work when called again. */
static int tell(refusal *what, kma_status status, kma_status expected, uint64_t bits)
{
    if (status == KMA_OK) return 0;
    assert_int_equal(status, expected);
    assert_true(was_refused(what) && kma_error_message()[0] != '\0');
    assert_int_equal(bits, 0);
    return 1;
}

#define TELL(call, bits)                                                       \
    do {                                                                       \
        if (tell(what, (call), expected, (bits)) > 0) {                        \
            told++;                                                            \
            assert_ok(call);                                                   \
        }                                                                      \
    } while (0)

/* A life that is refused its n-th. False if it did not ask for so many. */
static bool refuse_nth(refusal *what, long n, int error, kma_status expected)
{
    const float voxel = 0;
    kma_solid box = {0};
    kma_volume world = {0};
    kma_image_geometry geometry;
    kma_image image = {0};
    kma_run_options options;
    kma_scene empty = {0}, scene = kmt_water_scene();
    kma_run_manager run = {0};
    kma_result result = {0};
    char hash[KMA_HASH_SIZE];
    bool refused;
    int told = 0;

    kma_image_geometry_defaults(&geometry);
    assert_ok(kma_run_options_defaults(&options));
    options.threads = 2;
    options.seed = 7;
    assert_ok(kma_solid_create_box((const double[3]){1, 1, 1}, &box));
    assert_ok(kma_volume_create("world", box, (kma_material){0}, &world));
    refuse(what, n, error, false);
    TELL(kma_image_create(&geometry, KMA_SCALAR_FLOAT32, &voxel, &image), image.bits);
    TELL(kma_scene_create(world, &empty), empty.bits);
    TELL(kma_run_manager_create(scene, &options, &run), run.bits);
    TELL(kma_run_manager_initialize(run), 0);
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    TELL(kma_run_manager_snapshot(run, &result), result.bits);
    refused = was_refused(what);
    allow(what);
    assert_int_equal(told, refused ? 1 : 0);
    kmt_scores_hash(run, hash);
    assert_string_equal(hash, undisturbed());
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_result_release(&result));
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_scene_release(&empty));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_solid_release(&box));
    assert_ok(kma_image_release(&image));
    kmt_assert_no_live_objects();
    fault_wait_for_threads(threads_before);
    return refused;
}

TEST(every_lock_that_is_refused_is_an_error_and_nothing_is_half_made)
{
    long n;

    undisturbed();
    for (n = 1; refuse_nth(&locks, n, ENOMEM, KMA_ERR_MEMORY); n += FAULT_STRIDE) continue;
    print_message("%ld locks\n", n - 1);
    assert_true(n > 130); /* a tally has one for each of 128 ranges alone */
}

TEST(every_condition_that_is_refused_is_an_error_and_nothing_is_half_made)
{
    long n;

    undisturbed();
    for (n = 1; refuse_nth(&conditions, n, EAGAIN, KMA_ERR_MEMORY); n++) continue;
    print_message("%ld conditions\n", n - 1);
    assert_true(n > 2);
}

TEST(every_event_descriptor_that_is_refused_is_an_error_and_nothing_is_half_made)
{
    long n;

    undisturbed();
    for (n = 1; refuse_nth(&descriptors, n, EMFILE, KMA_ERR_IO); n++) continue;
    print_message("%ld descriptors\n", n - 1);
    assert_true(n > 2);
}
