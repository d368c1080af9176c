/* kerma: which command. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* What was printed has arrived, or the pipe or disk is full. */
static int printed(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    app_say("standard output cannot be written");
    return code == APP_OK ? APP_OUTPUT : code;
}

static int help(int count, char **arguments)
{
    const char *topic = count > 0 ? arguments[0] : NULL;

    if (count > 1 || (topic != NULL && !app_has_topic(topic))) {
        app_say("there is no help about '%s'", arguments[count > 1 ? 1 : 0]);
        app_usage();
        return APP_USAGE;
    }
    app_help(topic);
    return printed(APP_OK);
}

typedef struct command {
    const char *name;
    app_command bit;
    int (*work)(const app_options *options);
} command;

static const command commands[] = {
    {"run", APP_RUN, app_run}, {"check", APP_CHECK, app_check_scene}, {"info", APP_INFO, app_info},
    {"replay", APP_REPLAY, app_replay}, {"doctor", APP_DOCTOR, app_doctor},
};

static const command *find_command(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof commands / sizeof *commands; i++)
        if (is(commands[i].name, name)) return &commands[i];
    return NULL;
}

static int work(const command *c, int count, char **arguments)
{
    app_options options;
    int i;

    for (i = 0; i < count; i++)
        if (is(arguments[i], "--help") || is(arguments[i], "-h")) {
            app_help(c->name);
            return printed(APP_OK);
        }
    if (!app_options_read(c->bit, count, arguments, &options)) {
        app_usage();
        return APP_USAGE;
    }
    return printed(c->work(&options));
}

int main(int count, char **arguments)
{
    int code = APP_USAGE;

    app_clock_start();
    if (count < 2) {
        app_usage();
    } else if (is(arguments[1], "--version") && count == 2) {
        printf("kerma %s\n", kma_version());
        code = printed(APP_OK);
    } else if ((is(arguments[1], "--help") || is(arguments[1], "-h")) && count == 2) {
        app_help(NULL);
        code = printed(APP_OK);
    } else if (is(arguments[1], "help")) {
        code = help(count - 2, arguments + 2);
    } else if (find_command(arguments[1]) != NULL) {
        code = work(find_command(arguments[1]), count - 2, arguments + 2);
    } else {
        app_say("unknown command '%s'", arguments[1]);
        app_usage();
    }
    kma_shutdown();
    return code;
}
