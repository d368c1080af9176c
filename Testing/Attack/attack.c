/* Drawing arguments, checking calls: see attack.h. */
#include "attack.h"

#include <math.h>
#include <limits.h>

#include "kmt.h"

/* cmocka's own can only be used on the thread of the test. */
static _Thread_local bool in_test;
static void give_up(void)
{
    if (in_test) fail();
    abort();
}
#define REQUIRE(condition)                                                                      \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            print_error("%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);          \
            give_up();                                                                          \
        }                                                                                       \
    } while (0)

/* ---- the calls ---- */

enum { CALLS_MAX = 400 };
static attack_call calls[CALLS_MAX];
static size_t call_count;

void attack_enlist(const char *name, attack_call_fn *fn, unsigned flags)
{
    if (call_count == CALLS_MAX) abort();
    calls[call_count].name = name;
    calls[call_count].fn = fn;
    calls[call_count++].flags = flags;
}

size_t attack_call_count(void)
{
    return call_count;
}

attack_call *attack_call_at(size_t i)
{
    return &calls[i];
}

/* ---- the book of names: open addressing, never removed from ---- */

enum { BOOK_ROOM = 1 << 18 };
struct attack_book { attack_name names[BOOK_ROOM]; size_t count; };

attack_book *attack_book_new(void)
{
    return calloc(1, sizeof(attack_book));
}

void attack_book_free(attack_book *book)
{
    free(book);
}

static attack_name *look_up(attack_book *book, uint64_t bits, bool add)
{
    size_t i = (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 46);

    for (; book->names[i].bits != 0; i = (i + 1) % BOOK_ROOM)
        if (book->names[i].bits == bits) return &book->names[i];
    if (!add) return NULL;
    REQUIRE(++book->count < BOOK_ROOM / 2);
    book->names[i].bits = bits;
    return &book->names[i];
}

static kma_kind kind_of(uint64_t bits)
{
    return (kma_kind)(bits >> 56);
}

/* ---- the pool ---- */

static kma_status release(kma_kind kind, uint64_t bits)
{
    switch (kind) {
#define CASE(KIND, noun)                                                                        \
    case KMA_KIND_##KIND: {                                                                     \
        noun handle = {bits};                                                                   \
        return noun##_release(&handle);                                                         \
    }
        CASE(MATERIAL, kma_material)
        CASE(CT_TABLE, kma_ct_table)
        CASE(MESH_BUILDER, kma_mesh_builder)
        CASE(MESH, kma_mesh)
        CASE(SOLID, kma_solid)
        CASE(IMAGE, kma_image)
        CASE(VOLUME, kma_volume)
        CASE(SPECTRUM, kma_spectrum)
        CASE(SOURCE, kma_source)
        CASE(SCORER, kma_scorer)
        CASE(SCENE, kma_scene)
        CASE(RUN_MANAGER, kma_run_manager)
        CASE(RESULT, kma_result)
        CASE(SIMULATION, kma_simulation)
        CASE(SUMMARY, kma_summary)
        CASE(INVENTORY, kma_inventory)
#undef CASE
    case KMA_KIND_END: break;
    }
    print_error("kind %d cannot be released: add it to attack.c\n", (int)kind);
    give_up();
    return KMA_OK;
}

static void note_old(attack *a, kma_kind kind, uint64_t bits)
{
    atomic_store(&a->pool->old[kind][attack_below(a, POOL_OLD)], bits);
}

static void owner_lost(attack *a, uint64_t bits, kma_status status)
{
    attack_name *name = a->book == NULL ? NULL : look_up(a->book, bits, false);

    if (status == KMA_OK && name != NULL && name->owners > 0) name->owners--;
}

/* Puts an owned name into the pool; what was there is given back. */
static void put(attack *a, kma_kind kind, uint64_t bits)
{
    uint64_t before = atomic_exchange(&a->pool->owned[kind][attack_below(a, POOL_SLOTS)], bits);

    if (before == 0) return;
    owner_lost(a, before, release(kind, before)); /* stale if its owner was stolen */
    note_old(a, kind, before);
}

