"""The work queue of ingestion: each file has a stage and a state, and is claimed by a lease.

receive -> extract -> describe -> index; every step is one transaction, so that a crash at any
moment leaves a file where it was, and the next run goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from records.database import Session
from records.entries import NewPetition
from records.errors import BadValue, LeaseLost, NotFound
from records.files import add_file
from records.ids import new_id
from records.originals import Original
from records.registration import add
from records.tables import batches, intake_items
from records.times import now

GIVEN = "intake_items.given"
ROLES = ("letter", "reply", "attachment", "archive")


class Stage(StrEnum):
    RECEIVE = "receive"
    EXTRACT = "extract"
    DESCRIBE = "describe"
    INDEX = "index"


class State(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    PARKED = "parked"  # waits for something outside, e.g. the letter that a reply belongs to


STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Item:
    """One file on its way. `given`: fields from the manifest or form. `produced`: stage -> version
    of what produced it. `parent_id`: the archive or mail that it came out of."""

    id: str
    batch_id: str
    position: int
    path: str
    name: str
    sha256: str | None
    size: int
    role: str
    parent_id: str | None
    petition_id: str | None
    given: Mapping[str, Any]
    stage: Stage
    state: State
    error_code: str | None
    error_message: str | None
    remedy: str | None
    attempts: int
    worker: str | None
    lease_until: datetime | None
    produced: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """`known`: this file was in the batch already, in this role; nothing was added."""

    item: Item
    known: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file whose original is stored, about to enter the queue.

    `petition`: registered together with it (an upload or a letter); `petition_id`: one that it
    belongs to; neither: decided by a later stage (`attach`).
    """

    original: Original
    path: str
    name: str
    role: str = "letter"
    media_type: str | None = None
    parent_id: str | None = None
    petition: NewPetition | None = None
    petition_id: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage = Stage.EXTRACT


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item failed: a stable code, the cause, and what to do about it."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of a batch's items by state; `stages`: of those not done or failed, by stage."""

    total: int
    pending: int
    running: int
    done: int
    failed: int
    parked: int
    stages: Mapping[str, int]


def batch(session: Session, name: str) -> str:
    """The id of the batch of this name, made when it is new: a run again goes on with it."""
    found = session.connection.execute(select(batches.c.id).where(batches.c.name == name)).scalar()
    if found is not None:
        return str(found)
    id_ = new_id()
    session.connection.execute(insert(batches).values(id=id_, name=name, made_at=now()))
    return id_


def receive(session: Session, batch_id: str, arrival: Arrival) -> Received:
    """Take a stored file into the queue, its petition registered in the same transaction.

    The same content in the same role and batch again is known, not doubled.
    """
    _require_role(arrival.role)
    identity = f"{arrival.role}:{arrival.original.sha256}"
    found = _by_identity(session, batch_id, identity)
    if found is not None:
        return Received(found, known=True)
    petition_id = arrival.petition_id
    if arrival.petition is not None:
        petition_id = add(session, arrival.petition).id
    refused = _by_identity(session, batch_id, f"path:{arrival.path}")
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
        id_ = _insert(session, batch_id, arrival.path, values)
    else:  # it was refused before and is sound now
        id_ = refused.id
        _set(session, id_, **values)
    if petition_id is not None and arrival.role != "archive":
        add_file(
            session,
            petition_id,
            arrival.original,
            arrival.name,
            role=arrival.role,
            media_type=arrival.media_type,
        )
    return Received(require_item(session, id_), known=False)


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
    found = _by_identity(session, batch_id, f"path:{path}")
    if found is None:
        id_ = _insert(session, batch_id, path, {"identity": f"path:{path}", **values})
    else:
        id_ = found.id
        _set(session, id_, **values)
    return require_item(session, id_)


def attach(session: Session, item_id: str, petition_id: str, media_type: str | None = None) -> None:
    """Say to which petition a file belongs, e.g. a reply to its letter."""
    item = require_item(session, item_id)
    _set(session, item_id, petition_id=petition_id, changed_at=now())
    if item.sha256 is not None and item.role != "archive":
        original = Original(item.sha256, item.size)
        add_file(session, petition_id, original, item.name, role=item.role, media_type=media_type)


