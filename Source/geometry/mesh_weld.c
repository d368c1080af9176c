/* See mesh_weld.h. A hash table of open addresses; the result does not depend on the hash. */
#include "geometry/mesh_weld.h"

#include <string.h>

#include "base/memory.h"

static const uint32_t FREE = UINT32_MAX;

static uint64_t hash(const double v[3])
{
    uint64_t bits[3], h = 0;
    int i;
    memcpy(bits, v, sizeof bits);
    for (i = 0; i < 3; i++) { /* the finaliser of SplitMix64 (Steele et al., OOPSLA 2014) */
        h = (h ^ bits[i]) + UINT64_C(0x9e3779b97f4a7c15);
        h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
        h ^= h >> 31;
    }
    return h;
}

kma_status kmi_mesh_weld(const double *vertices, size_t count, const kmi_pulse *pulse, uint32_t *number_out,
                         double (*unique_out)[3], size_t *unique_count_out)
{
    kma_status status = KMA_OK;
    uint32_t *table = NULL;
    size_t room = 16, unique = 0, i, k;

    *unique_count_out = 0;
    while (room < 2 * count) room *= 2;
    table = kmi_alloc_array(room, sizeof *table);
    if (table == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to weld %zu vertices", count));
    memset(table, 0xff, room * sizeof *table);
    for (i = 0; i < count; i++) {
        double v[3] = {vertices[3 * i] + 0.0, vertices[3 * i + 1] + 0.0, vertices[3 * i + 2] + 0.0};
        KMI_TRY(kmi_pulse_beat_at(pulse, i));
        k = hash(v) & (room - 1);
        while (table[k] != FREE && memcmp(unique_out[table[k]], v, sizeof v) != 0) k = (k + 1) & (room - 1);
        if (table[k] == FREE) {
            memcpy(unique_out[unique], v, sizeof v);
            table[k] = (uint32_t)unique++;
        }
        number_out[i] = table[k];
    }
    *unique_count_out = unique;
cleanup:
    kmi_free(table);
    return status;
}
