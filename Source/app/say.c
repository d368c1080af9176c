/* What goes to stderr. */
#include <stdarg.h>
#include <stdio.h>

#include "app.h"

void app_say(const char *format, ...)
{
    char text[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "kerma: %s\n", text);
}

/* May be called by several threads at once: one call of stdio for each line. */
static void hear(kma_log_level level, const char *text, void *context)
{
    (void)context;
    if (level == KMA_LOG_WARNING) fprintf(stderr, "kerma: warning: %s\n", text);
    if (level == KMA_LOG_ERROR) fprintf(stderr, "kerma: error: %s\n", text);
}

void app_listen(void)
{
    kma_set_log_sink(hear, NULL);
}
