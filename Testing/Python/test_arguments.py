"""Arguments at the seam itself: what the package above would never give is refused there, and nothing is read or written."""
import numpy as np
from harness import raised

import kerma
from kerma._native import c


def box():
    return kerma.Box((10, 10, 10))._c


def refused(kind, call, *arguments):
    return str(raised(kind, call, *arguments))


def distances(*arrays):
    return c.kma_solid_distance_to_in(box(), arrays)


def rays(n=4):
    return np.zeros((n, 3)), np.tile([0.0, 0.0, 1.0], (n, 1)), np.full(n, -1.0)


def test_arrays_of_another_type_are_refused():
    p, d, out = rays()
    for other in (p.astype(np.float32), p.astype(np.int64), p.astype(">f8"), p.astype(complex)):
        assert "array 0 must be contiguous f8" in refused(TypeError, distances, other, d, out)
    assert "array 2" in refused(TypeError, distances, p, d, out.astype(np.float32))


def test_arrays_of_another_shape_are_refused():
    p, d, out = rays()
    for other in (np.zeros((4, 2)), np.zeros((4, 4)), np.zeros(12), np.zeros((1, 4, 3)), np.zeros(())):
        assert "array 0 must be" in refused(TypeError, distances, other, d, out)
    assert "array 2" in refused(TypeError, distances, p, d, np.zeros((4, 1)))


def test_arrays_with_strides_are_refused():
    p, d, out = rays()
    for other in (np.zeros((8, 3))[::2], np.zeros((4, 6))[:, ::2], np.zeros((3, 4)).T, np.zeros((4, 3))[::-1]):
        assert "with strides" in refused(TypeError, distances, other, d, out)
    whole = np.full(8, -1.0)
    assert "with strides" in refused(TypeError, distances, p, d, whole[::2])
    assert (whole == -1).all()


def test_arrays_of_different_numbers_of_rows_are_refused():
    p, d, out = rays()
    for arrays in ((p, d, out[:3]), (p, d[:3], out), (p[:3], d, out)):
        assert "rows" in refused(ValueError, distances, *arrays)
    assert (out == -1).all()
    distances(p, d, out)
    assert (out == 0).all()


def test_arrays_that_are_read_only_are_not_written():
    p, d, out = rays()
    out.setflags(write=False)
    assert "array 2 must be writable" in refused(TypeError, distances, p, d, out)
    assert (out == -1).all()
    p.setflags(write=False)
    distances(p, d, np.zeros(4))


def test_what_is_no_array_is_refused():
    p, d, out = rays()
    for other in (None, 1, "x", [[0, 0, 0]] * 4, object(), memoryview(p)):
        refused((TypeError, AttributeError), distances, other, d, out)
    assert "more arrays" in refused(TypeError, distances, p, d)
    assert "3 arrays are needed" in refused(TypeError, distances, p, d, out, out)
    refused(TypeError, c.kma_solid_distance_to_in, box(), [p, d, out])

    class Odd:
        def __init__(self, **interface):
            self.__array_interface__ = {"typestr": "<f8", "shape": (4, 3), "data": (p.ctypes.data, False), **interface}

    for wrong in ({"shape": 4}, {"shape": (-4, 3)}, {"shape": (1,) * 9}, {"data": p.ctypes.data}, {"data": None},
                  {"typestr": 8}, {"shape": ("4", 3)}, {"data": ("x", False)}):
        refused((TypeError, ValueError), distances, Odd(**wrong), d, out)
    distances(Odd(), d, out)


def test_an_image_has_the_values_that_its_geometry_asks_for():
    for array in (np.zeros((2, 3, 4)), np.zeros((4, 3, 2))[:, :, ::-1], np.zeros((4, 3, 2), complex), np.zeros(24, ">f8"), None):
        refused((TypeError, ValueError), c.kma_image_create, ({"count": (2, 3, 5)}, array))
    c.kma_image_create(({"count": (2, 3, 4)}, np.zeros((4, 3, 2))))


def test_texts_with_a_null_character_are_refused():
    assert "null character" in refused(ValueError, c.kma_material_create_nist, "Water, Liquid\0x")
    assert "null character" in refused(ValueError, c.kma_mesh_read_stl, b"a\0b", 1.0)
    assert "null character" in refused(ValueError, kerma.Volume, "a\0b", kerma.Box((1, 1, 1)))
    refused(TypeError, c.kma_material_create_nist, 5)


def test_numbers_that_do_not_fit_a_member_are_refused():
    sim = kerma.Simulation(kerma.Volume("world", kerma.Box((1, 1, 1))), threads=0)
    scene = sim._the_scene()
    for options in ({"threads": 1 << 32}, {"threads": -(1 << 31) - 1}, {"seed": 1 << 64}, {"seed": -1},
                    {"stall_descriptor": 1 << 31}):
        refused(OverflowError, c.kmp_run_manager_create, scene, options)
    assert "kma_run_options has no member 'thread'" in refused(TypeError, c.kmp_run_manager_create, scene, {"thread": 1})
    refused(TypeError, c.kmp_run_manager_create, scene, [("threads", 0)])
    refused(TypeError, c.kmp_run_manager_create, scene, {"threads": "2"})


def test_a_handle_of_another_kind_is_refused():
    mesh = c.kma_mesh_builder_create()
    for other in (mesh, None, 0, object(), "x"):
        refused((TypeError, ValueError), c.kma_solid_get_volume, other)
    refused(TypeError, c.kma_volume_create, "v", box(), box())
