/* The public calls that ask the thread's poll function, each ended where it asks. */
#include "kmt.h"
#include "kmt_mesh.h"
#include "kmt_problem.h"

#include "base/pulse.h"
#include "kerma/kerma.h"

typedef struct host {
    int calls, stop_at; /* at this call it asks for an end; 0: never */
    kma_scene scene;    /* used in the call: no lock is held */
    kma_volume world;
} host;

static int poll(void *context)
{
    host *h = context;
    size_t n = 0;

    if (h->scene.bits != 0) assert_ok(kma_scene_count_sources(h->scene, &n));
    if (h->world.bits != 0) assert_ok(kma_volume_count_placements(h->world, &n));
    return ++h->calls == h->stop_at;
}

typedef struct things {
    kmt_mesh data;
    kma_scene scene;
    kma_image image;
    char stl[4200], json[4200], again[4200], mha[4200];
} things;

static kma_status create(things *t)
{
    kma_mesh mesh = {7};
    kma_status status = kma_mesh_create_arrays(t->data.vertices, t->data.vertex_count, t->data.triangles,
                                               t->data.triangle_count, &mesh);
    assert_true((status == KMA_OK) == (mesh.bits != 0));
    kma_mesh_release(&mesh);
    return status;
}

static kma_status audit(things *t)
{
    kma_mesh_report report;
    return kma_mesh_audit_arrays(t->data.vertices, t->data.vertex_count, t->data.triangles, t->data.triangle_count,
                                 &report);
}

static kma_status read_stl(things *t)
{
    kma_mesh mesh = {7};
    kma_status status = kma_mesh_read_stl(t->stl, 1, &mesh);

    assert_true((status == KMA_OK) == (mesh.bits != 0));
    kma_mesh_release(&mesh);
    return status;
}

static kma_status audit_stl(things *t)
{
    kma_mesh_report report;
    return kma_mesh_audit_stl(t->stl, 1, &report);
}

static kma_status check_overlaps(things *t)
{
    size_t count = 7;
    kma_status status = kma_scene_check_overlaps(t->scene, 3000, NULL, 0, &count);

    assert_int_equal(count, status == KMA_OK ? 1 : 0);
    return status;
}

static kma_status make_inventory(things *t)
{
    kma_inventory inventory = {7};
    kma_status status = kma_inventory_create(t->scene, &inventory);

    assert_true((status == KMA_OK) == (inventory.bits != 0));
    kma_inventory_release(&inventory);
    return status;
}

static kma_status read_scene(things *t)
{
    kma_simulation simulation = {7};
    kma_status status = kma_simulation_read(t->json, &simulation);

    assert_true((status == KMA_OK) == (simulation.bits != 0));
    kma_simulation_release(&simulation);
    return status;
}

static void hear(kma_status status, const char *text, void *context)
{
    (void)context;
    fail_msg("an end that was asked for is told as fault %d of the file: %s", (int)status, text);
}

static kma_status check_scene(things *t)
{
    kma_simulation simulation = {7};
    kma_status status = kma_simulation_check(t->json, hear, NULL, &simulation);

    assert_true((status == KMA_OK) == (simulation.bits != 0));
    kma_simulation_release(&simulation);
    return status;
}

static kma_status write_image(things *t)
{
    return kma_image_write(t->image, t->mha, KMA_COMPRESSION_ZLIB);
}

static kma_status read_image(things *t)
{
    kma_image image = {7};
    kma_status status = kma_image_read(t->mha, &image);

    assert_true((status == KMA_OK) == (image.bits != 0));
    kma_image_release(&image);
    return status;
}

static kma_status write_scene(things *t)
{
    return kma_scene_write(t->scene, NULL, t->again);
}

/* Asked `least` times at least; whichever answer is no, the call ends there, and nothing is left of it. */
static void end_everywhere(things *t, const char *what, kma_status (*call)(things *), int least, kma_scene scene,
                           kma_volume world)
{
    host h = {.scene = scene, .world = world};
    int n, k;

    kma_set_thread_poll(poll, &h);
    assert_ok(call(t));
    n = h.calls;
    assert_true_msg(n >= least, "%s asks %d times, not %d", what, n, least);
    for (k = 1; k <= n; k += 1 + n / 12) {
        size_t meshes = kma_live_objects(KMA_KIND_MESH), volumes = kma_live_objects(KMA_KIND_VOLUME);
        kma_status status;
        h = (host){.stop_at = k, .scene = scene, .world = world};
        status = call(t);
        assert_true_msg(status == KMA_ERR_ABORTED && h.calls == k, "%s, ended at %d of %d: status %d, asked %d times",
                        what, k, n, (int)status, h.calls);
        assert_int_equal(kma_live_objects(KMA_KIND_MESH), meshes);
        assert_int_equal(kma_live_objects(KMA_KIND_VOLUME), volumes);
    }
    kma_set_thread_poll(NULL, NULL);
    assert_ok(call(t));
    assert_int_equal(h.calls, k - 1 - n / 12); /* no longer asked */
}

