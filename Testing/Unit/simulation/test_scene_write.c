/* Writing scenes: what the files say, what is refused, what a failure leaves. */
#include "kmt_file.h"
#include "round_trip.h"
#include "scene_files.h"

#include <sys/stat.h>
#include <unistd.h>

static const kma_material vacuum = {0};

static kma_solid box_solid(double size)
{
    const double sizes[3] = {size, size, size};
    kma_solid s = {0};

    assert_ok(kma_solid_create_box(sizes, &s));
    return s;
}

/* The volume alone keeps its solid, and the mother or scene will alone keep the volume. */
static kma_volume volume(const char *name, kma_solid solid, kma_material material)
{
    kma_volume v = {0};

    assert_ok(kma_volume_create(name, solid, material, &v));
    assert_ok(kma_solid_release(&solid));
    return v;
}

static void place(kma_volume mother, kma_volume *daughter, double x)
{
    const double at[3] = {x, 0, 0};

    assert_ok(kma_volume_place(mother, *daughter, at, NULL));
    assert_ok(kma_volume_release(daughter));
}

static void add_pencil(kma_scene scene, kma_spectrum spectrum)
{
    kma_source_options o;
    kma_source source = {0};

    assert_ok(kma_source_options_defaults(&o));
    o.kind = KMA_SOURCE_PENCIL;
    o.position[0] = -45;
    o.direction[0] = 1, o.direction[2] = 0;
    assert_ok(kma_source_create(&o, spectrum, &source));
    assert_ok(kma_scene_add_source(scene, source));
    assert_ok(kma_source_release(&source));
}

/* A scene whose cross-sections are few; a mono-energetic pencil unless told otherwise. */
static kma_scene scene_of(kma_volume *world, bool pencil)
{
    kma_spectrum line = {0};
    kma_scene scene = {0};

    assert_ok(kma_scene_create(*world, &scene));
    assert_ok(kma_volume_release(world));
    assert_ok(kma_scene_set_cut_energy(scene, 0.05));
    if (!pencil) return scene;
    assert_ok(kma_spectrum_create_mono(0.06, &line));
    add_pencil(scene, line);
    assert_ok(kma_spectrum_release(&line));
    return scene;
}

static kma_material fractions(const char *name, double hydrogen)
{
    const int z[2] = {1, 8};
    const double f[2] = {hydrogen, 1 - hydrogen};
    kma_material m = {0};

    assert_ok(kma_material_create_mass_fractions(name, z, f, 2, 1, &m));
    return m;
}

static void end(kma_scene *scene, char *text)
{
    free(text);
    assert_ok(kma_scene_release(scene));
    kmt_assert_no_live_objects();
}

#define assert_says(text, part) assert_true_msg(strstr(text, part) != NULL, "not in the file: %s\n%s", part, text)
#define assert_silent(text, part) assert_true_msg(strstr(text, part) == NULL, "in the file: %s\n%s", part, text)

/* ---- what the file says ------------------------------------------------------- */

TEST(names_that_are_alike_or_odd_become_keys_that_differ_and_stay_names)
{
    static const char *const names[] = {"\xc3\xa9\xe2\x82\xac \"x\" \\ /", "cube", "cube", "cube 2", "cube", "world"};
    kma_volume world = volume("world", box_solid(100), vacuum), v;
    kma_scorer scorer = {0};
    kma_scene scene;
    char *text;
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++) {
        v = volume(names[i], box_solid(1), vacuum);
        if (i == 2) assert_ok(kma_scorer_create_volume("dose \"of\" \xc3\xa9", v, &scorer));
        place(world, &v, 10 * (double)i - 30);
    }
    scene = scene_of(&world, true);
    assert_ok(kma_scene_add_scorer(scene, scorer));
    assert_ok(kma_scorer_release(&scorer));
    text = kmt_trip(scene, "names.json", 100, KMT_FILES_APART);
    assert_says(text, "\"\xc3\xa9\xe2\x82\xac \\\"x\\\" \\\\ /\": {\n      \"box\"");
    assert_says(text, "\"cube\": {\n      \"box\"");
    assert_says(text, "\"cube 2\": {\n      \"box\""); /* its own name, though another came before */
    assert_says(text, "\"cube 3\": {\n      \"name\": \"cube\"");
    assert_says(text, "\"cube 4\": {\n      \"name\": \"cube\"");
    assert_says(text, "\"world 2\": {\n      \"name\": \"world\"");
    assert_says(text, "\"world\": \"world\"");
    assert_says(text, "\"dose \\\"of\\\" \xc3\xa9\": {\n      \"volume\": \"cube 3\"");
    end(&scene, text);
}

