"""Images from and to ITK and SimpleITK.

Neither is imported before one of its images, or a function that says so, is used. Only methods are asked (GetSpacing,
GetOrigin, GetDirection): they count axes as x, y, z in every version, whereas itk's ``image["spacing"]`` follows the
array, z first. Paths reach ITK as str alone: some of its functions refuse anything else.
"""
from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from . import _itk_health
from .errors import ArgumentError, FileError, FormatError

#: What SimpleITK calls the types that kerma has. Others are refused by name: asked for the array of a label map,
#: SimpleITK 2.5 ends the process.
_SIMPLEITK_TYPES = tuple(f"{bits}-bit {sign} integer" for bits in (8, 16, 32, 64) for sign in ("signed", "unsigned")) + (
    "32-bit float",
    "64-bit float",
)
_PACKAGES = ("itk", "SimpleITK")


# ---- from ITK ----


def from_itk(cls: Any, image: Any) -> Any:
    """`cls`, which is kerma.Image, of an image of ITK's kind. Its values are copied once, by cls."""
    if not hasattr(image, "GetSpacing") and hasattr(image, "GetOutput"):
        image = image.GetOutput()
    missing = [name for name in ("GetSpacing", "GetOrigin", "GetDirection") if not hasattr(image, name)]
    if missing:
        raise ArgumentError(
            f"an image of itk or SimpleITK is needed: {_name(image)} has no {', '.join(missing)}. "
            "An array becomes an image by kerma.Image(array, spacing=..., origin=..., direction=...)"
        )
    first = None
    if hasattr(image, "GetLargestPossibleRegion"):
        values, first = _itk_values(image)
    elif hasattr(image, "GetPixelIDTypeAsString"):
        values = _simpleitk_values(image)
    else:
        import numpy as np

        values = np.asarray(image)
        _check_dimensions(image, values.ndim)
    spacing, origin, direction = _grid(image, values.ndim, first)
    values = values.reshape((1,) * (3 - values.ndim) + values.shape)
    # Here `image` still lives: SimpleITK's view of its values does not keep it alive.
    return cls(values, spacing=spacing, origin=origin, direction=direction)


def _name(image: Any) -> str:
    kind = type(image)
    return f"{kind.__module__.split('.')[0]}'s {kind.__qualname__}" if "." in kind.__module__ else kind.__qualname__


def _check_dimensions(image: Any, dimension: int) -> None:
    if dimension not in (2, 3):
        raise ArgumentError(
            f"an image of {dimension} dimensions cannot be used ({_name(image)}): kerma's have three, and two are taken as "
            "one slice; extract one volume first"
        )


def _check_components(image: Any, what: str, components: int) -> None:
    if components != 1:
        raise ArgumentError(
            f"an image of {what} with {components} values in each voxel cannot be used ({_name(image)}): "
            "select one component first"
        )


def _itk_values(image: Any) -> tuple[Any, tuple[int, ...]]:
    """The values and the index of the first of them. A filter's output is brought up to date first."""
    itk = _itk_health.require("itk", "array_view_from_image")
    kind = image.GetNameOfClass()
    if kind != "Image":
        advice = "select one component first" if kind == "VectorImage" else "convert it to an itk.Image first"
        raise ArgumentError(f"an itk.{kind} cannot be used ({_name(image)}), only an itk.Image of numbers: {advice}")
    dimension = int(image.GetImageDimension())
    _check_dimensions(image, dimension)
    _check_components(image, "vectors", int(image.GetNumberOfComponentsPerPixel()))
    with _itk_health.explained():
        source = image.GetSource()
        if source is not None:
            source.UpdateLargestPossibleRegion()
    whole, stored = image.GetLargestPossibleRegion(), image.GetBufferedRegion()
    index, size = _numbers(whole.GetIndex(), dimension), _numbers(whole.GetSize(), dimension)
    stored_index, stored_size = _numbers(stored.GetIndex(), dimension), _numbers(stored.GetSize(), dimension)
    if math.prod(stored_size) == 0:
        raise ArgumentError(
            f"the image holds no values ({_name(image)}): it was not allocated, or a filter that works in place took them"
        )
    if (index, size) != (stored_index, stored_size):
        raise ArgumentError(
            f"only a part of the image is in memory: {stored_size} voxels from {stored_index} on, of {size} from {index} on. "
            "Bring all of it into memory, or make the part an image of its own with itk.region_of_interest_image_filter()"
        )
    with _itk_health.explained():
        return itk.array_view_from_image(image), index


