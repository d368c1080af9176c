/* Tables of spectra, and with them the reader of all tables of numbers. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file("spectrum.csv", bytes, size);
    kma_spectrum spectrum = {0};
    kma_status status;

    fuzz_begin(size, 32);
    status = kma_spectrum_read_csv(path, &spectrum);
    kma_spectrum_release(&spectrum);
    fuzz_end(status, "spectrum.csv");
    return 0;
}
