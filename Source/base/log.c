/* See log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/float_env.h"
#include "base/print.h"
#include "base/thread.h"
#include "base/utf8.h"

static kmi_lock sink_lock = KMI_LOCK_INIT; /* guards sink and sink_context: they change together */
static kma_log_fn *sink;
static void *sink_context;
static atomic_bool has_sink; /* only a hint, to spare the lock */

__attribute__((constructor)) static void keep_over_fork(void)
{
    kmi_lock_keep_over_fork(&sink_lock);
}

kma_status kma_set_log_sink(kma_log_fn *new_sink, void *context)
{
    kmi_lock_take(&sink_lock);
    sink = new_sink;
    sink_context = context;
    atomic_store_explicit(&has_sink, new_sink != NULL, memory_order_relaxed);
    kmi_lock_give(&sink_lock);
    return KMA_OK;
}

bool kmi_log_is_on(void)
{
    return atomic_load_explicit(&has_sink, memory_order_relaxed);
}

void kmi_log_write(kma_log_level level, const char *format, ...)
{
    char text[KMI_ERROR_TEXT_SIZE];
    va_list arguments;
    kma_log_fn *to;
    void *context;
    kmi_float_env frame;

    if (!kmi_log_is_on()) return;
    va_start(arguments, format);
    kmi_print_list(text, sizeof text, format, arguments);
    va_end(arguments);
    kmi_utf8_clean(text);

    kmi_lock_take(&sink_lock);
    to = sink;
    context = sink_context;
    kmi_lock_give(&sink_lock);
    if (to == NULL) return;
    kmi_float_env_host_begin(&frame);
    to(level, text, context);
    kmi_float_env_host_end(&frame);
}
