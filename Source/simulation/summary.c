/* summary.json, read back: see summary.h. write_summary.c writes it. */
#include "simulation/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "simulation/json.h"

enum { SUMMARY_FORMAT = 1 };

kma_status kmi_summary_path(const char *directory, const char *name, char **out)
{
    size_t length = strlen(directory), size = length + strlen(name) + 2;

    while (length > 1 && directory[length - 1] == '/') length--;
    *out = kmi_alloc(size);
    if (*out == NULL) return kmi_fail(KMA_ERR_MEMORY, "%.600s: no memory for a path", directory);
    snprintf(*out, size, "%.*s/%s", (int)length, directory, name);
    return KMA_OK;
}

/* ---- values, each checked: the file may have been written by anybody ---- */

static kma_status find(const kmi_json_document *d, const kmi_json *object, const char *key, kmi_json_type type,
                       const kmi_json **out)
{
    *out = object->type == KMI_JSON_OBJECT ? kmi_json_member(object, key) : NULL;
    if (*out == NULL) return kmi_json_fail(d, object->offset, "the summary lacks the key '%s' here", key);
    if ((*out)->type != type)
        return kmi_json_fail(d, (*out)->offset, "'%s' is %s", key, kmi_json_type_name((*out)->type));
    return KMA_OK;
}

static kma_status read_count(const kmi_json_document *d, const kmi_json *object, const char *key, uint64_t *out)
{
    kma_status status = KMA_OK;
    const kmi_json *value;

    KMI_TRY(find(d, object, key, KMI_JSON_NUMBER, &value));
    if (kmi_parse_u64(value->text, value->text + value->length, out) != value->text + value->length)
        KMI_TRY(kmi_json_fail(d, value->offset, "'%s' is not a whole number from 0 to 2^64 - 1", key));
cleanup:
    return status;
}

static kma_status read_number(const kmi_json_document *d, const kmi_json *object, const char *key, double *out)
{
    const kmi_json *value;
    kma_status status = find(d, object, key, KMI_JSON_NUMBER, &value);

    if (status == KMA_OK) *out = value->number;
    return status;
}

/* Cut if it is longer. */
static kma_status read_text(const kmi_json_document *d, const kmi_json *object, const char *key, char *out, size_t size)
{
    const kmi_json *value;
    kma_status status = find(d, object, key, KMI_JSON_TEXT, &value);

    if (status == KMA_OK) snprintf(out, size, "%s", value->text);
    return status;
}

static kma_status read_numbers(const kmi_json_document *d, const kmi_json *object, const char *key, double *out,
                               size_t n)
{
    kma_status status = KMA_OK;
    const kmi_json *value, *element;
    size_t i = 0;

    KMI_TRY(find(d, object, key, KMI_JSON_ARRAY, &value));
    for (element = value->first; element != NULL && element->type == KMI_JSON_NUMBER && i < n; element = element->next)
        out[i++] = element->number;
    if (value->count != n || i != n) KMI_TRY(kmi_json_fail(d, value->offset, "'%s' needs %zu numbers", key, n));
cleanup:
    return status;
}

/* ---- a scorer ---- */

static kma_status read_grid(const kmi_json_document *d, const kmi_json *grid, kma_image_geometry *out)
{
    kma_status status = KMA_OK;
    double count[3];
    int i;

    kma_image_geometry_defaults(out);
    KMI_TRY(read_numbers(d, grid, "count", count, 3));
    for (i = 0; i < 3; i++) {
        if (!(count[i] >= 1 && count[i] <= 4294967296.0))
            KMI_TRY(kmi_json_fail(d, grid->offset, "'count' is no number of cells"));
        out->count[i] = (size_t)count[i];
    }
    KMI_TRY(read_numbers(d, grid, "spacing_mm", out->spacing, 3));
    KMI_TRY(read_numbers(d, grid, "origin_mm", out->origin, 3));
    KMI_TRY(read_numbers(d, grid, "direction", out->direction, 9));
cleanup:
    return status;
}

