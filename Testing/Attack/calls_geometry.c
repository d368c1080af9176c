/* Attacks on kerma/image.h, mesh.h, solid.h, volume.h and picture.h. */
#include "attack.h"

#include <stddef.h>
#include <string.h>

#include "kmt.h"

/* ---- image.h: all images of the pool have 2 x 2 x 2 voxels ---- */

CALL(kma_scalar_name, 0)
{
    assert_non_null(kma_scalar_name((kma_scalar)attack_choice(a, KMA_SCALAR_INT16)));
    return KMA_OK;
}

CALL(kma_scalar_size, 0)
{
    assert_true(kma_scalar_size((kma_scalar)attack_choice(a, KMA_SCALAR_INT16)) <= 8);
    return KMA_OK;
}

CALL(kma_image_geometry_defaults, 0)
{
    kma_image_geometry_defaults(OUT(kma_image_geometry));
    return KMA_OK;
}

static const kma_image_geometry *draw_geometry(attack *a)
{
    kma_image_geometry g;

    kma_image_geometry_defaults(&g);
    g.size = attack_size(a, g.size);
    g.count[0] = g.count[1] = 2;
    g.count[2] = attack_size(a, 2);
    if (g.count[2] == 1 || g.count[2] == 7) g.count[2] = 2; /* no more voxels than there are data */
    g.spacing[1] = attack_number(a, 10);
    g.origin[0] = attack_number(a, -5);
    g.direction[4] = attack_number(a, 1);
    return IN(&g);
}

CALL(kma_image_create, 0)
{
    static const double data[8] = {-1000, 0, 40, 300, 1000, 2000, -100, 5};
    const kma_image_geometry *g = draw_geometry(a);
    kma_scalar type = (kma_scalar)attack_choice(a, 1 + (int)attack_below(a, 10));
    return kma_image_create(g, type, IN(&data), NEW(IMAGE));
}

CALL(kma_image_retain, 0) { RETAIN(kma_image, IMAGE); }
CALL(kma_image_release, 0) { RELEASE(kma_image, IMAGE); }
CALL(kma_image_get_geometry, 0) { return kma_image_get_geometry(IMAGE, OUT(kma_image_geometry)); }
CALL(kma_image_get_type, 0) { return kma_image_get_type(IMAGE, OUT(kma_scalar)); }

CALL(kma_image_get_values, 0)
{
    double *out = OUTS(double, 8);
    return kma_image_get_values(IMAGE, out, attack_size(a, 8));
}

CALL(kma_image_get_statistics, 0)
{
    return kma_image_get_statistics(IMAGE, OUT_SIZED(kma_image_statistics));
}

CALL(kma_image_borrow, 0)
{
    kma_image image = IMAGE;
    kma_status status = kma_image_borrow(image, OUT(const void *));
    uint64_t before;

    if (status != KMA_OK) return status;
    before = atomic_exchange(&a->pool->lent[attack_below(a, KMA_KIND_END)], image.bits);
    if (before != 0) (void)kma_image_return((kma_image){before}); /* somebody may have returned it already */
    return status;
}

CALL(kma_image_return, 0)
{
    kma_image image = IMAGE;

    a->unsure = true; /* a dead name may still have a loan */
    return kma_image_return(image);
}

CALL(kma_image_point_of_index, 0)
{
    const double *index = attack_doubles(a, 3, -1, 3);
    return kma_image_point_of_index(IMAGE, index, attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, false));
}

CALL(kma_image_index_of_point, 0)
{
    const double *point = attack_doubles(a, 3, -10, 10);
    return kma_image_index_of_point(IMAGE, point, attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, false));
}

CALL(kma_image_read, SLOW) { return kma_image_read(attack_path(a, "ct.mha"), NEW(IMAGE)); }

CALL(kma_image_write, SLOW)
{
    const char *path = attack_new_path(a, attack_chance(a, 2) ? ".mha" : ".mhd");
    return kma_image_write(IMAGE, path, (kma_compression)attack_choice(a, (int)attack_below(a, 2)));
}

/* ---- mesh.h ---- */

