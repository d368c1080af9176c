/* See ticks.h. Ticks are whole multiples of 1, 2 or 5 times a power of ten, and labels are made of those whole numbers. */
#include "io/ticks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The double nearest to m * 10^k. */
static double decimal(long m, int k)
{
    char text[48];
    double value;
    int n = snprintf(text, sizeof text, "%lde%d", m, k);

    kmi_parse_double(text, text + n, &value);
    return value;
}

/* The largest k with 10^k <= x, for x > 0 and finite. */
static int decade(double x)
{
    int k = -324;

    while (k < 308 && decimal(1, k + 1) <= x) k++;
    return k;
}

/* m * 10^k in plain decimals. */
static void plain(long m, int k, char out[KMI_TICK_TEXT_SIZE])
{
    char digits[24];
    int n, whole;

    if (k >= 0 || m == 0) {
        snprintf(out, KMI_TICK_TEXT_SIZE, "%ld%.*s", m, m == 0 ? 0 : k, "000000000000");
        return;
    }
    n = snprintf(digits, sizeof digits, "%0*ld", 1 - k, m < 0 ? -m : m); /* at least one digit before the point */
    whole = n + k;
    snprintf(out, KMI_TICK_TEXT_SIZE, "%s%.*s.%s", m < 0 ? "-" : "", whole, digits, digits + whole);
}

static void add(kmi_ticks *self, const kmi_window *window, double value)
{
    self->place[self->count++] = kmi_window_place(window, value);
}

static void linear(kmi_ticks *self, const kmi_window *window, long wanted)
{
    static const int steps[] = {1, 2, 5};
    double span = window->high - window->low, largest = fmax(fabs(window->low), fabs(window->high)), step;
    int k = decade(span) - 1, s = 0, top = decade(largest);
    long first, last, m;

    for (;;) { /* the finest step that is not too fine */
        step = decimal(steps[s], k);
        if (floor(window->high / step) - ceil(window->low / step) + 1 <= (double)wanted) break;
        if (++s == 3) {
            s = 0;
            k++;
        }
    }
    if (fabs(window->low / step) > 1e9 || fabs(window->high / step) > 1e9) return; /* nothing readable */
    if (top < -2 || top > 4) self->exponent = top;
    first = (long)ceil(window->low / step);
    last = (long)floor(window->high / step);
    for (m = first; m <= last && self->count < KMI_TICKS_MAX; m++) {
        plain(m * steps[s], k - self->exponent, self->label[self->count]);
        add(self, window, decimal(m * steps[s], k));
    }
}

static void logarithmic(kmi_ticks *self, const kmi_window *window, long wanted)
{
    static const int all[] = {1, 2, 5};
    int low = decade(window->low), high = decade(window->high), k, s;
    int used = 3 * (high - low + 1) <= wanted ? 3 : 1; /* 1, 2, 5 of each decade, or decades alone */
    int every = 1;

    while ((high - low) / every + 1 > wanted) every++;
    for (k = low; k <= high && self->count < KMI_TICKS_MAX; k++) {
        if (k % every != 0) continue;
        for (s = 0; s < used && self->count < KMI_TICKS_MAX; s++) {
            double value = decimal(all[s], k);
            if (value < window->low || value > window->high) continue;
            if (k >= -3 && k <= 4)
                plain(all[s], k, self->label[self->count]);
            else
                snprintf(self->label[self->count], KMI_TICK_TEXT_SIZE, "%de%d", all[s], k);
            add(self, window, value);
        }
    }
}

void kmi_ticks_make(kmi_ticks *self, const kmi_window *window, long wanted)
{
    memset(self, 0, sizeof *self);
    if (wanted < 3) wanted = 3;
    if (wanted > 8) wanted = 8;
    if (window->logarithmic)
        logarithmic(self, window, wanted);
    else
        linear(self, window, wanted);
}
