"""Images from and to ITK and SimpleITK: with small fakes of both, and with the real ones where they can be imported."""
import gc
import importlib
import importlib.util
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import tracemalloc

import numpy as np
from harness import Skip, each, raised

import fake_itk
import kerma
import scenes

FAKES = {"fake itk": fake_itk.itk, "fake SimpleITK": fake_itk.simpleitk}
REAL = [name for name in ("itk", "SimpleITK") if importlib.util.find_spec(name) is not None]
ITKS = ["fake itk", *(name for name in REAL if name == "itk")]
SIMPLEITKS = ["fake SimpleITK", *(name for name in REAL if name == "SimpleITK")]
ALL = ITKS + SIMPLEITKS
TYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()
DATA = pathlib.Path(os.environ.get("KERMA_SHARED_DATA") or pathlib.Path(__file__).parents[2] / ".." / "shared" / "data")


def load(flavour, **options):
    return FAKES[flavour](**options) if flavour in FAKES else importlib.import_module(flavour)


def real_data(*names):
    paths = [DATA / name for name in names]
    if not all(path.exists() for path in paths):
        raise Skip(f"no real data at {paths[0]} (set KERMA_SHARED_DATA)")
    return paths[0] if len(paths) == 1 else paths


def rotation(rng):
    """Any rotation, about no axis in particular; every other one also mirrors."""
    q, r = np.linalg.qr(np.array([[rng.gauss(0, 1) for _ in range(3)] for _ in range(3)]))
    return q * np.sign(np.diag(r))


def make(flavour, module, array, spacing=None, origin=None, direction=None):
    if flavour in ITKS:
        image = module.image_from_array(np.ascontiguousarray(array))
    else:
        image = module.GetImageFromArray(np.ascontiguousarray(array), isVector=False)
    if spacing is not None:
        image.SetSpacing([float(x) for x in spacing])
        image.SetOrigin([float(x) for x in origin])
        image.SetDirection(np.array(direction, float) if flavour in ITKS else [float(x) for x in np.ravel(direction)])
    return image


def refused(what, error, *words):
    e = raised(error, what)
    assert all(word in str(e) for word in words), str(e)
    return e


def same_places(image, other, rng, first=(0, 0, 0)):
    """Voxel (x, y, z) of `image` is voxel first + (x, y, z) of `other`."""
    for _ in range(20):
        index = tuple(rng.randrange(n) for n in image.shape[::-1])
        there = other.TransformIndexToPhysicalPoint([i + f for i, f in zip(index, first)])
        here = image.point_of_index(index)
        assert np.allclose(here, [there[i] for i in range(3)], rtol=0, atol=1e-9), (index, here, there)
        assert np.allclose(image.index_of_point(here), index, atol=1e-9)


def test_the_real_ones_are_here():
    missing = [name for name in ("itk", "SimpleITK") if name not in REAL]
    if missing:
        raise Skip(f"{' and '.join(missing)} cannot be imported: only the fakes were used")


@each(flavour=ALL)
def test_values_and_places_survive_the_way_there_and_back(flavour):
    load(flavour)
    rng = random.Random(4)
    for dtype in TYPES:
        unknown = flavour in ITKS and dtype in ("int8", "int64")
        shape = rng.sample(range(2, 8), 3)
        array = np.array([rng.randrange(100) for _ in range(np.prod(shape))]).reshape(shape).astype(dtype)
        spacing, origin = [rng.uniform(0.1, 5) for _ in range(3)], [rng.uniform(-300, 300) for _ in range(3)]
        image = kerma.Image(array, spacing=spacing, origin=origin, direction=rotation(rng))
        if unknown:
            e = refused(image.to_itk, kerma.ArgumentError, f"no images of {dtype}", "to_itk(dtype=")
            assert len(str(e)) < 300
        other = image.to_simpleitk() if flavour in SIMPLEITKS else image.to_itk(dtype="int16" if unknown else None)
        same_places(image, other, rng)
        back = kerma.Image.from_itk(other)
        assert (back.array == array).all() and back.array.dtype == ("int16" if unknown else dtype)
        assert back.spacing == image.spacing and back.origin == image.origin and (back.direction == image.direction).all()
        same_places(back, other, rng)