void attack_pool_drain(attack_pool *pool)
{
    int kind, i;

    for (kind = 1; kind < KMA_KIND_END; kind++)
        for (i = 0; i < POOL_SLOTS; i++) {
            uint64_t bits = atomic_exchange(&pool->owned[kind][i], 0);
            if (bits != 0) (void)release((kma_kind)kind, bits);
        }
    for (i = 0; i < KMA_KIND_END; i++) {
        uint64_t bits = atomic_exchange(&pool->lent[i], 0);
        if (bits != 0) (void)kma_image_return((kma_image){bits});
    }
    assert_ok(kma_material_release(&pool->anchor));
}

/* ---- arguments ---- */

bool attack_chance(attack *a, unsigned one_in)
{
    return kmi_rng_bits(&a->rng) % one_in == 0;
}

size_t attack_below(attack *a, size_t n)
{
    return (size_t)(kmi_rng_bits(&a->rng) % n);
}

/* Whether the book knows this name to be alive: then no other generation of its slot is. */
static bool lives(const attack *a, uint64_t bits)
{
    const attack_name *name = a->book == NULL || bits == 0 ? NULL : look_up(a->book, bits, false);

    return name != NULL && name->owners > 0;
}

static uint64_t draw_bits(attack *a, kma_kind kind)
{
    uint64_t bits = atomic_load(&a->pool->owned[kind][attack_below(a, POOL_SLOTS)]);
    kma_kind other = (kma_kind)(1 + attack_below(a, KMA_KIND_END - 1));

    size_t how = attack_below(a, 24);

    /* Among several a forged name may be what another attacker is just making: that may be used, not taken away. */
    if (a->taking && a->book == NULL && how >= 3 && how <= 6) how = 7;
    switch (how) {
    case 0: return 0;
    case 1: return atomic_load(&a->pool->owned[other][attack_below(a, POOL_SLOTS)]); /* of another kind */
    case 2: /* of another kind, and says it were of this */
        bits = atomic_load(&a->pool->owned[other][attack_below(a, POOL_SLOTS)]);
        a->forged = bits != 0 && other != kind; /* a slot and generation are of one kind for ever */
        return bits == 0 ? 0 : (bits & ~(UINT64_C(0xff) << 56)) | (uint64_t)kind << 56;
    case 3: /* another generation */
        a->forged = lives(a, bits);
        return bits == 0 ? 0 : bits ^ UINT64_C(1) << (32 + attack_below(a, 24));
    case 4: /* what the slot's next name will be */
        a->forged = lives(a, bits);
        return bits == 0 ? 0 : bits + (UINT64_C(1) << 32);
    case 5: return (uint64_t)kind << 56 | (kmi_rng_bits(&a->rng) >> 8);
    case 6: return (uint64_t)kind << 56 | UINT64_C(1) << 32 | attack_below(a, 5000); /* a slot's first name */
    case 7:
    case 8:
    case 9: return atomic_load(&a->pool->old[kind][attack_below(a, POOL_OLD)]);
    default: break;
    }
    for (size_t i = 0; bits == 0 && i < POOL_SLOTS; i++) bits = atomic_load(&a->pool->owned[kind][i]);
    return bits;
}

/* What is known of a name that is about to be used as one of this kind. */
static void judge(attack *a, kma_kind kind, uint64_t bits, bool zero_is_fine)
{
    const attack_name *name;

    bool forged = a->forged;

    a->forged = false;
    if (a->book == NULL) return;
    if (bits == 0) {
        if (!zero_is_fine) a->codes |= 1u << KMA_ERR_ARGUMENT;
        a->dead = a->dead || !zero_is_fine;
        return;
    }
    if (kind_of(bits) != kind) {
        a->codes |= 1u << KMA_ERR_ARGUMENT;
        a->dead = true;
        return;
    }
    if (forged) {
        a->dead = true;
        a->codes |= 1u << KMA_ERR_STALE;
        return;
    }
    name = look_up(a->book, bits, false);
    if (name != NULL && name->owners == 0 && name->unsure) {
        a->unsure = true;
    } else if (name == NULL || name->owners == 0) {
        a->dead = true;
        a->codes |= 1u << KMA_ERR_STALE;
        if (name == NULL) a->codes |= 1u << KMA_ERR_ARGUMENT; /* forged: "never given out" */
    } else if (name->closed) {
        a->closed = true;
    }
    /* Forged bits may name something that the book does not know, such as what a simulation made. */
    if (name == NULL) a->unsure = true;
}

