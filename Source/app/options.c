/* The command line. */
#include <string.h>

#include "app.h"

enum { THREADS_MAX = 1024 };

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

bool app_options_read(int count, char **arguments, app_options *out)
{
    const char *text;
    bool failed = false;
    int i;

    *out = (app_options){.threads = KMA_THREADS_ALL};
    for (i = 0; i < count && !failed; i++) {
        if ((text = value_of("--threads", arguments, count, &i, &failed)) != NULL) {
            failed = !read_threads(text, &out->threads);
        } else if (!failed && (text = value_of("--histories", arguments, count, &i, &failed)) != NULL) {
            failed = !read_count("--histories", text, 1, &out->histories);
            out->has_histories = true;
        } else if (!failed && (text = value_of("--seed", arguments, count, &i, &failed)) != NULL) {
            failed = !read_count("--seed", text, 0, &out->seed);
            out->has_seed = true;
        } else if (!failed && (text = value_of("--out", arguments, count, &i, &failed)) != NULL) {
            failed = text[0] == '\0';
            if (failed) app_say("--out needs the name of a directory");
            out->out = text;
        } else if (failed) {
            break;
        } else if (strcmp(arguments[i], "--quiet") == 0) {
            out->quiet = true;
        } else if (arguments[i][0] == '-' && arguments[i][1] != '\0') {
            app_say("unknown option '%s'", arguments[i]);
            failed = true;
        } else if (out->scene != NULL) {
            app_say("one scene at a time: '%s' and '%s' were given", out->scene, arguments[i]);
            failed = true;
        } else {
            out->scene = arguments[i];
        }
    }
    if (!failed && out->scene == NULL) {
        app_say("which scene? The name of a file is missing");
        failed = true;
    }
    return !failed;
}
