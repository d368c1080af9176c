/* A host with floating-point settings of its own. */
#ifndef KMT_HOST_H
#define KMT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kmt_host {
    const char *name;
    uint32_t mxcsr;   /* SSE: Intel SDM volume 1, 10.2.3 */
    uint16_t control; /* x87: 8.1.5 */
} kmt_host;

extern const kmt_host kmt_hosts[];
extern const size_t kmt_host_count; /* the first is everybody's */
/* The one whose exceptions kill the process, but for those that any sum raises. */
extern const kmt_host kmt_trapping_host;

void kmt_host_begin(const kmt_host *host);
/* Whether the settings are the host's still; then the default ones are made, for the test itself. */
bool kmt_host_end(const kmt_host *host);
/* Whether they are the host's now, as seen from a callback. */
bool kmt_host_is(const kmt_host *host);
/* What user code may do to them. */
void kmt_host_spoil(void);

#endif
