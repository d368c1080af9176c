/*
 * Hosts with floating-point settings and locales of their own: every number that kerma gives, every file and every
 * error text is the same to the byte, and the host finds its settings after each call and in each callback.
 */
#include <dirent.h>
#include <locale.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "kerma/kerma.h"
#include "kmt.h"
#include "kmt_scene.h"

/* ---- what a host saw: bytes, with the call that gave them ---- */

typedef struct seen { unsigned char *bytes; size_t n, room; } seen;
typedef struct part { const char *call; size_t begin; } part;

static const kmt_host *host;
static seen saw;
static part parts[20000];
static size_t part_count;
static atomic_int strange_callbacks; /* that did not find the host's settings */
static atomic_int callbacks;

static void note(const char *call, const void *bytes, size_t n)
{
    if (saw.n + n > saw.room) {
        saw.room = 2 * (saw.n + n);
        saw.bytes = realloc(saw.bytes, saw.room);
        assert_non_null(saw.bytes);
    }
    assert_true(part_count < sizeof parts / sizeof *parts);
    parts[part_count].call = call;
    parts[part_count++].begin = saw.n;
    memcpy(saw.bytes + saw.n, bytes, n);
    saw.n += n;
}

/* A call by the host; its status, and the text of a failure, are noted. */
static kma_status ended(kma_status status, const char *call)
{
    if (!kmt_host_end(host)) fail_msg("%s changed the settings of %s", call, host->name);
    note(call, &status, sizeof status);
    if (status != KMA_OK) note(call, kma_error_message(), strlen(kma_error_message()));
    return status;
}
#define HOST(call) (kmt_host_begin(host), ended((call), #call))
#define NOTE(value) note(#value, &(value), sizeof(value))

static void look(void)
{
    atomic_fetch_add(&callbacks, 1);
    if (!kmt_host_is(host)) atomic_fetch_add(&strange_callbacks, 1);
    kmt_host_spoil();
}

/* ---- callbacks ---- */

static int on_poll(void *context)
{
    (void)context;
    look();
    return 0;
}

static kma_status on_run(kma_run_manager run, void *context)
{
    (void)run;
    (void)context;
    look();
    return KMA_OK;
}

static kma_status on_worker(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    look();
    return KMA_OK;
}

static kma_status on_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *context)
{
    (void)run;
    (void)worker;
    (void)step;
    (void)action;
    (void)context;
    look();
    return KMA_OK;
}

static kma_status on_block(kma_run_manager run, const kma_block *block, void *context)
{
    seen *steps = context;

    (void)run;
    look();
    if (steps->n + block->count * block->record_size > steps->room) return KMA_ERR_MEMORY;
    memcpy(steps->bytes + steps->n, block->records, block->count * block->record_size);
    steps->n += block->count * block->record_size;
    return KMA_OK;
}

static kma_status on_replay(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                            void *context)
{
    seen *steps = context;

    (void)run;
    (void)worker;
    (void)action;
    look();
    if (steps->n + sizeof *step > steps->room) return KMA_ERR_MEMORY;
    memcpy(steps->bytes + steps->n, step, sizeof *step);
    steps->n += sizeof *step;
    return KMA_OK;
}

static void on_log(kma_log_level level, const char *text, void *context)
{
    (void)level;
    (void)text;
    (void)context;
    look();
}

static void on_dispose(void *context)
{
    (void)context;
    look();
}

/* ---- what every part of kerma computes ---- */

static char directory[4096];

static const char *path_of(const char *name)
{
    static char paths[4][4200];
    static int next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s", directory, name);
    return paths[next];
}

