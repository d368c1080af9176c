/* Scenes whose JSON is broken, whose values are wrong, or that are large in ways that cost time. */
#include "hostile.h"

#define ROW(what, text, status, ...) {what, text, 0, NULL, status, {__VA_ARGS__}}
#define BAD(what, text, ...) ROW(what, text, KMA_ERR_FORMAT, __VA_ARGS__)
/* All bytes of a literal, with the zeros in it. */
#define RAW(what, text, ...) {what, text, sizeof(text) - 1, NULL, KMA_ERR_FORMAT, {__VA_ARGS__}}
#define MADE(what, make, status, ...) {what, NULL, 0, make, status, {__VA_ARGS__}}

/* A sound scene in parts, one a line, so that a fault's line tells the part. */
#define WORLD "\"world\": {\"box\": {\"size\": [9, 9, 9]}, \"material\": \"vacuum\"}"
#define SPECTRUM "\"m\": {\"energy\": 0.06}"
#define SOURCE "{\"type\": \"pencil\", \"position\": [0, 0, 0], \"spectrum\": \"m\"}"
#define SCENE(materials, spectra, volumes, placements, sources, scorers)                                       \
    "{\"kerma\": 1, \"world\": \"world\",\n\"materials\": {" materials "},\n\"spectra\": {" spectra "},\n\"volumes\": {" volumes   \
    "},\n\"placements\": [" placements "],\n\"sources\": [" sources "],\n\"scorers\": {" scorers "}}\n"
#define MATERIAL(m) SCENE(m, SPECTRUM, WORLD, "", SOURCE, "")
#define VOLUME(v) SCENE("", SPECTRUM, WORLD ", \"v\": " v, "", SOURCE, "")
#define SPECTRA(s) SCENE("", s, WORLD, "", SOURCE, "")
#define SOURCES(s) SCENE("", SPECTRUM, WORLD, "", s, "")
#define SCORER(s) SCENE("", SPECTRUM, WORLD, "", SOURCE, "\"s\": " s)

/* ---- large ones ---- */

static FILE *begin(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    return file;
}

static void end(FILE *file, const char *text)
{
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void repeat(const char *path, const char *what, size_t times)
{
    FILE *file = begin(path, "");

    while (times-- > 0) fputs(what, file);
    end(file, "");
}

static void arrays(const char *path) { repeat(path, "[", 1 << 20); }
static void objects(const char *path) { repeat(path, "{\"a\":", 1 << 20); }
static void values(const char *path) { repeat(path, "0,", 1 << 21); }
static void quotes(const char *path) { repeat(path, "\"", 1 << 20); }
static void closing(const char *path) { repeat(path, "]", 1 << 20); }
static void commas(const char *path) { repeat(path, ",", 1 << 20); }

static void many_values(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"seed\": [");
    int i;

    for (i = 0; i < 1 << 20; i++) fputs("0,", file);
    end(file, "0]}");
}

static void blanks(const char *path)
{
    FILE *file = begin(path, "{");
    int i;

    for (i = 0; i < 8 << 20; i++) fputc('\n', file);
    end(file, "x");
}

static void brackets(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"world\", \"spectra\": {" SPECTRUM "}, \"volumes\": {" WORLD "},\n"
                             "\"sources\": [" SOURCE "], \"materials\": {\"m\": {\"density\": 1, \"formula\": \"");
    int i;

    for (i = 0; i < 100000; i++) fputc('(', file);
    end(file, "\"}}}");
}

static void long_name(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"");
    int i;

    for (i = 0; i < 1 << 20; i++) fputs("\\u00e9", file);
    end(file, "\", \"spectra\": {" SPECTRUM "}, \"volumes\": {" WORLD "}, \"sources\": [" SOURCE "]}");
}

/* Names that differ at their ends, the last one twice. */
static void many_keys(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"materials\": {\n");
    int i;

    for (i = 0; i < 100000; i++) fprintf(file, "\"a long name of a material %d\": {},", i);
    end(file, "\"a long name of a material 0\": {}}}");
}

