/* See system_calls.h. */
#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long counts[CALLS], armed_at;
static system_call armed = CALLS;
static call_fault armed_fault;
static int armed_error;
static bool armed_for_good, happened;

const char *call_name(system_call call)
{
#define CALL_TEXT(name) #name,
    static const char *const names[CALLS] = {SYSTEM_CALLS(CALL_TEXT)};
#undef CALL_TEXT
    return call < CALLS ? names[call] : "?";
}

void call_arm(system_call call, long n, call_fault fault, int error, bool for_good)
{
    call_disarm();
    armed = call;
    armed_at = n;
    armed_fault = fault;
    armed_error = error;
    armed_for_good = for_good;
}

void call_disarm(void)
{
    memset(counts, 0, sizeof counts);
    armed = CALLS;
    happened = false;
}

long call_count(system_call call)
{
    return counts[call];
}

bool call_happened(void)
{
    return happened;
}

static bool hit(system_call call)
{
    long n = ++counts[call];

    if (call != armed || (armed_for_good ? n < armed_at : n != armed_at)) return false;
    happened = true;
    return true;
}

static bool fails(system_call call)
{
    if (!hit(call) || armed_fault != CALL_FAILS) return false;
    errno = armed_error;
    return true;
}

/* How much of `size` this call may do; -1: it fails. */
static ssize_t room(system_call call, size_t size)
{
    if (!hit(call)) return (ssize_t)size;
    if (armed_fault == CALL_DOES_LESS) return size > 1 ? 1 : (ssize_t)size;
    errno = armed_error;
    return -1;
}

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode = 0;

    va_start(arguments, flags);
    if (flags & O_CREAT) mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return fails(CALL_open) ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int directory, const char *path, int flags, mode_t mode);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode = 0;

    va_start(arguments, flags);
    if (flags & O_CREAT) mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return fails(CALL_openat) ? -1 : __real_openat(directory, path, flags, mode);
}

ssize_t __real_pread(int file, void *bytes, size_t size, off_t at);
ssize_t __wrap_pread(int file, void *bytes, size_t size, off_t at);
ssize_t __wrap_pread(int file, void *bytes, size_t size, off_t at)
{
    ssize_t n = room(CALL_pread, size);
    return n < 0 ? -1 : __real_pread(file, bytes, (size_t)n, at);
}

ssize_t __real_write(int file, const void *bytes, size_t size);
ssize_t __wrap_write(int file, const void *bytes, size_t size);
ssize_t __wrap_write(int file, const void *bytes, size_t size)
{
    ssize_t n = room(CALL_write, size);
    return n < 0 ? -1 : __real_write(file, bytes, (size_t)n);
}

ssize_t __real_pwrite(int file, const void *bytes, size_t size, off_t at);
ssize_t __wrap_pwrite(int file, const void *bytes, size_t size, off_t at);
ssize_t __wrap_pwrite(int file, const void *bytes, size_t size, off_t at)
{
    ssize_t n = room(CALL_pwrite, size);
    return n < 0 ? -1 : __real_pwrite(file, bytes, (size_t)n, at);
}

/* The descriptor is gone also where close fails: so is it on Linux. */
int __real_close(int file);
int __wrap_close(int file);
int __wrap_close(int file)
{
    bool failing = fails(CALL_close);
    int error = errno, result = __real_close(file);

    if (!failing) return result;
    errno = error;
    return -1;
}

/* What is lost when the power goes is not looked at here, and waiting for the disk would take minutes. */
int __wrap_fsync(int file);
int __wrap_fsync(int file)
{
    (void)file;
    return fails(CALL_fsync) ? -1 : 0;
}

char *__real_realpath(const char *path, char *out);
char *__wrap_realpath(const char *path, char *out);
char *__wrap_realpath(const char *path, char *out)
{
    return fails(CALL_realpath) ? NULL : __real_realpath(path, out);
}

/* It returns the error. */
int __real_posix_fadvise(int file, off_t at, off_t size, int advice);
int __wrap_posix_fadvise(int file, off_t at, off_t size, int advice);
int __wrap_posix_fadvise(int file, off_t at, off_t size, int advice)
{
    return fails(CALL_posix_fadvise) ? armed_error : __real_posix_fadvise(file, at, size, advice);
}

#define WRAP(name, parameters, arguments)                                      \
    int __real_##name parameters;                                              \
    int __wrap_##name parameters;                                              \
    int __wrap_##name parameters { return fails(CALL_##name) ? -1 : __real_##name arguments; }

WRAP(stat, (const char *path, struct stat *out), (path, out))
WRAP(lstat, (const char *path, struct stat *out), (path, out))
WRAP(fstat, (int file, struct stat *out), (file, out))
WRAP(fstatat, (int directory, const char *path, struct stat *out, int flags), (directory, path, out, flags))
WRAP(faccessat, (int directory, const char *path, int mode, int flags), (directory, path, mode, flags))
WRAP(renameat, (int from, const char *old, int to, const char *fresh), (from, old, to, fresh))
WRAP(unlinkat, (int directory, const char *path, int flags), (directory, path, flags))
WRAP(linkat, (int from, const char *old, int to, const char *fresh, int flags), (from, old, to, fresh, flags))
WRAP(fchmod, (int file, mode_t mode), (file, mode))
WRAP(mkdir, (const char *path, mode_t mode), (path, mode))
