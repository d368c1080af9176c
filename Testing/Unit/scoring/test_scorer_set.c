#include "scene_support.h"

#include <math.h>

#include "scoring/scorer_set.h"

static kmi_scores *new_scores(void)
{
    kmi_scores *s = NULL;
    assert_ok(kmi_scores_new(&s));
    return s;
}

static kmi_scorer_set *new_set(const small_scene *s, kmi_scorer **scorers, size_t n)
{
    kmi_scorer_set *set = NULL;
    assert_ok(kmi_scorer_set_new((const kmi_scorer *const *)scorers, n, s->geometry, 0.15, &set));
    return set;
}

static void free_scorers(kmi_scorer **scorers, size_t n)
{
    while (n-- > 0) kmi_scorer_destroy(scorers[n]);
}

/* What the history under way has put into a bin. Energies of whole quanta are exact. */
static double in_bin(const kmi_scores *scores, uint64_t bin)
{
    size_t i;
    for (i = 0; i < scores->touched; i++)
        if (scores->history[i].bin == bin) return scores->history[i].sum;
    return 0;
}

static kma_detector_options plate(double x, double y, double z, double size)
{
    kma_detector_options o;
    assert_ok(kma_detector_options_defaults(&o));
    o.centre[0] = x;
    o.centre[1] = y;
    o.centre[2] = z;
    o.count[0] = 10;
    o.count[1] = 5;
    o.pixel_size[0] = size / 10;
    o.pixel_size[1] = size / 5;
    return o;
}

/* ---- bins and quanta ---- */

TEST(bins_follow_the_ledger_without_gaps_and_volumes_come_first)
{
    small_scene s = small_scene_new(1);
    kmi_grid cells = plain_grid(3, 4, 5, 7, kmi_vec(0, 0, 0));
    kma_detector_options o = plate(0, 0, 0, 50);
    kmi_scorer *scorers[4];
    kmi_scorer_set *set;

    assert_ok(kmi_scorer_new_detector("d", &o, &scorers[0]));
    assert_ok(kmi_scorer_new_grid("g", &cells, &scorers[1]));
    assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorers[2]));
    assert_ok(kmi_scorer_new_volume("v", s.block, 0, &scorers[3]));
    set = new_set(&s, scorers, 4);
    assert_int_equal(set->scorers[3].first_bin, KMI_LEDGER_BINS);
    assert_int_equal(set->scorers[2].first_bin, KMI_LEDGER_BINS + 1);
    assert_int_equal(set->scorers[1].first_bin, KMI_LEDGER_BINS + 1 + 480);
    assert_int_equal(set->scorers[0].first_bin, KMI_LEDGER_BINS + 1 + 480 + 60);
    assert_int_equal(set->scorers[0].planes, 4);
    assert_int_equal(set->total_bins, KMI_LEDGER_BINS + 1 + 480 + 60 + 4 * 50);
    kmi_scorer_set_destroy(set);
    free_scorers(scorers, 4);
    small_scene_free(&s);
}

TEST(the_quantum_is_the_power_of_two_that_gives_the_largest_score_40_bits)
{
    static const double energies[][2] = {{0.15, 0x1p-42}, {0.125, 0x1p-43}, {0.1250001, 0x1p-42}, {1, 0x1p-40}, {20, 0x1p-35}};
    small_scene s = small_scene_new(1);
    size_t i;

    for (i = 0; i < sizeof energies / sizeof energies[0]; i++) {
        kmi_scorer_set *set = NULL;
        assert_ok(kmi_scorer_set_new(NULL, 0, s.geometry, energies[i][0], &set));
        assert_true(set->energy_quantum == energies[i][1]);
        assert_true(set->energy_scale == 1 / energies[i][1]);
        assert_true(set->count_quantum == 0x1p-40 && set->count_scale == 0x1p40);
        assert_int_equal(set->total_bins, KMI_LEDGER_BINS);
        kmi_scorer_set_destroy(set);
    }
    small_scene_free(&s);
}

/* ---- deposits ---- */

