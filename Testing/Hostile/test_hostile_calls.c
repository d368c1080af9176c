/*
 * Every system call of the file layer fails, each in its turn, in every task that reads or writes files: an error that
 * names the file and the cause, no leak, every file as before or complete, nothing else left behind. What is
 * interrupted or does less than it was asked is done all the same.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hostile.h"
#include "system_calls.h"

/* All of them; under sanitizers, which are slow, every fifth of the many that writing results makes. */
#ifdef HOSTILE_SANITIZED
enum { STRIDE = 5 };
#else
enum { STRIDE = 1 };
#endif

/* ---- tasks: each works in the directory `where` ---- */

static kma_image small, other; /* other values, another size */
static kma_result old_result, new_result;
static kma_scene old_scene, new_scene; /* the same files beside both, of other content */

static const char *at(const char *where, const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", where, name);
    return path;
}

static kma_status read_stl_binary(const char *w) { return hostile_read(READ_STL, at(w, "binary.stl")); }
static kma_status read_stl_text(const char *w) { return hostile_read(READ_STL, at(w, "text.stl")); }
static kma_status read_mha(const char *w) { return hostile_read(READ_IMAGE, at(w, "ct.mha")); }
static kma_status read_zlib(const char *w) { return hostile_read(READ_IMAGE, at(w, "packed.mha")); }
static kma_status read_text_image(const char *w) { return hostile_read(READ_IMAGE, at(w, "text.mha")); }
static kma_status read_mhd(const char *w) { return hostile_read(READ_IMAGE, at(w, "pair.mhd")); }
static kma_status read_spectrum(const char *w) { return hostile_read(READ_SPECTRUM, at(w, "lines.csv")); }
static kma_status read_ct_table(const char *w) { return hostile_read(READ_CT_TABLE, at(w, "table.csv")); }
static kma_status read_scene(const char *w) { return hostile_read(READ_SCENE, at(w, "scene.json")); }

static kma_status recognize(const char *w)
{
    kma_file_kind kind = (kma_file_kind)0;
    kma_status status = kma_file_recognize(at(w, "text.stl"), &kind);

    assert_int_equal(kind, status == KMA_OK ? KMA_FILE_MESH : 0);
    return status;
}

static kma_status write_mha(const char *w) { return kma_image_write(small, at(w, "out.mha"), KMA_COMPRESSION_NONE); }
static kma_status write_packed(const char *w) { return kma_image_write(small, at(w, "out.mha"), KMA_COMPRESSION_ZLIB); }
static kma_status write_mhd(const char *w) { return kma_image_write(small, at(w, "out.mhd"), KMA_COMPRESSION_NONE); }
static kma_status write_packed_mhd(const char *w) { return kma_image_write(small, at(w, "out.mhd"), KMA_COMPRESSION_ZLIB); }
static kma_status write_behind_link(const char *w) { return kma_image_write(small, at(w, "link.mha"), KMA_COMPRESSION_NONE); }
static kma_status write_picture(const char *w) { return kma_picture_write(small, (kma_image){0}, NULL, at(w, "out.png")); }
static kma_status write_results(const char *w) { return kma_result_write(new_result, w); }
static kma_status write_scene(const char *w) { return kma_scene_write(new_scene, NULL, at(w, "out.json")); }
static kma_status write_into_new(const char *w) { return kma_result_write(new_result, at(w, "made/here")); }

/* What is there before: nothing, or an old version of all that will be written. */
static void old_mha(const char *w) { assert_ok(kma_image_write(other, at(w, "out.mha"), KMA_COMPRESSION_NONE)); }
static void old_mhd(const char *w) { assert_ok(kma_image_write(other, at(w, "out.mhd"), KMA_COMPRESSION_NONE)); }
static void old_packed_mhd(const char *w) { assert_ok(kma_image_write(other, at(w, "out.mhd"), KMA_COMPRESSION_ZLIB)); }
static void old_picture(const char *w) { assert_ok(kma_picture_write(other, (kma_image){0}, NULL, at(w, "out.png"))); }
static void old_results(const char *w) { assert_ok(kma_result_write(old_result, w)); }
static void old_scene_file(const char *w) { assert_ok(kma_scene_write(old_scene, NULL, at(w, "out.json"))); }

