/*
 * Writing a scene: see scene_write.h. Numbers are the shortest that read back the same; what was normalised when it was
 * made is not changed by being normalised again; so what is read is the same scene to the bit.
 */
#include "simulation/scene_write.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "emission/source.h"
#include "emission/spectrum.h"
#include "geometry/overlap.h"
#include "physics/material.h"
#include "physics/xrl.h"
#include "simulation/json_write.h"
#include "simulation/scene_shapes.h"

/* ---- matter ---- */

static bool is_same(const kmi_material *a, const kmi_material *b)
{
    return b != NULL && a->density == b->density && a->count == b->count &&
           memcmp(a->z, b->z, a->count * sizeof *a->z) == 0 &&
           memcmp(a->fraction, b->fraction, a->count * sizeof *a->fraction) == 0;
}

/* By NIST's name or the formula if that is what it is called and what it is; else by mass fractions. */
static kma_status put_material(kmi_json_writer *json, const kmi_material *m, const char *key)
{
    kma_status status = KMA_OK;
    kmi_material *nist = NULL, *formula = NULL;
    size_t i;

    KMI_TRY(kmi_material_find_nist(m->name, &nist));
    status = kmi_material_new_formula(m->name, m->name, m->density, &formula);
    if (status != KMA_ERR_ARGUMENT) KMI_TRY(status); /* its name is no formula */
    status = KMA_OK;
    kmi_json_begin(json, key, '{');
    if (is_same(m, nist) && strcmp(m->name, nist->name) == 0) {
        kmi_json_put_text(json, "nist", m->name);
    } else if (is_same(m, formula)) {
        kmi_json_put_text(json, "formula", m->name);
        kmi_json_put_number(json, "density", m->density);
    } else {
        kmi_json_begin(json, "fractions", '{');
        for (i = 0; i < m->count; i++) kmi_json_put_number(json, kma_element_symbol(m->z[i]), m->fraction[i]);
        kmi_json_end(json);
        kmi_json_put_number(json, "density", m->density);
    }
    kmi_json_end(json);
cleanup:
    kmi_material_destroy(nist);
    kmi_material_destroy(formula);
    return status;
}

static kma_status put_spectrum(kmi_json_writer *json, const kmi_spectrum *s, const char *key, const char *file)
{
    const double *energies = kmi_spectrum_energies(s), *weights = kmi_spectrum_weights(s);
    size_t n = kmi_spectrum_count(s);
    double low = kmi_spectrum_min(s), high = kmi_spectrum_max(s);

    if (low < KMI_XRL_ENERGY_MIN || high > KMI_XRL_ENERGY_MAX)
        return kmi_fail(KMA_ERR_STATE, "%s is from %g to %g MeV: a scene file holds energies from %g to %g MeV, those "
                        "with cross-sections", key, low, high, KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX);
    kmi_json_begin(json, key, '{');
    if (file != NULL) {
        kmi_json_put_text(json, "file", file);
    } else if (kmi_spectrum_kind(s) == KMA_SPECTRUM_LINES && n == 1 && weights[0] == 1) {
        kmi_json_put_number(json, "energy", energies[0]);
    } else {
        kmi_json_put_numbers(json, kmi_spectrum_kind(s) == KMA_SPECTRUM_LINES ? "energies" : "edges", energies,
                             kmi_spectrum_energy_count(s));
        kmi_json_put_numbers(json, "weights", weights, n);
    }
    kmi_json_end(json);
    return KMA_OK;
}

/* ---- volumes ---- */

