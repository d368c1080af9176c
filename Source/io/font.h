/* A small font of kerma's own, 5 dots wide, for the printable ASCII characters. */
#ifndef KMI_FONT_H
#define KMI_FONT_H

#include <stdint.h>

/* In dots. A capital is 7 high; g, j, p, q, y and commas reach 2 below. */
enum { KMI_FONT_WIDTH = 5, KMI_FONT_CAPITAL = 7, KMI_FONT_HEIGHT = 9, KMI_FONT_ADVANCE = 6 };

/* [KMI_FONT_HEIGHT] rows from top to bottom, bit 4 is the left dot. Others than ASCII look like '?'. */
const uint8_t *kmi_font_glyph(char c);

#endif
