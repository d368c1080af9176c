#include "kmt_file.h"

#include <math.h>
#include <sys/stat.h>

#include "kerma/kerma.h"

static const char summary[] =
    "{\"kerma_summary\": 1, \"title\": \"T\", \"histories\": 18446744073709551615, \"first_missing_history\": 7,\n"
    " \"seed\": 18446744073709551614, \"cut_energy_mev\": 0.002, \"kerma_version\": \"9.8.7\", \"xraylib_version\": "
    "\"4\",\n"
    " \"scene_hash\": \"aa\", \"fingerprint\": \"bb\", \"scores_hash\": \"cc\",\n"
    " \"energy_of_all_histories_mev\": {\"emitted\": 6, \"deposited\": 1, \"escaped\": 2, \"cut\": 3, \"killed\": "
    "0.25, \"balance\": 0.5,\n"
    "   \"allowed_balance\": 0.25},\n"
    " \"ct_numbers\": {\"voxels\": 100, \"below_table\": 3, \"above_table\": 4},\n"
    " \"scorers\": [{\"name\": \"a\", \"kind\": \"grid\", \"bins\": 24,\n"
    "   \"grid\": {\"count\": [2, 3, 4], \"spacing_mm\": [5, 6, 7], \"origin_mm\": [8, 9, 10],\n"
    "     \"direction\": [0, 1, 0, 1, 0, 0, 0, 0, -1]},\n"
    "   \"mass\": {\"value\": 11, \"unit\": \"g\"}, \"largest_dose\": {\"value\": 12, \"uncertainty\": null, \"unit\": "
    "\"Gy\"},\n"
    "   \"dose\": {\"value\": 13, \"uncertainty\": 0.5, \"unit\": \"Gy\"}, \"more\": {\"bins\": 3}, \"other\": [1]}]}";

TEST(a_summary_is_read_back_number_by_number)
{
    kma_summary s = {0};
    kma_summary_info i = {.size = sizeof i};
    kma_summary_scorer c = {.size = sizeof c};

    assert_ok(kma_summary_read(kmt_put_text("summary.json", summary), &s));
    assert_ok(kma_summary_get_info(s, &i));
    assert_string_equal(i.title, "T");
    assert_true(i.histories == UINT64_MAX && i.seed == UINT64_MAX - 1 &&
                i.first_missing == 7); /* no double holds them */
    assert_true(i.cut_energy == 0.002 && i.scorers == 1);
    assert_string_equal(i.kerma_version, "9.8.7");
    assert_string_equal(i.xraylib_version, "4");
    assert_string_equal(i.scene_hash, "aa");
    assert_string_equal(i.fingerprint, "bb");
    assert_string_equal(i.scores_hash, "cc");
    assert_true(i.ledger.emitted == 6 && i.ledger.deposited == 1 && i.ledger.escaped == 2 && i.ledger.cut == 3 &&
                i.ledger.killed == 0.25);
    assert_true(i.ledger.balance == 0.5 && i.ledger.allowed == 0.25);
    assert_true(i.ct_voxels == 100 && i.ct_voxels_below == 3 && i.ct_voxels_above == 4);
    assert_true(i.histories_per_second == 0 && i.wall == 0 && i.workers == 0);
    assert_ok(kma_summary_get_scorer(s, 0, &c));
    assert_string_equal(c.name, "a");
    assert_string_equal(c.kind, "grid");
    assert_true(c.bins == 24 && c.geometry.count[2] == 4 && c.geometry.spacing[0] == 5 && c.geometry.origin[1] == 9 &&
                c.geometry.direction[8] == -1);
    assert_int_equal(c.values, 3);
    assert_string_equal(c.value[0].name, "mass");
    assert_true(c.value[0].value == 11 && isnan(c.value[0].uncertainty));
    assert_true(c.value[1].value == 12 && isnan(c.value[1].uncertainty));
    assert_string_equal(c.value[2].unit, "Gy");
    assert_true(c.value[2].value == 13 && c.value[2].uncertainty == 0.5);
    assert_fails(kma_summary_get_scorer(s, 1, &c), KMA_ERR_ARGUMENT, "the summary has 1 scorers");
    assert_int_equal(c.bins, 0);
    i.size = 4;
    assert_fails(kma_summary_get_info(s, &i), KMA_ERR_ARGUMENT, "sizeof(kma_summary_info)");
    assert_ok(kma_summary_retain(s));
    assert_ok(kma_summary_release(&(kma_summary){s.bits}));
    assert_ok(kma_summary_release(&s));
    assert_ok(kma_summary_release(&s));
    kmt_assert_no_live_objects();
}