/* Members with a value and a unit: which there are is the writer's choice. */
static kma_status read_values(const kmi_json_document *d, const kmi_json *scorer, kma_summary_scorer *out)
{
    kma_status status = KMA_OK;
    const kmi_json *m;

    for (m = scorer->first; m != NULL && out->values < KMA_SUMMARY_VALUES; m = m->next) {
        kma_summary_value *v = &out->value[out->values];
        const kmi_json *uncertainty;
        if (m->type != KMI_JSON_OBJECT || kmi_json_member(m, "unit") == NULL) continue;
        snprintf(v->name, sizeof v->name, "%s", m->key);
        KMI_TRY(read_number(d, m, "value", &v->value));
        KMI_TRY(read_text(d, m, "unit", v->unit, sizeof v->unit));
        uncertainty = kmi_json_member(m, "uncertainty");
        v->uncertainty = uncertainty != NULL && uncertainty->type == KMI_JSON_NUMBER ? uncertainty->number : NAN;
        out->values++;
    }
cleanup:
    return status;
}

static kma_status read_scorer(const kmi_json_document *d, const kmi_json *scorer, kma_summary_scorer *out)
{
    kma_status status = KMA_OK;
    uint64_t bins;

    out->size = sizeof *out;
    KMI_TRY(read_text(d, scorer, "name", out->name, sizeof out->name));
    KMI_TRY(read_text(d, scorer, "kind", out->kind, sizeof out->kind));
    KMI_TRY(read_count(d, scorer, "bins", &bins));
    out->bins = bins;
    if (kmi_json_member(scorer, "grid") != NULL)
        KMI_TRY(read_grid(d, kmi_json_member(scorer, "grid"), &out->geometry));
    KMI_TRY(read_values(d, scorer, out));
cleanup:
    return status;
}

/* ---- the run ---- */

static kma_status read_ledger(const kmi_json_document *d, kma_energy_ledger *out)
{
    kma_status status = KMA_OK;
    const kmi_json *ledger;

    KMI_TRY(find(d, d->root, "energy_of_all_histories_mev", KMI_JSON_OBJECT, &ledger));
    KMI_TRY(read_number(d, ledger, "emitted", &out->emitted));
    KMI_TRY(read_number(d, ledger, "deposited", &out->deposited));
    KMI_TRY(read_number(d, ledger, "escaped", &out->escaped));
    KMI_TRY(read_number(d, ledger, "cut", &out->cut));
    KMI_TRY(read_number(d, ledger, "killed", &out->killed));
    KMI_TRY(read_number(d, ledger, "balance", &out->balance));
    KMI_TRY(read_number(d, ledger, "allowed_balance", &out->allowed));
cleanup:
    return status;
}

static kma_status read_run(const kmi_json_document *d, kma_summary_info *out)
{
    kma_status status = KMA_OK;
    const kmi_json *root = d->root, *ct;
    uint64_t format;

    KMI_TRY(read_count(d, root, "kerma_summary", &format));
    if (format != SUMMARY_FORMAT)
        KMI_TRY(kmi_json_fail(d, root->offset, "'kerma_summary' is %llu: this version of kerma reads the format %d",
                              (unsigned long long)format, SUMMARY_FORMAT));
    if (kmi_json_member(root, "title") != NULL) KMI_TRY(read_text(d, root, "title", out->title, sizeof out->title));
    KMI_TRY(read_count(d, root, "histories", &out->histories));
    KMI_TRY(read_count(d, root, "first_missing_history", &out->first_missing));
    KMI_TRY(read_count(d, root, "seed", &out->seed));
    KMI_TRY(read_number(d, root, "cut_energy_mev", &out->cut_energy));
    KMI_TRY(read_text(d, root, "kerma_version", out->kerma_version, sizeof out->kerma_version));
    KMI_TRY(read_text(d, root, "xraylib_version", out->xraylib_version, sizeof out->xraylib_version));
    KMI_TRY(read_text(d, root, "scene_hash", out->scene_hash, sizeof out->scene_hash));
    KMI_TRY(read_text(d, root, "fingerprint", out->fingerprint, sizeof out->fingerprint));
    KMI_TRY(read_text(d, root, "scores_hash", out->scores_hash, sizeof out->scores_hash));
    KMI_TRY(read_ledger(d, &out->ledger));
    KMI_TRY(find(d, root, "ct_numbers", KMI_JSON_OBJECT, &ct));
    KMI_TRY(read_count(d, ct, "voxels", &out->ct_voxels));
    KMI_TRY(read_count(d, ct, "below_table", &out->ct_voxels_below));
    KMI_TRY(read_count(d, ct, "above_table", &out->ct_voxels_above));
cleanup:
    return status;
}

