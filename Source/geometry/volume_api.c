/* The public functions of volumes. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "geometry/frame.h"
#include "geometry/image.h"
#include "geometry/volume.h"
#include "kerma/volume.h"

static const double rotation_tolerance = 1e-6;
static const double translation_max = 1e9; /* mm */

static kma_status pin(kma_volume self, kmi_volume **out)
{
    void *object = NULL;
    kma_status status = kmi_handle_pin(KMA_KIND_VOLUME, self.bits, &object);
    *out = object;
    return status;
}

kma_status kma_volume_create(const char *name, kma_solid solid, kma_material material, kma_volume *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL, *m = NULL;
    kmi_volume *v = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOLID, solid.bits, &s));
    if (material.bits != 0) KMI_TRY(kmi_handle_pin(KMA_KIND_MATERIAL, material.bits, &m));
    KMI_TRY(kmi_volume_new(name, s, &v));
    KMI_TRY(kmi_handle_create(KMA_KIND_VOLUME, v, kmi_volume_destroy, &out->bits));
    v->self_bits = out->bits;
    v->solid_bits = solid.bits; /* the uses have moved to the volume */
    v->material_bits = material.bits;
    v->material = m;
    v = NULL;
    s = m = NULL;
cleanup:
    kmi_volume_destroy(v);
    if (s != NULL) kmi_handle_unpin(solid.bits);
    if (m != NULL) kmi_handle_unpin(material.bits);
    return status;
}

kma_status kma_volume_create_image(const char *name, kma_image image, kma_ct_table table, kma_volume *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *i = NULL, *t = NULL;
    kmi_volume *v = NULL;
    kmi_solid outline;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, image.bits, &i));
    KMI_TRY(kmi_handle_pin(KMA_KIND_CT_TABLE, table.bits, &t));
    kmi_solid_make_grid(&outline, kmi_image_grid(i));
    KMI_TRY(kmi_volume_new(name, &outline, &v));
    KMI_TRY(kmi_handle_create(KMA_KIND_VOLUME, v, kmi_volume_destroy, &out->bits));
    v->self_bits = out->bits;
    v->image_bits = image.bits; /* the uses have moved to the volume */
    v->image = i;
    v->ct_table_bits = table.bits;
    v->ct_table = t;
    v = NULL;
    i = t = NULL;
cleanup:
    kmi_volume_destroy(v);
    if (i != NULL) kmi_handle_unpin(image.bits);
    if (t != NULL) kmi_handle_unpin(table.bits);
    return status;
}

kma_status kma_volume_retain(kma_volume self) { return kmi_handle_retain(KMA_KIND_VOLUME, self.bits); }

kma_status kma_volume_release(kma_volume *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_VOLUME, &self->bits);
}

static kma_status make_frame(const double *translation, const double *rotation, kmi_frame *out)
{
    double r[9], error, determinant;
    int i;

    *out = kmi_frame_identity();
    if (rotation != NULL) {
        error = kmi_orthonormal_error(rotation);
        if (!(error <= rotation_tolerance))
            return kmi_fail(KMA_ERR_ARGUMENT, "the columns of the rotation are not orthonormal: off by %g (at most %g)",
                            error, rotation_tolerance);
        determinant = kmi_determinant(rotation);
        if (!(determinant > 0))
            return kmi_fail(KMA_ERR_ARGUMENT, "the rotation has the determinant %g: it mirrors (must be +1)",
                            determinant);
        kmi_orthonormalise(rotation, r);
        *out = kmi_frame_make(r, out->translation);
    }
    for (i = 0; translation != NULL && i < 3; i++)
        if (!(fabs(translation[i]) <= translation_max))
            return kmi_fail(KMA_ERR_ARGUMENT, "translation[%d] is %g mm (must be within %g of 0)", i, translation[i],
                            translation_max);
    if (translation != NULL) out->translation = kmi_vec(translation[0], translation[1], translation[2]);
    return KMA_OK;
}

kma_status kma_volume_place(kma_volume self, kma_volume daughter, const double translation[3], const double rotation[9])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_volume *m = NULL, *d = NULL;
    kmi_frame frame;

    KMI_TRY(make_frame(translation, rotation, &frame));
    KMI_TRY(pin(self, &m));
    KMI_TRY(pin(daughter, &d));
    KMI_TRY(kmi_volume_add(m, d, daughter.bits, &frame));
    d = NULL; /* the use has moved to the mother */
