/* A water box in vacuum, a 60 keV beam onto it, a dose grid and a detector behind: what runs are tried on. */
#ifndef KMT_SCENE_H
#define KMT_SCENE_H

#include "kerma/observer.h"

kma_scene kmt_water_scene(void);
/* A run manager of it with this many threads. */
kma_run_manager kmt_water_run(int threads);
/* The SHA-256 of all scores of the run manager's result now. */
void kmt_scores_hash(kma_run_manager run, char out[KMA_HASH_SIZE]);
uint64_t kmt_histories(kma_run_manager run);

#endif