static void put_shape(kmi_json_writer *json, const kmi_scene_parts *parts, const kmi_volume *v)
{
    const char *table;
    double d[5];

    switch (kmi_solid_dimensions(&v->solid, d)) {
    case KMA_SHAPE_BOX:
        kmi_json_begin(json, "box", '{');
        kmi_json_put_numbers(json, "size", d, 3);
        break;
    case KMA_SHAPE_ORB:
        kmi_json_begin(json, "orb", '{');
        kmi_json_put_number(json, "radius", d[0]);
        break;
    case KMA_SHAPE_TUBE:
        kmi_json_begin(json, "tube", '{');
        if (d[0] != 0) kmi_json_put_number(json, "inner_radius", d[0]);
        kmi_json_put_number(json, "outer_radius", d[1]);
        kmi_json_put_number(json, "length", d[2]);
        if (d[3] != 0) kmi_json_put_number(json, "phi_start", d[3]);
        if (v->solid.u.tube.wedge != 0) kmi_json_put_number(json, "phi_delta", d[4]);
        break;
    case KMA_SHAPE_MESH:
        kmi_json_begin(json, "mesh", '{');
        kmi_json_put_text(json, "file", kmi_part_name(&parts->meshes, v->solid.u.mesh.mesh));
        break;
    case KMA_SHAPE_IMAGE:
        kmi_json_begin(json, "image", '{');
        kmi_json_put_text(json, "file", kmi_part_name(&parts->images, v->image));
        table = kmi_part_name(&parts->ct_tables, v->ct_table);
        kmi_json_put_text(json, "ct_table", table == NULL ? "schneider" : table);
        break;
    }
    kmi_json_end(json);
}

static void put_volume(kmi_json_writer *json, const kmi_scene_parts *parts, size_t index)
{
    const kmi_volume *v = parts->volumes.objects[index];
    const char *key = parts->volumes.names[index];

    kmi_json_begin(json, key, '{');
    if (strcmp(key, v->name) != 0) kmi_json_put_text(json, "name", v->name);
    put_shape(json, parts, v);
    if (v->image == NULL)
        kmi_json_put_text(json, "material", v->material == NULL ? "vacuum" : kmi_part_name(&parts->materials, v->material));
    kmi_json_end(json);
}

static void put_vector(kmi_json_writer *json, const char *key, kmi_vec3 v)
{
    const double numbers[3] = {v.x, v.y, v.z};

    kmi_json_put_numbers(json, key, numbers, 3);
}

static void put_placement(kmi_json_writer *json, const kmi_scene_parts *parts, const kmi_scene_placed *p)
{
    static const kmi_vec3 zero = {0, 0, 0};

    kmi_json_begin(json, NULL, '{');
    kmi_json_put_text(json, "volume", parts->volumes.names[p->daughter]);
    kmi_json_put_text(json, "in", parts->volumes.names[p->mother]);
    if (memcmp(&p->frame.translation, &zero, sizeof zero) != 0) put_vector(json, "translation", p->frame.translation);
    if (p->frame.rotated) kmi_json_put_numbers(json, "rotation", p->frame.rotation, 9);
    kmi_json_end(json);
}

/* ---- sources ---- */

static void put_point(kmi_json_writer *json, const kma_source_options *o)
{
    const double size[2] = {o->field_width, o->field_height};

    if (o->emission == KMA_EMISSION_CONE) {
        kmi_json_begin(json, "cone", '{');
        kmi_json_put_number(json, "half_angle", o->half_angle);
        kmi_json_end(json);
    } else if (o->emission == KMA_EMISSION_FIELD) {
        kmi_json_begin(json, "field", '{');
        kmi_json_put_numbers(json, "size", size, 2);
        kmi_json_put_number(json, "distance", o->field_distance);
        kmi_json_put_numbers(json, "up", o->up, 3);
        kmi_json_end(json);
    } else {
        kmi_json_put_truth(json, "isotropic", true);
    }
}

static void put_parallel(kmi_json_writer *json, const kma_source_options *o)
{
    const double size[2] = {o->field_width, o->field_height};

    if (o->field == KMA_FIELD_DISC) {
        kmi_json_put_number(json, "radius", o->field_radius);
    } else {
        kmi_json_put_numbers(json, "size", size, 2);
        kmi_json_put_numbers(json, "up", o->up, 3);
    }
}

