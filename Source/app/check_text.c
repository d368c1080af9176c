/* What kerma check found, for people. */
#include <stdio.h>

#include "app.h"

/* ---- materials, images, meshes ---- */

static bool print_materials(const app_check *c)
{
    kma_inventory_material m = {.size = sizeof m};
    int width = 8, pass;
    size_t i, k;

    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < c->info.materials; i++) {
            if (kma_inventory_get_material(c->inventory, i, &m) != KMA_OK) return false;
            if (m.volumes == 0 && m.voxels == 0) continue;
            width = app_width_of(m.name, width);
            if (pass == 0) continue;
            app_put_name(m.name, width);
            printf("  ");
            for (k = 0; k < m.elements; k++)
                printf("%s%s %.4g", k == 0 ? "" : ", ", kma_element_symbol(m.z[k]), 100 * m.fraction[k]);
            putchar('\n');
        }
        if (pass == 0) app_heading("Materials, % by mass");
    }
    return true;
}

static double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

static bool print_image(const app_check *c, size_t index)
{
    kma_inventory_image i = {.size = sizeof i};
    kma_inventory_volume v = {.size = sizeof v};
    kma_inventory_image_material p = {.size = sizeof p};
    kma_inventory_material m = {.size = sizeof m};
    const char *question;
    int width = 8, pass;
    size_t k;

    if (kma_inventory_get_image(c->inventory, index, &i) != KMA_OK ||
        kma_inventory_get_volume(c->inventory, i.volume, &v) != KMA_OK)
        return false;
    printf("\nImage '%s': %zu x %zu x %zu voxels of %.5g x %.5g x %.5g mm, %s\n", v.name, i.geometry.count[0],
           i.geometry.count[1], i.geometry.count[2], i.geometry.spacing[0], i.geometry.spacing[1],
           i.geometry.spacing[2], kma_scalar_name(i.type));
    printf("  CT numbers from %.6g to %.6g; the table goes from %.6g to %.6g\n", i.lowest, i.highest, i.table_low,
           i.table_high);
    if (i.below + i.above > 0)
        printf("  %llu voxels (%.3g %%) are below the table, %llu (%.3g %%) above: they count as its ends\n",
               (unsigned long long)i.below, percent((double)i.below, (double)i.voxels), (unsigned long long)i.above,
               percent((double)i.above, (double)i.voxels));
    question = app_ct_question(i.type, i.lowest, i.highest);
    if (question != NULL) printf("  %s\n", question);
    for (pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            app_put_name("material", width);
            printf("  %10s  %8s  %11s  %8s  %s\n", "voxels", "% voxels", "g", "% mass", "g/cm3");
        }
        for (k = 0; k < i.materials; k++) {
            if (kma_inventory_get_image_material(c->inventory, index, k, &p) != KMA_OK ||
                kma_inventory_get_material(c->inventory, p.material, &m) != KMA_OK)
                return false;
            if (p.voxels == 0) continue;
            width = app_width_of(m.name, width);
            if (pass == 0) continue;
            app_put_name(m.name, width);
            printf("  %10llu  %8.3f  %11.6g  %8.3f  %.4g to %.4g\n", (unsigned long long)p.voxels,
                   percent((double)p.voxels, (double)i.voxels), p.mass, percent(p.mass, i.mass), p.density_low,
                   p.density_high);
        }
    }
    return true;
}

static bool print_meshes(const app_check *c)
{
    kma_inventory_volume v = {.size = sizeof v};
    const char *question;
    size_t i, shown = 0;

    for (i = 0; i < c->info.volumes; i++) {
        if (kma_inventory_get_volume(c->inventory, i, &v) != KMA_OK) return false;
        if (v.shape != KMA_SHAPE_MESH) continue;
        if (shown++ == 0) app_heading("Meshes");
        printf("  %s: %zu facets, %zu vertices, %zu %s, area %.6g cm2, volume %.6g cm3; watertight\n", v.name,
               v.mesh.facets, v.mesh.vertices, v.mesh.bodies, v.mesh.bodies == 1 ? "body" : "bodies", v.mesh.area / 100,
               v.mesh.volume / 1000);
        if (v.mesh.crossing_edges > 0)
            printf("    its bodies overlap (%zu edges pierce facets): allowed, but slower\n", v.mesh.crossing_edges);
        if (v.mesh.flat_facets > 0) printf("    %zu facets without area: harmless\n", v.mesh.flat_facets);
        question = app_unit_question(v.low, v.high);
        if (question != NULL) printf("    %s\n", question);
    }
    return true;
}