cleanup:
    if (d != NULL) kmi_handle_unpin(daughter.bits);
    if (m != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_volume_get_name(kma_volume self, char *buffer, size_t size, size_t *length_out)
{
    kma_status status = KMA_OK;
    kmi_volume *v = NULL;
    size_t length;

    if (length_out != NULL) *length_out = 0;
    if (buffer == NULL && size > 0) return kmi_fail(KMA_ERR_ARGUMENT, "buffer is NULL (with size %zu)", size);
    if (size > 0) buffer[0] = '\0';
    KMI_TRY(pin(self, &v));
    length = strlen(v->name);
    if (size > 0 && size <= length)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the buffer has %zu bytes, the name needs %zu", size, length + 1));
    if (size > 0) memcpy(buffer, v->name, length + 1);
    if (length_out != NULL) *length_out = length;
cleanup:
    if (v != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_volume_count_placements(kma_volume self, size_t *out)
{
    kma_status status = KMA_OK;
    kmi_volume *v = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(pin(self, &v));
    kmi_describe_lock();
    *out = v->placement_count;
    kmi_describe_unlock();
cleanup:
    if (v != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_volume_get_placement(kma_volume self, size_t index, kma_volume *daughter_out, double translation_out[3],
                                    double rotation_out[9])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_volume *v = NULL;
    kmi_placement p;
    size_t count;

    if (translation_out != NULL) memset(translation_out, 0, 3 * sizeof *translation_out);
    if (rotation_out != NULL) memset(rotation_out, 0, 9 * sizeof *rotation_out);
    if (daughter_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "daughter_out is NULL");
    daughter_out->bits = 0;
    memset(&p, 0, sizeof p);
    KMI_TRY(pin(self, &v));
    kmi_describe_lock();
    count = v->placement_count;
    if (index < count) p = v->placements[index];
    kmi_describe_unlock();
    if (index >= count)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, '%s' has %zu placements", index, v->name, count));
    KMI_TRY(kmi_handle_retain(KMA_KIND_VOLUME, p.daughter_bits));
    daughter_out->bits = p.daughter_bits;
    if (translation_out != NULL) memcpy(translation_out, &p.frame.translation, 3 * sizeof *translation_out);
    if (rotation_out != NULL) memcpy(rotation_out, p.frame.rotation, sizeof p.frame.rotation);
cleanup:
    if (v != NULL) kmi_handle_unpin(self.bits);
    return status;
}

/* One reference more on a part that never changes, named by `bits`; without a part it fails with `missing`, or (NULL)
 * hands out no name. */
static kma_status get_part(kma_volume self, kma_kind kind, const char *missing, uint64_t *out)
{
    kma_status status = KMA_OK;
    kmi_volume *v = NULL;
    uint64_t bits = 0;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(pin(self, &v));
    switch (kind) {
    case KMA_KIND_SOLID: bits = v->solid_bits; break;
    case KMA_KIND_MATERIAL: bits = v->material_bits; break;
    case KMA_KIND_IMAGE: bits = v->image_bits; break;
    default: bits = v->ct_table_bits; break;
    }
    if (bits == 0 && missing != NULL) KMI_TRY(kmi_fail(KMA_ERR_STATE, "the volume '%s' %s", v->name, missing));
    if (bits != 0) KMI_TRY(kmi_handle_retain(kind, bits));
    *out = bits;
cleanup:
    if (v != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_volume_get_solid(kma_volume self, kma_solid *out)
{
    return get_part(self, KMA_KIND_SOLID, "shows an image: it was made from no solid",
                    out == NULL ? NULL : &out->bits);
}

kma_status kma_volume_get_material(kma_volume self, kma_material *out)
{
    return get_part(self, KMA_KIND_MATERIAL, NULL, out == NULL ? NULL : &out->bits);
}

kma_status kma_volume_get_image(kma_volume self, kma_image *out)
{
    return get_part(self, KMA_KIND_IMAGE, "shows no image", out == NULL ? NULL : &out->bits);
}

kma_status kma_volume_get_ct_table(kma_volume self, kma_ct_table *out)
{
    return get_part(self, KMA_KIND_CT_TABLE, "shows no image: it has no CT table", out == NULL ? NULL : &out->bits);
}
