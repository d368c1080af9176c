/* See host.h. */
#include "host.h"

enum {
    MASKS = 0x1f80, INVALID = 0x0080, DIVIDE = 0x0200, OVERFLOW = 0x0400, FLAGS = 0x3f,
    FTZ = 0x8000, DAZ = 0x0040, DOWN = 0x2000, UP = 0x4000, ZERO = 0x6000
};
enum { X87 = 0x037f, X87_DOWN = 0x0400, X87_UP = 0x0800, X87_ZERO = 0x0c00 };

const kmt_host kmt_hosts[] = {
    {"a host with the default settings", MASKS, X87},
    {"a host that rounds upward", MASKS | UP, X87 | X87_UP},
    {"a host that rounds downward", MASKS | DOWN, X87 | X87_DOWN},
    {"a host that rounds to zero", MASKS | ZERO, X87 | X87_ZERO},
    {"a host that flushes small numbers", MASKS | FTZ | DAZ, X87},
    {"a host with short long doubles", MASKS, 0x007f},
    {"a host that unmasks every exception", 0, 0x0340},
    {"a host with all of it", FTZ | DAZ | UP, 0x0040 | X87_UP},
};
const size_t kmt_host_count = sizeof kmt_hosts / sizeof *kmt_hosts;

const kmt_host kmt_trapping_host = {"a host that unmasks exceptions", (MASKS & ~(INVALID | DIVIDE | OVERFLOW)) | UP,
                                    0x0372 | X87_UP};

static uint32_t get_mxcsr(void)
{
    uint32_t value;
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value;
}

static uint16_t get_control(void)
{
    uint16_t value;
    __asm__ volatile("fnstcw %0" : "=m"(value));
    return value;
}

static void set(uint32_t mxcsr, uint16_t control)
{
    __asm__ volatile("fnclex; fldcw %0" : : "m"(control));
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

void kmt_host_begin(const kmt_host *host)
{
    set(host->mxcsr, host->control);
}

bool kmt_host_is(const kmt_host *host)
{
    return (get_mxcsr() & ~(uint32_t)FLAGS) == host->mxcsr && get_control() == host->control;
}

bool kmt_host_end(const kmt_host *host)
{
    bool same = kmt_host_is(host);

    set(MASKS, X87);
    return same;
}

void kmt_host_spoil(void)
{
    set(MASKS | DOWN | FTZ, X87 | X87_DOWN);
}