static void note_file(const char *name)
{
    static char bytes[1 << 20];
    FILE *file = fopen(path_of(name), "rb");
    size_t n;

    assert_non_null(file);
    n = fread(bytes, 1, sizeof bytes, file);
    assert_true(n > 0 && n < sizeof bytes);
    fclose(file);
    note(name, bytes, n);
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void use_matter(void)
{
    static const double energy[] = {0.0213, 0.0333, 0.0617, 0.0999}, weight[] = {0.1, 0.7, 0.3, 1.1};
    static const double energies[] = {0.001, 0.0123, 0.0371, 0.0999, 0.5, 0.79, NAN, 9};
    kma_material bone = {0}, salt = {0}, upper = {0};
    kma_ct_table table = {0}, read = {0};
    kma_spectrum bins = {0}, lines = {0}, file = {0}, no_spectrum = {0};
    kma_source source = {0}, no_source = {0};
    kma_source_options options, back;
    size_t i, index;
    double a, b;

    HOST(kma_material_create_nist("bone, cortical (ICRP)", &bone));
    HOST(kma_material_create_nist("ALUMINIUM", &upper)); /* Turkish has another small I */
    HOST(kma_material_create_formula("salt", "Ca10(PO4)6(OH)2.3", 3.16, &salt));
    for (i = 0; i < sizeof energies / sizeof *energies; i++) {
        kma_attenuation mu;
        HOST(kma_material_get_attenuation(bone, energies[i], &mu));
        NOTE(mu);
        HOST(kma_material_get_attenuation(salt, energies[i], &mu));
        NOTE(mu);
    }
    for (i = 0; i < 6; i++) {
        int z;
        HOST(kma_material_get_element(salt, i, &z, &a));
        NOTE(a);
    }
    HOST(kma_ct_table_create_builtin(&table));
    for (i = 0; i < 300; i++) {
        b = -1010 + 13.7 * (double)i; /* not among the arguments: it would be computed by the host's rules */
        HOST(kma_ct_table_convert(table, b, &index, &a, NULL));
        NOTE(a);
    }
    HOST(kma_ct_table_read_csv(path_of("table.csv"), &read));
    HOST(kma_ct_table_convert(read, 123.4, &index, &a, NULL));
    NOTE(a);
    HOST(kma_spectrum_create_histogram(energy, weight, 3, &bins));
    HOST(kma_spectrum_create_lines(energy, weight, 4, &lines));
    HOST(kma_spectrum_read_csv(path_of("lines.csv"), &file));
    HOST(kma_spectrum_get_mean_energy(bins, &a));
    NOTE(a);
    HOST(kma_spectrum_get_mean_energy(lines, &a));
    NOTE(a);
    HOST(kma_spectrum_get_max_energy(file, &b));
    NOTE(b);
    HOST(kma_spectrum_create_mono(NAN, &no_spectrum));
    HOST(kma_spectrum_create_mono(-0.1, &no_spectrum));
    assert_ok(kma_source_options_defaults(&options));
    options.direction[0] = 0.3;
    options.emission = KMA_EMISSION_CONE;
    options.half_angle = 0.7;
    HOST(kma_source_create(&options, bins, &source));
    HOST(kma_source_get_options(source, &back));
    NOTE(back);
    HOST(kma_source_get_solid_angle(source, &a));
    NOTE(a);
    options.half_angle = 7;
    HOST(kma_source_create(&options, bins, &no_source));
    kma_source_release(&source);
    kma_spectrum_release(&bins);
    kma_spectrum_release(&lines);
    kma_spectrum_release(&file);
    kma_ct_table_release(&table);
    kma_ct_table_release(&read);
    kma_material_release(&bone);
    kma_material_release(&salt);
    kma_material_release(&upper);
}

static void use_shapes(void)
{
    static const double points[4][3] = {{0.1, 0.2, 0.3}, {3.3, -1.7, 9.1}, {-7, 2.1, 1e-3}, {1.1, 1.3, 0.7}};
    static const double directions[4][3] = {{0.3, 0.3, 0.9}, {-1, 0.2, -3}, {1, 1e-3, 0}, {0, 0, 1}};
    static const double size[3] = {3.1, 4.3, 5.7};
    const double c = 0.8, s = 0.6, turn[9] = {c, -s, 0, s, c, 0, 0, 0, 1}, shift[3] = {0.1, 0.7, 1e-3};
    kma_solid solids[4] = {{0}, {0}, {0}, {0}}, no_solid = {0};
    kma_mesh mesh = {0};
    kma_mesh_report report;
    kma_material none = {0};
    kma_volume outer = {0}, inner = {0}, back = {0};
    kma_scene scene = {0};
    kma_overlap overlaps[2];
    double out[12], low[3], high[3], t[3], r[9];
    size_t found;
    int i;

    HOST(kma_solid_create_box(size, &solids[0]));
    HOST(kma_solid_create_orb(2.7, &solids[1]));
    HOST(kma_solid_create_tube(0.7, 2.3, 5.1, 0.3, 4.1, &solids[2]));
    HOST(kma_mesh_read_stl(path_of("part.stl"), 0.7, &mesh));
    HOST(kma_solid_create_tessellated(mesh, &solids[3]));
    for (i = 0; i < 4; i++) {
        HOST(kma_solid_get_volume(solids[i], out));
        HOST(kma_solid_get_surface_area(solids[i], out + 1));
        note("measures", out, 2 * sizeof *out);
        HOST(kma_solid_get_bounds(solids[i], low, high));
        NOTE(low);
        NOTE(high);
        HOST(kma_solid_distance_to_in(solids[i], points[0], directions[0], 4, out));
        note("in", out, 4 * sizeof *out);
        HOST(kma_solid_distance_to_out(solids[i], points[0], directions[0], 4, out));
        note("out", out, 4 * sizeof *out);
        HOST(kma_solid_safety_to_in(solids[i], points[0], 4, out));
        note("safety", out, 4 * sizeof *out);
        HOST(kma_solid_safety_to_out(solids[i], points[0], 4, out));
        note("safety", out, 4 * sizeof *out);
        HOST(kma_solid_get_normal(solids[i], points[0], 4, out));
        note("normal", out, 12 * sizeof *out);
    }
    HOST(kma_mesh_get_report(mesh, &report));
    NOTE(report);
    HOST(kma_mesh_nearest(mesh, points[0], 4, out, NULL));
    note("nearest", out, 4 * sizeof *out);
    HOST(kma_mesh_intersect(mesh, points[0], directions[0], 4, out, NULL, NULL));
    note("intersect", out, 4 * sizeof *out);
    HOST(kma_solid_create_orb(-0.5, &no_solid));
    HOST(kma_solid_create_tube(NAN, 2.3, 5.1, 0.3, 4.1, &no_solid));
    HOST(kma_volume_create("outer", solids[1], none, &outer));
    HOST(kma_volume_create("inner", solids[3], none, &inner));
    HOST(kma_volume_place(outer, inner, shift, turn));
    memset(t, 0, sizeof t);
    memset(r, 0, sizeof r);
    HOST(kma_volume_get_placement(outer, 0, &back, t, r));
    NOTE(t);
    NOTE(r);
    HOST(kma_scene_create(outer, &scene));
    memset(overlaps, 0, sizeof overlaps);
    HOST(kma_scene_check_overlaps(scene, 100, overlaps, 2, &found));
    assert_true(found > 0);
    NOTE(overlaps);
    kma_scene_release(&scene);
    kma_volume_release(&back);
    kma_volume_release(&inner);
    kma_volume_release(&outer);
    kma_mesh_release(&mesh);
    for (i = 0; i < 4; i++) kma_solid_release(&solids[i]);
}

static void use_images(void)
{
    static const float numbers[24] = {0.1f, 1, 2, 3.3f, -5, 0, 7, 8, 9, 1e-40f, 11, 12, 13, 1e30f, 15, 16.1f};
    static const double index[3] = {0.3, 1.7, 2.2};
    kma_image_geometry g;
    kma_image image = {0}, read = {0}, no_image = {0};
    kma_image_statistics statistics = {.size = sizeof statistics};
    double point[3], values[24];

    kma_image_geometry_defaults(&g);
    g.count[0] = 2;
    g.count[1] = 3;
    g.count[2] = 4;
    g.spacing[0] = 0.7;
    g.origin[1] = -3.3;
    HOST(kma_image_create(&g, KMA_SCALAR_FLOAT32, numbers, &image));
    HOST(kma_image_point_of_index(image, index, point));
    NOTE(point);
    HOST(kma_image_index_of_point(image, point, point));
    NOTE(point);
    HOST(kma_image_get_statistics(image, &statistics));
    NOTE(statistics);
    HOST(kma_image_write(image, path_of("some.mhd"), KMA_COMPRESSION_ZLIB));
    note_file("some.mhd");
    note_file("some.zraw");
    HOST(kma_image_read(path_of("some.mhd"), &read));
    HOST(kma_image_get_values(read, values, 24));
    NOTE(values);
    HOST(kma_image_get_geometry(read, &g));
    NOTE(g);
    HOST(kma_picture_write(image, (kma_image){0}, NULL, path_of("some.png")));
    note_file("some.png");
    g.spacing[0] = -0.25;
    HOST(kma_image_create(&g, KMA_SCALAR_FLOAT32, numbers, &no_image));
    kma_image_release(&image);
    kma_image_release(&read);
}

static void note_results(kma_result result)
{
    static double mean[1000], uncertainty[1000];
    kma_result_info info = {.size = sizeof info};
    size_t scorer, bin;
    int quantity;

    HOST(kma_result_get_info(result, &info));
    NOTE(info);
    for (scorer = 0; scorer < info.scorers; scorer++) {
        kma_result_scorer s;
        memset(&s, 0, sizeof s);
        s.size = sizeof s;
        HOST(kma_result_get_scorer(result, scorer, &s));
        NOTE(s);
        for (quantity = 0; quantity <= KMA_QUANTITY_SCATTER_COUNT; quantity++) {
            double largest, of_largest, total;
            if (HOST(kma_result_get_values(result, scorer, (kma_quantity)quantity, 0, s.bins, mean, uncertainty)) != KMA_OK)
                continue;
            note("mean", mean, s.bins * sizeof *mean);
            note("uncertainty", uncertainty, s.bins * sizeof *mean);
            HOST(kma_result_get_largest(result, scorer, (kma_quantity)quantity, &bin, &largest, &of_largest));
            NOTE(largest);
            NOTE(of_largest);
            HOST(kma_result_get_total(result, scorer, (kma_quantity)quantity, &total));
            NOTE(total);
        }
    }
    HOST(kma_result_write(result, path_of("results")));
    note_file("results/summary.json");
}

static void note_directory(const char *name)
{
    struct dirent **entries = NULL;
    int n = scandir(path_of(name), &entries, NULL, alphasort), i;
    char file[512];

    assert_true(n > 2);
    for (i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", name, entries[i]->d_name);
            note_file(file);
        }
        free(entries[i]);
    }
    free(entries);
}

