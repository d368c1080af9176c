#include "kmt_file.h"

#include <math.h>

#include "simulation/file_names.h"
#include "simulation/json.h"
#include "simulation/json_write.h"

TEST(what_is_written_reads_back_the_same)
{
    static const double numbers[] = {0.1, -1e300, 5e-324, 0};
    static const size_t counts[] = {1, 0};
    kmi_json_writer *w = NULL;
    kmi_json_document *d = NULL;
    const kmi_json *v;

    assert_ok(kmi_json_open(kmt_path("a.json"), &w));
    kmi_json_begin(w, NULL, '{');
    kmi_json_put_text(w, "te\"xt", "a\"b\\c\n\x01\xC3\xA9\xFF/");
    kmi_json_put_number(w, "tenth", 0.1);
    kmi_json_put_number(w, "infinite", INFINITY);
    kmi_json_put_count(w, "count", UINT64_MAX);
    kmi_json_put_numbers(w, "numbers", numbers, 4);
    kmi_json_put_counts(w, "counts", counts, 2);
    kmi_json_put_counts(w, "none", counts, 0);
    kmi_json_begin(w, "empty", '[');
    kmi_json_end(w);
    kmi_json_begin(w, "list", '[');
    kmi_json_put_count(w, NULL, 7);
    kmi_json_begin(w, NULL, '{');
    kmi_json_end(w);
    kmi_json_end(w);
    kmi_json_end(w);
    assert_ok(kmi_json_commit(&w));
    assert_null(w);

    assert_ok(kmi_json_read(kmt_path("a.json"), &d));
    assert_int_equal(d->root->count, 9);
    assert_string_equal(kmi_json_member(d->root, "te\"xt")->text, "a\"b\\c\n\x01\xC3\xA9\xEF\xBF\xBD/");
    assert_true(kmi_json_member(d->root, "tenth")->number == 0.1);
    assert_int_equal(kmi_json_member(d->root, "infinite")->type, KMI_JSON_NULL);
    assert_memory_equal(kmi_json_member(d->root, "count")->text, "18446744073709551615", 20);
    v = kmi_json_member(d->root, "numbers");
    assert_int_equal(v->count, 4);
    assert_true(v->first->number == 0.1 && v->first->next->number == -1e300 && v->first->next->next->number == 5e-324);
    assert_int_equal(kmi_json_member(d->root, "counts")->count, 2);
    assert_int_equal(kmi_json_member(d->root, "none")->count, 0);
    assert_int_equal(kmi_json_member(d->root, "empty")->count, 0);
    assert_int_equal(kmi_json_member(d->root, "list")->first->next->type, KMI_JSON_OBJECT);
    kmi_json_destroy(d);
}

TEST(an_unfinished_text_leaves_no_file)
{
    kmi_json_writer *w = NULL;

    assert_ok(kmi_json_open(kmt_path("b.json"), &w));
    kmi_json_begin(w, NULL, '{');
    kmi_json_discard(w);
    assert_null(fopen(kmt_path("b.json"), "r"));
    assert_fails(kmi_json_open(kmt_path("none/b.json"), &w), KMA_ERR_IO, "b.json");
    assert_null(w);
}

TEST(names_of_files_are_safe_and_different)
{
    static const struct { const char *name, *file; } names[] = {
        {"dose", "dose_x"}, {"a b", "a b_x"}, {"../etc", "%2E.%2Fetc_x"}, {".hidden", "%2Ehidden_x"}, {"a/b", "a%2Fb_x"},
        {"a%2Fb", "a%252Fb_x"}, {" a ", "%20a%20_x"}, {"h\xC3\xB6he", "h\xC3\xB6he_x"}, {"a.b", "a.b_x"}, {"c:\\d", "c%3A%5Cd_x"},
    };
    char file[KMI_FILE_NAME_SIZE], longest[202];
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++) {
        assert_ok(kmi_file_name(names[i].name, "_x", file));
        assert_string_equal(file, names[i].file);
    }
    memset(longest, 'a', 201);
    longest[201] = '\0';
    assert_fails(kmi_file_name(longest, "_x", file), KMA_ERR_ARGUMENT, "too long");
    longest[200] = '\0';
    assert_ok(kmi_file_name(longest, "_x", file));
    assert_int_equal(strlen(file), 202);
}
