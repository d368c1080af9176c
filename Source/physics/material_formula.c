/*
 * Chemical formulas. Our own parser: xraylib's changes the locale of the host
 * program. Numbers are read without strtod for the same reason.
 *
 *     formula = part { part } ;  part = ( symbol | "(" formula ")" | "[" formula "]" ) [ number ] ;
 *     number = digits [ "." digits ] ;
 */
#include "physics/material.h"

#include <string.h>

#include "physics/element.h"
#include "physics/xrl.h"

enum { DEPTH_MAX = 16, DIGITS_MAX = 15 /* an integer of so many is exact in a double */ };

typedef struct group {
    char closing;
    const char *start;
    double atoms[KMI_ELEMENTS_MAX + 1];
} group;

static int is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static int is_lower(char c) { return c >= 'a' && c <= 'z'; }
static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* `at` is told as the character's place, counted from 1. */
static kma_status wrong(const char *formula, const char *at, const char *what)
{
    return kmi_fail(KMA_ERR_ARGUMENT, "formula \"%.60s\"%s, character %zu: %s", formula,
                    strlen(formula) > 60 ? "..." : "", (size_t)(at - formula) + 1, what);
}

/* The count after an element or a group; 1 if there is none. */
static kma_status read_number(const char *formula, const char **p, double *out)
{
    static const double power[DIGITS_MAX + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *start = *p;
    double value = 0;
    int digits = 0, after_point = 0;

    *out = 1;
    if (!is_digit(**p) && **p != '.') return KMA_OK;
    if (**p == '.') return wrong(formula, *p, "a number must begin with a digit (hydrates: write them as one formula)");
    for (; is_digit(**p); (*p)++, digits++) {
        if (digits == DIGITS_MAX) return wrong(formula, start, "the number has more than 15 digits");
        value = value * 10 + (**p - '0');
    }
    if (**p == '.') {
        (*p)++;
        if (!is_digit(**p)) return wrong(formula, *p, "a digit is wanted after the point");
        for (; is_digit(**p); (*p)++, digits++, after_point++) {
            if (digits == DIGITS_MAX) return wrong(formula, start, "the number has more than 15 digits");
            value = value * 10 + (**p - '0');
        }
        if (**p == '.') return wrong(formula, *p, "the number has two points");
    }
    if (!(value > 0)) return wrong(formula, start, "the count is 0 (must be above 0)");
    *out = value / power[after_point];
    return KMA_OK;
}

static kma_status read_element(const char *formula, const char **p, int *z_out)
{
    size_t length = is_lower((*p)[1]) ? 2 : 1;

    *z_out = kmi_element_from_symbol(*p, length);
    if (*z_out == 0) return wrong(formula, *p, "there is no element with this symbol (known are H to Cf)");
    *p += length;
    return KMA_OK;
}

static int is_empty(const group *g)
{
    int z;
    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++)
        if (g->atoms[z] > 0) return 0;
    return 1;
}

kma_status kmi_formula_parse(const char *formula, double atoms_out[KMI_ELEMENTS_MAX + 1])
{
    kma_status status = KMA_OK;
    group stack[DEPTH_MAX + 1]; /* 0 is the whole formula */
    int depth = 0;
    const char *p = formula;

    memset(atoms_out, 0, (KMI_ELEMENTS_MAX + 1) * sizeof *atoms_out);
    memset(&stack[0], 0, sizeof stack[0]);
    if (formula == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "the formula is NULL");
    if (formula[0] == 0) return kmi_fail(KMA_ERR_ARGUMENT, "the formula is empty");
    while (*p != 0) {
        double count = 1;
        int z = 0;

        if (*p == '(' || *p == '[') {
            if (depth == DEPTH_MAX) KMI_TRY(wrong(formula, p, "brackets are nested more than 16 deep"));
            depth++;
            memset(&stack[depth], 0, sizeof stack[depth]);
            stack[depth].closing = *p == '(' ? ')' : ']';
            stack[depth].start = p++;
        } else if (*p == ')' || *p == ']') {
            if (depth == 0) KMI_TRY(wrong(formula, p, "this bracket was never opened"));
            if (*p != stack[depth].closing) KMI_TRY(wrong(formula, p, "the bracket is of the other kind"));
            if (is_empty(&stack[depth])) KMI_TRY(wrong(formula, p, "the brackets are empty"));
            p++;
            KMI_TRY(read_number(formula, &p, &count));
            for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++)
                stack[depth - 1].atoms[z] += count * stack[depth].atoms[z];
            depth--;
        } else if (is_upper(*p)) {
            KMI_TRY(read_element(formula, &p, &z));
            KMI_TRY(read_number(formula, &p, &count));
            stack[depth].atoms[z] += count;
        } else if (is_digit(*p)) {
            KMI_TRY(wrong(formula, p, "a count must follow an element or a bracket"));
        } else if (is_lower(*p)) {
            KMI_TRY(wrong(formula, p, "an element's symbol begins with a capital letter"));
        } else {
            KMI_TRY(wrong(formula, p, "only element symbols, numbers and brackets are allowed"));
        }
    }
    if (depth > 0) KMI_TRY(wrong(formula, stack[depth].start, "this bracket is never closed"));
    memcpy(atoms_out, stack[0].atoms, sizeof stack[0].atoms);
cleanup:
    return status;
}

kma_status kmi_material_new_formula(const char *name, const char *formula, double density, kmi_material **out)
{
    kma_status status = KMA_OK;
    double atoms[KMI_ELEMENTS_MAX + 1];
    double fraction[KMI_ELEMENTS_MAX];
    int z[KMI_ELEMENTS_MAX];
    double mass = 0;
    size_t n = 0, i;
    int e;

    *out = NULL;
    KMI_TRY(kmi_formula_parse(formula, atoms));
    for (e = KMI_ELEMENT_FIRST; e <= KMI_ELEMENT_LAST; e++) {
        if (!(atoms[e] > 0)) continue;
        z[n] = e;
        fraction[n] = atoms[e] * kmi_element_weight(e);
        mass += fraction[n++];
    }
    for (i = 0; i < n; i++) fraction[i] /= mass;
    if (density == 0) {
        if (n != 1)
            KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT,
                             "the density of \"%.60s\" is 0: only a pure element has a usual density, give it in g/cm3",
                             formula));
        KMI_TRY(kmi_xrl_density(z[0], &density));
    }
    KMI_TRY(kmi_material_new_mass_fractions(name != NULL ? name : formula, z, fraction, n, density, out));
cleanup:
    return status;
}
