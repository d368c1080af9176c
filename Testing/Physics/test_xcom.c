/* Cross-sections against published tables and the choice among processes against cross-sections. */
#include "kmt.h"

#include <math.h>

#include "physics/physics.h"

typedef struct row { double energy_kev, mu_over_rho_cm2_g; } row;

/* Mass attenuation, coherent scattering included: Hubbell and Seltzer, Tables of X-Ray Mass
 * Attenuation Coefficients, NISTIR 5632 (1995), NIST Standard Reference Database 126. */
static const row water[] = {{1, 4078},     {1.5, 1376},   {2, 617.3},    {3, 192.9},    {5, 42.58},   {8, 10.37},
                            {10, 5.329},   {15, 1.673},   {20, 0.8096},  {30, 0.3756},  {40, 0.2683}, {50, 0.2269},
                            {60, 0.2059},  {80, 0.1837},  {100, 0.1707}, {150, 0.1505}, {200, 0.1370}, {300, 0.1186},
                            {400, 0.1061}, {500, 0.09687}, {600, 0.08956}, {800, 0.07865}};
static const row aluminum[] = {{1, 1185},    {1.5, 402.2},  {2, 2263},     {3, 788.0},    {5, 193.4},    {10, 26.23},
                               {15, 7.955},  {20, 3.441},   {30, 1.128},   {40, 0.5685},  {50, 0.3681},  {60, 0.2778},
                               {80, 0.2018}, {100, 0.1704}, {150, 0.1378}, {200, 0.1223}, {300, 0.1042}, {500, 0.08445},
                               {800, 0.06841}};
static const row lead[] = {{10, 130.6},  {20, 86.36},  {30, 30.32},   {40, 14.36},  {50, 8.041},   {60, 5.021}, {80, 2.419},
                           {100, 5.549}, {150, 2.014}, {200, 0.9985}, {300, 0.4031}, {500, 0.1614}, {800, 0.08870}};

static void check(const char *name, const row *rows, size_t n)
{
    kmi_material *m = NULL;
    kmi_physics *p = NULL;
    double worst = 0;
    size_t i;

    assert_ok(kmi_material_new_nist(name, &m));
    assert_ok(kmi_physics_new((const kmi_material *const *)&m, 1, 0.001, 0.8, NULL, &p));
    for (i = 0; i < n; i++) {
        double energy = rows[i].energy_kev / 1000;
        uint32_t segment = kmi_physics_segment(p, energy);
        double total = kmi_physics_total(p, 0, segment, energy);
        worst = fmax(worst, fabs(total / rows[i].mu_over_rho_cm2_g - 1));
        assert_near(total, rows[i].mu_over_rho_cm2_g, 0.005 * rows[i].mu_over_rho_cm2_g);
        assert_near(kmi_physics_linear(p, 0, segment, energy), total * m->density / 10, 1e-12 * total * m->density);
    }
    print_message("%s: at most %.2f %% from NIST's table\n", name, 100 * worst);
    kmi_physics_destroy(p);
    kmi_material_destroy(m);
}

TEST(attenuation_of_water_aluminum_and_lead_is_that_of_nists_tables_within_half_a_percent)
{
    check("Water, Liquid", water, sizeof water / sizeof *water);
    check("Aluminum", aluminum, sizeof aluminum / sizeof *aluminum);
    check("Lead", lead, sizeof lead / sizeof *lead);
}

TEST(processes_are_chosen_in_proportion_to_their_cross_sections)
{
    enum { N = 100000 };
    static const char *const names[] = {"Water, Liquid", "Iodine", "Bone, Cortical (ICRP)"};
    static const double energies[] = {0.001, 0.0331, 0.0333, 0.06, 0.3, 0.8};
    kmi_material *m[3] = {NULL, NULL, NULL};
    kmi_physics *p = NULL;
    uint32_t i;
    size_t e;
    int n;

    for (i = 0; i < 3; i++) assert_ok(kmi_material_new_nist(names[i], &m[i]));
    assert_ok(kmi_physics_new((const kmi_material *const *)m, 3, 0.001, 0.8, NULL, &p));
    for (i = 0; i < 3; i++)
        for (e = 0; e < sizeof energies / sizeof *energies; e++) {
            double times[3] = {0, 0, 0};
            kma_attenuation a;
            uint32_t segment = kmi_physics_segment(p, energies[e]);
            for (n = 0; n < N; n++) times[kmi_physics_choose(p, i, segment, energies[e], (n + 0.5) / N)]++;
            assert_ok(kmi_material_attenuation(m[i], energies[e], &a));
            /* 1/N by counting, 1e-3 by interpolation */
            assert_near(times[KMI_PHOTOELECTRIC] / N, a.photoelectric / a.total, 1.0 / N + 1e-3);
            assert_near(times[KMI_COMPTON] / N, a.compton / a.total, 1.0 / N + 1e-3);
            assert_near(times[KMI_RAYLEIGH] / N, a.rayleigh / a.total, 1.0 / N + 1e-3);
        }
    kmi_physics_destroy(p);
    for (i = 0; i < 3; i++) kmi_material_destroy(m[i]);
}
