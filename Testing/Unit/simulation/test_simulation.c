#include "kmt_file.h"

#include <stdbool.h>
#include <unistd.h>

#include "scene_files.h"

TEST(a_scene_with_one_of_everything_is_read)
{
    kma_simulation s = {0};
    kma_scene scene = {0};
    uint64_t number;
    size_t count;
    char title[64];
    double cut;
    kma_overlap_action action;
    size_t points;

    kmt_put_files();
    assert_ok(kma_simulation_read(kmt_put_scene(kmt_full_scene), &s));
    assert_ok(kma_simulation_get_seed(s, &number));
    assert_true(number == UINT64_MAX);
    assert_ok(kma_simulation_get_histories(s, &number));
    assert_int_equal(number, 2000);
    assert_ok(kma_simulation_get_title(s, title, sizeof title, &count));
    assert_string_equal(title, "One of \xC3\xA9verything");
    assert_int_equal(count, strlen(title));
    assert_ok(kma_simulation_get_title(s, NULL, 0, &count));
    assert_int_equal(count, strlen(title));
    assert_fails(kma_simulation_get_title(s, title, 5, NULL), KMA_ERR_ARGUMENT, "the title needs 19");
    assert_ok(kma_simulation_get_scene(s, &scene));
    assert_ok(kma_simulation_release(&s)); /* the scene lives on */
    assert_ok(kma_scene_count_sources(scene, &count));
    assert_int_equal(count, 6);
    assert_ok(kma_scene_count_scorers(scene, &count));
    assert_int_equal(count, 4);
    assert_ok(kma_scene_get_cut_energy(scene, &cut));
    assert_true(cut == 0.005);
    assert_ok(kma_scene_get_overlap_check(scene, &action, &points));
    assert_int_equal(action, KMA_OVERLAPS_WARN);
    assert_int_equal(points, 2000);
    assert_ok(kma_scene_release(&scene));
    kmt_assert_no_live_objects();
}

static const char small_scene[] =
    "{\"kerma\": 1, \"spectra\": {\"s\": {\"energy\": 0.06}}, \"volumes\": {\"w\": {\"orb\": {\"radius\": 1}, \"material\": "
    "\"vacuum\"}}, \"world\": \"w\", \"sources\": [{\"type\": \"point\", \"position\": [0, 0, 0], \"spectrum\": \"s\"}]}";

TEST(what_a_small_scene_leaves_out_has_defaults)
{
    kma_simulation s = {0};
    kma_scene scene = {0};
    uint64_t number;
    double cut;
    kma_overlap_action action;
    size_t points;
    char title[4] = "xyz";
    size_t scorers;

    assert_ok(kma_simulation_read(kmt_put_scene(small_scene), &s));
    assert_ok(kma_simulation_get_seed(s, &number));
    assert_int_equal(number, 1);
    assert_ok(kma_simulation_get_histories(s, &number));
    assert_int_equal(number, 100000);
    assert_ok(kma_simulation_get_title(s, title, sizeof title, NULL));
    assert_string_equal(title, "");
    assert_ok(kma_simulation_get_scene(s, &scene));
    assert_ok(kma_scene_get_cut_energy(scene, &cut));
    assert_true(cut == 0.001);
    assert_ok(kma_scene_get_overlap_check(scene, &action, &points));
    assert_int_equal(action, KMA_OVERLAPS_REFUSE);
    assert_int_equal(points, 1000);
    assert_ok(kma_scene_count_scorers(scene, &scorers));
    assert_int_equal(scorers, 0);
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_simulation_release(&s));
    kmt_assert_no_live_objects();
}

/* In the full scene `from` becomes `to`; the fault is where `at` begins in the new text. */
typedef struct fault {
    const char *from, *to, *at, *says;
    kma_status status;
} fault;

