/* UTF-8 (RFC 3629), and texts that may be shown to people whatever was in the file they speak of. */
#ifndef KMI_UTF8_H
#define KMI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that begins at text[0] (of size > 0): 1..4, or 0 if it is no UTF-8: no overlong forms, no
 * surrogates, nothing above U+10FFFF. */
size_t kmi_utf8_length(const char *text, size_t size);

/* Whether all of text[size] is UTF-8. */
bool kmi_utf8_is_valid(const char *text, size_t size);

/*
 * Makes `text` one line of UTF-8 that a terminal shows and does not obey: line ends and tabs become blanks, other
 * control characters and bytes that are no UTF-8 (also a character that was cut at the end) question marks. The
 * length in bytes stays.
 */
void kmi_utf8_clean(char *text);

#endif
