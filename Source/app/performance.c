/* performance.json: how long it took, and on what. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app.h"

static void find_model(char *out, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    const char *value;

    snprintf(out, size, "unknown");
    if (file == NULL) return;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "model name", 10) != 0) continue;
        value = strchr(line, ':');
        if (value == NULL) continue;
        value += strspn(value, ": \t");
        line[strcspn(line, "\n")] = '\0';
        snprintf(out, size, "%s", value);
        break;
    }
    fclose(file);
}

int app_processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0) return (int)sysconf(_SC_NPROCESSORS_ONLN);
    return CPU_COUNT(&set);
}

static double peak_memory_mib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024; /* Linux: KiB */
}

static void put_text(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 32 && (unsigned char)*text < 127 && *text != '"' && *text != '\\') fputc(*text, file);
}

static void put(FILE *file, const app_performance *p)
{
    char model[256];

    find_model(model, sizeof model);
    fprintf(file, "{\n  \"kerma_performance\": 1,\n");
    fprintf(file, "  \"histories\": %llu,\n", (unsigned long long)p->histories);
    fprintf(file, "  \"histories_per_s\": %.6g,\n", p->wall > 0 ? (double)p->histories / p->wall : 0);
    fprintf(file, "  \"wall_s\": %.6f,\n  \"cpu_s\": %.6f,\n", p->wall, p->cpu);
    fprintf(file, "  \"startup_s\": %.6f,\n  \"write_s\": %.6f,\n", p->startup, p->write);
    fprintf(file, "  \"threads\": %d,\n  \"workers\": %d,\n", p->threads, p->workers);
    fprintf(file, "  \"peak_memory_mib\": %.1f,\n", peak_memory_mib());
    fprintf(file, "  \"processor\": \"");
    put_text(file, model);
    fprintf(file, "\",\n  \"processors\": %d,\n  \"kerma_version\": \"", app_processors());
    put_text(file, kma_version());
    fprintf(file, "\"\n}\n");
}

bool app_write_performance(const app_performance *self, const char *directory)
{
    char path[PATH_MAX], beside[PATH_MAX];
    FILE *file = NULL;
    int error = 0;

    if (snprintf(path, sizeof path, "%s/performance.json", directory) >= (int)sizeof path ||
        snprintf(beside, sizeof beside, "%s/.performance.json.%ld", directory, (long)getpid()) >= (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return false;
    }
    file = fopen(beside, "w");
    if (file == NULL) return false;
    put(file, self);
    if (ferror(file)) error = EIO;
    if (fclose(file) != 0) error = errno;
    if (error == 0 && rename(beside, path) != 0) error = errno;
    if (error != 0) unlink(beside);
    errno = error;
    return error == 0;
}
