#include "kmt.h"

#include "base/utf8.h"

static void cleaned(const char *from, const char *to)
{
    char text[64];

    strcpy(text, from);
    kmi_utf8_clean(text);
    if (strcmp(text, to) != 0) print_error("'%s' became '%s', not '%s'\n", from, text, to);
    assert_string_equal(text, to);
}

TEST(sound_texts_stay_as_they_are)
{
    cleaned("", "");
    cleaned("part.stl: 3 facets", "part.stl: 3 facets");
    cleaned("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xC2\xA0", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xC2\xA0"); /* e acute, euro, a face */
}

/* ESC [ 2 J would empty the terminal; so would U+009B 2 J. */
TEST(what_a_terminal_would_obey_becomes_a_question_mark)
{
    cleaned("a\033[2Jb\007\177\001", "a?[2Jb???");
    cleaned("\xC2\x9B"
            "2J", "??2J");
    cleaned("one\r\ntwo\tthree\v\f", "one  two three  ");
}

/* RFC 3629, section 3 and 10: overlong forms, surrogates, beyond U+10FFFF, cut characters. */
TEST(bytes_that_are_no_utf8_become_question_marks)
{
    cleaned("caf\xE9 au lait", "caf? au lait");
    cleaned("\x80\xBF\xC0\xAF\xFE\xFF", "??????");
    cleaned("\xED\xA0\x80|\xF4\x90\x80\x80|\xE0\x80\xAF", "???|????|???");
    cleaned("cut \xE2\x82", "cut ??");
    cleaned("cut \xF0\x9F\x98", "cut ???");
}

TEST(error_texts_are_clean_also_where_they_are_cut)
{
    char name[2 * KMI_ERROR_TEXT_SIZE + 1];
    const char *text;
    size_t i, n;

    for (i = 0; i < KMI_ERROR_TEXT_SIZE; i++) memcpy(name + 2 * i, "\xC3\xA9", 2);
    name[2 * KMI_ERROR_TEXT_SIZE] = '\0';
    kmi_fail(KMA_ERR_FORMAT, "the name\n'\033%s'", "x\xFFy");
    assert_string_equal(kma_error_message(), "the name '?x?y'");
    kmi_fail_prefix(KMA_ERR_FORMAT, "a\tb\x9b: ");
    assert_string_equal(kma_error_message(), "a b?: the name '?x?y'");
    kmi_fail(KMA_ERR_FORMAT, "%s", name);
    text = kma_error_message();
    n = strlen(text);
    assert_int_equal(n, KMI_ERROR_TEXT_SIZE - 1);
    for (i = 0; i < n; i += kmi_utf8_length(text + i, n - i)) assert_true(kmi_utf8_length(text + i, n - i) > 0);
}
