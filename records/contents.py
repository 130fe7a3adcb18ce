"""What of letters is laid side by side, and which contents are likely about one matter.

A content stands for all letters of equal redacted subject and text. `search.duplicates.linking`
fills these tables and the letters' `content_id`; dropped with `forget_others`, all is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from records.categories import category_path
from records.database import Session, insert_unless_known
from records.ids import CHUNK, chunks
from records.persons import Within, all_reached
from records.record import Reach
from records.regions import ROOT
from records.tables import (
    STALE,
    content_links,
    contents,
    links_version,
    petition_persons,
    petition_users,
    petitions,
    regions,
    replies,
)

_ONLY = 1
_WAITING = text("NOT linked")  # to the letter as their index has it, or that isn't used
_STALE = text(STALE)
_HOLD = (
    update(petitions)
    .where(petitions.c.id == bindparam("holder"))
    .values(content_id=bindparam("held"), content_revision=bindparam("of_revision"))
)
_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
_NAMED = (
    select(petition_users.c.petition_id, petition_users.c.user_id)
    .where(petition_users.c.petition_id.in_(_IDS))
    .distinct()
)
_REACHING = select(
    *(petitions.c.id, petitions.c.level, petitions.c.sealed, petitions.c.region),
    *(petitions.c.category, petitions.c.published, petitions.c.received_at),
    petitions.c.content_id,
).where(petitions.c.content_id.is_not(None))
_ANSWERED = select(replies.c.petition_id).where(replies.c.petition_id.in_(_IDS)).distinct()


@dataclass(frozen=True, slots=True)
class Redacted:
    """A letter as everybody sees it who sees it at all."""

    id: str
    revision: int
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class NewContent:
    digest: str
    leading: bytes
    rest: bytes


@dataclass(frozen=True, slots=True)
class ContentLink:
    """`odds`: the logarithm, were the letters of one day. `one` and `other` are content ids."""

    one: int
    other: int
    odds: float


@dataclass(frozen=True, slots=True)
class LinkedLetter:
    """A letter whose content other letters hold, or are linked to; and who may see it."""

    id: str
    content_id: int
    received_at: datetime
    region: str | None
    answered: bool
    reach: Reach


def stale(session: Session, since: datetime | None = None) -> list[str]:
    """Ids of the letters that were never looked at, or that changed since, by id."""
    wanted = select(petitions.c.id).where(_STALE).order_by(petitions.c.id)
    if since is not None:
        wanted = wanted.where(petitions.c.received_at >= since)
    return list(session.connection.execute(wanted).scalars())


def any_stale(session: Session) -> bool:
    """Is there a letter that was never looked at or changed since, or a content that was not yet
    compared?"""
    run = session.connection.execute
    waiting, changed = select(contents.c.id).where(_WAITING), select(petitions.c.id).where(_STALE)
    return any(run(one.limit(1)).first() is not None for one in (waiting, changed))


def redacted(session: Session, ids: Sequence[str]) -> list[Redacted]:
    """The letters of these ids."""
    read = petitions.c
    wanted = select(read.id, read.revision, read.subject_redacted, read.text_redacted)
    return [
        Redacted(row.id, row.revision, row.subject_redacted, row.text_redacted)
        for part in chunks(ids)
        for row in session.connection.execute(wanted.where(read.id.in_(part)))
    ]


def known(session: Session, digests: Sequence[str]) -> set[str]:
    """Which contents are there."""
    return {
        digest
        for part in chunks(digests)
        for digest in session.connection.execute(
            select(contents.c.digest).where(contents.c.digest.in_(part))
        ).scalars()
    }


def put(
    session: Session,
    made: Iterable[NewContent],
    version: str,
    holders: Sequence[tuple[Redacted, str]],
) -> None:
    """Contents that are new, and which letters hold which, by digest."""
    rows = [
        {"digest": one.digest, "version": version, "leading": one.leading, "rest": one.rest}
        for one in made
    ]
    insert_unless_known(session, contents, rows)
    ids: dict[str, int] = {}
    for part in chunks(sorted({digest for _, digest in holders})):
        wanted = select(contents.c.digest, contents.c.id).where(contents.c.digest.in_(part))
        ids |= {row.digest: row.id for row in session.connection.execute(wanted)}
    holding = [
        {"holder": letter.id, "held": ids[digest], "of_revision": letter.revision}
        for letter, digest in sorted(holders, key=lambda one: one[0].id)  # as the indexer locks
    ]
    if holding:
        session.connection.execute(_HOLD, holding)


def forget_others(session: Session, version: str, limit: int) -> int:
    """Drop at most `limit` contents of other versions with their links; how many. The letters that
    held them have to be looked at."""
    return _drop(session, contents.c.version != version, limit)


def forget_unheld(session: Session) -> None:
    """Drop contents that no letter holds any more, with their links."""
    held = exists().where(petitions.c.content_id == contents.c.id)
    _drop(session, ~held)


def _drop(session: Session, which: ColumnElement[bool], limit: int | None = None) -> int:
    run, links = session.connection.execute, content_links.c
    dropped = run(select(contents.c.id).where(which).order_by(contents.c.id).limit(limit))
    ids = list(dropped.scalars())
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        run(delete(content_links).where(or_(links.one.in_(part), links.other.in_(part))))
        held = update(petitions).where(petitions.c.content_id.in_(part))
        run(held.values(content_id=None, content_revision=None))
        run(delete(contents).where(contents.c.id.in_(part)))
    if ids:
        _links_changed(session)
    return len(ids)


def unlinked(session: Session) -> list[int]:
    """Ids of the contents that were not yet compared, rising."""
    wanted = select(contents.c.id).where(_WAITING).order_by(contents.c.id)
    return list(session.connection.execute(wanted).scalars())


def all_leading(session: Session) -> list[tuple[int, bytes]]:
    """Id and leading words of every content, by id."""
    wanted = select(contents.c.id, contents.c.leading).order_by(contents.c.id)
    return [(row[0], row[1]) for row in session.connection.execute(wanted)]


def rests(session: Session, ids: Sequence[int]) -> list[bytes]:
    """What is compared besides, of these contents, in their order."""
    wanted = select(contents.c.id, contents.c.rest)
    found: dict[int, bytes] = {}
    for start in range(0, len(ids), 500):
        part = wanted.where(contents.c.id.in_(ids[start : start + 500]))
        found |= {row.id: row.rest for row in session.connection.execute(part)}
    return [found[one] for one in ids]


_MARK = update(contents).where(contents.c.id == bindparam("done")).values(linked=True)


def link(session: Session, compared: Sequence[int], links: Sequence[ContentLink]) -> None:
    """These contents are compared with all others, and this is what was found."""
    rows = [{"one": one.one, "other": one.other, "odds": one.odds} for one in links]
    if rows:
        insert_unless_known(session, content_links, rows)
        _links_changed(session)
    if compared:
        session.connection.execute(_MARK, [{"done": one} for one in compared])


def counts(session: Session) -> tuple[int, int]:
    """How many letters were looked at, how many links there are."""
    run = session.connection.execute
    letters = run(select(func.count(petitions.c.content_id))).scalar_one()
    return int(letters), int(run(select(func.count()).select_from(content_links)).scalar_one())


def letters_within(
    session: Session, within: Within, joined: Callable[[Sequence[int]], Set[int]]
) -> list[LinkedLetter]:
    """Of the letters within those whose content is chosen by `joined`, which is told the content
    of each. The database leaves the others out, so that how many there are costs next to no time.
    Who reads them asks the gate all the same."""
    run = session.connection.execute
    seen = {row.id: row for row in run(all_reached(within, _REACHING))}
    chosen = joined([row.content_id for row in seen.values()])
    rows = [row for row in seen.values() if row.content_id in chosen]
    paths = {row.code: tuple(row.path) for row in run(select(regions.c.code, regions.c.path))}
    users: dict[str, list[str]] = {}
    answered: set[str] = set()
    for part in chunks([row.id for row in rows]):
        for id_, user in run(_NAMED, {"ids": part}):
            users.setdefault(id_, []).append(user)
        answered.update(run(_ANSWERED, {"ids": part}).scalars())
    return [_letter(row, paths, users, answered) for row in rows]


def _letter(
    row: Any,
    paths: dict[str, tuple[str, ...]],
    users: dict[str, list[str]],
    answered: Set[str],
) -> LinkedLetter:
    reach = Reach(
        row.level,
        row.sealed,
        row.published,
        paths.get(row.region, (ROOT,)),
        category_path(row.category) if row.category else (),
        tuple(users.get(row.id, ())),
    )
    return LinkedLetter(
        row.id, row.content_id, row.received_at, row.region, row.id in answered, reach
    )


def version_of_links(session: Session) -> str | None:
    """Another one when the links are others; None before the first."""
    found = session.connection.execute(select(links_version.c.version)).scalar()
    return None if found is None else str(found)


def _links_changed(session: Session) -> None:
    insert_unless_known(session, links_version, [{"id": _ONLY, "version": ""}])
    session.connection.execute(update(links_version).values(version=token_hex(16)))


def all_links(session: Session) -> list[tuple[int, int, float]]:
    """Every link there is: two content ids and the logarithm of their odds."""
    links = content_links.c
    wanted = select(links.one, links.other, links.odds)
    return [(one, other, odds) for one, other, odds in session.connection.execute(wanted)]


def people_of(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The persons of each of these letters, by letter. For those who see persons in full."""
    link_ = petition_persons.c
    found: dict[str, tuple[str, ...]] = {}
    for part in chunks(ids):
        wanted = select(link_.petition_id, link_.person_id).where(link_.petition_id.in_(part))
        for row in session.connection.execute(wanted):
            found[row.petition_id] = (*found.get(row.petition_id, ()), row.person_id)
    return found
