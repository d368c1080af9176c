/*
 * The built-in CT table: Schneider, Bortfeld, Schlegel, Phys. Med. Biol. 45
 * (2000) 459. Compositions are those of its table 6 (% by mass), densities its
 * equations for the sections of CT numbers; both are what GATE and TOPAS ship
 * under the same name. What is above 1600 HU is not in the paper: there we do
 * what TOPAS (Perl et al., Med. Phys. 39 (2012) 6818) has as its default.
 */
#include "physics/ct_table.h"

#include <string.h>

enum { ELEMENTS = 13, TISSUES = 25, ROWS_MAX = 40 };

static const int z[ELEMENTS] = {1, 6, 7, 8, 11, 12, 15, 16, 17, 18, 19, 20, 22};

static const struct {
    double ct_low; /* HU, up to the next one's */
    const char *name;
    double percent[ELEMENTS];
} tissues[TISSUES] = {
    /*                            H     C     N     O    Na   Mg    P    S    Cl   Ar   K    Ca   Ti */
    {-1000, "Air",               {0,    0,    75.5, 23.2, 0,   0,   0,   0,   0,   1.3, 0,   0,   0}},
    {-950, "Lung",               {10.3, 10.5, 3.1,  74.9, 0.2, 0,   0.2, 0.3, 0.3, 0,   0.2, 0,   0}},
    {-120, "Adipose or gland 1", {11.6, 68.1, 0.2,  19.8, 0.1, 0,   0,   0.1, 0.1, 0,   0,   0,   0}},
    {-82, "Adipose or gland 2",  {11.3, 56.7, 0.9,  30.8, 0.1, 0,   0,   0.1, 0.1, 0,   0,   0,   0}},
    {-52, "Adipose or gland 3",  {11.0, 45.8, 1.5,  41.1, 0.1, 0,   0.1, 0.2, 0.2, 0,   0,   0,   0}},
    {-22, "Adipose or gland 4",  {10.8, 35.6, 2.2,  50.9, 0,   0,   0.1, 0.2, 0.2, 0,   0,   0,   0}},
    {8, "Adipose or gland 5",    {10.6, 28.4, 2.6,  57.8, 0,   0,   0.1, 0.2, 0.2, 0,   0.1, 0,   0}},
    {19, "Soft tissue",          {10.3, 13.4, 3.0,  72.3, 0.2, 0,   0.2, 0.2, 0.2, 0,   0.2, 0,   0}},
    {80, "Connective tissue",    {9.4,  20.7, 6.2,  62.2, 0.6, 0,   0,   0.6, 0.3, 0,   0,   0,   0}},
    {120, "Marrow or bone 1",    {9.5,  45.5, 2.5,  35.5, 0.1, 0,   2.1, 0.1, 0.1, 0,   0.1, 4.5, 0}},
    {200, "Marrow or bone 2",    {8.9,  42.3, 2.7,  36.3, 0.1, 0,   3.0, 0.1, 0.1, 0,   0.1, 6.4, 0}},
    {300, "Marrow or bone 3",    {8.2,  39.1, 2.9,  37.2, 0.1, 0,   3.9, 0.1, 0.1, 0,   0.1, 8.3, 0}},
    {400, "Marrow or bone 4",    {7.6,  36.1, 3.0,  38.0, 0.1, 0.1, 4.7, 0.2, 0.1, 0,   0,   10.1, 0}},
    {500, "Marrow or bone 5",    {7.1,  33.5, 3.2,  38.7, 0.1, 0.1, 5.4, 0.2, 0,   0,   0,   11.7, 0}},
    {600, "Marrow or bone 6",    {6.6,  31.0, 3.3,  39.4, 0.1, 0.1, 6.1, 0.2, 0,   0,   0,   13.2, 0}},
    {700, "Marrow or bone 7",    {6.1,  28.7, 3.5,  40.0, 0.1, 0.1, 6.7, 0.2, 0,   0,   0,   14.6, 0}},
    {800, "Marrow or bone 8",    {5.6,  26.5, 3.6,  40.5, 0.1, 0.2, 7.3, 0.3, 0,   0,   0,   15.9, 0}},
    {900, "Marrow or bone 9",    {5.2,  24.6, 3.7,  41.1, 0.1, 0.2, 7.8, 0.3, 0,   0,   0,   17.0, 0}},
    {1000, "Marrow or bone 10",  {4.9,  22.7, 3.8,  41.6, 0.1, 0.2, 8.3, 0.3, 0,   0,   0,   18.1, 0}},
    {1100, "Marrow or bone 11",  {4.5,  21.0, 3.9,  42.0, 0.1, 0.2, 8.8, 0.3, 0,   0,   0,   19.2, 0}},
    {1200, "Marrow or bone 12",  {4.2,  19.4, 4.0,  42.5, 0.1, 0.2, 9.2, 0.3, 0,   0,   0,   20.1, 0}},
    {1300, "Marrow or bone 13",  {3.9,  17.9, 4.1,  42.9, 0.1, 0.2, 9.6, 0.3, 0,   0,   0,   21.0, 0}},
    {1400, "Marrow or bone 14",  {3.6,  16.5, 4.2,  43.2, 0.1, 0.2, 10.0, 0.3, 0,  0,   0,   21.9, 0}},
    {1500, "Marrow or bone 15",  {3.4,  15.5, 4.2,  43.5, 0.1, 0.2, 10.3, 0.3, 0,  0,   0,   22.5, 0}},
    {2995, "Titanium",           {0,    0,    0,    0,    0,   0,   0,   0,   0,   0,   0,   0,   100}},
};