@each(flavour=ALL)
def test_an_image_made_there_lies_here_where_it_lay(flavour):
    module = load(flavour)
    rng = random.Random(5)
    for _ in range(5):
        array = np.arange(3 * 4 * 5, dtype=np.int16).reshape(3, 4, 5)
        other = make(flavour, module, array, (0.5, 2, 7), (1, -20, 300), rotation(rng))
        image = kerma.Image.from_itk(other)
        assert image.shape == (3, 4, 5) and (image.array == array).all()
        same_places(image, other, rng)


@each(flavour=ITKS)
def test_a_region_that_begins_elsewhere_keeps_its_place(flavour):
    itk = load(flavour)
    rng = random.Random(6)
    array = np.arange(3 * 4 * 5, dtype=np.int16).reshape(3, 4, 5)
    first = (7, -3, 40)
    if flavour == "itk":
        region = itk.ImageRegion[3]()
        region.SetIndex(first)
        region.SetSize((5, 4, 3))
        other = itk.Image[itk.SS, 3].New()
        other.SetRegions(region)
        other.Allocate()
        itk.array_view_from_image(other)[:] = array
    else:
        other = itk.Image(array.copy(), index=first)
    other.SetSpacing([0.5, 2.0, 7.0])
    other.SetOrigin([1.0, -20.0, 300.0])
    other.SetDirection(rotation(rng))
    image = kerma.Image.from_itk(other)
    assert (image.array == array).all()
    assert np.allclose(image.origin, list(other.TransformIndexToPhysicalPoint(first)), atol=1e-9)
    same_places(image, other, rng, first)


@each(flavour=ITKS)
def test_a_part_in_memory_is_refused_and_so_is_nothing(flavour):
    itk = load(flavour)
    array = np.zeros((6, 5, 4), np.int16)
    if flavour == "itk":
        whole, part = itk.ImageRegion[3](), itk.ImageRegion[3]()
        whole.SetSize((4, 5, 6))
        part.SetIndex((1, 1, 1))
        part.SetSize((2, 3, 4))
        other, empty = itk.Image[itk.SS, 3].New(), itk.Image[itk.SS, 3].New()
        other.SetLargestPossibleRegion(whole)
        other.SetBufferedRegion(part)
        other.SetRequestedRegion(part)
        other.Allocate()
    else:
        other = itk.Image(array, buffered=fake_itk.Region((1, 1, 1), (2, 3, 4)))
        empty = itk.Image(np.zeros((0, 0, 0), np.int16))
    refused(lambda: kerma.Image.from_itk(other), kerma.ArgumentError, "(2, 3, 4) voxels from (1, 1, 1) on, of (4, 5, 6)")
    refused(lambda: kerma.Image.from_itk(empty), kerma.ArgumentError, "holds no values")


@each(flavour=[name for name in REAL if name == "itk"])
def test_an_image_whose_values_a_filter_took_is_refused(flavour):
    itk = load(flavour)
    other = itk.image_from_array(np.ones((3, 4, 5), np.float32))
    add = itk.AddImageFilter[type(other), type(other), type(other)].New(other, other)
    add.InPlaceOn()
    assert (kerma.Image.from_itk(add.GetOutput()).array == 2).all()
    refused(lambda: kerma.Image.from_itk(other), kerma.ArgumentError, "works in place")


