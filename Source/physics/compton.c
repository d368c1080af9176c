/*
 * Compton scattering: Klein and Nishina, Z. Phys. 52 (1929) 853, times the
 * incoherent scattering function S(x)/Z (Waller and Hartree 1929; tables of
 * Hubbell et al. 1975). No Doppler broadening: the energy is the angle's.
 *
 * With e = E'/E in [e0, 1], e0 = 1/(1 + 2k), k = E/mc2, t = 1 - cos(theta) = (1/e - 1)/k:
 *     density of e  ~  (1/e + e - sin^2(theta)) * S(q),   q = (E/hc)^2 t/2.
 * e is drawn uniformly and kept by rejection; the first factor is largest at e0
 * and S, which never falls, at t = 2. Below 1 MeV this beats compositions that
 * need logarithms: a scatter takes 1.6 to 3 tries on average.
 */
#include "physics/physics.h"

#include "physics/scatter_table.h"

/* About a third of all tries or more succeed at any energy and material, so this many
 * fail with a chance below 1e-100; the last try is then taken as it is. */
enum { TRIES_MAX = 4096 };

void kmi_physics_compton(const kmi_physics *self, uint32_t material, double energy, kmi_rng *rng, double *energy_out,
                         double *cos_theta_out)
{
    const struct kmi_scatter_table *table = self->scatter[material];
    double k = energy / KMI_ELECTRON_MASS;
    double e0 = 1.0 / (1.0 + 2.0 * k);
    double x_max = energy / KMI_HC;
    double half_q_max = 0.5 * x_max * x_max;
    double bound = (e0 + 1.0 / e0) * kmi_scatter_s(table, 2.0 * half_q_max);
    double e = 1, t = 0;
    int tries;

    for (tries = 0; tries < TRIES_MAX; tries++) {
        double at, kt, klein_nishina;
        e = e0 + (1.0 - e0) * kmi_rng_uniform(rng);
        at = kmi_rng_uniform(rng) * bound;
        kt = (1.0 - e) / e;
        t = kt / k;
        if (t > 2.0) t = 2.0; /* by rounding */
        klein_nishina = e + 1.0 + kt - t * (2.0 - t);
        if (at <= klein_nishina * kmi_scatter_s(table, t * half_q_max)) break;
    }
    *energy_out = energy * e;
    *cos_theta_out = 1.0 - t;
}
