#include "kmt_file.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/csv.h"
#include "scene_files.h"
#include "simulation/json.h"

static const char *path_of(const char *directory, const char *name)
{
    static char paths[4][4096];
    static int next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s/%s", kmt_scratch(), directory, name);
    return paths[next];
}

static kma_result run(kma_simulation s, int threads, uint64_t histories)
{
    kma_run_options options;
    kma_run_manager manager = {0};
    kma_scene scene = {0};
    kma_result result = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    assert_ok(kma_simulation_get_scene(s, &scene));
    assert_ok(kma_run_manager_create(scene, &options, &manager));
    assert_ok(kma_run_manager_initialize(manager));
    assert_ok(kma_run_manager_beam_on(manager, histories));
    assert_ok(kma_run_manager_snapshot(manager, &result));
    assert_ok(kma_run_manager_close(manager));
    assert_ok(kma_run_manager_release(&manager));
    assert_ok(kma_scene_release(&scene));
    return result;
}

static kma_simulation full(void)
{
    kma_simulation s = {0};

    kmt_put_files();
    assert_ok(kma_simulation_read(kmt_put_scene(kmt_full_scene), &s));
    return s;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted names of a directory's files. */
static size_t list(const char *directory, char *names[64])
{
    DIR *dir = opendir(path_of(directory, ""));
    const struct dirent *entry;
    size_t n = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL && n < 64)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) names[n++] = strdup(entry->d_name);
    closedir(dir);
    qsort(names, n, sizeof *names, compare);
    return n;
}

static char *bytes_of(const char *directory, const char *name, size_t *size)
{
    return kmt_get(path_of(directory, name), size);
}

/* Documentation/results.md promises these. */
static const char *const files[] = {
    "dose_dose.mha", "dose_dose_uncertainty.mha", "dose_dose_xy.png", "dose_dose_xz.png", "dose_dose_yz.png", "dose_profile.csv",
    "grid_dose.mha", "grid_dose_uncertainty.mha", "grid_dose_xy.png", "grid_dose_xz.png", "grid_dose_yz.png", "grid_profile.csv",
    "summary.json", "volumes.csv",
    "xray_primary_count.mha", "xray_primary_count_uncertainty.mha", "xray_primary_energy.mha", "xray_primary_energy_uncertainty.mha",
    "xray_profile.csv", "xray_radiograph.png", "xray_radiograph_primary.png",
    "xray_scatter_count.mha", "xray_scatter_count_uncertainty.mha", "xray_scatter_energy.mha", "xray_scatter_energy_uncertainty.mha",
};
enum { FILES = sizeof files / sizeof *files };

TEST(exactly_the_promised_files_are_written_and_the_same_again)
{
    kma_simulation s = full();
    kma_result a = run(s, 0, 3000), b = run(s, 3, 3000);
    char *names[64], *first, *second;
    size_t n, i, size, other;

    assert_ok(kma_simulation_write_results(s, a, path_of("new", "made/a")));
    assert_ok(kma_simulation_write_results(s, b, path_of("new", "b")));
    n = list("new/made/a", names);
    assert_int_equal(n, FILES);
    for (i = 0; i < n; i++) {
        assert_string_equal(names[i], files[i]);
        first = bytes_of("new/made/a", names[i], &size);
        second = bytes_of("new/b", names[i], &other);
        assert_true_msg(size == other && memcmp(first, second, size) == 0, "%s differs between 0 and 3 threads", names[i]);
        free(first);
        free(second);
        free(names[i]);
    }
    assert_ok(kma_simulation_write_results(s, a, path_of("new", "b"))); /* over the old ones */
    assert_int_equal(list("new/b", names), FILES);
    for (i = 0; i < FILES; i++) free(names[i]);
    assert_ok(kma_result_release(&a));
    assert_ok(kma_result_release(&b));
    assert_ok(kma_simulation_release(&s));
    kmt_assert_no_live_objects();
}

