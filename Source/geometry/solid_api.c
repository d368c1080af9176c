/* The public functions of solids. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/memory.h"
#include "geometry/solid.h"

const char *kma_shape_name(kma_shape shape)
{
    switch (shape) {
    case KMA_SHAPE_BOX: return "box";
    case KMA_SHAPE_ORB: return "orb";
    case KMA_SHAPE_TUBE: return "tube";
    case KMA_SHAPE_MESH: return "mesh";
    case KMA_SHAPE_IMAGE: return "image";
    }
    return "?";
}

static void destroy(void *object)
{
    kmi_solid *s = object;

    if (s->kind == KMI_SOLID_MESH && s->u.mesh.mesh_bits != 0) kmi_handle_unpin(s->u.mesh.mesh_bits);
    kmi_free(s);
}

kma_status kmi_solid_publish(const kmi_solid *solid, kma_solid *out)
{
    kma_status status = KMA_OK;
    kmi_solid *s = kmi_alloc(sizeof *s);

    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room for a solid"));
    *s = *solid;
    KMI_TRY(kmi_handle_create(KMA_KIND_SOLID, s, destroy, &out->bits));
    s = NULL;
cleanup:
    kmi_free(s);
    return status;
}

static kma_status out_is_null(void) { return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL"); }

kma_status kma_solid_create_box(const double size[3], kma_solid *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_solid solid;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    if (size == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "size is NULL");
    KMI_TRY(kmi_solid_make_box(size, &solid));
    KMI_TRY(kmi_solid_publish(&solid, out));
cleanup:
    return status;
}

kma_status kma_solid_create_orb(double radius, kma_solid *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_solid solid;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_solid_make_orb(radius, &solid));
    KMI_TRY(kmi_solid_publish(&solid, out));
cleanup:
    return status;
}

kma_status kma_solid_create_tube(double inner_radius, double outer_radius, double length, double phi_start,
                                 double phi_delta, kma_solid *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_solid solid;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_solid_make_tube(inner_radius, outer_radius, length, phi_start, phi_delta, &solid));
    KMI_TRY(kmi_solid_publish(&solid, out));
cleanup:
    return status;
}

kma_status kma_solid_create_tessellated(kma_mesh mesh, kma_solid *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_solid solid;
    void *m = NULL;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH, mesh.bits, &m));
    kmi_solid_make_mesh(m, mesh.bits, &solid);
    KMI_TRY(kmi_solid_publish(&solid, out));
    m = NULL; /* the use has moved to the solid */
cleanup:
    if (m != NULL) kmi_handle_unpin(mesh.bits);
    return status;
}

kma_status kma_solid_retain(kma_solid self) { return kmi_handle_retain(KMA_KIND_SOLID, self.bits); }

kma_status kma_solid_release(kma_solid *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SOLID, &self->bits);
}

kma_status kma_solid_get_shape(kma_solid self, kma_shape *out)
{
    kma_status status = KMA_OK;
    double unused[5];
    void *s = NULL;

    if (out == NULL) return out_is_null();
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &s));
    *out = kmi_solid_dimensions(s, unused);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_solid_get_dimensions(kma_solid self, double out[5])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return out_is_null();
    memset(out, 0, 5 * sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &s));
    (void)kmi_solid_dimensions(s, out);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_solid_get_mesh(kma_solid self, kma_mesh *out)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_solid *s;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &object));
    s = object;
    if (s->kind != KMI_SOLID_MESH) KMI_TRY(kmi_fail(KMA_ERR_STATE, "the solid has no mesh: it is no tessellated one"));
    KMI_TRY(kmi_handle_retain(KMA_KIND_MESH, s->u.mesh.mesh_bits));
    out->bits = s->u.mesh.mesh_bits;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static kma_status measure(kma_solid self, double (*what)(const kmi_solid *), double *out)
{
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return out_is_null();
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &s));
    *out = what(s);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_solid_get_volume(kma_solid self, double *out)
{
    KMI_FLOATS;
    return measure(self, kmi_solid_volume, out);
}

kma_status kma_solid_get_surface_area(kma_solid self, double *out)
{
    KMI_FLOATS;
    return measure(self, kmi_solid_surface_area, out);
}

static void store(kmi_vec3 v, double out[3])
{
    out[0] = v.x;
    out[1] = v.y;
    out[2] = v.z;
}

