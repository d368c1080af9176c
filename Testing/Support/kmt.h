/*
 * Test support. A test is a sentence that is true when it passes:
 *
 *     TEST(a_stale_handle_is_refused_after_its_slot_is_reused) { ... }
 *     PROPERTY(distance_to_exit_is_never_negative_inside, 2000) { ... uses rng ... }
 *
 * A test that leaves an object alive fails: kma_live_objects() is 0 for every kind at its end.
 *
 * cmocka's assert_* macros are to be used inside. A property runs with seeds
 * 1..n and prints the failing one; KMT_SEED=k runs that one alone. KMT_ONLY='a_sta*' runs the tests so called.
 */
#ifndef KMT_H
#define KMT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/vec.h"

void kmt_register(const char *name, void (*function)(void **state));
uint64_t kmt_seed_first(void);
uint64_t kmt_seed_last(uint64_t count);
void kmt_seed_running(uint64_t seed); /* 0 = done */

#define TEST(name)                                                             \
    static void name(void **state);                                            \
    __attribute__((constructor)) static void name##_register(void)             \
    {                                                                          \
        kmt_register(#name, name);                                             \
    }                                                                          \
    static void name(void **state __attribute__((unused)))

#define PROPERTY(name, count)                                                  \
    static void name##_once(kmi_rng *rng, uint64_t seed);                      \
    TEST(name)                                                                 \
    {                                                                          \
        uint64_t seed_;                                                        \
        for (seed_ = kmt_seed_first(); seed_ <= kmt_seed_last(count); seed_++) { \
            kmi_rng rng_;                                                      \
            kmi_rng_start(&rng_, seed_, 0, KMI_STREAM_GEOMETRY);               \
            kmt_seed_running(seed_);                                           \
            name##_once(&rng_, seed_);                                         \
        }                                                                      \
        kmt_seed_running(0);                                                   \
    }                                                                          \
    static void name##_once(kmi_rng *rng __attribute__((unused)), uint64_t seed __attribute__((unused)))

/* The call succeeds, or the test fails with its error text. */
#define assert_ok(call) kmt_assert_ok((call), #call, __FILE__, __LINE__)
void kmt_assert_ok(kma_status status, const char *call, const char *file, int line);
/* The call fails with this status and a text that contains `part`. */
#define assert_fails(call, expected, part) kmt_assert_fails((call), (expected), (part), #call, __FILE__, __LINE__)
void kmt_assert_fails(kma_status status, kma_status expected, const char *part, const char *call,
                      const char *file, int line);
#define assert_near(a, b, tolerance) kmt_assert_near((a), (b), (tolerance), #a, #b, __FILE__, __LINE__)
void kmt_assert_near(double a, double b, double tolerance, const char *a_text, const char *b_text,
                     const char *file, int line);
#define assert_true_msg(condition, ...)                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            print_error(__VA_ARGS__);                                          \
            print_error("\n");                                                 \
            assert_true(condition);                                            \
        }                                                                      \
    } while (0)

/* All kinds have 0 live objects. */
void kmt_assert_no_live_objects(void);

/* Fails the n-th allocation from now on once (1 = the next); 0 stops it. True afterwards if it happened. */
void kmt_fail_allocation(long n);
bool kmt_allocation_failed(void);

/* Path of a file of real data (shared/data beside the checkout, or KERMA_SHARED_DATA), or NULL with a
 * message naming what is skipped. */
const char *kmt_shared_data(const char *relative);
/* A new empty directory for this process, removed at exit. */
const char *kmt_scratch(void);

/* A uniformly distributed direction. */
kmi_vec3 kmt_direction(kmi_rng *rng);

#endif
