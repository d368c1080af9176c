"""The package as people use it: what is there, what it says, and what it says to slips of the pen."""
import gc
import html.parser
import inspect
import math
import pathlib
import re
import sys
import tempfile
import threading

import numpy as np
from harness import Skip, each, refusal

import kerma
import scenes
from kerma import _base, units
from kerma.units import keV


def one_of_each():
    water = kerma.Material("Water, Liquid")
    mesh = kerma.Mesh(*scenes.tetrahedron())
    image = kerma.Image(np.zeros((2, 3, 4), np.int16))
    volume = kerma.Volume("<b>&'\"", kerma.Orb(1), water)
    shown = kerma.Volume("shown", image)
    sim = scenes.box(1, title="<script>alert(1)</script>")
    sim.add_scorer(kerma.GridScorer("<i>", (2, 2, 2), (5, 5, 5)))
    sim.add_scorer(kerma.DetectorScorer("film", (0, 0, 50), (2, 3), (9, 9)))
    result = sim.run(2000)
    return [water, kerma.CTTable(), mesh, kerma.MeshBuilder(), kerma.Box((1, 2, 3)), kerma.Orb(1), kerma.Tube(2, 1),
            kerma.Tessellated(mesh), image, volume, shown, kerma.Spectrum(0.06), kerma.Spectrum([0.1, 0.2], [1, 1]),
            kerma.PointSource(0.06), kerma.PencilSource(0.06), kerma.ParallelSource(0.06, radius=1),
            kerma.PointSource(0.06, half_angle=0.1), kerma.PointSource(0.06, field=(1, 1)),
            kerma.VolumeScorer("volume", volume), kerma.VoxelScorer("voxels", shown), *sim.scorers, sim, result,
            sim.inventory(), *result]


def test_an_attribute_that_does_not_exist_cannot_be_set():
    for thing in one_of_each():
        text = refusal(lambda: setattr(thing, "treads", 4), AttributeError)
        assert "treads" in text, text
    sim = scenes.box(1)
    sim.threads = 2
    assert sim.threads == 2
    refusal(lambda: setattr(sim, "volumes", []), AttributeError)  # what is only told
    refusal(lambda: setattr(sim.progress, "histories", 1), AttributeError)

    class Mine(kerma.Simulation):  # what is derived from it is free to
        pass

    mine = Mine()
    mine.note = "fine"
    sim.close(), mine.close()


def test_what_is_set_before_the_first_run_is_refused_afterwards():
    with scenes.box(1) as sim:
        assert sim.progress.state == "configuring" and repr(sim) and sim.inventory() and sim._repr_html_()
        sim.seed = 2  # looking was no beginning
        assert sim.run(10).seed == 2
        for name, value in (("seed", 3), ("threads", 1)):
            assert name in refusal(lambda: setattr(sim, name, value), kerma.StateError)
        sim.title, sim.cut_energy, sim.overlaps = "t", 0.02, "ignore"
        assert sim.run(10).info.cut_energy == 0.02 and sim.cut_energy == 0.02 and sim.overlaps == "ignore"


def test_values_of_options_are_checked_by_name():
    world = kerma.Volume("w", kerma.Box((1, 1, 1)))
    for name, values in {
        "seed": [-1, 2**64, 1.5, math.nan, math.inf], "threads": [-1, 1025, 0.5], "histories": [0, -5, 1.5, math.inf, 2**64],
        "overlaps": ["no", 1, None, ["warn"]], "overlap_points": [-1, 10**7],
    }.items():
        for value in values:
            text = refusal(lambda: kerma.Simulation(world, **{name: value}), kerma.ArgumentError)
            assert name in text, text
    for name, value in (("seed", "1"), ("threads", "2"), ("histories", None), ("seed", True), ("threads", False)):
        assert name in refusal(lambda: kerma.Simulation(world, **{name: value}), TypeError)
    refusal(lambda: kerma.Simulation(world, 5), TypeError)  # keywords past the first
    refusal(lambda: kerma.Simulation(world, tile="x"), TypeError)
    refusal(lambda: kerma.Simulation(world, cut_energy=5), kerma.ArgumentError)
    assert kerma.Simulation(world, seed=np.uint64(7), threads=np.int8(1), histories=np.float64(1e3)).histories == 1000


