#include "kmt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/barrier.h"
#include "base/thread.h"

#define MS UINT64_C(1000000)
#define LONG_TIME (UINT64_C(20000) * MS)

/* Waits until `absent` participants are missing at a meeting that has begun. */
static bool others_wait(kmi_barrier *barrier, int absent)
{
    uint64_t deadline = kmi_deadline(LONG_TIME);

    while (kmi_barrier_missing(barrier, NULL, 0) != absent) {
        if (kmi_time_left(deadline) == 0) return false;
        usleep(200);
    }
    return true;
}

enum { PARTICIPANTS = 5, MEETINGS = 1000 };

typedef struct member {
    kmi_barrier *barrier;
    int index;
    uint64_t timeout;
    kma_status status;
    char text[KMI_ERROR_TEXT_SIZE];
    kmi_thread thread;
    atomic_int *progress; /* [PARTICIPANTS] meetings each has come to */
    int too_early;        /* left a meeting to which somebody had not come */
    atomic_bool done;
} member;

static void meet_often(void *context)
{
    member *m = context;
    int k, i;

    for (k = 1; k <= MEETINGS && m->status == KMA_OK; k++) {
        atomic_store(&m->progress[m->index], k);
        m->status = kmi_barrier_arrive_and_wait(m->barrier, m->index, LONG_TIME);
        for (i = 0; i < PARTICIPANTS; i++) {
            int theirs = atomic_load(&m->progress[i]);
            if (theirs < k || theirs > k + 1) m->too_early++;
        }
    }
}

TEST(nobody_leaves_a_meeting_before_all_have_come_and_it_can_be_repeated)
{
    kmi_barrier *barrier = NULL;
    member members[PARTICIPANTS] = {{0}};
    atomic_int progress[PARTICIPANTS] = {0};
    int i;

    assert_ok(kmi_barrier_new(PARTICIPANTS, &barrier));
    for (i = 0; i < PARTICIPANTS; i++) {
        members[i].barrier = barrier;
        members[i].index = i;
        members[i].progress = progress;
        assert_ok(kmi_thread_start(&members[i].thread, "member", meet_often, &members[i]));
    }
    for (i = 0; i < PARTICIPANTS; i++) kmi_thread_join(&members[i].thread);
    for (i = 0; i < PARTICIPANTS; i++) {
        assert_int_equal(members[i].status, KMA_OK);
        assert_int_equal(members[i].too_early, 0);
        assert_int_equal(atomic_load(&progress[i]), MEETINGS);
    }
    assert_int_equal(kmi_barrier_missing(barrier, NULL, 0), 0);
    kmi_barrier_free(barrier);
}

static void come_once(void *context)
{
    member *m = context;

    m->status = kmi_barrier_arrive_and_wait(m->barrier, m->index, m->timeout);
    snprintf(m->text, sizeof m->text, "%s", kma_error_message());
    atomic_store(&m->done, true);
}

static void send(member *m, kmi_barrier *barrier, int index)
{
    memset(m, 0, sizeof *m);
    m->barrier = barrier;
    m->index = index;
    m->timeout = LONG_TIME;
    assert_ok(kmi_thread_start(&m->thread, "member", come_once, m));
}

TEST(a_barrier_of_one_never_waits)
{
    kmi_barrier *barrier = NULL;
    int i;

    assert_ok(kmi_barrier_new(1, &barrier));
    for (i = 0; i < 3; i++) assert_ok(kmi_barrier_arrive_and_wait(barrier, 0, 0));
    kmi_barrier_free(barrier);
    kmi_barrier_free(NULL);
}

