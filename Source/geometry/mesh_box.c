/* Facets near a box: see mesh_box.h. */
#include "geometry/mesh_box.h"

#include "geometry/mesh_parts.h"

/* What rounding does to the distance from a plane, in units of (extent of the facet)^2 x coordinates:
 * no component of the normal exceeds twice the extent squared, and 40 roundings of 2^-53 bound it all. */
static const double PLANE_SLACK = 0x1p-44;

static bool overlaps(const double low[3], const double high[3], const double box_low[3], const double box_high[3])
{
    int k;
    for (k = 0; k < 3; k++)
        if (!(low[k] <= box_high[k] && high[k] >= box_low[k])) return false;
    return true;
}

/* Two of the separating axes of a triangle and a box: the box's own, and the triangle's normal
 * (Akenine-Moeller, JGT 6 (2001) 29). The other nine would only rule out a few more. */
static bool facet_touches(const kmi_bvh_pair *pair, int lane, const double low[3], const double high[3])
{
    double c[3][3], facet_low[3], facet_high[3];
    double distance = 0, reach = 0, extent = 0, far = 0;
    kmi_vec3 normal;
    int i, k;

    for (i = 0; i < 3; i++)
        for (k = 0; k < 3; k++) c[i][k] = pair->corner[i][k][lane];
    for (k = 0; k < 3; k++) {
        facet_low[k] = fmin(c[0][k], fmin(c[1][k], c[2][k]));
        facet_high[k] = fmax(c[0][k], fmax(c[1][k], c[2][k]));
    }
    if (!overlaps(facet_low, facet_high, low, high)) return false;
    normal = kmi_cross(kmi_vec(c[1][0] - c[0][0], c[1][1] - c[0][1], c[1][2] - c[0][2]),
                       kmi_vec(c[2][0] - c[0][0], c[2][1] - c[0][1], c[2][2] - c[0][2]));
    for (k = 0; k < 3; k++) {
        double n = k == 0 ? normal.x : k == 1 ? normal.y : normal.z;
        distance += n * (0.5 * (low[k] + high[k]) - c[0][k]);
        reach += fabs(n) * 0.5 * (high[k] - low[k]);
        extent = fmax(extent, facet_high[k] - facet_low[k]);
        far += fabs(c[0][k]) + fabs(low[k]) + fabs(high[k]);
    }
    return !(fabs(distance) > reach + PLANE_SLACK * extent * extent * far);
}

bool kmi_mesh_touches_box(const kmi_mesh *self, const kmi_box3 *box)
{
    const double low[3] = {box->low.x, box->low.y, box->low.z}, high[3] = {box->high.x, box->high.y, box->high.z};
    uint32_t stack[KMI_BVH_STACK];
    size_t depth = 0;

    stack[depth++] = 0;
    while (depth > 0) {
        const kmi_bvh_node *node = &self->bvh.nodes[stack[--depth]];
        int i, k;
        for (i = 0; i < KMI_BVH_WIDTH; i++) {
            bool apart = false;
            for (k = 0; k < 3; k++) /* an empty child's box is inside out: apart from anything */
                apart |= !((double)node->bounds[0][k][i] <= high[k] && (double)node->bounds[1][k][i] >= low[k]);
            if (apart) continue;
            if (node->child[i] & KMI_BVH_LEAF_BIT) {
                uint32_t leaf = node->child[i] & ~KMI_BVH_LEAF_BIT, pairs = (leaf & 3) + 1, p;
                for (p = 0; p < pairs; p++) {
                    const kmi_bvh_pair *pair = &self->bvh.pairs[(leaf >> 2) + p];
                    if (facet_touches(pair, 0, low, high) || facet_touches(pair, 1, low, high)) return true;
                }
            } else {
                stack[depth++] = node->child[i];
            }
        }
    }
    return false;
}
