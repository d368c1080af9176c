/*
 * printf into memory, as the "C" locale and the default floating-point environment have it: a host with a decimal comma
 * reads the same texts. (Numbers in files are written with base/text.h.)
 */
#ifndef KMI_PRINT_H
#define KMI_PRINT_H

#include <stdarg.h>
#include <stddef.h>

/* Return what snprintf does. */
int kmi_print(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int kmi_print_list(char *out, size_t size, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));

#endif
