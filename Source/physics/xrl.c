/*
 * The one door to xraylib (4.0). A failing call of xraylib returns 0.0: a
 * photon that never interacts, in silence. So every answer is looked at here.
 * No error is asked for: xraylib makes errors with malloc and writes to them
 * also if there was no memory.
 */
#include "physics/xrl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <xraylib.h>

#include "base/memory.h"
#include "base/print.h"
#include "physics/element.h"

/* 1/Angstrom. Above, the splines of the light elements' form factors may run through 0
 * between their last table points: see kmi_xrl_form_factor. */
static const double FORM_FACTOR_TAIL = 20.0;

/* Looks at xraylib's answer. `at` says where, such as " at 0.05 MeV". */
static kma_status answer(double value, const char *what, int z, const char *at)
{
    if (value > 0 && isfinite(value)) return KMA_OK;
    return kmi_fail(KMA_ERR_PHYSICS, "xraylib has no %s of element %d (%s)%s: it answers %g (must be above 0)", what, z,
                    kmi_element_symbol(z), at, value);
}

static kma_status answer_at(double value, const char *what, int z, double argument, const char *unit)
{
    char at[64];
    if (value > 0 && isfinite(value)) return KMA_OK;
    kmi_print(at, sizeof at, " at %.9g %s", argument, unit);
    return answer(value, what, z, at);
}

static kma_status check_element(int z)
{
    if (z < KMI_ELEMENT_FIRST || z > KMI_ELEMENT_LAST)
        return kmi_fail(KMA_ERR_PHYSICS, "there are no cross-sections of element %d (must be within %d..%d)", z,
                        KMI_ELEMENT_FIRST, KMI_ELEMENT_LAST);
    return KMA_OK;
}

static kma_status cross_section(double (*function)(int, double, xrl_error **), const char *what, int z, double energy,
                                double *out)
{
    *out = function(z, energy * 1000.0, NULL); /* keV */
    return answer_at(*out, what, z, energy, "MeV");
}

kma_status kmi_xrl_attenuation_at(int z, double energy, kmi_xrl_attenuation *out)
{
    kma_status status = KMA_OK;
    kmi_xrl_attenuation a = {0, 0, 0};

    memset(out, 0, sizeof *out);
    KMI_TRY(check_element(z));
    KMI_TRY(cross_section(CS_Photo, "photoelectric cross-section", z, energy, &a.photoelectric));
    KMI_TRY(cross_section(CS_Compt, "Compton cross-section", z, energy, &a.compton));
    KMI_TRY(cross_section(CS_Rayl, "Rayleigh cross-section", z, energy, &a.rayleigh));
    *out = a;
cleanup:
    return status;
}

double kmi_xrl_photoelectric(int z, double energy)
{
    double value = CS_Photo(z, energy * 1000.0, NULL);

    return value > 0 ? value : 0;
}

/*
 * xraylib's spline of F oscillates around 0 beyond x = 30/Angstrom for H..C, Si
 * and P; negative values come without an error. |F| is below 4e-4 electrons
 * there; what is missing is continued as x^-4, the form of a hydrogenic atom's tail, from the
 * largest smaller x (in steps of 1/8) that has a value.
 */
kma_status kmi_xrl_form_factor(int z, double x, double *out)
{
    kma_status status = KMA_OK;
    double from = x;
    double f;

    *out = 0;
    KMI_TRY(check_element(z));
    if (x == 0) {
        *out = z;
        return KMA_OK;
    }
    f = FF_Rayl(z, x, NULL);
    while (!(f > 0) && from * 0.875 > FORM_FACTOR_TAIL) {
        double ratio;
        from *= 0.875;
        ratio = (from / x) * (from / x);
        f = FF_Rayl(z, from, NULL) * ratio * ratio;
    }
    KMI_TRY(answer_at(f, "form factor", z, x, "1/Angstrom"));
    *out = f;
cleanup:
    return status;
}

kma_status kmi_xrl_scattering_function(int z, double x, double *out)
{
    kma_status status = KMA_OK;
    double s;

    *out = 0;
    KMI_TRY(check_element(z));
    s = SF_Compt(z, x, NULL);
    KMI_TRY(answer_at(s, "incoherent scattering function", z, x, "1/Angstrom"));
    *out = s;
cleanup:
    return status;
}

kma_status kmi_xrl_density(int z, double *out)
{
    kma_status status = KMA_OK;
    double density;

    *out = 0;
    KMI_TRY(check_element(z));
    density = ElementDensity(z, NULL);
    KMI_TRY(answer(density, "density", z, ""));
    *out = density;
cleanup:
    return status;
}

size_t kmi_xrl_nist_count(void)
{
    return 180; /* of xraylib 4.0; a test counts them */
}

/* More than xraylib takes for a compound, in four allocations: it writes to the last two without a look. */
enum { COMPOUND_BYTES = 8192 };

kma_status kmi_xrl_nist_get(size_t index, kmi_xrl_nist *out)
{
    kma_status status = KMA_OK;
    struct compoundDataNIST *c = NULL;
    int i;

    memset(out, 0, sizeof *out);
    if (index >= kmi_xrl_nist_count())
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index %zu is not in NIST's list of %zu compounds", index,
                         kmi_xrl_nist_count()));
    if (!kmi_system_has_room(COMPOUND_BYTES))
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for NIST's compound %zu", index));
    c = GetCompoundDataNISTByIndex((int)index, NULL);
    if (c == NULL || c->name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for NIST's compound %zu", index));
    KMI_ASSERT(c->nElements > 0 && c->nElements <= KMI_XRL_NIST_ELEMENTS_MAX);
    KMI_ASSERT(strlen(c->name) < sizeof out->name);
    memcpy(out->name, c->name, strlen(c->name));
    out->density = c->density;
    out->count = (size_t)c->nElements;
    for (i = 0; i < c->nElements; i++) {
        out->z[i] = c->Elements[i];
        out->fraction[i] = c->massFractions[i];
    }
cleanup:
    if (c != NULL) FreeCompoundDataNIST(c);
    return status;
}
