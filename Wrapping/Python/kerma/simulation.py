"""A simulation: a scene and its runs."""
import os
import threading
import weakref

from . import _arrays
from ._base import Owner, changed, changes
from ._native import c
from .errors import ArgumentError, BusyError, ClosedError, Error, ForkError, StateError, TimeoutError
from .geometry import Volume
from .observers import Hooks, history_dtype, step_dtype
from .results import Result, _quantities

_OVERLAPS = {"refuse": 0, "warn": 1, "ignore": 2}
_all = weakref.WeakSet()


def _renew_locks():
    """In a child of fork: another thread of its parent's may have held them."""
    for sim in _all:
        sim._lock = threading.RLock()


os.register_at_fork(after_in_child=_renew_locks)


class Simulation(Owner):
    """A world of volumes, sources and scorers, and its runs.

    :param world: the volume that everything lies in
    :param seed: results are a function of scene, seed and number of histories
    :param threads: workers; None: as many as processors; 0: none, the caller's thread does the work
    :param cut_energy: MeV: below it a photon stops and leaves its energy
    :param overlaps: "refuse", "warn" or "ignore" volumes that overlap
    :param stall_seconds: who is at one thing for longer is reported; 0: never
    :param stall_descriptor: file descriptor that reports go to; None: the log alone
    """

    _kind = "simulation"

    def __init__(self, world=None, *, title="", seed=1, threads=None, cut_energy=None, overlaps="refuse",
                 stall_seconds=10.0, stall_descriptor=None):
        self.title = title
        self._options = {
            "seed": seed,
            "threads": c.KMA_THREADS_ALL if threads is None else threads,
            "stall_seconds": stall_seconds,
            "stall_descriptor": -1 if stall_descriptor is None else stall_descriptor,
        }
        self._label = title
        self._handle = True
        self._lock = threading.RLock()
        _all.add(self)
        self._scene = None
        self._run = None
        self._hooks = Hooks()
        self._observers = []
        self._initialization = None
        self._initialized_at = None
        self._parts = []
        self._progress = []
        self._world = None
        self._cut_energy = cut_energy
        if overlaps not in _OVERLAPS:
            raise ArgumentError(f"overlaps is {overlaps!r}: 'refuse', 'warn' or 'ignore' are possible")
        self._overlaps = _OVERLAPS[overlaps]
        if world is not None:
            self.world = world

    # ---- the scene ----

    @property
    def world(self):
        """The volume that everything lies in; None: not set yet."""
        self._c
        return self._world

    @world.setter
    def world(self, volume):
        self._c
        if self._scene is not None:
            raise StateError("the world is set already")
        scene = c.kma_scene_create(volume._c)
        if self._cut_energy is not None:
            c.kma_scene_set_cut_energy(scene, self._cut_energy)
        c.kma_scene_set_overlap_check(scene, self._overlaps, 0)
        self._scene, self._world = scene, volume

    def _the_scene(self):
        self._c
        if self._scene is None:
            raise StateError("the simulation has no world yet: set simulation.world first")
        return self._scene

    def add_source(self, source):
        """Adds a source; returns it."""
        c.kma_scene_add_source(self._the_scene(), source._c)
        self._parts.append(source)
        changed()
        return source

    def add_scorer(self, scorer):
        """Adds a scorer; returns it."""
        c.kma_scene_add_scorer(self._the_scene(), scorer._c)
        self._parts.append(scorer)
        changed()
        return scorer

    def check_overlaps(self, points=0):
        """All overlaps of volumes, the deepest first, as dicts."""
        return c.kma_scene_check_overlaps(self._the_scene(), points)

    # ---- observers ----

    def _observe(self, register, fn, *more):
        self._c
        if not callable(fn):
            raise TypeError(f"a callable is needed, not {fn!r}")
        with self._lock:
            hook = self._hooks.add(fn)[1]
            if self._run is None:
                self._observers.append((register, hook, more))
            else:
                register(self._run, *more, (self._hooks, hook))
        return fn

    def on_run_begin(self, fn):
        """fn() at the begin of each run, on the thread that starts it."""
        return self._observe(c.kma_run_manager_on_run_begin, fn)

    def on_run_end(self, fn):
        """fn() at the end of each run."""
        return self._observe(c.kma_run_manager_on_run_end, fn)

    def on_worker_begin(self, fn):
        """fn(worker) on each worker, before its first history."""
        return self._observe(c.kma_run_manager_on_worker_begin, fn)

    def on_worker_end(self, fn):
        """fn(worker) on each worker, after its last history."""
        return self._observe(c.kma_run_manager_on_worker_end, fn)

    def on_history_begin(self, fn):
        """fn(worker) at the begin of each history, on the worker that runs it."""
        return self._observe(c.kma_run_manager_on_history_begin, fn)

    def on_history_end(self, fn):
        """fn(worker) at the end of each history."""
        return self._observe(c.kma_run_manager_on_history_end, fn)

    def on_step(self, fn):
        """fn(worker, step) at the end of each step; it may return a :class:`kerma.Action`."""
        return self._observe(c.kma_run_manager_on_step, fn)

    def on_block(self, fn=None, *, scores=None, processes=None, block=65536):
        """fn(array) with blocks of records, in order of history, the same for any number of threads.

        Without `scores` the records are steps (:func:`kerma.step_dtype`). With `scores`, names of scorers or pairs of name
        and quantity, a record has what each history scored.
        """
        self._c
        if fn is None:
            return lambda f: self.on_block(f, scores=scores, processes=processes, block=block)
        if not callable(fn):
            raise TypeError(f"a callable is needed, not {fn!r}")
        options = {"block": block}
        if processes is not None:
            options["processes"] = sum(1 << int(p) for p in set(processes))
        np = _arrays.numpy()
        if scores is None:
            dtype = step_dtype()
            register, more = c.kma_run_manager_on_step_block, (options,)
        else:
            pairs = [(s, "energy") if isinstance(s, str) else tuple(s) for s in scores]
            twice = len({name for name, _ in pairs}) < len(pairs)
            dtype = history_dtype([f"{name}.{quantity}" if twice else name for name, quantity in pairs])
            pairs = [(name, _quantities[quantity]) for name, quantity in pairs]
            register, more = c.kma_run_manager_on_history_block, (pairs, options)

        def deliver(number, records):
            fn(np.frombuffer(records, dtype))

        self._observe(register, deliver, *more)
        return fn

    def on_progress(self, fn):
        """fn(progress) some times a second, on the thread that waits for the run."""
        self._c
        if not callable(fn):
            raise TypeError(f"a callable is needed, not {fn!r}")
        self._progress.append(fn)
        return fn

    def set_user_initialization(self, build, drop=None):
        """build(worker) makes worker.data of each worker, on it; drop(data) ends its life."""
        self._c
        if not callable(build) or not (drop is None or callable(drop)):
            raise TypeError(f"callables are needed, not {build!r} and {drop!r}")
        with self._lock:
            if self._initialization is not None or self._run is not None:
                raise StateError("a user initialization is set once, before the first initialize")
            self._initialization = (self._hooks.add(build)[1], self._hooks.add(drop)[1])

    # ---- runs ----

    def _manager(self):
        self._c
        with self._lock:
            if self._run is None:
                run = c.kmp_run_manager_create(self._the_scene(), self._options)
                hooks = self._hooks
                user = None if self._initialization is None else (hooks, *self._initialization)
                c.kmp_set_user_initialization(run, user)
                for register, hook, more in self._observers:
                    register(run, *more, (hooks, hook))
                self._run = run
            run = self._run
            if self._handle is None:
                # Meanwhile, on this thread: a collection that ran a user's __del__, or a signal's handler.
                self._run = None
                self._c
            return run

    def _call(self, function, *arguments):
        """A call that waits or calls back. If it was closed meanwhile, the error names this simulation."""
        try:
            function(*arguments, self._hooks)
        except ClosedError as e:
            text = str(e)
            if text.startswith("the run manager was closed"):
                e.args = (text.replace("the run manager", f"the {self._name()}", 1),)
            raise

    def initialize(self):
        """Closes the scene: checks it, builds the tables, starts the workers."""
        run = self._manager()
        now = changes()
        before, self._initialized_at = self._initialized_at, None  # until it has succeeded
        try:
            self._call(c.kmp_run_manager_initialize, run)
        except (BusyError, StateError):
            self._initialized_at = before  # refused: nothing was done
            raise
        self._initialized_at = now

    def _ready(self):
        run = self._manager()
        if self._initialized_at != changes():
            self.initialize()
        return run

    def start(self, histories):
        """Begins a run and returns at once. With threads = 0 the work is done in wait()."""
        self._call(c.kmp_run_manager_start, self._ready(), int(histories))

    def wait(self, timeout=None):
        """Waits for the run's end; its result.

        :param timeout: s; :class:`kerma.TimeoutError` when it has passed: the run goes on
        """
        self._call(c.kmp_run_manager_wait, self._manager(), -1.0 if timeout is None else timeout)
        return self.snapshot()

    def run(self, histories, *, progress=False):
        """Runs so many histories more; the result of all so far.

        An exception (an observer's, KeyboardInterrupt) ends the run; what was scored is kept: see :meth:`snapshot`.
        """
        told = list(self._progress)
        bar = None
        if progress:
            from ._progress import Bar

            bar = Bar()
            told.append(bar)
        run = self._ready()
        if not told:
            self._call(c.kmp_run_manager_beam_on, run, int(histories))
            return self.snapshot()
        self.start(histories)
        try:
            self._wait_telling(run, told)
        except BaseException:
            self._end_quietly(run)
            raise
        finally:
            if bar is not None:
                bar.close()
        return self.snapshot()

    def _wait_telling(self, run, told):
        while True:
            try:
                self._call(c.kmp_run_manager_wait, run, 0.2)
                over = True
            except TimeoutError:
                over = False
            now = self.progress
            for fn in told:
                fn(now)
            if over:
                return

    def _end_quietly(self, run):
        """Another exception is on its way: what the run's end has to say does not replace it."""
        c.kma_run_manager_abort(run)
        try:
            c.kmp_run_manager_wait(run, -1.0, self._hooks)
        except Error:
            pass

    def abort(self):
        """Asks a run to end, from any thread."""
        run = self._run
        if run is not None:
            c.kma_run_manager_abort(run)

    @property
    def progress(self):
        """How far the run is, as a dict."""
        return c.kma_run_manager_progress(self._manager())

    def snapshot(self):
        """The result as it is now."""
        return Result(c.kma_run_manager_snapshot(self._manager()))

    def stalls(self, longer_than=0.0):
        """Who is at one thing for longer than this, and at what."""
        return c.kma_run_manager_stalls(self._manager(), longer_than)

    def replay(self, history):
        """The steps of one history once more, as a structured array. Scores nothing, calls no observer."""
        np = _arrays.numpy()
        steps = []
        hooks = Hooks()
        hook = hooks.add(lambda worker, step: steps.append(step.copy()))
        if self._initialized_at is None:
            self.initialize()  # otherwise as the last run was: this may be called while one is under way
        c.kmp_run_manager_replay(self._manager(), history, hook)
        names = step_dtype().names
        return np.array([tuple(s[n] for n in names) for s in steps], step_dtype())

    # ---- the end ----

    def close(self):
        """Aborts what runs, ends the workers (on_worker_end) and drops all. A second call does nothing.

        In one of its own observers it raises :class:`kerma.BusyError`, and nothing is closed: call :meth:`abort` there.
        """
        with self._lock:
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

    def _forget(self):
        self._handle = self._run = self._scene = self._world = None
        self._parts = []

    def _describe(self):
        world = "no world" if self._world is None else f"world {self._world._label!r}"
        return f"{world}, {len(self._parts)} sources and scorers"