TEST(materials_are_written_by_their_names_where_these_make_them)
{
    kma_material nist = {0}, element = {0}, water = {0}, renamed = {0}, heavy = {0}, mixed = fractions("mixed", 0.112);
    kma_material alike = fractions("mixed", 0.2), none = fractions("vacuum", 0.3), odd = fractions("a\n\xff", 0.4);
    kma_volume world = volume("world", box_solid(100), vacuum), v;
    const kma_material *all[] = {&nist, &element, &water, &renamed, &heavy, &mixed, &alike, &none, &odd, &mixed};
    kma_scene scene;
    char *text;
    size_t i;

    assert_ok(kma_material_create_nist("water, liquid", &nist));
    assert_ok(kma_material_create_nist("Al", &element));
    assert_ok(kma_material_create_formula(NULL, "Ca10(PO4)6(OH)2", 3.16, &water));
    assert_ok(kma_material_create_formula("tooth", "Ca10(PO4)6(OH)2", 3.16, &renamed));
    assert_ok(kma_material_create_formula("Water, Liquid", "H2O", 1.1, &heavy));
    for (i = 0; i < sizeof all / sizeof *all; i++) {
        v = volume("v", box_solid(1), *all[i]);
        place(world, &v, 8 * (double)i - 40);
    }
    for (i = 0; i + 1 < sizeof all / sizeof *all; i++) {
        kma_material m = *all[i];
        assert_ok(kma_material_release(&m));
    }
    scene = scene_of(&world, true);
    text = kmt_trip(scene, "materials.json", 100, KMT_FILES_APART);
    assert_says(text, "\"Water, Liquid\": {\n      \"nist\": \"Water, Liquid\"");
    assert_says(text, "\"Aluminum\": {\n      \"nist\": \"Aluminum\"");
    assert_says(text, "\"Ca10(PO4)6(OH)2\": {\n      \"formula\": \"Ca10(PO4)6(OH)2\",\n      \"density\": 3.16");
    assert_says(text, "\"tooth\": {\n      \"fractions\"");
    assert_says(text, "\"Water, Liquid 2\": {\n      \"fractions\"");
    assert_says(text, "\"mixed\": {\n      \"fractions\": {\n        \"H\": 0.112,\n        \"O\": 0.888");
    assert_says(text, "\"mixed 2\": {");
    assert_silent(text, "\"mixed 3\": {"); /* used twice, written once */
    assert_says(text, "\"vacuum 2\": {");
    assert_says(text, "\"a ?\": {");
    end(&scene, text);
}

TEST(large_spectra_go_into_a_file_and_small_ones_do_not)
{
    enum { LARGE = 101 };
    double energy[LARGE + 1], weight[LARGE];
    kma_volume world = volume("world", box_solid(100), vacuum);
    kma_scene scene = scene_of(&world, true);
    kma_spectrum s[6] = {{0}};
    char *text, *table;
    size_t i;

    for (i = 0; i <= LARGE; i++) energy[i] = 0.05 + 0.1 / (double)(LARGE + 2 - i);
    for (i = 0; i < LARGE; i++) weight[i] = i % 3 == 1 ? 0 : 1 / (double)(i + 3);
    assert_ok(kma_spectrum_create_lines(energy, weight, LARGE, &s[0]));
    assert_ok(kma_spectrum_create_histogram(energy, weight, LARGE, &s[1]));
    assert_ok(kma_spectrum_create_lines(energy, weight, LARGE - 1, &s[2]));
    assert_ok(kma_spectrum_create_histogram(energy, weight, LARGE - 1, &s[3]));
    weight[0] = 3;
    assert_ok(kma_spectrum_create_lines(energy, weight, 1, &s[4])); /* one line that does not weigh 1 */
    weight[0] = 1;
    assert_ok(kma_spectrum_create_histogram(energy, weight, 1, &s[5]));
    for (i = 0; i < 6; i++) add_pencil(scene, s[i]);
    add_pencil(scene, s[0]);
    for (i = 0; i < 6; i++) assert_ok(kma_spectrum_release(&s[i]));
    text = kmt_trip(scene, "spectra.json", 300, KMT_FILES_APART);
    assert_says(text, "\"spectrum 1\": {\n      \"energy\": 0.06");
    assert_says(text, "\"spectrum 2\": {\n      \"file\": \"spectra_files/spectrum_2.csv\"");
    assert_says(text, "\"spectrum 3\": {\n      \"file\": \"spectra_files/spectrum_3.csv\"");
    assert_says(text, "\"spectrum 4\": {\n      \"energies\": [");
    assert_says(text, "\"spectrum 5\": {\n      \"edges\": [");
    assert_says(text, "\"weights\": [3]");
    assert_silent(text, "\"spectrum 8\"");
    table = kmt_get(kmt_trip_path("first", "spectra_files/spectrum_3.csv"), NULL);
    assert_int_equal(strncmp(table, "energy_low_mev,energy_high_mev,weight\n", 38), 0);
    free(table);
    end(&scene, text);
}

