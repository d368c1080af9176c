/*
 * Steps in an image: oblique, in a rotated placement, with a box, an orb in it and a mesh as implants, a detector that
 * photons cross within the image and one that absorbs behind it. Where a step lies is worked out here once more, from
 * the numbers that the scene is made of.
 */
#include <math.h>

#include "kmt.h"
#include "kmt_scene.h"
#include "kerma/kerma.h"

enum { HISTORIES = 12000, NX = 12, NY = 10, NZ = 14, VOXELS = NX * NY * NZ };
enum { WORLD, CT, BOX, ORB, GEM, PLACES };

static const char *const names[PLACES] = {"world", "ct", "box", "orb", "gem"};
static const char *const matter[PLACES] = {NULL, NULL, "Titanium", NULL, "Aluminum"};
static const double SPACING[3] = {6, 7, 5}, CUT = 0.05;
/* Rotations made of Pythagorean triples. */
static const double TURNED[9] = {8.0 / 17, 0, 15.0 / 17, 0, 1, 0, -15.0 / 17, 0, 8.0 / 17};
static const double TILTED[9] = {1, 0, 0, 0, 12.0 / 13, -5.0 / 13, 0, 5.0 / 13, 12.0 / 13};
static const double SHIFT[3] = {5, 2, 10};                              /* of the image in the world, turned by TILTED */
static const double BOX_AT[3] = {-12, 3, 2}, BOX_SIZE[3] = {30, 28, 22}; /* in the image's space, turned by TILTED */
static const double ORB_AT[3] = {2, 1, -1}, ORB_RADIUS = 8;             /* in the box */
static const double GEM_AT[3] = {20, -12, 8}, GEM_RADIUS = 15;          /* |x| + |y| + |z| <= 15, in the image's space */

/* ---- the scene ---- */

static void image_origin(double origin[3])
{
    static const size_t count[3] = {NX, NY, NZ};
    int r, c;

    for (r = 0; r < 3; r++) {
        origin[r] = 3 - 2.0 * r; /* the centre of the image in its own space is (3, 1, -1) */
        for (c = 0; c < 3; c++) origin[r] -= TURNED[3 * r + c] * 0.5 * SPACING[c] * ((double)count[c] - 1);
    }
}

/* Rows of the table: 0 is air without density, 1 water, 2 bone. */
static int row_of(size_t i, size_t j, size_t k)
{
    return i < 2 ? 0 : (int)((i + j / 2 + k / 3) % 2) + 1;
}

static kma_material material(const char *name)
{
    kma_material m = {0};
    if (name != NULL) assert_ok(kma_material_create_nist(name, &m));
    return m;
}

static kma_volume image_volume(void)
{
    static short values[VOXELS];
    kma_image_geometry g;
    kma_ct_row rows[3] = {{-1500, -500, 0, 0, material("Air, Dry (near sea level)")},
                          {-500, 500, 1, 1, material("Water, Liquid")},
                          {500, 1500, 1.9, 1.9, material("Bone, Cortical (ICRP)")}};
    kma_ct_table table = {0};
    kma_image image = {0};
    kma_volume volume = {0};
    size_t i, j, k, n = 0;

    kma_image_geometry_defaults(&g);
    memcpy(g.spacing, SPACING, sizeof g.spacing);
    memcpy(g.direction, TURNED, sizeof g.direction);
    image_origin(g.origin);
    g.count[0] = NX;
    g.count[1] = NY;
    g.count[2] = NZ;
    for (k = 0; k < NZ; k++)
        for (j = 0; j < NY; j++)
            for (i = 0; i < NX; i++) values[n++] = (short)(1000 * (row_of(i, j, k) - 1));
    assert_ok(kma_image_create(&g, KMA_SCALAR_INT16, values, &image));
    assert_ok(kma_ct_table_create(rows, 3, &table));
    assert_ok(kma_volume_create_image("ct", image, table, &volume));
    assert_ok(kma_image_release(&image));
    assert_ok(kma_ct_table_release(&table));
    for (i = 0; i < 3; i++) assert_ok(kma_material_release(&rows[i].material));
    return volume;
}