static void old_link(const char *w)
{
    old_mha(w);
    assert_int_equal(symlink("out.mha", at(w, "link.mha")), 0);
}

typedef struct task {
    const char *name;
    kma_status (*run)(const char *where);
    void (*prepare)(const char *where); /* or NULL */
    bool reads;  /* it changes nothing */
    bool pair;   /* its files are all old or all new */
} task;

static const task tasks[] = {
    {"reading binary STL", read_stl_binary, NULL, true, false},
    {"reading STL text", read_stl_text, NULL, true, false},
    {"reading an image", read_mha, NULL, true, false},
    {"reading a compressed image", read_zlib, NULL, true, false},
    {"reading an image of decimals", read_text_image, NULL, true, false},
    {"reading an image in two files", read_mhd, NULL, true, false},
    {"reading a spectrum", read_spectrum, NULL, true, false},
    {"reading a CT table", read_ct_table, NULL, true, false},
    {"reading a scene", read_scene, NULL, true, false},
    {"recognizing a file", recognize, NULL, true, false},
    {"writing a new image", write_mha, NULL, false, true},
    {"writing over an image", write_mha, old_mha, false, true},
    {"writing a compressed image", write_packed, old_mha, false, true},
    {"writing a new image in two files", write_mhd, NULL, false, true},
    {"writing over an image in two files", write_mhd, old_mhd, false, true},
    {"writing over a compressed image in two files", write_packed_mhd, old_packed_mhd, false, true},
    {"writing behind a link", write_behind_link, old_link, false, true},
    {"writing a new picture", write_picture, NULL, false, true},
    {"writing over a picture", write_picture, old_picture, false, true},
    {"writing a new scene", write_scene, NULL, false, true},
    {"writing over a scene", write_scene, old_scene_file, false, true},
    {"writing results over others", write_results, old_results, false, false},
    {"writing results into a new directory", write_into_new, NULL, false, false},
};
enum { TASKS = sizeof tasks / sizeof *tasks };

/* Failures of these need not be told, since nothing is lost by them: an advice; the permissions of a file system that has
 * none; a close after reading; the removal of a second name, which is tried again; a look whether it is a directory. */
static bool may_pass(const task *t, system_call call)
{
    return call == CALL_posix_fadvise || call == CALL_fchmod || call == CALL_close || call == CALL_unlinkat ||
           (call == CALL_stat && t->run == recognize);
}

/* ---- where ---- */

static char memory[64];

static void remove_all(const char *where);

static void remove_memory(void)
{
    remove_all(memory);
}

/* In memory if there is such a place: a disk takes half a minute for what is written here. */
static const char *work(void)
{
    static char path[128];

    if (memory[0] == '\0') {
        snprintf(memory, sizeof memory, "/dev/shm/kerma-test.XXXXXX");
        if (mkdtemp(memory) == NULL) snprintf(memory, sizeof memory, "%s/memory", kmt_scratch());
        if (mkdir(memory, 0700) == 0 || errno == EEXIST) atexit(remove_memory);
    }
    snprintf(path, sizeof path, "%s/work", memory);
    return path;
}

/* ---- what is in a directory ---- */

enum { FILES_MAX = 80 };

typedef struct snapshot {
    size_t count;
    char names[FILES_MAX][96];
    uint64_t hashes[FILES_MAX];
} snapshot;

static void look(const char *where, const char *prefix, snapshot *out)
{
    DIR *directory = opendir(where);
    const struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char path[1024], name[512];
        struct stat s;
        uint64_t h = UINT64_C(14695981039346656037);
        unsigned char bytes[4096];
        FILE *file;
        size_t n, i;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%s/%s", where, entry->d_name);
        snprintf(name, sizeof name, "%s%s", prefix, entry->d_name);
        assert_int_equal(lstat(path, &s), 0);
        if (S_ISDIR(s.st_mode)) {
            strcat(name, "/");
            look(path, name, out);
            continue;
        }
        assert_true(out->count < FILES_MAX && strlen(name) < sizeof out->names[0]);
        file = fopen(path, "rb");
        assert_non_null(file);
        while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
            for (i = 0; i < n; i++) h = (h ^ bytes[i]) * UINT64_C(1099511628211); /* FNV-1a */
        fclose(file);
        strcpy(out->names[out->count], name);
        out->hashes[out->count++] = h;
    }
    closedir(directory);
}

