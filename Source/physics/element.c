/*
 * The elements. Weights: IUPAC, Standard Atomic Weights 2021, abridged to five
 * figures (Prohaska et al., Pure Appl. Chem. 94 (2022) 573); for elements
 * without one, the mass number of the longest-lived isotope. xraylib's own list
 * is coarser (H is 1.01 there, Tm has the weight of Er), so it is used nowhere.
 */
#include "physics/element.h"

#include <string.h>

#include "base/text.h"

static const struct element {
    char symbol[4];
    const char *name;
    double weight;
} elements[KMI_ELEMENT_LAST] = {
    {"H", "Hydrogen", 1.008},     {"He", "Helium", 4.0026},     {"Li", "Lithium", 6.94},
    {"Be", "Beryllium", 9.0122},  {"B", "Boron", 10.81},        {"C", "Carbon", 12.011},
    {"N", "Nitrogen", 14.007},    {"O", "Oxygen", 15.999},      {"F", "Fluorine", 18.998},
    {"Ne", "Neon", 20.180},       {"Na", "Sodium", 22.990},     {"Mg", "Magnesium", 24.305},
    {"Al", "Aluminum", 26.982},   {"Si", "Silicon", 28.085},    {"P", "Phosphorus", 30.974},
    {"S", "Sulfur", 32.06},       {"Cl", "Chlorine", 35.45},    {"Ar", "Argon", 39.95},
    {"K", "Potassium", 39.098},   {"Ca", "Calcium", 40.078},    {"Sc", "Scandium", 44.956},
    {"Ti", "Titanium", 47.867},   {"V", "Vanadium", 50.942},    {"Cr", "Chromium", 51.996},
    {"Mn", "Manganese", 54.938},  {"Fe", "Iron", 55.845},       {"Co", "Cobalt", 58.933},
    {"Ni", "Nickel", 58.693},     {"Cu", "Copper", 63.546},     {"Zn", "Zinc", 65.38},
    {"Ga", "Gallium", 69.723},    {"Ge", "Germanium", 72.630},  {"As", "Arsenic", 74.922},
    {"Se", "Selenium", 78.971},   {"Br", "Bromine", 79.904},    {"Kr", "Krypton", 83.798},
    {"Rb", "Rubidium", 85.468},   {"Sr", "Strontium", 87.62},   {"Y", "Yttrium", 88.906},
    {"Zr", "Zirconium", 91.224},  {"Nb", "Niobium", 92.906},    {"Mo", "Molybdenum", 95.95},
    {"Tc", "Technetium", 97},     {"Ru", "Ruthenium", 101.07},  {"Rh", "Rhodium", 102.91},
    {"Pd", "Palladium", 106.42},  {"Ag", "Silver", 107.87},     {"Cd", "Cadmium", 112.41},
    {"In", "Indium", 114.82},     {"Sn", "Tin", 118.71},        {"Sb", "Antimony", 121.76},
    {"Te", "Tellurium", 127.60},  {"I", "Iodine", 126.90},      {"Xe", "Xenon", 131.29},
    {"Cs", "Cesium", 132.91},     {"Ba", "Barium", 137.33},     {"La", "Lanthanum", 138.91},
    {"Ce", "Cerium", 140.12},     {"Pr", "Praseodymium", 140.91}, {"Nd", "Neodymium", 144.24},
    {"Pm", "Promethium", 145},    {"Sm", "Samarium", 150.36},   {"Eu", "Europium", 151.96},
    {"Gd", "Gadolinium", 157.25}, {"Tb", "Terbium", 158.93},    {"Dy", "Dysprosium", 162.50},
    {"Ho", "Holmium", 164.93},    {"Er", "Erbium", 167.26},     {"Tm", "Thulium", 168.93},
    {"Yb", "Ytterbium", 173.05},  {"Lu", "Lutetium", 174.97},   {"Hf", "Hafnium", 178.49},
    {"Ta", "Tantalum", 180.95},   {"W", "Tungsten", 183.84},    {"Re", "Rhenium", 186.21},
    {"Os", "Osmium", 190.23},     {"Ir", "Iridium", 192.22},    {"Pt", "Platinum", 195.08},
    {"Au", "Gold", 196.97},       {"Hg", "Mercury", 200.59},    {"Tl", "Thallium", 204.38},
    {"Pb", "Lead", 207.2},        {"Bi", "Bismuth", 208.98},    {"Po", "Polonium", 209},
    {"At", "Astatine", 210},      {"Rn", "Radon", 222},         {"Fr", "Francium", 223},
    {"Ra", "Radium", 226},        {"Ac", "Actinium", 227},      {"Th", "Thorium", 232.04},
    {"Pa", "Protactinium", 231.04}, {"U", "Uranium", 238.03},   {"Np", "Neptunium", 237},
    {"Pu", "Plutonium", 244},     {"Am", "Americium", 243},     {"Cm", "Curium", 247},
    {"Bk", "Berkelium", 247},     {"Cf", "Californium", 251},
};

/* Spellings that are as common as the ones above. */
static const struct {
    const char *name;
    int z;
} other_names[] = {{"Aluminium", 13}, {"Sulphur", 16}, {"Caesium", 55}};

static const struct element *element_at(int z)
{
    return z < KMI_ELEMENT_FIRST || z > KMI_ELEMENT_LAST ? NULL : &elements[z - 1];
}

const char *kmi_element_symbol(int z)
{
    const struct element *e = element_at(z);
    return e == NULL ? NULL : e->symbol;
}

const char *kmi_element_name(int z)
{
    const struct element *e = element_at(z);
    return e == NULL ? NULL : e->name;
}

double kmi_element_weight(int z)
{
    const struct element *e = element_at(z);
    return e == NULL ? 0 : e->weight;
}

int kmi_element_from_symbol(const char *text, size_t length)
{
    int z;
    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++)
        if (strlen(kmi_element_symbol(z)) == length && memcmp(kmi_element_symbol(z), text, length) == 0) return z;
    return 0;
}

int kmi_element_from_name(const char *name)
{
    size_t i;
    int z;

    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++)
        if (kmi_text_is_same_word(name, kmi_element_name(z))) return z;
    for (i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (kmi_text_is_same_word(name, other_names[i].name)) return other_names[i].z;
    return 0;
}