@each(flavour=ITKS)
def test_the_output_of_a_filter_and_the_filter_itself_are_brought_up_to_date(flavour):
    itk = load(flavour)
    array = np.arange(60, dtype=np.int16).reshape(3, 4, 5)

    def pipeline():
        if flavour != "itk":
            return fake_itk.ITKFilter(itk.Image(array.copy()))
        change = itk.ChangeInformationImageFilter[itk.Image[itk.SS, 3]].New(itk.image_from_array(array))
        change.ChangeOriginOn()
        change.SetOutputOrigin([0, 0, 0])
        return change

    one, two = pipeline(), pipeline()
    assert (kerma.Image.from_itk(one.GetOutput()).array == array).all()
    assert (kerma.Image.from_itk(two).array == array).all()


def test_an_error_of_a_filter_reaches_the_caller():
    class Broken:
        def UpdateLargestPossibleRegion(self):
            raise RuntimeError("its file is gone")

    itk = load("fake itk")
    refused(lambda: kerma.Image.from_itk(itk.Image(np.zeros((2, 2, 2)), source=Broken())), RuntimeError, "its file is gone")


@each(flavour=ALL)
def test_two_dimensions_are_one_slice(flavour):
    module = load(flavour)
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    other = make(flavour, module, array, (0.5, 2), (10, 20), [[0, -1], [1, 0]])
    image = kerma.Image.from_itk(other)
    assert image.shape == (1, 3, 4) and (image.array[0] == array).all()
    assert image.spacing == (0.5, 2, 1) and image.origin == (10, 20, 0)
    assert image.direction.tolist() == [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    there = other.TransformIndexToPhysicalPoint([3, 1])
    assert np.allclose(image.point_of_index((3, 1, 0)), [there[0], there[1], 0])


@each(flavour=ITKS)
def test_what_is_no_image_of_numbers_is_refused_by_name(flavour):
    itk = load(flavour)
    if flavour == "itk":
        vector, colour = itk.VectorImage[itk.F, 3].New(), itk.Image[itk.RGBPixel[itk.UC], 3].New()
        complex_, four = itk.Image[itk.complex[itk.F], 3].New(), itk.Image[itk.F, 4].New()
    else:
        def image(n, **attributes):
            made = itk.Image(np.zeros((2,) * n, np.float32))
            vars(made).update(attributes)
            return made

        vector, colour = image(3, name="VectorImage", components=0), image(3, components=3)
        complex_, four = image(3, components=2), image(4)
    refused(lambda: kerma.Image.from_itk(vector), kerma.ArgumentError, "itk.VectorImage", "one component")
    refused(lambda: kerma.Image.from_itk(colour), kerma.ArgumentError, "3 values in each voxel")
    refused(lambda: kerma.Image.from_itk(complex_), kerma.ArgumentError, "2 values in each voxel")
    refused(lambda: kerma.Image.from_itk(four), kerma.ArgumentError, "4 dimensions")


@each(flavour=SIMPLEITKS)
def test_what_is_no_image_of_numbers_is_refused_by_name_by_simpleitk_too(flavour):
    module = load(flavour)
    if flavour == "SimpleITK":
        vector, label = module.Image([2, 2, 2], module.sitkVectorFloat32), module.Image([2, 2, 2], module.sitkLabelUInt8)
        complex_, four = module.Image([2, 2, 2], module.sitkComplexFloat32), module.Image([2, 2, 2, 2], module.sitkFloat32)
    else:
        class Label(module.Image):
            def GetPixelIDTypeAsString(self):
                return "label of 8-bit unsigned integer"

        vector, label = module.Image(np.zeros((2, 2, 2))), Label(np.zeros((2, 2, 2)))
        vector.components = 3
        complex_, four = module.Image(np.zeros((2, 2, 2), np.complex64)), module.Image(np.zeros((2, 2, 2, 2)))
    refused(lambda: kerma.Image.from_itk(vector), kerma.ArgumentError, "3 values in each voxel")
    refused(lambda: kerma.Image.from_itk(label), kerma.ArgumentError, "'label of 8-bit unsigned integer'", "LabelMapToLabel")
    refused(lambda: kerma.Image.from_itk(complex_), kerma.ArgumentError, "'complex of 32-bit float'")
    refused(lambda: kerma.Image.from_itk(four), kerma.ArgumentError, "4 dimensions")


def test_what_is_no_image_at_all_is_refused_by_name():
    for thing in (5, None, "ct.mha", np.zeros((2, 2, 2))):
        refused(lambda: kerma.Image.from_itk(thing), kerma.ArgumentError, type(thing).__name__, "GetSpacing", "kerma.Image(array")


def test_any_object_with_the_three_methods_and_an_array_is_an_image():
    class Other:
        def GetSpacing(self):
            return 1, 2, 3

        def GetOrigin(self):
            return 4, 5, 6

        def GetDirection(self):
            return np.diag([-1, -1, 1])

        def __array__(self, dtype=None, copy=None):
            return np.arange(24, dtype=np.uint16).reshape(2, 3, 4)

    image = kerma.Image.from_itk(Other())
    assert image.shape == (2, 3, 4) and image.spacing == (1, 2, 3) and image.origin == (4, 5, 6)
    assert image.direction[0, 0] == -1 and image.array[1, 2, 3] == 23 and "itk" not in sys.modules


@each(flavour=ALL)
def test_values_are_copied_once(flavour):
    module = load(flavour)
    other = make(flavour, module, np.zeros((100, 200, 100), np.float32))
    kerma.Image.from_itk(other)  # what is loaded at the first time
    tracemalloc.start()  # NumPy tells it of its arrays
    image = kerma.Image.from_itk(other)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000, peak
    assert image.shape == (100, 200, 100)


@each(flavour=ALL)
def test_nothing_is_shared_in_either_direction(flavour):
    module = load(flavour)
    array = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    other = make(flavour, module, array)
    image = kerma.Image.from_itk(other)
    if flavour in ITKS:
        module.array_view_from_image(other)[:] = 9
        again = image.to_itk()
        module.array_view_from_image(again)[:] = 8
    else:
        again = image.to_simpleitk()
        if flavour == "SimpleITK":
            other[0, 0, 0] = again[0, 0, 0] = 9
        else:
            other._array[:] = again._array[:] = 9
    del other
    gc.collect()
    assert (image.array == array).all()
    image.close()
    gc.collect()
    kerma.Image.from_itk(again)


@each(flavour=ALL)
def test_an_image_that_nobody_else_holds_lives_until_it_is_copied(flavour):
    """SimpleITK's view of an image does not keep it alive."""
    module = load(flavour)
    array = np.arange(60 * 50 * 40, dtype=np.int32).reshape(60, 50, 40)

    class Source:
        def GetOutput(self):
            return make(flavour, module, array)

    for _ in range(5):
        assert (kerma.Image.from_itk(Source()).array == array).all()


@each(flavour=ALL)
def test_another_type_holds_the_values_exactly_or_is_refused(flavour):
    load(flavour)

    def to(values, dtype):
        image = kerma.Image(np.array([[values]]))
        return lambda: (image.to_itk if flavour in ITKS else image.to_simpleitk)(dtype=dtype)

    for values, dtype in (([1.5], "int32"), ([300], "uint8"), ([-1], "uint16"), ([2**53 + 1], "float64"), ([1e300], "float32"),
                          ([np.nan], "int32"), ([np.inf], "uint8"), ([0.1], "float32")):
        refused(to(values, dtype), kerma.ArgumentError, "do not all fit", dtype)
    for values, dtype in (([1.0, 2.0], "int32"), ([255], "uint8"), ([2**53], "float64"), ([np.nan, 0.5], "float32"), ([-0.0], "float32")):
        other = to(values, dtype)()
        back = kerma.Image.from_itk(other).array
        assert back.dtype == dtype and np.array_equal(back[0, 0], np.array(values), equal_nan=True)


@each(flavour=ALL)
def test_a_dose_goes_out_where_its_grid_lies(flavour):
    load(flavour)
    sim = scenes.box(0)
    sim.add_scorer(kerma.GridScorer("grid", count=(4, 5, 6), spacing=(10, 9, 8), origin=(-15, -18, 0)))
    image = sim.run(2000)["grid"].image("dose")
    other = image.to_itk() if flavour in ITKS else image.to_simpleitk()
    same_places(image, other, random.Random(1))
    back = kerma.Image.from_itk(other)
    assert (back.array == image.array).all() and back.array.max() > 0


@each(flavour=REAL)
def test_metaimages_written_here_are_read_there_and_the_reverse(flavour):
    module = load(flavour)
    rng = random.Random(7)
    read = module.imread if flavour == "itk" else module.ReadImage
    write = module.imwrite if flavour == "itk" else module.WriteImage
    with tempfile.TemporaryDirectory() as folder:
        for i, dtype in enumerate(("int16", "uint8", "float32", "float64")):
            array = np.array([rng.randrange(200) for _ in range(60)]).reshape(3, 4, 5).astype(dtype)
            image = kerma.Image(array, spacing=(0.7, 1.1, 3), origin=(1, 2, 3), direction=rotation(rng))
            for name in ("here.mha", "here.mhd"):
                image.write(pathlib.Path(folder, name), compress=i % 2 == 1)
                other = read(os.path.join(folder, name))
                same_places(image, other, rng)
                assert (kerma.Image.from_itk(other).array == array).all()
                there = os.path.join(folder, name.replace("here", "there"))
                write(other, there)
                back = kerma.Image.read(pathlib.Path(there))
                assert (back.array == array).all() and back.array.dtype == dtype
                assert np.allclose(back.direction, image.direction, atol=1e-12)
                same_places(back, other, rng)


@each(flavour=REAL)
def test_a_file_of_a_type_that_itk_lacks_says_so_in_a_few_words(flavour):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "a.mha")
        kerma.Image(np.full((2, 3, 4), 2**53 + 1)).write(path)
        if flavour == "itk":
            e = refused(lambda: kerma.Image.read_itk(path, package=flavour), kerma.FileError, "a.mha", "not wrapped")
            assert len(str(e)) < 500
        else:
            assert (kerma.Image.read_itk(path, package=flavour).array == 2**53 + 1).all()