def _simpleitk_values(image: Any) -> Any:
    simpleitk = _itk_health.require("SimpleITK", "GetArrayViewFromImage")
    kind = image.GetPixelIDTypeAsString()
    _check_dimensions(image, int(image.GetDimension()))
    _check_components(image, "vectors", int(image.GetNumberOfComponentsPerPixel()))
    if kind not in _SIMPLEITK_TYPES:
        raise ArgumentError(
            f"an image of type '{kind}' cannot be used ({_name(image)}): convert it with SimpleITK.Cast() or, if it is a "
            "label map, SimpleITK.LabelMapToLabel()"
        )
    return simpleitk.GetArrayViewFromImage(image)


def _numbers(values: Any, dimension: int) -> tuple[int, ...]:
    return tuple(int(values[i]) for i in range(dimension))


def _grid(image: Any, dimension: int, first: Sequence[int] | None) -> tuple[list[float], list[float], list[float]]:
    """Spacing and origin in mm, direction row major. A third axis that is missing gets 1 mm at 0 along z, as in a MetaImage."""
    spacing = [float(image.GetSpacing()[i]) for i in range(dimension)]
    origin = [float(image.GetOrigin()[i]) for i in range(dimension)]
    direction = _matrix(image.GetDirection(), dimension)
    if first is not None:  # ITK's origin is where index 0 is, and the first voxel may have another
        origin = [
            origin[i] + sum(direction[i][k] * spacing[k] * first[k] for k in range(dimension)) for i in range(dimension)
        ]
    if dimension == 2:
        spacing.append(1.0)
        origin.append(0.0)
        direction = [direction[0] + [0.0], direction[1] + [0.0], [0.0, 0.0, 1.0]]
    return spacing, origin, [x for row in direction for x in row]


def _matrix(direction: Any, dimension: int) -> list[list[float]]:
    """Rows. itk has a matrix, which converts to an array in some versions only; SimpleITK has its rows one by one."""
    if hasattr(direction, "GetVnlMatrix"):
        vnl = direction.GetVnlMatrix()
        return [[float(vnl.get(i, k)) for k in range(dimension)] for i in range(dimension)]
    import numpy as np

    flat = [float(x) for x in np.ravel(direction)]
    if len(flat) != dimension * dimension:
        raise ArgumentError(f"the direction of an image of {dimension} dimensions has {len(flat)} numbers")
    return [flat[i * dimension : (i + 1) * dimension] for i in range(dimension)]


# ---- to ITK ----


def to_itk(image: Any, dtype: Any = None) -> Any:
    """A kerma.Image as an itk.Image of its own memory."""
    import numpy as np

    itk = _itk_health.require("itk", "image_from_array")
    values = _converted(image.array, dtype)
    try:
        with _itk_health.explained():
            out = itk.image_from_array(values)
    except (KeyError, TypeError) as e:  # TemplateTypeError, or of old versions a KeyError: a type that was not wrapped
        raise ArgumentError(
            f"this itk has no images of {values.dtype} ({str(e).splitlines()[0]}). Another type can be asked for, "
            'such as to_itk(dtype="int32") or "float64"; values that it does not hold exactly are refused'
        ) from e
    out.SetSpacing(list(image.spacing))
    out.SetOrigin(list(image.origin))
    out.SetDirection(np.ascontiguousarray(image.direction))
    return out


