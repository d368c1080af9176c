/* CT tables. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file("table.csv", bytes, size);
    kma_ct_table table = {0};
    kma_status status;

    fuzz_begin(size, 256); /* a row of a few bytes describes a material */
    status = kma_ct_table_read_csv(path, &table);
    kma_ct_table_release(&table);
    fuzz_end(status, "table.csv");
    return 0;
}
