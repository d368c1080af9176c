/* The navigator: see navigator.h, and README.md for why a track is never lost nor stuck. */
#include "geometry/navigator.h"

#include "geometry/chord.h"

enum { CANDIDATES = 16 }; /* daughters looked at in one go */

void kmi_flight_start(kmi_flight *self, kmi_vec3 origin, kmi_vec3 direction, int32_t instance)
{
    self->origin = origin;
    self->direction = direction;
    self->inverse = kmi_inverse(direction);
    self->t = 0;
    self->instance = instance;
}

/* Most solids are boxes that are not turned: their chord needs no transform and no division. The bits
 * are those of kmi_solid_exit() and kmi_solid_entry(). */
static inline bool is_plain_box(const kmi_instance *v)
{
    return v->solid->kind == KMI_SOLID_BOX && !v->frame.rotated;
}

static inline kmi_chord plain_box_chord(const kmi_instance *v, const kmi_flight *f, double contact)
{
    return kmi_half_box_chord(v->solid->u.box.half, kmi_skin(contact), kmi_sub(f->origin, v->frame.translation),
                              f->inverse);
}

static double exit_of(const kmi_instance *v, const kmi_flight *f, double contact)
{
    if (is_plain_box(v)) {
        kmi_chord c = plain_box_chord(v, f, contact);
        return kmi_chord_holds(c, f->t, contact) ? c.out : f->t;
    }
    return kmi_solid_exit(v->solid, kmi_to_local(&v->frame, f->origin), kmi_unrotate(&v->frame, f->direction), f->t,
                          contact);
}

static double entry_of(const kmi_instance *v, const kmi_flight *f, double t_max, double contact)
{
    kmi_chord c;

    if (is_plain_box(v)) return kmi_chord_entry(plain_box_chord(v, f, contact), f->t, t_max, contact);
    /* The bounds are wider than the solid by the contact length, which is far above rounding. */
    c = kmi_box_chord(v->bounds.low, v->bounds.high, f->origin, f->inverse);
    if (!(c.in <= c.out && c.out >= f->t && c.in <= t_max)) return INFINITY;
    return kmi_solid_entry(v->solid, kmi_to_local(&v->frame, f->origin), kmi_unrotate(&v->frame, f->direction), f->t,
                           t_max, contact);
}

/* The nearest entry before t_max; among those within the contact length of it, the first declared. */
static bool nearest_daughter(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out)
{
    const kmi_instance *v = &g->instances[f->instance];
    double entries[CANDIDATES], nearest;
    int32_t begin, i, n;
    bool found = false;

    for (begin = 0; begin < v->daughter_count; begin += CANDIDATES) {
        n = v->daughter_count - begin < CANDIDATES ? v->daughter_count - begin : CANDIDATES;
        nearest = INFINITY;
        for (i = 0; i < n; i++) {
            entries[i] = entry_of(&g->instances[v->first_daughter + begin + i], f, t_max, g->contact);
            if (entries[i] < nearest) nearest = entries[i];
        }
        if (!(nearest < INFINITY)) continue;
        if (found && !(nearest < out->t - g->contact)) continue;
        for (i = 0; !(entries[i] <= nearest + g->contact); i++) continue;
        out->t = entries[i];
        out->instance = v->first_daughter + begin + i;
        found = true;
    }
    return found;
}

bool kmi_navigator_next(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out)
{
    double exit, limit;

    if (f->instance == KMI_OUTSIDE) {
        out->t = entry_of(&g->instances[0], f, t_max, g->contact);
        out->instance = 0;
        return out->t < INFINITY;
    }
    exit = exit_of(&g->instances[f->instance], f, g->contact);
    /* Leaving precedes entering: what begins within the contact length of the exit is not entered. */
    limit = exit - g->contact;
    if (nearest_daughter(g, f, t_max < limit ? t_max : limit, out)) return true;
    out->t = exit;
    out->instance = g->instances[f->instance].mother;
    return exit <= t_max;
}

int32_t kmi_navigator_locate(const kmi_geometry *g, kmi_vec3 point)
{
    int32_t at = KMI_OUTSIDE, next = 0, i;

    while (next != KMI_OUTSIDE) {
        const kmi_instance *v = &g->instances[next];
        at = kmi_solid_inside(v->solid, kmi_to_local(&v->frame, point)) ? next : at;
        if (at != next) break;
        next = KMI_OUTSIDE;
        for (i = v->first_daughter; i < v->first_daughter + v->daughter_count; i++) {
            const kmi_instance *d = &g->instances[i];
            if (kmi_solid_inside(d->solid, kmi_to_local(&d->frame, point))) {
                next = i;
                break;
            }
        }
    }
    return at;
}
