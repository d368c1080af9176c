/*
 * Lines through a mesh: the watertight triangle test and the walk down the tree.
 *
 * The line's largest direction component becomes z, and every vertex v is
 * mapped by the same arithmetic to the plane across the line,
 *     (x, y) = ((v - o)_kx - sx (v - o)_kz, (v - o)_ky - sy (v - o)_kz),
 * so that all triangles around a vertex see the same two doubles (Woop, Benthin,
 * Wald, JCGT 2 (2013) 65). On which side of an edge the line (0, 0) passes is
 * then the sign of ax*by - ay*bx. It is decided exactly: products round
 * monotonically, so that different rounded products are certain; equal ones are
 * compared as 128-bit integers; an exact zero is broken as if the line stood at
 * (e, e^2) with an infinitesimal e (simulation of simplicity: Edelsbrunner and
 * Muecke, ACM TOG 9 (1990) 66). The mapped mesh is a closed surface folded into the plane, and its
 * signed count of layers over a point in general position is zero.
 *
 * The boxes must not lose a hit of that test. With u = 2^-53 and M the largest
 * |v - o|, a vertex in the plane is wrong by less than 8uM, so that a hit
 * triangle comes within 16uM of the true line. The boxes are grown by far more
 * (margin, 128uM) and a hit's t is held within the line's stay in the triangle's own box
 * grown by half of it, so that no box around it can end before it or begin
 * behind it. The boxes are tested in float from a point of the line that is moved
 * close to the mesh: every t there is >= 0, the start is rounded outward, and
 * three roundings of 2^-24 are covered by the factor SLACK (Ize, JCGT 2 (2013) 12).
 */
#include <emmintrin.h>
#include <math.h>
#include <string.h>

#include "geometry/mesh_parts.h"

static const double MARGIN = 0x1p-46;   /* 128 u */
static const double MARGIN_MIN = 1e-30; /* mm: keeps float differences normal numbers */
static const double PARALLEL = 1e-30;   /* a direction component below it is counted as this */
static const double REACH_MAX = 1e30;   /* mm: float boxes end somewhere */
static const float SLACK = 1.0f + 0x1p-20f;
enum { HIT_COST = 8 }; /* of a facet that is hit, in pairs that are missed: some 75 and 9 ns */

/* ---- the triangle ---- */

/* |x| = mantissa * 2^exponent with bit 52 of the mantissa set, or 0. */
static uint64_t take_apart(double x, int *exponent)
{
    uint64_t bits, mantissa;
    int shift;

    memcpy(&bits, &x, sizeof bits);
    mantissa = bits & ((UINT64_C(1) << 52) - 1);
    *exponent = (int)(bits >> 52 & 0x7ff);
    if (*exponent != 0) return mantissa | UINT64_C(1) << 52;
    if (mantissa == 0) return 0;
    shift = __builtin_clzll(mantissa) - 11; /* subnormal */
    *exponent = 1 - shift;
    return mantissa << shift;
}

/* |a b| = mantissa * 2^exponent (and a constant) with bit 105 of the mantissa set; returns the sign of a b. */
static int exact_product(double a, double b, unsigned __int128 *mantissa, int *exponent)
{
    int ea = 0, eb = 0;

    *mantissa = (unsigned __int128)take_apart(a, &ea) * take_apart(b, &eb);
    *exponent = ea + eb;
    if (*mantissa == 0) return 0;
    if (*mantissa >> 105 == 0) {
        *mantissa <<= 1;
        --*exponent;
    }
    return (a < 0) == (b < 0) ? 1 : -1;
}

/* Sign of a b - c d, exactly. */
static int compare_products(double a, double b, double c, double d)
{
    unsigned __int128 m1, m2;
    int e1, e2, s1 = exact_product(a, b, &m1, &e1), s2 = exact_product(c, d, &m2, &e2);

    if (s1 != s2) return s1 > s2 ? 1 : -1;
    if (s1 == 0) return 0;
    if (e1 != e2) return e1 > e2 ? s1 : -s1;
    return m1 == m2 ? 0 : m1 > m2 ? s1 : -s1;
}

/* On which side of the edge a-b the line passes: +1 left, -1 right; 0 only if a and b coincide. */
static int edge_side(const double a[2], const double b[2])
{
    double p = a[0] * b[1], q = a[1] * b[0];
    int sign;

    if (p != q) return p > q ? 1 : -1;
    sign = compare_products(a[0], b[1], a[1], b[0]);
    if (sign != 0) return sign;
    if (a[1] != b[1]) return a[1] > b[1] ? 1 : -1;
    if (a[0] != b[0]) return b[0] > a[0] ? 1 : -1;
    return 0;
}

