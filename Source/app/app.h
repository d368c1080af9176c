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
    const char *scene;
    int threads;        /* as of kma_run_options */
    bool has_histories, has_seed;
    uint64_t histories, seed;
    const char *out;    /* NULL: of the scene's name */
    bool quiet;
} app_options;

/* ---- options.c ---- */
/* The arguments behind "run". False after it said what is wrong. */
bool app_options_read(int count, char **arguments, app_options *out);
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

/* ---- performance.c ---- */
typedef struct app_performance {
    uint64_t histories;
    double wall, cpu;    /* s, of the histories */
    double startup;      /* s, from the process's begin to the first history */
    double write;        /* s, for the results */
    int threads;         /* as asked for: 0 is serial */
    int workers;
} app_performance;
/* directory/performance.json. False with errno. */
bool app_write_performance(const app_performance *self, const char *directory);

/* ---- run.c ---- */
int app_run(const app_options *options);

#endif
