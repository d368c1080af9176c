/* Attacks on kerma/base.h, material.h, ct_table.h, spectrum.h and source.h. */
#include "attack.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "kmt.h"

/* ---- base.h ---- */

CALL(kma_status_name, 0)
{
    assert_non_null(kma_status_name((kma_status)attack_choice(a, 3)));
    return KMA_OK;
}

CALL(kma_status_text, 0)
{
    assert_non_null(kma_status_text((kma_status)attack_choice(a, 3)));
    return KMA_OK;
}

CALL(kma_error_message, 0)
{
    assert_non_null(kma_error_message());
    return KMA_OK;
}

CALL(kma_version, 0)
{
    assert_true(strlen(kma_version()) >= 5);
    return KMA_OK;
}

CALL(kma_live_objects, 0)
{
    int kind = attack_choice(a, KMA_KIND_MATERIAL);
    size_t n = kma_live_objects((kma_kind)kind);

    if (kind == KMA_KIND_MATERIAL) assert_true(n >= 1); /* the anchor */
    if (kind <= 0 || kind >= KMA_KIND_END) assert_true(n == 0);
    return KMA_OK;
}

static void *never_alloc(size_t size, void *context)
{
    (void)size;
    (void)context;
    return NULL;
}

/* The anchor lives: no allocator may be taken. */
CALL(kma_set_allocator, 0)
{
    a->odd = true;
    assert_true(kma_set_allocator(attack_chance(a, 2) ? never_alloc : NULL, NULL, NULL, NULL) != KMA_OK);
    return kma_set_allocator(never_alloc, NULL, NULL, NULL);
}

static void drop_log(kma_log_level level, const char *text, void *context)
{
    (void)context;
    if ((int)level < 0 || text == NULL) abort();
}

static int go_on(void *context)
{
    (void)context;
    return 0;
}

/* It stays: the long calls of this thread ask it. Those that are ended are kma_inventory_create()'s. */
CALL(kma_set_thread_poll, 0)
{
    kma_set_thread_poll(attack_chance(a, 2) ? go_on : NULL, NULL);
    return KMA_OK;
}

CALL(kma_set_log_sink, 0)
{
    return kma_set_log_sink(attack_chance(a, 2) ? drop_log : NULL, NULL);
}

CALL(kma_shutdown, SLOW)
{
    kma_status status;

    if (!attack_chance(a, 8)) return KMA_OK;
    status = kma_shutdown();
    attack_all_closed(a, KMA_KIND_RUN_MANAGER);
    a->odd = true; /* a worker_end observer may have failed it */
    return status;
}

/* ---- material.h ---- */

CALL(kma_material_create_nist, 0)
{
    return kma_material_create_nist(attack_text(a, "Water, Liquid"), NEW(MATERIAL));
}

CALL(kma_material_create_formula, 0)
{
    const char *name = attack_text(a, "salt"), *formula = attack_text(a, "NaCl");
    return kma_material_create_formula(name, formula, attack_number(a, 2.1), NEW(MATERIAL));
}

CALL(kma_material_create_mass_fractions, 0)
{
    static const int z[2] = {1, 8};
    static const double fraction[2] = {0.11, 0.89};
    const int *these = IN(&z);
    const double *those = IN(&fraction);
    size_t n = attack_chance(a, 12) ? attack_below(a, 3) : 2; /* the caller's promise: no more than there are */

    a->odd = a->odd || n != 2;
    return kma_material_create_mass_fractions(attack_text(a, "water"), these, those, n, attack_number(a, 1),
                                              NEW(MATERIAL));
}

CALL(kma_material_retain, 0) { RETAIN(kma_material, MATERIAL); }
CALL(kma_material_release, 0) { RELEASE(kma_material, MATERIAL); }

