/* What can be read from a result, and what a refusal leaves in the outputs. */
#include "kmt.h"
#include "kmt_scene.h"

#include <math.h>

enum { HISTORIES = 2000, DOSE = 0, DETECTOR = 1, WHOLE = 2, CELLS = 1000 };

static kma_result water_result(void)
{
    kma_run_manager run = kmt_water_run(0);
    kma_result result = {0};

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_run_manager_release(&run));
    return result;
}

static bool is_zero(const double *values, size_t n)
{
    size_t i;
    for (i = 0; i < n; i++)
        if (values[i] != 0) return false;
    return true;
}

TEST(values_that_fail_for_want_of_memory_are_zero_and_never_another_quantity)
{
    static double mean[CELLS], uncertainty[CELLS];
    const kma_quantity quantities[] = {KMA_QUANTITY_DOSE, KMA_QUANTITY_MASS};
    size_t q;
    long n;

    for (q = 0; q < 2; q++) {
        for (n = 1;; n++) {
            kma_result result = water_result(); /* a new one: masses are kept */
            kma_status status;
            size_t i;
            for (i = 0; i < CELLS; i++) mean[i] = uncertainty[i] = 7;
            kmt_fail_allocation(n);
            status = kma_result_get_values(result, DOSE, quantities[q], 0, CELLS, mean, uncertainty);
            kmt_fail_allocation(0);
            assert_ok(kma_result_release(&result));
            if (status == KMA_OK) break;
            assert_int_equal(status, KMA_ERR_MEMORY);
            assert_true(is_zero(mean, CELLS) && is_zero(uncertainty, CELLS));
        }
        assert_true(n > 1); /* something was allocated */
        assert_false(is_zero(mean, CELLS));
    }
    kmt_assert_no_live_objects();
}

TEST(a_dose_is_the_energy_over_the_mass)
{
    static double energy[CELLS], dose[CELLS], mass[CELLS], ue[CELLS], ud[CELLS];
    kma_result result = water_result();
    double sum = 0, total = 0;
    int i;

    assert_ok(kma_result_get_values(result, DOSE, KMA_QUANTITY_ENERGY, 0, CELLS, energy, ue));
    assert_ok(kma_result_get_values(result, DOSE, KMA_QUANTITY_DOSE, 0, CELLS, dose, ud));
    assert_ok(kma_result_get_values(result, DOSE, KMA_QUANTITY_MASS, 0, CELLS, mass, NULL));
    for (i = 0; i < CELLS; i++) {
        /* 1 eV = 1.602176634e-19 J (SI, exact) */
        assert_near(dose[i], energy[i] * 1.602176634e-13 / (mass[i] * 1e-3), 1e-14 * dose[i]);
        assert_near(ud[i], ue[i] * 1.602176634e-13 / (mass[i] * 1e-3), 1e-14 * ud[i]);
        sum += energy[i];
    }
    assert_ok(kma_result_get_total(result, DOSE, KMA_QUANTITY_ENERGY, &total));
    assert_near(total, sum, 1e-12 * sum);
    assert_ok(kma_result_get_total(result, DOSE, KMA_QUANTITY_MASS, &total));
    assert_near(total, 4000, 1); /* 200 x 200 x 100 mm of water, g */
    assert_ok(kma_result_release(&result));
}

TEST(what_a_scorer_has_not_is_refused_and_bins_are_counted)
{
    kma_result result = water_result(), none = {0};
    kma_result_scorer scorer = {.size = sizeof scorer};
    kma_result_info info = {.size = sizeof info};
    double mean[2] = {7, 7}, total = 7;
    size_t index = 7;

    assert_fails(kma_result_get_values(result, WHOLE, KMA_QUANTITY_PRIMARY_COUNT, 0, 1, mean, NULL), KMA_ERR_ARGUMENT,
                 "'whole' holds no quantity 4 (primary_count)");
    assert_true(mean[0] == 0);
    assert_fails(kma_result_get_values(result, DETECTOR, KMA_QUANTITY_DOSE, 0, 1, mean, NULL), KMA_ERR_ARGUMENT, "dose");
    assert_fails(kma_result_get_values(result, WHOLE, KMA_QUANTITY_ENERGY, 0, 2, mean, NULL), KMA_ERR_ARGUMENT, "has 1");
    assert_fails(kma_result_get_values(result, DOSE, KMA_QUANTITY_ENERGY, CELLS, 1, mean, NULL), KMA_ERR_ARGUMENT, "1000");
    assert_fails(kma_result_get_values(result, DOSE, KMA_QUANTITY_ENERGY, SIZE_MAX, SIZE_MAX, mean, NULL),
                 KMA_ERR_ARGUMENT, "1000");
    assert_fails(kma_result_get_values(result, 3, KMA_QUANTITY_ENERGY, 0, 1, mean, NULL), KMA_ERR_ARGUMENT, "has 3");
    assert_fails(kma_result_get_total(result, DOSE, KMA_QUANTITY_DOSE, &total), KMA_ERR_ARGUMENT, "cannot be added up");
    assert_true(total == 0);
    assert_fails(kma_result_find_scorer(result, "doze", &index), KMA_ERR_ARGUMENT, "'dose', 'detector', 'whole'");
    assert_int_equal(index, 0);

    memset(&scorer, 0xff, sizeof scorer);
    scorer.size = sizeof scorer;
    assert_ok(kma_result_get_scorer(result, WHOLE, &scorer));
    assert_true(scorer.bins == 1 && scorer.geometry.count[0] == 0 && scorer.geometry.spacing[0] == 0);
    memset(&info, 0xff, sizeof info);
    info.size = sizeof info;
    assert_int_equal(kma_result_get_info(none, &info), KMA_ERR_ARGUMENT);
    assert_true(info.histories == 0 && info.scene_hash[0] == '\0' && info.size == sizeof info);
    assert_ok(kma_result_release(&result));
    kmt_assert_no_live_objects();
}