static const fault faults[] = {
    /* the file and its version */
    {"\"kerma\": 1,", "", "{", "needs the key 'kerma'", KMA_ERR_FORMAT},
    {"\"kerma\": 1", "\"kerma\": 2", "2,", "'kerma' is 2", KMA_ERR_FORMAT},
    {"\"kerma\": 1", "\"kerma\": \"1\"", "\"1\",", "'kerma' is 1", KMA_ERR_FORMAT},
    {"\"seed\": 18446744073709551615", "\"seed\": 18446744073709551616", "18446744073709551616", "must be a whole number", KMA_ERR_FORMAT},
    {"\"seed\": 18446744073709551615", "\"seed\": -1", "-1", "'seed' is -1", KMA_ERR_FORMAT},
    {"\"histories\": 2e3", "\"histories\": 2.5", "2.5", "must be a whole number", KMA_ERR_FORMAT},
    {"\"histories\": 2e3", "\"histories\": 0", "0,", "must be above 0", KMA_ERR_FORMAT},
    {"\"title\": \"One", "\"titel\": \"One", "\"titel\"", "unknown key 'titel' (did you mean 'title'?)", KMA_ERR_FORMAT},
    {"\"cut_energy\": 0.005", "\"cut_energy\": 0.9", "0.9,", "0.9", KMA_ERR_ARGUMENT},
    {"\"cut_energy\": 0.005", "\"cut_energy\": \"0.005\"", "\"0.005\"", "'cut_energy' is a text (expected a number)", KMA_ERR_FORMAT},
    {"\"cut_energy\": 0.005,", "\"cut_energy\": 0.005, \"seed\": 3,", "\"seed\": 3", "the key seed is there already", KMA_ERR_FORMAT},
    {"  \"world\": \"world\",\n", "", "{", "a scene needs the key 'world'", KMA_ERR_FORMAT},
    {"\"world\": \"world\",", "\"world\": \"wrold\",", "\"wrold\"", "no volume is named 'wrold' (did you mean 'world'?)", KMA_ERR_FORMAT},
    {"\"world\": \"world\",", "\"world\": \"world\"", "\"placements\"", "',' or the '}'", KMA_ERR_FORMAT},
    {"\"warn\"", "\"worn\"", "\"worn\"", "worn", KMA_ERR_FORMAT},
    {"\"action\": \"warn\", ", "", "{\"points\"", "needs the key 'action'", KMA_ERR_FORMAT},
    {"\"points\": 2000", "\"points\": 2000000", "2000000", "points is 2000000 (expected 1 to 1000000", KMA_ERR_ARGUMENT},
    {"\"points\": 2000", "\"points\": 0", "0},\n  \"sources\"", "'points' is 0 (must be above 0)", KMA_ERR_FORMAT},
    {"\"block\": {", "\"block\": {\"name\": \"a\\nb\", ", "\"a\\nb\"", "control character 10", KMA_ERR_ARGUMENT},
    {"\"dog\": {", "\"dog\": {\"name\": \"\", ", "\"\", \"image\"", "name is empty", KMA_ERR_ARGUMENT},
    /* materials */
    {"{\"nist\": \"Water, Liquid\"}", "{\"nits\": \"Water, Liquid\"}", "\"nits\"", "unknown key 'nits' (did you mean 'nist'?)", KMA_ERR_FORMAT},
    {"{\"nist\": \"Water, Liquid\"}", "{}", "{},\n    \"iron\"", "a material needs one of the keys 'nist', 'formula' or 'fractions'", KMA_ERR_FORMAT},
    {"{\"nist\": \"Water, Liquid\"}", "{\"density\": 1}", "{\"density\": 1}", "needs one of the keys", KMA_ERR_FORMAT},
    {"{\"nist\": \"Water, Liquid\"}", "{\"nist\": \"Water, Liquid\", \"density\": 2}", "\"density\": 2", "'density' does not go with 'nist'", KMA_ERR_FORMAT},
    {"{\"nist\": \"Water, Liquid\"}", "\"water\"", "\"water\",\n    \"iron\"", "'water' is a text (expected an object)", KMA_ERR_FORMAT},
    {"{\"nist\": \"Water, Liquid\"}", "{\"nist\": \"Water, Liquit\"}", "\"Water, Liquit\"", "the nearest name is \"Water, Liquid\"", KMA_ERR_ARGUMENT},
    {"\"formula\": \"Ti\"", "\"formula\": \"Tj\"", "\"Tj\"", "Tj", KMA_ERR_ARGUMENT},
    {"\"density\": 4.506", "\"density\": 4506", "4506", "density", KMA_ERR_ARGUMENT},
    {"\"density\": 4.506", "\"density\": 0", "0}", "'density' is 0 (must be above 0)", KMA_ERR_FORMAT},
    {"\"density\": 4.506", "\"densty\": 4.506", "\"densty\"", "did you mean 'density'?", KMA_ERR_FORMAT},
    {"\"H\": 0.11", "\"h\": 0.11", "\"h\"", "'h' is not the symbol of an element", KMA_ERR_FORMAT},
    {"\"H\": 0.11", "\"H\": 0.5", "{\"H\": 0.5", "sum", KMA_ERR_ARGUMENT},
    {"\"H\": 0.11", "\"H\": -0.11", "-0.11", "must be 0 or above", KMA_ERR_FORMAT},
    {", \"density\": 1.0}", "}", "{\"fractions\"", "needs the key 'density'", KMA_ERR_FORMAT},
    {"\"gold\": {", "\"vacuum\": {", "\"vacuum\": {", "'vacuum' is there already", KMA_ERR_FORMAT},
    {"\"gold\": {", "\"\": {", "\"\": {", "an empty name", KMA_ERR_FORMAT},
    /* spectra */
    {"{\"energy\": 0.06}", "{\"energy\": 0}", "0},\n    \"lines\"", "must be above 0", KMA_ERR_FORMAT},
    {"{\"energy\": 0.06}", "{\"energy\": 60}", "60},\n    \"lines\"", "from 0.001 to 0.8 MeV only", KMA_ERR_PHYSICS},
    {"[0.03, 0.06, 0.1]", "[0.0003, 0.06, 0.1]", "{\"edges\"", "from 0.001 to 0.8 MeV only", KMA_ERR_PHYSICS},
    {"{\"energy\": 0.06}", "{\"energy\": 0.06, \"file\": \"lines.csv\"}", "\"file\": \"lines.csv\"}", "'file' does not go with 'energy'", KMA_ERR_FORMAT},
    {"[0.03, 0.06], \"weights\"", "[0.06, 0.03], \"weights\"", "0.03], \"weights\"", "energy[1]", KMA_ERR_ARGUMENT},
    {"\"weights\": [1, 3]", "\"weights\": [1, 3, 4]", "[1, 3, 4]", "'weights' has 3 elements (2 energies need 2)", KMA_ERR_FORMAT},
    {"\"weights\": [1, 3]", "\"weights\": [1, true]", "true]", "'weights' is a boolean (expected a number)", KMA_ERR_FORMAT},
    {"\"weights\": [1, 0]", "\"weights\": [0, 0]", "[0, 0]}", "weight", KMA_ERR_ARGUMENT},
    {"\"weights\": [1, 0]", "\"weights\": []", "[]}", "'weights' has 0 elements", KMA_ERR_FORMAT},
    {"\"edges\": [0.03, 0.06, 0.1]", "\"edges\": [0.03]", "[0.03]", "'edges' has 1 elements (expected an array of at least 2", KMA_ERR_FORMAT},
    {"\"file\": \"lines.csv\"", "\"file\": \"lime.csv\"", "\"lime.csv\"", "lime.csv", KMA_ERR_IO},
    {"\"file\": \"lines.csv\"", "\"file\": \"bad.csv\"", "\"bad.csv\"", "bad.csv:3", KMA_ERR_FORMAT},
    {"\"file\": \"lines.csv\"", "\"file\": \"\"", "\"\"", "the name of a file is empty", KMA_ERR_FORMAT},
    /* volumes */
    {"\"box\": {\"size\": [200", "\"bax\": {\"size\": [200", "\"bax\"", "unknown key 'bax' (did you mean 'box'?)", KMA_ERR_FORMAT},
    {"[200, 200, 200]", "[200, 200]", "[200, 200]", "'size' has 2 elements (expected an array of 3 numbers)", KMA_ERR_FORMAT},
    {"[200, 200, 200]", "200", "200}", "'size' is a number (expected an array of 3 numbers)", KMA_ERR_FORMAT},
    {"[200, 200, 200]", "[200, 1e10, 200]", "1e10", "size in y", KMA_ERR_ARGUMENT},
    {"[200, 200, 200]", "[200, -1, 200]", "-1,", "'size' is -1 (must be above 0)", KMA_ERR_FORMAT},
    {"{\"radius\": 10}, \"material\": \"water\"", "{\"radius\": 10}, \"materal\": \"water\"", "\"materal\"", "did you mean 'material'?", KMA_ERR_FORMAT},
    {"{\"radius\": 10}, \"material\": \"water\"", "{\"radius\": 10}", "{\"orb\"", "a volume needs the key 'material'", KMA_ERR_FORMAT},
    {"\"material\": \"water\"", "\"material\": \"watre\"", "\"watre\"", "no material is named 'watre' (did you mean 'water'?)", KMA_ERR_FORMAT},
    {"\"material\": \"water\"", "\"material\": \"world\"", "\"world\"},", "no material is named 'world'", KMA_ERR_FORMAT},
    {"\"inner_radius\": 1", "\"inner_radius\": 3", "3, \"outer", "inner radius", KMA_ERR_ARGUMENT},
    {"\"phi_delta\": 1", "\"phi_delta\": 360", "360", "phi_delta", KMA_ERR_ARGUMENT},
    {"\"screw.stl\", \"unit\": 2", "\"screw.stl\", \"unit\": 0", "0}, \"material\": \"titanium\"", "'unit' is 0", KMA_ERR_FORMAT},
    {"\"screw.stl\"", "\"open.stl\"", "\"open.stl\"", "open.stl", KMA_ERR_MESH},
    {"\"screw.stl\"", "\"none.stl\"", "\"none.stl\"", "none.stl", KMA_ERR_IO},
    {"{\"image\": {\"file\": \"ct.mha\"}}", "{\"image\": {\"file\": \"cat.mha\"}}", "\"cat.mha\"", "cat.mha", KMA_ERR_IO},
    {"{\"image\": {\"file\": \"ct.mha\"}}", "{\"image\": {\"file\": \"lines.csv\"}}", "\"lines.csv\"}},\n    \"dog\"", "lines.csv", KMA_ERR_FORMAT},
    {"{\"image\": {\"file\": \"ct.mha\"}}", "{\"image\": {\"file\": \"ct.mha\"}, \"material\": \"water\"}", "\"material\": \"water\"},\n    \"dog\"", "'material' does not go with 'image'", KMA_ERR_FORMAT},
    {"\"ct_table\": \"table.csv\"", "\"ct_table\": \"schnieder\"", "\"schnieder\"", "is not a CT table", KMA_ERR_FORMAT},
    {"\"ct_table\": \"table.csv\"", "\"ct_table\": \"lines.csv\"", "\"lines.csv\"}}\n", "lines.csv", KMA_ERR_FORMAT},
    /* placements */
    {"\"volume\": \"patient\", \"in\"", "\"volume\": \"pateint\", \"in\"", "\"pateint\"", "no volume is named 'pateint' (did you mean 'patient'?)", KMA_ERR_FORMAT},
    {"\"in\": \"ball\"", "\"in\": \"pipe\"", "\"pipe\", \"in\": \"pipe\"", "pipe", KMA_ERR_GEOMETRY},
    {"\"in\": \"ball\", \"rotation\": [0, 0, 1", "\"in\": \"ball\", \"rotation\": [0, 0, 2", "[0, 0, 2, 1", "rotation", KMA_ERR_ARGUMENT},
    {"[0, 0, 1, 1, 0, 0, 0, 1, 0]", "[0, 0, 1]", "[0, 0, 1]", "'rotation' has 3 elements (expected an array of 9", KMA_ERR_FORMAT},
    {"{\"axis\": [0, 0, 2], \"angle\": 0.5}", "{\"axis\": [0, 0, 0], \"angle\": 0.5}", "[0, 0, 0], \"angle\"", "'axis' has no length", KMA_ERR_FORMAT},
    {"{\"axis\": [0, 0, 2], \"angle\": 0.5}", "{\"axis\": [0, 0, 2]}", "{\"axis\"", "needs the key 'angle'", KMA_ERR_FORMAT},
    {"{\"axis\": [0, 0, 2], \"angle\": 0.5}", "{\"axis\": [0, 0, 2], \"angle\": 1e9}", "1e9", "'angle' is too large", KMA_ERR_FORMAT},
    {"\"translation\": [50, 0, 0]", "\"translation\": [50, 2e9, 0]", "2e9", "translation[1]", KMA_ERR_ARGUMENT},
    {"{\"volume\": \"rod\",", "7, {\"volume\": \"rod\",", "7, {", "a number (expected an object)", KMA_ERR_FORMAT},
    /* sources */
    {"\"type\": \"pencil\"", "\"type\": \"pencel\"", "\"pencel\"", "'pencel' is not a 'type' (did you mean 'pencil'?)", KMA_ERR_FORMAT},
    {"\"type\": \"pencil\", ", "", "{\"position\": [0, 0, 95], \"direction\": [0, 0, -1], \"spectrum\": \"table\"", "a source needs the key 'type'", KMA_ERR_FORMAT},
    {"\"type\": \"pencil\"", "\"type\": 3", "3, \"position\"", "'type' is a number", KMA_ERR_FORMAT},
    {"\"spectrum\": \"table\"}", "\"spectrum\": \"table\", \"radius\": 3}", "\"radius\": 3", "'radius' does not go with the type 'pencil'", KMA_ERR_FORMAT},
    {"\"spectrum\": \"table\"}", "\"spectrum\": \"water\"}", "\"water\"},\n    {\"type\": \"parallel\"", "no spectrum is named 'water'", KMA_ERR_FORMAT},
    {"\"isotropic\": true", "\"isotropic\": false", "false},", "'isotropic' is false", KMA_ERR_FORMAT},
    {"\"isotropic\": true", "\"isotropic\": true, \"cone\": {\"half_angle\": 1}", "\"cone\": {\"half_angle\": 1}", "'cone' does not go with 'isotropic'", KMA_ERR_FORMAT},
    {"\"half_angle\": 0.5", "\"half_angle\": 28", "28}", "half_angle", KMA_ERR_ARGUMENT},
    {"\"weight\": 2", "\"weight\": -2", "-2}", "'weight' is -2", KMA_ERR_FORMAT},
    {"\"size\": [20, 30], \"distance\"", "\"size\": [20, 1e-12], \"distance\"", "1e-12", "field_height", KMA_ERR_ARGUMENT},
    {"\"distance\": 50", "\"distence\": 50", "\"distence\"", "did you mean 'distance'?", KMA_ERR_FORMAT},
    {"\"up\": [1, 0, 0]", "\"up\": [0, 0, 3]", "[0, 0, 3]", "up", KMA_ERR_ARGUMENT},
    {"\"size\": [20, 30],\n     \"up\": [1, 1, 0]", "\"up\": [1, 1, 0]", "{\"type\": \"parallel\"", "needs 'size' or 'radius'", KMA_ERR_FORMAT},
    {"\"radius\": 20", "\"radius\": 20, \"size\": [1, 1]", "\"size\": [1, 1]", "'size' does not go with 'radius'", KMA_ERR_FORMAT},
    {"\"direction\": [0, 0, -1], \"spectrum\": \"table\"", "\"direction\": [0, 0, 0], \"spectrum\": \"table\"", "[0, 0, 0], \"spectrum\"", "direction", KMA_ERR_ARGUMENT},
    /* scorers */
    {"{\"voxels\": \"patient\"}", "{\"voxels\": \"ball\"}", "\"ball\"},\n    \"grid\"", "image", KMA_ERR_ARGUMENT},
    {"{\"voxels\": \"patient\"}", "{\"voxel\": \"patient\"}", "\"voxel\"", "did you mean 'voxels'?", KMA_ERR_FORMAT},
    {"{\"volume\": \"ball\"}", "{\"volume\": \"balls\"}", "\"balls\"", "no volume is named 'balls' (did you mean 'ball'?)", KMA_ERR_FORMAT},
    {"\"count\": [5, 4, 3]", "\"count\": [5, 4, 0]", "0], \"spacing\"", "'count' is 0", KMA_ERR_FORMAT},
    {"\"count\": [5, 4, 3]", "\"count\": [5, 4, 2.5]", "2.5]", "must be a whole number", KMA_ERR_FORMAT},
    {"\"count\": [5, 4, 3]", "\"count\": [5, 4, 1e15]", "1e15]", "1000000000000000 cells along z", KMA_ERR_ARGUMENT},
    {"[0, 1, 0, 1, 0, 0, 0, 0, 1]}}", "[0, 1, 0, 1, 0, 0, 0, 0, 5]}}", "[0, 1, 0, 1, 0, 0, 0, 0, 5]", "direction", KMA_ERR_ARGUMENT},
    {"\"pixels\": [6, 5]", "\"pixels\": [6]", "[6]", "'pixels' has 1 elements", KMA_ERR_FORMAT},
    {"\"v\": [0, 1, 0]", "\"v\": [2, 0, 0]", "[1, 0, 0], \"v\": [2, 0, 0]", "u and v are parallel", KMA_ERR_ARGUMENT},
    {"\"absorbs\": false", "\"absorbs\": 0", "0}}\n", "'absorbs' is a number (expected true or false)", KMA_ERR_FORMAT},
    {"\"ball/1\": {", "\"ball\\n\": {", "\"ball\\n\": {", "name", KMA_ERR_ARGUMENT},
};

