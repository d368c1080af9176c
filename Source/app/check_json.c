/* What kerma check found, as one JSON object: Documentation/command.md describes it. */
#include <stdio.h>

#include "app.h"

enum { PLACEMENTS_LISTED = 10000 };

static void put_texts(app_json *json, const char *key, const app_texts *texts)
{
    size_t i;

    app_json_begin(json, key, '[');
    for (i = 0; i < texts->count; i++) app_json_text(json, NULL, texts->texts[i]);
    app_json_end(json);
}

static void put_index(app_json *json, const char *key, size_t index)
{
    if (index == KMA_INVENTORY_NONE)
        app_json_null(json, key);
    else
        app_json_count(json, key, index);
}

/* ---- volumes and placements ---- */

static bool put_volume(const app_check *c, app_json *json, size_t index)
{
    static const size_t dimensions[] = {0, 3, 1, 5, 0, 3}; /* by shape */
    kma_inventory_volume v = {.size = sizeof v};
    kma_inventory_material m = {.size = sizeof m};

    if (kma_inventory_get_volume(c->inventory, index, &v) != KMA_OK) return false;
    if (v.material != KMA_INVENTORY_NONE && kma_inventory_get_material(c->inventory, v.material, &m) != KMA_OK)
        return false;
    app_json_begin(json, NULL, '{');
    app_json_text(json, "name", v.name);
    app_json_text(json, "shape", kma_shape_name(v.shape));
    app_json_numbers(json, "dimensions", v.dimensions, dimensions[v.shape]);
    app_json_numbers(json, "low_mm", v.low, 3);
    app_json_numbers(json, "high_mm", v.high, 3);
    if (v.image != KMA_INVENTORY_NONE)
        app_json_null(json, "material");
    else
        app_json_text(json, "material", v.material == KMA_INVENTORY_NONE ? "vacuum" : m.name);
    app_json_number(json, "density_g_cm3", v.density);
    app_json_count(json, "placements", v.placements);
    app_json_count(json, "daughters", v.daughters);
    app_json_number(json, "solid_volume_mm3", v.solid_volume);
    app_json_number(json, "volume_mm3", v.volume);
    app_json_number(json, "mass_g", v.mass);
    app_json_number(json, "mass_uncertainty_g", v.mass_uncertainty);
    app_json_text(json, "mass_by", kma_mass_method_name(v.method));
    app_json_number(json, "mass_with_daughters_g", v.mass_with_daughters);
    if (v.shape == KMA_SHAPE_MESH) app_mesh_json(json, &v.mesh);
    app_json_end(json);
    return true;
}

static bool put_placement(const app_check *c, app_json *json, size_t index)
{
    kma_inventory_placement p = {.size = sizeof p};
    kma_inventory_volume v = {.size = sizeof v};

    if (kma_inventory_get_placement(c->inventory, index, &p) != KMA_OK ||
        kma_inventory_get_volume(c->inventory, p.volume, &v) != KMA_OK)
        return false;
    app_json_begin(json, NULL, '{');
    app_json_text(json, "volume", v.name);
    put_index(json, "mother", p.mother);
    app_json_numbers(json, "translation_mm", p.translation, 3);
    app_json_numbers(json, "rotation", p.rotation, 9);
    app_json_numbers(json, "low_mm", p.low, 3);
    app_json_numbers(json, "high_mm", p.high, 3);
    app_json_end(json);
    return true;
}

/* ---- materials and images ---- */

static bool put_material(const app_check *c, app_json *json, size_t index)
{
    kma_inventory_material m = {.size = sizeof m};
    size_t k;

    if (kma_inventory_get_material(c->inventory, index, &m) != KMA_OK) return false;
    if (m.volumes == 0 && m.voxels == 0) return true;
    app_json_begin(json, NULL, '{');
    app_json_text(json, "name", m.name);
    app_json_number(json, "density_g_cm3", m.density);
    app_json_begin(json, "fractions", '{');
    for (k = 0; k < m.elements; k++) app_json_number(json, kma_element_symbol(m.z[k]), m.fraction[k]);
    app_json_end(json);
    app_json_count(json, "volumes", m.volumes);
    app_json_count(json, "voxels", m.voxels);
    app_json_end(json);
    return true;
}