TEST(a_deposit_goes_to_its_voxel_its_volume_and_every_grid_there)
{
    small_scene s = small_scene_new(1);
    kmi_grid cells = plain_grid(40, 40, 40, 10, kmi_vec(0, 0, 0)); /* the whole world */
    kmi_scorer *scorers[4];
    kmi_scorer_set *set;
    kmi_scores *scores = new_scores();
    kmi_vec3 p;

    assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorers[0]));
    assert_ok(kmi_scorer_new_volume("phantom", s.phantom, 0, &scorers[1]));
    assert_ok(kmi_scorer_new_volume("implant", s.implant, 0, &scorers[2]));
    assert_ok(kmi_scorer_new_grid("g", &cells, &scorers[3]));
    set = new_set(&s, scorers, 4);

    /* In the phantom, voxel (1, 2, 3): its centre is (-35, -15, 5) in the image; a quarter turn makes it (15, -35, 5). */
    p = kmi_vec(5 + 15, 20 - 35, -30 + 5);
    kmi_scorer_set_deposit(set, scores, p, instance_of(&s, s.phantom, 0), 1 + 10 * (2 + 8 * 3), 7 * set->energy_quantum);
    assert_int_equal(scores->touched, 3);
    assert_true(in_bin(scores, set->scorers[0].first_bin + 1 + 10 * (2 + 8 * 3)) == 7);
    assert_true(in_bin(scores, set->scorers[1].first_bin) == 7);
    assert_true(in_bin(scores, set->scorers[3].first_bin + 22 + 40 * (18 + 40 * 17)) == 7);
    /* The voxel not given: the same. */
    kmi_scorer_set_deposit(set, scores, p, instance_of(&s, s.phantom, 0), -1, 1 * set->energy_quantum);
    assert_int_equal(scores->touched, 3);
    assert_true(in_bin(scores, set->scorers[0].first_bin + 1 + 10 * (2 + 8 * 3)) == 8);
    kmi_scores_discard_history(scores);

    /* In the implant and in its core: the image's voxel under the point; the phantom itself has nothing of it. */
    p = kmi_to_mother(&s.phantom_frame, kmi_vec(1, 2, -3)); /* voxel (5, 4, 2) */
    kmi_scorer_set_deposit(set, scores, p, instance_of(&s, s.implant, 0), -1, 3 * set->energy_quantum);
    kmi_scorer_set_deposit(set, scores, p, instance_of(&s, s.core, 0), -1, 2 * set->energy_quantum);
    assert_true(in_bin(scores, set->scorers[0].first_bin + 5 + 10 * (4 + 8 * 2)) == 5);
    assert_true(in_bin(scores, set->scorers[1].first_bin) == 0);
    assert_true(in_bin(scores, set->scorers[2].first_bin) == 3);
    kmi_scores_discard_history(scores);

    /* Elsewhere: the grid alone; outside of the grid: nothing. */
    kmi_scorer_set_deposit(set, scores, kmi_vec(-150, 0, 0), instance_of(&s, s.block, 0), -1, 5 * set->energy_quantum);
    assert_int_equal(scores->touched, 1);
    assert_true(in_bin(scores, set->scorers[3].first_bin + 5 + 40 * (20 + 40 * 20)) == 5);
    kmi_scores_discard_history(scores);
    kmi_scorer_set_deposit(set, scores, kmi_vec(-150, 0, 201), 0, -1, 5 * set->energy_quantum);
    assert_int_equal(scores->touched, 0);

    kmi_scores_destroy(scores);
    kmi_scorer_set_destroy(set);
    free_scorers(scorers, 4);
    small_scene_free(&s);
}