@each(threads=[0, 2])
def test_histories_are_whole_numbers_of_any_kind(threads):
    with scenes.box(threads) as sim:
        for number, total in ((1e3, 1000), (np.int64(10), 1010), (np.float32(5), 1015), (0, 1015)):
            assert sim.run(number).histories == total
        for bad in (1.5, -1, math.nan, 2**70):
            assert "histories is" in refusal(lambda: sim.run(bad), kerma.ArgumentError)
            assert "histories is" in refusal(lambda: sim.start(bad), kerma.ArgumentError)
        for bad in ("1000", True, [10], (1,)):
            assert "histories" in refusal(lambda: sim.run(bad), TypeError)
        assert sim.snapshot().histories == 1015
        sim.histories = 85
        sim.start()
        assert sim.wait(60).histories == 1100


def test_what_is_something_else_is_refused_by_name():
    water, orb = kerma.Material("Water, Liquid"), kerma.Orb(1)
    volume = kerma.Volume("v", orb, water)
    sim = kerma.Simulation(volume)
    wrong = {
        "solid must be a kerma.Solid, not Material": lambda: kerma.Volume("v", water),
        "material must be a kerma.Material, not Orb": lambda: kerma.Volume("v", orb, orb),
        "daughter must be a kerma.Volume, not Orb": lambda: volume.place(orb),
        "world must be a kerma.Volume, not str": lambda: kerma.Simulation("world"),
        "source must be a kerma.Source, not Volume": lambda: sim.add_source(volume),
        "scorer must be a kerma.Scorer, not Volume": lambda: sim.add_scorer(volume),
        "mesh must be a kerma.Mesh, not Orb": lambda: kerma.Tessellated(orb),
        "volume must be a kerma.Volume, not Orb": lambda: kerma.VolumeScorer("s", orb),
        "spectrum must be a kerma.Spectrum or an energy in MeV, not 'x'": lambda: kerma.PencilSource("x"),
        "energies must be numbers in MeV, not 'x'": lambda: kerma.Spectrum("x"),
        "the material of row 0 must be a kerma.Material": lambda: kerma.CTTable([(0, 1, 1, 1, "water")]),
        "ct_table must be a kerma.CTTable, not Material":
            lambda: kerma.Volume("v", kerma.Image(np.zeros((1, 1, 1))), ct_table=water),
    }
    for expected, call in wrong.items():
        assert expected in refusal(call, TypeError), expected
    for expected, call in {
        "the nearest name is": lambda: kerma.Material("Watr, Liquid"),
        "there are: 'Water, Liquid', 'Water Vapor'": lambda: kerma.Material("water"),
        "element 'Xx'": lambda: kerma.Material.mass_fractions({"Xx": 1}, 1, name="x"),
        "row 0 of a CT table": lambda: kerma.CTTable([(0, 1, 1)]),
        "a size or a radius": lambda: kerma.ParallelSource(0.06),
        "not both": lambda: kerma.PointSource(0.06, half_angle=1, field=(1, 1)),
        "from a ct_table": lambda: kerma.Volume("v", kerma.Image(np.zeros((1, 1, 1))), water),
        "is for images": lambda: kerma.Volume("v", orb, ct_table=kerma.CTTable()),
        "there is no volume 'x': there are 'v'": lambda: sim.volume("x"),
        "count": lambda: kerma.GridScorer("g", (1, 0, 1), (1, 1, 1)),
        "pixels": lambda: kerma.DetectorScorer("d", (0, 0, 0), (1, 1.5), (1, 1)),
        "colours is 'red'": lambda: kerma.Image(np.zeros((1, 1, 1))).write_picture("/tmp/x.png", colours="red"),
        "3 x 3": lambda: volume.place(kerma.Volume("u", orb), rotation=np.eye(2)),
    }.items():
        text = refusal(call, kerma.ArgumentError)
        assert expected in text, (expected, text)


