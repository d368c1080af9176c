#include "kmt_problem.h"

#include "kmt.h"

kma_material kmt_material(const char *nist_name)
{
    kma_material material = {0};
    assert_ok(kma_material_create_nist(nist_name, &material));
    return material;
}

kma_volume kmt_box(const char *name, double x, double y, double z, kma_material material)
{
    const double size[3] = {x, y, z};
    kma_solid solid = {0};
    kma_volume volume = {0};

    assert_ok(kma_solid_create_box(size, &solid));
    assert_ok(kma_volume_create(name, solid, material, &volume));
    assert_ok(kma_solid_release(&solid));
    return volume;
}

void kmt_place(kma_volume mother, kma_volume daughter, double x, double y, double z)
{
    const double at[3] = {x, y, z};
    assert_ok(kma_volume_place(mother, daughter, at, NULL));
}

kma_source kmt_beam(double energy, double x, double y, double z, double width)
{
    kma_source_options options;
    kma_spectrum spectrum = {0};
    kma_source source = {0};

    assert_ok(kma_spectrum_create_mono(energy, &spectrum));
    assert_ok(kma_source_options_defaults(&options));
    options.kind = width > 0 ? KMA_SOURCE_PARALLEL : KMA_SOURCE_PENCIL;
    if (width > 0) options.field_width = options.field_height = width;
    options.position[0] = x;
    options.position[1] = y;
    options.position[2] = z;
    options.direction[0] = options.direction[1] = 0;
    options.direction[2] = 1;
    assert_ok(kma_source_create(&options, spectrum, &source));
    assert_ok(kma_spectrum_release(&spectrum));
    return source;
}

kma_volume kmt_image(const char *name, const size_t count[3], double spacing, double (*value)(size_t i, size_t j, size_t k),
                     kma_ct_table table)
{
    kma_image_geometry geometry;
    kma_image image = {0};
    kma_volume volume = {0};
    float *values = malloc(count[0] * count[1] * count[2] * sizeof *values);
    size_t i, j, k, n = 0;

    assert_non_null(values);
    kma_image_geometry_defaults(&geometry);
    for (i = 0; i < 3; i++) {
        geometry.count[i] = count[i];
        geometry.spacing[i] = spacing;
        geometry.origin[i] = -0.5 * spacing * ((double)count[i] - 1);
    }
    for (k = 0; k < count[2]; k++)
        for (j = 0; j < count[1]; j++)
            for (i = 0; i < count[0]; i++) values[n++] = (float)value(i, j, k);
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_FLOAT32, values, &image));
    free(values);
    assert_ok(kma_volume_create_image(name, image, table, &volume));
    assert_ok(kma_image_release(&image));
    return volume;
}

kma_ct_table kmt_two_materials(kma_material first, kma_material second)
{
    kma_ct_row rows[2] = {{-500, 500, 0, 0, first}, {500, 1500, 0, 0, second}};
    kma_ct_table table = {0};
    int i;

    for (i = 0; i < 2; i++) {
        assert_ok(kma_material_get_density(rows[i].material, &rows[i].density_low));
        rows[i].density_high = rows[i].density_low;
    }
    assert_ok(kma_ct_table_create(rows, 2, &table));
    return table;
}

kma_result kmt_run(kma_scene scene, int threads, uint64_t seed, uint64_t histories)
{
    kma_run_options options;
    kma_run_manager run = {0};
    kma_result result = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.seed = seed;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, histories));
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    return result;
}
