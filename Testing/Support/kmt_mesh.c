/* Test meshes: see kmt_mesh.h. */
#include "kmt_mesh.h"

#include <math.h>

#include "kmt.h"

static const double PI = 3.14159265358979323846;

static kmt_mesh make(size_t vertices, size_t triangles)
{
    kmt_mesh m = {calloc(3 * vertices, sizeof(double)), calloc(3 * triangles, sizeof(uint32_t)), 0, 0};
    if (m.vertices == NULL || m.triangles == NULL) abort();
    return m;
}

static uint32_t add_vertex(kmt_mesh *m, double x, double y, double z)
{
    double *v = m->vertices + 3 * m->vertex_count;
    v[0] = x;
    v[1] = y;
    v[2] = z;
    return (uint32_t)m->vertex_count++;
}

static void add_triangle(kmt_mesh *m, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t *t = m->triangles + 3 * m->triangle_count++;
    t[0] = a;
    t[1] = b;
    t[2] = c;
}

void kmt_mesh_free(kmt_mesh *self)
{
    free(self->vertices);
    free(self->triangles);
    memset(self, 0, sizeof *self);
}

static uint32_t add_unit(kmt_mesh *m, double x, double y, double z)
{
    double n = sqrt(x * x + y * y + z * z);
    return add_vertex(m, x / n, y / n, z / n);
}

/* The middle of an edge gets a vertex for each of its two facets: equal coordinates, for the weld to find. */
static uint32_t add_middle(kmt_mesh *m, uint32_t a, uint32_t b)
{
    const double *p = m->vertices + 3 * (a < b ? a : b), *q = m->vertices + 3 * (a < b ? b : a);
    return add_unit(m, p[0] + q[0], p[1] + q[1], p[2] + q[2]);
}

kmt_mesh kmt_mesh_icosphere(int level, double radius)
{
    static const int face[20][3] = {{0, 11, 5},  {0, 5, 1},  {0, 1, 7},  {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4},
                                    {11, 10, 2}, {10, 7, 6}, {7, 1, 8},  {3, 9, 4},  {3, 4, 2},   {3, 2, 6}, {3, 6, 8},
                                    {3, 8, 9},   {4, 9, 5},  {2, 4, 11}, {6, 2, 10}, {8, 6, 7},   {9, 8, 1}};
    const double g = (1 + sqrt(5.0)) / 2;
    const double v[12][3] = {{-1, g, 0},  {1, g, 0},  {-1, -g, 0}, {1, -g, 0}, {0, -1, g},  {0, 1, g},
                             {0, -1, -g}, {0, 1, -g}, {g, 0, -1},  {g, 0, 1},  {-g, 0, -1}, {-g, 0, 1}};
    kmt_mesh m = make(12, 20);
    int i;

    for (i = 0; i < 12; i++) add_unit(&m, v[i][0], v[i][1], v[i][2]);
    for (i = 0; i < 20; i++) add_triangle(&m, (uint32_t)face[i][0], (uint32_t)face[i][1], (uint32_t)face[i][2]);
    for (i = 0; i < level; i++) {
        kmt_mesh n = make(m.vertex_count + 3 * m.triangle_count, 4 * m.triangle_count);
        size_t k;
        memcpy(n.vertices, m.vertices, 3 * m.vertex_count * sizeof(double));
        n.vertex_count = m.vertex_count;
        for (k = 0; k < m.triangle_count; k++) {
            uint32_t a = m.triangles[3 * k], b = m.triangles[3 * k + 1], c = m.triangles[3 * k + 2];
            uint32_t ab = add_middle(&n, a, b), bc = add_middle(&n, b, c), ca = add_middle(&n, c, a);
            add_triangle(&n, a, ab, ca);
            add_triangle(&n, b, bc, ab);
            add_triangle(&n, c, ca, bc);
            add_triangle(&n, ab, bc, ca);
        }
        kmt_mesh_free(&m);
        m = n;
    }
    kmt_mesh_move(&m, radius, 0, 0, 0);
    return m;
}

kmt_mesh kmt_mesh_box(double half_x, double half_y, double half_z)
{
    static const uint32_t face[12][3] = {{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6}, {0, 1, 5}, {0, 5, 4},
                                         {2, 6, 7}, {2, 7, 3}, {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5}};
    kmt_mesh m = make(8, 12);
    int i;
    for (i = 0; i < 8; i++)
        add_vertex(&m, i & 1 ? half_x : -half_x, i & 2 ? half_y : -half_y, i & 4 ? half_z : -half_z);
    for (i = 0; i < 12; i++) add_triangle(&m, face[i][0], face[i][1], face[i][2]);
    return m;
}

