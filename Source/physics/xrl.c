/*
 * The one door to xraylib (4.0). A failing call of xraylib returns 0.0: a
 * photon that never interacts, in silence. So every call here passes an error
 * and looks at it.
 */
#include "physics/xrl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <xraylib.h>

#include "physics/element.h"

/* 1/Angstrom. Above, the splines of the light elements' form factors may run through 0
 * between their last table points: see kmi_xrl_form_factor. */
static const double FORM_FACTOR_TAIL = 20.0;

/* Turns xraylib's answer into ours; frees its error. `at` says where, such as " at 0.05 MeV". */
static kma_status answer(double value, xrl_error *error, const char *what, int z, const char *at)
{
    kma_status status = KMA_OK;

    if (error != NULL)
        status = kmi_fail(KMA_ERR_PHYSICS, "there is no %s of element %d (%s)%s: %s", what, z, kmi_element_symbol(z), at,
                          error->message);
    else if (!(value > 0) || !isfinite(value))
        status = kmi_fail(KMA_ERR_PHYSICS, "the %s of element %d (%s)%s is %g (must be above 0)", what, z,
                          kmi_element_symbol(z), at, value);
    xrl_clear_error(&error);
    return status;
}

static kma_status answer_at(double value, xrl_error *error, const char *what, int z, double argument, const char *unit)
{
    char at[64];
    if (error == NULL && value > 0 && isfinite(value)) return KMA_OK;
    snprintf(at, sizeof at, " at %.9g %s", argument, unit);
    return answer(value, error, what, z, at);
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
    xrl_error *error = NULL;

    *out = function(z, energy * 1000.0, &error); /* keV */
    return answer_at(*out, error, what, z, energy, "MeV");
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
    xrl_error *error = NULL;
    double value = CS_Photo(z, energy * 1000.0, &error);

    if (error != NULL) value = 0;
    xrl_clear_error(&error);
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
    xrl_error *error = NULL;
    double from = x;
    double f;

    *out = 0;
    KMI_TRY(check_element(z));
    if (x == 0) {
        *out = z;
        return KMA_OK;
    }
    f = FF_Rayl(z, x, &error);
    while ((error != NULL || !(f > 0)) && from * 0.875 > FORM_FACTOR_TAIL) {
        double ratio;
        xrl_clear_error(&error);
        from *= 0.875;
        ratio = (from / x) * (from / x);
        f = FF_Rayl(z, from, &error) * ratio * ratio;
    }
    KMI_TRY(answer_at(f, error, "form factor", z, x, "1/Angstrom"));
    *out = f;
cleanup:
    return status;
}

kma_status kmi_xrl_scattering_function(int z, double x, double *out)
{
    kma_status status = KMA_OK;
    xrl_error *error = NULL;
    double s;

    *out = 0;
    KMI_TRY(check_element(z));
    s = SF_Compt(z, x, &error);
    KMI_TRY(answer_at(s, error, "incoherent scattering function", z, x, "1/Angstrom"));
    *out = s;
cleanup:
    return status;
}

kma_status kmi_xrl_density(int z, double *out)
{
    kma_status status = KMA_OK;
    xrl_error *error = NULL;
    double density;

    *out = 0;
    KMI_TRY(check_element(z));
    density = ElementDensity(z, &error);
    KMI_TRY(answer(density, error, "density", z, ""));
    *out = density;
cleanup:
    return status;
}

size_t kmi_xrl_nist_count(void)
{
    return 180; /* of xraylib 4.0; a test counts them */
}

kma_status kmi_xrl_nist_get(size_t index, kmi_xrl_nist *out)
{
    kma_status status = KMA_OK;
    xrl_error *error = NULL;
    struct compoundDataNIST *c = NULL;
    int i;

    memset(out, 0, sizeof *out);
    if (index >= kmi_xrl_nist_count())
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index %zu is not in NIST's list of %zu compounds", index,
                         kmi_xrl_nist_count()));
    c = GetCompoundDataNISTByIndex((int)index, &error);
    if (c == NULL)
        KMI_TRY(kmi_fail(error != NULL && error->code == XRL_ERROR_MEMORY ? KMA_ERR_MEMORY : KMA_ERR_PHYSICS,
                         "xraylib has no NIST compound %zu: %s", index, error != NULL ? error->message : "no reason"));
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
    xrl_clear_error(&error);
    return status;
}
