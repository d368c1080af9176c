/* The texts of JSON. */
#ifndef KMI_JSON_TEXT_H
#define KMI_JSON_TEXT_H

#include <stddef.h>

/*
 * Decodes the text that begins at the quote source[0] to `out` (which has room for as many bytes; NULL: only
 * checks), with a final 0. Returns NULL, or what is wrong (static text) with *used its place. On success *used
 * counts its bytes with both quotes and *length those decoded, without the 0.
 */
const char *kmi_json_decode(const char *source, size_t size, char *out, size_t *used, size_t *length);

#endif
