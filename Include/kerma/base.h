/**
 * @file kerma/base.h
 * What every part of kerma shares: status codes and their texts, memory, the
 * log sink, and the count of live objects.
 *
 * Units everywhere in kerma: mm, MeV, ns, rad, g/cm3, Gy, Bq.
 * Threads: every function here may be called from any thread at any time,
 * unless it says otherwise.
 *
 * Hosts: rounding direction, flushing of small numbers, unmasked exceptions and the locale of a host change no result,
 * file or error text, and no call changes them. A callback finds the floating-point settings with which kerma was
 * called on that thread, and on a thread of kerma's those of the thread that made it; what it changes counts until it
 * returns.
 */
#ifndef KERMA_BASE_H
#define KERMA_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define KMA_API __attribute__((visibility("default")))
#else
#define KMA_API
#endif

/** Every status, once: its code and its standard text. 0 is success. */
#define KMA_STATUS_LIST(X)                                                     \
    X(KMA_OK, 0, "success")                                                    \
    X(KMA_ERR_ARGUMENT, 1, "an argument breaks a documented rule")             \
    X(KMA_ERR_MEMORY, 2, "out of memory")                                      \
    X(KMA_ERR_STALE, 3, "the handle names an object that was released")        \
    X(KMA_ERR_CLOSED, 4, "the object was closed")                              \
    X(KMA_ERR_STATE, 5, "the call is not allowed in this state")               \
    X(KMA_ERR_BUSY, 6, "the object is in use")                                 \
    X(KMA_ERR_IO, 7, "a file could not be read or written")                    \
    X(KMA_ERR_FORMAT, 8, "a file or text does not follow its format")          \
    X(KMA_ERR_GEOMETRY, 9, "the geometry is not valid")                        \
    X(KMA_ERR_MESH, 10, "the mesh is not a closed, consistent surface")        \
    X(KMA_ERR_PHYSICS, 11, "no physics data for this material or energy")      \
    X(KMA_ERR_RANGE, 12, "a value does not fit its exact representation")      \
    X(KMA_ERR_TIMEOUT, 13, "the time limit passed")                            \
    X(KMA_ERR_ABORTED, 14, "the run was aborted")                              \
    X(KMA_ERR_OBSERVER, 15, "an observer reported a failure")                  \
    X(KMA_ERR_THREAD, 16, "a thread could not be created or has failed")       \
    X(KMA_ERR_FORK, 17, "the object belongs to the process before fork")       \
    X(KMA_ERR_MISMATCH, 18, "results of different runs cannot be combined")    \
    X(KMA_ERR_INTERNAL, 19, "an assumption of kerma itself was broken")

#define KMA_STATUS_ENUM(name, code, text) name = code,
/** The result of nearly every call. */
typedef enum kma_status { KMA_STATUS_LIST(KMA_STATUS_ENUM) KMA_STATUS_END } kma_status;
#undef KMA_STATUS_ENUM

/** Name of a status such as "KMA_ERR_STALE"; "KMA_ERR_?" for an unknown code. */
KMA_API const char *kma_status_name(kma_status status);
/** Standard text of a status. */
KMA_API const char *kma_status_text(kma_status status);
/**
 * What the last failing call of this thread said: the problem, the value seen
 * and what was expected. Never NULL; empty if no call failed yet.
 * The text stays valid until the next failing call of the same thread.
 */
KMA_API const char *kma_error_message(void);

/** The library's version, such as "0.1.0". */
KMA_API const char *kma_version(void);

