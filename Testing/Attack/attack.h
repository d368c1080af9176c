/*
 * Handles under attack: every public call, with arguments drawn at random.
 *
 * A call is written once, as CALL(kma_image_get_type, flags) { return kma_image_get_type(IMAGE, OUT(kma_scalar)); }:
 * the words in capitals draw its arguments. Handles come from a pool that several attackers share: owned ones, ones
 * that were released, zero, ones of another kind, forged ones. Pointers are NULL now and then, numbers odd.
 *
 * What is checked after each call (attack.c): a failure has a text; its outputs are zero; a call on a name that is
 * known to be dead fails, with the code that its kind of death has; nothing ever fails with KMA_ERR_INTERNAL. An
 * attacker who is alone keeps a book of all names and their owners (`exact`), and knows what is dead; among several
 * nobody does.
 */
#ifndef KMT_ATTACK_H
#define KMT_ATTACK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/rng.h"
#include "host.h"
#include "kerma/kerma.h"

typedef struct attack attack;
typedef kma_status attack_call_fn(attack *a);

enum {
    SLOW = 1,            /* threads or files: called less often */
    GETS_NAMES = 2,      /* returns names that exist already, which may have died: KMA_ERR_STALE is right */
    CLOSED_REFUSED = 4,  /* a closed object is refused with KMA_ERR_CLOSED */
    CLOSED_ALLOWED = 8,  /* may fail with KMA_ERR_CLOSED for other reasons */
    MAY_NAME_NONE = 16   /* a success may name nothing: vacuum */
};

typedef struct attack_call {
    const char *name;
    attack_call_fn *fn;
    unsigned flags;
    atomic_ulong ok, failed;
} attack_call;

