/**
 * @file kerma/file.h
 * What a file is, by its content: its name does not count.
 *
 * Threads: any.
 */
#ifndef KERMA_FILE_H
#define KERMA_FILE_H

#include "kerma/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The kinds of files: enum constant, code, name in texts. */
#define KMA_FILE_LIST(X)                                                       \
    X(KMA_FILE_MESH, 1, "mesh")           /* STL: kma_mesh_read_stl() */       \
    X(KMA_FILE_IMAGE, 2, "image")         /* MetaImage: kma_image_read() */    \
    X(KMA_FILE_SCENE, 3, "scene")         /* kma_simulation_read() */          \
    X(KMA_FILE_RESULT, 4, "result")       /* summary.json, or its directory: kma_summary_read() */ \
    X(KMA_FILE_SPECTRUM, 5, "spectrum")   /* kma_spectrum_read_csv() */        \
    X(KMA_FILE_CT_TABLE, 6, "CT table")   /* kma_ct_table_read_csv() */

#define KMA_FILE_ENUM(name, code, text) name = code,
typedef enum kma_file_kind { KMA_FILE_LIST(KMA_FILE_ENUM) KMA_FILE_END } kma_file_kind;
#undef KMA_FILE_ENUM

/** "mesh", "image" ...; "?" for an unknown kind. Static text. */
KMA_API const char *kma_file_kind_name(kma_file_kind kind);

/**
 * Says what a file is meant to be. Whether it is a sound one, its reader says.
 *
 * @param path  a regular file, or a directory that kma_result_write() wrote.
 * @param out   its kind; 0 if the call fails.
 *
 * @retval KMA_ERR_IO      it cannot be read
 * @retval KMA_ERR_FORMAT  it is nothing that kerma knows; the text says what it looks like
 */
KMA_API kma_status kma_file_recognize(const char *path, kma_file_kind *out);

#ifdef __cplusplus
}
#endif
#endif
