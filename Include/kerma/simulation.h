/**
 * @file kerma/simulation.h
 * A whole simulation from its JSON file and to one, and the writing of results as files.
 * Documentation/scene.md describes the file, Documentation/results.md what is written.
 *
 * Units:   as in the file: mm, MeV, rad, g/cm3.
 * Threads: a simulation never changes once read; any thread may use it.
 */
#ifndef KERMA_SIMULATION_H
#define KERMA_SIMULATION_H

#include "kerma/base.h"
#include "kerma/result.h"
#include "kerma/scene.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one simulation. All-zero names none. A plain value: copy it freely. */
typedef struct kma_simulation { uint64_t bits; } kma_simulation;

/**
 * Reads a scene file and all files it names, and makes the scene.
 *
 * @param path  the file; names in it are relative to its directory.
 * @param out   one reference, owned by the caller: give it back with kma_simulation_release(). It keeps the scene
 *              and all that was described alive. Names none if the call fails.
 *
 * @retval KMA_ERR_IO      a file cannot be read
 * @retval KMA_ERR_FORMAT  the file is no such scene; the text begins with file, line and column of the fault
 * @retval KMA_ERR_ABORTED the thread's poll function said so: see kma_set_thread_poll()
 * @retval any other       what a function of the API said to a value, with its place in the file before the text
 */
KMA_API kma_status kma_simulation_read(const char *path, kma_simulation *out);
/** Hears of one fault; `text` is valid during the call only. Thread: the caller's, no kerma lock held. */
typedef void kma_fault_fn(kma_status status, const char *text, void *context);
/** The fault behind so many ends a check: to find the place of each takes a walk through the file. */
#define KMA_FAULTS_MAX 100
/**
 * Reads a scene file to see what is wrong with it: goes on behind a fault, after it was told to `fn`, and leaves away
 * what has it and what needs that. Materials, spectra, volumes with their files, placements, sources and scorers are
 * looked at one by one. What is wrong with the text ends the call; what is wrong with keys and types ends it when all
 * of that was told.
 *
 * @param out  what could be made; what kma_simulation_read() makes if `fn` heard nothing. Names none if the call fails.
 *
 * @retval KMA_OK     also with faults
 * @retval any other  as of kma_simulation_read(): a fault behind which nothing can be said, not told to `fn`
 */
KMA_API kma_status kma_simulation_check(const char *path, kma_fault_fn *fn, void *context, kma_simulation *out);
KMA_API kma_status kma_simulation_retain(kma_simulation self); /**< one owner more */
/** Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK. */
KMA_API kma_status kma_simulation_release(kma_simulation *self);

/** The scene, for kma_run_manager_create(). `*out` holds one reference, owned by the caller. */
KMA_API kma_status kma_simulation_get_scene(kma_simulation self, kma_scene *out);
/**
 * Copies the title, with its terminating 0; empty if the file has none.
 *
 * @param buffer      [size] bytes; may be NULL if size is 0.
 * @param length_out  the title's length without the 0; may be NULL. With size 0 the call only asks for the length.
 * @retval KMA_ERR_ARGUMENT  the buffer is too small; the message says how large it must be.
 */
KMA_API kma_status kma_simulation_get_title(kma_simulation self, char *buffer, size_t size, size_t *length_out);
/** The seed, 1 unless the file says another, for kma_run_options. */
KMA_API kma_status kma_simulation_get_seed(kma_simulation self, uint64_t *out);
/** How many histories are wanted, 100000 unless the file says another, for kma_run_manager_beam_on(). */
KMA_API kma_status kma_simulation_get_histories(kma_simulation self, uint64_t *out);

/* ---- writing a scene ---- */

/** What a scene file says beside the scene. */
typedef struct kma_scene_write_options {
    size_t size;        /**< set by kma_scene_write_options_defaults() */
    const char *title;  /**< UTF-8; NULL (default) or empty: none */
    uint64_t seed;      /**< default 1 */
    uint64_t histories; /**< above 0; default 100000 */
} kma_scene_write_options;

/** @retval KMA_ERR_ARGUMENT  options is NULL */
KMA_API kma_status kma_scene_write_options_defaults(kma_scene_write_options *options);
/**
 * Writes a scene file that kma_simulation_read() reads as the same scene: with the same `scene_hash` (kma_result_info),
 * and so the same scores to the bit for the same seed and histories. The same scene gives the same bytes.
 *
 * Meshes (STL), images (compressed .mha), CT tables and spectra of more than 100 lines (CSV) go into a directory beside
 * it, scene_files for scene.json; it is made if there is one of these. What is neither named nor owned any more but
 * lives in the scene is written too. Volumes of the same name get keys that differ, and keep their name
 * (Documentation/scene.md, "Writing a scene").
 *
 * All files are put in place together, the scene file last; if the call fails, none was changed. Files of an earlier
 * scene that this one does not name stay.
 *
 * @param options  filled by kma_scene_write_options_defaults() first; NULL: the defaults.
 * @param path     of the scene file; its directory must be there.
 *
 * @retval KMA_ERR_ARGUMENT  options nobody filled or values that break a rule; a title, or a name of a volume or
 *                           scorer, that is not UTF-8; a scorer's name that is too long for names of files
 * @retval KMA_ERR_STATE     no scene file can say it: the scene has no source, a spectrum leaves the energies for which
 *                           there are cross-sections, or a file would be larger than what is read; the text says which
 * @retval KMA_ERR_IO        a file or the directory cannot be written
 */
KMA_API kma_status kma_scene_write(kma_scene scene, const kma_scene_write_options *options, const char *path);

/* ---- writing results ---- */

/**
 * Writes a result as files: images, pictures, tables and summary.json. The same result gives the same bytes.
 * Each file is replaced as a whole or not at all; files that are not of this result are left alone.
 *
 * @param directory  is made, with its parents, if it is missing.
 * @retval KMA_ERR_IO  the directory cannot be made or a file not be written; files written before stay
 */
KMA_API kma_status kma_result_write(kma_result self, const char *directory);
/**
 * kma_result_write(), with a title in summary.json.
 * @param title             UTF-8; NULL or empty: none
 * @retval KMA_ERR_ARGUMENT the title is not UTF-8
 */
KMA_API kma_status kma_result_write_titled(kma_result self, const char *title, const char *directory);
/** kma_result_write(), with the simulation's title in summary.json. */
KMA_API kma_status kma_simulation_write_results(kma_simulation self, kma_result result, const char *directory);

#ifdef __cplusplus
}
#endif
#endif
