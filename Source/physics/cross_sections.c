/*
 * The tables of cross-sections: see physics.h.
 *
 * The last bits of xraylib's splines depend on the processor's libm. So values
 * are rounded to float, and slopes follow from the floats by plain arithmetic.
 */
#include "physics/cross_sections.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "physics/edges.h"
#include "physics/xrl.h"

/* A key's lowest energy this near (relative) to an edge is no border: the edge is. */
static const double TOO_NEAR = 4 * KMI_EDGE_APART;

static uint64_t key_of(double energy)
{
    uint64_t bits;
    memcpy(&bits, &energy, sizeof bits);
    return bits >> KMI_PHYSICS_KEY_SHIFT;
}

static double lowest_of_key(uint64_t key)
{
    uint64_t bits = key << KMI_PHYSICS_KEY_SHIFT;
    double energy;
    memcpy(&energy, &bits, sizeof energy);
    return energy;
}

/* Is there an edge within relative `near` of `energy`? */
static bool near_edge(const double *edges, size_t count, double energy, double near)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (edges[middle] < energy * (1 - near))
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && edges[low] <= energy * (1 + near);
}

static int by_energy(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

kma_status kmi_cross_sections_make_grid(kmi_physics *self)
{
    kma_status status = KMA_OK;
    size_t edge_count, i;
    const double *edges = kmi_edges(&edge_count);
    double lowest;
    uint32_t n = 0, k, s = 0;

    self->first_key = key_of(self->energy_min);
    self->keys = (uint32_t)(key_of(self->energy_max) - self->first_key) + 1;
    lowest = lowest_of_key(self->first_key);
    self->energy_end = fmin(lowest_of_key(self->first_key + self->keys), KMI_XRL_ENERGY_MAX);
    self->start = kmi_alloc_array(self->keys, sizeof *self->start);
    self->border = kmi_alloc_array(self->keys + edge_count + 1, sizeof *self->border);
    if (self->start == NULL || self->border == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for an energy grid of %u keys", self->keys));

    self->border[n++] = lowest;
    for (k = 1; k < self->keys; k++) {
        double energy = lowest_of_key(self->first_key + k);
        if (!near_edge(edges, edge_count, energy, TOO_NEAR)) self->border[n++] = energy;
    }
    for (i = 0; i < edge_count; i++)
        if (edges[i] > lowest * (1 + TOO_NEAR) && edges[i] < self->energy_end * (1 - TOO_NEAR))
            self->border[n++] = edges[i];
    qsort(self->border, n, sizeof *self->border, by_energy);
    self->border[n] = INFINITY;
    self->segments = n;
    for (k = 0; k < self->keys; k++) {
        while (self->border[s + 1] <= lowest_of_key(self->first_key + k)) s++;
        self->start[k] = s;
    }
cleanup:
    return status;
}

typedef struct values { float photo, both, total; } values;

static kma_status values_at(const kmi_material *material, double energy, values *out)
{
    kma_status status = KMA_OK;
    double photo = 0, compton = 0, rayleigh = 0;
    size_t i;

    for (i = 0; i < material->count; i++) {
        kmi_xrl_attenuation a;
        KMI_TRY(kmi_xrl_attenuation_at(material->z[i], energy, &a));
        photo += material->fraction[i] * a.photoelectric;
        compton += material->fraction[i] * a.compton;
        rayleigh += material->fraction[i] * a.rayleigh;
    }
    out->photo = (float)photo;
    out->both = (float)((double)out->photo + (float)compton);
    out->total = (float)((double)out->both + (float)rayleigh);
cleanup:
    return status;
}

kma_status kmi_cross_sections_fill(kmi_physics *self, uint32_t index, const kmi_material *material)
{
    kma_status status = KMA_OK;
    size_t edge_count;
    const double *edges = kmi_edges(&edge_count);
    values low, high, next_low; /* at the segment's two ends, and above its upper border */
    uint32_t s;

    KMI_TRY(values_at(material, self->border[0], &low));
    for (s = 0; s < self->segments; s++, low = next_low) {
        double upper = s + 1 < self->segments ? self->border[s + 1] : self->energy_end;
        double width = upper - self->border[s];
        kmi_physics_total_cell *total = &self->total[(size_t)s * self->materials + index];
        kmi_physics_part_cell *part = &self->part[(size_t)s * self->materials + index];

        if (s + 1 < self->segments && near_edge(edges, edge_count, upper, 0)) {
            KMI_TRY(values_at(material, upper * (1 - KMI_EDGE_APART), &high));
            KMI_TRY(values_at(material, upper * (1 + KMI_EDGE_APART), &next_low));
        } else {
            KMI_TRY(values_at(material, upper, &high));
            next_low = high;
        }
        total->value = low.total;
        total->slope = (float)(((double)high.total - low.total) / width);
        part->photo = low.photo;
        part->photo_slope = (float)(((double)high.photo - low.photo) / width);
        part->both = low.both;
        part->both_slope = (float)(((double)high.both - low.both) / width);
    }
cleanup:
    return status;
}
