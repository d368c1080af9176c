/* Windows and colours: see picture.h. Logarithms are our own, so that the bytes do not change with the processor. */
#include <math.h>

#include "base/elementary.h"
#include "base/memory.h"
#include "io/picture.h"

/*
 * The heat map: 17 colours whose CIELAB lightness rises evenly from 2 to 98 while the hue turns from blue over red
 * to yellow, with as much chroma as sRGB has there (at most 82). Between them colours are mixed evenly.
 */
static const kmi_colour heat[] = {{6, 6, 22},    {18, 20, 52},  {34, 27, 82},   {59, 32, 106},  {103, 24, 114}, {143, 9, 108},
                                  {174, 12, 95}, {204, 16, 84}, {234, 20, 70},  {247, 66, 58},  {253, 101, 48}, {253, 133, 46},
                                  {253, 161, 53}, {254, 186, 63}, {253, 211, 86}, {252, 233, 143}, {253, 250, 227}};
enum { HEAT_STEPS = sizeof heat / sizeof heat[0] - 1 };

kmi_colour kmi_colour_mix(kmi_colour below, kmi_colour above, int amount)
{
    kmi_colour c;

    c.red = (uint8_t)((below.red * (256 - amount) + above.red * amount + 128) / 256);
    c.green = (uint8_t)((below.green * (256 - amount) + above.green * amount + 128) / 256);
    c.blue = (uint8_t)((below.blue * (256 - amount) + above.blue * amount + 128) / 256);
    return c;
}

kmi_colour kmi_map_colour(kmi_map map, double place)
{
    int at, step;

    if (!(place > 0)) place = 0;
    if (place > 1) place = 1;
    if (map == KMI_MAP_GRAY) {
        uint8_t level = (uint8_t)(255 * place + 0.5);
        kmi_colour c = {level, level, level};
        return c;
    }
    at = (int)(place * (256 * HEAT_STEPS) + 0.5);
    step = at / 256 < HEAT_STEPS ? at / 256 : HEAT_STEPS - 1;
    return kmi_colour_mix(heat[step], heat[step + 1], at - 256 * step);
}

double kmi_window_place(const kmi_window *self, double value)
{
    if (isnan(value)) return -1;
    if (value <= self->low) return 0;
    if (value >= self->high) return 1;
    if (self->logarithmic) return kmi_log(value / self->low) / kmi_log(self->high / self->low);
    return (value - self->low) / (self->high - self->low);
}

/* The k-th smallest (Hoare's selection); v is rearranged. */
static float select_kth(float *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;

    while (low < high) {
        float pivot = v[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;; i++, j--) {
            float swap;
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i >= j) break;
            swap = v[i];
            v[i] = v[j];
            v[j] = swap;
        }
        if (k <= j) /* [low, j] is at most the pivot, the rest at least */
            high = j;
        else
            low = j + 1;
    }
    return v[k];
}

static size_t rank_of(double percent, size_t n)
{
    double at = percent / 100 * (double)(n - 1);

    if (!(at > 0)) return 0;
    return at >= (double)(n - 1) ? n - 1 : (size_t)(at + 0.5);
}

kma_status kmi_window_of_values(const float *values, size_t n, double low_percent, double high_percent,
                                bool logarithmic, kmi_window *out)
{
    kma_status status = KMA_OK;
    float *kept = NULL;
    size_t count = 0, i;

    out->logarithmic = logarithmic;
    out->low = logarithmic ? 0.1 : 0;
    out->high = 1;
    kept = kmi_alloc_array(n, sizeof *kept);
    if (kept == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to sort %zu values", n));
    for (i = 0; i < n; i++)
        if (isfinite(values[i]) && (!logarithmic || values[i] > 0)) kept[count++] = values[i];
    if (count == 0) goto cleanup;
    out->low = (double)select_kth(kept, count, rank_of(low_percent, count));
    out->high = (double)select_kth(kept, count, rank_of(high_percent, count));
    if (out->low > out->high) { /* the percentages were given the other way round */
        double swap = out->low;
        out->low = out->high;
        out->high = swap;
    }
    if (out->low == out->high) {
        if (logarithmic)
            out->low = out->high / 10;
        else if (out->high > 0)
            out->low = 0;
        else
            out->high = out->low < 0 ? 0 : 1;
    }
cleanup:
    kmi_free(kept);
    return status;
}
