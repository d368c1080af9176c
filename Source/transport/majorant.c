/* Classes of attenuation, blocks of voxels, and their majorants: see voxels.h. */
#include <math.h>

#include "base/memory.h"
#include "transport/voxels.h"

/* The class of every pair: 0 for the weakest, each class twice as strong as the one below. */
static void sort_pairs(const kmi_voxels *self, const kmi_physics *physics, double energy, uint8_t *class_of)
{
    uint32_t segment = kmi_physics_segment(physics, energy);
    double strongest = 0;
    size_t i;

    for (i = 0; i < self->pair_count; i++)
        strongest = fmax(strongest, kmi_physics_total(physics, self->pairs[i].material, segment, energy) *
                                        (double)self->pairs[i].density);
    for (i = 0; i < self->pair_count; i++) {
        double strength = kmi_physics_total(physics, self->pairs[i].material, segment, energy) *
                          (double)self->pairs[i].density;
        double limit = strongest;
        int class = KMI_CLASSES - 1;
        while (class > 0 && strength <= limit * 0.5) {
            limit *= 0.5;
            class--;
        }
        class_of[i] = (uint8_t)class;
    }
}

static int32_t clamp(int32_t i, int32_t count)
{
    return i < 0 ? 0 : i >= count ? count - 1 : i;
}

/* The highest class within a block and one voxel around it. */
static uint8_t class_of_block(const kmi_voxels *self, const uint8_t *class_of, const int32_t block[3])
{
    int32_t low[3], high[3], x, y, z;
    uint8_t highest = 0;
    int c;

    for (c = 0; c < 3; c++) {
        low[c] = clamp((block[c] << KMI_BLOCK_SHIFT) - 1, self->cells[c]);
        high[c] = clamp((block[c] + 1) << KMI_BLOCK_SHIFT, self->cells[c]);
    }
    for (z = low[2]; z <= high[2]; z++)
        for (y = low[1]; y <= high[1]; y++)
            for (x = low[0]; x <= high[0]; x++) {
                int64_t cell = x + (int64_t)self->cells[0] * (y + (int64_t)self->cells[1] * z);
                uint8_t class = class_of[self->index != NULL ? (int64_t)self->index[cell] : cell];
                if (class > highest) highest = class;
            }
    return highest;
}

enum { PULSE_BLOCKS = 256 }; /* a millisecond of work between two beats */

static kma_status fill_blocks(kmi_voxels *self, const uint8_t *class_of, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    int32_t block[3];
    size_t n = 0;

    for (block[2] = 0; block[2] < self->blocks[2]; block[2]++)
        for (block[1] = 0; block[1] < self->blocks[1]; block[1]++)
            for (block[0] = 0; block[0] < self->blocks[0]; block[0]++) {
                self->block_class[n++] = class_of_block(self, class_of, block);
                if (n % PULSE_BLOCKS == 0) KMI_TRY(kmi_pulse_beat(pulse));
            }
cleanup:
    return status;
}

kma_status kmi_voxels_make_majorants(kmi_voxels *self, const kmi_physics *physics, size_t materials, double energy,
                                     const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    double *densest = kmi_alloc_array(materials, sizeof *densest);
    uint8_t *class_of = kmi_alloc_array(self->pair_count, sizeof *class_of);
    size_t i, blocks = 1;
    int c, class;

    for (c = 0; c < 3; c++) {
        self->blocks[c] = ((self->cells[c] - 1) >> KMI_BLOCK_SHIFT) + 1;
        blocks *= (size_t)self->blocks[c];
    }
    self->segments = kmi_physics_segments(physics);
    self->block_class = kmi_alloc_array(blocks, sizeof *self->block_class);
    self->majorant = kmi_alloc_array(self->segments, KMI_CLASSES * sizeof *self->majorant);
    if (densest == NULL || class_of == NULL || self->block_class == NULL || self->majorant == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the majorants of an image"));
    sort_pairs(self, physics, energy, class_of);
    KMI_TRY(kmi_pulse_beat(pulse));
    KMI_TRY(fill_blocks(self, class_of, pulse));
    /* A class covers all pairs up to it, whatever they do at other energies. */
    for (class = 0; class < KMI_CLASSES; class++) {
        for (i = 0; i < self->pair_count; i++)
            if (class_of[i] == class && self->pairs[i].density > densest[self->pairs[i].material])
                densest[self->pairs[i].material] = self->pairs[i].density;
        KMI_TRY(kmi_physics_majorant(physics, densest, materials, self->majorant + (size_t)class * self->segments,
                                     self->segments));
        KMI_TRY(kmi_pulse_beat(pulse));
    }
cleanup:
    kmi_free(densest);
    kmi_free(class_of);
    return status;
}
