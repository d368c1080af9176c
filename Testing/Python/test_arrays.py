"""Arrays in and out: what is taken, what is refused and how, and queries of many rows."""
import math
import os
import signal
import threading

import numpy as np
from harness import each, refusal

import kerma
import scenes
from kerma import _arrays
from kerma._native import c

N = 3 * _arrays._PIECE + 17  # rows: four pieces, the last one short


def ball(n=60, radius=20.0):
    """A closed mesh like a sphere."""
    theta, phi = np.linspace(0, np.pi, n + 1)[1:-1], np.linspace(0, 2 * np.pi, 2 * n, endpoint=False)
    ring = np.array([(np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)) for t in theta for p in phi])
    vertices = radius * np.vstack([ring, [(0, 0, 1), (0, 0, -1)]])
    m, top = 2 * n, len(ring)
    triangles = [(top, k, (k + 1) % m) for k in range(m)]
    for r in range(n - 2):
        for k in range(m):
            a, b = r * m + k, r * m + (k + 1) % m
            triangles += [(a, a + m, b), (b, a + m, b + m)]
    last = (n - 2) * m
    triangles += [(top + 1, last + (k + 1) % m, last + k) for k in range(m)]
    return kerma.Mesh(vertices, triangles)


def queries(solid, mesh):
    """{name: call(points, directions, threads)} of all there are."""
    return {
        "inside": lambda p, d, t: solid.inside(p, threads=t),
        "distance_to_in": lambda p, d, t: solid.distance_to_in(p, d, threads=t),
        "distance_to_out": lambda p, d, t: solid.distance_to_out(p, d, threads=t),
        "safety_to_in": lambda p, d, t: solid.safety_to_in(p, threads=t),
        "safety_to_out": lambda p, d, t: solid.safety_to_out(p, threads=t),
        "normal": lambda p, d, t: solid.normal(p, threads=t),
        "mesh inside": lambda p, d, t: mesh.inside(p, threads=t),
        "mesh nearest": lambda p, d, t: mesh.nearest(p, threads=t),
        "mesh intersect": lambda p, d, t: mesh.intersect(p, d, threads=t),
    }


def same(a, b):
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return np.asarray(a).tobytes() == np.asarray(b).tobytes() and np.asarray(a).dtype == np.asarray(b).dtype


def rays(n=N):
    rng = np.random.default_rng(3)
    return rng.uniform(-25, 25, (n, 3)), rng.normal(size=(n, 3))


def test_each_query_is_the_same_to_the_bit_for_any_number_of_threads_and_row_by_row():
    mesh = ball(12)
    points, directions = rays()
    for name, call in queries(kerma.Tube(20, 30, inner_radius=5, phi_delta=4.0), mesh).items():
        one = call(points, directions, 1)
        for threads in (2, 5, None):
            assert same(call(points, directions, threads), one), (name, threads)
        for i in (0, 1, _arrays._PIECE - 1, _arrays._PIECE, N - 1):
            row = call(points[i], directions[i], 1)
            whole = tuple(x[i] for x in one) if isinstance(one, tuple) else one[i]
            assert same(np.asarray(row, float), np.asarray(whole, float)), (name, i)


def test_answers_of_queries_are_those_of_c():
    box, mesh = kerma.Box((2, 4, 6)), kerma.Mesh(*scenes.tetrahedron(6.0))
    assert box.distance_to_in((-5, 0, 0), (2, 0, 0)) == 4.0 and box.distance_to_out((0, 0, 0), (0, 0, -1)) == 3.0
    assert box.safety_to_in((0, 0, 5)) == 2.0 and box.safety_to_out((0, 0, 0)) == 1.0
    assert box.distance_to_in((-5, 0, 0), (-1, 0, 0)) == math.inf and box.inside((1, 2, 3)) is True
    assert box.normal((1, 0, 0)).tolist() == [1, 0, 0]
    assert mesh.intersect((1, 1, -1), (0, 0, 1)) == (1.0, 0, False) and mesh.intersect((1, 1, 1), (0, 0, -1)).exits is True
    assert mesh.intersect((9, 9, 9), (0, 0, 1)) == (math.inf, 2**32 - 1, False)
    assert mesh.nearest((1, 1, -2)) == (2.0, 0) and mesh.inside((1, 1, 1)) is True and mesh.inside((9, 9, 9)) is False
    raw = np.empty(2)
    c.kma_solid_distance_to_in(box._c, (np.array([(-5.0, 0, 0), (0, -9, 0)]), np.array([(1.0, 0, 0), (0, 1, 0)]), raw))
    assert raw.tolist() == box.distance_to_in([(-5, 0, 0), (0, -9, 0)], [(1, 0, 0), (0, 1, 0)]).tolist() == [4, 7]