static kma_volume volume_of(int place, kma_solid solid)
{
    kma_material m = material(matter[place]);
    kma_volume volume = {0};

    assert_ok(kma_volume_create(names[place], solid, m, &volume));
    assert_ok(kma_solid_release(&solid));
    assert_ok(kma_material_release(&m));
    return volume;
}

static kma_solid box_solid(const double size[3])
{
    kma_solid solid = {0};
    assert_ok(kma_solid_create_box(size, &solid));
    return solid;
}

static kma_solid orb_solid(double radius)
{
    kma_solid solid = {0};
    assert_ok(kma_solid_create_orb(radius, &solid));
    return solid;
}

static kma_solid gem_solid(void)
{
    const double r = GEM_RADIUS, v[18] = {r, 0, 0, -r, 0, 0, 0, r, 0, 0, -r, 0, 0, 0, r, 0, 0, -r};
    const uint32_t f[24] = {0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5};
    kma_mesh mesh = {0};
    kma_solid solid = {0};

    assert_ok(kma_mesh_create_arrays(v, 6, f, 8, &mesh));
    assert_ok(kma_solid_create_tessellated(mesh, &solid));
    assert_ok(kma_mesh_release(&mesh));
    return solid;
}

/* Takes the volumes over. */
static kma_volume matter_of_scene(kma_volume *ct_out)
{
    const double world_size[3] = {400, 400, 400};
    kma_volume world = volume_of(WORLD, box_solid(world_size)), ct = image_volume();
    kma_volume box = volume_of(BOX, box_solid(BOX_SIZE)), orb = volume_of(ORB, orb_solid(ORB_RADIUS));
    kma_volume gem = volume_of(GEM, gem_solid());

    assert_ok(kma_volume_place(box, orb, ORB_AT, NULL));
    assert_ok(kma_volume_place(ct, box, BOX_AT, TILTED));
    assert_ok(kma_volume_place(ct, gem, GEM_AT, NULL));
    assert_ok(kma_volume_place(world, ct, SHIFT, TILTED));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_volume_release(&orb));
    assert_ok(kma_volume_release(&gem));
    *ct_out = ct;
    return world;
}

static void add_source(kma_scene scene, kma_source_options options, double energy)
{
    kma_spectrum spectrum = {0};
    kma_source source = {0};

    assert_ok(kma_spectrum_create_mono(energy, &spectrum));
    assert_ok(kma_source_create(&options, spectrum, &source));
    assert_ok(kma_scene_add_source(scene, source));
    assert_ok(kma_spectrum_release(&spectrum));
    assert_ok(kma_source_release(&source));
}

static void add_sources(kma_scene scene)
{
    kma_source_options field, inside;

    assert_ok(kma_source_options_defaults(&inside)); /* a point in the image, to all sides; below the cut */
    inside.position[0] = 5.3;
    inside.position[1] = -17.1;
    inside.position[2] = 12.7;
    inside.weight = 0.1;
    add_source(scene, inside, 0.03);
    assert_ok(kma_source_options_defaults(&field));
    field.kind = KMA_SOURCE_PARALLEL;
    field.position[2] = -150;
    field.direction[0] = 0.05;
    field.direction[1] = 0;
    field.direction[2] = 1;
    field.field_width = field.field_height = 90;
    add_source(scene, field, 0.06);
}

static void add_detector(kma_scene scene, const char *name, double z, int absorbs)
{
    kma_detector_options plane;
    kma_scorer scorer = {0};

    assert_ok(kma_detector_options_defaults(&plane));
    plane.centre[2] = z;
    plane.u[2] = 0.1;
    plane.count[0] = plane.count[1] = 8;
    plane.pixel_size[0] = plane.pixel_size[1] = 20;
    plane.absorbs = absorbs;
    assert_ok(kma_scorer_create_detector(name, &plane, &scorer));
    assert_ok(kma_scene_add_scorer(scene, scorer));
    assert_ok(kma_scorer_release(&scorer));
}

