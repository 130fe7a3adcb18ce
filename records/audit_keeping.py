"""Checkpoints of the log that make themselves, into a folder where the office is not.

`petitions work`, which `serve` starts too, looks once a minute; of all processes of an office one
does it. The first checkpoint of a process reads the whole log, later ones what came since. A log
that doesn't fit is never signed: the log of faults says so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from records import audit
from records.audit_checkpoints import (
    Checkpoint,
    against,
    keep,
    make_checkpoint,
    origin,
    read_checkpoints,
)
from records.audit_signer import make_signer, public_key, read_signer
from records.database import Database
from records.errors import BadValue, Damaged, RecordsError
from records.home import Home, environment_name
from records.keys import read_keys
from records.times import now

log = logging.getLogger("petitions.audit")

LOOK_EVERY: Final = 60.0
"""Seconds between two looks at whether a checkpoint is due."""

AFTER_A_FAULT: Final = 30
"""How much longer the next look waits: reading a whole log takes its time."""

LATE: Final = timedelta(minutes=10)
"""How long after it was due a checkpoint may come before people are told."""


@dataclass(frozen=True, slots=True)
class CheckpointState:
    """`remark` None: all is well. `last`: the newest checkpoint in the folder."""

    folder: str
    last: Checkpoint | None
    entries: int
    remark: str | None


def own_checkpoints(home: Home) -> list[Path]:
    """The files in which an office keeps its checkpoints, as far as they are there."""
    files = [home.checkpoints]
    if home.settings.audit_checkpoints:
        files.append(_file(home, origin(read_keys(home.keys))))
    return [path for path in files if path.exists()]


@dataclass(slots=True)
class Keeper:
    """Takes checkpoints of an office with a folder for them. `read`: the last one of this process,
    up to which it verified the log."""

    database: Database
    home: Home
    read: Checkpoint | None = None

    def take_if_due(self) -> Checkpoint | None:
        """A checkpoint, if one is due by time or by number of entries.

        Raises Damaged where the log or the checkpoints don't fit, KeysMissing, BadValue.
        """
        name = origin(self.database.keys)
        to = _file(self.home, name)
        kept, faults = _read(to)
        last = max(kept, key=lambda one: one.entries, default=None)
        with self.database.read() as session:
            entries = audit.last_number(session)
        if last is not None and not faults and not _due(self.home, last, entries):
            return None
        if faults:
            raise Damaged(f"{faults[0]}; nothing was signed")
        # before the first checkpoint no key can have been lost
        path = self.home.audit_signer
        signer = make_signer(path) if last is None else read_signer(path)
        wanted = {one.entries for one in kept}
        known = self.read if self.read in kept else None
        with self.database.read() as session:
            after = None if known is None else (known.entries, known.head)
            report = audit.verify(session, wanted, after)
        judged = [one for one in kept if known is None or one.entries >= known.entries]
        trusted = {public_key(signer), *(one.key for one in kept)}
        faults = [f"entry {entry}: {fault}" for entry, fault in report.faults]
        faults += against(report, judged, trusted, name)
        if faults:
            raise Damaged(
                f"the log of acts does not fit: {faults[0]}; nothing was signed. "
                "'petitions audit verify' tells more"
            )
        made = make_checkpoint(signer, name, report.entries, report.head)
        for file in (to, self.home.checkpoints):
            keep(file, made)
        self.read = made
        return made


@contextmanager
def keeping_checkpoints(
    database: Database, home: Home, look_every: float = LOOK_EVERY
) -> Iterator[None]:
    """Takes checkpoints while the block runs, where a folder is set."""
    if not home.settings.audit_checkpoints:
        yield
        return
    ended = threading.Event()
    keeper = Keeper(database, home)

    def look() -> None:
        told = ""
        while True:
            pause = look_every
            try:
                with database.alone("checkpoints") as mine:
                    if mine:
                        keeper.take_if_due()
                told = ""
            except (RecordsError, OSError) as error:
                if str(error) != told:
                    log.error("no checkpoint of the log of acts: %s", error)
                told = str(error)
                if isinstance(error, Damaged):
                    pause *= AFTER_A_FAULT
            if ended.wait(pause):
                return

    thread = threading.Thread(target=look, name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=20)


def checkpoint_state(database: Database, home: Home) -> CheckpointState:
    """Whether checkpoints are made, and what people should be told if not."""
    folder = home.settings.audit_checkpoints
    with database.read() as session:
        entries = audit.last_number(session)
    setting = environment_name("audit_checkpoints")
    if not folder:
        remark = (
            f"no folder for checkpoints of the log of acts: set {setting} to one on another "
            "machine or disk, or an older copy of the office can take its place unseen"
        )
        return CheckpointState("", None, entries, remark)
    to = _file(home, origin(database.keys))
    try:
        kept, faults = _read(to)
    except RecordsError as error:
        return CheckpointState(folder, None, entries, str(error))
    last = max(kept, key=lambda one: one.entries, default=None)
    return CheckpointState(folder, last, entries, _remark(home, to, last, entries, faults))


def _remark(
    home: Home, to: Path, last: Checkpoint | None, entries: int, faults: list[str]
) -> str | None:
    if to.resolve().is_relative_to(home.path.resolve()):
        setting = environment_name("audit_checkpoints")
        return f"the checkpoints lie in the home: set {setting} to a folder elsewhere"
    if faults:
        return faults[0]
    if last is None:
        return f"there is no checkpoint in {to.parent} yet: 'serve' and 'work' make them"
    due = timedelta(seconds=home.settings.audit_checkpoint_seconds) + LATE
    age = now() - datetime.fromisoformat(last.at)
    if entries > last.entries and age > due:
        return (
            f"the last checkpoint is of {last.at}, {entries - last.entries} entries came since: "
            "is 'petitions serve' or 'work' running? its log tells why none was made"
        )
    return None


def _due(home: Home, last: Checkpoint, entries: int) -> bool:
    settings = home.settings
    if entries < last.entries:
        return True  # the log became shorter: taking one finds it
    age = now() - datetime.fromisoformat(last.at)
    by_time = age >= timedelta(seconds=settings.audit_checkpoint_seconds)
    came = entries - last.entries
    return came >= settings.audit_checkpoint_entries or (came > 0 and by_time)


def _file(home: Home, name: str) -> Path:
    """Where an office's checkpoints go; `name`: its `origin`."""
    return Path(home.settings.audit_checkpoints) / f"checkpoints-{name}.jsonl"


def _read(path: Path) -> tuple[list[Checkpoint], list[str]]:
    """Those of a file that may not be there yet. Raises BadValue for a folder that isn't."""
    if not path.parent.is_dir():
        setting = environment_name("audit_checkpoints")
        raise BadValue(f"{path.parent} is no folder: make it, or correct {setting}")
    return read_checkpoints(path) if path.exists() else ([], [])
