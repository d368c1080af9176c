#!/usr/bin/env python3
"""kerma with the itk and SimpleITK of PyPI: whole, and broken in each way that people meet.

    check_itk_wheels.py SCRATCH    run by a Python of a virtual environment with itk-core, itk-io, itk-numerics and SimpleITK,
                                   where kerma can be imported (PYTHONPATH); the environment is not changed

Copies of the environment (hard links: files are replaced there, never written into) lose a package or a file; in each
kerma's doctor, the error of the user's own call of itk, and the error of kerma's call are looked at.
"""
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig

VENV = pathlib.Path(sys.prefix)
SITE = pathlib.Path(sysconfig.get_path("purelib")).relative_to(VENV)
NEWEST = importlib.metadata.version("itk-core")

# The user's own call of itk, and what kerma says of its error.
USERS = """
import kerma, sys
import itk
try:
    {statement}
except Exception as e:
    print(type(e).__name__ + ": " + str(e).replace("\\n", " "))
    print(kerma.doctor(e).checks[0].text)
else:
    print("no error")
"""
# kerma's own.
OWN = """
import kerma, pathlib, tempfile
image = kerma.Image([[[1.0, 2.0]]], spacing=(1, 2, 3))
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "a.mha")
    image.write(path)
    try:
        print(kerma.Image.read_itk(path, package="itk").shape, kerma.Image.from_itk(image.to_itk()).spacing)
    except kerma.ITKError as e:
        print(type(e).__name__ + ": " + str(e))
"""
CURE = "uninstall -y itk itk-core itk-numerics itk-io itk-filtering itk-registration itk-segmentation; remove what is left of"


class Environment:
    def __init__(self, scratch, name):
        self.folder = scratch / name
        if self.folder.exists():
            shutil.rmtree(self.folder)
        shutil.copytree(VENV, self.folder, symlinks=True, copy_function=lambda a, b: os.link(a, b, follow_symlinks=False))
        self.python = str(self.folder / "bin" / "python")
        self.site = self.folder / SITE
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.environment.pop("VIRTUAL_ENV", None)

    def run(self, *arguments, codes=(0,)):
        done = subprocess.run([self.python, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)
        assert done.returncode in codes, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def doctor(self):
        """{name of a check: check}, and whether all was well, which the exit status says too."""
        said = json.loads(self.run("-m", "kerma", "doctor", "--json", codes=(0, 1)))
        text = self.run("-m", "kerma", "doctor", codes=(0,) if said["ok"] else (1,))
        assert ("TROUBLE" in text) == (not said["ok"]), text
        return said["ok"], {check["name"]: check for check in said["checks"]}

    def users(self, statement):
        return self.run("-c", USERS.format(statement=statement))

    def own(self):
        return self.run("-c", OWN)


def has(text, *words):
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in:\n{text}"


def whole(e):
    ok, checks = e.doctor()
    assert ok, checks
    has(checks["itk"]["text"], NEWEST)
    assert checks["itk: files"]["state"] == checks["SimpleITK: files"]["state"] == "good", checks
    assert checks["itk: paths"]["state"] == "note", checks["itk: paths"]
    has(checks["itk: paths"]["text"], "CreateImageIO", "str(path)")
    has(e.own(), "(1, 1, 2) (1.0, 2.0, 3.0)")
    # What 5.2.1 said of imread, this one still says of the factory; and imread takes a path.
    said = e.users("itk.ImageIOFactory.CreateImageIO(__import__('pathlib').Path('a.mha'), itk.CommonEnums.IOFileMode_ReadMode)")
    has(said, "TypeError: in method 'itkImageIOFactory_CreateImageIO', argument 1 of type 'char const *'",
        f"ImageIOFactory.CreateImageIO of itk ({NEWEST}) was given something that is no str")
    has(e.users("itk.imread(__import__('pathlib').Path('/nowhere.mha'))"), "/nowhere.mha", "none of the known troubles")


def without_core(e):
    e.run("-m", "pip", "uninstall", "-q", "-y", "itk-core")
    assert (e.site / "itk").is_dir() and not (e.site / "itk" / "__init__.py").exists()
    ok, checks = e.doctor()
    assert not ok and checks["itk"]["state"] == "trouble" and checks["SimpleITK"]["state"] == "good", checks
    has(checks["itk"]["text"], "empty namespace", str(e.site / "itk"), f"itk-io {NEWEST}", "not installed: itk, itk-core")
    has(checks["itk"]["cure"], CURE, str(e.site / "itk"), f"{e.python} -m pip install itk")
    has(e.users("itk.ChangeInformationImageFilter"), "AttributeError: module 'itk' has no attribute 'ChangeInformationImageFilter'",
        "empty namespace")
    has(e.own(), "ITKError: the module itk is an empty namespace", CURE)


def without_a_file(e):
    (e.site / "itk" / "Configuration" / "ITKImageGridConfig.py").unlink()
    ok, checks = e.doctor()
    assert not ok and checks["itk"]["state"] == "trouble", checks
    has(checks["itk"]["text"], "module 'itk' has no attribute 'ChangeInformationImageFilter'", "a file of it is missing", f"itk-core {NEWEST}")
    has(checks["itk"]["cure"], CURE)
    has(e.users("itk.ChangeInformationImageFilter"), "AttributeError: module 'itk' has no attribute 'ChangeInformationImageFilter'",
        "a file of it is missing")
    has(e.own(), "(1, 1, 2) (1.0, 2.0, 3.0)")  # which does not need it


def of_two_versions(e):
    """As after an update of one of them: its files are the same here, its version is another."""
    metadata = next(e.site.glob("itk_io-*.dist-info")) / "METADATA"
    text = metadata.read_text(encoding="utf-8").replace(f"\nVersion: {NEWEST}\n", "\nVersion: 5.3.0\n", 1)
    metadata.unlink()
    metadata.write_text(text, encoding="utf-8")
    ok, checks = e.doctor()
    assert not ok and checks["itk"]["state"] == "trouble", checks
    has(checks["itk"]["text"], "different versions", f"itk-core {NEWEST}", "itk-io 5.3.0")


def cured(e):
    """The cure as it is printed, less the new itk, which is large: nothing is left that could be imported."""
    e.run("-m", "pip", "uninstall", "-q", "-y", "itk-core")
    cure = e.doctor()[1]["itk"]["cure"]
    uninstall, remove, _ = cure.split("; ")
    subprocess.run(uninstall, shell=True, check=True, env=e.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(remove.removeprefix("remove what is left of "), ignore_errors=True)
    ok, checks = e.doctor()
    assert ok and checks["itk"]["state"] == "note", checks


def main(scratch):
    scratch = pathlib.Path(scratch).resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    failed = 0
    cases = whole, without_core, without_a_file, of_two_versions, cured
    for case in cases:
        e = Environment(scratch, case.__name__)
        try:
            case(e)
            print(f"ok      {case.__name__}", flush=True)
        except Exception as fault:
            failed += 1
            print(f"FAILED  {case.__name__}: {type(fault).__name__}: {fault}", flush=True)
        shutil.rmtree(e.folder)
    print(f"itk {NEWEST}: {len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.prefix == sys.base_prefix:
        print("skipped: itk belongs to an installation that is no virtual environment: it cannot be copied and broken")
        sys.exit(77)
    sys.exit(main(sys.argv[1]))