static const double corners[4][3] = {{0, 0, 0}, {10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
static const uint32_t sides[4][3] = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};

/* A tetrahedron, mostly. */
static const uint32_t *draw_sides(attack *a, size_t *n)
{
    uint32_t these[4][3];

    memcpy(these, sides, sizeof these);
    *n = attack_chance(a, 12) ? attack_below(a, 5) : 4;
    if (attack_chance(a, 12)) these[attack_below(a, 4)][attack_below(a, 3)] = (uint32_t)attack_size(a, 1);
    a->odd = a->odd || *n != 4;
    return IN(&these);
}

CALL(kma_mesh_create_arrays, 0)
{
    size_t n;
    const uint32_t *triangles = draw_sides(a, &n);
    return kma_mesh_create_arrays(IN(&corners), 4, triangles, n, NEW(MESH));
}

CALL(kma_mesh_audit_arrays, 0)
{
    size_t n;
    const uint32_t *triangles = draw_sides(a, &n);
    return kma_mesh_audit_arrays(IN(&corners), 4, triangles, n, OUT(kma_mesh_report));
}

CALL(kma_mesh_retain, 0) { RETAIN(kma_mesh, MESH); }
CALL(kma_mesh_release, 0) { RELEASE(kma_mesh, MESH); }
CALL(kma_mesh_get_report, 0) { return kma_mesh_get_report(MESH, OUT(kma_mesh_report)); }
CALL(kma_mesh_count_facets, 0) { return kma_mesh_count_facets(MESH, OUT(size_t)); }
CALL(kma_mesh_count_vertices, 0) { return kma_mesh_count_vertices(MESH, OUT(size_t)); }
CALL(kma_mesh_get_volume, 0) { return kma_mesh_get_volume(MESH, OUT(double)); }
CALL(kma_mesh_get_surface_area, 0) { return kma_mesh_get_surface_area(MESH, OUT(double)); }

CALL(kma_mesh_get_bounds, 0)
{
    double *low = attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, false);
    return kma_mesh_get_bounds(MESH, low, attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, false));
}

CALL(kma_mesh_get_vertices, 0)
{
    double *out = OUTS(double, 12);
    return kma_mesh_get_vertices(MESH, out, attack_size(a, 4));
}

CALL(kma_mesh_get_facets, 0)
{
    uint32_t *out = OUTS(uint32_t, 12);
    return kma_mesh_get_facets(MESH, out, attack_size(a, 4));
}

CALL(kma_mesh_intersect, 0)
{
    size_t n = attack_below(a, 4);
    const double *o = attack_doubles(a, 3 * n, -20, 20), *d = attack_doubles(a, 3 * n, -1, 1);
    double *t = OUTS(double, n);
    uint32_t *facets = OUTS_OR_NULL(uint32_t, n);
    return kma_mesh_intersect(MESH, o, d, n, t, facets, OUTS_OR_NULL(uint8_t, n));
}

CALL(kma_mesh_inside, 0)
{
    size_t n = attack_below(a, 4);
    const double *points = attack_doubles(a, 3 * n, -2, 12);
    return kma_mesh_inside(MESH, points, n, OUTS(uint8_t, n));
}

CALL(kma_mesh_nearest, 0)
{
    size_t n = attack_below(a, 4);
    const double *points = attack_doubles(a, 3 * n, -2, 12);
    double *distance = OUTS(double, n);
    return kma_mesh_nearest(MESH, points, n, distance, OUTS_OR_NULL(uint32_t, n));
}

CALL(kma_mesh_read_stl, SLOW)
{
    const char *path = attack_path(a, "part.stl");
    return kma_mesh_read_stl(path, attack_number(a, 1), NEW(MESH));
}

CALL(kma_mesh_audit_stl, SLOW)
{
    const char *path = attack_path(a, "part.stl");
    return kma_mesh_audit_stl(path, attack_number(a, 1), OUT(kma_mesh_report));
}

CALL(kma_mesh_builder_create, 0) { return kma_mesh_builder_create(NEW(MESH_BUILDER)); }
CALL(kma_mesh_builder_retain, 0) { RETAIN(kma_mesh_builder, MESH_BUILDER); }
CALL(kma_mesh_builder_release, 0) { RELEASE(kma_mesh_builder, MESH_BUILDER); }
CALL(kma_mesh_builder_count_facets, 0) { return kma_mesh_builder_count_facets(MESH_BUILDER, OUT(size_t)); }

