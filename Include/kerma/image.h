/**
 * @file kerma/image.h
 * Images: a regular grid of numbers in space, such as a CT or a dose, as ITK has them.
 *
 * Units:   mm; the values have the unit their maker gave them (a CT: HU).
 * Shapes:  data are [nz][ny][nx], x fastest; index 0 is x.
 * Threads: an image never changes once created; any thread may use it.
 *
 * The centre of voxel (i, j, k) is at
 *
 *     origin + direction * (spacing[0] * i, spacing[1] * j, spacing[2] * k)
 *
 * Axes are ITK's (LPS) when the image came from a file; kerma gives them no meaning of its own.
 */
#ifndef KERMA_IMAGE_H
#define KERMA_IMAGE_H

#include "kerma/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one image. All-zero names none. A plain value: copy it freely. */
typedef struct kma_image { uint64_t bits; } kma_image;

/** The scalar types of images: enum constant, code, name in texts and files, C type. */
#define KMA_SCALAR_LIST(X)                                                     \
    X(KMA_SCALAR_INT8, 1, "int8", int8_t)                                      \
    X(KMA_SCALAR_UINT8, 2, "uint8", uint8_t)                                   \
    X(KMA_SCALAR_INT16, 3, "int16", int16_t)                                   \
    X(KMA_SCALAR_UINT16, 4, "uint16", uint16_t)                                \
    X(KMA_SCALAR_INT32, 5, "int32", int32_t)                                   \
    X(KMA_SCALAR_UINT32, 6, "uint32", uint32_t)                                \
    X(KMA_SCALAR_INT64, 7, "int64", int64_t)                                   \
    X(KMA_SCALAR_UINT64, 8, "uint64", uint64_t)                                \
    X(KMA_SCALAR_FLOAT32, 9, "float32", float)                                 \
    X(KMA_SCALAR_FLOAT64, 10, "float64", double)

#define KMA_SCALAR_ENUM(name, code, text, type) name = code,
/** How a voxel is stored. */
typedef enum kma_scalar { KMA_SCALAR_LIST(KMA_SCALAR_ENUM) KMA_SCALAR_END } kma_scalar;
#undef KMA_SCALAR_ENUM

/** "int16" ...; "?" for an unknown code. Static text. */
KMA_API const char *kma_scalar_name(kma_scalar type);
/** Bytes of one value; 0 for an unknown code. */
KMA_API size_t kma_scalar_size(kma_scalar type);

/** Where the voxels of an image are. */
typedef struct kma_image_geometry {
    size_t size;         /**< sizeof(kma_image_geometry), set by kma_image_geometry_defaults() */
    size_t count[3];     /**< voxels in x, y, z, each at least 1 */
    double spacing[3];   /**< mm between the centres of neighbours, > 0 */
    double origin[3];    /**< mm, centre of voxel (0, 0, 0) */
    double direction[9]; /**< row major; column c is the unit vector along axis c; orthonormal within 1e-4 */
} kma_image_geometry;

/** One voxel of 1 mm at the origin, axes along x, y, z. Fill in what differs. */
KMA_API void kma_image_geometry_defaults(kma_image_geometry *geometry);

/**
 * Creates an image from values in memory.
 *
 * @param geometry  filled by kma_image_geometry_defaults() first. Copied.
 * @param type      how `data` are stored.
 * @param data      [nz][ny][nx] of `type`, any alignment. Copied. NaN is allowed here and refused where
 *                  a number is needed.
 * @param out       the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller: give it back with kma_image_release().
 * @retval KMA_ERR_ARGUMENT  the geometry breaks a rule above, or data is NULL.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_image_create(const kma_image_geometry *geometry, kma_scalar type, const void *data,
                                    kma_image *out);

KMA_API kma_status kma_image_retain(kma_image self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK.
 * A volume or a run that uses the image keeps it alive by itself.
 * @retval KMA_ERR_STALE  another copy of the handle was released too often; nothing was touched.
 */
