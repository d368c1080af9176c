/* Events as Linux event descriptors: see event.h. */
#include "base/event.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"

kma_status kmi_event_open(kmi_event *self)
{
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    self->descriptor = 0;
    if (descriptor < 0)
        return kmi_fail(KMA_ERR_IO, "no event descriptor could be opened: %s (raise ulimit -n)", kmi_errno_text(errno));
    self->descriptor = descriptor + 1;
    return KMA_OK;
}

void kmi_event_close(kmi_event *self)
{
    if (self->descriptor != 0) close(self->descriptor - 1);
    self->descriptor = 0;
}

/* Both below may find the counter full or empty already: then there is nothing to do. */
void kmi_event_set(kmi_event *self)
{
    const uint64_t one = 1;

    while (write(self->descriptor - 1, &one, sizeof one) < 0 && errno == EINTR) continue;
}

void kmi_event_clear(kmi_event *self)
{
    uint64_t count;

    while (read(self->descriptor - 1, &count, sizeof count) < 0 && errno == EINTR) continue;
}

kmi_event_result kmi_event_wait(const kmi_event *self, uint64_t timeout_ns)
{
    const struct timespec a_moment = {0, 1000000};
    struct pollfd wanted = {self->descriptor - 1, POLLIN, 0};
    struct timespec limit = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
    int n = ppoll(&wanted, 1, timeout_ns == KMI_FOREVER ? NULL : &limit, NULL);

    if (n == 0) return KMI_EVENT_TIMEOUT;
    if (n > 0 && (wanted.revents & POLLIN) != 0) return KMI_EVENT_SET;
    /* Out of kernel memory, or closed under us: do not let the caller's loop spin. */
    if (n > 0 || errno != EINTR) nanosleep(&a_moment, NULL);
    return KMI_EVENT_INTERRUPTED;
}
