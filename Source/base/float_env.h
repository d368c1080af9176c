/*
 * The floating-point environment: results must not depend on the host's
 * rounding direction, flush-to-zero bits or unmasked exceptions, and the host
 * must find them as they were. A new thread inherits its creator's.
 *
 * The compiler does not know that arithmetic depends on the environment and
 * may move it past these calls: compute in another function than the one that
 * calls them.
 */
#ifndef KMI_FLOAT_ENV_H
#define KMI_FLOAT_ENV_H

#include <stdbool.h>
#include <stdint.h>

typedef struct kmi_float_env {
    uint32_t mxcsr;   /* SSE: control and flags */
    uint32_t x87[7];  /* as fnstenv stores it: long double, and libc's idea of the rounding direction */
    const struct kmi_float_env *host; /* what user code on this thread found outside */
    bool ours;                        /* outside was kerma already */
} kmi_float_env;

/* Keeps the environment in *saved and makes the default one: to nearest, no
 * flushing of small numbers, all exceptions masked, no flags raised. */
void kmi_float_env_enter(kmi_float_env *saved);
/* Makes it again exactly what it was, flags included. Inner ones first. */
void kmi_float_env_leave(const kmi_float_env *saved);
/* The default environment, for good: after user code ran. */
void kmi_float_env_default(void);
/* Rounding, flushing and masks are the default ones; flags do not count. */
bool kmi_float_env_is_default(void);

/* User code ended this thread (pthread_exit) inside of enters that will not leave: the default environment for the rest. */
void kmi_float_env_forget(void);

/*
 * Around user code that is called from inside: it finds the settings of its thread, that is what they were when the
 * outermost kmi_float_env_enter() of this thread met them (for a thread of ours, those of the thread that made it). What
 * it changes counts until it returns. Without an enter outside, nothing is changed.
 */
void kmi_float_env_host_begin(kmi_float_env *frame);
void kmi_float_env_host_end(const kmi_float_env *frame);

/*
 * First in a public function that computes, copies or compares numbers, or calls user code: the default environment until
 * it returns, by whatever way. A comparison with a nan raises an exception, too, that a host may have unmasked.
 */
#define KMI_FLOATS                                                                          \
    kmi_float_env host_floats __attribute__((cleanup(kmi_float_env_leave)));                \
    kmi_float_env_enter(&host_floats)

#endif