KMA_API kma_status kma_image_release(kma_image *self);

/** Copies the geometry to `*out`; its `size` is set by the call. */
KMA_API kma_status kma_image_get_geometry(kma_image self, kma_image_geometry *out);
KMA_API kma_status kma_image_get_type(kma_image self, kma_scalar *out);

/**
 * Copies all values, converted to double (integers above 2^53 are rounded).
 *
 * @param out  [nz][ny][nx]
 * @param n    nx * ny * nz: anything else is KMA_ERR_ARGUMENT.
 */
KMA_API kma_status kma_image_get_values(kma_image self, double *out, size_t n);

/** What an image's values are like. */
typedef struct kma_image_statistics {
    size_t size;            /**< set it to sizeof(kma_image_statistics) */
    size_t values;          /**< finite ones */
    size_t not_finite;      /**< nan or infinite */
    double lowest, highest; /**< of the finite values; 0 if there are none */
    double mean;            /**< likewise, with less than 1e-15 of the largest value's size lost by rounding */
} kma_image_statistics;
/**
 * Looks at all values.
 * @retval KMA_ERR_ARGUMENT  out is NULL, or its size was not set
 */
KMA_API kma_status kma_image_get_statistics(kma_image self, kma_image_statistics *out);

/**
 * Lends the stored values without a copy: [nz][ny][nx] of the image's type. They stay valid, also after the
 * last release, until kma_image_return(), which is to be called once for each borrow.
 */
KMA_API kma_status kma_image_borrow(kma_image self, const void **data_out);
/**
 * Ends one borrow. Works with the handle the borrow was made with, even if it was released since.
 * @retval KMA_ERR_STATE  nothing is borrowed from this image.
 * @retval KMA_ERR_STALE  the image was released, and nothing is borrowed from it.
 */
KMA_API kma_status kma_image_return(kma_image self);

/**
 * Where an index lies: whole numbers are centres of voxels, fractions and numbers outside the image are allowed.
 *
 * @param index  (x, y, z) in voxels
 * @param point  mm
 */
KMA_API kma_status kma_image_point_of_index(kma_image self, const double index[3], double point[3]);
/** The index of a point: the inverse of kma_image_point_of_index(). The point may lie outside the image. */
KMA_API kma_status kma_image_index_of_point(kma_image self, const double point[3], double index[3]);

/**
 * Reads a MetaImage: .mha, or .mhd with its data file beside it. All scalar types, byte orders, zlib or decimal
 * data; two dimensions give one slice. A file is read exactly or refused: lists of slices, several channels,
 * values to be rescaled, lengths not in mm, data longer or shorter than the header says are errors.
 *
 * @param path  as open() takes it
 * @param out   as of kma_image_create()
 *
 * @retval KMA_ERR_IO      the file or its data file cannot be opened or read
 * @retval KMA_ERR_FORMAT  the file is not such a MetaImage; the text names file, line and key
 * @retval KMA_ERR_MEMORY  nothing was created
 */
KMA_API kma_status kma_image_read(const char *path, kma_image *out);

/** How an image file is packed. */
typedef enum kma_compression {
    KMA_COMPRESSION_NONE = 0,
    KMA_COMPRESSION_ZLIB = 1 /**< lossless; the same image gives the same bytes */
} kma_compression;

/**
 * Writes a MetaImage that reads back identically. A file of that name is replaced as a whole, or not at all.
 *
 * @param path  ending in .mha (one file), or in .mhd (a header, and the data in .raw or .zraw beside it)
 *
 * @retval KMA_ERR_ARGUMENT  another ending, or an unknown compression
 * @retval KMA_ERR_IO        a file could not be written
 */
KMA_API kma_status kma_image_write(kma_image self, const char *path, kma_compression compression);

#ifdef __cplusplus
}
#endif
#endif
