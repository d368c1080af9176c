/*
 * Structs of the interface as dicts, from one table of members each. A member
 * that a header has and a table has not is found by a test.
 */
#include <stdlib.h>
#include <string.h>

#include "kmp.h"

/* clang-format off */
#define TYPE_OF(x) _Generic((x),                                                                                       \
    double: KMP_DOUBLE, double *: KMP_DOUBLE, const double *: KMP_DOUBLE,                                              \
    int32_t: KMP_INT, int32_t *: KMP_INT, uint32_t: KMP_UINT32,                                                        \
    int64_t: KMP_INT64, uint64_t: KMP_UINT64, uint64_t *: KMP_UINT64,                                                  \
    char *: KMP_TEXT, const char *: KMP_CONST_TEXT, default: KMP_STRUCT)
#define IS_ARRAY(x) _Generic((x), double *: 1, int32_t *: 1, uint64_t *: 1, default: 0)
#define IN(s, member) (((s *)0)->member)
#define F(s, member) {#member, TYPE_OF(IN(s, member)), offsetof(s, member), sizeof IN(s, member), IS_ARRAY(IN(s, member)), NULL}
#define S(s, member, table) {#member, KMP_STRUCT, offsetof(s, member), sizeof IN(s, member), 0, &table}
#define A(s, member, table) {#member, KMP_STRUCT, offsetof(s, member), sizeof IN(s, member), 1, &table}
#define END {NULL, KMP_NONE, 0, 0, 0, NULL}
#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
#define TABLE(table, s, ...) const kmp_struct table = {NAME_OF(s), sizeof(s), (const kmp_field[]){__VA_ARGS__, END}}

#define T kma_energy_ledger
static TABLE(energy_ledger, T, F(T, emitted), F(T, deposited), F(T, escaped), F(T, cut), F(T, killed), F(T, balance),
      F(T, allowed));
#undef T
#define T kma_image_geometry
TABLE(kmp_image_geometry, T, F(T, count), F(T, spacing), F(T, origin), F(T, direction));
#undef T
#define T kma_image_statistics
TABLE(kmp_image_statistics, T, F(T, values), F(T, not_finite), F(T, lowest), F(T, highest), F(T, mean));
#undef T
#define T kma_mesh_place
static TABLE(mesh_place, T, F(T, facet), F(T, from), F(T, to));
#undef T
#define T kma_mesh_report
TABLE(kmp_mesh_report, T, F(T, facets), F(T, vertices), F(T, bodies), F(T, open_edges), F(T, flipped_edges),
      F(T, nonmanifold_edges), F(T, degenerate_facets), F(T, flat_facets), F(T, duplicate_facets),
      F(T, nonfinite_vertices), F(T, bad_indices), F(T, inside_out_bodies), F(T, crossing_edges), F(T, volume),
      F(T, area), F(T, low), F(T, high), F(T, usable), S(T, first_open, mesh_place), S(T, first_flipped, mesh_place),
      S(T, first_nonmanifold, mesh_place), S(T, first_degenerate, mesh_place), S(T, first_duplicate, mesh_place),
      S(T, first_inside_out, mesh_place));
#undef T
#define T kma_attenuation
TABLE(kmp_attenuation, T, F(T, photoelectric), F(T, compton), F(T, rayleigh), F(T, total));
#undef T
#define T kma_source_options
TABLE(kmp_source_options, T, F(T, kind), F(T, position), F(T, direction), F(T, up), F(T, emission), F(T, half_angle),
      F(T, field), F(T, field_width), F(T, field_height), F(T, field_distance), F(T, field_radius), F(T, weight));
#undef T
#define T kma_detector_options
TABLE(kmp_detector_options, T, F(T, centre), F(T, u), F(T, v), F(T, count), F(T, pixel_size), F(T, absorbs));
#undef T
#define T kma_overlap
TABLE(kmp_overlap, T, F(T, kind), F(T, mother), F(T, first), F(T, second), F(T, first_placement),
      F(T, second_placement), F(T, depth), F(T, point), F(T, world));
