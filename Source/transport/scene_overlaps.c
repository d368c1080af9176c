/* Overlaps of a scene: refused, warned about, or listed for whoever asks. */
#include "transport/scene_overlaps.h"

#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/memory.h"
#include "geometry/overlap.h"

enum { WARNINGS_MAX = 10 };

/* ---- settings ---- */

kma_status kma_scene_set_overlap_check(kma_scene self, kma_overlap_action action, size_t points)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    kmi_scene *scene;

    if ((int)action < (int)KMA_OVERLAPS_REFUSE || (int)action > (int)KMA_OVERLAPS_IGNORE)
        return kmi_fail(KMA_ERR_ARGUMENT, "action is %d (expected KMA_OVERLAPS_REFUSE, _WARN or _IGNORE)", (int)action);
    if (points > KMI_OVERLAP_POINTS_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "points is %zu (expected 1 to %d, or 0: the default, %d)", points,
                        KMI_OVERLAP_POINTS_MAX, KMI_OVERLAP_POINTS);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &object));
    scene = object;
    KMI_TRY(kmi_lock_enter(&scene->lock));
    scene->overlap_action = action;
    scene->overlap_points = points == 0 ? KMI_OVERLAP_POINTS : points;
    kmi_lock_give(&scene->lock);
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scene_get_overlap_check(kma_scene self, kma_overlap_action *action_out, size_t *points_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    kma_overlap_action action = KMA_OVERLAPS_REFUSE;
    size_t points = 0;

    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &object));
    KMI_TRY(kmi_lock_enter(&((kmi_scene *)object)->lock));
    action = ((kmi_scene *)object)->overlap_action;
    points = ((kmi_scene *)object)->overlap_points;
    kmi_lock_give(&((kmi_scene *)object)->lock);
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    if (action_out != NULL) *action_out = action;
    if (points_out != NULL) *points_out = points;
    return status;
}

/* ---- when a scene is closed ---- */

static void warn(const kmi_geometry *g, const kmi_overlap_list *list)
{
    char text[KMI_OVERLAP_TEXT_SIZE];
    size_t i;

    for (i = 0; i < list->count && i < WARNINGS_MAX; i++) {
        kmi_overlap_text(g, &list->items[i], text);
        kmi_log_write(KMA_LOG_WARNING, "%s", text);
    }
    if (list->count > WARNINGS_MAX)
        kmi_log_write(KMA_LOG_WARNING, "%zu%s overlaps in all; the %d deepest were named", list->count,
                      list->count == KMI_OVERLAPS_MAX ? " or more" : "", WARNINGS_MAX);
}

static kma_status refuse(const kmi_geometry *g, const kmi_overlap_list *list)
{
    char text[KMI_OVERLAP_TEXT_SIZE];

    kmi_overlap_text(g, &list->items[0], text);
    if (list->count == 1) return kmi_fail(KMA_ERR_GEOMETRY, "%s", text);
    return kmi_fail(KMA_ERR_GEOMETRY, "%zu%s overlaps; the deepest: %s", list->count,
                    list->count == KMI_OVERLAPS_MAX ? " or more" : "", text);
}

kma_status kmi_scene_look_for_overlaps(kmi_scene *scene, const kmi_geometry *geometry, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    kmi_overlap_list list = {NULL, 0, 0};
    kma_overlap_action action;
    size_t points;
    bool known;

    KMI_TRY(kmi_lock_enter(&scene->lock));
    action = scene->overlap_action;
    points = scene->overlap_points;
    /* Placements are only ever added, solids never change: as many instances are the same ones. */
    known = geometry->instance_count == scene->clean_instances && points <= scene->clean_points;
    kmi_lock_give(&scene->lock);
    if (known || action == KMA_OVERLAPS_IGNORE) return KMA_OK;

    KMI_TRY(kmi_overlaps_find(geometry, points, pulse, &list));
    if (list.count > 0) {
        if (action == KMA_OVERLAPS_REFUSE) KMI_TRY(refuse(geometry, &list));
        warn(geometry, &list);
    } else {
        KMI_TRY(kmi_lock_enter(&scene->lock));
        scene->clean_instances = geometry->instance_count;
        scene->clean_points = points;
        kmi_lock_give(&scene->lock);
    }
cleanup:
    kmi_overlap_list_clear(&list);
    return status;
}

/* ---- when somebody asks ---- */

static void copy_name(char out[KMA_OVERLAP_NAME_SIZE], const kmi_instance *instance)
{
    size_t length = strlen(instance->volume->name);
    if (length >= KMA_OVERLAP_NAME_SIZE) length = KMA_OVERLAP_NAME_SIZE - 1;
    memcpy(out, instance->volume->name, length);
    out[length] = '\0';
}

static void copy_point(double out[3], kmi_vec3 p)
{
    out[0] = p.x;
    out[1] = p.y;
    out[2] = p.z;
}

static void copy_overlap(const kmi_geometry *g, const kmi_overlap *o, kma_overlap *out)
{
    const kmi_instance *first = &g->instances[o->first], *mother = &g->instances[first->mother];
    bool outside = kmi_overlap_is_outside(g, o);

    memset(out, 0, sizeof *out);
    out->kind = outside ? KMA_OVERLAP_OUTSIDE : KMA_OVERLAP_SIBLINGS;
    copy_name(out->mother, mother);
    copy_name(out->first, first);
    copy_name(out->second, &g->instances[o->second]);
    out->first_placement = (size_t)(o->first - mother->first_daughter);
    out->second_placement = outside ? 0 : (size_t)(o->second - mother->first_daughter);
    out->depth = o->depth;
    copy_point(out->point, o->point);
    copy_point(out->world, o->world);
}

kma_status kma_scene_check_overlaps(kma_scene self, size_t points, kma_overlap *out, size_t room, size_t *count_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_overlap_list list = {NULL, 0, 0};
    kmi_geometry *geometry = NULL;
    void *object = NULL;
    kmi_scene *scene;
    size_t i;

    if (count_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "count_out is NULL");
    *count_out = 0;
    if (out == NULL && room > 0) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    for (i = 0; i < room; i++) memset(&out[i], 0, sizeof out[i]);
    if (points > KMI_OVERLAP_POINTS_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "points is %zu (expected 1 to %d, or 0: as the scene says)", points,
                        KMI_OVERLAP_POINTS_MAX);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &object));
    scene = object;
    KMI_TRY(kmi_lock_enter(&scene->lock));
    if (points == 0) points = scene->overlap_points;
    kmi_lock_give(&scene->lock);
    KMI_TRY(kmi_geometry_close(scene->world.object, &geometry));
    KMI_TRY(kmi_overlaps_find(geometry, points, &kmi_thread_pulse, &list));
    for (i = 0; i < list.count && i < room; i++) copy_overlap(geometry, &list.items[i], &out[i]);
    *count_out = list.count;
cleanup:
    kmi_overlap_list_clear(&list);
    kmi_geometry_destroy(geometry);
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}
