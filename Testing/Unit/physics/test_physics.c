#include "kmt.h"

#include <math.h>
#include <pthread.h>

#include "base/digest.h"
#include "physics/edges.h"
#include "physics/physics.h"

static kmi_material *nist(const char *name)
{
    kmi_material *m = NULL;
    assert_ok(kmi_material_new_nist(name, &m));
    return m;
}

static const char *const many[] = {
    "Water, Liquid", "Air, Dry (near sea level)", "Bone, Cortical (ICRP)", "Adipose Tissue (ICRP)", "Glass, Lead",
    "Blood (ICRP)", "Cadmium Telluride", "Gadolinium Oxysulfide", "Uranium Dicarbide", "Concrete, Portland",
    "Mercuric Iodide", "Photographic Emulsion", "H", "C", "Al", "Ti", "Fe", "Cu", "Zn", "Br", "Mo", "Ag", "Sn", "I",
    "Ba", "Gd", "W", "Pt", "Au", "Pb", "Bi", "U", "Cf", "Si", "Ca", "K", "Rn", "Cs", "La"};
enum { MANY = sizeof many / sizeof *many };

TEST(tables_agree_with_the_data_within_a_tenth_of_a_percent_everywhere)
{
    kmi_material *m[MANY];
    kmi_physics *p = NULL;
    kmi_rng rng;
    double worst = 0, worst_energy = 0, worst_part = 0;
    size_t edge_count, i;
    const double *edges = kmi_edges(&edge_count);
    int n, worst_material = 0;

    for (i = 0; i < MANY; i++) m[i] = nist(many[i]);
    assert_ok(kmi_physics_new((const kmi_material *const *)m, MANY, 0.001, 0.8, &p));
    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (n = 0; n < 20000; n++) {
        double energy;
        if (n % 4 == 0) { /* near an edge: from 3e-5 to 3e-3 away */
            double edge = edges[kmi_rng_bits(&rng) % edge_count];
            energy = edge * (1 + (kmi_rng_uniform(&rng) < 0.5 ? -1 : 1) * 3e-5 * exp(log(100) * kmi_rng_uniform(&rng)));
        } else {
            energy = 0.001 * exp(log(800) * kmi_rng_uniform(&rng));
        }
        energy = fmin(fmax(energy, 0.001), 0.8);
        for (i = 0; i < MANY; i++) {
            uint32_t segment = kmi_physics_segment(p, energy);
            kma_attenuation a;
            double error, photo, both;
            const kmi_physics_part_cell *c = &p->part[(size_t)segment * p->materials + i];
            assert_true(p->border[segment] <= energy && energy < p->border[segment + 1]);
            assert_ok(kmi_material_attenuation(m[i], energy, &a));
            error = fabs(kmi_physics_total(p, (uint32_t)i, segment, energy) / a.total - 1);
            if (error > worst) {
                worst = error;
                worst_energy = energy;
                worst_material = (int)i;
            }
            photo = c->photo + c->photo_slope * (energy - p->border[segment]);
            both = c->both + c->both_slope * (energy - p->border[segment]);
            error = fmax(fabs(photo - a.photoelectric), fabs(both - a.photoelectric - a.compton)) / a.total;
            worst_part = fmax(worst_part, error);
        }
    }
    print_message("largest interpolation error %.3g (%s at %.9g MeV), of a part %.3g of the total\n", worst,
                  many[worst_material], worst_energy, worst_part);
    assert_true(worst <= 1e-3);
    assert_true(worst_part <= 1e-3);
    kmi_physics_destroy(p);
    for (i = 0; i < MANY; i++) kmi_material_destroy(m[i]);
}