static const uint64_t *find(const snapshot *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        if (strcmp(s->names[i], name) == 0) return &s->hashes[i];
    return NULL;
}

static bool same(const snapshot *a, const snapshot *b)
{
    size_t i;

    if (a->count != b->count) return false;
    for (i = 0; i < a->count; i++) {
        const uint64_t *h = find(b, a->names[i]);
        if (h == NULL || *h != a->hashes[i]) return false;
    }
    return true;
}

/* Every file is an old or a new one, and every old one is still there. */
static bool between(const snapshot *now, const snapshot *before, const snapshot *after)
{
    size_t i;

    for (i = 0; i < now->count; i++) {
        const uint64_t *o = find(before, now->names[i]), *n = find(after, now->names[i]);
        if ((o == NULL || *o != now->hashes[i]) && (n == NULL || *n != now->hashes[i])) return false;
    }
    for (i = 0; i < before->count; i++)
        if (find(now, before->names[i]) == NULL) return false;
    return true;
}

static void remove_all(const char *where)
{
    DIR *directory = opendir(where);
    const struct dirent *entry;

    if (directory == NULL) return;
    while ((entry = readdir(directory)) != NULL) {
        char path[1024];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%s/%s", where, entry->d_name);
        if (unlink(path) != 0) remove_all(path);
    }
    closedir(directory);
    rmdir(where);
}

/* ---- the directory of inputs, and the objects to write ---- */

