"""The work queue of ingestion: each file has a stage and a state, and is claimed by a lease.

receive -> extract -> describe -> index; every step is one transaction, so that a crash at any
moment leaves a file where it was, and the next run goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select

from records.database import Session, insert_unless_known
from records.errors import BadValue
from records.files import add_file
from records.ids import new_id
from records.intake_items import (
    GIVEN,
    ROLES,
    STAGES,
    Arrival,
    Failure,
    Item,
    Progress,
    Received,
    Stage,
    State,
    by_identity,
    failures,
    item_of,
    items,
    items_of,
    progress,
    require_item,
    running,
    set_values,
)
from records.originals import Original
from records.queue import (
    claim,
    fail,
    finish,
    park,
    release_expired,
    release_worker,
    renew,
    retry,
)
from records.registration import add
from records.tables import batches, intake_items
from records.times import now

__all__ = [
    "ROLES",
    "STAGES",
    "Arrival",
    "Failure",
    "Item",
    "Progress",
    "Received",
    "Stage",
    "State",
    "attach",
    "batch",
    "claim",
    "fail",
    "failures",
    "finish",
    "items",
    "items_of",
    "park",
    "progress",
    "receive",
    "refuse",
    "release_expired",
    "release_worker",
    "renew",
    "require_item",
    "retry",
    "running",
]


def batch(session: Session, name: str) -> str:
    """The id of the batch of this name, made when it is new: a run again goes on with it."""
    insert_unless_known(session, batches, [{"id": new_id(), "name": name, "made_at": now()}])
    found = select(batches.c.id).where(batches.c.name == name)
    return str(session.connection.execute(found).scalar_one())


def receive(session: Session, batch_id: str, arrival: Arrival) -> Received:
    """Take a stored file into the queue, its petition registered in the same transaction.

    The same content in the same role and batch (and within the same thing) again is known, not
    doubled.
    """
    _require_role(arrival.role)
    identity = f"{arrival.role}:{arrival.within}:{arrival.original.sha256}"
    known = by_identity(session, batch_id, identity, f"path:{arrival.path}")
    if identity in known:
        return Received(known[identity], known=True)
    petition_id = arrival.petition_id
    if arrival.petition is not None:
        petition_id = add(session, arrival.petition).id
    refused = next(iter(known.values()), None)
    values = {
        "identity": identity,
        "name": arrival.name,
        "sha256": arrival.original.sha256,
        "size": arrival.original.size,
        "role": arrival.role,
        "parent_id": arrival.parent_id,
        "petition_id": petition_id,
        "given": _sealed(session, arrival.given),
        "stage": arrival.stage,
        "state": State.PENDING,
        "error_code": None,
        "error_message": None,
        "remedy": None,
        "changed_at": now(),
    }
    if refused is None:
        item = _insert(session, batch_id, arrival.path, values)
    else:  # it was refused before and is sound now
        set_values(session, refused.id, **values)
        item = require_item(session, refused.id)
    if petition_id is not None and arrival.role != "archive":
        add_file(
            session,
            petition_id,
            arrival.original,
            arrival.name,
            role=arrival.role,
            media_type=arrival.media_type,
        )
    return Received(item, known=False)


def refuse(
    session: Session, batch_id: str, path: str, name: str, failure: Failure, size: int = 0
) -> Item:
    """Note a file that could not be received at all (empty, too large, unreadable)."""
    values = {
        "name": name,
        "size": size,
        "role": "letter",
        "stage": Stage.RECEIVE,
        "state": State.FAILED,
        "error_code": failure.code,
        "error_message": failure.message,
        "remedy": failure.remedy,
        "changed_at": now(),
    }
    found = by_identity(session, batch_id, f"path:{path}")
    if not found:
        return _insert(session, batch_id, path, {"identity": f"path:{path}", **values})
    (known,) = found.values()
    set_values(session, known.id, **values)
    return require_item(session, known.id)


def attach(session: Session, item_id: str, petition_id: str, media_type: str | None = None) -> None:
    """Say to which petition a file belongs, e.g. a reply to its letter."""
    item = require_item(session, item_id)
    set_values(session, item_id, petition_id=petition_id, changed_at=now())
    if item.sha256 is not None and item.role != "archive":
        original = Original(item.sha256, item.size)
        add_file(session, petition_id, original, item.name, role=item.role, media_type=media_type)


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise BadValue(f"no role {role!r} of a file; use one of {', '.join(ROLES)}")


def _insert(session: Session, batch_id: str, path: str, values: dict[str, Any]) -> Item:
    last = session.connection.execute(select(func.max(intake_items.c.position))).scalar() or 0
    row = {
        "id": new_id(),
        "batch_id": batch_id,
        "path": path,
        "position": last + 1,
        "attempts": 0,
        "produced": {},
        **values,
    }
    made = session.connection.execute(insert(intake_items).returning(intake_items), row)
    return item_of(session, made.one())


def _sealed(session: Session, given: Mapping[str, Any]) -> bytes | None:
    if not given:
        return None
    return session.keys.encrypt(GIVEN, json.dumps(dict(given), ensure_ascii=False))
