/* From CT numbers to (material, density) pairs: see voxels.h. */
#include "transport/voxels.h"

#include <string.h>

#include "base/memory.h"

enum { PAIRS_MAX = 65536, SLOTS = 4 * PAIRS_MAX }; /* the hash is at most a quarter full */

typedef struct pair_set {
    kmi_ct_voxel *pairs; /* [PAIRS_MAX] */
    uint32_t *slots;     /* [SLOTS] pair + 1, 0 = empty */
    size_t count;
} pair_set;

static uint32_t hash_of(kmi_ct_voxel v)
{
    uint32_t bits;
    memcpy(&bits, &v.density, sizeof bits);
    bits = (bits ^ (v.material * UINT32_C(0x85ebca6b))) * UINT32_C(0x9e3779b1);
    return (bits ^ (bits >> 15)) & (SLOTS - 1);
}

/* Index of the pair, added if new; -1 if the set is full. */
static int32_t find_pair(pair_set *set, kmi_ct_voxel v)
{
    uint32_t slot = hash_of(v);

    for (;; slot = (slot + 1) & (SLOTS - 1)) {
        uint32_t held = set->slots[slot];
        if (held == 0) break;
        if (set->pairs[held - 1].material == v.material &&
            memcmp(&set->pairs[held - 1].density, &v.density, sizeof v.density) == 0)
            return (int32_t)(held - 1);
    }
    if (set->count == PAIRS_MAX) return -1;
    set->pairs[set->count] = v;
    set->slots[slot] = (uint32_t)++set->count;
    return (int32_t)(set->count - 1);
}

static kmi_ct_voxel convert(const kmi_image *image, const kmi_ct_table *table, uint32_t first_material, size_t cell,
                            int *outside)
{
    kmi_ct_voxel v = kmi_ct_table_convert(table, kmi_image_value(image, cell), outside);
    v.material += first_material;
    return v;
}

enum { PULSE_VOXELS = 1 << 17 }; /* some milliseconds of work between two beats */

/* *fits_out is false if there are too many pairs. */
static kma_status index_voxels(kmi_voxels *self, pair_set *set, const kmi_image *image, const kmi_ct_table *table,
                               uint32_t first_material, const kmi_pulse *pulse, bool *fits_out)
{
    kma_status status = KMA_OK;
    size_t cell;

    *fits_out = false;
    for (cell = 0; cell < self->count; cell++) {
        int outside = 0;
        int32_t pair = find_pair(set, convert(image, table, first_material, cell, &outside));
        if (pair < 0) return KMA_OK;
        self->index[cell] = (uint16_t)pair;
        self->below += outside < 0;
        self->above += outside > 0;
        if (cell % PULSE_VOXELS == 0) KMI_TRY(kmi_pulse_beat(pulse));
    }
    *fits_out = true;
cleanup:
    return status;
}

/* A pair for each voxel. */
static kma_status convert_voxels(kmi_voxels *self, const kmi_image *image, const kmi_ct_table *table,
                                 uint32_t first_material, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    size_t cell;

    kmi_free(self->index);
    self->index = NULL;
    self->below = self->above = 0;
    self->pair_count = self->count;
    self->pairs = kmi_alloc_array(self->count, sizeof *self->pairs);
    if (self->pairs == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu voxels", self->count));
    for (cell = 0; cell < self->count; cell++) {
        int outside = 0;
        self->pairs[cell] = convert(image, table, first_material, cell, &outside);
        self->below += outside < 0;
        self->above += outside > 0;
        if (cell % PULSE_VOXELS == 0) KMI_TRY(kmi_pulse_beat(pulse));
    }
cleanup:
    return status;
}

kma_status kmi_voxels_new(const kmi_image *image, const kmi_ct_table *table, uint32_t first_material,
                          const kmi_pulse *pulse, kmi_voxels **out)
{
    kma_status status = KMA_OK;
    bool fits = false;
    pair_set set = {NULL, NULL, 0};
    kmi_voxels *self = NULL;
    int c;

    *out = NULL;
    self = kmi_alloc(sizeof *self);
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for an image volume"));
    self->count = kmi_grid_cells(kmi_image_grid(image));
    for (c = 0; c < 3; c++) self->cells[c] = (int32_t)kmi_image_grid(image)->count[c];
    self->index = kmi_alloc_array(self->count, sizeof *self->index);
    set.pairs = kmi_alloc_array(PAIRS_MAX, sizeof *set.pairs);
    set.slots = kmi_alloc_array(SLOTS, sizeof *set.slots);
    if (self->index == NULL || set.pairs == NULL || set.slots == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu voxels", self->count));

    KMI_TRY(index_voxels(self, &set, image, table, first_material, pulse, &fits));
    if (fits) {
        self->pair_count = set.count;
        self->pairs = kmi_alloc_array(set.count, sizeof *self->pairs);
        if (self->pairs == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu densities", set.count));
        memcpy(self->pairs, set.pairs, set.count * sizeof *self->pairs);
    } else {
        KMI_TRY(convert_voxels(self, image, table, first_material, pulse));
    }
    *out = self;
    self = NULL;
cleanup:
    kmi_free(set.pairs);
    kmi_free(set.slots);
    kmi_voxels_destroy(self);
    return status;
}

size_t kmi_voxels_bytes(const kmi_voxels *self)
{
    return sizeof *self + (self->index == NULL ? 0 : self->count * sizeof *self->index) +
           self->pair_count * sizeof *self->pairs + (size_t)KMI_CLASSES * self->segments * sizeof *self->majorant +
           (size_t)self->blocks[0] * (size_t)self->blocks[1] * (size_t)self->blocks[2];
}

void kmi_voxels_destroy(kmi_voxels *self)
{
    if (self == NULL) return;
    kmi_free(self->index);
    kmi_free(self->pairs);
    kmi_free(self->block_class);
    kmi_free(self->majorant);
    kmi_free(self);
}