/** The kinds of objects that handles name. */
#define KMA_KIND_LIST(X)                                                       \
    X(KMA_KIND_MATERIAL, 1, "material")                                        \
    X(KMA_KIND_CT_TABLE, 2, "CT table")                                        \
    X(KMA_KIND_MESH_BUILDER, 3, "mesh builder")                                \
    X(KMA_KIND_MESH, 4, "mesh")                                                \
    X(KMA_KIND_SOLID, 5, "solid")                                              \
    X(KMA_KIND_IMAGE, 6, "image")                                              \
    X(KMA_KIND_VOLUME, 7, "volume")                                            \
    X(KMA_KIND_SPECTRUM, 8, "spectrum")                                        \
    X(KMA_KIND_SOURCE, 9, "source")                                            \
    X(KMA_KIND_SCORER, 10, "scorer")                                           \
    X(KMA_KIND_SCENE, 11, "scene")                                             \
    X(KMA_KIND_RUN_MANAGER, 12, "run manager")                                 \
    X(KMA_KIND_RESULT, 13, "result")                                           \
    X(KMA_KIND_SIMULATION, 14, "simulation")                                   \
    X(KMA_KIND_SUMMARY, 15, "summary")                                         \
    X(KMA_KIND_INVENTORY, 16, "inventory")
#define KMA_KIND_ENUM(name, code, text) name = code,
typedef enum kma_kind { KMA_KIND_LIST(KMA_KIND_ENUM) KMA_KIND_END } kma_kind;
#undef KMA_KIND_ENUM

/** How many objects of a kind exist: 0 when everything was released. */
KMA_API size_t kma_live_objects(kma_kind kind);

/**
 * Memory functions of the host. `realloc` and `free` must accept what `alloc`
 * gave; all must be callable from any thread at once. NULL for `alloc` means
 * the C library's functions again.
 *
 * Call it before the first object is created.
 * @retval KMA_ERR_STATE     objects exist already
 * @retval KMA_ERR_ARGUMENT  only some of the three were given
 */
KMA_API kma_status kma_set_allocator(void *(*alloc)(size_t size, void *context),
                                     void *(*realloc)(void *p, size_t size, void *context),
                                     void (*free)(void *p, void *context),
                                     void *context);

typedef enum kma_log_level {
    KMA_LOG_DEBUG = 0,
    KMA_LOG_INFO = 1,
    KMA_LOG_WARNING = 2,
    KMA_LOG_ERROR = 3
} kma_log_level;

/**
 * Receives log records. Thread: any, several at once; no kerma lock is held.
 * `text` is one line without newline, valid during the call only.
 */
typedef void kma_log_fn(kma_log_level level, const char *text, void *context);
/**
 * Sets the sink for log records; NULL (the default) drops them. A record that
 * is being delivered on another thread may still reach the previous sink.
 */
KMA_API kma_status kma_set_log_sink(kma_log_fn *sink, void *context);

/**
 * Asks the host whether to go on. Thread: the one that is inside of the call; no kerma lock is held.
 * @return 0 to go on; anything else ends the call in order, with KMA_ERR_ABORTED.
 */
typedef int kma_poll_fn(void *context);
/**
 * Sets what the long calls of the calling thread ask every few milliseconds of their work, so that they can be ended:
 * kma_mesh_create_arrays(), kma_mesh_audit_arrays(), kma_mesh_read_stl(), kma_mesh_audit_stl(), kma_image_read(),
 * kma_image_write(), kma_scene_check_overlaps(), kma_inventory_create(), kma_simulation_read(),
 * kma_simulation_check(), kma_scene_write(), kma_result_write() and its relatives. One that is ended returns
 * KMA_ERR_ABORTED and leaves things as after any other failure. Calls on a run manager ask the poll function of its
 * options (kerma/run_manager.h) and not this one; other calls ask nobody.
 *
 * Holds until it is set again, for this thread alone: a new one has none. While `poll` is being called the thread has
 * none either, and what is set in there is forgotten when it returns.
 *
 * @param poll  may be NULL: nobody is asked.
 */
KMA_API void kma_set_thread_poll(kma_poll_fn *poll, void *context);

/**
 * Ends what kerma still runs: aborts all live runs, joins their threads and
 * closes their run managers. Call it before main returns. Handles stay valid
 * and say KMA_ERR_CLOSED. Harmless if repeated.
 */
KMA_API kma_status kma_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif
