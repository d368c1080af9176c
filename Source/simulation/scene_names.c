/* Names in a scene file: keys that differ, and files beside it. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/unique_names.h"
#include "base/utf8.h"
#include "emission/spectrum.h"
#include "physics/ct_table.h"
#include "simulation/file_names.h"
#include "simulation/scene_write.h"

enum { FILE_STEM_MAX = 60 /* bytes of a volume's name: three times as many still make a name of a file */ };

static kma_status no_memory(void)
{
    return kmi_fail(KMA_ERR_MEMORY, "no memory for the names of a scene");
}

/* ---- keys ---- */

static kma_status check_utf8(const char *what, const char *name)
{
    if (kmi_utf8_is_valid(name, strlen(name))) return KMA_OK;
    return kmi_fail(KMA_ERR_ARGUMENT, "the name of the %s '%s' is not UTF-8: a scene file cannot hold it", what, name);
}

static kma_status check_scorers(const kmi_scene_parts *parts)
{
    kma_status status = KMA_OK;
    char unused[KMI_FILE_NAME_SIZE];
    size_t i;

    for (i = 0; i < parts->scorer_count; i++) {
        const char *name = parts->scorers[i]->name;
        KMI_TRY(check_utf8("scorer", name));
        status = kmi_file_name(name, "", unused); /* who reads it asks the same */
        if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "the scorer '%s': ", name));
    }
cleanup:
    return status;
}

/* The first volume of a name has it as its key; only then do others get theirs. */
static kma_status name_volumes(kmi_part_list *volumes)
{
    kma_status status = KMA_OK;
    kmi_unique_names unique = {NULL, 0, 0};
    bool is_free;
    size_t i;

    for (i = 0; i < volumes->count; i++) {
        const char *name = ((const kmi_volume *)volumes->objects[i])->name;
        KMI_TRY(check_utf8("volume", name));
        KMI_TRY(kmi_unique_claim(&unique, name, &is_free));
        if (!is_free) continue;
        volumes->names[i] = kmi_strdup(name);
        if (volumes->names[i] == NULL) KMI_TRY(no_memory());
    }
    for (i = 0; i < volumes->count; i++)
        if (volumes->names[i] == NULL)
            KMI_TRY(kmi_unique_make(&unique, ((const kmi_volume *)volumes->objects[i])->name, &volumes->names[i]));
cleanup:
    kmi_unique_clear(&unique);
    return status;
}

/* Names of materials are no part of a scene's hash: what is no line of UTF-8 is made one. */
static kma_status name_materials(kmi_part_list *materials)
{
    kma_status status = KMA_OK;
    kmi_unique_names unique = {NULL, 0, 0};
    char *clean = NULL;
    bool is_free;
    size_t i;

    KMI_TRY(kmi_unique_claim(&unique, "vacuum", &is_free)); /* cannot be described */
    for (i = 0; i < materials->count; i++) {
        clean = kmi_strdup(((const kmi_material *)materials->objects[i])->name);
        if (clean == NULL) KMI_TRY(no_memory());
        kmi_utf8_clean(clean);
        KMI_TRY(kmi_unique_make(&unique, clean, &materials->names[i]));
        kmi_free(clean);
        clean = NULL;
    }
cleanup:
    kmi_free(clean);
    kmi_unique_clear(&unique);
    return status;
}

static kma_status name_spectra(kmi_part_list *spectra)
{
    char name[40];
    size_t i;

    for (i = 0; i < spectra->count; i++) {
        snprintf(name, sizeof name, "spectrum %zu", i + 1);
        spectra->names[i] = kmi_strdup(name);
        if (spectra->names[i] == NULL) return no_memory();
    }
    return KMA_OK;
}

kma_status kmi_scene_name_parts(kmi_scene_parts *parts)
{
    kma_status status = KMA_OK;

    KMI_TRY(check_scorers(parts));
    KMI_TRY(name_volumes(&parts->volumes));
    KMI_TRY(name_materials(&parts->materials));
    KMI_TRY(name_spectra(&parts->spectra));
cleanup:
    return status;
}

/* ---- files ---- */

typedef struct files {
    kmi_unique_names unique;
    char *folder;  /* its name, beside the scene file */
    size_t number; /* of the last that was called by one */
} files;

