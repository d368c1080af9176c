/* JSON alone, in memory, and what is read written again: the same tree. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "simulation/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    kmi_json_document *document = NULL;
    size_t line = 0, column = 0;
    kma_status status;
    char *text = malloc(size + 1); /* exactly so large: a byte more read is seen */

    if (text == NULL) return 0;
    if (size > 0) memcpy(text, bytes, size);
    fuzz_begin(size, 128);
    status = kmi_json_parse("text.json", text, size, &document);
    if ((status == KMA_OK) != (document != NULL)) fuzz_refuse("a status and a document that do not fit");
    if (document != NULL) {
        kmi_json_place(document, size, &line, &column);
        if (line < 1 || column < 1 || line > size + 1 || column > size + 1) fuzz_refuse("the end is at %zu:%zu", line, column);
    }
    kmi_json_destroy(document);
    free(text);
    fuzz_end(status, "text.json");
    return 0;
}
