"""A bar for runs: tqdm's where it is installed, a line of text otherwise."""
import sys
import time


class Bar:
    def __init__(self):
        self._last = 0.0
        self._bar = None
        try:
            from tqdm.auto import tqdm
        except ImportError:
            tqdm = None
        self._tqdm = tqdm

    def __call__(self, progress):
        done, target = progress["histories"], progress["target"]
        if self._tqdm is not None:
            if self._bar is None:
                self._bar = self._tqdm(total=target, unit=" histories", unit_scale=True)
            self._bar.update(done - self._bar.n)
            return
        now = time.monotonic()
        if now - self._last < 0.5 and done < target:
            return
        self._last = now
        rate = progress["elapsed_histories"] / progress["elapsed"] if progress["elapsed"] > 0 else 0.0
        print(f"\r{done} of {target} histories, {rate:.3g} a second", end="", file=sys.stderr, flush=True)

    def close(self):
        if self._bar is not None:
            self._bar.close()
        elif self._tqdm is None and self._last:
            print(file=sys.stderr)
