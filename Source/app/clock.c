/* Times of this process. */
#include <sys/resource.h>
#include <time.h>

#include "app.h"

static double started;

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double app_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double app_cpu_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

void app_clock_start(void)
{
    /* The process has done nothing yet but load its libraries, which is work, not waiting. */
    started = app_seconds() - app_cpu_seconds();
}

double app_start_seconds(void)
{
    return started;
}
