/* What kind of file it is; and what is recognized as no other kind has a text. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file("any.file", bytes, size);
    kma_file_kind kind = KMA_FILE_END;
    kma_status status;

    fuzz_begin(size, 128);
    status = kma_file_recognize(path, &kind);
    if (status == KMA_OK && (kind < 1 || kind >= KMA_FILE_END)) fuzz_refuse("kind %d", (int)kind);
    if (status != KMA_OK && kind != (kma_file_kind)0) fuzz_refuse("a failure with kind %d", (int)kind);
    fuzz_end(status, "any.file");
    return 0;
}