#undef T
#define T kma_run_options
TABLE(kmp_run_options, T, F(T, threads), F(T, seed), F(T, stall_seconds), F(T, stall_descriptor));
#undef T
#define T kma_record_options
TABLE(kmp_record_options, T, F(T, block), F(T, processes));
#undef T
#define T kma_progress
TABLE(kmp_progress, T, F(T, state), F(T, histories), F(T, target), F(T, elapsed), F(T, elapsed_histories));
#undef T
#define T kma_stall
TABLE(kmp_stall, T, F(T, who), F(T, doing), F(T, seconds));
#undef T
#define T kma_placement
TABLE(kmp_placement, T, F(T, volume), F(T, mother), F(T, copy));
#undef T
#define T kma_step
TABLE(kmp_step, T, F(T, history), F(T, track), F(T, number), F(T, process), F(T, placement), F(T, next_placement),
      F(T, material), F(T, voxel), F(T, begin), F(T, end), F(T, length), F(T, direction), F(T, next_direction),
      F(T, energy), F(T, next_energy), F(T, deposited));
#undef T
#define T kma_result_info
TABLE(kmp_result_info, T, F(T, histories), F(T, first_missing), F(T, seed), F(T, scorers), F(T, cut_energy),
      S(T, ledger, energy_ledger), F(T, ct_voxels), F(T, ct_voxels_below), F(T, ct_voxels_above), F(T, scene_hash),
      F(T, fingerprint), F(T, scores_hash));
#undef T
#define T kma_result_scorer
TABLE(kmp_result_scorer, T, F(T, name), F(T, kind), F(T, bins), S(T, geometry, kmp_image_geometry));
#undef T
#define T kma_picture_options
TABLE(kmp_picture_options, T, F(T, axis), F(T, slice), F(T, map), F(T, scale), F(T, low), F(T, high), F(T, under_low),
      F(T, under_high), F(T, opacity), F(T, magnify), F(T, title), F(T, unit));
#undef T
#define T kma_summary_info
TABLE(kmp_summary_info, T, F(T, title), F(T, histories), F(T, first_missing), F(T, seed), F(T, cut_energy),
      F(T, scorers), S(T, ledger, energy_ledger), F(T, ct_voxels), F(T, ct_voxels_below), F(T, ct_voxels_above),
      F(T, kerma_version), F(T, xraylib_version), F(T, scene_hash), F(T, fingerprint), F(T, scores_hash),
      F(T, histories_per_second), F(T, wall), F(T, workers));
#undef T
#define T kma_summary_value
static TABLE(summary_value, T, F(T, name), F(T, value), F(T, uncertainty), F(T, unit));
#undef T
#define T kma_summary_scorer
TABLE(kmp_summary_scorer, T, F(T, name), F(T, kind), F(T, bins), S(T, geometry, kmp_image_geometry), F(T, values),
      A(T, value, summary_value));
#undef T
#define T kma_scene_write_options
TABLE(kmp_scene_write_options, T, F(T, title), F(T, seed), F(T, histories));
#undef T
#define T kma_inventory_info
TABLE(kmp_inventory_info, T, F(T, faults), F(T, volumes), F(T, placements), F(T, materials), F(T, images),
      F(T, sources), F(T, scorers), F(T, cut_energy), F(T, contact), F(T, geometry_bytes), F(T, image_bytes),
      F(T, table_bytes), F(T, scorer_bytes), F(T, worker_bytes), F(T, scene_hash));
#undef T
#define T kma_inventory_fault
TABLE(kmp_inventory_fault, T, F(T, status), F(T, text));
#undef T
#define T kma_inventory_volume
TABLE(kmp_inventory_volume, T, F(T, name), F(T, shape), F(T, dimensions), F(T, low), F(T, high), F(T, material),
      F(T, density), F(T, image), F(T, placements), F(T, daughters), F(T, solid_volume), F(T, volume), F(T, mass),
      F(T, mass_uncertainty), F(T, method), F(T, mass_with_daughters), S(T, mesh, kmp_mesh_report));
#undef T
#define T kma_inventory_placement
TABLE(kmp_inventory_placement, T, F(T, volume), F(T, mother), F(T, first_daughter), F(T, daughters),
      F(T, translation), F(T, rotation), F(T, low), F(T, high));
#undef T
#define T kma_inventory_material
TABLE(kmp_inventory_material, T, F(T, name), F(T, density), F(T, elements), F(T, z), F(T, fraction), F(T, volumes),
      F(T, voxels));
