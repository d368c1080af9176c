/* The public function for CT tables in files. */
#include "io/ct_table_csv.h"

#include "base/float_env.h"

kma_status kma_ct_table_read_csv(const char *path, kma_ct_table *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_ct_table *table = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kmi_ct_table_read_csv(path, &table));
    KMI_TRY(kmi_ct_table_publish(table, out));
cleanup:
    return status;
}
