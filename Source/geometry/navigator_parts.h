/* What the navigator's files share: the chord of one instance, and the search in many daughters. */
#ifndef KMI_NAVIGATOR_PARTS_H
#define KMI_NAVIGATOR_PARTS_H

#include "geometry/chord.h"
#include "geometry/navigator.h"

/* Most solids are boxes that are not turned: their chord needs no transform and no division. The bits
 * are those of kmi_solid_exit() and kmi_solid_entry(). */
static inline bool kmi_is_plain_box(const kmi_instance *v)
{
    return v->solid->kind == KMI_SOLID_BOX && !v->frame.rotated;
}

static inline kmi_chord kmi_plain_box_chord(const kmi_instance *v, const kmi_flight *f, double contact)
{
    return kmi_half_box_chord(v->solid->u.box.half, kmi_skin(contact), kmi_sub(f->origin, v->frame.translation),
                              f->inverse);
}

/* Is some of the line between t and t_max in the box? Wide boxes only: rounding may decide at its faces. */
static inline bool kmi_chord_reaches(kmi_chord c, double t, double t_max)
{
    return c.in <= c.out && c.out >= t && c.in <= t_max;
}

static inline double kmi_instance_entry(const kmi_instance *v, const kmi_flight *f, double t_max, double contact)
{
    if (kmi_is_plain_box(v)) return kmi_chord_entry(kmi_plain_box_chord(v, f, contact), f->t, t_max, contact);
    /* The bounds are wider than the solid by the contact length, which is far above rounding. */
    if (!kmi_chord_reaches(kmi_box_chord(v->bounds.low, v->bounds.high, f->origin, f->inverse), f->t, t_max))
        return INFINITY;
    return kmi_solid_entry(v->solid, kmi_to_local(&v->frame, f->origin), kmi_unrotate(&v->frame, f->direction), f->t,
                           t_max, contact);
}

/* Both as their counterparts that look at every daughter, to the last bit. `v` has a tree. */
bool kmi_navigator_nearest_in_tree(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out);
int32_t kmi_navigator_locate_in_tree(const kmi_geometry *g, const kmi_instance *v, kmi_vec3 point);

#endif
