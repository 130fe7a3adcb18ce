"""The log of who did what: each entry holds the hash of the one before it (`audit_chain`).

An entry is written in the transaction of the act itself: without an entry there is no act. Texts
of questions are never plain: a keyed hash and an encrypted copy.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Result,
    Row,
    case,
    cast,
    func,
    insert,
    select,
    update,
)

from records.audit_chain import START, AuditReport, Chain, canonical, entry_hash
from records.database import Session
from records.drivers import SERVER
from records.errors import Damaged
from records.tables import audit_entries, audit_head
from records.times import now

QUERY = "audit.query"
NOTHING: Mapping[str, Any] = {}

# made once: building a statement costs as much as running it
_HEAD = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
_ADD = insert(audit_entries)
_MOVE = update(audit_head)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    seq: int
    at: datetime
    actor: str
    action: str
    object_id: str | None
    details: Mapping[str, Any]
    hash: str


def write(
    session: Session,
    actor: str,
    action: str,
    object_id: str | None = None,
    details: Mapping[str, Any] = NOTHING,
    *,
    query: str | None = None,
) -> int:
    """Add an entry; its number. `actor`: a user id or the name of a process.

    `details` must hold no personal data. `query`, the text of a question, is kept as a keyed
    hash (`query_hash`) and encrypted (`query`). Raises BadValue, and Damaged for a broken log.
    """
    head = session.connection.execute(_HEAD).first()
    if head is None:
        raise Damaged("the audit has lost its head: restore the database from a backup")
    seq, previous = head.seq + 1, head.hash
    kept = dict(details)
    if query is not None:
        blob = session.keys.encrypt(QUERY, query)
        kept |= {
            "query_hash": session.keys.hash(QUERY, query),
            "query": base64.b64encode(blob).decode("ascii"),
        }
    at = now()
    entry = canonical(seq, at, actor, action, object_id, kept, previous)
    row = {
        "seq": seq,
        "at": at,
        "actor": actor,
        "action": action,
        "object_id": object_id,
        "entry": entry,
        "hash": entry_hash(entry),
    }
    session.connection.execute(_ADD, row)
    session.connection.execute(_MOVE, {"seq": seq, "hash": row["hash"]})
    return int(seq)


def verify(
    session: Session, wanted: Collection[int] = (), after: tuple[int, str] | None = None
) -> AuditReport:
    """Read the whole log and recompute it: every entry, the chain between them, and its end.

    `wanted`: numbers of entries whose hashes the report is to hold. `after`: number and hash of an
    entry that was verified before; only what follows it is read.
    """
    chain = Chain(wanted)
    if after is not None:
        number, hash_ = after
        chain = Chain(wanted, number, hash_, number, hashes={0: START, number: hash_})
    for row in _stored(session, chain.last):
        held = chain.follow(row.entry or b"", row.seq)
        if row.hash != chain.head.encode():
            chain.fault(row.seq, "its content was changed after it was written")
        if held is not None and not _same(row, held):
            chain.fault(row.seq, "its columns say something else than its content")
    stated = select(audit_head.c.seq, _raw(session, audit_head.c.hash))
    head = session.connection.execute(stated).first()
    if head is None:
        chain.fault(chain.last, "the log has lost its head")
    elif head.seq != chain.last:
        chain.fault(chain.last, f"the log ends here, but entry {head.seq} was written")
    elif head.hash != chain.head.encode():
        chain.fault(chain.last, "it is not the entry that was written last")
    return chain.report()


def lines(session: Session) -> Iterator[bytes]:
    """The entries in order, as they are stored, byte by byte."""
    for row in _stored(session):
        yield row.entry or b""


def last_number(session: Session) -> int:
    """The number of the last entry, 0 for an empty log."""
    return int(session.connection.execute(select(audit_head.c.seq)).scalar() or 0)


def _stored(session: Session, after: int = 0) -> Result[Any]:
    """The rows beyond a number in order, their texts as bytes."""
    kept = audit_entries.c
    at = kept.at if _on_server(session) else _raw(session, kept.at)
    texts = (kept.actor, kept.action, kept.object_id, kept.entry, kept.hash)
    found = select(kept.seq, at, *(_raw(session, one) for one in texts)).order_by(kept.seq)
    if after:
        found = found.where(kept.seq > after)
    return session.connection.execute(found.execution_options(yield_per=1000))


def _raw(session: Session, column: Column[Any]) -> ColumnElement[bytes]:
    """A text as the bytes that are stored, though they be no text any more. SQLite: NULL for what
    is stored as something else."""
    if _on_server(session):
        return func.convert_to(column, "UTF8").label(column.name)
    as_bytes = cast(column, LargeBinary)
    return case((func.typeof(column) == "text", as_bytes)).label(column.name)


def _on_server(session: Session) -> bool:
    return session.connection.dialect.name == SERVER


def _same(row: Row[Any], held: Mapping[str, Any]) -> bool:
    """Whether the columns that entries are looked up by say what the entry says."""
    if isinstance(row.at, datetime):
        at = row.at.isoformat(timespec="microseconds").encode()
    else:  # SQLite's text: UTC, a blank between day and time
        at = (row.at or b"").replace(b" ", b"T", 1) + b"+00:00"
    said = [held[name] for name in ("at", "actor", "action", "object")]
    plain = [one.encode("utf-8", "surrogatepass") if isinstance(one, str) else one for one in said]
    return plain == [at, row.actor, row.action, row.object_id]


def entries(
    session: Session, *, after: int = 0, limit: int = 100, actor: str | None = None
) -> tuple[AuditEntry, ...]:
    """Up to `limit` entries beyond number `after`, in order."""
    wanted = select(audit_entries).where(audit_entries.c.seq > after)
    if actor is not None:
        wanted = wanted.where(audit_entries.c.actor == actor)
    rows = session.connection.execute(wanted.order_by(audit_entries.c.seq).limit(limit))
    return tuple(map(_entry, rows))


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        row.seq,
        row.at,
        row.actor,
        row.action,
        row.object_id,
        json.loads(row.entry)["details"],
        row.hash,
    )


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries: of whom, which action, from `since` (included) until `until` (excluded)."""

    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def newest(
    session: Session, wanted: LogFilter, before: int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """Up to `limit` entries, newest first; `before`: those with a smaller number."""
    kept, found = audit_entries.c, select(audit_entries)
    if wanted.actor is not None:
        found = found.where(kept.actor == wanted.actor)
    if wanted.action is not None:
        found = found.where(kept.action == wanted.action)
    if wanted.since is not None:
        found = found.where(kept.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(kept.at < wanted.until)
    if before is not None:
        found = found.where(kept.seq < before)
    rows = session.connection.execute(found.order_by(kept.seq.desc()).limit(limit))
    return tuple(map(_entry, rows))


def question(session: Session, entry: AuditEntry) -> str | None:
    """The text of the question that an entry is about, for those who may read it."""
    blob = entry.details.get("query")
    return None if blob is None else session.keys.decrypt(QUERY, base64.b64decode(blob))
