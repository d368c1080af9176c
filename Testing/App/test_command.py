"""kerma from outside: arguments, exit codes, what goes where. Documentation/command.md promises it."""
import os
import pty
import subprocess
import unittest

from kerma_command import COMMAND, SANITIZED, SMALL_SCENE, SOURCE, Case, bytes_of_results


COMMANDS = ("run", "check", "info", "replay")


class Usage(Case):
    def test_version_and_help_go_to_stdout(self):
        self.assertRegex(self.expect(0, "--version").stdout, r"^kerma \d+\.\d+\.\d+\n$")
        for arguments in (["--help"], ["-h"], ["help"]):
            for command in COMMANDS:
                self.assertIn(f"kerma {command} FILE", self.expect(0, *arguments).stdout)
        for arguments in (["help", "run"], ["run", "--help"], ["run", "drop.json", "-h"]):
            self.assertIn("--histories N", self.expect(0, *arguments).stdout)

    def test_the_page_names_every_option_and_exit_code(self):
        text = "".join(self.expect(0, "help", command).stdout for command in (*COMMANDS, "doctor"))
        page = (SOURCE / "Documentation" / "command.md").read_text(encoding="utf-8")
        for word in text.split():
            if word.startswith("--"):
                self.assertIn(f"`{word}", page)
        for code in ("0", "1", "2", "3", "4", "130"):
            self.assertIn(f"| {code} |", page)

    def test_wrong_use_is_2_and_says_what_is_wrong(self):
        for arguments, says in (
            ([], "usage:"),
            (["walk"], "unknown command 'walk'"),
            (["--frobnicate"], "unknown command"),
            (["help", "walk"], "no help about 'walk'"),
            (["--version", "x"], "unknown command"),
            (["run"], "The name of a file is missing"),
            (["run", "drop.json", "drop.json"], "one scene at a time"),
            (["run", "drop.json", "--fast"], "unknown option '--fast'"),
            (["run", "drop.json", "--threads"], "--threads needs a value"),
            (["run", "drop.json", "--threads", "-1"], "--threads -1"),
            (["run", "drop.json", "--threads", "two"], "--threads two"),
            (["run", "drop.json", "--threads", "1025"], "--threads 1025"),
            (["run", "drop.json", "--histories", "0"], "--histories 0"),
            (["run", "drop.json", "--histories", "1.5"], "--histories 1.5"),
            (["run", "drop.json", "--histories", "1e400"], "--histories 1e400"),
            (["run", "drop.json", "--histories", "1e"], "--histories 1e"),
            (["run", "drop.json", "--histories", "ten"], "--histories ten"),
            (["run", "drop.json", "--histories", "18446744073709551616"], "--histories 18446744073709551616"),
            (["run", "drop.json", "--seed", "-3"], "--seed -3"),
            (["run", "drop.json", "--out="], "--out needs"),
        ):
            with self.subTest(arguments=arguments):
                done = self.expect(2, *arguments, says=says)
                self.assertEqual(done.stdout, "")
                self.assertIn("usage:", done.stderr)
        self.assertEqual([p.name for p in self.here.iterdir()], ["drop.json"])


class Scenes(Case):
    def test_a_fault_in_the_scene_is_3_with_its_place(self):
        self.scene('{"kerma": 1,\n "spectre": {}}', "bad.json")
        done = self.expect(3, "run", "bad.json", says="bad.json:2:2: unknown key 'spectre' (did you mean 'spectra'?)")
        self.assertEqual(done.stdout, "")
        self.expect(3, "run", "none.json", says="none.json")
        self.expect(3, "run", ".", says="directory")
        self.assertEqual([p.name for p in self.here.iterdir() if p.is_dir()], [])

    def test_a_scene_that_cannot_be_run_is_1(self):
        scene = {**SMALL_SCENE, "scorers": {"far": {"detector": {"centre": [0, 0, 900], "pixels": [2, 2], "pixel_size": [1, 1]}}}}
        self.scene(scene)
        self.expect(1, "run", "drop.json", says="drop.json: ")
        self.assertFalse((self.here / "drop.results").exists())
        (self.here / "drop.results").mkdir()
        self.expect(1, "run", "drop.json", says="far")
        self.assertTrue((self.here / "drop.results").is_dir())

    def test_what_is_not_used_is_warned_about(self):
        scene = {**SMALL_SCENE, "spectra": {**SMALL_SCENE["spectra"], "spare": {"energy": 0.03}}}
        self.scene(scene)
        self.expect(0, "run", "drop.json", "--quiet", says="the spectrum 'spare' is not used")


