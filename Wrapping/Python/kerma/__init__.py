"""Monte Carlo transport of photons through solids, closed triangle meshes and CT images.

Units everywhere: mm, MeV, ns, rad, g/cm3, Gy, Bq; see :mod:`kerma.units`. Arrays of images are (z, y, x).

Errors are :class:`kerma.Error` and its subclasses, one for each kind. Docstrings say which may come besides these: a wrong
type raises TypeError, a wrong value :class:`kerma.ArgumentError`, both with the argument's name; whatever was closed raises
:class:`kerma.ClosedError`.
"""
import typing as _typing

from . import _native as _native  # the first: it refuses interpreters that kerma does not work in
from . import units as units
from ._native import build_info as build_info
from ._native import version as _version
from .errors import AbortedError as AbortedError
from .errors import ArgumentError as ArgumentError
from .errors import BusyError as BusyError
from .errors import ClosedError as ClosedError
from .errors import Error as Error
from .errors import FileError as FileError
from .errors import ForkError as ForkError
from .errors import FormatError as FormatError
from .errors import GeometryError as GeometryError
from .errors import ITKError as ITKError
from .errors import InternalError as InternalError
from .errors import MeshError as MeshError
from .errors import MismatchError as MismatchError
from .errors import ObserverError as ObserverError
from .errors import OutOfMemoryError as OutOfMemoryError
from .errors import PhysicsError as PhysicsError
from .errors import RangeError as RangeError
from .errors import StaleError as StaleError
from .errors import StateError as StateError
from .errors import ThreadError as ThreadError
from .errors import TimeoutError as TimeoutError
from .geometry import Box as Box
from .geometry import Image as Image
from .geometry import Mesh as Mesh
from .geometry import MeshBuilder as MeshBuilder
from .geometry import Orb as Orb
from .geometry import Solid as Solid
from .geometry import Tessellated as Tessellated
from .geometry import Tube as Tube
from .geometry import Volume as Volume
from .inventory import Inventory as Inventory
from .inventory import Summary as Summary
from .inventory import recognize as recognize
from .matter import CTTable as CTTable
from .matter import Material as Material
from .matter import nist_materials as nist_materials
from .observers import Action as Action
from .observers import Process as Process
from .observers import Step as Step
from .observers import Worker as Worker
from .observers import step_dtype as step_dtype
from .results import Result as Result
from .results import ScorerResult as ScorerResult
from .scoring import DetectorScorer as DetectorScorer
from .scoring import GridScorer as GridScorer
from .scoring import Scorer as Scorer
from .scoring import VolumeScorer as VolumeScorer
from .scoring import VoxelScorer as VoxelScorer
from .simulation import Simulation as Simulation
from .sources import ParallelSource as ParallelSource
from .sources import PencilSource as PencilSource
from .sources import PointSource as PointSource
from .sources import Source as Source
from .sources import Spectrum as Spectrum
from .values import Attenuation as Attenuation
from .values import CTRow as CTRow
from .values import Estimate as Estimate
from .values import Fault as Fault
from .values import Hits as Hits
from .values import ImageStatistics as ImageStatistics
from .values import Largest as Largest
from .values import Ledger as Ledger
from .values import MeshPlace as MeshPlace
from .values import MeshReport as MeshReport
from .values import Nearest as Nearest
from .values import Overlap as Overlap
from .values import Placed as Placed
from .values import Placement as Placement
from .values import Progress as Progress
from .values import ResultInfo as ResultInfo
from .values import Stall as Stall

__version__: str = _version()

# The doctor is imported when it is called: it would take half of the time of an import of all.
if _typing.TYPE_CHECKING:
    from ._doctor import Report as Report
    from ._doctor import doctor as doctor
else:

    def __getattr__(name: str) -> _typing.Any:
        if name in ("doctor", "Report"):
            from . import _doctor

            globals().update(doctor=_doctor.doctor, Report=_doctor.Report)
            return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "doctor", "Report"})
