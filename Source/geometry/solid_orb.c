/* The orb: a full sphere about the origin of its frame. */
#include "geometry/chord.h"

int kmi_orb_chords(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double skin,
                   kmi_chord out[KMI_CHORDS_MAX])
{
    /* The distance of the line from the centre comes from a cross product, not from the difference of
     * two large squares: with a far origin the textbook discriminant loses what matters. */
    kmi_vec3 moment = kmi_cross(origin, direction);
    double r = self->u.orb.radius + skin;
    double a = kmi_dot(direction, direction), b = kmi_dot(origin, direction);
    double h = r * r * a - kmi_dot(moment, moment);

    if (!(h > 0)) return 0;
    h = sqrt(h);
    out[0].in = (-b - h) / a;
    out[0].out = (-b + h) / a;
    return 1;
}
