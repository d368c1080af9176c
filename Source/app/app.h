/* The kerma command: what its files share. It uses the public headers alone. */
#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdint.h>

#include <kerma/kerma.h>

/* Documentation/command.md says the same. */
enum {
    APP_OK = 0,
    APP_RUN_FAILED = 1,
    APP_USAGE = 2,
    APP_SCENE = 3,
    APP_OUTPUT = 4,
    APP_INTERRUPTED = 130
};

typedef struct app_options {
    const char *file;   /* the scene, or what else the command is about */
    int threads;        /* as of kma_run_options */
    bool has_histories, has_seed, has_history;
    uint64_t histories, seed, history;
    const char *out;    /* NULL: of the scene's name */
    bool quiet, json;
    double unit;        /* mm of a 1 in a mesh */
    const char *error;  /* that the doctor is to explain; NULL: none */
} app_options;

/* ---- options.c ---- */
/* A bit each. */
typedef enum app_command { APP_RUN = 1, APP_INFO = 2, APP_CHECK = 4, APP_REPLAY = 8, APP_DOCTOR = 16 } app_command;
/* The arguments behind the command. False after it said what is wrong. */
bool app_options_read(app_command command, int count, char **arguments, app_options *out);
/* "250", "1e6", "2.5e6": exactly this whole number. */
bool app_read_count(const char *text, uint64_t *out);

/* ---- help.c ---- */
void app_help(const char *topic); /* NULL: all; to stdout */
void app_usage(void);             /* a line to stderr */
bool app_has_topic(const char *topic);

/* ---- say.c ---- */
/* "kerma: ..." to stderr. */
void app_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The log's warnings and errors to stderr. */
void app_listen(void);

/* ---- interrupt.c ---- */
void app_catch_signals(void);
bool app_was_interrupted(void);

/* ---- clock.c ---- */
double app_seconds(void);       /* monotonic */
double app_cpu_seconds(void);   /* of all threads, user and system */
double app_start_seconds(void); /* when the process began, on app_seconds' scale, within about a ms */
void app_clock_start(void);     /* first thing in main */

/* ---- progress.c ---- */
typedef struct app_progress {
    kma_run_manager run;
    bool quiet, terminal, shown;
    double next; /* when to say something again */
} app_progress;
void app_progress_begin(app_progress *self, bool quiet);
int app_poll(void *progress); /* a kma_poll_fn */
/* On a terminal: what takes its time before or after the histories. */
void app_progress_note(app_progress *self, const char *text);
/* Takes bar or note away. */
void app_progress_end(app_progress *self);

/* ---- table.c ---- */
/* The results, readable, to stdout. False if something failed (kma_error_message). */
bool app_print_table(kma_result result, const char *title);
void app_table_head(void);
void app_table_row(const char *scorer, const char *quantity, double value, double sigma,
                   const char *unit); /* nan: none */
void app_print_ledger(uint64_t histories, double cut_energy, const kma_energy_ledger *ledger, uint64_t ct_voxels,
                      uint64_t ct_below, uint64_t ct_above);