def test_what_is_no_number_is_refused_by_name():
    ti = kerma.Material("Ti")
    image = kerma.Image([[[1]]])
    sim = kerma.Simulation(kerma.Volume("w", kerma.Box((1, 1, 1))))
    calls = {
        "radius": lambda x: kerma.Orb(x), "length": lambda x: kerma.Tube(1, x), "size": lambda x: kerma.Box((1, 1, x)),
        "half_angle": lambda x: kerma.PointSource(0.06, half_angle=x), "field": lambda x: kerma.PointSource(1, field=(1, x)),
        "weight": lambda x: kerma.PencilSource(0.06, weight=x), "density": lambda x: kerma.Material.formula("H2O", x),
        "energy": ti.attenuation, "ct_number": kerma.CTTable().convert, "unit": lambda x: kerma.Mesh.read("x.stl", unit=x),
        "low": lambda x: image.write_picture("x.png", low=x), "axis": lambda x: image.write_picture("x.png", axis=x),
        "stall_seconds": lambda x: kerma.Simulation(stall_seconds=x), "longer_than": sim.stalls, "timeout": sim.wait,
        "cut_energy": lambda x: setattr(sim, "cut_energy", x), "spacing": lambda x: kerma.GridScorer("g", (1, 1, 1), (1, 1, x)),
    }
    for name, call in calls.items():
        for bad in "abc", 1j, [1, 2, 3], 10**400:
            text = refusal(lambda: call(bad), TypeError, ValueError, OverflowError)
            assert re.match(rf"{name}(_mm)? |the {name} ", text) or bad == 10**400 and "too large" in text, (name, bad, text)


def test_advice_in_errors_names_what_python_has():
    world = kerma.Volume("w", kerma.Box((1, 1, 1)))
    with kerma.Simulation(world, threads=1, stall_seconds=0) as sim:
        assert "add_source()" in refusal(lambda: sim.run(1), kerma.ArgumentError)
        assert "call initialize() first" in refusal(lambda: sim.placement(0), kerma.StateError)
    said = []
    with kerma.Simulation(world, threads=1, stall_seconds=0, sources=[kerma.PencilSource(0.06)]) as sim:

        @sim.on_history_end
        def look(worker):
            said.extend(refusal(call, kerma.BusyError) for call in (
                lambda: sim.run(1), sim.start, sim.wait, sim.initialize, sim.close))

        sim.run(1)
        for name, text in zip(("run", "start", "wait", "initialize", "close"), said, strict=True):
            assert "kma_" not in text and "abort()" in text and f"{name}() was called from a callback" in text, text


def test_what_was_never_made_says_so():
    """A class of the user's whose __init__ does not call that of kerma's."""
    calls = {
        kerma.Simulation: (lambda x: x.run(1), lambda x: x.start(), lambda x: x.wait(), lambda x: x.save("x.json"),
                           lambda x: x.replay(0), lambda x: x.on_step(print), lambda x: x.progress, lambda x: x.seed),
        kerma.Volume: (lambda x: x.tree(), lambda x: x.name, lambda x: kerma.Simulation(x)),
        kerma.Box: (lambda x: x.volume, lambda x: kerma.Volume("v", x), lambda x: x.inside((0, 0, 0))),
    }
    for base, uses in calls.items():
        mine = type("Mine", (base,), {"__init__": lambda self: None})
        for use in uses:
            text = refusal(lambda: use(mine()), kerma.StateError)
            assert "was never made: Mine.__init__ must call super().__init__()" in text, text
        thing = mine()
        assert thing.closed and "closed" in repr(thing) and thing != mine()
        thing.close()
    mine = type("Mine", (kerma.Simulation,), {"__init__": lambda self: None})()
    mine.abort()
    assert mine.title == ""


