/*
 * Meshes: build time, memory, and next-surface queries from inside, one thread.
 * Rays start at random inside points with random directions, as a photon's do. Rates are the best of
 * several passes: the least disturbed by what else the machine does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kmt.h"
#include "kmt_mesh.h"

#include "geometry/mesh_nearest.h"
#include "geometry/mesh_parts.h"

enum { RAYS = 200000, REPEATS = 9 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double best(double a, double b) { return a > b ? a : b; }

static void measure(const char *name, kmt_mesh data)
{
    kmi_mesh *mesh = NULL;
    kmi_vec3 *origin = calloc(RAYS, sizeof *origin), *direction = calloc(RAYS, sizeof *direction);
    double start = now(), build, exit_rate = 0, inside_rate = 0, nearest_rate = 0;
    kmi_rng rng;
    size_t i, bytes;
    uint32_t facet;
    int k;

    assert_ok(kmi_mesh_new(data.vertices, data.vertex_count, data.triangles, data.triangle_count, NULL, &mesh));
    build = now() - start;
    bytes = sizeof *mesh + mesh->vertex_count * sizeof *mesh->vertices +
            mesh->triangle_count * sizeof *mesh->triangles + mesh->bvh.node_count * sizeof *mesh->bvh.nodes +
            mesh->bvh.pair_count * sizeof *mesh->bvh.pairs;
    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < RAYS; i++) {
        origin[i] = kmt_mesh_inside_point(&rng, mesh);
        direction[i] = kmt_direction(&rng);
    }
    for (k = 0; k < REPEATS; k++) {
        double sum = 0;
        size_t in = 0;
        start = now();
        for (i = 0; i < RAYS; i++) sum += kmi_mesh_exit(mesh, origin[i], direction[i], 0, 1e-5);
        exit_rate = best(exit_rate, RAYS / (now() - start));
        start = now();
        for (i = 0; i < RAYS; i++) in += kmi_mesh_inside(mesh, origin[i]);
        inside_rate = best(inside_rate, RAYS / (now() - start));
        start = now();
        for (i = 0; i < RAYS / 10; i++) sum += kmi_mesh_nearest(mesh, origin[i], &facet);
        nearest_rate = best(nearest_rate, RAYS / 10 / (now() - start));
        if (!(sum > 0) || in != RAYS) abort();
    }
    printf("%-10s %8zu facets  build %6.3f s  %4zu B/facet  exit %6.0f k/s  inside %6.0f k/s  nearest %6.0f k/s\n",
           name, mesh->triangle_count, build, bytes / mesh->triangle_count, exit_rate / 1e3, inside_rate / 1e3,
           nearest_rate / 1e3);
    free(origin);
    free(direction);
    kmi_mesh_destroy(mesh);
    kmt_mesh_free(&data);
}

TEST(next_surface_queries)
{
    measure("ico3", kmt_mesh_icosphere(3, 100));
    measure("ico5", kmt_mesh_icosphere(5, 100));
    measure("knot 200k", kmt_mesh_knot(100, 20, 2000, 50));
    measure("ico8", kmt_mesh_icosphere(8, 100));
}
