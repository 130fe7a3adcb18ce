"""Claiming work: an item is lent to a worker for a while, and comes back when it dies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update

from records.database import Session
from records.errors import LeaseLost
from records.intake_items import (
    STAGES,
    Failure,
    Item,
    Stage,
    State,
    item_of,
    set_values,
)
from records.tables import intake_items, petitions
from records.times import now

_FREE: dict[str, Any] = {"worker": None, "lease_until": None}
_NO_REASONS: dict[str, Any] = {"error_code": None, "error_message": None, "remedy": None}


def _next() -> Any:
    """Statement: the first item of a stage that may be worked on becomes the worker's."""
    kept, other = intake_items.c, intake_items.alias()
    before = (
        exists()
        .where(other.c.petition_id == kept.petition_id)
        .where(other.c.position < kept.position)
        .where(other.c.state.in_((State.PENDING, State.RUNNING)), other.c.stage != Stage.INDEX)
    )
    first = (
        select(kept.id)
        .where(kept.state == State.PENDING, kept.stage == bindparam("of_stage"), ~before)
        .order_by(kept.position)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        update(intake_items)
        .where(kept.id == first.scalar_subquery())
        .values(
            state=State.RUNNING,
            worker=bindparam("by_worker"),
            lease_until=bindparam("until"),
            attempts=kept.attempts + 1,
            changed_at=bindparam("moment"),
        )
        .returning(intake_items)
    )


_NEXT = _next()  # made once: building a statement costs as much as running it


def claim(
    session: Session, worker: str, seconds: float, stages: Sequence[Stage] = STAGES
) -> Item | None:
    """Take the next pending item for `seconds`; None when there is none. Use a write transaction.

    First the items that are furthest on, so that letters become findable early. The files of one
    petition are taken one after the other, as they came: their pages are numbered in that order.
    """
    moment = now()
    given = {"by_worker": worker, "until": moment + timedelta(seconds=seconds), "moment": moment}
    for stage in sorted(stages, key=STAGES.index, reverse=True):
        row = session.connection.execute(_NEXT, {**given, "of_stage": stage}).first()
        if row is not None:
            return item_of(session, row)
    return None


def let_go(session: Session, version: str, limit: int) -> int:
    """End up to `limit` items whose letters the index holds by now, or could not take; how many."""
    kept, letter = intake_items.c, petitions.c
    told = (letter.indexed_revision >= letter.revision) | (
        letter.failed_revision >= letter.revision
    )
    rows = session.connection.execute(
        select(kept.id, kept.produced, letter.indexed_revision, letter.revision, letter.index_error)
        .select_from(intake_items.outerjoin(petitions, letter.id == kept.petition_id))
        .where(kept.state == State.PENDING, kept.stage == Stage.INDEX)
        .where(kept.petition_id.is_(None) | told)
        .order_by(kept.position)
        .limit(limit)
        .with_for_update(skip_locked=True, of=intake_items)
    ).all()
    done = []
    for row in rows:
        if row.revision is None or row.indexed_revision >= row.revision:
            done.append({"the_id": row.id, "made": {**row.produced, Stage.INDEX: version}})
            continue
        failure = Failure(
            "index_failed", f"it can't be indexed ({row.index_error})", "report this message"
        )
        set_values(session, row.id, state=State.FAILED, **_reasons(failure))
    if done:
        session.connection.execute(
            update(intake_items)
            .where(kept.id == bindparam("the_id"))
            .values(state=State.DONE, produced=bindparam("made"), changed_at=now(), attempts=0),
            done,
        )
    return len(rows)


def renew(session: Session, item: Item, seconds: float) -> None:
    """Hold a claim for longer. Raises LeaseLost when another has it."""
    _set_held(session, item, lease_until=now() + timedelta(seconds=seconds))


def finish(session: Session, item: Item, version: str, next_stage: Stage | None) -> None:
    """The item's stage is done, made by `version`; `next_stage` is next, None: all is done.

    Call it in the transaction that writes the stage's results. Raises LeaseLost when another
    worker has the item by now: then nothing of the transaction may stay.
    """
    _set_held(
        session,
        item,
        state=State.PENDING if next_stage else State.DONE,
        stage=next_stage or item.stage,
        produced={**item.produced, item.stage: version},
        attempts=0,
        changed_at=now(),
        **_FREE,
    )


def remark(session: Session, item: Item, message: str, remedy: str) -> None:
    """Keep what a person should know of an item that went well. Raises LeaseLost."""
    _set_held(session, item, error_message=message, remedy=remedy)


def fail(session: Session, item: Item, failure: Failure) -> None:
    """The item can't be worked on; it is listed by `failures`. Raises LeaseLost."""
    _set_held(session, item, state=State.FAILED, **_reasons(failure), **_FREE)


def park(session: Session, item: Item, failure: Failure) -> None:
    """The item waits for something outside; `retry` wakes it. Raises LeaseLost."""
    _set_held(session, item, state=State.PARKED, **_reasons(failure), **_FREE)


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


def _set_held(session: Session, item: Item, **values: Any) -> None:
    """Write columns of an item that its worker still has. Raises LeaseLost."""
    kept = intake_items.c
    changed = session.connection.execute(
        update(intake_items)
        .where(kept.id == item.id, kept.state == State.RUNNING, kept.worker == item.worker)
        .where(kept.stage == item.stage, kept.attempts == item.attempts)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise LeaseLost(f"{item.path}: another worker has taken this file over")
