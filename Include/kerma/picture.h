/**
 * @file kerma/picture.h
 * Slices of images as PNG pictures with title, colour bar and unit: a dose alone, or in colours on a gray CT.
 *
 * Threads: any; the images do not change.
 * The same images and options give the same pixels on any processor.
 */
#ifndef KERMA_PICTURE_H
#define KERMA_PICTURE_H

#include "kerma/base.h"
#include "kerma/image.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum kma_picture_map {
    KMA_PICTURE_HEAT = 0, /**< black, violet, red, yellow, white: evenly rising lightness */
    KMA_PICTURE_GRAY = 1
} kma_picture_map;

typedef enum kma_picture_scale {
    KMA_PICTURE_LINEAR = 0,
    KMA_PICTURE_LOGARITHMIC = 1
} kma_picture_scale;

/** For kma_picture_options::slice: the one in the middle. */
#define KMA_PICTURE_MIDDLE ((size_t)-1)

typedef struct kma_picture_options {
    size_t size;             /**< set by kma_picture_options_defaults() */
    int axis;                /**< of the image, 0, 1 or 2: the slice is across it. Default 2 */
    size_t slice;            /**< index along the axis, default KMA_PICTURE_MIDDLE */
    kma_picture_map map;     /**< default heat */
    kma_picture_scale scale; /**< default linear */
    double low, high;        /**< values at the ends of the colour bar. NaN (default): high is the 99.9th percentile
                                  of the slice; low is 0 (the 0.1th percentile where values are negative), or
                                  high / 1000 if logarithmic */
    double under_low;        /**< values that are black and white in the image below. NaN (default): the 1st and */
    double under_high;       /**< 99th percentile of the slice */
    double opacity;          /**< of the colours above the image below, 0 .. 1, default 0.75; they fade out at low */
    size_t magnify;          /**< pixels a voxel; 0 (default): as it suits */
    const char *title;       /**< printable ASCII, or NULL (default) */
    const char *unit;        /**< of the values, such as "Gy", or NULL (default) */
} kma_picture_options;

KMA_API void kma_picture_options_defaults(kma_picture_options *options);

/**
 * Writes a slice of an image as a PNG file.
 *
 * A slice is turned as people look at it: to the right rises the world's x (or y), upward its z, downward its y.
 *
 * @param field    what the colours show
 * @param under    shown in gray below it, at the same places in space whatever its grid; all-zero: nothing
 * @param options  NULL: the defaults
 * @param path     a file of that name is replaced as a whole, or not at all
 *
 * @retval KMA_ERR_ARGUMENT  no such axis or slice; low not below high, not finite, or not above 0 if logarithmic
 * @retval KMA_ERR_IO        the file could not be written
 */
KMA_API kma_status kma_picture_write(kma_image field, kma_image under, const kma_picture_options *options,
                                     const char *path);

#ifdef __cplusplus
}
#endif
#endif
