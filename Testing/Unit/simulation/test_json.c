#include "kmt_file.h"

#include "base/memory.h"
#include "base/text.h"
#include "simulation/json.h"
#include "simulation/json_text.h"

static kmi_json_document *read_text(const char *text)
{
    kmi_json_document *d = NULL;
    assert_ok(kmi_json_parse("t", text, strlen(text), &d));
    return d;
}

TEST(values_keep_their_type_order_and_place)
{
    kmi_json_document *d = read_text("{\"a\": [1, -2.5e3, true, null],\n \"b\": {\"c\": \"x\"}, \"d\": false}");
    const kmi_json *a = kmi_json_member(d->root, "a"), *v, *c;
    size_t line, column;

    assert_int_equal(d->root->type, KMI_JSON_OBJECT);
    assert_int_equal(d->root->count, 3);
    assert_int_equal(a->count, 4);
    v = a->first;
    assert_true(v->type == KMI_JSON_NUMBER && v->number == 1);
    v = v->next;
    assert_true(v->type == KMI_JSON_NUMBER && v->number == -2500);
    assert_memory_equal(v->text, "-2.5e3", v->length);
    v = v->next;
    assert_true(v->type == KMI_JSON_BOOLEAN && v->truth);
    v = v->next;
    assert_true(v->type == KMI_JSON_NULL && v->next == NULL);
    c = kmi_json_member(kmi_json_member(d->root, "b"), "c");
    assert_string_equal(c->text, "x");
    kmi_json_place(d, c->offset, &line, &column);
    assert_true(line == 2 && column == 13);
    kmi_json_place(d, kmi_json_member(d->root, "b")->key_offset, &line, &column);
    assert_true(line == 2 && column == 2);
    assert_false(kmi_json_member(d->root, "d")->truth);
    assert_null(kmi_json_member(d->root, "e"));
    assert_null(kmi_json_member(d->root, "d")->next);
    kmi_json_destroy(d);
}

TEST(escapes_and_utf8_are_decoded)
{
    kmi_json_document *d = read_text("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e9\\u20AC\\ud83d\\ude00\", \"\xC3\xA9\", \"\"]");
    const kmi_json *v = d->root->first;

    assert_string_equal(v->text, "\"\\/\b\f\n\r\t");
    v = v->next;
    assert_string_equal(v->text, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_int_equal(v->length, 9);
    v = v->next;
    assert_string_equal(v->text, "\xC3\xA9");
    assert_string_equal(v->next->text, "");
    kmi_json_destroy(d);
}

TEST(a_byte_order_mark_is_skipped_and_columns_count_characters)
{
    kmi_json_document *d = read_text("\xEF\xBB\xBF{\"\xC3\xA9\": 1, \"b\": 2}");
    size_t line, column;

    kmi_json_place(d, kmi_json_member(d->root, "b")->offset, &line, &column);
    assert_true(line == 1 && column == 15);
    kmi_json_destroy(d);
}

/* What RFC 8259 allows. */
TEST(valid_texts_are_read)
{
    static const char *const texts[] = {
        "1", "0", "-0", "0.5", "1e5", "1E+05", "-1.25e-3", "true", " null ", "\"\"", "[]", "{}", "[[],{}]", "\t[\r\n1 ,2 ]\n",
        "{\"a\":{\"a\":[]}}", "[\"\\u0001\"]", "\"\x7f\"", "[1]\r\n", "{\"\":0}", "1e-999", "[123456789012345678901234567890]",
    };
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++) kmi_json_destroy(read_text(texts[i]));
}

