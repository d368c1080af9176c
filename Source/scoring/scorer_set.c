/* Closing the scorers: see scorer_set.h. */
#include "scoring/scorer_set.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "geometry/frame.h"

enum { QUANTUM_BITS = 40 };

/* 2^(ceil(log2(largest)) - 40), of a finite number > 0. */
static double quantum_of(double largest)
{
    int exponent;
    double mantissa = frexp(largest, &exponent); /* in [0.5, 1) */
    return ldexp(1.0, (mantissa == 0.5 ? exponent - 1 : exponent) - QUANTUM_BITS);
}

/* ---- bins ---- */

static const kma_scorer_kind order_of_bins[] = {KMA_SCORER_VOLUME, KMA_SCORER_VOXELS, KMA_SCORER_GRID,
                                                KMA_SCORER_DETECTOR};

static kma_status assign_bins(kmi_scorer_set *self)
{
    uint64_t next = KMI_LEDGER_BINS;
    size_t k, i;

    for (k = 0; k < sizeof order_of_bins / sizeof order_of_bins[0]; k++) {
        for (i = 0; i < self->count; i++) {
            kmi_scorer_bins *b = &self->scorers[i];
            if (b->scorer->kind != order_of_bins[k]) continue;
            b->first_bin = next;
            b->bins = b->scorer->bins;
            b->planes = b->scorer->kind == KMA_SCORER_DETECTOR ? KMI_DETECTOR_PLANES : 1;
            if (b->bins > KMI_BINS_MAX || next + b->bins * b->planes > KMI_BINS_MAX)
                return kmi_fail(KMA_ERR_RANGE,
                                "with the scorer '%s' (%llu bins, %u quantities each) a run has more than %llu bins: "
                                "use coarser scorers", b->scorer->name, (unsigned long long)b->bins, b->planes,
                                (unsigned long long)KMI_BINS_MAX);
            next += b->bins * b->planes;
        }
    }
    self->total_bins = next;
    return KMA_OK;
}

/* ---- deposits ---- */

static bool is_placed(const kmi_geometry *g, const kmi_volume *volume)
{
    uint32_t v;
    for (v = 0; v < g->volume_count; v++)
        if (g->volumes[v] == volume) return true;
    return false;
}

static kma_status check_volumes(const kmi_scorer_set *self, const kmi_geometry *g)
{
    size_t i;

    for (i = 0; i < self->count; i++) {
        const kmi_scorer *s = self->scorers[i].scorer;
        if (s->volume != NULL && !is_placed(g, s->volume))
            return kmi_fail(KMA_ERR_GEOMETRY, "the scorer '%s' scores in the volume '%s', which is not in the world",
                            s->name, s->volume->name);
    }
    return KMA_OK;
}

/* What scorers of an instance's own volume add; written to `out` unless NULL. */
static size_t own_actions(const kmi_scorer_set *self, const kmi_instance *v, uint32_t map, kmi_action *out,
                          bool *voxels_out)
{
    size_t i, n = 0;

    *voxels_out = false;
    for (i = 0; i < self->count; i++) {
        const kmi_scorer_bins *b = &self->scorers[i];
        if (b->scorer->volume != v->volume) continue;
        if (b->scorer->kind == KMA_SCORER_VOXELS) *voxels_out = true;
        if (out != NULL) {
            out[n].kind = b->scorer->kind == KMA_SCORER_VOXELS ? KMI_ACTION_VOXEL : KMI_ACTION_BIN;
            out[n].first_bin = b->first_bin;
            out[n].map = map;
        }
        n++;
    }
    return n;
}

/* Mothers come before their daughters, so an instance takes over what its mother does for voxels. */
static size_t inherited_actions(const kmi_scorer_set *self, const kmi_instance *v, kmi_action *out)
{
    size_t i, n = 0;

    if (v->mother == KMI_OUTSIDE) return 0;
    for (i = self->first_action[v->mother]; i < self->first_action[v->mother + 1]; i++) {
        if (self->actions[i].kind == KMI_ACTION_BIN) continue;
        out[n] = self->actions[i];
        out[n++].kind = KMI_ACTION_POINT;
    }
    return n;
}

