/* The thread-local error text, and the names of the codes. */
#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/print.h"
#include "base/utf8.h"

static _Thread_local char error_text[KMI_ERROR_TEXT_SIZE];

kma_status kmi_fail(kma_status status, const char *format, ...)
{
    char text[KMI_ERROR_TEXT_SIZE]; /* the arguments may contain the old text */
    va_list arguments;

    va_start(arguments, format);
    kmi_print_list(text, sizeof text, format, arguments);
    va_end(arguments);
    kmi_utf8_clean(text);
    memcpy(error_text, text, sizeof text);
    return status;
}

kma_status kmi_fail_prefix(kma_status status, const char *format, ...)
{
    char text[KMI_ERROR_TEXT_SIZE];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = kmi_print_list(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;
    if ((size_t)length < sizeof text) {
        size_t room = sizeof text - (size_t)length;
        size_t have = strlen(error_text);
        if (have >= room) have = room - 1;
        memcpy(text + length, error_text, have);
        text[(size_t)length + have] = '\0';
    }
    kmi_utf8_clean(text);
    memcpy(error_text, text, sizeof text);
    return status;
}

void kmi_error_clear(void)
{
    error_text[0] = '\0';
}

kma_status kmi_fail_again(kma_status status, const char *text)
{
    return kmi_fail(status, "%s", text);
}

const char *kma_error_message(void)
{
    return error_text;
}

const char *kma_status_name(kma_status status)
{
    switch (status) {
#define CASE(name, code, text) case name: return #name;
        KMA_STATUS_LIST(CASE)
#undef CASE
    case KMA_STATUS_END: break;
    }
    return "KMA_ERR_?";
}

const char *kma_status_text(kma_status status)
{
    switch (status) {
#define CASE(name, code, text) case name: return text;
        KMA_STATUS_LIST(CASE)
#undef CASE
    case KMA_STATUS_END: break;
    }
    return "unknown status";
}

const char *kma_version(void)
{
    return KERMA_VERSION_STRING;
}