/* Hundreds of thousands of objects that nobody uses, then one that is wrong: names are looked up and told in time. */
enum { MANY = 60000 };

static void many_unused(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"world\", \"spectra\": {" SPECTRUM "},\n\"volumes\": {" WORLD);
    int i;

    for (i = 0; i < MANY; i++) fprintf(file, ",\n\"v%d\": {\"orb\": {\"radius\": 1}, \"material\": \"vacuum\"}", i);
    end(file, "},\n\"sources\": [" SOURCE ", {\"type\": \"pencil\", \"position\": [0, 0, 0], \"spectrum\": \"n\"}]}");
}

static void long_chain(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"world\", \"spectra\": {" SPECTRUM "},\n\"volumes\": {" WORLD);
    int i;

    for (i = 0; i < MANY; i++) fprintf(file, ",\n\"v%d\": {\"orb\": {\"radius\": 1}, \"material\": \"vacuum\"}", i);
    fprintf(file, "},\n\"sources\": [" SOURCE "], \"placements\": [");
    for (i = 1; i < MANY; i++) fprintf(file, "{\"volume\": \"v%d\", \"in\": \"v%d\"},\n", i, i - 1);
    end(file, "{\"volume\": \"v0\", \"in\": \"v59999\"}]}");
}

static void many_scorers(const char *path)
{
    FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"world\", \"spectra\": {" SPECTRUM "},\n\"volumes\": {" WORLD "},\n"
                             "\"sources\": [" SOURCE "], \"scorers\": {\"s\": {\"volume\": \"world\"}");
    int i;

    for (i = 0; i < MANY; i++) fprintf(file, ",\n\"s%d\": {\"volume\": \"world\"}", i);
    end(file, "}}");
}

/* ---- rows ---- */

