/* See sized.h. */
#include <string.h>

#include "base/error.h"
#include "base/sized.h"

kma_status kmi_sized_check(const void *given, size_t size, const char *name, const char *cure)
{
    size_t found = *(const size_t *)given;

    if (found == size) return KMA_OK;
    return kmi_fail(KMA_ERR_ARGUMENT, "%s->size is %zu (must be %zu: %s)", name, found, size, cure);
}

kma_status kmi_sized_begin(void *out, size_t size, const char *type)
{
    size_t found;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    found = *(const size_t *)out;
    if (found != size)
        return kmi_fail(KMA_ERR_ARGUMENT, "out->size is %zu (must be %zu: sizeof(%s))", found, size, type);
    memset(out, 0, size);
    *(size_t *)out = size;
    return KMA_OK;
}