static void put_inputs(void)
{
    static const char tetrahedron[] =
        "solid\n"
        "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 1 0\nvertex 1 0 0\nendloop\nendfacet\n"
        "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 0 1\nendloop\nendfacet\n"
        "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 0 1\nvertex 0 1 0\nendloop\nendfacet\n"
        "facet normal 0 0 0\nouter loop\nvertex 1 0 0\nvertex 0 1 0\nvertex 0 0 1\nendloop\nendfacet\n"
        "endsolid\n";
    static const float corners[4][9] = {
        {0, 0, 0, 0, 1, 0, 1, 0, 0}, {0, 0, 0, 1, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 1, 0, 1, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    const char *w = kmt_path("in");
    unsigned char binary[284] = {0};
    char *text = malloc(200000 + sizeof tetrahedron);
    size_t i;

    assert_non_null(text);
    mkdir(w, 0700);
    binary[80] = 4;
    for (i = 0; i < 4; i++) memcpy(binary + 84 + 50 * i + 12, corners[i], sizeof corners[i]);
    kmt_put(at(w, "binary.stl"), binary, sizeof binary);
    memset(text, ' ', 200000); /* so large that it is read in parts */
    memcpy(text, tetrahedron, 6);
    memcpy(text + 200000, tetrahedron + 6, sizeof tetrahedron - 6);
    text[200000 - 1] = '\n';
    kmt_put(at(w, "text.stl"), text, 200000 + sizeof tetrahedron - 7);
    free(text);
    assert_ok(kma_image_write(small, at(w, "ct.mha"), KMA_COMPRESSION_NONE));
    assert_ok(kma_image_write(small, at(w, "packed.mha"), KMA_COMPRESSION_ZLIB));
    assert_ok(kma_image_write(small, at(w, "pair.mhd"), KMA_COMPRESSION_NONE));
    kmt_put_text(at(w, "text.mha"), "NDims = 3\nDimSize = 1 2 2\nElementSpacing = 1 1 1\nElementType = MET_SHORT\n"
                                        "BinaryData = False\nElementDataFile = LOCAL\n1 2 3 4\n");
    kmt_put_text(at(w, "lines.csv"), "energy_mev,weight\n0.03,1\n0.08,2\n");
    kmt_put_text(at(w, "table.csv"), "ct_low,ct_high,density_low,density_high,material\n-1000,2000,0.5,2,\"Water, Liquid\"\n");
    assert_ok(kma_image_write(other, at(w, "other.mha"), KMA_COMPRESSION_NONE));
    kmt_put_text(at(w, "steep.csv"), "ct_low,ct_high,density_low,density_high,material\n-1000,2000,0.1,3,\"Water, Liquid\"\n");
    kmt_put_text(at(w, "old.json"),
                 "{\"kerma\": 1, \"materials\": {\"w\": {\"nist\": \"Water, Liquid\"}}, \"spectra\": {\"s\": {\"energy\": 0.1}},\n"
                 "\"volumes\": {\"world\": {\"box\": {\"size\": [100, 100, 100]}, \"material\": \"vacuum\"},\n"
                 "\"part\": {\"mesh\": {\"file\": \"binary.stl\", \"unit\": 2}, \"material\": \"w\"},\n"
                 "\"ct\": {\"image\": {\"file\": \"other.mha\", \"ct_table\": \"steep.csv\"}}}, \"world\": \"world\",\n"
                 "\"placements\": [{\"volume\": \"part\", \"in\": \"world\"}, {\"volume\": \"ct\", \"in\": \"world\"}],\n"
                 "\"sources\": [{\"type\": \"point\", \"position\": [0, 0, -40], \"spectrum\": \"s\"}]}\n");
    kmt_put_text(at(w, "scene.json"),
                 "{\"kerma\": 1, \"materials\": {\"w\": {\"nist\": \"Water, Liquid\"}}, \"spectra\": {\"s\": {\"file\": \"lines.csv\"}},\n"
                 "\"volumes\": {\"world\": {\"box\": {\"size\": [100, 100, 100]}, \"material\": \"vacuum\"},\n"
                 "\"part\": {\"mesh\": {\"file\": \"binary.stl\"}, \"material\": \"w\"},\n"
                 "\"ct\": {\"image\": {\"file\": \"ct.mha\", \"ct_table\": \"table.csv\"}}}, \"world\": \"world\",\n"
                 "\"placements\": [{\"volume\": \"part\", \"in\": \"world\", \"translation\": [-30, 0, 0]}, {\"volume\": \"ct\", \"in\": \"world\"}],\n"
                 "\"sources\": [{\"type\": \"point\", \"position\": [0, 0, -40], \"spectrum\": \"s\"}],\n"
                 "\"scorers\": {\"v\": {\"voxels\": \"ct\"}, \"p\": {\"volume\": \"part\"}}}\n");
}

static kma_image make_image(size_t nx, int16_t first)
{
    kma_image_geometry geometry;
    kma_image image = {0};
    int16_t values[60];
    size_t i;

    for (i = 0; i < 60; i++) values[i] = (int16_t)(first + (int16_t)i);
    kma_image_geometry_defaults(&geometry);
    geometry.count[0] = nx;
    geometry.count[1] = 3;
    geometry.count[2] = 4;
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_INT16, values, &image));
    return image;
}

static kma_scene read_scene_of(const char *name)
{
    kma_simulation simulation = {0};
    kma_scene scene = {0};

    assert_ok(kma_simulation_read(at(kmt_path("in"), name), &simulation));
    assert_ok(kma_simulation_get_scene(simulation, &scene));
    kma_simulation_release(&simulation);
    return scene;
}

static kma_result simulate(uint64_t seed)
{
    kma_run_options options;
    kma_simulation simulation = {0};
    kma_run_manager run = {0};
    kma_scene scene = {0};
    kma_result result = {0};

    assert_ok(kma_simulation_read(at(kmt_path("in"), "scene.json"), &simulation));
    assert_ok(kma_simulation_get_scene(simulation, &scene));
    kma_run_options_defaults(&options);
    options.threads = 0;
    options.seed = seed;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 300));
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_run_manager_close(run));
    kma_run_manager_release(&run);
    kma_scene_release(&scene);
    kma_simulation_release(&simulation);
    return result;
}

static void prepare_all(void)
{
    hostile_install();
    small = make_image(5, 0);
    other = make_image(4, 100);
    put_inputs();
    old_result = simulate(1);
    new_result = simulate(2);
    old_scene = read_scene_of("old.json");
    new_scene = read_scene_of("scene.json");
}

