"""A bar for runs: tqdm's where it is installed (in notebooks too), a line of text otherwise."""
from __future__ import annotations

import sys
import time
from typing import Any

from .values import Progress


class Bar:
    """Called with a :class:`kerma.Progress`; closed at the end."""

    def __init__(self) -> None:
        self._last = 0.0
        self._width = 0
        self._bar: Any = None
        self._tqdm: Any = None
        try:
            from tqdm.auto import tqdm  # type: ignore[import-untyped,import-not-found,unused-ignore]

            self._tqdm = tqdm
        except ImportError:
            pass

    def __call__(self, progress: Progress) -> None:
        if self._tqdm is not None:
            if self._bar is None:
                self._bar = self._tqdm(total=progress.target, initial=progress.histories - progress.elapsed_histories,
                                       unit=" histories", unit_scale=True)
            self._bar.update(progress.histories - self._bar.n)
            return
        now = time.monotonic()
        if now - self._last < 0.5 and progress.histories < progress.target:
            return
        self._last = now
        text = f"{progress.histories} of {progress.target} histories, {progress.rate:.3g} a second"
        self._width = max(self._width, len(text))  # what was longer is covered
        print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._tqdm is None and self._last:
            print(file=sys.stderr)
