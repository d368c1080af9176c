/* The tables of the scene file. Documentation/scene.md says the same in words. */
#ifndef KMI_SCENE_SHAPES_H
#define KMI_SCENE_SHAPES_H

#include "simulation/shape.h"

enum { KMI_SCENE_FORMAT = 1 };

extern const kmi_shape kmi_shape_scene;

#endif