/* A tube around a closed curve; u of (i / around) gives the centre, v of (j / across) the way around it. */
static kmt_mesh make_tube(kmi_vec3 (*centre)(double u, double radius), double radius, double tube, int around,
                          int across)
{
    kmt_mesh m = make((size_t)around * (size_t)across, 2 * (size_t)around * (size_t)across);
    int i, j;

    for (i = 0; i < around; i++) {
        double u = 2 * PI * i / around, h = 1e-4;
        kmi_vec3 c = centre(u, radius), t = kmi_sub(centre(u + h, radius), centre(u - h, radius));
        kmi_vec3 n = kmi_cross(t, kmi_vec(-0.0, 0.0, 1.0)), b;
        n = kmi_scale(n, 1 / kmi_norm(n));
        b = kmi_cross(n, t);
        b = kmi_scale(b, 1 / kmi_norm(b));
        for (j = 0; j < across; j++) {
            double v = 2 * PI * j / across;
            kmi_vec3 p = kmi_add(c, kmi_add(kmi_scale(n, tube * cos(v)), kmi_scale(b, tube * sin(v))));
            add_vertex(&m, p.x, p.y, p.z);
        }
    }
    for (i = 0; i < around; i++) {
        for (j = 0; j < across; j++) {
            int i2 = (i + 1) % around, j2 = (j + 1) % across;
            uint32_t a = (uint32_t)(i * across + j), b = (uint32_t)(i2 * across + j);
            uint32_t c = (uint32_t)(i2 * across + j2), d = (uint32_t)(i * across + j2);
            add_triangle(&m, a, b, c);
            add_triangle(&m, a, c, d);
        }
    }
    return m;
}

static kmi_vec3 circle(double u, double radius) { return kmi_vec(radius * cos(u), radius * sin(u), 0); }

static kmi_vec3 knot(double u, double radius)
{
    double r = radius * (1 + 0.4 * cos(3 * u));
    return kmi_vec(r * cos(2 * u), r * sin(2 * u), 0.4 * radius * sin(3 * u));
}

kmt_mesh kmt_mesh_torus(double radius, double tube, int around, int across)
{
    return make_tube(circle, radius, tube, around, across);
}

kmt_mesh kmt_mesh_knot(double radius, double tube, int around, int across)
{
    return make_tube(knot, radius, tube, around, across);
}

void kmt_mesh_move(kmt_mesh *self, double scale, double x, double y, double z)
{
    size_t i;
    for (i = 0; i < self->vertex_count; i++) {
        double *v = self->vertices + 3 * i;
        v[0] = scale * v[0] + x;
        v[1] = scale * v[1] + y;
        v[2] = scale * v[2] + z;
    }
}

void kmt_mesh_turn(kmt_mesh *self)
{
    size_t i;
    for (i = 0; i < self->triangle_count; i++) {
        uint32_t *t = self->triangles + 3 * i, swap = t[1];
        t[1] = t[2];
        t[2] = swap;
    }
}

void kmt_mesh_append(kmt_mesh *self, const kmt_mesh *other)
{
    kmt_mesh m = make(self->vertex_count + other->vertex_count, self->triangle_count + other->triangle_count);
    size_t i;
    memcpy(m.vertices, self->vertices, 3 * self->vertex_count * sizeof(double));
    memcpy(m.vertices + 3 * self->vertex_count, other->vertices, 3 * other->vertex_count * sizeof(double));
    memcpy(m.triangles, self->triangles, 3 * self->triangle_count * sizeof(uint32_t));
    for (i = 0; i < 3 * other->triangle_count; i++)
        m.triangles[3 * self->triangle_count + i] = other->triangles[i] + (uint32_t)self->vertex_count;
    m.vertex_count = self->vertex_count + other->vertex_count;
    m.triangle_count = self->triangle_count + other->triangle_count;
    kmt_mesh_free(self);
    *self = m;
}

