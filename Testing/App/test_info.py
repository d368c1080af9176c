"""kerma info: every kind of file, sound and broken, against numbers that the test computes itself."""
import json
import math
import os
import subprocess
import unittest

from files import binary_stl, box, metaimage, text_stl
from kerma_command import COMMAND, SMALL_SCENE, SOURCE, Case

class InfoCase(Case):
    def put(self, name, data):
        path = self.here / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return name

    def info(self, name, *more):
        """Both forms: the text, and the object of --json."""
        text = self.expect(0, "info", name, *more)
        self.assertEqual(text.stderr, "")
        data = json.loads(self.expect(0, "info", name, "--json", *more).stdout)
        self.assertEqual(data["kerma_info"], 1)
        self.assertEqual(data["file"], name)
        return text.stdout, data


class Meshes(InfoCase):
    def test_a_box_in_both_encodings_whatever_its_name(self):
        triangles = box((2, 3, 4), (10, 20, 30))
        for data in (binary_stl(triangles), text_stl(triangles)):
            text, found = self.info(self.put("box.mha", data))
            self.assertEqual(found["kind"], "mesh")
            mesh = found["mesh"]
            self.assertIs(mesh["watertight"], True)
            self.assertEqual((mesh["facets"], mesh["vertices"], mesh["bodies"]), (12, 8, 1))
            self.assertEqual((mesh["low_mm"], mesh["high_mm"]), ([10, 20, 30], [12, 23, 34]))
            self.assertAlmostEqual(mesh["volume_mm3"], 24, 9)
            self.assertAlmostEqual(mesh["area_mm2"], 52, 9)
            self.assertIn("2 x 3 x 4 mm", text)
            self.assertIn("0.024 cm3", text)
            self.assertIn("yes: closed", text)

    def test_the_unit_is_asked_about_where_the_size_is_odd(self):
        for size, odd in ((0.09, True), (1, False), (500, False), (20000, True)):
            text, found = self.info(self.put("box.stl", binary_stl(box((size,) * 3))))
            self.assertEqual("question" in found, odd, size)
            self.assertEqual("is the unit right?" in text, odd)
        text, found = self.info("box.stl", "--unit", "0.001")
        self.assertNotIn("question", found)
        self.assertAlmostEqual(found["mesh"]["volume_mm3"], 8000, 3)
        self.assertEqual(found["unit_mm"], 0.001)

    def test_broken_meshes_are_described(self):
        whole = box((1, 2, 3))
        flipped = [whole[0][::-1]] + whole[1:]
        cases = {
            "open_edges": (whole[:-1], 3, "first_open"),
            "flipped_edges": (flipped, 3, "first_flipped"),
            "duplicate_facets": (whole + [whole[4]], 1, "first_duplicate"),
            "degenerate_facets": (whole + [[(0, 0, 0), (0, 0, 0), (1, 0, 0)]], 1, "first_degenerate"),
            "inside_out_bodies": ([t[::-1] for t in whole], 1, "first_inside_out"),
        }
        for key, (triangles, count, first) in cases.items():
            with self.subTest(damage=key):
                text, found = self.info(self.put("broken.stl", binary_stl(triangles)))
                mesh = found["mesh"]
                self.assertIs(mesh["watertight"], False)
                self.assertEqual(mesh[key], count)
                self.assertIn("NO:", text)
                self.assertIn("first: facet", text)
                place = mesh[first]
                corners = {tuple(p) for p in triangles[place["facet"]]}
                self.assertIn(tuple(place["from_mm"]), corners)
                if "to_mm" in place:
                    self.assertIn(tuple(place["to_mm"]), corners)
        self.assertEqual(self.info(self.put("b.stl", binary_stl(whole + [whole[4]])))[1]["mesh"]["first_duplicate"]["facet"], 12)

    def test_two_boxes_are_two_bodies(self):
        _, found = self.info(self.put("two.stl", binary_stl(box((1, 1, 1)) + box((2, 2, 2), (5, 0, 0)))))
        self.assertEqual(found["mesh"]["bodies"], 2)
        self.assertAlmostEqual(found["mesh"]["volume_mm3"], 9, 6)

    def test_wrong_units_are_wrong_use(self):
        self.put("box.stl", binary_stl(box((1, 1, 1))))
        for unit in ("0", "-1", "mm", "1e9", "nan", "inf", "", "1,5"):
            self.expect(2, "info", "box.stl", f"--unit={unit}", says="--unit")


