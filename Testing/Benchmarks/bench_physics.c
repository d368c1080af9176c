/* What one call of the physics costs, in ns of processor time, and how many tries scattering takes. */
#include <stdio.h>
#include <time.h>

#include "physics/ct_table.h"
#include "physics/physics.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t draws(const kmi_rng *rng)
{
    return rng->counter[2] * 4 + rng->used;
}

int main(void)
{
    enum { N = 2000000 };
    static const char *const names[] = {"Water, Liquid", "Lead"};
    static const double energies[] = {0.001, 0.005, 0.01, 0.02, 0.056, 0.12, 0.5};
    kmi_material *m[2] = {NULL, NULL};
    kmi_physics *p = NULL;
    kmi_ct_table *table = NULL;
    kmi_rng rng;
    double start, sum = 0;
    size_t i, e;
    int n;

    start = seconds();
    for (i = 0; i < 2; i++)
        if (kmi_material_new_nist(names[i], &m[i]) != KMA_OK) return 1;
    if (kmi_physics_new((const kmi_material *const *)m, 2, 0.001, 0.8, NULL, &p) != KMA_OK) return 1;
    printf("tables of 2 materials, first in the process: %.1f ms, %zu segments\n", 1e3 * (seconds() - start),
           kmi_physics_segments(p));
    kmi_physics_destroy(p);
    start = seconds();
    if (kmi_physics_new((const kmi_material *const *)m, 2, 0.001, 0.8, NULL, &p) != KMA_OK) return 1;
    printf("tables of 2 materials, again: %.1f ms\n", 1e3 * (seconds() - start));

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_TRANSPORT);
    start = seconds();
    for (n = 0; n < N; n++) sum += kmi_rng_uniform(&rng);
    printf("uniform %.1f ns\n", 1e9 * (seconds() - start) / N);
    start = seconds();
    for (n = 0; n < N; n++) {
        double energy = 0.002 + 0.15 * kmi_rng_uniform(&rng);
        sum += kmi_physics_linear(p, n & 1, kmi_physics_segment(p, energy), energy);
    }
    printf("uniform, segment, linear %.1f ns\n", 1e9 * (seconds() - start) / N);
    start = seconds();
    for (n = 0; n < N; n++) {
        double energy = 0.002 + 0.15 * kmi_rng_uniform(&rng);
        sum += kmi_physics_choose(p, n & 1, kmi_physics_segment(p, energy), energy, kmi_rng_uniform(&rng));
    }
    printf("2 uniforms, segment, choose %.1f ns\n", 1e9 * (seconds() - start) / N);
    for (i = 0; i < 2; i++)
        for (e = 0; e < sizeof energies / sizeof *energies; e++) {
            double after, cos_theta, compton_ns, compton_draws, rayleigh_ns;
            uint64_t before = draws(&rng);
            start = seconds();
            for (n = 0; n < N / 4; n++) {
                kmi_physics_compton(p, (uint32_t)i, energies[e], &rng, &after, &cos_theta);
                sum += after;
            }
            compton_ns = 4e9 * (seconds() - start) / N;
            compton_draws = 4.0 * (double)(draws(&rng) - before) / N;
            before = draws(&rng);
            start = seconds();
            for (n = 0; n < N / 4; n++) {
                kmi_physics_rayleigh(p, (uint32_t)i, energies[e], &rng, &cos_theta);
                sum += cos_theta;
            }
            rayleigh_ns = 4e9 * (seconds() - start) / N;
            printf("%-14s %5.1f keV: Compton %5.1f ns, %.2f tries; Rayleigh %5.1f ns, %.2f tries\n", names[i],
                   1e3 * energies[e], compton_ns, compton_draws / 2, rayleigh_ns,
                   2.0 * (double)(draws(&rng) - before) / N);
        }
    if (kmi_ct_table_new_builtin(&table) != KMA_OK) return 1;
    start = seconds();
    for (n = 0; n < N; n++) {
        int outside;
        kmi_ct_voxel v = kmi_ct_table_convert(table, (double)(kmi_rng_bits(&rng) % 4000) - 1000, &outside);
        sum += v.density + v.material;
    }
    printf("random bits, CT number to voxel %.1f ns\n", 1e9 * (seconds() - start) / N);
    kmi_ct_table_destroy(table);
    printf("(%g)\n", sum);
    kmi_physics_destroy(p);
    kmi_material_destroy(m[0]);
    kmi_material_destroy(m[1]);
    return 0;
}
