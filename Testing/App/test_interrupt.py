"""Ctrl-C: the first ends the run in order and keeps what was simulated, the second ends the process."""
import signal
import subprocess
import time
import unittest

from kerma_command import COMMAND, SMALL_SCENE, Case

ENDLESS = 10**15


class Interrupt(Case):
    def setUp(self):
        super().setUp()
        self.scene({**SMALL_SCENE, "histories": ENDLESS})

    def start(self, *arguments):
        run = subprocess.Popen([COMMAND, "run", "drop.json", *arguments], cwd=self.here, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        deadline = time.monotonic() + 60
        while not (self.here / "drop.results").is_dir():  # made just before the run
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        time.sleep(1)
        return run

    def check_results(self, run):
        out, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130, err)
        summary = self.summary()
        self.assertGreater(summary["histories"], 0)
        self.assertLess(summary["histories"], ENDLESS)
        self.assertIn(f"interrupted after {summary['histories']} of {ENDLESS} histories", err)
        self.assertIn(f"{summary['histories']} histories, seed 1", out)
        self.assertEqual(self.performance()["histories"], summary["histories"])
        names = sorted(p.name for p in (self.here / "drop.results").iterdir())
        self.assertEqual(len(names), 20, names)
        ledger = summary["energy_of_all_histories_mev"]
        self.assertLessEqual(abs(ledger["balance"]), ledger["allowed_balance"])
        for name, bins in (("cells_dose.mha", 720), ("image_primary_count.mha", 120)):
            head, _, data = (self.here / "drop.results" / name).read_bytes().partition(b"ElementDataFile = LOCAL\n")
            self.assertIn(b"ObjectType", head)
            self.assertEqual(len(data), 4 * bins)
        return summary

    def test_ctrl_c_writes_what_was_simulated(self):
        for threads in ("0", "2"):
            with self.subTest(threads=threads):
                run = self.start("--threads", threads)
                run.send_signal(signal.SIGINT)
                self.check_results(run)
                for path in (self.here / "drop.results").iterdir():
                    path.unlink()
                (self.here / "drop.results").rmdir()

    def test_termination_does_the_same(self):
        run = self.start()
        run.send_signal(signal.SIGTERM)
        self.check_results(run)

    def test_an_interrupted_serial_run_is_the_beginning_of_the_whole_one(self):
        run = self.start("--threads", "0")
        run.send_signal(signal.SIGINT)
        summary = self.check_results(run)
        self.assertEqual(summary["first_missing_history"], summary["histories"])

    def test_twice_ends_at_once(self):
        run = self.start()
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGINT)
        begin = time.monotonic()
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130)
        self.assertLess(time.monotonic() - begin, 20)


if __name__ == "__main__":
    unittest.main()