static kma_run_manager image_run(int threads)
{
    kma_volume ct = {0}, world = matter_of_scene(&ct);
    kma_scorer dose = {0};
    kma_scene scene = {0};
    kma_run_options options;
    kma_run_manager run = {0};

    assert_ok(kma_scene_create(world, &scene));
    add_sources(scene);
    assert_ok(kma_scorer_create_voxels("dose", ct, &dose));
    assert_ok(kma_scene_add_scorer(scene, dose));
    add_detector(scene, "within", 12, 0);
    add_detector(scene, "behind", 120, 1);
    assert_ok(kma_scene_set_cut_energy(scene, CUT));
    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.seed = 99;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_scorer_release(&dose));
    assert_ok(kma_volume_release(&ct));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_scene_release(&scene));
    return run;
}

/* ---- where a point is, once more ---- */

/* The point in the frame of what is placed by p -> R p + t. */
static void into(const double rotation[9], const double translation[3], const double p[3], double out[3])
{
    int r, c;

    for (c = 0; c < 3; c++) {
        out[c] = 0;
        for (r = 0; r < 3; r++) out[c] += rotation[3 * r + c] * (p[r] - translation[r]);
    }
}

/* Voxel coordinates: i is in [i, i + 1). */
static void voxel_coordinates(const double world[3], double out[3])
{
    double origin[3], q[3];
    int c;

    image_origin(origin);
    into(TILTED, SHIFT, world, q);
    into(TURNED, origin, q, out);
    for (c = 0; c < 3; c++) out[c] = out[c] / SPACING[c] + 0.5;
}

static size_t voxel_of(const double world[3])
{
    double v[3];

    voxel_coordinates(world, v);
    assert_true(v[0] >= 0 && v[0] < NX && v[1] >= 0 && v[1] < NY && v[2] >= 0 && v[2] < NZ);
    return (size_t)v[0] + NX * ((size_t)v[1] + NY * (size_t)v[2]);
}

static int place_of(const double world[3])
{
    double v[3], q[3], in_box[3];
    int c;

    for (c = 0; c < 3; c++)
        if (fabs(world[c]) > 200) return KMA_NONE;
    voxel_coordinates(world, v);
    if (v[0] < 0 || v[0] > NX || v[1] < 0 || v[1] > NY || v[2] < 0 || v[2] > NZ) return WORLD;
    into(TILTED, SHIFT, world, q);
    if (fabs(q[0] - GEM_AT[0]) + fabs(q[1] - GEM_AT[1]) + fabs(q[2] - GEM_AT[2]) <= GEM_RADIUS) return GEM;
    into(TILTED, BOX_AT, q, in_box);
    for (c = 0; c < 3; c++)
        if (fabs(in_box[c]) > BOX_SIZE[c] / 2) return CT;
    for (c = 0; c < 3; c++) in_box[c] -= ORB_AT[c];
    return sqrt(in_box[0] * in_box[0] + in_box[1] * in_box[1] + in_box[2] * in_box[2]) <= ORB_RADIUS ? ORB : BOX;
}

/* ---- all steps against that ---- */

typedef struct seen {
    kma_run_manager run;
    kma_step last;
    int place[PLACES];                   /* placements by what they are */
    char materials[8][KMA_NAME_SIZE];    /* by number */
    double dose[VOXELS];                 /* MeV */
    uint64_t processes[KMA_PROCESS_END][PLACES + 1];
    uint64_t near_a_border;
} seen;

static void learn_names(seen *s)
{
    kma_placement p = {.size = sizeof p};
    int i, place;

    for (i = 0; i < PLACES; i++) {
        assert_ok(kma_run_manager_get_placement(s->run, i, &p));
        for (place = 0; place < PLACES; place++)
            if (strcmp(p.volume, names[place]) == 0) s->place[place] = i;
    }
    assert_fails(kma_run_manager_get_placement(s->run, PLACES, &p), KMA_ERR_ARGUMENT, "0 to 4");
    for (i = 0; i < 8 && kma_run_manager_get_material(s->run, i, s->materials[i]) == KMA_OK; i++) {}
    assert_int_equal(i, 5);
}

static int place_number(const seen *s, int32_t placement)
{
    int i;

    for (i = 0; i < PLACES; i++)
        if (s->place[i] == placement) return i;
    return KMA_NONE;
}

