/* Frames: what is orthonormal within rounding stays as it is. */
#include "kmt.h"

#include "geometry/frame.h"

static void random_rotation(kmi_rng *rng, double out[9])
{
    kmi_vec3 u = kmt_direction(rng), v, w;
    int i;

    kmi_basis(u, &v, &w);
    for (i = 0; i < 3; i++) {
        kmi_vec3 c = i == 0 ? u : i == 1 ? v : w;
        out[i] = c.x;
        out[3 + i] = c.y;
        out[6 + i] = c.z;
    }
}

/* Matrices from exact to 1e-4 beside it, as headers of images are; of either handedness. */
PROPERTY(to_make_a_matrix_orthonormal_twice_is_to_do_it_once, 100)
{
    double m[9], once[9], twice[9], off;
    int k, i;

    for (k = 0; k < 200; k++) {
        random_rotation(rng, m);
        off = k % 10 == 0 ? 0 : exp(-9.3 - 28 * kmi_rng_uniform(rng));
        for (i = 0; i < 9; i++) m[i] += off * (2 * kmi_rng_uniform(rng) - 1);
        for (i = 0; k % 3 == 0 && i < 3; i++) m[3 * i + 2] = -m[3 * i + 2];
        kmi_orthonormalise(m, once);
        if (kmi_orthonormal_error(m) > KMI_ORTHONORMAL_ROUNDING) /* the bound is far above what happens */
            assert_true(kmi_orthonormal_error(once) <= 0.5 * KMI_ORTHONORMAL_ROUNDING);
        else
            assert_memory_equal(once, m, sizeof m);
        kmi_orthonormalise(once, twice);
        assert_memory_equal(once, twice, sizeof once);
        assert_true((kmi_determinant(m) < 0) == (kmi_determinant(once) < 0));
    }
}