/* Text, the place of the fault, and a part of what is said. */
static const struct { const char *text; int line, column; const char *says; } faults[] = {
    {"", 1, 1, "the text ends here (expected a value"},
    {"  \n ", 2, 2, "the text ends here"},
    {"[1,]", 1, 4, "a comma before ']'"},
    {"{\"a\":1,}", 1, 8, "a comma before '}'"},
    {"[,1]", 1, 2, "unexpected ,"},
    {"[1 2]", 1, 4, "',' or the ']' for line 1, column 1"},
    {"{\"a\":1 \"b\":2}", 1, 8, "',' or the '}'"},
    {"{\"a\" 1}", 1, 6, "':' after a key"},
    {"{\"a\":}", 1, 6, "unexpected }"},
    {"{a: 1}", 1, 2, "unexpected a (expected a key in double quotes"},
    {"{'a': 1}", 1, 2, "a key in double quotes"},
    {"{1: 1}", 1, 2, "a key in double quotes"},
    {"[1", 1, 3, "the text ends here"},
    {"{\"a\":[1}", 1, 8, "for line 1, column 6"},
    {"[1]]", 1, 4, "expected the end of the text"},
    {"1 1", 1, 3, "expected the end of the text"},
    {"}", 1, 1, "unexpected }"},
    {"[01]", 1, 2, "unexpected 01"},
    {"[1.]", 1, 2, "unexpected 1."},
    {"[.5]", 1, 2, "unexpected .5"},
    {"[+1]", 1, 2, "unexpected +1"},
    {"[1e]", 1, 2, "unexpected 1e"},
    {"[-]", 1, 2, "unexpected -"},
    {"[0x10]", 1, 2, "unexpected 0x10"},
    {"[NaN]", 1, 2, "unexpected NaN"},
    {"[-Infinity]", 1, 2, "unexpected -Infinity"},
    {"[nul]", 1, 2, "unexpected nul"},
    {"[nulll]", 1, 2, "unexpected nulll"},
    {"[True]", 1, 2, "unexpected True"},
    {"[1e999]", 1, 2, "too large"},
    {"[\"a]", 1, 2, "no closing quote"},
    {"[\"a\nb\"]", 1, 2, "no closing quote in its line"},
    {"[\"a\tb\"]", 1, 4, "control character"},
    {"[\"\\x\"]", 1, 3, "unknown escape"},
    {"[\"\\u12\"]", 1, 3, "four hexadecimal"},
    {"[\"\\ud800\"]", 1, 3, "half of a \\u pair"},
    {"[\"\\ud800\\u0041\"]", 1, 3, "half of a \\u pair"},
    {"[\"\\udc00\"]", 1, 3, "second half"},
    {"[\"\\u0000\"]", 1, 3, "not allowed"},
    {"[\"\xC3\"]", 1, 3, "not UTF-8"},
    {"[\"\xC0\xAF\"]", 1, 3, "not UTF-8"},
    {"[\"\xED\xA0\x80\"]", 1, 3, "not UTF-8"},
    {"[\"\xF4\x90\x80\x80\"]", 1, 3, "not UTF-8"},
    {"[\xC3\xA9]", 1, 2, "unexpected"},
    {"// comment\n1", 1, 1, "unexpected //"},
    {"{\"a\":1,\n\"b\":2,\n \"a\":3}", 3, 2, "the key a is there already"},
    {"{\"a\":1,\"\\u0061\":3}", 1, 8, "there already"},
    {"{\"a\":1 : 2}", 1, 8, "unexpected :"},
    {"[1:2]", 1, 3, "unexpected :"},
    {"{:}", 1, 2, "unexpected :"},
    {"{}:}", 1, 3, "unexpected :"},
    {"{[]: 1}", 1, 2, "a key in double quotes"},
    {"\"a\" \"b\"", 1, 5, "the end of the text"},
    {"[\r1,\r\nx]", 3, 1, "unexpected x"},
};

TEST(faults_are_told_with_their_place)
{
    char place[64];
    size_t i;

    for (i = 0; i < sizeof faults / sizeof *faults; i++) {
        kmi_json_document *d = (kmi_json_document *)1;
        kma_status status = kmi_json_parse("t.json", faults[i].text, strlen(faults[i].text), &d);
        snprintf(place, sizeof place, "t.json:%d:%d: ", faults[i].line, faults[i].column);
        assert_true_msg(status == KMA_ERR_FORMAT && d == NULL && strstr(kma_error_message(), place) != NULL &&
                            strstr(kma_error_message(), faults[i].says) != NULL,
                        "%s: status %d: %s (expected %s%s)", faults[i].text, status, kma_error_message(), place,
                        faults[i].says);
    }
}

TEST(a_zero_byte_is_refused)
{
    kmi_json_document *d = NULL;

    assert_fails(kmi_json_parse("t", "[1\0]", 4, &d), KMA_ERR_FORMAT, "t:1:3: unexpected \\x00");
    assert_fails(kmi_json_parse("t", "[\"\0\"]", 5, &d), KMA_ERR_FORMAT, "t:1:3: a control character");
    assert_fails(kmi_json_parse("t", "1\0", 2, &d), KMA_ERR_FORMAT, "t:1:2:");
}

