/* A small world for the tests of scorers:
 *
 *   world      box 400 x 400 x 400 mm, of vacuum
 *     phantom  image of 10 x 8 x 6 voxels of 10 mm, turned by 90 degrees about z and moved; placed once or twice
 *       implant  ball of 15 mm radius, in the middle of the phantom
 *         core   cube of 6 mm in its middle
 *     block    box 20 x 20 x 20 mm at (-150, 0, 0)
 */
#ifndef SCENE_SUPPORT_H
#define SCENE_SUPPORT_H

#include "kmt.h"

#include "geometry/frame.h"
#include "geometry/geometry.h"
#include "scoring/scorer.h"

typedef struct small_scene {
    kmi_volume *world, *phantom, *implant, *core, *block;
    kmi_geometry *geometry;
    kmi_grid grid;           /* the phantom's */
    kmi_frame phantom_frame; /* of its first placement */
} small_scene;

static inline kmi_frame at_point(double x, double y, double z)
{
    kmi_frame f = kmi_frame_identity();
    f.translation = kmi_vec(x, y, z);
    return f;
}

static inline kmi_volume *box_volume(const char *name, double x, double y, double z)
{
    const double size[3] = {x, y, z};
    kmi_solid solid;
    kmi_volume *v = NULL;
    assert_ok(kmi_solid_make_box(size, &solid));
    assert_ok(kmi_volume_new(name, &solid, &v));
    return v;
}

static inline kmi_volume *ball_volume(const char *name, double radius)
{
    kmi_solid solid;
    kmi_volume *v = NULL;
    assert_ok(kmi_solid_make_orb(radius, &solid));
    assert_ok(kmi_volume_new(name, &solid, &v));
    return v;
}

static inline kmi_volume *image_volume(const char *name, const kmi_grid *grid)
{
    kmi_solid solid;
    kmi_volume *v = NULL;
    assert_ok(kmi_grid_check(grid));
    kmi_solid_make_grid(&solid, grid);
    assert_ok(kmi_volume_new(name, &solid, &v));
    return v;
}

/* Cells of this spacing around `centre`, parallel to the axes. */
static inline kmi_grid plain_grid(size_t nx, size_t ny, size_t nz, double spacing, kmi_vec3 centre)
{
    kmi_grid g = {{nx, ny, nz}, {spacing, spacing, spacing}, {0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    g.origin[0] = centre.x - 0.5 * spacing * (double)(nx - 1);
    g.origin[1] = centre.y - 0.5 * spacing * (double)(ny - 1);
    g.origin[2] = centre.z - 0.5 * spacing * (double)(nz - 1);
    return g;
}

static inline small_scene small_scene_new(int phantoms)
{
    static const double quarter_turn[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1};
    small_scene s;
    kmi_frame here = kmi_frame_identity(), there = at_point(-150, 0, 0), second = at_point(100, -120, 0);

    memset(&s, 0, sizeof s);
    s.world = box_volume("world", 400, 400, 400);
    s.grid = plain_grid(10, 8, 6, 10, kmi_vec(0, 0, 0));
    s.phantom = image_volume("phantom", &s.grid);
    s.implant = ball_volume("implant", 15);
    s.core = box_volume("core", 6, 6, 6);
    s.block = box_volume("block", 20, 20, 20);
    s.phantom_frame = kmi_frame_make(quarter_turn, kmi_vec(5, 20, -30));
    assert_ok(kmi_volume_add(s.implant, s.core, 0, &here));
    assert_ok(kmi_volume_add(s.phantom, s.implant, 0, &here));
    assert_ok(kmi_volume_add(s.world, s.phantom, 0, &s.phantom_frame));
    if (phantoms > 1) assert_ok(kmi_volume_add(s.world, s.phantom, 0, &second));
    assert_ok(kmi_volume_add(s.world, s.block, 0, &there));
    assert_ok(kmi_geometry_close(s.world, &s.geometry));
    return s;
}

static inline void small_scene_free(small_scene *s)
{
    kmi_geometry_destroy(s->geometry);
    kmi_volume_destroy(s->world);
    kmi_volume_destroy(s->phantom);
    kmi_volume_destroy(s->implant);
    kmi_volume_destroy(s->core);
    kmi_volume_destroy(s->block);
}

/* The n-th instance of a volume. */
static inline int32_t instance_of(const small_scene *s, const kmi_volume *v, int n)
{
    int32_t i;
    for (i = 0; i < s->geometry->instance_count; i++)
        if (s->geometry->instances[i].volume == v && n-- == 0) return i;
    assert_true(false);
    return -1;
}

#endif
