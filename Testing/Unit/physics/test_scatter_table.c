#include "kmt.h"

#include <math.h>

#include <xraylib.h>

#include "physics/element.h"
#include "physics/scatter_table.h"

static struct kmi_scatter_table *table_of(const char *name, kmi_material **material_out)
{
    struct kmi_scatter_table *t = NULL;
    assert_ok(kmi_material_new_nist(name, material_out));
    assert_ok(kmi_scatter_table_new(*material_out, &t));
    return t;
}

static const char *const names[] = {"Water, Liquid", "Hydrogen", "Lead", "Bone, Cortical (ICRP)", "Uranium", "Phosphorus"};

PROPERTY(s_is_xraylibs_within_its_ripples, 6)
{
    kmi_material *m = NULL;
    struct kmi_scatter_table *t = table_of(names[(seed - 1) % 6], &m);
    double worst = 0;
    int n;

    for (n = 0; n < 20000; n++) {
        double x = exp(log(1.0 / 128) + log(64.5 * 128) * kmi_rng_uniform(rng)), sum = 0, electrons = 0;
        size_t i;
        for (i = 0; i < m->count; i++) {
            sum += m->fraction[i] / kmi_element_weight(m->z[i]) * SF_Compt(m->z[i], x, NULL);
            electrons += m->fraction[i] / kmi_element_weight(m->z[i]) * m->z[i];
        }
        worst = fmax(worst, fabs(kmi_scatter_s(t, x * x) / (sum / electrons) - 1));
    }
    print_message("%s: S within %.2g\n", m->name, worst);
    assert_true(worst < 1e-3);
    kmi_scatter_table_destroy(t);
    kmi_material_destroy(m);
}

PROPERTY(s_never_falls_and_never_exceeds_one, 6)
{
    kmi_material *m = NULL;
    struct kmi_scatter_table *t = table_of(names[(seed - 1) % 6], &m);
    double last = 0, q;

    for (q = 1e-12; q < 4200; q *= 1.001) {
        double s = kmi_scatter_s(t, q);
        assert_true(s >= last && s <= 1);
        last = s;
    }
    assert_true(last > 0.99);
    assert_true(kmi_scatter_s(t, 0) == 0);
    kmi_scatter_table_destroy(t);
    kmi_material_destroy(m);
}

PROPERTY(f2_at_its_nodes_is_xraylibs_and_its_area_is_its_integral, 6)
{
    kmi_material *m = NULL;
    struct kmi_scatter_table *t = table_of(names[(seed - 1) % 6], &m);
    double area = 0, at_zero = 0, last = -1;
    size_t i, k, compared = 0;

    for (k = 0; k < m->count; k++)
        at_zero += m->fraction[k] / kmi_element_weight(m->z[k]) * m->z[k] * m->z[k];
    for (i = 0; i < KMI_F_NODES; i++) {
        double q = kmi_q_node(KMI_F_BITS, i), sum = 0, low = i == 0 ? 0 : kmi_q_node(KMI_F_BITS, i - 1);
        bool known = true; /* xraylib's F is negative in the far tail of some light elements */
        for (k = 0; k < m->count; k++) {
            double f = FF_Rayl(m->z[k], sqrt(q), NULL);
            sum += m->fraction[k] / kmi_element_weight(m->z[k]) * f * f;
            known = known && f > 0;
        }
        if (known) assert_near(t->f2[i + 1], sum / at_zero, 1e-7 * t->f2[i + 1]);
        compared += known;
        area += (q - low) * 0.5 * (t->f2[i] + (double)t->f2[i + 1]);
        assert_near(t->area[i + 1], area, 1e-12 * area);
        assert_true(t->area[i + 1] >= last && t->f2[i + 1] > 0);
        last = t->area[i + 1];
    }
    assert_true(compared > KMI_F_NODES * 0.8);
    for (i = 0; i < KMI_F_GUIDES; i++) {
        double want = (double)i / t->guide_scale;
        assert_true(t->area[t->guide[i]] <= want * (1 + 1e-12));
        assert_true(t->guide[i] + 1u == KMI_F_NODES || t->area[t->guide[i] + 1] >= want * (1 - 1e-12));
    }
    kmi_scatter_table_destroy(t);
    kmi_material_destroy(m);
}

TEST(cells_follow_from_the_bits)
{
    double fraction;

    assert_int_equal(kmi_q_cell(KMI_S_BITS, 0x1p-14, &fraction), 0);
    assert_true(fraction == 0);
    assert_int_equal(kmi_q_cell(KMI_S_BITS, 1, &fraction), 14 * 32);
    assert_int_equal(kmi_q_cell(KMI_S_BITS, 1.5 + 1.0 / 64, &fraction), 14 * 32 + 16);
    assert_true(fraction == 0.5);
    assert_true(kmi_q_node(KMI_S_BITS, 14 * 32 + 16) == 1.5);
    assert_true(kmi_q_node(KMI_F_BITS, KMI_F_NODES - 1) == 0x1p13);
    assert_int_equal(kmi_q_cell(KMI_F_BITS, nextafter(0x1p13, 0), &fraction), KMI_F_NODES - 2);
}
