/* What a run wrote about itself, read back. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file("summary.json", bytes, size);
    kma_summary summary = {0};
    kma_summary_info info = {.size = sizeof info};
    kma_summary_scorer scorer = {.size = sizeof scorer};
    kma_status status;
    size_t i;

    fuzz_begin(size, 1024); /* a scorer of a few bytes has room for all its values */
    status = kma_summary_read(path, &summary);
    if (status == KMA_OK && kma_summary_get_info(summary, &info) != KMA_OK) fuzz_refuse("no info");
    for (i = 0; i < info.scorers; i++)
        if (kma_summary_get_scorer(summary, i, &scorer) != KMA_OK) fuzz_refuse("no scorer %zu", i);
    kma_summary_release(&summary);
    fuzz_end(status, "summary.json");
    return 0;
}
