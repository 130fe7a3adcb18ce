"""Changes of a petition. Each raises its revision, so that the search index follows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update

from records.corrections import (
    Correction,
    corrected,
    corrections_of,
    keep_corrections,
    note_review,
    stands_in,
)
from records.database import Session
from records.entries import NewPerson, NewPetition, NewReply
from records.errors import BadValue, NotFound
from records.ids import chunks, order
from records.keys import Keys
from records.persons import NORMAL, add_people, names_of
from records.redaction import masked_together, redacted_reply, redacted_text
from records.regions import require_region
from records.registration import EXTRA, category_source, reply_rows, sealed_json, user_rows
from records.statuses import MERGED, require_level, require_transition
from records.tables import (
    petition_persons,
    petition_users,
    petition_versions,
    petitions,
    replies,
    status_changes,
    users,
)
from records.times import now, utc

CONTENT = "petition_versions.content"


@dataclass(frozen=True, slots=True)
class Description:
    """What reading a file found out; None leaves what is there.

    A category or region found by rule, and people, are taken only where nobody has stated any; a
    redacted text that is None is made from its text.
    """

    subject: str | None = None
    subject_redacted: str | None = None
    text: str | None = None
    text_redacted: str | None = None
    text_source: str | None = None
    text_confidence: float | None = None
    category: str | None = None
    category_confidence: float | None = None
    region: str | None = None
    received_at: datetime | None = None
    people_count: int | None = None
    people: tuple[NewPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """An older content of a petition, as it stood until `replaced_at`; `content`: its columns,
    its replies under `replies` and its people's encrypted facts under `persons`."""

    revision: int
    replaced_at: datetime
    content: dict[str, Any]


def touch(session: Session, ids: Iterable[str]) -> None:
    """Raise the revision of these petitions: the index reads them again."""
    for part in chunks(list(ids)):
        session.connection.execute(
            update(petitions)
            .where(petitions.c.id.in_(part))
            .values(revision=petitions.c.revision + 1)
        )


def versions(session: Session, id_: str) -> tuple[Version, ...]:
    """Older contents of a petition, oldest first."""
    kept = petition_versions.c
    wanted = select(petition_versions).where(kept.petition_id == id_).order_by(kept.revision)
    return tuple(
        Version(
            row.revision,
            row.replaced_at,
            json.loads(session.keys.decrypt(CONTENT, row.content)),
        )
        for row in session.connection.execute(wanted)
    )


def change_status(
    session: Session,
    id_: str,
    to: str,
    who: str,
    reason: str = "",
    *,
    imported: bool = False,
    undoes: bool = False,
) -> None:
    """Move a petition to another status; `who`: a user id or the name of a process.

    Raises IllegalTransition unless the table allows it; an import (`imported`) reports what an
    older system did and isn't held to the table, nor is what takes a change back (`undoes`).
    """
    row = _locked(session, id_)
    if not (imported or undoes):
        require_transition(row.status, to, row.status_before_merge)
    changes = status_changes.c
    last = select(func.max(changes.position)).where(changes.petition_id == id_)
    session.connection.execute(
        insert(status_changes).values(
            petition_id=id_,
            position=(session.connection.execute(last).scalar() or 0) + 1,
            at=now(),
            who=who,
            from_status=row.status,
            to_status=to,
            reason=reason,
        )
    )
    _change(
        session,
        row,
        status=to,
        status_before_merge=row.status if to == MERGED and row.status != MERGED else None,
    )


def set_level(session: Session, id_: str, level: str) -> None:
    """Another level of secrecy. Raises UnknownLevel, NotFound."""
    _change(session, _locked(session, id_), level=require_level(level))


def name_users(session: Session, id_: str, part: str, user_ids: Sequence[str]) -> None:
    """Who is the handler or registrar, or named on it (`part`: handler, registrar, named).

    Replaces those named before. Raises BadValue for an unknown part or user.
    """
    if part not in {"handler", "registrar", "named"}:
        raise BadValue(f"no part {part!r}; use handler, registrar or named")
    row = _locked(session, id_)
    known = select(users.c.id).where(users.c.id.in_(user_ids))
    if unknown := sorted(set(user_ids) - set(session.connection.execute(known).scalars())):
        raise BadValue(f"there is no user with the id {unknown[0]!r}")
    named = petition_users.c
    session.connection.execute(
        delete(petition_users).where(named.petition_id == id_, named.part == part)
    )
    rows = [
        {"petition_id": id_, "user_id": user, "part": part, "level": row.level}
        for user in dict.fromkeys(user_ids)
    ]
    if rows:
        session.connection.execute(insert(petition_users), rows)
    _change(session, row)


