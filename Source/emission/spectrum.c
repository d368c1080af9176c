/*
 * Spectra. What was given is kept for those who ask; what is sampled from is a table of the lines or bins that can
 * be emitted, with Walker's aliases (A. J. Walker, Electronics Letters 10 (1974) 127; built as in M. D. Vose, IEEE
 * Trans. Software Eng. 17 (1991) 972): column i holds itself up to `share` and `alias` above, so that one uniform
 * number chooses, however many there are.
 */
#include "emission/spectrum.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

typedef struct column {
    double low, high; /* MeV; equal for a line */
    double share;     /* 0..1 of the column is its own */
    size_t alias;     /* the rest is this column's */
} column;

struct kmi_spectrum {
    kma_spectrum_kind kind;
    size_t count;    /* lines or bins as given */
    double *energy;  /* [count], or [count + 1] edges */
    double *weight;  /* [count] */
    column *columns; /* [used] those of weight > 0, in rising order */
    size_t used;
    double mean;
};

static const char *energy_name(kma_spectrum_kind kind)
{
    return kind == KMA_SPECTRUM_LINES ? "energy" : "edges";
}

static kma_status check_energies(kma_spectrum_kind kind, const double *energy, size_t n)
{
    const char *name = energy_name(kind);
    size_t i;

    for (i = 0; i < n; i++) {
        if (!(energy[i] > 0 && energy[i] <= 1e300))
            return kmi_fail(KMA_ERR_ARGUMENT, "%s[%zu] is %g MeV (must be finite and above 0)", name, i, energy[i]);
        if (i > 0 && !(energy[i] > energy[i - 1]))
            return kmi_fail(KMA_ERR_ARGUMENT, "%s[%zu] is %.17g MeV (must be above %s[%zu] = %.17g)", name, i,
                            energy[i], name, i - 1, energy[i - 1]);
    }
    return KMA_OK;
}

static kma_status check_weights(const double *weight, size_t n, double *largest_out)
{
    double largest = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        if (!(weight[i] >= 0 && weight[i] <= 1e300))
            return kmi_fail(KMA_ERR_ARGUMENT, "weight[%zu] is %g (must be finite and at least 0)", i, weight[i]);
        if (weight[i] > largest) largest = weight[i];
    }
    if (largest == 0)
        return kmi_fail(KMA_ERR_ARGUMENT, "all %zu weights are 0 (at least one must be above)", n);
    *largest_out = largest;
    return KMA_OK;
}

static kma_status check(kma_spectrum_kind kind, const double *energy, const double *weight, size_t n,
                        double *largest_out)
{
    kma_status status = KMA_OK;

    if (energy == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "%s is NULL", energy_name(kind));
    if (weight == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "weight is NULL");
    if (n == 0 || n > KMI_SPECTRUM_LARGEST_COUNT)
        return kmi_fail(KMA_ERR_ARGUMENT, "n is %zu (must be 1 to %d %s)", n, KMI_SPECTRUM_LARGEST_COUNT,
                        kind == KMA_SPECTRUM_LINES ? "lines" : "bins");
    KMI_TRY(check_energies(kind, energy, kind == KMA_SPECTRUM_LINES ? n : n + 1));
    KMI_TRY(check_weights(weight, n, largest_out));
cleanup:
    return status;
}

/* Column i of n equal ones is to hold probability[i]: what is short of 1/n takes the rest from one that has more.
 * `small` and `large` are room for n numbers each. All weights are above 0, so that it does no harm that the last
 * columns, whose shares differ from 1 only by rounding, get the whole of themselves. */
static void set_aliases(column *columns, double *share, size_t *small, size_t *large, size_t n)
{
    size_t smalls = 0, larges = 0, i;

    for (i = n; i-- > 0;) {
        columns[i].share = 1;
        columns[i].alias = i;
        if (share[i] < 1)
            small[smalls++] = i;
        else
            large[larges++] = i;
    }
    while (smalls > 0 && larges > 0) {
        size_t s = small[--smalls], l = large[larges - 1];
        columns[s].share = share[s];
        columns[s].alias = l;
        share[l] -= 1 - share[s];
        if (share[l] < 1) {
            larges--;
            small[smalls++] = l;
        }
    }
}