#undef T
#define T kma_inventory_image
TABLE(kmp_inventory_image, T, F(T, volume), S(T, geometry, kmp_image_geometry), F(T, type), F(T, voxels), F(T, lowest),
      F(T, highest), F(T, table_low), F(T, table_high), F(T, below), F(T, above), F(T, mass), F(T, materials));
#undef T
#define T kma_inventory_image_material
TABLE(kmp_inventory_image_material, T, F(T, material), F(T, voxels), F(T, mass), F(T, density_low),
      F(T, density_high));
#undef T
#define T kma_inventory_source
TABLE(kmp_inventory_source, T, S(T, options, kmp_source_options), F(T, share), F(T, mean_energy), F(T, min_energy),
      F(T, max_energy), F(T, in_world));
#undef T
#define T kma_inventory_scorer
TABLE(kmp_inventory_scorer, T, F(T, name), F(T, kind), F(T, bins), F(T, quantities), F(T, bytes),
      S(T, geometry, kmp_image_geometry), F(T, volume));
#undef T
/* clang-format on */

static const kmp_struct *const all[] = {
    &energy_ledger, &kmp_image_geometry, &kmp_image_statistics, &mesh_place, &kmp_mesh_report, &kmp_attenuation,
    &kmp_source_options, &kmp_detector_options, &kmp_overlap, &kmp_run_options, &kmp_record_options, &kmp_progress,
    &kmp_stall, &kmp_placement, &kmp_step, &kmp_result_info, &kmp_result_scorer, &kmp_picture_options,
    &kmp_summary_info, &summary_value, &kmp_summary_scorer, &kmp_scene_write_options, &kmp_inventory_info, &kmp_inventory_fault,
    &kmp_inventory_volume, &kmp_inventory_placement, &kmp_inventory_material, &kmp_inventory_image,
    &kmp_inventory_image_material, &kmp_inventory_source, &kmp_inventory_scorer,
};

static size_t size_of(const kmp_field *f)
{
    switch (f->type) {
    case KMP_INT:
    case KMP_UINT32: return 4;
    case KMP_STRUCT: return f->inner->size;
    case KMP_TEXT:
    case KMP_CONST_TEXT: return f->size;
    default: return 8;
    }
}

static PyObject *one_out(const kmp_field *f, const char *at)
{
    switch (f->type) {
    case KMP_DOUBLE: return PyFloat_FromDouble(*(const double *)(const void *)at);
    case KMP_INT: return PyLong_FromLong(*(const int32_t *)(const void *)at);
    case KMP_UINT32: return PyLong_FromUnsignedLong(*(const uint32_t *)(const void *)at);
    case KMP_INT64: return PyLong_FromLongLong(*(const int64_t *)(const void *)at);
    case KMP_UINT64:
        /* SIZE_MAX is the "none" of indices */
        return PyLong_FromUnsignedLongLong(*(const uint64_t *)(const void *)at);
    case KMP_TEXT: return PyUnicode_DecodeUTF8(at, (Py_ssize_t)strnlen(at, f->size), "replace");
    case KMP_STRUCT: return kmp_to_dict(f->inner, at);
    default: Py_RETURN_NONE;
    }
}

static PyObject *field_out(const kmp_field *f, const char *value)
{
    const char *at = value + f->offset;
    size_t one = size_of(f), n = f->size / one, i;
    PyObject *tuple;

    if (!f->is_array) return one_out(f, at);
    tuple = PyTuple_New((Py_ssize_t)n);
    for (i = 0; tuple != NULL && i < n; i++) {
        PyObject *item = one_out(f, at + i * one);
        if (item == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) != 0) Py_CLEAR(tuple);
    }
    return tuple;
}

PyObject *kmp_to_dict(const kmp_struct *type, const void *value)
{
    PyObject *dict = PyDict_New();
    const kmp_field *f;

    for (f = type->fields; dict != NULL && f->name != NULL; f++) {
        PyObject *item = field_out(f, value);
        if (item == NULL || PyDict_SetItemString(dict, f->name, item) != 0) Py_CLEAR(dict);
        Py_XDECREF(item);
    }
    return dict;
}