static void put_source(kmi_json_writer *json, const kmi_scene_parts *parts, const kmi_source *source)
{
    static const char *const types[] = {"", "point", "pencil", "parallel"}; /* by kma_source_kind */
    kma_source_options o;

    kmi_source_get_options(source, &o);
    kmi_json_begin(json, NULL, '{');
    kmi_json_put_text(json, "type", types[o.kind]);
    kmi_json_put_numbers(json, "position", o.position, 3);
    if (o.kind != KMA_SOURCE_POINT || o.emission != KMA_EMISSION_ISOTROPIC)
        kmi_json_put_numbers(json, "direction", o.direction, 3);
    if (o.kind == KMA_SOURCE_POINT) put_point(json, &o);
    if (o.kind == KMA_SOURCE_PARALLEL) put_parallel(json, &o);
    kmi_json_put_text(json, "spectrum", kmi_part_name(&parts->spectra, kmi_source_spectrum(source)));
    if (o.weight != 1) kmi_json_put_number(json, "weight", o.weight);
    kmi_json_end(json);
}

/* ---- scorers ---- */

static void put_grid(kmi_json_writer *json, const kmi_grid *grid)
{
    kmi_json_begin(json, "grid", '{');
    kmi_json_put_counts(json, "count", grid->count, 3);
    kmi_json_put_numbers(json, "spacing", grid->spacing, 3);
    kmi_json_put_numbers(json, "origin", grid->origin, 3);
    kmi_json_put_numbers(json, "direction", grid->direction, 9);
    kmi_json_end(json);
}

static void put_detector(kmi_json_writer *json, const kmi_detector *detector)
{
    kmi_json_begin(json, "detector", '{');
    put_vector(json, "centre", detector->centre);
    put_vector(json, "u", detector->u);
    put_vector(json, "v", detector->v);
    kmi_json_put_counts(json, "pixels", detector->count, 2);
    kmi_json_put_numbers(json, "pixel_size", detector->pixel, 2);
    kmi_json_put_truth(json, "absorbs", detector->absorbs);
    kmi_json_end(json);
}

static void put_scorer(kmi_json_writer *json, const kmi_scene_parts *parts, const kmi_scorer *s)
{
    kmi_json_begin(json, s->name, '{');
    switch (s->kind) {
    case KMA_SCORER_VOXELS: kmi_json_put_text(json, "voxels", kmi_part_name(&parts->volumes, s->volume)); break;
    case KMA_SCORER_VOLUME: kmi_json_put_text(json, "volume", kmi_part_name(&parts->volumes, s->volume)); break;
    case KMA_SCORER_GRID: put_grid(json, &s->grid); break;
    case KMA_SCORER_DETECTOR: put_detector(json, &s->detector); break;
    }
    kmi_json_end(json);
}

/* ---- all ---- */

static void put_settings(kmi_json_writer *json, const kmi_scene_parts *parts, const kma_scene_write_options *o)
{
    static const char *const actions[] = {"refuse", "warn", "ignore"}; /* by kma_overlap_action */

    kmi_json_put_count(json, "kerma", KMI_SCENE_FORMAT);
    if (o->title != NULL && o->title[0] != '\0') kmi_json_put_text(json, "title", o->title);
    kmi_json_put_count(json, "seed", o->seed);
    kmi_json_put_count(json, "histories", o->histories);
    kmi_json_put_number(json, "cut_energy", parts->cut_energy);
    if (parts->overlap_action == KMA_OVERLAPS_REFUSE && parts->overlap_points == KMI_OVERLAP_POINTS) return;
    kmi_json_begin(json, "overlaps", '{');
    kmi_json_put_text(json, "action", actions[parts->overlap_action]);
    kmi_json_put_count(json, "points", parts->overlap_points);
    kmi_json_end(json);
}

