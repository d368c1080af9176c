"""kerma check: its numbers against those that the test computes itself, and every fault of a scene at once."""
import copy
import json
import math
import os
import subprocess
import unittest

from files import binary_stl, box, metaimage
from kerma_command import COMMAND, SANITIZED, SMALL_SCENE, SOURCE, Case

TABLE = """ct_low,ct_high,density_low,density_high,material,H,N,O,Ca
-1000,-500,0.001,0.1,gas,,0.8,0.2,
-500,200,0.1,1.1,soft,0.11,,0.89,
200,1500,1.1,2.4,bone,0.05,,0.55,0.4
"""
ROWS = [(-1000, -500, 0.001, 0.1, "gas"), (-500, 200, 0.1, 1.1, "soft"), (200, 1500, 1.1, 2.4, "bone")]


def convert(number):
    """What the page about CT tables says of one CT number: material, density, and on which side of the table it is."""
    if number < ROWS[0][0]:
        return ROWS[0][4], ROWS[0][2], -1
    for low, high, density_low, density_high, material in ROWS:
        if low <= number < high or (number == high == ROWS[-1][1]):
            return material, density_low + (density_high - density_low) * (number - low) / (high - low), 0
    return ROWS[-1][4], ROWS[-1][3], 1


class CheckCase(Case):
    def check(self, code=0, name="drop.json"):
        """The object of --json. The text form is run too."""
        done = self.expect(code, "check", name, "--json")
        text = self.expect(code, "check", name)
        data = json.loads(done.stdout)
        self.assertEqual(data["kerma_check"], 1)
        self.assertEqual(data["good"], code == 0)
        self.assertEqual(len(data["faults"]) > 0, code != 0)
        for fault in data["faults"]:
            self.assertIn(f"kerma: {fault}\n", text.stderr)
        for warning in data["warnings"]:
            self.assertIn(f"kerma: warning: {warning}\n", text.stderr)
        self.text = text.stdout
        return data

    def volume(self, data, name):
        return next(v for v in data["volumes"] if v["name"] == name)

    def small(self):
        return copy.deepcopy(SMALL_SCENE)


