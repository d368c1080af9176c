/* See float_env.h. By instruction, because glibc's fesetenv merges some bits instead of setting them. */
#include "base/float_env.h"

#include <stddef.h>

/* Intel SDM volume 1, 10.2.3 (MXCSR) and 8.1.5 (x87 control word): the values after a reset or FNINIT. */
#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_FLAGS 0x3fu
#define X87_CONTROL_DEFAULT 0x037fu

static inline void set_mxcsr(uint32_t value)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static inline uint32_t get_mxcsr(void)
{
    uint32_t value;
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value;
}

static _Thread_local const kmi_float_env *host; /* outside of kerma, on this thread */
static _Thread_local bool ours;                 /* this thread is in kerma's own code */

static inline uint16_t get_x87_control(void)
{
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

void kmi_float_env_enter(kmi_float_env *saved)
{
    saved->mxcsr = get_mxcsr();
    __asm__ volatile("fnstenv %0" : "=m"(saved->x87));
    saved->host = host;
    saved->ours = ours;
    if (!ours) host = saved;
    ours = true;
    kmi_float_env_default();
}

void kmi_float_env_leave(const kmi_float_env *saved)
{
    host = saved->host;
    ours = saved->ours;
    __asm__ volatile("fldenv %0" : : "m"(saved->x87));
    set_mxcsr(saved->mxcsr);
}

void kmi_float_env_forget(void)
{
    host = NULL;
    ours = false;
    kmi_float_env_default();
}

/* Called for each step where steps are observed: the x87's instructions for all of its state take 100 ns. */
void kmi_float_env_host_begin(kmi_float_env *frame)
{
    frame->host = host;
    frame->ours = ours;
    if (!ours) return;
    ours = false;
    if ((uint16_t)host->x87[0] != X87_CONTROL_DEFAULT) __asm__ volatile("fldenv %0" : : "m"(host->x87));
    set_mxcsr(host->mxcsr);
}

void kmi_float_env_host_end(const kmi_float_env *frame)
{
    host = frame->host;
    ours = frame->ours;
    if (!ours) return;
    set_mxcsr(MXCSR_DEFAULT);
    if (get_x87_control() != X87_CONTROL_DEFAULT) __asm__ volatile("fninit");
}

void kmi_float_env_default(void)
{
    set_mxcsr(MXCSR_DEFAULT);
    __asm__ volatile("fninit"); /* the x87 stack is empty at every call (ABI), so nothing is lost */
}

bool kmi_float_env_is_default(void)
{
    return get_x87_control() == X87_CONTROL_DEFAULT && (get_mxcsr() & ~MXCSR_FLAGS) == MXCSR_DEFAULT;
}