def set_description(session: Session, id_: str, found: Description) -> None:
    """Write what a stage of ingestion found; an older text is kept as a version.

    Raises NotFound, UnknownRegion, UnknownCategory, BadValue for a redacted text of another length.
    """
    row = _locked(session, id_)
    if found.people and not _has_people(session, id_):
        _replace_people(
            session,
            id_,
            NewPetition(source=row.source, petitioner=row.petitioner, others=found.people),
        )
        touch(session, [id_])
    names = names_of(session, id_)
    new: dict[str, Any] = {}
    for what in ("subject", "text"):
        full: str | None = getattr(found, what)
        if full is None:
            continue
        masked: str | None = getattr(found, f"{what}_redacted")
        masked = redacted_text(full, names) if masked is None else masked
        if len(masked) != len(full):
            raise BadValue(f"petition {id_}: its redacted {what} differs in length from the full")
        new |= {what: full, f"{what}_redacted": masked}
    for what in ("text_source", "text_confidence", "people_count"):
        if getattr(found, what) is not None:
            new[what] = getattr(found, what)
    if found.category is not None and (row.category is None or row.category_source == "auto"):
        new |= {
            "category": found.category,
            "category_source": "auto",
            "category_confidence": found.category_confidence,
        }
    if found.region is not None and row.region is None:
        new["region"] = require_region(session, found.region).code
    if found.received_at is not None:
        received_at = utc(found.received_at)
        new |= {"received_at": received_at, "sort_order": order(received_at, id_)}
    changed = {key: value for key, value in new.items() if getattr(row, key) != value}
    if not changed:
        if found.people:
            _mask_together(session, id_)
        return
    if row.text and changed.keys() & {"text", "subject"}:
        _keep_version(session, row)
    _change(session, row, **changed)
    _mask_together(session, id_)


def add_reply(session: Session, id_: str, reply: NewReply) -> str:
    """Add an answer to a petition; its id. The same text of the same kind again adds nothing."""
    row = _locked(session, id_)
    kept = replies.c
    there = session.connection.execute(
        select(kept.id, kept.position, kept.kind, kept.text).where(kept.petition_id == id_)
    ).all()
    for one in there:
        if (one.kind, one.text) == (reply.kind, reply.text):
            return str(one.id)
    first = max((one.position for one in there), default=0) + 1
    new = reply_rows(id_, [redacted_reply(reply, names_of(session, id_))], first)
    session.connection.execute(insert(replies), new)
    _mask_together(session, id_)
    _change(session, row)
    return str(new[0]["id"])


def correct_redaction(
    session: Session, id_: str, who: str, corrections: Sequence[Correction]
) -> None:
    """Mask words of a petition, or show them again, in all its texts, now and later.

    `who`: a user id. Raises BadValue for words that stand in none of its texts, NotFound.
    """
    row = _locked(session, id_)
    answers = session.connection.execute(
        select(replies.c.text).where(replies.c.petition_id == id_)
    ).scalars()
    texts = [row.subject, row.text, *answers]
    for correction in corrections:
        if not stands_in(correction.text, texts):
            raise BadValue(
                "some of the words stand in no text of this petition: "
                "write them as they stand there"
            )
    keep_corrections(session, id_, who, corrections)
    note_review(session, id_, who)
    _mask_together(session, id_)
    _change(session, row)


def replace_content(session: Session, id_: str, entry: NewPetition, content_hash: str) -> None:
    """Write an import's newer content over a petition, the older one kept as a version.

    What the entry doesn't state stays (see `NewPetition`).
    """
    row = _locked(session, id_)
    _keep_version(session, row)
    new: dict[str, Any] = {"content_hash": content_hash}
    for column in (
        "petitioner", "text_source", "text_confidence", "submitted_at", "region",
        "channel", "level", "sealed", "published", "people_count",
    ):  # fmt: skip
        if getattr(entry, column) is not None:
            new[column] = getattr(entry, column)
    for column in ("subject", "text"):
        if getattr(entry, column):
            new[column] = getattr(entry, column)
            new[f"{column}_redacted"] = getattr(entry, f"{column}_redacted")
    if entry.category is not None:
        new |= {
            "category": entry.category,
            "category_source": category_source(entry),
            "category_confidence": entry.category_confidence,
        }
    if (received := entry.received_at or entry.submitted_at) is not None:
        new |= {"received_at": utc(received), "sort_order": order(utc(received), id_)}
    if entry.extra:
        new["extra"] = sealed_json(session, entry.extra)
    _replace_parts(session, row, entry)
    if entry.status is not None and entry.status != row.status:
        change_status(
            session, id_, entry.status, entry.source or "records", "import", imported=True
        )
    _change(session, row, **new)
    _mask_together(session, id_)


