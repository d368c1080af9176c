#include "kmt.h"

#include <stdbool.h>
#include <time.h>

#include "base/memory.h"
#include "base/unique_names.h"

static void assert_made(kmi_unique_names *names, const char *wanted, const char *expected)
{
    char *made = NULL;

    assert_ok(kmi_unique_make(names, wanted, &made));
    assert_string_equal(made, expected);
    kmi_free(made);
}

TEST(the_first_has_its_name_and_later_ones_a_number_that_nobody_has)
{
    kmi_unique_names names = {NULL, 0, 0};
    bool is_free = false;

    assert_ok(kmi_unique_claim(&names, "a 3", &is_free));
    assert_true(is_free);
    assert_made(&names, "a", "a");
    assert_made(&names, "a", "a 2");
    assert_made(&names, "a", "a 4");
    assert_made(&names, "a 2", "a 2 2");
    assert_made(&names, "", "");
    assert_made(&names, "", " 2");
    assert_ok(kmi_unique_claim(&names, "a 4", &is_free));
    assert_false(is_free);
    assert_int_equal(names.count, 7);
    kmi_unique_clear(&names);
}

/* Trying all numbers each time would take hours. */
TEST(a_hundred_thousand_that_are_alike_are_named_at_once)
{
    kmi_unique_names names = {NULL, 0, 0};
    clock_t start = clock();
    int i;

    for (i = 0; i < 100000; i++) {
        char *made = NULL;
        assert_ok(kmi_unique_make(&names, "cell", &made));
        kmi_free(made);
    }
    assert_made(&names, "cell", "cell 100001");
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
    kmi_unique_clear(&names);
}

TEST(a_failed_allocation_takes_no_name)
{
    kmi_unique_names names = {NULL, 0, 0};
    kma_status status = KMA_ERR_MEMORY;
    char *made = NULL;
    int n;

    for (n = 1; status != KMA_OK; n++) {
        kmt_fail_allocation(n);
        status = kmi_unique_make(&names, "a", &made);
        kmt_fail_allocation(0);
        assert_true(status == KMA_OK || (status == KMA_ERR_MEMORY && made == NULL && names.count == 0));
    }
    assert_true(n > 3);
    assert_string_equal(made, "a");
    kmi_free(made);
    kmi_unique_clear(&names);
}
