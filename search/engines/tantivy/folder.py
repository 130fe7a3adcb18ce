"""Where the indexes lie: generations in folders, one of them current, one process writing.

`current` names the generation that is asked. A rebuild fills another one beside it and then
replaces that one small file, so that a crash leaves either the old indexes or the new ones.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import uuid
from pathlib import Path

from search.engines.tantivy.schema import made_by
from search.errors import EngineBusy, IndexNotReady

_CURRENT = "current"
_LOCK = "writing"
_MADE_BY = "made_by.json"


class Folder:
    """The generations below one folder, and the lock of the one process that writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = None
        self._holders = 0
        self._guard = threading.Lock()

    def current(self) -> Path | None:
        """The generation that is asked; None where there is none yet."""
        try:
            name = (self.path / _CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        return self.path / name

    def stamp(self) -> tuple[int, int]:
        """Changes whenever another generation becomes current."""
        try:
            found = (self.path / _CURRENT).stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)

    def make(self) -> Path:
        """A new, empty generation that isn't asked yet."""
        generation = self.path / f"g-{uuid.uuid4().hex}"
        generation.mkdir()
        (generation / _MADE_BY).write_text(json.dumps(made_by()), encoding="utf-8")
        return generation

    def choose(self, generation: Path) -> None:
        """Make this generation the current one, and throw the others away."""
        beside = self.path / f"{_CURRENT}.{uuid.uuid4().hex}"
        beside.write_text(generation.name, encoding="utf-8")
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(self.path / _CURRENT)
        for other in self.path.glob("g-*"):
            if other != generation:
                self.drop(other)

    def drop(self, generation: Path) -> None:
        """Throw a generation away; who still reads it keeps its files."""
        shutil.rmtree(generation, ignore_errors=True)

    def lock(self) -> None:
        """Become the one process that writes, once more; raises `EngineBusy` if another one is."""
        with self._guard:
            if self._lock is None:
                file = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    os.close(file)
                    message = f"another process writes to the indexes in {self.path}: wait for it"
                    raise EngineBusy(message) from error
                self._lock = file
            self._holders += 1

    def unlock(self) -> None:
        """Undo one `lock`; the last one lets other processes write."""
        with self._guard:
            self._holders -= 1
            if self._holders == 0 and self._lock is not None:
                os.close(self._lock)
                self._lock = None


def check_made_by(generation: Path) -> None:
    """Raise `IndexNotReady` where other rules made this generation."""
    try:
        made = json.loads((generation / _MADE_BY).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        made = {}
    differing = sorted(key for key, value in made_by().items() if made.get(key) != value)
    if differing:
        message = (
            f"the indexes were made by another {', '.join(differing)}: run `petitions reindex`"
        )
        raise IndexNotReady(message)
