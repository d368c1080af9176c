"""Whether itk and SimpleITK can be used, and if not, what is wrong and what helps.

Two troubles are common. ITK's functions take a path as text: given a pathlib.Path some of them, in old versions all, fail
with a TypeError about 'char const *'. And itk comes as seven packages that only work together: pip removes and updates
them one by one, and what is left still imports, as an empty folder, or with a class missing here and there.
"""
from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from ._base import pip
from .errors import ITKError as ITKError

#: Of PyPI. The first one installs the others and holds nothing.
PACKAGES = ("itk", "itk-core", "itk-numerics", "itk-io", "itk-filtering", "itk-registration", "itk-segmentation")
#: What `from_itk`, `to_itk` and `read_itk` use, and what people use most to place an image.
USED = ("Image", "array_view_from_image", "image_from_array", "imread", "imwrite", "ImageIOFactory", "ImageFileReader",
        "ImageSeriesReader", "GDCMImageIO", "GDCMSeriesFileNames", "ChangeInformationImageFilter")
FIRST_WITH_PATHS = "5.3"


class Trouble(NamedTuple):
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.what}. Cure: {self.cure}"


def versions() -> dict[str, str]:
    """Of itk's packages, those that are installed."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def is_there(module: str) -> bool:
    """Whether there is something to import by that name, or packages that should have brought it."""
    if module in sys.modules:
        return sys.modules[module] is not None
    return importlib.util.find_spec(module) is not None or (module == "itk" and bool(versions()))


def cure() -> str:
    """How to make an installation of itk whole again."""
    folders = [folder for folder in _folders() if os.path.basename(folder) == "itk"]
    rest = f"remove what is left of {' and '.join(folders)}" if folders else "remove what is left of the folder itk"
    return f"{pip()} uninstall -y {' '.join(PACKAGES)}; {rest}; {pip()} install itk"


def _folders() -> list[str]:
    module = sys.modules.get("itk")
    if module is None:
        spec = importlib.util.find_spec("itk")
        places = spec.submodule_search_locations if spec is not None else None
    else:
        places = getattr(module, "__path__", None)
    return sorted(places or [])


def _packages_text() -> str:
    found = versions()
    there = ", ".join(f"{name} {version}" for name, version in found.items()) or "none of itk's packages"
    absent = [name for name in PACKAGES if name not in found]
    return f"installed: {there}" + (f"; not installed: {', '.join(absent)}" if absent and found else "")


def package_trouble() -> Trouble | None:
    """What the list of installed packages alone tells."""
    found = versions()
    plain = {re.sub(r"\.post\d+$", "", version) for version in found.values()}
    if found and "itk-core" not in found:
        return Trouble(f"itk-core, which holds the module itk, is not installed, but others of its packages are: "
                       f"{_packages_text()}", cure())
    if len(plain) > 1:
        return Trouble(f"the packages of itk are of different versions: {_packages_text()}", cure())
    return None


def module_trouble(itk: Any, names: tuple[str, ...] = USED) -> Trouble | None:
    """What is wrong with a module itk that could be imported."""
    if getattr(itk, "__file__", None) is None:
        places = ", ".join(sorted(getattr(itk, "__path__", []))) or "nowhere"
        return Trouble(f"the module itk is an empty namespace ({places}): the folder was left behind when itk-core was "
                       f"removed; {_packages_text()}", cure())
    missing = []
    for name in names:
        try:
            getattr(itk, name)
        except Exception as e:  # not only AttributeError: loading a part may fail in many ways
            missing.append(name if isinstance(e, AttributeError) else f"{name} ({type(e).__name__}: {e})")
    if not missing:
        return None
    text = f"module 'itk' has no attribute {' and no '.join(repr(name) for name in missing)} ({itk.__file__})"
    if not versions() and not hasattr(itk, "imread") and not hasattr(itk, "Image"):
        return Trouble(f"{text}: this is not the module of ITK, but another one of its name",
                       "rename that file or folder, or take it out of sys.path")
    found = package_trouble()
    if found is not None:
        return Trouble(f"{text}: {found.what}", found.cure)
    return Trouble(f"{text}: a file of it is missing or of another version; {_packages_text()}", cure())


def version_of(itk: Any) -> str:
    version = getattr(itk, "__version__", None)
    return str(version) if version else versions().get("itk-core", "of unknown version")


def path_trouble(error: BaseException | str) -> Trouble | None:
    """The first trouble, known by its text: a path that is not a str reached a function of ITK."""
    text = str(error)
    match = re.search(r"in method '(\w+)', argument \d+ of type '(?:char const \*|std::string const &)'", text)
    if match is None:
        return None
    itk = sys.modules.get("itk")
    version = version_of(itk) if itk is not None else versions().get("itk-core", "of unknown version")
    return Trouble(
        f"{match[1].removeprefix('itk').replace('_', '.', 1)} of itk ({version}) was given something that is no str, such as a pathlib.Path",
        f"give it os.fspath(path), or str(path); {pip()} install -U itk "
        f"(itk {FIRST_WITH_PATHS} or later) makes imread and imwrite take paths, though not ImageIOFactory and SetFileName",
    )


def attribute_trouble(error: BaseException | str) -> Trouble | None:
    """The second trouble, known by its text: a part of itk is missing."""
    match = re.search(r"module '(itk(?:\.[\w.]+)?)' has no attribute '(\w+)'", str(error))
    if match is None:
        if re.search(r"No module named 'itk(?:Config|\..*)?'", str(error)) and versions():
            return package_trouble() or Trouble(f"{error}: {_packages_text()}", cure())
        return None
    itk = sys.modules.get("itk")
    found = module_trouble(itk, (match[2],)) if itk is not None else None
    return found or package_trouble() or Trouble(
        f"this itk ({_packages_text()}) has no {match[2]}", f"look for the name in its documentation; if it should be there: {cure()}")


def _error(text: str, trouble: Trouble | None) -> ITKError:
    error = ITKError(text)
    error.trouble = trouble
    return error


def explain(error: BaseException | str) -> Trouble | None:
    """What an error of itk's means, if it is one of the two troubles."""
    return path_trouble(error) or attribute_trouble(error)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Around calls of ITK: an error that is one of the two troubles becomes an ITKError that says what helps."""
    try:
        yield
    except (TypeError, AttributeError, ImportError) as e:
        if isinstance(e, ITKError):
            raise
        found = explain(e)
        if found is None:
            raise
        raise _error(f"{e}: {found}", found) from e


def require(module: str, *names: str) -> Any:
    """The module itk or SimpleITK, with these attributes; ITKError says what is wrong otherwise."""
    if not is_there(module):
        raise ITKError(f"{module} is not installed: {pip()} install {module}")
    try:
        found = importlib.import_module(module)
    except Exception as e:
        text = f"{module} cannot be imported ({type(e).__name__}: {e})"
        trouble = package_trouble() if module == "itk" else None
        cured = trouble.cure if trouble is not None else f"{pip()} install --force-reinstall {module}"
        trouble = Trouble(f"{text}: {trouble.what}" if trouble is not None else text, cured)
        raise _error(str(trouble), trouble) from e
    if module == "itk":
        trouble = module_trouble(found, names)
    else:
        missing = ", ".join(name for name in names if not hasattr(found, name))
        text = f"module '{module}' has no attribute {missing} ({getattr(found, '__file__', None)})"
        trouble = Trouble(text, f"{pip()} install --force-reinstall {module}") if missing else None
    if trouble is not None:
        raise _error(str(trouble), trouble)
    return found