def test_points_of_any_kind_of_array_mean_the_same():
    orb = kerma.Orb(10)
    values = np.array([(1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12)])
    expected = orb.safety_to_in(values.astype(float))
    kinds = {
        "list": values.tolist(), "tuple of tuples": tuple(map(tuple, values.tolist())), "list of arrays": list(values),
        "big-endian": values.astype(">f8"), "float32": values.astype(np.float32), "float16": values.astype(np.float16),
        "longdouble": values.astype(np.longdouble), "int8": values.astype(np.int8), "uint64": values.astype(np.uint64),
        "big-endian int16": values.astype(">i2"), "object": values.astype(object), "Fortran": np.asfortranarray(values),
        "columns": np.ascontiguousarray(values.T).T, "every other": np.repeat(values, 2, axis=0)[::2],
        "part of wider": np.hstack([values, values])[:, :3], "matrix": np.asmatrix(values),
        "unmasked": np.ma.array(values), "masked nowhere": np.ma.array(values, mask=np.zeros(values.shape, bool)),
    }
    kinds["twice reversed"] = values[::-1, ::-1].copy()[::-1, ::-1]
    frozen = values.astype(float)
    frozen.flags.writeable = False
    kinds["read-only"] = frozen
    misaligned = np.frombuffer(b"x" + values.astype(float).tobytes(), np.uint8)[1:].view(np.float64).reshape(values.shape)
    assert not misaligned.flags.aligned
    kinds["misaligned"] = misaligned
    for name, points in kinds.items():
        assert same(orb.safety_to_in(points), expected), name
    assert orb.inside(np.ones((2, 3), bool)).tolist() == [True, True]


def test_rows_are_broadcast_and_none_are_fine():
    box = kerma.Box((2, 2, 2))
    points, one = np.array([(-5.0, 0, 0), (-3, 0, 0), (-2, 0.5, 0)]), (1, 0, 0)
    assert box.distance_to_in(points, one).tolist() == box.distance_to_in(points, [one] * 3).tolist() == [4, 2, 1]
    assert box.distance_to_in(points[0], [(1, 0, 0), (-1, 0, 0)]).tolist() == [4, math.inf]
    assert box.distance_to_in([points[0]], [one] * 2).shape == (2,) and np.ndim(box.distance_to_in(points[0], one)) == 0
    for none in ([], np.empty((0, 3)), np.empty((0, 3), int)):
        assert box.inside(none).shape == (0,) and box.inside(none).dtype == bool
        assert box.normal(none).shape == (0, 3) and box.distance_to_in(none, one).shape == (0,)
        assert box.distance_to_in(none, none).shape == (0,) and ball(3).intersect(none, none).facet.dtype == np.uint32
    assert box.normal([(1, 0, 0)]).shape == (1, 3)


def test_what_is_no_array_of_points_is_refused_by_name():
    orb, mesh = kerma.Orb(10), ball(3)
    bad = {
        "shape": [np.zeros((4, 2)), np.zeros(4), np.zeros((2, 2, 3)), 5.0, None, np.zeros((3, 0))],
        "numbers": [[(1, 2, 3), (4, 5)], "abc", [("1", "2", "3")], {}, np.zeros((2, 3), complex),
                    np.zeros((2, 3), "M8[s]"), np.zeros((2, 3), "m8[s]"), np.zeros(3, "f8,f8"), object()],
        "masked": [np.ma.array(np.zeros((2, 3)), mask=[(0, 0, 0), (0, 1, 0)])],
    }
    for word, arrays in bad.items():
        for array in arrays:
            for call in (orb.inside, orb.normal, mesh.nearest, lambda a: mesh.intersect((0, 0, 0), a)):
                text = refusal(lambda: call(array), kerma.ArgumentError)
                assert word in text and ("points" in text or "directions" in text), (array, text)
    text = refusal(lambda: orb.distance_to_in(np.zeros((4, 3)), np.ones((5, 3))), kerma.ArgumentError)
    assert "4 points" in text and "5 directions" in text
    for threads in (0, -1, 1.5, 2000):
        assert "threads is" in refusal(lambda: orb.inside((0, 0, 0), threads=threads), kerma.ArgumentError)
    assert "threads" in refusal(lambda: orb.inside((0, 0, 0), threads="two"), TypeError)