TEST(a_time_limit_names_who_has_not_arrived_and_the_meeting_can_still_take_place)
{
    kmi_barrier *barrier = NULL;
    member one;
    char text[KMI_ERROR_TEXT_SIZE];

    assert_ok(kmi_barrier_new(3, &barrier));
    kmi_barrier_name(barrier, 0, "run manager");
    kmi_barrier_name(barrier, 1, "worker 0");
    kmi_barrier_name(barrier, 2, "worker 1 with a name that is longer than thirty-one");
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 0, 2 * MS), KMA_ERR_TIMEOUT,
                 "worker 0, worker 1 with a name that is lo have not arrived; run manager came 0.0 s ago");
    send(&one, barrier, 2);
    assert_true(others_wait(barrier, 2)); /* the first arrival was taken back */
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 0, 2 * MS), KMA_ERR_TIMEOUT, "worker 0 has not arrived; ");
    assert_int_equal(kmi_barrier_missing(barrier, text, sizeof text), 2);
    assert_non_null(strstr(text, "run manager, worker 0 have not arrived; run manager came "));
    assert_false(atomic_load(&one.done));

    assert_fails(kmi_barrier_arrive_and_wait(barrier, 0, 0), KMA_ERR_TIMEOUT, "worker 0 has not arrived; ");
    {
        member two;
        send(&two, barrier, 1);
        assert_ok(kmi_barrier_arrive_and_wait(barrier, 0, LONG_TIME));
        kmi_thread_join(&two.thread);
        assert_int_equal(two.status, KMA_OK);
    }
    kmi_thread_join(&one.thread);
    assert_int_equal(one.status, KMA_OK);
    assert_int_equal(kmi_barrier_missing(barrier, text, sizeof text), 0);
    assert_string_equal(text, "");
    kmi_barrier_free(barrier);
}

TEST(of_many_missing_eight_are_named_and_a_small_buffer_is_never_overrun)
{
    kmi_barrier *barrier = NULL;
    char small[12];
    size_t size;

    assert_ok(kmi_barrier_new(1000, &barrier));
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 3, 0), KMA_ERR_TIMEOUT,
                 "participant 0, participant 1, participant 2, participant 4, participant 5, participant 6, "
                 "participant 7, participant 8 and 991 more have not arrived; participant 3 came 0.0 s ago");
    for (size = 1; size <= sizeof small; size++) {
        memset(small, '#', sizeof small);
        assert_int_equal(kmi_barrier_missing(barrier, small, size), 1000);
        assert_int_equal(strlen(small), size - 1);
        if (size < sizeof small) assert_int_equal(small[size], '#');
    }
    kmi_barrier_free(barrier);
}

TEST(whoever_waits_and_whoever_comes_later_hears_why_the_barrier_broke)
{
    kmi_barrier *barrier = NULL;
    member waiting[3];
    int i;

    assert_ok(kmi_barrier_new(5, &barrier));
    for (i = 0; i < 3; i++) send(&waiting[i], barrier, i);
    assert_true(others_wait(barrier, 2));
    assert_false(kmi_barrier_is_broken(barrier));
    kmi_barrier_break(barrier, KMA_ERR_OBSERVER, "worker 3: the observer said no");
    kmi_barrier_break(barrier, KMA_ERR_ABORTED, "too late to matter");
    assert_true(kmi_barrier_is_broken(barrier));
    for (i = 0; i < 3; i++) {
        kmi_thread_join(&waiting[i].thread);
        assert_int_equal(waiting[i].status, KMA_ERR_OBSERVER);
        assert_string_equal(waiting[i].text, "worker 3: the observer said no");
    }
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 4, LONG_TIME), KMA_ERR_OBSERVER, "worker 3: the observer");
    assert_int_equal(kmi_barrier_missing(barrier, NULL, 0), 0);
    kmi_barrier_free(barrier);
}

TEST(who_met_has_met_even_if_the_barrier_breaks_before_he_wakes)
{
    int round;

    for (round = 0; round < 200; round++) {
        kmi_barrier *barrier = NULL;
        member other;

        assert_ok(kmi_barrier_new(2, &barrier));
        send(&other, barrier, 1);
        assert_true(others_wait(barrier, 1));
        assert_ok(kmi_barrier_arrive_and_wait(barrier, 0, LONG_TIME));
        kmi_barrier_break(barrier, KMA_ERR_ABORTED, "over");
        kmi_thread_join(&other.thread);
        assert_int_equal(other.status, KMA_OK);
        kmi_barrier_free(barrier);
    }
}

TEST(freeing_a_barrier_sends_those_home_who_wait)
{
    kmi_barrier *barrier = NULL;
    member waiting[3];
    int i;

    assert_ok(kmi_barrier_new(4, &barrier));
    for (i = 0; i < 3; i++) send(&waiting[i], barrier, i);
    assert_true(others_wait(barrier, 1));
    kmi_barrier_free(barrier);
    for (i = 0; i < 3; i++) {
        kmi_thread_join(&waiting[i].thread);
        assert_int_equal(waiting[i].status, KMA_ERR_CLOSED);
    }
}