TEST(placements_of_a_volume_share_its_bins_and_scorers_of_a_volume_do_not_disturb_each_other)
{
    small_scene s = small_scene_new(2);
    kmi_scorer *scorers[3];
    kmi_scorer_set *set;
    kmi_scores *scores = new_scores();

    assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorers[0]));
    assert_ok(kmi_scorer_new_voxels("x again", s.phantom, 0, &scorers[1]));
    assert_ok(kmi_scorer_new_volume("implant", s.implant, 0, &scorers[2]));
    set = new_set(&s, scorers, 3);
    kmi_scorer_set_deposit(set, scores, kmi_vec(0, 0, 0), instance_of(&s, s.phantom, 0), 33, 1 * set->energy_quantum);
    kmi_scorer_set_deposit(set, scores, kmi_vec(0, 0, 0), instance_of(&s, s.phantom, 1), 33, 2 * set->energy_quantum);
    assert_true(in_bin(scores, set->scorers[0].first_bin + 33) == 3);
    assert_true(in_bin(scores, set->scorers[1].first_bin + 33) == 3);
    kmi_scores_discard_history(scores);
    /* The second phantom is not turned: its voxel (5, 4, 2) is elsewhere in the world. */
    kmi_scorer_set_deposit(set, scores, kmi_vec(100 + 1, -120 + 2, -3), instance_of(&s, s.implant, 1), -1,
                           4 * set->energy_quantum);
    assert_true(in_bin(scores, set->scorers[0].first_bin + 5 + 10 * (4 + 8 * 2)) == 4);
    assert_true(in_bin(scores, set->scorers[2].first_bin) == 4);
    kmi_scores_destroy(scores);
    kmi_scorer_set_destroy(set);
    free_scorers(scorers, 3);
    small_scene_free(&s);
}

TEST(an_image_inside_an_implant_of_an_image_scores_in_both)
{
    kmi_volume *world = box_volume("world", 400, 400, 400), *shell = box_volume("shell", 50, 50, 50);
    kmi_grid outer_grid = plain_grid(10, 10, 10, 10, kmi_vec(0, 0, 0)), inner_grid = plain_grid(4, 4, 4, 10, kmi_vec(0, 0, 0));
    kmi_volume *outer = image_volume("outer", &outer_grid), *inner = image_volume("inner", &inner_grid);
    kmi_frame here = kmi_frame_identity();
    kmi_scorer *scorers[2];
    kmi_scorer_set *set;
    kmi_scores *scores = new_scores();
    small_scene s;

    memset(&s, 0, sizeof s);
    assert_ok(kmi_volume_add(shell, inner, 0, &here));
    assert_ok(kmi_volume_add(outer, shell, 0, &here));
    assert_ok(kmi_volume_add(world, outer, 0, &here));
    assert_ok(kmi_geometry_close(world, &s.geometry));
    assert_ok(kmi_scorer_new_voxels("outer", outer, 0, &scorers[0]));
    assert_ok(kmi_scorer_new_voxels("inner", inner, 0, &scorers[1]));
    set = new_set(&s, scorers, 2);
    kmi_scorer_set_deposit(set, scores, kmi_vec(11, 1, -1), instance_of(&s, inner, 0), 3 + 4 * (2 + 4 * 1),
                           6 * set->energy_quantum);
    assert_int_equal(scores->touched, 2);
    assert_true(in_bin(scores, set->scorers[0].first_bin + 6 + 10 * (5 + 10 * 4)) == 6);
    assert_true(in_bin(scores, set->scorers[1].first_bin + 3 + 4 * (2 + 4 * 1)) == 6);
    kmi_scores_destroy(scores);
    kmi_scorer_set_destroy(set);
    free_scorers(scorers, 2);
    kmi_geometry_destroy(s.geometry);
    kmi_volume_destroy(world);
    kmi_volume_destroy(outer);
    kmi_volume_destroy(shell);
    kmi_volume_destroy(inner);
}

/* ---- detectors ---- */

