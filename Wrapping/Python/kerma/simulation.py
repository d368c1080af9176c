"""A simulation: a scene and its runs."""
from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _arrays, values
from ._base import Kept, Owner, changed, changes, choice, handle_of, real, whole
from ._html import table
from ._native import Step, Worker, c, no_log
from .errors import AbortedError, ArgumentError, BusyError, ClosedError, Error, ForkError, StateError, TimeoutError
from .geometry import Volume
from .inventory import Inventory
from .observers import Action, Hooks, Process, history_dtype, step_dtype
from .results import Result, _QUANTITIES
from .scoring import Scorer
from .sources import Source
from .values import Fault, Overlap, Placement, Progress, Stall

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._arrays import Path

_Fn = TypeVar("_Fn")
_RunFn = TypeVar("_RunFn", bound=Callable[[], object])
_WorkerFn = TypeVar("_WorkerFn", bound=Callable[[Worker], object])
_StepFn = TypeVar("_StepFn", bound=Callable[[Worker, Step], "Action | int | None"])
_BlockFn = TypeVar("_BlockFn", bound="Callable[[NDArray[Any]], object]")
_ProgressFn = TypeVar("_ProgressFn", bound=Callable[[Progress], object])

_Owned = TypeVar("_Owned", bound=Owner)
_OVERLAPS: dict[str, int] = {"refuse": c.KMA_OVERLAPS_REFUSE, "warn": c.KMA_OVERLAPS_WARN,
                             "ignore": c.KMA_OVERLAPS_IGNORE}
_all: weakref.WeakSet[Simulation] = weakref.WeakSet()


def _several(values: Iterable[_Owned], kind: type[_Owned], what: str) -> Iterable[_Owned]:
    if isinstance(values, Owner) or not isinstance(values, Iterable):
        raise TypeError(f"{what} must be a list of kerma.{kind.__name__}s, not {values!r:.80}")
    return values


def _renew_locks() -> None:
    """In a child of fork: another thread of its parent's may have held them."""
    for sim in _all:
        sim._lock = threading.RLock()


os.register_at_fork(after_in_child=_renew_locks)


def _check_callable(fn: object) -> None:
    if not callable(fn):
        raise TypeError(f"a callable is needed, not {fn!r}")


