/* The tokens of a JSON text, as jsmn finds them. They may be wrong where the text is: json.c checks. */
#ifndef KMI_JSON_TOKENS_H
#define KMI_JSON_TOKENS_H

#include <stddef.h>

#include "base/error.h"

typedef struct kmi_json_tokens {
    size_t count;
    size_t *begins; /* [count] rising offsets of objects, arrays, texts (their quote), numbers and words */
    size_t texts;   /* bytes that all texts need at most, each with a final 0 */
} kmi_json_tokens;

/* Finds as many as there are before the first fault that jsmn sees, at most `limit` (KMA_ERR_FORMAT beyond).
 * size <= INT_MAX. */
kma_status kmi_json_tokenize(const char *text, size_t size, size_t limit, kmi_json_tokens *out);
void kmi_json_tokens_clear(kmi_json_tokens *self);

#endif
