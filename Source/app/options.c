/* The command line. */
#include <stdlib.h>
#include <string.h>

#include "app.h"

enum { THREADS_MAX = 1024 };
static const uint64_t HISTORIES_MAX = UINT64_C(1) << 60;

bool app_read_count(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    int shift = 0, exponent = 0, digits = 0;
    bool point = false;

    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        if (value > (UINT64_MAX - (uint64_t)(*text - '0')) / 10) return false;
        value = 10 * value + (uint64_t)(*text - '0');
        shift -= point;
        digits++;
    }
    if (digits == 0) return false;
    if (*text == 'e' || *text == 'E') {
        if (*++text == '+') text++;
        if (*text == '\0') return false;
        for (; *text >= '0' && *text <= '9'; text++) {
            exponent = 10 * exponent + (*text - '0');
            if (exponent > 400) return false;
        }
    }
    if (*text != '\0') return false;
    for (shift += exponent; shift < 0; shift++) {
        if (value % 10 != 0) return false; /* a fraction */
        value /= 10;
    }
    for (; shift > 0 && value > 0; shift--) {
        if (value > UINT64_MAX / 10) return false;
        value *= 10;
    }
    *out = value;
    return true;
}

/* The value of option `name`, from "--name value" or "--name=value"; NULL if this is another option, or if it has no
 * value, which is then said. */
static const char *value_of(const char *name, char **arguments, int count, int *i, bool *failed)
{
    size_t length = strlen(name);

    if (strncmp(arguments[*i], name, length) != 0) return NULL;
    if (arguments[*i][length] == '=') return arguments[*i] + length + 1;
    if (arguments[*i][length] != '\0') return NULL;
    if (*i + 1 < count) return arguments[++*i];
    app_say("%s needs a value", name);
    *failed = true;
    return NULL;
}

static bool read_threads(const char *text, int *out)
{
    uint64_t threads;

    if (strcmp(text, "all") == 0) {
        *out = KMA_THREADS_ALL;
        return true;
    }
    if (!app_read_count(text, &threads) || threads > THREADS_MAX) {
        app_say("--threads %s: expected a number from 0 to %d, or 'all'", text, THREADS_MAX);
        return false;
    }
    *out = (int)threads;
    return true;
}

static bool read_count(const char *name, const char *text, uint64_t least, uint64_t *out)
{
    if (app_read_count(text, out) && *out >= least) return true;
    app_say("%s %s: expected a whole number from %d on, such as 250000 or 1e6", name, text, (int)least);
    return false;
}

static bool read_unit(const char *text, double *out)
{
    char *end;

    *out = strtod(text, &end); /* this process keeps the C locale */
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && *out > 0 && *out < 1e9) return true;
    app_say("--unit %s: expected mm, above 0, such as 1 (mm), 10 (cm) or 25.4 (inch)", text);
    return false;
}

/* Options with a value, and the commands that have them. */
static const struct { const char *name; unsigned commands; } valued[] = {
    {"--threads", APP_RUN}, {"--histories", APP_RUN}, {"--seed", APP_RUN | APP_REPLAY}, {"--out", APP_RUN},
    {"--unit", APP_INFO}, {"--history", APP_REPLAY}, {"--error", APP_DOCTOR},
};

static bool take_value(const char *name, const char *text, app_options *out)
{
    if (strcmp(name, "--threads") == 0) return read_threads(text, &out->threads);
    if (strcmp(name, "--unit") == 0) return read_unit(text, &out->unit);
    if (strcmp(name, "--error") == 0) {
        out->error = text;
        return true;
    }
    if (strcmp(name, "--histories") == 0) {
        out->has_histories = true;
        return read_count(name, text, 1, &out->histories);
    }
    if (strcmp(name, "--history") == 0) {
        out->has_history = true;
        if (app_read_count(text, &out->history) && out->history < HISTORIES_MAX) return true;
        app_say("--history %s: expected a whole number from 0 to 2^60 - 1", text);
        return false;
    }
    if (strcmp(name, "--seed") == 0) {
        out->has_seed = true;
        return read_count(name, text, 0, &out->seed);
    }
    out->out = text;
    if (text[0] != '\0') return true;
    app_say("--out needs the name of a directory");
    return false;
}

/* An option without value, or the file. */
static bool take_word(app_command command, const char *word, app_options *out)
{
    if (command == APP_RUN && strcmp(word, "--quiet") == 0) {
        out->quiet = true;
    } else if (command != APP_RUN && strcmp(word, "--json") == 0) {
        out->json = true;
    } else if (word[0] == '-' && word[1] != '\0') {
        app_say("unknown option '%s'", word);
        return false;
    } else if (command == APP_DOCTOR) {
        app_say("kerma doctor needs no file: '%s'", word);
        return false;
    } else if (out->file != NULL) {
        app_say("one %s at a time: '%s' and '%s' were given", command == APP_INFO ? "file" : "scene", out->file, word);
        return false;
    } else {
        out->file = word;
    }
    return true;
}

bool app_options_read(app_command command, int count, char **arguments, app_options *out)
{
    bool failed = false;
    int i;

    *out = (app_options){.threads = KMA_THREADS_ALL, .unit = 1};
    for (i = 0; i < count && !failed; i++) {
        const char *text = NULL;
        size_t k;
        for (k = 0; k < sizeof valued / sizeof *valued && text == NULL && !failed; k++) {
            if ((valued[k].commands & command) == 0) continue;
            text = value_of(valued[k].name, arguments, count, &i, &failed);
            if (text != NULL) failed = !take_value(valued[k].name, text, out);
        }
        if (text == NULL && !failed) failed = !take_word(command, arguments[i], out);
    }
    if (!failed && out->file == NULL && command != APP_DOCTOR) {
        app_say("which %s? The name of a file is missing", command == APP_INFO ? "file" : "scene");
        failed = true;
    }
    if (!failed && command == APP_REPLAY && !out->has_history) {
        app_say("which history? --history N is missing");
        failed = true;
    }
    return !failed;
}
