/* The public functions of kerma/simulation.h that write results. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/utf8.h"
#include "kerma/simulation.h"
#include "simulation/simulation.h"
#include "simulation/write.h"

kma_status kma_result_write(kma_result self, const char *directory)
{
    KMI_FLOATS;
    if (directory == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "directory is NULL");
    return kmi_results_write(self, NULL, directory);
}

kma_status kma_result_write_titled(kma_result self, const char *title, const char *directory)
{
    KMI_FLOATS;
    if (directory == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "directory is NULL");
    if (title != NULL && !kmi_utf8_is_valid(title, strlen(title)))
        return kmi_fail(KMA_ERR_ARGUMENT, "the title is not UTF-8");
    return kmi_results_write(self, title != NULL && title[0] != '\0' ? title : NULL, directory);
}

kma_status kma_simulation_write_results(kma_simulation self, kma_result result, const char *directory)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;

    if (directory == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "directory is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_SIMULATION, self.bits, &object));
    KMI_TRY(kmi_results_write(result, ((const kmi_simulation *)object)->title, directory));
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}
