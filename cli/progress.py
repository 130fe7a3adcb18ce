"""Progress on stderr: what was done, how fast, how long it will still take."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_EVERY = 10.0  # seconds between lines where stderr is no terminal


class Progress:
    """A bar in a terminal, a line now and then elsewhere. Use in a `with`."""

    def __init__(self, what: str, unit: str) -> None:
        self._what, self._unit = what, unit
        self._began = time.monotonic()
        self._told = self._began
        self._done = self._total = self._said = 0
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task(what, total=None, rate="")

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._done != self._said and kind is None:
            self._line()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """`done` of `total`; `note` says more, e.g. how many failed."""
        self._done, self._total = done, total
        if self._bar is not None:
            rate = f"{self._rate():,.1f} {self._unit}/s {note}"
            self._bar.update(self._task, completed=done, total=total, rate=rate)
        elif done != self._said and time.monotonic() - self._told > _EVERY:
            self._line(note)

    def _rate(self) -> float:
        return self._done / max(time.monotonic() - self._began, 1e-6)

    def _line(self, note: str = "") -> None:
        self._told, self._said = time.monotonic(), self._done
        left = (self._total - self._done) / max(self._rate(), 1e-6)
        sys.stderr.write(
            f"{self._what}: {self._done:,} of {self._total:,} {self._unit}, "
            f"{self._rate():,.1f}/s, {left:,.0f} s left {note}".rstrip()
            + "\n"
        )
