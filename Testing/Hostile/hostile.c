/* See hostile.h. */
#include "hostile.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

/* ---- memory ---- */

static size_t live, peak;

static void *take(size_t size, void *context)
{
    void *p = malloc(size);

    (void)context;
    if (p == NULL) return NULL;
    live += malloc_usable_size(p);
    if (live > peak) peak = live;
    return p;
}

static void give(void *p, void *context)
{
    (void)context;
    if (p != NULL) live -= malloc_usable_size(p);
    free(p);
}

/* Both blocks count while the old one is copied. */
static void *change(void *old, size_t size, void *context)
{
    void *p = take(size, context);
    size_t have = old == NULL ? 0 : malloc_usable_size(old);

    if (p == NULL) return NULL;
    if (old != NULL) memcpy(p, old, have < size ? have : size);
    give(old, context);
    return p;
}

void hostile_install(void)
{
    static bool installed;

    if (!installed) assert_ok(kma_set_allocator(take, change, give, NULL));
    installed = true;
}

size_t hostile_live(void)
{
    return live;
}

/* ---- files ---- */

void hostile_put_sparse(const char *path, const char *beginning, uint64_t size)
{
    kmt_put_text(path, beginning);
    assert_int_equal(truncate(path, (off_t)size), 0);
}

/* ---- the watch ---- */

static const char *watched = "nothing";
static size_t checked, most, allowed;
static double longest;

/* The processor may be busy with other tests, so work is measured in its own time; what waits, by the clock. */
static void limit_time(int seconds)
{
    struct itimerval work = {{0, 0}, {seconds, 0}};

    if (setitimer(ITIMER_PROF, &work, NULL) != 0) abort();
    alarm(6 * (unsigned)seconds);
}

