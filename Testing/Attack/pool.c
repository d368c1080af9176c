/* What the attackers share: valid objects of every kind, and the files that calls read. */
#include "attack.h"
#include "kmt.h"
#include "kmt_scene.h"

static const char scene_text[] =
    "{\"kerma\": 1, \"title\": \"attacked\", \"seed\": 3, \"histories\": 20,\n"
    " \"materials\": {\"water\": {\"nist\": \"Water, Liquid\"}},\n"
    " \"spectra\": {\"mono\": {\"energy\": 0.06}},\n"
    " \"volumes\": {\"world\": {\"box\": {\"size\": [100, 100, 100]}, \"material\": \"vacuum\"},\n"
    "             \"ball\": {\"orb\": {\"radius\": 10}, \"material\": \"water\"},\n"
    "             \"patient\": {\"image\": {\"file\": \"ct.mha\"}}},\n"
    " \"world\": \"world\", \"placements\": [{\"volume\": \"ball\", \"in\": \"world\"},\n"
    "     {\"volume\": \"patient\", \"in\": \"world\", \"translation\": [30, 0, 0]}],\n"
    " \"sources\": [{\"type\": \"pencil\", \"position\": [0, 0, 40], \"direction\": [0, 0, -1], \"spectrum\": \"mono\"}],\n"
    " \"scorers\": {\"dose\": {\"volume\": \"ball\"}}}\n";
static const char spectrum_text[] = "energy_mev,weight\n0.03,1\n0.06,2\n0.1,3\n";
static const char table_text[] = "ct_low,ct_high,density_low,density_high,material,H,N,O\n"
                                 "-1000,0,0.001,1,air,0,0.76,0.24\n0,3000,1,2.5,water,0.11,0,0.89\n";
static const char stl_text[] =
    "solid t\n"
    "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 10 0\nvertex 10 0 0\nendloop\nendfacet\n"
    "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 10 0 0\nvertex 0 0 10\nendloop\nendfacet\n"
    "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 0 10\nvertex 0 10 0\nendloop\nendfacet\n"
    "facet normal 0 0 0\nouter loop\nvertex 10 0 0\nvertex 0 10 0\nvertex 0 0 10\nendloop\nendfacet\n"
    "endsolid t\n";

