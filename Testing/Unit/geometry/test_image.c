#include "kmt.h"

#include <math.h>

#include "geometry/image.h"

static kma_image_geometry small_geometry(void)
{
    /* The axes are those of a scanner turned by the rational rotation (1 -8 4; 4 4 7; -8 1 4) / 9. */
    static const double matrix[9] = {1, -8, 4, 4, 4, 7, -8, 1, 4};
    kma_image_geometry g;
    int i;

    kma_image_geometry_defaults(&g);
    g.count[0] = 4;
    g.count[1] = 3;
    g.count[2] = 2;
    g.spacing[0] = 0.5;
    g.spacing[1] = 2;
    g.spacing[2] = 3;
    g.origin[0] = -10;
    g.origin[1] = 20;
    g.origin[2] = 0.25;
    for (i = 0; i < 9; i++) g.direction[i] = matrix[i] / 9;
    return g;
}

TEST(an_image_holds_a_copy_of_values_and_geometry)
{
    kma_image_geometry g = small_geometry(), got;
    int16_t data[24];
    double values[24];
    kma_image image = {0};
    kma_scalar type;
    const void *lent = NULL;
    int i;

    for (i = 0; i < 24; i++) data[i] = (int16_t)(100 * i - 1000);
    assert_ok(kma_image_create(&g, KMA_SCALAR_INT16, data, &image));
    memset(data, 0, sizeof data);
    assert_ok(kma_image_get_geometry(image, &got));
    assert_memory_equal(&got, &g, sizeof g);
    assert_ok(kma_image_get_type(image, &type));
    assert_int_equal(type, KMA_SCALAR_INT16);
    assert_ok(kma_image_get_values(image, values, 24));
    for (i = 0; i < 24; i++) assert_true(values[i] == 100 * i - 1000);
    assert_ok(kma_image_borrow(image, &lent));
    for (i = 0; i < 24; i++) assert_int_equal(((const int16_t *)lent)[i], 100 * i - 1000);
    assert_ok(kma_image_return(image));
    assert_ok(kma_image_release(&image));
    kmt_assert_no_live_objects();
}

TEST(every_scalar_type_gives_its_extreme_values_as_doubles)
{
#define CHECK(name, code, text, c_type)                                        \
    {                                                                          \
        kma_image_geometry g;                                                  \
        kma_image image = {0};                                                 \
        c_type data[2] = {(c_type)-1, 77};                                     \
        double values[2];                                                      \
        kma_image_geometry_defaults(&g);                                       \
        g.count[1] = 2;                                                        \
        assert_ok(kma_image_create(&g, name, data, &image));                   \
        assert_ok(kma_image_get_values(image, values, 2));                     \
        assert_true(values[0] == (double)(c_type)-1 && values[1] == 77);       \
        assert_int_equal(kma_scalar_size(name), sizeof(c_type));               \
        assert_string_equal(kma_scalar_name(name), text);                      \
        assert_ok(kma_image_release(&image));                                  \
    }
    KMA_SCALAR_LIST(CHECK)
#undef CHECK
    assert_int_equal(kma_scalar_size((kma_scalar)0), 0);
    assert_int_equal(kma_scalar_size((kma_scalar)11), 0);
    assert_string_equal(kma_scalar_name((kma_scalar)99), "?");
    kmt_assert_no_live_objects();
}

TEST(the_value_of_one_cell_is_that_of_the_array)
{
    kmi_grid grid = {{2, 1, 2}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    kmi_image *image = NULL;
    size_t i;

    assert_ok(kmi_image_new(&grid, KMA_SCALAR_UINT64, &image));
    for (i = 0; i < 4; i++) assert_true(kmi_image_value(image, i) == 0);
    for (i = 0; i < 4; i++) ((uint64_t *)image->data)[i] = (uint64_t)1 << (50 + i);
    for (i = 0; i < 4; i++) assert_true(kmi_image_value(image, i) == ldexp(1, 50 + (int)i));
    kmi_image_destroy(image);
}

TEST(points_follow_the_columns_of_the_direction)
{
    /* By hand: index (2, 1, -1) lies at origin + 1 * c0 + 2 * c1 - 3 * c2 with c0 = (1,4,-8)/9,
     * c1 = (-8,4,1)/9, c2 = (4,7,4)/9: (-10,20,0.25) + (1-16-12, 4+8-21, -8+2-12)/9. */
    kma_image_geometry g = small_geometry();
    uint8_t data[24] = {0};
    double index[3] = {2, 1, -1}, point[3], back[3];
    kma_image image = {0};
    int i;

    assert_ok(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image));
    assert_ok(kma_image_point_of_index(image, index, point));
    assert_near(point[0], -13, 1e-14);
    assert_near(point[1], 19, 1e-14);
    assert_near(point[2], -1.75, 1e-14);
    assert_ok(kma_image_index_of_point(image, point, back));
    for (i = 0; i < 3; i++) assert_near(back[i], index[i], 1e-13);
    assert_fails(kma_image_point_of_index(image, NULL, point), KMA_ERR_ARGUMENT, "index is NULL");
    assert_fails(kma_image_index_of_point(image, point, NULL), KMA_ERR_ARGUMENT, "index is NULL");
    assert_ok(kma_image_release(&image));
}

