/* Materials and spectra of a scene file. */
#include <string.h>

#include "base/memory.h"
#include "physics/element.h"
#include "physics/xrl.h"
#include "simulation/read.h"
#include "simulation/shape.h"

/* ---- materials ---- */

static kma_status make_fractions(const kmi_reader *r, const kmi_json *m, double density, kma_material *out)
{
    kma_status status = KMA_OK;
    const kmi_json *map = kmi_json_member(m, "fractions"), *f;
    const char *known[KMI_ELEMENT_LAST];
    double fraction[KMI_ELEMENT_LAST];
    char nearest[KMI_NEAREST_SIZE];
    int z[KMI_ELEMENT_LAST], i;
    size_t n = 0;

    for (i = 0; i < KMI_ELEMENT_LAST; i++) known[i] = kmi_element_symbol(i + 1);
    for (f = map->first; f != NULL; f = f->next) { /* no key is there twice, so they are no more than elements */
        z[n] = kmi_element_from_symbol(f->key, strlen(f->key));
        if (z[n] == 0)
            KMI_TRY(kmi_json_fail(r->document, f->key_offset, "'%.20s' is not the symbol of an element from H to Cf%s",
                                  f->key, strlen(f->key) > 2 ? "" : kmi_nearest(f->key, known, KMI_ELEMENT_LAST, nearest)));
        fraction[n++] = f->number;
    }
    status = kma_material_create_mass_fractions(m->key, z, fraction, n, density, out);
    if (status != KMA_OK) KMI_TRY(kmi_json_blame(r->document, map->offset, status));
cleanup:
    return status;
}

static kma_status make_material(const kmi_reader *r, const kmi_json *m, kma_material *out)
{
    kma_status status = KMA_OK;
    const kmi_json *name = kmi_json_member(m, "nist"), *formula = kmi_json_member(m, "formula");
    double density = kmi_read_number(m, "density", 0);

    if (strcmp(m->key, "vacuum") == 0)
        KMI_TRY(kmi_json_fail(r->document, m->key_offset, "'vacuum' is there already: choose another name"));
    if (name != NULL) {
        status = kma_material_create_nist(name->text, out);
        KMI_TRY(kmi_json_blame(r->document, name->offset, status));
    } else if (formula != NULL) {
        status = kma_material_create_formula(m->key, formula->text, density, out);
        if (status != KMA_OK && strstr(kma_error_message(), "density") != NULL) KMI_TRY(kmi_read_blame(r, m, status));
        KMI_TRY(kmi_json_blame(r->document, formula->offset, status));
    } else {
        KMI_TRY(make_fractions(r, m, density, out));
    }
cleanup:
    return status;
}

kma_status kmi_read_materials(const kmi_reader *r, const kmi_json *map)
{
    kma_status status = KMA_OK;
    const kmi_json *m;

    for (m = map == NULL ? NULL : map->first; m != NULL; m = m->next) {
        kma_material material = {0};
        status = make_material(r, m, &material);
        KMI_TRY(kmi_read_made(r, m, KMA_KIND_MATERIAL, material.bits, status));
    }
cleanup:
    return status;
}

/* ---- spectra ---- */

static kma_status make_spectrum(const kmi_reader *r, const kmi_json *m, kma_spectrum *out)
{
    kma_status status = KMA_OK;
    const kmi_json *energies = kmi_json_member(m, "energies"), *edges = kmi_json_member(m, "edges");
    const kmi_json *weights = kmi_json_member(m, "weights"), *file = kmi_json_member(m, "file");
    const kmi_json *at = edges != NULL ? edges : energies;
    size_t wanted = at == NULL ? 0 : edges != NULL ? edges->count - 1 : energies->count;
    double *x = NULL, *w = NULL;
    char *path = NULL;

    if (file != NULL) {
        KMI_TRY(kmi_read_path(r, file, &path));
        status = kma_spectrum_read_csv(path, out);
        KMI_TRY(kmi_json_blame(r->document, file->offset, status));
    } else if (at != NULL) {
        if (weights->count != wanted)
            KMI_TRY(kmi_json_fail(r->document, weights->offset, "'weights' has %zu elements (%zu %s need %zu)", weights->count,
                                  at->count, at->key, wanted));
        KMI_TRY(kmi_read_all_numbers(r, at, &x));
        KMI_TRY(kmi_read_all_numbers(r, weights, &w));
        status = edges != NULL ? kma_spectrum_create_histogram(x, w, wanted, out)
                               : kma_spectrum_create_lines(x, w, wanted, out);
        KMI_TRY(kmi_read_blame(r, m, status));
    } else {
        status = kma_spectrum_create_mono(kmi_read_number(m, "energy", 0), out);
        KMI_TRY(kmi_read_blame(r, m, status));
    }
cleanup:
    kmi_free(path);
    kmi_free(x);
    kmi_free(w);
    return status;
}

/* A run would say so too, but not where. */
static kma_status check_energies(const kmi_reader *r, const kmi_json *m, kma_spectrum spectrum)
{
    kma_status status = KMA_OK;
    double low, high;

    KMI_TRY(kma_spectrum_get_min_energy(spectrum, &low));
    KMI_TRY(kma_spectrum_get_max_energy(spectrum, &high));
    if (low < KMI_XRL_ENERGY_MIN || high > KMI_XRL_ENERGY_MAX) {
        status = kmi_fail(KMA_ERR_PHYSICS, "the energy is from %g to %g MeV: there are cross-sections from %g to %g MeV only",
                          low, high, KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX);
        KMI_TRY(kmi_read_blame(r, m, status));
    }
cleanup:
    return status;
}

kma_status kmi_read_spectra(const kmi_reader *r, const kmi_json *map)
{
    kma_status status = KMA_OK;
    const kmi_json *m;

    for (m = map->first; m != NULL; m = m->next) {
        kma_spectrum spectrum = {0};
        status = make_spectrum(r, m, &spectrum);
        if (status == KMA_OK) status = check_energies(r, m, spectrum);
        if (status != KMA_OK) kma_spectrum_release(&spectrum);
        KMI_TRY(kmi_read_made(r, m, KMA_KIND_SPECTRUM, spectrum.bits, status));
    }
cleanup:
    return status;
}
