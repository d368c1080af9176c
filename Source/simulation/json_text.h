/* UTF-8 and the texts of JSON. */
#ifndef KMI_JSON_TEXT_H
#define KMI_JSON_TEXT_H

#include <stddef.h>

/* Bytes of the character that begins at text[0] (of size > 0): 1..4, or 0 if it is no UTF-8 (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF). */
size_t kmi_utf8_length(const char *text, size_t size);

/*
 * Decodes the text that begins at the quote source[0] to `out` (which has room for as many bytes; NULL: only
 * checks), with a final 0. Returns NULL, or what is wrong (static text) with *used its place. On success *used
 * counts its bytes with both quotes and *length those decoded, without the 0.
 */
const char *kmi_json_decode(const char *source, size_t size, char *out, size_t *used, size_t *length);

#endif
