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
from records.followed_index import follow
from records.record import Findable
from search.documents import documents_of
from search.engine import INDEXES, Document, Engine, IndexName
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

    petition: Findable
    documents: Mapping[IndexName, Document]
    error: str | None = None


def analyse(petition: Findable, zone: ZoneInfo = OFFICE_ZONE) -> Analysed:
    """The documents of a petition; what goes wrong concerns this petition alone."""
    try:
        return Analysed(petition, documents_of(petition, zone))
    except Exception as error:
        return Analysed(petition, {}, f"{type(error).__name__}: {error}")


def _index(engine: Engine, batch: Sequence[Findable], zone: ZoneInfo) -> list[Analysed]:
    """Analyse and put in portions: the engine writes one while the next is analysed."""
    indexed: list[Analysed] = []
    for start in range(0, len(batch), CHUNK):
        chunk = [analyse(petition, zone) for petition in batch[start : start + CHUNK]]
        _put_together(engine, chunk)
        indexed += [Analysed(one.petition, {}, one.error) for one in chunk]
    return indexed


def _committed(engine: Engine) -> dict[str, str]:
    """Make it visible; ids and reasons of what was refused, which is then in no index."""
    refused = dict(engine.commit())
    if refused:
        for index in INDEXES:
            engine.remove(index, sorted(refused))
        engine.commit()
    return refused


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


def _mark(session: Session, indexed: Sequence[Analysed], refused: Mapping[str, str]) -> None:
    errors = {one.petition.id: one.error for one in indexed if one.error} | dict(refused)
    done = [one.petition for one in indexed if one.petition.id not in errors]
    petitions.mark_indexed(session, [(petition.id, petition.revision) for petition in done])
    for one in indexed:
        if error := errors.get(one.petition.id):
            petitions.mark_failed(session, one.petition.id, one.petition.revision, error)


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
    refused = _committed(engine)
    database.written(lambda session: _mark(session, indexed, refused))
    return len(waiting)


def rebuild(
    database: Database,
    beside: Engine,
    swap: Callable[[], str],
    *,
    batch: int = BATCH,
    progress: Progress | None = None,
    zone: ZoneInfo = OFFICE_ZONE,
) -> int:
    """Put every petition into `beside`, whose indexes are empty, then `swap`; how many there were.

    `swap` gives the identity of the indexes that follow the records from then on.

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
            part = petitions.findable_after(session, after, batch)
        if not part:
            break
        indexed = _index(beside, part, zone)
        to_mark += [one for one in indexed if one.error or _pending(one.petition)]
        after, done = part[-1].id, done + len(part)
        if progress is not None:
            progress(done, max(total, done))
    refused = _committed(beside)
    identity = swap()

    def mark(session: Session) -> None:
        follow(session, identity)
        unmarked = sorted(refused.keys() - {one.petition.id for one in to_mark})
        others = [Analysed(one, {}) for one in petitions.findable(session, unmarked)]
        _mark(session, [*to_mark, *others], refused)

    database.written(mark)
    return done


def _pending(petition: Findable) -> bool:
    return petition.indexed_revision < petition.revision
