/* Scenes written, read and compared: see round_trip.h. */
#include "round_trip.h"

#include "kmt_file.h"

#include <sys/stat.h>

/* Hundreds of files are written here that nobody needs to survive a power failure. */
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

const char *kmt_trip_path(const char *folder, const char *name)
{
    static char paths[8][4096];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", kmt_scratch(), folder);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof paths[0], "%s/%s/%s", kmt_scratch(), folder, name);
    return path;
}

void kmt_trip_info(kma_scene scene, uint64_t histories, kma_result_info *out)
{
    kma_run_options options;
    kma_run_manager run = {0};
    kma_result result = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.seed = 7;
    options.threads = 0;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, histories));
    assert_ok(kma_run_manager_snapshot(run, &result));
    out->size = sizeof *out;
    assert_ok(kma_result_get_info(result, out));
    assert_ok(kma_result_release(&result));
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}

char *kmt_trip(kma_scene scene, const char *name, uint64_t histories, kmt_trip_files files)
{
    const char *first = kmt_trip_path("first", name), *second = kmt_trip_path("second", name);
    kma_scene_write_options options;
    kma_simulation read = {0};
    kma_scene again = {0};
    kma_result_info before, after;
    char *written, *rewritten;

    assert_ok(kma_scene_write_options_defaults(&options));
    options.seed = UINT64_MAX;
    options.histories = 12345678901;
    options.title = "written \"twice\" \xc3\xa9\n";
    assert_ok(kma_scene_write(scene, &options, first));
    assert_ok(kma_simulation_read(first, &read));
    assert_ok(kma_simulation_get_scene(read, &again));
    assert_ok(kma_scene_write(again, &options, second));
    written = kmt_get(first, NULL);
    rewritten = kmt_get(second, NULL);
    if (files == KMT_FILES_APART) assert_string_equal(written, rewritten);
    free(rewritten);
    kmt_trip_info(scene, histories, &before);
    kmt_trip_info(again, histories, &after);
    assert_string_equal(before.scene_hash, after.scene_hash);
    assert_string_equal(before.scores_hash, after.scores_hash);
    assert_ok(kma_scene_release(&again));
    assert_ok(kma_simulation_release(&read));
    return written;
}