static kma_status make_columns(kmi_spectrum *s, double largest)
{
    kma_status status = KMA_OK;
    double *share = kmi_alloc_array(s->count, sizeof *share);
    size_t *places = kmi_alloc_array(s->count, 2 * sizeof *places);
    double total = 0, sum = 0;
    size_t i;

    s->columns = kmi_alloc_array(s->count, sizeof *s->columns);
    if (share == NULL || places == NULL || s->columns == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a spectrum of %zu", s->count));
    for (i = 0; i < s->count; i++) {
        double w = s->weight[i] / largest; /* now no sum overflows */
        column *c = &s->columns[s->used];
        if (w == 0) continue;
        c->low = s->energy[i];
        c->high = s->kind == KMA_SPECTRUM_LINES ? c->low : s->energy[i + 1];
        share[s->used++] = w;
        total += w;
        sum += w * (c->low + 0.5 * (c->high - c->low));
    }
    s->mean = sum / total;
    for (i = 0; i < s->used; i++) share[i] = share[i] / total * (double)s->used;
    set_aliases(s->columns, share, places, places + s->count, s->used);
cleanup:
    kmi_free(places);
    kmi_free(share);
    return status;
}

static kma_status new_spectrum(kma_spectrum_kind kind, const double *energy, const double *weight, size_t n,
                               kmi_spectrum **out)
{
    kma_status status = KMA_OK;
    kmi_spectrum *s = NULL;
    double largest = 0;

    *out = NULL;
    KMI_TRY(check(kind, energy, weight, n, &largest));
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a spectrum of %zu", n));
    s->kind = kind;
    s->count = n;
    s->energy = kmi_alloc_array(kmi_spectrum_energy_count(s), sizeof *s->energy);
    s->weight = kmi_alloc_array(n, sizeof *s->weight);
    if (s->energy == NULL || s->weight == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a spectrum of %zu", n));
    memcpy(s->energy, energy, kmi_spectrum_energy_count(s) * sizeof *energy);
    memcpy(s->weight, weight, n * sizeof *weight);
    KMI_TRY(make_columns(s, largest));
    *out = s;
    s = NULL;
cleanup:
    kmi_spectrum_destroy(s);
    return status;
}

kma_status kmi_spectrum_new_lines(const double *energy, const double *weight, size_t n, kmi_spectrum **out)
{
    return new_spectrum(KMA_SPECTRUM_LINES, energy, weight, n, out);
}

kma_status kmi_spectrum_new_histogram(const double *edges, const double *weight, size_t n, kmi_spectrum **out)
{
    return new_spectrum(KMA_SPECTRUM_HISTOGRAM, edges, weight, n, out);
}

void kmi_spectrum_destroy(kmi_spectrum *self)
{
    if (self == NULL) return;
    kmi_free(self->columns);
    kmi_free(self->weight);
    kmi_free(self->energy);
    kmi_free(self);
}

double kmi_spectrum_sample(const kmi_spectrum *self, kmi_rng *rng)
{
    const column *c = self->columns;

    if (self->used > 1) {
        double place = kmi_rng_uniform(rng) * (double)self->used;
        size_t i = (size_t)place;
        if (i >= self->used) i = self->used - 1; /* the product was rounded up */
        if (place - (double)i >= c[i].share) i = c[i].alias;
        c += i;
    }
    if (self->kind == KMA_SPECTRUM_LINES) return c->low;
    return fmin(c->low + kmi_rng_uniform(rng) * (c->high - c->low), c->high);
}

double kmi_spectrum_min(const kmi_spectrum *self) { return self->columns[0].low; }
double kmi_spectrum_max(const kmi_spectrum *self) { return self->columns[self->used - 1].high; }
double kmi_spectrum_mean(const kmi_spectrum *self) { return self->mean; }
kma_spectrum_kind kmi_spectrum_kind(const kmi_spectrum *self) { return self->kind; }
size_t kmi_spectrum_count(const kmi_spectrum *self) { return self->count; }
const double *kmi_spectrum_energies(const kmi_spectrum *self) { return self->energy; }
const double *kmi_spectrum_weights(const kmi_spectrum *self) { return self->weight; }

size_t kmi_spectrum_energy_count(const kmi_spectrum *self)
{
    return self->kind == KMA_SPECTRUM_LINES ? self->count : self->count + 1;
}

void kmi_spectrum_digest(const kmi_spectrum *self, uint8_t digest_out[32])
{
    kmi_digest d;
    size_t i;

    kmi_digest_start(&d, "spectrum");
    kmi_digest_u64(&d, (uint64_t)self->kind);
    kmi_digest_u64(&d, self->count);
    for (i = 0; i < kmi_spectrum_energy_count(self); i++) kmi_digest_double(&d, self->energy[i]);
    for (i = 0; i < self->count; i++) kmi_digest_double(&d, self->weight[i]);
    kmi_digest_end(&d, digest_out);
}