static void check_voxel(seen *s, const kma_step *step)
{
    static const char *const rows[3] = {"Air, Dry (near sea level)", "Water, Liquid", "Bone, Cortical (ICRP)"};
    size_t i = (size_t)step->voxel % NX, j = (size_t)step->voxel / NX % NY, k = (size_t)step->voxel / NX / NY;
    const double index[3] = {(double)i, (double)j, (double)k};
    double v[3];
    int c, border = 0;

    assert_true(step->voxel >= 0 && step->voxel < VOXELS);
    voxel_coordinates(step->end, v);
    for (c = 0; c < 3; c++) {
        assert_true(v[c] > index[c] - 1e-9 && v[c] < index[c] + 1 + 1e-9);
        border = border || v[c] < index[c] + 1e-9 || v[c] > index[c] + 1 - 1e-9;
    }
    s->near_a_border += border && step->process != KMA_PROCESS_BOUNDARY;
    assert_string_equal(s->materials[step->material], rows[row_of(i, j, k)]);
    s->dose[step->voxel] += step->deposited;
}

static void check_place(seen *s, const kma_step *step)
{
    double middle[3];
    int c, place = place_number(s, step->placement);

    for (c = 0; c < 3; c++) middle[c] = (step->begin[c] + step->end[c]) / 2;
    if (step->length > 1e-6) assert_int_equal(place, place_of(middle)); /* all of them are convex */
    if (step->process != KMA_PROCESS_BOUNDARY) {
        if (step->process != KMA_PROCESS_ESCAPE) assert_int_equal(place, place_of(step->end));
        assert_int_equal(step->placement, step->next_placement);
    } else {
        assert_int_not_equal(step->placement, step->next_placement);
    }
    s->processes[step->process][place + 1]++;
    if (place == CT) {
        check_voxel(s, step);
        return;
    }
    assert_int_equal(step->voxel, -1);
    if (place == BOX || place == GEM) s->dose[voxel_of(step->end)] += step->deposited; /* counts for the voxel there */
    if (place == KMA_NONE || matter[place] == NULL)
        assert_int_equal(step->material, KMA_NONE);
    else
        assert_string_equal(s->materials[step->material], matter[place]);
}

static void check_chain(const kma_step *step, const kma_step *before)
{
    double length = 0;
    int c;

    if (step->process == KMA_PROCESS_SOURCE) {
        assert_true(step->number == 0 && step->length == 0 && before->next_energy == 0);
        return;
    }
    for (c = 0; c < 3; c++) length += (step->end[c] - step->begin[c]) * (step->end[c] - step->begin[c]);
    assert_true(step->history == before->history && step->number == before->number + 1);
    assert_memory_equal(step->begin, before->end, sizeof step->begin);
    assert_memory_equal(step->direction, before->next_direction, sizeof step->direction);
    assert_int_equal(step->placement, before->next_placement);
    assert_true(step->energy == before->next_energy);
    assert_near(sqrt(length), step->length, 1e-9);
    for (c = 0; c < 3; c++) assert_near(step->begin[c] + step->length * step->direction[c], step->end[c], 1e-9);
    if (step->process == KMA_PROCESS_CUT) { /* where the collision was, or the emission */
        assert_true(step->voxel == before->voxel && step->material == before->material);
    }
}

static kma_status check(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                        void *context)
{
    seen *s = context;

    (void)worker;
    (void)action;
    if (s->run.bits == 0) {
        s->run = run;
        learn_names(s);
    }
    check_chain(step, &s->last);
    check_place(s, step);
    s->last = *step;
    return KMA_OK;
}

