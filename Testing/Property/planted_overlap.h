/* Two solids that are made to overlap by a given depth, at a random place of both surfaces. */
#ifndef KMT_PLANTED_OVERLAP_H
#define KMT_PLANTED_OVERLAP_H

#include "base/elementary.h"
#include "../Unit/geometry/scene.h"
#include "geometry/overlap.h"
#include "kmt_mesh.h"

typedef enum planted_kind { BOX, ORB, TUBE, SECTION, ROUND_MESH, CONCAVE_MESH, KINDS } planted_kind;
static const char *const planted_names[KINDS] = {"box",          "orb",        "cylinder",
                                                 "tube section", "round mesh", "concave mesh"};

/* Of two sizes: about 2 * unit, and a tenth of that. */
typedef struct planted_meshes {
    double unit; /* mm */
    kmi_mesh *round[2], *knot[2];
} planted_meshes;

static inline planted_meshes planted_meshes_make(double unit)
{
    planted_meshes m;
    int small;
    m.unit = unit;
    for (small = 0; small < 2; small++) {
        kmt_mesh sphere = kmt_mesh_icosphere(4, 1), knot = kmt_mesh_knot(0.6, 0.15, 160, 16); /* 5120 facets each */
        kmt_mesh_move(&sphere, small ? 0.1 * unit : unit, 0, 0, 0);
        kmt_mesh_move(&knot, small ? 0.1 * unit : unit, 0, 0, 0);
        m.round[small] = kmt_mesh_build(&sphere);
        m.knot[small] = kmt_mesh_build(&knot);
        kmt_mesh_free(&sphere);
        kmt_mesh_free(&knot);
    }
    return m;
}

static inline void planted_meshes_drop(planted_meshes *m)
{
    int small;
    for (small = 0; small < 2; small++) {
        kmi_mesh_destroy(m->round[small]);
        kmi_mesh_destroy(m->knot[small]);
    }
}

/* About 0.5 to 3 units large, or a tenth of that. */
static inline void planted_solid(kmi_rng *rng, planted_kind kind, const planted_meshes *meshes, int small,
                                 kmi_solid *out)
{
    double scale = meshes->unit * (small ? 0.1 : 1) * kmi_exp(kmt_between(rng, -0.7, 1.1));
    double size[3];
    int c;

    for (c = 0; c < 3; c++) size[c] = scale * kmt_between(rng, 0.5, 2);

    switch (kind) {
    case BOX: assert_ok(kmi_solid_make_box(size, out)); break;
    case ORB: assert_ok(kmi_solid_make_orb(0.5 * size[0], out)); break;
    case TUBE: assert_ok(kmi_solid_make_tube(0, 0.5 * size[0], size[1], 0, 6.283185307179586, out)); break;
    case SECTION: kmt_any_tube(rng, 0.5 * size[0], size[1], out); break;
    case ROUND_MESH: kmi_solid_make_mesh(meshes->round[small], 0, out); break;
    case CONCAVE_MESH: kmi_solid_make_mesh(meshes->knot[small], 0, out); break;
    case KINDS: break;
    }
}

/* Where a ray from a random point inside leaves the solid; and the normal there. */
static inline kmi_vec3 planted_point(kmi_rng *rng, const kmi_solid *s, kmi_vec3 *normal_out)
{
    kmi_vec3 p, d;

    do p = kmt_point_in(rng, &s->bounds);
    while (!(kmi_solid_depth(s, p, NULL) > 1e-6));
    d = kmt_direction(rng);
    p = kmi_along(p, d, kmi_solid_exit(s, p, d, 0, 1e-9));
    *normal_out = kmi_solid_normal(s, p);
    return p;
}

/* The frame with n as its z axis. */
static inline kmi_frame planted_axes(kmi_vec3 n, double azimuth)
{
    kmi_vec3 u, v, x, y;
    double s, c, m[9];

    kmi_basis(n, &u, &v);
    kmi_sincos(azimuth, &s, &c);
    x = kmi_add(kmi_scale(u, c), kmi_scale(v, s));
    y = kmi_cross(n, x);
    m[0] = x.x, m[3] = x.y, m[6] = x.z;
    m[1] = y.x, m[4] = y.y, m[7] = y.z;
    m[2] = n.x, m[5] = n.y, m[8] = n.z;
    kmi_orthonormalise(m, m);
    return kmi_frame_make(m, kmi_vec(0, 0, 0));
}

/*
 * The frame of b in the frame of a in which a random point of b's surface lies `depth` under a random point of a's,
 * and the surfaces face each other there (inside: b is in a, and the point is that much outside).
 */
static inline kmi_frame planted_frame(kmi_rng *rng, const kmi_solid *a, const kmi_solid *b, double depth, bool inside)
{
    kmi_vec3 normal_a, normal_b, at_a = planted_point(rng, a, &normal_a), at_b = planted_point(rng, b, &normal_b);
    kmi_frame from = planted_axes(normal_b, 0);
    kmi_frame to = planted_axes(inside ? normal_a : kmi_scale(normal_a, -1), kmt_between(rng, 0, 6.28));
    kmi_frame identity = kmi_frame_identity(), back = kmi_frame_between(&identity, &from);
    kmi_frame frame = kmi_frame_compose(&to, &back);

    at_a = kmi_along(at_a, normal_a, inside ? depth : -depth);
    frame.translation = kmi_sub(at_a, kmi_rotate(&frame, at_b));
    return frame;
}

/* How many overlaps are found; depth_out is the deepest one's. */
static inline size_t planted_find(const kmi_solid *world, const kmi_solid *a, const kmi_solid *b,
                                  const kmi_frame *frame, size_t points, double *depth_out)
{
    scene s = {{NULL}, 0, NULL};
    kmi_overlap_list list;
    kmi_frame here = kmi_frame_identity();
    size_t count;

    if (world != NULL) {
        add_solid(&s, "world", world);
        assert_ok(kmi_volume_add(s.volumes[0], add_solid(&s, "a", a), 0, &here));
    } else {
        add_solid(&s, "a", a);
    }
    assert_ok(kmi_volume_add(s.volumes[0], add_solid(&s, "b", b), 0, frame));
    close_scene(&s);
    assert_ok(kmi_overlaps_find(s.geometry, points, NULL, &list));
    count = list.count;
    *depth_out = count > 0 ? list.items[0].depth : 0;
    kmi_overlap_list_clear(&list);
    drop_scene(&s);
    return count;
}

#endif