/* ---- meshes and images -------------------------------------------------------- */

static const uint32_t sides[4][3] = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};

/* A tetrahedron whose vertices are listed in another order than its facets speak of them. */
static kma_solid tetrahedron(double size, const uint32_t order[4])
{
    const double corners[4][3] = {{0, 0, 0}, {size, 0, 0}, {0, size, 0}, {0, 0, size}};
    double vertices[4][3];
    uint32_t facets[4][3];
    kma_mesh mesh = {0};
    kma_solid solid = {0};
    int i, k;

    for (i = 0; i < 4; i++) memcpy(vertices[order[i]], corners[i], sizeof corners[i]);
    for (i = 0; i < 4; i++)
        for (k = 0; k < 3; k++) facets[i][k] = order[sides[i][k]];
    assert_ok(kma_mesh_create_arrays(&vertices[0][0], 4, &facets[0][0], 4, &mesh));
    assert_ok(kma_solid_create_tessellated(mesh, &solid));
    assert_ok(kma_mesh_release(&mesh));
    return solid;
}

TEST(meshes_are_binary_where_that_is_exact_and_text_elsewhere)
{
    static const uint32_t straight[4] = {0, 1, 2, 3}, mixed[4] = {2, 3, 1, 0};
    kma_volume world = volume("world", box_solid(100), vacuum), v;
    kma_material water = fractions("water", 0.112);
    kma_solid shared = tetrahedron(7.25, straight);
    kma_scene scene;
    char *text, *stl;
    struct stat found;

    v = volume("floats/1", tetrahedron(8, mixed), water);
    place(world, &v, -30);
    v = volume("doubles", tetrahedron(8.1, mixed), water);
    place(world, &v, -10);
    v = volume("large", tetrahedron(1e9 / 3, straight), water);
    assert_ok(kma_volume_release(&v)); /* not in the scene, so not in the file */
    assert_ok(kma_solid_retain(shared));
    v = volume("shared", shared, water);
    place(world, &v, 10);
    v = volume("sharing", shared, water);
    place(world, &v, 30);
    assert_ok(kma_material_release(&water));
    scene = scene_of(&world, true);
    text = kmt_trip(scene, "meshes.json", 300, KMT_FILES_SHARED);
    assert_says(text, "\"file\": \"meshes_files/floats%2F1.stl\"");
    assert_says(text, "\"file\": \"meshes_files/doubles.stl\"");
    assert_says(text, "\"file\": \"meshes_files/shared.stl\"");
    assert_silent(text, "sharing.stl");
    assert_silent(text, "large");
    assert_int_equal(stat(kmt_trip_path("first", "meshes_files/floats%2F1.stl"), &found), 0);
    assert_int_equal(found.st_size, 84 + 4 * 50);
    stl = kmt_get(kmt_trip_path("first", "meshes_files/doubles.stl"), NULL);
    assert_int_equal(strncmp(stl, "solid", 5), 0);
    assert_says(stl, "vertex 0 8.1 0\n");
    assert_says(stl, "facet normal 0 0 -1\n");
    free(stl);
    end(&scene, text);
}

static kma_image image_of(kma_scalar type, const void *values)
{
    kma_image_geometry g;
    kma_image image = {0};
    double c = 0.8, s = 0.6;

    kma_image_geometry_defaults(&g);
    g.count[0] = g.count[1] = g.count[2] = 2;
    g.spacing[1] = 1.0 / 3;
    g.origin[2] = -0.1;
    g.direction[0] = c + 3e-5, g.direction[1] = -s, g.direction[3] = s, g.direction[4] = c; /* as headers round */
    assert_ok(kma_image_create(&g, type, values, &image));
    return image;
}

