"""Child processes that read files. Each gets values and gives values; any of them may die.

A child takes one task at a time, keeps its models loaded between tasks, has a memory limit of its
own and is killed when it takes too long. The parent sees every end: a result, an error, a death.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from records.parent_process import when_parent_ends

if TYPE_CHECKING:
    from datetime import date
    from multiprocessing.process import BaseProcess

    from ingest.describe import Description
    from ingest.extraction import Extraction
    from records.home import Settings

_STARTING = 60.0  # seconds that a new child may take to load its modules and models
_LEAVING = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be read. `folder` is empty and takes what reading makes; `depth` counts the
    archives and mails around the file; `today` is the office's date."""

    key: str
    path: Path
    name: str
    folder: Path
    depth: int
    today: date


@dataclass(frozen=True, slots=True)
class Finished:
    key: str
    extraction: Extraction
    description: Description


@dataclass(frozen=True, slots=True)
class Broken:
    """The task came to nothing: an error of the file, or the child died or was killed."""

    key: str
    code: str
    cause: str
    remedy: str


Outcome: TypeAlias = Finished | Broken
Reading: TypeAlias = "Callable[[Task, Settings, Callable[[int], None]], Finished]"


@dataclass(slots=True)
class _Child:
    process: BaseProcess
    pipe: Connection
    ready: bool = False
    task: Task | None = None
    began: float = 0.0
    sign: float = field(default_factory=time.monotonic)
    pages: int = 0


class Pool:
    """Up to `size` children. Use in a `with`; at its end all children are gone."""

    def __init__(self, size: int, settings: Settings, make_reading: Callable[[Settings], Reading]):
        """`make_reading` runs in the child and must be importable; tests give it faulty ones."""
        self._settings = settings
        self._make_reading = make_reading
        self._size = max(1, size)
        self._children: list[_Child] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for child in list(self._children):
            self._end(child)

    @property
    def busy(self) -> int:
        return sum(child.task is not None for child in self._children)

    @property
    def has_room(self) -> bool:
        return self.busy < self._size

    @property
    def pages(self) -> int:
        """Pages read so far of the running tasks."""
        return sum(child.pages for child in self._children if child.task is not None)

    def give(self, task: Task) -> None:
        """Start a task; only while `has_room`."""
        child = next((one for one in self._children if one.task is None), None) or self._start()
        child.task, child.pages = task, 0
        child.began = child.sign = time.monotonic()
        with contextlib.suppress(OSError):  # it died while idle: `outcomes` notices
            child.pipe.send(task)

    def outcomes(self, seconds: float) -> Iterator[Outcome]:
        """What ended, waiting up to `seconds` for the first end."""
        working = {child.pipe: child for child in self._children}
        if not working:
            return
        for pipe in wait(list(working), timeout=seconds):
            child = working[pipe]  # type: ignore[index]
            yield from self._hear(child)
        for child in list(self._children):
            if child.task is not None and (reason := self._overdue(child)):
                yield self._killed(child, reason)

    def _start(self) -> _Child:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._settings, self._make_reading), daemon=True
        )
        process.start()
        theirs.close()
        child = _Child(process, ours)
        self._children.append(child)
        return child

    def _hear(self, child: _Child) -> Iterator[Outcome]:
        try:
            said = child.pipe.recv()
        except (EOFError, OSError, ImportError, AttributeError):
            task = child.task
            child.process.join(_LEAVING)
            code = child.process.exitcode
            self._end(child)
            if task is not None:
                yield Broken(
                    task.key,
                    "reader_failed",
                    f"the reader died on it (exit code {code})",
                    "the file may be made to do harm; open it with care, or raise "
                    + self._settings.remedy("max_memory_per_file"),
                )
            return
        child.sign = time.monotonic()
        child.ready = True
        if isinstance(said, int):
            child.pages = said
        elif isinstance(said, Finished | Broken):
            child.task = None
            yield said
            if isinstance(said, Broken) and said.code == "out_of_memory":
                self._end(child)  # what it holds is unknown

    def _overdue(self, child: _Child) -> tuple[str, str] | None:
        """What passed and the setting that allows more."""
        moment = time.monotonic()
        starting = 0.0 if child.ready else _STARTING
        page, whole = self._settings.max_seconds_per_page, self._settings.max_seconds_per_file
        if moment - child.began > whole + starting:
            return f"{whole} seconds", "max_seconds_per_file"
        if moment - child.sign > page + starting:
            return f"{page} seconds for a page", "max_seconds_per_page"
        return None

    def _killed(self, child: _Child, reason: tuple[str, str]) -> Broken:
        assert child.task is not None
        key = child.task.key
        self._end(child)
        return Broken(
            key,
            "out_of_time",
            f"reading took more than {reason[0]}",
            f"{self._settings.remedy(reason[1])} higher, or split the file",
        )

    def _end(self, child: _Child) -> None:
        self._children.remove(child)
        child.pipe.close()
        if child.process.is_alive():
            child.process.kill()
        child.process.join(_LEAVING)


def _serve(
    pipe: Connection, settings: Settings, make_reading: Callable[[Settings], Reading]
) -> None:
    """A child's life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    when_parent_ends(lambda: os._exit(1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = settings.max_memory_per_file
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    reading: Reading | None = None
    pipe.send(0)
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        _limit_cpu(settings.max_seconds_per_file)
        try:
            reading = reading or make_reading(settings)
            said: Outcome = reading(task, settings, pipe.send)
        except Exception as error:
            from ingest.extract import error_of

            said = Broken(task.key, *error_of(error))
        pipe.send(said)


def _limit_cpu(seconds: int) -> None:
    """Processor time for one task, should the parent not be there to look at the clock."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + 2 * seconds + 10
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def file_reading(settings: Settings) -> Reading:
    """The real one: extract the text, then describe it."""
    from ingest.describe import describe
    from ingest.extract import Readers, extract

    readers = Readers(settings)

    def read(task: Task, settings: Settings, page_done: Callable[[int], None]) -> Finished:
        extraction = extract(
            task.path,
            task.name,
            task.folder,
            settings,
            readers,
            depth=task.depth,
            page_done=page_done,
        )
        return Finished(task.key, extraction, describe(extraction, task.name, task.today))

    return read
