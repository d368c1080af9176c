/*
 * Time of a call of base's functions beside libm's, in the same run. Not a test: run it by hand on a quiet machine.
 *
 * Independent arguments: calls may overlap (as they partly do in a transport loop). Chained: each argument needs
 * the previous result, so the whole latency counts.
 */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/elementary.h"
#include "base/rng.h"

enum { COUNT = 4096, ROUNDS = 2000, REPEATS = 5 };

static double arguments[COUNT];
static volatile double sink; /* so that nothing is optimised away */

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The best of several repeats, in ns per call. `expression` uses x, and previous (0, but the compiler cannot know). */
#define MEASURE(name, expression)                                                                                      \
    do {                                                                                                               \
        double ns[2] = {1e9, 1e9};                                                                                     \
        int mode, repeat, round, i;                                                                                    \
        for (mode = 0; mode < 2; mode++)                                                                               \
            for (repeat = 0; repeat < REPEATS; repeat++) {                                                             \
                double start = seconds(), total = 0, previous = 0, chain = mode == 0 ? 0.0 : 1e-300, elapsed;          \
                for (round = 0; round < ROUNDS; round++)                                                               \
                    for (i = 0; i < COUNT; i++) {                                                                      \
                        double x = arguments[i] + previous;                                                            \
                        double y = (expression);                                                                       \
                        previous = mode == 0 ? 0.0 : y * chain;                                                        \
                        total += y;                                                                                    \
                    }                                                                                                  \
                sink = total;                                                                                          \
                elapsed = (seconds() - start) * 1e9 / ((double)ROUNDS * COUNT);                                        \
                if (elapsed < ns[mode]) ns[mode] = elapsed;                                                            \
            }                                                                                                          \
        printf("%-28s %7.2f %9.2f\n", name, ns[0], ns[1]);                                                             \
    } while (0)

static void fill_arguments(kmi_rng *rng)
{
    int i;
    for (i = 0; i < COUNT; i++) arguments[i] = kmi_rng_uniform(rng);
}

static double both(void (*function)(double, double *, double *), double x)
{
    double s, c;
    function(x, &s, &c);
    return s + c;
}

static void libm_sincos_turn(double u, double *s, double *c)
{
    sincos(u * 6.283185307179586, s, c);
}

int main(void)
{
    kmi_rng rng;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    fill_arguments(&rng);
    printf("%-28s %7s %9s   ns per call\n", "uniform arguments in (0,1)", "apart", "chained");
    MEASURE("loop alone", x);
    MEASURE("kmi_log", kmi_log(x));
    MEASURE("libm log", log(x));
    MEASURE("kmi_exp", kmi_exp(x));
    MEASURE("libm exp", exp(x));
    MEASURE("kmi_sincos_turn", both(kmi_sincos_turn, x));
    MEASURE("libm sincos(2 pi u)", both(libm_sincos_turn, x));
    MEASURE("kmi_sincos", both(kmi_sincos, x));
    MEASURE("libm sincos", both(sincos, x));
    MEASURE("kmi_pow(x, 0.3)", kmi_pow(x, 0.3));
    MEASURE("libm pow(x, 0.3)", pow(x, 0.3));
    MEASURE("kmi_atan2(x, 0.5)", kmi_atan2(x, 0.5));
    MEASURE("libm atan2(x, 0.5)", atan2(x, 0.5));
    MEASURE("kmi_cbrt", kmi_cbrt(x));
    MEASURE("libm cbrt", cbrt(x));
    MEASURE("sqrt", sqrt(x));
    MEASURE("kmi_rng_uniform", kmi_rng_uniform(&rng) + 0 * x);
    MEASURE("kmi_rng_refill (4 numbers)", (kmi_rng_refill(&rng), (double)(rng.block[3] & 1) + 0 * x));
    return 0;
}
