/* Scenes that are there already survive being written and read: examples, the demo's, those of the regression tests. */
#include "round_trip.h"
#include "scene_files.h"

#include <dirent.h>

#include "make.h"
#include "scenes.h"

/* What was read from a file, written and read. */
static void trip_of_file(const char *path, uint64_t histories)
{
    kma_simulation s = {0};
    kma_scene scene = {0};

    assert_ok(kma_simulation_read(path, &s));
    assert_ok(kma_simulation_get_scene(s, &scene));
    free(kmt_trip(scene, "example.json", histories, KMT_FILES_APART));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_simulation_release(&s));
}

TEST(every_example_is_the_same_scene_when_it_is_written_and_read)
{
    DIR *directory = opendir(KMT_SOURCE_DIR "/Examples");
    const struct dirent *entry;
    char path[4096];
    int n = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".json") != 0) continue;
        snprintf(path, sizeof path, KMT_SOURCE_DIR "/Examples/%s", entry->d_name);
        trip_of_file(path, 2000);
        n++;
    }
    closedir(directory);
    assert_true(n >= 3);
    kmt_assert_no_live_objects();
}

TEST(the_scene_of_the_demo_is_the_same_when_it_is_written_and_read)
{
    char command[4096 * 3];
    const char *scene = kmt_trip_path("demo", "demo.json");

    snprintf(command, sizeof command, "'%s' '%s/demo' >/dev/null && cp '%s/Examples/spectra/tungsten_120kVp.csv' '%s/demo/'",
             KMT_MAKE_DEMO, kmt_scratch(), KMT_SOURCE_DIR, kmt_scratch());
    assert_int_equal(system(command), 0);
    trip_of_file(scene, 500);
    kmt_assert_no_live_objects();
}

TEST(the_scene_with_one_of_everything_is_the_same_when_it_is_written_and_read)
{
    kmt_put_files();
    trip_of_file(kmt_put_scene(kmt_full_scene), 2000);
    kmt_assert_no_live_objects();
}

/* They are made by the API, and all names but the scene's are released by then. */
TEST(every_regression_scene_is_the_same_when_it_is_written_and_read)
{
    size_t i;

    for (i = 0; i < regression_scene_count; i++) {
        kma_scene scene = regression_scenes[i].make();
        free(kmt_trip(scene, "regression.json", 500, KMT_FILES_APART));
        make_release_all();
    }
    kmt_assert_no_live_objects();
}
