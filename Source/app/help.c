/* What the command says about itself. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static const char all[] =
    "kerma: Monte Carlo transport of photons through real geometry\n"
    "\n"
    "  kerma run FILE [options]    simulates the scene in FILE (JSON) and writes results\n"
    "  kerma check FILE [options]  says what a scene is made of, and all that is wrong with it, without running it\n"
    "  kerma info FILE [options]   says what a mesh, an image, a scene, a result, a spectrum or a CT table holds\n"
    "  kerma replay FILE [options] shows one history of a run, step by step\n"
    "  kerma doctor [options]      says whether this installation works, and what is wrong with it\n"
    "  kerma help COMMAND          says which options there are\n"
    "  kerma --version             prints the version\n"
    "\n"
    "Documentation/command.md describes the commands, Documentation/scene.md scenes, Documentation/results.md "
    "results.\n";

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

static const char about_check[] =
    "kerma check FILE [options]: says what the scene in FILE (JSON) is made of, and all that is wrong with it\n"
    "\n"
    "  --json    one JSON object instead of text\n"
    "\n"
    "Volumes with masses, placements, materials, meshes, what became of CT numbers, sources, scorers, memory.\n"
    "Nothing is simulated and nothing is written.\n"
    "\n"
    "Exit codes: 0 no fault found, 1 out of memory, 2 wrong use, 3 faults in FILE or a file it names,\n"
    "            4 standard output cannot be written, 130 interrupted\n";

static const char about_info[] =
    "kerma info FILE [options]: says what FILE is, by its content, and what it holds\n"
    "\n"
    "  FILE      a mesh (STL), an image (MetaImage), a scene (JSON), a result (the directory that kerma run wrote,\n"
    "            or its summary.json), a spectrum or a CT table (CSV)\n"
    "  --json    one JSON object instead of text\n"
    "  --unit U  mm that a 1 in a mesh means; default 1\n"
    "\n"
    "A mesh that kerma would refuse is described too, with the first place of each kind of damage.\n"
    "\n"
    "Exit codes: 0 done, 2 wrong use, 3 FILE cannot be read or is none of these, 4 standard output cannot be written\n";

static const char about_replay[] =
    "kerma replay FILE --history N [options]: one history of a run of the scene in FILE again, step by step\n"
    "\n"
    "  --history N   its number, from 0; any that a run could have\n"
    "  --seed S      of the random numbers, instead of FILE's\n"
    "  --json        one JSON object instead of a table\n"
    "\n"
    "A history is a function of scene, seed and number: these are the steps that it had in the run, or would have.\n"
    "\n"
    "Exit codes: 0 done, 1 the scene cannot be run, 2 wrong use, 3 fault in FILE or a file it names,\n"
    "            4 standard output cannot be written, 130 interrupted\n";

static const char about_doctor[] =
    "kerma doctor [options]: says whether this installation works, and what is wrong with it\n"
    "\n"
    "  --json        one JSON object instead of text\n"
    "  --error TEXT  text of an error of itk's that is to be explained\n"
    "\n"
    "Runs a small simulation with 0, 1 and all threads. If the python3 in PATH has the package kerma, it is asked too:\n"
    "for the package itself, NumPy, itk and SimpleITK.\n"
    "\n"
    "Exit codes: 0 all is well, 1 there is trouble, 2 wrong use, 4 standard output cannot be written\n";

static const struct { const char *name, *text; } topics[] = {
    {"run", about_run}, {"check", about_check}, {"info", about_info}, {"replay", about_replay},
    {"doctor", about_doctor},
};

static const char *find_topic(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(topics[i].name, name) == 0) return topics[i].text;
    return NULL;
}

bool app_has_topic(const char *topic)
{
    return find_topic(topic) != NULL;
}

void app_help(const char *topic)
{
    fputs(topic == NULL ? all : find_topic(topic), stdout);
}

void app_usage(void)
{
    fputs("usage: kerma run FILE [--threads T] [--histories N] [--seed S] [--out DIR] [--quiet]\n"
          "       kerma check FILE [--json]\n"
          "       kerma info FILE [--json] [--unit U]\n"
          "       kerma replay FILE --history N [--seed S] [--json]\n"
          "       kerma doctor [--json] [--error TEXT]\n"
          "       kerma help COMMAND | --help | --version\n", stderr);
}
