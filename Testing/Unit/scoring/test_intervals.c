#include "kmt.h"

#include "scoring/intervals.h"

static kmi_interval make(uint64_t begin, uint64_t end)
{
    kmi_interval i = {begin, end};
    return i;
}

TEST(intervals_that_touch_become_one)
{
    kmi_intervals set = {0};

    assert_ok(kmi_intervals_add(&set, make(10, 20)));
    assert_ok(kmi_intervals_add(&set, make(30, 40)));
    assert_int_equal(set.count, 2);
    assert_ok(kmi_intervals_add(&set, make(20, 25)));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.list[0].end, 25);
    assert_ok(kmi_intervals_add(&set, make(28, 30)));
    assert_int_equal(set.list[1].begin, 28);
    assert_ok(kmi_intervals_add(&set, make(25, 28)));
    assert_int_equal(set.count, 1);
    assert_true(set.list[0].begin == 10 && set.list[0].end == 40);
    assert_int_equal(set.histories, 30);
    kmi_intervals_free(&set);
}

TEST(an_interval_that_overlaps_is_refused_and_the_set_stays)
{
    static const uint64_t wrong[][2] = {{5, 11}, {19, 21}, {10, 20}, {12, 13}, {0, 100}, {29, 31}, {39, 50}, {0, UINT64_MAX}};
    kmi_intervals set = {0};
    size_t i;

    assert_ok(kmi_intervals_add(&set, make(10, 20)));
    assert_ok(kmi_intervals_add(&set, make(30, 40)));
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_fails(kmi_intervals_add(&set, make(wrong[i][0], wrong[i][1])), KMA_ERR_INTERNAL, "are held already");
        assert_int_equal(set.count, 2);
        assert_int_equal(set.histories, 20);
    }
    assert_ok(kmi_intervals_add(&set, make(15, 15))); /* no history at all */
    assert_int_equal(set.histories, 20);
    kmi_intervals_free(&set);
}

/* Pieces of [0, 200) in any order, some left out, against an array of flags. */
PROPERTY(any_order_of_pieces_gives_the_set_of_their_histories, 300)
{
    kmi_intervals set = {0};
    unsigned char held[200] = {0};
    int step, h, runs = 0, total = 0;
    size_t i;

    for (step = 0; step < 60; step++) {
        int begin = (int)(kmi_rng_uniform(rng) * 195), end = begin + 1 + (int)(kmi_rng_uniform(rng) * 5);
        int overlaps = 0;
        for (h = begin; h < end; h++) overlaps |= held[h];
        if (overlaps) {
            assert_fails(kmi_intervals_add(&set, make((uint64_t)begin, (uint64_t)end)), KMA_ERR_INTERNAL, "held already");
        } else {
            assert_ok(kmi_intervals_add(&set, make((uint64_t)begin, (uint64_t)end)));
            for (h = begin; h < end; h++) held[h] = 1;
        }
    }
    for (h = 0; h < 200; h++) {
        total += held[h];
        runs += held[h] && (h == 0 || !held[h - 1]);
    }
    assert_int_equal(set.count, runs);
    assert_int_equal(set.histories, total);
    for (i = 0; i < set.count; i++)
        for (h = (int)set.list[i].begin; h < (int)set.list[i].end; h++) assert_int_equal(held[h], 1);
    kmi_intervals_free(&set);
}

TEST(without_memory_the_set_stays_as_it_was)
{
    kmi_intervals set = {0}, copy;
    uint64_t i;

    kmt_fail_allocation(1);
    assert_fails(kmi_intervals_add(&set, make(0, 1)), KMA_ERR_MEMORY, "intervals of histories");
    kmt_fail_allocation(0);
    assert_int_equal(set.count, 0);
    for (i = 0; i < 16; i++) assert_ok(kmi_intervals_add(&set, make(2 * i, 2 * i + 1)));
    kmt_fail_allocation(1);
    assert_fails(kmi_intervals_add(&set, make(100, 101)), KMA_ERR_MEMORY, "intervals of histories");
    kmt_fail_allocation(1);
    assert_fails(kmi_intervals_copy(&set, &copy), KMA_ERR_MEMORY, "16 intervals");
    kmt_fail_allocation(0);
    assert_int_equal(copy.count, 0);
    assert_int_equal(set.count, 16);
    assert_int_equal(set.histories, 16);
    kmi_intervals_free(&set);
}
