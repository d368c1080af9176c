/* Scenes, with sound files beside them for those that name some. */
#include <string.h>

#include "fuzz.h"

static void put_text(const char *name, const char *text)
{
    fuzz_file(name, (const uint8_t *)text, strlen(text));
}

static void put_files(void)
{
    put_text("lines.csv", "energy_mev,weight\n0.03,1\n0.08,2\n");
    put_text("table.csv", "ct_low,ct_high,density_low,density_high,material\n-1000,2000,0.5,2,\"Water, Liquid\"\n");
    put_text("screw.stl", "solid\n"
             "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 1 0\nvertex 1 0 0\nendloop\nendfacet\n"
             "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 0 1\nendloop\nendfacet\n"
             "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 0 1\nvertex 0 1 0\nendloop\nendfacet\n"
             "facet normal 0 0 0\nouter loop\nvertex 1 0 0\nvertex 0 1 0\nvertex 0 0 1\nendloop\nendfacet\n"
             "endsolid\n");
    put_text("ct.mha", "NDims = 3\nDimSize = 1 2 2\nElementSpacing = 3 3 3\nElementType = MET_UCHAR\nBinaryData = False\n"
                       "ElementDataFile = LOCAL\n1 2 3 4\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int ready;
    kma_simulation simulation = {0};
    kma_status status;
    const char *path;

    if (!ready) put_files();
    ready = 1;
    path = fuzz_file("scene.json", bytes, size);
    fuzz_begin(size, 256);
    status = kma_simulation_read(path, &simulation);
    kma_simulation_release(&simulation);
    fuzz_end(status, "scene.json");
    return 0;
}
