/* Numbers to write beside a scale. */
#ifndef KMI_TICKS_H
#define KMI_TICKS_H

#include "io/picture.h"

enum { KMI_TICKS_MAX = 24, KMI_TICK_TEXT_SIZE = 24 };

typedef struct kmi_ticks {
    int count;
    double place[KMI_TICKS_MAX]; /* 0 .. 1 in the window, rising */
    char label[KMI_TICKS_MAX][KMI_TICK_TEXT_SIZE];
    int exponent;                /* labels are to be multiplied by ten to this */
} kmi_ticks;

/* Round numbers (1, 2, 5 and tens) in the window, about `wanted` of them (3 to 8). */
void kmi_ticks_make(kmi_ticks *self, const kmi_window *window, long wanted);

#endif
