"""Every scene below Examples runs as it is in the checkout, with the same bytes for any number of threads."""
import json
import os
import subprocess
import time
import unittest

from kerma_command import SANITIZED, SOURCE, Case, bytes_of_results

EXAMPLES = sorted((SOURCE / "Examples").rglob("*.json"))
HISTORIES = 400
THREADS = (0, 3) if SANITIZED else (0, 1, 2, 3, 7)


class Examples(Case):
    def test_there_are_examples(self):
        self.assertGreaterEqual(len(EXAMPLES), 3)

    def test_each_runs_and_threads_change_no_byte(self):
        for path in EXAMPLES:
            for threads in THREADS:
                with self.subTest(example=path.name, threads=threads):
                    out = f"{path.stem}.{threads}"
                    self.expect(0, "run", path, "--quiet", "--histories", HISTORIES, "--threads", threads, "--out", out)
                    results = bytes_of_results(self.here / out)
                    self.assertEqual(self.summary(out)["histories"], HISTORIES)
                    self.assertTrue(any(name.endswith(".mha") for name in results))
                    self.assertTrue(any(name.endswith(".png") for name in results))
                    first = bytes_of_results(self.here / f"{path.stem}.0")
                    self.assertEqual(list(results), list(first))
                    for name, data in results.items():
                        self.assertEqual(data, first[name], name)

    @unittest.skipIf(SANITIZED, "sanitizers take their time")
    def test_each_runs_20000_histories_in_one_thread_within_20_s(self):
        for path in EXAMPLES:
            with self.subTest(example=path.name):
                begin = time.monotonic()
                self.expect(0, "run", path, "--histories", "2e4", "--threads", 0, "--out", path.stem)
                self.assertLess(time.monotonic() - begin, 20)

    def test_each_names_the_schema_that_is_there(self):
        for path in EXAMPLES:
            with self.subTest(example=path.name):
                schema = path.parent / json.loads(path.read_text(encoding="utf-8"))["$schema"]
                self.assertTrue(schema.is_file(), schema)

    def test_the_c_program_gives_the_same_bits_as_the_scene(self):
        done = subprocess.run([os.environ["KERMA_WATER_BOX"], "2000", self.here / "c"], cwd=self.here, capture_output=True,
                              text=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect(0, "run", SOURCE / "Examples" / "water_box.json", "--quiet", "--histories", 2000, "--out", "json")
        self.assertIn(self.summary("json")["scores_hash"], done.stdout)
        program, scene = bytes_of_results(self.here / "c"), bytes_of_results(self.here / "json")
        self.assertEqual(list(program), list(scene))
        for name in program:
            if name != "summary.json":  # it has the scene's title
                self.assertEqual(program[name], scene[name], name)

    def test_pulse_heights_are_those_of_the_crystal_for_any_number_of_threads(self):
        tables = {}
        for threads in (0, 1, 3):
            done = subprocess.run([os.environ["KERMA_PULSE_HEIGHT"], "20000", str(threads)], cwd=self.here,
                                  capture_output=True, text=True, timeout=100)
            self.assertEqual(done.returncode, 0, done.stderr)
            tables[threads] = done.stdout
        self.assertEqual(tables[0], tables[1])
        self.assertEqual(tables[0], tables[3])
        header, *lines = tables[0].splitlines()
        self.assertEqual(header, "from_mev,to_mev,histories")
        counts = [int(line.split(",")[2]) for line in lines]
        # XCOM: 0.0770 cm2/g in NaI at 661.7 keV, 3.667 g/cm3, 5.08 cm: 76 % of a beam along the axis interact.
        self.assertAlmostEqual(sum(counts) / 20000, 0.76, delta=0.015)
        # All 661.7 keV are the highest bin; the Compton edge is at 477.3 keV, and more takes two collisions.
        self.assertEqual(max(counts), counts[66])
        self.assertEqual(counts[67:], [0, 0, 0])
        self.assertLess(sum(counts[49:57]), sum(counts[38:46]) / 2)


if __name__ == "__main__":
    unittest.main()
