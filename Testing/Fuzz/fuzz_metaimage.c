/*
 * MetaImage: header with data behind it, or header and data file, which are the two sides of a line "====".
 * A deflate stream may become 1032 times as large.
 */
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char line[] = "\n====\n";
    const uint8_t *cut = memmem(bytes, size, line, sizeof line - 1);
    size_t header = cut == NULL ? size : (size_t)(cut - bytes) + 1;
    const uint8_t *data = cut == NULL ? bytes : cut + sizeof line - 1;
    const char *path = fuzz_file("image.mhd", bytes, header);
    kma_image image = {0};
    kma_status status;

    fuzz_file("image.raw", data, cut == NULL ? 0 : size - (size_t)(data - bytes));
    fuzz_begin(size, memmem(bytes, header, "CompressedData", 14) == NULL ? 8 : 2100);
    status = kma_image_read(path, &image);
    kma_image_release(&image);
    fuzz_end(status, "image.mhd");
    return 0;
}
