"""Brings the indexes to what the records say. The records are the truth, the indexes follow.

A petition whose `revision` lies above its `indexed_revision` is work to do: that column is the
queue. A crash anywhere only repeats a batch, `put` replaces by id, and a petition that changed
while it was being indexed stays in the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from records import petitions
from records.database import Database, Session
from records.record import PetitionRecord
from search.documents import documents_of
from search.engine import INDEXES, Document, Engine, IndexName
from search.errors import EngineError
from search.query import OFFICE_ZONE

BATCH = 2_000
"""Petitions to a commit: commits are what costs, and progress is told after each."""

CHUNK = 250
"""Petitions analysed before they are put: the engine writes them while the next are analysed."""

Progress = Callable[[int, int], None]
"""Told after each batch: petitions done, petitions in all."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A petition ready for an engine, or put into it; or the error for which it could not be."""

    petition: PetitionRecord
    documents: Mapping[IndexName, Document]
    error: str | None = None


def analyse(petition: PetitionRecord, zone: ZoneInfo = OFFICE_ZONE) -> Analysed:
    """The documents of a petition; what goes wrong concerns this petition alone."""
    try:
        return Analysed(petition, documents_of(petition, zone))
    except Exception as error:
        return Analysed(petition, {}, _told(error))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _index(engine: Engine, batch: Sequence[PetitionRecord], zone: ZoneInfo) -> list[Analysed]:
    """Analyse and put in portions: the engine writes one while the next is analysed."""
    indexed: list[Analysed] = []
    for start in range(0, len(batch), CHUNK):
        chunk = batch[start : start + CHUNK]
        indexed += _put(engine, [analyse(petition, zone) for petition in chunk])
    return indexed


def _put(engine: Engine, analysed: Sequence[Analysed]) -> list[Analysed]:
    """Put petitions into the indexes of their level and take them out of all others.

    Where the engine refuses the lot, each is tried alone; what is refused again is in no index.
    """
    try:
        _put_together(engine, analysed)
    except EngineError:
        raise
    except Exception as error:
        if len(analysed) > 1:
            return [done for one in analysed for done in _put(engine, [one])]
        refused = Analysed(analysed[0].petition, {}, _told(error))
        _put_together(engine, [refused])
        return [refused]
    return [Analysed(one.petition, {}, one.error) for one in analysed]


def _put_together(engine: Engine, analysed: Sequence[Analysed]) -> None:
    for index in INDEXES:
        held = [one.documents[index] for one in analysed if index in one.documents]
        left = [
            one.petition.id
            for one in analysed
            if index not in one.documents and _may_be_elsewhere(one)
        ]
        if left:
            engine.remove(index, left)
        if held:
            engine.put(index, held)


def _may_be_elsewhere(one: Analysed) -> bool:
    """Whether another index may hold it: not when nothing of it ever changed."""
    return one.petition.revision > 1 or one.error is not None


def _mark(session: Session, indexed: Sequence[Analysed]) -> None:
    done = [one.petition for one in indexed if one.error is None]
    petitions.mark_indexed(session, [(petition.id, petition.revision) for petition in done])
    for one in indexed:
        if one.error is not None:
            petitions.mark_failed(session, one.petition.id, one.petition.revision, one.error)


def bring_up_to_date(
    database: Database, engine: Engine, batch: int = BATCH, zone: ZoneInfo = OFFICE_ZONE
) -> int:
    """Index up to `batch` petitions that changed; how many were taken. Call until it gives 0.

    Each is put into the indexes of its level and taken out of all others. One that can't be
    indexed is marked with its error, is in no index, and waits until it changes. Let one thread
    of a process do it. Raises `EngineBusy` while another process does, `EngineError`.
    """
    with database.read() as session:
        if not petitions.pending(session, 1):
            return 0
    engine.remove(INDEXES[0], ())  # from here on no other process writes to the indexes
    with database.read() as session:
        waiting = petitions.pending(session, batch)
    if not waiting:
        return 0
    indexed = _index(engine, waiting, zone)
    engine.commit()
    with database.write() as session:
        _mark(session, indexed)
    return len(waiting)


def rebuild(
    database: Database,
    beside: Engine,
    swap: Callable[[], None],
    *,
    batch: int = BATCH,
    progress: Progress | None = None,
    zone: ZoneInfo = OFFICE_ZONE,
) -> int:
    """Put every petition into `beside`, whose indexes are empty, then `swap`; how many there were.

    Nothing is marked before the swap, so that a crash leaves the old indexes and their queue as
    they were. Nobody else may index meanwhile. What changed meanwhile is still in the queue:
    call `bring_up_to_date` afterwards.
    """
    with database.read() as session:
        total = petitions.count(session)
    done, after = 0, ""
    to_mark: list[Analysed] = []
    while True:
        with database.read() as session:
            part = petitions.all_after(session, after, batch)
        if not part:
            break
        indexed = _index(beside, part, zone)
        to_mark += [one for one in indexed if one.error or _pending(one.petition)]
        after, done = part[-1].id, done + len(part)
        if progress is not None:
            progress(done, max(total, done))
    beside.commit()
    swap()
    with database.write() as session:
        _mark(session, to_mark)
    return done


def _pending(petition: PetitionRecord) -> bool:
    return petition.indexed_revision < petition.revision