class Volumes(CheckCase):
    def test_masses_of_simple_solids_follow_from_their_formulas(self):
        data = self.check()
        ball = 4 / 3 * math.pi * 30 ** 3
        drop, world = self.volume(data, "drop"), self.volume(data, "world")
        self.assertEqual((drop["shape"], drop["dimensions"], drop["material"]), ("orb", [30], "Water, Liquid"))
        self.assertEqual((drop["low_mm"], drop["high_mm"]), ([-30] * 3, [30] * 3))
        self.assertAlmostEqual(drop["volume_mm3"], ball, 6)
        self.assertAlmostEqual(drop["mass_g"], ball / 1000, 9)  # NIST: 1 g/cm3
        self.assertEqual((drop["mass_by"], drop["mass_uncertainty_g"]), ("analytic", 0))
        self.assertEqual((world["dimensions"], world["material"], world["mass_g"]), ([200] * 3, "vacuum", 0))
        self.assertAlmostEqual(world["volume_mm3"], 200 ** 3 - ball, 6)
        self.assertAlmostEqual(world["mass_with_daughters_g"], ball / 1000, 9)
        self.assertIn("orb, radius 30 mm", self.text)
        self.assertIn("No fault found.", self.text)
        self.assertEqual(data["materials"], [{"name": "Water, Liquid", "density_g_cm3": 1, "volumes": 1, "voxels": 0,
                                              "fractions": data["materials"][0]["fractions"]}])
        self.assertAlmostEqual(data["materials"][0]["fractions"]["H"], 0.111894, 5)  # NIST's table
        self.assertAlmostEqual(sum(data["materials"][0]["fractions"].values()), 1, 12)

    def test_daughters_are_subtracted_each_as_often_as_it_is_placed(self):
        scene = self.small()
        scene["materials"]["lead"] = {"formula": "Pb", "density": 11}
        scene["volumes"]["half"] = {"tube": {"inner_radius": 2, "outer_radius": 5, "length": 8, "phi_delta": math.pi}, "material": "lead"}
        (self.here / "cube.stl").write_bytes(binary_stl(box((0.3, 0.2, 0.1))))
        scene["volumes"]["cube"] = {"mesh": {"file": "cube.stl", "unit": 10}, "material": "lead"}
        scene["placements"] += [{"volume": "half", "in": "drop", "translation": [0, 0, z]} for z in (-9, 9)]
        scene["placements"] += [{"volume": "cube", "in": "half", "translation": [-1.5, 2.2, 0]}]
        self.scene(scene)
        data = self.check()
        cube, half = 6, math.pi / 2 * (25 - 4) * 8
        self.assertAlmostEqual(self.volume(data, "cube")["volume_mm3"], cube, 5)  # float32 in the file
        self.assertAlmostEqual(self.volume(data, "cube")["mass_g"], 11 * cube / 1000, 7)
        self.assertEqual(self.volume(data, "cube")["placements"], 2)
        self.assertIs(self.volume(data, "cube")["mesh"]["watertight"], True)
        self.assertAlmostEqual(self.volume(data, "half")["mass_g"], 11 * (half - cube) / 1000, 7)
        self.assertEqual((self.volume(data, "half")["mass_by"], self.volume(data, "drop")["mass_by"]), ("mesh", "analytic"))
        drop = 4 / 3 * math.pi * 30 ** 3 - 2 * half
        self.assertAlmostEqual(self.volume(data, "drop")["mass_g"], drop / 1000, 7)
        self.assertAlmostEqual(self.volume(data, "world")["mass_with_daughters_g"], (drop + 11 * 2 * half) / 1000, 6)
        places = [(p["volume"], p["mother"]) for p in data["placements"]]
        self.assertEqual(places, [("world", None), ("drop", 0), ("half", 1), ("half", 1), ("cube", 2), ("cube", 3)])
        low = data["placements"][4]["low_mm"]
        self.assertAlmostEqual(low[0], -1.5, 6)
        self.assertAlmostEqual(low[2], -9, 6)
        lines = [line.split("(")[0].rstrip() for line in self.text.splitlines()]
        self.assertEqual([lines.index("      half"), lines.index("        cube")], sorted([lines.index("      half"), lines.index("        cube")]))
        self.assertEqual(lines.count("        cube"), 2)

    def test_a_deep_and_a_wide_tree_are_printed_up_to_a_limit(self):
        scene = self.small()
        scene["volumes"]["bead"] = {"orb": {"radius": 1}, "material": "water"}
        scene["placements"] += [{"volume": "bead", "in": "drop", "translation": [3 * i - 20, 3 * j - 12, 0]} for i in range(14) for j in range(8)]
        self.scene(scene)
        data = self.check()
        self.assertEqual((data["placement_count"], len(data["placements"])), (114, 114))
        self.assertIn("... and 74 more", self.text)