TEST(a_wrong_or_doubled_index_is_an_error_and_not_a_freeze)
{
    kmi_barrier *barrier = NULL;
    member one;

    assert_ok(kmi_barrier_new(3, &barrier));
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 3, LONG_TIME), KMA_ERR_INTERNAL, "participant 3");
    assert_fails(kmi_barrier_arrive_and_wait(barrier, -1, LONG_TIME), KMA_ERR_INTERNAL, "participant -1");
    send(&one, barrier, 1);
    assert_true(others_wait(barrier, 2));
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 1, LONG_TIME), KMA_ERR_INTERNAL, "came twice");
    kmi_barrier_free(barrier);
    kmi_thread_join(&one.thread);
    assert_int_equal(one.status, KMA_ERR_CLOSED);
    assert_fails(kmi_barrier_new(0, &barrier), KMA_ERR_ARGUMENT, "at least 1");
    assert_null(barrier);
}

TEST(without_memory_no_barrier_is_made)
{
    kmi_barrier *barrier = NULL;

    kmt_fail_allocation(1);
    assert_fails(kmi_barrier_new(4, &barrier), KMA_ERR_MEMORY, "4 participants");
    kmt_fail_allocation(0);
    assert_null(barrier);
}

/* ---- a thread of the host, which must hear its signals ---- */

static void nothing(int number) { (void)number; }

static pthread_t host;

static void signal_host(void *context)
{
    kmi_barrier *barrier = context;

    if (others_wait(barrier, 1)) {
        usleep(20000); /* most likely inside poll by now; if not, the test still holds but shows less */
        pthread_kill(host, SIGUSR1);
    }
}

TEST(a_signal_ends_the_wait_of_a_host_thread_early_and_it_can_come_again)
{
    kmi_barrier *barrier = NULL;
    kmi_event event;
    kmi_thread signaller;
    member other;
    struct sigaction action = {0}, before;
    uint64_t start;

    host = pthread_self();
    action.sa_handler = nothing;
    action.sa_flags = SA_RESTART; /* even so: poll(2) is never restarted */
    sigaction(SIGUSR1, &action, &before);
    assert_ok(kmi_event_open(&event));
    assert_ok(kmi_barrier_new(2, &barrier));
    kmi_barrier_wait_by(barrier, 0, &event);
    assert_ok(kmi_thread_start(&signaller, "signaller", signal_host, barrier));
    start = kmi_clock_ns();
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 0, LONG_TIME), KMA_ERR_TIMEOUT, "participant 1 has not arrived");
    assert_true(kmi_clock_ns() - start < LONG_TIME / 2);
    kmi_thread_join(&signaller);
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 0, 5 * MS), KMA_ERR_TIMEOUT, "participant 1 has not arrived");

    send(&other, barrier, 1);
    assert_ok(kmi_barrier_arrive_and_wait(barrier, 0, LONG_TIME));
    kmi_thread_join(&other.thread);
    assert_int_equal(other.status, KMA_OK);

    send(&other, barrier, 1);
    assert_true(others_wait(barrier, 1));
    kmi_barrier_break(barrier, KMA_ERR_ABORTED, "stop");
    assert_fails(kmi_barrier_arrive_and_wait(barrier, 0, LONG_TIME), KMA_ERR_ABORTED, "stop");
    kmi_thread_join(&other.thread);
    kmi_barrier_free(barrier);
    kmi_event_close(&event);
    sigaction(SIGUSR1, &before, NULL);
}

static void meet_by_event(void *context)
{
    member *m = context;
    kmi_event event;
    int k;

    m->status = kmi_event_open(&event);
    if (m->status != KMA_OK) return;
    kmi_barrier_wait_by(m->barrier, m->index, &event);
    for (k = 0; k < MEETINGS && m->status == KMA_OK; k++)
        m->status = kmi_barrier_arrive_and_wait(m->barrier, m->index, LONG_TIME);
    kmi_barrier_wait_by(m->barrier, m->index, NULL);
    kmi_event_close(&event);
}

TEST(no_wake_is_lost_between_participants_that_wait_by_event)
{
    kmi_barrier *barrier = NULL;
    member members[3] = {{0}};
    int i;

    assert_ok(kmi_barrier_new(3, &barrier));
    for (i = 0; i < 3; i++) {
        members[i].barrier = barrier;
        members[i].index = i;
        assert_ok(kmi_thread_start(&members[i].thread, "member", meet_by_event, &members[i]));
    }
    for (i = 0; i < 3; i++) kmi_thread_join(&members[i].thread);
    for (i = 0; i < 3; i++) assert_int_equal(members[i].status, KMA_OK);
    kmi_barrier_free(barrier);
}