class Simulation(Owner):
    """A world of volumes, sources and scorers, and its runs.

    :param world: the volume that everything lies in
    :param sources: where photons come from; more by :meth:`add_source`
    :param scorers: what is added up; more by :meth:`add_scorer`
    :param title: any text
    :param seed: results are a function of scene, seed and number of histories
    :param histories: photons that :meth:`run` simulates if it is not told
    :param threads: workers; None: as many as processors; 0: none, the caller's thread does the work. Changes no result
    :param cut_energy: MeV: below it a photon stops and leaves its energy where it is
    :param overlaps: "refuse", "warn" or "ignore" volumes that overlap
    :param overlap_points: how thoroughly overlaps are looked for, points of each surface; 0: the default
    :param stall_seconds: an observer, a history or a thread that keeps others waiting for longer is reported by name, place
        and duration, and again each time that has doubled; 0: never
    :param stall_descriptor: file descriptor that reports are written to, by a thread that needs no GIL: also while an
        observer holds it and all of Python stands still. Default 2, stderr: a simulation that seems frozen says why.
        None: none. Reports reach :mod:`logging` (logger "kerma"), too, once the GIL is free

    :raises ArgumentError: a value is out of its range; the text says which

    A context manager: at the end of ``with`` it is closed. A closed one raises :class:`kerma.ClosedError`, and nearly all of
    it :class:`kerma.StateError` before it has a world.
    """

    __slots__ = ("_title", "_histories", "_options", "_lock", "_scene", "_run", "_hooks", "_observers",
                 "_initialization", "_initialized_at", "_progress", "_world", "_cut_energy", "_overlaps",
                 "_overlap_points", "_last_abort")
    _kind = "simulation"

    def __init__(self, world: Volume | None = None, *, sources: Iterable[Source] = (), scorers: Iterable[Scorer] = (),
                 title: str = "", seed: int = 1, histories: float = 100000, threads: int | None = None,
                 cut_energy: float | None = None, overlaps: str = "refuse", overlap_points: int = 0,
                 stall_seconds: float = 10.0, stall_descriptor: int | None = 2) -> None:
        self._begin(title, seed, histories, threads, stall_seconds, stall_descriptor)
        self._cut_energy: float | None = None if cut_energy is None else real(cut_energy, "cut_energy")
        self._overlaps = choice(overlaps, _OVERLAPS, "overlaps")
        self._overlap_points = whole(overlap_points, "overlap_points", 0, 1000000)
        if world is not None:
            self.world = world
        for source in _several(sources, Source, "sources"):
            self.add_source(source)
        for scorer in _several(scorers, Scorer, "scorers"):
            self.add_scorer(scorer)

    def _begin(self, title: str, seed: int, histories: float, threads: int | None, stall_seconds: float,
               stall_descriptor: int | None) -> None:
        self._handle: Any = True
        self._id = 0
        self._kept: Kept = {}
        self.title = title
        self._histories = whole(histories, "histories", 1)
        self._options: dict[str, Any] = {
            "seed": whole(seed, "seed"),
            "threads": self._threads_of(threads),
            "stall_seconds": real(stall_seconds, "stall_seconds"),
            "stall_descriptor": -1 if stall_descriptor is None else whole(stall_descriptor, "stall_descriptor", 0, 2**31 - 1),
        }
        self._lock = threading.RLock()
        _all.add(self)
        self._scene: Any = None
        self._run: Any = None
        self._last_abort: object = None
        self._hooks = Hooks()
        self._observers: list[tuple[Any, Any, tuple[Any, ...]]] = []
        self._initialization: tuple[Any, Any] | None = None
        self._initialized_at: int | None = None
        self._progress: list[Callable[[Progress], object]] = []
        self._world: Volume | None = None

    @staticmethod
    def _threads_of(threads: int | None) -> int:
        return int(c.KMA_THREADS_ALL) if threads is None else whole(threads, "threads", 0, 1024)

    # ---- files ----

    @classmethod
    def load(cls, path: Path, *, threads: int | None = None, stall_seconds: float = 10.0,
             stall_descriptor: int | None = 2) -> Simulation:
        """Reads a scene file (JSON) and all files it names: the scene, its title, seed and histories.

        ``kerma run`` gives the same results of it to the bit.

        :param path: of the file
        :param threads: as of the constructor, like `stall_seconds` and `stall_descriptor`: they are none of the scene
        :raises FileError: a file cannot be read
        :raises FormatError: it is no such scene; the text begins with file, line and column
        """
        handle = c.kma_simulation_read(_arrays.path(path))
        self = cls.__new__(cls)
        self._begin(c.kma_simulation_get_title(handle), c.kma_simulation_get_seed(handle),
                    c.kma_simulation_get_histories(handle), threads, stall_seconds, stall_descriptor)
        self._keep(handle)  # the names of all that the file describes
        scene = c.kma_simulation_get_scene(handle)
        self._cut_energy = c.kma_scene_get_cut_energy(scene)
        self._overlaps, self._overlap_points = c.kma_scene_get_overlap_check(scene)
        self._world = Volume._of(c.kma_scene_get_world(scene), self._kept)
        self._scene = scene
        return self

    def save(self, path: Path) -> None:
        """Writes the scene, with title, seed and histories, as a scene file that reads back as the same scene.

        Meshes, images and tables go into a directory beside it, ``scene_files`` for ``scene.json``.

        :param path: of the file
        :raises StateError: no scene file can say it, such as one without a source; the text says why
        :raises FileError: a file cannot be written; none was changed
        """
        self._c
        options = {"title": self.title, "seed": self.seed, "histories": self._histories}
        c.kma_scene_write(self._the_scene(), options, _arrays.path(path))

    @classmethod
    def check_file(cls, path: Path) -> list[Fault]:
        """All that is wrong with a scene file, overlaps excepted; an empty list if nothing is.

        :param path: of the file
        :raises FileError, FormatError: the file is missing, or no text of a scene
        """
        return [values._fault(status, text) for status, text in c.kmp_simulation_check(_arrays.path(path))]

    # ---- the scene ----

    @property
    def title(self) -> str:
        """Any text: scene files and results have it."""
        return getattr(self, "_title", "")

    @title.setter
    def title(self, title: str) -> None:
        if not isinstance(title, str):
            raise TypeError(f"a title is a text, not {title!r:.80}")
        self._title = self._label = title

    def _set_option(self, name: str, value: Any) -> None:
        with self._lock, no_log:
            self._c
            if self._run is not None:
                raise StateError(f"{name} is set before the first run: make another simulation")
            self._options[name] = value

    @property
    def seed(self) -> int:
        """Of the random numbers. Set later than before the first run: :class:`kerma.StateError`."""
        self._c
        return int(self._options["seed"])

    @seed.setter
    def seed(self, seed: int) -> None:
        self._set_option("seed", whole(seed, "seed"))

    @property
    def threads(self) -> int | None:
        """Workers; None: as many as processors; 0: none. Set later than before the first run: :class:`kerma.StateError`."""
        self._c
        n = int(self._options["threads"])
        return None if n == c.KMA_THREADS_ALL else n

    @threads.setter
    def threads(self, threads: int | None) -> None:
        self._set_option("threads", self._threads_of(threads))

    @property
    def histories(self) -> int:
        """Photons that :meth:`run` simulates if it is not told."""
        self._c
        return self._histories

    @histories.setter
    def histories(self, histories: float) -> None:
        self._histories = whole(histories, "histories", 1)

    @property
    def world(self) -> Volume | None:
        """The volume that everything lies in; None: not set yet. Set twice: :class:`kerma.StateError`."""
        self._c
        return self._world

    @world.setter
    def world(self, volume: Volume) -> None:
        self._c
        handle = handle_of(volume, Volume, "world")
        with self._lock, no_log:
            if self._scene is not None:
                raise StateError("the world is set already")
            scene = c.kma_scene_create(handle)
            if self._cut_energy is not None:
                c.kma_scene_set_cut_energy(scene, self._cut_energy)
            c.kma_scene_set_overlap_check(scene, self._overlaps, self._overlap_points)
            self._keep(handle, volume._kept)
            self._scene, self._world = scene, volume

    def _the_scene(self) -> Any:
        self._c
        scene = self._scene
        if scene is None:
            raise StateError("the simulation has no world yet: set simulation.world first")
        return scene

    @property
    def volumes(self) -> list[Volume]:
        """All volumes in use, each once, the world first."""
        self._the_scene()
        world = self._world
        return [] if world is None else world.tree()

    def volume(self, name: str) -> Volume:
        """The volume of this name; of several the one nearest to the world.

        :param name: as it was given
        :raises ArgumentError: there is none; the text has the names that there are
        """
        volumes = self.volumes
        for volume in volumes:
            if volume._label == name:
                return volume
        raise ArgumentError(f"there is no volume {name!r}: there are {', '.join(repr(v._label) for v in volumes[:10])}"
                            + (" and others" if len(volumes) > 10 else ""))

    @property
    def cut_energy(self) -> float:
        """MeV: below it a photon stops and leaves its energy where it is. A change acts on the next run.

        Set outside of 0.001 to 0.8 MeV: :class:`kerma.ArgumentError`.
        """
        self._c
        if self._scene is None and self._cut_energy is not None:
            return self._cut_energy
        return float(c.kma_scene_get_cut_energy(self._the_scene()))

    @cut_energy.setter
    def cut_energy(self, energy: float) -> None:
        self._c
        energy = real(energy, "cut_energy")
        if self._scene is not None:
            c.kma_scene_set_cut_energy(self._scene, energy)
            changed()
        self._cut_energy = energy

    @property
    def overlaps(self) -> str:
        """What is done about volumes that overlap: "refuse", "warn" or "ignore"."""
        self._c
        return next(name for name, action in _OVERLAPS.items() if action == self._overlaps)

    @overlaps.setter
    def overlaps(self, action: str) -> None:
        number = choice(action, _OVERLAPS, "overlaps")
        self._c
        if self._scene is not None:
            c.kma_scene_set_overlap_check(self._scene, number, self._overlap_points)
            changed()
        self._overlaps = number

    def add_source(self, source: Source) -> Source:
        """Adds a source; returns it.

        :param source: may be in several simulations
        :raises StateError: there is no world yet
        """
        handle = handle_of(source, Source, "source")
        c.kma_scene_add_source(self._the_scene(), handle)
        self._keep(handle, source._kept)
        changed()
        return source

    def add_scorer(self, scorer: Scorer) -> Scorer:
        """Adds a scorer; returns it.

        :param scorer: may be in several simulations
        :raises ArgumentError: another has its name
        :raises StateError: there is no world yet
        """
        handle = handle_of(scorer, Scorer, "scorer")
        c.kma_scene_add_scorer(self._the_scene(), handle)
        self._keep(handle, scorer._kept)
        changed()
        return scorer

    @property
    def sources(self) -> list[Source]:
        """In the order in which they were added."""
        scene = self._the_scene()
        return [Source._of(c.kma_scene_get_source(scene, i), self._kept)
                for i in range(c.kma_scene_count_sources(scene))]

    @property
    def scorers(self) -> list[Scorer]:
        """In the order in which they were added; results have the same."""
        scene = self._the_scene()
        return [Scorer._of(c.kma_scene_get_scorer(scene, i), self._kept)
                for i in range(c.kma_scene_count_scorers(scene))]

    def check_overlaps(self, points: int = 0) -> list[Overlap]:
        """All overlaps of volumes, the deepest first, at most 1000.

        :param points: how many of each surface are looked at; 0: the scene's
        :raises ArgumentError: it is not 0 to 1000000
        """
        found = c.kma_scene_check_overlaps(self._the_scene(), whole(points, "points", 0, 1000000))
        return [values._overlap(d) for d in found]

    def inventory(self) -> Inventory:
        """What the scene is made of: masses, materials, what became of CT numbers, memory, and all its faults.

        :raises StateError: there is no world yet
        """
        return Inventory(c.kma_inventory_create(self._the_scene()))

    def check(self) -> list[Fault]:
        """All faults of the scene for which a run would be refused, overlaps excepted; an empty list if there are none.

        :raises StateError: there is no world yet
        """
        return list(self.inventory().faults)

    # ---- observers ----

    def _observe(self, register: Any, fn: _Fn, *more: Any) -> _Fn:
        self._c
        _check_callable(fn)
        with self._lock, no_log:
            hook = self._hooks.add(fn)[1]
            if self._run is None:
                self._observers.append((register, hook, more))
            else:
                register(self._run, *more, (self._hooks, hook))
        return fn

    def on_run_begin(self, fn: _RunFn) -> _RunFn:
        """fn() at the begin of each run, on the thread that starts it. All on_... can be used as decorators.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_run_begin, fn)

    def on_run_end(self, fn: _RunFn) -> _RunFn:
        """fn() at the end of each run.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_run_end, fn)

    def on_worker_begin(self, fn: _WorkerFn) -> _WorkerFn:
        """fn(worker) on each worker, before its first history.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_worker_begin, fn)

    def on_worker_end(self, fn: _WorkerFn) -> _WorkerFn:
        """fn(worker) on each worker, after its last history.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_worker_end, fn)

    def on_history_begin(self, fn: _WorkerFn) -> _WorkerFn:
        """fn(worker) at the begin of each history, on the worker that runs it.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_history_begin, fn)

    def on_history_end(self, fn: _WorkerFn) -> _WorkerFn:
        """fn(worker) at the end of each history, on the worker that runs it.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_history_end, fn)

    def on_step(self, fn: _StepFn) -> _StepFn:
        """fn(worker, step) at the end of each step, on the worker; it may return a :class:`kerma.Action`.

        :raises StateError: the simulation was initialized before
        """
        return self._observe(c.kma_run_manager_on_step, fn)

    @overload
    def on_block(self, fn: _BlockFn, *, scores: Sequence[str | tuple[str, str]] | None = None,
                 processes: Iterable[Process] | None = None, block: int = 65536) -> _BlockFn: ...

    @overload
    def on_block(self, fn: None = None, *, scores: Sequence[str | tuple[str, str]] | None = None,
                 processes: Iterable[Process] | None = None, block: int = 65536) -> Callable[[_BlockFn], _BlockFn]: ...

    def on_block(self, fn: Any = None, *, scores: Sequence[str | tuple[str, str]] | None = None,
                 processes: Iterable[Process] | None = None, block: int = 65536) -> Any:
        """fn(array) with blocks of records, in order of history, the same for any number of threads.

        :param scores: None: the records are steps (:func:`kerma.step_dtype`). Names of scorers, or pairs (name, quantity):
                       a record is a history and what it scored, MeV or photons: fields "history" and each name
                       ("name.quantity" if a name is there twice)
        :param processes: of steps: which, as :class:`kerma.Process`; None: all
        :param block: records in a block, 1 to 2**24; the last of a run may have fewer
        :raises ArgumentError: there is no such quantity, or later, when the run begins, no such scorer
        :raises StateError: the simulation was initialized before
        """
        self._c
        if fn is None:
            return lambda f: self.on_block(f, scores=scores, processes=processes, block=block)
        _check_callable(fn)
        import numpy as np

        options: dict[str, Any] = {"block": whole(block, "block", 1, 2**24)}
        if processes is not None:
            options["processes"] = sum(1 << int(Process(p)) for p in set(processes))
        more: tuple[Any, ...]
        if scores is None:
            dtype = step_dtype()
            register, more = c.kma_run_manager_on_step_block, (options,)
        else:
            if isinstance(scores, str):
                scores = [scores]
            pairs = [(s, "energy") if isinstance(s, str) else s for s in scores]
            for pair in pairs:
                if not (isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], str)):
                    raise ArgumentError(f"scores has {pair!r:.80} (must be names, or pairs of a name and a quantity)")
            twice = len({name for name, _ in pairs}) < len(pairs)
            dtype = history_dtype([f"{name}.{quantity}" if twice else name for name, quantity in pairs])
            codes = [(name, choice(quantity, _QUANTITIES, "the quantity")) for name, quantity in pairs]
            register, more = c.kma_run_manager_on_history_block, (codes, options)

        def deliver(number: int, records: bytes) -> None:
            fn(np.frombuffer(records, dtype))

        deliver.__wrapped__ = fn  # type: ignore[attr-defined]
        self._observe(register, deliver, *more)
        return fn

    def on_progress(self, fn: _ProgressFn) -> _ProgressFn:
        """fn(progress) some times a second, on the thread inside :meth:`run`, and once at the end.

        :param fn: gets a :class:`kerma.Progress`
        :raises TypeError: it cannot be called
        """
        self._c
        _check_callable(fn)
        self._progress.append(fn)
        return fn

    def set_user_initialization(self, build: Callable[[Worker], Any],
                                drop: Callable[[Any], object] | None = None) -> None:
        """What each worker has of its own.

        :param build: build(worker) makes worker.data of each worker, on it
        :param drop: drop(data) ends its life, on the worker too
        :raises StateError: there is one already, or the simulation was initialized before
        """
        self._c
        _check_callable(build)
        if drop is not None:
            _check_callable(drop)
        with self._lock, no_log:
            if self._initialization is not None or self._run is not None:
                raise StateError("a user initialization is set once, before the first initialize")
            self._initialization = (self._hooks.add(build)[1], self._hooks.add(drop)[1])

    # ---- runs ----

    def _manager(self) -> Any:
        self._c
        with self._lock, no_log:
            if self._run is None:
                run = c.kmp_run_manager_create(self._the_scene(), self._options)
                hooks = self._hooks
                user = None if self._initialization is None else (hooks, *self._initialization)
                c.kmp_set_user_initialization(run, user)
                for register, hook, more in self._observers:
                    register(run, *more, (hooks, hook))
                if self._run is None:  # unless a signal's handler, or a __del__, came before us on this thread
                    self._run = run
            run = self._run
            if self._handle is None:
                # Meanwhile, on this thread: a collection that ran a user's __del__, or a signal's handler.
                self._run = None
                self._c
            return run

    def _call(self, function: Any, *arguments: Any) -> Any:
        """A call that waits or calls back. If it was closed meanwhile, the error names this simulation."""
        try:
            return function(*arguments, self._hooks)
        except ClosedError as e:
            text = str(e)
            if text.startswith("the run manager was closed"):
                e.args = (text.replace("the run manager", f"the {self._name()}", 1),)
            raise

    def initialize(self) -> None:
        """Closes the scene: checks it, builds the tables, starts the workers. Runs do it by themselves.

        :raises GeometryError, PhysicsError, ArgumentError: the scene's fault; the text says which
        :raises StateError: a run is under way
        :raises BusyError: in an observer of this simulation
        """
        run = self._manager()
        now = changes()
        before, self._initialized_at = self._initialized_at, None  # until it has succeeded
        try:
            self._call(c.kmp_run_manager_initialize, run)
        except (BusyError, StateError):
            self._initialized_at = before  # refused: nothing was done
            raise
        self._initialized_at = now

    def _wanted(self, histories: float | None) -> int:
        self._c
        return self._histories if histories is None else whole(histories, "histories")

    def _ready(self) -> Any:
        """The run manager, initialized since the last change of what scenes describe."""
        before = self._last_abort
        run = self._manager()
        if self._initialized_at != changes():
            self.initialize()
        if self._last_abort is not before:
            raise AbortedError("the run was aborted before its first history, while the simulation was initialized")
        return run

    def start(self, histories: float | None = None) -> None:
        """Begins a run and returns at once. With threads = 0 the work is done in :meth:`wait`.

        :param histories: as of :meth:`run`
        :raises StateError: a run is under way
        :raises BusyError: in an observer of this simulation
        :raises AbortedError: :meth:`abort` was called while it initialized
        """
        number = self._wanted(histories)
        run = self._ready()
        try:
            self._call(c.kmp_run_manager_start, run, number)
        except Error:
            raise  # refused, or ended by an observer: nothing runs for this call
        except BaseException:  # a signal's, when the run had begun
            self._end_quietly(run)
            raise

    def wait(self, timeout: float | None = None) -> Result:
        """Waits for the run's end; its result. What an observer raised, it raises.

        :param timeout: s; None: without end
        :raises TimeoutError: that time has passed; the run goes on
        :raises AbortedError: the run was aborted; what was scored is kept
        :raises BusyError: in an observer of this simulation
        """
        limit = -1.0 if timeout is None else max(0.0, real(timeout, "timeout"))
        late = self._call(c.kmp_run_manager_wait, self._manager(), limit)
        if late is not None:
            raise TimeoutError(late)
        return self.snapshot()

    def run(self, histories: float | None = None, *, progress: bool = False) -> Result:
        """Runs so many histories more; the result of all so far.

        An exception (an observer's, KeyboardInterrupt) ends the run; what was scored is kept: see :meth:`snapshot`.

        :param histories: a whole number, such as 250000 or 1e6; None: `simulation.histories`
        :param progress: shows a bar: tqdm's where it is installed
        :raises GeometryError, PhysicsError, ArgumentError: the scene's fault, as of :meth:`initialize`
        :raises AbortedError: another thread, or an observer, called :meth:`abort`
        :raises StateError: a run is under way
        :raises BusyError: in an observer of this simulation
        """
        number = self._wanted(histories)
        told = list(self._progress)
        bar = None
        if progress:
            from ._progress import Bar

            bar = Bar()
            told.append(bar)
        run = self._ready()
        if not told:
            self._call(c.kmp_run_manager_beam_on, run, number)
            return self.snapshot()
        begun = False
        try:
            self._call(c.kmp_run_manager_start, run, number)
            begun = True
            if bar is not None:
                bar(self.progress)
            self._wait_telling(run, told)
        except BaseException as e:
            if begun or not isinstance(e, Error):  # otherwise it was refused, and what runs is not this call's
                self._end_quietly(run)
            raise
        finally:
            if bar is not None:
                bar.close()
        return self.snapshot()

    def _wait_telling(self, run: Any, told: list[Callable[[Progress], object]]) -> None:
        while True:
            over = self._call(c.kmp_run_manager_wait, run, 0.2) is None  # s
            now = self.progress
            for fn in told:
                fn(now)
            if over:
                return

    def _end_quietly(self, run: Any) -> None:
        """Another exception is on its way: what the run's end has to say does not replace it."""
        try:
            c.kma_run_manager_abort(run)
            c.kmp_run_manager_wait(run, -1.0, self._hooks)
        except Error:
            pass

    def abort(self) -> None:
        """Asks a run to end, from any thread: what was scored is kept, and its wait or run raises
        :class:`kerma.AbortedError`. A run that still initializes ends when that is done, before its first history.

        Without a run, and of a closed simulation, it does nothing.
        """
        if not hasattr(self, "_lock"):
            return  # never made
        self._last_abort = object()
        run = self._run
        if run is not None:
            c.kma_run_manager_abort(run)

    @property
    def progress(self) -> Progress:
        """How far the run is; from any thread."""
        run = getattr(self, "_run", None)
        if run is None:  # looking is no beginning: what is set before the first run can still be set
            self._the_scene()
            return Progress("configuring", 0, 0, 0.0, 0)
        return values._progress(c.kma_run_manager_progress(run))

    def snapshot(self) -> Result:
        """The result as it is now; from any thread, also during a run.

        :raises StateError: there is no world yet
        """
        return Result(c.kma_run_manager_snapshot(self._manager()), self._title)

    def stalls(self, longer_than: float = 0.0) -> list[Stall]:
        """Who is at one thing for long, and at what.

        :param longer_than: s
        :raises ArgumentError: it is negative
        """
        return [Stall(**d) for d in c.kma_run_manager_stalls(self._manager(), longer_than)]

    def placement(self, index: int) -> Placement:
        """What the number of a placement in a step means.

        :param index: 0 is the world
        :raises StateError: before :meth:`initialize`, which a run does by itself
        :raises ArgumentError: there is no such placement
        """
        return Placement(**c.kma_run_manager_get_placement(self._manager(), whole(index, "index", 0, 2**31 - 1)))

    def material(self, index: int) -> str:
        """The name of the material whose number a step has.

        :param index: from 0 on
        :raises StateError: before :meth:`initialize`, which a run does by itself
        :raises ArgumentError: there is no such material
        """
        return str(c.kma_run_manager_get_material(self._manager(), whole(index, "index", 0, 2**31 - 1)))

    def replay(self, history: int) -> NDArray[Any]:
        """The steps of one history once more, (n,) of :func:`kerma.step_dtype`. Scores nothing, calls no observer.

        :param history: its number, from 0 on
        :raises GeometryError, PhysicsError, ArgumentError: the scene's fault, as of :meth:`initialize`
        """
        import numpy as np

        self._c
        steps: list[dict[str, Any]] = []
        hooks = Hooks()
        hook = hooks.add(lambda worker, step: steps.append(step.copy()))
        number = whole(history, "history", 0, 2**60 - 1)
        if self._initialized_at is None:
            self.initialize()  # otherwise as the last run was: this may be called while one is under way
        c.kmp_run_manager_replay(self._manager(), number, hook)
        dtype = step_dtype()
        return np.array([tuple(s[n] for n in dtype.names or ()) for s in steps], dtype)

    # ---- the end ----

    def close(self) -> None:
        """Aborts what runs, ends the workers (on_worker_end) and drops all. A second call does nothing.

        In one of its own observers it raises :class:`kerma.BusyError`, and nothing is closed: call :meth:`abort` there.
        """
        if not hasattr(self, "_lock"):
            return  # never made
        with self._lock, no_log:
            run = self._run
            if run is None:
                self._forget()
        if run is None:
            return
        try:
            c.kmp_run_manager_close(run, self._hooks)
        except ForkError:
            pass  # a child of fork: the workers are its parent's, and what is here is given back
        except BaseException:
            if c.kma_run_manager_progress(run)["state"] == c.KMA_RUN_CLOSED:
                self._forget()
            raise
        self._forget()

    def _forget(self) -> None:
        self._handle = self._run = self._scene = self._world = None
        self._kept = {}
        self._hooks = Hooks()  # observers, and exceptions that nobody waited for
        self._progress = []

    def _describe(self) -> str:
        world, scene = self._world, self._scene
        if world is None or scene is None:
            return "no world"
        counts = (c.kma_scene_count_sources(scene), "source"), (c.kma_scene_count_scorers(scene), "scorer")
        return ", ".join([f"world {world._label!r}", *(f"{n} {what}{'' if n == 1 else 's'}" for n, what in counts)])

    def _html(self) -> str:
        rows: list[tuple[str, object]] = []
        if self._scene is not None:
            rows += [("volume", f"{v.name}: {v._describe()}") for v in self.volumes]
            rows += [("source", f"{type(s).__name__}: {s._describe()}") for s in self.sources]
            rows += [("scorer", f"{s.name}: {s._describe()}") for s in self.scorers]
        if self._run is not None:
            p = self.progress
            rows.append(("histories", f"{p.histories} of {p.target}"))
        rows.append(("seed", self.seed))
        return table("kerma.Simulation" + (f" {self._label}" if self._label else ""), (), rows)
