/* Scenes written, read and compared: what is read is the same scene, to the bit. */
#ifndef KMT_ROUND_TRIP_H
#define KMT_ROUND_TRIP_H

#include "kmt.h"

#include "kerma/kerma.h"

/* scratch/folder/name, in a directory that is made; static, good for the next 7 calls. */
const char *kmt_trip_path(const char *folder, const char *name);
/* What initialize and a run of so many histories make of the scene. */
void kmt_trip_info(kma_scene scene, uint64_t histories, kma_result_info *out);
/* A file that two volumes share is read once for each, and so written twice then. */
typedef enum kmt_trip_files { KMT_FILES_SHARED, KMT_FILES_APART } kmt_trip_files;
/*
 * Writes the scene as scratch/first/NAME.json, reads that, writes it as scratch/second/NAME.json. Both files have the same
 * bytes (if none is shared), both scenes the same hash, and runs of both the same scores. Returns the first file's text; free() it.
 */
char *kmt_trip(kma_scene scene, const char *name, uint64_t histories, kmt_trip_files files);

#endif