/* ---- show.c ---- */
int app_hidden(const char *text); /* bytes that take no column: continuations of UTF-8 */
void app_line(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum { APP_VECTOR_SIZE = 80, APP_BYTES_SIZE = 32, APP_NAME_SIZE = 256 };
const char *app_vector(const double v[3], char out[APP_VECTOR_SIZE]); /* "(1, 2, 3)" */
const char *app_bytes(double bytes, char out[APP_BYTES_SIZE]);        /* "2.5 MiB" */
void app_heading(const char *text);
void app_put_name(const char *name, int width);    /* a cell of a table */
int app_width_of(const char *name, int widest);    /* the columns that a name takes, or `widest` if that is more */
void app_show_box(const double low[3], const double high[3]);         /* two lines */

/* ---- json.c ---- */
typedef struct app_json {
    int depth;
    char close[16];
    bool filled[16]; /* something stands there already */
} app_json;
void app_json_begin(app_json *self, const char *key, char bracket); /* '{' or '['; key: NULL in arrays */
void app_json_end(app_json *self);
void app_json_text(app_json *self, const char *key, const char *text);
void app_json_truth(app_json *self, const char *key, bool truth);
void app_json_null(app_json *self, const char *key);
void app_json_count(app_json *self, const char *key, uint64_t value);
void app_json_made(app_json *self, const char *key, const char *json); /* a value that is JSON already */
void app_json_number(app_json *self, const char *key, double value); /* null if not finite */
void app_json_numbers(app_json *self, const char *key, const double *values, size_t n);
void app_json_counts(app_json *self, const char *key, const size_t *values, size_t n);

/* ---- info.c: each describes a file, on `json` if that is not NULL; false: kma_error_message, nothing printed ---- */
void app_info_begin(const char *path, kma_file_kind kind, const char *what, app_json *json);
bool app_info_mesh(const char *path, double unit, app_json *json);
bool app_info_image(const char *path, app_json *json);
bool app_info_scene(const char *path, app_json *json);
bool app_info_result(const char *path, app_json *json);
bool app_info_spectrum(const char *path, app_json *json);
bool app_info_ct_table(const char *path, app_json *json);
void app_mesh_text(const kma_mesh_report *report);
void app_mesh_json(app_json *json, const kma_mesh_report *report);
const char *app_unit_question(const double low[3], const double high[3]); /* NULL: none */
void app_image_box(const kma_image_geometry *geometry, double low[3], double high[3]);
void app_grid_text(const kma_image_geometry *geometry);
const char *app_ct_question(kma_scalar type, double lowest, double highest); /* NULL: none */
void app_grid_json(app_json *json, const kma_image_geometry *geometry);
kma_status app_material_name(kma_material material, char *out, size_t size);
int app_info(const app_options *options);

/* ---- check.c ---- */
typedef struct app_texts {
    char **texts; /* [count] */
    size_t count, room;
} app_texts;

typedef struct app_check {
    const app_options *options;
    app_texts faults, warnings;
    char *title;               /* NULL: not known */
    uint64_t histories, seed;
    kma_simulation simulation;
    kma_scene scene;           /* names none if nothing could be made of it */
    kma_inventory inventory;   /* names none likewise */
    kma_inventory_info info;
    kma_overlap *overlaps;     /* [overlap_count] */
    size_t overlap_count;
} app_check;

/* To stdout. False if something failed (kma_error_message). */
bool app_print_volumes(const app_check *self);
bool app_print_placements(const app_check *self);
bool app_check_text(const app_check *self);
bool app_check_json(const app_check *self);
/* Bytes that a run with so many workers needs, all bins hit. */
double app_check_memory(const kma_inventory_info *info, int workers);
int app_check_scene(const app_options *options);

/* ---- performance.c ---- */
typedef struct app_performance {
    uint64_t histories;
    double wall, cpu;    /* s, of the histories */
    double startup;      /* s, from the process's begin to the first history */
    double write;        /* s, for the results */
    int threads;         /* as asked for: 0 is serial */
    int workers;
} app_performance;
int app_processors(void); /* that this process may use */
/* directory/performance.json. False with errno. */
bool app_write_performance(const app_performance *self, const char *directory);

/* ---- replay.c ---- */
int app_replay(const app_options *options);

/* ---- doctor_python.c ---- */
typedef struct app_python {
    enum {
        APP_PYTHON_NONE,          /* no python3; errno in `error` */
        APP_PYTHON_WITHOUT_KERMA,
        APP_PYTHON_BROKEN,        /* it ended without a report */
        APP_PYTHON_ANSWERED
    } found;
    char *text; /* what it said on stdout; to be freed */
    int status, signal, error;
} app_python;
/* Waits for it. */
void app_ask_python(const app_options *options, app_python *out);

/* ---- doctor.c ---- */
int app_doctor(const app_options *options);

/* ---- run.c ---- */
int app_run(const app_options *options);

#endif
