#include "kmt.h"

#include "base/memory.h"
#include "run/interval.h"

static void add(kmi_interval_set *set, uint64_t begin, uint64_t end)
{
    kmi_interval interval = {begin, end};
    assert_ok(kmi_interval_set_reserve(set, 1));
    kmi_interval_set_add(set, interval);
}

TEST(intervals_that_touch_become_one)
{
    kmi_interval_set set = {NULL, 0, 0};

    add(&set, 10, 20);
    add(&set, 30, 40);
    add(&set, 0, 5);
    assert_int_equal(set.count, 3);
    add(&set, 20, 30);
    assert_int_equal(set.count, 2);
    assert_int_equal(set.intervals[1].begin, 10);
    assert_int_equal(set.intervals[1].end, 40);
    add(&set, 5, 10);
    assert_int_equal(set.count, 1);
    assert_int_equal(kmi_interval_set_total(&set), 40);
    add(&set, 7, 7);
    assert_int_equal(set.count, 1);
    kmi_interval_set_free(&set);
}

TEST(what_is_missing_is_taken_lowest_first_and_cut_on_a_fixed_grid)
{
    kmi_interval_set held = {NULL, 0, 0}, todo = {NULL, 0, 0};
    kmi_interval got = {0, 0};

    add(&held, 100, 200);
    add(&held, 5000, 6000);
    assert_ok(kmi_interval_set_missing(&todo, &held, 9000));
    assert_true(kmi_interval_set_take(&todo, &got) && got.begin == 0 && got.end == 100);
    assert_true(kmi_interval_set_take(&todo, &got) && got.begin == 200 && got.end == KMI_INTERVAL_HISTORIES);
    assert_true(kmi_interval_set_take(&todo, &got) && got.begin == KMI_INTERVAL_HISTORIES && got.end == 5000);
    assert_true(kmi_interval_set_take(&todo, &got) && got.begin == 6000 && got.end == 2 * KMI_INTERVAL_HISTORIES);
    assert_true(kmi_interval_set_take(&todo, &got) && got.end == 9000);
    assert_false(kmi_interval_set_take(&todo, &got));
    kmi_interval_set_free(&held);
    kmi_interval_set_free(&todo);
}

PROPERTY(a_set_agrees_with_a_plain_array_of_flags, 300)
{
    enum { N = 300 };
    bool flags[N] = {false};
    kmi_interval_set set = {NULL, 0, 0};
    int round, i;
    size_t k;

    for (round = 0; round < 25; round++) {
        uint64_t begin = (uint64_t)(kmi_rng_uniform(rng) * N), end = begin + (uint64_t)(kmi_rng_uniform(rng) * 30);
        uint64_t total = 0;
        if (end > N) end = N;
        add(&set, begin, end);
        for (i = (int)begin; i < (int)end; i++) flags[i] = true;
        for (i = 0; i < N; i++) total += flags[i];
        assert_int_equal(kmi_interval_set_total(&set), total);
        for (k = 0; k < set.count; k++) {
            assert_true(set.intervals[k].begin < set.intervals[k].end);
            if (k > 0) assert_true(set.intervals[k - 1].end < set.intervals[k].begin);
            for (i = (int)set.intervals[k].begin; i < (int)set.intervals[k].end; i++) assert_true(flags[i]);
        }
    }
    kmi_interval_set_free(&set);
}

TEST(a_reservation_that_fails_leaves_the_set_as_it_was)
{
    kmi_interval_set set = {NULL, 0, 0};

    add(&set, 1, 2);
    kmt_fail_allocation(1);
    assert_fails(kmi_interval_set_reserve(&set, 1000), KMA_ERR_MEMORY, "intervals of histories");
    kmt_fail_allocation(0);
    assert_int_equal(kmi_interval_set_total(&set), 1);
    kmi_interval_set_free(&set);
}