PROPERTY(index_of_point_inverts_point_of_index_also_for_rounded_directions, 200)
{
    kmi_grid grid;
    kmi_vec3 a = kmt_direction(rng), b, c;
    double index[3], point[3], back[3];
    int i;

    memset(&grid, 0, sizeof grid);
    kmi_basis(a, &b, &c);
    if (seed % 2 == 0) c = kmi_scale(c, -1); /* either handedness */
    for (i = 0; i < 3; i++) {
        grid.count[i] = 100;
        grid.spacing[i] = 0.1 + 5 * kmi_rng_uniform(rng);
        grid.origin[i] = 500 * (kmi_rng_uniform(rng) - 0.5);
        grid.direction[3 * i] = floor(1e4 * (i == 0 ? a.x : i == 1 ? a.y : a.z)) / 1e4; /* four digits, as in old headers */
        grid.direction[3 * i + 1] = floor(1e4 * (i == 0 ? b.x : i == 1 ? b.y : b.z)) / 1e4;
        grid.direction[3 * i + 2] = floor(1e4 * (i == 0 ? c.x : i == 1 ? c.y : c.z)) / 1e4;
        index[i] = 200 * (kmi_rng_uniform(rng) - 0.5);
    }
    kmi_grid_point_of_index(&grid, index, point);
    kmi_grid_index_of_point(&grid, point, back);
    for (i = 0; i < 3; i++) assert_near(back[i], index[i], 1e-10);
}

TEST(wrong_geometries_are_refused_with_the_value_seen)
{
    static const uint8_t data[8] = {0};
    kma_image_geometry g;
    kma_image image = {1};

    assert_fails(kma_image_create(NULL, KMA_SCALAR_UINT8, data, &image), KMA_ERR_ARGUMENT, "geometry is NULL");
    assert_int_equal(image.bits, 0);
    kma_image_geometry_defaults(&g);
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, NULL, &image), KMA_ERR_ARGUMENT, "data is NULL");
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, data, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_image_create(&g, (kma_scalar)0, data, &image), KMA_ERR_ARGUMENT, "0 is no scalar type");
    g.size = 0;
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image), KMA_ERR_ARGUMENT, "kma_image_geometry_defaults");
    kma_image_geometry_defaults(&g);
    g.count[1] = 0;
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image), KMA_ERR_ARGUMENT, "0 cells along y");
    kma_image_geometry_defaults(&g);
    g.spacing[2] = NAN;
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image), KMA_ERR_ARGUMENT, "spacing[2] is");
    kma_image_geometry_defaults(&g);
    g.direction[1] = 0.5;
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image), KMA_ERR_ARGUMENT, "orthonormal");
    kma_image_geometry_defaults(&g);
    g.count[0] = g.count[1] = 1u << 20;
    assert_fails(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image), KMA_ERR_ARGUMENT, "cells");
    assert_int_equal(image.bits, 0);
    kmt_assert_no_live_objects();
}

TEST(a_wrong_length_is_refused_and_nothing_is_written)
{
    kma_image_geometry g = small_geometry();
    float data[24] = {0};
    double values[25] = {[24] = 5, [0] = 5};
    kma_image image = {0};

    assert_ok(kma_image_create(&g, KMA_SCALAR_FLOAT32, data, &image));
    assert_fails(kma_image_get_values(image, values, 25), KMA_ERR_ARGUMENT, "4 x 3 x 2 = 24 voxels");
    assert_true(values[0] == 5 && values[24] == 5);
    assert_ok(kma_image_release(&image));
}

TEST(lent_values_outlive_the_last_release)
{
    kma_image_geometry g = small_geometry();
    uint8_t data[24] = {[23] = 9};
    const void *lent = NULL, *again = NULL;
    kma_image image = {0}, copy;

    assert_ok(kma_image_create(&g, KMA_SCALAR_UINT8, data, &image));
    copy = image;
    assert_fails(kma_image_return(image), KMA_ERR_STATE, "nothing is borrowed");
    assert_ok(kma_image_borrow(image, &lent));
    assert_ok(kma_image_borrow(image, &again));
    assert_ok(kma_image_release(&image));
    assert_fails(kma_image_borrow(copy, &again), KMA_ERR_STALE, "image was released");
    assert_null(again);
    assert_int_equal(kma_live_objects(KMA_KIND_IMAGE), 1);
    assert_int_equal(((const uint8_t *)lent)[23], 9);
    assert_ok(kma_image_return(copy));
    assert_int_equal(kma_live_objects(KMA_KIND_IMAGE), 1);
    assert_ok(kma_image_return(copy));
    assert_int_equal(kma_live_objects(KMA_KIND_IMAGE), 0);
    assert_fails(kma_image_return(copy), KMA_ERR_STALE, "released"); /* once too often: told, nothing touched */
    assert_fails(kma_image_return((kma_image){0}), KMA_ERR_ARGUMENT, "names nothing");
}

