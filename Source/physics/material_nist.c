/* NIST's compounds by name, with a suggestion when the name is not quite right. */
#include "physics/material.h"

#include <string.h>

#include "base/text.h"
#include "physics/element.h"
#include "physics/xrl.h"

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Does `text` hold `part`, case ignored? */
static int holds(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text != 0; text++)
        if (strncasecmp(text, part, length) == 0) return 1;
    return 0;
}

/* Levenshtein's edit distance, case ignored; of the first bytes of long names. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[KMI_XRL_NIST_NAME_SIZE + 1];
    size_t n = strlen(a), m = strlen(b), i, j;

    if (n > KMI_XRL_NIST_NAME_SIZE) n = KMI_XRL_NIST_NAME_SIZE;
    if (m > KMI_XRL_NIST_NAME_SIZE) m = KMI_XRL_NIST_NAME_SIZE;
    for (j = 0; j <= m; j++) row[j] = j;
    for (i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (j = 1; j <= m; j++) {
            size_t cost = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < cost) cost = row[j] + 1;
            if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1;
            row[j] = cost;
        }
    }
    return row[m];
}

/* Names that hold the wanted text come first ("water" -> "Water, Liquid"), the shortest edit among them. */
static size_t distance(const char *wanted, const char *name)
{
    return edit_distance(wanted, name) + (holds(name, wanted) ? 0 : 2 * KMI_XRL_NIST_NAME_SIZE);
}

static kma_status unknown(const char *name)
{
    kma_status status = KMA_OK;
    char nearest[KMI_XRL_NIST_NAME_SIZE] = "";
    size_t best = (size_t)-1, i;
    int z;

    for (i = 0; i < kmi_xrl_nist_count(); i++) {
        kmi_xrl_nist compound;
        size_t d;
        KMI_TRY(kmi_xrl_nist_get(i, &compound));
        d = distance(name, compound.name);
        if (d >= best) continue;
        best = d;
        memcpy(nearest, compound.name, sizeof nearest);
    }
    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++) {
        size_t d = distance(name, kmi_element_name(z));
        if (d >= best) continue;
        best = d;
        strcpy(nearest, kmi_element_name(z));
    }
    status = kmi_fail(KMA_ERR_ARGUMENT, "NIST's list has no compound or element \"%.100s\"; the nearest name is \"%s\"",
                      name, nearest);
cleanup:
    return status;
}

kma_status kmi_material_find_nist(const char *name, kmi_material **out)
{
    kma_status status = KMA_OK;
    kmi_xrl_nist compound;
    double density = 0;
    double one = 1;
    size_t i;
    int z;

    *out = NULL;
    for (i = 0; i < kmi_xrl_nist_count(); i++) {
        KMI_TRY(kmi_xrl_nist_get(i, &compound));
        if (!kmi_text_is_same_word(compound.name, name)) continue;
        KMI_TRY(kmi_material_new_mass_fractions(compound.name, compound.z, compound.fraction, compound.count,
                                                compound.density, out));
        goto cleanup;
    }
    z = kmi_element_from_name(name);
    if (z == 0) z = kmi_element_from_symbol(name, strlen(name));
    if (z == 0) goto cleanup;
    KMI_TRY(kmi_xrl_density(z, &density));
    KMI_TRY(kmi_material_new_mass_fractions(kmi_element_name(z), &z, &one, 1, density, out));
cleanup:
    return status;
}

kma_status kmi_material_new_nist(const char *name, kmi_material **out)
{
    kma_status status = KMA_OK;

    *out = NULL;
    if (name == NULL || name[0] == 0) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the name is NULL or empty"));
    KMI_TRY(kmi_material_find_nist(name, out));
    if (*out == NULL) KMI_TRY(unknown(name));
cleanup:
    return status;
}