static kma_status count_actions(const kmi_scorer_set *self, const kmi_geometry *g, size_t *actions_out, size_t *maps_out)
{
    kma_status status = KMA_OK;
    size_t *of_voxels = kmi_alloc_array((size_t)g->instance_count, sizeof *of_voxels); /* own and inherited */
    int32_t v;
    size_t i;

    *actions_out = *maps_out = 0;
    if (of_voxels == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the scorers of %d placed volumes", g->instance_count));
    for (v = 0; v < g->instance_count; v++) {
        const kmi_instance *instance = &g->instances[v];
        bool voxels = false;
        size_t inherited = instance->mother == KMI_OUTSIDE ? 0 : of_voxels[instance->mother];
        *actions_out += own_actions(self, instance, 0, NULL, &voxels) + inherited;
        *maps_out += voxels;
        of_voxels[v] = inherited;
        for (i = 0; voxels && i < self->count; i++)
            of_voxels[v] += self->scorers[i].scorer->kind == KMA_SCORER_VOXELS &&
                            self->scorers[i].scorer->volume == instance->volume;
    }
cleanup:
    kmi_free(of_voxels);
    return status;
}

static kma_status list_actions(kmi_scorer_set *self, const kmi_geometry *g)
{
    kma_status status = KMA_OK;
    size_t actions = 0, maps = 0, n = 0;
    uint32_t map = 0;
    int32_t v;

    KMI_TRY(count_actions(self, g, &actions, &maps));
    self->first_action = kmi_alloc_array((size_t)g->instance_count + 1, sizeof *self->first_action);
    self->actions = kmi_alloc_array(actions, sizeof *self->actions);
    self->maps = kmi_alloc_array(maps, sizeof *self->maps);
    if (self->first_action == NULL || self->actions == NULL || self->maps == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the scorers of %d placed volumes", g->instance_count));
    for (v = 0; v < g->instance_count; v++) {
        const kmi_instance *instance = &g->instances[v];
        bool voxels = false;
        self->first_action[v] = n;
        n += own_actions(self, instance, map, &self->actions[n], &voxels);
        if (voxels) kmi_grid_map_make(&self->maps[map++], &instance->solid->u.grid.grid, &instance->frame);
        n += inherited_actions(self, instance, &self->actions[n]);
    }
    self->first_action[v] = n;
    KMI_ASSERT(n == actions && map == maps);
cleanup:
    return status;
}

/* ---- grids and detectors: in the world ---- */

static kma_status check_detector(const kmi_scorer *s, const kmi_geometry *g)
{
    const kmi_detector *d = &s->detector;
    const kmi_instance *world = &g->instances[0];
    /* Within the contact length of the world's border is on it. */
    double a = fmax(0.0, 0.5 * (double)d->count[0] * d->pixel[0] - g->contact);
    double b = fmax(0.0, 0.5 * (double)d->count[1] * d->pixel[1] - g->contact);
    int i;

    for (i = 0; i < 4; i++) {
        kmi_vec3 p = kmi_along(kmi_along(d->centre, d->u, (i & 1) ? a : -a), d->v, (i & 2) ? b : -b);
        if (!kmi_solid_inside(world->solid, kmi_to_local(&world->frame, p)))
            return kmi_fail(KMA_ERR_GEOMETRY,
                            "the detector '%s' sticks out of the world '%s' at (%g, %g, %g) mm: photons end at the "
                            "world's border, so make the world larger or the detector smaller", s->name,
                            world->volume->name, p.x, p.y, p.z);
    }
    return KMA_OK;
}

static kma_status list_grids_and_detectors(kmi_scorer_set *self, const kmi_geometry *g)
{
    kma_status status = KMA_OK;
    kmi_frame world = kmi_frame_identity();
    size_t i;

    self->grids = kmi_alloc_array(self->count, sizeof *self->grids);
    self->detectors = kmi_alloc_array(self->count, sizeof *self->detectors);
    if (self->grids == NULL || self->detectors == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scorers", self->count));
    for (i = 0; i < self->count; i++) {
        const kmi_scorer_bins *b = &self->scorers[i];
        if (b->scorer->kind == KMA_SCORER_GRID) {
            kmi_grid_map_make(&self->grids[self->grid_count].map, &b->scorer->grid, &world);
            self->grids[self->grid_count++].first_bin = b->first_bin;
        } else if (b->scorer->kind == KMA_SCORER_DETECTOR) {
            KMI_TRY(check_detector(b->scorer, g));
            self->detectors[self->detector_count++] = (uint32_t)i;
        }
    }
cleanup:
    return status;
}

/* ---- the set ---- */

kma_status kmi_scorer_set_new(const kmi_scorer *const *scorers, size_t n, const kmi_geometry *g, double largest_energy,
                              kmi_scorer_set **out)
{
    kma_status status = KMA_OK;
    kmi_scorer_set *s = NULL;
    size_t i;

    *out = NULL;
    KMI_ASSERT(largest_energy > 0 && largest_energy < 1e9);
    KMI_ASSERT(n < KMI_NO_DETECTOR);
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scorers", n));
    s->energy_quantum = quantum_of(largest_energy);
    s->energy_scale = 1.0 / s->energy_quantum;
    s->count_quantum = quantum_of(1.0);
    s->count_scale = 1.0 / s->count_quantum;
    s->scorers = kmi_alloc_array(n, sizeof *s->scorers);
    if (s->scorers == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scorers", n));
    s->count = n;
    for (i = 0; i < n; i++) s->scorers[i].scorer = scorers[i];
    KMI_TRY(assign_bins(s));
    KMI_TRY(check_volumes(s, g));
    KMI_TRY(list_actions(s, g));
    KMI_TRY(list_grids_and_detectors(s, g));
    *out = s;
    s = NULL;
cleanup:
    kmi_scorer_set_destroy(s);
    return status;
}

void kmi_scorer_set_destroy(kmi_scorer_set *self)
{
    if (self == NULL) return;
    kmi_free(self->detectors);
    kmi_free(self->grids);
    kmi_free(self->maps);
    kmi_free(self->actions);
    kmi_free(self->first_action);
    kmi_free(self->scorers);
    kmi_free(self);
}

static void digest_vector(kmi_digest *d, kmi_vec3 v)
{
    kmi_digest_double(d, v.x);
    kmi_digest_double(d, v.y);
    kmi_digest_double(d, v.z);
}

static void digest_grid(kmi_digest *d, const kmi_grid *grid)
{
    int i;
    for (i = 0; i < 3; i++) {
        kmi_digest_u64(d, grid->count[i]);
        kmi_digest_double(d, grid->spacing[i]);
        kmi_digest_double(d, grid->origin[i]);
    }
    for (i = 0; i < 9; i++) kmi_digest_double(d, grid->direction[i]);
}

void kmi_scorer_set_digest(const kmi_scorer_set *self, const kmi_geometry *g, uint8_t digest_out[32])
{
    kmi_digest d;
    size_t i;
    uint32_t v;

    kmi_digest_start(&d, "kerma scorers 1");
    kmi_digest_double(&d, self->energy_quantum);
    kmi_digest_double(&d, self->count_quantum);
    kmi_digest_u64(&d, self->count);
    for (i = 0; i < self->count; i++) {
        const kmi_scorer *s = self->scorers[i].scorer;
        kmi_digest_text(&d, s->name);
        kmi_digest_u64(&d, (uint64_t)s->kind);
        switch (s->kind) {
        case KMA_SCORER_VOXELS:
        case KMA_SCORER_VOLUME:
            for (v = 0; v < g->volume_count && g->volumes[v] != s->volume; v++) continue;
            kmi_digest_u64(&d, v);
            break;
        case KMA_SCORER_GRID: digest_grid(&d, &s->grid); break;
        case KMA_SCORER_DETECTOR:
            digest_grid(&d, &s->grid);
            digest_vector(&d, s->detector.corner);
            kmi_digest_u64(&d, s->detector.absorbs);
            break;
        }
    }
    kmi_digest_end(&d, digest_out);
}