static void too_slow(int signal)
{
    static const char told[] = ": no answer in time\n";

    (void)signal;
    if (write(STDERR_FILENO, watched, strlen(watched)) < 0 || write(STDERR_FILENO, told, sizeof told - 1) < 0) _exit(98);
    _exit(99);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Bytes that the process printed since hostile_listen. */
static int listener = -1, old_out = -1, old_err = -1;

static void listen_begin(void)
{
    fflush(stdout);
    fflush(stderr);
    if (listener < 0) {
        listener = open(kmt_path("printed"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        old_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
        old_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    }
    if (listener < 0 || old_out < 0 || old_err < 0 || ftruncate(listener, 0) != 0) abort();
    if (dup2(listener, STDOUT_FILENO) < 0 || dup2(listener, STDERR_FILENO) < 0) abort();
}

static off_t listen_end(void)
{
    struct stat s;

    fflush(stdout);
    fflush(stderr);
    if (dup2(old_out, STDOUT_FILENO) < 0 || dup2(old_err, STDERR_FILENO) < 0 || fstat(listener, &s) != 0) abort();
    return s.st_size;
}

void hostile_allow(size_t bytes)
{
    allowed = bytes;
}

void hostile_begin(const char *what)
{
    signal(SIGALRM, too_slow);
    signal(SIGPROF, too_slow);
    watched = what;
    limit_time(HOSTILE_SECONDS);
}

void hostile_end(void)
{
    limit_time(0);
}

size_t hostile_checked(void)
{
    return checked;
}

double hostile_longest(void)
{
    return longest;
}

size_t hostile_most(void)
{
    return most;
}

/* ---- the readers ---- */

const char *hostile_name(hostile_reader reader)
{
    static const char *const names[HOSTILE_READERS] = {"part.stl", "image.mhd", "spectrum.csv", "table.csv", "scene.json"};
    return names[reader];
}

kma_status hostile_read(hostile_reader reader, const char *path)
{
    kma_mesh mesh = {1};
    kma_image image = {1};
    kma_spectrum spectrum = {1};
    kma_ct_table table = {1};
    kma_simulation simulation = {1};
    kma_status status = KMA_ERR_INTERNAL;
    uint64_t left = 1;

    switch (reader) { /* what failed must name nothing; the release of nothing is no error */
    case READ_STL:
        status = kma_mesh_read_stl(path, 1, &mesh);
        left = mesh.bits;
        if (status == KMA_OK) kma_mesh_release(&mesh);
        break;
    case READ_IMAGE:
        status = kma_image_read(path, &image);
        left = image.bits;
        if (status == KMA_OK) kma_image_release(&image);
        break;
    case READ_SPECTRUM:
        status = kma_spectrum_read_csv(path, &spectrum);
        left = spectrum.bits;
        if (status == KMA_OK) kma_spectrum_release(&spectrum);
        break;
    case READ_CT_TABLE:
        status = kma_ct_table_read_csv(path, &table);
        left = table.bits;
        if (status == KMA_OK) kma_ct_table_release(&table);
        break;
    case READ_SCENE:
        status = kma_simulation_read(path, &simulation);
        left = simulation.bits;
        if (status == KMA_OK) kma_simulation_release(&simulation);
        break;
    case HOSTILE_READERS: break;
    }
    if (status != KMA_OK) assert_int_equal(left, 0);
    return status;
}

/* Multiples of the file's size that a reader may take, as documented. */
static const size_t per_byte[HOSTILE_READERS] = {32, 8, 32, 256, 256};

static size_t size_of(const char *path)
{
    struct stat s;

    /* Of a large file nothing may be taken before it is known to be sound, which these files are not. */
    return stat(path, &s) == 0 && S_ISREG(s.st_mode) && s.st_size < 64 << 20 ? (size_t)s.st_size : 0;
}

void hostile_check_path(hostile_reader reader, const char *what, const char *path, const char *told, kma_status status,
                        const char *const words[HOSTILE_WORDS])
{
    static bool ready;
    char text[KMI_ERROR_TEXT_SIZE];
    kma_status got;
    size_t before, limit = HOSTILE_SPARE + allowed + per_byte[reader] * size_of(path), left, i;
    double start;
    int open_before;
    off_t printed;

    if (!ready) { /* zlib's and libpng's memory comes from here as well */
        hostile_install();
        listen_begin(); /* its own descriptors are there from now on */
        listen_end();
        ready = true;
    }
    before = peak = live;
    open_before = kmt_entries("/proc/self/fd");
    hostile_begin(what);
    start = now();
    listen_begin();
    got = hostile_read(reader, path);
    printed = listen_end();
    left = live;
    if (live != before) hostile_read(reader, path); /* handles have a table that grows for good: once, not again */
    hostile_end();
    if (now() - start > longest) longest = now() - start;
    if (peak - before > most) most = peak - before;
    snprintf(text, sizeof text, "%s", kma_error_message());
    checked++;
    allowed = 0;

    assert_true_msg(got == status, "%s: %s: '%s', expected %s", what, kma_status_name(got), text, kma_status_name(status));
    assert_true_msg(strstr(text, told) != NULL, "%s: '%s' does not name %s", what, text, told);
    for (i = 0; i < HOSTILE_WORDS && words[i] != NULL; i++)
        assert_true_msg(strstr(text, words[i]) != NULL, "%s: '%s' lacks '%s'", what, text, words[i]);
    assert_true_msg(kmi_utf8_is_valid(text, strlen(text)) && strpbrk(text, "\n\r\t\033") == NULL, "%s: '%s' is no clean line",
                    what, text);
    assert_true_msg(printed == 0, "%s: it printed %lld bytes", what, (long long)printed);
    assert_true_msg(peak - before <= limit, "%s: it took %zu bytes (at most %zu)", what, peak - before, limit);
    assert_true_msg(live == left, "%s: %zu bytes are left", what, live - left);
    left = (size_t)kmt_entries("/proc/self/fd");
    assert_true_msg(left == (size_t)open_before, "%s: %zu descriptors, %d before", what, left, open_before);
    kmt_assert_no_live_objects();
}

void hostile_check(hostile_reader reader, const hostile_row *row)
{
    const char *path = kmt_path(hostile_name(reader));

    if (row->make != NULL)
        row->make(path);
    else
        kmt_put(path, row->text, row->size > 0 ? row->size : strlen(row->text));
    hostile_check_path(reader, row->what, path, hostile_name(reader), row->status, row->words);
    unlink(path);
}
