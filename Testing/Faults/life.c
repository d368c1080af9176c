/* See life.h. */
#include "life.h"

/* ---- describing --------------------------------------------------------- */

static bool make_materials(life *self)
{
    fault_log *log = &self->log;
    const int z[3] = {1, 6, 8};
    const double fraction[3] = {0.1, 0.3, 0.6};

    MAKE(self->water, kma_material_create_nist("Water, Liquid", &self->water));
    MAKE(self->air, kma_material_create_nist("Air, Dry (near sea level)", &self->air));
    MAKE(self->metal, kma_material_create_nist("Al", &self->metal));
    MAKE(self->bone, kma_material_create_formula("bone salt", "Ca5(PO4)3OH", 1.9, &self->bone));
    MAKE(self->mix, kma_material_create_mass_fractions("mix", z, fraction, 3, 1.1, &self->mix));
    return true;
}

/* A wedge facet by facet and a block from arrays, whose corners are welded. */
static bool make_meshes(life *self)
{
    fault_log *log = &self->log;
    static const double a[3] = {0, 0, 0}, b[3] = {20, 0, 0}, c[3] = {20, 10, 0}, d[3] = {0, 10, 0}, e[3] = {0, 0, 8},
                        f[3] = {0, 10, 8};
    static const double corner[8][3] = {{-5, -5, -5}, {5, -5, -5}, {5, 5, -5}, {-5, 5, -5},
                                        {-5, -5, 5},  {5, -5, 5},  {5, 5, 5},  {-5, 5, 5}};
    static const uint32_t facet[12][3] = {{0, 2, 1}, {0, 3, 2}, {4, 5, 6}, {4, 6, 7}, {0, 1, 5}, {0, 5, 4},
                                          {1, 2, 6}, {1, 6, 5}, {2, 3, 7}, {2, 7, 6}, {3, 0, 4}, {3, 4, 7}};
    double soup[36][3];
    uint32_t own[12][3];
    size_t facets = 0, i, k;

    for (i = 0; i < 12; i++)
        for (k = 0; k < 3; k++) {
            memcpy(soup[3 * i + k], corner[facet[i][k]], sizeof soup[0]);
            own[i][k] = (uint32_t)(3 * i + k);
        }
    MAKE(self->builder, kma_mesh_builder_create(&self->builder));
    STEP(kma_mesh_builder_add_quadrangle(self->builder, a, d, c, b));
    STEP(kma_mesh_builder_add_quadrangle(self->builder, a, e, f, d));
    STEP(kma_mesh_builder_add_quadrangle(self->builder, b, c, f, e));
    STEP(kma_mesh_builder_add_triangle(self->builder, a, b, e));
    STEP(kma_mesh_builder_add_triangle(self->builder, d, f, c));
    STEP(kma_mesh_builder_count_facets(self->builder, &facets));
    assert_int_equal(facets, 8);
    MAKE(self->wedge_mesh, kma_mesh_builder_close(self->builder, &self->wedge_mesh));
    MAKE(self->block_mesh, kma_mesh_create_arrays(soup[0], 36, own[0], 12, &self->block_mesh));
    STEP(kma_mesh_count_vertices(self->block_mesh, &facets));
    assert_int_equal(facets, 8);
    return true;
}

static bool make_solids(life *self)
{
    fault_log *log = &self->log;

    MAKE(self->world_box, kma_solid_create_box((const double[3]){200, 200, 200}, &self->world_box));
    MAKE(self->box, kma_solid_create_box((const double[3]){60, 60, 30}, &self->box));
    MAKE(self->orb, kma_solid_create_orb(8, &self->orb));
    MAKE(self->tube, kma_solid_create_tube(2, 6, 20, 0, 3, &self->tube));
    MAKE(self->wedge, kma_solid_create_tessellated(self->wedge_mesh, &self->wedge));
    MAKE(self->block, kma_solid_create_tessellated(self->block_mesh, &self->block));
    return true;
}

static bool make_image(life *self)
{
    fault_log *log = &self->log;
    kma_image_geometry g;
    kma_ct_row rows[2] = {{-1000, 100, 0.1, 1.0, self->water}, {100, 2000, 1.0, 2.0, self->bone}};
    int16_t voxels[6 * 5 * 4];
    kma_material first = {0};
    size_t i;

    for (i = 0; i < sizeof voxels / sizeof *voxels; i++) voxels[i] = (int16_t)((long)(i * 37 % 11) * 120 - 200);
    kma_image_geometry_defaults(&g);
    g.count[0] = 6;
    g.count[1] = 5;
    g.count[2] = 4;
    for (i = 0; i < 3; i++) {
        g.spacing[i] = 6;
        g.origin[i] = -3.0 * ((double)g.count[i] - 1);
    }
    MAKE(self->ct, kma_image_create(&g, KMA_SCALAR_INT16, voxels, &self->ct));
    MAKE(self->builtin, kma_ct_table_create_builtin(&self->builtin));
    MAKE(self->table, kma_ct_table_create(rows, 2, &self->table));
    MAKE(first, kma_ct_table_get_material(self->table, 0, &first));
    assert_ok(kma_material_release(&first));
    return true;
}

