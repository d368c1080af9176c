/*
 * The one file that knows jsmn (libjsmn-dev, one header). It allocates nothing and calls nothing, so it cannot
 * touch the process; when it runs out of room for tokens it goes on where it stopped.
 */
#include "simulation/json_tokens.h"

#include <string.h>

#define JSMN_STATIC
#define JSMN_PARENT_LINKS /* without them it looks for parents in time that grows with the square of the text */
#include <jsmn.h>

#include "base/memory.h"

static kma_status grow(jsmntok_t **tokens, unsigned *room)
{
    unsigned more = *room == 0 ? 256 : 2 * *room;
    jsmntok_t *bigger = kmi_realloc(*tokens, more * sizeof **tokens);

    if (bigger == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for %u JSON values", more);
    *tokens = bigger;
    *room = more;
    return KMA_OK;
}

kma_status kmi_json_tokenize(const char *text, size_t size, size_t limit, kmi_json_tokens *out)
{
    kma_status status = KMA_OK;
    jsmn_parser parser;
    jsmntok_t *tokens = NULL;
    unsigned room = 0, i;
    int found = JSMN_ERROR_NOMEM;

    memset(out, 0, sizeof *out);
    jsmn_init(&parser);
    while (found == JSMN_ERROR_NOMEM) {
        KMI_TRY(grow(&tokens, &room));
        found = jsmn_parse(&parser, text, size, tokens, room);
        if (parser.toknext > limit)
            KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "more than %zu values (put large tables into files of their own)", limit));
    }
    out->begins = kmi_alloc_array(parser.toknext + 1, sizeof *out->begins);
    if (out->begins == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %u JSON values", parser.toknext));
    for (i = 0; i < parser.toknext; i++) {
        const jsmntok_t *t = &tokens[i];
        out->begins[i] = (size_t)t->start - (t->type == JSMN_STRING ? 1 : 0);
        if (t->type == JSMN_STRING) out->texts += (size_t)(t->end - t->start) + 1;
    }
    out->count = parser.toknext;
cleanup:
    kmi_free(tokens);
    if (status != KMA_OK) kmi_json_tokens_clear(out);
    return status;
}

void kmi_json_tokens_clear(kmi_json_tokens *self)
{
    kmi_free(self->begins);
    memset(self, 0, sizeof *self);
}