/* fmin and fmax are calls into libm; nothing here is a nan. */
static inline double smaller(double a, double b) { return a < b ? a : b; }
static inline double larger(double a, double b) { return a > b ? a : b; }

/* Facet `lane` of a pair: +1 the line leaves through it, -1 enters, 0 misses it. */
static int hit_facet(const kmi_mesh_line *line, const kmi_bvh_pair *pair, int lane, double *t_out)
{
    double p[3][2], z[3], weight[3], sum, t, low, high;
    int axis[2] = {line->kx, line->ky};
    int side, i;

    for (i = 0; i < 3; i++) {
        double x = pair->corner[i][line->kx][lane] - line->origin[line->kx];
        double y = pair->corner[i][line->ky][lane] - line->origin[line->ky];
        z[i] = pair->corner[i][line->kz][lane] - line->origin[line->kz];
        p[i][0] = x - line->sx * z[i];
        p[i][1] = y - line->sy * z[i];
        z[i] = line->sz * z[i];
    }
    side = edge_side(p[0], p[1]);
    if (side == 0 || edge_side(p[1], p[2]) != side || edge_side(p[2], p[0]) != side) return 0;

    /* Each weight is of the right sign or zero: the exact sign was `side`, and rounding is monotonic. */
    weight[0] = p[1][0] * p[2][1] - p[1][1] * p[2][0];
    weight[1] = p[2][0] * p[0][1] - p[2][1] * p[0][0];
    weight[2] = p[0][0] * p[1][1] - p[0][1] * p[1][0];
    sum = weight[0] + weight[1] + weight[2];
    t = sum == 0 ? (z[0] + z[1] + z[2]) / 3 : (weight[0] * z[0] + weight[1] * z[1] + weight[2] * z[2]) / sum;

    low = smaller(z[0], smaller(z[1], z[2]));
    high = larger(z[0], larger(z[1], z[2]));
    for (i = 0; i < 2; i++) { /* the stay in the facet's own box, half the margin wider */
        int k = axis[i];
        const double(*c)[3][2] = pair->corner;
        double inverse = line->inverse[k], o = line->origin[k], half = 0.5 * line->margin;
        double v0 = c[0][k][lane], v1 = c[1][k][lane], v2 = c[2][k][lane];
        double near = (smaller(v0, smaller(v1, v2)) - half - o) * inverse;
        double far = (larger(v0, larger(v1, v2)) + half - o) * inverse;
        low = larger(low, smaller(near, far));
        high = smaller(high, larger(near, far));
    }
    *t_out = smaller(larger(t, low), high);
    return side;
}

/* Which of the two facets the line may hit: a bit each. The same arithmetic as above; a facet is
 * dropped only if two rounded products differ to the left and two to the right, which is certain. */
static int hit_pair(const kmi_mesh_line *line, const kmi_bvh_pair *pair)
{
    const __m128d ox = _mm_set1_pd(line->origin[line->kx]), oy = _mm_set1_pd(line->origin[line->ky]),
                  oz = _mm_set1_pd(line->origin[line->kz]), sx = _mm_set1_pd(line->sx), sy = _mm_set1_pd(line->sy),
                  zero = _mm_setzero_pd();
    __m128d x[3], y[3], u, v, w, left, right;
    int i;

    for (i = 0; i < 3; i++) {
        __m128d z = _mm_sub_pd(_mm_loadu_pd(pair->corner[i][line->kz]), oz);
        x[i] = _mm_sub_pd(_mm_sub_pd(_mm_loadu_pd(pair->corner[i][line->kx]), ox), _mm_mul_pd(sx, z));
        y[i] = _mm_sub_pd(_mm_sub_pd(_mm_loadu_pd(pair->corner[i][line->ky]), oy), _mm_mul_pd(sy, z));
    }
    u = _mm_sub_pd(_mm_mul_pd(x[1], y[2]), _mm_mul_pd(y[1], x[2]));
    v = _mm_sub_pd(_mm_mul_pd(x[2], y[0]), _mm_mul_pd(y[2], x[0]));
    w = _mm_sub_pd(_mm_mul_pd(x[0], y[1]), _mm_mul_pd(y[0], x[1]));
    left = _mm_cmpgt_pd(_mm_max_pd(_mm_max_pd(u, v), w), zero);
    right = _mm_cmplt_pd(_mm_min_pd(_mm_min_pd(u, v), w), zero);
    return 3 & ~_mm_movemask_pd(_mm_and_pd(left, right));
}

/* ---- the line ---- */

