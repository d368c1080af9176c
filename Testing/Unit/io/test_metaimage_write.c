/* Writing MetaImages: round trips, and the bytes themselves. */
#include "kmt_file.h"

#include <unistd.h>

#include "geometry/image.h"
#include "io/metaimage.h"

/* A grid whose numbers have no short decimals, and whose direction has no symmetry. */
static kma_image_geometry any_geometry(kmi_rng *rng)
{
    kma_image_geometry g;
    kmi_vec3 a = kmt_direction(rng), b, c;
    int i;

    kma_image_geometry_defaults(&g);
    kmi_basis(a, &b, &c);
    for (i = 0; i < 3; i++) {
        g.count[i] = 1 + (size_t)(9 * kmi_rng_uniform(rng));
        g.spacing[i] = 0.01 + 7 * kmi_rng_uniform(rng);
        g.origin[i] = 1e3 * (kmi_rng_uniform(rng) - 0.5);
    }
    g.direction[0] = a.x, g.direction[3] = a.y, g.direction[6] = a.z;
    g.direction[1] = c.x, g.direction[4] = c.y, g.direction[7] = c.z;
    g.direction[2] = b.x, g.direction[5] = b.y, g.direction[8] = b.z;
    return g;
}

static const char *const names[] = {"round.mha", "round.mhd"};

PROPERTY(written_images_read_back_identically, 240)
{
    kma_image_geometry g = any_geometry(rng), got;
    kma_scalar type = (kma_scalar)(1 + seed % 10), got_type;
    kma_compression compression = seed / 10 % 2 == 0 ? KMA_COMPRESSION_NONE : KMA_COMPRESSION_ZLIB;
    const char *path = kmt_path(names[seed / 20 % 2]);
    size_t bytes = g.count[0] * g.count[1] * g.count[2] * kma_scalar_size(type), i;
    unsigned char *data = malloc(bytes);
    kma_image image = {0}, back = {0};
    const void *lent;

    for (i = 0; i < bytes; i++) data[i] = (unsigned char)(256 * kmi_rng_uniform(rng)); /* every bit pattern, nan too */
    assert_ok(kma_image_create(&g, type, data, &image));
    assert_ok(kma_image_write(image, path, compression));
    assert_ok(kma_image_read(path, &back));
    assert_ok(kma_image_get_geometry(back, &got));
    assert_memory_equal(&g, &got, sizeof g);
    assert_ok(kma_image_get_type(back, &got_type));
    assert_int_equal(type, got_type);
    assert_ok(kma_image_borrow(back, &lent));
    assert_memory_equal(lent, data, bytes);
    assert_ok(kma_image_return(back));
    assert_ok(kma_image_release(&image));
    assert_ok(kma_image_release(&back));
    free(data);
}

static kma_image small_image(void)
{
    static const int16_t data[6] = {0, 1, -1, 1000, -1000, 32767};
    kma_image_geometry g;
    kma_image image = {0};

    kma_image_geometry_defaults(&g);
    g.count[0] = 3;
    g.count[1] = 2;
    g.spacing[0] = 0.1;
    g.origin[2] = -1e-7;
    g.direction[0] = 0, g.direction[1] = -1, g.direction[3] = 1, g.direction[4] = 0; /* x axis along +y, y axis along -x */
    assert_ok(kma_image_create(&g, KMA_SCALAR_INT16, data, &image));
    return image;
}