@each(flavour=REAL)
def test_a_real_ct_is_the_same_by_every_way(flavour):
    module = load(flavour)
    mha, nifti = real_data("ct/thorax_3mm.mha", "ct/thorax_3mm.nii.gz")
    image = kerma.Image.read(mha)
    assert int(image.array.sum(dtype=np.int64)) == -496851173 and image.direction[0, 0] == -1
    rng = random.Random(8)
    other = module.imread(str(mha)) if flavour == "itk" else module.ReadImage(str(mha))
    same_places(image, other, rng)
    for again in (kerma.Image.from_itk(other), kerma.Image.read_itk(nifti, package=flavour),
                  kerma.Image.read_itk(os.fsencode(nifti), package=flavour)):
        assert (again.array == image.array).all()
        assert np.allclose(again.origin, image.origin, atol=1e-4) and np.allclose(again.direction, image.direction, atol=1e-6)


@each(flavour=REAL)
def test_a_real_dicom_series_is_read_and_the_dose_beside_it_left_out(flavour):
    load(flavour)
    image = kerma.Image.read_itk(real_data("ct/dicom_abdomen"), package=flavour)
    assert image.shape == (3, 512, 512) and image.spacing == (0.765625, 0.765625, 5)
    assert image.origin[2] == -92.5 and image.array.min() == -1024 and image.array.max() == 1070
    assert "dicom_abdomen" in repr(image)
    one = kerma.Image.read_itk(real_data("ct/dicom_abdomen/1.dcm"), package=flavour)
    assert one.shape == (1, 512, 512) and (one.array[0] == image.array[2]).all()
    refused(lambda: kerma.Image.read_itk(real_data("ct/dicom_abdomen"), series="1.2", package=flavour), kerma.ArgumentError,
            "no DICOM series '1.2'", "RTDOSE, 1 files", "CT, 3 files")
    dose = "1.2.826.0.1.3680043.8.176.20170420171226020.2800.70447.1"
    assert kerma.Image.read_itk(real_data("ct/dicom_abdomen"), series=dose, package=flavour).shape == (5, 44, 32)


