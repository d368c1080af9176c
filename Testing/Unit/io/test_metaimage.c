#include "kmt.h"

#include <math.h>

#include "io/metaimage.h"

TEST(a_real_thorax_is_read_with_its_direction)
{
    /* Sums and counts taken with SimpleITK: shared/data/README.md. */
    const char *path = kmt_shared_data("ct/thorax_3mm.mha");
    static const double direction[9] = {-1, 0, 0, 0, -1, 0, 0, 0, 1};
    kma_image image = {0};
    kma_image_geometry g;
    kma_scalar type;
    double *values, sum = 0;
    size_t i, n, bone = 0, air = 0;

    if (path == NULL) skip();
    assert_ok(kma_image_read(path, &image));
    assert_ok(kma_image_get_geometry(image, &g));
    assert_int_equal(g.count[0], 122);
    assert_int_equal(g.count[1], 101);
    assert_int_equal(g.count[2], 112);
    for (i = 0; i < 3; i++) assert_true(g.spacing[i] == 3);
    for (i = 0; i < 9; i++) assert_true(g.direction[i] == direction[i]);
    assert_near(g.origin[0], 177.95633, 5e-6);
    assert_near(g.origin[1], -11.319, 5e-6);
    assert_near(g.origin[2], 94.30176, 5e-6);
    assert_ok(kma_image_get_type(image, &type));
    assert_int_equal(type, KMA_SCALAR_INT16);
    n = g.count[0] * g.count[1] * g.count[2];
    values = malloc(n * sizeof *values);
    assert_ok(kma_image_get_values(image, values, n));
    for (i = 0; i < n; i++) {
        sum += values[i];
        bone += values[i] > 200;
        air += values[i] < -500;
    }
    free(values);
    assert_true(sum == -496851173);
    assert_int_equal(bone, 26765);
    assert_int_equal(air, 495100);
    assert_ok(kma_image_release(&image));
}