/* With `threads` workers; the host's settings are in force in each call. */
static void use_runs(int threads)
{
    static unsigned char step_bytes[1 << 22];
    seen steps = {step_bytes, 0, sizeof step_bytes}, replayed;
    kma_run_options options;
    kma_scene scene = kmt_water_scene();
    kma_run_manager run = {0};
    kma_result result = {0};
    kma_progress progress = {.size = sizeof progress};
    kma_user_initialization refused = {.size = sizeof refused, .dispose = on_dispose};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.poll = on_poll;
    HOST(kma_run_manager_create(scene, &options, &run));
    HOST(kma_run_manager_on_run_begin(run, on_run, NULL, on_dispose));
    HOST(kma_run_manager_on_run_end(run, on_run, NULL, on_dispose));
    HOST(kma_run_manager_on_worker_begin(run, on_worker, NULL, NULL));
    HOST(kma_run_manager_on_worker_end(run, on_worker, NULL, NULL));
    HOST(kma_run_manager_on_history_begin(run, on_worker, NULL, NULL));
    HOST(kma_run_manager_on_step(run, on_step, NULL, NULL));
    HOST(kma_run_manager_on_step_block(run, NULL, on_block, &steps, on_dispose));
    HOST(kma_run_manager_on_run_end(run, NULL, NULL, on_dispose));
    HOST(kma_run_manager_set_user_initialization(run, &refused));
    HOST(kma_run_manager_wait(run, NAN));
    HOST(kma_run_manager_wait(run, 0.25));
    assert_ok(HOST(kma_run_manager_initialize(run)));
    HOST(kma_run_manager_start(run, 300));
    HOST(kma_run_manager_progress(run, &progress));
    assert_ok(HOST(kma_run_manager_wait(run, -1)));
    assert_ok(HOST(kma_run_manager_beam_on(run, 200)));
    assert_true(steps.n > 0);
    note("steps", steps.bytes, steps.n);
    assert_ok(HOST(kma_run_manager_snapshot(run, &result)));
    note_results(result);
    replayed = (seen){step_bytes, 0, sizeof step_bytes};
    HOST(kma_run_manager_replay(run, 17, on_replay, &replayed));
    note("replayed", replayed.bytes, replayed.n);
    HOST(kma_run_manager_close(run));
    kma_result_release(&result);
    kma_scene_release(&scene);
    kma_run_manager_release(&run);
}

