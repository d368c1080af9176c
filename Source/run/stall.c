/* See stall.h. */
#include "run/stall.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/float_env.h"
#include "base/log.h"
#include "base/print.h"
#include "run/run_manager.h"

static _Thread_local kmi_activity *here;

kmi_activity *kmi_activity_enter(kmi_activity *activity)
{
    kmi_activity *before = here;
    here = activity;
    return before;
}

kmi_activity *kmi_activity_here(void)
{
    return here;
}

static const char *doing_text(kmi_doing doing)
{
    static const char *const texts[KMI_DOINGS] = {
        "not there",
        "starting: its thread was created and has not come to life",
        "waiting for others",
        "preparing",
        "closing the scene",
        "in a history",
        "committing scores",
        "in an observer of run begin",
        "in an observer of run end",
        "in an observer of worker begin",
        "in an observer of worker end",
        "in an observer of history begin",
        "in an observer of history end",
        "in an observer of steps",
        "in an observer of records",
        "in build of the user initialization",
        "in drop of the user initialization",
        "in dispose of a context",
        "in the poll function",
    };
    return doing < KMI_DOINGS ? texts[doing] : "?";
}

static bool has_history(kmi_doing doing)
{
    return doing == KMI_DOING_HISTORY || doing == KMI_DOING_HISTORY_BEGIN || doing == KMI_DOING_HISTORY_END ||
           doing == KMI_DOING_STEP;
}

/* ---- participants: workers, then the steward, then host threads ---- */

enum { OTHERS = 3 };

static int participants(const kmi_run_manager *run)
{
    return (run->threads == 0 ? 1 : run->threads) + OTHERS;
}

static kmi_activity *participant(kmi_run_manager *run, int i)
{
    int workers = run->threads == 0 ? 1 : run->threads;

    if (i < workers) return &run->workers[i].activity;
    i -= workers;
    return i == 0 ? &run->steward_activity : i == 1 ? &run->caller_activity : &run->closer_activity;
}

static void name_of(const kmi_run_manager *run, const kmi_activity *activity, char *text, size_t size)
{
    int i;

    for (i = 0; i < (run->threads == 0 ? 1 : run->threads); i++) {
        if (activity != &run->workers[i].activity) continue;
        if (run->threads == 0)
            snprintf(text, size, "the serial run");
        else
            snprintf(text, size, "worker %d of %d", i, run->threads);
        return;
    }
    snprintf(text, size, "%s", activity == &run->steward_activity  ? "the steward"
                               : activity == &run->caller_activity ? "the caller of initialize or start"
                                                                   : "the caller of close");
}

static void describe_doing(const kmi_activity *activity, uint64_t now, char *text, size_t size)
{
    kmi_doing doing = (kmi_doing)(now & 0xff);
    uint64_t history = atomic_load_explicit(&activity->history, memory_order_relaxed);
    const char *note = atomic_load_explicit(&activity->note, memory_order_acquire); /* with its characters */
    char number[40] = "";

    if (has_history(doing)) snprintf(number, sizeof number, " (history %llu)", (unsigned long long)history);
    if (note == NULL || doing < KMI_DOING_RUN_BEGIN)
        snprintf(text, size, "%s%s", doing_text(doing), number);
    else /* what is longer is cut */
        kmi_print(text, size, "%s%s, %s", doing_text(doing), number, note);
}

void kmi_stall_describe(const kmi_run_manager *run, const kmi_activity *activity, uint64_t now, char *text, size_t size)
{
    char name[KMA_STALL_WHO_SIZE], doing[KMA_STALL_DOING_SIZE];

    name_of(run, activity, name, sizeof name);
    describe_doing(activity, now, doing, sizeof doing);
    snprintf(text, size, "%s is %s", name, doing);
}

/* Busy with something that others may wait for; *ms_out: for how long. */
static bool is_busy(const kmi_activity *activity, uint64_t *now_out, uint64_t *ms_out)
{
    uint64_t now = atomic_load_explicit(&activity->now, memory_order_relaxed);
    uint64_t clock = kmi_clock_coarse_ms();

    *now_out = now;
    *ms_out = clock > now >> 8 ? clock - (now >> 8) : 0;
    return (now & 0xff) != KMI_DOING_NOTHING && (now & 0xff) != KMI_DOING_WAIT;
}

/* ---- reports ---- */

