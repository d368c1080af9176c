/* A field of numbers as a picture that explains itself: title, colour bar, unit. */
#ifndef KMI_PLOT_H
#define KMI_PLOT_H

#include "io/picture.h"

typedef struct kmi_plot {
    size_t width, height;             /* of the fields */
    double pixel_width, pixel_height; /* any common unit: only their ratio is seen */
    const float *field;               /* [height][width], nan where there is no value */
    kmi_window window;
    kmi_map map;
    const float *under;               /* NULL, or a field shown in gray below, such as a CT */
    kmi_window under_window;
    double opacity;                   /* of the field above `under`, 0 .. 1; it fades out towards window.low */
    const char *title, *unit;         /* NULL: none */
    size_t magnify;                   /* pixels for the smaller side of a value; 0: as it suits */
} kmi_plot;

/* Defaults: heat map, opacity 0.75, no texts, pixels as wide as high. */
void kmi_plot_defaults(kmi_plot *self, size_t width, size_t height, const float *field);
kma_status kmi_plot_draw(const kmi_plot *self, kmi_picture **out);

#endif
