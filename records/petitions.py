"""Petitions: read them, find them by number, and know which the search index has yet to follow.

Entry values stand in `records.entries`, what is read in `records.record`, registering in
`records.registration`, changes in `records.changes`; all are offered here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, func, null, select, update
from sqlalchemy.sql import Select

from records.categories import category_path
from records.changes import (
    Description,
    add_reply,
    change_status,
    name_users,
    set_description,
    set_level,
    touch,
    versions,
)
from records.database import Session
from records.entries import NewPerson, NewPetition, NewReply
from records.ids import chunks, new_number, order
from records.persons import NORMAL
from records.record import (
    FileRecord,
    Findable,
    PageSummary,
    PersonRecord,
    PetitionRecord,
    Reach,
    ReplyRecord,
    ReplyText,
    StatusChange,
)
from records.regions import ROOT
from records.registration import EXTRA, AddResult, add, add_many
from records.statuses import LEVELS
from records.tables import (
    files,
    pages,
    petition_persons,
    petition_users,
    petitions,
    regions,
    replies,
    status_changes,
)

__all__ = [
    "AddResult",
    "Description",
    "FileRecord",
    "Findable",
    "NewPerson",
    "NewPetition",
    "NewReply",
    "PageSummary",
    "PersonRecord",
    "PetitionRecord",
    "Reach",
    "ReplyRecord",
    "StatusChange",
    "add",
    "add_many",
    "add_reply",
    "all_after",
    "by_external_id",
    "by_number",
    "change_status",
    "count",
    "count_pending",
    "findable",
    "findable_after",
    "mark_failed",
    "mark_indexed",
    "name_users",
    "new_number",
    "order",
    "pending",
    "reach",
    "read",
    "read_one",
    "set_description",
    "set_level",
    "touch",
    "versions",
]

_COLUMNS = (
    *("id", "number", "source", "external_id", "petitioner"),
    *("subject", "subject_redacted", "text", "text_redacted", "text_source", "text_confidence"),
    *("received_at", "submitted_at", "registered_at", "region"),
    *("category", "category_source", "category_confidence", "status", "channel", "level"),
    *("sealed", "published", "people_count", "matter_id", "seq_in_matter"),
    *("revision", "indexed_revision", "index_error"),
)
_FINDABLE_COLUMNS = (
    *("id", "number", "external_id", "subject", "subject_redacted", "text", "text_redacted"),
    *("received_at", "status", "channel", "level", "sealed", "published"),
    *("revision", "indexed_revision"),
)
_PAGE_COLUMNS = [
    column for column in pages.columns if column.name not in ("lines", "text", "engine")
]


def read(session: Session, ids: Sequence[str], *, bare: bool = False) -> list[PetitionRecord]:
    """The petitions of these ids, in their order; unknown ids are left out.

    `bare`: without replies, files, pages, history and `extra`, for who compares many letters.
    """
    found: dict[str, PetitionRecord] = {}
    for part in chunks(list(dict.fromkeys(ids))):
        found |= _read_part(session, part, bare=bare)
    return [found[id_] for id_ in ids if id_ in found]


def read_one(session: Session, id_: str) -> PetitionRecord | None:
    """The petition of this id, None when there is none."""
    return next(iter(read(session, [id_])), None)


def reach(session: Session, id_: str) -> Reach:
    """Who may see the petition of this id; where there is none: nobody, as of a sealed one that
    names nobody. It costs the same whether there is one or not, so that the time of a refusal
    doesn't tell: where there is none, the next one is read and left unused."""
    row = session.connection.execute(_REACH, {"id": id_}).first()
    if row is None:  # beyond the last
        return _NOBODY
    readers = tuple(session.connection.execute(_READERS, {"id": row.id}).scalars())
    found = Reach(
        row.level,
        row.sealed,
        row.published,
        tuple(row.path or (ROOT,)),
        category_path(row.category) if row.category else (),
        readers,
    )
    return found if row.id == id_ else _NOBODY


def by_number(session: Session, number: str) -> PetitionRecord | None:
    """The petition with this number of ours; small letters and blanks don't matter."""
    plain = "".join(number.split()).upper()
    return _first(session, select(petitions.c.id).where(petitions.c.number == plain))


def by_external_id(
    session: Session, external_id: str, source: str | None = None
) -> tuple[PetitionRecord, ...]:
    """Petitions with this id in an older system: of `source`, or of any."""
    wanted = select(petitions.c.id).where(petitions.c.external_id == external_id)
    if source is not None:
        wanted = wanted.where(petitions.c.source == source)
    ids = session.connection.execute(wanted.order_by(petitions.c.sort_order)).scalars().all()
    return tuple(read(session, ids))


def findable(session: Session, ids: Sequence[str]) -> list[Findable]:
    """What the indexes follow of these petitions, in their order; unknown ids are left out."""
    found: dict[str, Findable] = {}
    for part in chunks(list(dict.fromkeys(ids))):
        found |= _findable_part(session, part)
    return [found[id_] for id_ in ids if id_ in found]


