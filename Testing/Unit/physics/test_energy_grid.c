#include "kmt.h"

#include <math.h>

#include <xraylib.h>

#include "physics/edges.h"
#include "physics/element.h"
#include "physics/energy_grid.h"
#include "physics/xrl.h"

TEST(edges_are_where_the_cross_section_jumps)
{
    size_t count, i;
    const double *edges = kmi_edges(&count);

    assert_true(count > 500 && count < 600);
    for (i = 0; i < count; i++) {
        double jump = 0;
        int z;
        assert_true(i == 0 || edges[i] > edges[i - 1]);
        assert_true(edges[i] == (float)edges[i]);
        for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++)
            jump = fmax(jump, kmi_xrl_photoelectric(z, edges[i] * (1 + KMI_EDGE_APART)) /
                                  kmi_xrl_photoelectric(z, edges[i] * (1 - KMI_EDGE_APART)));
        assert_true(jump > 1.001);
    }
}

TEST(every_k_and_l_edge_that_xraylib_lists_is_near_one_that_was_found)
{
    size_t count, i;
    const double *edges = kmi_edges(&count);
    int z, shell;

    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++)
        for (shell = K_SHELL; shell <= L3_SHELL; shell++) {
            double listed = EdgeEnergy(z, shell, NULL) / 1000, nearest = 1;
            if (listed < 0.00101) continue;
            for (i = 0; i < count; i++) nearest = fmin(nearest, fabs(edges[i] / listed - 1));
            assert_true_msg(nearest < 0.004, "element %d, shell %d at %g MeV: off by %g", z, shell, listed, nearest);
        }
}

TEST(the_grid_rises_and_has_all_keys_and_edges)
{
    const kmi_energy_border *grid = NULL;
    size_t count = 0, edge_count, i, edges_seen = 0, keys_seen = 0;

    assert_ok(kmi_energy_grid_get(&grid, &count));
    kmi_edges(&edge_count);
    assert_true(grid[0].energy <= 0.001 && grid[count - 1].energy == 0.8);
    for (i = 0; i < count; i++) {
        if (i > 0) assert_true(grid[i].energy > grid[i - 1].energy);
        edges_seen += grid[i].edge;
        keys_seen += kmi_energy_lowest_of_key(kmi_energy_key(grid[i].energy)) == grid[i].energy;
        assert_true(kmi_energy_below(grid[i]) <= grid[i].energy && kmi_energy_above(grid[i]) >= grid[i].energy);
        assert_true((kmi_energy_above(grid[i]) > grid[i].energy) == grid[i].edge);
        if (i + 1 < count) assert_true(grid[i + 1].energy / grid[i].energy < 1 + 1.0 / 127);
    }
    assert_true(edges_seen >= edge_count - 5); /* those below 1 keV are not needed */
    assert_true(keys_seen > 1200 && keys_seen <= 1235); /* 9.65 octaves of 128; near an edge there is none */
    print_message("%zu borders, %zu edges\n", count, edges_seen);
}