TEST(the_bytes_are_these)
{
    static const char expected[] = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
                                   "CompressedData = False\nTransformMatrix = 0 1 0 -1 0 0 0 0 1\nOffset = 0 0 -1e-07\n"
                                   "CenterOfRotation = 0 0 0\nElementSpacing = 0.1 1 1\nDimSize = 3 2 1\n"
                                   "ElementType = MET_SHORT\nElementDataFile = ";
    static const unsigned char data[12] = {0, 0, 1, 0, 0xff, 0xff, 0xe8, 3, 0x18, 0xfc, 0xff, 0x7f};
    kma_image image = small_image();
    unsigned char *bytes;
    size_t size;

    assert_ok(kma_image_write(image, kmt_path("b.mha"), KMA_COMPRESSION_NONE));
    bytes = kmt_get("b.mha", &size);
    assert_int_equal(size, sizeof expected - 1 + 6 + 12);
    assert_memory_equal(bytes, expected, sizeof expected - 1);
    assert_memory_equal(bytes + sizeof expected - 1, "LOCAL\n", 6);
    assert_memory_equal(bytes + sizeof expected + 5, data, 12);
    free(bytes);

    assert_ok(kma_image_write(image, kmt_path("b.mhd"), KMA_COMPRESSION_NONE));
    bytes = kmt_get("b.mhd", &size);
    assert_int_equal(size, sizeof expected - 1 + 6);
    assert_memory_equal(bytes, expected, sizeof expected - 1);
    assert_memory_equal(bytes + sizeof expected - 1, "b.raw\n", 6);
    free(bytes);
    bytes = kmt_get("b.raw", &size);
    assert_int_equal(size, 12);
    assert_memory_equal(bytes, data, 12);
    free(bytes);
    assert_ok(kma_image_release(&image));
}

TEST(compressed_files_tell_their_size_and_are_the_same_each_time)
{
    kma_image image = small_image();
    unsigned char *first, *second;
    size_t size, again, told = 0;
    const char *at;

    assert_ok(kma_image_write(image, kmt_path("z.mha"), KMA_COMPRESSION_ZLIB));
    first = kmt_get("z.mha", &size);
    first[size] = '\0';
    at = strstr((char *)first, "CompressedDataSize = ");
    assert_non_null(at);
    assert_int_equal(sscanf(at + 20, "%zu", &told), 1);
    at = strstr((char *)first, "LOCAL\n");
    assert_non_null(at);
    assert_int_equal(told, size - (size_t)(at + 6 - (char *)first));
    assert_ok(kma_image_write(image, kmt_path("z.mha"), KMA_COMPRESSION_ZLIB));
    second = kmt_get("z.mha", &again);
    assert_int_equal(size, again);
    assert_memory_equal(first, second, size);
    free(first);
    free(second);
    assert_ok(kma_image_write(image, kmt_path("z.mhd"), KMA_COMPRESSION_ZLIB));
    first = kmt_get("z.zraw", &size);
    assert_int_equal(size, told);
    free(first);
    assert_ok(kma_image_release(&image));
}

TEST(a_real_ct_survives_all_forms)
{
    const char *path = kmt_shared_data("ct/thorax_3mm.mha");
    static const char *const forms[] = {"t.mha", "t.mhd"};
    kma_image image = {0}, back = {0};
    const void *a, *b;
    int k;

    if (path == NULL) skip();
    assert_ok(kma_image_read(path, &image));
    assert_ok(kma_image_borrow(image, &a));
    for (k = 0; k < 4; k++) {
        kma_image_geometry g, h;
        assert_ok(kma_image_write(image, kmt_path(forms[k % 2]), (kma_compression)(k / 2)));
        assert_ok(kma_image_read(kmt_path(forms[k % 2]), &back));
        assert_ok(kma_image_get_geometry(image, &g));
        assert_ok(kma_image_get_geometry(back, &h));
        assert_memory_equal(&g, &h, sizeof g);
        assert_ok(kma_image_borrow(back, &b));
        assert_memory_equal(a, b, 122 * 101 * 112 * 2);
        assert_ok(kma_image_return(back));
        assert_ok(kma_image_release(&back));
    }
    assert_ok(kma_image_return(image));
    assert_ok(kma_image_release(&image));
}

/* Slabs made on demand: value = its index, as a float. */
typedef struct maker {
    size_t next, most, fail_at;
} maker;

static kma_status make_slab(void *context, size_t first, size_t n, void *out)
{
    maker *m = context;
    float *values = out;
    size_t i;

    assert_int_equal(first, m->next); /* in order, each once */
    if (n > m->most) m->most = n;
    for (i = 0; i < n; i++) {
        if (first + i == m->fail_at) return kmi_fail(KMA_ERR_RANGE, "no value %zu", first + i);
        values[i] = (float)(first + i);
    }
    m->next += n;
    return KMA_OK;
}

