#include "kmt_file.h"

#include <math.h>

#include "io/csv.h"
#include "kerma/spectrum.h"

TEST(tables_with_names_comments_quotes_and_any_line_ends_are_read)
{
    static const char *const forms[] = {
        "# made by hand\n\nenergy , weight\n1,2\n 3.5 ,-4e1\n# end\n",
        "# made by hand\r\n\r\n\"energy\",\"weight\"\r\n1,2\r\n\"3.5\",-40\r\n",
        ("\xef\xbb\xbf" "energy,weight\n+1,2\n3.5,-40"), /* byte order mark, no newline at the end */
        "energy,weight\n1,2\n   # an indented comment\n3.5\t,\t-40\n\n\n"};
    size_t k;

    for (k = 0; k < 4; k++) {
        kmi_csv *csv = NULL;
        assert_ok(kmi_csv_read(kmt_put_text("t.csv", forms[k]), 100, &csv));
        assert_int_equal(csv->rows, 2);
        assert_int_equal(csv->columns, 2);
        assert_int_equal(kmi_csv_column(csv, "energy"), 0);
        assert_int_equal(kmi_csv_column(csv, "weight"), 1);
        assert_int_equal(kmi_csv_column(csv, "Weight"), -1);
        assert_true(kmi_csv_value(csv, 0, 0) == 1 && kmi_csv_value(csv, 0, 1) == 2);
        assert_true(kmi_csv_value(csv, 1, 0) == 3.5 && kmi_csv_value(csv, 1, 1) == -40);
        kmi_csv_destroy(csv);
    }
}

TEST(quoted_names_may_hold_commas_quotes_and_hashes)
{
    kmi_csv *csv = NULL;

    assert_ok(kmi_csv_read(kmt_put_text("q.csv", "\"a, \"\"b\"\"\",\" #c \"\n1,2\n"), 100, &csv));
    assert_string_equal(csv->names[0], "a, \"b\"");
    assert_string_equal(csv->names[1], " #c ");
    assert_int_equal(csv->lines[0], 2);
    assert_fails(kmi_csv_fail(csv, 0, 1, "is %s", "odd"), KMA_ERR_FORMAT, "q.csv:2:  #c  = 2: is odd");
    kmi_csv_destroy(csv);
}

TEST(a_table_may_have_no_names)
{
    kmi_csv *csv = NULL;
    size_t i;
    char text[5000];
    size_t used = 0;

    for (i = 0; i < 300; i++) used += (size_t)sprintf(text + used, "%zu,%zu\n", i, 2 * i);
    assert_ok(kmi_csv_read(kmt_put_text("n.csv", text), 300, &csv));
    assert_null(csv->names);
    assert_int_equal(csv->rows, 300);
    for (i = 0; i < 300; i++) {
        assert_true(kmi_csv_value(csv, i, 1) == 2.0 * (double)i);
        assert_int_equal(csv->lines[i], i + 1);
    }
    assert_int_equal(kmi_csv_column(csv, "x"), -1);
    kmi_csv_destroy(csv);
    assert_fails(kmi_csv_read(kmt_put_text("n.csv", text), 299, &csv), KMA_ERR_FORMAT, "n.csv:300:1: the table has more than 299 rows");
    assert_null(csv);
}

TEST(faults_are_told_by_line_and_column_with_the_text_seen)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {{"", "bad.csv: the table has no rows of numbers"},
                 {"# only a comment\n", "bad.csv: the table has no rows of numbers"},
                 {"a,b\n", "bad.csv: the table has no rows of numbers"},
                 {"a,b\n1,x\n", "bad.csv:2:3: 'x' is no number"},
                 {"a,b\n1, 1;5\n", "bad.csv:2:4: '1;5' is no number (commas separate cells"},
                 {"a,b\n1,0x10\n", "bad.csv:2:3: '0x10' is no number"},
                 {"a,b\n1,\xff\xfe\n", "bad.csv:2:3: '\\xff\\xfe' is no number"},
                 {"a,b\n1,nan\n", "bad.csv:2:3: 'nan' is not finite"},
                 {"a,b\n1,1e999\n", "bad.csv:2:3: '1e999' is not finite"},
                 {"a,b\n1\n", "bad.csv:2:1: this row has 1 cells, the table 2 columns"},
                 {"a,b\n1,2,3\n", "bad.csv:2:5: '3' is cell 3 of this row, the table has 2 columns"},
                 {"a,b\n1,\n", "bad.csv:2:3: cell 2 is empty"},
                 {"a,b\n,1\n", "bad.csv:2:1: cell 1 is empty"},
                 {"a,\n1,2\n", "bad.csv:1:3: the name of column 2 is empty"},
                 {"a,a\n1,2\n", "bad.csv:1:3: columns 1 and 2 have the same name 'a'"},
                 {"\"a,b\n1,2\n", "bad.csv:1:1: the quote is not closed in this line"},
                 {"a,b\n1,\"2\" 3\n", "bad.csv:2:7: '3' follows a closing quote"},
                 {"1,2\n3,four\n", "bad.csv:2:3: 'four' is no number"}};
    size_t k;

    for (k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        kmi_csv *csv = NULL;
        assert_fails(kmi_csv_read(kmt_put_text("bad.csv", cases[k].bytes), 100, &csv), KMA_ERR_FORMAT, cases[k].text);
        assert_null(csv);
    }
    {
        kmi_csv *csv = NULL;
        assert_fails(kmi_csv_read(kmt_put("bad.csv", "\xff\xfe" "1\0,\0", 6), 100, &csv), KMA_ERR_FORMAT, "byte 3 is zero");
        assert_fails(kmi_csv_read(kmt_path("none.csv"), 100, &csv), KMA_ERR_IO, "none.csv");
    }
}

