/*
 * Memory that runs out on demand, and what is left when everything was given
 * back. A scenario is a list of public calls; each is judged: it succeeds, or
 * it says KMA_ERR_MEMORY, and then the same call does its work when there is
 * memory again.
 */
#ifndef FAULT_H
#define FAULT_H

#include "kmt.h"

#include "kerma/kerma.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAULT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FAULT_SANITIZED 1
#endif
#endif

/* Every allocation is tried, but under sanitizers, which are slow, every seventh. */
#ifdef FAULT_SANITIZED
enum { FAULT_STRIDE = 7 };
#else
enum { FAULT_STRIDE = 1 };
#endif

typedef enum fault_mode {
    FAULT_ONCE,      /* one allocation fails; the next is given */
    FAULT_FROM_THERE /* that one and all after it fail */
} fault_mode;

/* Takes the place of the tests' allocator: counts, and fails what is asked for. No object may exist. */
void fault_install(void);
/* The n-th allocation from now on fails (1 = the next). */
void fault_arm(long n, fault_mode mode);
void fault_disarm(void);
/* Counts one; true if it is to fail. For other doors to memory than the library's own. */
bool fault_fails_now(void);
long fault_asked(void); /* allocations since it was armed */
long fault_fired(void); /* of these, failed */
/* Allocations that were not given back; bytes of them. */
long fault_blocks(void);
long fault_bytes(void);
/* Threads of this process now. */
int fault_threads(void);
/* Waits up to 5 s until there are no more than `most`: a joined thread leaves /proc a moment later. */
void fault_wait_for_threads(int most);

/* ---- scenarios ---- */

typedef struct fault_log {
    bool may_be_a_thread; /* a thread that cannot be made for want of memory is KMA_ERR_THREAD */
    bool repeats;        /* a call that failed is repeated with memory; else the scenario ends there */
    int failed_calls;    /* that said so */
    int swallowed;       /* allocations whose failure cost nothing that was asked for */
    const char *swallower; /* the last call that did that */
} fault_log;

/* Judges what a call returned; false if it failed as it should. `name_bits`: of the handle it makes, or NULL. */
bool fault_judge(fault_log *log, kma_status status, long fired_before, const uint64_t *name_bits, const char *call);

/* In a function that returns bool (false: the scenario ended early) and has a `fault_log *log`. */
#define STEP(call) FAULT_STEP_(call, NULL)
#define MAKE(handle, call) FAULT_STEP_(call, &(handle).bits)
#define FAULT_STEP_(call, bits_)                                               \
    do {                                                                       \
        long fired_ = fault_fired();                                           \
        kmi_error_clear(); /* a text must be of this call */                   \
        if (!fault_judge(log, (call), fired_, (bits_), #call)) {               \
            if (!log->repeats) return false;                                   \
            fault_disarm();                                                    \
            assert_ok(call);                                                   \
        }                                                                      \
    } while (0)

#endif