static kma_volume image_volume(const char *name, kma_image image, kma_ct_table table)
{
    kma_volume v = {0};

    assert_ok(kma_volume_create_image(name, image, table, &v));
    return v;
}

TEST(images_and_tables_are_written_once_and_the_built_in_table_by_its_name)
{
    static const float floats[8] = {-1000.5f, 0.1f, 40, 300, 1000, NAN, -100, 5};
    static const uint8_t bytes[8] = {0, 1, 2, 3, 100, 200, 254, 255};
    kma_material a = fractions("same, \"name\"", 0.1), b = fractions("same, \"name\"", 0.1), c = fractions("c", 0.7);
    const kma_ct_row rows[3] = {{-1000, -0.1, 0, 0.9, a}, {-0.1, 100.0 / 3, 0.9, 1.1, b}, {100.0 / 3, 3000, 1.2, 2, c}};
    kma_image image = image_of(KMA_SCALAR_FLOAT32, floats), other = image_of(KMA_SCALAR_UINT8, bytes);
    kma_ct_table table = {0}, schneider = {0};
    kma_volume world = volume("world", box_solid(100), vacuum), v;
    kma_scorer scorer = {0};
    kma_scene scene;
    char *text, *csv;

    assert_ok(kma_ct_table_create(rows, 3, &table));
    assert_ok(kma_ct_table_create_builtin(&schneider));
    v = image_volume("one", image, table);
    assert_ok(kma_scorer_create_voxels("dose", v, &scorer));
    place(world, &v, -30);
    v = image_volume("two", image, table);
    place(world, &v, -10);
    v = image_volume("three", other, schneider);
    place(world, &v, 10);
    assert_ok(kma_image_release(&image));
    assert_ok(kma_image_release(&other));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_ct_table_release(&schneider));
    assert_ok(kma_material_release(&a));
    assert_ok(kma_material_release(&b));
    assert_ok(kma_material_release(&c));
    scene = scene_of(&world, true);
    assert_ok(kma_scene_add_scorer(scene, scorer));
    assert_ok(kma_scorer_release(&scorer));
    text = kmt_trip(scene, "images.json", 300, KMT_FILES_SHARED);
    assert_says(text, "\"file\": \"images_files/one.mha\"");
    assert_says(text, "\"ct_table\": \"images_files/one_ct_table.csv\"");
    assert_says(text, "\"file\": \"images_files/three.mha\"");
    assert_says(text, "\"ct_table\": \"schneider\"");
    assert_silent(text, "two.mha");
    csv = kmt_get(kmt_trip_path("first", "images_files/one_ct_table.csv"), NULL);
    assert_says(csv, "ct_low,ct_high,density_low,density_high,material,H,O\n");
    assert_says(csv, "\n-1000,-0.1,0,0.9,\"same, \"\"name\"\"\",0.1,0.9\n");
    assert_says(csv, "\"same, \"\"name\"\" 2\"");
    free(csv);
    end(&scene, text);
}