def claim(
    session: Session, worker: str, seconds: float, stages: Sequence[Stage] = STAGES
) -> Item | None:
    """Take the next pending item for `seconds`; None when there is none. Use a write transaction.

    First the items that are furthest on, so that letters become findable early.
    """
    kept = intake_items.c
    for stage in sorted(stages, key=STAGES.index, reverse=True):
        id_ = session.connection.execute(
            select(kept.id)
            .where(kept.state == State.PENDING, kept.stage == stage)
            .order_by(kept.position)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).scalar()
        if id_ is not None:
            moment = now()
            _set(
                session,
                id_,
                state=State.RUNNING,
                worker=worker,
                lease_until=moment + timedelta(seconds=seconds),
                attempts=kept.attempts + 1,
                changed_at=moment,
            )
            return require_item(session, id_)
    return None


def renew(session: Session, item: Item, seconds: float) -> None:
    """Hold a claim for longer. Raises LeaseLost when another has it."""
    _require_lease(session, item)
    _set(session, item.id, lease_until=now() + timedelta(seconds=seconds))


def finish(session: Session, item: Item, version: str, next_stage: Stage | None) -> None:
    """The item's stage is done, made by `version`; `next_stage` is next, None: all is done.

    Call it in the transaction that writes the stage's results. Raises LeaseLost when another
    worker has the item by now: then nothing of the transaction may stay.
    """
    _require_lease(session, item)
    _set(
        session,
        item.id,
        stage=next_stage or item.stage,
        state=State.PENDING if next_stage else State.DONE,
        produced={**item.produced, item.stage: version},
        attempts=0,
        **_FREE,
    )


def fail(session: Session, item: Item, failure: Failure) -> None:
    """The item can't be worked on; it is listed by `failures`. Raises LeaseLost."""
    _require_lease(session, item)
    _set(session, item.id, state=State.FAILED, **_reasons(failure), **_FREE)


def park(session: Session, item: Item, failure: Failure) -> None:
    """The item waits for something outside; `retry` wakes it. Raises LeaseLost."""
    _require_lease(session, item)
    _set(session, item.id, state=State.PARKED, **_reasons(failure), **_FREE)


def retry(session: Session, item_ids: Iterable[str], stage: Stage | None = None) -> int:
    """Put failed, parked or done items back into the queue, from `stage` or where they stand."""
    kept, count = intake_items.c, 0
    for id_ in item_ids:
        values: dict[str, Any] = {"state": State.PENDING, "attempts": 0, **_FREE, **_NO_REASONS}
        if stage is not None:
            values["stage"] = stage
        count += session.connection.execute(
            update(intake_items)
            .where(kept.id == id_, kept.state != State.RUNNING, kept.sha256.is_not(None))
            .values(changed_at=now(), **values)
        ).rowcount
    return count


def release_expired(session: Session, most_attempts: int = 20) -> int:
    """Give back items whose lease ran out; how many. One that lost its worker `most_attempts`
    times at one stage has failed."""
    kept = intake_items.c
    lost = session.connection.execute(
        select(kept.id, kept.worker, kept.attempts)
        .where(kept.state == State.RUNNING, kept.lease_until < now())
        .with_for_update(skip_locked=True)
    ).all()
    return _release(session, lost, most_attempts)


def release_worker(session: Session, worker: str, most_attempts: int = 20) -> int:
    """Give back at once what a worker that is known to be dead had claimed; how many."""
    kept = intake_items.c
    lost = session.connection.execute(
        select(kept.id, kept.worker, kept.attempts).where(
            kept.state == State.RUNNING, kept.worker == worker
        )
    ).all()
    return _release(session, lost, most_attempts)


def progress(session: Session, batch_id: str | None = None) -> Progress:
    """Counts of one batch, or of all."""
    kept = intake_items.c
    wanted = select(kept.state, kept.stage, func.count().label("items"))
    if batch_id is not None:
        wanted = wanted.where(kept.batch_id == batch_id)
    states: dict[str, int] = dict.fromkeys(State, 0)
    stages: dict[str, int] = dict.fromkeys(Stage, 0)
    for row in session.connection.execute(wanted.group_by(kept.state, kept.stage)):
        states[row.state] += row.items
        if row.state not in (State.DONE, State.FAILED):
            stages[row.stage] += row.items
    return Progress(total=sum(states.values()), stages=stages, **states)


def failures(session: Session, batch_id: str | None = None) -> tuple[Item, ...]:
    """Failed and parked items with cause and remedy, in order of arrival."""
    kept = intake_items.c
    wanted = select(intake_items).where(kept.state.in_([State.FAILED, State.PARKED]))
    if batch_id is not None:
        wanted = wanted.where(kept.batch_id == batch_id)
    return _items(session, wanted)