class Images(CheckCase):
    def ct_scene(self, values, count=(9, 8, 7), daughters=()):
        scene = self.small()
        (self.here / "table.csv").write_text(TABLE)
        (self.here / "ct.mha").write_bytes(metaimage(values, count, (2, 3, 4), (-8, -10.5, -12)))
        scene["volumes"]["ct"] = {"image": {"file": "ct.mha", "ct_table": "table.csv"}}
        scene["volumes"]["ball"] = {"orb": {"radius": 4}, "material": "water"}
        scene["placements"] = [{"volume": "ct", "in": "world"}] + [{"volume": "ball", "in": "ct", "translation": t} for t in daughters]
        scene["scorers"] = {"dose": {"voxels": "ct"}}
        self.scene(scene)

    def test_voxels_become_what_the_table_says(self):
        values = [(i * 7919) % 3000 - 1200 for i in range(9 * 8 * 7)]
        self.ct_scene(values)
        image = self.check()["images"][0]
        found = [convert(v) for v in values]
        self.assertEqual(image["below_table"], sum(side < 0 for _, _, side in found))
        self.assertEqual(image["above_table"], sum(side > 0 for _, _, side in found))
        self.assertEqual((image["lowest"], image["highest"], image["voxels"]), (min(values), max(values), len(values)))
        mass = sum(density for _, density, _ in found) * 24e-3
        self.assertAlmostEqual(image["mass_g"] / mass, 1, 6)
        self.assertEqual([m["material"] for m in image["materials"]], ["gas", "soft", "bone"])
        for material in image["materials"]:
            mine = [density for name, density, _ in found if name == material["material"]]
            self.assertEqual(material["voxels"], len(mine))
            self.assertAlmostEqual(material["fraction_of_voxels"], len(mine) / len(values), 12)
            self.assertAlmostEqual(material["mass_g"], sum(mine) * 24e-3, 5)
            self.assertAlmostEqual(material["fraction_of_mass"], sum(mine) * 24e-3 / mass, 6)
            self.assertAlmostEqual(material["density_low_g_cm3"], min(mine), 6)
            self.assertAlmostEqual(material["density_high_g_cm3"], max(mine), 6)
        self.assertIn("they count as its ends", self.text)

    def test_the_mass_of_an_image_is_exact_without_daughters_and_sampled_with(self):
        values = [0] * (9 * 8 * 7)
        density = convert(0)[1]
        self.ct_scene(values)
        volume = self.volume(self.check(), "ct")
        whole = 18 * 24 * 28
        self.assertEqual((volume["mass_by"], volume["mass_uncertainty_g"], volume["material"]), ("voxels", 0, None))
        self.assertAlmostEqual(volume["mass_g"], density * whole / 1000, 5)
        self.assertAlmostEqual(volume["density_g_cm3"], density, 6)
        self.ct_scene(values, daughters=[(0, 0, 5), (1, 2, -6)])
        volume = self.volume(self.check(), "ct")
        ball = 4 / 3 * math.pi * 64
        self.assertEqual(volume["mass_by"], "sampled")
        self.assertAlmostEqual(volume["volume_mm3"], whole - 2 * ball, 6)
        self.assertGreater(volume["mass_uncertainty_g"], 0)
        self.assertLess(volume["mass_uncertainty_g"], 0.01 * volume["mass_g"])
        self.assertLess(abs(volume["mass_g"] - density * (whole - 2 * ball) / 1000), 3 * volume["mass_uncertainty_g"])
        self.assertIn("is uncertain by", self.text)
        self.assertAlmostEqual(volume["mass_with_daughters_g"], volume["mass_g"] + 2 * ball / 1000, 9)

    def test_two_volumes_may_show_one_image_kind_with_one_table_each(self):
        self.ct_scene([0] * 504)
        scene = json.loads((self.here / "drop.json").read_text())
        scene["volumes"]["second"] = {"image": {"file": "ct.mha"}}
        scene["placements"].append({"volume": "second", "in": "world", "translation": [40, 40, 40]})
        self.scene(scene)
        data = self.check()
        self.assertEqual([i["volume"] for i in data["images"]], ["ct", "second"])
        self.assertEqual([[m["voxels"] for m in i["materials"]] for i in data["images"]], [[504], [504]])
        self.assertEqual(data["images"][1]["table_low"], -1000)
        self.assertNotEqual(data["images"][0]["materials"][0]["material"], data["images"][1]["materials"][0]["material"])


class Rest(CheckCase):
    def test_sources_and_scorers(self):
        scene = self.small()
        scene["spectra"]["two"] = {"energies": [0.02, 0.08], "weights": [1, 3]}
        scene["sources"].append({"type": "pencil", "position": [0, 0, -900], "spectrum": "two", "weight": 3})
        self.scene(scene)
        data = self.check()
        self.assertEqual([s["type"] for s in data["sources"]], ["parallel", "pencil"])
        self.assertEqual([s["share"] for s in data["sources"]], [0.25, 0.75])
        self.assertEqual([s["in_world"] for s in data["sources"]], [True, False])
        self.assertAlmostEqual(data["sources"][1]["mean_energy_mev"], 0.065, 12)
        self.assertEqual((data["sources"][1]["min_energy_mev"], data["sources"][1]["max_energy_mev"]), (0.02, 0.08))
        bins = {s["name"]: (s["kind"], s["bins"], s["quantities"]) for s in data["scorers"]}
        self.assertEqual(bins, {"drop": ("volume", 1, 1), "cells": ("grid", 720, 1), "image": ("detector", 120, 4)})
        self.assertIn("outside of the world", self.text)

    def test_the_hash_is_that_of_the_run(self):
        self.expect(0, "run", "drop.json", "--quiet")
        self.assertEqual(self.check()["scene_hash"], self.summary()["scene_hash"])

    def test_nothing_is_written(self):
        self.check()
        self.assertEqual([p.name for p in self.here.iterdir()], ["drop.json"])

    @unittest.skipIf(SANITIZED, "sanitizers take memory of their own")
    def test_the_memory_is_what_a_run_takes(self):
        def peak(cells):
            scene = self.small()
            scene["sources"][0] = {"type": "parallel", "position": [0, 0, -90], "size": [199, 199], "spectrum": "line"}
            scene["volumes"]["drop"] = {"box": {"size": [198, 198, 198]}, "material": "water"}
            scene["scorers"] = {"cells": {"grid": {"count": [cells] * 3, "spacing": [198 / cells] * 3, "origin": [-99] * 3}}}
            self.scene(scene)
            self.expect(0, "run", "drop.json", "--quiet", "--threads", 1, "--histories", 20000)
            memory = self.check()["memory"]
            return self.performance()["peak_memory_mib"], (memory["all_bytes"] - (memory["workers"] - 1) * memory["worker_bytes"]) / 2**20
        small, large = peak(2), peak(120)
        self.assertGreater(large[1], 60)  # 120^3 cells of 40 bytes
        grown, predicted = large[0] - small[0], large[1] - small[1]
        # All of it is used, and writing the results takes some more: rows of masses, three pictures.
        self.assertLess(abs(grown / predicted - 1), 0.35, (small, large))

    def test_examples_have_no_fault(self):
        for path in sorted((SOURCE / "Examples").rglob("*.json")):
            self.assertEqual(self.check(0, path)["overlaps"], [])