def test_slips_in_what_looks_like_a_number_are_found():
    for element in (1.5, True, b"6", None, 0, 99):
        assert "element" in refusal(lambda: kerma.Material.mass_fractions({element: 1.0}, 1, name="x"), TypeError,
                                    kerma.ArgumentError)
    assert kerma.Material.mass_fractions({np.int8(6): 1.0}, 1, name="x").elements == {"C": 1.0}
    for name, value in (("title", 5), ("stall_seconds", "5"), ("stall_seconds", 10**400), ("cut_energy", "0.01")):
        assert name.split("_")[0] in refusal(lambda: kerma.Simulation(**{name: value}), TypeError)
    with scenes.box(0) as sim:
        result = sim.run(1)
        for number in (1.0, None, b"drop"):
            assert "name or number" in refusal(lambda: result[number], TypeError)
        for scores in ([5], [("drop",)], [("drop", "energy", "dose")], [(5, "energy")]):
            assert "scores has" in refusal(lambda: sim.on_block(print, scores=scores), kerma.ArgumentError)
    huge = np.array([[10**400, 0, 0]], object)
    assert "points" in refusal(lambda: kerma.Orb(1).inside(huge), kerma.ArgumentError)


def test_names_of_others_lead_to_those_that_are_there():
    for name, there in {"Water": "'Water, Liquid'", "G4_WATER": "'Water, Liquid'", "G4_BONE_CORTICAL_ICRP": "'Bone, Cortical (ICRP)'",
                        "cortical bone": "'Bone, Cortical (ICRP)'", "H2O": "kerma.Material.formula()"}.items():
        assert there in refusal(lambda: kerma.Material(name), kerma.ArgumentError)
    world, source = kerma.Volume("w", kerma.Box((1, 1, 1))), kerma.PencilSource(0.06)
    for wrong in source, 5:
        assert "a list of kerma.Sources" in refusal(lambda: kerma.Simulation(world, sources=wrong), TypeError)
        assert "a list of kerma.Scorers" in refusal(lambda: kerma.Simulation(world, scorers=wrong), TypeError)


def test_results_say_which_quantities_and_scorers_there_are():
    with scenes.box(1) as sim:
        sim.add_scorer(kerma.DetectorScorer("film", (0, 0, 50), (2, 3), (9, 9)))
        turned = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]])
        sim_grid = sim.add_scorer(kerma.GridScorer("grid", (4, 3, 2), (5, 6, 7), origin=(-7, -5, 18), direction=turned))
        result = sim.run(5000)
    drop, film, grid = result
    assert (drop.shape, film.shape, grid.shape) == ((), (3, 2), (2, 3, 4)) and result.names == ["drop", "film", "grid"]
    assert isinstance(drop.dose, float) and film.values("primary_count").mean.shape == (3, 2) and "film" in result
    assert drop.quantities == ("energy", "dose", "mass") and film.unit("primary_energy") == "MeV" and "dose" not in result
    text = refusal(lambda: film.dose, kerma.ArgumentError)
    assert "'dose'" in text and "primary_count" in text and "film" in text
    assert "'nix'" in refusal(lambda: drop.values("nix"), kerma.ArgumentError)
    assert "'drop', 'film', 'grid'" in refusal(lambda: result["nix"], kerma.ArgumentError)
    refusal(lambda: result[3], IndexError), refusal(lambda: result[1.5], AttributeError, TypeError)
    assert result[-1].name == "grid" and result[np.int64(0)].name == "drop" and len(list(result)) == 3
    largest = grid.largest("dose")
    assert grid.dose[largest.bin] == largest.mean and grid.dose_uncertainty[largest.bin] == largest.uncertainty
    assert math.isclose(grid.total("energy"), grid.energy.sum()) and drop.largest("dose").bin == ()
    image = grid.image("energy", uncertainty=True)
    assert image.shape == grid.shape
    for part in (image, grid, sim_grid):
        assert part.spacing == (5, 6, 7) and part.origin == (-7, -5, 18) and (part.direction == turned).all()
    assert (image.array == grid.energy_uncertainty).all()
    assert film.image("primary_count").shape == (1, 3, 2)
    ledger = result.ledger
    assert abs(ledger.emitted - ledger.deposited - ledger.escaped - ledger.cut - ledger.killed) <= ledger.allowed * 2
    assert math.isclose(drop.values("energy").mean * 5000, ledger.deposited)