/* A serial run that nobody waits for ends in the release. */
static void leave_a_run(void)
{
    static unsigned char step_bytes[1 << 22];
    seen steps = {step_bytes, 0, sizeof step_bytes};
    kma_run_manager run = kmt_water_run(0);

    HOST(kma_run_manager_on_step_block(run, NULL, on_block, &steps, on_dispose));
    HOST(kma_run_manager_on_run_end(run, on_run, NULL, on_dispose));
    HOST(kma_run_manager_on_worker_end(run, on_worker, NULL, on_dispose));
    assert_ok(HOST(kma_run_manager_initialize(run)));
    HOST(kma_run_manager_start(run, 100));
    HOST(kma_run_manager_release(&run));
}

static void use_files(void)
{
    kma_simulation simulation = {0}, broken = {0};
    kma_scene scene = {0};
    kma_run_manager run = {0};
    kma_run_options options;
    kma_result result = {0};
    kma_summary summary = {0};
    kma_summary_info info;
    kma_summary_scorer scorer;
    double energy;
    kma_inventory inventory = {0};
    kma_inventory_volume volume = {.size = sizeof volume};

    assert_ok(HOST(kma_simulation_read(path_of("scene.json"), &simulation)));
    HOST(kma_simulation_read(path_of("broken.json"), &broken));
    assert_ok(kma_simulation_get_scene(simulation, &scene));
    HOST(kma_scene_set_cut_energy(scene, 0.0001));
    HOST(kma_scene_get_cut_energy(scene, &energy));
    NOTE(energy);
    kma_set_thread_poll(on_poll, NULL);
    assert_ok(HOST(kma_inventory_create(scene, &inventory)));
    kma_set_thread_poll(NULL, NULL);
    assert_ok(HOST(kma_inventory_get_volume(inventory, 1, &volume)));
    NOTE(volume);
    kma_inventory_release(&inventory);
    assert_ok(kma_run_options_defaults(&options));
    options.threads = 0;
    HOST(kma_run_manager_create(scene, &options, &run));
    assert_ok(HOST(kma_run_manager_initialize(run)));
    assert_ok(HOST(kma_run_manager_beam_on(run, 200)));
    assert_ok(HOST(kma_run_manager_snapshot(run, &result)));
    assert_ok(HOST(kma_simulation_write_results(simulation, result, path_of("written"))));
    note_directory("written");
    assert_ok(HOST(kma_summary_read(path_of("written"), &summary)));
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    HOST(kma_summary_get_info(summary, &info));
    NOTE(info);
    memset(&scorer, 0, sizeof scorer);
    scorer.size = sizeof scorer;
    HOST(kma_summary_get_scorer(summary, 0, &scorer));
    NOTE(scorer);
    kma_summary_release(&summary);
    kma_result_release(&result);
    kma_run_manager_release(&run);
    kma_scene_release(&scene);
    kma_simulation_release(&simulation);
}