TEST(steps_in_an_oblique_image_with_implants_lie_where_the_scene_says_and_hold_all_dose)
{
    static seen s;
    static double mean[VOXELS];
    kma_run_manager run = image_run(0);
    kma_result result = {0};
    int i, p;

    assert_ok(kma_run_manager_on_step(run, check, &s, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    assert_true(s.last.next_energy == 0);
    for (p = KMA_PROCESS_PHOTOELECTRIC; p <= KMA_PROCESS_RAYLEIGH; p++) {
        assert_true(s.processes[p][CT + 1] > 50 && s.processes[p][BOX + 1] > 10 && s.processes[p][GEM + 1] > 10);
        assert_true(s.processes[p][ORB + 1] == 0 && s.processes[p][WORLD + 1] == 0);
    }
    for (i = 0; i < PLACES; i++) assert_true(s.processes[KMA_PROCESS_BOUNDARY][i + 1] > 5);
    assert_true(s.processes[KMA_PROCESS_DETECTOR][CT + 1] > 1000); /* the one within the image */
    assert_true(s.processes[KMA_PROCESS_DETECTOR][BOX + 1] > 10 && s.processes[KMA_PROCESS_DETECTOR][WORLD + 1] > 100);
    assert_true(s.processes[KMA_PROCESS_CUT][CT + 1] > 2000 && s.processes[KMA_PROCESS_CUT][GEM + 1] > 5);
    assert_true(s.processes[KMA_PROCESS_SOURCE][CT + 1] > 900); /* one in eleven */
    assert_true(s.processes[KMA_PROCESS_ESCAPE][0] > 1000);
    assert_true(s.near_a_border < 3); /* 1e-9 of a voxel: about never, so nearly all were held against one voxel */

    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_values(result, 0, KMA_QUANTITY_ENERGY, 0, VOXELS, mean, NULL));
    for (i = 0; i < VOXELS; i++) assert_near(mean[i] * HISTORIES, s.dose[i], 1e-7);
    assert_ok(kma_result_release(&result));
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}

/* ---- looking changes nothing ---- */

static kma_status nothing(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *context)
{
    (void)run;
    (void)step;
    (void)action;
    (void)context;
    (void)kma_worker_uniform(worker);
    return KMA_OK;
}

typedef struct digest {
    uint64_t sum, blocks; /* of all bytes, in their order */
} digest;

static kma_status digest_block(kma_run_manager run, const kma_block *block, void *context)
{
    const unsigned char *bytes = block->records;
    digest *d = context;
    size_t i;

    (void)run;
    for (i = 0; i < block->count * block->record_size; i++) d->sum = (d->sum ^ bytes[i]) * 0x100000001b3u; /* FNV-1a */
    d->blocks++;
    return KMA_OK;
}

TEST(looking_at_steps_in_an_image_changes_no_bit_and_all_threads_make_the_same_records)
{
    static const kma_history_score scores[] = {{"dose", KMA_QUANTITY_ENERGY}, {"within", KMA_QUANTITY_SCATTER_COUNT}};
    char plain[KMA_HASH_SIZE], looked[KMA_HASH_SIZE];
    digest first = {0, 0};
    int threads;

    for (threads = -1; threads <= 3; threads++) { /* -1: serial, and nobody looks */
        kma_run_manager run = image_run(threads < 0 ? 0 : threads);
        digest d = {0, 0};
        if (threads >= 0) {
            assert_ok(kma_run_manager_on_step(run, nothing, NULL, NULL));
            assert_ok(kma_run_manager_on_step_block(run, NULL, digest_block, &d, NULL));
            assert_ok(kma_run_manager_on_history_block(run, scores, 2, NULL, digest_block, &d, NULL));
        }
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        kmt_scores_hash(run, threads < 0 ? plain : looked);
        if (threads >= 0) assert_string_equal(plain, looked);
        if (threads == 0) first = d;
        if (threads > 0) assert_true(d.sum == first.sum && d.blocks == first.blocks && d.blocks > 1);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

/* ---- what an observer may do in each process ---- */

typedef struct meddler {
    int process;        /* in which it meddles; KMA_PROCESS_END: where a detector absorbs */
    uint64_t from;      /* in histories from this one on */
    kma_status status;  /* what it returns then ... */
    kma_action action;  /* ... or wants */
    bool ended;         /* the history under way */
    uint64_t history, times;
    double deposited, cut, escaped, killed;
} meddler;

static bool meddles_at(const meddler *m, const kma_step *step)
{
    if (step->history < m->from) return false;
    if (m->process == KMA_PROCESS_END) return step->process == KMA_PROCESS_DETECTOR && step->next_energy == 0;
    return step->process == m->process;
}

static kma_status meddle(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                         void *context)
{
    meddler *m = context;

    (void)run;
    (void)worker;
    if (step->process == KMA_PROCESS_SOURCE) m->ended = false;
    assert_false(m->ended); /* no step after the end */
    if (step->process == KMA_PROCESS_CUT)
        m->cut += step->deposited;
    else
        m->deposited += step->deposited;
    if (step->process == KMA_PROCESS_ESCAPE || (step->process == KMA_PROCESS_DETECTOR && step->next_energy == 0))
        m->escaped += step->energy;
    if (!meddles_at(m, step)) return KMA_OK;
    m->times++;
    m->killed += step->next_energy;
    m->ended = true;
    *action = m->action;
    return m->status;
}

TEST(photons_ended_at_any_process_balance_the_ledger_and_take_no_further_step)
{
    kma_action actions[] = {KMA_KILL_TRACK, KMA_END_HISTORY};
    size_t a;
    int p;

    for (a = 0; a < 2; a++)
        for (p = 0; p <= KMA_PROCESS_END; p++) {
            meddler m = {.process = p, .action = actions[a]};
            kma_run_manager run = image_run(0);
            kma_result result = {0};
            kma_result_info info = {.size = sizeof info};

            assert_ok(kma_run_manager_on_step(run, meddle, &m, NULL));
            assert_ok(kma_run_manager_initialize(run));
            assert_ok(kma_run_manager_beam_on(run, HISTORIES / 4));
            assert_ok(kma_run_manager_snapshot(run, &result));
            assert_ok(kma_result_get_info(result, &info));
            assert_true(m.times > 20);
            assert_true(fabs(info.ledger.balance) <= info.ledger.allowed);
            assert_near(info.ledger.killed, m.killed, 1e-7);
            assert_near(info.ledger.deposited, m.deposited, 1e-7);
            assert_near(info.ledger.cut, m.cut, 1e-7);
            assert_near(info.ledger.escaped, m.escaped, 1e-7);
            assert_ok(kma_result_release(&result));
            assert_ok(kma_run_manager_close(run));
            assert_ok(kma_run_manager_release(&run));
        }
}

static kma_status fail_in_process(kma_run_manager run, const kma_worker *worker, const kma_step *step,
                                  kma_action *action, void *context)
{
    const meddler *m = context;

    (void)run;
    (void)worker;
    (void)action;
    return meddles_at(m, step) ? m->status : KMA_OK;
}

TEST(an_observer_that_fails_in_any_process_ends_the_run_in_order_and_the_history_leaves_nothing)
{
    char plain[KMA_HASH_SIZE], resumed[KMA_HASH_SIZE];
    kma_run_manager run = image_run(0);
    int threads, p;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    kmt_scores_hash(run, plain);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    for (threads = 0; threads <= 2; threads += 2)
        for (p = 0; p <= KMA_PROCESS_END; p++) {
            meddler m = {.process = p, .from = 5000, .status = (kma_status)(210 + p)};
            run = image_run(threads);
            assert_ok(kma_run_manager_on_step(run, fail_in_process, &m, NULL));
            assert_ok(kma_run_manager_initialize(run));
            assert_int_equal((int)kma_run_manager_beam_on(run, HISTORIES), 210 + p);
            assert_true(strstr(kma_error_message(), "observer of step") != NULL);
            assert_true(kmt_histories(run) >= 5000 && kmt_histories(run) < HISTORIES);
            m.from = UINT64_MAX;
            assert_ok(kma_run_manager_beam_on(run, 0));
            kmt_scores_hash(run, resumed);
            assert_string_equal(plain, resumed);
            assert_ok(kma_run_manager_close(run));
            assert_ok(kma_run_manager_release(&run));
        }
}

/* ---- replay ---- */

typedef struct listing {
    kma_step steps[4000];
    size_t count;
} listing;

static kma_status list(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                       void *context)
{
    listing *l = context;

    (void)run;
    (void)worker;
    (void)action;
    assert_true(l->count < 4000);
    l->steps[l->count++] = *step;
    return KMA_OK;
}

TEST(a_replay_in_an_image_has_the_same_steps_and_outlives_a_close)
{
    static listing ran, again;
    kma_run_manager run = image_run(0);
    uint64_t history;

    assert_ok(kma_run_manager_on_step(run, list, &ran, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 200));
    for (history = 0; history < 200; history++) assert_ok(kma_run_manager_replay(run, history, list, &again));
    assert_true(ran.count == again.count && ran.count > 800);
    assert_memory_equal(ran.steps, again.steps, ran.count * sizeof ran.steps[0]);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
}