def running(session: Session) -> tuple[Item, ...]:
    """Claimed items."""
    return _items(session, select(intake_items).where(intake_items.c.state == State.RUNNING))


def items(session: Session, batch_id: str) -> tuple[Item, ...]:
    """All items of a batch in order of arrival."""
    return _items(session, select(intake_items).where(intake_items.c.batch_id == batch_id))


def items_of(session: Session, petition_id: str) -> tuple[Item, ...]:
    """All items of a petition: what the progress of an upload is read from."""
    return _items(session, select(intake_items).where(intake_items.c.petition_id == petition_id))


def require_item(session: Session, id_: str) -> Item:
    """The item of this id. Raises NotFound."""
    found = _items(session, select(intake_items).where(intake_items.c.id == id_))
    if not found:
        raise NotFound(f"there is no intake item {id_!r}")
    return found[0]


_FREE: dict[str, Any] = {"worker": None, "lease_until": None}
_NO_REASONS: dict[str, Any] = {"error_code": None, "error_message": None, "remedy": None}


def _reasons(failure: Failure) -> dict[str, Any]:
    return {
        "error_code": failure.code,
        "error_message": failure.message,
        "remedy": failure.remedy,
        "changed_at": now(),
    }


def _release(session: Session, lost: Sequence[Any], most_attempts: int) -> int:
    for row in lost:
        values: dict[str, Any] = {"state": State.PENDING, **_FREE, "changed_at": now()}
        if row.attempts >= most_attempts:
            values |= {"state": State.FAILED} | _reasons(
                Failure(
                    "worker_lost",
                    f"{row.attempts} workers in a row died while working on this file",
                    "look at the file by itself; raise the memory limit and retry it",
                )
            )
        _set(session, row.id, **values)
    return len(lost)


def _require_lease(session: Session, item: Item) -> None:
    kept = intake_items.c
    row = session.connection.execute(
        select(kept.state, kept.worker, kept.stage, kept.attempts)
        .where(kept.id == item.id)
        .with_for_update()
    ).first()
    held = (State.RUNNING, item.worker, item.stage, item.attempts)
    if row is None or tuple(row) != held:
        raise LeaseLost(f"{item.path}: another worker has taken this file over")


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise BadValue(f"no role {role!r} of a file; use one of {', '.join(ROLES)}")


def _by_identity(session: Session, batch_id: str, identity: str) -> Item | None:
    kept = intake_items.c
    wanted = select(intake_items).where(kept.batch_id == batch_id, kept.identity == identity)
    return next(iter(_items(session, wanted)), None)


def _insert(session: Session, batch_id: str, path: str, values: dict[str, Any]) -> str:
    id_ = new_id()
    last = session.connection.execute(select(func.max(intake_items.c.position))).scalar() or 0
    session.connection.execute(
        insert(intake_items).values(
            id=id_,
            batch_id=batch_id,
            path=path,
            position=last + 1,
            attempts=0,
            produced={},
            **values,
        )
    )
    return id_


def _set(session: Session, id_: str, **values: Any) -> None:
    session.connection.execute(
        update(intake_items).where(intake_items.c.id == id_).values(**values)
    )


def _sealed(session: Session, given: Mapping[str, Any]) -> bytes | None:
    if not given:
        return None
    return session.keys.encrypt(GIVEN, json.dumps(dict(given), ensure_ascii=False))


def _items(session: Session, wanted: Any) -> tuple[Item, ...]:
    rows = session.connection.execute(wanted.order_by(intake_items.c.position))
    return tuple(_item(session, row) for row in rows)


def _item(session: Session, row: Row[Any]) -> Item:
    given = json.loads(session.keys.decrypt(GIVEN, row.given)) if row.given else {}
    return Item(
        id=row.id,
        batch_id=row.batch_id,
        position=row.position,
        path=row.path,
        name=row.name,
        sha256=row.sha256,
        size=row.size,
        role=row.role,
        parent_id=row.parent_id,
        petition_id=row.petition_id,
        given=given,
        stage=Stage(row.stage),
        state=State(row.state),
        error_code=row.error_code,
        error_message=row.error_message,
        remedy=row.remedy,
        attempts=row.attempts,
        worker=row.worker,
        lease_until=row.lease_until,
        produced=row.produced,
    )