@each(flavour=REAL if "SimpleITK" in REAL else [])
def test_a_real_dicom_series_without_one_of_its_slices_is_refused(flavour):
    load(flavour)
    simpleitk = load("SimpleITK")
    writer = simpleitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    with tempfile.TemporaryDirectory() as folder:
        for k in range(5):
            slice_ = simpleitk.Image([4, 3, 1], simpleitk.sitkInt16) + k
            for tag, value in (("0008|0060", "CT"), ("0020|000e", "1.2.826.0.1.3680043.2.1125.5"), ("0020|0032", f"0\\0\\{2 * k}"),
                               ("0020|0037", "1\\0\\0\\0\\1\\0"), ("0020|0013", str(k)), ("0008|0018", f"1.2.826.0.1.3680043.2.1125.5.{k + 1}")):
                slice_.SetMetaData(tag, value)
            writer.SetFileName(os.path.join(folder, f"{k}.dcm"))
            writer.Execute(slice_)
        assert kerma.Image.read_itk(folder, package=flavour).array[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
        os.remove(os.path.join(folder, "2.dcm"))
        refused(lambda: kerma.Image.read_itk(folder, package=flavour), kerma.FormatError, "3.dcm", "4 mm behind", "2 mm apart",
                "a slice is missing")


@each(flavour=ALL)
def test_what_cannot_be_read_is_an_error_with_its_path(flavour):
    load(flavour)
    package = flavour.split()[-1]
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder, "ä bad.nii")
        refused(lambda: kerma.Image.read_itk(bad, package=package), kerma.FileError, "ä bad.nii: there is no such file")
        bad.write_text("no image")
        e = refused(lambda: kerma.Image.read_itk(bad, package=package), kerma.FileError, "ä bad.nii", f"{package} cannot read it")
        assert ".cxx" not in str(e) and e.__cause__ is not None
        refused(lambda: kerma.Image.read_itk(bad, package="vtk"), kerma.ArgumentError, "'vtk'")
        if flavour not in ("fake itk",):
            refused(lambda: kerma.Image.read_itk(folder, package=package), kerma.FileError, "no DICOM series")
        refused(lambda: kerma.Image.read_itk(bad, series="1", package=package), kerma.ArgumentError, "is a file")