static void place_of(const char *text, const char *at, char *out, size_t size)
{
    const char *found = strstr(text, at), *p;
    int line = 1, column = 1;

    assert_true_msg(found != NULL, "'%s' is not in the broken scene", at);
    for (p = text; p < found; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    snprintf(out, size, "scene.json:%d:%d: ", line, column);
}

TEST(every_fault_is_told_with_its_place)
{
    char place[64];
    size_t i, failed = 0;

    kmt_put_files();
    for (i = 0; i < sizeof faults / sizeof *faults; i++) {
        const fault *f = &faults[i];
        char *text = kmt_replace(kmt_full_scene, f->from, f->to);
        kma_simulation s = {77};
        kma_status status = kma_simulation_read(kmt_put_scene(text), &s);
        const char *said = kma_error_message();

        place_of(text, f->at, place, sizeof place);
        if (status != f->status || s.bits != 0 || strstr(said, place) == NULL || strstr(said, f->says) == NULL) {
            print_error("%s -> %s\n   said     %s: %s\n   expected %s: %s%s\n", f->from, f->to, kma_status_name(status), said,
                        kma_status_name(f->status), place, f->says);
            failed++;
        }
        free(text);
    }
    assert_int_equal(failed, 0);
    assert_true(sizeof faults / sizeof *faults >= 40);
    kmt_assert_no_live_objects();
}

TEST(a_scene_that_is_no_object_or_no_file_is_refused)
{
    kma_simulation s = {77};
    const char *path = kmt_path("none.json");

    assert_fails(kma_simulation_read(kmt_put_scene("[1]"), &s), KMA_ERR_FORMAT, "scene.json:1:1: a scene is an object, this is an array");
    assert_fails(kma_simulation_read(kmt_put_scene(""), &s), KMA_ERR_FORMAT, "scene.json:1:1: the text ends here");
    assert_fails(kma_simulation_read(path, &s), KMA_ERR_IO, "none.json");
    assert_fails(kma_simulation_read(kmt_scratch(), &s), KMA_ERR_IO, "directory");
    assert_fails(kma_simulation_read(NULL, &s), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_simulation_read(path, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_true(s.bits == 0);
}

static char *repeat(char c, size_t n, const char *before, const char *after)
{
    char *name = calloc(n + 1, 1), *all = malloc(n + strlen(before) + strlen(after) + 1);
    memset(name, c, n);
    sprintf(all, "%s%s%s", before, name, after);
    free(name);
    return all;
}

TEST(names_that_are_too_long_are_told_before_the_run)
{
    kma_simulation s = {0};
    char *name = repeat('/', 100, "\"", "\": {"), *text = kmt_replace(kmt_full_scene, "\"ball/1\": {", name);

    kmt_put_files();
    assert_fails(kma_simulation_read(kmt_put_scene(text), &s), KMA_ERR_ARGUMENT, "too long for the names of files");
    free(name);
    free(text);
    name = repeat('x', 128, "\"", "\": {");
    text = kmt_replace(kmt_full_scene, "\"ball/1\": {", name);
    assert_fails(kma_simulation_read(kmt_put_scene(text), &s), KMA_ERR_ARGUMENT, "scene.json:");
    free(name);
    free(text);
    kmt_assert_no_live_objects();
}

TEST(files_are_found_beside_the_scene_from_any_directory)
{
    kma_simulation s = {0};
    char here[4096];

    kmt_put_files();
    kmt_put_scene(kmt_full_scene);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(kmt_scratch()), 0);
    assert_ok(kma_simulation_read("scene.json", &s));
    assert_ok(kma_simulation_release(&s));
    assert_ok(kma_simulation_read("./scene.json", &s));
    assert_ok(kma_simulation_release(&s));
    assert_int_equal(chdir(here), 0);
}

static int warnings;
static char warning[512];

static void listen(kma_log_level level, const char *text, void *context)
{
    (void)context;
    if (level != KMA_LOG_WARNING) return;
    warnings++;
    snprintf(warning, sizeof warning, "%s", text);
}

TEST(what_is_described_and_never_used_is_warned_about)
{
    kma_simulation s = {0};
    char *text = kmt_replace(kmt_full_scene, "{\"volume\": \"rod\", \"in\": \"world\", \"translation\": [-50, 0, 0]},\n", "\n");

    kmt_put_files();
    warnings = 0;
    assert_ok(kma_set_log_sink(listen, NULL));
    assert_ok(kma_simulation_read(kmt_put_scene(kmt_full_scene), &s));
    assert_int_equal(warnings, 0);
    assert_ok(kma_simulation_release(&s));
    assert_ok(kma_simulation_read(kmt_put_scene(text), &s));
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "scene.json:23:5: the volume 'rod' is not used"));
    assert_ok(kma_simulation_release(&s));
    free(text);
}

