/*
 * Every allocation of a life in files fails once: a scene is read with all the
 * files it names, run, and its results are written, read and judged. On failure
 * no file is left half written, and the next try writes the same bytes.
 */
#include "fault.h"
#include "scene_files.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"

enum { HISTORIES = 300, NAMES_MAX = 64 };

/* Thousands of files are written here that nobody needs to survive a power failure. */
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

typedef struct file_life {
    fault_log log;
    kma_simulation simulation;
    kma_scene scene;
    kma_run_manager run;
    kma_result result;
    kma_summary summary;
    kma_image image;
    kma_spectrum spectrum;
    kma_ct_table table;
    kma_mesh mesh;
} file_life;

static char *scene_path, *directory, *image_path;

static void name_paths(void)
{
    const char *base = kmt_scratch();

    assert_true(asprintf(&directory, "%s/results", base) > 0 && asprintf(&image_path, "%s/packed.mha", base) > 0);
}

/* The full scene, with few energies and without the built-in table's 24 materials. */
static void put_files(void)
{
    char *text, *small;

    if (scene_path != NULL) return;
    name_paths();
    text = kmt_replace(kmt_full_scene, "\"patient\": {\"image\": {\"file\": \"ct.mha\"}}",
                       "\"patient\": {\"image\": {\"file\": \"ct.mha\", \"ct_table\": \"table.csv\"}}");
    small = kmt_replace(text, "\"cut_energy\": 0.005", "\"cut_energy\": 0.029");

    kmt_put_files();
    scene_path = strdup(kmt_put_scene(small));
    free(text);
    free(small);
}

static char *path_of(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", kmt_scratch(), name);
    return path;
}

/* ---- what was written ------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t list(char *names[NAMES_MAX])
{
    DIR *dir = opendir(directory);
    const struct dirent *entry;
    size_t n = 0;

    if (dir == NULL) return 0;
    while ((entry = readdir(dir)) != NULL && n < NAMES_MAX)
        if (entry->d_name[0] != '.') names[n++] = strdup(entry->d_name);
    closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    return n;
}

static void digest_file(kmi_digest *digest, const char *name)
{
    char path[4096], bytes[4096];
    size_t n;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) kmi_digest_bytes(digest, bytes, n);
    fclose(file);
}

typedef struct written {
    size_t count;
    char *names[NAMES_MAX];
    uint8_t digest[KMI_DIGEST_SIZE];
} written;

static written look(void)
{
    written w = {0};
    kmi_digest digest;
    size_t i;

    w.count = list(w.names);
    kmi_digest_start(&digest, "files");
    for (i = 0; i < w.count; i++) {
        kmi_digest_bytes(&digest, w.names[i], strlen(w.names[i]) + 1);
        digest_file(&digest, w.names[i]);
    }
    kmi_digest_end(&digest, w.digest);
    return w;
}

static void forget(written *w)
{
    while (w->count > 0) free(w->names[--w->count]);
}

static written whole; /* of a life without failures */

/* Hidden ones too: what a writer left behind would have such a name. */
static void assert_only_promised_files(void)
{
    DIR *dir = opendir(directory);
    const struct dirent *entry;

    if (dir == NULL) return;
    while ((entry = readdir(dir)) != NULL) {
        size_t i;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        for (i = 0; i < whole.count && strcmp(entry->d_name, whole.names[i]) != 0; i++) continue;
        assert_true_msg(whole.count == 0 || i < whole.count, "%s/%s was left behind", directory, entry->d_name);
    }
    closedir(dir);
}

static void remove_results(void)
{
    written w = look();
    char path[4096];
    size_t i;

    for (i = 0; i < w.count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, w.names[i]);
        assert_int_equal(unlink(path), 0);
    }
    forget(&w);
    (void)rmdir(directory);
    (void)unlink(image_path);
}

/* ---- a life ----------------------------------------------------------------- */

static bool read_files(file_life *self)
{
    fault_log *log = &self->log;
    kma_file_kind kind;
    kma_overlap overlaps[4];
    size_t found = 0;
    char title[64];

    STEP(kma_file_recognize(scene_path, &kind));
    MAKE(self->simulation, kma_simulation_read(scene_path, &self->simulation));
    STEP(kma_simulation_get_title(self->simulation, title, sizeof title, NULL));
    MAKE(self->scene, kma_simulation_get_scene(self->simulation, &self->scene));
    assert_ok(kma_scene_count_sources(self->scene, &found));
    assert_int_equal(found, 6);
    assert_ok(kma_scene_count_scorers(self->scene, &found));
    assert_int_equal(found, 4);
    STEP(kma_scene_check_overlaps(self->scene, 100, overlaps, 4, &found));
    MAKE(self->spectrum, kma_spectrum_read_csv(path_of("lines.csv"), &self->spectrum));
    MAKE(self->table, kma_ct_table_read_csv(path_of("table.csv"), &self->table));
    MAKE(self->mesh, kma_mesh_read_stl(path_of("screw.stl"), 1, &self->mesh));
    MAKE(self->image, kma_image_read(path_of("ct.mha"), &self->image));
    STEP(kma_image_write(self->image, image_path, KMA_COMPRESSION_ZLIB));
    assert_ok(kma_image_release(&self->image));
    MAKE(self->image, kma_image_read(image_path, &self->image));
    return true;
}