def test_a_file_that_only_itk_reads_is_pointed_there():
    with tempfile.TemporaryDirectory() as folder:
        for name, error in ("ct.nii.gz", kerma.FormatError), ("", kerma.FileError):
            path = pathlib.Path(folder, name)
            if name:
                path.write_bytes(b"no MetaImage")
            refused(lambda: kerma.Image.read(path), error, folder, "kerma.Image.read_itk()")
        for name in "ct.mha", "there is none":
            (path / "ct.mha").write_bytes(b"no MetaImage")
            e = refused(lambda: kerma.Image.read(path / name), kerma.Error, name)
            assert "read_itk" not in str(e)


@each(flavour=list(FAKES))
def test_every_kind_of_path_reaches_itk_as_text(flavour):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "ct.nii")
        path.write_bytes(b"")
        module = load(flavour, files={str(path): lambda: make(flavour, module, np.ones((2, 3, 4), np.int16))})
        for p in (path, str(path), os.fsencode(path)):
            image = kerma.Image.read_itk(p, package=flavour.split()[-1])
            assert image.shape == (2, 3, 4) and str(path) in repr(image)


def slices(tilt=0.0, at=(0, 2, 4, 6)):
    return {f"/d/{k}.dcm": ("CT", (0, tilt * k, z), np.eye(3)) for k, z in enumerate(at)}