uint64_t attack_handle(attack *a, kma_kind kind, bool zero_is_fine)
{
    uint64_t bits = zero_is_fine && attack_chance(a, 4) ? 0 : draw_bits(a, kind);

    judge(a, kind, bits, zero_is_fine);
    return bits;
}

static void *block(attack *a, size_t size)
{
    void *p = malloc(size == 0 ? 1 : size); /* of its very size, for the address sanitizer */

    REQUIRE(p != NULL);
    REQUIRE(a->block_count < sizeof a->blocks / sizeof *a->blocks);
    a->blocks[a->block_count++] = p;
    return p;
}

static const unsigned char poison = 0xa5;

void *attack_out(attack *a, size_t size, size_t keep, attack_form form, bool may_be_null)
{
    attack_output *out;
    void *p;

    if (may_be_null ? attack_chance(a, 3) : attack_chance(a, 24)) {
        a->odd = a->odd || !may_be_null;
        return NULL;
    }
    p = block(a, size);
    memset(p, poison, size);
    if (keep != 0) { /* a struct that begins with its size */
        size_t told = attack_chance(a, 16) ? attack_below(a, 300) : size;
        memcpy(p, &told, sizeof told);
        if (told != size) {
            a->odd = true;
            return p; /* refused whole: nobody knows how long it is */
        }
    }
    REQUIRE(a->output_count < sizeof a->outputs / sizeof *a->outputs);
    out = &a->outputs[a->output_count++];
    out->at = p;
    out->size = size;
    out->keep = keep;
    out->form = form;
    return p;
}

const void *attack_in(attack *a, const void *p, size_t size, bool may_be_null)
{
    void *copy;

    if (may_be_null ? attack_chance(a, 3) : attack_chance(a, 24)) {
        a->odd = a->odd || !may_be_null;
        return NULL;
    }
    copy = block(a, size);
    memcpy(copy, p, size);
    return copy;
}

double attack_number(attack *a, double good)
{
    static const double odd[] = {0, -0.0, -1, NAN, INFINITY, -INFINITY, 1e308, -1e308, 5e-324, 1e-300, 0x1p63, 1e20};

    if (!attack_chance(a, 12)) return good;
    a->odd = true;
    return odd[attack_below(a, sizeof odd / sizeof *odd)];
}

size_t attack_size(attack *a, size_t good)
{
    static const size_t odd[] = {0, 1, 2, 7, SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 8 + 1, (size_t)1 << 32, (size_t)1 << 61};

    if (!attack_chance(a, 12)) return good;
    a->odd = true;
    return odd[attack_below(a, sizeof odd / sizeof *odd)];
}

int attack_choice(attack *a, int good)
{
    static const int odd[] = {-1, 0, 99, INT_MAX, INT_MIN, 4, 7, 11, 256};

    if (!attack_chance(a, 12)) return good;
    a->odd = true;
    return odd[attack_below(a, sizeof odd / sizeof *odd)];
}

const char *attack_text(attack *a, const char *good)
{
    static const char *const odd[] = {"", "a\nb", "\xff\xfe", "%s%n%d", "x\x01y", "long"};
    const char *text = good;
    char *copy;

    if (attack_chance(a, 24)) {
        a->odd = true;
        return NULL;
    }
    if (attack_chance(a, 16)) {
        a->odd = true;
        text = odd[attack_below(a, sizeof odd / sizeof *odd)];
        if (strcmp(text, "long") == 0) {
            copy = block(a, 5001);
            memset(copy, 'y', 5000);
            copy[5000] = '\0';
            return copy;
        }
    }
    copy = block(a, strlen(text) + 1);
    strcpy(copy, text);
    return copy;
}

const char *attack_path(attack *a, const char *name)
{
    char *path;

    if (attack_chance(a, 6)) {
        a->odd = true;
        return attack_text(a, "/nonexistent/file");
    }
    path = block(a, 4096);
    snprintf(path, 4096, "%s/%s", kmt_scratch(), name);
    return path;
}

const char *attack_new_path(attack *a, const char *ending)
{
    char name[64];

    /* Few names: attackers write the same file at once. */
    snprintf(name, sizeof name, "out%zu%s", attack_below(a, 3), ending);
    return attack_path(a, name);
}

