/* Asks the package in Python for its part of kerma doctor. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

enum { NO_PACKAGE = 77 };

extern char **environ;

/* Not from the current directory: a kerma.py there would be run by whoever asks for a doctor. */
static const char script[] =
    "import importlib.util, sys\n"
    "sys.path[:] = [p for p in sys.path if p]\n"
    "if importlib.util.find_spec('kerma') is None: sys.exit(77)\n"
    "from kerma._doctor import main\n"
    "sys.exit(main(sys.argv[1:]))\n";

/* All that comes, ended by a zero; NULL without memory. */
static char *read_all(int descriptor)
{
    size_t length = 0, room = 4096;
    char *text = malloc(room);

    while (text != NULL) {
        ssize_t n = read(descriptor, text + length, room - length - 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        length += (size_t)n;
        if (length + 1 == room) {
            char *more = realloc(text, room *= 2);
            if (more == NULL) free(text);
            text = more;
        }
    }
    if (text != NULL) text[length] = '\0';
    return text;
}

/* 0, or an errno. Its output can be read from *out. */
static int start(const app_options *options, pid_t *child, int *out)
{
    const char *arguments[] = {"python3", "-c", script, NULL, NULL, NULL, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], error, i = 3;

    if (options->json) arguments[i++] = "--json";
    if (options->error != NULL) {
        arguments[i++] = "--error";
        arguments[i++] = options->error;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        if (error == 0) error = posix_spawnp(child, arguments[0], &actions, NULL, (char *const *)arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    *out = ends[0];
    if (error != 0) close(ends[0]);
    return error;
}

/* Its report begins so; a message of Python's own does not. */
static bool is_report(const app_options *options, const char *text)
{
    return text != NULL && strncmp(text, options->json ? "{" : "kerma doctor: ", options->json ? 1 : 14) == 0;
}

void app_ask_python(const app_options *options, app_python *out)
{
    pid_t child;
    int descriptor = -1, status;

    *out = (app_python){.found = APP_PYTHON_NONE};
    out->error = start(options, &child, &descriptor);
    if (out->error != 0) return;
    out->text = read_all(descriptor);
    close(descriptor);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            out->error = errno;
            return;
        }
    if (WIFSIGNALED(status)) out->signal = WTERMSIG(status);
    else out->status = WEXITSTATUS(status);
    if (out->signal == 0 && out->status == NO_PACKAGE) out->found = APP_PYTHON_WITHOUT_KERMA;
    else if (out->signal == 0 && out->status <= 1 && is_report(options, out->text)) out->found = APP_PYTHON_ANSWERED;
    else out->found = APP_PYTHON_BROKEN;
}