def read_series(series, slices):
    everything = tuple(p for files in series.values() for p in files)

    def image():
        return fake_itk.SimpleITKImage(np.zeros((len(everything), 2, 2), np.int16))

    files = {tuple(files) if len(files) > 1 else files[0]: image for files in series.values()}
    fake_itk.simpleitk(files=files, series=series, slices=slices)
    with tempfile.TemporaryDirectory() as folder:
        return kerma.Image.read_itk(folder, package="SimpleITK")


def test_slices_that_make_no_grid_are_refused():
    good = slices()
    assert read_series({"1.2": list(good)}, good).shape == (4, 2, 2)
    gap = slices(at=(0, 2, 6, 8))
    refused(lambda: read_series({"1.2": list(gap)}, gap), kerma.FormatError, "/d/2.dcm", "4 mm behind", "2 mm apart")
    tilted = slices(tilt=0.5)
    refused(lambda: read_series({"1.2": list(tilted)}, tilted), kerma.FormatError, "/d/1.dcm", "0.5 mm aside", "gantry")
    twice = slices(at=(0, 0, 2, 4))
    refused(lambda: read_series({"1.2": list(twice)}, twice), kerma.FormatError, "/d/1.dcm", "at one place")


def test_of_several_series_the_only_ct_is_taken_or_one_must_be_named():
    both = {**slices(), "/d/dose.dcm": ("RTDOSE", (0, 0, 0), np.eye(3))}
    assert read_series({"1.2": ["/d/dose.dcm"], "1.3": list(slices())}, both).shape[1:] == (2, 2)
    refused(lambda: read_series({"1.2": ["/d/0.dcm"], "1.3": ["/d/1.dcm"]}, both), kerma.ArgumentError, "series=", "1.2 (CT, 1 files)",
            "1.3 (CT, 1 files)")


def test_a_series_of_one_file_is_read_as_a_file():
    """It may have three dimensions of its own, as a dose has: as a list it would get a fourth."""
    assert read_series({"1.2": ["/d/0.dcm"]}, slices()).shape == (1, 2, 2)


class Watch:
    """Notices that a module is looked for."""

    def __init__(self):
        self.asked = []

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("itk", "SimpleITK"):
            self.asked.append(name)
        return None


def test_importing_kerma_looks_for_neither():
    code = ("import sys; sys.path.insert(0, {0!r})\n"
            "class Watch:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        assert name.split('.')[0] not in ('itk', 'SimpleITK', 'numpy'), name\n"
            "sys.meta_path.insert(0, Watch())\n"
            "import kerma\n")
    subprocess.run([sys.executable, "-c", code.format(os.path.dirname(os.path.dirname(kerma.__file__)))], check=True)


def test_nothing_but_its_own_functions_looks_for_itk():
    watch = Watch()
    sys.meta_path.insert(0, watch)
    image = kerma.Image(np.zeros((4, 4, 4), np.int16), spacing=(9, 9, 9))
    image.array, image.statistics, repr(image), image.point_of_index((1, 2, 3))
    with tempfile.TemporaryDirectory() as folder:
        image.write(pathlib.Path(folder, "a.mha"))
        kerma.Image.read(pathlib.Path(folder, "a.mha"))
        sim = scenes.box(2)
        sim.add_scorer(kerma.GridScorer("grid", count=(2, 2, 2), spacing=(9, 9, 9), origin=(0, 0, 0)))
        sim.run(100).write(folder)
    assert not watch.asked and "itk" not in sys.modules and "SimpleITK" not in sys.modules
    try:
        image.to_simpleitk()
    except kerma.ITKError:
        pass
    assert "SimpleITK" in watch.asked and "itk" not in watch.asked


if REAL:  # their first import takes seconds, many of them on a busy machine
    for name, function in list(globals().items()):
        if name.startswith("test_"):
            function.limit = 150