TEST(images_of_every_type_are_written)
{
    static const char *const names[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"};
    uint8_t bytes[8 * 8];
    kma_volume world = volume("world", box_solid(100), vacuum), v;
    kma_ct_table table = {0};
    kma_scene scene;
    char *text;
    int type;
    size_t i;

    for (i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(37 * i + 11);
    assert_ok(kma_ct_table_create_builtin(&table));
    assert_true(KMA_SCALAR_END <= (int)(sizeof names / sizeof *names));
    for (type = 1; type < KMA_SCALAR_END; type++) {
        kma_image image = image_of((kma_scalar)type, bytes);
        v = image_volume(names[type], image, table);
        assert_ok(kma_image_release(&image));
        place(world, &v, 7 * type - 40);
    }
    assert_ok(kma_ct_table_release(&table));
    scene = scene_of(&world, true);
    text = kmt_trip(scene, "types.json", 100, KMT_FILES_APART);
    assert_says(text, "types_files/1.mha");
    end(&scene, text);
}

/* ---- what is refused ---------------------------------------------------------- */

static void assert_refused(kma_scene scene, const kma_scene_write_options *options, kma_status expected, const char *part)
{
    const char *path = kmt_trip_path("refused", "scene.json");

    assert_fails(kma_scene_write(scene, options, path), expected, part);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rmdir(kmt_trip_path("refused", "")), 0); /* nothing else was left there */
}

TEST(what_no_scene_file_can_say_is_refused_with_a_reason)
{
    static const char *const letters = "////////////////////////////////////////////////////////////////////////////////";
    kma_volume world = volume("world", box_solid(100), vacuum), odd = volume("v\xff", box_solid(1), vacuum);
    kma_scene scene = scene_of(&world, false), empty = {0};
    kma_scene_write_options o = {0};
    kma_spectrum hot = {0};
    kma_scorer scorer = {0}, again = {0};

    assert_refused(scene, NULL, KMA_ERR_STATE, "no source: a scene file has at least one");
    assert_ok(kma_spectrum_create_mono(0.9, &hot));
    add_pencil(scene, hot);
    assert_refused(scene, NULL, KMA_ERR_STATE, "spectrum 1 is from 0.9 to 0.9 MeV");
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_spectrum_release(&hot));
    world = volume("world", box_solid(100), vacuum);
    assert_ok(kma_scorer_create_volume(letters, world, &scorer));
    assert_ok(kma_scorer_create_volume("s\xff", world, &again));
    scene = scene_of(&world, true);
    assert_refused(scene, &o, KMA_ERR_ARGUMENT, "options->size is 0");
    assert_ok(kma_scene_write_options_defaults(&o));
    assert_true(o.seed == 1 && o.histories == 100000 && o.title == NULL);
    o.histories = 0;
    assert_refused(scene, &o, KMA_ERR_ARGUMENT, "histories is 0");
    o.histories = 1;
    o.title = "\xff";
    assert_refused(scene, &o, KMA_ERR_ARGUMENT, "the title is not UTF-8");
    assert_ok(kma_scene_add_scorer(scene, scorer));
    assert_refused(scene, NULL, KMA_ERR_ARGUMENT, "': the name is too long for the names of files");
    assert_ok(kma_scene_release(&scene));
    world = volume("world", box_solid(100), vacuum);
    scene = scene_of(&world, true);
    assert_ok(kma_scene_add_scorer(scene, again));
    assert_refused(scene, NULL, KMA_ERR_ARGUMENT, "is not UTF-8");
    assert_ok(kma_scene_release(&scene));
    scene = scene_of(&odd, true);
    assert_refused(scene, NULL, KMA_ERR_ARGUMENT, "the name of the volume 'v");
    assert_fails(kma_scene_write(scene, NULL, NULL), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_scene_write(empty, NULL, "x.json"), KMA_ERR_ARGUMENT, "names nothing");
    assert_fails(kma_scene_write_options_defaults(NULL), KMA_ERR_ARGUMENT, "options is NULL");
    assert_ok(kma_scorer_release(&scorer));
    assert_ok(kma_scorer_release(&again));
    end(&scene, NULL);
}

TEST(a_scene_of_more_values_than_are_read_is_refused_and_one_of_nearly_as_many_is_not)
{
    enum { FEW = 90000, MANY = 110000 };
    kma_volume world = volume("world", box_solid(1e6), vacuum), v = volume("v", box_solid(1), vacuum);
    const char *path = kmt_trip_path("many", "many.json");
    kma_scene scene = {0};
    kma_simulation read = {0};
    double at[3] = {0, 0, 0};
    int i;

    for (i = 0; i < MANY; i++) {
        at[0] = 4 * i - 2e5;
        assert_ok(kma_volume_place(world, v, at, NULL));
        if (i != FEW) continue;
        assert_ok(kma_volume_retain(world));
        scene = scene_of(&(kma_volume){world.bits}, true);
        assert_ok(kma_scene_write(scene, NULL, path));
        assert_ok(kma_simulation_read(path, &read));
        assert_ok(kma_simulation_release(&read));
        assert_ok(kma_scene_release(&scene));
    }
    assert_ok(kma_volume_release(&v));
    scene = scene_of(&world, true);
    assert_refused(scene, NULL, KMA_ERR_STATE, "with 2 volumes and 110000 placements it would have 11");
    end(&scene, NULL);
}

/* ---- what a failure leaves ---------------------------------------------------- */

/* One of everything, from files, its names released: the scene alone holds it. */
static kma_scene everything(void)
{
    kma_simulation s = {0};
    kma_scene scene = {0};

    kmt_put_files();
    assert_ok(kma_simulation_read(kmt_put_scene(kmt_full_scene), &s));
    assert_ok(kma_simulation_get_scene(s, &scene));
    assert_ok(kma_simulation_release(&s));
    return scene;
}

