/* See print.h. */
#include "base/print.h"

#include <locale.h>
#include <stdio.h>

#include "base/float_env.h"

int kmi_print_list(char *out, size_t size, const char *format, va_list arguments)
{
    KMI_FLOATS;
    /* Of this thread alone, and only until the next line but one; glibc's "C" is static, nothing is to be freed. */
    locale_t host = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
    int length = vsnprintf(out, size, format, arguments);

    uselocale(host);
    return length;
}

int kmi_print(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = kmi_print_list(out, size, format, arguments);
    va_end(arguments);
    return length;
}
