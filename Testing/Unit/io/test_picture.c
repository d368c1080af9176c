/* Pictures: colours, scales, text, slices, and whole plots. */
#include "kmt_file.h"

#include <math.h>
#include <png.h>

#include "base/digest.h"
#include "io/font.h"
#include "io/plot.h"
#include "io/slice.h"
#include "io/ticks.h"
#include "kerma/picture.h"

/* CIE 1976 L* of an sRGB colour (IEC 61966-2-1). */
static double lightness(kmi_colour c)
{
    double part[3] = {c.red / 255., c.green / 255., c.blue / 255.}, y = 0;
    static const double weight[3] = {0.2126729, 0.7151522, 0.0721750};
    int i;

    for (i = 0; i < 3; i++)
        y += weight[i] * (part[i] <= 0.04045 ? part[i] / 12.92 : pow((part[i] + 0.055) / 1.055, 2.4));
    return y > 216. / 24389 ? 116 * cbrt(y) - 16 : y * 24389. / 27;
}

TEST(the_heat_map_rises_evenly_in_lightness)
{
    int i;

    for (i = 0; i <= 1000; i++) {
        double place = i / 1000.;
        assert_near(lightness(kmi_map_colour(KMI_MAP_HEAT, place)), 2 + 96 * place, 2.5);
        if (i % 10 == 0 && i > 0)
            assert_true(lightness(kmi_map_colour(KMI_MAP_HEAT, place)) > lightness(kmi_map_colour(KMI_MAP_HEAT, place - 0.01)));
    }
    assert_int_equal(kmi_map_colour(KMI_MAP_GRAY, 0).green, 0);
    assert_int_equal(kmi_map_colour(KMI_MAP_GRAY, 1).red, 255);
    assert_int_equal(kmi_map_colour(KMI_MAP_GRAY, -5).blue, 0);
    assert_int_equal(kmi_map_colour(KMI_MAP_GRAY, NAN).blue, 0);
    assert_int_equal(kmi_map_colour(KMI_MAP_GRAY, 7).blue, 255);
}

