/*
 * One of everything through the public interface: a scene described, closed, run
 * in three parts, read, closed and released. Tiny, and seen by all kinds of
 * objects.
 */
#ifndef LIFE_H
#define LIFE_H

#include "fault.h"

enum { LIFE_HISTORIES = 450 };

typedef struct life {
    fault_log log;
    int threads;
    int observers_given, observers_dropped; /* contexts */
    _Atomic int built, dropped;             /* data of workers */
    size_t step_records, score_records, replayed;
    char hash[KMA_HASH_SIZE], scene_hash[KMA_HASH_SIZE];
    double dose, uncertainty, total;
    kma_material water, bone, mix, air, metal;
    kma_solid world_box, box, orb, tube, wedge, block;
    kma_mesh_builder builder;
    kma_mesh wedge_mesh, block_mesh;
    kma_image ct;
    kma_ct_table table, builtin;
    kma_volume world, box_volume, orb_volume, tube_volume, wedge_volume, block_volume, patient;
    kma_spectrum mono, lines, bins;
    kma_source pencil, point, parallel;
    kma_scorer grid, voxels, inside, detector;
    kma_scene scene;
    kma_run_manager run;
    kma_result early, late;
} life;

/* Each in its turn; false if it ended early, by log.repeats. */
bool life_describe(life *self);
bool life_create_run(life *self);
bool life_initialize(life *self);
bool life_run(life *self);
bool life_read(life *self);
bool life_close(life *self);
/* Gives everything back that there is, in whatever state; nothing may fail. */
void life_end(life *self);

#endif
