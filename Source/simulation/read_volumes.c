/* Volumes of a scene file, and where they are placed. */
#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "base/memory.h"
#include "simulation/read.h"
#include "simulation/shape.h"

static const double TWO_PI = 6.283185307179586477;

/* ---- volumes ---- */

static kma_status make_mesh_solid(const kmi_reader *r, const kmi_json *shape, kma_solid *out)
{
    kma_status status = KMA_OK;
    const kmi_json *file = kmi_json_member(shape, "file");
    kma_mesh mesh = {0};
    char *path = NULL;

    KMI_TRY(kmi_read_path(r, file, &path));
    status = kma_mesh_read_stl(path, kmi_read_number(shape, "unit", 1), &mesh);
    if (status == KMA_ERR_ARGUMENT) KMI_TRY(kmi_read_blame(r, shape, status));
    KMI_TRY(kmi_json_blame(r->document, file->offset, status));
    status = kma_solid_create_tessellated(mesh, out);
    KMI_TRY(kmi_json_blame(r->document, file->offset, status));
    KMI_TRY(kmi_read_keep_part(r, KMA_KIND_MESH, &mesh.bits));
cleanup:
    kma_mesh_release(&mesh);
    kmi_free(path);
    return status;
}

static kma_status make_solid(const kmi_reader *r, const kmi_json *shape, kma_solid *out)
{
    double size[3];
    kma_status status = KMA_OK;

    if (strcmp(shape->key, "box") == 0) {
        kmi_read_numbers(shape, "size", size, 3);
        status = kma_solid_create_box(size, out);
    } else if (strcmp(shape->key, "orb") == 0) {
        status = kma_solid_create_orb(kmi_read_number(shape, "radius", 0), out);
    } else if (strcmp(shape->key, "tube") == 0) {
        status = kma_solid_create_tube(kmi_read_number(shape, "inner_radius", 0), kmi_read_number(shape, "outer_radius", 0),
                                       kmi_read_number(shape, "length", 0), kmi_read_number(shape, "phi_start", 0),
                                       kmi_read_number(shape, "phi_delta", TWO_PI), out);
    } else {
        return make_mesh_solid(r, shape, out);
    }
    return kmi_read_blame(r, shape, status);
}

static kma_status make_ct_table(const kmi_reader *r, const kmi_json *name, kma_ct_table *out)
{
    kma_status status = KMA_OK;
    size_t length = name == NULL ? 0 : name->length;
    char *path = NULL;

    if (name == NULL || strcmp(name->text, "schneider") == 0) return kma_ct_table_create_builtin(out);
    if (length < 4 || strcmp(name->text + length - 4, ".csv") != 0)
        return kmi_json_fail(r->document, name->offset, "'%.60s' is not a CT table (expected \"schneider\" or a .csv file)",
                             name->text);
    KMI_TRY(kmi_read_path(r, name, &path));
    status = kma_ct_table_read_csv(path, out);
    KMI_TRY(kmi_json_blame(r->document, name->offset, status));
cleanup:
    kmi_free(path);
    return status;
}

/* What the volume is called, and the place of that. */
static const char *name_of(const kmi_json *m, size_t *offset_out)
{
    const kmi_json *name = kmi_json_member(m, "name");

    *offset_out = name == NULL ? m->key_offset : name->offset;
    return name == NULL ? m->key : name->text;
}

static kma_status make_image_volume(const kmi_reader *r, const kmi_json *m, const kmi_json *shape, kma_volume *out)
{
    kma_status status = KMA_OK;
    const kmi_json *file = kmi_json_member(shape, "file");
    kma_image image = {0};
    kma_ct_table table = {0};
    char *path = NULL;
    size_t named_at;
    const char *name = name_of(m, &named_at);

    KMI_TRY(make_ct_table(r, kmi_json_member(shape, "ct_table"), &table));
    KMI_TRY(kmi_read_path(r, file, &path));
    status = kma_image_read(path, &image);
    KMI_TRY(kmi_json_blame(r->document, file->offset, status));
    status = kma_volume_create_image(name, image, table, out);
    KMI_TRY(kmi_json_blame(r->document, named_at, status));
    KMI_TRY(kmi_read_keep_part(r, KMA_KIND_IMAGE, &image.bits));
    KMI_TRY(kmi_read_keep_part(r, KMA_KIND_CT_TABLE, &table.bits));
cleanup:
    kma_image_release(&image);
    kma_ct_table_release(&table);
    kmi_free(path);
    return status;
}