TEST(a_detector_sees_photons_from_either_side_and_counts_primary_and_scatter_apart)
{
    small_scene s = small_scene_new(1);
    kma_detector_options o = plate(0, 0, 100, 50); /* pixels 5 x 10 mm */
    kmi_scorer *scorer = NULL;
    kmi_scorer_set *set;
    kmi_scores *scores = new_scores();
    double t = -1, quantum;
    int32_t which = -1;
    uint64_t first;

    assert_ok(kmi_scorer_new_detector("d", &o, &scorer));
    set = new_set(&s, &scorer, 1);
    quantum = set->energy_quantum;
    first = set->scorers[0].first_bin;
    assert_true(kmi_scorer_set_next_detector(set, kmi_vec(12, -13, 0), kmi_vec(0, 0, 1), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_true(t == 100 && which == 0);
    assert_true(kmi_scorer_set_detector_absorbs(set, which));
    /* u = (12 + 25) / 5 = 7.4, v = (-13 + 25) / 10 = 1.2 */
    kmi_scorer_set_detect(set, scores, which, kmi_vec(12, -13, 100), 9 * quantum, true);
    kmi_scorer_set_detect(set, scores, which, kmi_vec(12, -13, 100), 4 * quantum, false);
    assert_int_equal(scores->touched, 4);
    assert_true(in_bin(scores, first + 17) == 9);
    assert_true(in_bin(scores, first + 50 + 17) == 0x1p40);
    assert_true(in_bin(scores, first + 100 + 17) == 4);
    assert_true(in_bin(scores, first + 150 + 17) == 0x1p40);
    assert_true(kmi_scorer_set_next_detector(set, kmi_vec(12, -13, 150), kmi_vec(0, 0, -1), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_true(t == 50);
    /* Away from it, beside it, along it, too far. */
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(12, -13, 0), kmi_vec(0, 0, -1), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(25.001, 0, 0), kmi_vec(0, 0, 1), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(0, -25.001, 0), kmi_vec(0, 0, 1), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(-100, 0, 100), kmi_vec(1, 0, 0), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(-100, 0, 101), kmi_vec(1, 0, 0), 0, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(0, 0, 0), kmi_vec(0, 0, 1), 0, KMI_NO_DETECTOR, 99.999, &t, &which));
    /* t_max itself is still seen; what is at t was seen before. */
    assert_true(kmi_scorer_set_next_detector(set, kmi_vec(0, 0, 0), kmi_vec(0, 0, 1), 0, KMI_NO_DETECTOR, 100, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(0, 0, 0), kmi_vec(0, 0, 1), 100, KMI_NO_DETECTOR, 1000, &t, &which));
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(0, 0, 0), kmi_vec(0, 0, 1), 100, 0, 1000, &t, &which));
    kmi_scores_destroy(scores);
    kmi_scorer_set_destroy(set);
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

TEST(a_flight_through_open_detectors_meets_each_once_in_order_also_in_one_plane)
{
    static const double z[] = {50, 20, 50, -10, 20};
    static const int order[] = {1, 4, 0, 2}; /* the one at -10 lies behind */
    small_scene s = small_scene_new(1);
    kmi_scorer *scorers[5];
    kmi_scorer_set *set;
    double t = 0;
    int32_t which = KMI_NO_DETECTOR;
    size_t i;

    for (i = 0; i < 5; i++) {
        kma_detector_options o = plate(0, 0, z[i], 50);
        o.absorbs = i == 2;
        assert_ok(kmi_scorer_new_detector("d", &o, &scorers[i]));
    }
    set = new_set(&s, scorers, 5);
    for (i = 0; i < 4; i++) {
        assert_true(kmi_scorer_set_next_detector(set, kmi_vec(1, 2, 0), kmi_vec(0, 0, 1), t, which, 1000, &t, &which));
        assert_int_equal(which, order[i]);
        assert_true(t == z[order[i]]);
        assert_true(kmi_scorer_set_detector_absorbs(set, which) == (order[i] == 2));
    }
    assert_false(kmi_scorer_set_next_detector(set, kmi_vec(1, 2, 0), kmi_vec(0, 0, 1), t, which, 1000, &t, &which));
    kmi_scorer_set_destroy(set);
    free_scorers(scorers, 5);
    small_scene_free(&s);
}

/* A detector anywhere, a target point in a known pixel, a flight from anywhere towards it. */
static void aim(const small_scene *s, kmi_rng *rng, kmi_scores *scores)
{
    kma_detector_options o = plate(20 * kmi_rng_uniform(rng), 30 * kmi_rng_uniform(rng), 10, 60);
    kmi_vec3 axis = kmt_direction(rng), slanted = kmt_direction(rng), origin, target, direction;
    kmi_scorer *scorer = NULL;
    kmi_scorer_set *set;
    double a = kmi_rng_uniform(rng) * 10, b = kmi_rng_uniform(rng) * 5, t = 0, distance;
    int32_t which = -1;

    o.u[0] = 3 * axis.x;
    o.u[1] = 3 * axis.y;
    o.u[2] = 3 * axis.z;
    o.v[0] = axis.x + 0.5 * slanted.x;
    o.v[1] = axis.y + 0.5 * slanted.y;
    o.v[2] = axis.z + 0.5 * slanted.z;
    assert_ok(kmi_scorer_new_detector("d", &o, &scorer));
    set = new_set(s, &scorer, 1);
    target = kmi_along(scorer->detector.corner, scorer->detector.u, a * o.pixel_size[0]);
    target = kmi_along(target, scorer->detector.v, b * o.pixel_size[1]);
    origin = kmi_scale(kmt_direction(rng), 150);
    direction = kmi_sub(target, origin);
    distance = kmi_norm(direction);
    direction = kmi_scale(direction, 1 / distance);
    if (fabs(kmi_dot(direction, scorer->detector.normal)) > 1e-3 && /* not along the plane */
        fabs(a - round(a)) > 1e-9 && fabs(b - round(b)) > 1e-9) {   /* not on a pixel's border */
        assert_true(kmi_scorer_set_next_detector(set, origin, direction, 0, KMI_NO_DETECTOR, 1000, &t, &which));
        assert_near(t, distance, 1e-9);
        kmi_scorer_set_detect(set, scores, which, kmi_along(origin, direction, t), set->energy_quantum, true);
        assert_true(in_bin(scores, set->scorers[0].first_bin + (uint64_t)a + 10 * (uint64_t)b) == 1);
        assert_int_equal(scores->touched, 2);
    }
    kmi_scores_discard_history(scores);
    kmi_scorer_set_destroy(set);
    kmi_scorer_destroy(scorer);
}

TEST(a_photon_aimed_at_a_pixel_is_seen_there)
{
    small_scene s = small_scene_new(1);
    kmi_scores *scores = new_scores();
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 1000; i++) aim(&s, &rng, scores);
    kmi_scores_destroy(scores);
    small_scene_free(&s);
}

