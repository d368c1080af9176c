"""The code in Documentation/python.md and the programs in Examples/python, as they stand there."""
import contextlib
import io
import os
import pathlib
import re
import runpy
import sys
import tempfile

from harness import each, limit

SOURCE = pathlib.Path(__file__).resolve().parents[2]


@limit(60)
def test_the_tour_runs():
    text = (SOURCE / "Documentation" / "python.md").read_text()
    pieces = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    assert len(pieces) >= 9
    names = {}
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for piece in pieces:
            line = text[: text.index(piece)].count("\n")
            exec(compile("\n" * line + piece, "python.md", "exec"), names)
        assert {"dose.png", "scene.json", "scene_files", "results"} <= set(os.listdir())
        names.clear()
        os.chdir("/")


def test_the_front_page_runs():
    (piece,) = re.findall(r"^```python\n(.*?)^```", (SOURCE / "README.md").read_text(), re.M | re.S)
    exec(compile(piece.replace("1e6", "1e4"), "README.md", "exec"), {})


@limit(60)
@each(name=["first", "ct", "observers"])
def test_examples_run_and_say_something(name):
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as directory:
        sys.argv = [name, {"first": "20000", "ct": directory}.get(name, "")]
        with contextlib.redirect_stdout(out):
            runpy.run_path(str(SOURCE / "Examples" / "python" / f"{name}.py"), run_name="__main__")
        if name == "ct":
            assert pathlib.Path(directory, "dose.png").is_file() and pathlib.Path(directory, "results", "summary.json").is_file()
    assert len(out.getvalue().splitlines()) >= 4, out.getvalue()
