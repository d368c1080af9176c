/* Attacks on kerma/inventory.h, and on the checking of scene files. */
#include "kmt.h"

#include "attack.h"

static int poll(void *context)
{
    return context != NULL;
}

CALL(kma_inventory_create, SLOW)
{
    bool stops = attack_chance(a, 8);
    kma_scene scene = SCENE;
    kma_status status;

    if (stops) a->odd = true;
    kma_set_thread_poll(stops || attack_chance(a, 2) ? poll : NULL, stops ? a->pool : NULL);
    status = kma_inventory_create(scene, NEW(INVENTORY));
    kma_set_thread_poll(NULL, NULL);
    return status;
}

CALL(kma_inventory_retain, 0) { RETAIN(kma_inventory, INVENTORY); }
CALL(kma_inventory_release, 0) { RELEASE(kma_inventory, INVENTORY); }
CALL(kma_inventory_get_info, 0) { return kma_inventory_get_info(INVENTORY, OUT_SIZED(kma_inventory_info)); }

/* An inventory, and an index: there may be none. */
typedef struct drawn { kma_inventory handle; size_t index; } drawn;

static drawn draw(attack *a)
{
    drawn d = {INVENTORY, attack_size(a, 0)};

    a->odd = true;
    return d;
}

CALL(kma_inventory_get_fault, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_fault(d.handle, d.index, OUT_SIZED(kma_inventory_fault));
}

CALL(kma_inventory_get_volume, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_volume(d.handle, d.index, OUT_SIZED(kma_inventory_volume));
}

CALL(kma_inventory_get_placement, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_placement(d.handle, d.index, OUT_SIZED(kma_inventory_placement));
}

CALL(kma_inventory_get_material, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_material(d.handle, d.index, OUT_SIZED(kma_inventory_material));
}

CALL(kma_inventory_get_image, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_image(d.handle, d.index, OUT_SIZED(kma_inventory_image));
}

CALL(kma_inventory_get_source, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_source(d.handle, d.index, OUT_SIZED(kma_inventory_source));
}

CALL(kma_inventory_get_scorer, 0)
{
    drawn d = draw(a);
    return kma_inventory_get_scorer(d.handle, d.index, OUT_SIZED(kma_inventory_scorer));
}

CALL(kma_inventory_get_image_material, 0)
{
    kma_inventory inventory = INVENTORY;
    size_t image = attack_size(a, 0), index = attack_size(a, 0);

    a->odd = true;
    return kma_inventory_get_image_material(inventory, image, index, OUT_SIZED(kma_inventory_image_material));
}

CALL(kma_mass_method_name, 0)
{
    assert_non_null(kma_mass_method_name((kma_mass_method)attack_choice(a, 3)));
    return KMA_OK;
}

CALL(kma_element_symbol, 0)
{
    assert_non_null(kma_element_symbol(attack_choice(a, 82)));
    return KMA_OK;
}

static void hear(kma_status status, const char *text, void *context)
{
    (void)context;
    assert_true(status != KMA_OK && text[0] != '\0');
}

CALL(kma_simulation_check, SLOW)
{
    kma_fault_fn *fn = attack_chance(a, 8) ? NULL : hear;
    const char *path = attack_path(a, "scene.json");

    if (fn == NULL) a->odd = true;
    return kma_simulation_check(path, fn, NULL, NEW(SIMULATION));
}
