/*
 * Absorption edges, found where xraylib's photoelectric cross-section jumps.
 *
 * Not from EdgeEnergy(): its energies belong to another compilation and differ
 * from XCOM's by up to 0.6 % (K of Pb: 88.0045 against 88.0007 keV), so that a
 * table cut there would smear every jump. The cross-section falls everywhere
 * else but for a few bends of the spline, so each small interval over which it
 * rises may hold a jump; bisection finds it.
 */
#include "physics/edges.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "physics/element.h"
#include "physics/xrl.h"

enum { EDGES_MAX = 2048 };

static const double SCAN_FROM = 0.00097;    /* MeV; the first segment of a table begins below 1 keV */
static const double SCAN_STEP = 1.0 / 1024; /* relative; the cross-section falls by at most 0.4 % over it */
static const double FOUND = 1e-9;           /* relative width at which bisection ends */
static const double JUMP = 1.0001;          /* what rises by less over that width is a bend of the spline */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static double edges[EDGES_MAX];
static size_t edge_count;

static void add(double energy)
{
    if (edge_count < EDGES_MAX) edges[edge_count++] = (float)energy;
}

static void scan_element(int z)
{
    double low = SCAN_FROM;
    double at_low = kmi_xrl_photoelectric(z, low);

    while (low < KMI_EDGES_END && at_low > 0) {
        double high = low * (1 + SCAN_STEP);
        double at_high = kmi_xrl_photoelectric(z, high);

        if (at_high > at_low) {
            double a = low, b = high, at_a = at_low, at_b = at_high;
            while (b - a > FOUND * a) {
                double middle = 0.5 * (a + b);
                double at_middle = kmi_xrl_photoelectric(z, middle);
                if (at_middle * at_middle > at_a * at_b) {
                    b = middle;
                    at_b = at_middle;
                } else {
                    a = middle;
                    at_a = at_middle;
                }
            }
            if (at_b > at_a * JUMP) add(b);
        }
        low = high;
        at_low = at_high;
    }
}

static int by_energy(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void find_all(void)
{
    size_t kept = 0, i;
    int z;

    edge_count = 0; /* a fork may have cut this short in another thread */
    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++) scan_element(z);
    qsort(edges, edge_count, sizeof *edges, by_energy);
    for (i = 0; i < edge_count; i++)
        if (kept == 0 || edges[i] > edges[kept - 1] * (1 + 0.5 * KMI_EDGE_APART)) edges[kept++] = edges[i];
    edge_count = kept;
}

const double *kmi_edges(size_t *count_out)
{
    pthread_once(&once, find_all);
    *count_out = edge_count;
    return edges;
}
