"""The log of who did what: each entry holds the hash of the one before it.

An entry is canonical JSON (sorted keys, ASCII, no blanks); `hash = SHA-256(0x00 ‖ entry)`, and the
next entry's `previous` is that hash. It is written in the transaction of the act itself: without
an entry there is no act. Texts of questions are never plain: a keyed hash and an encrypted copy.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from records.database import Session
from records.errors import BadValue, Damaged
from records.tables import audit_entries, audit_head
from records.times import now

START = "0" * 64
"""What stands as `previous` in the first entry."""

QUERY = "audit.query"
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    seq: int
    at: datetime
    actor: str
    action: str
    object_id: str | None
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`faults`: (entry's number, what is wrong with it), in order; empty when all is intact.

    `entries`, `head`: how many were read and the last hash. Keep both outside: a log that was
    replaced as a whole by an older one is intact in itself.
    """

    entries: int
    head: str
    faults: tuple[tuple[int, str], ...]

    @property
    def intact(self) -> bool:
        return not self.faults


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
    head = session.connection.execute(
        select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
    ).first()
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
    session.connection.execute(insert(audit_entries), row)
    session.connection.execute(update(audit_head).values(seq=seq, hash=row["hash"]))
    return int(seq)


def canonical(
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    object_id: str | None,
    details: Mapping[str, Any],
    previous: str,
) -> str:
    """The bytes that are hashed, as ASCII text. Raises BadValue for details JSON can't hold."""
    try:
        return json.dumps(
            {
                "action": action,
                "actor": actor,
                "at": at.isoformat(timespec="microseconds"),
                "details": details,
                "object": object_id,
                "previous": previous,
                "seq": seq,
            },
            sort_keys=True,
            separators=(",", ":"),
            allow_nan=False,
        )
    except (TypeError, ValueError) as error:
        raise BadValue(f"audit details of {action!r} must be JSON: {error}") from error


def entry_hash(entry: str) -> str:
    """SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry.encode()).hexdigest()


def verify(session: Session) -> AuditReport:
    """Read the whole log and recompute it: every entry, the chain between them, and its end."""
    faults: list[tuple[int, str]] = []
    count, last, previous = 0, 0, START
    wanted = select(audit_entries).order_by(audit_entries.c.seq).execution_options(yield_per=1000)
    rows = session.connection.execute(wanted)
    for row in rows:
        count += 1
        if row.seq != last + 1:
            faults.append((row.seq, f"entries from number {last + 1} on are missing before it"))
        faults += [(row.seq, fault) for fault in _faults(row, previous)]
        last, previous = row.seq, row.hash
    head = session.connection.execute(select(audit_head.c.seq, audit_head.c.hash)).first()
    if head is None:
        return AuditReport(count, previous, (*faults, (last, "the log has lost its head")))
    seq, hash_ = head
    if seq != last:
        faults.append((last, f"the log ends here, but entry {seq} was written"))
    elif hash_ != previous:
        faults.append((last, "it is not the entry that was written last"))
    return AuditReport(count, previous, tuple(faults))


def _faults(row: Row[Any], previous: str) -> list[str]:
    found = []
    if entry_hash(row.entry) != row.hash:
        found.append("its content was changed after it was written")
    try:
        held = json.loads(row.entry)
        again = canonical(
            row.seq, row.at, row.actor, row.action, row.object_id, held["details"], previous
        )
    except (ValueError, KeyError, TypeError):
        return [*found, "it is no longer an entry"]
    if held.get("previous") != previous:
        found.append("it does not follow the entry before it")
    elif again != row.entry:
        found.append("its columns say something else than its content")
    return found


def entries(
    session: Session, *, after: int = 0, limit: int = 100, actor: str | None = None
) -> tuple[AuditEntry, ...]:
    """Up to `limit` entries beyond number `after`, in order."""
    wanted = select(audit_entries).where(audit_entries.c.seq > after)
    if actor is not None:
        wanted = wanted.where(audit_entries.c.actor == actor)
    rows = session.connection.execute(wanted.order_by(audit_entries.c.seq).limit(limit))
    return tuple(
        AuditEntry(
            row.seq,
            row.at,
            row.actor,
            row.action,
            row.object_id,
            json.loads(row.entry)["details"],
            row.hash,
        )
        for row in rows
    )


def question(session: Session, entry: AuditEntry) -> str | None:
    """The text of the question that an entry is about, for those who may read it."""
    blob = entry.details.get("query")
    return None if blob is None else session.keys.decrypt(QUERY, base64.b64decode(blob))
