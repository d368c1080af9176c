/*
 * Every allocation of a life fails once, from the first material to the last
 * release, serially and with workers: an error each time, nothing half made,
 * nothing left.
 */
#include "life.h"

#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What an undisturbed life scores. */
static life whole;
static long blocks, bytes; /* that the library keeps for good: its handle table */
static int threads_before; /* a sanitizer may have one of its own */

static bool live(life *self)
{
    return life_describe(self) && life_create_run(self) && life_initialize(self) && life_run(self) && life_read(self) &&
           life_close(self);
}

static void assert_nothing_left(void)
{
    kmt_assert_no_live_objects();
    assert_int_equal(fault_blocks(), blocks);
    assert_int_equal(fault_bytes(), bytes);
}

static void assert_the_same(const life *a, const life *b)
{
    assert_string_equal(a->hash, b->hash);
    assert_string_equal(a->scene_hash, b->scene_hash);
    assert_true(a->step_records == b->step_records && a->score_records == b->score_records);
    assert_true(a->replayed == b->replayed);
    assert_true(a->dose == b->dose && a->uncertainty == b->uncertainty && a->total == b->total);
}

static void live_undisturbed(void)
{
    life self = {.threads = 1};

    fault_install();
    fault_arm(0, FAULT_ONCE);
    assert_true(live(&self));
    life_end(&self);
    blocks = fault_blocks();
    bytes = fault_bytes();
    if (threads_before == 0) threads_before = fault_threads();
    kmt_assert_no_live_objects();
    assert_true(self.dose > 0 && self.step_records > LIFE_HISTORIES && self.score_records > 0 && self.replayed > 0);
    whole = self;
}

/* One life in which the n-th allocation fails. True if it was reached. */
static bool live_disturbed(long n, fault_mode mode, int threads, int *swallowed)
{
    life self = {.threads = threads};
    bool complete;

    self.log.repeats = mode == FAULT_ONCE;
    fault_arm(n, mode);
    complete = live(&self);
    if (complete) assert_the_same(&self, &whole);
    if (self.log.swallowed > 0 && self.log.failed_calls == 0)
        print_message("allocation %ld: not missed by %s\n", n, self.log.swallower);
    *swallowed += self.log.swallowed;
    assert_true(complete || mode == FAULT_FROM_THERE);
    assert_true_msg(fault_fired() == 0 || self.log.failed_calls > 0 || self.log.swallowed > 0,
                    "allocation %ld failed and nobody said so", n);
    life_end(&self); /* without memory, if it is gone for good */
    fault_disarm();
    assert_nothing_left();
    fault_wait_for_threads(threads_before);
    return fault_fired() > 0;
}

static void fail_every_allocation(fault_mode mode, int threads)
{
    double begun = now();
    int swallowed = 0;
    long n;

    live_undisturbed();
    for (n = 1; live_disturbed(n, mode, threads, &swallowed); n += FAULT_STRIDE) continue;
    print_message("%ld allocations, threads = %d, %s: %d not missed, %.1f s\n", n - 1, threads,
                  mode == FAULT_ONCE ? "each once" : "all from each on", swallowed, now() - begun);
    assert_int_equal(swallowed, 0); /* nothing here is optional */
    assert_true(n > 300);
}

TEST(every_allocation_of_a_serial_life_may_fail)
{
    fail_every_allocation(FAULT_ONCE, 0);
}

TEST(from_every_allocation_of_a_serial_life_on_all_may_fail)
{
    fail_every_allocation(FAULT_FROM_THERE, 0);
}

TEST(every_allocation_of_a_life_with_workers_may_fail)
{
    fail_every_allocation(FAULT_ONCE, 2);
}

TEST(from_every_allocation_of_a_life_with_workers_on_all_may_fail)
{
    fail_every_allocation(FAULT_FROM_THERE, 2);
}
