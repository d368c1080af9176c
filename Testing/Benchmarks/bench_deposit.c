/*
 * What a deposit costs: scorers and places of four kinds, in histories of 4 deposits, without rounding.
 *
 *     bench_deposit
 */
#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "geometry/frame.h"
#include "scoring/scorer_set.h"

enum { DEPOSITS = 20000000, POINTS = 1024 };

static kmi_vec3 points[POINTS];

static void run(const char *what, const kmi_geometry *g, const kmi_scorer *const *scorers, size_t n, int32_t instance,
                int64_t voxel)
{
    kmi_scorer_set *set = NULL;
    kmi_scores *scores = NULL;
    uint64_t start;
    int i;

    if (kmi_scorer_set_new(scorers, n, g, 0.15, &set) != KMA_OK || kmi_scores_new(&scores) != KMA_OK) {
        printf("failed: %s\n", kma_error_message());
        return;
    }
    start = kmi_clock_ns();
    for (i = 0; i < DEPOSITS; i++) {
        kmi_scorer_set_deposit(set, scores, points[i % POINTS], instance, voxel < 0 ? -1 : (voxel + i * 31) % 1000000,
                               0.01);
        if (i % 4 == 3) kmi_scores_discard_history(scores);
    }
    printf("%-28s %5.1f ns a deposit\n", what, (double)(kmi_clock_ns() - start) / DEPOSITS);
    kmi_scores_destroy(scores);
    kmi_scorer_set_destroy(set);
}

int main(void)
{
    const double size[3] = {1000, 1000, 1000};
    kmi_grid grid = {{100, 100, 100}, {2, 2, 2}, {-99, -99, -99}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    kmi_solid box, image, ball;
    kmi_volume *world = NULL, *phantom = NULL, *implant = NULL;
    kmi_geometry *g = NULL;
    kmi_frame here = kmi_frame_identity();
    kmi_scorer *voxels = NULL, *cells = NULL, *volume = NULL;
    const kmi_scorer *all[3];
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < POINTS; i++)
        points[i] = kmi_vec(198 * kmi_rng_uniform(&rng) - 99, 198 * kmi_rng_uniform(&rng) - 99,
                            198 * kmi_rng_uniform(&rng) - 99);
    kmi_solid_make_grid(&image, &grid);
    if (kmi_solid_make_box(size, &box) || kmi_solid_make_orb(20, &ball) || kmi_volume_new("world", &box, &world) ||
        kmi_volume_new("phantom", &image, &phantom) || kmi_volume_new("implant", &ball, &implant) ||
        kmi_volume_add(phantom, implant, 0, &here) || kmi_volume_add(world, phantom, 0, &here) ||
        kmi_geometry_close(world, &g) || kmi_scorer_new_voxels("voxels", phantom, 0, &voxels) ||
        kmi_scorer_new_grid("cells", &grid, &cells) || kmi_scorer_new_volume("volume", phantom, 0, &volume)) {
        printf("failed: %s\n", kma_error_message());
        return 1;
    }
    all[0] = voxels;
    all[1] = cells;
    all[2] = volume;
    run("no scorer", g, NULL, 0, 1, 0);
    run("voxels, voxel given", g, all, 1, 1, 0);
    run("voxels, in an implant", g, all, 1, 2, -1);
    run("free grid", g, all + 1, 1, 0, -1);
    run("voxels, grid and volume", g, all, 3, 1, 0);
    kmi_scorer_destroy(voxels);
    kmi_scorer_destroy(cells);
    kmi_scorer_destroy(volume);
    kmi_geometry_destroy(g);
    kmi_volume_destroy(world);
    kmi_volume_destroy(phantom);
    kmi_volume_destroy(implant);
    return 0;
}
