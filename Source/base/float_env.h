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
} kmi_float_env;

/* Keeps the environment in *saved and makes the default one: to nearest, no
 * flushing of small numbers, all exceptions masked, no flags raised. */
void kmi_float_env_enter(kmi_float_env *saved);
/* Makes it again exactly what it was, flags included. */
void kmi_float_env_leave(const kmi_float_env *saved);
/* The default environment, for good: at the start of a thread, and after user code ran on it. */
void kmi_float_env_default(void);
/* Rounding, flushing and masks are the default ones; flags do not count. */
bool kmi_float_env_is_default(void);

#endif