static void same_values(kma_result r, size_t scorer, kma_quantity quantity, bool uncertainty, const char *name)
{
    kma_result_scorer info = {.size = sizeof info};
    kma_image image = {0};
    kma_image_geometry geometry;
    double *wanted, *found;
    size_t i;

    assert_ok(kma_result_get_scorer(r, scorer, &info));
    assert_ok(kma_image_read(path_of("r", name), &image));
    assert_ok(kma_image_get_geometry(image, &geometry));
    assert_memory_equal(geometry.count, info.geometry.count, sizeof geometry.count);
    assert_memory_equal(geometry.spacing, info.geometry.spacing, sizeof geometry.spacing);
    assert_memory_equal(geometry.origin, info.geometry.origin, sizeof geometry.origin);
    assert_memory_equal(geometry.direction, info.geometry.direction, sizeof geometry.direction);
    wanted = malloc(info.bins * sizeof *wanted);
    found = malloc(info.bins * sizeof *found);
    assert_ok(kma_result_get_values(r, scorer, quantity, 0, info.bins, uncertainty ? NULL : wanted, uncertainty ? wanted : NULL));
    assert_ok(kma_image_get_values(image, found, info.bins));
    for (i = 0; i < info.bins; i++) assert_true(found[i] == (double)(float)wanted[i]);
    free(wanted);
    free(found);
    assert_ok(kma_image_release(&image));
}

TEST(images_and_tables_hold_the_results_values)
{
    kma_simulation s = full();
    kma_result r = run(s, 2, 5000);
    kmi_csv *table = NULL;
    double mean, sigma;
    size_t row, bin;

    assert_ok(kma_result_write(r, path_of("r", "")));
    same_values(r, 0, KMA_QUANTITY_DOSE, false, "dose_dose.mha");
    same_values(r, 0, KMA_QUANTITY_DOSE, true, "dose_dose_uncertainty.mha");
    same_values(r, 1, KMA_QUANTITY_DOSE, false, "grid_dose.mha");
    same_values(r, 3, KMA_QUANTITY_PRIMARY_ENERGY, false, "xray_primary_energy.mha");
    same_values(r, 3, KMA_QUANTITY_SCATTER_COUNT, true, "xray_scatter_count_uncertainty.mha");

    /* the grid's direction swaps x and y; its middle cell is (2, 2, 1) */
    assert_ok(kmi_csv_read(path_of("r", "grid_profile.csv"), 1000, &table));
    assert_int_equal(table->rows, 5 + 4 + 3);
    assert_int_equal(table->columns, 7);
    assert_int_equal(kmi_csv_column(table, "dose_uncertainty_gy"), 6);
    for (row = 0; row < table->rows; row++) {
        size_t axis = (size_t)kmi_csv_value(table, row, 0), at[3] = {2, 2, 1};
        at[axis] = (size_t)kmi_csv_value(table, row, 1);
        bin = at[0] + 5 * (at[1] + 4 * at[2]);
        assert_ok(kma_result_get_values(r, 1, KMA_QUANTITY_DOSE, bin, 1, &mean, &sigma));
        assert_true(kmi_csv_value(table, row, 5) == mean && kmi_csv_value(table, row, 6) == sigma);
        assert_true(kmi_csv_value(table, row, 2) == -20 + 10 * (double)at[1]);
        assert_true(kmi_csv_value(table, row, 3) == -20 + 10 * (double)at[0]);
        assert_true(kmi_csv_value(table, row, 4) == -10 + 10 * (double)at[2]);
    }
    kmi_csv_destroy(table);
    assert_ok(kmi_csv_read(path_of("r", "xray_profile.csv"), 1000, &table));
    assert_int_equal(table->rows, 6 + 5);
    assert_int_equal(table->columns, 5 + 8);
    assert_int_equal(kmi_csv_column(table, "scatter_count_photons"), 11);
    kmi_csv_destroy(table);
    assert_ok(kma_result_release(&r));
    assert_ok(kma_simulation_release(&s));
}