TEST(depth_and_number_of_values_are_limited)
{
    kmi_json_document *d = NULL;
    size_t n = 2u * KMI_JSON_VALUES_MAX + 16, i;
    char *text = malloc(n);

    assert_non_null(text);
    memset(text, '[', KMI_JSON_DEPTH_MAX);
    memset(text + KMI_JSON_DEPTH_MAX, ']', KMI_JSON_DEPTH_MAX);
    assert_ok(kmi_json_parse("t", text, 2 * KMI_JSON_DEPTH_MAX, &d));
    kmi_json_destroy(d);
    memset(text, '[', 1000);
    assert_fails(kmi_json_parse("t", text, 1000, &d), KMA_ERR_FORMAT, "t:1:65: nested more than 64 deep");
    text[0] = '[';
    for (i = 1; i + 1 < n; i += 2) {
        text[i] = '1';
        text[i + 1] = ',';
    }
    assert_fails(kmi_json_parse("t", text, n, &d), KMA_ERR_FORMAT, "t: more than 1048576 values");
    assert_fails(kmi_json_parse("t", text, KMI_JSON_SIZE_MAX + 1u, &d), KMA_ERR_FORMAT, "larger than");
    free(text);
}

TEST(many_keys_are_compared_quickly_and_exactly)
{
    enum { N = 200000 };
    kmi_json_document *d = NULL;
    char *text = malloc(N * 16), *end = text;
    int i;

    assert_non_null(text);
    *end++ = '{';
    for (i = 0; i < N; i++) end += sprintf(end, "\"k%d\":%d,", (i * 7919) % N, i);
    end[-1] = '}';
    assert_ok(kmi_json_parse("t", text, (size_t)(end - text), &d));
    assert_int_equal(d->root->count, N);
    kmi_json_destroy(d);
    end[-1] = ',';
    end += sprintf(end, "\"k4711\":0}");
    assert_fails(kmi_json_parse("t", text, (size_t)(end - text), &d), KMA_ERR_FORMAT, "the key k4711 is there already");
    free(text);
}

TEST(a_failed_allocation_is_an_error_without_a_leak)
{
    static const char text[] = "{\"a\": [1, 2, \"x\"], \"b\": {\"c\": null}}";
    kmi_json_document *d = NULL;
    long n;

    for (n = 1; n < 100; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kmi_json_parse("t", text, strlen(text), &d);
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_null(d);
    }
    assert_true(n > 5 && n < 100);
    kmi_json_destroy(d);
}

/* Any value of a small random tree, written with blanks at random. */
static size_t put_value(kmi_rng *rng, char *out, int depth)
{
    static const char *const leaves[] = {"0", "-1.5e2", "true", "false", "null", "\"\"", "\"a\\n\\u20ac\"", "\"\xC3\xA9\"", "17"};
    static const char *const blanks[] = {"", " ", "\n", "\t ", "\r\n"};
    size_t n = 0, count, i;
    bool object;

#define BLANK n += (size_t)sprintf(out + n, "%s", blanks[kmi_rng_bits(rng) % 5])
    BLANK;
    if (depth == 0 || kmi_rng_bits(rng) % 3 == 0) {
        n += (size_t)sprintf(out + n, "%s", leaves[kmi_rng_bits(rng) % 9]);
    } else {
        object = kmi_rng_bits(rng) % 2;
        count = kmi_rng_bits(rng) % 4;
        out[n++] = object ? '{' : '[';
        BLANK;
        for (i = 0; i < count; i++) {
            if (i > 0) out[n++] = ',';
            BLANK;
            if (object) n += (size_t)sprintf(out + n, "\"k%zu\"", i);
            if (object) BLANK;
            if (object) out[n++] = ':';
            n += put_value(rng, out + n, depth - 1);
        }
        out[n++] = object ? '}' : ']';
    }
    BLANK;
    return n;
}

PROPERTY(random_trees_are_read_and_damaged_ones_never_crash, 3000)
{
    char text[8192];
    size_t n = put_value(rng, text, 4), i, changes;
    kmi_json_document *d = NULL;

    assert_ok(kmi_json_parse("t", text, n, &d));
    kmi_json_destroy(d);
    for (changes = 1 + kmi_rng_bits(rng) % 4; changes-- > 0;) {
        static const char bytes[] = "{}[],:\"\\0-e.tn \n\x80\xC3u";
        i = kmi_rng_bits(rng) % n;
        text[i] = bytes[kmi_rng_bits(rng) % (sizeof bytes)];
    }
    if (kmi_rng_bits(rng) % 4 == 0) n = kmi_rng_bits(rng) % n;
    if (kmi_json_parse("t", text, n, &d) == KMA_OK) {
        kmi_json_destroy(d);
    } else {
        assert_null(d);
        assert_non_null(strstr(kma_error_message(), "t:"));
    }
    (void)seed;
}

TEST(a_file_is_named_in_errors)
{
    kmi_json_document *d = NULL;
    const char *path = kmt_path("none.json");

    assert_fails(kmi_json_read(path, &d), KMA_ERR_IO, "none.json");
    assert_fails(kmi_json_read(kmt_put_text(path, "[1,\n 2"), &d), KMA_ERR_FORMAT, "none.json:2:3: the text ends here");
    assert_null(d);
}
