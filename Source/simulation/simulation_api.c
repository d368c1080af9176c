/* The public functions of kerma/simulation.h about simulations. */
#include "kerma/simulation.h"

#include <stdbool.h>
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "simulation/read.h"
#include "simulation/simulation.h"

static kma_status read_file(const char *path, kmi_read_check *check, kma_simulation *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_simulation *s = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kmi_simulation_read(path, check, &s));
    KMI_TRY(kmi_handle_create(KMA_KIND_SIMULATION, s, kmi_simulation_destroy, &out->bits));
    s = NULL;
cleanup:
    kmi_simulation_destroy(s);
    return status;
}

kma_status kma_simulation_read(const char *path, kma_simulation *out)
{
    KMI_FLOATS;
    return read_file(path, NULL, out);
}

kma_status kma_simulation_check(const char *path, kma_fault_fn *fn, void *context, kma_simulation *out)
{
    KMI_FLOATS;
    kmi_read_check check = {fn, context, 0, false};

    if (fn == NULL) {
        if (out != NULL) out->bits = 0;
        return kmi_fail(KMA_ERR_ARGUMENT, "fn is NULL");
    }
    return read_file(path, &check, out);
}

kma_status kma_simulation_retain(kma_simulation self)
{
    return kmi_handle_retain(KMA_KIND_SIMULATION, self.bits);
}

kma_status kma_simulation_release(kma_simulation *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SIMULATION, &self->bits);
}

kma_status kma_simulation_get_scene(kma_simulation self, kma_scene *out)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    kmi_simulation *s;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SIMULATION, self.bits, &object));
    s = object;
    KMI_TRY(kma_scene_retain(s->scene));
    *out = s->scene;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_simulation_get_title(kma_simulation self, char *buffer, size_t size, size_t *length_out)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_simulation *s;
    size_t length;

    if (length_out != NULL) *length_out = 0;
    if (buffer == NULL && size > 0) return kmi_fail(KMA_ERR_ARGUMENT, "buffer is NULL");
    if (size > 0) buffer[0] = '\0';
    KMI_TRY(kmi_handle_pin(KMA_KIND_SIMULATION, self.bits, &object));
    s = object;
    length = strlen(s->title);
    if (size > 0 && size <= length)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the buffer has %zu bytes, the title needs %zu", size, length + 1));
    if (size > 0) memcpy(buffer, s->title, length + 1);
    if (length_out != NULL) *length_out = length;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static kma_status get_number(kma_simulation self, bool seed, uint64_t *out)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_simulation *s;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SIMULATION, self.bits, &object));
    s = object;
    *out = seed ? s->seed : s->histories;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_simulation_get_seed(kma_simulation self, uint64_t *out)
{
    return get_number(self, true, out);
}

kma_status kma_simulation_get_histories(kma_simulation self, uint64_t *out)
{
    return get_number(self, false, out);
}