TEST(windows_place_values_between_0_and_1)
{
    kmi_window w = {10, 20, false}, l = {1e-6, 1, true};

    assert_true(kmi_window_place(&w, 15) == 0.5 && kmi_window_place(&w, 9) == 0 && kmi_window_place(&w, 21) == 1);
    assert_true(kmi_window_place(&w, NAN) == -1 && kmi_window_place(&w, INFINITY) == 1);
    assert_near(kmi_window_place(&l, 1e-3), 0.5, 1e-15);
    assert_near(kmi_window_place(&l, 1e-2), 2. / 3, 1e-15);
    assert_true(kmi_window_place(&l, 0) == 0 && kmi_window_place(&l, -1) == 0);
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

PROPERTY(windows_end_at_the_percentiles, 200)
{
    float values[300], sorted[300];
    size_t n = 2 + (size_t)(298 * kmi_rng_uniform(rng)), kept = 0, i;
    bool logarithmic = seed % 2 == 0;
    double low = 100 * kmi_rng_uniform(rng), high = 100 * kmi_rng_uniform(rng);
    kmi_window w;

    for (i = 0; i < n; i++) {
        values[i] = (float)(seed % 3 == 0 ? floor(10 * kmi_rng_uniform(rng)) : kmi_rng_uniform(rng) - 0.3); /* ties, too */
        if (kmi_rng_uniform(rng) < 0.05) values[i] = NAN;
        if (kmi_rng_uniform(rng) < 0.02) values[i] = INFINITY;
        if (isfinite(values[i]) && (!logarithmic || values[i] > 0)) sorted[kept++] = values[i];
    }
    assert_ok(kmi_window_of_values(values, n, low, high, logarithmic, &w));
    assert_true(w.low < w.high && (!logarithmic || w.low > 0));
    if (kept == 0) return;
    qsort(sorted, kept, sizeof *sorted, compare);
    {
        float a = sorted[(size_t)(fmin(low, high) / 100 * (double)(kept - 1) + 0.5)];
        float b = sorted[(size_t)(fmax(low, high) / 100 * (double)(kept - 1) + 0.5)];
        if (a < b) assert_true(w.low == a && w.high == b);
    }
}

TEST(windows_of_odd_values_can_be_used)
{
    static const struct {
        float value;
        bool logarithmic;
        double low, high;
    } cases[] = {{0, false, 0, 1}, {5, false, 0, 5}, {-5, false, -5, 0}, {5, true, 0.5, 5}, {NAN, false, 0, 1}, {-1, true, 0.1, 1}};
    size_t k;

    for (k = 0; k < 6; k++) {
        float values[3] = {cases[k].value, cases[k].value, cases[k].value};
        kmi_window w;
        assert_ok(kmi_window_of_values(values, 3, 0, 100, cases[k].logarithmic, &w));
        assert_true(w.low == cases[k].low && w.high == cases[k].high);
    }
}

static void check_ticks(kmi_window w, long wanted, int exponent, const char *expected)
{
    kmi_ticks t;
    char all[400] = "";
    int i;

    kmi_ticks_make(&t, &w, wanted);
    for (i = 0; i < t.count; i++) {
        if (i > 0) strcat(all, " ");
        strcat(all, t.label[i]);
        /* The label, times ten to the exponent, lies where the tick is drawn. */
        assert_near(kmi_window_place(&w, strtod(t.label[i], NULL) * pow(10, t.exponent)), t.place[i], 1e-9);
    }
    assert_string_equal(all, expected);
    assert_int_equal(t.exponent, exponent);
}

TEST(ticks_are_round_numbers)
{
    check_ticks((kmi_window){0, 1, false}, 6, 0, "0 0.2 0.4 0.6 0.8 1.0");
    check_ticks((kmi_window){0, 11, false}, 8, 0, "0 2 4 6 8 10");
    check_ticks((kmi_window){-300, 500, false}, 5, 0, "-200 0 200 400");
    check_ticks((kmi_window){-0.031, 0.012, false}, 5, 0, "-0.03 -0.02 -0.01 0 0.01");
    check_ticks((kmi_window){0, 3.4e-14, false}, 8, -14, "0 0.5 1.0 1.5 2.0 2.5 3.0");
    check_ticks((kmi_window){0, 123456, false}, 8, 5, "0 0.2 0.4 0.6 0.8 1.0 1.2");
    check_ticks((kmi_window){1000, 1002, false}, 5, 0, "1000.0 1000.5 1001.0 1001.5 1002.0");
    check_ticks((kmi_window){1e-6, 1, true}, 8, 0, "1e-6 1e-5 1e-4 0.001 0.01 0.1 1");
    check_ticks((kmi_window){3, 150, true}, 8, 0, "10 100"); /* 1, 2, 5 of three decades would be nine */
    check_ticks((kmi_window){3, 60, true}, 8, 0, "5 10 20 50");
    check_ticks((kmi_window){1e-19, 2e-12, true}, 4, 0, "1e-18 1e-16 1e-14 1e-12");
}

PROPERTY(ticks_fit_any_window, 500)
{
    kmi_window w;
    kmi_ticks t;
    long wanted = (long)(12 * kmi_rng_uniform(rng));
    int i;

    w.logarithmic = seed % 3 == 0;
    w.low = kmi_rng_uniform(rng) - (w.logarithmic ? 0 : 0.5);
    w.low = ldexp(w.low, (int)(400 * (kmi_rng_uniform(rng) - 0.5)));
    w.high = fabs(w.low) * kmi_rng_uniform(rng);
    w.high = w.low + ldexp(w.high, (int)(80 * (kmi_rng_uniform(rng) - 0.5)));
    if (!(w.low < w.high)) return;
    kmi_ticks_make(&t, &w, wanted);
    assert_true(t.count <= 8);
    for (i = 0; i < t.count; i++) {
        assert_true(t.place[i] >= 0 && t.place[i] <= 1);
        if (i > 0) assert_true(t.place[i] > t.place[i - 1]);
        assert_true(strlen(t.label[i]) > 0 && strlen(t.label[i]) < KMI_TICK_TEXT_SIZE - 1);
    }
}

TEST(every_character_looks_different)
{
    char a, b;
    int row, dots;

    for (a = ' '; a < 127; a++) {
        for (dots = 0, row = 0; row < KMI_FONT_HEIGHT; row++) {
            assert_true(kmi_font_glyph(a)[row] < 32);
            dots += kmi_font_glyph(a)[row] != 0;
        }
        assert_int_equal(dots > 0, a != ' ');
        for (b = ' '; b < a; b++) assert_memory_not_equal(kmi_font_glyph(a), kmi_font_glyph(b), KMI_FONT_HEIGHT);
    }
    assert_ptr_equal(kmi_font_glyph('\n'), kmi_font_glyph('?'));
    assert_ptr_equal(kmi_font_glyph((char)0xe4), kmi_font_glyph('?'));
}

TEST(drawing_outside_a_picture_is_left_out)
{
    static const kmi_colour white = {255, 255, 255}, black = {0, 0, 0};
    kmi_picture *p = NULL;
    size_t i, dark = 0;

    assert_ok(kmi_picture_new(10, 8, white, &p));
    kmi_picture_fill(p, -5, -5, 7, 6, black);
    kmi_picture_fill(p, 9, 7, 100, 100, black);
    kmi_picture_fill(p, 50, 50, 3, 3, black);
    kmi_picture_fill(p, -9, 2, 3, 3, black);
    kmi_picture_fill(p, 3, 3, -2, 4, black);
    for (i = 0; i < 80; i++) dark += p->pixels[i].red == 0;
    assert_int_equal(dark, 2 * 1 + 1);
    kmi_picture_text(p, -3, -4, 3, black, "clipped");
    kmi_picture_frame(p, -1, -1, 12, 10, 1, black);
    kmi_picture_destroy(p);
    assert_fails(kmi_picture_new(0, 8, white, &p), KMA_ERR_ARGUMENT, "0 x 8");
    assert_fails(kmi_picture_new(8, 70000, white, &p), KMA_ERR_ARGUMENT, "8 x 70000");
    assert_int_equal(kmi_text_width("", 2), 0);
    assert_int_equal(kmi_text_width("ab", 2), 22);
}

/* A grid of 3 x 4 x 5 whose voxel (i, j, k) holds i + 10 j + 100 k. */
static kmi_image *counted(const double direction[9])
{
    kmi_grid grid = {{3, 4, 5}, {1, 2, 3}, {0, 0, 0}, {0}};
    kmi_image *image = NULL;
    size_t i, j, k;

    memcpy(grid.direction, direction, sizeof grid.direction);
    assert_ok(kmi_image_new(&grid, KMA_SCALAR_INT16, &image));
    for (k = 0; k < 5; k++)
        for (j = 0; j < 4; j++)
            for (i = 0; i < 3; i++) ((int16_t *)image->data)[i + 3 * (j + 4 * k)] = (int16_t)(i + 10 * j + 100 * k);
    return image;
}

TEST(slices_are_turned_as_people_look_at_them)
{
    static const double plain[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    static const double nifti[9] = {-1, 0, 0, 0, -1, 0, 0, 0, 1};
    static const double turned[9] = {0, 0, 1, -1, 0, 0, 0, 1, 0}; /* image x is -y, y is z, z is x */
    static const struct {
        const double *direction;
        int axis;
        size_t index;
        size_t width, height;
        float upper_left, upper_right, lower_left;
    } cases[] = {{plain, 2, 1, 3, 4, 100, 102, 130},   /* x to the right, y downward */
                 {plain, 1, 2, 3, 5, 420, 422, 20},    /* x to the right, z upward */
                 {plain, 0, 1, 4, 5, 401, 431, 1},     /* y to the right, z upward */
                 {nifti, 2, 1, 3, 4, 132, 130, 102},   /* world x and y rise against the index */
                 {nifti, 1, 2, 3, 5, 422, 420, 22},
                 {nifti, 0, 1, 4, 5, 431, 401, 31},
                 {turned, 2, 1, 3, 4, 132, 130, 102},  /* world y = -index x to the right, world z = index y upward */
                 {turned, 1, 2, 5, 3, 22, 422, 20},    /* world x = index z to the right, world y downward: index x backward */
                 {turned, 0, 1, 5, 4, 31, 431, 1}};    /* world x = index z to the right, world z = index y upward */
    size_t c;

    for (c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        kmi_image *image = counted(cases[c].direction);
        float values[20];
        kmi_slice s;
        assert_ok(kmi_slice_make(&image->grid, cases[c].axis, cases[c].index, &s));
        assert_int_equal(s.width, cases[c].width);
        assert_int_equal(s.height, cases[c].height);
        kmi_slice_values(&s, image, values);
        assert_true(values[0] == cases[c].upper_left);
        assert_true(values[s.width - 1] == cases[c].upper_right);
        assert_true(values[s.width * (s.height - 1)] == cases[c].lower_left);
        assert_true(s.pixel_width == s.grid.spacing[s.column_axis] && s.pixel_height == s.grid.spacing[s.row_axis]);
        kmi_image_destroy(image);
    }
}

TEST(another_image_is_sampled_at_the_same_places)
{
    static const double plain[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    static const double nifti[9] = {-1, 0, 0, 0, -1, 0, 0, 0, 1};
    kmi_image *image = counted(plain), *other = counted(nifti);
    float values[20];
    kmi_slice s;
    int i;

    /* The other image lies so that its voxel (i, j, k) is where (2 - i, 3 - j, k - 1) is here. */
    other->grid.origin[0] = 2;
    other->grid.origin[1] = 6;
    other->grid.origin[2] = -3;
    assert_ok(kmi_slice_make(&image->grid, 2, 3, &s));
    kmi_slice_values(&s, other, values);
    for (i = 0; i < 12; i++) assert_true(values[i] == (float)(2 - i % 3 + 10 * (3 - i / 3) + 400));
    assert_ok(kmi_slice_make(&image->grid, 2, 4, &s)); /* beyond its end */
    kmi_slice_values(&s, other, values);
    for (i = 0; i < 12; i++) assert_true(isnan(values[i]));
    assert_fails(kmi_slice_make(&image->grid, 3, 0, &s), KMA_ERR_ARGUMENT, "axis is 3");
    assert_fails(kmi_slice_make(&image->grid, 2, 5, &s), KMA_ERR_ARGUMENT, "no slice 5: the image has 5 along z");
    kmi_image_destroy(image);
    kmi_image_destroy(other);
}

TEST(a_plot_shows_each_value_in_its_colour_and_size)
{
    float field[6] = {0, 1, 2, 3, 4, NAN};
    kmi_plot plot;
    kmi_picture *p = NULL;
    size_t x, y;

    kmi_plot_defaults(&plot, 3, 2, field);
    plot.window.high = 4;
    plot.pixel_width = 2; /* twice as wide as high */
    plot.magnify = 40;
    assert_ok(kmi_plot_draw(&plot, &p));
    /* 3 * 2 * 40 = 240 x 80 pixels, text of one pixel a dot, margin 6 */
    for (y = 0; y < 80; y++) {
        for (x = 0; x < 240; x++) {
            kmi_colour seen = p->pixels[(6 + y) * p->width + 6 + x], expected;
            size_t i = y / 40 * 3 + x / 80;
            static const kmi_colour nothing = {225, 226, 230};
            expected = i == 5 ? nothing : kmi_map_colour(KMI_MAP_HEAT, field[i] / 4);
            assert_memory_equal(&seen, &expected, 3);
        }
    }
    kmi_picture_destroy(p);
}

TEST(an_overlay_fades_out_at_the_low_end)
{
    float field[4] = {0, 0.05f, 1, NAN}, under[4] = {0.5f, 0.5f, 0.5f, 0.5f};
    kmi_colour gray = kmi_map_colour(KMI_MAP_GRAY, 0.5), expected;
    kmi_plot plot;
    kmi_picture *p = NULL;
    int i;

    kmi_plot_defaults(&plot, 4, 1, field);
    plot.under = under;
    plot.magnify = 20;
    assert_ok(kmi_plot_draw(&plot, &p));
    for (i = 0; i < 4; i++) {
        /* 192 = 0.75 * 256; a twentieth of the scale is half of the way to full opacity at a tenth */
        int amount = i == 1 ? 96 : i == 2 ? 192 : 0;
        expected = kmi_colour_mix(gray, kmi_map_colour(KMI_MAP_HEAT, i == 1 ? (double)0.05f : 1), amount);
        assert_memory_equal(&p->pixels[10 * p->width + 6 + 20 * (size_t)i + 5], &expected, 3);
    }
    kmi_picture_destroy(p);
}

TEST(pixels_are_the_same_on_every_processor)
{
    /* The logarithmic scale and the percentiles use arithmetic that is the same everywhere: this digest of a picture
     * was taken on one processor. If a change of the layout or the colours is meant, it has to be taken again. */
    static float field[60 * 40];
    kmi_plot plot;
    kmi_picture *p = NULL;
    kmi_digest digest;
    uint8_t bytes[KMI_DIGEST_SIZE];
    char text[KMI_DIGEST_TEXT_SIZE];
    int i;

    for (i = 0; i < 60 * 40; i++) field[i] = (float)(1 + i % 60) * (float)(1 + i / 60) / 7;
    kmi_plot_defaults(&plot, 60, 40, field);
    assert_ok(kmi_window_of_values(field, 60 * 40, 1, 99, true, &plot.window));
    plot.title = "Digest";
    plot.unit = "Gy";
    assert_ok(kmi_plot_draw(&plot, &p));
    kmi_digest_start(&digest, "picture");
    kmi_digest_bytes(&digest, p->pixels, 3 * p->width * p->height);
    kmi_digest_end(&digest, bytes);
    kmi_digest_format(bytes, text);
    assert_string_equal(text, "217cff83f96cf027fa68678048b45041bba412c0e5625bcefc0950ec0d9d0160");
    kmi_picture_destroy(p);
}

static kma_image public_image(double scale)
{
    kma_image_geometry g;
    kma_image image = {0};
    float data[6 * 5 * 4];
    int i;

    kma_image_geometry_defaults(&g);
    g.count[0] = 6, g.count[1] = 5, g.count[2] = 4;
    for (i = 0; i < 120; i++) data[i] = (float)(scale * i);
    assert_ok(kma_image_create(&g, KMA_SCALAR_FLOAT32, data, &image));
    return image;
}

TEST(slices_of_images_are_written_as_pictures)
{
    kma_image dose = public_image(1e-12), ct = public_image(10), none = {0};
    kma_picture_options o;
    png_image png;
    size_t k;

    for (k = 0; k < 12; k++) {
        kma_picture_options_defaults(&o);
        o.axis = (int)(k % 3);
        o.scale = (kma_picture_scale)(k / 3 % 2);
        o.map = (kma_picture_map)(k / 6);
        o.title = "dose per history";
        o.unit = "Gy";
        assert_ok(kma_picture_write(dose, k % 2 == 0 ? ct : none, k == 0 ? NULL : &o, kmt_path("d.png")));
        memset(&png, 0, sizeof png);
        png.version = PNG_IMAGE_VERSION;
        assert_true(png_image_begin_read_from_file(&png, kmt_path("d.png")));
        assert_true(png.width > 300 && png.width < 1500 && png.height > 150 && png.height < 1500);
        png_image_free(&png);
    }
    assert_ok(kma_image_release(&dose));
    assert_ok(kma_image_release(&ct));
    kmt_assert_no_live_objects();
}

TEST(pictures_that_cannot_be_made_are_refused)
{
    kma_image dose = public_image(-1), none = {0};
    kma_picture_options o;
    const char *path = kmt_path("no.png");

    kma_picture_options_defaults(&o);
    assert_fails(kma_picture_write(none, none, &o, path), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_picture_write(dose, none, &o, NULL), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_picture_write(dose, none, &o, kmt_path("no/folder.png")), KMA_ERR_IO, "folder.png");
    o.size = 0;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "kma_picture_options_defaults");
    kma_picture_options_defaults(&o);
    o.axis = 3;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "axis is 3");
    o.axis = 0;
    o.slice = 6;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "no slice 6: the image has 6 along x");
    o.slice = 5;
    o.low = 2;
    o.high = 1;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "from 2 to 1 (low must be below high");
    o.high = INFINITY;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "from 2 to inf");
    o.high = 5;
    o.low = 0;
    o.scale = KMA_PICTURE_LOGARITHMIC;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "above 0 if logarithmic");
    o.scale = (kma_picture_scale)2;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "options.scale is 2");
    o.scale = KMA_PICTURE_LINEAR;
    o.opacity = NAN;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "opacity");
    o.opacity = 1;
    o.magnify = 100000;
    assert_fails(kma_picture_write(dose, none, &o, path), KMA_ERR_ARGUMENT, "at most 20000");
    assert_ok(kma_image_release(&dose));
}

TEST(every_failed_allocation_is_an_error_and_leaves_nothing)
{
    kma_image dose = public_image(1), ct = public_image(2);
    kma_status status = KMA_ERR_MEMORY;
    long n;

    for (n = 1; n < 200 && status != KMA_OK; n++) {
        kmt_fail_allocation(n);
        status = kma_picture_write(dose, ct, NULL, kmt_path("m.png"));
        kmt_fail_allocation(0);
        if (status != KMA_OK) assert_int_equal(status, KMA_ERR_MEMORY);
    }
    assert_true(n > 8 && n < 200);
    assert_ok(kma_image_release(&dose));
    assert_ok(kma_image_release(&ct));
    kmt_assert_no_live_objects();
}
