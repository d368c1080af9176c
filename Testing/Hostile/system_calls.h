/*
 * System calls that fail on demand. The linker puts the functions of system_calls.c in the place of the C library's
 * in one test program (CMakeLists.txt lists them): each counts, and the n-th fails or does less than it was asked.
 */
#ifndef KMT_SYSTEM_CALLS_H
#define KMT_SYSTEM_CALLS_H

#include <stdbool.h>
#include <stddef.h>

/* All that file.c, file_writer.c, file_batch.c, write.c, scene_write.c and kmi_process_id use. */
#define SYSTEM_CALLS(X)                                                        \
    X(open) X(openat) X(stat) X(lstat) X(fstat) X(fstatat) X(realpath) X(faccessat) X(pread) X(write) X(pwrite) X(fsync) \
    X(close) X(renameat) X(unlinkat) X(linkat) X(fchmod) X(mkdir) X(posix_fadvise)

#define CALL_ENUM(name) CALL_##name,
typedef enum system_call { SYSTEM_CALLS(CALL_ENUM) CALLS } system_call;
#undef CALL_ENUM

const char *call_name(system_call call);

typedef enum call_fault {
    CALL_FAILS,    /* with `error`, doing nothing */
    CALL_DOES_LESS /* pread, write, pwrite: a byte, if asked for more */
} call_fault;

/* The n-th call of this kind from now on (1 = the next) has the fault; all after it too if `for_good`. */
void call_arm(system_call call, long n, call_fault fault, int error, bool for_good);
void call_disarm(void);
/* Calls of this kind since the last arming or disarming; and whether one had the fault. */
long call_count(system_call call);
bool call_happened(void);

#endif
