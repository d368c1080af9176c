/* See plot.h. */
#include "io/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/font.h"
#include "io/ticks.h"

enum {
    SIDE_WANTED = 560,  /* pixels of the longer side, where whole magnifications reach it */
    SIDE_LEAST = 160,   /* pixels of the shorter side: a colour bar needs room */
    BAR_WIDTH = 11      /* of the text's dots */
};

static const kmi_colour paper = {255, 255, 255}, ink = {25, 25, 30}, nothing = {225, 226, 230};

void kmi_plot_defaults(kmi_plot *self, size_t width, size_t height, const float *field)
{
    memset(self, 0, sizeof *self);
    self->width = width;
    self->height = height;
    self->field = field;
    self->pixel_width = self->pixel_height = 1;
    self->window.high = self->under_window.high = 1;
    self->opacity = 0.75;
}

/* Where everything is, in pixels. */
typedef struct layout {
    size_t width, height;   /* of the field's picture */
    long scale, margin;     /* pixels a dot of text; blank borders */
    long left, top;         /* of the field's picture */
    long bar_x, bar_y, bar_width, bar_height, label_x;
    long total_width, total_height;
    kmi_ticks ticks;
    char unit[80];
} layout;

static kma_status size_field(const kmi_plot *p, layout *l)
{
    double smaller = p->pixel_width < p->pixel_height ? p->pixel_width : p->pixel_height;
    double wide = (double)p->width * p->pixel_width / smaller, high = (double)p->height * p->pixel_height / smaller;
    double longer = wide > high ? wide : high, shorter = wide > high ? high : wide;
    double magnify = (double)p->magnify;

    if (p->width < 1 || p->height < 1 || !(smaller > 0) || !isfinite(longer))
        return kmi_fail(KMA_ERR_ARGUMENT, "a plot of %zu x %zu values cannot be drawn", p->width, p->height);
    if (p->magnify == 0) {
        magnify = floor(SIDE_WANTED / longer);
        if (magnify < 1) magnify = 1;
        while (shorter * magnify < SIDE_LEAST && longer * (magnify + 1) <= 2 * SIDE_WANTED) magnify++;
    }
    if (longer * magnify > 20000)
        return kmi_fail(KMA_ERR_ARGUMENT, "a plot of %zu x %zu values would have %.0f pixels a side (at most 20000)", p->width,
                        p->height, longer * magnify);
    l->width = (size_t)(wide * magnify + 0.5);
    l->height = (size_t)(high * magnify + 0.5);
    return KMA_OK;
}

static kma_status lay_out(const kmi_plot *p, layout *l)
{
    kma_status status = KMA_OK;
    long labels = 0, text_height, wide, i;
    const char *unit = p->unit != NULL ? p->unit : "";

    memset(l, 0, sizeof *l);
    KMI_TRY(size_field(p, l));
    l->scale = l->width > 1600 || l->height > 1600 ? 4 : l->width + l->height > 360 ? 2 : 1;
    l->margin = 6 * l->scale;
    text_height = KMI_FONT_CAPITAL * l->scale;
    kmi_ticks_make(&l->ticks, &p->window, (long)l->height / (5 * text_height / 2));
    if (l->ticks.exponent != 0)
        snprintf(l->unit, sizeof l->unit, "1e%d%s%.60s", l->ticks.exponent, unit[0] != '\0' ? " " : "", unit);
    else
        snprintf(l->unit, sizeof l->unit, "%.60s", unit);
    l->left = l->margin;
    l->top = l->margin;
    if (p->title != NULL && p->title[0] != '\0') l->top += text_height + l->margin;
    l->bar_x = l->left + (long)l->width + 2 * l->margin;
    l->bar_y = l->top;
    if (l->unit[0] != '\0') l->bar_y += text_height + l->margin;
    l->bar_width = BAR_WIDTH * l->scale;
    l->bar_height = l->top + (long)l->height - l->bar_y;
    l->label_x = l->bar_x + l->bar_width + 5 * l->scale;
    for (i = 0; i < l->ticks.count; i++) {
        wide = kmi_text_width(l->ticks.label[i], l->scale);
        if (wide > labels) labels = wide;
    }
    l->total_width = l->label_x + labels;
    wide = l->bar_x + kmi_text_width(l->unit, l->scale);
    if (wide > l->total_width) l->total_width = wide;
    if (p->title != NULL) {
        wide = l->left + kmi_text_width(p->title, l->scale);
        if (wide > l->total_width && wide < 20000) l->total_width = wide;
    }
    l->total_width += l->margin;
    l->total_height = l->top + (long)l->height + l->margin;
cleanup:
    return status;
}

