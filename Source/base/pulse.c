/* The poll function of a thread: see kma_set_thread_poll(). */
#include "base/pulse.h"

#include "base/float_env.h"

static _Thread_local kma_poll_fn *thread_poll;
static _Thread_local void *thread_context;

void kma_set_thread_poll(kma_poll_fn *poll, void *context)
{
    thread_poll = poll;
    thread_context = context;
}

static kma_status ask_thread(void *unused)
{
    kma_poll_fn *poll = thread_poll;
    void *context = thread_context;
    kmi_float_env frame;
    int asked;

    (void)unused;
    if (poll == NULL) return KMA_OK;
    thread_poll = NULL; /* it is not asked about calls of its own */
    kmi_float_env_host_begin(&frame);
    asked = poll(context);
    kmi_float_env_host_end(&frame);
    thread_poll = poll;
    thread_context = context;
    return asked == 0 ? KMA_OK : kmi_fail(KMA_ERR_ABORTED, "the thread's poll function asked for an end of the call");
}

const kmi_pulse kmi_thread_pulse = {ask_thread, NULL};
