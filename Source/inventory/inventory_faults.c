/*
 * Faults of a scene, one by one. A plan stops at the first; here each source and each scorer is tried by itself,
 * and the plan is then made of what is sound.
 */
#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "inventory/inventory.h"
#include "physics/xrl.h"

static const double STAND_IN_ENERGY = 0.1; /* MeV, of the source of a scene without a sound one */

kma_status kmi_inventory_fault(kmi_inventory *self, kma_status fault)
{
    kma_status status = KMA_OK;
    kma_inventory_fault *f;

    if (fault == KMA_ERR_MEMORY || fault == KMA_ERR_ABORTED || fault == KMA_ERR_INTERNAL)
        return fault; /* not the scene's */
    if (self->info.faults == self->fault_room) {
        size_t room = 2 * self->fault_room + 8;
        f = kmi_realloc(self->faults, room * sizeof *f);
        if (f == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu faults", room));
        self->faults = f;
        self->fault_room = room;
    }
    f = &self->faults[self->info.faults++];
    memset(f, 0, sizeof *f);
    f->size = sizeof *f;
    f->status = fault;
    strncpy(f->text, kma_error_message(), sizeof f->text - 1);
cleanup:
    return status;
}

/* Room for all that the scene has; what is taken is pinned by the scene as long as this lasts. */
static kma_status make_list(kmi_scene_list *list, size_t room)
{
    list->uses = kmi_alloc_array(room + 1, sizeof *list->uses);
    list->room = room + 1;
    return list->uses == NULL ? kmi_fail(KMA_ERR_MEMORY, "no memory for the inventory of a scene") : KMA_OK;
}

/* ---- sources ---- */

static kma_status check_energies(const kmi_spectrum *spectrum, size_t index)
{
    double low = kmi_spectrum_min(spectrum), high = kmi_spectrum_max(spectrum);

    if (low >= KMI_XRL_ENERGY_MIN && high <= KMI_XRL_ENERGY_MAX) return KMA_OK;
    return kmi_fail(KMA_ERR_PHYSICS,
                    "source %zu emits from %g to %g MeV: there are cross-sections from %g to %g MeV only", index, low,
                    high, KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX);
}

/* In place of those at fault, so that the rest can be looked at. */
static kma_status stand_in(kmi_scene *sound)
{
    kma_status status = KMA_OK;
    kma_spectrum spectrum = {0};
    kma_source source = {0};
    kma_source_options options;

    KMI_TRY(kma_spectrum_create_mono(fmax(STAND_IN_ENERGY, sound->cut_energy), &spectrum));
    KMI_TRY(kma_source_options_defaults(&options));
    KMI_TRY(kma_source_create(&options, spectrum, &source));
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOURCE, source.bits, &sound->sources.uses[0].object));
    sound->sources.uses[0].bits = source.bits;
    sound->sources.count = 1;
cleanup:
    kma_source_release(&source);
    kma_spectrum_release(&spectrum);
    return status;
}

kma_status kmi_inventory_sound_sources(kmi_inventory *self, const kmi_scene *scene, kmi_scene *sound)
{
    kma_status status = KMA_OK;
    double energy_max = 0;
    size_t i;

    sound->world = scene->world;
    sound->cut_energy = scene->cut_energy;
    sound->overlap_action = KMA_OVERLAPS_IGNORE; /* kma_scene_check_overlaps() lists them all */
    KMI_TRY(make_list(&sound->sources, scene->sources.count));
    if (scene->sources.count == 0)
        KMI_TRY(kmi_inventory_fault(self, kmi_fail(KMA_ERR_ARGUMENT, "the scene has no source")));
    for (i = 0; i < scene->sources.count; i++) {
        const kmi_spectrum *spectrum = kmi_source_spectrum(scene->sources.uses[i].object);
        status = check_energies(spectrum, i);
        if (status == KMA_OK) {
            kmi_scene_use *use = &sound->sources.uses[sound->sources.count++];
            *use = scene->sources.uses[i];
            kmi_handle_pin_again(use->bits);
            energy_max = fmax(energy_max, kmi_spectrum_max(spectrum));
        } else {
            KMI_TRY(kmi_inventory_fault(self, status));
        }
    }
    if (sound->sources.count > 0 && sound->cut_energy > energy_max) {
        status = kmi_fail(KMA_ERR_ARGUMENT, "the cut energy is %g MeV, above all that the sources emit (to %g MeV)",
                          sound->cut_energy, energy_max);
        KMI_TRY(kmi_inventory_fault(self, status));
        sound->cut_energy = KMI_XRL_ENERGY_MIN;
    }
    if (sound->sources.count == 0) KMI_TRY(stand_in(sound));
cleanup:
    return status;
}

/* ---- scorers ---- */

kma_status kmi_inventory_sound_scorers(kmi_inventory *self, const kmi_scene *scene, const kmi_geometry *geometry,
                                       kmi_scene *sound)
{
    kma_status status = KMA_OK;
    size_t i;

    KMI_TRY(make_list(&sound->scorers, scene->scorers.count));
    for (i = 0; i < scene->scorers.count; i++) {
        const kmi_scorer *scorer = scene->scorers.uses[i].object;
        kmi_scorer_set *alone = NULL;
        status = kmi_scorer_set_new(&scorer, 1, geometry, 1.0, &alone);
        kmi_scorer_set_destroy(alone);
        if (status == KMA_OK) {
            sound->scorers.uses[sound->scorers.count] = scene->scorers.uses[i];
            kmi_handle_pin_again(sound->scorers.uses[sound->scorers.count++].bits);
        } else {
            KMI_TRY(kmi_inventory_fault(self, status));
        }
    }
cleanup:
    return status;
}

void kmi_inventory_clear_sound(kmi_scene *sound)
{
    size_t i;

    for (i = 0; i < sound->sources.count; i++) kmi_handle_unpin(sound->sources.uses[i].bits);
    for (i = 0; i < sound->scorers.count; i++) kmi_handle_unpin(sound->scorers.uses[i].bits);
    kmi_free(sound->sources.uses);
    kmi_free(sound->scorers.uses);
}