def test_observers_are_decorators_and_are_told_typed_things():
    told = []
    with scenes.box(2) as sim:
        @sim.on_history_end
        def end(worker):
            return None

        @sim.on_block(scores="drop")
        def block(histories):
            told.append(histories)

        @sim.on_progress
        def progress(now):
            told.append(now)

        assert callable(end) and callable(block) and callable(progress)
        sim.run(3000)
        assert {type(x) for x in told} == {np.ndarray, kerma.Progress}
        now = told[-1] if isinstance(told[-1], kerma.Progress) else sim.progress
        assert now.histories == now.target == 3000 and now.fraction == 1 and now.remaining == 0 and now.rate > 0
        assert now.state in ("initialized", "running") and sim.stalls() == []
        assert sim.placement(0) == ("world", -1, 0) and sim.placement(1).volume == "drop" and sim.placement(1).mother == 0
        assert sim.material(0) == "Water, Liquid"
        assert "placement" in refusal(lambda: sim.placement(7), kerma.ArgumentError)
        steps = sim.replay(3)
        assert steps.dtype == kerma.step_dtype() and steps["process"][0] == kerma.Process.SOURCE
        for bad in (None, 5, "f"):
            refusal(lambda: sim.on_step(bad), TypeError), refusal(lambda: sim.on_progress(bad), TypeError)
        refusal(lambda: sim.on_block(print, processes=[99]), ValueError)
        refusal(lambda: sim.on_block(print, scores=[("drop", "nix")]), kerma.ArgumentError)
        del told[:], steps


def test_overlaps_and_faults_are_told_with_names():
    world = kerma.Volume("world", kerma.Box((100, 100, 100)))
    world.place(kerma.Volume("a", kerma.Orb(10)), (0, 0, 0))
    world.place(kerma.Volume("b", kerma.Orb(10)), (15, 0, 0))
    world.place(kerma.Volume("c", kerma.Orb(10)), (0, 45, 0))
    sim = kerma.Simulation(world)
    found = sim.check_overlaps()
    assert {(o.kind, o.first, o.second) for o in found} == {("siblings", "a", "b"), ("outside", "c", "world")}
    assert found[0].depth >= found[1].depth > 4 and len(found[0].point) == 3
    faults = sim.check()
    assert faults and all(issubclass(f.error, kerma.Error) for f in faults) and "source" in faults[0].text
    sim.overlaps = "ignore"
    assert refusal(sim.initialize, faults[0].error).startswith(faults[0].text)
    sim.overlaps = "refuse"
    sim.add_source(kerma.PencilSource(0.06))
    assert "overlap" in refusal(sim.initialize, kerma.GeometryError)
    sim.close()