static bool put_image_material(const app_check *c, app_json *json, const kma_inventory_image *image, size_t index,
                               size_t k)
{
    kma_inventory_image_material p = {.size = sizeof p};
    kma_inventory_material m = {.size = sizeof m};

    if (kma_inventory_get_image_material(c->inventory, index, k, &p) != KMA_OK ||
        kma_inventory_get_material(c->inventory, p.material, &m) != KMA_OK)
        return false;
    if (p.voxels == 0) return true;
    app_json_begin(json, NULL, '{');
    app_json_text(json, "material", m.name);
    app_json_count(json, "voxels", p.voxels);
    app_json_number(json, "fraction_of_voxels", (double)p.voxels / (double)image->voxels);
    app_json_number(json, "mass_g", p.mass);
    app_json_number(json, "fraction_of_mass", image->mass > 0 ? p.mass / image->mass : 0);
    app_json_number(json, "density_low_g_cm3", p.density_low);
    app_json_number(json, "density_high_g_cm3", p.density_high);
    app_json_end(json);
    return true;
}

static bool put_image(const app_check *c, app_json *json, size_t index)
{
    kma_inventory_image i = {.size = sizeof i};
    kma_inventory_volume v = {.size = sizeof v};
    const char *question;
    size_t k;

    if (kma_inventory_get_image(c->inventory, index, &i) != KMA_OK ||
        kma_inventory_get_volume(c->inventory, i.volume, &v) != KMA_OK)
        return false;
    question = app_ct_question(i.type, i.lowest, i.highest);
    app_json_begin(json, NULL, '{');
    app_json_text(json, "volume", v.name);
    if (question != NULL) app_json_text(json, "question", question);
    app_json_text(json, "type", kma_scalar_name(i.type));
    app_grid_json(json, &i.geometry);
    app_json_count(json, "voxels", i.voxels);
    app_json_number(json, "lowest", i.lowest);
    app_json_number(json, "highest", i.highest);
    app_json_number(json, "table_low", i.table_low);
    app_json_number(json, "table_high", i.table_high);
    app_json_count(json, "below_table", i.below);
    app_json_count(json, "above_table", i.above);
    app_json_number(json, "mass_g", i.mass);
    app_json_begin(json, "materials", '[');
    for (k = 0; k < i.materials; k++)
        if (!put_image_material(c, json, &i, index, k)) return false;
    app_json_end(json);
    app_json_end(json);
    return true;
}

/* ---- sources, scorers, memory ---- */

static bool put_source(const app_check *c, app_json *json, size_t index)
{
    static const char *const kinds[] = {"", "point", "pencil", "parallel"};
    kma_inventory_source s = {.size = sizeof s};

    if (kma_inventory_get_source(c->inventory, index, &s) != KMA_OK) return false;
    app_json_begin(json, NULL, '{');
    app_json_text(json, "type", kinds[s.options.kind]);
    app_json_numbers(json, "position_mm", s.options.position, 3);
    app_json_numbers(json, "direction", s.options.direction, 3);
    app_json_truth(json, "in_world", s.in_world);
    app_json_number(json, "share", s.share);
    app_json_number(json, "mean_energy_mev", s.mean_energy);
    app_json_number(json, "min_energy_mev", s.min_energy);
    app_json_number(json, "max_energy_mev", s.max_energy);
    app_json_end(json);
    return true;
}

static bool put_scorer(const app_check *c, app_json *json, size_t index)
{
    kma_inventory_scorer s = {.size = sizeof s};

    if (kma_inventory_get_scorer(c->inventory, index, &s) != KMA_OK) return false;
    app_json_begin(json, NULL, '{');
    app_json_text(json, "name", s.name);
    app_json_text(json, "kind", kma_scorer_kind_name(s.kind));
    app_json_count(json, "bins", s.bins);
    app_json_count(json, "quantities", s.quantities);
    app_json_count(json, "bytes", s.bytes);
    app_json_end(json);
    return true;
}