TEST(written_tables_read_back_the_same_doubles)
{
    static const char *const names[] = {"plain", "with, comma", "with \"quotes\""};
    double rows[2][3] = {{0.1, 1e-300, -0.0}, {1.0 / 3, 1e22, 123456789.123456789}};
    static const char expected[] = "# one\n# two\nplain,\"with, comma\",\"with \"\"quotes\"\"\"\n0.1,1e-300,-0\n"
                                   "0.3333333333333333,1e+22,123456789.12345679\nsum,18446744073709551615\n";
    kmi_csv_writer *writer = NULL;
    unsigned char *bytes;
    size_t size;
    int i;

    assert_ok(kmi_csv_open(kmt_path("w.csv"), &writer));
    assert_ok(kmi_csv_comment(writer, "one\ntwo"));
    assert_ok(kmi_csv_names(writer, names, 3));
    for (i = 0; i < 2; i++) assert_ok(kmi_csv_row(writer, rows[i], 3));
    assert_ok(kmi_csv_put_text(writer, "sum"));
    assert_ok(kmi_csv_put_count(writer, UINT64_MAX));
    assert_ok(kmi_csv_end_row(writer));
    assert_ok(kmi_csv_commit(&writer));
    assert_null(writer);
    bytes = kmt_get("w.csv", &size);
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
}

PROPERTY(any_doubles_survive_a_table, 50)
{
    double values[40];
    kmi_csv_writer *writer = NULL;
    kmi_csv *csv = NULL;
    int i;

    for (i = 0; i < 40; i++) {
        values[i] = kmi_rng_uniform(rng) - 0.5;
        values[i] = ldexp(values[i], (int)(2000 * (kmi_rng_uniform(rng) - 0.5)));
    }
    assert_ok(kmi_csv_open(kmt_path("p.csv"), &writer));
    for (i = 0; i < 10; i++) assert_ok(kmi_csv_row(writer, values + 4 * i, 4));
    assert_ok(kmi_csv_commit(&writer));
    assert_ok(kmi_csv_read(kmt_path("p.csv"), 10, &csv));
    assert_int_equal(csv->rows, 10);
    assert_memory_equal(csv->values, values, sizeof values);
    kmi_csv_destroy(csv);
}

TEST(a_discarded_table_leaves_the_old_file)
{
    kmi_csv_writer *writer = NULL;
    unsigned char *bytes;
    size_t size;

    kmt_put_text("d.csv", "old");
    assert_ok(kmi_csv_open(kmt_path("d.csv"), &writer));
    assert_ok(kmi_csv_put_number(writer, 1));
    kmi_csv_discard(writer);
    bytes = kmt_get("d.csv", &size);
    assert_int_equal(size, 3);
    free(bytes);
    assert_fails(kmi_csv_open(kmt_path("no/folder.csv"), &writer), KMA_ERR_IO, "folder.csv");
    assert_null(writer);
}

TEST(spectra_are_read_as_lines_or_bins)
{
    kma_spectrum s = {0};
    kma_spectrum_kind kind;
    size_t n;
    double energies[4], weights[3];

    assert_ok(kma_spectrum_read_csv(kmt_put_text("l.csv", "# Co-60\nweight,energy_mev\n0.9985,1.1732\n0.9998,1.3325\n"), &s));
    assert_ok(kma_spectrum_get_kind(s, &kind));
    assert_int_equal(kind, KMA_SPECTRUM_LINES);
    assert_ok(kma_spectrum_get_energies(s, 2, energies));
    assert_true(energies[0] == 1.1732 && energies[1] == 1.3325);
    assert_ok(kma_spectrum_get_weights(s, 2, weights));
    assert_true(weights[0] == 0.9985 && weights[1] == 0.9998);
    assert_ok(kma_spectrum_release(&s));

    assert_ok(kma_spectrum_read_csv(
        kmt_put_text("b.csv", "energy_low_mev,energy_high_mev,weight,note\n0.01,0.02,3,7\n0.03,0.05,4,7\n"), &s));
    assert_ok(kma_spectrum_get_kind(s, &kind));
    assert_int_equal(kind, KMA_SPECTRUM_HISTOGRAM);
    assert_ok(kma_spectrum_get_count(s, &n));
    assert_int_equal(n, 3); /* the gap is a bin of weight 0 */
    assert_ok(kma_spectrum_get_energies(s, 4, energies));
    assert_true(energies[0] == 0.01 && energies[1] == 0.02 && energies[2] == 0.03 && energies[3] == 0.05);
    assert_ok(kma_spectrum_get_weights(s, 3, weights));
    assert_true(weights[0] == 3 && weights[1] == 0 && weights[2] == 4);
    assert_ok(kma_spectrum_release(&s));
    kmt_assert_no_live_objects();
}