def test_an_inventory_has_masses_materials_and_what_became_of_ct_numbers():
    world = kerma.Volume("world", kerma.Box((100, 100, 100)))
    world.place(kerma.Volume("ball", kerma.Orb(10), "Al"), (30, 0, 0))
    hu = np.full((4, 5, 6), -1000, np.int16)
    hu[1:3, 1:4, 1:5] = 40
    world.place(kerma.Volume("ct", kerma.Image(hu, spacing=(2, 2, 2))), (-30, 0, 0))
    inventory = kerma.Simulation(world, sources=[kerma.PencilSource(0.06, weight=3)]).inventory()
    by_name = {v.name: v for v in inventory.volumes}
    ball = by_name["ball"]
    assert math.isclose(ball.mass, 4 / 3 * math.pi * ball.density, rel_tol=1e-12) and ball.method == "analytic"
    assert ball.density == kerma.Material("Al").density
    assert by_name["world"].material is None and by_name["ct"].image == 0 and by_name["ct"].method == "voxels"
    (image,) = inventory.images
    assert image.voxels == 120 and sum(p.voxels for p in image.materials) == 120
    assert {p.voxels for p in image.materials} >= {24, 96} and math.isclose(sum(p.mass for p in image.materials), image.mass)
    assert inventory.materials[by_name["ball"].material].elements == {"Al": 1.0} and not inventory.faults
    assert inventory.sources[0].share == 1 and inventory.memory.worker > 0 and len(inventory.scene_hash) == 64
    assert [p.volume for p in inventory.placements][0] == 0 and inventory.placements[1].mother == 0


def test_meshes_say_what_is_wrong_with_them():
    vertices, triangles = scenes.tetrahedron()
    report = kerma.Mesh(vertices, triangles).report
    assert report.usable is True and report.facets == 4 and report.first_open is None and report.bodies == 1
    open_ = kerma.Mesh.audit(vertices, triangles[:3])
    assert open_.usable is False and open_.open_edges == 3 and open_.first_open.facet in (0, 1, 2)
    assert len(open_.first_open.begin) == 3
    assert "open" in refusal(lambda: kerma.Mesh(vertices, triangles[:3]), kerma.MeshError)
    builder = kerma.MeshBuilder()
    for a, b, d in triangles[:3]:
        builder.triangle(vertices[a], vertices[b], np.array(vertices[d]))
    refusal(builder.mesh, kerma.MeshError)
    builder.triangle(*(vertices[i] for i in triangles[3]))
    assert len(builder) == 4 and builder.mesh().volume == kerma.Mesh(vertices, triangles).volume
    refusal(lambda: builder.triangle(*vertices[:3]), kerma.ClosedError)


def test_objects_that_name_the_same_are_equal():
    a, b = kerma.Orb(1), kerma.Orb(1)
    volume = kerma.Volume("v", a)
    assert a == volume.solid and volume.solid == volume.solid and a != b and a != "orb" and hash(a) == hash(volume.solid)
    assert {a: 1}[volume.solid] == 1
    before = hash(a)
    a.close()
    assert a == a and hash(a) == before
    one, other = kerma.Simulation(volume), kerma.Simulation(volume)
    assert one != other and one == one and one.world == other.world and len({one, other}) == 2


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open = set(), []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_tables_for_notebooks_are_whole_and_escape_names():
    shown = set()
    for thing in one_of_each():
        page = thing._repr_html_()
        if page is None:
            continue
        shown.add(type(thing).__name__)
        tags = Tags()
        tags.feed(page)
        tags.close()
        assert not tags.open and tags.tags <= {"table", "caption", "b", "tr", "th", "td"}, (thing, tags.tags)
        assert "<script" not in page and "<i>" not in page and len(page) < 20000
    assert shown >= {"Simulation", "Result", "ScorerResult", "Volume", "Material", "Image", "CTTable", "Inventory"}
    closed = scenes.box(1)
    closed.close()
    assert closed._repr_html_() is None
    many = kerma.Volume("many", kerma.Box((1000, 1000, 1000)))
    for i in range(300):
        many.place(kerma.Volume(f"v{i}", kerma.Orb(1)), (i, 0, 0))
    assert len(many._repr_html_()) < 10000 and "and 282 more" in many._repr_html_()


def test_reprs_are_short_and_of_one_line():
    for thing in one_of_each():
        text = repr(thing)
        assert text.startswith("<kerma.") and text.endswith(">") and "\n" not in text and len(text) < 120, text


