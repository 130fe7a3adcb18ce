"""Claiming work: an item is lent to a worker for a while, and comes back when it dies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select, update

from records.database import Session
from records.errors import LeaseLost
from records.intake_items import (
    STAGES,
    Failure,
    Item,
    Stage,
    State,
    require_item,
    set_values,
)
from records.tables import intake_items
from records.times import now

_FREE: dict[str, Any] = {"worker": None, "lease_until": None}
_NO_REASONS: dict[str, Any] = {"error_code": None, "error_message": None, "remedy": None}


def claim(
    session: Session, worker: str, seconds: float, stages: Sequence[Stage] = STAGES
) -> Item | None:
    """Take the next pending item for `seconds`; None when there is none. Use a write transaction.

    First the items that are furthest on, so that letters become findable early. The files of one
    petition are taken one after the other, as they came: their pages are numbered in that order.
    """
    kept, other = intake_items.c, intake_items.alias()
    before = (
        exists()
        .where(other.c.petition_id == kept.petition_id)
        .where(other.c.position < kept.position)
        .where(other.c.state.in_((State.PENDING, State.RUNNING)))
    )
    for stage in sorted(stages, key=STAGES.index, reverse=True):
        id_ = session.connection.execute(
            select(kept.id)
            .where(kept.state == State.PENDING, kept.stage == stage, ~before)
            .order_by(kept.position)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).scalar()
        if id_ is not None:
            moment = now()
            set_values(
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
    set_values(session, item.id, lease_until=now() + timedelta(seconds=seconds))


def finish(session: Session, item: Item, version: str, next_stage: Stage | None) -> None:
    """The item's stage is done, made by `version`; `next_stage` is next, None: all is done.

    Call it in the transaction that writes the stage's results. Raises LeaseLost when another
    worker has the item by now: then nothing of the transaction may stay.
    """
    _require_lease(session, item)
    set_values(
        session,
        item.id,
        stage=next_stage or item.stage,
        state=State.PENDING if next_stage else State.DONE,
        produced={**item.produced, item.stage: version},
        attempts=0,
        **_FREE,
    )


def remark(session: Session, item: Item, message: str, remedy: str) -> None:
    """Keep what a person should know of an item that went well. Raises LeaseLost."""
    _require_lease(session, item)
    set_values(session, item.id, error_message=message, remedy=remedy)


def fail(session: Session, item: Item, failure: Failure) -> None:
    """The item can't be worked on; it is listed by `failures`. Raises LeaseLost."""
    _require_lease(session, item)
    set_values(session, item.id, state=State.FAILED, **_reasons(failure), **_FREE)


def park(session: Session, item: Item, failure: Failure) -> None:
    """The item waits for something outside; `retry` wakes it. Raises LeaseLost."""
    _require_lease(session, item)
    set_values(session, item.id, state=State.PARKED, **_reasons(failure), **_FREE)


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
        select(kept.id, kept.worker, kept.attempts)
        .where(kept.state == State.RUNNING, kept.worker == worker)
        .with_for_update(skip_locked=True)  # another may be giving them back, or be at the last
    ).all()
    return _release(session, lost, most_attempts)


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
        set_values(session, row.id, **values)
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