#define CALL(function, how)                                                                     \
    static kma_status function##_attack(attack *a);                                             \
    __attribute__((constructor)) static void function##_enlist(void)                            \
    {                                                                                           \
        attack_enlist(#function, function##_attack, how);                                       \
    }                                                                                           \
    static kma_status function##_attack(attack *a __attribute__((unused)))
void attack_enlist(const char *name, attack_call_fn *fn, unsigned flags);
size_t attack_call_count(void);
attack_call *attack_call_at(size_t i);

/* ---- the pool and its attackers ---- */

enum { POOL_SLOTS = 6, POOL_OLD = 32 };

typedef struct attack_pool {
    _Atomic uint64_t owned[KMA_KIND_END][POOL_SLOTS]; /* one owner each, unless it was stolen */
    _Atomic uint64_t old[KMA_KIND_END][POOL_OLD];     /* names that were released at least once */
    _Atomic uint64_t lent[KMA_KIND_END];              /* an image that somebody borrowed from */
    atomic_ulong contexts_given, contexts_dropped;    /* of observers with dispose */
    kma_material anchor;                              /* lives all the time: the allocator cannot be changed */
} attack_pool;

void attack_pool_fill(attack_pool *pool);  /* with at least one valid object of each kind */
void attack_pool_drain(attack_pool *pool); /* gives everything back */

void attack_refill(attack *a);             /* gives one of what random arguments would hardly make */

typedef struct attack_name { uint64_t bits; unsigned owners; bool closed, unsure; } attack_name;
typedef struct attack_book attack_book;
attack_book *attack_book_new(void);
void attack_book_free(attack_book *book);

/* What a failing call leaves there: zeros; zeros or nothing; an empty text or nothing. */
typedef enum attack_form { ATTACK_STRUCT, ATTACK_ARRAY, ATTACK_TEXT } attack_form;
typedef struct attack_output { void *at; size_t size, keep; attack_form form; } attack_output;

struct attack {
    attack_pool *pool;
    attack_book *book; /* NULL: among several */
    kmi_rng rng;
    const kmt_host *host; /* with these floating-point settings; NULL: whatever there is */
    unsigned long calls;
    /* of the call under way */
    const attack_call *call;
    bool odd;        /* some argument is not as documented */
    bool dead;       /* some handle is known to be no name */
    bool taking;     /* the name is drawn to be released */
    bool forged;     /* the bits drawn last surely name nothing */
    bool unsure;     /* some handle may be dead or not */
    bool closed;     /* self is closed, and known to be */
    unsigned codes;  /* 1 << status: what the dead handles may be refused with */
    attack_output outputs[16];
    size_t output_count;
    void *blocks[32];
    size_t block_count;
    struct { kma_kind kind; uint64_t *at; bool known; } names_out[4];
    size_t name_out_count;
};

void attack_start(attack *a, attack_pool *pool, attack_book *book, uint64_t seed, uint64_t who);
/* One random call, checked; all of `a`'s outputs are looked at. */
void attack_once(attack *a);
/* This very call. */
void attack_with(attack *a, attack_call *call);

/* ---- arguments ---- */

bool attack_chance(attack *a, unsigned one_in);
size_t attack_below(attack *a, size_t n);
uint64_t attack_handle(attack *a, kma_kind kind, bool zero_is_fine);
void *attack_out(attack *a, size_t size, size_t keep, attack_form form, bool may_be_null);
const void *attack_in(attack *a, const void *p, size_t size, bool may_be_null);
double attack_number(attack *a, double good);
size_t attack_size(attack *a, size_t good);
int attack_choice(attack *a, int good);
const char *attack_text(attack *a, const char *good);
const char *attack_path(attack *a, const char *name); /* of a file in the scratch directory */
const char *attack_new_path(attack *a, const char *ending);
const double *attack_doubles(attack *a, size_t n, double low, double high);
void *attack_new(attack *a, kma_kind kind, bool known); /* where a call puts a new name */
void attack_give(attack *a, kma_kind kind, uint64_t bits); /* a new name, into the pool */
void *attack_release(attack *a, kma_kind kind);
kma_status attack_released(attack *a, kma_kind kind, void *handle, kma_status status);
kma_status attack_retained(attack *a, kma_kind kind, uint64_t bits, kma_status status);
void attack_is_closed(attack *a, kma_kind kind, uint64_t bits);
void attack_all_closed(attack *a, kma_kind kind);

#define HANDLE(noun, KIND) ((noun){attack_handle(a, KIND, false)})
#define MATERIAL HANDLE(kma_material, KMA_KIND_MATERIAL)
#define MATERIAL_OR_NONE ((kma_material){attack_handle(a, KMA_KIND_MATERIAL, true)})
#define CT_TABLE HANDLE(kma_ct_table, KMA_KIND_CT_TABLE)
#define MESH_BUILDER HANDLE(kma_mesh_builder, KMA_KIND_MESH_BUILDER)
#define MESH HANDLE(kma_mesh, KMA_KIND_MESH)
#define SOLID HANDLE(kma_solid, KMA_KIND_SOLID)
#define IMAGE HANDLE(kma_image, KMA_KIND_IMAGE)
#define IMAGE_OR_NONE ((kma_image){attack_handle(a, KMA_KIND_IMAGE, true)})
#define VOLUME HANDLE(kma_volume, KMA_KIND_VOLUME)
#define SPECTRUM HANDLE(kma_spectrum, KMA_KIND_SPECTRUM)
#define SOURCE HANDLE(kma_source, KMA_KIND_SOURCE)
#define SCORER HANDLE(kma_scorer, KMA_KIND_SCORER)
#define SCENE HANDLE(kma_scene, KMA_KIND_SCENE)
#define RUN_MANAGER HANDLE(kma_run_manager, KMA_KIND_RUN_MANAGER)
#define RESULT HANDLE(kma_result, KMA_KIND_RESULT)
#define SIMULATION HANDLE(kma_simulation, KMA_KIND_SIMULATION)
#define SUMMARY HANDLE(kma_summary, KMA_KIND_SUMMARY)
#define INVENTORY HANDLE(kma_inventory, KMA_KIND_INVENTORY)

#define OUT(type) ((type *)attack_out(a, sizeof(type), 0, ATTACK_STRUCT, false))
#define OUT_OR_NULL(type) ((type *)attack_out(a, sizeof(type), 0, ATTACK_STRUCT, true))
#define OUTS(type, n) ((type *)attack_out(a, (n) * sizeof(type), 0, ATTACK_ARRAY, false))
#define OUTS_OR_NULL(type, n) ((type *)attack_out(a, (n) * sizeof(type), 0, ATTACK_ARRAY, true))
#define OUT_SIZED(type) ((type *)attack_out(a, sizeof(type), sizeof(size_t), ATTACK_STRUCT, false))
#define IN(pointer) attack_in(a, (pointer), sizeof *(pointer), false)
#define IN_OR_NULL(pointer) attack_in(a, (pointer), sizeof *(pointer), true)
#define NEW(KIND) attack_new(a, KMA_KIND_##KIND, false)
#define OLD(KIND) attack_new(a, KMA_KIND_##KIND, true)
#define RETAIN(noun, KIND)                                                                      \
    noun handle = HANDLE(noun, KMA_KIND_##KIND);                                                \
    return attack_retained(a, KMA_KIND_##KIND, handle.bits, noun##_retain(handle))
#define RELEASE(noun, KIND)                                                                     \
    noun *handle = attack_release(a, KMA_KIND_##KIND);                                          \
    return attack_released(a, KMA_KIND_##KIND, handle, noun##_release(handle))

#endif
