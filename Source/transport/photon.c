/*
 * Photons from emission to their end.
 *
 * In solids the free path is spent volume by volume: one optical depth is
 * drawn for a flight and each stretch takes mu * length from it (surface
 * tracking). In images collisions are drawn with a majorant and accepted with
 * mu / majorant (delta tracking). A depth that is left when a flight changes
 * from one way to the other stays valid: what remains of an exponential is one.
 *
 * Woodcock et al., ANL-7050 (1965): a null collision leaves energy and
 * direction unchanged.
 */
#include "transport/photon.h"

#include <math.h>

#include "base/elementary.h"
#include "transport/delta_track.h"

void kmi_transporter_start(kmi_transporter *self, const kmi_plan *plan, kmi_scores *scores, uint64_t seed)
{
    self->plan = plan;
    self->scores = scores;
    self->seed = seed;
    self->tracks = 0;
    self->steps_done = 0;
    self->steps_max = KMI_STEPS_MAX;
    self->on_step = NULL;
    self->step_context = NULL;
}

/* What ended a flight. */
typedef enum flight_end {
    FLIGHT_COLLISION,
    FLIGHT_BOUNDARY,
    FLIGHT_DETECTOR,
    FLIGHT_ESCAPE,
    FLIGHT_STOPPED, /* an observer of steps has failed, or wants no more of the photon */
    FLIGHT_FAULT
} flight_end;

/* One photon's flight, and what physics needs on it. */
typedef struct flight_state {
    kmi_flight flight;
    double depth;     /* optical depth still to go */
    uint32_t segment; /* of the energy */
    double energy;
    kmi_boundary boundary;
    double t_detector; /* of the next detector, INFINITY if there is none */
    int32_t detector;  /* the next one, or the one just crossed */
    uint32_t material; /* of the collision */
    int64_t voxel;     /* of the collision, -1 outside of images */
} flight_state;

static inline double draw_depth(kmi_rng *rng)
{
    return -kmi_log(kmi_rng_uniform(rng));
}

/* One stretch in a solid or in vacuum. */
static flight_end fly_solid(const kmi_transporter *self, const kmi_fill *fill, flight_state *f)
{
    const kmi_plan *plan = self->plan;
    double mu = 0, t_collision = INFINITY;

    if (fill != NULL && fill->kind == KMI_FILL_SOLID) {
        mu = kmi_physics_linear(plan->physics, fill->material, f->segment, f->energy);
        if (mu > 0) t_collision = f->flight.t + f->depth / mu;
    }
    if (kmi_navigator_next(plan->geometry, &f->flight, fmin(t_collision, f->t_detector), &f->boundary)) {
        f->depth -= mu * (f->boundary.t - f->flight.t);
        if (f->depth < 0) f->depth = 0; /* by rounding: the boundary comes first */
        return FLIGHT_BOUNDARY;
    }
    if (f->t_detector < INFINITY && f->t_detector <= t_collision) {
        f->depth -= mu * (f->t_detector - f->flight.t);
        if (f->depth < 0) f->depth = 0;
        return FLIGHT_DETECTOR;
    }
    if (t_collision < INFINITY) {
        f->flight.t = t_collision;
        f->material = fill->material;
        f->voxel = -1;
        return FLIGHT_COLLISION;
    }
    /* Inside of the world there is always a boundary ahead. */
    return f->flight.instance == KMI_OUTSIDE ? FLIGHT_ESCAPE : FLIGHT_FAULT;
}