static const char *path_of(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", kmt_scratch(), name);
    return path;
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void fill_matter(attack_pool *pool)
{
    kma_material material = {0};
    kma_ct_table table = {0};
    kma_spectrum spectrum = {0};
    kma_source source = {0};
    kma_source_options options;

    assert_ok(kma_material_create_nist("Aluminum", &pool->anchor));
    assert_ok(kma_material_create_nist("Water, Liquid", &material));
    assert_ok(kma_ct_table_create_builtin(&table));
    assert_ok(kma_spectrum_create_mono(0.06, &spectrum));
    assert_ok(kma_source_options_defaults(&options));
    assert_ok(kma_source_create(&options, spectrum, &source));
    atomic_store(&pool->owned[KMA_KIND_MATERIAL][0], material.bits);
    atomic_store(&pool->owned[KMA_KIND_CT_TABLE][0], table.bits);
    atomic_store(&pool->owned[KMA_KIND_SPECTRUM][0], spectrum.bits);
    atomic_store(&pool->owned[KMA_KIND_SOURCE][0], source.bits);
}

static void fill_geometry(attack_pool *pool)
{
    static const int16_t numbers[8] = {-1000, 0, 40, 300, 1000, 2000, -100, 5};
    static const double size[3] = {5, 6, 7};
    kma_image_geometry g;
    kma_image image = {0};
    kma_solid solid = {0};
    kma_mesh mesh = {0};
    kma_mesh_builder builder = {0};
    kma_volume volume = {0}, patient = {0};
    kma_scorer scorer = {0};

    kma_image_geometry_defaults(&g);
    g.count[0] = g.count[1] = g.count[2] = 2;
    assert_ok(kma_image_create(&g, KMA_SCALAR_INT16, numbers, &image));
    assert_ok(kma_image_write(image, path_of("ct.mha"), KMA_COMPRESSION_ZLIB));
    assert_ok(kma_solid_create_box(size, &solid));
    assert_ok(kma_mesh_read_stl(path_of("part.stl"), 1, &mesh));
    assert_ok(kma_mesh_builder_create(&builder));
    assert_ok(kma_volume_create("box", solid, (kma_material){atomic_load(&pool->owned[KMA_KIND_MATERIAL][0])}, &volume));
    assert_ok(kma_volume_create_image("patient", image, (kma_ct_table){atomic_load(&pool->owned[KMA_KIND_CT_TABLE][0])},
                                      &patient));
    assert_ok(kma_scorer_create_volume("dose", volume, &scorer));
    atomic_store(&pool->owned[KMA_KIND_IMAGE][0], image.bits);
    atomic_store(&pool->owned[KMA_KIND_SOLID][0], solid.bits);
    atomic_store(&pool->owned[KMA_KIND_MESH][0], mesh.bits);
    atomic_store(&pool->owned[KMA_KIND_MESH_BUILDER][0], builder.bits);
    atomic_store(&pool->owned[KMA_KIND_VOLUME][0], volume.bits);
    atomic_store(&pool->owned[KMA_KIND_VOLUME][1], patient.bits);
    atomic_store(&pool->owned[KMA_KIND_SCORER][0], scorer.bits);
}

/* The call cannot fail but for memory and threads, on whatever thread it is. */
static void must(kma_status status)
{
    if (status == KMA_OK) return;
    print_error("%s: %s\n", kma_status_name(status), kma_error_message());
    abort();
}

static kma_run_manager ready_run(int threads, bool initialized)
{
    kma_run_manager run = kmt_water_run(threads);

    if (initialized) must(kma_run_manager_initialize(run));
    return run;
}

static kma_result some_result(void)
{
    kma_run_manager run = ready_run(0, true);
    kma_result result = {0};

    must(kma_run_manager_beam_on(run, 20));
    must(kma_run_manager_snapshot(run, &result));
    must(kma_run_manager_release(&run));
    return result;
}

static kma_simulation some_simulation(void)
{
    kma_simulation simulation = {0};
    char path[4096];

    snprintf(path, sizeof path, "%s/scene.json", kmt_scratch());
    must(kma_simulation_read(path, &simulation));
    return simulation;
}

/* kma_shutdown on another thread may close what is being made here: then there is nothing to give. */
void attack_refill(attack *a)
{
    int threads = (int)attack_below(a, 3);

    switch (attack_below(a, 5)) {
    case 0: attack_give(a, KMA_KIND_SCENE, kmt_water_scene().bits); break;
    case 1: attack_give(a, KMA_KIND_RUN_MANAGER, kmt_water_run(threads).bits); break;
    case 2: attack_give(a, KMA_KIND_SIMULATION, some_simulation().bits); break;
    case 3: {
        kma_simulation simulation = some_simulation();
        kma_scene scene = {0};
        kma_inventory inventory = {0};
        if (kma_simulation_get_scene(simulation, &scene) == KMA_OK &&
            kma_inventory_create(scene, &inventory) == KMA_OK)
            attack_give(a, KMA_KIND_INVENTORY, inventory.bits);
        (void)kma_scene_release(&scene);
        (void)kma_simulation_release(&simulation);
        break;
    }
    default: {
        kma_run_manager run = kmt_water_run(threads);
        kma_result result = {0};
        if (kma_run_manager_initialize(run) == KMA_OK && kma_run_manager_snapshot(run, &result) == KMA_OK)
            attack_give(a, KMA_KIND_RESULT, result.bits);
        attack_give(a, KMA_KIND_RUN_MANAGER, run.bits);
    }
    }
}

static void fill_runs(attack_pool *pool)
{
    kma_summary summary = {0};
    kma_inventory inventory = {0};
    kma_scene scene = {0};
    int threads;

    for (threads = 0; threads < 3; threads++)
        atomic_store(&pool->owned[KMA_KIND_RUN_MANAGER][threads], ready_run(threads, threads != 1).bits);
    atomic_store(&pool->owned[KMA_KIND_RESULT][0], some_result().bits);
    must(kma_result_write((kma_result){atomic_load(&pool->owned[KMA_KIND_RESULT][0])}, path_of("results")));
    must(kma_summary_read(path_of("results"), &summary));
    atomic_store(&pool->owned[KMA_KIND_SUMMARY][0], summary.bits);
    atomic_store(&pool->owned[KMA_KIND_SCENE][0], kmt_water_scene().bits);
    atomic_store(&pool->owned[KMA_KIND_SIMULATION][0], some_simulation().bits);
    must(kma_inventory_create((kma_scene){atomic_load(&pool->owned[KMA_KIND_SCENE][0])}, &inventory));
    atomic_store(&pool->owned[KMA_KIND_INVENTORY][0], inventory.bits);
    must(kma_scene_create((kma_volume){atomic_load(&pool->owned[KMA_KIND_VOLUME][1])}, &scene)); /* the patient alone */
    must(kma_inventory_create(scene, &inventory));
    must(kma_scene_release(&scene));
    atomic_store(&pool->owned[KMA_KIND_INVENTORY][1], inventory.bits);
}

void attack_pool_fill(attack_pool *pool)
{
    memset(pool, 0, sizeof *pool);
    put_file("scene.json", scene_text);
    put_file("lines.csv", spectrum_text);
    put_file("table.csv", table_text);
    put_file("part.stl", stl_text);
    fill_matter(pool);
    fill_geometry(pool);
    fill_runs(pool);
}