TEST(large_images_are_made_slab_by_slab)
{
    kmi_grid grid = {{200, 150, 40}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    int k;

    for (k = 0; k < 4; k++) {
        maker m = {0, 0, SIZE_MAX};
        kmi_image *back = NULL;
        size_t i;
        assert_ok(kmi_metaimage_write(kmt_path(names[k % 2]), &grid, KMA_SCALAR_FLOAT32, (kma_compression)(k / 2),
                                      make_slab, &m));
        assert_int_equal(m.next, 1200000);
        assert_true(m.most <= 1 << 18); /* 1 MiB */
        assert_ok(kmi_metaimage_read(kmt_path(names[k % 2]), &back));
        for (i = 0; i < 1200000; i++)
            if (kmi_image_value(back, i) != (double)i) break;
        assert_int_equal(i, 1200000);
        kmi_image_destroy(back);
    }
}

TEST(a_failing_slab_leaves_the_old_files)
{
    kmi_grid grid = {{200, 150, 40}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    int k;

    for (k = 0; k < 4; k++) {
        maker m = {0, 0, 700000};
        unsigned char *bytes;
        size_t size;
        kmt_put_text(names[k % 2], "old");
        kmt_put_text("round.raw", "old");
        kmt_put_text("round.zraw", "old");
        assert_fails(kmi_metaimage_write(kmt_path(names[k % 2]), &grid, KMA_SCALAR_FLOAT32, (kma_compression)(k / 2),
                                         make_slab, &m),
                     KMA_ERR_RANGE, "no value 700000");
        bytes = kmt_get(names[k % 2], &size);
        assert_int_equal(size, 3);
        free(bytes);
        bytes = kmt_get("round.raw", &size);
        assert_int_equal(size, 3);
        free(bytes);
        bytes = kmt_get("round.zraw", &size);
        assert_int_equal(size, 3);
        free(bytes);
    }
}

TEST(names_that_cannot_be_written_are_refused)
{
    kma_image image = small_image();
    static const struct {
        const char *name, *text;
    } cases[] = {{"image.nii", "images are written to .mha"}, {"image", "images are written to .mha"},
                 {".mha", "images are written to .mha"},      {"a%d.mhd", "cannot hold this name"},
                 {"a\nb.mhd", "cannot hold this name"},       {" a.mhd", "cannot hold this name"}};
    size_t k;

    for (k = 0; k < sizeof cases / sizeof cases[0]; k++)
        assert_fails(kma_image_write(image, kmt_path(cases[k].name), KMA_COMPRESSION_NONE), KMA_ERR_ARGUMENT,
                     cases[k].text);
    assert_ok(kma_image_write(image, kmt_path("a%d.mha"), KMA_COMPRESSION_NONE));
    assert_fails(kma_image_write(image, kmt_path("a.mha"), (kma_compression)7), KMA_ERR_ARGUMENT, "7 is no compression");
    assert_fails(kma_image_write(image, NULL, KMA_COMPRESSION_NONE), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_image_write(image, kmt_path("no/such/folder.mha"), KMA_COMPRESSION_NONE), KMA_ERR_IO, "folder.mha");
    assert_fails(kma_image_write(image, kmt_path("no/such/folder.mhd"), KMA_COMPRESSION_NONE), KMA_ERR_IO, "folder.mhd");
    assert_fails(kma_image_write((kma_image){0}, kmt_path("a.mha"), KMA_COMPRESSION_NONE), KMA_ERR_ARGUMENT,
                 "names nothing");
    assert_ok(kma_image_release(&image));
}

TEST(every_failed_allocation_is_an_error_and_keeps_the_old_file)
{
    kma_image image = small_image();
    int k;

    for (k = 0; k < 4; k++) {
        const char *path = kmt_path(names[k % 2]);
        long n;
        kmt_put_text(names[k % 2], "old");
        for (n = 1; n < 100; n++) {
            kma_status status;
            size_t size;
            kmt_fail_allocation(n);
            status = kma_image_write(image, path, (kma_compression)(k / 2));
            kmt_fail_allocation(0);
            free(kmt_get(path, &size));
            if (status == KMA_OK) break;
            assert_int_equal(status, KMA_ERR_MEMORY);
            assert_int_equal(size, 3);
        }
        assert_true(n >= 4 && n < 100);
    }
    assert_ok(kma_image_release(&image));
    kmt_assert_no_live_objects();
}