/* One stretch in an image, to a collision, a daughter, the image's end or a detector. */
static flight_end fly_image(kmi_transporter *self, const kmi_fill *fill, flight_state *f)
{
    const kmi_plan *plan = self->plan;
    flight_end end = FLIGHT_BOUNDARY;
    kmi_block_walk walk;
    double limit;

    if (kmi_navigator_next(plan->geometry, &f->flight, f->t_detector, &f->boundary)) {
        limit = f->boundary.t;
    } else {
        if (!(f->t_detector < INFINITY)) return FLIGHT_FAULT;
        limit = f->t_detector;
        end = FLIGHT_DETECTOR;
    }
    kmi_block_walk_start(&walk, fill->voxels, &fill->map, f->flight.origin, f->flight.direction, f->flight.t, f->segment);
    for (;;) {
        double majorant = kmi_block_walk_majorant(&walk);
        int axis = kmi_block_walk_axis(&walk);
        double border = fmin(walk.leave[axis], limit);
        double t = f->flight.t + f->depth / majorant; /* INFINITY where all is vacuum */
        kmi_ct_voxel voxel;
        double mu;

        if (++self->steps > self->steps_max) return FLIGHT_FAULT;
        if (!(t < border)) {
            if (border > f->flight.t) { /* else rounding put it behind */
                f->depth -= majorant * (border - f->flight.t);
                if (!(f->depth > 0)) f->depth = 0;
                f->flight.t = border;
            }
            if (border >= limit) return end;
            kmi_block_walk_on(&walk, axis);
            continue;
        }
        f->flight.t = t;
        f->voxel = kmi_block_walk_cell(&walk, t);
        voxel = kmi_voxels_at(fill->voxels, f->voxel);
        mu = kmi_physics_total(plan->physics, voxel.material, f->segment, f->energy) * (double)voxel.density * 0.1;
        if (mu > majorant) return FLIGHT_FAULT;
        if (kmi_rng_uniform(&self->rng) * majorant < mu) {
            f->material = voxel.material;
            return FLIGHT_COLLISION;
        }
        f->depth = draw_depth(&self->rng); /* a null collision: on as before */
    }
}

/* The next detector after the one just crossed (KMI_NO_DETECTOR: none yet). */
static inline void find_detector(const kmi_plan *plan, flight_state *f, int32_t after)
{
    if (!kmi_scorer_set_next_detector(plan->scorers, f->flight.origin, f->flight.direction, f->flight.t, after, INFINITY,
                                      &f->t_detector, &f->detector))
        f->t_detector = INFINITY;
}

static inline void deposit(kmi_transporter *self, const flight_state *f, kmi_vec3 point, double energy)
{
    kmi_scorer_set_deposit(self->plan->scorers, self->scores, point, f->flight.instance, f->voxel, energy);
}

/*
 * A collision: the photon goes on with a new energy and direction; with 0 it is absorbed. Below the cut it ends and
 * nothing is deposited yet: see end_below_cut.
 */
static kma_process collide(kmi_transporter *self, kmi_track *track, const flight_state *f)
{
    const kmi_physics *physics = self->plan->physics;
    kma_process process = KMA_PROCESS_RAYLEIGH;
    double energy = track->energy, cos_theta = 1, sin_phi, cos_phi;

    track->position = kmi_along(f->flight.origin, f->flight.direction, f->flight.t);
    track->instance = f->flight.instance;
    track->primary = false;
    switch (kmi_physics_choose(physics, f->material, f->segment, energy, kmi_rng_uniform(&self->rng))) {
    case KMI_PHOTOELECTRIC:
        deposit(self, f, track->position, energy);
        self->deposited += energy;
        track->energy = 0;
        return KMA_PROCESS_PHOTOELECTRIC;
    case KMI_COMPTON:
        process = KMA_PROCESS_COMPTON;
        kmi_physics_compton(physics, f->material, energy, &self->rng, &track->energy, &cos_theta);
        self->deposited += energy - track->energy;
        if (track->energy < self->plan->cut_energy) return process; /* its deposit is one with what is cut */
        deposit(self, f, track->position, energy - track->energy);
        break;
    case KMI_RAYLEIGH:
        kmi_physics_rayleigh(physics, f->material, energy, &self->rng, &cos_theta);
        break;
    }
    kmi_sincos_turn(kmi_rng_uniform(&self->rng), &sin_phi, &cos_phi);
    track->direction = kmi_turn(track->direction, cos_theta, sin_phi, cos_phi);
    return process;
}

static kma_status lost(const kmi_transporter *self, const kmi_track *track, const flight_state *f)
{
    return kmi_fail(KMA_ERR_INTERNAL,
                    "history %llu: a photon of %g MeV has no way on in instance %d, %.17g mm from (%.17g, %.17g, %.17g) "
                    "along (%.17g, %.17g, %.17g), after %llu steps",
                    (unsigned long long)self->history, track->energy, f->flight.instance, f->flight.t,
                    f->flight.origin.x, f->flight.origin.y, f->flight.origin.z, f->flight.direction.x,
                    f->flight.direction.y, f->flight.direction.z, (unsigned long long)self->steps);
}

/* ---- steps, told where somebody looks ---- */

static bool tell_boundary(kmi_transporter *self, const kmi_track *track, const flight_state *f, int32_t from)
{
    return kmi_transporter_tell(self, &f->flight, &(kmi_step_end){
        .process = KMA_PROCESS_BOUNDARY, .instance = from, .next_instance = f->flight.instance, .voxel = -1,
        .t = f->flight.t, .next_direction = f->flight.direction, .energy = track->energy, .next_energy = track->energy});
}