def pending(session: Session, limit: int, after: str = "") -> list[Findable]:
    """Up to `limit` petitions that the index has yet to follow, by id, from beyond `after`.

    Those whose present revision was marked as failed are left out.
    """
    wanted = (
        select(petitions.c.id)
        .where(_to_index(), petitions.c.id > after)
        .order_by(petitions.c.id)
        .limit(limit)
    )
    return findable(session, session.connection.execute(wanted).scalars().all())


def count_pending(session: Session) -> int:
    """How many petitions the index has yet to follow."""
    wanted = select(func.count()).select_from(petitions).where(_to_index())
    return int(session.connection.execute(wanted).scalar_one())


def all_after(session: Session, after: str, limit: int) -> list[PetitionRecord]:
    """Up to `limit` petitions by id from beyond `after` ("" at first), to go through them all."""
    return read(session, _ids_after(session, after, limit))


def findable_after(session: Session, after: str, limit: int) -> list[Findable]:
    """The same, of each what the indexes follow."""
    return findable(session, _ids_after(session, after, limit))


def _ids_after(session: Session, after: str, limit: int) -> Sequence[str]:
    wanted = (
        select(petitions.c.id).where(petitions.c.id > after).order_by(petitions.c.id).limit(limit)
    )
    return session.connection.execute(wanted).scalars().all()


def count(session: Session) -> int:
    """How many petitions there are."""
    return int(session.connection.execute(select(func.count()).select_from(petitions)).scalar_one())


def mark_indexed(session: Session, done: Iterable[tuple[str, int]]) -> None:
    """The index holds these (id, revision); a petition changed meanwhile stays pending."""
    rows = [{"the_id": id_, "done": revision} for id_, revision in done]
    if rows:
        session.connection.execute(
            update(petitions)
            .where(
                petitions.c.id == bindparam("the_id"),
                petitions.c.indexed_revision < bindparam("done"),
                petitions.c.revision >= bindparam("done"),
            )
            .values(indexed_revision=bindparam("done"), index_error=None),
            rows,
        )


def mark_failed(session: Session, id_: str, revision: int, error: str) -> None:
    """The index could not take this revision: left out of `pending` until it changes."""
    session.connection.execute(
        update(petitions)
        .where(petitions.c.id == id_)
        .values(failed_revision=revision, index_error=error[:2000])
    )


def not_indexed(session: Session) -> list[tuple[str, str | None, str]]:
    """Number, older number and error of each petition whose present revision was marked as failed:
    no search finds it."""
    wanted = (
        select(petitions.c.number, petitions.c.external_id, petitions.c.index_error)
        .where(petitions.c.revision > petitions.c.indexed_revision)
        .where(petitions.c.failed_revision >= petitions.c.revision)
    )
    found = [(row.number, row.external_id, row.index_error)
             for row in session.connection.execute(wanted)]  # fmt: skip
    return sorted(found)


def _to_index() -> Any:
    return (petitions.c.revision > petitions.c.indexed_revision) & (
        petitions.c.failed_revision < petitions.c.revision
    )


def _first(session: Session, wanted: Select[Any]) -> PetitionRecord | None:
    id_ = session.connection.execute(wanted).scalar()
    return None if id_ is None else read_one(session, id_)


_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)


def _parts_of(table: Any, by: Any, wanted: Select[Any] | None = None) -> Select[Any]:
    found = select(table) if wanted is None else wanted
    return found.where(table.c.petition_id.in_(_IDS)).order_by(by)


def _rows(extra: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            *(petitions.c[name] for name in _COLUMNS),
            petitions.c.sort_order,
            extra,
            regions.c.path,
        )
        .join_from(petitions, regions, petitions.c.region == regions.c.code, isouter=True)
        .where(petitions.c.id.in_(_IDS))
    )


# made once: building a statement costs as much as running it
_PETITIONS = _rows(petitions.c.extra)
_BARE = _rows(null())
_FINDABLE = (
    select(
        *(petitions.c[name] for name in _FINDABLE_COLUMNS),
        petitions.c.sort_order,
        petitions.c.category,
        regions.c.path,
    )
    .join_from(petitions, regions, petitions.c.region == regions.c.code, isouter=True)
    .where(petitions.c.id.in_(_IDS))
)
_REACH = (
    select(
        petitions.c.id,
        petitions.c.level,
        petitions.c.sealed,
        petitions.c.published,
        petitions.c.category,
        regions.c.path,
    )
    .select_from(petitions.outerjoin(regions, petitions.c.region == regions.c.code))
    .where(petitions.c.id >= bindparam("id"))
    .order_by(petitions.c.id)
    .limit(1)
)
_NOBODY = Reach(
    LEVELS[-1], sealed=True, published=False, region_path=(ROOT,), category_path=(), readers=()
)
_READERS = select(petition_users.c.user_id).where(petition_users.c.petition_id == bindparam("id"))
_PEOPLE = _parts_of(petition_persons, petition_persons.c.position)
_REPLIES = _parts_of(replies, replies.c.position)
_REPLY_TEXTS = _parts_of(
    replies,
    replies.c.position,
    select(replies.c.petition_id, replies.c.text, replies.c.text_redacted),
)
_USERS = _parts_of(petition_users, petition_users.c.user_id)
_FILES = _parts_of(files, files.c.position)
_HISTORY = _parts_of(status_changes, status_changes.c.position)
_PAGES = _parts_of(
    pages, pages.c.number, select(*_PAGE_COLUMNS, files.c.role).join_from(pages, files)
)