/* Nobody misses it: a result of the library has none. */
static void read_performance(const char *path, kma_summary_info *out)
{
    kmi_json_document *d = NULL;
    uint64_t workers = 0;

    if (kmi_json_read(path, &d) != KMA_OK) return;
    if (d->root->type == KMI_JSON_OBJECT && kmi_json_member(d->root, "kerma_performance") != NULL &&
        (read_number(d, d->root, "histories_per_s", &out->histories_per_second) != KMA_OK ||
         read_number(d, d->root, "wall_s", &out->wall) != KMA_OK ||
         read_count(d, d->root, "workers", &workers) != KMA_OK))
        out->histories_per_second = out->wall = 0;
    out->workers = workers;
    kmi_json_destroy(d);
}

static kma_status read_all(const char *path, kmi_summary *s)
{
    kma_status status = KMA_OK;
    kmi_json_document *d = NULL;
    const kmi_json *list, *scorer;
    size_t i = 0;

    KMI_TRY(kmi_json_read(path, &d));
    if (d->root->type != KMI_JSON_OBJECT || kmi_json_member(d->root, "kerma_summary") == NULL)
        KMI_TRY(kmi_json_fail(d, d->root->offset, "no summary of a result: it lacks the key 'kerma_summary'"));
    s->info.size = sizeof s->info;
    KMI_TRY(read_run(d, &s->info));
    KMI_TRY(find(d, d->root, "scorers", KMI_JSON_ARRAY, &list));
    s->scorers = kmi_alloc_array(list->count, sizeof *s->scorers);
    if (s->scorers == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for %zu scorers", path, list->count));
    for (scorer = list->first; scorer != NULL; scorer = scorer->next) KMI_TRY(read_scorer(d, scorer, &s->scorers[i++]));
    s->info.scorers = list->count;
cleanup:
    kmi_json_destroy(d);
    return status;
}

kma_status kmi_summary_read(const char *path, kmi_summary **out)
{
    kma_status status = KMA_OK;
    kmi_summary *s = NULL;
    char *summary = NULL, *performance = NULL, *folder = NULL;
    const char *slash = strrchr(path, '/');
    struct stat found;

    *out = NULL;
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode)) {
        KMI_TRY(kmi_summary_path(path, "summary.json", &summary));
        KMI_TRY(kmi_summary_path(path, "performance.json", &performance));
    } else {
        folder = kmi_strdup(slash == NULL ? "." : path);
        if (folder == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", path));
        if (slash != NULL) folder[slash - path + (slash == path)] = '\0';
        KMI_TRY(kmi_summary_path(folder, "performance.json", &performance));
    }
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", path));
    KMI_TRY(read_all(summary != NULL ? summary : path, s));
    read_performance(performance, &s->info);
    *out = s;
    s = NULL;
cleanup:
    kmi_free(summary);
    kmi_free(performance);
    kmi_free(folder);
    kmi_summary_destroy(s);
    return status;
}

void kmi_summary_destroy(void *summary)
{
    kmi_summary *s = summary;

    if (s == NULL) return;
    kmi_free(s->scorers);
    kmi_free(s);
}