static bool tell_detector(kmi_transporter *self, const kmi_track *track, const flight_state *f, bool absorbed)
{
    return kmi_transporter_tell(self, &f->flight, &(kmi_step_end){
        .process = KMA_PROCESS_DETECTOR, .instance = f->flight.instance, .next_instance = f->flight.instance, .voxel = -1,
        .t = f->flight.t, .next_direction = f->flight.direction, .energy = track->energy,
        .next_energy = absorbed ? 0 : track->energy});
}

static bool tell_collision(kmi_transporter *self, const kmi_track *track, const flight_state *f, kma_process process)
{
    return kmi_transporter_tell(self, &f->flight, &(kmi_step_end){
        .process = process, .instance = f->flight.instance, .next_instance = f->flight.instance, .voxel = f->voxel,
        .t = f->flight.t, .next_direction = track->direction, .energy = f->energy, .next_energy = track->energy,
        .deposited = f->energy - track->energy});
}

/* What an observer of steps wanted, or how it failed. `left`: energy that is booked nowhere yet. */
static kma_status stopped(kmi_transporter *self, double left)
{
    self->killed += left;
    if (self->action == KMA_END_HISTORY) {
        while (self->tracks > 0) self->killed += self->stack[--self->tracks].energy;
    }
    return self->step_status;
}

/* A scattered photon below the cut, unless an observer has killed it, leaves its energy in one go with the collision's. */
static kma_status end_below_cut(kmi_transporter *self, const kmi_track *track, const flight_state *f, bool killed)
{
    deposit(self, f, track->position, killed ? f->energy - track->energy : f->energy);
    if (killed) return stopped(self, track->energy);
    self->cut += track->energy;
    if (self->on_step != NULL) kmi_transporter_tell_at(self, track, KMA_PROCESS_CUT, f->voxel, track->energy);
    return stopped(self, 0);
}

/* One flight: from the track's position, along its direction, to a collision or an end. */
static flight_end fly(kmi_transporter *self, kmi_track *track, flight_state *f)
{
    const kmi_plan *plan = self->plan;
    int32_t from;
    bool absorbed;

    kmi_flight_start(&f->flight, track->position, track->direction, track->instance);
    f->depth = draw_depth(&self->rng);
    self->t_begin = 0;
    find_detector(plan, f, KMI_NO_DETECTOR);
    for (;;) {
        const kmi_fill *fill = f->flight.instance == KMI_OUTSIDE ? NULL : &plan->fills[f->flight.instance];
        flight_end end = fill != NULL && fill->kind == KMI_FILL_IMAGE ? fly_image(self, fill, f) : fly_solid(self, fill, f);

        if (++self->steps > self->steps_max) return FLIGHT_FAULT;
        switch (end) {
        case FLIGHT_BOUNDARY:
            from = f->flight.instance;
            f->flight.t = f->boundary.t;
            f->flight.instance = f->boundary.instance;
            if (self->on_step != NULL && !tell_boundary(self, track, f, from)) return FLIGHT_STOPPED;
            continue;
        case FLIGHT_DETECTOR:
            f->flight.t = f->t_detector;
            kmi_scorer_set_detect(plan->scorers, self->scores, f->detector,
                                  kmi_along(f->flight.origin, f->flight.direction, f->t_detector), track->energy,
                                  track->primary);
            absorbed = kmi_scorer_set_detector_absorbs(plan->scorers, f->detector);
            if (absorbed) self->escaped += track->energy;
            if (self->on_step != NULL && !tell_detector(self, track, f, absorbed) && !absorbed) return FLIGHT_STOPPED;
            if (absorbed) return FLIGHT_DETECTOR; /* its energy is booked */
            find_detector(plan, f, f->detector);
            continue;
        default: return end;
        }
    }
}

