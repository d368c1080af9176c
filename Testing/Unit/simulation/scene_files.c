/* A scene with one of everything: see scene_files.h. */
#include "scene_files.h"

#include "kmt_file.h"

const char kmt_full_scene[] =
    "{\n"
    "  \"$schema\": \"scene.schema.json\",\n"
    "  \"kerma\": 1, \"title\": \"One of \\u00e9verything\", \"seed\": 18446744073709551615, \"histories\": 2e3,\n"
    "  \"cut_energy\": 0.005,\n"
    "  \"materials\": {\n"
    "    \"water\": {\"nist\": \"Water, Liquid\"},\n"
    "    \"iron\": {\"nist\": \"Fe\"},\n"
    "    \"titanium\": {\"formula\": \"Ti\", \"density\": 4.506},\n"
    "    \"gold\": {\"formula\": \"Au\"},\n"
    "    \"mix\": {\"fractions\": {\"H\": 0.11, \"O\": 0.89}, \"density\": 1.0}\n"
    "  },\n"
    "  \"spectra\": {\n"
    "    \"mono\": {\"energy\": 0.06},\n"
    "    \"lines\": {\"energies\": [0.03, 0.06], \"weights\": [1, 3]},\n"
    "    \"bins\": {\"edges\": [0.03, 0.06, 0.1], \"weights\": [1, 0]},\n"
    "    \"table\": {\"file\": \"lines.csv\"}\n"
    "  },\n"
    "  \"volumes\": {\n"
    "    \"world\": {\"box\": {\"size\": [200, 200, 200]}, \"material\": \"vacuum\"},\n"
    "    \"ball\": {\"orb\": {\"radius\": 10}, \"material\": \"water\"},\n"
    "    \"pipe\": {\"tube\": {\"inner_radius\": 1, \"outer_radius\": 2, \"length\": 10, \"phi_start\": 0.5, \"phi_delta\": 1},\n"
    "             \"material\": \"iron\"},\n"
    "    \"rod\": {\"tube\": {\"outer_radius\": 2, \"length\": 10}, \"material\": \"gold\"},\n"
    "    \"screw\": {\"mesh\": {\"file\": \"screw.stl\", \"unit\": 2}, \"material\": \"titanium\"},\n"
    "    \"block\": {\"box\": {\"size\": [4, 5, 6]}, \"material\": \"mix\"},\n"
    "    \"patient\": {\"image\": {\"file\": \"ct.mha\"}},\n"
    "    \"dog\": {\"image\": {\"file\": \"ct.mha\", \"ct_table\": \"table.csv\"}}\n"
    "  },\n"
    "  \"world\": \"world\",\n"
    "  \"placements\": [\n"
    "    {\"volume\": \"patient\", \"in\": \"world\", \"translation\": [0, 0, 50]},\n"
    "    {\"volume\": \"dog\", \"in\": \"world\", \"translation\": [0, 0, -50], \"rotation\": {\"axis\": [0, 0, 2], \"angle\": 0.5}},\n"
    "    {\"volume\": \"screw\", \"in\": \"patient\", \"translation\": [-1, -1, -1]},\n"
    "    {\"volume\": \"ball\", \"in\": \"world\", \"translation\": [50, 0, 0]},\n"
    "    {\"volume\": \"pipe\", \"in\": \"ball\", \"rotation\": [0, 0, 1, 1, 0, 0, 0, 1, 0]},\n"
    "    {\"volume\": \"rod\", \"in\": \"world\", \"translation\": [-50, 0, 0]},\n"
    "    {\"volume\": \"block\", \"in\": \"world\", \"translation\": [-50, 50, 0]}\n"
    "  ],\n"
    "  \"overlaps\": {\"action\": \"warn\", \"points\": 2000},\n"
    "  \"sources\": [\n"
    "    {\"type\": \"point\", \"position\": [0, 0, 95], \"spectrum\": \"mono\", \"isotropic\": true},\n"
    "    {\"type\": \"point\", \"position\": [0, 0, 95], \"direction\": [0, 0, -1], \"spectrum\": \"lines\",\n"
    "     \"cone\": {\"half_angle\": 0.5}, \"weight\": 2},\n"
    "    {\"type\": \"point\", \"position\": [0, 0, 95], \"direction\": [0, 0, -1], \"spectrum\": \"bins\",\n"
    "     \"field\": {\"size\": [20, 30], \"distance\": 50, \"up\": [1, 0, 0]}},\n"
    "    {\"type\": \"pencil\", \"position\": [0, 0, 95], \"direction\": [0, 0, -1], \"spectrum\": \"table\"},\n"
    "    {\"type\": \"parallel\", \"position\": [0, 0, 95], \"direction\": [0, 0, -1], \"spectrum\": \"mono\", \"size\": [20, 30],\n"
    "     \"up\": [1, 1, 0]},\n"
    "    {\"type\": \"parallel\", \"position\": [0, 0, 95], \"direction\": [0, 0, -1], \"spectrum\": \"mono\", \"radius\": 20}\n"
    "  ],\n"
    "  \"scorers\": {\n"
    "    \"dose\": {\"voxels\": \"patient\"},\n"
    "    \"grid\": {\"grid\": {\"count\": [5, 4, 3], \"spacing\": [10, 10, 10], \"origin\": [-20, -20, -10],\n"
    "                      \"direction\": [0, 1, 0, 1, 0, 0, 0, 0, 1]}},\n"
    "    \"ball/1\": {\"volume\": \"ball\"},\n"
    "    \"xray\": {\"detector\": {\"centre\": [0, 0, -90], \"u\": [1, 0, 0], \"v\": [0, 1, 0], \"pixels\": [6, 5],\n"
    "                          \"pixel_size\": [10, 12], \"absorbs\": false}}\n"
    "  }\n"
    "}\n";

