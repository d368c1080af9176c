/* Sources and scorers of a scene file. */
#include <string.h>

#include "base/handle.h"
#include "simulation/file_names.h"
#include "simulation/read.h"
#include "simulation/shape.h"

/* ---- sources ---- */

/* What holds the values that the options' names speak of, for the place of a fault. */
static kma_status fill_point(const kmi_reader *r, const kmi_json *s, kma_source_options *o, const kmi_json **part)
{
    const kmi_json *cone = kmi_json_member(s, "cone"), *field = kmi_json_member(s, "field");
    const kmi_json *isotropic = kmi_json_member(s, "isotropic");
    double size[2] = {0, 0};

    o->kind = KMA_SOURCE_POINT;
    if (isotropic != NULL && !isotropic->truth)
        return kmi_json_fail(r->document, isotropic->offset, "'isotropic' is false (say 'cone' or 'field' instead)");
    if (cone != NULL) {
        o->emission = KMA_EMISSION_CONE;
        o->half_angle = kmi_read_number(cone, "half_angle", 0);
        *part = cone;
    }
    if (field != NULL) {
        o->emission = KMA_EMISSION_FIELD;
        kmi_read_numbers(field, "size", size, 2);
        o->field_width = size[0];
        o->field_height = size[1];
        o->field_distance = kmi_read_number(field, "distance", 0);
        kmi_read_numbers(field, "up", o->up, 3);
        *part = field;
    }
    return KMA_OK;
}

static void fill_parallel(const kmi_json *s, kma_source_options *o)
{
    double size[2] = {0, 0};

    o->kind = KMA_SOURCE_PARALLEL;
    o->field = KMA_FIELD_RECTANGLE;
    kmi_read_numbers(s, "size", size, 2);
    o->field_width = size[0];
    o->field_height = size[1];
    kmi_read_numbers(s, "up", o->up, 3);
    if (kmi_json_member(s, "radius") == NULL) return;
    o->field = KMA_FIELD_DISC;
    o->field_radius = kmi_read_number(s, "radius", 0);
}

static kma_status add_source(const kmi_reader *r, const kmi_json *s)
{
    kma_status status = KMA_OK;
    const kmi_json *part = s;
    const char *type = kmi_json_member(s, "type")->text;
    kma_source_options o;
    kma_spectrum spectrum;
    kma_source source = {0};

    KMI_TRY(kma_source_options_defaults(&o));
    KMI_TRY(kmi_read_find(r, kmi_json_member(s, "spectrum"), KMA_KIND_SPECTRUM, &spectrum.bits));
    kmi_read_numbers(s, "position", o.position, 3);
    kmi_read_numbers(s, "direction", o.direction, 3);
    o.weight = kmi_read_number(s, "weight", 1);
    if (strcmp(type, "point") == 0) {
        KMI_TRY(fill_point(r, s, &o, &part));
    } else if (strcmp(type, "parallel") == 0) {
        fill_parallel(s, &o);
    } else {
        o.kind = KMA_SOURCE_PENCIL;
    }
    status = kma_source_create(&o, spectrum, &source);
    if (status != KMA_OK && part != s && kmi_read_speaks_of(part)) KMI_TRY(kmi_read_blame(r, part, status));
    KMI_TRY(kmi_read_blame(r, s, status));
    KMI_TRY(kmi_read_keep(r, s, KMA_KIND_SOURCE, source.bits));
    KMI_TRY(kma_scene_add_source(r->simulation->scene, source));
cleanup:
    return status;
}

kma_status kmi_read_sources(const kmi_reader *r, const kmi_json *list)
{
    return kmi_read_each(r, list, add_source);
}

/* ---- scorers ---- */

/* The fault is in the scorer's name or in `value`. */
static kma_status blame(const kmi_reader *r, const kmi_json *m, const kmi_json *value, kma_status status)
{
    if (status != KMA_OK && strncmp(kma_error_message(), "the scorer's name", 17) == 0)
        return kmi_json_blame(r->document, m->key_offset, status);
    return kmi_read_blame(r, value, status);
}

static kma_status make_grid(const kmi_reader *r, const kmi_json *m, const kmi_json *grid, kma_scorer *out)
{
    kma_image_geometry geometry;

    kma_image_geometry_defaults(&geometry);
    kmi_read_wholes(grid, "count", geometry.count, 3);
    kmi_read_numbers(grid, "spacing", geometry.spacing, 3);
    kmi_read_numbers(grid, "origin", geometry.origin, 3);
    kmi_read_numbers(grid, "direction", geometry.direction, 9);
    return blame(r, m, grid, kma_scorer_create_grid(m->key, &geometry, out));
}

static kma_status make_detector(const kmi_reader *r, const kmi_json *m, const kmi_json *detector, kma_scorer *out)
{
    const kmi_json *absorbs = kmi_json_member(detector, "absorbs");
    kma_detector_options options;

    kma_detector_options_defaults(&options);
    kmi_read_numbers(detector, "centre", options.centre, 3);
    kmi_read_numbers(detector, "u", options.u, 3);
    kmi_read_numbers(detector, "v", options.v, 3);
    kmi_read_wholes(detector, "pixels", options.count, 2);
    kmi_read_numbers(detector, "pixel_size", options.pixel_size, 2);
    options.absorbs = absorbs == NULL || absorbs->truth;
    return blame(r, m, detector, kma_scorer_create_detector(m->key, &options, out));
}

static kma_status make_scorer(const kmi_reader *r, const kmi_json *m, kma_scorer *out)
{
    kma_status status = KMA_OK;
    const kmi_json *voxels = kmi_json_member(m, "voxels"), *volume = kmi_json_member(m, "volume");
    const kmi_json *grid = kmi_json_member(m, "grid"), *detector = kmi_json_member(m, "detector");
    const kmi_json *name = voxels != NULL ? voxels : volume;
    kma_volume named = {0};
    char file_name[KMI_FILE_NAME_SIZE];

    status = kmi_file_name(m->key, "", file_name); /* before, not after, the run */
    KMI_TRY(kmi_json_blame(r->document, m->key_offset, status));
    if (name != NULL) KMI_TRY(kmi_read_find(r, name, KMA_KIND_VOLUME, &named.bits));
    if (voxels != NULL) {
        KMI_TRY(blame(r, m, voxels, kma_scorer_create_voxels(m->key, named, out)));
    } else if (volume != NULL) {
        KMI_TRY(blame(r, m, volume, kma_scorer_create_volume(m->key, named, out)));
    } else if (grid != NULL) {
        KMI_TRY(make_grid(r, m, grid, out));
    } else {
        KMI_TRY(make_detector(r, m, detector, out));
    }
cleanup:
    return status;
}

static kma_status add_scorer(const kmi_reader *r, const kmi_json *m)
{
    kma_status status = KMA_OK;
    kma_scorer scorer = {0};

    KMI_TRY(make_scorer(r, m, &scorer));
    KMI_TRY(kmi_read_keep(r, m, KMA_KIND_SCORER, scorer.bits));
    KMI_TRY(kmi_json_blame(r->document, m->key_offset, kma_scene_add_scorer(r->simulation->scene, scorer)));
cleanup:
    return status;
}

kma_status kmi_read_scorers(const kmi_reader *r, const kmi_json *map)
{
    return kmi_read_each(r, map, add_scorer);
}