/* The photon's energy is booked when this returns. */
static kma_status follow(kmi_transporter *self, kmi_track *track)
{
    flight_state f;

    for (;;) {
        f.energy = track->energy;
        f.segment = kmi_physics_segment(self->plan->physics, f.energy);
        do {
            kma_process process;
            bool killed;

            switch (fly(self, track, &f)) {
            case FLIGHT_COLLISION: break;
            case FLIGHT_DETECTOR: return stopped(self, 0); /* absorbed */
            case FLIGHT_ESCAPE:
                self->escaped += track->energy;
                if (self->on_step != NULL) {
                    track->position = kmi_along(f.flight.origin, f.flight.direction, f.flight.t);
                    track->instance = KMI_OUTSIDE;
                    if (!kmi_transporter_tell_at(self, track, KMA_PROCESS_ESCAPE, -1, 0)) return stopped(self, 0);
                }
                return KMA_OK;
            case FLIGHT_STOPPED: return stopped(self, track->energy);
            default: return lost(self, track, &f);
            }
            process = collide(self, track, &f);
            killed = self->on_step != NULL && !tell_collision(self, track, &f, process);
            if (process == KMA_PROCESS_COMPTON && track->energy < self->plan->cut_energy)
                return end_below_cut(self, track, &f, killed);
            if (killed || process == KMA_PROCESS_PHOTOELECTRIC) return stopped(self, track->energy);
        } while (track->energy == f.energy);
    }
}

static const kmi_source *choose_source(const kmi_plan *plan, kmi_rng *rng)
{
    size_t i = 0;
    double u;

    if (plan->source_count == 1) return plan->sources[0];
    u = kmi_rng_uniform(rng);
    while (i + 1 < plan->source_count && u >= plan->source_sum[i]) i++;
    return plan->sources[i];
}

static void emit(kmi_transporter *self)
{
    kmi_track *track = &self->stack[self->tracks++];
    kmi_emission emission;
    kmi_rng rng;

    kmi_rng_start(&rng, self->seed, self->history, KMI_STREAM_SOURCE);
    kmi_source_emit(choose_source(self->plan, &rng), &rng, &emission);
    track->position = emission.position;
    track->direction = emission.direction;
    track->energy = emission.energy;
    track->instance = kmi_navigator_locate(self->plan->geometry, emission.position);
    track->primary = true;
    self->emitted += emission.energy;
}

/* A photon emitted below the cut leaves its energy where it is. */
static void stop_at_once(kmi_transporter *self, const kmi_track *track)
{
    const kmi_plan *plan = self->plan;
    int64_t voxel = -1;

    if (track->instance != KMI_OUTSIDE) {
        const kmi_fill *fill = &plan->fills[track->instance];
        if (fill->kind == KMI_FILL_IMAGE) voxel = kmi_grid_map_cell_clamped(&fill->map, track->position);
        kmi_scorer_set_deposit(plan->scorers, self->scores, track->position, track->instance, voxel, track->energy);
    }
    self->cut += track->energy;
    if (self->on_step != NULL) kmi_transporter_tell_at(self, track, KMA_PROCESS_CUT, voxel, track->energy);
}

/* A photon from the stack. */
static kma_status begin_track(kmi_transporter *self, kmi_track *track)
{
    if (self->on_step != NULL && !kmi_transporter_tell_at(self, track, KMA_PROCESS_SOURCE, -1, 0))
        return stopped(self, track->energy);
    if (track->energy >= self->plan->cut_energy) return follow(self, track);
    stop_at_once(self, track);
    return stopped(self, 0);
}

kma_status kmi_transporter_run(kmi_transporter *self, uint64_t history)
{
    kma_status status = KMA_OK;
    const kmi_plan *plan = self->plan;
    double scale = plan->scorers->energy_scale;

    self->history = history;
    self->steps = 0;
    self->tracks = 0;
    self->emitted = self->deposited = self->escaped = self->cut = self->killed = 0;
    self->action = KMA_GO_ON;
    self->step_status = KMA_OK;
    kmi_rng_start(&self->rng, self->seed, history, KMI_STREAM_TRANSPORT);
    emit(self);
    while (self->tracks > 0) {
        kmi_track track = self->stack[--self->tracks];
        KMI_TRY(begin_track(self, &track));
    }
    kmi_scores_add(self->scores, KMI_LEDGER_EMITTED, self->emitted * scale);
    if (self->deposited != 0) kmi_scores_add(self->scores, KMI_LEDGER_DEPOSITED, self->deposited * scale);
    if (self->escaped != 0) kmi_scores_add(self->scores, KMI_LEDGER_ESCAPED, self->escaped * scale);
    if (self->cut != 0) kmi_scores_add(self->scores, KMI_LEDGER_CUT, self->cut * scale);
    if (self->killed != 0) kmi_scores_add(self->scores, KMI_LEDGER_KILLED, self->killed * scale);
cleanup:
    self->steps_done += self->steps;
    return status;
}