def _read_part(session: Session, ids: Sequence[str], *, bare: bool) -> dict[str, PetitionRecord]:
    rows = session.connection.execute(_BARE if bare else _PETITIONS, {"ids": ids}).all()
    parts = _Parts(session, ids, bare=bare)
    return {row[0]: _record(session, row, parts) for row in rows}


def _findable_part(session: Session, ids: Sequence[str]) -> dict[str, Findable]:
    told: dict[str, list[ReplyText]] = {}
    for id_, text, redacted in session.connection.execute(_REPLY_TEXTS, {"ids": ids}):
        told.setdefault(id_, []).append(ReplyText(text, redacted))
    users: dict[str, list[str]] = {}
    for row in session.connection.execute(_USERS, {"ids": ids}):
        users.setdefault(row.petition_id, []).append(row.user_id)
    found = {}
    for *plain, order_, category, path in session.connection.execute(_FINDABLE, {"ids": ids}):
        named = dict(zip(_FINDABLE_COLUMNS, plain, strict=True))
        found[named["id"]] = Findable(
            **named,
            order=order_,
            region_path=tuple(path or (ROOT,)),
            category_path=category_path(category) if category else (),
            replies=tuple(told.get(named["id"], ())),
            readers=tuple(dict.fromkeys(users.get(named["id"], ()))),
        )
    return found


class _Parts:
    """What hangs on the petitions of one reading, by petition."""

    def __init__(self, session: Session, ids: Sequence[str], *, bare: bool) -> None:
        def by_petition(wanted: Select[Any]) -> dict[str, list[Row[Any]]]:
            found: dict[str, list[Row[Any]]] = {}
            for row in session.connection.execute(wanted, {"ids": ids}):
                found.setdefault(row.petition_id, []).append(row)
            return found

        self.people = by_petition(_PEOPLE)
        self.users = by_petition(_USERS)
        self.replies = {} if bare else by_petition(_REPLIES)
        self.history = {} if bare else by_petition(_HISTORY)
        self.files = {} if bare else by_petition(_FILES)
        self.pages = by_petition(_PAGES) if self.files else {}

    def users_as(self, id_: str, part: str) -> tuple[str, ...]:
        return tuple(row.user_id for row in self.users.get(id_, ()) if row.part == part)


def _record(session: Session, row: Sequence[Any], parts: _Parts) -> PetitionRecord:
    *plain, order_, extra, path = row
    named = dict(zip(_COLUMNS, plain, strict=True))  # by name each costs a look-up
    id_, category = named["id"], named["category"]
    opened = session.keys.decrypt(EXTRA, extra) if extra else "{}"
    return PetitionRecord(
        **named,
        order=order_,
        region_path=tuple(path or (ROOT,)),
        category_path=category_path(category) if category else (),
        extra=json.loads(opened),
        handlers=parts.users_as(id_, "handler"),
        registrars=parts.users_as(id_, "registrar"),
        named=parts.users_as(id_, "named"),
        persons=tuple(_person(session, one) for one in parts.people.get(id_, ())),
        replies=tuple(_reply(one) for one in parts.replies.get(id_, ())),
        files=tuple(_file(one) for one in parts.files.get(id_, ())),
        pages=tuple(_page(one) for one in parts.pages.get(id_, ())),
        history=tuple(_change(one) for one in parts.history.get(id_, ())),
    )


def _person(session: Session, row: Row[Any]) -> PersonRecord:
    def plain(fact: str) -> str | None:
        blob = getattr(row, fact)
        return session.keys.decrypt(f"person.{fact}", blob) if blob else None

    return PersonRecord(row.person_id, row.role, **{fact: plain(fact) for fact in NORMAL})


def _reply(row: Row[Any]) -> ReplyRecord:
    return ReplyRecord(
        row.id,
        row.kind,
        row.text,
        row.text_redacted,
        row.replied_at,
        row.body,
        row.transfer_only,
        row.text_source,
        row.text_confidence,
    )


def _file(row: Row[Any]) -> FileRecord:
    return FileRecord(
        row.id, row.sha256, row.size, row.name, row.media_type, row.role, row.added_at
    )


def _page(row: Row[Any]) -> PageSummary:
    return PageSummary(
        row.number,
        row.file_id,
        row.role,
        row.number_in_file,
        row.width,
        row.height,
        row.confidence,
        row.source,
        row.image_sha256,
        row.text_start,
        row.text_end,
    )


def _change(row: Row[Any]) -> StatusChange:
    return StatusChange(row.at, row.who, row.from_status, row.to_status, row.reason)