static kma_status make_volume(const kmi_reader *r, const kmi_json *m, kma_volume *out)
{
    static const char *const shapes[] = {"box", "orb", "tube", "mesh"};
    kma_status status = KMA_OK;
    const kmi_json *shape = kmi_json_member(m, "image");
    kma_material material = {0};
    kma_solid solid = {0};
    size_t i, named_at;
    const char *name = name_of(m, &named_at);

    if (shape != NULL) return make_image_volume(r, m, shape, out);
    for (i = 0; shape == NULL; i++) shape = kmi_json_member(m, shapes[i]);
    status = kmi_read_find(r, kmi_json_member(m, "material"), KMA_KIND_MATERIAL, &material.bits);
    if (status != KMA_OK && r->check != NULL && r->check->implied) {
        r->check->implied = false; /* what is wrong with the shape shall be told nevertheless */
        KMI_TRY(make_solid(r, shape, &solid));
        r->check->implied = true;
        status = kmi_json_fail(r->document, m->key_offset, "the material of '%.60s' has a fault", m->key);
    }
    KMI_TRY(status);
    KMI_TRY(make_solid(r, shape, &solid));
    status = kma_volume_create(name, solid, material, out);
    KMI_TRY(kmi_json_blame(r->document, named_at, status));
    KMI_TRY(kmi_read_keep_part(r, KMA_KIND_SOLID, &solid.bits));
cleanup:
    kma_solid_release(&solid);
    return status;
}

kma_status kmi_read_volumes(const kmi_reader *r, const kmi_json *map)
{
    kma_status status = KMA_OK;
    const kmi_json *m;

    for (m = map->first; m != NULL; m = m->next) {
        kma_volume volume = {0};
        status = make_volume(r, m, &volume);
        if (status != KMA_OK) kma_volume_release(&volume);
        KMI_TRY(kmi_read_made(r, m, KMA_KIND_VOLUME, volume.bits, status));
    }
cleanup:
    return status;
}

/* ---- placements ---- */

/* Rodrigues' formula: out = cos I + (1 - cos) n n^T + sin [n]x. */
static kma_status rotation_matrix(const kmi_reader *r, const kmi_json *rotation, double out[9])
{
    const kmi_json *axis = kmi_json_member(rotation, "axis"), *angle = kmi_json_member(rotation, "angle");
    double n[3], sine, cosine, rest, length, largest;
    int i, j;

    kmi_read_numbers(rotation, "axis", n, 3);
    largest = fmax(fabs(n[0]), fmax(fabs(n[1]), fabs(n[2])));
    if (!(largest > 0)) return kmi_json_fail(r->document, axis->offset, "'axis' has no length (must be above 0)");
    for (i = 0; i < 3; i++) n[i] /= largest;
    length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    for (i = 0; i < 3; i++) n[i] /= length;
    kmi_sincos(angle->number, &sine, &cosine);
    if (!(cosine == cosine))
        return kmi_json_fail(r->document, angle->offset, "'angle' is too large (in rad, at most 100000)");
    rest = 1 - cosine;
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) out[3 * i + j] = rest * n[i] * n[j] + (i == j ? cosine : 0);
    out[1] -= sine * n[2];
    out[2] += sine * n[1];
    out[3] += sine * n[2];
    out[5] -= sine * n[0];
    out[6] -= sine * n[1];
    out[7] += sine * n[0];
    return KMA_OK;
}

static kma_status place(const kmi_reader *r, const kmi_json *p)
{
    kma_status status = KMA_OK;
    const kmi_json *rotation = kmi_json_member(p, "rotation");
    double translation[3] = {0, 0, 0}, matrix[9];
    kma_volume mother, daughter;

    KMI_TRY(kmi_read_find(r, kmi_json_member(p, "volume"), KMA_KIND_VOLUME, &daughter.bits));
    KMI_TRY(kmi_read_find(r, kmi_json_member(p, "in"), KMA_KIND_VOLUME, &mother.bits));
    kmi_read_numbers(p, "translation", translation, 3);
    if (rotation != NULL && rotation->type == KMI_JSON_ARRAY) kmi_read_numbers(p, "rotation", matrix, 9);
    if (rotation != NULL && rotation->type == KMI_JSON_OBJECT) KMI_TRY(rotation_matrix(r, rotation, matrix));
    status = kma_volume_place(mother, daughter, translation, rotation == NULL ? NULL : matrix);
    KMI_TRY(kmi_read_blame(r, p, status));
cleanup:
    return status;
}

kma_status kmi_read_placements(const kmi_reader *r, const kmi_json *list)
{
    return kmi_read_each(r, list, place);
}
