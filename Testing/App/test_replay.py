"""kerma replay: the steps of a history are those of the run, and obey physics that the test knows by itself."""
import copy
import json
import math
import os
import subprocess
import unittest

from files import metaimage
from kerma_command import COMMAND, SANITIZED, SMALL_SCENE, Case

ELECTRON = 0.51099895  # MeV, CODATA 2018
HISTORIES = 8 if SANITIZED else 24


class ReplayCase(Case):
    def replay(self, history, *more, name="drop.json"):
        done = self.expect(0, "replay", name, "--history", history, "--json", *more)
        self.assertEqual(done.stderr, "")
        data = json.loads(done.stdout)
        self.assertEqual((data["kerma_replay"], data["history"]), (1, history))
        return data


class Steps(ReplayCase):
    def test_histories_add_up_to_what_the_run_scored(self):
        self.expect(0, "run", "drop.json", "--quiet", "--histories", HISTORIES, "--seed", 5)
        summary = self.summary()
        ledger = summary["energy_of_all_histories_mev"]
        drop = next(s for s in summary["scorers"] if s["name"] == "drop")
        image = next(s for s in summary["scorers"] if s["name"] == "image")
        steps = [s for n in range(HISTORIES) for s in self.replay(n, "--seed", 5)["steps"]]
        self.assertTrue(any(s["process"] == "Compton" for s in steps))
        cut = sum(s["deposited_mev"] for s in steps if s["process"] == "cut")
        self.assertAlmostEqual(cut, ledger["cut"], 9)
        self.assertAlmostEqual(sum(s["deposited_mev"] for s in steps) - cut, ledger["deposited"], 9)
        self.assertAlmostEqual(sum(s["deposited_mev"] for s in steps if s["volume"] == "drop") / HISTORIES, drop["energy"]["value"], 9)
        self.assertAlmostEqual(sum(s["energy_mev"] for s in steps if s["process"] == "source"), ledger["emitted"], 9)
        seen = [s["energy_mev"] for s in steps if s["process"] == "detector"]
        counted = image["primary_count"]["value"] + image["scatter_count"]["value"]
        self.assertEqual(len(seen), round(counted * HISTORIES))
        energy = image["primary_energy"]["value"] + image["scatter_energy"]["value"]
        self.assertAlmostEqual(sum(seen) / HISTORIES, energy, 9)

    def test_steps_form_a_chain_and_scattering_obeys_comptons_formula(self):
        scattered = 0
        for n in range(HISTORIES):
            steps = self.replay(n)["steps"]
            self.assertEqual([s["step"] for s in steps], list(range(len(steps))))
            self.assertEqual(steps[0]["process"], "source")
            for before, s in zip(steps, steps[1:]):
                self.assertEqual((s["begin_mm"], s["direction"], s["energy_mev"]),
                                 (before["end_mm"], before["next_direction"], before["next_energy_mev"]))
                self.assertEqual(s["volume"], before["next_volume"])
                self.assertAlmostEqual(math.dist(s["begin_mm"], s["end_mm"]), s["length_mm"], 9)
                if s["process"] == "Compton":
                    scattered += 1
                    cosine = sum(a * b for a, b in zip(s["direction"], s["next_direction"]))
                    energy = s["energy_mev"] / (1 + s["energy_mev"] / ELECTRON * (1 - cosine))
                    self.assertAlmostEqual(s["next_energy_mev"], energy, 9)
                    self.assertAlmostEqual(s["deposited_mev"], s["energy_mev"] - energy, 9)
                if s["volume"] == "drop":
                    self.assertLess(math.hypot(*s["end_mm"]), 30 + 1e-6)
                    self.assertEqual(s["material"], "Water, Liquid")
                if s["process"] == "photoelectric":
                    self.assertEqual((s["deposited_mev"], s["next_energy_mev"]), (s["energy_mev"], 0))
        self.assertGreater(scattered, HISTORIES / 4)

    def test_voxels_are_where_the_step_ends(self):
        scene = copy.deepcopy(SMALL_SCENE)
        (self.here / "ct.mha").write_bytes(metaimage([0] * 6 * 5 * 4, (6, 5, 4), (10, 12, 14), (25, -24, -21), (-1, 0, 0, 0, 1, 0, 0, 0, 1)))
        scene["volumes"]["ct"] = {"image": {"file": "ct.mha"}}
        scene["placements"] = [{"volume": "ct", "in": "world", "translation": [0, 0, z]} for z in (-35, 35)]
        scene["scorers"] = {}
        del scene["volumes"]["drop"], scene["materials"]
        self.scene(scene)
        seen = set()
        for n in range(8):
            for s in self.replay(n)["steps"]:
                if s["process"] not in ("Compton", "Rayleigh", "photoelectric"):
                    continue
                x, y, z = s["end_mm"]
                z -= 35 if s["volume"] == "ct #2" else -35
                self.assertEqual(s["voxel"], [math.floor((25 - x) / 10 + 0.5), math.floor((y + 24) / 12 + 0.5), math.floor((z + 21) / 14 + 0.5)])
                seen.add(s["volume"])
        self.assertEqual(seen, {"ct", "ct #2"})

    def test_the_table_says_the_same(self):
        data = self.replay(3, "--seed", "18446744073709551615")
        self.assertEqual(data["seed"], 2**64 - 1)
        text = self.expect(0, "replay", "drop.json", "--history=3", "--seed", "18446744073709551615").stdout
        rows = [line for line in text.splitlines() if line[:14].split()[:1] == ["0"]]
        self.assertEqual(len(rows), len(data["steps"]))
        for row, s in zip(rows, data["steps"]):
            words = row.split()
            self.assertEqual(words[2], s["process"])
            self.assertEqual([float(w) for w in words[3:6]], [float(f"{x:.4f}") for x in s["end_mm"]])
            self.assertAlmostEqual(float(words[10]), s["next_energy_mev"], 6)
        self.assertIn(f"{len(rows)} steps", text)

    def test_any_history_may_be_asked_for(self):
        for n in (0, 10**15, 2**60 - 1):
            self.assertGreater(len(self.replay(n)["steps"]), 1)
        self.assertNotEqual(self.replay(7)["steps"][1:], self.replay(8)["steps"][1:])
        self.assertEqual(self.replay(7), self.replay(7))
        self.assertEqual([p.name for p in self.here.iterdir()], ["drop.json"])


