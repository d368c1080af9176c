/* kerma info of a mesh: broken ones too. */
#include <string.h>

#include "app.h"

static const double SMALL = 1, LARGE = 1e4; /* mm: extents outside are worth a question */

typedef struct damage {
    const char *label, *key, *first_key;
    size_t count;
    const kma_mesh_place *first; /* NULL: not known */
    bool of_edge, refused;
} damage;

enum { DAMAGES = 9 };

static void list(const kma_mesh_report *r, damage out[DAMAGES])
{
    const damage all[DAMAGES] = {
        {"open edges", "open_edges", "first_open", r->open_edges, &r->first_open, true, true},
        {"flipped edges", "flipped_edges", "first_flipped", r->flipped_edges, &r->first_flipped, true, true},
        {"many facets", "nonmanifold_edges", "first_nonmanifold", r->nonmanifold_edges, &r->first_nonmanifold, true,
         false},
        {"degenerate", "degenerate_facets", "first_degenerate", r->degenerate_facets, &r->first_degenerate, false,
         true},
        {"given twice", "duplicate_facets", "first_duplicate", r->duplicate_facets, &r->first_duplicate, false, true},
        {"inside out", "inside_out_bodies", "first_inside_out", r->inside_out_bodies, &r->first_inside_out, false,
         true},
        {"unusable", "nonfinite_vertices", NULL, r->nonfinite_vertices, NULL, false, true},
        {"flat", "flat_facets", NULL, r->flat_facets, NULL, false, false},
        {"crossing", "crossing_edges", NULL, r->crossing_edges, NULL, false, false},
    };
    int i;

    for (i = 0; i < DAMAGES; i++) out[i] = all[i];
}

static const char *meaning(const char *key)
{
    static const struct { const char *key, *text; } meanings[] = {
        {"open_edges", "edges without a partner: the surface has a hole there"},
        {"flipped_edges", "edges whose two facets face opposite sides"},
        {"nonmanifold_edges", "edges of more than two facets"},
        {"degenerate_facets", "facets with a corner repeated"},
        {"duplicate_facets", "facets that are there already"},
        {"inside_out_bodies", "bodies whose facets face inward"},
        {"nonfinite_vertices", "corners beyond 1e12 mm"},
        {"flat_facets", "facets without area; harmless"},
        {"crossing_edges", "edges that pierce other facets: bodies overlap; allowed, but slower"},
    };
    size_t i;

    for (i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcmp(meanings[i].key, key) == 0) return meanings[i].text;
    return "";
}

void app_mesh_text(const kma_mesh_report *r)
{
    damage damages[DAMAGES];
    char from[APP_VECTOR_SIZE], to[APP_VECTOR_SIZE];
    int i;

    app_line("facets", "%zu, with %zu different vertices", r->facets, r->vertices);
    app_line("bodies", "%zu%s", r->bodies, r->bodies == 1 ? "" : " that share no edge; cavities count");
    if (r->nonfinite_vertices == 0) app_show_box(r->low, r->high);
    app_line("area", "%.6g cm2", r->area / 100);
    if (r->volume != 0)
        app_line("volume", "%.6g cm3", r->volume / 1000);
    else
        app_line("volume", r->open_edges + r->flipped_edges > 0 ? "unknown: the surface is not closed" : "none");
    app_line("watertight", "%s",
             r->usable ? "yes: closed and consistent" : "NO: a scene with this mesh is refused, because of");
    list(r, damages);
    for (i = 0; i < DAMAGES; i++) {
        const damage *d = &damages[i];
        if (d->count == 0) continue;
        app_line(d->label, "%zu %s", d->count, meaning(d->key));
        if (d->first == NULL) continue;
        if (d->of_edge)
            app_line("", "first: facet %zu, from %s to %s mm", d->first->facet, app_vector(d->first->from, from),
                     app_vector(d->first->to, to));
        else
            app_line("", "first: facet %zu, at %s mm", d->first->facet, app_vector(d->first->from, from));
    }
}

static void put_place(app_json *json, const char *key, const kma_mesh_place *place, bool of_edge)
{
    app_json_begin(json, key, '{');
    app_json_count(json, "facet", place->facet);
    app_json_numbers(json, "from_mm", place->from, 3);
    if (of_edge) app_json_numbers(json, "to_mm", place->to, 3);
    app_json_end(json);
}

void app_mesh_json(app_json *json, const kma_mesh_report *r)
{
    damage damages[DAMAGES];
    int i;

    app_json_begin(json, "mesh", '{');
    app_json_truth(json, "watertight", r->usable);
    app_json_count(json, "facets", r->facets);
    app_json_count(json, "vertices", r->vertices);
    app_json_count(json, "bodies", r->bodies);
    app_json_numbers(json, "low_mm", r->low, 3);
    app_json_numbers(json, "high_mm", r->high, 3);
    app_json_number(json, "area_mm2", r->area);
    app_json_number(json, "volume_mm3", r->volume);
    list(r, damages);
    for (i = 0; i < DAMAGES; i++) {
        app_json_count(json, damages[i].key, damages[i].count);
        if (damages[i].count > 0 && damages[i].first != NULL)
            put_place(json, damages[i].first_key, damages[i].first, damages[i].of_edge);
    }
    app_json_end(json);
}

const char *app_unit_question(const double low[3], const double high[3])
{
    double largest = 0;
    int i;

    for (i = 0; i < 3; i++)
        if (high[i] - low[i] > largest) largest = high[i] - low[i];
    if (largest < SMALL)
        return "less than 1 mm large: is the unit right? STL has none; a 1 in the file may mean 10 mm (cm) or 1000 (m)";
    if (largest > LARGE)
        return "more than 10 m large: is the unit right? STL has none; a 1 in the file may mean 0.001 mm (um)";
    return NULL;
}

bool app_info_mesh(const char *path, double unit, app_json *json)
{
    kma_mesh_report r;
    const char *question;

    if (kma_mesh_audit_stl(path, unit, &r) != KMA_OK) return false;
    question = app_unit_question(r.low, r.high);
    app_info_begin(path, KMA_FILE_MESH, "mesh (STL)", json);
    if (json != NULL) {
        app_json_number(json, "unit_mm", unit);
        if (question != NULL) app_json_text(json, "question", question);
        app_mesh_json(json, &r);
        return true;
    }
    app_line("unit", "a 1 in the file counts as %g mm%s", unit, unit == 1 ? " (--unit changes it)" : "");
    app_mesh_text(&r);
    if (question != NULL) app_line("question", "%s", question);
    return true;
}