/* A buffer for a text, its room, and where its length goes. */
#define TEXT_ARGUMENTS                                                                          \
    size_t room = attack_chance(a, 4) ? attack_below(a, 8) : 256;                               \
    char *buffer = attack_out(a, room, 0, ATTACK_TEXT, false);                                         \
    size_t *length = OUT_OR_NULL(size_t);                                                       \
    if (buffer == NULL && attack_chance(a, 2)) room = 0;                                        \
    if (room < 200) a->odd = true

CALL(kma_material_get_name, 0)
{
    TEXT_ARGUMENTS;
    return kma_material_get_name(MATERIAL, buffer, room, length);
}

CALL(kma_material_get_density, 0) { return kma_material_get_density(MATERIAL, OUT(double)); }
CALL(kma_material_count_elements, 0) { return kma_material_count_elements(MATERIAL, OUT(size_t)); }

CALL(kma_material_get_element, 0)
{
    int *z = OUT(int);
    return kma_material_get_element(MATERIAL, attack_size(a, 0), z, OUT(double));
}

CALL(kma_material_get_attenuation, 0)
{
    return kma_material_get_attenuation(MATERIAL, attack_number(a, 0.06), OUT(kma_attenuation));
}

CALL(kma_material_count_nist, 0) { return kma_material_count_nist(OUT(size_t)); }

CALL(kma_material_get_nist_name, 0)
{
    TEXT_ARGUMENTS;
    return kma_material_get_nist_name(attack_size(a, 17), buffer, room, length);
}

/* ---- ct_table.h ---- */

CALL(kma_ct_table_create_builtin, 0) { return kma_ct_table_create_builtin(NEW(CT_TABLE)); }

CALL(kma_ct_table_create, 0)
{
    size_t n = attack_chance(a, 12) ? attack_below(a, 3) : 2;
    kma_ct_row rows[2] = {{-1000, 0, 0.001, 1, n > 0 ? MATERIAL : a->pool->anchor},
                          {0, attack_number(a, 3000), 1, 2.5, n > 1 ? MATERIAL : a->pool->anchor}};
    const kma_ct_row *given = IN(&rows);

    a->odd = a->odd || n != 2;
    return kma_ct_table_create(given, n, NEW(CT_TABLE));
}

CALL(kma_ct_table_read_csv, SLOW) { return kma_ct_table_read_csv(attack_path(a, "table.csv"), NEW(CT_TABLE)); }
CALL(kma_ct_table_retain, 0) { RETAIN(kma_ct_table, CT_TABLE); }
CALL(kma_ct_table_release, 0) { RELEASE(kma_ct_table, CT_TABLE); }

CALL(kma_ct_table_get_range, 0)
{
    double *low = OUT(double);
    return kma_ct_table_get_range(CT_TABLE, low, OUT(double));
}

CALL(kma_ct_table_count_materials, 0) { return kma_ct_table_count_materials(CT_TABLE, OUT(size_t)); }

CALL(kma_ct_table_count_rows, 0) { return kma_ct_table_count_rows(CT_TABLE, OUT(size_t)); }

CALL(kma_ct_table_get_row, 0)
{
    kma_ct_row *row = OUT(kma_ct_row);
    return kma_ct_table_get_row(CT_TABLE, attack_size(a, 0), row, OUT(size_t));
}

CALL(kma_ct_table_get_material, 0)
{
    kma_material *out = NEW(MATERIAL);
    return kma_ct_table_get_material(CT_TABLE, attack_size(a, 0), out);
}

CALL(kma_ct_table_convert, 0)
{
    size_t *material = OUT(size_t);
    double *density = OUT(double);
    return kma_ct_table_convert(CT_TABLE, attack_number(a, 40), material, density, OUT_OR_NULL(int));
}

/* ---- spectrum.h ---- */

CALL(kma_spectrum_create_mono, 0) { return kma_spectrum_create_mono(attack_number(a, 0.06), NEW(SPECTRUM)); }

