/* The public functions of scorers. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "geometry/image.h"
#include "scoring/scorer.h"

const char *kma_scorer_kind_name(kma_scorer_kind kind)
{
    switch (kind) {
    case KMA_SCORER_VOXELS: return "voxels";
    case KMA_SCORER_GRID: return "grid";
    case KMA_SCORER_VOLUME: return "volume";
    case KMA_SCORER_DETECTOR: return "detector";
    }
    return "?";
}

/* Gives the scorer its handle, or destroys it. */
static kma_status publish(kmi_scorer *scorer, kma_scorer *out)
{
    kma_status status = kmi_handle_create(KMA_KIND_SCORER, scorer, kmi_scorer_destroy, &out->bits);
    if (status != KMA_OK) kmi_scorer_destroy(scorer);
    return status;
}

typedef kma_status new_fn(const char *name, const kmi_volume *volume, uint64_t volume_bits, kmi_scorer **out);

static kma_status create_of_volume(new_fn *make, const char *name, kma_volume volume, kma_scorer *out)
{
    kma_status status = KMA_OK;
    void *v = NULL;
    kmi_scorer *scorer = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_VOLUME, volume.bits, &v));
    KMI_TRY(make(name, v, volume.bits, &scorer));
    v = NULL; /* the use is the scorer's now */
    KMI_TRY(publish(scorer, out));
cleanup:
    if (v != NULL) kmi_handle_unpin(volume.bits);
    return status;
}

kma_status kma_scorer_create_voxels(const char *name, kma_volume volume, kma_scorer *out)
{
    KMI_FLOATS;
    return create_of_volume(kmi_scorer_new_voxels, name, volume, out);
}

kma_status kma_scorer_create_volume(const char *name, kma_volume volume, kma_scorer *out)
{
    KMI_FLOATS;
    return create_of_volume(kmi_scorer_new_volume, name, volume, out);
}

kma_status kma_scorer_create_grid(const char *name, const kma_image_geometry *geometry, kma_scorer *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_grid grid;
    kmi_scorer *scorer = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_grid_of_geometry(geometry, &grid));
    KMI_TRY(kmi_scorer_new_grid(name, &grid, &scorer));
    KMI_TRY(publish(scorer, out));
cleanup:
    return status;
}

kma_status kma_detector_options_defaults(kma_detector_options *options)
{
    int i;

    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->u[0] = 1;
    options->v[1] = 1;
    for (i = 0; i < 2; i++) {
        options->count[i] = 1;
        options->pixel_size[i] = 1;
    }
    options->absorbs = 1;
    return KMA_OK;
}

kma_status kma_scorer_create_detector(const char *name, const kma_detector_options *options, kma_scorer *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_scorer *scorer = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    KMI_TRY(kmi_scorer_new_detector(name, options, &scorer));
    KMI_TRY(publish(scorer, out));
cleanup:
    return status;
}

kma_status kma_scorer_retain(kma_scorer self)
{
    return kmi_handle_retain(KMA_KIND_SCORER, self.bits);
}

kma_status kma_scorer_release(kma_scorer *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SCORER, &self->bits);
}

kma_status kma_scorer_get_kind(kma_scorer self, kma_scorer_kind *out)
{
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, self.bits, &s));
    *out = ((kmi_scorer *)s)->kind;
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scorer_get_name(kma_scorer self, char *out, size_t room)
{
    kma_status status = KMA_OK;
    void *s = NULL;
    size_t length;

    if (out == NULL || room == 0) return kmi_fail(KMA_ERR_ARGUMENT, out == NULL ? "out is NULL" : "room is 0");
    out[0] = '\0';
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, self.bits, &s));
    length = strlen(((kmi_scorer *)s)->name);
    if (length >= room) length = room - 1;
    memcpy(out, ((kmi_scorer *)s)->name, length);
    out[length] = '\0';
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scorer_get_bins(kma_scorer self, size_t *out)
{
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, self.bits, &s));
    *out = ((kmi_scorer *)s)->bins;
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scorer_get_geometry(kma_scorer self, kma_image_geometry *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, self.bits, &s));
    if (((kmi_scorer *)s)->kind == KMA_SCORER_VOLUME)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "'%s' is a volume scorer: it has one bin and no grid", ((kmi_scorer *)s)->name));
    kmi_geometry_of_grid(&((kmi_scorer *)s)->grid, out);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scorer_get_volume(kma_scorer self, kma_volume *out)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    const kmi_scorer *s;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, self.bits, &object));
    s = object;
    if (s->volume_bits == 0)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "'%s' is a %s scorer: it is of no volume", s->name,
                         kma_scorer_kind_name(s->kind)));
    KMI_TRY(kmi_handle_retain(KMA_KIND_VOLUME, s->volume_bits));
    out->bits = s->volume_bits;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scorer_get_detector(kma_scorer self, kma_detector_options *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, self.bits, &s));
    if (((kmi_scorer *)s)->kind != KMA_SCORER_DETECTOR)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "'%s' is a %s scorer, no detector", ((kmi_scorer *)s)->name,
                         kma_scorer_kind_name(((kmi_scorer *)s)->kind)));
    kmi_detector_options(&((kmi_scorer *)s)->detector, out);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}
