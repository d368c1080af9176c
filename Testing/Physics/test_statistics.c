/* Uncertainties tell the truth: over many seeds the normalised scores have variance 1. */
#include "kmt.h"
#include "kmt_problem.h"

#include <math.h>

enum { SEEDS = 100, HISTORIES = 2000, BINS = 27 };

TEST(the_variance_of_normalised_scores_over_100_seeds_is_1)
{
    static double mean[SEEDS][BINS + 1], uncertainty[SEEDS][BINS + 1];
    kma_material water = kmt_material("Water, Liquid");
    kma_volume world = kmt_box("world", 300, 300, 300, (kma_material){0}), box = kmt_box("box", 90, 90, 90, water);
    kma_source beam = kmt_beam(0.06, 0, 0, -140, 60);
    kma_image_geometry cells;
    kma_scorer dose = {0}, whole = {0};
    kma_scene scene = {0};
    double sum2 = 0, all = 0;
    int seed, bin, c;

    kmt_place(world, box, 0, 0, 0);
    kma_image_geometry_defaults(&cells);
    for (c = 0; c < 3; c++) {
        cells.count[c] = 3;
        cells.spacing[c] = 30;
        cells.origin[c] = -30;
    }
    assert_ok(kma_scorer_create_grid("cells", &cells, &dose));
    assert_ok(kma_scorer_create_volume("whole", box, &whole));
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, beam));
    assert_ok(kma_scene_add_scorer(scene, dose));
    assert_ok(kma_scene_add_scorer(scene, whole));
    for (seed = 0; seed < SEEDS; seed++) {
        kma_result result = kmt_run(scene, 0, 1000 + (uint64_t)seed, HISTORIES);
        assert_ok(kma_result_get_values(result, 0, KMA_QUANTITY_DOSE, 0, BINS, mean[seed], uncertainty[seed]));
        assert_ok(kma_result_get_values(result, 1, KMA_QUANTITY_DOSE, 0, 1, &mean[seed][BINS], &uncertainty[seed][BINS]));
        assert_ok(kma_result_release(&result));
    }
    for (bin = 0; bin <= BINS; bin++) {
        double centre = 0, weight = 0, variance = 0;
        for (seed = 0; seed < SEEDS; seed++) {
            centre += mean[seed][bin];
            weight += uncertainty[seed][bin] * uncertainty[seed][bin];
        }
        centre /= SEEDS;
        weight /= SEEDS;
        for (seed = 0; seed < SEEDS; seed++) variance += (mean[seed][bin] - centre) * (mean[seed][bin] - centre);
        variance /= (SEEDS - 1) * weight;
        /* The variance of a variance of 100 normal numbers: 2 / 99, sigma 0.142; four of them, for 28 bins. */
        assert_near(variance, 1, 4 * sqrt(2.0 / (SEEDS - 1)));
        if (bin < BINS) sum2 += variance;
        if (bin == BINS) all = variance;
    }
    print_message("variance of normalised scores: %.3f over 27 cells, %.3f for the whole box\n", sum2 / BINS, all);
    /* The mean over 27 nearly independent cells: sigma 0.142 / sqrt(27) = 0.027; three of them. */
    assert_near(sum2 / BINS, 1, 3 * sqrt(2.0 / (SEEDS - 1) / BINS));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_scorer_release(&dose));
    assert_ok(kma_scorer_release(&whole));
    assert_ok(kma_source_release(&beam));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}
