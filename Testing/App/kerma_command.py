"""Running the kerma command in a scratch directory, for the tests beside this file."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

COMMAND = os.environ["KERMA_COMMAND"]
SOURCE = Path(os.environ["KERMA_SOURCE_DIR"])
SANITIZED = bool(os.environ.get("KERMA_SANITIZE"))

SMALL_SCENE = {
    "kerma": 1,
    "title": "A drop of water",
    "histories": 2000,
    "materials": {"water": {"nist": "Water, Liquid"}},
    "spectra": {"line": {"energy": 0.06}},
    "volumes": {
        "world": {"box": {"size": [200, 200, 200]}, "material": "vacuum"},
        "drop": {"orb": {"radius": 30}, "material": "water"},
    },
    "world": "world",
    "placements": [{"volume": "drop", "in": "world"}],
    "sources": [{"type": "parallel", "position": [0, 0, -90], "radius": 20, "spectrum": "line"}],
    "scorers": {
        "drop": {"volume": "drop"},
        "cells": {"grid": {"count": [8, 9, 10], "spacing": [8, 8, 8], "origin": [-28, -32, -36]}},
        "image": {"detector": {"centre": [0, 0, 90], "pixels": [12, 10], "pixel_size": [8, 8]}},
    },
}


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.here = Path(scratch.name)
        self.scene(SMALL_SCENE)

    def scene(self, scene, name="drop.json"):
        path = self.here / name
        path.write_text(scene if isinstance(scene, str) else json.dumps(scene, indent=1), encoding="utf-8")
        return path

    def kerma(self, *arguments, **more):
        return subprocess.run([COMMAND, *map(str, arguments)], cwd=self.here, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=100, **more)

    def expect(self, code, *arguments, says=None, **more):
        """Runs the command, checks its exit code and that stderr says something; returns it."""
        done = self.kerma(*arguments, **more)
        self.assertEqual(done.returncode, code, f"{arguments}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        if says is not None:
            self.assertIn(says, done.stderr)
        return done

    def summary(self, directory="drop.results"):
        return json.loads((self.here / directory / "summary.json").read_text(encoding="utf-8"))

    def performance(self, directory="drop.results"):
        return json.loads((self.here / directory / "performance.json").read_text(encoding="utf-8"))


def bytes_of_results(directory):
    """All files but performance.json, which holds times."""
    return {p.name: p.read_bytes() for p in sorted(directory.iterdir()) if p.name != "performance.json"}
