"""Annotations: mypy --strict accepts the examples and the package, and refuses what is wrong."""
import ast
import os
import pathlib
import subprocess
import sys
import tempfile

from harness import Skip, limit

import kerma

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = pathlib.Path(kerma.__file__).parent

WRONG = """
import kerma

sim = kerma.Simulation(kerma.Volume("w", kerma.Box((1, 1, 1))), tile="x")  # call-arg
sim.treads = 4  # attr-defined
sim.run("1000")  # arg-type
sim.run(10).histores  # attr-defined
sim.on_step(lambda worker: None)  # type-var
kerma.Volume("v", kerma.Material("Ti"))  # arg-type
kerma.Box((1, 1, 1)).size = (2, 2, 2)  # misc
x: str = sim.progress.histories  # assignment
kerma.ClosedErrer  # attr-defined
sim.seed = "7"  # assignment
kerma.Mesh.read(5)  # arg-type
"""


def mypy(*arguments, where):
    try:
        import mypy  # noqa: F401
    except ImportError:
        raise Skip("mypy is not installed") from None
    environment = dict(os.environ, MYPYPATH=str(PACKAGE.parent), MYPY_CACHE_DIR=str(where / "cache"))
    environment.pop("PYTHONPATH", None)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *map(str, arguments)], cwd=where,
                          env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


@limit(240)
def test_the_package_and_its_examples_are_strictly_typed_and_slips_are_found():
    assert (PACKAGE / "py.typed").is_file() and (PACKAGE / "_kerma.pyi").is_file()
    with tempfile.TemporaryDirectory() as directory:
        where = pathlib.Path(directory)
        examples = sorted((SOURCE / "Examples" / "python").glob("*.py"))
        assert len(examples) >= 3
        wrong = where / "wrong.py"
        wrong.write_text(WRONG)
        public = where / "public.py"
        public.write_text("import kerma\n\n" + "".join(f"kerma.{n}\n" for n in dir(kerma) if not n.startswith("_")))
        # all at once: most of the time goes into NumPy's types
        said = mypy(PACKAGE, *examples, public, wrong, where=where)
        others = [m for m in said.splitlines() if not m.startswith("wrong.py:")]
        assert not others, "\n".join(others)
        for number, line in enumerate(WRONG.splitlines(), 1):
            codes = line.partition("#")[2].split()
            found = [m for m in said.splitlines() if m.startswith(f"wrong.py:{number}: error")]
            assert not codes or any(f"[{c}]" in m for m in found for c in codes), f"{line}: {found}"


def test_the_stub_of_the_compiled_module_has_what_is_there():
    tree = ast.parse((PACKAGE / "_kerma_c.pyi").read_text())
    classes = {c.name: c for c in tree.body if isinstance(c, ast.ClassDef)}
    assert classes.keys() == {"Step", "Worker"}
    for name, written in classes.items():
        members = {f.name: f for f in written.body if isinstance(f, ast.FunctionDef)}
        there = {n: getattr(getattr(kerma, name), n) for n in dir(getattr(kerma, name)) if not n.startswith("_")}
        assert members.keys() == there.keys()
        for member, f in members.items():
            assert callable(there[member]) == (not f.decorator_list), (name, member)
            assert not callable(there[member]) or [a.arg for a in f.args.args] == ["self"]
        assert ast.get_docstring(written) == getattr(kerma, name).__doc__
