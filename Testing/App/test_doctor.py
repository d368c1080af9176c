"""kerma doctor: what it says of itself, and of a Python that has the package, has not, or fails."""
import json
import os
import unittest

from kerma_command import SANITIZED, Case

GOOD = "kerma doctor: all is well\n  good     itk  5.4.7\n"


class Doctor(Case):
    def python(self, text):
        """A python3 that is first in PATH: a shell script."""
        (self.here / "bin").mkdir(exist_ok=True)
        path = self.here / "bin" / "python3"
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return {"env": {**os.environ, "PATH": f"{path.parent}:/usr/bin:/bin"}}

    def test_it_runs_histories_and_tells_the_library(self):
        done = self.expect(0, "doctor", **self.python("exit 77"))
        self.assertEqual(done.stdout.split("\n")[0], "The command and its library: all is well")
        self.assertRegex(done.stdout, r"\n  good     library     \d+\.\d+\.\d+, /.*libkerma")
        self.assertRegex(done.stdout, r"\n  good     runs        1000 histories with threads 0, 1 and \d+: the same result\n")
        self.assertEqual(done.stderr, "")
        self.assertEqual(sorted(p.name for p in self.here.iterdir()), ["bin", "drop.json"])

    def test_a_python_with_the_package_gives_its_report_and_its_status(self):
        done = self.expect(0, "doctor", **self.python(f"printf '{GOOD}'"))
        self.assertIn("good     Python      the package of python3 (PATH) is well\n", done.stdout)
        self.assertTrue(done.stdout.endswith("\n\n" + GOOD))
        done = self.expect(1, "doctor", **self.python("echo 'kerma doctor: 1 trouble'; exit 1"))
        self.assertIn("The command and its library: 1 trouble\n", done.stdout)
        self.assertIn("TROUBLE  Python      the package of python3 (PATH) found trouble", done.stdout)

    def test_a_python_without_the_package_or_none_is_no_trouble(self):
        done = self.expect(0, "doctor", **self.python("exit 77"))
        self.assertIn("note     Python      python3 (PATH) does not have the package kerma", done.stdout)
        self.assertIn("Cure: run 'PYTHON -m kerma doctor'", done.stdout)
        done = self.expect(0, "doctor", env={**os.environ, "PATH": str(self.here)})
        self.assertIn("there is no python3 in PATH (No such file or directory)", done.stdout)

    def test_a_python_that_fails_is_trouble(self):
        for script, how in (("echo Traceback; exit 1", "status 1"), ("exit 3", "status 3"), ("kill -SEGV $$", "signal 11"),
                            (f"printf '{GOOD}'; kill -ABRT $$", "signal 6"), ("echo 'kerma doctor: 1 trouble'; exit 4", "status 4")):
            with self.subTest(script=script):
                done = self.expect(1, "doctor", **self.python(script))
                self.assertIn(f"TROUBLE  Python      the package of python3 (PATH) did not answer: it ended with {how}", done.stdout)
                self.assertIn("import kerma", done.stdout)

    def test_json_holds_both(self):
        done = self.expect(0, "doctor", "--json", **self.python("""echo '{"ok": true,'; echo '"checks": []}'"""))
        said = json.loads(done.stdout)
        self.assertEqual((said["kerma_doctor"], said["ok"], said["python"]), (1, True, {"ok": True, "checks": []}))
        self.assertEqual([c["name"] for c in said["checks"]], ["library", "processors", "runs", "Python"])
        for check in said["checks"]:
            self.assertEqual(sorted(check), ["cure", "name", "state", "text"])
        said = json.loads(self.expect(1, "doctor", "--json", **self.python("echo no json; exit 1")).stdout)
        self.assertEqual((said["ok"], said["python"], said["checks"][-1]["state"]), (False, None, "trouble"))

    def test_python_gets_the_options_and_a_long_report_arrives(self):
        done = self.expect(0, "doctor", "--error", "a b'c", "--json",
                           **self.python("""shift 2; printf '{"arguments": "%s|%s|%s"}' "$@" """))
        self.assertEqual(json.loads(done.stdout)["python"]["arguments"], "--json|--error|a b'c")
        done = self.expect(0, "doctor", **self.python("echo 'kerma doctor: long'; seq 100000"))
        self.assertTrue(done.stdout.endswith("\n99999\n100000\n"))

    @unittest.skipIf(SANITIZED, "Python itself would run under the sanitizer's rules")
    def test_nothing_is_taken_from_the_current_directory(self):
        (self.here / "kerma.py").write_text("print('kerma doctor: evil')\n", encoding="utf-8")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        self.assertNotIn("evil", self.kerma("doctor", env=environment).stdout)

    def test_wrong_use(self):
        self.expect(2, "doctor", "drop.json", says="kerma doctor needs no file: 'drop.json'")
        self.expect(2, "doctor", "--unit=1", says="unknown option '--unit=1'")
        self.expect(2, "doctor", "--error", says="--error needs a value")
        self.assertIn("kerma doctor [options]", self.expect(0, "doctor", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
