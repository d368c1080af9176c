/* The scenes whose results are kept in digests.txt. */
#ifndef SCENES_H
#define SCENES_H

#include <stddef.h>

#include "kerma/kerma.h"

typedef struct regression_scene {
    const char *name;
    kma_scene (*make)(void); /* kept until make_release_all() */
} regression_scene;

extern const regression_scene regression_scenes[];
extern const size_t regression_scene_count;

#endif