def _replace_parts(session: Session, row: Row[Any], entry: NewPetition) -> None:
    connection, id_ = session.connection, row.id
    if entry.people:
        _replace_people(session, id_, entry)
    if entry.replies:
        connection.execute(delete(replies).where(replies.c.petition_id == id_))
        connection.execute(insert(replies), reply_rows(id_, entry.replies))
    if rows := user_rows(id_, row.level, entry):
        parts = {one["part"] for one in rows}
        named = petition_users.c
        connection.execute(
            delete(petition_users).where(named.petition_id == id_, named.part.in_(parts))
        )
        connection.execute(insert(petition_users), rows)


def _has_people(session: Session, id_: str) -> bool:
    link = petition_persons.c
    found = select(link.position).where(link.petition_id == id_, _stated())
    return session.connection.execute(found.limit(1)).first() is not None


def _stated() -> ColumnElement[bool]:
    return or_(*(petition_persons.columns[fact].is_not(None) for fact in NORMAL))


def _replace_people(session: Session, id_: str, entry: NewPetition) -> None:
    link = petition_persons.c
    session.connection.execute(delete(petition_persons).where(link.petition_id == id_))
    add_people(session, [(id_, entry)], now())


def hold(session: Session, id_: str) -> None:
    """Nobody else changes this petition until the transaction ends; read it after this."""
    session.connection.execute(
        select(petitions.c.id).where(petitions.c.id == id_).with_for_update()
    )


def _locked(session: Session, id_: str) -> Row[Any]:
    row = session.connection.execute(
        select(petitions).where(petitions.c.id == id_).with_for_update()
    ).first()
    if row is None:
        raise NotFound(f"there is no petition {id_!r}")
    return row


def _change(session: Session, row: Row[Any], **values: Any) -> None:
    session.connection.execute(
        update(petitions)
        .where(petitions.c.id == row.id)
        .values(revision=petitions.c.revision + 1, **values)
    )


def _mask_together(session: Session, id_: str) -> None:
    """Mask the names that are known by now in all texts, those that were there before too."""
    row, kept = _locked(session, id_), replies.c
    answers = session.connection.execute(
        select(kept.id, kept.text, kept.text_redacted).where(kept.petition_id == id_)
    ).all()
    parts = [(row.subject, row.subject_redacted), (row.text, row.text_redacted)]
    parts += [(answer.text, answer.text_redacted) for answer in answers]
    together = masked_together(parts, names_of(session, id_))
    corrections = corrections_of(session, id_)
    subject, text, *masked = (
        corrected(full, mask, corrections) for (full, _), mask in zip(parts, together, strict=True)
    )
    session.connection.execute(
        update(petitions)
        .where(petitions.c.id == id_)
        .values(subject_redacted=subject, text_redacted=text)
    )
    for answer, mask in zip(answers, masked, strict=True):
        session.connection.execute(
            update(replies).where(kept.id == answer.id).values(text_redacted=mask)
        )


def _keep_version(session: Session, row: Row[Any]) -> None:
    content = {key: _plain(value) for key, value in row._asdict().items()}
    for table in (replies, petition_persons):
        found = session.connection.execute(
            select(table).where(table.c.petition_id == row.id).order_by(table.c.position)
        ).mappings()
        content["persons" if table is petition_persons else "replies"] = [
            {key: _plain(value) for key, value in one.items()} for one in found
        ]
    session.connection.execute(
        insert(petition_versions).values(
            petition_id=row.id,
            revision=row.revision,
            replaced_at=now(),
            content=session.keys.encrypt(CONTENT, json.dumps(content, ensure_ascii=False)),
        )
    )


def renewed_version(keys: Keys, blob: bytes) -> bytes | None:
    """An older content under the present key, with the encrypted values that it holds itself;
    None when all are so already. Raises Damaged."""
    outer = keys.renewed(CONTENT, blob)
    content = json.loads(keys.decrypt(CONTENT, outer or blob))
    facts = {fact: f"person.{fact}" for fact in NORMAL}
    within = [_renew_within(keys, content, {"extra": EXTRA})]
    within += [_renew_within(keys, person, facts) for person in content["persons"]]
    if not any(within):
        return outer
    return keys.encrypt(CONTENT, json.dumps(content, ensure_ascii=False))


def _renew_within(keys: Keys, row: dict[str, Any], purposes: Mapping[str, str]) -> bool:
    """Whether any value was under another key than the present one."""
    anew = False
    for name, purpose in purposes.items():
        held = row.get(name)
        renewed = keys.renewed(purpose, bytes.fromhex(held)) if held else None
        if renewed is not None:
            row[name], anew = renewed.hex(), True
    return anew


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