class Images(InfoCase):
    def test_geometry_and_values_are_counted(self):
        count, spacing, origin = (4, 3, 2), (2, 3, 5), (100, -7, 9)
        values = [((i * 37) % 101) - 50 for i in range(24)]
        # x is turned round, y and z change places: the columns of the direction are -x, z, y
        data = metaimage(values, count, spacing, origin, (-1, 0, 0, 0, 0, 1, 0, 1, 0))
        text, found = self.info(self.put("ct.stl", data))
        image = found["image"]
        self.assertEqual(found["kind"], "image")
        self.assertEqual((image["count"], image["type"], image["voxels"]), ([4, 3, 2], "int16", 24))
        self.assertEqual((image["spacing_mm"], image["origin_mm"]), ([2, 3, 5], [100, -7, 9]))
        self.assertEqual(image["direction"], [-1, 0, 0, 0, 0, 1, 0, 1, 0])
        self.assertEqual((image["lowest"], image["highest"]), (min(values), max(values)))
        self.assertAlmostEqual(image["mean"], sum(values) / 24, 12)
        # outer faces: half a voxel around the centres; y of the world is the third axis (5 mm), z the second (3 mm)
        self.assertEqual(image["low_mm"], [100 - 3.5 * 2, -7 - 2.5, 9 - 1.5])
        self.assertEqual(image["high_mm"], [100 + 1, -7 + 1.5 * 5, 9 + 2.5 * 3])
        self.assertIn("4 x 3 x 2 = 24, int16", text)
        self.assertIn("8 x 10 x 9 mm", text)

    def test_values_that_are_no_numbers_are_told(self):
        data = metaimage([1.5, math.nan, -2.5, math.inf], (4, 1, 1), code="f", type_="MET_FLOAT")
        text, found = self.info(self.put("a.mha", data))
        self.assertEqual(found["image"]["not_finite"], 2)
        self.assertEqual(found["image"]["mean"], -0.5)
        self.assertIn("2 values", text)

    def test_numbers_that_are_not_hu_are_asked_about(self):
        self.assertIn("question", self.info(self.put("a.mha", metaimage([0, 1024, 2000, 3], (4, 1, 1))))[1])
        self.assertNotIn("question", self.info(self.put("a.mha", metaimage([-1000, 1024, 0, 3], (4, 1, 1))))[1])

    def test_a_broken_image_is_3(self):
        data = metaimage(list(range(24)), (4, 3, 2))
        self.expect(3, "info", self.put("short.mha", data[:-1]), says="short.mha")
        self.expect(3, "info", self.put("typeless.mha", data.replace(b"ElementType = MET_SHORT\n", b"")), says="ElementType")


class Results(InfoCase):
    def test_a_result_is_described_as_its_summary_says(self):
        self.expect(0, "run", "drop.json", "--quiet", "--threads", "2", "--seed", "77")
        summary = self.summary()
        for name in ("drop.results", "drop.results/", "drop.results/summary.json"):
            text, found = self.info(name)
            result = found["result"]
            self.assertEqual(found["kind"], "result")
            for key in ("title", "histories", "seed", "kerma_version", "xraylib_version", "scene_hash", "fingerprint",
                        "scores_hash", "cut_energy_mev", "first_missing_history"):
                self.assertEqual(result[key], summary[key], key)
            self.assertEqual(result["workers"], 2)
            self.assertAlmostEqual(result["histories_per_s"], self.performance()["histories_per_s"], 3)
            self.assertEqual([s["name"] for s in result["scorers"]], [s["name"] for s in summary["scorers"]])
            for mine, theirs in zip(result["scorers"], summary["scorers"]):
                for key, value in theirs.items():
                    if isinstance(value, dict) and "unit" in value:
                        self.assertEqual(mine[key]["value"], value["value"])
                        self.assertEqual(mine[key].get("uncertainty"), value.get("uncertainty"))
            for word in (summary["scores_hash"], "A drop of water", "primary energy", "deposited", "2 workers"):
                self.assertIn(word, text)

    def test_a_result_without_performance_is_one_too(self):
        self.expect(0, "run", "drop.json", "--quiet")
        (self.here / "drop.results" / "performance.json").write_text("{]")
        self.assertNotIn("workers", self.info("drop.results")[1]["result"])
        (self.here / "drop.results" / "performance.json").unlink()
        self.assertNotIn("workers", self.info("drop.results")[1]["result"])

    def test_broken_results_are_3(self):
        self.expect(0, "run", "drop.json", "--quiet")
        path = self.here / "drop.results" / "summary.json"
        good = path.read_text()
        for bad in (good[:-20], good.replace('"seed"', '"sead"'), good.replace('"seed": 1', '"seed": 1.5'),
                    good.replace('"kerma_summary": 1', '"kerma_summary": 2'), "[]", "{}", ""):
            path.write_text(bad)
            self.expect(3, "info", "drop.results", says="summary.json")


