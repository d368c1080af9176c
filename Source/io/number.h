/* Numbers in files: the same in every locale. */
#ifndef KMI_NUMBER_H
#define KMI_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each reads all of text[length], which need not end in '\0', and says whether it is one number.
 * Decimal and scientific notation, nan and inf; no hexadecimal, no blanks. */
bool kmi_number_double(const char *text, size_t length, double *out);
bool kmi_number_integer(const char *text, size_t length, int64_t *out);   /* also false if it does not fit */
bool kmi_number_unsigned(const char *text, size_t length, uint64_t *out);

enum { KMI_SHOWN_SIZE = 68 };
/* text[length] as an error text may show it: shortened, bytes that do not print as \xNN. Returns `out`. */
const char *kmi_shown(const char *text, size_t length, char out[KMI_SHOWN_SIZE]);

#endif