def to_simpleitk(image: Any, dtype: Any = None) -> Any:
    """A kerma.Image as a SimpleITK.Image of its own memory."""
    simpleitk = _itk_health.require("SimpleITK", "GetImageFromArray")
    out = simpleitk.GetImageFromArray(_converted(image.array, dtype), isVector=False)
    out.SetSpacing(list(image.spacing))
    out.SetOrigin(list(image.origin))
    out.SetDirection([float(x) for x in image.direction.ravel()])
    return out


def _converted(values: Any, dtype: Any) -> Any:
    import numpy as np

    if dtype is None or np.dtype(dtype) == values.dtype:
        return values
    with np.errstate(all="ignore"):
        out = values.astype(dtype)
        # Back again: 2^53 + 1 equals its neighbour once both are floats.
        kept = np.array_equal(out.astype(values.dtype), values, equal_nan=values.dtype.kind == "f")
    if not kept or (values.dtype.kind == "f" and out.dtype.kind != "f" and not np.isfinite(values).all()):
        raise ArgumentError(f"the values, {values.min()} to {values.max()} of {values.dtype}, do not all fit {out.dtype}")
    return out


# ---- files that only ITK reads ----


def read_file(cls: Any, path: str | bytes | os.PathLike[Any], series: str | None, package: str | None) -> Any:
    """`cls`, which is kerma.Image, of a file, or of a directory with a series of DICOM slices."""
    name = os.fsdecode(os.fspath(path))
    if not os.path.exists(name):
        raise FileError(f"{name}: there is no such file")
    backend = _backend(package)
    with _as_errors(backend.name, name):
        if os.path.isdir(name):
            files = _slices(backend, name, series)
            image = backend.read(files if len(files) > 1 else files[0])  # alone it may have three dimensions of its own
        elif series is not None:
            raise ArgumentError(f"series chooses from a directory, and {name} is a file")
        else:
            image = backend.read(name)
        try:
            made = from_itk(cls, image)
        except ArgumentError as e:
            raise FormatError(f"{name}: {e}") from None
    made._label = name
    return made


@contextlib.contextmanager
def _as_errors(package: str, path: str) -> Iterator[None]:
    try:
        with _itk_health.explained():
            yield
    except (RuntimeError, OSError, KeyError, TypeError) as e:
        if type(e).__module__.startswith("kerma"):
            raise
        raise FileError(f"{path}: {package} cannot read it: {_reason(e)}") from e


def _reason(error: BaseException) -> str:
    """ITK's texts begin with places in its source; what was wrong comes after "ERROR:" if there is one, advice behind it."""
    text = str(error)
    for mark in ("ITK ERROR:", "sitk::ERROR:"):
        text = text.rsplit(mark, 1)[-1]
    text = " ".join(text.split()) or type(error).__name__
    return text if len(text) <= 300 else f"{text[:300]} ..."


class _Slice(NamedTuple):
    """Of a DICOM file: where its first voxel is and which way it lies."""

    path: str
    modality: str
    origin: tuple[float, ...]
    normal: tuple[float, ...]


class _ITK:
    name = "itk"

    def __init__(self) -> None:
        self._itk = _itk_health.require("itk", "imread")

    def read(self, paths: str | list[str]) -> Any:
        return self._itk.imread(paths)

    def series(self, directory: str) -> dict[str, list[str]]:
        itk = _itk_health.require("itk", "GDCMSeriesFileNames")
        names = itk.GDCMSeriesFileNames.New()
        names.SetUseSeriesDetails(False)
        names.SetDirectory(directory)
        return {uid: list(names.GetFileNames(uid)) for uid in names.GetSeriesUIDs()}

    def look(self, path: str) -> _Slice:
        io = _itk_health.require("itk", "GDCMImageIO").GDCMImageIO.New()
        io.SetFileName(path)
        io.ReadImageInformation()
        tags = io.GetMetaDataDictionary()
        modality = str(tags["0008|0060"]) if tags.HasKey("0008|0060") else ""
        origin = tuple(float(io.GetOrigin(i)) for i in range(3))
        return _Slice(path, modality.strip(), origin, tuple(float(x) for x in io.GetDirection(2)))


