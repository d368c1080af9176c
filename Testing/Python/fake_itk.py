"""The least of itk and SimpleITK, in the form of the real ones, so that tests of them run where neither is installed.

test_itk.py runs the same tests with these and, where they can be imported, with the real ones.
"""
import os
import sys
import types

import numpy as np

SIMPLEITK_NAMES = {
    np.dtype(f"{kind}int{bits}"): f"{bits}-bit {sign} integer"
    for bits in (8, 16, 32, 64)
    for kind, sign in (("", "signed"), ("u", "unsigned"))
}
SIMPLEITK_NAMES.update({np.dtype("float32"): "32-bit float", np.dtype("float64"): "64-bit float",
                        np.dtype("complex64"): "complex of 32-bit float"})
#: As of the wheels: no signed 8 and 64 bits.
ITK_DTYPES = tuple("uint8 int16 uint16 int32 uint32 uint64 float32 float64".split())


class TemplateTypeError(TypeError):
    pass


class Matrix:
    """As of itk 5.2: it does not convert to an array."""

    def __init__(self, rows):
        self._rows = np.array(rows, float)

    def GetVnlMatrix(self):
        return self

    def get(self, i, k):
        return self._rows[i, k]

    def __array__(self, *arguments, **options):
        raise TypeError("no array of a matrix")


class Region:
    def __init__(self, index, size):
        self._index, self._size = tuple(index), tuple(size)

    def GetIndex(self):
        return self._index

    def GetSize(self):
        return self._size


class Placed:
    """What both kinds of images have."""

    def __init__(self, array):
        n = array.ndim
        self._array = array
        self._spacing, self._origin, self._direction = (1.0,) * n, (0.0,) * n, np.eye(n)

    def __del__(self):
        self._array[...] = 77  # who still looks at it sees it

    def GetSpacing(self):
        return self._spacing

    def GetOrigin(self):
        return self._origin

    def SetSpacing(self, values):
        self._spacing = tuple(float(x) for x in values)

    def SetOrigin(self, values):
        self._origin = tuple(float(x) for x in values)

    def TransformIndexToPhysicalPoint(self, index):
        return tuple(self._direction @ (np.array(self._spacing) * index) + self._origin)


class ITKImage(Placed):
    components = 1
    name = "Image"

    def __init__(self, array, index=None, buffered=None, source=None):
        super().__init__(array)
        size = array.shape[::-1]
        self._whole = Region(index or (0,) * array.ndim, size)
        self._buffered = buffered or self._whole
        self._source = source

    def __getitem__(self, key):
        raise AssertionError(f"image[{key!r}] has its axes as the array has them")

    def GetDirection(self):
        return Matrix(self._direction)

    def SetDirection(self, matrix):
        self._direction = np.array(matrix, float).reshape(self._array.ndim, -1)

    def GetNameOfClass(self):
        return self.name

    def GetImageDimension(self):
        return self._array.ndim

    def GetNumberOfComponentsPerPixel(self):
        return self.components

    def GetLargestPossibleRegion(self):
        return self._whole

    def GetBufferedRegion(self):
        return self._buffered

    def GetSource(self):
        return self._source


class ITKFilter:
    """Its output has values once it was updated."""

    def __init__(self, image):
        self._output = image
        self._region, image._buffered = image._buffered, Region((0, 0, 0), (0, 0, 0))
        self._values, image._array = image._array.copy(), image._array * 0
        image._source = self

    def UpdateLargestPossibleRegion(self):
        self._output._array, self._output._buffered = self._values, self._region

    def GetOutput(self):
        return self._output


class SimpleITKImage(Placed):
    components = 1

    def GetDirection(self):
        return tuple(self._direction.ravel())

    def SetDirection(self, values):
        assert len(values) == self._array.ndim**2
        self._direction = np.array(values, float).reshape(self._array.ndim, -1)

    def GetDimension(self):
        return self._array.ndim

    def GetPixelIDTypeAsString(self):
        return SIMPLEITK_NAMES[self._array.dtype]

    def GetNumberOfComponentsPerPixel(self):
        return self.components