static void fail_each_allocation(const char *scene)
{
    kma_simulation s = {0};
    const char *path = kmt_put_scene(scene);
    long n;

    for (n = 1; n < 100000; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_simulation_read(path, &s);
        if (!kmt_allocation_failed()) {
            kmt_fail_allocation(0);
            assert_ok(status);
            break;
        }
        kmt_fail_allocation(0);
        assert_true_msg(status == KMA_ERR_MEMORY, "allocation %ld: %s: %s", n, kma_status_name(status), kma_error_message());
        assert_true(s.bits == 0);
        kmt_assert_no_live_objects();
    }
    assert_true(n > 50 && n < 100000);
    assert_ok(kma_simulation_release(&s));
    kmt_assert_no_live_objects();
}

TEST(every_failed_allocation_is_an_error_without_a_leak)
{
    kmt_put_files();
    fail_each_allocation(kmt_full_scene);
}

/* The list of what was made grows when it has 16: with one spectrum for a solid, with two for the volume of one. */
TEST(no_failed_allocation_loses_a_volume_or_its_solid)
{
    static const char *const spectra[] = {"\"s\": {\"energy\": 0.1}", "\"s\": {\"energy\": 0.1}, \"t\": {\"energy\": 0.1}"};
    char text[4096];
    size_t i, k, used;

    for (i = 0; i < 2; i++) {
        used = (size_t)snprintf(text, sizeof text, "{\"kerma\": 1, \"spectra\": {%s}, \"world\": \"v0\", \"sources\": "
                                "[{\"type\": \"point\", \"position\": [0, 0, 0], \"spectrum\": \"s\"}], \"volumes\": {",
                                spectra[i]);
        for (k = 0; k < 10; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s\"v%zu\": {\"orb\": {\"radius\": 1}, \"material\": "
                                     "\"vacuum\"}", k == 0 ? "" : ", ", k);
        strcpy(text + used, "}}");
        fail_each_allocation(text);
    }
}