MADE_BY_KERMA = {"Inventory", "Report", "Result", "ScorerResult"}  # nobody else calls these
RAISES_NOTHING = {"CTTable.convert", "MeshBuilder", "Report.as_dict", "Step.copy", "Volume.tree", "Worker.uniform", "build_info",
                  "doctor", "nist_materials", "step_dtype"}  # of its own
UNIT = re.compile(r"\b(mm[23]?|MeV|ns|rad|sr|s|g|Gy|HU|cm2/g|bytes|number|indices|histories|fraction|photons)\b|g/cm3|unit\b|0 to 1|"
                  r"length 1|relative|[Hh]istories", re.M)
SHAPE = re.compile(r"\((n|m|n \+ 1),|\((z, y, x|x, y, z|v, u|width, height)\)|3 x 3|x, y, z|of the scorer's shape|u and v|MeV: one,")


def public():
    """(name, what has the docstring, its annotations, whether it is called) of all that people meet."""
    kerma.doctor, kerma.Report  # imported when they are asked for
    for name, thing in vars(kerma).items():
        if name.startswith("_") or not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        if inspect.isfunction(thing):
            yield name, thing, thing.__annotations__, True
            continue
        made = name in MADE_BY_KERMA or issubclass(thing, (BaseException, int, tuple)) or "__init__" not in vars(thing)
        yield name, thing, {} if made else thing.__init__.__annotations__, not made
        for member, value in list(vars(thing).items()):  # Python 3.14 adds annotations where they are asked for
            if member.startswith("_") or issubclass(thing, (int, BaseException)):
                continue
            if member in getattr(thing, "_fields", ()):
                yield f"{name}.{member}", value, {"return": thing.__annotations__[member]}, False
            elif isinstance(value, property):
                yield f"{name}.{member}", value, value.fget.__annotations__, False
            else:
                function = inspect.unwrap(getattr(value, "__func__", value))
                yield f"{name}.{member}", function, getattr(function, "__annotations__", {}), callable(function)


def test_everything_public_is_documented_with_arguments_units_shapes_and_errors():
    lacking, seen = [], 0
    for name, thing, annotations, called in public():
        text, seen = thing.__doc__ or "", seen + 1
        if called and inspect.isclass(thing):
            text += thing.__init__.__doc__ or ""
        if len(text) < 2 or text.startswith("Alias for field"):
            lacking.append(f"{name}: no docstring")
            continue
        wanted = {k: str(v) for k, v in annotations.items()}
        result = wanted.pop("return", "")
        lacking += [f"{name}: argument {k}" for k in wanted if not re.search(rf"\b{k}\b", text)]
        class_text = getattr(kerma, name.partition(".")[0]).__doc__
        if re.search(r"float|NDArray|Vector", result) and not UNIT.search(text) and not UNIT.search(class_text):
            lacking.append(f"{name}: unit of {result}")
        arrays = [k for k, v in wanted.items() if "ArrayLike" in v] + ["its result"] * ("NDArray" in result)
        if arrays and not SHAPE.search(text):
            lacking.append(f"{name}: shape of {arrays}")
        if called and not re.search(r":raises|:class:`kerma\.\w*Error`", text) and name not in RAISES_NOTHING:
            lacking.append(f"{name}: errors")
    assert not lacking, "\n".join(lacking)
    assert seen > 350, seen


def test_import_brings_nothing_that_is_not_needed():
    import subprocess

    heavy = ("numpy", "tqdm", "itk", "SimpleITK", "importlib.metadata", "inspect", "dataclasses", "asyncio", "json", "html",
             "subprocess", "ctypes", "typing_extensions", "importlib.resources", "pathlib")
    # -I -S: without what an environment's site brings by itself; and without what Python's logging brings, from 3.14 on
    program = (f"import sys; sys.path[:0] = {sys.path!r}; import logging; others = set(sys.modules); import kerma; "
               f"print([x for x in {heavy!r} if x in sys.modules and x not in others])")
    said = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]", said


