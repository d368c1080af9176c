/*
 * The plan: a scene closed. Geometry, physics, sources and scorers meet here;
 * it is immutable, shared by the workers without locks, and kept alive by
 * everyone who reads it (the run manager, its results).
 */
#ifndef KMI_PLAN_H
#define KMI_PLAN_H

#include <stdatomic.h>

#include "base/digest.h"
#include "base/pulse.h"
#include "emission/emission.h"
#include "geometry/navigator.h"
#include "physics/physics.h"
#include "scoring/mass.h"
#include "scoring/scorer_set.h"
#include "transport/scene.h"
#include "transport/voxels.h"

typedef enum kmi_fill_kind { KMI_FILL_VACUUM, KMI_FILL_SOLID, KMI_FILL_IMAGE } kmi_fill_kind;

/* What an instance is filled with. */
typedef struct kmi_fill {
    kmi_fill_kind kind;
    uint32_t material;        /* of the plan, for KMI_FILL_SOLID */
    double density;           /* g/cm3, for KMI_FILL_SOLID */
    const kmi_voxels *voxels; /* for KMI_FILL_IMAGE */
    kmi_grid_map map;         /* world -> voxel, for KMI_FILL_IMAGE */
} kmi_fill;

typedef struct kmi_plan {
    atomic_int references;
    kmi_geometry *geometry;
    kmi_physics *physics;
    kmi_scorer_set *scorers;
    kmi_fill *fills;           /* [instance_count] */
    kmi_voxels **voxels;       /* [volume_count], NULL for volumes that are not images */
    kmi_density_field density; /* reads fills: for the masses of bins */
    const kmi_source **sources;
    double *source_sum;        /* [source_count] cumulative weights, the last is 1 */
    size_t source_count;
    const kmi_material **materials; /* [material_count] */
    size_t material_count;
    double cut_energy;
    double energy_max;         /* of all sources, MeV */
    kmi_scene_list uses;       /* everything the plan keeps alive */
    uint64_t ct_voxels, ct_below, ct_above;
    uint8_t scene_hash[KMI_DIGEST_SIZE];
    uint8_t fingerprint[KMI_DIGEST_SIZE];
} kmi_plan;

/* Checks and closes; a refusal is the scene's fault and names what is at fault. */
kma_status kmi_plan_new(kmi_scene *scene, const kmi_pulse *pulse, kmi_plan **out);
void kmi_plan_retain(kmi_plan *self);
void kmi_plan_release(kmi_plan *self); /* NULL is fine */

/* SHA-256 of everything that decides a result but the seed: see plan_hash.c. */
kma_status kmi_plan_hash(const kmi_plan *self, const kmi_pulse *pulse, uint8_t digest_out[KMI_DIGEST_SIZE]);

#endif
