/* kerma info: what a file is, and what is in it. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static bool describe(const app_options *options, kma_file_kind kind, app_json *json)
{
    const char *path = options->file;

    switch (kind) {
    case KMA_FILE_MESH: return app_info_mesh(path, options->unit, json);
    case KMA_FILE_IMAGE: return app_info_image(path, json);
    case KMA_FILE_SCENE: return app_info_scene(path, json);
    case KMA_FILE_RESULT: return app_info_result(path, json);
    case KMA_FILE_SPECTRUM: return app_info_spectrum(path, json);
    case KMA_FILE_CT_TABLE: return app_info_ct_table(path, json);
    case KMA_FILE_END: break;
    }
    return false;
}

void app_info_begin(const char *path, kma_file_kind kind, const char *what, app_json *json)
{
    if (json == NULL) {
        printf("%s: %s\n", path, what);
        return;
    }
    app_json_begin(json, NULL, '{');
    app_json_count(json, "kerma_info", 1);
    app_json_text(json, "file", path);
    app_json_text(json, "kind", kma_file_kind_name(kind));
}

int app_info(const app_options *options)
{
    app_json json = {0};
    kma_file_kind kind;

    app_listen();
    /* Nothing is printed before all is read: a fault leaves stdout empty. */
    if (kma_file_recognize(options->file, &kind) == KMA_OK && describe(options, kind, options->json ? &json : NULL)) {
        if (options->json) app_json_end(&json);
        return APP_OK;
    }
    app_say("%s", kma_error_message());
    return APP_SCENE;
}
