/* What a photon's way adds to the scorers: the hot half of scorer_set.h. */
#include "scoring/scorer_set.h"

void kmi_scorer_set_deposit(const kmi_scorer_set *self, kmi_scores *scores, kmi_vec3 world_point, int32_t instance,
                            int64_t voxel, double energy)
{
    double quanta = energy * self->energy_scale;
    const kmi_action *a = self->actions + self->first_action[instance];
    const kmi_action *end = self->actions + self->first_action[instance + 1];
    size_t i;

    for (; a < end; a++) {
        uint64_t bin = a->first_bin;
        if (a->kind == KMI_ACTION_VOXEL && voxel >= 0)
            bin += (uint64_t)voxel;
        else if (a->kind != KMI_ACTION_BIN)
            bin += (uint64_t)kmi_grid_map_cell_clamped(&self->maps[a->map], world_point);
        kmi_scores_add(scores, bin, quanta);
    }
    for (i = 0; i < self->grid_count; i++) {
        int64_t cell = kmi_grid_map_cell(&self->grids[i].map, world_point);
        if (cell >= 0) kmi_scores_add(scores, self->grids[i].first_bin + (uint64_t)cell, quanta);
    }
}

bool kmi_scorer_set_find_detector(const kmi_scorer_set *self, kmi_vec3 origin, kmi_vec3 direction, double t,
                                  int32_t after, double t_max, double *t_hit, int32_t *which)
{
    bool found = false;
    size_t i;

    for (i = 0; i < self->detector_count; i++) {
        const kmi_detector *d = &self->scorers[self->detectors[i]].scorer->detector;
        double towards = kmi_dot(direction, d->normal);
        double crossing = kmi_dot(kmi_sub(d->centre, origin), d->normal) / towards;
        /* A flight within the plane has no crossing: infinite, or nan. */
        if (!(crossing > t || (crossing == t && (int32_t)i > after))) continue;
        if (!(found ? crossing < *t_hit : crossing <= t_max)) continue;
        if (!(crossing < INFINITY) || kmi_detector_pixel(d, kmi_along(origin, direction, crossing)) < 0) continue;
        *t_hit = crossing;
        *which = (int32_t)i;
        found = true;
    }
    return found;
}

void kmi_scorer_set_detect(const kmi_scorer_set *self, kmi_scores *scores, int32_t which, kmi_vec3 world_point,
                           double energy, bool primary)
{
    const kmi_scorer_bins *b = &self->scorers[self->detectors[which]];
    int64_t pixel = kmi_detector_pixel(&b->scorer->detector, world_point);
    uint64_t energy_plane = primary ? KMI_DETECTOR_PRIMARY_ENERGY : KMI_DETECTOR_SCATTER_ENERGY;
    uint64_t count_plane = primary ? KMI_DETECTOR_PRIMARY_COUNT : KMI_DETECTOR_SCATTER_COUNT;

    if (pixel < 0) return; /* not a point that find_detector gave */
    kmi_scores_add(scores, b->first_bin + energy_plane * b->bins + (uint64_t)pixel, energy * self->energy_scale);
    kmi_scores_add(scores, b->first_bin + count_plane * b->bins + (uint64_t)pixel, self->count_scale);
}
