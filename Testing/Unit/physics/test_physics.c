#include "kmt.h"

#include <fenv.h>
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
    assert_ok(kmi_physics_new((const kmi_material *const *)m, MANY, 0.001, 0.8, NULL, &p));
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

TEST(a_materials_tables_do_not_depend_on_its_company)
{
    kmi_material *two[2] = {nist("Lead"), nist("Water, Liquid")};
    kmi_physics *both = NULL, *alone = NULL;
    double energy;

    assert_ok(kmi_physics_new((const kmi_material *const *)two, 2, 0.001, 0.8, NULL, &both));
    assert_ok(kmi_physics_new((const kmi_material *const *)&two[1], 1, 0.005, 0.2, NULL, &alone));
    for (energy = 0.005; energy < 0.2; energy *= 1.00371) {
        uint32_t a = kmi_physics_segment(both, energy), b = kmi_physics_segment(alone, energy);
        assert_true(both->border[a] == alone->border[b]);
        assert_true(kmi_physics_total(both, 1, a, energy) == kmi_physics_total(alone, 0, b, energy));
    }
    kmi_physics_destroy(both);
    kmi_physics_destroy(alone);
    kmi_material_destroy(two[0]);
    kmi_material_destroy(two[1]);
}

TEST(every_energy_finds_its_segment_by_a_plain_search_too)
{
    kmi_physics *p = NULL;
    kmi_rng rng;
    int n;

    assert_ok(kmi_physics_new(NULL, 0, 0.0012345, 0.6, NULL, &p));
    kmi_rng_start(&rng, 2, 0, KMI_STREAM_GEOMETRY);
    for (n = 0; n < 20000; n++) {
        double energy = fmin(0.0012345 * exp(log(0.6 / 0.0012345) * kmi_rng_uniform(&rng)), 0.6);
        uint32_t segment = 0;
        if (n == 0) energy = 0.0012345;
        if (n == 1) energy = 0.6;
        if (n > 1 && n < (int)p->segments) energy = fmax(p->border[n - 1], 0.0012345); /* exactly on borders */
        while (segment + 1 < p->segments && p->border[segment + 1] <= energy) segment++;
        assert_int_equal(kmi_physics_segment(p, energy), segment);
    }
    assert_true(p->border[0] <= 0.0012345 && p->border[p->segments - 1] <= 0.6 && p->energy_end >= 0.6);
    assert_int_equal(kmi_physics_segment(p, 0.0001), 0); /* out of range: the nearest */
    assert_int_equal(kmi_physics_segment(p, 1), p->segments - 1);
    kmi_physics_destroy(p);
}

TEST(vacuum_has_no_attenuation)
{
    kmi_material vacuum = {.name = (char *)(uintptr_t)"vacuum"};
    const kmi_material *list[1] = {&vacuum};
    kmi_physics *p = NULL;
    double energy;

    assert_ok(kmi_physics_new(list, 1, 0.001, 0.8, NULL, &p));
    for (energy = 0.001; energy < 0.8; energy *= 1.1) {
        uint32_t segment = kmi_physics_segment(p, energy);
        assert_true(kmi_physics_total(p, 0, segment, energy) == 0);
        assert_true(kmi_physics_linear(p, 0, segment, energy) == 0);
        assert_int_equal(kmi_physics_choose(p, 0, segment, energy, 0.5), KMI_PHOTOELECTRIC);
    }
    kmi_physics_destroy(p);
}

TEST(energies_outside_of_the_data_are_refused_with_limits_and_value)
{
    static const struct { double low, high; const char *text; } bad[] = {
        {0.0009, 0.1, "lowest energy is 0.0009 MeV (must be within 0.001..0.8"},
        {0, 0.1, "lowest energy is 0 MeV"},
        {NAN, 0.1, "lowest energy is nan"},
        {0.9, 1, "lowest energy is 0.9 MeV"},
        {0.001, 1.25, "highest energy is 1.25 MeV (must be within 0.001..0.8"},
        {0.1, 0.05, "highest energy is 0.05 MeV (must be within 0.1..0.8"},
        {0.1, NAN, "highest energy is nan"},
        {0.1, INFINITY, "highest energy is inf"}};
    kmi_physics *p = NULL;
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        p = (kmi_physics *)(uintptr_t)1;
        assert_fails(kmi_physics_new(NULL, 0, bad[i].low, bad[i].high, NULL, &p), KMA_ERR_PHYSICS, bad[i].text);
        assert_null(p);
    }
    assert_ok(kmi_physics_new(NULL, 0, 0.1, 0.1, NULL, &p)); /* one energy is a range too */
    assert_true(p->border[kmi_physics_segment(p, 0.1)] <= 0.1);
    kmi_physics_destroy(p);
    assert_ok(kmi_physics_new(NULL, 0, 0.8, 0.8, NULL, &p));
    kmi_physics_destroy(p);
}

