"""Monte Carlo transport of photons through solids, closed triangle meshes and CT images.

Units everywhere: mm, MeV, ns, rad, g/cm3, Gy, Bq. Arrays of images are (z, y, x).
"""
from . import units
from ._doctor import Report, doctor
from ._native import build_info
from ._native import version as _version
from .errors import *  # noqa: F401,F403
from .errors import __all__ as _errors_all
from .geometry import Box, Image, Mesh, MeshBuilder, Orb, Solid, Tessellated, Tube, Volume
from .matter import CTTable, Material, nist_materials
from .observers import Action, Process, Step, Worker, step_dtype
from .results import Result, ScorerResult
from .scoring import DetectorScorer, GridScorer, Scorer, VolumeScorer, VoxelScorer
from .simulation import Simulation
from .sources import ParallelSource, PencilSource, PointSource, Source, Spectrum

__version__ = _version()