TEST(handles_that_name_no_simulation_are_refused)
{
    kma_simulation none = {0}, s = {0}, copy;
    kma_scene scene = {5};
    uint64_t number = 5;

    assert_ok(kma_simulation_read(kmt_put_scene(small_scene), &s));
    assert_ok(kma_simulation_retain(s));
    copy = s;
    assert_ok(kma_simulation_release(&s));
    s = copy;
    assert_ok(kma_simulation_release(&s));
    assert_fails(kma_simulation_get_scene(copy, &scene), KMA_ERR_STALE, "simulation");
    assert_true(scene.bits == 0);
    assert_fails(kma_simulation_get_seed(none, &number), KMA_ERR_ARGUMENT, "simulation");
    assert_int_equal(number, 0);
    assert_fails(kma_simulation_release(NULL), KMA_ERR_ARGUMENT, "self");
    assert_fails(kma_simulation_get_histories(copy, NULL), KMA_ERR_ARGUMENT, "out");
    kmt_assert_no_live_objects();
}

/* Damage to the bytes of a scene, and swaps of its words: an error with a place, or a scene; never a crash. */
PROPERTY(damaged_scenes_never_crash, 2000)
{
    static const char bytes[] = "{}[],:\"\\0-e.1tn \n\x80_";
    static const char *const words[] = {"\"box\"", "\"orb\"", "\"file\"", "\"water\"", "1e308", "-1", "0", "null", "[]", "{}", "true",
                                        "\"lines.csv\"", "[1, 2, 3]", "\"size\"", "1e-320", "\"world\"", "\"\""};
    kma_simulation s = {0};
    char *text = malloc(strlen(kmt_full_scene) + 4096), *other;
    size_t n = strlen(kmt_full_scene), changes, i, j;
    static bool put;

    if (!put) kmt_put_files();
    put = true;
    strcpy(text, kmt_full_scene);
    for (changes = 1 + kmi_rng_bits(rng) % 3; changes > 0; changes--) {
        i = kmi_rng_bits(rng) % n;
        if (kmi_rng_bits(rng) % 3 == 0) {
            text[i] = bytes[kmi_rng_bits(rng) % (sizeof bytes - 1)];
            continue;
        }
        while (i > 0 && strchr(" ,:[]{}", text[i - 1]) == NULL) i--; /* a whole word */
        j = i + strcspn(text + i, " ,:[]{}");
        other = malloc(n + 64);
        sprintf(other, "%.*s%s%s", (int)i, text, words[kmi_rng_bits(rng) % (sizeof words / sizeof *words)], text + j);
        strcpy(text, other);
        n = strlen(text);
        free(other);
    }
    if (kma_simulation_read(kmt_put_scene(text), &s) == KMA_OK)
        assert_ok(kma_simulation_release(&s));
    else
        assert_non_null(strstr(kma_error_message(), "scene.json:"));
    assert_true(s.bits == 0);
    kmt_assert_no_live_objects();
    free(text);
    (void)seed;
}