TEST(every_damage_of_a_summary_is_told_with_its_place)
{
    static const struct { const char *from, *to, *says; } cases[] = {
        {"\"kerma_summary\": 1", "\"kerma_summary\": 2", "reads the format 1"},
        {"\"seed\": 18446744073709551614", "\"seed\": -1", "'seed' is not a whole number"},
        {"\"seed\": 18446744073709551614", "\"seed\": 1.5", "'seed' is not a whole number"},
        {"\"seed\": 18446744073709551614", "\"seed\": 18446744073709551616", "'seed' is not a whole number"},
        {"\"seed\": 18446744073709551614", "\"seed\": \"x\"", "'seed' is a text"},
        {"\"seed\"", "\"sead\"", "lacks the key 'seed'"},
        {"\"cut\": 3, ", "", "lacks the key 'cut'"},
        {"[2, 3, 4]", "[2, 3]", "'count' needs 3 numbers"},
        {"[2, 3, 4]", "[2, 3, -4]", "no number of cells"},
        {"[2, 3, 4]", "[2, 3, null]", "'count' needs 3 numbers"},
        {"\"unit\": \"g\"", "\"unit\": 3", "'unit' is a number"},
        {"\"value\": 11", "\"value\": {}", "'value' is an object"},
        {"\"ct_numbers\": {\"voxels\"", "\"ct_numbers\": [], \"x\": {\"voxels\"", "'ct_numbers' is an array"},
    };
    size_t k;

    for (k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[4096];
        const char *at = strstr(summary, cases[k].from);
        kma_summary s = {1};
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - summary), summary, cases[k].to, at + strlen(cases[k].from));
        assert_fails(kma_summary_read(kmt_put_text("summary.json", text), &s), KMA_ERR_FORMAT, cases[k].says);
        assert_int_equal(s.bits, 0);
        assert_non_null(strstr(kma_error_message(), "summary.json:"));
    }
    kmt_assert_no_live_objects();
}

TEST(every_beginning_of_a_summary_is_refused_and_no_byte_of_it_can_crash)
{
    kma_summary s = {0};
    size_t length = strlen(summary), n;

    for (n = 0; n < length; n += 7) {
        assert_true(kma_summary_read(kmt_put("summary.json", summary, n), &s) != KMA_OK);
        assert_int_equal(s.bits, 0);
    }
    for (n = 0; n < length; n += 3) {
        char text[4096];
        memcpy(text, summary, length + 1);
        text[n] = "{[\"x9"[n % 5];
        if (kma_summary_read(kmt_put("summary.json", text, length), &s) == KMA_OK) assert_ok(kma_summary_release(&s));
    }
    kmt_assert_no_live_objects();
}

TEST(every_failing_allocation_of_a_summary_is_told)
{
    const char *path = kmt_put_text("summary.json", summary);
    kma_summary s = {0};
    long n;

    for (n = 1; n < 200; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_summary_read(path, &s);
        if (!kmt_allocation_failed()) {
            kmt_fail_allocation(0);
            assert_ok(status);
            break;
        }
        kmt_fail_allocation(0);
        if (status == KMA_OK) { /* of performance.json, which nobody needs */
            assert_ok(kma_summary_release(&s));
            continue;
        }
        assert_int_equal(status, KMA_ERR_MEMORY);
        kmt_assert_no_live_objects();
    }
    assert_true(n > 8 && n < 200);
    assert_ok(kma_summary_release(&s));
}

TEST(files_are_recognized_by_their_content)
{
    static const struct { const char *text; kma_file_kind kind; const char *says; } cases[] = {
        {"solid x\nendsolid", KMA_FILE_MESH, NULL},
        {"  SOLID\n", KMA_FILE_MESH, NULL},
        {"solidarity", 0, "no mesh"},
        {"ObjectType = Image\nNDims = 3\n", KMA_FILE_IMAGE, NULL},
        {"NDims=3\n", KMA_FILE_IMAGE, NULL},
        {"Comment = nothing\n", 0, "no mesh"},
        {"\xEF\xBB\xBF {\"x\": 0, \"kerma\": null}", KMA_FILE_SCENE, NULL},
        {"{\"kerma_summary\": 9}", KMA_FILE_RESULT, NULL},
        {"{\"title\": 9}", 0, "neither a scene"},
        {"{\"kerma\": 1", 0, "file:1:"},
        {"# c\n\nenergy_mev,weight\n", KMA_FILE_SPECTRUM, NULL},
        {"weight, energy_low_mev, energy_high_mev\n", KMA_FILE_SPECTRUM, NULL},
        {"#c\r\nct_low,ct_high\r\n", KMA_FILE_CT_TABLE, NULL},
        {"# energy_mev,weight\n1,2\n", 0, "no mesh"},
        {"", 0, "empty"},
        {"\n\n\n", 0, "no mesh"},
        {"ply\n", 0, "PLY"},
        {"\x1F\x8B\x08", 0, "gzip"},
    };
    static char binary[84 + 50];
    char empty[4096];
    kma_file_kind kind;
    size_t k;

    for (k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *path = kmt_put_text("file", cases[k].text);
        kind = KMA_FILE_END;
        if (cases[k].says == NULL) {
            assert_ok(kma_file_recognize(path, &kind));
        } else {
            assert_fails(kma_file_recognize(path, &kind), KMA_ERR_FORMAT, cases[k].says);
        }
        assert_int_equal(kind, cases[k].kind);
    }
    binary[80] = 1;
    assert_ok(kma_file_recognize(kmt_put("file", binary, sizeof binary), &kind));
    assert_int_equal(kind, KMA_FILE_MESH);
    assert_fails(kma_file_recognize(kmt_put("file", binary, sizeof binary - 1), &kind), KMA_ERR_FORMAT,
                 "it would have 134 bytes, it has 133");
    assert_fails(kma_file_recognize(kmt_put("nothing", "", 0), NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_file_recognize(NULL, &kind), KMA_ERR_ARGUMENT, "path is NULL");
    snprintf(empty, sizeof empty, "%s/empty", kmt_scratch());
    assert_int_equal(mkdir(empty, 0777), 0);
    assert_fails(kma_file_recognize(empty, &kind), KMA_ERR_FORMAT, "without summary.json");
    assert_fails(kma_file_recognize("/dev/null", &kind), KMA_ERR_IO, "device");
    assert_string_equal(kma_file_kind_name(KMA_FILE_CT_TABLE), "CT table");
    assert_string_equal(kma_file_kind_name((kma_file_kind)99), "?");
}
