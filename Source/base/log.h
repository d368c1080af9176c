/* Records for the host's log sink (kma_set_log_sink). The library itself never prints. */
#ifndef KMI_LOG_H
#define KMI_LOG_H

#include <stdbool.h>

#include "kerma/base.h"

/* Hands one line to the sink, on this thread and with no lock held; cheap if there is none. */
void kmi_log_write(kma_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Somebody listens: worth preparing a costly text. */
bool kmi_log_is_on(void);

#endif
