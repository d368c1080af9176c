/* The public functions of kerma/summary.h. */
#include "base/float_env.h"
#include "base/handle.h"
#include "base/sized.h"
#include "simulation/summary.h"

kma_status kma_summary_read(const char *path, kma_summary *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_summary *s = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kmi_summary_read(path, &s));
    KMI_TRY(kmi_handle_create(KMA_KIND_SUMMARY, s, kmi_summary_destroy, &out->bits));
    s = NULL;
cleanup:
    kmi_summary_destroy(s);
    return status;
}

kma_status kma_summary_retain(kma_summary self)
{
    return kmi_handle_retain(KMA_KIND_SUMMARY, self.bits);
}

kma_status kma_summary_release(kma_summary *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SUMMARY, &self->bits);
}

kma_status kma_summary_get_info(kma_summary self, kma_summary_info *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_summary_info"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_SUMMARY, self.bits, &s));
    *out = ((const kmi_summary *)s)->info;
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_summary_get_scorer(kma_summary self, size_t index, kma_summary_scorer *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_summary *s;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_summary_scorer"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_SUMMARY, self.bits, &object));
    s = object;
    if (index >= s->info.scorers)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, the summary has %zu scorers", index, s->info.scorers));
    *out = s->scorers[index];
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}
