/* See mesh_nearest.h: down the tree of boxes, the nearest box first. */
#include "geometry/mesh_nearest.h"

#include <math.h>

#include "geometry/mesh_parts.h"

static const double SLACK =
    1 + 0x1p-40;                     /* squared distances are wrong by a few roundings: a box is left out beyond it */
static const double ERROR = 0x1p-46; /* of the largest coordinate: 128 roundings */

typedef struct entry {
    double distance2;
    uint32_t child;
} entry;

static double length2(kmi_vec3 v) { return kmi_dot(v, v); }

/* From the nearest point of the segment a-b to p. */
static kmi_vec3 from_segment(kmi_vec3 a, kmi_vec3 b, kmi_vec3 p)
{
    kmi_vec3 ab = kmi_sub(b, a), ap = kmi_sub(p, a);
    double t = kmi_dot(ab, ap), whole = length2(ab);

    if (!(t > 0)) return ap;
    if (t >= whole) return kmi_sub(p, b);
    return kmi_sub(ap, kmi_scale(ab, t / whole));
}

/*
 * Squared distance: of the edges, and of the plane if the point is above or below the facet. The plane is
 * measured from the nearest point of the edges: a needle's normal is only good to rounding x length / width, which
 * then acts on its width alone. A facet without area lies upon edges of others and has no normal: left to them.
 */
static double from_facet(const kmi_bvh_pair *pair, int lane, kmi_vec3 p)
{
    kmi_vec3 v[3], normal, near = {0, 0, 0};
    double best = INFINITY, size2;
    int i, left = 0;

    for (i = 0; i < 3; i++)
        v[i] = kmi_vec(pair->corner[i][0][lane], pair->corner[i][1][lane], pair->corner[i][2][lane]);
    normal = kmi_cross(kmi_sub(v[1], v[0]), kmi_sub(v[2], v[0]));
    size2 = length2(normal);
    if (!(size2 > 0)) return INFINITY;
    for (i = 0; i < 3; i++) {
        kmi_vec3 off = from_segment(v[i], v[(i + 1) % 3], p);
        if (length2(off) < best) {
            best = length2(off);
            near = off;
        }
        left += kmi_dot(kmi_cross(normal, kmi_sub(v[(i + 1) % 3], v[i])), kmi_sub(p, v[i])) >= 0;
    }
    if (left == 3) {
        double height = kmi_dot(normal, near);
        if (height * height < best * size2) best = height * height / size2;
    }
    return best;
}

static double from_box(const kmi_bvh_node *node, int i, const double p[3])
{
    double sum = 0;
    int k;
    for (k = 0; k < 3; k++) {
        double low = (double)node->bounds[0][k][i] - p[k], high = p[k] - (double)node->bounds[1][k][i];
        double off = low > high ? low : high;
        if (off > 0) sum += off * off;
    }
    return sum; /* of an empty child: infinite */
}

double kmi_mesh_nearest_within(const kmi_mesh *self, kmi_vec3 point, double limit, uint32_t *facet_out)
{
    const double p[3] = {point.x, point.y, point.z};
    entry stack[KMI_BVH_STACK];
    double best = limit * limit;
    uint32_t facet = 0;
    bool found = false;
    int depth = 1;

    *facet_out = 0;
    if (!(fabs(p[0]) + fabs(p[1]) + fabs(p[2]) < 1e100)) return INFINITY;
    stack[0] = (entry){0, 0};
    while (depth > 0) {
        entry e = stack[--depth];
        uint32_t i, end;
        int lane;
        if (e.distance2 > best * SLACK) continue;
        if ((e.child & KMI_BVH_LEAF_BIT) == 0) {
            const kmi_bvh_node *node = &self->bvh.nodes[e.child];
            int bottom = depth, c, k;
            for (c = 0; c < KMI_BVH_WIDTH; c++) { /* sorted in, nearest on top */
                double d = from_box(node, c, p);
                if (!(d <= best * SLACK && d < INFINITY)) continue;
                for (k = depth++; k > bottom && stack[k - 1].distance2 < d; k--) stack[k] = stack[k - 1];
                stack[k] = (entry){d, node->child[c]};
            }
            continue;
        }
        i = (e.child & ~KMI_BVH_LEAF_BIT) >> 2;
        for (end = i + (e.child & 3) + 1; i < end; i++) {
            const kmi_bvh_pair *pair = &self->bvh.pairs[i];
            for (lane = 0; lane < 2; lane++) {
                double d;
                if (pair->facet[lane] == KMI_BVH_NO_FACET) continue;
                d = from_facet(pair, lane, point);
                if (d > best || (found && d == best && pair->facet[lane] > facet)) continue;
                best = d;
                found = true;
                facet = pair->facet[lane];
            }
        }
    }
    *facet_out = facet;
    return found ? sqrt(best) : INFINITY;
}

double kmi_mesh_nearest(const kmi_mesh *self, kmi_vec3 point, uint32_t *facet_out)
{
    return kmi_mesh_nearest_within(self, point, INFINITY, facet_out);
}

double kmi_mesh_nearest_error(const kmi_mesh *self, kmi_vec3 point)
{
    const double p[3] = {point.x, point.y, point.z};
    double largest = 0;
    int i;
    for (i = 0; i < 3; i++) {
        double reach = self->reach[i] + fabs(p[i]);
        if (reach > largest) largest = reach;
    }
    return ERROR * largest;
}

kmi_vec3 kmi_mesh_normal(const kmi_mesh *self, uint32_t facet)
{
    const uint32_t *t = self->triangles[facet];
    const double *a = self->vertices[t[0]], *b = self->vertices[t[1]], *c = self->vertices[t[2]];
    kmi_vec3 n =
        kmi_cross(kmi_vec(b[0] - a[0], b[1] - a[1], b[2] - a[2]), kmi_vec(c[0] - a[0], c[1] - a[1], c[2] - a[2]));
    double size = kmi_norm(n);
    return size > 0 ? kmi_scale(n, 1 / size) : kmi_vec(0, 0, 0);
}
