#include "kmt.h"

#include <math.h>

#include <xraylib.h>

#include "physics/element.h"

TEST(symbols_and_weights_agree_with_xraylibs_coarser_list)
{
    int z;

    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++) {
        char *symbol = AtomicNumberToSymbol(z, NULL);
        assert_string_equal(kmi_element_symbol(z), symbol);
        xrlFree(symbol);
        assert_int_equal(kmi_element_from_symbol(kmi_element_symbol(z), strlen(kmi_element_symbol(z))), z);
        assert_int_equal(kmi_element_from_name(kmi_element_name(z)), z);
        /* Its weights are coarse and old; of elements without a stable isotope it lists
         * other ones, and for Tm (69) the weight of Er. */
        assert_near(kmi_element_weight(z), AtomicWeight(z, NULL),
                    z == 43 || z == 61 || z == 69 || z >= 84 ? 5.1 : 0.0035 * kmi_element_weight(z));
    }
}

TEST(weights_rise_but_for_the_four_known_inversions)
{
    int z, inversions = 0;
    for (z = KMI_ELEMENT_FIRST; z < 92; z++) inversions += kmi_element_weight(z + 1) < kmi_element_weight(z);
    assert_int_equal(inversions, 4); /* Ar-K, Co-Ni, Te-I, Th-Pa */
}

TEST(weights_are_iupacs)
{
    /* Pure Appl. Chem. 94 (2022) 573, table 2 (abridged to five figures). */
    assert_near(kmi_element_weight(1), 1.0080, 0);
    assert_near(kmi_element_weight(8), 15.999, 0);
    assert_near(kmi_element_weight(20), 40.078, 0);
    assert_near(kmi_element_weight(53), 126.90, 0);
    assert_near(kmi_element_weight(79), 196.97, 0);
    assert_near(kmi_element_weight(82), 207.2, 0);
}

TEST(what_is_no_element_is_none)
{
    assert_null(kmi_element_symbol(0));
    assert_null(kmi_element_name(99));
    assert_true(kmi_element_weight(-1) == 0 && kmi_element_weight(99) == 0);
    assert_int_equal(kmi_element_from_symbol("Xx", 2), 0);
    assert_int_equal(kmi_element_from_symbol("al", 2), 0);
    assert_int_equal(kmi_element_from_symbol("", 0), 0);
    assert_int_equal(kmi_element_from_name("Unobtainium"), 0);
    assert_int_equal(kmi_element_from_name("caesium"), 55);
}
