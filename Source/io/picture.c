/* See picture.h. */
#include "io/picture.h"

#include <string.h>

#include "base/memory.h"
#include "io/font.h"
#include "io/png_write.h"

kma_status kmi_picture_new(size_t width, size_t height, kmi_colour background, kmi_picture **out)
{
    kma_status status = KMA_OK;
    kmi_picture *self = NULL;

    *out = NULL;
    if (width < 1 || height < 1 || width > KMI_PNG_SIDE_MAX || height > KMI_PNG_SIDE_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "a picture of %zu x %zu pixels cannot be made (1 to %d a side)", width, height,
                         KMI_PNG_SIDE_MAX));
    self = kmi_alloc(sizeof *self);
    if (self != NULL) self->pixels = kmi_alloc_array(width * height, sizeof *self->pixels);
    if (self == NULL || self->pixels == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a picture of %zu x %zu pixels", width, height));
    self->width = width;
    self->height = height;
    kmi_picture_fill(self, 0, 0, (long)width, (long)height, background);
    *out = self;
    self = NULL;
cleanup:
    kmi_picture_destroy(self);
    return status;
}

void kmi_picture_destroy(kmi_picture *self)
{
    if (self == NULL) return;
    kmi_free(self->pixels);
    kmi_free(self);
}

kma_status kmi_picture_write(const kmi_picture *self, const char *path)
{
    _Static_assert(sizeof(kmi_colour) == 3, "rows of colours are rows of bytes");
    return kmi_png_write_rgb(path, self->width, self->height, (const uint8_t *)self->pixels);
}

/* Cuts [*begin, *begin + *length) to [0, size). */
static void clip(long *begin, long *length, size_t size)
{
    if (*begin < 0) {
        *length += *begin;
        *begin = 0;
    }
    if (*length > (long)size - *begin) *length = (long)size - *begin;
}

void kmi_picture_fill(kmi_picture *self, long x, long y, long width, long height, kmi_colour colour)
{
    long i, j;

    clip(&x, &width, self->width);
    clip(&y, &height, self->height);
    for (j = y; j < y + height; j++)
        for (i = x; i < x + width; i++) self->pixels[(size_t)j * self->width + (size_t)i] = colour;
}

void kmi_picture_frame(kmi_picture *self, long x, long y, long width, long height, long line, kmi_colour colour)
{
    kmi_picture_fill(self, x, y, width, line, colour);
    kmi_picture_fill(self, x, y + height - line, width, line, colour);
    kmi_picture_fill(self, x, y, line, height, colour);
    kmi_picture_fill(self, x + width - line, y, line, height, colour);
}

void kmi_picture_text(kmi_picture *self, long x, long y, long scale, kmi_colour colour, const char *text)
{
    int row, dot;

    for (; *text != '\0'; text++, x += KMI_FONT_ADVANCE * scale) {
        const uint8_t *glyph = kmi_font_glyph(*text);
        for (row = 0; row < KMI_FONT_HEIGHT; row++)
            for (dot = 0; dot < KMI_FONT_WIDTH; dot++)
                if ((glyph[row] >> (KMI_FONT_WIDTH - 1 - dot) & 1) != 0)
                    kmi_picture_fill(self, x + dot * scale, y + row * scale, scale, scale, colour);
    }
}

long kmi_text_width(const char *text, long scale)
{
    long n = (long)strlen(text);

    return n == 0 ? 0 : (n * KMI_FONT_ADVANCE - (KMI_FONT_ADVANCE - KMI_FONT_WIDTH)) * scale;
}