TEST(spectra_that_are_none_are_told_by_line)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {{"1,2\n3,4\n", "s.csv: a spectrum has the columns energy_mev,weight"},
                 {"energy_kev,weight\n3,4\n", "a spectrum has the columns"},
                 {"energy_low_mev,weight\n3,4\n", "a spectrum has the columns"},
                 {"energy_mev,energy_low_mev,energy_high_mev,weight\n3,3,4,4\n", "a spectrum has the columns"},
                 {"energy_mev,weight\n\n0,4\n", "s.csv:3: energy_mev = 0: energies are MeV above 0"},
                 {"energy_mev,weight\n2,4\n2,4\n", "s.csv:3: energy_mev = 2: energies rise"},
                 {"energy_mev,weight\n2,4\n3,-0.5\n", "s.csv:3: weight = -0.5: weights are at least 0"},
                 {"energy_mev,weight\n2,0\n3,0\n", "s.csv: all weights are 0"},
                 {"energy_low_mev,energy_high_mev,weight\n2,1,1\n", "s.csv:2: energy_high_mev = 1: a bin ends above"},
                 {"energy_low_mev,energy_high_mev,weight\n1,2,1\n1.5,3,1\n", "s.csv:3: energy_low_mev = 1.5: a bin begins"}};
    kma_spectrum s = {1};
    size_t k;

    for (k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        assert_fails(kma_spectrum_read_csv(kmt_put_text("s.csv", cases[k].bytes), &s), KMA_ERR_FORMAT, cases[k].text);
        assert_int_equal(s.bits, 0);
    }
    assert_fails(kma_spectrum_read_csv(kmt_path("none.csv"), &s), KMA_ERR_IO, "none.csv");
    assert_fails(kma_spectrum_read_csv(NULL, &s), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_spectrum_read_csv("x", NULL), KMA_ERR_ARGUMENT, "out is NULL");
    kmt_assert_no_live_objects();
}

PROPERTY(mutated_tables_are_read_or_refused_with_the_name_of_the_file, 2000)
{
    char text[300] = "# note\n\"energy_low_mev\",energy_high_mev,weight\n0.1,0.2,3\n0.2,0.3,4e-1\n";
    size_t size = strlen(text);
    int changes = 1 + (int)(3 * kmi_rng_uniform(rng)), c;
    kma_spectrum s = {0};
    kma_status status;

    for (c = 0; c < changes; c++)
        text[(size_t)(kmi_rng_uniform(rng) * (double)size)] =
            kmi_rng_uniform(rng) < 0.5 ? (char)(unsigned char)(256 * kmi_rng_uniform(rng)) : "0123456789-.,\"\n#e"[(int)(17 * kmi_rng_uniform(rng))];
    if (kmi_rng_uniform(rng) < 0.2) size = (size_t)(kmi_rng_uniform(rng) * (double)size);
    status = kma_spectrum_read_csv(kmt_put("m.csv", text, size), &s);
    if (status != KMA_OK) {
        assert_int_equal(status, KMA_ERR_FORMAT);
        assert_non_null(strstr(kma_error_message(), "m.csv"));
    }
    assert_ok(kma_spectrum_release(&s));
}

TEST(every_failed_allocation_is_an_error_and_leaves_nothing)
{
    const char *path = kmt_put_text("a.csv", "energy_mev,weight\n1,2\n2,3\n");
    kma_spectrum s = {0};
    kma_status status = KMA_ERR_MEMORY;
    long n;

    for (n = 1; n < 100 && status != KMA_OK; n++) {
        kmt_fail_allocation(n);
        status = kma_spectrum_read_csv(path, &s);
        kmt_fail_allocation(0);
        if (status != KMA_OK) assert_int_equal(status, KMA_ERR_MEMORY);
    }
    assert_true(n > 8 && n < 100);
    assert_ok(kma_spectrum_release(&s));
    for (n = 1, status = KMA_ERR_MEMORY; n < 100 && status != KMA_OK; n++) {
        kmi_csv_writer *writer = NULL;
        kmt_fail_allocation(n);
        status = kmi_csv_open(kmt_path("w.csv"), &writer);
        kmt_fail_allocation(0);
        if (status != KMA_OK) assert_null(writer);
        kmi_csv_discard(writer);
    }
    assert_true(n > 2 && n < 100);
    kmt_assert_no_live_objects();
}