const double *attack_doubles(attack *a, size_t n, double low, double high)
{
    double *p = block(a, n * sizeof *p);
    size_t i;

    for (i = 0; i < n; i++) p[i] = low + (high - low) * kmi_rng_uniform(&a->rng);
    if (n > 0 && attack_chance(a, 24)) p[attack_below(a, n)] = attack_number(a, p[0]);
    return attack_in(a, p, n * sizeof *p, false);
}

void *attack_new(attack *a, kma_kind kind, bool known)
{
    uint64_t *at = attack_out(a, sizeof *at, 0, ATTACK_STRUCT, false);

    if (at == NULL) return NULL;
    REQUIRE(a->name_out_count < sizeof a->names_out / sizeof *a->names_out);
    a->names_out[a->name_out_count].kind = kind;
    a->names_out[a->name_out_count].at = at;
    a->names_out[a->name_out_count++].known = known;
    return at;
}

/* A pointer to a name to be released: one's own, a copy of somebody's, a dead one, none. */
void *attack_release(attack *a, kma_kind kind)
{
    uint64_t *at = NULL;
    uint64_t bits;

    a->taking = true;
    bits = attack_chance(a, 2) ? atomic_exchange(&a->pool->owned[kind][attack_below(a, POOL_SLOTS)], 0)
                               : draw_bits(a, kind);
    a->taking = false;
    if (bits != 0 && bits == a->pool->anchor.bits) bits = 0;
    judge(a, kind, bits, true);
    at = block(a, sizeof *at + sizeof bits);
    at[0] = at[1] = bits; /* what it was, for attack_released */
    return at;
}

kma_status attack_released(attack *a, kma_kind kind, void *handle, kma_status status)
{
    uint64_t *at = handle;

    REQUIRE(at[0] == 0); /* names none, whether the call succeeded or not */
    owner_lost(a, at[1], status);
    if (at[1] != 0 && kind_of(at[1]) == kind) note_old(a, kind, at[1]);
    return status;
}

/* An owner more, of a name that was there. */
static void owner_won(attack *a, kma_kind kind, uint64_t bits, bool known)
{
    if (a->book != NULL) {
        attack_name *name = look_up(a->book, bits, false);
        REQUIRE(known || name == NULL || (name->owners == 0 && name->unsure)); /* no name is given out twice */
        if (name == NULL) {
            name = look_up(a->book, bits, true);
            name->unsure = known; /* others than we own it */
        }
        name->owners++;
    }
    REQUIRE(kind_of(bits) == kind);
    put(a, kind, bits);
}

void attack_give(attack *a, kma_kind kind, uint64_t bits)
{
    owner_won(a, kind, bits, false);
}

kma_status attack_retained(attack *a, kma_kind kind, uint64_t bits, kma_status status)
{
    if (status == KMA_OK) owner_won(a, kind, bits, true);
    return status;
}

void attack_is_closed(attack *a, kma_kind kind, uint64_t bits)
{
    attack_name *name = a->book == NULL ? NULL : look_up(a->book, bits, false);

    if (name != NULL && kind_of(bits) == kind) name->closed = true;
}

void attack_all_closed(attack *a, kma_kind kind)
{
    size_t i;

    for (i = 0; a->book != NULL && i < BOOK_ROOM; i++)
        if (a->book->names[i].bits != 0 && kind_of(a->book->names[i].bits) == kind) a->book->names[i].closed = true;
}

/* ---- one call ---- */

enum { REFILL = 300 }; /* calls between two gifts of what random arguments would hardly make */

void attack_start(attack *a, attack_pool *pool, attack_book *book, uint64_t seed, uint64_t who)
{
    int kind, i;

    memset(a, 0, sizeof *a);
    a->pool = pool;
    a->book = book;
    in_test = book != NULL;
    kmi_rng_start(&a->rng, seed, who, KMI_STREAM_GEOMETRY);
    if (book == NULL) return;
    for (kind = 1; kind < KMA_KIND_END; kind++) /* what the pool was filled with */
        for (i = 0; i < POOL_SLOTS; i++) {
            uint64_t bits = atomic_load(&pool->owned[kind][i]);
            if (bits == 0) continue;
            look_up(book, bits, true)->owners++;
            look_up(book, bits, true)->unsure = true;
        }
    look_up(book, pool->anchor.bits, true)->owners = 1;
}