/* How much of the field covers what is below: nothing at window.low, all of `opacity` from a tenth on. */
static int cover(const kmi_plot *p, double place)
{
    double part = place * 10;

    if (part > 1) part = 1;
    return (int)(256 * p->opacity * part + 0.5);
}

static kmi_colour colour_at(const kmi_plot *p, size_t i)
{
    double place = kmi_window_place(&p->window, (double)p->field[i]);
    kmi_colour above = kmi_map_colour(p->map, place), below = nothing;

    if (p->under == NULL) return place < 0 ? nothing : above;
    if (!isnan(p->under[i]))
        below = kmi_map_colour(KMI_MAP_GRAY, kmi_window_place(&p->under_window, (double)p->under[i]));
    return place < 0 ? below : kmi_colour_mix(below, above, cover(p, place));
}

static void draw_field(const kmi_plot *p, const layout *l, kmi_picture *picture)
{
    size_t x, y;

    for (y = 0; y < l->height; y++) {
        size_t row = y * p->height / l->height;
        kmi_colour *to = picture->pixels + ((size_t)l->top + y) * picture->width + (size_t)l->left;
        if (y > 0 && row == (y - 1) * p->height / l->height) {
            memcpy(to, to - picture->width, l->width * sizeof *to);
            continue;
        }
        for (x = 0; x < l->width; x++) to[x] = colour_at(p, row * p->width + x * p->width / l->width);
    }
}

static void draw_bar(const kmi_plot *p, const layout *l, kmi_picture *picture)
{
    long y, i;

    for (y = 0; y < l->bar_height; y++) {
        double place = ((double)(l->bar_height - 1 - y) + 0.5) / (double)l->bar_height;
        kmi_picture_fill(picture, l->bar_x, l->bar_y + y, l->bar_width, 1, kmi_map_colour(p->map, place));
    }
    kmi_picture_frame(picture, l->bar_x - 1, l->bar_y - 1, l->bar_width + 2, l->bar_height + 2, 1, ink);
    for (i = 0; i < l->ticks.count; i++) {
        long at = l->bar_y + (long)((1 - l->ticks.place[i]) * (double)(l->bar_height - 1) + 0.5);
        long text_y = at - KMI_FONT_CAPITAL * l->scale / 2;
        if (text_y > l->total_height - KMI_FONT_CAPITAL * l->scale) text_y = l->total_height - KMI_FONT_CAPITAL * l->scale;
        kmi_picture_fill(picture, l->bar_x + l->bar_width, at, 3 * l->scale, 1, ink);
        kmi_picture_text(picture, l->label_x, text_y, l->scale, ink, l->ticks.label[i]);
    }
    kmi_picture_text(picture, l->bar_x, l->top, l->scale, ink, l->unit);
}

kma_status kmi_plot_draw(const kmi_plot *self, kmi_picture **out)
{
    kma_status status = KMA_OK;
    kmi_picture *picture = NULL;
    layout l;

    *out = NULL;
    KMI_TRY(lay_out(self, &l));
    KMI_TRY(kmi_picture_new((size_t)l.total_width, (size_t)l.total_height, paper, &picture));
    if (self->title != NULL) kmi_picture_text(picture, l.left, l.margin, l.scale, ink, self->title);
    draw_field(self, &l, picture);
    kmi_picture_frame(picture, l.left - 1, l.top - 1, (long)l.width + 2, (long)l.height + 2, 1, ink);
    draw_bar(self, &l, picture);
    *out = picture;
    picture = NULL;
cleanup:
    kmi_picture_destroy(picture);
    return status;
}