class Hostile(ReplayCase):
    def test_wrong_use_is_2(self):
        for arguments, says in (([], "which scene?"), (["drop.json"], "--history N is missing"), (["drop.json", "--history"], "needs a value"),
                                (["drop.json", "--history", "-1"], "--history -1"), (["drop.json", "--history", "x"], "--history x"),
                                (["drop.json", "--history", str(2**60)], "2^60 - 1"), (["drop.json", "--history", "1", "--threads", "1"], "unknown option")):
            self.assertIn("usage:", self.expect(2, "replay", *arguments, says=says).stderr)

    def test_faults_of_the_scene_are_3_and_those_of_its_closing_1(self):
        os.mkfifo(self.here / "pipe")
        self.scene("{", "bad.json")
        for name in ("none", "pipe", ".", "bad.json"):
            self.assertEqual(self.expect(3, "replay", name, "--history", 1, "--json", says=name).stdout, "")
        scene = copy.deepcopy(SMALL_SCENE)
        scene["scorers"] = {"far": {"detector": {"centre": [0, 0, 900], "pixels": [2, 2], "pixel_size": [1, 1]}}}
        self.scene(scene)
        self.assertEqual(self.expect(1, "replay", "drop.json", "--history", 1, says="drop.json: ").stdout, "")

    def test_stdout_that_is_full_is_4(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "replay", "drop.json", "--history", "1"], cwd=self.here, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 4)


if __name__ == "__main__":
    unittest.main()
