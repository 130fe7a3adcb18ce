"""The queue, worked on: files are claimed, read in child processes, registered and indexed.

One parent writes, its children read. Whatever dies, the queue in the database knows where each
file stands: the claim of a dead parent is given back, and the file is done again from its stage.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import time
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import psutil

from ingest.arrivals import DEPTH
from ingest.errors import EmptyFile, IngestError
from ingest.places import Places
from ingest.registering import (
    WAITING,
    Inside,
    Office,
    ReadFile,
    letter_of,
    settle,
    waiting_for_letter,
)
from ingest.workers import Broken, Finished, Outcome, Pool, Task, file_reading
from records import intake_items, queue
from records.errors import DatabaseBusy, DatabaseDown, LeaseLost, RecordsError
from records.intake_items import Failure, Item, Progress, Stage, State

if TYPE_CHECKING:
    from ingest.extraction import Extraction
    from ingest.workers import Reading
    from records.database import Database, Session
    from records.home import Home, Settings
    from records.originals import Originals

log = logging.getLogger("petitions.ingest")

VERSION = "extract 1, describe 1"
"""Raise a number when the same file would give other records."""

_READING = (Stage.RECEIVE, Stage.EXTRACT, Stage.DESCRIBE)
_TICK = 0.25  # seconds between looks at the clock
_IDLE = 1.0
_PAUSE = 5.0  # when the database is away
_INDEX_EVERY = 5.0
_INDEXED_AT_ONCE = 200
_LONG = 24 * 3600.0  # seconds

Indexing = Callable[[], bool]
"""Brings the indexes to what the records say; False where another process is at it."""

Watch = Callable[[Progress, int], None]
"""Told about once a second: the queue, and pages read so far of the files in work."""


class Pipeline:
    """One parent at work on the queue of an office."""

    def __init__(
        self,
        home: Home,
        database: Database,
        originals: Originals,
        indexing: Indexing,
        *,
        processes: int = 1,
        make_reading: Callable[[Settings], Reading] = file_reading,
    ) -> None:
        self._settings = home.settings
        self._database, self._originals = database, originals
        self._indexing, self._processes, self._make_reading = indexing, processes, make_reading
        self.worker = _name_of(os.getpid())
        self._folder = home.work / _folder_name(self.worker)
        self._claims: dict[str, Item] = {}
        self._unsettled: list[Outcome] = []
        self._office: Office | None = None
        self._renewed = self._indexed = self._watched = 0.0

    def run(
        self,
        *,
        once: bool,
        watch: Watch = lambda progress, pages: None,  # noqa: ARG005
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Work until nothing is left (`once`) or until `stopped`; files in work are then given
        back and taken up by the next run."""
        self._give_back_lost()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with Pool(self._processes, self._settings, self._make_reading) as pool:
                self._work(pool, once, watch, stopped)
        finally:
            with (
                contextlib.suppress(DatabaseBusy, DatabaseDown),  # then their lease runs out
                self._database.write() as session,
            ):
                queue.release_worker(session, self.worker, self._settings.max_lost_leases)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _work(self, pool: Pool, once: bool, watch: Watch, stopped: Callable[[], bool]) -> None:
        while not stopped():
            try:
                if self._turn(pool, once, watch):
                    return
            except (DatabaseBusy, DatabaseDown) as error:
                if once:
                    raise
                log.warning("%s; going on in %d seconds", error, _PAUSE)
                _wait(_PAUSE, stopped)

    def _turn(self, pool: Pool, once: bool, watch: Watch) -> bool:
        """Some work; whether all is done (`once`)."""
        while self._unsettled:
            self._settle(self._unsettled[0])
        while pool.has_room and self._claim(pool):
            pass
        self._unsettled += pool.outcomes(_TICK)
        while self._unsettled:
            self._settle(self._unsettled[0])
            if pool.has_room:  # the children read while this one writes
                self._claim(pool)
        self._renew()
        if not self._claims:
            if self._wake():
                return False
            self._index()
            self._tell(watch, pool, at_once=once)
            if once and not self._pending():
                return True
            time.sleep(_IDLE if not once else 0)
        elif time.monotonic() - self._indexed > _INDEX_EVERY:
            self._index()
        self._tell(watch, pool)
        return False

    def _claim(self, pool: Pool) -> bool:
        """Take the next file and give it to a child; False when there is none."""
        with self._database.write() as session:
            item = queue.claim(session, self.worker, self._settings.lease_seconds, _READING)
            if item is None:
                return False
            if item.role == "reply" and _knows_its_letter(item) and not letter_of(session, item):
                queue.park(session, item, waiting_for_letter(item))
                return True
        folder = self._folder / item.id
        try:
            assert item.sha256 is not None
            self._originals.open(item.sha256).close()  # verified before anything is read from it
        except RecordsError as error:
            self._fail(item, Failure(error.code, str(error), "restore the file from a backup"))
            return True
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._claims[item.id] = item
        today = datetime.now(ZoneInfo(self._settings.time_zone)).date()
        depth = int(item.given.get(DEPTH, 0))
        path = self._originals.path(item.sha256)
        pool.give(Task(item.id, path, item.name, folder, depth, today))
        return True

    def _settle(self, outcome: Outcome) -> None:
        """Write what came of a file. When the database can't take it now, it is kept for later."""
        item = self._claims[outcome.key]
        try:
            if isinstance(outcome, Broken):
                self._fail(item, Failure(outcome.code, outcome.cause, outcome.remedy))
            else:
                self._register(item, outcome)
        except LeaseLost:
            pass  # it took so long that another has it; its result counts
        self._unsettled.remove(outcome)
        del self._claims[outcome.key]
        shutil.rmtree(self._folder / item.id, ignore_errors=True)

    def _register(self, item: Item, finished: Finished) -> None:
        try:
            read = self._stored(finished)
            self._database.written(lambda session: self._written(session, item, read))
        except (LeaseLost, DatabaseBusy, DatabaseDown):
            raise
        except IngestError as error:
            self._fail(item, Failure(error.code, str(error), error.remedy))
        except RecordsError as error:
            self._fail(item, Failure(error.code, str(error), "see the message; then run again"))
        except Exception as error:
            told = f"it can't be registered ({type(error).__name__}: {error})"
            self._fail(item, Failure("registering_failed", told, "report this message"))

    def _written(self, session: Session, item: Item, read: ReadFile) -> None:
        try:
            settle(session, item, read, self._office_of(session))
        except BaseException:
            self._office = None  # regions added in the transaction are gone with it
            raise

    def _fail(self, item: Item, failure: Failure) -> None:
        with self._database.write() as session:
            queue.fail(session, item, failure)

    def _stored(self, finished: Finished) -> ReadFile:
        """Pictures and inner files into the store, before the records name them."""
        extraction = finished.extraction
        pictures = [self._originals.put(page.picture).sha256 for page in extraction.pages]
        version = f"{VERSION}: {extraction.produced_by}"
        inside = self._inside(extraction)
        return ReadFile(extraction, finished.description, pictures, inside, version)

    def _inside(self, extraction: Extraction) -> list[Inside]:
        found = []
        for one in extraction.attachments:
            error = one.error
            if one.content is not None and one.content.stat().st_size == 0:
                error = EmptyFile("the file is empty (0 bytes)", "ask for it again")
            stored = None if error or one.content is None else self._originals.put(one.content)
            found.append(Inside(one.name.replace("\x00", ""), one.role, stored, error))
        return found

    def _office_of(self, session: Session) -> Office:
        if self._office is None:
            self._office = Office(self._settings, Places(session))
        return self._office

    def _renew(self) -> None:
        """Hold the claims, and give back those of others that hold theirs no longer."""
        if time.monotonic() - self._renewed < self._settings.lease_seconds / 4:
            return
        self._renewed = time.monotonic()
        for item in self._claims.values():
            try:
                with self._database.write() as session:
                    queue.renew(session, item, self._settings.lease_seconds)
            except LeaseLost:
                continue  # noticed again when it is settled
        self._give_back_lost()

    def _index(self) -> None:
        """Bring the indexes up to date, then let go of the files that are findable now."""
        if not self._indexing():
            self._indexed = time.monotonic()
            return
        while self._let_go():
            pass
        self._indexed = time.monotonic()

    def _let_go(self) -> bool:
        """Some of the files at the last stage; whether there may be more."""
        with self._database.write() as session:
            return queue.let_go(session, "index", _INDEXED_AT_ONCE) == _INDEXED_AT_ONCE

    def _wake(self) -> bool:
        """Replies whose letter has come by now; whether there were any."""
        with self._database.write() as session:
            ready = [
                item.id
                for item in intake_items.failures(session)
                if item.state is State.PARKED
                and item.error_code == WAITING
                and _knows_its_letter(item)
                and letter_of(session, item) is not None
            ]
            return queue.retry(session, ready) > 0

    def _pending(self) -> bool:
        with self._database.read() as session:
            stages = intake_items.progress(session).stages
        return any(stages.get(stage, 0) for stage in _READING) and self._claimable()

    def _claimable(self) -> bool:
        with self._database.read() as session:
            return intake_items.progress(session).pending > 0

    def _tell(self, watch: Watch, pool: Pool, *, at_once: bool = False) -> None:
        if at_once or time.monotonic() - self._watched > 1:
            self._watched = time.monotonic()
            with self._database.read() as session:
                told = intake_items.progress(session)
            watch(told, pool.pages)

    def _give_back_lost(self) -> None:
        """Claims of parents that are dead, on this machine at once, elsewhere by their lease."""
        with self._database.write() as session:
            queue.release_expired(session, self._settings.max_lost_leases)
            holders = {item.worker for item in intake_items.running(session) if item.worker}
            for worker in [worker for worker in holders if _is_dead(worker)]:
                queue.release_worker(session, worker, self._settings.max_lost_leases)
                holders.remove(worker)
        self._sweep({_folder_name(worker) for worker in holders})

    def _sweep(self, held: Collection[str]) -> None:
        """Throw away what parents that are dead had unpacked; elsewhere, what is long untouched."""
        for folder in self._folder.parent.glob("*-*-*"):
            host, pid, began = folder.name.rsplit("-", 2)
            dead = _is_dead(f"{host}:{pid}:{began}")
            if folder.name not in held and (dead or _untouched(folder)):
                shutil.rmtree(folder, ignore_errors=True)


def _untouched(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > _LONG
    except FileNotFoundError:
        return False


def _wait(seconds: float, stopped: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stopped():
        time.sleep(_TICK)


def _knows_its_letter(item: Item) -> bool:
    """Whether its letter can be told without reading it."""
    return bool(item.petition_id or "_letter" in item.given or "id" in item.given)


def _name_of(pid: int) -> str:
    """Machine, process and when it began: a process id alone is used again."""
    return f"{socket.gethostname()}:{pid}:{int(psutil.Process(pid).create_time() * 100)}"


def _folder_name(worker: str) -> str:
    return worker.replace(":", "-")


def _is_dead(worker: str) -> bool:
    host, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return _name_of(int(pid)) != worker
    except psutil.Error:
        return True