@each(threads=[1, 4])
def test_an_error_names_the_row_of_the_whole_array(threads):
    orb, mesh = kerma.Orb(10), ball(3)
    for row in (0, 1, _arrays._PIECE, 2 * _arrays._PIECE + 5, N - 1):
        points, directions = np.ones((N, 3)), np.ones((N, 3))
        points[row, 1] = math.nan
        points[N - 1, 2] = math.inf  # a later one says nothing
        text = refusal(lambda: orb.distance_to_in(points, directions, threads=threads), kerma.ArgumentError)
        assert text.startswith(f"points[{row}]["), text
        assert f"points[{row}] " in refusal(lambda: mesh.nearest(points, threads=threads), kerma.ArgumentError)
        assert f"origins[{row}] " in refusal(lambda: mesh.intersect(points, directions, threads=threads), kerma.ArgumentError)
        directions[row] = 0
        points[:] = 1
        text = refusal(lambda: orb.distance_to_out(points, directions, threads=threads), kerma.ArgumentError)
        assert text.startswith(f"directions[{row}] "), text


def test_a_query_uses_a_copy_of_what_it_was_given():
    """A change of the array while the query is under way, which the others of its pieces wait for, changes no piece
    halfway: each was copied before C saw it, and C's rule that numbers are finite holds for what it reads."""
    points, seen = np.ones((N, 3)), []

    def call(arrays):
        before = arrays[0].copy()
        points[:] = math.nan
        assert same(arrays[0], before) and not np.shares_memory(arrays[0], points)
        seen.append(before)
        arrays[1][:] = 1

    out = np.zeros(N)
    _arrays.query(call, (points,), (out,), 1)
    assert len(seen) > 1 and (seen[0] == 1).all() and all(np.isnan(s).all() for s in seen[1:]) and (out == 1).all()


def test_queries_of_many_threads_of_one_object():
    mesh = ball(12)
    solid = kerma.Tessellated(mesh)
    points, directions = rays()
    calls = queries(solid, mesh)
    expected = {name: call(points, directions, 1) for name, call in calls.items()}
    failures = []

    def work(name):
        if not same(calls[name](points, directions, 2), expected[name]):
            failures.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in calls]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures


def test_an_object_closed_during_a_query_answers_it():
    solid = kerma.Tessellated(ball(12))
    points, directions = rays()
    expected = solid.distance_to_in(points, directions, threads=1)
    inside, closed = threading.Event(), threading.Event()
    real = c.kma_solid_distance_to_in

    def call(handle, arrays):
        inside.set()
        closed.wait()
        real(handle, arrays)

    def close():
        inside.wait()
        solid.close()
        closed.set()

    closer = threading.Thread(target=close)
    closer.start()
    out = solid._query(call, points, directions, 3)
    closer.join()
    assert same(out, expected)
    assert "closed" in refusal(lambda: solid.inside(points), kerma.ClosedError)
    assert "closed" in refusal(lambda: solid.inside([]), kerma.ClosedError)


@each(threads=[1, 3])
def test_an_interrupt_ends_a_long_query_behind_its_piece(threads):
    mesh, pieces, mine = ball(3), [], threading.main_thread().ident

    def call(arrays):
        pieces.append(threading.get_ident())
        c.kma_mesh_inside(mesh._c, arrays)
        if threading.get_ident() == mine and pieces.count(mine) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    n = 1000 * _arrays._PIECE
    points = np.broadcast_to(np.zeros(3), (n, 3))
    refusal(lambda: _arrays.query(call, (points,), (np.empty(n, np.uint8),), threads), KeyboardInterrupt)
    assert pieces.count(mine) <= 3 and len(pieces) < 500, len(pieces)


def test_of_several_failures_the_one_of_the_lowest_row_is_raised():
    for _ in range(20):
        barrier = threading.Barrier(3)

        def call(arrays):
            barrier.wait()
            raise RuntimeError(arrays[0][0, 0])

        points = np.arange(3.0 * N).reshape(-1, 3)[: 3 * _arrays._PIECE]
        assert refusal(lambda: _arrays.query(call, (points,), (np.empty(len(points)),), 3), RuntimeError) == "0.0"


