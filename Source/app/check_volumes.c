/* What kerma check found, for people: volumes, and the tree of placements. */
#include <stdio.h>
#include <string.h>

#include "app.h"

enum { PLACEMENTS_SHOWN = 40 };

/* ---- volumes ---- */

static const char *describe_shape(const kma_inventory_volume *v, char *out, size_t size)
{
    const double *d = v->dimensions;
    int length;

    switch (v->shape) {
    case KMA_SHAPE_BOX:
    case KMA_SHAPE_IMAGE:
        snprintf(out, size, "%s %.5g x %.5g x %.5g mm", kma_shape_name(v->shape), d[0], d[1], d[2]);
        break;
    case KMA_SHAPE_ORB: snprintf(out, size, "orb, radius %.5g mm", d[0]); break;
    case KMA_SHAPE_TUBE:
        length = snprintf(out, size, "tube, radius ");
        if (d[0] > 0) length += snprintf(out + length, size - (size_t)length, "%.5g to ", d[0]);
        length += snprintf(out + length, size - (size_t)length, "%.5g, length %.5g mm", d[1], d[2]);
        if (d[4] < 6.283) snprintf(out + length, size - (size_t)length, ", %.4g rad", d[4]);
        break;
    case KMA_SHAPE_MESH:
        snprintf(out, size, "mesh %.5g x %.5g x %.5g mm", v->high[0] - v->low[0], v->high[1] - v->low[1],
                 v->high[2] - v->low[2]);
        break;
    default: snprintf(out, size, "%s", kma_shape_name(v->shape));
    }
    return out;
}

static bool name_material(const app_check *c, const kma_inventory_volume *v, kma_inventory_material *m)
{
    m->size = sizeof *m;
    if (v->material != KMA_INVENTORY_NONE) return kma_inventory_get_material(c->inventory, v->material, m) == KMA_OK;
    snprintf(m->name, sizeof m->name, v->image != KMA_INVENTORY_NONE ? "(CT table)" : "vacuum");
    return true;
}

bool app_print_volumes(const app_check *c)
{
    kma_inventory_volume v = {.size = sizeof v};
    kma_inventory_material m;
    char shape[120];
    size_t i;
    int names = 6, shapes = 5, materials = 8;

    for (i = 0; i < c->info.volumes; i++) {
        if (kma_inventory_get_volume(c->inventory, i, &v) != KMA_OK || !name_material(c, &v, &m)) return false;
        names = app_width_of(v.name, names);
        materials = app_width_of(m.name, materials);
        describe_shape(&v, shape, sizeof shape);
        if ((int)strlen(shape) > shapes) shapes = (int)strlen(shape);
    }
    app_heading("Volumes; cm3 and g of one placement, without what is placed in it");
    app_put_name("volume", names);
    app_put_name("shape", shapes);
    app_put_name("material", materials);
    printf("  %10s  %11s  %11s  %-8s  %6s  %11s\n", "g/cm3", "cm3", "g", "mass by", "placed", "g with all");
    for (i = 0; i < c->info.volumes; i++) {
        if (kma_inventory_get_volume(c->inventory, i, &v) != KMA_OK || !name_material(c, &v, &m)) return false;
        app_put_name(v.name, names);
        app_put_name(describe_shape(&v, shape, sizeof shape), shapes);
        app_put_name(m.name, materials);
        printf("  %10.5g  %11.6g  %11.6g  %-8s  %6zu  %11.6g\n", v.density, v.volume / 1000, v.mass,
               kma_mass_method_name(v.method), v.placements, v.mass_with_daughters);
    }
    for (i = 0; i < c->info.volumes; i++) {
        if (kma_inventory_get_volume(c->inventory, i, &v) != KMA_OK) return false;
        if (v.mass_uncertainty > 0)
            printf("  the mass of '%s' is uncertain by %.2g g: voxels that daughters cut are sampled\n", v.name,
                   v.mass_uncertainty);
    }
    return true;
}

/* ---- placements ---- */

/* The tree in its own order, each before its daughters, without recursion: it may be 1000 levels deep. */
static bool next_placement(const app_check *c, size_t *at, int *level, bool *more)
{
    kma_inventory_placement p = {.size = sizeof p};

    if (kma_inventory_get_placement(c->inventory, *at, &p) != KMA_OK) return false;
    if (p.daughters > 0) {
        *at = p.first_daughter;
        ++*level;
        return true;
    }
    for (;;) {
        kma_inventory_placement mother = {.size = sizeof mother};
        if (p.mother == KMA_INVENTORY_NONE) {
            *more = false;
            return true;
        }
        if (kma_inventory_get_placement(c->inventory, p.mother, &mother) != KMA_OK) return false;
        if (*at + 1 < mother.first_daughter + mother.daughters) {
            ++*at;
            return true;
        }
        *at = p.mother;
        p = mother;
        --*level;
    }
}

static bool print_placement(const app_check *c, size_t at, int level, int width)
{
    kma_inventory_placement p = {.size = sizeof p};
    kma_inventory_volume v = {.size = sizeof v};
    char low[APP_VECTOR_SIZE], high[APP_VECTOR_SIZE];

    if (kma_inventory_get_placement(c->inventory, at, &p) != KMA_OK ||
        kma_inventory_get_volume(c->inventory, p.volume, &v) != KMA_OK)
        return false;
    printf("  %*s%-*s  %s to %s\n", 2 * level, "", width - 2 * level + app_hidden(v.name), v.name,
           app_vector(p.low, low), app_vector(p.high, high));
    return true;
}

bool app_print_placements(const app_check *c)
{
    size_t at = 0, shown = 0;
    int level = 0, pass, width = 0;
    bool more = true;

    app_heading("Placements, and their bounding boxes in the world, mm");
    for (pass = 0; pass < 2; pass++) {
        at = shown = 0;
        level = 0;
        for (more = true; more && shown < PLACEMENTS_SHOWN; shown++) {
            kma_inventory_placement p = {.size = sizeof p};
            kma_inventory_volume v = {.size = sizeof v};
            if (pass == 1 && !print_placement(c, at, level, width)) return false;
            if (kma_inventory_get_placement(c->inventory, at, &p) != KMA_OK ||
                kma_inventory_get_volume(c->inventory, p.volume, &v) != KMA_OK)
                return false;
            if (2 * level + app_width_of(v.name, 0) > width) width = 2 * level + app_width_of(v.name, 0);
            if (!next_placement(c, &at, &level, &more)) return false;
        }
    }
    if (shown < c->info.placements) printf("  ... and %zu more\n", c->info.placements - shown);
    return true;
}
