/* Pixels to draw on, colours of numbers, and text: the parts of plots. Bytes are the same on any processor. */
#ifndef KMI_PICTURE_H
#define KMI_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct kmi_colour { uint8_t red, green, blue; } kmi_colour; /* sRGB */

typedef struct kmi_picture {
    size_t width, height;
    kmi_colour *pixels; /* [height][width], rows from top to bottom */
} kmi_picture;

kma_status kmi_picture_new(size_t width, size_t height, kmi_colour background, kmi_picture **out);
void kmi_picture_destroy(kmi_picture *self); /* NULL is fine */
kma_status kmi_picture_write(const kmi_picture *self, const char *path); /* PNG */

/* Parts outside the picture are left out. */
void kmi_picture_fill(kmi_picture *self, long x, long y, long width, long height, kmi_colour colour);
void kmi_picture_frame(kmi_picture *self, long x, long y, long width, long height, long line, kmi_colour colour);
/* (x, y) is the upper left corner of the first character; `scale` pixels a dot. */
void kmi_picture_text(kmi_picture *self, long x, long y, long scale, kmi_colour colour, const char *text);
long kmi_text_width(const char *text, long scale);

/* How numbers become places on a scale from 0 to 1. */
typedef struct kmi_window {
    double low, high; /* low < high; logarithmic: 0 < low */
    bool logarithmic;
} kmi_window;

/* From the low_percent-th to the high_percent-th percentile of the finite values (logarithmic: of those above
 * 0). Always a window that can be used: a single value is widened, no value gives 0 .. 1 (0.1 .. 1). */
kma_status kmi_window_of_values(const float *values, size_t n, double low_percent, double high_percent,
                                bool logarithmic, kmi_window *out);
/* 0 at and below low, 1 at and above high, -1 for nan. */
double kmi_window_place(const kmi_window *self, double value);

typedef enum kmi_map {
    KMI_MAP_HEAT, /* black, violet, red, orange, yellow, white: lightness grows evenly, so that order can be seen */
    KMI_MAP_GRAY
} kmi_map;

kmi_colour kmi_map_colour(kmi_map map, double place);
/* amount: 0 is all `below`, 256 all `above`. */
kmi_colour kmi_colour_mix(kmi_colour below, kmi_colour above, int amount);

#endif