/* ---- what is refused ---- */

TEST(a_scorer_of_a_volume_that_is_not_in_the_world_is_refused)
{
    small_scene s = small_scene_new(1);
    kmi_volume *other = box_volume("attic", 1, 1, 1);
    kmi_scorer *scorer = NULL;
    kmi_scorer_set *set = NULL;

    assert_ok(kmi_scorer_new_volume("dust", other, 0, &scorer));
    assert_fails(kmi_scorer_set_new((const kmi_scorer *const *)&scorer, 1, s.geometry, 0.15, &set), KMA_ERR_GEOMETRY,
                 "'dust' scores in the volume 'attic', which is not in the world");
    assert_null(set);
    kmi_scorer_destroy(scorer);
    kmi_volume_destroy(other);
    small_scene_free(&s);
}

TEST(a_detector_that_sticks_out_of_the_world_is_refused_and_one_up_to_its_border_is_not)
{
    small_scene s = small_scene_new(1);
    kma_detector_options o = plate(0, 0, 0, 400);
    kmi_scorer *scorer = NULL;
    kmi_scorer_set *set = NULL;

    assert_ok(kmi_scorer_new_detector("d", &o, &scorer));
    set = new_set(&s, &scorer, 1);
    kmi_scorer_set_destroy(set);
    kmi_scorer_destroy(scorer);
    o.centre[0] = 0.01;
    assert_ok(kmi_scorer_new_detector("large", &o, &scorer));
    assert_fails(kmi_scorer_set_new((const kmi_scorer *const *)&scorer, 1, s.geometry, 0.15, &set), KMA_ERR_GEOMETRY,
                 "the detector 'large' sticks out of the world");
    kmi_scorer_destroy(scorer);
    small_scene_free(&s);
}

