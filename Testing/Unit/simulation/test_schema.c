#include "kmt.h"

#include "schema_text.h"
#include "simulation/scene_shapes.h"

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text;
    long size;

    if (file == NULL) return NULL;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = calloc((size_t)size + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    fclose(file);
    return text;
}

static char *schema(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    kmt_write_schema(file, &kmi_shape_scene);
    fclose(file);
    return text;
}

/* After a change of the tables: KMT_WRITE_SCHEMA=1 unit_simulation_schema */
TEST(the_published_schema_is_that_of_the_tables)
{
    static const char path[] = KMT_SOURCE_DIR "/Documentation/scene.schema.json";
    char *made = schema(), *published;
    FILE *file;

    if (getenv("KMT_WRITE_SCHEMA") != NULL) {
        file = fopen(path, "wb");
        assert_non_null(file);
        fputs(made, file);
        fclose(file);
    }
    published = read_all(path);
    assert_non_null(published);
    assert_string_equal(published, made);
    free(published);
    free(made);
}

static size_t count_keys(const kmi_json *schema_object)
{
    const kmi_json *properties = kmi_json_member(schema_object, "properties");
    return properties == NULL ? 0 : properties->count;
}

TEST(the_schema_is_json_and_has_every_key_of_a_scene)
{
    char *made = schema();
    kmi_json_document *d = NULL;
    const kmi_json *scene, *volumes, *v;
    size_t i;

    assert_ok(kmi_json_parse("schema", made, strlen(made), &d));
    scene = kmi_json_member(kmi_json_member(d->root, "$defs"), "scene");
    assert_non_null(scene);
    assert_int_equal(count_keys(scene), kmi_shape_scene.count);
    for (i = 0; i < kmi_shape_scene.count; i++)
        assert_non_null(kmi_json_member(kmi_json_member(scene, "properties"), kmi_shape_scene.keys[i].name));
    volumes = kmi_json_member(kmi_json_member(kmi_json_member(d->root, "$defs"), "volume"), "oneOf");
    assert_int_equal(volumes->count, 5);
    for (v = volumes->first; v != NULL; v = v->next)
        assert_false(kmi_json_member(v, "additionalProperties")->truth);
    kmi_json_destroy(d);
    free(made);
}

/* The page for people: every key stands there in backquotes. */
static void look_for_keys(const char *page, const kmi_shape *shape)
{
    char quoted[64];
    size_t i;

    for (i = 0; i < shape->count; i++) {
        snprintf(quoted, sizeof quoted, "`%s`", shape->keys[i].name);
        assert_true_msg(strstr(page, quoted) != NULL, "Documentation/scene.md does not speak of %s of %s", quoted, shape->name);
        if (shape->keys[i].shape != NULL) look_for_keys(page, shape->keys[i].shape);
    }
    for (i = 0; i < shape->variant_count; i++) look_for_keys(page, &shape->variants[i]);
}

TEST(the_page_about_scenes_speaks_of_every_key)
{
    char *page = read_all(KMT_SOURCE_DIR "/Documentation/scene.md");

    assert_non_null(page);
    look_for_keys(page, &kmi_shape_scene);
    free(page);
}