static void prepare_files(void)
{
    snprintf(directory, sizeof directory, "%s", kmt_scratch());
    put_file("lines.csv", "energy_mev,weight\n0.0313,1.5\n0.0617,2.25\n0.1,3\n");
    put_file("table.csv", "ct_low,ct_high,density_low,density_high,material,H,N,O\n"
                          "-1000,0.5,0.0012,1,air,0,0.76,0.24\n0.5,3000,1,2.5,water,0.11,0,0.89\n");
    put_file("part.stl", "solid t\n"
                         "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 7.1 0\nvertex 7.1 0.3 0\nendloop\nendfacet\n"
                         "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 7.1 0.3 0\nvertex 0 0 7.7\nendloop\nendfacet\n"
                         "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 0 7.7\nvertex 0 7.1 0\nendloop\nendfacet\n"
                         "facet normal 0 0 0\nouter loop\nvertex 7.1 0.3 0\nvertex 0 7.1 0\nvertex 0 0 7.7\nendloop\nendfacet\n"
                         "endsolid t\n");
#define SCENE(cut)                                                                                                       \
    "{\"kerma\": 1, \"title\": \"hosted\", \"cut_energy\": " cut ", \"materials\": {\"m\": {\"nist\": \"WATER, LIQUID\"}},\n" \
    " \"spectra\": {\"s\": {\"file\": \"lines.csv\"}}, \"world\": \"world\",\n"                                           \
    " \"volumes\": {\"world\": {\"box\": {\"size\": [100.5, 100, 100]}, \"material\": \"vacuum\"},\n"                     \
    "             \"ball\": {\"orb\": {\"radius\": 10.25}, \"material\": \"m\"}},\n"                                      \
    " \"placements\": [{\"volume\": \"ball\", \"in\": \"world\", \"translation\": [0.1, 0.2, 0.3]}],\n"                     \
    " \"sources\": [{\"type\": \"point\", \"position\": [0, 0, 40.5], \"direction\": [0.1, 0, -1], \"spectrum\": \"s\",\n"  \
    "              \"cone\": {\"half_angle\": 0.31}}],\n"                                                                  \
    " \"scorers\": {\"dose\": {\"volume\": \"ball\"},\n"                                                                  \
    "             \"grid\": {\"grid\": {\"count\": [4, 4, 4], \"spacing\": [5.5, 5, 5], \"origin\": [-7.7, -7, -7]}}}}\n"
    put_file("scene.json", SCENE("0.0055"));
    put_file("broken.json", SCENE("-0.5"));
}

