/* The poll function of a thread. Which calls ask it: test_long_calls.c. */
#include "kmt.h"

#include "base/pulse.h"
#include "base/thread.h"

typedef struct host {
    int calls, stop_at; /* at this call it asks for an end; 0: never */
} host;

static int poll(void *context)
{
    host *h = context;

    return ++h->calls == h->stop_at;
}

static int set_another(void *context)
{
    static host other;

    ++*(int *)context;
    assert_ok(kmi_pulse_beat(&kmi_thread_pulse)); /* nobody is asked about the poll function's own calls */
    kma_set_thread_poll(poll, &other);
    return 0;
}

TEST(the_poll_function_is_not_asked_about_itself_and_stays)
{
    int calls = 0;

    kma_set_thread_poll(set_another, &calls);
    assert_ok(kmi_pulse_beat(&kmi_thread_pulse));
    assert_int_equal(calls, 1);
    assert_ok(kmi_pulse_beat(&kmi_thread_pulse));
    assert_int_equal(calls, 2);
    kma_set_thread_poll(NULL, NULL);
    assert_ok(kmi_pulse_beat(&kmi_thread_pulse));
    assert_int_equal(calls, 2);
}

static void beat_there(void *status_out)
{
    *(kma_status *)status_out = kmi_pulse_beat(&kmi_thread_pulse);
}

TEST(another_thread_has_no_poll_function)
{
    host h = {.stop_at = 1};
    kma_status there = KMA_ERR_INTERNAL;
    kmi_thread thread;

    kma_set_thread_poll(poll, &h);
    assert_ok(kmi_thread_start(&thread, "beats", beat_there, &there));
    kmi_thread_join(&thread);
    assert_ok(there);
    assert_int_equal(h.calls, 0);
    assert_fails(kmi_pulse_beat(&kmi_thread_pulse), KMA_ERR_ABORTED, "poll function");
    assert_int_equal(h.calls, 1);
    kma_set_thread_poll(NULL, NULL);
}