class _SimpleITK:
    name = "SimpleITK"

    def __init__(self) -> None:
        self._simpleitk = _itk_health.require("SimpleITK", "ReadImage", "ImageSeriesReader", "ImageFileReader")

    def read(self, paths: str | list[str]) -> Any:
        return self._simpleitk.ReadImage(paths)

    def series(self, directory: str) -> dict[str, list[str]]:
        reader = self._simpleitk.ImageSeriesReader
        return {uid: list(reader.GetGDCMSeriesFileNames(directory, uid)) for uid in reader.GetGDCMSeriesIDs(directory)}

    def look(self, path: str) -> _Slice:
        reader = self._simpleitk.ImageFileReader()
        reader.SetFileName(path)
        reader.ReadImageInformation()
        modality = reader.GetMetaData("0008|0060") if reader.HasMetaDataKey("0008|0060") else ""
        rows = _matrix(reader.GetDirection(), 3)
        return _Slice(path, modality.strip(), tuple(reader.GetOrigin()), tuple(row[2] for row in rows))


def _backend(package: str | None) -> _ITK | _SimpleITK:
    if package is not None and package not in _PACKAGES:
        raise ArgumentError(f"package is {package!r}: 'itk' or 'SimpleITK' are possible")
    if package is None:
        package = next((p for p in _PACKAGES if _itk_health.is_there(p)), "itk")
    return _ITK() if package == "itk" else _SimpleITK()


def _slices(backend: _ITK | _SimpleITK, directory: str, wanted: str | None) -> list[str]:
    """The files of one series in their order, after a look at each: a missing slice would shift all behind it."""
    series = backend.series(directory)
    if not series:
        raise FileError(f"{directory}: there is no DICOM series in this directory")
    modality = {uid: backend.look(files[0]).modality for uid, files in series.items()}
    listed = "; ".join(f"{uid} ({modality[uid] or 'of no modality'}, {len(files)} files)" for uid, files in series.items())
    if wanted is None:
        candidates = list(series) if len(series) == 1 else [uid for uid in series if modality[uid] == "CT"]
        if len(candidates) != 1:
            raise ArgumentError(f"{directory} holds {len(series)} DICOM series: choose by series=...: {listed}")
        wanted = candidates[0]
    elif wanted not in series:
        raise ArgumentError(f"{directory} holds no DICOM series {wanted!r}; there are: {listed}")
    files = series[wanted]
    _check_slices([backend.look(file) for file in files])
    return files


def _check_slices(slices: Sequence[_Slice]) -> None:
    """ITK puts the slices one behind the other whatever lies between them, and says nothing or warns on stderr."""
    steps = []
    for here, there in zip(slices, slices[1:]):
        offset = [b - a for a, b in zip(here.origin, there.origin)]
        along = sum(o * n for o, n in zip(offset, here.normal))
        aside = math.sqrt(max(0.0, sum(o * o for o in offset) - along * along))
        if not aside < 0.01 * abs(along):
            raise FormatError(
                f"{there.path}: this slice lies {aside:g} mm aside of the one before, {os.path.basename(here.path)} "
                "(gantry tilt, or slices at one place): an image has right angles; resample it first"
            )
        steps.append(along)
    for i, step in enumerate(steps):
        if abs(step - steps[0]) > 0.01 * abs(steps[0]):
            raise FormatError(
                f"{slices[i + 1].path}: this slice lies {abs(step):g} mm behind the one before, the first two are "
                f"{abs(steps[0]):g} mm apart: a slice is missing, or the distances differ; resample them first"
            )
