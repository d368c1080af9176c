/* How far a run is: a bar on a terminal, a line now and then elsewhere. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app.h"

static const double EVERY_ON_TERMINAL = 0.1, EVERY_ELSEWHERE = 10; /* s */

enum { WIDTH = 80, BAR_MIN = 10, BAR_MAX = 50 };

void app_progress_begin(app_progress *self, bool quiet)
{
    memset(self, 0, sizeof *self);
    self->quiet = quiet;
    self->terminal = isatty(STDERR_FILENO) == 1;
    self->next = app_seconds() + (self->terminal ? 0 : EVERY_ELSEWHERE);
}

/* "12 s", "3 min 20 s", "2 h 5 min" */
static void put_duration(double s, char *out, size_t size)
{
    unsigned long n = s < 0 ? 0 : s > 1e9 ? 1000000000ul : (unsigned long)(s + 0.5);

    if (n < 60)
        snprintf(out, size, "%lu s", n);
    else if (n < 3600)
        snprintf(out, size, "%lu min %lu s", n / 60, n % 60);
    else
        snprintf(out, size, "%lu h %lu min", n / 3600, n / 60 % 60);
}

static int columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return WIDTH;
    return size.ws_col;
}

static void show(app_progress *self, const kma_progress *p)
{
    char left[48] = "", bar[BAR_MAX + 1], numbers[160];
    double part = p->target == 0 ? 0 : (double)p->histories / (double)p->target;
    double rate = p->elapsed > 0 ? (double)p->elapsed_histories / p->elapsed : 0;
    int width, filled;

    if (rate > 0) put_duration((double)(p->target - p->histories) / rate, left, sizeof left);
    snprintf(numbers, sizeof numbers, "%3d %%  %.4g of %.4g histories, %.3g/s%s%s", (int)(100 * part),
             (double)p->histories, (double)p->target, rate, rate > 0 ? ", left: " : "", left);
    if (!self->terminal) {
        fprintf(stderr, "kerma: %s\n", numbers);
        return;
    }
    width = columns() - (int)strlen(numbers) - 5;
    if (width > BAR_MAX) width = BAR_MAX;
    if (width < BAR_MIN) width = 0;
    filled = (int)(part * width);
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '.', (size_t)(width - filled));
    bar[width] = '\0';
    fprintf(stderr, "\r%s%s%s%.*s\033[K", width > 0 ? "[" : "", bar, width > 0 ? "] " : "", columns() - 1, numbers);
    fflush(stderr);
    self->shown = true;
}

int app_poll(void *progress)
{
    app_progress *self = progress;
    kma_progress p = {.size = sizeof p};
    double now;

    if (app_was_interrupted()) return 1;
    if (self->quiet || self->run.bits == 0) return 0;
    now = app_seconds();
    if (now < self->next) return 0;
    self->next = now + (self->terminal ? EVERY_ON_TERMINAL : EVERY_ELSEWHERE);
    if (kma_run_manager_progress(self->run, &p) != KMA_OK || p.state != KMA_RUN_RUNNING) return 0;
    show(self, &p);
    return 0;
}

void app_progress_note(app_progress *self, const char *text)
{
    if (self->quiet || !self->terminal) return;
    fprintf(stderr, "\r%s\033[K", text);
    fflush(stderr);
    self->shown = true;
}

void app_progress_end(app_progress *self)
{
    if (self->shown) fputs("\r\033[K", stderr);
    self->shown = false;
}
