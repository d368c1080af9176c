/* kerma info of an image. */
#include <stdio.h>

#include "app.h"

/* The outer faces of the voxels, whatever the axes' directions. */
void app_image_box(const kma_image_geometry *g, double low[3], double high[3])
{
    int corner, i, c;

    for (corner = 0; corner < 8; corner++)
        for (i = 0; i < 3; i++) {
            double x = g->origin[i];
            for (c = 0; c < 3; c++)
                x += g->direction[3 * i + c] * g->spacing[c] *
                     ((corner >> c & 1) != 0 ? (double)g->count[c] - 0.5 : -0.5);
            if (corner == 0 || x < low[i]) low[i] = x;
            if (corner == 0 || x > high[i]) high[i] = x;
        }
}

void app_grid_text(const kma_image_geometry *g)
{
    double low[3], high[3];
    char origin[APP_VECTOR_SIZE], axis[APP_VECTOR_SIZE];
    int c;

    app_line("spacing", "%.7g x %.7g x %.7g mm", g->spacing[0], g->spacing[1], g->spacing[2]);
    app_line("origin", "%s mm, the centre of the first voxel", app_vector(g->origin, origin));
    for (c = 0; c < 3; c++) {
        const double v[3] = {g->direction[c], g->direction[3 + c], g->direction[6 + c]};
        app_line(c == 0 ? "axes" : "", "%s", app_vector(v, axis));
    }
    app_image_box(g, low, high);
    app_show_box(low, high);
}

void app_grid_json(app_json *json, const kma_image_geometry *g)
{
    double low[3], high[3];

    app_image_box(g, low, high);
    app_json_counts(json, "count", g->count, 3);
    app_json_numbers(json, "spacing_mm", g->spacing, 3);
    app_json_numbers(json, "origin_mm", g->origin, 3);
    app_json_numbers(json, "direction", g->direction, 9);
    app_json_numbers(json, "low_mm", low, 3);
    app_json_numbers(json, "high_mm", high, 3);
}

/* Scanners also write CT numbers with an offset of 1024. */
const char *app_ct_question(kma_scalar type, double lowest, double highest)
{
    bool is_wide = kma_scalar_size(type) >= 2 && type != KMA_SCALAR_FLOAT32 && type != KMA_SCALAR_FLOAT64;

    if (is_wide && lowest >= 0 && highest > 500)
        return "no value is below 0: if this is a CT, it is not in HU, where air is -1000 (an offset of 1024 is "
               "common)";
    return NULL;
}

static void print(const kma_image_geometry *g, kma_scalar type, const kma_image_statistics *s)
{
    size_t voxels = s->values + s->not_finite;
    const char *question = app_ct_question(type, s->lowest, s->highest);
    char bytes[APP_BYTES_SIZE];

    app_line("voxels", "%zu x %zu x %zu = %zu, %s, %s in memory", g->count[0], g->count[1], g->count[2], voxels,
             kma_scalar_name(type), app_bytes((double)voxels * (double)kma_scalar_size(type), bytes));
    app_grid_text(g);
    if (s->values > 0) app_line("values", "%.7g to %.7g, mean %.7g", s->lowest, s->highest, s->mean);
    if (s->not_finite > 0) app_line("not finite", "%zu values", s->not_finite);
    if (question != NULL) app_line("question", "%s", question);
}

static void put(app_json *json, const kma_image_geometry *g, kma_scalar type, const kma_image_statistics *s)
{
    const char *question = app_ct_question(type, s->lowest, s->highest);

    if (question != NULL) app_json_text(json, "question", question);
    app_json_begin(json, "image", '{');
    app_json_text(json, "type", kma_scalar_name(type));
    app_grid_json(json, g);
    app_json_count(json, "voxels", s->values + s->not_finite);
    app_json_count(json, "not_finite", s->not_finite);
    app_json_number(json, "lowest", s->lowest);
    app_json_number(json, "highest", s->highest);
    app_json_number(json, "mean", s->mean);
    app_json_end(json);
}

bool app_info_image(const char *path, app_json *json)
{
    kma_image image = {0};
    kma_image_geometry geometry;
    kma_image_statistics statistics = {.size = sizeof statistics};
    kma_scalar type = KMA_SCALAR_END;
    kma_status status = kma_image_read(path, &image);

    if (status == KMA_OK) status = kma_image_get_geometry(image, &geometry);
    if (status == KMA_OK) status = kma_image_get_type(image, &type);
    if (status == KMA_OK) status = kma_image_get_statistics(image, &statistics);
    if (status == KMA_OK) {
        app_info_begin(path, KMA_FILE_IMAGE, "image (MetaImage)", json);
        if (json != NULL)
            put(json, &geometry, type, &statistics);
        else
            print(&geometry, type, &statistics);
    }
    kma_image_release(&image);
    return status == KMA_OK;
}