class Faults(CheckCase):
    def test_every_open_mesh_is_told(self):
        scene = self.small()
        for name in "abc":
            (self.here / f"{name}.stl").write_bytes(binary_stl(box((1, 1, 1))[:-1]))
            scene["volumes"][name] = {"mesh": {"file": f"{name}.stl"}, "material": "water"}
            scene["placements"].append({"volume": name, "in": "world", "translation": [50, 50, 50]})
        self.scene(scene)
        data = self.check(3)
        self.assertEqual(len(data["faults"]), 3)
        for name, fault in zip("abc", data["faults"]):
            self.assertIn(f"{name}.stl: the mesh is not closed: 3 open edges", fault)
        self.assertEqual([v["name"] for v in data["volumes"]], ["world", "drop"])  # what is sound is described
        self.assertIn("3 faults: this scene cannot be run.", self.text)

    def test_faults_of_all_parts_are_told_at_once(self):
        scene = self.small()
        scene["materials"]["ghost"] = {"nist": "Ghost"}
        scene["spectra"]["hot"] = {"energy": 3}
        scene["volumes"]["haunted"] = {"orb": {"radius": 1}, "material": "ghost"}
        scene["volumes"]["gone"] = {"mesh": {"file": "gone.stl"}, "material": "ghost"}
        scene["placements"] += [{"volume": "haunted", "in": "drop"}, {"volume": "drop", "in": "haunted"},
                                {"volume": "nobody", "in": "world"}]
        scene["sources"].append({"type": "pencil", "position": [0, 0, 0], "spectrum": "hot"})
        scene["sources"].append({"type": "point", "position": [0, 0, 0], "cone": {"half_angle": 4}, "spectrum": "line"})
        scene["scorers"]["far"] = {"detector": {"centre": [0, 0, 900], "pixels": [2, 2], "pixel_size": [1, 1]}}
        scene["scorers"]["wide"] = {"detector": {"centre": [0, 0, 0], "pixels": [2000, 2], "pixel_size": [1, 1]}}
        scene["scorers"]["of"] = {"voxels": "drop"}
        self.scene(scene)
        faults = self.check(3)["faults"]
        for says in ("Ghost", "cross-sections", "gone.stl", "no volume is named 'nobody'", "half_angle", "shows no image",
                     "'far' sticks out", "'wide' sticks out"):
            self.assertEqual(sum(says in fault for fault in faults), 1, (says, faults))
        self.assertEqual(len(faults), 8, faults)

    def test_every_wrong_key_and_type_is_told(self):
        scene = self.small()
        scene["colour"] = 1
        scene["volumes"]["drop"]["orb"]["radius"] = -1
        scene["spectra"]["line"] = {"energi": 1}
        scene["histories"] = "many"
        scene["sources"][0]["up"] = [1]
        del scene["world"]
        self.scene(scene)
        data = self.check(3)
        for says in ("'colour'", "'radius' is -1", "'energi'", "'histories' is a text", "'up' has 1", "needs the key 'world'"):
            self.assertEqual(sum(says in fault for fault in data["faults"]), 1, (says, data["faults"]))
        self.assertEqual(len(data["faults"]), 6)
        self.assertNotIn("volumes", data)

    def test_every_overlap_is_told(self):
        scene = self.small()
        scene["volumes"]["ball"] = {"orb": {"radius": 5}, "material": "water"}
        scene["placements"] += [{"volume": "ball", "in": "world", "translation": t} for t in ([0, 0, 32], [60, 0, 0], [66, 0, 0], [0, 98, 0])]
        self.scene(scene)
        data = self.check(3)
        overlaps = {(o["kind"], o["first_placement"], o.get("second_placement")): o["depth_mm"] for o in data["overlaps"]}
        self.assertEqual(set(overlaps), {("siblings", 0, 1), ("siblings", 2, 3), ("outside", 4, None)})
        self.assertEqual(len(data["faults"]), 3)
        self.assertAlmostEqual(overlaps["outside", 4, None], 3, 1)  # 98 + 5 - 100
        self.assertAlmostEqual(overlaps["siblings", 2, 3], 4, 0)    # 60 + 5 - (66 - 5)
        for fault in data["faults"]:
            self.assertIn("mm in the world", fault)
        self.expect(1, "run", "drop.json", says="overlap")

    def test_overlaps_that_the_scene_allows_are_warnings(self):
        scene = self.small()
        scene["placements"].append({"volume": "drop", "in": "world", "translation": [50, 0, 0]})
        for action, code in (("refuse", 3), ("warn", 0), ("ignore", 0)):
            self.scene({**scene, "overlaps": {"action": action}})
            data = self.check(code)
            self.assertEqual((len(data["overlaps"]), len(data["faults"]), len(data["warnings"])), (1, code // 3, 1 - code // 3))

    def test_a_fault_of_the_world_leaves_the_faults_before_it(self):
        scene = self.small()
        scene["materials"]["ghost"] = {"nist": "Ghost"}
        scene["volumes"]["world"]["material"] = "ghost"
        self.scene(scene)
        data = self.check(3)
        self.assertEqual(len(data["faults"]), 2)
        self.assertIn("the world 'world' has a fault", data["faults"][1])

    def test_warnings_do_not_stop_it(self):
        scene = self.small()
        scene["spectra"]["spare"] = {"energy": 0.03}
        self.scene(scene)
        self.assertEqual(len(self.check()["warnings"]), 1)


class Hostile(CheckCase):
    def test_what_is_no_scene_is_3(self):
        os.mkfifo(self.here / "pipe")
        for name, text in (("empty", ""), ("half", '{"kerma": 1,'), ("list", "[]"), ("number", "7"), ("old", '{"kerma": 0}'),
                           ("bytes", "\udcff\udcfe"), ("deep", "[" * 100000)):
            (self.here / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        for name in ("none", "pipe", ".", "empty", "half", "list", "number", "old", "bytes", "deep", "/dev/null", ""):
            with self.subTest(name=name):
                data = self.check(3, name)
                self.assertEqual(len(data["faults"]), 1)
                self.assertNotIn("volumes", data)

    def test_a_pipe_that_a_scene_names_does_not_freeze_it(self):
        os.mkfifo(self.here / "pipe")
        scene = self.small()
        scene["volumes"]["a"] = {"mesh": {"file": "pipe"}, "material": "water"}
        scene["volumes"]["b"] = {"image": {"file": "pipe"}}
        scene["spectra"]["c"] = {"file": "pipe"}
        self.scene(scene)
        faults = self.check(3)["faults"]
        self.assertEqual(sum("a pipe" in fault for fault in faults), 3)

    def test_names_of_any_kind_keep_the_json_whole(self):
        scene = self.small()
        name = '"\\\u00e4\u6c34 {}'
        scene["volumes"][name] = scene["volumes"].pop("drop")
        scene["placements"][0]["volume"] = name
        scene["scorers"]["drop"]["volume"] = name
        self.scene(scene)
        self.assertIn(name, [v["name"] for v in self.check()["volumes"]])
        self.assertIn(name, self.text)

    def test_wrong_use_is_2(self):
        for arguments, says in (([], "which scene?"), (["a", "b"], "one scene at a time"), (["a", "--unit", "1"], "unknown option")):
            self.assertIn("usage:", self.expect(2, "check", *arguments, says=says).stderr)

    def test_stdout_that_is_closed_or_full_is_4(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "check", "drop.json"], cwd=self.here, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 4)
        done = subprocess.run(["sh", "-c", f'exec "{COMMAND}" check drop.json --json >&-'], cwd=self.here, stderr=subprocess.PIPE,
                              text=True)
        self.assertEqual(done.returncode, 4)


if __name__ == "__main__":
    unittest.main()
