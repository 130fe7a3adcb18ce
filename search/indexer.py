"""Brings the indexes to what the records say. The records are the truth, the indexes follow.

A petition whose `revision` lies above its `indexed_revision` is work to do: that column is the
queue. A crash anywhere only repeats a batch, `put` replaces by id, and a petition that changed
while it was being indexed stays in the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from records import petitions
from records.database import Database
from records.record import PetitionRecord
from search.documents import documents_of
from search.engine import INDEXES, Document, Engine, IndexName
from search.query import OFFICE_ZONE

BATCH = 500
"""Petitions taken at once: few enough to show progress, enough to commit seldom."""

Progress = Callable[[int, int], None]
"""Told after each batch: petitions done, petitions in all."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """Petitions ready for an engine, and those that could not be made so."""

    documents: dict[IndexName, list[Document]]
    done: tuple[PetitionRecord, ...]
    failed: tuple[tuple[PetitionRecord, str], ...]


def analyse(batch: Sequence[PetitionRecord], zone: ZoneInfo = OFFICE_ZONE) -> Analysed:
    """Documents of both editions by index. One that can't be made does not stop the others."""
    documents: dict[IndexName, list[Document]] = {}
    done: list[PetitionRecord] = []
    failed: list[tuple[PetitionRecord, str]] = []
    for petition in batch:
        try:
            made = documents_of(petition, zone)
        except Exception as error:  # whatever it is, it concerns this letter alone
            failed.append((petition, f"{type(error).__name__}: {error}"))
            continue
        done.append(petition)
        for index, document in made.items():
            documents.setdefault(index, []).append(document)
    return Analysed(documents, tuple(done), tuple(failed))


def bring_up_to_date(
    database: Database, engine: Engine, batch: int = BATCH, zone: ZoneInfo = OFFICE_ZONE
) -> int:
    """Index up to `batch` petitions that changed; how many were taken. Call until it gives 0.

    Each is put into the indexes of its level and taken out of all others. One that can't be
    indexed is marked with its error, is in no index, and waits until it changes.
    """
    with database.read() as session:
        waiting = petitions.pending(session, batch)
    if not waiting:
        return 0
    analysed = analyse(waiting, zone)
    ids = [petition.id for petition in waiting]
    for index in INDEXES:
        held = analysed.documents.get(index, [])
        kept = {document.id for document in held}
        engine.remove(index, [id_ for id_ in ids if id_ not in kept])
        engine.put(index, held)
    engine.commit()
    with database.write() as session:
        petitions.mark_indexed(session, [(one.id, one.revision) for one in analysed.done])
        for petition, error in analysed.failed:
            petitions.mark_failed(session, petition.id, petition.revision, error)
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
    """Put every petition into `beside`, whose indexes are empty, then `swap`; how many were put.

    Nothing is marked before the swap, so that a crash leaves the old indexes and their queue as
    they were. Nobody else may index meanwhile. What changed meanwhile is still in the queue:
    call `bring_up_to_date` afterwards.
    """
    with database.read() as session:
        total = petitions.count(session)
    done, put, after = 0, 0, ""
    news: list[tuple[str, int]] = []
    failures: list[tuple[str, int, str]] = []
    while True:
        with database.read() as session:
            part = petitions.all_after(session, after, batch)
        if not part:
            break
        analysed = analyse(part, zone)
        for index, documents in analysed.documents.items():
            beside.put(index, documents)
        news += [(p.id, p.revision) for p in analysed.done if p.indexed_revision < p.revision]
        failures += [(p.id, p.revision, error) for p, error in analysed.failed]
        after, done, put = part[-1].id, done + len(part), put + len(analysed.done)
        if progress is not None:
            progress(done, max(total, done))
    beside.commit()
    swap()
    with database.write() as session:
        petitions.mark_indexed(session, news)
        for id_, revision, error in failures:
            petitions.mark_failed(session, id_, revision, error)
    return put