/* Whole numbers of any kind, NumPy's too. */
static int int_in(const kmp_field *f, PyObject *item, char *at)
{
    PyObject *number = PyNumber_Index(item);
    uint64_t wide = 0;
    int is_small = 1;

    if (number == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "%s must be a whole number, not %R", f->name, item);
        return -1;
    }
    if (f->type == KMP_INT) {
        long x = PyLong_AsLong(number);
        int32_t small = (int32_t)x;
        is_small = small == x;
        memcpy(at, &small, sizeof small);
    } else {
        wide = PyLong_AsUnsignedLongLong(number);
        if (f->type == KMP_UINT32) {
            uint32_t small = (uint32_t)wide;
            is_small = small == wide;
            memcpy(at, &small, sizeof small);
        } else {
            memcpy(at, &wide, sizeof wide);
        }
    }
    Py_DECREF(number);
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
        PyErr_Clear();
        is_small = 0;
    }
    if (is_small) return 0;
    PyErr_Format(PyExc_OverflowError, "%s does not take %R", f->name, item);
    return -1;
}

static int one_in(const kmp_field *f, PyObject *item, char *at)
{
    switch (f->type) {
    case KMP_DOUBLE: {
        double x;
        if (kmp_double(item, f->name, &x) != 0) return -1;
        memcpy(at, &x, sizeof x);
        return 0;
    }
    case KMP_INT:
    case KMP_UINT32:
    case KMP_UINT64: return int_in(f, item, at);
    case KMP_CONST_TEXT: {
        const char *text;
        if (item == Py_None) return 0;
        if (kmp_text(item, f->name, &text) != 0) return -1;
        memcpy(at, &text, sizeof text); /* the dict keeps it alive for the call */
        return 0;
    }
    default: PyErr_Format(PyExc_TypeError, "%s cannot be set", f->name); return -1;
    }
}

static int field_in(const kmp_field *f, PyObject *item, char *value)
{
    char *at = value + f->offset;
    size_t one = size_of(f), n = f->size / one, i;

    if (!f->is_array) return one_in(f, item, at);
    if (!PySequence_Check(item) || PySequence_Size(item) != (Py_ssize_t)n) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "%s must be %zu numbers, not %R", f->name, n, item);
        return -1;
    }
    for (i = 0; i < n; i++) {
        PyObject *number = PySequence_GetItem(item, (Py_ssize_t)i);
        int status = number == NULL ? -1 : one_in(f, number, at + i * one);
        Py_XDECREF(number);
        if (status != 0) return -1;
    }
    return 0;
}

int kmp_from_dict(const kmp_struct *type, PyObject *dict, void *value)
{
    PyObject *key, *item;
    Py_ssize_t at = 0;

    if (dict == Py_None) return 0;
    if (!PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%s must be a dict, not %R", type->name, (PyObject *)Py_TYPE(dict));
        return -1;
    }
    while (PyDict_Next(dict, &at, &key, &item)) {
        const kmp_field *f = type->fields;
        const char *name;
        int status;
        if (kmp_text(key, "a key", &name) != 0) return -1;
        while (f->name != NULL && strcmp(f->name, name) != 0) f++;
        if (f->name == NULL) {
            PyErr_Format(PyExc_TypeError, "%s has no member %R", type->name, key);
            return -1;
        }
        Py_INCREF(item); /* its own methods may change the dict */
        status = field_in(f, item, value);
        Py_DECREF(item);
        if (status != 0) return -1;
    }
    return 0;
}

PyObject *kmp_struct_members(void)
{
    PyObject *dict = PyDict_New();
    size_t i;

    for (i = 0; dict != NULL && i < sizeof all / sizeof all[0]; i++) {
        PyObject *names = PyList_New(0);
        const kmp_field *f;
        for (f = all[i]->fields; names != NULL && f->name != NULL; f++) {
            PyObject *name = PyUnicode_FromString(f->name);
            if (name == NULL || PyList_Append(names, name) != 0) Py_CLEAR(names);
            Py_XDECREF(name);
        }
        if (names == NULL || PyDict_SetItemString(dict, all[i]->name, names) != 0) Py_CLEAR(dict);
        Py_XDECREF(names);
    }
    return dict;
}