class Results(Case):
    def test_results_go_beside_where_the_command_runs(self):
        scenes = self.here / "scenes"
        scenes.mkdir()
        (self.here / "drop.json").rename(scenes / "drop.json")
        done = self.expect(0, "run", "scenes/drop.json")
        self.assertEqual(done.stderr, "")
        self.assertTrue((self.here / "drop.results" / "summary.json").is_file())
        for word in ("A drop of water", "2000 histories, seed 1", "primary photons", "deposited", "drop.results"):
            self.assertIn(word, done.stdout)

    def test_the_files_are_those_of_the_documentation(self):
        self.expect(0, "run", "drop.json", "--quiet")
        found = {p.name for p in (self.here / "drop.results").iterdir()}
        dose = {f"cells_{e}" for e in ("dose.mha", "dose_uncertainty.mha", "dose_xy.png", "dose_xz.png", "dose_yz.png", "profile.csv")}
        image = {f"image_{a}_{b}{c}.mha" for a in ("primary", "scatter") for b in ("energy", "count") for c in ("", "_uncertainty")}
        image |= {"image_radiograph.png", "image_radiograph_primary.png", "image_profile.csv"}
        self.assertEqual(found, dose | image | {"volumes.csv", "summary.json", "performance.json"})
        page = (SOURCE / "Documentation" / "results.md").read_text(encoding="utf-8")
        for name in found:
            self.assertIn(name.replace("cells_", "NAME_").replace("image_", "NAME_"), page)

    def test_quiet_says_nothing(self):
        done = self.expect(0, "run", "drop.json", "--quiet")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_options_replace_what_the_scene_says(self):
        for count in ("1e3", "1000", "1.0e+3", "0.1e4"):
            self.expect(0, "run", "drop.json", "--quiet", "--histories", count, "--out", "a/b")
            self.assertEqual(self.summary("a/b")["histories"], 1000)
        self.expect(0, "run", "--seed=18446744073709551615", "--histories=1000", "drop.json", "--quiet", "--out=c")
        self.assertEqual(self.summary("c")["seed"], 2**64 - 1)
        self.assertNotEqual(self.summary("c")["scores_hash"], self.summary("a/b")["scores_hash"])

    def test_threads_change_nothing_but_the_time(self):
        for threads in ("0", "1", "3", "all"):
            self.expect(0, "run", "drop.json", "--quiet", "--threads", threads, "--out", threads)
            self.assertEqual(bytes_of_results(self.here / threads), bytes_of_results(self.here / "0"))
        self.assertEqual(self.performance("3")["workers"], 3)
        self.assertEqual(self.performance("0")["threads"], 0)

    def test_a_comma_as_decimal_sign_changes_nothing(self):
        self.expect(0, "run", "drop.json", "--quiet", "--out", "a")
        self.expect(0, "run", "drop.json", "--quiet", "--out", "b", env={**os.environ, "LC_ALL": "de_DE.UTF-8"})
        self.assertEqual(bytes_of_results(self.here / "a"), bytes_of_results(self.here / "b"))

    def test_places_that_cannot_be_written_are_4_before_the_run(self):
        self.scene({**SMALL_SCENE, "histories": 10**15})
        (self.here / "file").write_text("x")
        self.expect(4, "run", "drop.json", "--out", "file", says="file")
        self.expect(4, "run", "drop.json", "--out", "file/below", says="file/below")
        self.expect(4, "run", "drop.json", "--out", "/proc/kerma", says="/proc/kerma")
        self.assertEqual((self.here / "file").read_text(), "x")

    def test_a_file_that_cannot_be_written_is_4(self):
        (self.here / "out" / "volumes.csv").mkdir(parents=True)
        self.expect(4, "run", "drop.json", "--out", "out", says="volumes.csv")

    def test_a_full_disk_behind_stdout_is_4(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "run", "drop.json"], cwd=self.here, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 4)
        self.assertIn("standard output cannot be written", done.stderr)

    def test_performance_says_what_it_was_measured_on(self):
        self.expect(0, "run", "drop.json", "--quiet")
        performance = self.performance()
        self.assertEqual(performance["histories"], 2000)
        for key in ("histories_per_s", "wall_s", "cpu_s", "startup_s", "peak_memory_mib", "processors", "workers"):
            self.assertGreater(performance[key], 0, key)
        self.assertTrue(performance["processor"])


class Progress(Case):
    def test_a_terminal_sees_a_bar_that_vanishes(self):
        self.scene({**SMALL_SCENE, "histories": 300000 if SANITIZED else 1500000})
        try:
            master, slave = pty.openpty()
        except OSError as error:  # a chroot without devpts
            self.skipTest(f"no pseudo-terminal is to be had here: {error}")
        run = subprocess.Popen([COMMAND, "run", "drop.json"], cwd=self.here, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        seen = b""
        try:
            while True:
                seen += os.read(master, 4096)
        except OSError:  # the other end is closed
            pass
        os.close(master)
        self.assertEqual(run.wait(100), 0)
        self.assertIn(b"histories", seen)
        self.assertRegex(seen, rb"\[#*\.*\] ")
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-40:])


if __name__ == "__main__":
    unittest.main()