CALL(kma_spectrum_create_lines, 0)
{
    const double energy[3] = {0.03, 0.06, attack_number(a, 0.1)}, weight[3] = {1, 2, attack_number(a, 3)};
    const double *these = IN(&energy), *those = IN(&weight);
    size_t n = attack_chance(a, 12) ? attack_below(a, 4) : 3;

    a->odd = a->odd || n != 3;
    return kma_spectrum_create_lines(these, those, n, NEW(SPECTRUM));
}

CALL(kma_spectrum_create_histogram, 0)
{
    const double edges[3] = {0.03, 0.06, attack_number(a, 0.1)}, weight[2] = {1, attack_number(a, 3)};
    const double *these = IN(&edges), *those = IN(&weight);
    size_t n = attack_chance(a, 12) ? attack_below(a, 3) : 2;

    a->odd = a->odd || n != 2;
    return kma_spectrum_create_histogram(these, those, n, NEW(SPECTRUM));
}

CALL(kma_spectrum_read_csv, SLOW) { return kma_spectrum_read_csv(attack_path(a, "lines.csv"), NEW(SPECTRUM)); }
CALL(kma_spectrum_retain, 0) { RETAIN(kma_spectrum, SPECTRUM); }
CALL(kma_spectrum_release, 0) { RELEASE(kma_spectrum, SPECTRUM); }
CALL(kma_spectrum_get_kind, 0) { return kma_spectrum_get_kind(SPECTRUM, OUT(kma_spectrum_kind)); }
CALL(kma_spectrum_get_count, 0) { return kma_spectrum_get_count(SPECTRUM, OUT(size_t)); }

CALL(kma_spectrum_get_energies, 0)
{
    size_t n = attack_below(a, 5);
    double *out = OUTS(double, n);
    return kma_spectrum_get_energies(SPECTRUM, n, out);
}

CALL(kma_spectrum_get_weights, 0)
{
    size_t n = attack_below(a, 5);
    double *out = OUTS(double, n);
    return kma_spectrum_get_weights(SPECTRUM, n, out);
}

CALL(kma_spectrum_get_mean_energy, 0) { return kma_spectrum_get_mean_energy(SPECTRUM, OUT(double)); }
CALL(kma_spectrum_get_min_energy, 0) { return kma_spectrum_get_min_energy(SPECTRUM, OUT(double)); }
CALL(kma_spectrum_get_max_energy, 0) { return kma_spectrum_get_max_energy(SPECTRUM, OUT(double)); }

/* ---- source.h ---- */

CALL(kma_source_options_defaults, 0) { return kma_source_options_defaults(OUT(kma_source_options)); }

CALL(kma_source_create, 0)
{
    kma_source_options options;

    assert_int_equal(kma_source_options_defaults(&options), KMA_OK);
    options.size = attack_size(a, options.size);
    options.kind = (kma_source_kind)attack_choice(a, 1 + (int)attack_below(a, 3));
    options.emission = (kma_emission)attack_choice(a, 1 + (int)attack_below(a, 3));
    options.field = (kma_field)attack_choice(a, 1 + (int)attack_below(a, 2));
    options.position[2] = attack_number(a, -150);
    options.direction[1] = attack_number(a, 0.1);
    options.half_angle = attack_number(a, 0.2);
    options.field_width = attack_number(a, 20);
    options.weight = attack_number(a, 2);
    return kma_source_create(IN(&options), SPECTRUM, NEW(SOURCE));
}

CALL(kma_source_retain, 0) { RETAIN(kma_source, SOURCE); }
CALL(kma_source_release, 0) { RELEASE(kma_source, SOURCE); }
CALL(kma_source_get_options, 0) { return kma_source_get_options(SOURCE, OUT(kma_source_options)); }
CALL(kma_source_get_spectrum, GETS_NAMES) { return kma_source_get_spectrum(SOURCE, OLD(SPECTRUM)); }
CALL(kma_source_get_solid_angle, 0) { return kma_source_get_solid_angle(SOURCE, OUT(double)); }
