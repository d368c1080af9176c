/* Ctrl-C: the first ends the run in order, the second ends the process. */
#include <signal.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t interrupted;

static void note(int signal)
{
    (void)signal;
    if (interrupted) _exit(APP_INTERRUPTED);
    interrupted = 1;
}

static int poll(void *context)
{
    (void)context;
    return app_was_interrupted();
}

/* The long calls of this thread end at the first. */
void app_catch_signals(void)
{
    struct sigaction action = {.sa_handler = note};

    /* No SA_RESTART: the library's waits shall end, so that it looks at the poll callback. */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    kma_set_thread_poll(poll, NULL);
}

bool app_was_interrupted(void)
{
    return interrupted != 0;
}
