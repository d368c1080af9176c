/**
 * @file kerma/step.h
 * A step: what a photon did between two points of its track. It ends at an
 * interaction, at a surface, at a detector, or where the photon's history does.
 * Null collisions of delta tracking are no steps.
 *
 * Units: mm, MeV. Coordinates are the world's.
 */
#ifndef KERMA_STEP_H
#define KERMA_STEP_H

#include "kerma/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What ended a step: its code and its name. */
#define KMA_PROCESS_LIST(X)                                                                                            \
    X(KMA_PROCESS_SOURCE, 0, "source")               /* emitted: step 0 of a track, without length */                  \
    X(KMA_PROCESS_BOUNDARY, 1, "boundary")           /* from one placement into another, or out of the world */        \
    X(KMA_PROCESS_PHOTOELECTRIC, 2, "photoelectric") /* absorbed */                                                    \
    X(KMA_PROCESS_COMPTON, 3, "Compton")                                                                               \
    X(KMA_PROCESS_RAYLEIGH, 4, "Rayleigh")                                                                             \
    X(KMA_PROCESS_DETECTOR, 5, "detector")           /* crossed, or absorbed by, a detector */                         \
    X(KMA_PROCESS_CUT, 6, "cut")                     /* below the cut energy: all energy deposited; without length */  \
    X(KMA_PROCESS_ESCAPE, 7, "escape")               /* gone for good, outside of the world; without length */

#define KMA_PROCESS_ENUM(name, code, text) name = code,
typedef enum kma_process { KMA_PROCESS_LIST(KMA_PROCESS_ENUM) KMA_PROCESS_END } kma_process;
#undef KMA_PROCESS_ENUM

/** "boundary", "Compton" ...; "?" for an unknown code. Static text. */
KMA_API const char *kma_process_name(kma_process process);

/** A placement or material that is none: outside of the world; vacuum. */
#define KMA_NONE (-1)

/** One step. 168 bytes without gaps, the same on every machine: an array of steps is what record blocks hold. */
typedef struct kma_step {
    uint64_t history;
    uint32_t track;          /**< of the history: 0 is the emitted photon */
    uint32_t number;         /**< of the track's steps: 0 is the emission */
    int32_t process;         /**< a kma_process: what ended the step */
    int32_t placement;       /**< that the step lies in, or KMA_NONE: see kma_run_manager_get_placement() */
    int32_t next_placement;  /**< that the photon is in afterwards: differs at a boundary only */
    int32_t material;        /**< at the end of the step, in `placement`, or KMA_NONE: see kma_run_manager_get_material() */
    int64_t voxel;           /**< at the end of the step, if `placement` shows an image: x + nx (y + ny z); else -1 */
    double begin[3], end[3]; /**< mm */
    double length;           /**< mm */
    double direction[3];     /**< during the step, of length 1 */
    double next_direction[3];/**< after it */
    double energy;           /**< during the step, MeV */
    double next_energy;      /**< after it, MeV; 0 if the photon ended */
    double deposited;        /**< at the end of the step, MeV */
} kma_step;

/** What an observer of steps wants to happen. Of several, the largest value counts. */
typedef enum kma_action {
    KMA_GO_ON = 0,
    KMA_KILL_TRACK = 1,  /**< the photon ends here; its energy is booked as `killed` */
    KMA_END_HISTORY = 2, /**< all photons of the history end; what was scored so far counts */
    KMA_END_RUN = 3      /**< as kma_run_manager_abort(): this history and those under way are finished, then the run ends */
} kma_action;

#ifdef __cplusplus
}
#endif
#endif