static const hostile_row rows[] = {
    /* what is no JSON */
    BAD("an empty file", "", ":1:1:", "the text ends here"),
    BAD("only blanks", " \n\t\n", ":3:1:", "the text ends here"),
    BAD("a word", "kerma", ":1:1:", "unexpected kerma"),
    BAD("NaN", "{\"kerma\": NaN}", ":1:11:", "unexpected NaN"),
    BAD("Infinity", "{\"kerma\": -Infinity}", ":1:11:", "unexpected -Infinity"),
    BAD("a number beyond doubles", "{\"kerma\": 1e999}", ":1:11:", "too large"),
    BAD("a hexadecimal number", "{\"kerma\": 0x1}", ":1:11:", "unexpected 0x1"),
    BAD("a leading zero", "{\"kerma\": 01}", ":1:11:", "unexpected 01"),
    BAD("single quotes", "{'kerma': 1}", ":1:2:", "double quotes"),
    BAD("no quotes", "{kerma: 1}", ":1:2:", "double quotes"),
    BAD("a comment", "{\"kerma\": 1 // format\n}", ":1:13:", "unexpected //"),
    BAD("a comma at the end", "{\"kerma\": 1,\n}", ":2:1:", "a comma before '}'"),
    BAD("no colon", "{\"kerma\" 1}", ":1:10:", "':' after a key"),
    BAD("the wrong bracket", "{\"kerma\": [1}", ":1:13:", "unexpected }", "']'"),
    BAD("a bracket too many", "{\"kerma\": 1}}", ":1:13:", "unexpected }"),
    BAD("two texts", "{\"kerma\": 1}{\"kerma\": 1}", ":1:13:", "the end of the text"),
    BAD("cut in a text", "{\"ker", ":1:2:", "no closing quote"),
    BAD("cut behind a key", "{\"kerma\":", ":1:10:", "the text ends here"),
    BAD("a line end in a text", "{\"title\": \"a\nb\"}", ":1:11:", "closing quote in its line"),
    BAD("a control character in a text", "{\"title\": \"a\001b\"}", ":1:13:", "control character"),
    BAD("an unknown escape", "{\"title\": \"a\\qb\"}", ":1:13:", "unknown escape"),
    BAD("half of a pair", "{\"title\": \"\\ud800\"}", ":1:12:", "half of a \\u pair"),
    BAD("a zero as an escape", "{\"title\": \"\\u0000\"}", ":1:12:", "\\u0000"),
    BAD("Latin-1", "{\"title\": \"R\xf6ntgen\"}", ":1:13:", "not UTF-8"),
    BAD("overlong UTF-8", "{\"title\": \"\xc0\xaf\"}", ":1:12:", "not UTF-8"),
    BAD("surrogates in UTF-8", "{\"title\": \"\xed\xa0\x80\"}", ":1:12:", "not UTF-8"),
    BAD("a cut character", "{\"title\": \"\xe2\x82\"}", ":1:12:", "not UTF-8"),
    RAW("a zero byte", "{\"kerma\": \0 1}", ":1:11:", "\\x00"),
    RAW("UTF-16", "\xff\xfe{\0\"\0k\0", ":1:1:", "\\xff"),
    MADE("a million arrays", arrays, KMA_ERR_FORMAT, ":1:65:", "nested more than 64 deep"),
    MADE("a million objects", objects, KMA_ERR_FORMAT, "more than 1048576 values"),
    MADE("a million closing brackets", closing, KMA_ERR_FORMAT, ":1:1:", "unexpected ]"),
    MADE("two million values", values, KMA_ERR_FORMAT, "more than 1048576 values"),
    MADE("a million quotes", quotes, KMA_ERR_FORMAT, ":1:3:", "the end of the text"),
    MADE("a million commas", commas, KMA_ERR_FORMAT, ":1:1:", "unexpected ,"),
    MADE("a million values where one belongs", many_values, KMA_ERR_FORMAT, "more than 1048576 values"),
    MADE("eight million lines", blanks, KMA_ERR_FORMAT, ":8388609:1:", "unexpected x"),
    /* JSON that is no scene */
    BAD("an array", "[]", ":1:1:", "a scene is an object, this is an array"),
    BAD("no version", "{}", ":1:1:", "needs the key 'kerma'"),
    BAD("another version", "{\"kerma\": 2}", ":1:11:", "'kerma' is 2"),
    BAD("a version in quotes", "{\"kerma\": \"1\"}", ":1:11:", "'kerma' is"),
    BAD("a key twice", "{\"kerma\": 1, \"kerma\": 1}", ":1:14:", "the key kerma is there already"),
    BAD("an unknown key", "{\"kerma\": 1, \"word\": 1}", ":1:14:", "unknown key 'word'", "'world'"),
    BAD("an unknown key of escape sequences", "{\"kerma\": 1, \"\\u001b[2J\": 1}", ":1:14:", "unknown key '?[2J'"),
    BAD("a seed below 0", "{\"kerma\": 1, \"seed\": -1}", ":1:22:", "'seed' is -1"),
    BAD("a seed of 2^64", "{\"kerma\": 1, \"seed\": 18446744073709551616}", ":1:22:", "'seed' is 18446744073709551616"),
    BAD("half a history", "{\"kerma\": 1, \"histories\": 0.5}", ":1:27:", "'histories' is 0.5"),
    BAD("histories beyond 64 bits", "{\"kerma\": 1, \"histories\": 1e30}", ":1:27:", "'histories' is 1e30"),
    MADE("a hundred thousand keys", many_keys, KMA_ERR_FORMAT, ":2:", "is there already"),
    MADE("a name of a million letters", long_name, KMA_ERR_FORMAT, ":1:", "no volume is named"),
    /* materials and spectra */
    ROW("an unknown compound", MATERIAL("\"a\": {\"nist\": \"\"}"), KMA_ERR_ARGUMENT, ":2:"),
    ROW("a formula of nothing", MATERIAL("\"a\": {\"formula\": \"\", \"density\": 1}"), KMA_ERR_ARGUMENT, ":2:", "empty"),
    ROW("a count of 20 digits", MATERIAL("\"a\": {\"formula\": \"H99999999999999999999\", \"density\": 1}"), KMA_ERR_ARGUMENT, ":2:", "15 digits"),
    MADE("a hundred thousand brackets", brackets, KMA_ERR_ARGUMENT, ":2:", "16 deep"),
    ROW("a density beyond matter", MATERIAL("\"a\": {\"formula\": \"H\", \"density\": 1e300}"), KMA_ERR_ARGUMENT, ":2:", "density"),
    BAD("a density that is 0 in a double", MATERIAL("\"a\": {\"formula\": \"H\", \"density\": 1e-400}"), ":2:", "'density'"),
    BAD("an unknown element", MATERIAL("\"a\": {\"fractions\": {\"Xx\": 1}, \"density\": 1}"), ":2:", "'Xx'"),
    ROW("no element", MATERIAL("\"a\": {\"fractions\": {}, \"density\": 1}"), KMA_ERR_ARGUMENT, ":2:"),
    ROW("fractions beyond 1", MATERIAL("\"a\": {\"fractions\": {\"H\": 1e308, \"O\": 1e308}, \"density\": 1}"), KMA_ERR_ARGUMENT, ":2:"),
    ROW("an energy beyond the tables", SPECTRA("\"m\": {\"energy\": 1e3}"), KMA_ERR_PHYSICS, ":3:", "1000 MeV"),
    BAD("no energies", SPECTRA("\"m\": {\"energies\": [], \"weights\": []}"), ":3:", "'energies' has 0 elements"),
    BAD("more weights than bins", SPECTRA("\"m\": {\"edges\": [0.1, 0.2], \"weights\": [1, 1]}"), ":3:", "'weights' has 2"),
    BAD("a spectrum in the scene", SPECTRA("\"m\": {\"file\": \"scene.json\"}"), ":3:27:", "scene.json:1:21:"),
    ROW("a spectrum in a directory", SPECTRA("\"m\": {\"file\": \".\"}"), KMA_ERR_IO, ":3:", "a directory"),
    ROW("a spectrum in a device", SPECTRA("\"m\": {\"file\": \"/dev/zero\"}"), KMA_ERR_IO, ":3:", "/dev/zero", "a device"),
    ROW("a spectrum behind escape sequences", SPECTRA("\"m\": {\"file\": \"\\u001b[2J\\n\"}"), KMA_ERR_IO, ":3:", "?[2J ", "No such file"),
    /* volumes and placements */
    BAD("a box of two lengths", VOLUME("{\"box\": {\"size\": [1, 1]}, \"material\": \"vacuum\"}"), ":4:", "'size' has 2 elements"),
    ROW("a box beyond all measure", VOLUME("{\"box\": {\"size\": [1, 1e300, 1]}, \"material\": \"vacuum\"}"), KMA_ERR_ARGUMENT, ":4:", "size in y"),
    BAD("two shapes", VOLUME("{\"box\": {\"size\": [1, 1, 1]}, \"orb\": {\"radius\": 1}, \"material\": \"vacuum\"}"), ":4:", "'orb' does not go with 'box'"),
    BAD("a shape that is a number", VOLUME("{\"orb\": 1, \"material\": \"vacuum\"}"), ":4:", "'orb' is a number"),
    BAD("no material", VOLUME("{\"orb\": {\"radius\": 1}}"), ":4:", "needs the key 'material'"),
    BAD("an unknown material", VOLUME("{\"orb\": {\"radius\": 1}, \"material\": \"vacum\"}"), ":4:", "no material is named 'vacum'", "vacuum"),
    BAD("a mesh in the scene", VOLUME("{\"mesh\": {\"file\": \"scene.json\"}, \"material\": \"vacuum\"}"), ":4:", "not an STL file"),
    BAD("an image in the scene", VOLUME("{\"image\": {\"file\": \"scene.json\"}}"), ":4:", "no ElementDataFile"),
    BAD("an unknown CT table", VOLUME("{\"image\": {\"file\": \"ct.mha\", \"ct_table\": \"snyder\"}}"), ":4:", "'snyder'"),
    ROW("a volume in itself", SCENE("", SPECTRUM, WORLD, "{\"volume\": \"world\", \"in\": \"world\"}", SOURCE, ""), KMA_ERR_GEOMETRY, ":5:", "inside itself"),
    BAD("a volume that is nowhere", SCENE("", SPECTRUM, WORLD, "{\"volume\": \"v\", \"in\": \"world\"}", SOURCE, ""), ":5:", "no volume is named 'v'"),
    ROW("a rotation of nothing", SCENE("", SPECTRUM, WORLD ", \"v\": {\"orb\": {\"radius\": 1}, \"material\": \"vacuum\"}",
        "{\"volume\": \"v\", \"in\": \"world\", \"rotation\": [0, 0, 0, 0, 0, 0, 0, 0, 0]}", SOURCE, ""), KMA_ERR_ARGUMENT, ":5:", "rotation"),
    MADE("a chain of volumes that is a ring", long_chain, KMA_ERR_GEOMETRY, ":120002:", "v59999"),
    MADE("sixty thousand volumes and one that is wrong", many_unused, KMA_ERR_FORMAT, ":60003:", "no spectrum is named 'n'"),
    /* sources and scorers */
    BAD("no source", SOURCES(""), ":6:", "'sources' has 0 elements"),
    BAD("a source of another kind", SOURCES("{\"type\": \"laser\", \"position\": [0, 0, 0], \"spectrum\": \"m\"}"), ":6:", "'laser'"),
    BAD("a source nowhere", SOURCES("{\"type\": \"pencil\", \"spectrum\": \"m\"}"), ":6:", "needs the key 'position'"),
    ROW("a source that shines nowhere", SOURCES("{\"type\": \"pencil\", \"position\": [0, 0, 0], \"direction\": [0, 0, 0], \"spectrum\": \"m\"}"),
        KMA_ERR_ARGUMENT, ":6:", "direction"),
    ROW("a source far away", SOURCES("{\"type\": \"pencil\", \"position\": [0, 1e300, 0], \"spectrum\": \"m\"}"), KMA_ERR_ARGUMENT, ":6:", "position"),
    ROW("a cone wider than all", SOURCES("{\"type\": \"point\", \"position\": [0, 0, 0], \"spectrum\": \"m\", \"cone\": {\"half_angle\": 4}}"),
        KMA_ERR_ARGUMENT, ":6:", "half_angle"),
    BAD("a grid of half cells", SCORER("{\"grid\": {\"count\": [1, 1, 0.5], \"spacing\": [1, 1, 1], \"origin\": [0, 0, 0]}}"), ":7:", "'count' is 0.5"),
    ROW("a grid of 10^15 cells", SCORER("{\"grid\": {\"count\": [100000, 100000, 100000], \"spacing\": [1, 1, 1], \"origin\": [0, 0, 0]}}"),
        KMA_ERR_ARGUMENT, ":7:", "100000 x 100000 x 100000"),
    ROW("a grid whose cells wrap 64 bits", SCORER("{\"grid\": {\"count\": [4294967296, 4294967296, 1], \"spacing\": [1, 1, 1], \"origin\": [0, 0, 0]}}"),
        KMA_ERR_ARGUMENT, ":7:", "4294967296"),
    BAD("a scorer of no volume", SCORER("{\"volume\": \"v\"}"), ":7:", "no volume is named 'v'"),
    ROW("voxels of a box", SCORER("{\"voxels\": \"world\"}"), KMA_ERR_ARGUMENT, ":7:", "shows no image"),
    MADE("sixty thousand scorers", many_scorers, KMA_ERR_ARGUMENT, ":10003:", "10000 scorers already")};

