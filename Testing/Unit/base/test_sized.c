#include "kmt.h"

#include "base/sized.h"

typedef struct sample {
    size_t size;
    double value;
    char text[8];
} sample;

TEST(a_struct_that_somebody_filled_is_read_and_any_other_refused_with_both_sizes)
{
    sample s = {.size = sizeof s};
    char text[80];

    assert_ok(kmi_sized_check(&s, sizeof s, "options", "sample_defaults() sets it"));
    s.size--;
    snprintf(text, sizeof text, "options->size is %zu (must be %zu: sample_defaults() sets it)", s.size, sizeof s);
    assert_fails(kmi_sized_check(&s, sizeof s, "options", "sample_defaults() sets it"), KMA_ERR_ARGUMENT, text);
}

TEST(a_struct_to_be_filled_is_emptied_but_for_its_size_or_left_alone)
{
    sample s = {.size = sizeof s, .value = 7, .text = "seven"};

    assert_fails(kmi_sized_begin(NULL, sizeof s, "sample"), KMA_ERR_ARGUMENT, "out is NULL");
    s.size = 0;
    assert_fails(kmi_sized_begin(&s, sizeof s, "sample"), KMA_ERR_ARGUMENT, "out->size is 0 (must be 24: sizeof(sample))");
    assert_true(s.size == 0 && s.value == 7);
    s.size = sizeof s;
    assert_ok(kmi_sized_begin(&s, sizeof s, "sample"));
    assert_true(s.size == sizeof s && s.value == 0 && s.text[0] == '\0');
}