static bool make_volumes(life *self)
{
    fault_log *log = &self->log;

    MAKE(self->world, kma_volume_create("world", self->world_box, self->air, &self->world));
    MAKE(self->box_volume, kma_volume_create("box", self->box, self->water, &self->box_volume));
    MAKE(self->orb_volume, kma_volume_create("orb", self->orb, self->bone, &self->orb_volume));
    MAKE(self->tube_volume, kma_volume_create("tube", self->tube, self->metal, &self->tube_volume));
    MAKE(self->wedge_volume, kma_volume_create("wedge", self->wedge, self->mix, &self->wedge_volume));
    MAKE(self->block_volume, kma_volume_create("block", self->block, self->metal, &self->block_volume));
    MAKE(self->patient, kma_volume_create_image("patient", self->ct, self->table, &self->patient));
    STEP(kma_volume_place(self->box_volume, self->orb_volume, (const double[3]){-15, 0, 0}, NULL));
    STEP(kma_volume_place(self->box_volume, self->wedge_volume, (const double[3]){0, -5, -4}, NULL));
    STEP(kma_volume_place(self->patient, self->block_volume, (const double[3]){0, 0, 0}, NULL));
    STEP(kma_volume_place(self->world, self->box_volume, (const double[3]){0, 0, 40}, NULL));
    STEP(kma_volume_place(self->world, self->patient, (const double[3]){0, 0, -20}, NULL));
    STEP(kma_volume_place(self->world, self->tube_volume, (const double[3]){60, 0, 0}, NULL));
    STEP(kma_volume_place(self->world, self->tube_volume, (const double[3]){-60, 0, 0},
                          (const double[9]){0, 0, 1, 1, 0, 0, 0, 1, 0}));
    return true;
}

static bool make_sources(life *self)
{
    fault_log *log = &self->log;
    kma_source_options s;

    MAKE(self->mono, kma_spectrum_create_mono(0.06, &self->mono));
    MAKE(self->lines, kma_spectrum_create_lines((const double[2]){0.05, 0.07}, (const double[2]){1, 2}, 2, &self->lines));
    MAKE(self->bins, kma_spectrum_create_histogram((const double[3]){0.05, 0.06, 0.07}, (const double[2]){3, 1}, 2,
                                                   &self->bins));
    assert_ok(kma_source_options_defaults(&s));
    s.position[2] = -90;
    s.kind = KMA_SOURCE_PENCIL;
    MAKE(self->pencil, kma_source_create(&s, self->mono, &self->pencil));
    s.kind = KMA_SOURCE_POINT;
    s.emission = KMA_EMISSION_FIELD;
    s.field_width = s.field_height = 60;
    s.field_distance = 90;
    MAKE(self->point, kma_source_create(&s, self->lines, &self->point));
    s.kind = KMA_SOURCE_PARALLEL;
    s.weight = 0.5;
    MAKE(self->parallel, kma_source_create(&s, self->bins, &self->parallel));
    return true;
}

static bool make_scorers(life *self)
{
    fault_log *log = &self->log;
    kma_image_geometry g;
    kma_detector_options plane;
    int i;

    kma_image_geometry_defaults(&g);
    for (i = 0; i < 3; i++) {
        g.count[i] = 3;
        g.spacing[i] = 30;
        g.origin[i] = -30;
    }
    MAKE(self->grid, kma_scorer_create_grid("grid", &g, &self->grid));
    MAKE(self->voxels, kma_scorer_create_voxels("voxels", self->patient, &self->voxels));
    MAKE(self->inside, kma_scorer_create_volume("inside", self->box_volume, &self->inside));
    assert_ok(kma_detector_options_defaults(&plane));
    plane.centre[2] = 80;
    plane.count[0] = plane.count[1] = 8;
    plane.pixel_size[0] = plane.pixel_size[1] = 12;
    MAKE(self->detector, kma_scorer_create_detector("detector", &plane, &self->detector));
    return true;
}

