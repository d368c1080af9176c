/*
 * What a scene is made of, for writing it: the objects themselves, also those whose names died, each once, in an order
 * that depends on the scene alone.
 */
#ifndef KMI_SCENE_PARTS_H
#define KMI_SCENE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emission/emission.h"
#include "geometry/volume.h"
#include "scoring/scorer.h"
#include "transport/scene.h"

/* Objects of one kind in the order in which they were met, found by their address. */
typedef struct kmi_part_list {
    const void **objects; /* [count] */
    char **names;         /* [count] their keys in the file, or the names of their files there; kmi_free */
    size_t count, room;
    size_t *table;        /* [table_size] index + 1; 0 is free */
    size_t table_size;
} kmi_part_list;

/* The index of an object; it is appended if it is new. */
kma_status kmi_part_meet(kmi_part_list *self, const void *object, size_t *index_out);
/* Of an object that was met. */
size_t kmi_part_index(const kmi_part_list *self, const void *object);
const char *kmi_part_name(const kmi_part_list *self, const void *object);

typedef struct kmi_scene_placed {
    size_t mother, daughter; /* indices of volumes */
    kmi_frame frame;
} kmi_scene_placed;

/* A scene as it was at one moment. All of it is alive as long as the scene is: nothing can be taken out of one. */
typedef struct kmi_scene_parts {
    double cut_energy;
    kma_overlap_action overlap_action;
    size_t overlap_points;
    const kmi_volume *world;
    const kmi_source **sources; /* [source_count] */
    const kmi_scorer **scorers; /* [scorer_count] */
    size_t source_count, scorer_count;
    kmi_part_list volumes;   /* the world's first, breadth first; then those that only scorers hold */
    kmi_scene_placed *placed; /* [placed_count] mother by mother, in the order in which they were placed */
    size_t placed_count, placed_room;
    kmi_part_list materials, spectra, meshes, images, ct_tables;
} kmi_scene_parts;

kma_status kmi_scene_parts_take(kmi_scene *scene, kmi_scene_parts *out);
void kmi_scene_parts_clear(kmi_scene_parts *self);

#endif
