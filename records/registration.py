"""Registering petitions in bulk: new ones, known ones that changed, known ones that did not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import insert, select

from records.database import Session
from records.entries import NewPetition, NewReply, canonical, require_sound
from records.errors import BadValue, UnknownRegion
from records.ids import CHUNK, chunks, new_id, new_number, order
from records.persons import add_people
from records.redaction import redacted
from records.tables import (
    petition_users,
    petitions,
    regions,
    replies,
    status_changes,
)
from records.times import now, utc

EXTRA = "petitions.extra"


@dataclass(frozen=True, slots=True)
class AddResult:
    """`created`: it was not known before. `changed`: it was, and says something else now."""

    id: str
    created: bool
    changed: bool = False


def add_many(session: Session, entries: Sequence[NewPetition]) -> list[AddResult]:
    """Register petitions; the result stands in the order of the entries.

    One with a known (source, external_id): equal content changes nothing; other content is
    written over the old, which is kept as a version, and the revision rises. Nothing is written
    when any entry is refused: BadValue, UnknownRegion and the like, naming the petition.
    """
    for entry in entries:
        require_sound(entry)
    _require_regions(session, entries)
    results: list[AddResult] = []
    start = 0
    while start < len(entries):
        end, keys = start, set[tuple[str, str]]()
        while end < len(entries) and end - start < CHUNK:  # no key twice within one chunk
            external_id = entries[end].external_id
            if external_id is not None:
                if (entries[end].source, external_id) in keys:
                    break
                keys.add((entries[end].source, external_id))
            end += 1
        results += _add_chunk(session, entries[start:end])
        start = end
    return results


def add(session: Session, entry: NewPetition) -> AddResult:
    """Register one petition; as `add_many`."""
    return add_many(session, [entry])[0]


def _require_regions(session: Session, entries: Sequence[NewPetition]) -> None:
    wanted = {entry.region for entry in entries if entry.region is not None}
    if not wanted:
        return
    known: set[str] = set()
    for part in chunks(sorted(wanted)):
        found = select(regions.c.code).where(regions.c.code.in_(part))
        known.update(session.connection.execute(found).scalars())
    if unknown := sorted(wanted - known):
        raise UnknownRegion(f"there is no region {unknown[0]!r}; add it first")


def _add_chunk(session: Session, entries: Sequence[NewPetition]) -> list[AddResult]:
    from records.changes import replace_content

    known = _known(session, entries)
    moment = now()
    results: list[AddResult] = []
    fresh: list[tuple[str, NewPetition, str]] = []
    for entry in entries:
        content_hash = session.keys.hash("content", canonical(entry))
        before = known.get((entry.source, entry.external_id)) if entry.external_id else None
        if before is None:
            id_ = new_id()
            fresh.append((id_, redacted(entry), content_hash))
            results.append(AddResult(id_, created=True))
        elif before[1] == content_hash:
            results.append(AddResult(before[0], created=False))
        else:
            replace_content(session, before[0], redacted(entry), content_hash)
            results.append(AddResult(before[0], created=False, changed=True))
    _insert(session, fresh, moment)
    return results


def _known(
    session: Session, entries: Sequence[NewPetition]
) -> dict[tuple[str, str | None], tuple[str, str]]:
    found: dict[tuple[str, str | None], tuple[str, str]] = {}
    ids = [entry.external_id for entry in entries if entry.external_id is not None]
    sources = {entry.source for entry in entries}
    for part in chunks(ids):
        wanted = select(
            petitions.c.source, petitions.c.external_id, petitions.c.id, petitions.c.content_hash
        ).where(petitions.c.source.in_(sources), petitions.c.external_id.in_(part))
        for source, external_id, id_, content_hash in session.connection.execute(wanted):
            found[source, external_id] = id_, content_hash
    return found


def _insert(
    session: Session, fresh: Sequence[tuple[str, NewPetition, str]], moment: datetime
) -> None:
    if not fresh:
        return
    rows = [_petition_row(session, *one, moment) for one in fresh]
    _many(session, petitions, rows)
    people = [(id_, entry) for id_, entry, _ in fresh]
    add_people(session, people, moment)
    _many(
        session, replies, [row for id_, entry in people for row in reply_rows(id_, entry.replies)]
    )
    named = (
        user_rows(id_, row["level"], entry) for row, (id_, entry) in zip(rows, people, strict=True)
    )
    _many(session, petition_users, list(chain.from_iterable(named)))
    _many(
        session,
        status_changes,
        [
            {
                "petition_id": row["id"],
                "position": 1,
                "at": moment,
                "who": entry.registrar or entry.source or "records",
                "from_status": None,
                "to_status": row["status"],
                "reason": "registered",
            }
            for row, (_, entry) in zip(rows, people, strict=True)
        ],
    )


def _many(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection.execute(insert(table), rows)


def _petition_row(
    session: Session, id_: str, entry: NewPetition, content_hash: str, moment: datetime
) -> dict[str, Any]:
    received_at = utc(entry.received_at or entry.submitted_at or moment)
    return {
        "id": id_,
        "number": new_number(received_at),
        "source": entry.source,
        "external_id": entry.external_id,
        "petitioner": entry.petitioner,
        "subject": entry.subject,
        "subject_redacted": entry.subject_redacted,
        "text": entry.text,
        "text_redacted": entry.text_redacted,
        "text_source": entry.text_source,
        "text_confidence": entry.text_confidence,
        "received_at": received_at,
        "submitted_at": entry.submitted_at,
        "registered_at": moment,
        "region": entry.region,
        "category": entry.category,
        "category_source": category_source(entry),
        "category_confidence": entry.category_confidence,
        "status": entry.status or "REGISTERED",
        "channel": entry.channel or "letter",
        "level": entry.level or "open",
        "sealed": bool(entry.sealed),
        "published": bool(entry.published),
        "people_count": entry.people_count,
        "extra": sealed_json(session, entry.extra),
        "sort_order": order(received_at, id_),
        "content_hash": content_hash,
        "revision": 1,
    }


def category_source(entry: NewPetition) -> str | None:
    """Who said the category: as stated, else the import that named one."""
    return entry.category_source or ("import" if entry.category else None)


def sealed_json(session: Session, values: Any) -> bytes | None:
    """Unknown fields, encrypted; None when there are none."""
    if not values:
        return None
    try:
        plain = json.dumps(dict(values), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise BadValue(f"unknown fields can't be kept: {error}; use JSON's types") from error
    return session.keys.encrypt(EXTRA, plain)


def reply_rows(id_: str, given: Sequence[NewReply], first: int = 1) -> list[dict[str, Any]]:
    """Rows of replies, numbered from `first`."""
    return [
        {
            "id": new_id(),
            "petition_id": id_,
            "position": position,
            "kind": reply.kind,
            "text": reply.text,
            "text_redacted": reply.text_redacted,
            "text_source": reply.text_source,
            "text_confidence": reply.text_confidence,
            "replied_at": reply.replied_at,
            "body": reply.body,
            "transfer_only": reply.transfer_only,
        }
        for position, reply in enumerate(given, first)
    ]


def user_rows(id_: str, level: str, entry: NewPetition) -> list[dict[str, Any]]:
    """Rows of the users named on a petition, which has this level."""
    parts = [("handler", entry.handler), ("registrar", entry.registrar)]
    parts += [("named", user) for user in dict.fromkeys(entry.named)]
    return [
        {"petition_id": id_, "user_id": user, "part": part, "level": level}
        for part, user in parts
        if user is not None
    ]
