/* Scenes in the scratch directory, and the small files they name. */
#ifndef KMT_SCENE_FILES_H
#define KMT_SCENE_FILES_H

#include "kmt.h"

#include "kerma/kerma.h"

/* One of everything: all kinds of materials, spectra, volumes, placements, sources and scorers. */
extern const char kmt_full_scene[];

/* Writes ct.mha, screw.stl, lines.csv and table.csv, which the full scene names. */
void kmt_put_files(void);
/* Writes scratch/scene.json and returns its path (static). */
const char *kmt_put_scene(const char *text);
/* The text with the first `from` replaced by `to`; free() it. */
char *kmt_replace(const char *text, const char *from, const char *to);

#endif
