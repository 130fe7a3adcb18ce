"""Intake items: files on their way through the stages, and what is told about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select, update

from records.database import Session
from records.entries import NewPetition
from records.errors import NotFound
from records.originals import Original
from records.tables import intake_items

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
    belongs to; neither: decided by a later stage (`attach`). `within`: an id of what the file
    hangs on, where the same content may come again elsewhere (a logo attached to two mails).
    """

    original: Original
    path: str
    name: str
    role: str = "letter"
    media_type: str | None = None
    parent_id: str | None = None
    within: str = ""
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
    return read_items(session, wanted)


def remarks(session: Session, batch_id: str) -> tuple[Item, ...]:
    """Items that went well but whose message a person should read, in order of arrival."""
    kept = intake_items.c
    well = kept.state.in_([State.PENDING, State.RUNNING, State.DONE])
    wanted = select(intake_items).where(
        kept.batch_id == batch_id, well, kept.error_code.is_(None), kept.error_message.is_not(None)
    )
    return read_items(session, wanted)


def running(session: Session) -> tuple[Item, ...]:
    """Claimed items."""
    return read_items(session, select(intake_items).where(intake_items.c.state == State.RUNNING))


def items(session: Session, batch_id: str) -> tuple[Item, ...]:
    """All items of a batch in order of arrival."""
    return read_items(session, select(intake_items).where(intake_items.c.batch_id == batch_id))


def items_of(session: Session, petition_id: str) -> tuple[Item, ...]:
    """All items of a petition: what the progress of an upload is read from."""
    return read_items(
        session, select(intake_items).where(intake_items.c.petition_id == petition_id)
    )


def require_item(session: Session, id_: str) -> Item:
    """The item of this id. Raises NotFound."""
    found = read_items(session, select(intake_items).where(intake_items.c.id == id_))
    if not found:
        raise NotFound(f"there is no intake item {id_!r}")
    return found[0]


def by_identity(session: Session, batch_id: str, *identities: str) -> dict[str, Item]:
    """The items of a batch that are these files, by their identity."""
    kept = intake_items.c
    wanted = select(intake_items).where(kept.batch_id == batch_id, kept.identity.in_(identities))
    return {row.identity: item_of(session, row) for row in session.connection.execute(wanted)}


def read_items(session: Session, wanted: Any) -> tuple[Item, ...]:
    """The items that a statement selects, in order of arrival."""
    rows = session.connection.execute(wanted.order_by(intake_items.c.position))
    return tuple(item_of(session, row) for row in rows)


def item_of(session: Session, row: Row[Any]) -> Item:
    """The item of a whole row."""
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


def set_values(session: Session, id_: str, **values: Any) -> None:
    """Write columns of one item."""
    session.connection.execute(
        update(intake_items).where(intake_items.c.id == id_).values(**values)
    )