static const double CT_HIGH = 3072; /* 12-bit scanners end at 3071 HU */

/* Density = offset + slope * HU from ct_low up to the next section's. */
static const struct section { double ct_low, offset, slope; } sections[] = {
    {-1000, 0.93 + 98 * (0.93 - 0.00121) / 902, (0.93 - 0.00121) / 902}, /* air 0.00121 at -1000, 0.93 at -98 */
    {-98, 1.018, 0.893e-3},
    {15, 1.03, 0},
    {23, 1.003, 1.169e-3},
    {101, 1.017, 0.592e-3}, /* the paper's end at 1600 */
    {2001, 2.201 - 2000 * 0.5e-3, 0.5e-3},
    {2995, 4.54, 0},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static double section_density(size_t section, double ct_number)
{
    return sections[section].offset + sections[section].slope * ct_number;
}

kma_status kmi_ct_table_new_builtin(kmi_ct_table **out)
{
    kma_status status = KMA_OK;
    kmi_material *material[TISSUES] = {NULL};
    kmi_ct_row rows[ROWS_MAX];
    size_t n = 0, tissue = 0, section = 0, i, k;
    double low = tissues[0].ct_low;

    *out = NULL;
    for (i = 0; i < TISSUES; i++) {
        double fraction[ELEMENTS];
        double middle = 0.5 * (tissues[i].ct_low + (i + 1 < TISSUES ? tissues[i + 1].ct_low : CT_HIGH));
        for (k = 0; k < ELEMENTS; k++) fraction[k] = tissues[i].percent[k] / 100;
        k = SECTIONS - 1;
        while (sections[k].ct_low > middle) k--;
        KMI_TRY(kmi_material_new_mass_fractions(tissues[i].name, z, fraction, ELEMENTS, section_density(k, middle),
                                                &material[i]));
    }
    /* A row from each border of a tissue or of a section to the next one. */
    while (low < CT_HIGH) {
        double tissue_end = tissue + 1 < TISSUES ? tissues[tissue + 1].ct_low : CT_HIGH;
        double section_end = section + 1 < SECTIONS ? sections[section + 1].ct_low : CT_HIGH;
        double high = tissue_end < section_end ? tissue_end : section_end;

        KMI_ASSERT(n < ROWS_MAX);
        rows[n].ct_low = low;
        rows[n].ct_high = high;
        rows[n].density_low = section_density(section, low);
        rows[n].density_high = section_density(section, high);
        rows[n++].material = material[tissue];
        tissue += tissue_end <= high;
        section += section_end <= high;
        low = high;
    }
    KMI_TRY(kmi_ct_table_new(rows, n, out));
cleanup:
    for (i = 0; i < TISSUES; i++) kmi_material_destroy(material[i]);
    return status;
}
