/* kma_result_*: handles are looked up here; the work is in result.c. */
#include <stdio.h>
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/sized.h"
#include "geometry/image.h"
#include "run/result.h"

kma_status kma_result_retain(kma_result self)
{
    return kmi_handle_retain(KMA_KIND_RESULT, self.bits);
}

kma_status kma_result_release(kma_result *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_RESULT, &self->bits);
}

kma_status kma_result_get_info(kma_result self, kma_result_info *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *result = NULL;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_result_info"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_RESULT, self.bits, &result));
    KMI_TRY(kmi_result_info(result, out));
cleanup:
    if (result != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static void describe_scorer(const kmi_scorer *s, kma_result_scorer *out)
{
    snprintf(out->name, sizeof out->name, "%s", s->name);
    out->kind = s->kind;
    out->bins = (size_t)s->bins;
    if (s->kind != KMA_SCORER_VOLUME) kmi_geometry_of_grid(&s->grid, &out->geometry);
}

kma_status kma_result_get_scorer(kma_result self, size_t index, kma_result_scorer *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_scorer_set *set;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_result_scorer"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_RESULT, self.bits, &object));
    set = ((kmi_result *)object)->plan->scorers;
    if (index >= set->count) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "scorer %zu: the result has %zu", index, set->count));
    describe_scorer(set->scorers[index].scorer, out);
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static kma_status no_such_scorer(const kmi_scorer_set *set, const char *name)
{
    char names[512] = "";
    size_t i, used = 0;

    for (i = 0; i < set->count && used + 1 < sizeof names; i++) {
        int more = snprintf(names + used, sizeof names - used, "%s'%s'", i == 0 ? "" : ", ", set->scorers[i].scorer->name);
        used += more > 0 ? (size_t)more : 0;
    }
    return kmi_fail(KMA_ERR_ARGUMENT, "no scorer is named '%s' (there are: %s)", name, names);
}

kma_status kma_result_find_scorer(kma_result self, const char *name, size_t *index_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_scorer_set *set;
    size_t i;

    if (index_out != NULL) *index_out = 0;
    if (name == NULL || index_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "name or index_out is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_RESULT, self.bits, &object));
    set = ((kmi_result *)object)->plan->scorers;
    for (i = 0; i < set->count && strcmp(set->scorers[i].scorer->name, name) != 0; i++) continue;
    if (i == set->count) KMI_TRY(no_such_scorer(set, name));
    *index_out = i;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_result_get_values(kma_result self, size_t scorer, kma_quantity quantity, size_t first, size_t n,
                                 double *mean, double *uncertainty)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;

    KMI_TRY(kmi_handle_pin(KMA_KIND_RESULT, self.bits, &object));
    KMI_TRY(kmi_result_values(object, scorer, quantity, first, n, mean, uncertainty));
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_result_get_largest(kma_result self, size_t scorer, kma_quantity quantity, size_t *bin_out,
                                  double *mean_out, double *uncertainty_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;

    if (bin_out != NULL) *bin_out = 0;
    if (mean_out != NULL) *mean_out = 0;
    if (uncertainty_out != NULL) *uncertainty_out = 0;
    if (bin_out == NULL || mean_out == NULL || uncertainty_out == NULL)
        return kmi_fail(KMA_ERR_ARGUMENT, "bin_out, mean_out or uncertainty_out is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_RESULT, self.bits, &object));
    KMI_TRY(kmi_result_largest(object, scorer, quantity, bin_out, mean_out, uncertainty_out));
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_result_get_total(kma_result self, size_t scorer, kma_quantity quantity, double *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_RESULT, self.bits, &object));
    KMI_TRY(kmi_result_total(object, scorer, quantity, out));
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}
