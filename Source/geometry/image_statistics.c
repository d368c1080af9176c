/* What an image's values are like. */
#include <math.h>

#include "geometry/image.h"

enum { PART = 4096 };
static const double SCALE = 0x1p-60; /* the sum of no image reaches the end of doubles */

/* Neumaier, ZAMM 54 (1974) 39: a sum and what was lost of it. */
typedef struct exact_sum {
    double sum, lost;
} exact_sum;

static void add(exact_sum *s, double x)
{
    double sum = s->sum + x;

    s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - sum) + x : (x - sum) + s->sum;
    s->sum = sum;
}

void kmi_image_statistics(const kmi_image *self, kma_image_statistics *out)
{
    exact_sum sum = {0, 0};
    double part[PART];
    size_t first, n, i;

    out->values = out->not_finite = 0;
    out->lowest = out->highest = out->mean = 0;
    for (first = 0; first < self->cells; first += n) {
        n = self->cells - first < PART ? self->cells - first : PART;
        kmi_image_values(self, first, n, part);
        for (i = 0; i < n; i++) {
            if (!isfinite(part[i])) {
                out->not_finite++;
                continue;
            }
            if (out->values == 0 || part[i] < out->lowest) out->lowest = part[i];
            if (out->values == 0 || part[i] > out->highest) out->highest = part[i];
            out->values++;
            add(&sum, SCALE * part[i]);
        }
    }
    if (out->values > 0) out->mean = (sum.sum + sum.lost) / (double)out->values / SCALE;
}
