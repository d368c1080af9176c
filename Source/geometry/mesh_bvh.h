/*
 * The mesh's tree of boxes: nodes of eight boxes in float, rounded outward, and
 * leaves of at most four facets, whose corners stand in double in pairs of two
 * facets, side by side, as SSE2 wants them.
 */
#ifndef KMI_MESH_BVH_H
#define KMI_MESH_BVH_H

#include <stddef.h>
#include <stdint.h>

#include "base/pulse.h"

enum {
    KMI_BVH_WIDTH = 8,
    KMI_BVH_LEAF = 8,   /* facets in a leaf, at most */
    KMI_BVH_DEPTH = 72, /* binary splits above any leaf, at most */
    KMI_BVH_STACK = (KMI_BVH_WIDTH - 1) * KMI_BVH_DEPTH + KMI_BVH_WIDTH,
    KMI_BVH_ALIGN = 64 /* bytes: a cache line */
};
/* A child is a node's index, or a leaf: this bit, the first pair << 2, the pairs - 1. */
#define KMI_BVH_LEAF_BIT UINT32_C(0x80000000)
#define KMI_BVH_NO_FACET UINT32_MAX

/* bounds[0] are the lower, bounds[1] the upper planes. An empty child's box is inside out. */
typedef struct kmi_bvh_node {
    float bounds[2][3][KMI_BVH_WIDTH];
    uint32_t child[KMI_BVH_WIDTH];
    uint32_t unused[KMI_BVH_WIDTH]; /* makes it four cache lines */
} kmi_bvh_node;

/* An odd facet is paired with a copy of itself that has no number. */
typedef struct kmi_bvh_pair {
    double corner[3][3][2]; /* corner, axis, facet of the pair */
    uint32_t facet[2];
} kmi_bvh_pair;

typedef struct kmi_bvh {
    kmi_bvh_node *nodes; /* node 0 is the root */
    kmi_bvh_pair *pairs;
    size_t node_count, pair_count;
} kmi_bvh;

/* A binned surface-area build (Wald, RT 2007), one thread, the same tree everywhere.
 * At least one facet, at most 2^28. */
kma_status kmi_bvh_build(const double (*vertices)[3], const uint32_t (*triangles)[3], size_t triangle_count,
                         const kmi_pulse *pulse, kmi_bvh *out);
void kmi_bvh_clear(kmi_bvh *self);

/* The nearest float that is not above, not below. */
static inline float kmi_float_below(double x)
{
    float f = (float)x;
    union {
        float f;
        uint32_t u;
    } b;
    if (!((double)f > x)) return f;
    if (f == 0) return -0x1p-149f;
    b.f = f;
    b.u = f > 0 ? b.u - 1 : b.u + 1;
    return b.f;
}
static inline float kmi_float_above(double x) { return -kmi_float_below(-x); }

#endif
