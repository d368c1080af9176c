/*
 * What kerma asks of the system and C11 does not have: a clock, the number of
 * processors, the process. Implemented in os_linux.c.
 */
#ifndef KMI_OS_H
#define KMI_OS_H

#include <stdint.h>
#include <sys/types.h>

/* "For ever", wherever a time limit or a point in time is wanted. */
#define KMI_FOREVER UINT64_MAX

/* Monotonic time since some point in the past, in ns. Never goes back, is not set by anybody. */
uint64_t kmi_clock_ns(void);
/* The same clock in ms, some ms behind but much cheaper. */
uint64_t kmi_clock_coarse_ms(void);
/* The point in time `timeout_ns` from now; KMI_FOREVER stays for ever. */
uint64_t kmi_deadline(uint64_t timeout_ns);
/* What is left until a point in time: 0 when it has passed, KMI_FOREVER if it never comes. */
uint64_t kmi_time_left(uint64_t deadline_ns);

/* How many processors this process may use: affinity and cgroup v2 quota. At least 1. */
int kmi_processors(void);
/* The quota alone, for a tree of control groups at `root` and a list as in /proc/self/cgroup;
 * 0 if there is none. A quota of 1.5 processors counts as 2. */
int kmi_quota_processors(const char *root, const char *groups);

/* getpid() without a system call, right in every child however it was made. */
pid_t kmi_process_id(void);

/* English text of an errno value, whatever the host's locale. Valid for ever, any thread. */
const char *kmi_errno_text(int error);

#endif
