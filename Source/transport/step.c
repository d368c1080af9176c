/* Steps as observers see them. Nothing here runs unless somebody looks. */
#include <string.h>

#include "transport/photon.h"

#define PROCESS_NAME(name, code, text) case name: return text;
const char *kma_process_name(kma_process process)
{
    switch (process) {
        KMA_PROCESS_LIST(PROCESS_NAME)
    case KMA_PROCESS_END: break;
    }
    return "?";
}
#undef PROCESS_NAME

static void put(double out[3], kmi_vec3 v)
{
    out[0] = v.x;
    out[1] = v.y;
    out[2] = v.z;
}

/* Where a step ends: in which voxel, and in what. */
static void put_matter(const kmi_plan *plan, kma_step *step, kmi_vec3 end, int64_t voxel)
{
    const kmi_fill *fill;

    step->voxel = -1;
    step->material = KMA_NONE;
    if (step->placement == KMI_OUTSIDE) return;
    fill = &plan->fills[step->placement];
    if (fill->kind == KMI_FILL_SOLID) step->material = (int32_t)fill->material;
    if (fill->kind != KMI_FILL_IMAGE) return;
    step->voxel = voxel >= 0 ? voxel : kmi_grid_map_cell_clamped(&fill->map, end);
    step->material = (int32_t)kmi_voxels_at(fill->voxels, step->voxel).material;
}

/* Hands self->step on. */
static bool tell(kmi_transporter *self)
{
    self->action = KMA_GO_ON;
    self->step_status = self->on_step(self->step_context, &self->step, &self->action);
    self->step.number++;
    return self->step_status == KMA_OK && (self->action == KMA_GO_ON || self->action == KMA_END_RUN);
}

bool kmi_transporter_tell(kmi_transporter *self, const kmi_flight *flight, const kmi_step_end *end)
{
    kma_step *step = &self->step;
    kmi_vec3 at = kmi_along(flight->origin, flight->direction, end->t);

    memcpy(step->begin, step->end, sizeof step->begin);
    put(step->end, at);
    put(step->direction, flight->direction);
    put(step->next_direction, end->next_direction);
    step->length = end->t - self->t_begin;
    self->t_begin = end->t;
    step->process = end->process;
    step->placement = end->instance;
    step->next_placement = end->next_instance;
    step->energy = end->energy;
    step->next_energy = end->next_energy;
    step->deposited = end->deposited;
    put_matter(self->plan, step, at, end->voxel);
    return tell(self);
}

bool kmi_transporter_tell_at(kmi_transporter *self, const kmi_track *track, kma_process process, int64_t voxel,
                             double deposited)
{
    kma_step *step = &self->step;

    if (process == KMA_PROCESS_SOURCE) {
        step->history = self->history;
        step->track = (uint32_t)self->tracks; /* photons make no photons yet: the emitted one is number 0 */
        step->number = 0;
    }
    put(step->begin, track->position);
    put(step->end, track->position);
    put(step->direction, track->direction);
    put(step->next_direction, track->direction);
    step->length = 0;
    step->process = process;
    step->placement = step->next_placement = track->instance;
    step->energy = track->energy;
    step->next_energy = process == KMA_PROCESS_SOURCE ? track->energy : 0;
    step->deposited = deposited;
    put_matter(self->plan, step, track->position, voxel);
    return tell(self);
}