/* All of it, as this host; `out` takes what it saw. */
static void live_as(const kmt_host *this_host, int threads, seen *out)
{
    host = this_host;
    saw = (seen){NULL, 0, 0};
    part_count = 0;
    atomic_store(&strange_callbacks, 0);
    atomic_store(&callbacks, 0);
    assert_ok(kma_set_log_sink(on_log, NULL));
    use_matter();
    use_shapes();
    use_images();
    use_runs(threads);
    leave_a_run();
    use_files();
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_true(atomic_load(&callbacks) > 500);
    assert_int_equal(atomic_load(&strange_callbacks), 0);
    *out = saw;
}

static void assert_same(const seen *a, const seen *b)
{
    size_t i, at = 0;

    while (at < a->n && at < b->n && a->bytes[at] == b->bytes[at]) at++;
    if (at == a->n && at == b->n) return;
    for (i = 0; i + 1 < part_count && parts[i + 1].begin <= at; i++) continue;
    fail_msg("%s got something else from %s (or from the call before)", host->name, parts[i].call);
}

TEST(floating_point_settings_of_the_host_change_no_result_and_are_found_untouched)
{
    seen wanted, found;
    size_t i;
    int threads;

    prepare_files();
    live_as(&kmt_hosts[0], 0, &wanted);
    for (threads = 0; threads <= 2; threads++)
        for (i = 0; i < kmt_host_count; i++) {
            if ((threads == 1 || KMT_SANITIZED) && (i + (size_t)threads) % 3 != 0) continue; /* nothing new */
            live_as(&kmt_hosts[i], threads, &found);
            assert_same(&wanted, &found);
            free(found.bytes);
        }
    free(wanted.bytes);
}

/* ---- locales ---- */

/* Debian has only the "C" locales unless its user chose others, so they are made here. */
static bool has_locale(const char *source, const char *charset, const char *name)
{
    char command[5000];
    struct stat there;

    snprintf(command, sizeof command, "%s/%s", directory, name);
    if (stat(command, &there) != 0) {
        snprintf(command, sizeof command, "localedef -i %s -f %s %s/%s >/dev/null 2>&1", source, charset, directory, name);
        if (system(command) < 0) return false;
    }
    assert_int_equal(setenv("LOCPATH", directory, 1), 0);
    return setlocale(LC_ALL, name) != NULL;
}

static void live_in(const char *source, const char *charset, const char *name)
{
    seen wanted, found;
    locale_t here;

    prepare_files();
    live_as(&kmt_hosts[0], 2, &wanted);
    if (!has_locale(source, charset, name)) {
        free(wanted.bytes);
        print_message("skipped: localedef cannot make %s (Debian: apt-get install locales)\n", name);
        skip();
    }
    here = uselocale((locale_t)0);
    live_as(&kmt_hosts[0], 2, &found);
    assert_string_equal(setlocale(LC_ALL, NULL), name);
    assert_true(uselocale((locale_t)0) == here);
    assert_true(setlocale(LC_ALL, "C") != NULL);
    assert_same(&wanted, &found);
    free(wanted.bytes);
    free(found.bytes);
}

TEST(a_host_with_a_decimal_comma_gets_the_same_results_files_and_texts)
{
    live_in("de_DE", "UTF-8", "de_DE.UTF-8");
}

TEST(a_host_with_another_letter_i_gets_the_same_results_files_and_texts)
{
    live_in("tr_TR", "ISO-8859-9", "tr_TR.ISO-8859-9");
}