static bool all_are(const unsigned char *p, size_t n, unsigned char what)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (p[i] != what) return false;
    return true;
}

static void tell(const attack *a, kma_status status, const char *what)
{
    print_error("%s: %s: %s '%s'%s%s\n", a->call->name, what, kma_status_name(status), kma_error_message(),
                a->odd ? ", odd" : "", a->dead ? ", dead" : "");
    give_up();
}

static void check_outputs(const attack *a, kma_status status)
{
    size_t i;

    if (status == KMA_OK) return;
    for (i = 0; i < a->output_count; i++) {
        const attack_output *out = &a->outputs[i];
        const unsigned char *p = (const unsigned char *)out->at + out->keep;
        if (all_are(p, out->size - out->keep, 0)) continue;
        if (out->form != ATTACK_STRUCT && all_are(p, out->size - out->keep, poison)) continue;
        if (out->form == ATTACK_TEXT && p[0] == '\0') continue;
        print_error("output %zu of %zu bytes\n", i, out->size);
        tell(a, status, out->form != ATTACK_STRUCT ? "half written" : "not zeroed");
    }
}

static void check_status(const attack *a, kma_status status)
{
    unsigned flags = a->call->flags;

    if ((int)status < 0 || status >= KMA_STATUS_END) tell(a, status, "no status");
    if (status == KMA_ERR_INTERNAL) tell(a, status, "an assumption of kerma's was broken");
    if (status != KMA_OK && kma_error_message()[0] == '\0') tell(a, status, "no text");
    if (a->book == NULL || a->unsure) return;
    if (a->dead && status == KMA_OK) tell(a, status, "a dead name was accepted");
    if (a->odd) return;
    if (a->dead && (a->codes >> status & 1) == 0) tell(a, status, "a dead name was refused otherwise");
    if (a->dead) return;
    if (status == KMA_ERR_STALE && (flags & GETS_NAMES) == 0) tell(a, status, "a living name was called stale");
    if (a->closed && (flags & CLOSED_REFUSED) != 0 && status != KMA_ERR_CLOSED)
        tell(a, status, "a closed object was not refused as such");
    if (status == KMA_ERR_CLOSED && !(a->closed && (flags & CLOSED_REFUSED) != 0) && (flags & CLOSED_ALLOWED) == 0)
        tell(a, status, "an open object was called closed");
}

static void keep_names(attack *a, kma_status status)
{
    size_t i;

    for (i = 0; i < a->name_out_count; i++) {
        uint64_t bits = *a->names_out[i].at;
        if (status != KMA_OK) continue; /* zero: checked as an output */
        if (bits == 0 && (a->call->flags & MAY_NAME_NONE) != 0) continue;
        if (bits == 0) tell(a, status, "it succeeded and named nothing");
        owner_won(a, a->names_out[i].kind, bits, a->names_out[i].known);
    }
}

void attack_with(attack *a, attack_call *call)
{
    kma_status status;

    a->call = call;
    a->odd = a->dead = a->unsure = a->closed = false;
    a->codes = 0;
    a->output_count = a->block_count = a->name_out_count = 0;
    kmi_error_clear();
    if (a->host != NULL) kmt_host_begin(a->host);
    status = call->fn(a);
    if (a->host != NULL && !kmt_host_end(a->host)) tell(a, status, "it changed the host's floating-point settings");
    check_status(a, status);
    check_outputs(a, status);
    a->call = call;
    keep_names(a, status);
    while (a->block_count > 0) free(a->blocks[--a->block_count]);
    a->calls++;
    atomic_fetch_add_explicit(status == KMA_OK ? &call->ok : &call->failed, 1, memory_order_relaxed);
}

void attack_once(attack *a)
{
    if (attack_chance(a, REFILL)) attack_refill(a);
    for (;;) {
        attack_call *call = &calls[attack_below(a, call_count)];
        if ((call->flags & SLOW) != 0 && !attack_chance(a, 8)) continue;
        attack_with(a, call);
        return;
    }
}
