"""kerma.doctor(): a good installation is called good, and each trouble by its name, with what helps."""
import contextlib
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from harness import Skip, raised

import fake_itk
import kerma
from kerma import _doctor, _itk_health

#: What itk 5.2.1 says when it is given a pathlib.Path, word by word.
OF_5_2_1 = "in method 'itkImageIOFactory_CreateImageIO', argument 1 of type 'char const *'"


def check(report, name):
    found = [c for c in report.checks if c.name == name]
    assert len(found) == 1, (name, str(report))
    return found[0]


@contextlib.contextmanager
def packages(**versions):
    """A directory of installed packages of itk in sys.path, such as itk_core="5.4.7"; None: not even metadata."""
    with tempfile.TemporaryDirectory() as folder:
        for name, version in versions.items():
            made = pathlib.Path(folder, f"{name}-{version}.dist-info")
            made.mkdir()
            made.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
        sys.path.insert(0, folder)
        try:
            yield pathlib.Path(folder)
        finally:
            sys.path.remove(folder)


def without_real_ones():
    if _itk_health.versions() or any(_itk_health.is_there(name) for name in ("itk", "SimpleITK")):
        raise Skip("itk or SimpleITK is installed: this test needs them absent")


def cured(text):
    """The whole cure of a broken installation: all seven packages away, the folder away, a new one."""
    assert f"{sys.executable} -m pip uninstall -y itk itk-core itk-numerics itk-io itk-filtering itk-registration itk-segmentation" in text
    assert "remove what is left of" in text and text.rstrip(".").endswith(f"{sys.executable} -m pip install itk"), text
    return True


def test_all_is_well_here():
    report = kerma.doctor()
    assert report.ok and not report.troubles, str(report)
    names = [c.name for c in report.checks]
    assert names[:8] == ["kerma", "library", "command", "Python", "NumPy", "processors", "memory", "runs"], names
    assert str(report).startswith("kerma doctor: all is well\n") and "TROUBLE" not in str(report)
    gil = check(report, "kerma").text
    assert ("RELEASE_GIL=OFF" in gil) == (os.environ.get("KERMA_TEST_RELEASE_GIL") == "0") and kerma.__version__ in gil
    assert "1000 histories with threads 0, 1 and" in check(report, "runs").text
    assert "libkerma" in check(report, "library").text
    assert json.loads(json.dumps(report.as_dict()))["ok"] is True
    assert repr(report) == f"<kerma.Report: {len(names)} checks, 0 troubles>"


