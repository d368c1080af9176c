/**
 * @file kerma/volume.h
 * Volumes: solids filled with a material, or images, placed inside one another.
 *
 * A volume is placed in its mother as often as needed, and each placement
 * brings all that is placed inside of it. The outermost is the world. Daughters
 * that overlap or stick out are refused when a run is initialized, unless
 * kma_scene_set_overlap_check() (kerma/scene.h) lets them pass: then the result
 * is not defined, but no track is lost: it stays in the daughter that it entered
 * first. Where solids touch, gaps and overlaps below the contact length count as
 * touching: 1e-5 mm, or 6e-8 of the world's largest coordinate if that is more. A
 * volume thinner than that is refused when a run is initialized.
 *
 * Units:   mm.
 * Threads: any; calls that place volumes wait for one another.
 *
 * A volume is a description: placing further daughters is allowed at any time
 * and acts when a run is initialized next. A volume keeps what it was made of
 * and what is placed in it alive.
 */
#ifndef KERMA_VOLUME_H
#define KERMA_VOLUME_H

#include "kerma/base.h"
#include "kerma/ct_table.h"
#include "kerma/image.h"
#include "kerma/material.h"
#include "kerma/solid.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one volume. All-zero names none. A plain value: copy it freely. */
typedef struct kma_volume { uint64_t bits; } kma_volume;

/**
 * Creates a volume.
 *
 * @param name      1 to 255 bytes of UTF-8 without control characters; errors and results use it. Copied.
 * @param solid     its shape.
 * @param material  what fills it outside of its daughters; all-zero is vacuum.
 * @param out       the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller: give it back with kma_volume_release().
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule above.
 * @retval KMA_ERR_STALE     the solid or the material was released.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_volume_create(const char *name, kma_solid solid, kma_material material, kma_volume *out);

/**
 * Creates a volume that an image fills: its outline is the outer faces of the image's voxels where the image lies
 * in its own physical space, and what is in each voxel is looked up in a table of CT numbers.
 *
 * Placing it without translation and rotation keeps the image's coordinates. An image volume may hold daughters:
 * they replace what the image says there.
 *
 * @param name   as in kma_volume_create().
 * @param image  numbers that `table` understands (CT numbers).
 * @param table  see kerma/ct_table.h.
 * @param out    as in kma_volume_create().
 */
KMA_API kma_status kma_volume_create_image(const char *name, kma_image image, kma_ct_table table, kma_volume *out);

KMA_API kma_status kma_volume_retain(kma_volume self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK.
 * Mothers, scenes and runs that use the volume keep it alive by themselves.
 */
KMA_API kma_status kma_volume_release(kma_volume *self);

/**
 * Places a volume in a mother.
 *
 * A point p of the daughter's frame is at rotation * p + translation in the mother's.
 *
 * @param self         the mother.
 * @param daughter     may be placed several times, in several mothers.
 * @param translation  mm, each within 1e9 of 0; NULL is no translation. Copied.
 * @param rotation     row-major 3 x 3, orthonormal within 1e-6 with determinant +1 (it is then made so exactly; one
 *                     that is so within rounding, as kma_volume_get_placement() hands out, stays to the bit);
 *                     NULL is no rotation. Copied.
 *
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule above; nothing was placed.
 * @retval KMA_ERR_GEOMETRY  the mother is the daughter or lies inside of it; the message names both.
 * @retval KMA_ERR_BUSY      the daughter is placed a million times already.
 */
KMA_API kma_status kma_volume_place(kma_volume self, kma_volume daughter, const double translation[3],
                                    const double rotation[9]);

/**
 * Copies the name, with its terminating 0.
 *
 * @param buffer      [size] bytes; may be NULL if size is 0.
 * @param length_out  the name's length without the 0; may be NULL. With size 0 the call only asks for the length.
 * @retval KMA_ERR_ARGUMENT  the buffer is too small; the message says how large it must be.
 */
KMA_API kma_status kma_volume_get_name(kma_volume self, char *buffer, size_t size, size_t *length_out);
/**
 * The solid that it was made from, with one reference more, owned by the caller.
 *
 * @param out  names none on failure.
 *
 * @retval KMA_ERR_STATE  the volume shows an image: it was made from no solid.
 * @retval KMA_ERR_STALE  the solid has no owner any more: it lives in the volume alone, and has no name.
 */
KMA_API kma_status kma_volume_get_solid(kma_volume self, kma_solid *out);
/**
 * The material that fills it, with one reference more, owned by the caller.
 *
 * @param out  names none for vacuum, for a volume that shows an image, and on failure.
 *
 * @retval KMA_ERR_STALE  the material has no owner any more: it lives in the volume alone, and has no name.
 */
KMA_API kma_status kma_volume_get_material(kma_volume self, kma_material *out);
/**
 * The image that it shows, with one reference more, owned by the caller.
 *
 * @param out  names none on failure.
 *
 * @retval KMA_ERR_STATE  the volume shows no image.
 * @retval KMA_ERR_STALE  the image has no owner any more: it lives in the volume alone, and has no name.
 */
KMA_API kma_status kma_volume_get_image(kma_volume self, kma_image *out);
/** The table by which the image is understood; the rest as in kma_volume_get_image(). */
KMA_API kma_status kma_volume_get_ct_table(kma_volume self, kma_ct_table *out);
/** How many daughters are placed in it directly. */
KMA_API kma_status kma_volume_count_placements(kma_volume self, size_t *out);
/**
 * One placement, in the order in which they were made.
 *
 * @param index            below kma_volume_count_placements().
 * @param daughter_out     one reference more on the daughter, owned by the caller; names none on failure.
 * @param translation_out  mm; may be NULL.
 * @param rotation_out     row-major 3 x 3; may be NULL.
 *
 * @retval KMA_ERR_STALE  the daughter has no owner any more: it lives in its mother alone, and has no name.
 */
KMA_API kma_status kma_volume_get_placement(kma_volume self, size_t index, kma_volume *daughter_out,
                                            double translation_out[3], double rotation_out[9]);

#ifdef __cplusplus
}
#endif
#endif
