#include "kmt.h"

#include "base/handle.h"

static int destroyed;

static void count_destroyed(void *object)
{
    (void)object;
    destroyed++;
}

TEST(a_stale_handle_is_refused_after_its_slot_is_reused)
{
    int object = 0;
    uint64_t first = 0, copy, second = 0;
    void *p = NULL;

    destroyed = 0;
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &first));
    copy = first;
    assert_int_equal(kma_live_objects(KMA_KIND_MESH), 1);
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &first));
    assert_int_equal(first, 0);
    assert_int_equal(destroyed, 1);
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &second));
    assert_int_equal((uint32_t)copy, (uint32_t)second); /* the slot is the same */
    assert_fails(kmi_handle_pin(KMA_KIND_MESH, copy, &p), KMA_ERR_STALE, "mesh was released");
    assert_fails(kmi_handle_release(KMA_KIND_MESH, &copy), KMA_ERR_STALE, "mesh");
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &second));
    kmt_assert_no_live_objects();
}

TEST(a_use_keeps_the_object_alive_after_the_name_died)
{
    int object = 0;
    uint64_t name = 0, copy;
    void *p = NULL;

    destroyed = 0;
    assert_ok(kmi_handle_create(KMA_KIND_SOLID, &object, count_destroyed, &name));
    copy = name;
    assert_ok(kmi_handle_pin(KMA_KIND_SOLID, copy, &p));
    assert_ptr_equal(p, &object);
    assert_ok(kmi_handle_release(KMA_KIND_SOLID, &name));
    assert_int_equal(destroyed, 0);
    assert_fails(kmi_handle_pin(KMA_KIND_SOLID, copy, &p), KMA_ERR_STALE, "solid");
    kmi_handle_unpin(copy);
    assert_int_equal(destroyed, 1);
    kmt_assert_no_live_objects();
}

TEST(null_and_foreign_handles_are_argument_errors)
{
    int object = 0;
    uint64_t name = 0;
    void *p = NULL;

    assert_fails(kmi_handle_pin(KMA_KIND_IMAGE, 0, &p), KMA_ERR_ARGUMENT, "names nothing");
    assert_ok(kmi_handle_create(KMA_KIND_MESH, &object, count_destroyed, &name));
    assert_fails(kmi_handle_pin(KMA_KIND_IMAGE, name, &p), KMA_ERR_ARGUMENT, "this one names a mesh");
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &name));
    assert_ok(kmi_handle_release(KMA_KIND_MESH, &name));
}
