/* Writing a scene as a file, and the files beside it. */
#ifndef KMI_SCENE_WRITE_H
#define KMI_SCENE_WRITE_H

#include "base/file.h"
#include "kerma/simulation.h"
#include "simulation/scene_parts.h"

/* A spectrum of more lines or bins goes into a file of its own. */
enum { KMI_INLINE_LINES_MAX = 100 };

/* Writes the scene file `path` and what it names. If it fails, no file was changed. */
kma_status kmi_scene_write(kmi_scene_parts *parts, const kma_scene_write_options *options, const char *path);

/* ---- scene_names.c ---- */
/* Gives volumes, materials and spectra their keys; refuses names that no scene file can hold. */
kma_status kmi_scene_name_parts(kmi_scene_parts *parts);
/*
 * Names of the files of meshes, images, tables and large spectra, relative to the scene file; NULL where there is none.
 * *folder_out is the path of the directory that holds them; NULL if there are none. kmi_free.
 */
kma_status kmi_scene_name_files(kmi_scene_parts *parts, const char *path, char **spectrum_files, char **folder_out);

/* ---- scene_files.c ---- */
/* Writes them all, in that folder, to be put in place with the batch. */
kma_status kmi_scene_write_files(const kmi_scene_parts *parts, char *const *spectrum_files, const char *folder,
                                 kmi_file_batch *batch);

#endif