TEST(digests_tell_values_types_and_places_apart)
{
    kmi_grid grid = {{2, 1, 1}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    kmi_image *image[6] = {NULL};
    uint8_t digest[6][KMI_DIGEST_SIZE], again[KMI_DIGEST_SIZE];
    int i, j;

    for (i = 0; i < 6; i++) {
        kmi_grid g = grid;
        if (i == 1) g.origin[2] = 1e-9;
        if (i == 2) g.spacing[0] = 2;
        if (i == 5) g.direction[0] = -1;
        assert_ok(kmi_image_new(&g, i == 3 ? KMA_SCALAR_INT8 : KMA_SCALAR_UINT8, &image[i]));
        ((uint8_t *)image[i]->data)[1] = i == 4 ? 1 : 0;
        assert_ok(kmi_image_digest(image[i], NULL, digest[i]));
        assert_ok(kmi_image_digest(image[i], NULL, again));
        assert_memory_equal(digest[i], again, sizeof again);
        for (j = 0; j < i; j++) assert_memory_not_equal(digest[i], digest[j], sizeof again);
    }
    for (i = 0; i < 6; i++) kmi_image_destroy(image[i]);
    assert_ok(kmi_image_new(&grid, KMA_SCALAR_UINT8, &image[0]));
    assert_ok(kmi_image_digest(image[0], NULL, again));
    assert_memory_equal(digest[0], again, sizeof again);
    kmi_image_destroy(image[0]);
}

TEST(every_failed_allocation_is_an_error_and_leaves_nothing)
{
    kma_image_geometry g = small_geometry();
    uint8_t data[24] = {0};
    kma_image image = {0};
    long n;

    for (n = 1; n < 50; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_image_create(&g, KMA_SCALAR_UINT8, data, &image);
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_int_equal(image.bits, 0);
        kmt_assert_no_live_objects();
    }
    assert_true(n >= 3 && n < 50);
    assert_ok(kma_image_release(&image));
}

TEST(statistics_are_those_of_the_finite_values)
{
    kma_image_geometry g = small_geometry();
    kma_image_statistics s = {.size = sizeof s};
    kma_image image = {0};
    double data[24];
    int i;

    for (i = 0; i < 24; i++) data[i] = 5;
    data[0] = 1e17; /* a plain sum of doubles is then deaf to each 5 */
    data[3] = NAN;
    data[4] = INFINITY;
    data[5] = -3;
    assert_ok(kma_image_create(&g, KMA_SCALAR_FLOAT64, data, &image));
    assert_ok(kma_image_get_statistics(image, &s));
    assert_int_equal(s.values, 22);
    assert_int_equal(s.not_finite, 2);
    assert_true(s.lowest == -3 && s.highest == 1e17);
    assert_true(fabs(s.mean - (1e17 + 20 * 5 - 3) / 22) <= 1); /* the plain sum is 97 / 22 off */
    assert_ok(kma_image_release(&image));

    for (i = 0; i < 24; i++) data[i] = i % 2 == 0 ? 1.5e308 : 1.7e308; /* their sum is no double */
    assert_ok(kma_image_create(&g, KMA_SCALAR_FLOAT64, data, &image));
    assert_ok(kma_image_get_statistics(image, &s));
    assert_true(fabs(s.mean / 1.6e308 - 1) < 1e-15);
    assert_ok(kma_image_release(&image));

    for (i = 0; i < 24; i++) data[i] = NAN;
    assert_ok(kma_image_create(&g, KMA_SCALAR_FLOAT64, data, &image));
    assert_ok(kma_image_get_statistics(image, &s));
    assert_true(s.values == 0 && s.lowest == 0 && s.highest == 0 && s.mean == 0);
    s.size = 8;
    assert_fails(kma_image_get_statistics(image, &s), KMA_ERR_ARGUMENT, "sizeof(kma_image_statistics)");
    assert_fails(kma_image_get_statistics(image, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_image_release(&image));
    s.size = sizeof s;
    s.values = 7;
    assert_fails(kma_image_get_statistics(image, &s), KMA_ERR_ARGUMENT, "");
    assert_int_equal(s.values, 0);
    kmt_assert_no_live_objects();
}
