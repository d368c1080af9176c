/* STL, binary and text. The facets' memory is told beside the file's, see Documentation/files-and-limits.md. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file("part.stl", bytes, size);
    kma_mesh mesh = {0};
    kma_status status;

    fuzz_begin(size, 32);
    status = kma_mesh_read_stl(path, 1, &mesh);
    kma_mesh_release(&mesh);
    fuzz_end(status, "part.stl");
    return 0;
}