static void release_all(void)
{
    remove_all(work());
    kma_image_release(&small);
    kma_image_release(&other);
    kma_result_release(&old_result);
    kma_result_release(&new_result);
    kma_scene_release(&old_scene);
    kma_scene_release(&new_scene);
}

/* ---- the proof ---- */

static const char *work_directory(const task *t)
{
    const char *where = t->reads ? kmt_path("in") : work();

    if (t->reads) return where;
    remove_all(where);
    assert_int_equal(mkdir(where, 0700), 0);
    if (t->prepare != NULL) t->prepare(where);
    return where;
}

/* Counts of an undisturbed run; what is there before and after it. */
static void undisturbed(const task *t, long counts[CALLS], snapshot *before, snapshot *after)
{
    const char *where = work_directory(t);
    int c;

    memset(before, 0, sizeof *before);
    memset(after, 0, sizeof *after);
    look(where, "", before);
    call_disarm();
    assert_ok(t->run(where));
    for (c = 0; c < CALLS; c++) counts[c] = call_count((system_call)c);
    call_disarm();
    look(where, "", after);
    assert_true(same(before, after) == t->reads);
}

/* Runs the task with the armed fault; what must hold in any case. */
static kma_status disturbed(const task *t, const char *what, const snapshot *before, const snapshot *after, snapshot *now)
{
    const char *where;
    size_t bytes;
    int descriptors;
    kma_status status;

    where = t->reads ? kmt_path("in") : work();
    bytes = hostile_live();
    descriptors = kmt_entries("/proc/self/fd");
    status = t->run(where);
    memset(now, 0, sizeof *now);
    assert_true_msg(hostile_live() == bytes, "%s: %s: %zu bytes are left", t->name, what, hostile_live() - bytes);
    assert_true_msg(kmt_entries("/proc/self/fd") == descriptors, "%s: %s: a descriptor is left", t->name, what);
    look(where, "", now);
    if (status == KMA_OK)
        assert_true_msg(same(now, after), "%s: %s: it succeeds, but its files are others", t->name, what);
    else if (t->pair || t->reads)
        assert_true_msg(same(now, before) || same(now, after), "%s: %s: files are half made", t->name, what);
    else
        assert_true_msg(between(now, before, after), "%s: %s: files are half made, or lost", t->name, what);
    return status;
}

static bool names_a_file(const char *text, const task *t, const snapshot *after)
{
    size_t i;

    if (strstr(text, t->reads ? "/in" : "/work") != NULL) return true;
    if (strstr(text, "cannot look at the directory /") != NULL || strstr(text, "cannot make the directory /") != NULL) return true;
    for (i = 0; i < after->count; i++)
        if (strstr(text, after->names[i]) != NULL) return true;
    return false;
}

TEST(each_system_call_that_fails_is_an_error_and_leaves_everything_whole)
{
    static snapshot before, after, now;
    size_t points = 0, i;
    int c;

    prepare_all();
    for (i = 0; i < TASKS; i++) {
        const task *t = &tasks[i];
        long counts[CALLS], n;

        undisturbed(t, counts, &before, &after);
        for (c = 0; c < CALLS; c++) {
            long told = 0;

            for (n = 1; n <= counts[c]; n += counts[c] > 8 ? STRIDE : 1) {
                int error = c == CALL_write || c == CALL_pwrite ? ENOSPC : c == CALL_open ? EMFILE : EIO;
                const char *cause = error == ENOSPC ? "No space left" : error == EMFILE ? "Too many open files" : "Input/output error";
                char what[64], text[KMI_ERROR_TEXT_SIZE];
                kma_status status;

                snprintf(what, sizeof what, "%s %ld fails", call_name((system_call)c), n);
                work_directory(t);
                call_arm((system_call)c, n, CALL_FAILS, error, false);
                status = disturbed(t, what, &before, &after, &now);
                assert_true_msg(call_happened(), "%s: %s: it was not called", t->name, what);
                call_disarm();
                snprintf(text, sizeof text, "%s", kma_error_message());
                points++;
                if (status == KMA_OK) {
                    assert_true_msg(may_pass(t, (system_call)c), "%s: %s, and nobody says so", t->name, what);
                    continue;
                }
                told++;
                assert_true_msg(status == KMA_ERR_IO, "%s: %s: %s: %s", t->name, what, kma_status_name(status), text);
                assert_true_msg(strstr(text, cause) != NULL, "%s: %s: '%s' lacks '%s'", t->name, what, text, cause);
                assert_true_msg(names_a_file(text, t, &after), "%s: %s: '%s' names no file", t->name, what, text);
            }
            /* A close may fail unheard of what was read; of what was written it may be the first to know. */
            if (c == CALL_close && STRIDE == 1)
                assert_true_msg(told >= counts[CALL_renameat], "%s: %ld failing closes were told of", t->name, told);
        }
    }
    print_message("%zu failing system calls\n", points);
    assert_true(points > 400 / STRIDE);
    release_all();
}