/* Two meshes that cross, in a scene, and the same as files. */
static kma_volume make_things(things *t)
{
    static double values[80 * 80 * 40];
    static const double edge[3] = {200, 200, 200}, aside[3] = {9.5, 1, 2};
    kma_image_geometry geometry;
    kma_mesh mesh = {0};
    kma_solid solid = {0}, box = {0};
    kma_volume world = {0}, first = {0}, second = {0};
    kma_source beam;

    t->data = kmt_mesh_icosphere(5, 5); /* 20480 facets: more than one beat in each loop over them */
    assert_ok(kma_mesh_create_arrays(t->data.vertices, t->data.vertex_count, t->data.triangles, t->data.triangle_count,
                                     &mesh));
    assert_ok(kma_solid_create_tessellated(mesh, &solid));
    assert_ok(kma_solid_create_box(edge, &box));
    assert_ok(kma_volume_create("world", box, (kma_material){0}, &world));
    assert_ok(kma_volume_create("first", solid, (kma_material){0}, &first));
    assert_ok(kma_volume_create("second", solid, (kma_material){0}, &second));
    kmt_place(world, first, 0, 0, 0);
    kmt_place(world, second, aside[0], aside[1], aside[2]);
    assert_ok(kma_scene_create(world, &t->scene));
    beam = kmt_beam(0.1, 0, 0, -90, 20);
    assert_ok(kma_scene_add_source(t->scene, beam));
    snprintf(t->json, sizeof t->json, "%s/pulse.json", kmt_scratch());
    snprintf(t->stl, sizeof t->stl, "%s/pulse_files/first.stl", kmt_scratch());
    snprintf(t->again, sizeof t->again, "%s/again.json", kmt_scratch());
    snprintf(t->mha, sizeof t->mha, "%s/pulse.mha", kmt_scratch());
    assert_ok(kma_scene_write(t->scene, NULL, t->json));
    kma_image_geometry_defaults(&geometry);
    geometry.count[0] = geometry.count[1] = 80;
    geometry.count[2] = 40; /* 2 MB: two slabs of the writer */
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_FLOAT64, values, &t->image));
    assert_ok(kma_source_release(&beam));
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_solid_release(&solid));
    assert_ok(kma_solid_release(&box));
    assert_ok(kma_volume_release(&first));
    assert_ok(kma_volume_release(&second));
    return world;
}

TEST(each_long_call_ends_wherever_it_is_told_to)
{
    things t = {.scene = {0}};
    kma_volume world = make_things(&t);
    kma_scene none = {0};
    kma_volume nothing = {0};

    end_everywhere(&t, "making a mesh", create, 20, none, nothing);
    end_everywhere(&t, "auditing a mesh", audit, 20, none, nothing);
    end_everywhere(&t, "looking for overlaps", check_overlaps, 10, t.scene, world);
    end_everywhere(&t, "an inventory", make_inventory, 5, t.scene, world);
    end_everywhere(&t, "reading a scene", read_scene, 20, none, nothing);
    end_everywhere(&t, "checking a scene's file", check_scene, 20, none, nothing);
    end_everywhere(&t, "reading a mesh", read_stl, 20, none, nothing);
    end_everywhere(&t, "auditing a mesh's file", audit_stl, 20, none, nothing);
    end_everywhere(&t, "writing a scene", write_scene, 2, t.scene, world);
    end_everywhere(&t, "writing an image", write_image, 2, none, nothing);
    end_everywhere(&t, "reading an image", read_image, 2, none, nothing);
    assert_ok(kma_image_release(&t.image));
    assert_ok(kma_scene_release(&t.scene));
    assert_ok(kma_volume_release(&world));
    kmt_mesh_free(&t.data);
}

/* A text of one facet more than a beat's: the parser asks, before the mesh is looked at. */
TEST(reading_the_text_of_an_stl_file_can_be_ended)
{
    enum { N = KMI_PULSE_THINGS + 1 };
    host h = {.stop_at = 2};
    kma_mesh_report report;
    char path[4200];
    FILE *f;
    int i;

    snprintf(path, sizeof path, "%s/long.stl", kmt_scratch());
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "solid\n");
    for (i = 0; i < N; i++)
        fprintf(f, "facet normal 0 0 0 outer loop vertex 0 0 0 vertex 1 0 0 vertex 0 1 %d endloop endfacet\n", i);
    assert_true(fclose(f) == 0); /* no endsolid: whoever reads on finds a fault */
    kma_set_thread_poll(poll, &h);
    assert_fails(kma_mesh_audit_stl(path, 1, &report), KMA_ERR_ABORTED, "long.stl");
    kma_set_thread_poll(NULL, NULL);
    assert_fails(kma_mesh_audit_stl(path, 1, &report), KMA_ERR_FORMAT, "endsolid");
}

/* Other calls on a builder wait for the one that makes the mesh: a poll function that makes one would never return. */
TEST(a_mesh_builder_asks_nobody)
{
    host h = {.stop_at = 1};
    kmt_mesh data = kmt_mesh_icosphere(5, 5);
    kma_mesh_builder builder = {0};
    kma_mesh mesh = {0};
    size_t i;

    assert_ok(kma_mesh_builder_create(&builder));
    for (i = 0; i < data.triangle_count; i++) {
        const uint32_t *t = data.triangles + 3 * i;
        assert_ok(kma_mesh_builder_add_triangle(builder, data.vertices + 3 * t[0], data.vertices + 3 * t[1],
                                                data.vertices + 3 * t[2]));
    }
    kma_set_thread_poll(poll, &h);
    assert_ok(kma_mesh_builder_close(builder, &mesh));
    kma_set_thread_poll(NULL, NULL);
    assert_int_equal(h.calls, 0);
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_mesh_builder_release(&builder));
    kmt_mesh_free(&data);
}