TEST(every_hostile_scene_is_refused_with_file_and_place)
{
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) hostile_check(READ_SCENE, &rows[i]);
}

/* The places of all unused ones would take minutes to find, whether anybody listens or not. */
static size_t warnings;

static void count_warning(kma_log_level level, const char *text, void *context)
{
    (void)text;
    (void)context;
    warnings += level == KMA_LOG_WARNING;
}

TEST(unused_objects_without_end_are_told_in_short)
{
    const char *path = kmt_path("scene.json");
    FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"world\", \"spectra\": {" SPECTRUM "},\n\"sources\": [" SOURCE "],\n\"volumes\": {" WORLD);
    int i;

    for (i = 0; i < MANY; i++) fprintf(file, ",\n\"v%d\": {\"orb\": {\"radius\": 1}, \"material\": \"vacuum\"}", i);
    end(file, "}}");
    assert_ok(kma_set_log_sink(count_warning, NULL));
    hostile_begin("unused objects");
    assert_ok(hostile_read(READ_SCENE, path));
    hostile_end();
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_int_equal(warnings, 21); /* twenty, and how many more */
}

static size_t faults;

static void count_fault(kma_status status, const char *text, void *context)
{
    (void)text;
    (void)context;
    faults += status != KMA_OK;
}

/* A check goes on behind a fault, but not for ever: each costs a walk through the text to its place. */
TEST(a_check_ends_after_a_hundred_faults)
{
    static const char *const wrong[2] = {"{\"orb\": {\"radius\": 1}, \"material\": \"no\"}", "{\"orb\": {\"radius\": -1}, \"material\": \"no\"}"};
    static const kma_status status[2] = {KMA_ERR_FORMAT, KMA_ERR_FORMAT};
    const char *path = kmt_path("scene.json");
    kma_simulation simulation = {0};
    int i, k;

    for (k = 0; k < 2; k++) { /* a name that means nothing; a value out of range */
        FILE *file = begin(path, "{\"kerma\": 1, \"world\": \"world\", \"spectra\": {" SPECTRUM "},\n\"sources\": [" SOURCE
                                 "],\n\"volumes\": {" WORLD);
        for (i = 0; i < MANY; i++) fprintf(file, ",\n\"v%d\": %s", i, wrong[k]);
        end(file, "}}");
        faults = 0;
        hostile_begin("a check of many faults");
        assert_int_equal(kma_simulation_check(path, count_fault, NULL, &simulation), status[k]);
        hostile_end();
        assert_non_null(strstr(kma_error_message(), "scene.json:"));
        assert_int_equal(faults, KMA_FAULTS_MAX);
        assert_int_equal(simulation.bits, 0);
        kmt_assert_no_live_objects();
    }
}

/* Any part of a scene is either refused with its place or a scene. */
TEST(a_scene_cut_at_any_byte_is_refused)
{
    static const char scene[] = VOLUME("{\"orb\": {\"radius\": 1}, \"material\": \"vacuum\"}");
    static const char *const colon[HOSTILE_WORDS] = {"scene.json:", NULL};
    const char *path = kmt_path("scene.json");
    size_t size;

    kmt_put_text(path, scene);
    assert_ok(hostile_read(READ_SCENE, path));
    for (size = 0; size + 2 < sizeof scene; size += 3) {
        kmt_put(path, scene, size);
        hostile_check_path(READ_SCENE, "a cut scene", path, "scene.json", KMA_ERR_FORMAT, colon);
    }
}

TEST(the_rows_are_this_many)
{
    print_message("%zu hostile scenes; the slowest took %.3f s, the greediest %zu bytes\n", hostile_checked(), hostile_longest(),
                  hostile_most());
    assert_true(hostile_checked() >= 90 + 100);
}