/* A disk that is full, and a directory that may not be written, stay so. */
TEST(calls_that_fail_for_good_leave_everything_whole)
{
    static const struct {
        system_call call;
        int error;
    } faults[] = {{CALL_write, ENOSPC}, {CALL_fsync, EIO}, {CALL_openat, EROFS}, {CALL_renameat, EACCES}, {CALL_pread, EIO}};
    static snapshot before, after, now;
    size_t points = 0, i, k;

    prepare_all();
    for (i = 0; i < TASKS; i++) {
        long counts[CALLS], n;

        undisturbed(&tasks[i], counts, &before, &after);
        for (k = 0; k < sizeof faults / sizeof *faults; k++) {
            /* the second of two renames is not undone if no rename works any more: that file is whole, and new */
            long step = counts[faults[k].call] > 20 ? 5 * STRIDE : 1;

            if (faults[k].call == CALL_renameat && tasks[i].pair && counts[CALL_renameat] > 1) continue;
            for (n = 1; n <= counts[faults[k].call]; n += step) {
                char what[64];

                snprintf(what, sizeof what, "%s fails from %ld on", call_name(faults[k].call), n);
                work_directory(&tasks[i]);
                call_arm(faults[k].call, n, CALL_FAILS, faults[k].error, true);
                assert_true_msg(disturbed(&tasks[i], what, &before, &after, &now) == KMA_ERR_IO, "%s: %s", tasks[i].name, what);
                call_disarm();
                points++;
            }
        }
    }
    print_message("%zu system calls that fail from there on\n", points);
    assert_true(points > 100 / STRIDE);
    release_all();
}

TEST(interrupted_calls_and_short_ones_are_done_all_the_same)
{
    static const struct {
        system_call call;
        call_fault fault;
    } faults[] = {{CALL_open, CALL_FAILS},   {CALL_openat, CALL_FAILS}, {CALL_pread, CALL_FAILS},     {CALL_write, CALL_FAILS},
                  {CALL_pwrite, CALL_FAILS}, {CALL_fsync, CALL_FAILS},  {CALL_close, CALL_FAILS},     {CALL_pread, CALL_DOES_LESS},
                  {CALL_write, CALL_DOES_LESS}, {CALL_pwrite, CALL_DOES_LESS}};
    static snapshot before, after, now;
    size_t i, k, count = 0;

    prepare_all();
    for (i = 0; i < TASKS; i++) {
        long counts[CALLS], n;

        undisturbed(&tasks[i], counts, &before, &after);
        for (k = 0; k < sizeof faults / sizeof *faults; k++) {
            long step = counts[faults[k].call] > 20 ? 5 * STRIDE : 1;

            for (n = 1; n <= counts[faults[k].call]; n += step) {
                char what[64];
                kma_status status;

                snprintf(what, sizeof what, "%s %ld %s", call_name(faults[k].call), n,
                         faults[k].fault == CALL_FAILS ? "is interrupted" : "does less");
                work_directory(&tasks[i]);
                call_arm(faults[k].call, n, faults[k].fault, EINTR, false);
                status = disturbed(&tasks[i], what, &before, &after, &now);
                call_disarm();
                assert_true_msg(status == KMA_OK, "%s: %s: %s", tasks[i].name, what, kma_error_message());
                count++;
            }
        }
    }
    print_message("%zu interrupted or short system calls\n", count);
    assert_true(count > 150 / STRIDE);
    release_all();
}