kma_status kma_solid_get_bounds(kma_solid self, double low_out[3], double high_out[3])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (low_out != NULL) store(kmi_vec(0, 0, 0), low_out);
    if (high_out != NULL) store(kmi_vec(0, 0, 0), high_out);
    if (low_out == NULL || high_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "low_out or high_out is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &s));
    store(((kmi_solid *)s)->bounds.low, low_out);
    store(((kmi_solid *)s)->bounds.high, high_out);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

/* ---- array queries ---- */

/* What is asked of each point; `direction` is a unit vector or not asked for. */
typedef void query_fn(const kmi_solid *s, kmi_vec3 point, kmi_vec3 direction, size_t i, void *out);

static kma_status check_points(const double *points, size_t n)
{
    size_t i;

    if (points == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "points is NULL");
    for (i = 0; i < 3 * n; i++)
        if (!isfinite(points[i]))
            return kmi_fail(KMA_ERR_ARGUMENT, "points[%zu][%zu] is %g (must be finite)", i / 3, i % 3, points[i]);
    return KMA_OK;
}

static kma_status unit_vector(const double *directions, size_t i, kmi_vec3 *out)
{
    const double *d = directions + 3 * i;
    double scale = fmax(fabs(d[0]), fmax(fabs(d[1]), fabs(d[2])));

    /* Scaled first: the squares of any double neither overflow nor vanish. */
    if (!(isfinite(d[0]) && isfinite(d[1]) && isfinite(d[2]) && scale > 0))
        return kmi_fail(KMA_ERR_ARGUMENT, "directions[%zu] is (%g, %g, %g) (must be finite and not 0)", i, d[0], d[1],
                        d[2]);
    *out = kmi_vec(d[0] / scale, d[1] / scale, d[2] / scale);
    *out = kmi_scale(*out, 1 / kmi_norm(*out));
    return KMA_OK;
}

static kma_status ask(kma_solid self, const double *points, bool directed, const double *directions, size_t n,
                      query_fn *query, void *out, size_t out_size)
{
    kma_status status = KMA_OK;
    kmi_vec3 direction = {0, 0, 0};
    void *s = NULL;
    size_t i;

    if (n == 0) {
        KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &s));
        goto cleanup;
    }
    if (out == NULL) return out_is_null();
    memset(out, 0, n * out_size);
    KMI_TRY(check_points(points, n));
    if (directed && directions == NULL) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "directions is NULL"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, self.bits, &s));
    for (i = 0; i < n; i++) {
        if (directed) KMI_TRY(unit_vector(directions, i, &direction));
        query(s, kmi_vec(points[3 * i], points[3 * i + 1], points[3 * i + 2]), direction, i, out);
    }
cleanup:
    if (status != KMA_OK && n > 0) memset(out, 0, n * out_size);
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

/* Closer than this to the surface is on it: far above rounding, far below what anybody builds. */
static double tolerance(const kmi_solid *s)
{
    const kmi_vec3 *a = &s->bounds.low, *b = &s->bounds.high;
    double x = fmax(fabs(a->x), fabs(b->x)), y = fmax(fabs(a->y), fabs(b->y)), z = fmax(fabs(a->z), fabs(b->z));
    return fmax(1e-9, 1e-11 * fmax(x, fmax(y, z)));
}

static void ask_inside(const kmi_solid *s, kmi_vec3 p, kmi_vec3 d, size_t i, void *out)
{
    (void)d;
    ((uint8_t *)out)[i] = kmi_solid_inside(s, p);
}

static void ask_in(const kmi_solid *s, kmi_vec3 p, kmi_vec3 d, size_t i, void *out)
{
    ((double *)out)[i] = kmi_solid_entry(s, p, d, 0, INFINITY, tolerance(s));
}

static void ask_out(const kmi_solid *s, kmi_vec3 p, kmi_vec3 d, size_t i, void *out)
{
    ((double *)out)[i] = kmi_solid_exit(s, p, d, 0, tolerance(s));
}

static void ask_safety_in(const kmi_solid *s, kmi_vec3 p, kmi_vec3 d, size_t i, void *out)
{
    (void)d;
    ((double *)out)[i] = kmi_solid_safety_to_in(s, p);
}

static void ask_safety_out(const kmi_solid *s, kmi_vec3 p, kmi_vec3 d, size_t i, void *out)
{
    (void)d;
    ((double *)out)[i] = kmi_solid_safety_to_out(s, p);
}

static void ask_normal(const kmi_solid *s, kmi_vec3 p, kmi_vec3 d, size_t i, void *out)
{
    (void)d;
    store(kmi_solid_normal(s, p), (double *)out + 3 * i);
}

kma_status kma_solid_is_inside(kma_solid self, const double *points, size_t n, uint8_t *out)
{
    KMI_FLOATS;
    return ask(self, points, false, NULL, n, ask_inside, out, sizeof *out);
}

kma_status kma_solid_distance_to_in(kma_solid self, const double *points, const double *directions, size_t n,
                                    double *out)
{
    KMI_FLOATS;
    return ask(self, points, true, directions, n, ask_in, out, sizeof *out);
}

kma_status kma_solid_distance_to_out(kma_solid self, const double *points, const double *directions, size_t n,
                                     double *out)
{
    KMI_FLOATS;
    return ask(self, points, true, directions, n, ask_out, out, sizeof *out);
}

kma_status kma_solid_safety_to_in(kma_solid self, const double *points, size_t n, double *out)
{
    KMI_FLOATS;
    return ask(self, points, false, NULL, n, ask_safety_in, out, sizeof *out);
}

kma_status kma_solid_safety_to_out(kma_solid self, const double *points, size_t n, double *out)
{
    KMI_FLOATS;
    return ask(self, points, false, NULL, n, ask_safety_out, out, sizeof *out);
}

kma_status kma_solid_get_normal(kma_solid self, const double *points, size_t n, double *normals_out)
{
    KMI_FLOATS;
    return ask(self, points, false, NULL, n, ask_normal, normals_out, 3 * sizeof *normals_out);
}
