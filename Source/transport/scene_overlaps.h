/* Looking for overlaps when a scene is closed. */
#ifndef KMI_SCENE_OVERLAPS_H
#define KMI_SCENE_OVERLAPS_H

#include "base/pulse.h"
#include "geometry/geometry.h"
#include "transport/scene.h"

/*
 * Looks, unless the scene says not to, or this very geometry was looked at before and is clean; warns, or fails
 * with KMA_ERR_GEOMETRY. Takes the scene's lock now and then.
 */
kma_status kmi_scene_look_for_overlaps(kmi_scene *scene, const kmi_geometry *geometry, const kmi_pulse *pulse);

#endif