static void put_ct(void)
{
    kma_image_geometry geometry;
    kma_image image = {0};
    int16_t values[4 * 5 * 6];
    size_t i;

    for (i = 0; i < sizeof values / sizeof *values; i++) values[i] = (int16_t)(i % 7 * 50 - 20);
    kma_image_geometry_defaults(&geometry);
    geometry.count[0] = 4;
    geometry.count[1] = 5;
    geometry.count[2] = 6;
    for (i = 0; i < 3; i++) {
        geometry.spacing[i] = 3;
        geometry.origin[i] = -1.5 * ((double)geometry.count[i] - 1);
    }
    assert_ok(kma_image_create(&geometry, KMA_SCALAR_INT16, values, &image));
    assert_ok(kma_image_write(image, kmt_path("ct.mha"), KMA_COMPRESSION_NONE));
    assert_ok(kma_image_release(&image));
}

void kmt_put_files(void)
{
    put_ct();
    kmt_put_text("lines.csv", "energy_mev,weight\n0.03,1\n0.08,2\n");
    kmt_put_text("table.csv", "ct_low,ct_high,density_low,density_high,material\n-1000,2000,0.5,2,\"Water, Liquid\"\n");
    kmt_put_text("screw.stl", "solid\n"
                 "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 1 0\nvertex 1 0 0\nendloop\nendfacet\n"
                 "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 0 1\nendloop\nendfacet\n"
                 "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 0 1\nvertex 0 1 0\nendloop\nendfacet\n"
                 "facet normal 0 0 0\nouter loop\nvertex 1 0 0\nvertex 0 1 0\nvertex 0 0 1\nendloop\nendfacet\n"
                 "endsolid\n");
    kmt_put_text("open.stl", "solid\nfacet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 1 0\nvertex 1 0 0\nendloop\nendfacet\n"
                         "endsolid\n");
    kmt_put_text("bad.csv", "energy_mev,weight\n0.03,1\nx,2\n");
}

const char *kmt_put_scene(const char *text)
{
    return kmt_put_text("scene.json", text);
}

char *kmt_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *out = malloc(strlen(text) + strlen(to) + 1);

    assert_true_msg(at != NULL, "'%s' is not in the scene", from);
    assert_non_null(out);
    memcpy(out, text, (size_t)(at - text));
    strcpy(out + (at - text), to);
    strcat(out, at + strlen(from));
    return out;
}
