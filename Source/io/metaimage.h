/*
 * MetaImage (.mha, .mhd with .raw or .zraw), the native format of images.
 * The format is MetaIO's, ITK's library: github.com/Kitware/MetaIO.
 */
#ifndef KMI_METAIMAGE_H
#define KMI_METAIMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "geometry/grid.h"
#include "geometry/image.h"

/* A header, understood. */
typedef struct kmi_metaimage_header {
    kmi_grid grid;           /* an image of two dimensions is one slice */
    kma_scalar type;
    bool binary;             /* else blank-separated decimals */
    bool msb;                /* most significant byte first */
    bool compressed;         /* one zlib or gzip stream */
    int64_t compressed_size; /* bytes of the stream; -1: up to the end of the file */
    int64_t skip;            /* bytes before the data in their file; -1: as many as there are too many */
    bool local;              /* the data follow the header */
    size_t header_bytes;
    char data_file[4096];    /* else the file's name, relative to the header's folder */
} kmi_metaimage_header;

/* Reads text[size], the beginning of file `path` (for the error texts). `whole`: it is all of the file. */
kma_status kmi_metaimage_parse(const char *path, char *text, size_t size, bool whole, kmi_metaimage_header *out);
/* Reads the values that `header`, found in file `path`, describes. */
kma_status kmi_metaimage_load(const char *path, const kmi_metaimage_header *header, kmi_image **out);
/* Both. Every error text begins with the file's name. */
kma_status kmi_metaimage_read(const char *path, kmi_image **out);

/* Fills out[n] with the values [first, first + n), of the type that is written. */
typedef kma_status kmi_fill_fn(void *context, size_t first, size_t n, void *out);
/*
 * Writes `path` (.mha, or .mhd and its .raw or .zraw) slab by slab, so that no whole copy is needed. Slabs are
 * asked for once each, in order. If it fails, no file was changed.
 */
kma_status kmi_metaimage_write(const char *path, const kmi_grid *grid, kma_scalar type, kma_compression compression,
                               kmi_fill_fn *fill, void *context);
/* The same of an .mha into a file that the caller opened (its path is for texts) and puts in place. */
kma_status kmi_metaimage_write_local(const char *path, kmi_file_writer *file, const kmi_grid *grid, kma_scalar type,
                                     kma_compression compression, kmi_fill_fn *fill, void *context);
/* Fills from the image that is its context. */
kmi_fill_fn kmi_metaimage_copy;
/* An image as a compressed .mha, to be put in place with others. */
kma_status kmi_metaimage_write_image(const kmi_image *image, const char *path, kmi_file_batch *batch);

/* MET_SHORT for KMA_SCALAR_INT16 ... */
const char *kmi_metaimage_type_name(kma_scalar type);

#endif
