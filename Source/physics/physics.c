/* The closed physics of a plan: made, hashed, bounded, destroyed. */
#include "physics/physics.h"

#include <math.h>

#include "base/digest.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "physics/cross_sections.h"
#include "physics/scatter_table.h"
#include "physics/xrl.h"

void kmi_physics_destroy(kmi_physics *self)
{
    uint32_t i;

    if (self == NULL) return;
    for (i = 0; self->scatter != NULL && i < self->materials; i++) kmi_scatter_table_destroy(self->scatter[i]);
    kmi_free(self->scatter);
    kmi_free(self->density_mm);
    kmi_free(self->part);
    kmi_free(self->total);
    kmi_free(self->border);
    kmi_free(self->start);
    kmi_free(self);
}

static kma_status check_range(double energy_min, double energy_max)
{
    if (!(energy_min >= KMI_XRL_ENERGY_MIN && energy_min <= KMI_XRL_ENERGY_MAX))
        return kmi_fail(KMA_ERR_PHYSICS, "the lowest energy is %.9g MeV (must be within %g..%g MeV)", energy_min,
                        KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX);
    if (!(energy_max >= energy_min && energy_max <= KMI_XRL_ENERGY_MAX))
        return kmi_fail(KMA_ERR_PHYSICS, "the highest energy is %.9g MeV (must be within %.9g..%g MeV)", energy_max,
                        energy_min, KMI_XRL_ENERGY_MAX);
    return KMA_OK;
}

static kma_status build(const kmi_material *const *materials, size_t n, double energy_min, double energy_max,
                        const kmi_pulse *pulse, kmi_physics **out)
{
    kma_status status = KMA_OK;
    kmi_physics *p = NULL;
    size_t cells;
    uint32_t i;

    *out = NULL;
    KMI_TRY(check_range(energy_min, energy_max));
    if (n >= UINT32_MAX) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%zu materials are too many", n));
    p = kmi_alloc(sizeof *p);
    if (p == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the physics"));
    p->energy_min = energy_min;
    p->energy_max = energy_max;
    p->materials = (uint32_t)n;
    KMI_TRY(kmi_cross_sections_make_grid(p));
    cells = (size_t)p->segments * n;
    p->total = kmi_alloc_array(cells, sizeof *p->total);
    p->part = kmi_alloc_array(cells, sizeof *p->part);
    p->density_mm = kmi_alloc_array(n, sizeof *p->density_mm);
    p->scatter = kmi_alloc_array(n, sizeof *p->scatter);
    if (p->total == NULL || p->part == NULL || p->density_mm == NULL || p->scatter == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the tables of %zu materials in %u segments", n, p->segments));
    for (i = 0; i < p->materials; i++) {
        if (materials[i]->count == 0) continue; /* vacuum */
        p->density_mm[i] = materials[i]->density * 0.1;
        KMI_TRY(kmi_cross_sections_fill(p, i, materials[i]));
        KMI_TRY(kmi_scatter_table_new(materials[i], &p->scatter[i]));
        KMI_TRY(kmi_pulse_beat(pulse));
    }

    *out = p;
    p = NULL;
cleanup:
    kmi_physics_destroy(p);
    return status;
}

kma_status kmi_physics_new(const kmi_material *const *materials, size_t n, double energy_min, double energy_max,
                           const kmi_pulse *pulse, kmi_physics **out)
{
    kmi_float_env host;
    kma_status status;

    kmi_float_env_enter(&host); /* the tables' bits must not depend on it */
    status = build(materials, n, energy_min, energy_max, pulse, out);
    kmi_float_env_leave(&host);
    return status;
}

size_t kmi_physics_bytes(const kmi_physics *self)
{
    size_t bytes = sizeof *self + self->keys * sizeof *self->start + (self->segments + 1) * sizeof *self->border, m;

    bytes += (size_t)self->segments * self->materials * (sizeof *self->total + sizeof *self->part);
    for (m = 0; m < self->materials; m++) bytes += self->scatter[m] == NULL ? 0 : sizeof **self->scatter;
    return bytes;
}

void kmi_physics_fingerprint(const kmi_physics *self, uint8_t digest_out[32])
{
    kmi_digest digest;
    size_t cells = (size_t)self->segments * self->materials;
    uint32_t i;

    kmi_digest_start(&digest, "kerma physics");
    kmi_digest_double(&digest, self->energy_min);
    kmi_digest_double(&digest, self->energy_max);
    kmi_digest_u64(&digest, self->materials);
    kmi_digest_u64(&digest, self->segments);
    kmi_digest_bytes(&digest, self->border, self->segments * sizeof *self->border);
    kmi_digest_bytes(&digest, self->total, cells * sizeof *self->total);
    kmi_digest_bytes(&digest, self->part, cells * sizeof *self->part);
    for (i = 0; i < self->materials; i++) {
        kmi_digest_double(&digest, self->density_mm[i]);
        kmi_digest_u64(&digest, self->scatter[i] != NULL);
        if (self->scatter[i] != NULL) kmi_scatter_table_digest(self->scatter[i], &digest);
    }
    kmi_digest_end(&digest, digest_out);
}

kma_status kmi_physics_majorant(const kmi_physics *self, const double *max_density, size_t n, double *majorant_out,
                                size_t segments)
{
    /* total * density * 0.1 may be rounded in another order by its users. */
    static const double ROUNDING = 1 + 1e-12;
    uint32_t s, m;

    if (n != self->materials || segments != self->segments)
        return kmi_fail(KMA_ERR_INTERNAL, "the majorant was asked for %zu materials, %zu segments; there are %u, %u", n,
                        segments, self->materials, self->segments);
    for (s = 0; s < self->segments; s++) {
        double upper = s + 1 < self->segments ? self->border[s + 1] : self->energy_end;
        double most = 0;
        for (m = 0; m < self->materials; m++) {
            /* Linear in energy, so largest at an end. */
            double at_ends = fmax(kmi_physics_total(self, m, s, self->border[s]), kmi_physics_total(self, m, s, upper));
            most = fmax(most, at_ends * max_density[m]);
        }
        majorant_out[s] = most * 0.1 * ROUNDING;
    }
    return KMA_OK;
}