def test_a_thread_that_never_begins_keeps_no_query_waiting():
    """As one that finds no memory for its first step: threading.Thread.start() would wait for it for ever."""
    before, asked = _arrays._thread.start_new_thread, []
    points, out = np.arange(3.0 * N).reshape(-1, 3), np.zeros(N)

    def call(arrays):
        arrays[1][:] = arrays[0][:, 0]

    def refuse(*arguments):
        raise RuntimeError("can't start new thread")

    try:
        for start in (lambda *arguments: asked.append(arguments), refuse):
            _arrays._thread.start_new_thread = start
            out[:] = -1
            _arrays.query(call, (points,), (out,), 3)
            assert same(out, points[:, 0])
    finally:
        _arrays._thread.start_new_thread = before
    assert len(asked) == 2
    for function, arguments in asked:  # they begin at last, and find nothing to do
        out[:] = -1
        function(*arguments)
        assert (out == -1).all()


def test_meshes_are_made_of_whole_indices_only():
    vertices, triangles = scenes.tetrahedron()
    made = kerma.Mesh(vertices, triangles)
    for kind in (np.int8, np.uint64, ">i4", np.float64, object):
        assert same(kerma.Mesh(np.asarray(vertices, np.float32), np.array(triangles).astype(kind)).triangles, made.triangles)
    assert same(kerma.Mesh(np.array(vertices, float)[::-1], 3 - np.array(triangles)).volume, made.volume)
    wrong = np.array(triangles, float)
    wrong[0, 0] = 0.5
    for bad in (wrong, wrong * math.nan, np.array(triangles, bool), np.array(triangles) * 1j, "abc", [(0, 1)], None):
        assert "triangles" in refusal(lambda: kerma.Mesh(vertices, bad), kerma.ArgumentError)
    for bad in (-1, 2**32, 2**40):
        some = np.array(triangles)
        some[1, 1] = bad
        assert str(bad) in refusal(lambda: kerma.Mesh(vertices, some), kerma.ArgumentError)
    assert "first: 4 in facet 1" in refusal(lambda: kerma.Mesh(vertices, np.array(triangles) + 1), kerma.MeshError)
    assert "vertices" in refusal(lambda: kerma.Mesh([(0, 0)], triangles), kerma.ArgumentError)
    nan = np.array(vertices, float)
    nan[2, 1] = math.nan
    assert kerma.Mesh.audit(nan, triangles).nonfinite_vertices == 1
    refusal(lambda: kerma.Mesh(nan, triangles), kerma.MeshError)
    refusal(lambda: kerma.Mesh([], []), kerma.MeshError)


def test_meshes_and_images_keep_nothing_of_the_arrays_they_were_made_of():
    vertices, triangles = (np.array(x) for x in scenes.tetrahedron())
    vertices = vertices.astype(float)
    triangles = triangles.astype(np.uint32)
    mesh, before = kerma.Mesh(vertices, triangles), kerma.Mesh(*scenes.tetrahedron()).volume
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    image = kerma.Image(voxels)
    vertices[:], triangles[:], voxels[:] = math.nan, 0, -1
    assert mesh.volume == before and image.array.sum() == 276
    mesh.vertices[:] = 7  # a copy too
    assert mesh.vertices.max() == 10


def test_meshes_are_made_of_arrays_that_nobody_else_can_change():
    """C looks at indices first and uses them then: another thread that writes into them meanwhile must not reach it."""
    vertices, triangles = (np.ascontiguousarray(x, t) for x, t in zip(scenes.tetrahedron(), (np.float64, np.uint32)))
    for name, make in (("kma_mesh_create_arrays", kerma.Mesh), ("kma_mesh_audit_arrays", kerma.Mesh.audit)):
        before, given = getattr(c, name), []
        setattr(c, name, lambda arrays: given.extend(arrays) or before(arrays))
        try:
            make(vertices, triangles)
        finally:
            setattr(c, name, before)
        assert len(given) == 2 and not any(np.shares_memory(a, mine) for a in given for mine in (vertices, triangles)), name