bool life_describe(life *self)
{
    fault_log *log = &self->log;
    size_t count = 0;

    if (!make_materials(self) || !make_meshes(self) || !make_solids(self) || !make_image(self) || !make_volumes(self) ||
        !make_sources(self) || !make_scorers(self))
        return false;
    MAKE(self->scene, kma_scene_create(self->world, &self->scene));
    STEP(kma_scene_set_cut_energy(self->scene, 0.04));
    STEP(kma_scene_set_overlap_check(self->scene, KMA_OVERLAPS_REFUSE, 50)); /* points: it takes its time */
    STEP(kma_scene_add_source(self->scene, self->pencil));
    STEP(kma_scene_add_source(self->scene, self->point));
    STEP(kma_scene_add_source(self->scene, self->parallel));
    STEP(kma_scene_add_scorer(self->scene, self->grid));
    STEP(kma_scene_add_scorer(self->scene, self->voxels));
    STEP(kma_scene_add_scorer(self->scene, self->inside));
    STEP(kma_scene_add_scorer(self->scene, self->detector));
    STEP(kma_scene_count_sources(self->scene, &count));
    assert_int_equal(count, 3);
    STEP(kma_scene_count_scorers(self->scene, &count));
    assert_int_equal(count, 4);
    return true;
}

/* ---- running ------------------------------------------------------------ */

static kma_status see_run(kma_run_manager run, void *context)
{
    (void)run;
    (void)context;
    return KMA_OK;
}

static kma_status see_worker(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    return KMA_OK;
}

static kma_status see_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                           void *context)
{
    (void)run;
    (void)worker;
    (void)step;
    (void)action;
    (void)context;
    return KMA_OK;
}

static kma_status see_steps(kma_run_manager run, const kma_block *block, void *context)
{
    (void)run;
    ((life *)context)->step_records += block->count;
    return KMA_OK;
}

static kma_status see_scores(kma_run_manager run, const kma_block *block, void *context)
{
    (void)run;
    ((life *)context)->score_records += block->count;
    return KMA_OK;
}

static kma_status build(kma_run_manager run, const kma_worker *worker, void *context, void **data_out)
{
    (void)run;
    (void)worker;
    ((life *)context)->built++;
    *data_out = context;
    return KMA_OK;
}

static void drop_data(kma_run_manager run, const kma_worker *worker, void *context, void *data)
{
    (void)run;
    (void)worker;
    ((life *)context)->dropped += context == data;
}

static void drop(void *context)
{
    ((life *)context)->observers_dropped++;
}

/* A context is given with every call, also with one that fails. */
static life *give(life *self)
{
    self->observers_given++;
    return self;
}

static bool add_recorders(life *self)
{
    fault_log *log = &self->log;
    const kma_history_score scores[2] = {{"inside", KMA_QUANTITY_ENERGY}, {"detector", KMA_QUANTITY_PRIMARY_COUNT}};
    kma_record_options records;
    kma_user_initialization user = {sizeof user, build, drop_data, self, drop};

    assert_ok(kma_record_options_defaults(&records));
    records.block = 64;
    STEP(kma_run_manager_on_step(self->run, see_step, give(self), drop));
    STEP(kma_run_manager_on_step_block(self->run, &records, see_steps, give(self), drop));
    STEP(kma_run_manager_on_history_block(self->run, scores, 2, &records, see_scores, give(self), drop));
    give(self);
    STEP(kma_run_manager_set_user_initialization(self->run, &user));
    return true;
}

bool life_create_run(life *self)
{
    fault_log *log = &self->log;
    kma_run_options options;
    int i;

    assert_ok(kma_run_options_defaults(&options));
    options.threads = self->threads;
    options.seed = 3;
    MAKE(self->run, kma_run_manager_create(self->scene, &options, &self->run));
    STEP(kma_run_manager_on_run_begin(self->run, see_run, give(self), drop));
    STEP(kma_run_manager_on_run_end(self->run, see_run, give(self), drop));
    STEP(kma_run_manager_on_worker_begin(self->run, see_worker, give(self), drop));
    STEP(kma_run_manager_on_worker_end(self->run, see_worker, give(self), drop));
    STEP(kma_run_manager_on_history_begin(self->run, see_worker, give(self), drop));
    for (i = 0; i < 5; i++) STEP(kma_run_manager_on_history_end(self->run, see_worker, give(self), drop));
    return add_recorders(self);
}

bool life_initialize(life *self)
{
    fault_log *log = &self->log;

    STEP(kma_run_manager_initialize(self->run));
    return true;
}

