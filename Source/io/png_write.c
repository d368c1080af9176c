/*
 * See png_write.h. libpng leaves by longjmp when something fails: it does so in one function here, which holds
 * nothing that has to be given back.
 */
#include "io/png_write.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { LEVEL = 6 };

/* All that outlives the jump. */
typedef struct encoder {
    png_structp png;
    png_infop info;
    uint8_t *bytes;
    size_t size, room;
    char text[200]; /* of the failure */
    bool no_memory;
    jmp_buf back;
} encoder;

static png_voidp png_alloc(png_structp png, png_alloc_size_t size)
{
    (void)png;
    return kmi_alloc(size);
}

static void png_dealloc(png_structp png, png_voidp p)
{
    (void)png;
    kmi_free(p);
}

static void on_error(png_structp png, png_const_charp text)
{
    encoder *e = png_get_error_ptr(png);

    snprintf(e->text, sizeof e->text, "%s", text);
    longjmp(e->back, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png; /* libpng would print it */
    (void)text;
}

static void on_bytes(png_structp png, png_bytep bytes, size_t n)
{
    encoder *e = png_get_io_ptr(png);

    if (n > e->room - e->size) {
        size_t room = 2 * e->room + n + 4096;
        uint8_t *larger = kmi_realloc(e->bytes, room);
        if (larger == NULL) {
            e->no_memory = true;
            png_error(png, "no memory for the file's bytes");
        }
        e->bytes = larger;
        e->room = room;
    }
    memcpy(e->bytes + e->size, bytes, n);
    e->size += n;
}

static void on_flush(png_structp png)
{
    (void)png;
}

static bool encode(encoder *e, size_t width, size_t height, int channels, const uint8_t *pixels)
{
    size_t row;

    if (setjmp(e->back) != 0) return false;
    e->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, e, on_error, on_warning, NULL, png_alloc, png_dealloc);
    if (e->png == NULL) {
        e->no_memory = true;
        return false;
    }
    e->info = png_create_info_struct(e->png);
    if (e->info == NULL) {
        e->no_memory = true;
        return false;
    }
    png_set_write_fn(e->png, e, on_bytes, on_flush);
    png_set_compression_level(e->png, LEVEL);
    png_set_filter(e->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_PAETH);
    png_set_IHDR(e->png, e->info, (png_uint_32)width, (png_uint_32)height, 8,
                 channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(e->png, e->info);
    for (row = 0; row < height; row++) png_write_row(e->png, pixels + row * width * (size_t)channels);
    png_write_end(e->png, NULL);
    return true;
}

kma_status kmi_png_encode(size_t width, size_t height, int channels, const uint8_t *pixels, uint8_t **bytes_out,
                          size_t *size_out)
{
    kma_status status = KMA_OK;
    encoder *e = NULL; /* on the heap: what setjmp may leave in registers does not matter then */

    *bytes_out = NULL;
    *size_out = 0;
    if (width < 1 || height < 1 || width > KMI_PNG_SIDE_MAX || height > KMI_PNG_SIDE_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "a picture of %zu x %zu pixels cannot be written (1 to %d a side)", width, height,
                        KMI_PNG_SIDE_MAX);
    e = kmi_alloc(sizeof *e);
    if (e == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a picture of %zu x %zu pixels", width, height));
    if (!encode(e, width, height, channels, pixels)) {
        /* Of valid pixels only memory can be missing: libpng says so in texts of its own. */
        status = kmi_fail(e->no_memory || strstr(e->text, "emory") != NULL ? KMA_ERR_MEMORY : KMA_ERR_INTERNAL,
                          "a picture of %zu x %zu pixels cannot be packed: %s", width, height,
                          e->text[0] != '\0' ? e->text : "no memory");
        goto cleanup;
    }
    *bytes_out = e->bytes;
    *size_out = e->size;
    e->bytes = NULL;
cleanup:
    if (e != NULL) {
        if (e->png != NULL) png_destroy_write_struct(&e->png, &e->info);
        kmi_free(e->bytes);
    }
    kmi_free(e);
    return status;
}

static kma_status write_png(const char *path, size_t width, size_t height, int channels, const uint8_t *pixels)
{
    kma_status status = KMA_OK;
    kmi_file_writer *file = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;

    KMI_TRY(kmi_png_encode(width, height, channels, pixels, &bytes, &size));
    KMI_TRY(kmi_file_writer_open(path, &file));
    KMI_TRY(kmi_file_write(file, bytes, size));
    KMI_TRY(kmi_file_commit(&file));
cleanup:
    kmi_file_discard(file);
    kmi_free(bytes);
    return status;
}

kma_status kmi_png_write_gray(const char *path, size_t width, size_t height, const uint8_t *pixels)
{
    return write_png(path, width, height, 1, pixels);
}

kma_status kmi_png_write_rgb(const char *path, size_t width, size_t height, const uint8_t *pixels)
{
    return write_png(path, width, height, 3, pixels);
}