class Others(InfoCase):
    def test_a_scene(self):
        text, found = self.info("drop.json")
        self.assertEqual(found["kind"], "scene")
        self.assertEqual((found["scene"]["title"], found["scene"]["histories"], found["scene"]["scorers"]),
                         (SMALL_SCENE["title"], 2000, 3))
        self.assertIn("A drop of water", text)

    def test_spectra(self):
        text, found = self.info(self.put("lines", "# x\nenergy_mev,weight\n0.02,1\n0.08,3\n"))
        self.assertEqual(found["spectrum"]["form"], "lines")
        self.assertAlmostEqual(found["spectrum"]["mean_energy_mev"], 0.065, 12)
        _, found = self.info(self.put("bins", "weight,energy_low_mev,energy_high_mev\n1,0.02,0.04\n1,0.04,0.1\n"))
        self.assertEqual(found["spectrum"]["count"], 2)
        self.assertAlmostEqual(found["spectrum"]["mean_energy_mev"], (0.03 + 0.07) / 2, 12)
        self.assertIn("0.065 MeV", text)

    def test_a_ct_table_as_the_page_has_it(self):
        page = (SOURCE / "Documentation" / "ct-table-csv.md").read_text(encoding="utf-8")
        table = page.split("```\n")[1]
        text, found = self.info(self.put("table.csv", table))
        rows = found["ct_table"]["rows"]
        lines = [line for line in table.splitlines() if line and line[0] in "-0123456789"]
        self.assertEqual(len(rows), len(lines))
        for row, line in zip(rows, lines):
            numbers = [float(x) for x in line.split(",")[:4]]
            self.assertEqual([row["ct_low"], row["ct_high"], row["density_low_g_cm3"], row["density_high_g_cm3"]], numbers)
        self.assertEqual(rows[4]["material"], "Bone, Cortical (ICRP)")
        self.assertIn("Lung (ICRP)", text)

    def test_json_holds_any_name(self):
        name = 'a "b" \\ \t\u00fc\n.csv'
        self.put(name, "energy_mev,weight\n0.02,1\n")
        done = json.loads(self.expect(0, "info", name, "--json").stdout)
        self.assertEqual(done["file"], name)
        raw = os.fsencode(self.here) + b"/\xff\xfe"
        with open(raw, "wb") as file:
            file.write(b"energy_mev,weight\n0.02,1\n")
        done = subprocess.run([COMMAND.encode(), b"info", b"\xff\xfe", b"--json"], cwd=self.here, capture_output=True)
        self.assertEqual(json.loads(done.stdout.decode("utf-8"))["file"], "\ufffd\ufffd")


class Hostile(InfoCase):
    def test_what_is_no_file_for_kerma_is_3_and_prints_nothing(self):
        (self.here / "folder").mkdir()
        os.mkfifo(self.here / "pipe")
        self.put("empty", "")
        self.put("noise", bytes(range(256)) * 9)
        self.put("text", "Dear diary\n")
        self.put("other.json", '{"a": 1}')
        self.put("broken.json", '{"kerma": 1,')
        for name, says in (("none", "none"), ("folder", "summary.json"), ("pipe", "a pipe"), ("empty", "empty"),
                           ("noise", "binary STL"), ("text", "no mesh"), ("other.json", "neither a scene"),
                           ("broken.json", "broken.json:1:"), ("/dev/zero", "a device"), ("", "path")):
            for form in ([], ["--json"]):
                with self.subTest(name=name):
                    done = self.expect(3, "info", name, *form, says=says)
                    self.assertEqual(done.stdout, "")

    def test_wrong_use_is_2(self):
        for arguments, says in (([], "which file?"), (["a", "b"], "one file at a time"), (["a", "--threads", "1"], "unknown option"),
                                (["a", "--unit"], "needs a value"), (["a", "--quiet"], "unknown option")):
            done = self.expect(2, "info", *arguments, says=says)
            self.assertIn("usage:", done.stderr)
        self.expect(2, "run", "drop.json", "--json", says="unknown option")

    def test_stdout_that_is_closed_or_full_is_4(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "info", "drop.json"], cwd=self.here, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 4)
        done = subprocess.run(["sh", "-c", f'exec "{COMMAND}" info drop.json --json >&-'], cwd=self.here,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 4)
        self.assertIn("standard output cannot be written", done.stderr)


if __name__ == "__main__":
    unittest.main()