bool kmi_mesh_line_start(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, kmi_mesh_line *out)
{
    const double o[3] = {origin.x, origin.y, origin.z}, d[3] = {direction.x, direction.y, direction.z};
    const double low[3] = {self->bounds.low.x, self->bounds.low.y, self->bounds.low.z};
    const double high[3] = {self->bounds.high.x, self->bounds.high.y, self->bounds.high.z};
    double reach = 0, sum = 0; /* the sum keeps a nan */
    int i, swap;

    out->kz = fabs(d[0]) >= fabs(d[1]) ? 0 : 1;
    if (!(fabs(d[out->kz]) >= fabs(d[2]))) out->kz = 2;
    for (i = 0; i < 3; i++) {
        double r = self->reach[i] + fabs(o[i]);
        reach = larger(reach, r);
        sum += r;
        out->origin[i] = o[i];
        out->direction[i] = d[i];
        out->inverse[i] = 1.0 / (fabs(d[i]) >= PARALLEL ? d[i] : d[i] < 0 ? -PARALLEL : PARALLEL);
    }
    if (!(sum <= REACH_MAX) || !(fabs(d[out->kz]) > 0) || !(fabs(d[0]) + fabs(d[1]) + fabs(d[2]) < INFINITY))
        return false;
    out->margin = MARGIN * reach + MARGIN_MIN;

    out->kx = (out->kz + 1) % 3;
    out->ky = (out->kz + 2) % 3;
    if (d[out->kz] < 0) { /* keeps the handedness: left of an edge stays left */
        swap = out->kx;
        out->kx = out->ky;
        out->ky = swap;
    }
    out->sz = 1.0 / d[out->kz];
    out->sx = d[out->kx] / d[out->kz];
    out->sy = d[out->ky] / d[out->kz];

    out->low = -INFINITY;
    out->high = INFINITY;
    for (i = 0; i < 3; i++) {
        double a = (low[i] - 2 * out->margin - o[i]) * out->inverse[i];
        double b = (high[i] + 2 * out->margin - o[i]) * out->inverse[i];
        out->low = larger(out->low, smaller(a, b));
        out->high = smaller(out->high, larger(a, b));
    }
    return out->low <= out->high;
}

/* ---- the walk ---- */

/* The float image of the line for t >= base. */
typedef struct walk {
    double base;
    __m128 near_start[3], far_start[3]; /* the start, rounded up where that makes the box nearer */
    __m128 near_inverse[3], far_inverse[3];
    int sign[3]; /* 1: the upper plane is the near one */
} walk;

typedef struct entry {
    float t;
    uint32_t child;
} entry;

static void walk_start(walk *self, const kmi_mesh_line *line, double base)
{
    int i;
    self->base = base;
    for (i = 0; i < 3; i++) {
        double p = line->origin[i] + base * line->direction[i];
        float above = (float)(p + line->margin), below = (float)(p - line->margin);
        float inverse = (float)line->inverse[i];
        above += fabsf(above) * 0x1p-23f; /* the conversion rounded by half of it at most */
        below -= fabsf(below) * 0x1p-23f;
        self->sign[i] = inverse < 0;
        self->near_start[i] = _mm_set1_ps(self->sign[i] ? below : above);
        self->far_start[i] = _mm_set1_ps(self->sign[i] ? above : below);
        self->near_inverse[i] = _mm_set1_ps(inverse);
        self->far_inverse[i] = _mm_set1_ps(inverse * SLACK);
    }
}

static float walk_limit(const walk *self, double t)
{
    float f = (float)(t - self->base) * SLACK;
    return f > 0 ? f : 0;
}

/* Down from a node to the nearest leaf; what is met on the way and lies farther waits on the stack.
 * False if it met nothing. */
