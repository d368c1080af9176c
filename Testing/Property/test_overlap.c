/*
 * Random overlaps against the truth: what overlaps by a known depth is found, what keeps apart is not refused, and
 * the depth and the point are right.
 */
#include "planted_overlap.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { PAIRS = 3, CASES = 200 };
#else
enum { PAIRS = 30, CASES = 3000 };
#endif

static kmi_solid large_world(void)
{
    const double size[3] = {3000, 3000, 3000};
    kmi_solid world;
    assert_ok(kmi_solid_make_box(size, &world));
    return world;
}

/* ---- orbs and boxes, in closed form ---- */

PROPERTY(orbs_overlap_by_the_sum_of_their_radii_less_their_distance, CASES)
{
    double ra = kmt_between(rng, 1, 50), rb = kmt_between(rng, 1, 50), truth, depth;
    kmi_vec3 d = kmt_direction(rng);
    kmi_frame frame = kmi_frame_identity();
    kmi_solid world = large_world(), a, b;
    size_t found;

    assert_ok(kmi_solid_make_orb(ra, &a));
    assert_ok(kmi_solid_make_orb(rb, &b));
    truth = fmin(ra, rb) * kmi_exp(kmt_between(rng, -14, 0)) * (kmt_below(rng, 2) ? 1 : -1);
    frame.translation = kmi_scale(d, ra + rb - truth);
    if (fabs(truth) < 4e-4) return; /* the world's contact length is 9e-5 mm */
    found = planted_find(&world, &a, &b, &frame, 0, &depth);
    assert_int_equal(found, truth > 0);
    if (found) assert_true_msg(fabs(depth - truth) <= 0.03 * truth, "%.9g mm, in truth %.9g", depth, truth);
}

static kmi_vec3 corner_of(const kmi_solid *box, int i)
{
    kmi_vec3 h = box->u.box.half;
    return kmi_vec(i & 1 ? h.x : -h.x, i & 2 ? h.y : -h.y, i & 4 ? h.z : -h.z);
}

/* Does an edge of b pass through a, both grown by `by`? Boxes that meet cross in an edge, or one holds the other. */
static bool edges_pierce(const kmi_solid *a, const kmi_solid *b, const kmi_frame *b_in_a, double by)
{
    kmi_vec3 half = kmi_add(a->u.box.half, kmi_vec(by, by, by));
    int i, k, c;

    for (i = 0; i < 8; i++)
        for (k = 1; k < 8; k *= 2) {
            kmi_vec3 p, q;
            double from = 0, to = 1;
            double ends[2][3], limit[3] = {half.x, half.y, half.z};
            kmi_solid grown = *b;
            if (i & k) continue;
            grown.u.box.half = kmi_add(b->u.box.half, kmi_vec(by, by, by));
            p = kmi_to_mother(b_in_a, corner_of(&grown, i));
            q = kmi_to_mother(b_in_a, corner_of(&grown, i | k));
            ends[0][0] = p.x, ends[0][1] = p.y, ends[0][2] = p.z;
            ends[1][0] = q.x, ends[1][1] = q.y, ends[1][2] = q.z;
            for (c = 0; c < 3; c++) {
                double d = ends[1][c] - ends[0][c], t0 = (-limit[c] - ends[0][c]) / d, t1 = (limit[c] - ends[0][c]) / d;
                from = fmax(from, fmin(t0, t1));
                to = fmin(to, fmax(t0, t1));
            }
            if (from <= to) return true;
        }
    return false;
}

static bool boxes_meet(const kmi_solid *a, const kmi_solid *b, const kmi_frame *b_in_a, double by)
{
    kmi_frame identity = kmi_frame_identity(), a_in_b = kmi_frame_between(&identity, b_in_a);
    return edges_pierce(a, b, b_in_a, by) || edges_pierce(b, a, &a_in_b, by);
}

PROPERTY(boxes_are_found_exactly_where_an_edge_of_one_passes_through_the_other, CASES)
{
    static int overlapping, apart;
    kmi_solid world = large_world(), a, b;
    kmi_frame frame = kmt_any_frame(rng, kmt_vec_between(rng, -14, 14));
    double size_a[3], size_b[3], depth;
    int c;

    for (c = 0; c < 3; c++) {
        size_a[c] = kmt_between(rng, 1, 20);
        size_b[c] = kmt_between(rng, 1, 20);
    }
    assert_ok(kmi_solid_make_box(size_a, &a));
    assert_ok(kmi_solid_make_box(size_b, &b));
    if (boxes_meet(&a, &b, &frame, -1e-3)) {
        assert_int_equal(planted_find(&world, &a, &b, &frame, 0, &depth), 1);
        overlapping++;
    } else if (!boxes_meet(&a, &b, &frame, 1e-9)) {
        assert_int_equal(planted_find(&world, &a, &b, &frame, 0, &depth), 0);
        apart++;
    }
    if (seed == CASES) assert_true_msg(overlapping > CASES / 5 && apart > CASES / 5, "%d and %d", overlapping, apart);
}