CALL(kma_mesh_builder_add_triangle, CLOSED_REFUSED)
{
    const uint32_t *side = sides[attack_below(a, 4)];
    const double *p = attack_in(a, corners[side[0]], sizeof *corners, false);
    const double *q = attack_in(a, corners[side[1]], sizeof *corners, false);
    const double *r = attack_in(a, corners[side[2]], sizeof *corners, false);
    return kma_mesh_builder_add_triangle(MESH_BUILDER, p, q, r);
}

CALL(kma_mesh_builder_add_quadrangle, CLOSED_REFUSED)
{
    static const double square[4][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}};
    const double *p = IN(&square[0]), *q = IN(&square[1]), *r = IN(&square[2]), *s = IN(&square[3]);
    return kma_mesh_builder_add_quadrangle(MESH_BUILDER, p, q, r, s);
}

CALL(kma_mesh_builder_close, CLOSED_REFUSED)
{
    kma_mesh_builder builder = MESH_BUILDER;
    kma_status status;
    int i;

    /* A builder that nobody else touched can be closed. */
    for (i = 0; i < 4 && attack_chance(a, 8) == false; i++)
        (void)kma_mesh_builder_add_triangle(builder, corners[sides[i][0]], corners[sides[i][1]], corners[sides[i][2]]);
    kmi_error_clear();
    status = kma_mesh_builder_close(builder, NEW(MESH));
    if (status == KMA_OK) attack_is_closed(a, KMA_KIND_MESH_BUILDER, builder.bits);
    return status;
}

/* ---- solid.h ---- */

CALL(kma_solid_create_box, 0)
{
    const double size[3] = {5, 6, attack_number(a, 7)};
    return kma_solid_create_box(IN(&size), NEW(SOLID));
}

CALL(kma_solid_create_orb, 0) { return kma_solid_create_orb(attack_number(a, 4), NEW(SOLID)); }

CALL(kma_solid_create_tube, 0)
{
    double inner = attack_number(a, 1), outer = attack_number(a, 2), length = attack_number(a, 8);
    double start = attack_number(a, 0.5);
    return kma_solid_create_tube(inner, outer, length, start, attack_number(a, 2), NEW(SOLID));
}

CALL(kma_solid_create_tessellated, 0) { return kma_solid_create_tessellated(MESH, NEW(SOLID)); }
CALL(kma_solid_retain, 0) { RETAIN(kma_solid, SOLID); }
CALL(kma_solid_release, 0) { RELEASE(kma_solid, SOLID); }
CALL(kma_solid_get_volume, 0) { return kma_solid_get_volume(SOLID, OUT(double)); }
CALL(kma_solid_get_surface_area, 0) { return kma_solid_get_surface_area(SOLID, OUT(double)); }

CALL(kma_solid_get_bounds, 0)
{
    double *low = attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, false);
    return kma_solid_get_bounds(SOLID, low, attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, false));
}

CALL(kma_shape_name, 0)
{
    assert_non_null(kma_shape_name((kma_shape)attack_choice(a, 2)));
    return KMA_OK;
}

CALL(kma_solid_get_shape, 0) { return kma_solid_get_shape(SOLID, OUT(kma_shape)); }

CALL(kma_solid_get_dimensions, 0)
{
    return kma_solid_get_dimensions(SOLID, attack_out(a, 5 * sizeof(double), 0, ATTACK_STRUCT, false));
}

CALL(kma_solid_get_mesh, GETS_NAMES) { return kma_solid_get_mesh(SOLID, OLD(MESH)); }

#define POINTS                                                                                  \
    size_t n = attack_below(a, 4);                                                              \
    const double *points = attack_doubles(a, 3 * n, -8, 8)
#define DIRECTIONS const double *directions = attack_doubles(a, 3 * n, -1, 1)

CALL(kma_solid_is_inside, 0)
{
    POINTS;
    return kma_solid_is_inside(SOLID, points, n, OUTS(uint8_t, n));
}

CALL(kma_solid_distance_to_in, 0)
{
    POINTS;
    DIRECTIONS;
    return kma_solid_distance_to_in(SOLID, points, directions, n, OUTS(double, n));
}

CALL(kma_solid_distance_to_out, 0)
{
    POINTS;
    DIRECTIONS;
    return kma_solid_distance_to_out(SOLID, points, directions, n, OUTS(double, n));
}