def test_images_of_any_array():
    values = np.arange(24).reshape(2, 3, 4)
    for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
        for array in (values.astype(kind), values.astype(">" + kind), np.asfortranarray(values.astype(kind)),
                      values.astype(kind)[::-1, ::-1, ::-1][::-1, ::-1, ::-1]):
            image = kerma.Image(array)
            assert image.dtype == kind and image.array.dtype == kind and (image.array == values).all()
            assert image.shape == (2, 3, 4) and not image.array.flags.writeable
    assert kerma.Image(values.astype(np.float16)).dtype == np.float32
    assert kerma.Image(values.astype(np.longdouble)).dtype == np.float64
    assert kerma.Image(values > 5).dtype == np.uint8 and kerma.Image(values.astype(object)).dtype == np.float64
    assert kerma.Image(values.tolist()).dtype == np.int64
    negative = values[::-1]
    assert (kerma.Image(negative).array == negative).all()
    assert np.asarray(kerma.Image(values, spacing=np.array([1, 2, 3]))).sum() == values.sum()
    for bad in (values[0], values[None], values * 1j, np.zeros((0, 2, 2)), "abc", None, values.astype("M8[s]"), 7,
                np.ma.array(values, mask=values == 3)):
        assert "image" in refusal(lambda: kerma.Image(bad), kerma.ArgumentError), bad
    for name, bad in (("spacing", (1, 2)), ("spacing", 1), ("spacing", "abc"), ("spacing", (0, 1, 1)),
                      ("spacing", (1, math.nan, 1)), ("origin", (1, 2, 3, 4)), ("origin", (None, 1, 2)),
                      ("direction", np.eye(2)), ("direction", np.ones((3, 3))), ("direction", "abc")):
        assert name in refusal(lambda: kerma.Image(values, **{name: bad}), kerma.ArgumentError), (name, bad)


def test_arrays_of_images_convert_as_numpy_asks():
    image = kerma.Image(np.arange(8, dtype=np.int16).reshape(2, 2, 2))
    assert np.shares_memory(np.asarray(image), image.array)
    assert np.asarray(image, dtype=np.float32).dtype == np.float32 and np.array(image).flags.writeable
    assert image.__array__(np.int16, copy=False).dtype == np.int16
    assert "copy" in refusal(lambda: image.__array__(np.float64, copy=False), ValueError)


def test_vectors_are_three_numbers():
    for good in ((1, 2, 3), [1, 2, 3], np.array([1, 2, 3]), np.array([1, 2, 3], ">f4"), (x for x in (1, 2, 3))):
        assert kerma.Box(good).size == (1.0, 2.0, 3.0)
    for bad in (5, "123", b"123", (1, 2), (1, 2, 3, 4), None, (1, 2, "x"), (1, 2, "3"), (1, 2, 10**400), np.zeros((3, 3)), ((1, 2), 3, 4), (1j, 2, 3)):
        assert "size" in refusal(lambda: kerma.Box(bad), kerma.ArgumentError), bad
    for bad in (0, -1, math.nan, math.inf):
        assert "size" in refusal(lambda: kerma.Box((1, bad, 1)), kerma.ArgumentError)


def test_spectra_are_made_of_lines_of_numbers():
    spectrum = kerma.Spectrum([0.02, 0.05], [1, 3])
    assert spectrum.energies.tolist() == [0.02, 0.05] and spectrum.weights.tolist() == [1, 3] and len(spectrum) == 2
    assert same(kerma.Spectrum(np.array([9, 0.02, 9, 0.05])[1::2], np.array([1, 3], ">i2")).weights, spectrum.weights)
    bins = kerma.Spectrum.histogram(np.array([0.01, 0.02, 0.04], np.float32), (1, 1))
    assert bins.is_histogram and len(bins) == 2 and len(bins.energies) == 3 and bins.max_energy == np.float32(0.04)
    for bad in (([0.02, 0.05], [1]), ([[0.02]], [[1]]), ("ab", [1, 2]), ([0.02, math.nan], [1, 1]), ([0.02, 0.01], [1, 1]),
                ([0.02], [-1]), ([], [])):
        refusal(lambda: kerma.Spectrum(*bad), kerma.ArgumentError)
    refusal(lambda: kerma.Spectrum([0.02, 0.05]), kerma.ArgumentError)
    assert "2 edges make 1 bins" in refusal(lambda: kerma.Spectrum.histogram([1, 2], [1, 2]), kerma.ArgumentError)