static double number(const kmi_json *object, const char *a, const char *b)
{
    const kmi_json *v = kmi_json_member(object, a);

    assert_true_msg(v != NULL, "no '%s'", a);
    if (b != NULL) v = kmi_json_member(v, b);
    assert_true_msg(v != NULL && v->type == KMI_JSON_NUMBER, "no number '%s'", b == NULL ? a : b);
    return v->number;
}

TEST(the_summary_says_what_the_result_says)
{
    kma_simulation s = full();
    kma_result r = run(s, 0, 5000);
    kma_result_info info = {.size = sizeof info};
    kmi_json_document *d = NULL;
    const kmi_json *scorer;
    double values[120], sigmas[120], largest = 0, surest = 0, sum = 0, total;
    size_t i, at = 0, half = 0;

    assert_ok(kma_result_get_info(r, &info));
    assert_ok(kma_result_write_titled(r, "another \xC3\xA9", path_of("r", "")));
    assert_ok(kmi_json_read(path_of("r", "summary.json"), &d));
    assert_string_equal(kmi_json_member(d->root, "title")->text, "another \xC3\xA9");
    kmi_json_destroy(d);
    assert_ok(kma_result_write_titled(r, "", path_of("r", "")));
    assert_ok(kmi_json_read(path_of("r", "summary.json"), &d));
    assert_null(kmi_json_member(d->root, "title"));
    kmi_json_destroy(d);
    assert_fails(kma_result_write_titled(r, "\xff", path_of("r", "")), KMA_ERR_ARGUMENT, "not UTF-8");
    assert_fails(kma_result_write_titled(r, NULL, NULL), KMA_ERR_ARGUMENT, "directory is NULL");
    assert_ok(kma_simulation_write_results(s, r, path_of("r", "")));
    assert_ok(kmi_json_read(path_of("r", "summary.json"), &d));
    assert_string_equal(kmi_json_member(d->root, "title")->text, "One of \xC3\xA9verything");
    assert_true(number(d->root, "histories", NULL) == 5000);
    assert_true(number(d->root, "first_missing_history", NULL) == 5000);
    assert_string_equal(kmi_json_member(d->root, "scores_hash")->text, info.scores_hash);
    assert_string_equal(kmi_json_member(d->root, "scene_hash")->text, info.scene_hash);
    assert_string_equal(kmi_json_member(d->root, "fingerprint")->text, info.fingerprint);
    assert_string_equal(kmi_json_member(d->root, "kerma_version")->text, kma_version());
    assert_true(number(d->root, "energy_of_all_histories_mev", "escaped") == info.ledger.escaped);
    assert_true(number(d->root, "ct_numbers", "voxels") == 2 * 120);
    scorer = kmi_json_member(d->root, "scorers")->first;
    assert_string_equal(kmi_json_member(scorer, "name")->text, "dose");

    assert_ok(kma_result_get_values(r, 0, KMA_QUANTITY_DOSE, 0, 120, values, sigmas));
    for (i = 0; i < 120; i++) /* beyond doubt: less two standard deviations */
        if (values[i] - 2 * sigmas[i] > surest) {
            surest = values[i] - 2 * sigmas[i];
            largest = values[i];
            at = i;
        }
    for (i = 0; i < 120; i++)
        if (values[i] >= 0.5 * largest) {
            half++;
            sum += sigmas[i] / values[i];
        }
    assert_true(largest > 0);
    assert_true(number(scorer, "largest_dose", "value") == largest);
    assert_true(number(scorer, "largest_dose", "uncertainty") == sigmas[at]);
    assert_true(kmi_json_member(kmi_json_member(scorer, "largest_dose"), "index")->first->number == (double)(at % 4));
    assert_true(number(scorer, "above_half_of_largest_dose", "bins") == (double)half);
    assert_near(number(scorer, "above_half_of_largest_dose", "mean_relative_uncertainty"), sum / (double)half, 1e-12);

    scorer = scorer->next->next;
    assert_string_equal(kmi_json_member(scorer, "name")->text, "ball/1");
    assert_ok(kma_result_get_values(r, 2, KMA_QUANTITY_DOSE, 0, 1, values, sigmas));
    assert_true(number(scorer, "dose", "value") == values[0]);
    assert_true(number(scorer, "dose", "uncertainty") == sigmas[0]);
    scorer = scorer->next;
    assert_ok(kma_result_get_total(r, 3, KMA_QUANTITY_PRIMARY_COUNT, &total));
    assert_true(total > 0);
    assert_true(number(scorer, "primary_count", "value") == total);
    kmi_json_destroy(d);
    assert_ok(kma_result_release(&r));
    assert_ok(kma_simulation_release(&s));
}

