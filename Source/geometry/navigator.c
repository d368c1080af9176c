/* The navigator: see navigator.h, and README.md for why a track is never lost nor stuck. */
#include "geometry/navigator.h"

#include "geometry/daughter_tree.h"
#include "geometry/navigator_parts.h"

void kmi_flight_start(kmi_flight *self, kmi_vec3 origin, kmi_vec3 direction, int32_t instance)
{
    self->origin = origin;
    self->direction = direction;
    self->inverse = kmi_inverse(direction);
    self->t = 0;
    self->instance = instance;
}

static double exit_of(const kmi_instance *v, const kmi_flight *f, double t_max, double contact)
{
    if (kmi_is_plain_box(v)) {
        kmi_chord c = kmi_plain_box_chord(v, f, contact);
        return kmi_chord_holds(c, f->t, contact) ? c.out : f->t;
    }
    return kmi_solid_exit_before(v->solid, kmi_to_local(&v->frame, f->origin), kmi_unrotate(&v->frame, f->direction),
                                 f->t, t_max, contact);
}

/* The nearest entry before t_max; among those within the contact length of it, the first declared. */
static bool nearest_of_few(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out)
{
    const kmi_instance *v = &g->instances[f->instance];
    double entries[KMI_DAUGHTERS_FEW], nearest = INFINITY;
    int32_t i;

    for (i = 0; i < v->daughter_count; i++) {
        entries[i] = kmi_instance_entry(&g->instances[v->first_daughter + i], f, t_max, g->contact);
        if (entries[i] < nearest) nearest = entries[i];
    }
    if (!(nearest < INFINITY)) return false;
    for (i = 0; !(entries[i] <= nearest + g->contact); i++) continue;
    out->t = entries[i];
    out->instance = v->first_daughter + i;
    return true;
}

bool kmi_navigator_next(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out)
{
    const kmi_instance *v;
    double exit, limit;

    if (f->instance == KMI_OUTSIDE) {
        out->t = kmi_instance_entry(&g->instances[0], f, t_max, g->contact);
        out->instance = 0;
        return out->t < INFINITY;
    }
    v = &g->instances[f->instance];
    exit = exit_of(v, f, t_max, g->contact);
    /* Leaving precedes entering: what begins within the contact length of the exit is not entered. */
    limit = exit - g->contact;
    if (t_max < limit) limit = t_max;
    if (v->daughter_count > KMI_DAUGHTERS_FEW) {
        if (kmi_navigator_nearest_in_tree(g, f, limit, out)) return true;
    } else if (nearest_of_few(g, f, limit, out)) {
        return true;
    }
    out->t = exit;
    out->instance = v->mother;
    return exit <= t_max;
}

static int32_t locate_in_few(const kmi_geometry *g, const kmi_instance *v, kmi_vec3 point)
{
    int32_t i;

    for (i = v->first_daughter; i < v->first_daughter + v->daughter_count; i++) {
        const kmi_instance *d = &g->instances[i];
        if (kmi_solid_inside(d->solid, kmi_to_local(&d->frame, point))) return i;
    }
    return KMI_OUTSIDE;
}

int32_t kmi_navigator_locate(const kmi_geometry *g, kmi_vec3 point)
{
    int32_t at = KMI_OUTSIDE, next = 0;

    if (!kmi_solid_inside(g->instances[0].solid, kmi_to_local(&g->instances[0].frame, point))) return KMI_OUTSIDE;
    while (next != KMI_OUTSIDE) {
        const kmi_instance *v = &g->instances[next];
        at = next;
        next = v->daughter_count > KMI_DAUGHTERS_FEW ? kmi_navigator_locate_in_tree(g, v, point)
                                                     : locate_in_few(g, v, point);
    }
    return at;
}
