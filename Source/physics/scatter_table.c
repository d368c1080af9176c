/*
 * Tables of S and F^2: see scatter_table.h.
 *
 * Independent atoms: with w_i mass fractions and A_i atomic weights,
 *     S(x)   = sum w_i/A_i S_i(x) / sum w_i/A_i Z_i,
 *     F^2(x) = sum w_i/A_i F_i^2(x).
 * S_i and F_i are those of Hubbell et al., J. Phys. Chem. Ref. Data 4 (1975) 471.
 *
 * xraylib's splines of them ripple by 2e-4 where they are nearly flat: S is made
 * a function that never falls and never exceeds 1, as it is by its nature, and
 * as sampling by rejection needs it. Below x = 1/128 xraylib's S has too few
 * digits; there S goes as q, which is its limit.
 */
#include "physics/scatter_table.h"

#include <math.h>

#include "base/memory.h"
#include "physics/element.h"
#include "physics/xrl.h"

double kmi_q_node(unsigned bits, size_t i)
{
    size_t cells = (size_t)1 << bits;
    return ldexp(1.0 + (double)(i % cells) / (double)cells, KMI_Q_OCTAVE_FIRST + (int)(i / cells));
}

/* Of one material: sum of weight * S and of weight * F^2 at x. */
static kma_status mixed_s(const kmi_material *m, double x, double *out)
{
    kma_status status = KMA_OK;
    double sum = 0, electrons = 0;
    size_t i;

    for (i = 0; i < m->count; i++) {
        double weight = m->fraction[i] / kmi_element_weight(m->z[i]);
        double s = 0;
        KMI_TRY(kmi_xrl_scattering_function(m->z[i], x, &s));
        sum += weight * s;
        electrons += weight * m->z[i];
    }
    *out = sum / electrons;
cleanup:
    return status;
}

static kma_status mixed_f2(const kmi_material *m, double x, double *out)
{
    kma_status status = KMA_OK;
    double sum = 0, at_zero = 0;
    size_t i;

    for (i = 0; i < m->count; i++) {
        double weight = m->fraction[i] / kmi_element_weight(m->z[i]);
        double f = 0;
        KMI_TRY(kmi_xrl_form_factor(m->z[i], x, &f));
        sum += weight * f * f;
        at_zero += weight * m->z[i] * m->z[i];
    }
    *out = sum / at_zero;
cleanup:
    return status;
}

static void integrate_f2(struct kmi_scatter_table *t)
{
    double whole;
    size_t i, node = 0;

    t->area[0] = 0;
    for (i = 0; i < KMI_F_NODES; i++) {
        double low = i == 0 ? 0 : kmi_q_node(KMI_F_BITS, i - 1);
        double width = kmi_q_node(KMI_F_BITS, i) - low;
        t->area[i + 1] = t->area[i] + 0.5 * ((double)t->f2[i] + t->f2[i + 1]) * width;
    }
    whole = t->area[KMI_F_NODES];
    t->guide_scale = KMI_F_GUIDES / whole;
    for (i = 0; i <= KMI_F_GUIDES; i++) {
        while (node + 1 < KMI_F_NODES && t->area[node + 1] * t->guide_scale <= (double)i) node++;
        t->guide[i] = (uint16_t)node;
    }
}

kma_status kmi_scatter_table_new(const kmi_material *material, struct kmi_scatter_table **out)
{
    kma_status status = KMA_OK;
    struct kmi_scatter_table *t = NULL;
    double highest = 0;
    size_t i;

    *out = NULL;
    t = kmi_alloc(sizeof *t);
    if (t == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the scattering tables of \"%s\"", material->name));
    for (i = 0; i < KMI_S_NODES; i++) {
        double s = 0;
        KMI_TRY(mixed_s(material, sqrt(kmi_q_node(KMI_S_BITS, i)), &s));
        highest = fmin(fmax(s, highest), 1.0);
        t->s[i] = (float)highest;
    }
    t->f2[0] = 1;
    for (i = 0; i < KMI_F_NODES; i++) {
        double f2 = 0;
        KMI_TRY(mixed_f2(material, sqrt(kmi_q_node(KMI_F_BITS, i)), &f2));
        t->f2[i + 1] = (float)f2;
    }
    integrate_f2(t);

    *out = t;
    t = NULL;
cleanup:
    kmi_scatter_table_destroy(t);
    return status;
}

void kmi_scatter_table_destroy(struct kmi_scatter_table *self)
{
    kmi_free(self);
}

void kmi_scatter_table_digest(const struct kmi_scatter_table *self, kmi_digest *digest)
{
    kmi_digest_bytes(digest, self->s, sizeof self->s);
    kmi_digest_bytes(digest, self->f2, sizeof self->f2);
    kmi_digest_bytes(digest, self->area, sizeof self->area);
    kmi_digest_bytes(digest, self->guide, sizeof self->guide);
}
