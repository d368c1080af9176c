/*
 * The energy grid. It comes from the data of all elements, not from a scene's
 * materials: so a material's tables never depend on what else is there.
 *
 * Cross-sections go as E^-3 nearly everywhere, where 128 segments an octave
 * give an error of 1e-4. The exception are the M edges of the heavier elements
 * between 1 and 2 keV: there XCOM has "white lines", in which the photoelectric
 * cross-section rises as E^40 and bends sharply (Gd between 1.190 and 1.222
 * keV). Segments are halved until they are straight enough for every element.
 */
#include "physics/energy_grid.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "physics/edges.h"
#include "physics/element.h"
#include "physics/xrl.h"

enum { BORDERS_MAX = 8192, HALVINGS_MAX = 6 };

static const double TOLERANCE = 2.5e-4;            /* relative, of an element's photoelectric cross-section */
static const double TOO_NEAR = 4 * KMI_EDGE_APART; /* a key's border this near to an edge gives way to it */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static kmi_energy_border borders[BORDERS_MAX];
static size_t border_count;

uint64_t kmi_energy_key(double energy)
{
    uint64_t bits;
    memcpy(&bits, &energy, sizeof bits);
    return bits >> KMI_ENERGY_KEY_SHIFT;
}

double kmi_energy_lowest_of_key(uint64_t key)
{
    uint64_t bits = key << KMI_ENERGY_KEY_SHIFT;
    double energy;
    memcpy(&energy, &bits, sizeof energy);
    return energy;
}

double kmi_energy_above(kmi_energy_border border)
{
    return border.edge ? border.energy * (1 + KMI_EDGE_APART) : border.energy;
}

double kmi_energy_below(kmi_energy_border border)
{
    return border.edge ? border.energy * (1 - KMI_EDGE_APART) : border.energy;
}

static void add(double energy, bool edge)
{
    if (border_count < BORDERS_MAX) {
        borders[border_count].energy = energy;
        borders[border_count].edge = edge;
    }
    border_count++; /* beyond the end too: kmi_energy_grid_get reports it */
}

static bool near_edge(const double *edges, size_t n, double energy)
{
    size_t i;
    for (i = 0; i < n; i++)
        if (fabs(edges[i] - energy) < TOO_NEAR * energy) return true;
    return false;
}

/* Is a straight line over [low, high] good enough for every element? */
static bool is_straight(double low, double high)
{
    int z, i;

    if (low > KMI_EDGES_END) return true; /* nothing bends there */
    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++) {
        double at_low = kmi_xrl_photoelectric(z, low), at_high = kmi_xrl_photoelectric(z, high);
        for (i = 1; i < 4; i++) {
            double line = at_low + 0.25 * i * (at_high - at_low);
            double value = kmi_xrl_photoelectric(z, low + 0.25 * i * (high - low));
            if (fabs(line - value) > TOLERANCE * value) return false;
        }
    }
    return true;
}

/* Adds the borders that are needed inside of an interval without edges. */
static void halve(double low, double high, int halvings)
{
    double middle = (float)(0.5 * (low + high));

    if (halvings == 0 || is_straight(low, high)) return;
    halve(low, middle, halvings - 1);
    add(middle, false);
    halve(middle, high, halvings - 1);
}

static int by_energy(const void *a, const void *b)
{
    double x = ((const kmi_energy_border *)a)->energy, y = ((const kmi_energy_border *)b)->energy;
    return (x > y) - (x < y);
}

static void make(void)
{
    uint64_t key = kmi_energy_key(KMI_XRL_ENERGY_MIN), last = kmi_energy_key(KMI_XRL_ENERGY_MAX);
    double lowest = kmi_energy_lowest_of_key(key);
    size_t edge_count, rough, i;
    const double *edges = kmi_edges(&edge_count);

    border_count = 0; /* a fork may have cut this short in another thread */
    add(lowest, false);
    for (key++; key <= last; key++) {
        double energy = kmi_energy_lowest_of_key(key);
        if (!near_edge(edges, edge_count, energy)) add(energy, false);
    }
    add(KMI_XRL_ENERGY_MAX, false);
    for (i = 0; i < edge_count; i++)
        if (edges[i] > lowest * (1 + TOO_NEAR)) add(edges[i], true);
    if (border_count > BORDERS_MAX) return;
    qsort(borders, border_count, sizeof *borders, by_energy);

    rough = border_count;
    for (i = 0; i + 1 < rough; i++)
        halve(kmi_energy_above(borders[i]), kmi_energy_below(borders[i + 1]), HALVINGS_MAX);
    if (border_count <= BORDERS_MAX) qsort(borders, border_count, sizeof *borders, by_energy);
}

kma_status kmi_energy_grid_get(const kmi_energy_border **borders_out, size_t *count_out)
{
    pthread_once(&once, make);
    *borders_out = NULL;
    *count_out = 0;
    if (border_count > BORDERS_MAX)
        return kmi_fail(KMA_ERR_INTERNAL, "the energy grid has %zu borders, there is room for %d", border_count,
                        BORDERS_MAX);
    *borders_out = borders;
    *count_out = border_count;
    return KMA_OK;
}
