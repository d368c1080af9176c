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


if __name__ == "__main__":
    unittest.main()
