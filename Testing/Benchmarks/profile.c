/* See profile.h. Reads the program's own symbols with nm(1). */
#include "profile.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { SAMPLES_MAX = 1 << 20, SYMBOLS_MAX = 1 << 16 };

static uintptr_t samples[SAMPLES_MAX];
static volatile sig_atomic_t sample_count;

typedef struct symbol {
    uintptr_t address;
    char name[64];
} symbol;
static symbol symbols[SYMBOLS_MAX];
static size_t symbol_count;

static void on_tick(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    if (sample_count < SAMPLES_MAX)
        samples[sample_count++] = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

void kmt_profile_start(void)
{
    struct sigaction action;
    struct itimerval timer = {{0, 1000}, {0, 1000}};

    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_tick;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(SIGPROF, &action, NULL);
    sample_count = 0;
    setitimer(ITIMER_PROF, &timer, NULL);
}

/* Where the program was loaded (0 if it is not position independent). */
static uintptr_t load_address(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long first = 0;
    if (maps == NULL || fscanf(maps, "%lx", &first) != 1) first = 0;
    if (maps != NULL) fclose(maps);
    return first;
}

static void read_symbols(void)
{
    char command[128], line[512];
    uintptr_t base = load_address();
    FILE *nm;

    snprintf(command, sizeof command, "nm -n --defined-only /proc/%ld/exe 2>/dev/null", (long)getpid());
    nm = popen(command, "r");
    if (nm == NULL) return;
    while (symbol_count < SYMBOLS_MAX && fgets(line, sizeof line, nm) != NULL) {
        unsigned long address;
        char type, name[256];
        if (sscanf(line, "%lx %c %255s", &address, &type, name) != 3 || strchr("tTwW", type) == NULL) continue;
        symbols[symbol_count].address = address < base ? address + base : address;
        snprintf(symbols[symbol_count].name, sizeof symbols[symbol_count].name, "%.63s", name);
        symbol_count++;
    }
    pclose(nm);
}

static const char *name_at(uintptr_t address)
{
    size_t low = 0, high = symbol_count;

    if (symbol_count == 0 || address < symbols[0].address) return "?";
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (symbols[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    return address - symbols[low].address < 1 << 20 ? symbols[low].name : "libraries and system";
}

static const struct { const char *part, *prefix; } parts[] = {
    {"random numbers", "kmi_rng"},     {"random numbers", "philox"},     {"elementary functions", "kmi_log"},
    {"elementary functions", "kmi_sin"}, {"elementary functions", "kmi_exp"}, {"physics", "kmi_physics"},
    {"physics", "sample"},             {"scoring", "kmi_scor"},          {"committing", "kmi_tally"},
    {"committing", "commit"},          {"committing", "apply"},          {"emission", "kmi_source"},
    {"emission", "emit"},              {"navigation", "kmi_navigator"},  {"navigation", "kmi_solid"},
    {"navigation", "kmi_mesh"},        {"navigation", "exit_of"},        {"navigation", "entry_of"},
    {"navigation", "nearest"},         {"navigation", "kmi_flight"},     {"transport loop, with what is inlined", "fly"},
    {"transport loop, with what is inlined", "follow"}, {"transport loop, with what is inlined", "collide"},
    {"transport loop, with what is inlined", "kmi_transporter"}, {"run", "kmi_worker"}, {"run", "run_history"},
};

static const char *part_of(const char *name)
{
    size_t i;
    for (i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strncmp(name, parts[i].prefix, strlen(parts[i].prefix)) == 0) return parts[i].part;
    return name;
}

typedef struct share { const char *part; int count; } share;

static int larger_first(const void *a, const void *b)
{
    return ((const share *)b)->count - ((const share *)a)->count;
}

void kmt_profile_stop_and_print(void)
{
    struct itimerval off = {{0, 0}, {0, 0}};
    static share shares[4096];
    size_t count = 0, i;
    int k, n = sample_count;

    setitimer(ITIMER_PROF, &off, NULL);
    signal(SIGPROF, SIG_IGN);
    if (symbol_count == 0) read_symbols();
    for (k = 0; k < n; k++) {
        const char *part = part_of(name_at(samples[k]));
        for (i = 0; i < count && strcmp(shares[i].part, part) != 0; i++) continue;
        if (i == count && count < sizeof shares / sizeof *shares) shares[count++].part = part;
        if (i < count) shares[i].count++;
    }
    qsort(shares, count, sizeof *shares, larger_first);
    for (i = 0; i < count && shares[i].count * 200 >= n; i++)
        printf("    %5.1f %%  %s\n", 100.0 * shares[i].count / n, shares[i].part);
}
