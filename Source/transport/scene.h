/* The description of a scene: what a plan is made of. */
#ifndef KMI_SCENE_H
#define KMI_SCENE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/thread.h"
#include "emission/emission.h"
#include "geometry/volume.h"
#include "kerma/scene.h"
#include "scoring/scorer_set.h"

/* An object that the scene uses: pinned, with the name it was pinned by. */
typedef struct kmi_scene_use {
    uint64_t bits;
    void *object;
} kmi_scene_use;

typedef struct kmi_scene_list {
    kmi_scene_use *uses;
    size_t count, room;
} kmi_scene_list;

typedef struct kmi_scene {
    kmi_lock lock; /* guards all below */
    kmi_scene_use world;
    kmi_scene_list sources;
    kmi_scene_list scorers;
    double cut_energy; /* MeV */
    kma_overlap_action overlap_action;
    size_t overlap_points;
    int32_t clean_instances; /* a geometry of so many was looked at last, with these points, and has no overlap */
    size_t clean_points;
} kmi_scene;

#endif