uint64_t kmi_stall_period_ns(const kmi_run_manager *run)
{
    double s = run->options.stall_seconds;
    double ns = s * 1e9 / 4;

    if (!(s > 0)) return KMI_FOREVER;
    if (ns < 10e6) return 10 * 1000 * 1000;
    return ns > 500e6 ? 500 * 1000 * 1000 : (uint64_t)ns;
}

/* Whole lines or nothing, and never a wait: a full pipe must not stop who reports. */
static void write_line(int descriptor, const char *text)
{
    struct pollfd ready = {descriptor, POLLOUT, 0};
    char line[sizeof(kmi_stall_report) + 2];
    int n = snprintf(line, sizeof line, "%s\n", text);

    if (descriptor < 0 || n <= 0) return;
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    while (write(descriptor, line, (size_t)n) < 0 && errno == EINTR) {}
}

/* Reports what is new; with `looking` held. */
static int gather(kmi_run_manager *run, const char *waiter, kmi_stall_report reports[KMI_STALL_REPORTS])
{
    uint64_t limit_ms = (uint64_t)(run->options.stall_seconds * 1e3), clock = kmi_clock_coarse_ms();
    int i, n = 0;

    for (i = 0; i < participants(run) && n < KMI_STALL_REPORTS; i++) {
        kmi_activity *a = participant(run, i);
        char text[KMA_STALL_WHO_SIZE + KMA_STALL_DOING_SIZE + 8];
        uint64_t now, ms;

        if (!is_busy(a, &now, &ms) || ms < limit_ms || ms == 0) continue;
        if (a->reported == now && clock < a->report_next_ms) continue;
        a->reported = now;
        a->report_next_ms = clock + ms; /* again when it has doubled */
        kmi_stall_describe(run, a, now, text, sizeof text);
        kmi_print(reports[n++].text, sizeof reports->text, "kerma: stall: %s for %.1f s; %s waits", text, (double)ms * 1e-3, waiter);
    }
    return n;
}

int kmi_stall_collect(kmi_run_manager *run, const char *waiter, kmi_stall_report reports[KMI_STALL_REPORTS])
{
    uint64_t clock = kmi_clock_coarse_ms();
    int i, n;

    if (!(run->options.stall_seconds > 0)) return 0;
    if (clock < atomic_load_explicit(&run->look_next_ms, memory_order_relaxed)) return 0;
    if (atomic_flag_test_and_set_explicit(&run->looking, memory_order_acquire)) return 0;
    atomic_store_explicit(&run->look_next_ms, clock + kmi_stall_period_ns(run) / 2000000, memory_order_relaxed);
    n = gather(run, waiter, reports);
    for (i = 0; i < n; i++) write_line(run->options.stall_descriptor, reports[i].text);
    atomic_flag_clear_explicit(&run->looking, memory_order_release);
    return n;
}

void kmi_stall_look(kmi_run_manager *run, const char *waiter, bool may_log)
{
    kmi_stall_report reports[KMI_STALL_REPORTS];
    int i, n = kmi_stall_collect(run, waiter, reports);

    for (i = 0; may_log && i < n; i++) kmi_log_write(KMA_LOG_WARNING, "%s", reports[i].text);
}

kma_status kma_run_manager_stalls(kma_run_manager self, double longer_than, kma_stall *out, size_t room, size_t *count_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    size_t n = 0;
    int i;

    if (count_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "count_out is NULL");
    *count_out = 0;
    if (out == NULL && room > 0) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL, but room is %zu", room);
    if (!(longer_than >= 0)) return kmi_fail(KMA_ERR_ARGUMENT, "longer_than is %g s (0 or more)", longer_than);
    KMI_TRY(kmi_run_enter(self, &run));
    for (i = 0; i < participants(run); i++) {
        const kmi_activity *a = participant(run, i);
        uint64_t now, ms;
        if (!is_busy(a, &now, &ms) || (double)ms * 1e-3 < longer_than) continue;
        if (n < room) {
            memset(&out[n], 0, sizeof out[n]);
            name_of(run, a, out[n].who, sizeof out[n].who);
            describe_doing(a, now, out[n].doing, sizeof out[n].doing);
            out[n].seconds = (double)ms * 1e-3;
        }
        n++;
    }
    *count_out = n;
cleanup:
    kmi_run_leave(self, run);
    return status;
}
