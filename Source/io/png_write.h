/* PNG files of 8 bits a channel. The same pixels give the same bytes: no dates, fixed filter and level. */
#ifndef KMI_PNG_WRITE_H
#define KMI_PNG_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { KMI_PNG_SIDE_MAX = 65535 };

/* pixels: [height][width], rows from top to bottom. Files are replaced as a whole or not at all. */
kma_status kmi_png_write_gray(const char *path, size_t width, size_t height, const uint8_t *pixels);
/* pixels: [height][width][3], sRGB */
kma_status kmi_png_write_rgb(const char *path, size_t width, size_t height, const uint8_t *pixels);
/* The file's bytes; free them with kmi_free. channels: 1 or 3. */
kma_status kmi_png_encode(size_t width, size_t height, int channels, const uint8_t *pixels, uint8_t **bytes_out,
                          size_t *size_out);

#endif