PROPERTY(a_box_sticks_out_of_a_box_by_the_distance_of_its_farthest_corner, CASES)
{
    kmi_solid a, b;
    kmi_frame frame = kmt_any_frame(rng, kmt_vec_between(rng, -9, 9));
    double size_a[3] = {30, 25, 28}, size_b[3], truth = 0, depth;
    size_t found;
    int c;

    for (c = 0; c < 3; c++) size_b[c] = kmt_between(rng, 1, 12);
    assert_ok(kmi_solid_make_box(size_a, &a));
    assert_ok(kmi_solid_make_box(size_b, &b));
    for (c = 0; c < 8; c++) {
        kmi_vec3 p = kmi_to_mother(&frame, corner_of(&b, c));
        kmi_vec3 off = kmi_vec(fmax(0, fabs(p.x) - 15), fmax(0, fabs(p.y) - 12.5), fmax(0, fabs(p.z) - 14));
        truth = fmax(truth, kmi_norm(off));
    }
    found = planted_find(NULL, &a, &b, &frame, 0, &depth);
    assert_int_equal(found, truth > 1e-5);
    if (found) assert_near(depth, truth, 1e-12);
}

PROPERTY(an_orb_sticks_out_of_a_box_by_how_far_its_surface_reaches, CASES)
{
    kmi_solid a, b;
    kmi_frame frame = kmi_frame_identity();
    double size[3] = {30, 25, 28}, r = kmt_between(rng, 1, 8), truth, depth;
    kmi_vec3 p = kmt_vec_between(rng, -13, 13);
    size_t found;

    frame.translation = p;
    truth = r - fmin(15 - fabs(p.x), fmin(12.5 - fabs(p.y), 14 - fabs(p.z)));
    assert_ok(kmi_solid_make_box(size, &a));
    assert_ok(kmi_solid_make_orb(r, &b));
    if (fabs(p.y) > 12.5 || fabs(truth) < 1e-3) return; /* its middle inside: then no corner of the box counts alone */
    found = planted_find(NULL, &a, &b, &frame, 0, &depth);
    assert_int_equal(found, truth > 0);
    if (found) assert_true_msg(depth > 0.97 * truth, "%.9g mm, in truth at least %.9g", depth, truth);
}

/* ---- every pair of kinds, of about 100 mm, at a random place of both surfaces ---- */

static void plant(double depth, bool inside)
{
    kmi_solid world = large_world(), a, b;
    planted_meshes meshes = planted_meshes_make(50);
    int i, j, c;

    for (i = 0; i < KINDS; i++)
        for (j = 0; j < KINDS; j++)
            for (c = 0; c < PAIRS; c++) {
                kmi_rng rng;
                kmi_frame frame;
                double found;
                kmi_rng_start(&rng, (uint64_t)(1000 * i + 100 * j + c), inside, KMI_STREAM_GEOMETRY);
                planted_solid(&rng, (planted_kind)i, &meshes, 0, &a);
                planted_solid(&rng, (planted_kind)j, &meshes, inside || c & 1, &b);
                frame = planted_frame(&rng, &a, &b, depth, inside);
                if (planted_find(inside ? NULL : &world, &a, &b, &frame, 0, &found) == 0)
                    fail_msg("case %d: %s %s %s by %g mm is not found", c, planted_names[j],
                             inside ? "outside of" : "into", planted_names[i], depth);
            }
    planted_meshes_drop(&meshes);
}

TEST(siblings_that_overlap_by_a_thousandth_of_a_millimetre_are_found)
{
    plant(1e-3, false);
}

TEST(daughters_that_stick_out_by_a_thousandth_of_a_millimetre_are_found)
{
    plant(1e-3, true);
}

TEST(convex_solids_a_little_apart_are_not_refused)
{
    kmi_solid world = large_world(), a, b;
    planted_meshes meshes = planted_meshes_make(50);
    int i, j, c;

    for (i = 0; i <= TUBE; i++)
        for (j = 0; j <= ROUND_MESH; j++)
            for (c = 0; c < 3 * PAIRS && j != SECTION; c++) {
                kmi_rng rng;
                kmi_frame frame;
                double found;
                kmi_rng_start(&rng, (uint64_t)(1000 * i + 100 * j + c), 7, KMI_STREAM_GEOMETRY);
                planted_solid(&rng, (planted_kind)i, &meshes, 0, &a);
                planted_solid(&rng, (planted_kind)j, &meshes, c & 1, &b);
                frame = planted_frame(&rng, &a, &b, -1e-6, false);
                if (planted_find(&world, &a, &b, &frame, 0, &found) > 0)
                    fail_msg("case %d: %s and %s are 1e-6 mm apart, and refused: %g mm", c, planted_names[i],
                             planted_names[j], found);
            }
    planted_meshes_drop(&meshes);
}
