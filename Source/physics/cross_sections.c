/*
 * The tables of cross-sections: see physics.h.
 *
 * The last bits of xraylib's splines depend on the processor's libm. So values
 * are rounded to float, and slopes follow from the floats by plain arithmetic.
 */
#include "physics/cross_sections.h"

#include <math.h>

#include "base/memory.h"
#include "physics/energy_grid.h"
#include "physics/xrl.h"

kma_status kmi_cross_sections_make_grid(kmi_physics *self)
{
    kma_status status = KMA_OK;
    const kmi_energy_border *all = NULL;
    size_t count = 0, first = 0, last = 0, i;
    uint64_t low_key = kmi_energy_key(self->energy_min), high_key = kmi_energy_key(self->energy_max), key;

    KMI_TRY(kmi_energy_grid_get(&all, &count));
    /* From the last border at or below the lowest key's energies to the first at or above the highest's. */
    while (all[first + 1].energy <= kmi_energy_lowest_of_key(low_key)) first++;
    for (last = first + 1; last + 1 < count && all[last].energy < kmi_energy_lowest_of_key(high_key + 1);) last++;

    self->first_key = low_key;
    self->keys = (uint32_t)(high_key - low_key) + 1;
    self->segments = (uint32_t)(last - first);
    self->energy_end = all[last].energy;
    self->start = kmi_alloc_array(self->keys, sizeof *self->start);
    self->border = kmi_alloc_array((size_t)self->segments + 1, sizeof *self->border);
    if (self->start == NULL || self->border == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for an energy grid of %u segments", self->segments));
    self->grid = &all[first];
    for (i = 0; i < self->segments; i++) self->border[i] = self->grid[i].energy;
    self->border[i] = INFINITY;
    for (key = low_key, i = 0; key <= high_key; key++) {
        while (self->border[i + 1] <= kmi_energy_lowest_of_key(key)) i++;
        self->start[key - low_key] = (uint32_t)i;
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
    values low, high; /* at the segment's two ends */
    uint32_t s;

    KMI_TRY(values_at(material, kmi_energy_above(self->grid[0]), &low));
    for (s = 0; s < self->segments; s++) {
        kmi_energy_border upper = self->grid[s + 1];
        double width = upper.energy - self->grid[s].energy;
        kmi_physics_total_cell *total = &self->total[(size_t)s * self->materials + index];
        kmi_physics_part_cell *part = &self->part[(size_t)s * self->materials + index];

        KMI_TRY(values_at(material, kmi_energy_below(upper), &high));
        total->value = low.total;
        total->slope = (float)(((double)high.total - low.total) / width);
        part->photo = low.photo;
        part->photo_slope = (float)(((double)high.photo - low.photo) / width);
        part->both = low.both;
        part->both_slope = (float)(((double)high.both - low.both) / width);
        low = high;
        if (upper.edge && s + 1 < self->segments) KMI_TRY(values_at(material, kmi_energy_above(upper), &low));
    }
cleanup:
    return status;
}
