/* What is written is read back with libpng's own simplified reader. */
#include "kmt_file.h"

#include <png.h>

#include "base/memory.h"
#include "io/png_write.h"

static unsigned char *read_back(const char *path, size_t width, size_t height, int channels)
{
    png_image image;
    unsigned char *pixels = malloc(width * height * (size_t)channels);

    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    assert_true(png_image_begin_read_from_file(&image, path));
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    assert_int_equal(image.format & PNG_FORMAT_FLAG_COLOR, channels == 3 ? PNG_FORMAT_FLAG_COLOR : 0);
    image.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    return pixels;
}

PROPERTY(pixels_are_read_back_the_same, 60)
{
    int channels = seed % 2 == 0 ? 1 : 3;
    size_t width = 1 + (size_t)(70 * kmi_rng_uniform(rng)), height = 1 + (size_t)(70 * kmi_rng_uniform(rng));
    size_t n = width * height * (size_t)channels, i;
    unsigned char *pixels = malloc(n), *back;
    const char *path = kmt_path("p.png");

    for (i = 0; i < n; i++) pixels[i] = seed % 3 == 0 ? (unsigned char)i : (unsigned char)(256 * kmi_rng_uniform(rng));
    assert_ok(channels == 1 ? kmi_png_write_gray(path, width, height, pixels) : kmi_png_write_rgb(path, width, height, pixels));
    back = read_back(path, width, height, channels);
    assert_memory_equal(pixels, back, n);
    free(back);
    free(pixels);
}

TEST(the_same_pixels_give_the_same_bytes_and_no_date)
{
    static unsigned char pixels[100 * 80];
    uint8_t *first, *second;
    size_t size, again, at;
    int i;

    for (i = 0; i < 100 * 80; i++) pixels[i] = (unsigned char)(i * i / 50);
    assert_ok(kmi_png_encode(100, 80, 1, pixels, &first, &size));
    assert_ok(kmi_png_encode(100, 80, 1, pixels, &second, &again));
    assert_int_equal(size, again);
    assert_memory_equal(first, second, size);
    /* Only these chunks: 8 bytes of signature, then length, name, data, check sum each. */
    for (at = 8; at + 12 <= size;) {
        size_t length = ((size_t)first[at] << 24) | ((size_t)first[at + 1] << 16) | ((size_t)first[at + 2] << 8) | first[at + 3];
        const char *name = (const char *)first + at + 4;
        assert_true(memcmp(name, "IHDR", 4) == 0 || memcmp(name, "IDAT", 4) == 0 || memcmp(name, "IEND", 4) == 0);
        at += 12 + length;
    }
    assert_int_equal(at, size);
    kmi_free(first);
    kmi_free(second);
}

TEST(impossible_pictures_are_refused_and_the_old_file_stays)
{
    unsigned char pixel[3] = {0};
    unsigned char *bytes;
    size_t size;

    kmt_put_text("old.png", "old");
    assert_fails(kmi_png_write_gray(kmt_path("old.png"), 0, 1, pixel), KMA_ERR_ARGUMENT, "0 x 1 pixels");
    assert_fails(kmi_png_write_rgb(kmt_path("old.png"), 1, 65536, pixel), KMA_ERR_ARGUMENT, "1 x 65536 pixels");
    assert_fails(kmi_png_write_rgb(kmt_path("no/folder.png"), 1, 1, pixel), KMA_ERR_IO, "folder.png");
    bytes = kmt_get("old.png", &size);
    assert_int_equal(size, 3);
    free(bytes);
}

TEST(every_failed_allocation_is_an_error_and_leaves_the_old_file)
{
    static unsigned char pixels[3 * 50 * 50];
    kma_status status = KMA_ERR_MEMORY;
    long n;

    for (n = 1; n < 200 && status != KMA_OK; n++) {
        size_t size;
        kmt_put_text("m.png", "old");
        kmt_fail_allocation(n);
        status = kmi_png_write_rgb(kmt_path("m.png"), 50, 50, pixels);
        kmt_fail_allocation(0);
        free(kmt_get("m.png", &size));
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_int_equal(size, 3);
    }
    assert_true(n > 5 && n < 200);
}