def test_units_are_numbers_of_kerma_s_own():
    assert 5 * units.cm == 50 and 80 * units.keV == 0.08 and math.isclose(180 * units.deg, math.pi)
    assert units.cm3 == units.cm**3 and math.isclose(units.kg / units.m**3, units.g / units.m**3 * 1000)
    assert math.isclose(1000 * units.kg_m3, units.g_cm3) and units.inch == 25.4


def test_a_bar_of_tqdm_counts_histories_of_this_run():
    try:
        import tqdm.auto
    except ImportError:
        raise Skip("tqdm is not installed") from None
    made = []

    class Bar(tqdm.auto.tqdm):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options, file=open("/dev/null", "w"))  # noqa: SIM115
            made.append(self)

    tqdm.auto.tqdm = Bar
    with scenes.box(2) as sim:
        sim.run(1000)
        sim.run(2000, progress=True)
    (bar,) = made
    assert bar.n == bar.total == 3000 and 1000 <= bar.initial <= 3000


def test_without_tqdm_a_line_is_written():
    import io

    sys.modules["tqdm"] = sys.modules["tqdm.auto"] = None
    before, sys.stderr = sys.stderr, io.StringIO()
    try:
        with scenes.box(2) as sim:
            sim.run(2000, progress=True)
        text = sys.stderr.getvalue()
    finally:
        sys.stderr = before
    assert "2000 of 2000 histories" in text and text.endswith("\n")
    lengths = [len(line) for line in text.rstrip("\n").split("\r")]
    assert len(lengths) >= 3 and lengths == sorted(lengths)  # nothing of a longer line is left


def test_pictures_are_written_where_they_are_asked_for():
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "bild ä.png"
        image = kerma.Image(np.random.default_rng(1).random((8, 9, 10)), spacing=(1, 2, 3))
        image.write_picture(path, under=kerma.Image(np.ones((4, 4, 4))), axis=1, slice=3, colours="gray", scale="logarithmic",
                            low=0.01, high=1, title="Dose", unit="Gy")
        assert path.read_bytes()[:4] == b"\x89PNG"
        for bad in ({"axis": 3}, {"slice": 99}, {"low": 2, "high": 1}):
            refusal(lambda: image.write_picture(path, **bad), kerma.ArgumentError)


def test_placing_from_many_threads_keeps_all_names():
    world = kerma.Volume("world", kerma.Box((1000, 1000, 1000)))

    def place(k):
        for i in range(50):
            world.place(kerma.Volume(f"{k}.{i}", kerma.Orb(0.1)), (10 * k, i, 0))

    threads = [threading.Thread(target=place, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    gc.collect()
    assert sorted(d.volume.name for d in world.daughters) == sorted(f"{k}.{i}" for k in range(4) for i in range(50))


def test_a_run_can_be_started_looked_at_and_aborted():
    with scenes.box(2) as sim:
        sim.start(1e9)
        refusal(lambda: sim.wait(0.01), kerma.TimeoutError)
        refusal(lambda: sim.wait(-1), kerma.TimeoutError)  # not: for ever
        sim.abort()
        refusal(sim.wait, kerma.AbortedError)
        assert sim.snapshot().histories == sim.progress.histories < 1e9


def test_the_cross_sections_and_materials_are_at_hand():
    water = kerma.Material("Water, Liquid")
    a = water.attenuation(60 * keV)
    assert math.isclose(a.total, a.photoelectric + a.compton + a.rayleigh) and 0.19 < a.total < 0.22
    refusal(lambda: water.attenuation(5), kerma.PhysicsError)
    assert "Water, Liquid" in kerma.nist_materials() and len(kerma.nist_materials()) > 100
    assert kerma.Material.formula("H2O", 1).elements.keys() == {"H", "O"}
    table = kerma.CTTable()
    material, density = table.convert(40)
    assert 1.0 < density < 1.1 and material.name and table.range[0] == -1000 and len(table) == len(table.rows)
    assert _base.whole(3.0, "x") == 3