TEST(where_a_file_cannot_be_put_all_others_are_as_they_were)
{
    kma_scene scene = everything();
    const char *path = kmt_trip_path("blocked", "s.json"), *folder = kmt_trip_path("blocked", "s_files");
    const char *screw = kmt_trip_path("blocked", "s_files/screw.stl"), *image = kmt_trip_path("blocked", "s_files/patient.mha");

    kmt_put_text(folder, "a file where the directory should be");
    assert_fails(kma_scene_write(scene, NULL, path), KMA_ERR_IO, "s_files");
    kmt_assert_content(folder, "a file where the directory should be");
    assert_int_equal(kmt_entries(kmt_trip_path("blocked", "")), 1);
    assert_int_equal(unlink(folder), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_fails(kma_scene_write(scene, NULL, path), KMA_ERR_IO, "it is a directory");
    assert_int_equal(kmt_entries(kmt_trip_path("blocked", "")), 1); /* no s_files */
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkdir(folder, 0777), 0);
    kmt_put_text(screw, "old screw");
    kmt_put_text(path, "old scene");
    assert_int_equal(mkdir(image, 0777), 0);
    assert_fails(kma_scene_write(scene, NULL, path), KMA_ERR_IO, "it is a directory");
    kmt_assert_content(screw, "old screw");
    kmt_assert_content(path, "old scene");
    assert_int_equal(kmt_entries(folder), 2);
    assert_int_equal(kmt_entries(kmt_trip_path("blocked", "")), 2);
    assert_int_equal(rmdir(image), 0);
    assert_ok(kma_scene_write(scene, NULL, path));
    assert_int_equal(kmt_entries(folder), 4); /* the screw, the patient's and the dog's image, the dog's table */
    end(&scene, NULL);
}

TEST(in_a_directory_that_may_not_be_written_nothing_changes)
{
    enum { NOBODY = 65534 };
    kma_scene scene = everything();
    const char *path = kmt_trip_path("locked", "s.json"), *directory = kmt_trip_path("locked", "");
    const char *folder = kmt_trip_path("locked", "s_files");
    uid_t user = geteuid();

    kmt_put_text(path, "old scene");
    assert_int_equal(chmod(path, 0666) | mkdir(folder, 0777) | chmod(folder, 0777), 0);
    assert_int_equal(chmod(kmt_scratch(), 0755) | chmod(directory, 0555), 0);
    if (user == 0) assert_int_equal(seteuid(NOBODY), 0); /* root may everything */
    assert_fails(kma_scene_write(scene, NULL, path), KMA_ERR_IO, "cannot write beside");
    assert_fails(kma_scene_write(scene, NULL, kmt_trip_path("locked", "new.json")), KMA_ERR_IO, "Permission denied");
    if (user == 0) assert_int_equal(seteuid(user), 0);
    assert_int_equal(chmod(directory, 0755), 0);
    kmt_assert_content(path, "old scene");
    assert_int_equal(kmt_entries(directory), 2);
    assert_int_equal(kmt_entries(folder), 0);
    end(&scene, NULL);
}

TEST(every_failed_allocation_leaves_the_old_files_and_nothing_else)
{
    kma_scene scene = everything();
    const char *path = kmt_trip_path("memory", "s.json"), *folder = kmt_trip_path("memory", "s_files");
    const char *screw = kmt_trip_path("memory", "s_files/screw.stl"), *directory = kmt_trip_path("memory", "");
    kma_status status = KMA_ERR_MEMORY;
    bool old;
    long n;

    for (n = 1; status != KMA_OK; n++) {
        old = n % 2 == 0;
        if (old) {
            (void)mkdir(folder, 0777);
            kmt_put_text(screw, "old screw");
            kmt_put_text(path, "old scene");
        }
        kmt_fail_allocation(n);
        status = kma_scene_write(scene, NULL, path);
        assert_true(kmt_allocation_failed() == (status != KMA_OK));
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_int_equal(kmt_entries(directory), old ? 2 : 0);
        assert_int_equal(kmt_entries(folder), old ? 1 : 0);
        if (!old) continue;
        kmt_assert_content(screw, "old screw");
        kmt_assert_content(path, "old scene");
        assert_int_equal(unlink(screw) | rmdir(folder) | unlink(path), 0);
    }
    assert_true(n > 100);
    end(&scene, NULL);
}