static kma_status put_scene(kmi_json_writer *json, const kmi_scene_parts *parts, char *const *spectrum_files,
                            const kma_scene_write_options *options)
{
    kma_status status = KMA_OK;
    const kmi_part_list *materials = &parts->materials, *spectra = &parts->spectra;
    size_t i;

    kmi_json_begin(json, NULL, '{');
    put_settings(json, parts, options);
    kmi_json_begin(json, "materials", '{');
    for (i = 0; i < materials->count; i++) KMI_TRY(put_material(json, materials->objects[i], materials->names[i]));
    kmi_json_end(json);
    kmi_json_begin(json, "spectra", '{');
    for (i = 0; i < spectra->count; i++)
        KMI_TRY(put_spectrum(json, spectra->objects[i], spectra->names[i], spectrum_files[i]));
    kmi_json_end(json);
    kmi_json_begin(json, "volumes", '{');
    for (i = 0; i < parts->volumes.count; i++) put_volume(json, parts, i);
    kmi_json_end(json);
    kmi_json_put_text(json, "world", parts->volumes.names[0]);
    kmi_json_begin(json, "placements", '[');
    for (i = 0; i < parts->placed_count; i++) put_placement(json, parts, &parts->placed[i]);
    kmi_json_end(json);
    kmi_json_begin(json, "sources", '[');
    for (i = 0; i < parts->source_count; i++) put_source(json, parts, parts->sources[i]);
    kmi_json_end(json);
    kmi_json_begin(json, "scorers", '{');
    for (i = 0; i < parts->scorer_count; i++) put_scorer(json, parts, parts->scorers[i]);
    kmi_json_end(json);
    kmi_json_end(json);
cleanup:
    return status;
}

static kma_status check_size(const kmi_json_writer *json, const kmi_scene_parts *parts, const char *path)
{
    uint64_t values, bytes;

    kmi_json_written(json, &values, &bytes);
    if (values <= KMI_JSON_VALUES_MAX && bytes < KMI_JSON_SIZE_MAX) return KMA_OK;
    return kmi_fail(KMA_ERR_STATE, "%s: with %zu volumes and %zu placements it would have %llu values in %llu bytes: at "
                    "most %d and %d are read", path, parts->volumes.count, parts->placed_count,
                    (unsigned long long)values, (unsigned long long)bytes, KMI_JSON_VALUES_MAX, KMI_JSON_SIZE_MAX);
}

static kma_status make_folder(const char *folder, bool *made_out)
{
    *made_out = mkdir(folder, 0777) == 0;
    if (*made_out || errno == EEXIST) return KMA_OK;
    return kmi_file_fail("cannot make the directory", folder, errno);
}

kma_status kmi_scene_write(kmi_scene_parts *parts, const kma_scene_write_options *options, const char *path)
{
    kma_status status = KMA_OK;
    char **spectrum_files = kmi_alloc_array(parts->spectra.count + 1, sizeof *spectrum_files), *folder = NULL;
    kmi_file_batch *batch = NULL;
    kmi_json_writer *json = NULL;
    bool made = false;
    size_t i;

    if (spectrum_files == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to write it", path));
    KMI_TRY(kmi_scene_name_parts(parts));
    KMI_TRY(kmi_scene_name_files(parts, path, spectrum_files, &folder));
    KMI_TRY(kmi_file_batch_new(&batch));
    KMI_TRY(kmi_json_open(path, &json)); /* first: where this cannot be, no directory is made */
    KMI_TRY(put_scene(json, parts, spectrum_files, options));
    KMI_TRY(check_size(json, parts, path));
    if (folder != NULL) {
        KMI_TRY(make_folder(folder, &made));
        KMI_TRY(kmi_scene_write_files(parts, spectrum_files, folder, batch));
    }
    KMI_TRY(kmi_json_set_aside(&json, batch)); /* the last to be put in place */
    KMI_TRY(kmi_file_batch_commit(&batch));
    made = false;
cleanup:
    kmi_json_discard(json);
    kmi_file_batch_discard(batch);
    if (made) (void)rmdir(folder); /* somebody else may have put a file there by now */
    for (i = 0; spectrum_files != NULL && i < parts->spectra.count; i++) kmi_free(spectrum_files[i]);
    kmi_free(spectrum_files);
    kmi_free(folder);
    return status;
}