/* ---- checks ---- */

typedef struct told {
    size_t count;
    char text[20][1100];
} told;

static void hear(kma_status status, const char *text, void *context)
{
    told *t = context;

    assert_true(status != KMA_OK);
    assert_true(t->count < 20);
    snprintf(t->text[t->count++], sizeof t->text[0], "%s", text);
}

TEST(a_check_of_a_sound_scene_hears_nothing_and_makes_what_reading_makes)
{
    told t = {.count = 0};
    kma_simulation s = {0};
    kma_scene scene = {0};
    size_t n = 0;

    kmt_put_files();
    assert_ok(kma_simulation_check(kmt_put_scene(kmt_full_scene), hear, &t, &s));
    assert_int_equal(t.count, 0);
    assert_ok(kma_simulation_get_scene(s, &scene));
    assert_ok(kma_scene_count_scorers(scene, &n));
    assert_true(n >= 4);
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_simulation_release(&s));
    assert_fails(kma_simulation_check("x", NULL, NULL, &s), KMA_ERR_ARGUMENT, "fn is NULL");
    assert_fails(kma_simulation_check(NULL, hear, &t, &s), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_simulation_check("x", hear, &t, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    kmt_assert_no_live_objects();
}

TEST(a_check_survives_the_failure_of_any_allocation)
{
    static told t;
    const char *path;
    char *text = kmt_replace(kmt_full_scene, "\"nist\": \"", "\"nist\": \"x");
    kma_simulation s = {0};
    long n;

    kmt_put_files();
    path = kmt_put_scene(text);
    for (n = 1; n < 3000; n++) {
        kma_status status;
        t.count = 0;
        kmt_fail_allocation(n);
        status = kma_simulation_check(path, hear, &t, &s);
        if (!kmt_allocation_failed()) {
            kmt_fail_allocation(0);
            assert_ok(status);
            break;
        }
        kmt_fail_allocation(0);
        if (status == KMA_OK) { /* of a text that is told */
            assert_ok(kma_simulation_release(&s));
            continue;
        }
        assert_int_equal(s.bits, 0);
        kmt_assert_no_live_objects();
    }
    assert_true(n > 50 && n < 3000);
    assert_int_equal(t.count, 1);
    assert_ok(kma_simulation_release(&s));
    free(text);
    kmt_assert_no_live_objects();
}

typedef struct walked { size_t solids, meshes, images; } walked;

static void walk(kma_volume v, walked *out)
{
    kma_volume daughter = {0};
    kma_solid solid = {0};
    kma_mesh mesh = {0};
    kma_image image = {0};
    kma_ct_table table = {0};
    kma_status status = kma_volume_get_solid(v, &solid);
    size_t n, i;

    if (status == KMA_OK) {
        out->solids++;
        out->meshes += kma_solid_get_mesh(solid, &mesh) == KMA_OK;
    } else {
        assert_fails(status, KMA_ERR_STATE, "shows an image");
        assert_ok(kma_volume_get_image(v, &image));
        assert_ok(kma_volume_get_ct_table(v, &table));
        out->images++;
    }
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_image_release(&image));
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_solid_release(&solid));
    assert_ok(kma_volume_count_placements(v, &n));
    for (i = 0; i < n; i++) {
        assert_ok(kma_volume_get_placement(v, i, &daughter, NULL, NULL));
        walk(daughter, out);
        assert_ok(kma_volume_release(&daughter));
    }
}

TEST(a_scene_that_was_read_can_be_walked_to_its_last_solid_mesh_and_image)
{
    kma_simulation s = {0};
    kma_scene scene = {0};
    kma_volume world = {0};
    walked seen = {0, 0, 0};

    kmt_put_files();
    assert_ok(kma_simulation_read(kmt_put_scene(kmt_full_scene), &s));
    assert_ok(kma_simulation_get_scene(s, &scene));
    assert_ok(kma_scene_get_world(scene, &world));
    walk(world, &seen);
    assert_true(seen.solids == 6 && seen.meshes == 1 && seen.images == 2);
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_simulation_release(&s));
    kmt_assert_no_live_objects();
}