def _view(array):
    view = array.view()
    view.flags.writeable = False
    return view


def _text(path):
    """What SWIG says for a path that is no str."""
    if type(path) is not str:
        raise TypeError("in method 'itkImageIOFactory_CreateImageIO', argument 1 of type 'char const *'")
    return path


def _module(name, directory, **attributes):
    module = types.ModuleType(name)
    module.__file__ = os.path.join(directory, name, "__init__.py")
    module.__path__ = [os.path.dirname(module.__file__)]
    vars(module).update(attributes)
    for value in attributes.values():
        if isinstance(value, type):
            value.__module__ = f"{name}.part"
    sys.modules[name] = module
    return module


def itk(files=None, directory="/nowhere"):
    """Makes the module itk. `files`: {path or tuple of paths: image} that imread gives."""

    class Image(ITKImage):
        pass

    def array_view_from_image(image):
        # The real one keeps its image alive.
        view = np.ndarray.view(image._array, type("NDArrayITKBase", (np.ndarray,), {}))
        view.itk_base = image
        return view

    def image_from_array(array):
        if str(array.dtype) not in ITK_DTYPES:
            raise TemplateTypeError(f"itk.Image is not wrapped for input type `{array.dtype}`.\n\nTo limit ...")
        return Image(np.array(array))

    def imread(path):
        key = tuple(_text(p) for p in path) if isinstance(path, (list, tuple)) else _text(path)
        if key not in (files or {}):
            raise RuntimeError(f"/src/itkX.cxx:1:\nITK ERROR: Could not create IO object for reading file {key}")
        return files[key]()

    nothing = types.SimpleNamespace()
    return _module("itk", directory, Image=Image, array_view_from_image=array_view_from_image, imread=imread, __version__="5.4.7",
                   image_from_array=image_from_array, imwrite=nothing, ImageFileReader=nothing, ImageSeriesReader=nothing,
                   ImageIOFactory=types.SimpleNamespace(CreateImageIO=lambda path, mode: _text(path)),
                   CommonEnums=types.SimpleNamespace(IOFileMode_ReadMode=0),
                   GDCMImageIO=nothing, GDCMSeriesFileNames=nothing, ChangeInformationImageFilter=nothing)


def simpleitk(files=None, series=None, slices=None, directory="/nowhere"):
    """Makes the module SimpleITK. `series`: {uid: paths}; `slices`: {path: (modality, origin, direction)}."""

    class Image(SimpleITKImage):
        pass

    class ImageSeriesReader:
        @staticmethod
        def GetGDCMSeriesIDs(directory):
            return tuple(series or {})

        @staticmethod
        def GetGDCMSeriesFileNames(directory, uid):
            return tuple(series[uid])

    class ImageFileReader:
        def SetFileName(self, path):
            self._slice = slices[_text(path)]

        def ReadImageInformation(self):
            pass

        def HasMetaDataKey(self, key):
            return key == "0008|0060"

        def GetMetaData(self, key):
            return self._slice[0]

        def GetOrigin(self):
            return self._slice[1]

        def GetDirection(self):
            return tuple(np.ravel(self._slice[2]))

    def read(path):
        key = tuple(_text(p) for p in path) if isinstance(path, (list, tuple)) else _text(path)
        if key not in (files or {}):
            raise RuntimeError(f'Exception thrown in X: /src/x.cxx:1:\nsitk::ERROR: Unable to determine ImageIO reader for "{key}"')
        return files[key]()

    return _module("SimpleITK", directory, Image=Image, GetArrayViewFromImage=lambda image: _view(image._array), ReadImage=read,
                   GetImageFromArray=lambda array, isVector: Image(np.array(array)), ImageFileReader=ImageFileReader,
                   ImageSeriesReader=ImageSeriesReader, __version__="2.5.7")