/* What is missing to the target, whether a call that failed had raised it or not. */
static kma_status beam_to(kma_run_manager run, uint64_t target)
{
    kma_progress progress = {.size = sizeof progress};

    assert_ok(kma_run_manager_progress(run, &progress));
    assert_true(progress.target <= target && progress.histories <= progress.target);
    return kma_run_manager_beam_on(run, target - progress.target);
}

static kma_status count_steps(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                              void *context)
{
    (void)run;
    (void)worker;
    (void)step;
    (void)action;
    (*(size_t *)context)++;
    return KMA_OK;
}

bool life_run(life *self)
{
    fault_log *log = &self->log;

    STEP(beam_to(self->run, LIFE_HISTORIES / 3));
    MAKE(self->early, kma_run_manager_snapshot(self->run, &self->early)); /* commits copy what it shares */
    STEP(beam_to(self->run, 2 * LIFE_HISTORIES / 3));
    STEP(kma_run_manager_initialize(self->run)); /* of the same scene: goes on */
    STEP(beam_to(self->run, LIFE_HISTORIES));
    MAKE(self->late, kma_run_manager_snapshot(self->run, &self->late));
    STEP(kma_run_manager_replay(self->run, 7, count_steps, &self->replayed));
    return true;
}

/* ---- reading ------------------------------------------------------------ */

bool life_read(life *self)
{
    fault_log *log = &self->log;
    kma_result_info info = {.size = sizeof info};
    kma_result_scorer scorer = {.size = sizeof scorer};
    double mean[120], sigma[120];
    size_t i, bin = 0;

    STEP(kma_result_get_info(self->late, &info));
    memcpy(self->hash, info.scores_hash, sizeof self->hash);
    memcpy(self->scene_hash, info.scene_hash, sizeof self->scene_hash);
    assert_int_equal(info.histories, LIFE_HISTORIES);
    for (i = 0; i < 4; i++) {
        kma_quantity quantity = i == 3 ? KMA_QUANTITY_SCATTER_COUNT : KMA_QUANTITY_DOSE;
        STEP(kma_result_get_scorer(self->late, i, &scorer));
        STEP(kma_result_get_values(self->late, i, quantity, 0, scorer.bins, mean, sigma));
    }
    STEP(kma_result_find_scorer(self->late, "voxels", &i));
    STEP(kma_result_get_largest(self->late, i, KMA_QUANTITY_DOSE, &bin, &self->dose, &self->uncertainty));
    STEP(kma_result_get_total(self->late, i, KMA_QUANTITY_MASS, &self->total));
    STEP(kma_result_get_values(self->early, 0, KMA_QUANTITY_MASS, 0, 27, mean, NULL));
    return true;
}

bool life_close(life *self)
{
    fault_log *log = &self->log;

    STEP(kma_run_manager_close(self->run));
    return true;
}

/* ---- the end ------------------------------------------------------------ */

#define RELEASE(kind, name) assert_ok(kma_##kind##_release(&self->name))

void life_end(life *self)
{
    if (self->run.bits != 0) assert_ok(kma_run_manager_close(self->run));
    RELEASE(result, early);
    RELEASE(result, late);
    RELEASE(run_manager, run);
    RELEASE(scene, scene);
    RELEASE(scorer, grid);
    RELEASE(scorer, voxels);
    RELEASE(scorer, inside);
    RELEASE(scorer, detector);
    RELEASE(source, pencil);
    RELEASE(source, point);
    RELEASE(source, parallel);
    RELEASE(spectrum, mono);
    RELEASE(spectrum, lines);
    RELEASE(spectrum, bins);
    RELEASE(volume, world);
    RELEASE(volume, box_volume);
    RELEASE(volume, orb_volume);
    RELEASE(volume, tube_volume);
    RELEASE(volume, wedge_volume);
    RELEASE(volume, block_volume);
    RELEASE(volume, patient);
    RELEASE(image, ct);
    RELEASE(ct_table, table);
    RELEASE(ct_table, builtin);
    RELEASE(solid, world_box);
    RELEASE(solid, box);
    RELEASE(solid, orb);
    RELEASE(solid, tube);
    RELEASE(solid, wedge);
    RELEASE(solid, block);
    RELEASE(mesh_builder, builder);
    RELEASE(mesh, wedge_mesh);
    RELEASE(mesh, block_mesh);
    RELEASE(material, water);
    RELEASE(material, bone);
    RELEASE(material, mix);
    RELEASE(material, air);
    RELEASE(material, metal);
    assert_int_equal(self->observers_dropped, self->observers_given);
    assert_int_equal(self->built, self->dropped);
}