TEST(the_majorant_is_never_exceeded_and_is_reached)
{
    kmi_material *m[3] = {nist("Water, Liquid"), nist("Bone, Cortical (ICRP)"), nist("Lead")};
    const double density[3] = {1.05, 1.9, 0}; /* no lead in the image */
    kmi_physics *p = NULL;
    double *majorant, closest = 1e9;
    kmi_rng rng;
    int n;
    uint32_t i;

    assert_ok(kmi_physics_new((const kmi_material *const *)m, 3, 0.001, 0.8, NULL, &p));
    majorant = calloc(p->segments, sizeof *majorant);
    assert_ok(kmi_physics_majorant(p, density, 3, majorant, p->segments));
    kmi_rng_start(&rng, 3, 0, KMI_STREAM_GEOMETRY);
    for (n = 0; n < 200000; n++) {
        double energy = 0.001 * exp(log(800) * kmi_rng_uniform(&rng));
        uint32_t segment = kmi_physics_segment(p, energy);
        for (i = 0; i < 2; i++) {
            double mu = kmi_physics_total(p, i, segment, energy) * density[i] * 0.1;
            assert_true(mu <= majorant[segment]);
            closest = fmin(closest, majorant[segment] / mu);
        }
    }
    assert_true(closest < 1 + 1e-4);
    assert_fails(kmi_physics_majorant(p, density, 2, majorant, p->segments), KMA_ERR_INTERNAL, "2 materials");
    free(majorant);
    kmi_physics_destroy(p);
    for (i = 0; i < 3; i++) kmi_material_destroy(m[i]);
}

TEST(the_fingerprint_follows_the_tables)
{
    kmi_material *water = nist("Water, Liquid"), *bone = nist("Bone, Cortical (ICRP)");
    const kmi_material *lists[][2] = {{water, bone}, {water, bone}, {bone, water}, {water, water}};
    uint8_t digest[6][32];
    kmi_physics *p = NULL;
    int i, j;

    for (i = 0; i < 6; i++) {
        if (i == 5) water->density = 1.01;
        assert_ok(kmi_physics_new(lists[i < 4 ? i : 0], 2, 0.001, i == 4 ? 0.5 : 0.8, NULL, &p));
        kmi_physics_fingerprint(p, digest[i]);
        kmi_physics_destroy(p);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    for (i = 1; i < 6; i++)
        for (j = i + 1; j < 6; j++) assert_memory_not_equal(digest[i], digest[j], 32);
    kmi_material_destroy(water);
    kmi_material_destroy(bone);
}

TEST(the_hosts_rounding_direction_leaves_no_trace)
{
    kmi_material *m = nist("Blood (ICRP)");
    uint8_t digest[2][32];
    int i;

    for (i = 0; i < 2; i++) {
        kmi_physics *p = NULL;
        fesetround(i == 0 ? FE_TONEAREST : FE_UPWARD);
        assert_ok(kmi_physics_new((const kmi_material *const *)&m, 1, 0.001, 0.8, NULL, &p));
        assert_int_equal(fegetround(), i == 0 ? FE_TONEAREST : FE_UPWARD);
        fesetround(FE_TONEAREST);
        kmi_physics_fingerprint(p, digest[i]);
        kmi_physics_destroy(p);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    kmi_material_destroy(m);
}

TEST(every_failing_allocation_is_reported_and_nothing_is_left)
{
    kmi_material *m[2] = {nist("Water, Liquid"), nist("Lead")};
    kmi_physics *p = NULL;
    long n;

    for (n = 1; n < 100; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kmi_physics_new((const kmi_material *const *)m, 2, 0.02, 0.1, NULL, &p);
        if (!kmt_allocation_failed()) break;
        kmt_fail_allocation(0);
        assert_fails(status, KMA_ERR_MEMORY, "no memory");
        assert_null(p);
    }
    kmt_fail_allocation(0);
    assert_true(n > 8 && n < 100);
    assert_non_null(p);
    kmi_physics_destroy(p);
    kmi_material_destroy(m[0]);
    kmi_material_destroy(m[1]);
}

/* What one thread makes of a physics of its own. */
typedef struct job { uint8_t digest[32]; kma_status status; } job;

static void *work(void *context)
{
    job *self = context;
    kmi_material *m = NULL;
    kmi_physics *p = NULL;
    kmi_digest digest;
    kmi_rng rng;
    uint8_t tables[32];
    int n;

    self->status = kmi_material_new_nist("Blood (ICRP)", &m);
    if (self->status != KMA_OK) return NULL;
    self->status = kmi_physics_new((const kmi_material *const *)&m, 1, 0.001, 0.8, NULL, &p);
    if (self->status == KMA_OK) {
        kmi_physics_fingerprint(p, tables);
        kmi_digest_start(&digest, "samples");
        kmi_digest_bytes(&digest, tables, sizeof tables);
        kmi_rng_start(&rng, 7, 7, KMI_STREAM_TRANSPORT);
        for (n = 0; n < 20000; n++) {
            double energy = 0.001 + 0.799 * kmi_rng_uniform(&rng), after, cos_theta;
            uint32_t segment = kmi_physics_segment(p, energy);
            kmi_digest_u64(&digest, kmi_physics_choose(p, 0, segment, energy, kmi_rng_uniform(&rng)));
            kmi_physics_compton(p, 0, energy, &rng, &after, &cos_theta);
            kmi_digest_double(&digest, after);
            kmi_digest_double(&digest, cos_theta);
            kmi_physics_rayleigh(p, 0, energy, &rng, &cos_theta);
            kmi_digest_double(&digest, cos_theta);
        }
        kmi_digest_end(&digest, self->digest);
    }
    kmi_physics_destroy(p);
    kmi_material_destroy(m);
    return NULL;
}

TEST(eight_threads_at_once_build_and_sample_the_same_bits)
{
    enum { THREADS = 8 };
    pthread_t thread[THREADS];
    job jobs[THREADS + 1];
    int i;

    memset(jobs, 0, sizeof jobs);
    for (i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&thread[i], NULL, work, &jobs[i]), 0);
    for (i = 0; i < THREADS; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    work(&jobs[THREADS]);
    for (i = 0; i <= THREADS; i++) {
        assert_int_equal(jobs[i].status, KMA_OK);
        assert_memory_equal(jobs[i].digest, jobs[THREADS].digest, 32);
    }
}