/* With one history nothing is known about uncertainties, with none nothing at all; both are written. */
TEST(results_of_one_history_and_of_none_are_written)
{
    kma_simulation s = full();
    uint64_t histories;

    for (histories = 0; histories < 2; histories++) {
        kma_result r = run(s, 0, histories);
        kmi_json_document *d = NULL;
        kmi_csv *table = NULL;

        assert_ok(kma_simulation_write_results(s, r, path_of("few", "")));
        assert_ok(kmi_json_read(path_of("few", "summary.json"), &d));
        assert_true(number(d->root, "histories", NULL) == (double)histories);
        kmi_json_destroy(d);
        assert_ok(kmi_csv_read(path_of("few", "xray_profile.csv"), 1000, &table));
        kmi_csv_destroy(table);
        assert_ok(kma_result_release(&r));
    }
    assert_ok(kma_simulation_release(&s));
}

TEST(places_that_cannot_be_written_are_errors)
{
    kma_simulation s = full();
    kma_result r = run(s, 0, 100), stale = r;

    assert_fails(kma_result_write(r, path_of("scene.json", "sub")), KMA_ERR_IO, "scene.json");
    assert_fails(kma_result_write(r, ""), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kma_result_write(r, NULL), KMA_ERR_ARGUMENT, "directory is NULL");
    assert_fails(kma_simulation_write_results(s, r, NULL), KMA_ERR_ARGUMENT, "directory is NULL");
    assert_int_equal(mkdir(path_of("full", ""), 0777), 0);
    assert_int_equal(mkdir(path_of("full", "summary.json"), 0777), 0);
    assert_fails(kma_result_write(r, path_of("full", "")), KMA_ERR_IO, "summary.json");
    assert_ok(kma_result_release(&r));
    assert_fails(kma_result_write(stale, path_of("r", "")), KMA_ERR_STALE, "result");
    assert_ok(kma_simulation_release(&s));
}

TEST(a_failed_allocation_is_an_error_without_a_leak_or_half_a_file)
{
    kma_simulation s = full();
    kma_result r = run(s, 0, 500);
    char *names[64];
    size_t i, n;
    long nth, step;

    assert_ok(kma_simulation_write_results(s, r, path_of("alloc", "")));
    for (nth = 1, step = 1; nth < 100000; nth += step) {
        kma_status status;

        kmt_fail_allocation(nth);
        status = kma_simulation_write_results(s, r, path_of("alloc", ""));
        if (!kmt_allocation_failed()) {
            kmt_fail_allocation(0);
            assert_ok(status);
            break;
        }
        kmt_fail_allocation(0);
        assert_true_msg(status == KMA_ERR_MEMORY, "allocation %ld: %s %s", nth, kma_status_name(status), kma_error_message());
        if (nth > 60) step = 31; /* writing is slow: it waits for the disk */
    }
    assert_true(nth > 100 && nth < 100000);
    n = list("alloc", names); /* no temporary file is left */
    assert_int_equal(n, FILES);
    for (i = 0; i < n; i++) free(names[i]);
    assert_ok(kma_result_release(&r));
    assert_ok(kma_simulation_release(&s));
    kmt_assert_no_live_objects();
}