TEST(more_bins_than_a_tally_has_are_refused_by_name)
{
    small_scene s = small_scene_new(1);
    kmi_grid cells = plain_grid(2000, 2000, 1000, 0.1, kmi_vec(0, 0, 0));
    kmi_scorer *scorers[2];
    kmi_scorer_set *set = NULL;

    assert_ok(kmi_scorer_new_grid("first", &cells, &scorers[0]));
    assert_ok(kmi_scorer_new_grid("second", &cells, &scorers[1]));
    assert_fails(kmi_scorer_set_new((const kmi_scorer *const *)scorers, 2, s.geometry, 0.15, &set), KMA_ERR_RANGE,
                 "'second'");
    free_scorers(scorers, 2);
    small_scene_free(&s);
}

TEST(without_memory_no_set_is_made_and_nothing_leaks)
{
    small_scene s = small_scene_new(2);
    kmi_grid cells = plain_grid(3, 4, 5, 7, kmi_vec(0, 0, 0));
    kmi_scorer *scorers[2];
    kmi_scorer_set *set = NULL;
    long n;

    assert_ok(kmi_scorer_new_grid("g", &cells, &scorers[0]));
    assert_ok(kmi_scorer_new_voxels("x", s.phantom, 0, &scorers[1]));
    for (n = 1;; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kmi_scorer_set_new((const kmi_scorer *const *)scorers, 2, s.geometry, 0.15, &set);
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_fails(status, KMA_ERR_MEMORY, "no memory for");
        assert_null(set);
    }
    assert_int_equal(n, 9);
    kmi_scorer_set_destroy(set);
    kmi_scorer_set_destroy(NULL);
    free_scorers(scorers, 2);
    small_scene_free(&s);
}

/* ---- the digest ---- */

static void digest_of(const small_scene *s, kmi_scorer *scorer, double energy, uint8_t out[32])
{
    kmi_scorer_set *set = NULL;
    assert_ok(kmi_scorer_set_new((const kmi_scorer *const *)&scorer, 1, s->geometry, energy, &set));
    kmi_scorer_set_digest(set, s->geometry, out);
    kmi_scorer_set_destroy(set);
    kmi_scorer_destroy(scorer);
}

TEST(the_digest_tells_any_two_scorers_apart_and_equal_ones_are_equal)
{
    small_scene s = small_scene_new(1);
    kmi_grid cells = plain_grid(3, 4, 5, 7, kmi_vec(0, 0, 0));
    kma_detector_options o = plate(0, 0, 0, 50);
    uint8_t digests[12][32];
    kmi_scorer *scorer = NULL;
    size_t n = 0, i, j;

#define OF(energy, call)                                                       \
    do {                                                                       \
        assert_ok(call);                                                       \
        digest_of(&s, scorer, energy, digests[n++]);                           \
    } while (0)
    OF(0.15, kmi_scorer_new_grid("a", &cells, &scorer));
    OF(0.3, kmi_scorer_new_grid("a", &cells, &scorer)); /* another quantum */
    OF(0.15, kmi_scorer_new_grid("b", &cells, &scorer));
    cells.origin[1] += 1;
    OF(0.15, kmi_scorer_new_grid("a", &cells, &scorer));
    cells.direction[0] = -1;
    OF(0.15, kmi_scorer_new_grid("a", &cells, &scorer));
    OF(0.15, kmi_scorer_new_volume("a", s.phantom, 0, &scorer));
    OF(0.15, kmi_scorer_new_volume("a", s.block, 0, &scorer));
    OF(0.15, kmi_scorer_new_voxels("a", s.phantom, 0, &scorer));
    OF(0.15, kmi_scorer_new_detector("a", &o, &scorer));
    o.absorbs = 0;
    OF(0.15, kmi_scorer_new_detector("a", &o, &scorer));
    o.centre[2] = 1;
    OF(0.15, kmi_scorer_new_detector("a", &o, &scorer));
    for (i = 0; i < n; i++)
        for (j = 0; j < i; j++) assert_memory_not_equal(digests[i], digests[j], 32);
    o.centre[2] = 1;
    OF(0.15, kmi_scorer_new_detector("a", &o, &scorer));
    assert_memory_equal(digests[n - 1], digests[n - 2], 32);
#undef OF
    small_scene_free(&s);
}