def command(*arguments, **environment):
    done = subprocess.run([sys.executable, "-m", "kerma", "doctor", *arguments], capture_output=True, text=True,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def test_the_command_says_the_same():
    code, said, complained = command()
    assert code == 0 and said.startswith("kerma doctor: all is well\n") and not complained, (code, said, complained)
    code, said, _ = command("--json", "--error", OF_5_2_1)
    found = json.loads(said)
    assert code == 1 and found["kerma_doctor"] == 1 and found["ok"] is False
    assert found["checks"][0]["name"] == "the error" and found["checks"][0]["state"] == "trouble"
    assert command("--nonsense")[0] == 2 and command("--help")[0] == 0


def test_itk_that_is_not_installed_is_no_trouble():
    without_real_ones()
    report = kerma.doctor()
    assert report.ok and check(report, "itk").state == check(report, "SimpleITK").state == "note"
    for use in (lambda: kerma.Image(np.zeros((2, 2, 2))).to_itk(), lambda: kerma.Image.read_itk(__file__)):
        e = raised(kerma.ITKError, use)
        assert "itk is not installed" in str(e) and "pip install itk" in str(e) and isinstance(e, ImportError)


def test_the_type_error_about_paths_is_known_by_its_text():
    for error in (TypeError(OF_5_2_1), OF_5_2_1, f"TypeError: {OF_5_2_1}",
                  "in method 'itkImageFileReaderISS3_SetFileName', argument 2 of type 'std::string const &'"):
        found = kerma.doctor(error).checks[0]
        assert found.state == "trouble" and "pathlib.Path" in found.text and "str(path)" in found.cure, found
        assert "pip install -U itk" in found.cure and "5.3" in found.cure
    assert "ImageIOFactory.CreateImageIO of itk" in kerma.doctor(OF_5_2_1).checks[0].text
    for other in ("something else", ValueError("no"), "in method 'f', argument 1 of type 'int'"):
        found = kerma.doctor(other)
        assert found.checks[0].state == "note" and "none of the known troubles" in found.checks[0].text and found.ok


def reads(itk, refusing):
    """itk's imread of what the doctor wrote, by kerma's own reader; of a path that is no str as `refusing` says."""

    def imread(path):
        if type(path) is not str:
            refusing(path)
        image = kerma.Image.read(path)
        made = itk.Image(image.array.copy())
        made.SetSpacing(image.spacing)
        made.SetOrigin(image.origin)
        made.SetDirection(image.direction)
        return made

    itk.imread = imread


def refuse_path(path):
    raise TypeError(OF_5_2_1)


def test_an_itk_that_refuses_paths_is_found():
    without_real_ones()
    itk = fake_itk.itk()
    reads(itk, refuse_path)
    itk.__version__ = "5.2.1"
    report = kerma.doctor()
    assert check(report, "itk: files").state == "good" and not report.ok
    found = check(report, "itk: paths")
    assert found.state == "trouble" and "ImageIOFactory.CreateImageIO of itk (5.2.1)" in found.text
    assert "kerma itself gives it str alone" in found.text and "pip install -U itk" in found.cure
    reads(itk, lambda path: None)  # as from 5.3 on: the factory alone refuses
    report = kerma.doctor()
    assert report.ok and check(report, "itk: paths").state == "note" and "CreateImageIO" in check(report, "itk: paths").text
    itk.ImageIOFactory.CreateImageIO = lambda path, mode: None
    assert check(kerma.doctor(), "itk: paths").state == "good"


def test_such_an_error_in_a_call_of_kermas_own_is_explained():
    without_real_ones()
    itk = fake_itk.itk()

    def fail(*arguments):
        raise TypeError(OF_5_2_1)

    itk.imread = itk.array_view_from_image = fail
    for use in (lambda: kerma.Image.read_itk(__file__), lambda: kerma.Image.from_itk(itk.Image(np.zeros((2, 2, 2))))):
        e = raised(kerma.ITKError, use)
        assert OF_5_2_1 in str(e) and "Cure: give it os.fspath(path)" in str(e) and str(e.__cause__) == OF_5_2_1

    class Broken:
        def UpdateLargestPossibleRegion(self):
            raise AttributeError("module 'itk' has no attribute 'Nothing'")

    e = raised(kerma.ITKError, lambda: kerma.Image.from_itk(itk.Image(np.zeros((2, 2, 2)), source=Broken())))
    assert "'Nothing'" in str(e) and cured(str(e))


def test_an_empty_namespace_is_found():
    without_real_ones()
    with packages(itk_io="5.4.7", itk_numerics="5.4.7") as folder:
        (folder / "itk").mkdir()
        for look in range(2):  # not imported yet, and imported
            report = kerma.doctor()
            found = check(report, "itk")
            assert found.state == "trouble" and "empty namespace" in found.text and cured(found.cure), found
            assert "itk-io 5.4.7" in found.text and "not installed: itk, itk-core" in found.text
            assert str(folder / "itk") in found.text and f"remove what is left of {folder / 'itk'};" in found.cure
        import itk

        try:
            itk.ChangeInformationImageFilter
        except AttributeError as e:
            found = kerma.doctor(e).checks[0]
            assert found.state == "trouble" and "empty namespace" in found.text and cured(found.cure)
        e = raised(kerma.ITKError, lambda: kerma.Image.read_itk(__file__))
        assert "empty namespace" in str(e) and cured(str(e))
        code, said, _ = command(PYTHONPATH=os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
        assert code == 1 and "TROUBLE  itk" in said and "empty namespace" in said and "Cure: " in said, said


def test_itk_core_missing_without_any_folder_is_found():
    without_real_ones()
    with packages(itk_io="5.4.7", itk="5.4.7"):
        found = check(kerma.doctor(), "itk")
        assert found.state == "trouble" and "itk-core, which holds the module itk, is not installed" in found.text and cured(found.cure)


def test_packages_of_different_versions_are_found():
    without_real_ones()
    with packages(itk_core="5.4.7", itk_io="5.3.0", itk_numerics="5.4.7"):
        reads(fake_itk.itk(), lambda path: None)
        found = check(kerma.doctor(), "itk")
        assert found.state == "trouble" and "different versions" in found.text and "itk-io 5.3.0" in found.text and cured(found.cure)
    with packages(itk_core="5.4.7", itk_io="5.4.7.post1"):
        assert check(kerma.doctor(), "itk").state == "good"


def test_a_missing_attribute_is_found():
    without_real_ones()
    with packages(itk_core="5.4.7", itk_io="5.4.7"):
        itk = fake_itk.itk()
        reads(itk, lambda path: None)
        del itk.ChangeInformationImageFilter
        found = check(kerma.doctor(), "itk")
        assert found.state == "trouble" and "module 'itk' has no attribute 'ChangeInformationImageFilter'" in found.text and cured(found.cure)
        kerma.Image.from_itk(itk.Image(np.zeros((2, 2, 2))))  # what is not needed is not looked for
        del itk.array_view_from_image
        e = raised(kerma.ITKError, lambda: kerma.Image.from_itk(itk.Image(np.zeros((2, 2, 2)))))
        assert "'array_view_from_image'" in str(e) and cured(str(e)) and e.trouble.cure in str(e)


def test_another_module_of_that_name_is_found():
    without_real_ones()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "itk.py").write_text("x = 1\n")
        sys.path.insert(0, folder)
        found = check(kerma.doctor(), "itk")
        assert found.state == "trouble" and "another one of its name" in found.text and "rename" in found.cure
        assert os.path.join(folder, "itk.py") in found.text


def test_an_import_that_fails_is_found():
    without_real_ones()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("itk", "SimpleITK"):
            pathlib.Path(folder, f"{name}.py").write_text("raise ImportError('libtbb.so.12: cannot open shared object file')\n")
        sys.path.insert(0, folder)
        report = kerma.doctor()
        for name in ("itk", "SimpleITK"):
            assert check(report, name).state == "trouble" and "libtbb.so.12" in check(report, name).text
        e = raised(kerma.ITKError, lambda: kerma.Image(np.zeros((2, 2, 2))).to_simpleitk())
        assert "libtbb.so.12" in str(e)


def test_an_itk_that_reads_something_else_is_found():
    without_real_ones()
    itk = fake_itk.itk()

    def imread(path):
        made = itk.Image(np.zeros((3, 4, 5)))
        made.SetDirection(np.eye(3))
        return made

    itk.imread = imread
    found = check(kerma.doctor(), "itk: files")
    assert found.state == "trouble" and "another one" in found.text


def test_results_that_depend_on_threads_and_lost_calls_are_found():
    good = _doctor._small_run
    _doctor._small_run = lambda threads, observer: (good(threads, observer), f"hash of {threads}")[1]
    found = check(kerma.doctor(), "runs")
    assert found.state == "trouble" and "depend on the number of threads" in found.text
    _doctor._small_run = lambda threads, observer: good(threads, lambda worker: None)
    found = check(kerma.doctor(), "runs")
    assert found.state == "trouble" and "called 0 times" in found.text


def test_a_program_of_another_version_is_found():
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "kerma")
        program.write_text("#!/bin/sh\necho kerma 99.0\n")
        program.chmod(0o755)
        os.environ["PATH"] = folder
        if os.path.exists(os.path.join(os.path.dirname(kerma.__file__), "bin", "kerma")):
            raise Skip("the package has its own program")
        found = check(kerma.doctor(), "command")
        assert found.state == "trouble" and "kerma 99.0" in found.text
        program.write_text(f"#!/bin/sh\necho kerma {kerma.__version__}\n")
        assert check(kerma.doctor(), "command").state == "good"


def test_a_package_of_another_version_than_its_library_is_found():
    with packages(kerma="99.0"):
        assert importlib.metadata.version("kerma") == "99.0"
        found = check(kerma.doctor(), "library")
        assert found.state == "trouble" and "99.0" in found.text and kerma.__version__ in found.text


def test_nothing_is_raised_whatever_fails():
    def fail(*arguments, **options):
        raise RuntimeError("broken on purpose")

    for name in ("_kerma", "_library", "_command", "_python", "_numpy", "_processors", "_memory", "_runs", "_itk", "_simpleitk"):
        setattr(_doctor, name, fail)
    report = kerma.doctor(ValueError("x"))
    assert len(report.troubles) == 10 and all("this check failed: RuntimeError: broken on purpose" in c.text for c in report.troubles)


def test_it_can_be_asked_inside_of_a_run():
    import scenes

    reports = []
    with scenes.box(2, histories_end=lambda worker: reports or reports.append(kerma.doctor())) as sim:
        sim.run(100)
    assert reports and isinstance(reports[0], kerma.Report) and check(reports[0], "runs").state in ("good", "trouble")