/* ---- sources, scorers, memory ---- */

static bool print_sources(const app_check *c)
{
    static const char *const kinds[] = {"", "point", "pencil", "parallel"};
    kma_inventory_source s = {.size = sizeof s};
    char position[APP_VECTOR_SIZE], direction[APP_VECTOR_SIZE];
    size_t i;

    if (c->info.sources > 0) app_heading("Sources");
    for (i = 0; i < c->info.sources; i++) {
        if (kma_inventory_get_source(c->inventory, i, &s) != KMA_OK) return false;
        printf("  %s at %s mm", kinds[s.options.kind], app_vector(s.options.position, position));
        if (s.options.kind == KMA_SOURCE_POINT && s.options.emission == KMA_EMISSION_ISOTROPIC)
            printf(", isotropic");
        else
            printf(" along %s", app_vector(s.options.direction, direction));
        printf("; %.4g to %.4g MeV, mean %.5g MeV", s.min_energy, s.max_energy, s.mean_energy);
        if (c->info.sources > 1) printf("; %.4g %% of the histories", 100 * s.share);
        puts(s.in_world ? "" : "; outside of the world");
    }
    return true;
}

static bool print_scorers(const app_check *c)
{
    kma_inventory_scorer s = {.size = sizeof s};
    char bytes[APP_BYTES_SIZE];
    int width = 6, pass;
    size_t i;

    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < c->info.scorers; i++) {
            if (kma_inventory_get_scorer(c->inventory, i, &s) != KMA_OK) return false;
            width = app_width_of(s.name, width);
            if (pass == 0) continue;
            app_put_name(s.name, width);
            printf("  %-8s  %10zu  %10s\n", kma_scorer_kind_name(s.kind), s.bins, app_bytes((double)s.bytes, bytes));
        }
        if (pass == 1 || c->info.scorers == 0) continue;
        app_heading("Scorers");
        app_put_name("scorer", width);
        printf("  %-8s  %10s  %10s\n", "kind", "bins", "memory");
    }
    return true;
}

static void print_memory(const app_check *c)
{
    const kma_inventory_info *i = &c->info;
    int workers = app_processors();
    char all[APP_BYTES_SIZE], part[5][APP_BYTES_SIZE];

    if (i->volumes == 0) return;
    printf("\nMemory of a run with %d worker%s: at most %s, and what the program itself takes\n", workers,
           workers == 1 ? "" : "s", app_bytes(app_check_memory(i, workers), all));
    printf("  meshes and placements %s, images %s, cross-sections %s, scorers %s, each worker %s\n",
           app_bytes((double)i->geometry_bytes, part[0]), app_bytes((double)i->image_bytes, part[1]),
           app_bytes((double)i->table_bytes, part[2]), app_bytes((double)i->scorer_bytes, part[3]),
           app_bytes((double)i->worker_bytes, part[4]));
}

bool app_check_text(const app_check *c)
{
    size_t i;

    if (c->title != NULL && c->title[0] != '\0') puts(c->title);
    if (c->inventory.bits != 0) {
        printf("%llu histories, seed %llu, cut-off %g MeV\n", (unsigned long long)c->histories,
               (unsigned long long)c->seed, c->info.cut_energy);
        if (c->info.volumes > 0 &&
            (!app_print_volumes(c) || !app_print_placements(c) || !print_materials(c) || !print_meshes(c)))
            return false;
        for (i = 0; i < c->info.images; i++)
            if (!print_image(c, i)) return false;
        if (!print_sources(c) || !print_scorers(c)) return false;
        print_memory(c);
    }
    if (c->inventory.bits != 0) putchar('\n');
    if (c->faults.count == 0)
        puts("No fault found.");
    else
        printf("%zu fault%s: this scene cannot be run.\n", c->faults.count, c->faults.count == 1 ? "" : "s");
    return true;
}