/* scene.json -> scene_files */
static kma_status name_folder(const char *path, char **name_out, char **path_out)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1, *dot = strrchr(name, '.');
    size_t before = (size_t)(name - path), length = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);

    *path_out = kmi_alloc(before + length + sizeof "_files");
    *name_out = kmi_alloc(length + sizeof "_files");
    if (*path_out == NULL || *name_out == NULL) return no_memory();
    memcpy(*path_out, path, before + length);
    strcpy(*path_out + before + length, "_files");
    strcpy(*name_out, *path_out + before);
    return KMA_OK;
}

/* One more file, called after a volume or another part; by a number if that is long, or taken. */
static kma_status name_file(files *self, const char *stem, const char *ending, char **out)
{
    kma_status status = KMA_OK;
    char name[KMI_FILE_NAME_SIZE], numbered[40];
    bool is_free = strlen(stem) <= FILE_STEM_MAX;
    size_t size;

    if (is_free) {
        KMI_TRY(kmi_file_name(stem, ending, name));
        KMI_TRY(kmi_unique_claim(&self->unique, name, &is_free));
    }
    while (!is_free) {
        snprintf(numbered, sizeof numbered, "file_%zu", ++self->number);
        KMI_TRY(kmi_file_name(numbered, ending, name));
        KMI_TRY(kmi_unique_claim(&self->unique, name, &is_free));
    }
    size = strlen(self->folder) + strlen(name) + 2;
    *out = kmi_alloc(size);
    if (*out == NULL) KMI_TRY(no_memory());
    snprintf(*out, size, "%s/%s", self->folder, name);
cleanup:
    return status;
}

/* Files are called after the first volume that they belong to. */
static kma_status name_volume_files(kmi_scene_parts *parts, size_t index, const uint8_t builtin[32], files *self)
{
    kma_status status = KMA_OK;
    const kmi_volume *v = parts->volumes.objects[index];
    const char *key = parts->volumes.names[index];
    uint8_t digest[32];
    char **name;

    if (v->solid.kind == KMI_SOLID_MESH) {
        name = &parts->meshes.names[kmi_part_index(&parts->meshes, v->solid.u.mesh.mesh)];
        if (*name == NULL) KMI_TRY(name_file(self, key, ".stl", name));
    }
    if (v->image != NULL) {
        name = &parts->images.names[kmi_part_index(&parts->images, v->image)];
        if (*name == NULL) KMI_TRY(name_file(self, key, ".mha", name));
    }
    if (v->ct_table != NULL) {
        name = &parts->ct_tables.names[kmi_part_index(&parts->ct_tables, v->ct_table)];
        kmi_ct_table_digest(v->ct_table, digest);
        if (*name == NULL && memcmp(digest, builtin, sizeof digest) != 0)
            KMI_TRY(name_file(self, key, "_ct_table.csv", name));
    }
cleanup:
    return status;
}

static kma_status digest_builtin(uint8_t out[32])
{
    kma_status status = KMA_OK;
    kmi_ct_table *table = NULL;

    KMI_TRY(kmi_ct_table_new_builtin(&table));
    kmi_ct_table_digest(table, out);
cleanup:
    kmi_ct_table_destroy(table);
    return status;
}

kma_status kmi_scene_name_files(kmi_scene_parts *parts, const char *path, char **spectrum_files, char **folder_out)
{
    kma_status status = KMA_OK;
    files self = {{NULL, 0, 0}, NULL, 0};
    uint8_t builtin[32] = {0};
    char stem[40];
    size_t i;

    *folder_out = NULL;
    KMI_TRY(name_folder(path, &self.folder, folder_out));
    if (parts->ct_tables.count > 0) KMI_TRY(digest_builtin(builtin));
    for (i = 0; i < parts->volumes.count; i++) KMI_TRY(name_volume_files(parts, i, builtin, &self));
    for (i = 0; i < parts->spectra.count; i++) {
        if (kmi_spectrum_count(parts->spectra.objects[i]) <= KMI_INLINE_LINES_MAX) continue;
        snprintf(stem, sizeof stem, "spectrum_%zu", i + 1);
        KMI_TRY(name_file(&self, stem, ".csv", &spectrum_files[i]));
    }
    if (self.unique.count > 0 && !kmi_utf8_is_valid(self.folder, strlen(self.folder)))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%s: the name of a scene file with other files beside it must be UTF-8", path));
    if (self.unique.count == 0) {
        kmi_free(*folder_out);
        *folder_out = NULL;
    }
cleanup:
    if (status != KMA_OK) {
        kmi_free(*folder_out);
        *folder_out = NULL;
    }
    kmi_free(self.folder);
    kmi_unique_clear(&self.unique);
    return status;
}
