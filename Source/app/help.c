/* What the command says about itself. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static const char all[] =
    "kerma: Monte Carlo transport of photons through real geometry\n"
    "\n"
    "  kerma run FILE [options]   simulates the scene in FILE (JSON) and writes results\n"
    "  kerma help run             says which options there are\n"
    "  kerma --version            prints the version\n"
    "\n"
    "Documentation/scene.md describes FILE, Documentation/results.md what is written.\n";

static const char about_run[] =
    "kerma run FILE [options]: simulates the scene in FILE (JSON) and writes results\n"
    "\n"
    "  --threads T     worker threads; 0: none, in the main thread; all (default): as many as processors\n"
    "  --histories N   source photons instead of FILE's number; 1000000 or 1e6\n"
    "  --seed S        of the random numbers, instead of FILE's\n"
    "  --out DIR       where results go, made if missing; default: FILE's name without .json, and .results,\n"
    "                  in the current directory\n"
    "  --quiet         no progress and no table; errors and warnings remain\n"
    "\n"
    "The same scene, seed and number of histories give the same results for any number of threads.\n"
    "Ctrl-C ends a run early; what was simulated until then is written. Once more: ends at once.\n"
    "\n"
    "Exit codes: 0 done, 1 the run failed, 2 wrong use, 3 fault in FILE or a file it names,\n"
    "            4 results cannot be written, 130 interrupted, results written\n";

bool app_has_topic(const char *topic)
{
    return strcmp(topic, "run") == 0;
}

void app_help(const char *topic)
{
    fputs(topic == NULL ? all : about_run, stdout);
}

void app_usage(void)
{
    fputs("usage: kerma run FILE [--threads T] [--histories N] [--seed S] [--out DIR] [--quiet]\n"
          "       kerma help run | --help | --version\n", stderr);
}