static inline bool walk_down(const walk *self, const kmi_bvh_node *nodes, uint32_t *child, float limit, entry *stack,
                             int *depth_io)
{
    int depth = *depth_io;

    while ((*child & KMI_BVH_LEAF_BIT) == 0) {
        const kmi_bvh_node *node = &nodes[*child];
        float t[KMI_BVH_WIDTH];
        unsigned hit = 0;
        int quad, bottom = depth;

        for (quad = 0; quad < KMI_BVH_WIDTH; quad += 4) {
            __m128 near = _mm_setzero_ps(), far = _mm_set1_ps(limit);
            int i;
            for (i = 0; i < 3; i++) {
                __m128 a = _mm_load_ps(node->bounds[self->sign[i]][i] + quad);
                __m128 b = _mm_load_ps(node->bounds[1 - self->sign[i]][i] + quad);
                near = _mm_max_ps(near, _mm_mul_ps(_mm_sub_ps(a, self->near_start[i]), self->near_inverse[i]));
                far = _mm_min_ps(far, _mm_mul_ps(_mm_sub_ps(b, self->far_start[i]), self->far_inverse[i]));
            }
            _mm_storeu_ps(t + quad, near);
            hit |= (unsigned)_mm_movemask_ps(_mm_cmple_ps(near, far)) << quad;
        }
        if (hit == 0) return false;
        while ((hit & (hit - 1)) != 0) { /* all but one: sorted in, nearest on top */
            int i = __builtin_ctz(hit), k = depth++;
            hit &= hit - 1;
            for (; k > bottom && stack[k - 1].t < t[i]; k--) stack[k] = stack[k - 1];
            stack[k] = (entry){t[i], node->child[i]};
        }
        *child = node->child[__builtin_ctz(hit)];
        if (depth > bottom && stack[depth - 1].t < t[__builtin_ctz(hit)]) {
            entry last = {t[__builtin_ctz(hit)], *child};
            int k = depth - 1;
            *child = stack[k].child;
            for (; k > bottom && stack[k - 1].t < last.t; k--) stack[k] = stack[k - 1];
            stack[k] = last;
        }
        *depth_io = depth;
    }
    return true;
}

bool kmi_mesh_line_next(const kmi_mesh *self, const kmi_mesh_line *line, double t_min, uint32_t facet_min, double t_max,
                        kmi_mesh_hit *out)
{
    entry stack[KMI_BVH_STACK];
    walk w;
    int depth = 1;
    float limit;
    bool found = false;
    kmi_mesh_hit best = {line->high < t_max ? line->high : t_max, KMI_BVH_NO_FACET, false};

    walk_start(&w, line, t_min > line->low ? t_min : line->low);
    if (!(w.base <= best.t && t_min <= best.t)) return false; /* a nan ends here */
    limit = walk_limit(&w, best.t);
    stack[0] = (entry){0, 0};
    while (depth > 0) {
        entry e = stack[--depth];
        uint32_t i, end;
        if (e.t > limit || !walk_down(&w, self->bvh.nodes, &e.child, limit, stack, &depth)) continue;
        i = (e.child & ~KMI_BVH_LEAF_BIT) >> 2;
        for (end = i + (e.child & 3) + 1; i < end; i++) {
            const kmi_bvh_pair *pair = &self->bvh.pairs[i];
            int maybe = hit_pair(line, pair), lane, side;
            for (lane = 0; lane < 2; lane++) {
                double t = 0;
                if ((maybe >> lane & 1) == 0 || pair->facet[lane] == KMI_BVH_NO_FACET) continue;
                side = hit_facet(line, pair, lane, &t);
                if (side == 0 || t < t_min || t > best.t) continue;
                if (t == t_min && (facet_min == KMI_BVH_NO_FACET || pair->facet[lane] <= facet_min)) continue;
                if (t == best.t && pair->facet[lane] > best.facet) continue;
                best = (kmi_mesh_hit){t, pair->facet[lane], side > 0};
                found = true;
                limit = walk_limit(&w, t);
            }
        }
    }
    if (found) *out = best;
    return found;
}

size_t kmi_mesh_line_visit(const kmi_mesh *self, const kmi_mesh_line *line, double t_min, double t_max,
                           kmi_mesh_visit_fn *visit, void *context)
{
    entry stack[KMI_BVH_STACK];
    walk w;
    int depth = 1;
    float limit;
    size_t looked_at = 1;
    double last = line->high < t_max ? line->high : t_max;

    walk_start(&w, line, t_min > line->low ? t_min : line->low);
    if (!(w.base <= last && t_min <= last)) return looked_at;
    limit = walk_limit(&w, last);
    stack[0] = (entry){0, 0};
    while (depth > 0) {
        entry e = stack[--depth];
        uint32_t i, end;
        if (!walk_down(&w, self->bvh.nodes, &e.child, limit, stack, &depth)) continue;
        i = (e.child & ~KMI_BVH_LEAF_BIT) >> 2;
        looked_at += (e.child & 3) + 1;
        for (end = i + (e.child & 3) + 1; i < end; i++) {
            const kmi_bvh_pair *pair = &self->bvh.pairs[i];
            int maybe = hit_pair(line, pair), lane, side;
            for (lane = 0; lane < 2; lane++) {
                double t = 0;
                if ((maybe >> lane & 1) == 0 || pair->facet[lane] == KMI_BVH_NO_FACET) continue;
                side = hit_facet(line, pair, lane, &t);
                looked_at += HIT_COST;
                if (side == 0 || !(t > t_min) || !(t <= t_max)) continue;
                visit(&(kmi_mesh_hit){t, pair->facet[lane], side > 0}, context);
            }
        }
    }
    return looked_at;
}