CALL(kma_solid_safety_to_in, 0)
{
    POINTS;
    return kma_solid_safety_to_in(SOLID, points, n, OUTS(double, n));
}

CALL(kma_solid_safety_to_out, 0)
{
    POINTS;
    return kma_solid_safety_to_out(SOLID, points, n, OUTS(double, n));
}

CALL(kma_solid_get_normal, 0)
{
    POINTS;
    return kma_solid_get_normal(SOLID, points, n, OUTS(double, 3 * n));
}

/* ---- volume.h ---- */

CALL(kma_volume_create, 0)
{
    const char *name = attack_text(a, "part");
    kma_solid solid = SOLID;
    return kma_volume_create(name, solid, MATERIAL_OR_NONE, NEW(VOLUME));
}

CALL(kma_volume_create_image, 0)
{
    const char *name = attack_text(a, "patient");
    kma_image image = IMAGE;
    return kma_volume_create_image(name, image, CT_TABLE, NEW(VOLUME));
}

CALL(kma_volume_retain, 0) { RETAIN(kma_volume, VOLUME); }
CALL(kma_volume_release, 0) { RELEASE(kma_volume, VOLUME); }

CALL(kma_volume_place, 0)
{
    static const double turn[9] = {0, 1, 0, -1, 0, 0, 0, 0, 1};
    const double translation[3] = {1, attack_number(a, 2), 3};
    const double *t = IN_OR_NULL(&translation), *r = IN_OR_NULL(&turn);
    kma_volume mother = VOLUME;
    return kma_volume_place(mother, VOLUME, t, r);
}

CALL(kma_volume_get_name, 0)
{
    size_t room = attack_chance(a, 4) ? attack_below(a, 8) : 256;
    char *buffer = attack_out(a, room, 0, ATTACK_TEXT, false);
    size_t *length = OUT_OR_NULL(size_t);

    if (buffer == NULL && attack_chance(a, 2)) room = 0;
    if (room < 200) a->odd = true;
    return kma_volume_get_name(VOLUME, buffer, room, length);
}

CALL(kma_volume_count_placements, 0) { return kma_volume_count_placements(VOLUME, OUT(size_t)); }

CALL(kma_volume_get_placement, GETS_NAMES)
{
    kma_volume volume = VOLUME, *daughter = OLD(VOLUME);
    double *t = attack_out(a, 3 * sizeof(double), 0, ATTACK_STRUCT, true);

    if (attack_chance(a, 4)) { /* few have one by chance */
        kma_volume inside = {atomic_load(&a->pool->owned[KMA_KIND_VOLUME][attack_below(a, POOL_SLOTS)])};
        (void)kma_volume_place(volume, inside, NULL, NULL);
        kmi_error_clear();
    }
    return kma_volume_get_placement(volume, attack_size(a, 0), daughter, t, attack_out(a, 9 * sizeof(double), 0, ATTACK_STRUCT, true));
}

CALL(kma_volume_get_solid, GETS_NAMES) { return kma_volume_get_solid(VOLUME, OLD(SOLID)); }

CALL(kma_volume_get_material, GETS_NAMES | MAY_NAME_NONE)
{
    return kma_volume_get_material(VOLUME, OLD(MATERIAL));
}

CALL(kma_volume_get_image, GETS_NAMES) { return kma_volume_get_image(VOLUME, OLD(IMAGE)); }
CALL(kma_volume_get_ct_table, GETS_NAMES) { return kma_volume_get_ct_table(VOLUME, OLD(CT_TABLE)); }

/* ---- picture.h ---- */

CALL(kma_picture_options_defaults, 0)
{
    kma_picture_options_defaults(OUT(kma_picture_options));
    return KMA_OK;
}

CALL(kma_picture_write, SLOW)
{
    kma_picture_options options;
    const kma_picture_options *given;
    kma_image field = IMAGE;

    kma_picture_options_defaults(&options);
    options.size = attack_size(a, options.size);
    options.axis = attack_choice(a, (int)attack_below(a, 3));
    options.slice = attack_size(a, 1);
    options.opacity = attack_number(a, 0.5);
    options.magnify = attack_below(a, 3);
    options.title = attack_text(a, "A slice");
    if (options.title == NULL) options.title = "";
    given = IN_OR_NULL(&options);
    return kma_picture_write(field, IMAGE_OR_NONE, given, attack_new_path(a, ".png"));
}