static void put_memory(const app_check *c, app_json *json)
{
    int workers = app_processors();

    app_json_begin(json, "memory", '{');
    app_json_count(json, "geometry_bytes", c->info.geometry_bytes);
    app_json_count(json, "image_bytes", c->info.image_bytes);
    app_json_count(json, "table_bytes", c->info.table_bytes);
    app_json_count(json, "scorer_bytes", c->info.scorer_bytes);
    app_json_count(json, "worker_bytes", c->info.worker_bytes);
    app_json_count(json, "workers", (uint64_t)workers);
    app_json_number(json, "all_bytes", app_check_memory(&c->info, workers));
    app_json_end(json);
}

/* ---- all ---- */

typedef bool put_fn(const app_check *c, app_json *json, size_t index);

static bool put_list(const app_check *c, app_json *json, const char *key, size_t count, put_fn *put)
{
    size_t i;

    app_json_begin(json, key, '[');
    for (i = 0; i < count; i++)
        if (!put(c, json, i)) return false;
    app_json_end(json);
    return true;
}

static void put_overlaps(const app_check *c, app_json *json)
{
    size_t i;

    app_json_begin(json, "overlaps", '[');
    for (i = 0; i < c->overlap_count; i++) {
        const kma_overlap *o = &c->overlaps[i];
        app_json_begin(json, NULL, '{');
        app_json_text(json, "kind", o->kind == KMA_OVERLAP_OUTSIDE ? "outside" : "siblings");
        app_json_text(json, "mother", o->mother);
        app_json_text(json, "first", o->first);
        app_json_count(json, "first_placement", o->first_placement);
        if (o->kind == KMA_OVERLAP_SIBLINGS) {
            app_json_text(json, "second", o->second);
            app_json_count(json, "second_placement", o->second_placement);
        }
        app_json_number(json, "depth_mm", o->depth);
        app_json_numbers(json, "world_mm", o->world, 3);
        app_json_end(json);
    }
    app_json_end(json);
}

static bool put_inventory(const app_check *c, app_json *json)
{
    const kma_inventory_info *i = &c->info;

    app_json_text(json, "title", c->title == NULL ? "" : c->title);
    app_json_count(json, "histories", c->histories);
    app_json_count(json, "seed", c->seed);
    app_json_number(json, "cut_energy_mev", i->cut_energy);
    if (i->scene_hash[0] != '\0') app_json_text(json, "scene_hash", i->scene_hash);
    if (i->volumes > 0) app_json_number(json, "contact_mm", i->contact);
    if (!put_list(c, json, "volumes", i->volumes, put_volume)) return false;
    app_json_count(json, "placement_count", i->placements);
    if (!put_list(c, json, "placements", i->placements < PLACEMENTS_LISTED ? i->placements : PLACEMENTS_LISTED,
                  put_placement))
        return false;
    put_overlaps(c, json);
    if (!put_list(c, json, "materials", i->materials, put_material)) return false;
    if (!put_list(c, json, "images", i->images, put_image)) return false;
    if (!put_list(c, json, "sources", i->sources, put_source)) return false;
    if (!put_list(c, json, "scorers", i->scorers, put_scorer)) return false;
    if (i->volumes > 0) put_memory(c, json);
    return true;
}

bool app_check_json(const app_check *c)
{
    app_json json = {0};

    app_json_begin(&json, NULL, '{');
    app_json_count(&json, "kerma_check", 1);
    app_json_text(&json, "file", c->options->file);
    app_json_truth(&json, "good", c->faults.count == 0);
    put_texts(&json, "faults", &c->faults);
    put_texts(&json, "warnings", &c->warnings);
    if (c->inventory.bits != 0 && !put_inventory(c, &json)) return false;
    app_json_end(&json);
    return true;
}