static void run_scene(file_life *self)
{
    kma_run_options options;

    assert_ok(kma_run_options_defaults(&options));
    options.threads = 0;
    assert_ok(kma_run_manager_create(self->scene, &options, &self->run));
    assert_ok(kma_run_manager_initialize(self->run));
    assert_ok(kma_run_manager_beam_on(self->run, HISTORIES));
    assert_ok(kma_run_manager_snapshot(self->run, &self->result));
}

static bool write_files(file_life *self)
{
    fault_log *log = &self->log;

    STEP(kma_simulation_write_results(self->simulation, self->result, directory));
    MAKE(self->summary, kma_summary_read(directory, &self->summary));
    return true;
}

static void end(file_life *self)
{
    assert_ok(kma_summary_release(&self->summary));
    assert_ok(kma_result_release(&self->result));
    assert_ok(kma_run_manager_release(&self->run));
    assert_ok(kma_scene_release(&self->scene));
    assert_ok(kma_simulation_release(&self->simulation));
    assert_ok(kma_image_release(&self->image));
    assert_ok(kma_spectrum_release(&self->spectrum));
    assert_ok(kma_ct_table_release(&self->table));
    assert_ok(kma_mesh_release(&self->mesh));
}

static long blocks, bytes;

static void live_undisturbed(void)
{
    file_life self = {0};

    put_files();
    remove_results();
    fault_install();
    fault_arm(0, FAULT_ONCE);
    assert_true(read_files(&self));
    run_scene(&self);
    assert_true(write_files(&self));
    end(&self);
    kmt_assert_no_live_objects();
    blocks = fault_blocks();
    bytes = fault_bytes();
    whole = look();
    assert_true(whole.count > 20);
}

static void assert_nothing_left(void)
{
    kmt_assert_no_live_objects();
    assert_int_equal(fault_blocks(), blocks);
    assert_int_equal(fault_bytes(), bytes);
}

/* ---- tests ------------------------------------------------------------------- */

static void fail_reading(fault_mode mode)
{
    int swallowed = 0;
    long n = 1 - FAULT_STRIDE;

    live_undisturbed();
    do {
        file_life self = {.log = {.repeats = mode == FAULT_ONCE}};
        bool complete;
        n += FAULT_STRIDE;
        (void)unlink(image_path);
        fault_arm(n, mode);
        complete = read_files(&self);
        assert_true(complete || mode == FAULT_FROM_THERE);
        assert_true(fault_fired() == 0 || self.log.failed_calls + self.log.swallowed > 0);
        if (self.log.swallowed > 0) print_message("allocation %ld: not missed by %s\n", n, self.log.swallower);
        swallowed += self.log.swallowed;
        end(&self);
        fault_disarm();
        assert_nothing_left();
    } while (fault_fired() > 0);
    print_message("%ld allocations, %d not missed\n", n - 1, swallowed);
    assert_true(n > 300);
    forget(&whole);
}

TEST(every_allocation_of_reading_a_scene_may_fail)
{
    fail_reading(FAULT_ONCE);
}

TEST(from_every_allocation_of_reading_a_scene_on_all_may_fail)
{
    fail_reading(FAULT_FROM_THERE);
}

static void fail_writing(fault_mode mode)
{
    file_life self = {0};
    int swallowed = 0;
    const long stride = mode == FAULT_ONCE || FAULT_STRIDE > 1 ? FAULT_STRIDE : 5; /* pictures take their time */
    long n = 1 - stride;

    live_undisturbed();
    remove_results();
    assert_true(read_files(&self));
    run_scene(&self);
    blocks = fault_blocks();
    bytes = fault_bytes();
    do {
        bool complete;
        n += stride;
        self.log = (fault_log){.repeats = false};
        fault_arm(n, mode);
        complete = write_files(&self);
        fault_disarm();
        assert_true(fault_fired() == 0 || self.log.failed_calls + self.log.swallowed > 0);
        if (self.log.swallowed > 0) print_message("allocation %ld: not missed by %s\n", n, self.log.swallower);
        swallowed += self.log.swallowed;
        assert_only_promised_files();
        assert_ok(kma_summary_release(&self.summary));
        if ((n - 1) / stride % 16 == 0 || complete) { /* now with memory, over what is there */
            written w;
            self.log.repeats = true;
            assert_true(write_files(&self));
            w = look();
            assert_memory_equal(w.digest, whole.digest, sizeof w.digest);
            forget(&w);
            assert_ok(kma_summary_release(&self.summary));
            remove_results();
        }
        assert_in_range(fault_blocks() - blocks, 0, 1); /* the masses of the grid, once made, stay with the result */
    } while (fault_fired() > 0);
    print_message("%ld allocations, %d not missed\n", n - 1, swallowed);
    assert_true(n > 200);
    end(&self);
    kmt_assert_no_live_objects();
    forget(&whole);
}

TEST(every_allocation_of_writing_results_may_fail)
{
    fail_writing(FAULT_ONCE);
}

TEST(from_every_allocation_of_writing_results_on_all_may_fail)
{
    fail_writing(FAULT_FROM_THERE);
}