kmt_mesh kmt_mesh_soup(const kmt_mesh *self)
{
    kmt_mesh m = make(3 * self->triangle_count, self->triangle_count);
    size_t i;
    for (i = 0; i < 3 * self->triangle_count; i++) {
        const double *v = self->vertices + 3 * (size_t)self->triangles[i];
        m.triangles[i] = add_vertex(&m, v[0], v[1], v[2]);
    }
    m.triangle_count = self->triangle_count;
    return m;
}

kmi_mesh *kmt_mesh_build(const kmt_mesh *self)
{
    kmi_mesh *mesh = NULL;
    assert_ok(kmi_mesh_new(self->vertices, self->vertex_count, self->triangles, self->triangle_count, NULL, &mesh));
    return mesh;
}

kmi_vec3 kmt_mesh_point(kmi_rng *rng, kmi_vec3 low, kmi_vec3 high)
{
    double x = kmi_rng_uniform(rng), y = kmi_rng_uniform(rng), z = kmi_rng_uniform(rng);
    return kmi_vec(low.x + x * (high.x - low.x), low.y + y * (high.y - low.y), low.z + z * (high.z - low.z));
}

kmi_vec3 kmt_mesh_inside_point(kmi_rng *rng, const kmi_mesh *mesh)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    kmi_vec3 p;
    do p = kmt_mesh_point(rng, b.low, b.high);
    while (!kmi_mesh_inside(mesh, p));
    return p;
}

kmi_vec3 kmt_mesh_vertex(const kmi_mesh *mesh, uint32_t index)
{
    double v[3];
    kmi_mesh_vertex(mesh, index, v);
    return kmi_vec(v[0], v[1], v[2]);
}

typedef struct vec3l {
    long double x, y, z;
} vec3l;
static vec3l subl(vec3l a, vec3l b) { return (vec3l){a.x - b.x, a.y - b.y, a.z - b.z}; }
static long double dotl(vec3l a, vec3l b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static vec3l crossl(vec3l a, vec3l b)
{
    return (vec3l){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

static int compare_t(const void *a, const void *b)
{
    long double x = *(const long double *)a, y = *(const long double *)b;
    return (x > y) - (x < y);
}

/* The side of each edge by triple products (Pluecker), the distance by the facet's plane. */
size_t kmt_mesh_all_hits(const kmi_mesh *mesh, kmi_vec3 origin, kmi_vec3 direction, long double *t, size_t room)
{
    vec3l o = {origin.x, origin.y, origin.z}, d = {direction.x, direction.y, direction.z};
    size_t i, count = 0;
    int k;

    for (i = 0; i < kmi_mesh_facet_count(mesh); i++) {
        uint32_t index[3];
        vec3l p[3], n;
        long double u, v, w;
        kmi_mesh_facet(mesh, i, index);
        for (k = 0; k < 3; k++) {
            double c[3];
            kmi_mesh_vertex(mesh, index[k], c);
            p[k] = subl((vec3l){c[0], c[1], c[2]}, o);
        }
        u = dotl(d, crossl(p[1], p[2]));
        v = dotl(d, crossl(p[2], p[0]));
        w = dotl(d, crossl(p[0], p[1]));
        if (!((u > 0 && v > 0 && w > 0) || (u < 0 && v < 0 && w < 0))) continue;
        n = crossl(subl(p[1], p[0]), subl(p[2], p[0]));
        if (count < room) t[count++] = dotl(n, p[0]) / dotl(n, d);
    }
    qsort(t, count, sizeof *t, compare_t);
    return count;
}

double kmt_mesh_solid_angle_winding(const kmi_mesh *mesh, kmi_vec3 point)
{
    double sum = 0;
    size_t i;
    int k;

    for (i = 0; i < kmi_mesh_facet_count(mesh); i++) {
        uint32_t index[3];
        kmi_vec3 p[3];
        double a, b, c;
        kmi_mesh_facet(mesh, i, index);
        for (k = 0; k < 3; k++) {
            double v[3];
            kmi_mesh_vertex(mesh, index[k], v);
            p[k] = kmi_sub(kmi_vec(v[0], v[1], v[2]), point);
        }
        a = kmi_norm(p[0]);
        b = kmi_norm(p[1]);
        c = kmi_norm(p[2]);
        sum += 2 * atan2(kmi_dot(p[0], kmi_cross(p[1], p[2])),
                         a * b * c + kmi_dot(p[0], p[1]) * c + kmi_dot(p[1], p[2]) * a + kmi_dot(p[2], p[0]) * b);
    }
    return sum / (4 * PI);
}
