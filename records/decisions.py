"""What people decided of a letter that may be a repeat or a duplicate, and taking that back.

A decision overwrites nothing: the letter keeps its text, date and scan, whatever matter it joins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update

from records.changes import change_status, hold
from records.clocks import AWAITED
from records.database import Session
from records.errors import CannotDecide, Changed, NotFound
from records.ids import new_id
from records.matters import join_matter, leave_matter, matter, open_matter
from records.persons import FOUND, Within, reached
from records.statuses import MERGED, STATUSES
from records.tables import URGED, duplicate_decisions, petitions, status_changes
from records.times import now


class Kind(StrEnum):
    """What was decided of the letter, looked at beside an earlier one."""

    REPEAT = "repeat"  # 确认重复: of the earlier one's matter
    MERGE = "merge"  # 并案: handled together with it
    RELATED = "related"  # 关联: another matter that belongs to it
    SAME_PERSON = "same_person"  # 同人不同事
    NEW = "new"  # 新件: nothing earlier
    NOT_ACCEPTED = "not_accepted"  # 不予受理: the matter is being handled
    NO_LONGER = "no_longer"  # 不再受理: the matter is finally decided
    URGE = "urge"  # 催办: the person writes again, so who handles the earlier one is reminded


JOINING: Final = frozenset({Kind.REPEAT, Kind.MERGE, Kind.NOT_ACCEPTED, Kind.NO_LONGER, Kind.URGE})
"""Those that put the letter into the earlier one's matter."""

GROUNDED: Final = frozenset({Kind.RELATED, Kind.NOT_ACCEPTED, Kind.NO_LONGER, Kind.URGE})
"""Those that need a reason: of law for `NOT_ACCEPTED` and `NO_LONGER`, for `URGE` what is told to
who handles the letter."""

ALONE: Final = frozenset({Kind.NEW, Kind.URGE})
"""Those that are taken without another letter; for `NEW` there must be none."""

URGED_AGAIN: Final = timedelta(days=1)
"""Who handles a letter is reminded of it once in that time, unless another letter came."""

_LEADS_TO: Final = {
    Kind.MERGE: MERGED,
    Kind.NOT_ACCEPTED: "NOT_ACCEPTED",
    Kind.NO_LONGER: "NO_LONGER",
}
_REGISTERED, _CHECKED, _DECIDED = "REGISTERED", "DUP_CHECK", "TRIAGE"
_NEXT: Final = {_REGISTERED: _CHECKED, _CHECKED: _DECIDED}


@dataclass(frozen=True, slots=True)
class NewDecision:
    """`status`: the letter's as it was shown to who decides. `verdict`, `score`: what the program
    had told of the two; None where it told nothing."""

    petition_id: str
    other_id: str | None
    kind: Kind
    status: str
    reason: str = ""
    verdict: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`undone_at` None: it stands."""

    id: str
    petition_id: str
    other_id: str | None
    kind: Kind
    who: str
    at: datetime
    reason: str
    verdict: str | None
    score: float | None
    undone_at: datetime | None
    undone_by: str | None
    undo_reason: str | None

    @property
    def urges(self) -> str | None:
        """The letter that who handles it is reminded of; None where nobody is, or no more."""
        if self.kind is not Kind.URGE or self.undone_at is not None:
            return None
        return self.other_id or self.petition_id


def way(status: str, kind: Kind) -> tuple[str, ...] | None:
    """The statuses that a letter goes through by this decision; None where it can't be taken.

    What only links two letters leads on a letter that waits to be checked, and no other.
    """
    goal = _LEADS_TO.get(kind)
    steps: list[str] = []
    while goal is None or goal not in STATUSES[status].to:
        following = _NEXT.get(status)
        if following is None:
            return tuple(steps) if goal is None else None
        steps.append(following)
        status = following
    return (*steps, goal)


def decide(session: Session, who: str, new: NewDecision) -> str:
    """Write the decision down and act on it; its id. The same that stands already: changes nothing.

    Raises Changed where the letter's status is another one by now, CannotDecide for a decision that
    can't be taken in this status or not about these two, NotFound.
    """
    fits = new.kind in ALONE if new.other_id is None else new.kind is not Kind.NEW
    if not fits or new.other_id == new.petition_id:
        raise CannotDecide(
            f"{new.kind} needs {'no' if new.kind is Kind.NEW else 'an'} other letter"
        )
    _hold(session, [new.petition_id, *([new.other_id] if new.other_id else ())])
    letter = _row(session, new.petition_id)
    if (standing := _standing(session, new)) is not None:
        return standing
    if letter.status != new.status:
        raise Changed("the status of this letter has changed meanwhile: look at it again")
    steps = way(letter.status, new.kind)
    if steps is None:
        label = STATUSES[letter.status].en
        raise CannotDecide(f"{new.kind} can't be decided of a letter that is: {label}")
    if new.kind is Kind.URGE:
        _require_awaited(session, new.other_id or new.petition_id)
    id_ = new_id()
    joins = new.kind in JOINING and new.other_id is not None
    joined = _join(session, letter, new.other_id) if joins else _Joined()
    before = letter.status
    for status in steps:
        change_status(session, new.petition_id, status, who, new.reason)
        if status == _CHECKED:
            before = status
    session.connection.execute(
        insert(duplicate_decisions).values(
            id=id_,
            petition_id=new.petition_id,
            other_id=new.other_id,
            kind=new.kind.value,
            who=who,
            at=now(),
            reason=new.reason,
            verdict=new.verdict,
            score=new.score,
            matter_id=joined.matter_id,
            opened=joined.opened,
            moved=[list(one) for one in joined.moved],
            status_before=before,
            status_step=_last_step(session, new.petition_id) if steps else None,
        )
    )
    return id_


def undo(session: Session, who: str, decision_id: str, reason: str) -> None:
    """Take a decision back: the letter leaves the matter again, and where its status is still the
    one that the decision gave, it returns to the one before.

    Raises NotFound, Changed for one that was taken back before.
    """
    kept = duplicate_decisions.c
    row = session.connection.execute(
        select(duplicate_decisions).where(kept.id == decision_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(f"there is no decision {decision_id!r}")
    if row.undone_at is not None:
        raise Changed("this decision was taken back before: look at it again")
    letters = {row.petition_id, *(id_ for id_, _ in row.moved)}
    _hold(session, letters | ({row.other_id} if row.other_id else set()))
    if row.matter_id is not None:
        _part(session, row)
    if row.status_step is not None and row.status_step == _last_step(session, row.petition_id):
        change_status(session, row.petition_id, row.status_before, who, reason, undoes=True)
    session.connection.execute(
        update(duplicate_decisions)
        .where(kept.id == decision_id)
        .values(undone_at=now(), undone_by=who, undo_reason=reason)
    )


def decisions_about(session: Session, petition_id: str) -> tuple[Decision, ...]:
    """Decisions of this letter, and of others beside it, newest first."""
    kept = duplicate_decisions.c
    found = session.connection.execute(
        select(duplicate_decisions)
        .where(or_(kept.petition_id == petition_id, kept.other_id == petition_id))
        .order_by(kept.at.desc(), kept.id)
    )
    return tuple(_decision(row) for row in found)


def urged_within(session: Session, within: Within, limit: int) -> tuple[str, ...]:
    """Ids of letters still being handled whose offices were reminded, the last one first; both
    they and the letters that gave cause lie within."""
    kept = duplicate_decisions.c
    letter = func.coalesce(kept.other_id, kept.petition_id)

    def there(id_: ColumnElement[str], *more: ColumnElement[bool]) -> ColumnElement[bool]:
        wanted = select(petitions.c.id).where(petitions.c.id == id_, *more, reached(within, FOUND))
        return wanted.correlate(duplicate_decisions).exists()

    found = (
        select(letter)
        .where(URGED)
        .where(there(letter, petitions.c.status.in_(AWAITED)), there(kept.petition_id))
        .group_by(letter)
        .order_by(func.max(kept.at).desc(), letter)
        .limit(limit)
    )
    return tuple(session.connection.execute(found).scalars())


def decision(session: Session, id_: str) -> Decision | None:
    """The decision of this id, None when there is none."""
    kept = duplicate_decisions.c
    row = session.connection.execute(select(duplicate_decisions).where(kept.id == id_)).first()
    return None if row is None else _decision(row)


@dataclass(frozen=True, slots=True)
class _Joined:
    """`moved`: letters that changed matters, each with the matter it was in."""

    matter_id: str | None = None
    opened: bool = False
    moved: tuple[tuple[str, str | None], ...] = ()


def _join(session: Session, letter: Row[Any], other_id: str | None) -> _Joined:
    """Into the other's matter; the letters of the letter's own matter come along."""
    assert other_id is not None
    other = _row(session, other_id)
    if letter.matter_id is not None and letter.matter_id == other.matter_id:
        return _Joined(letter.matter_id)
    before = letter.matter_id
    coming = matter(session, before).petition_ids if before else (letter.id,)
    into = other.matter_id or open_matter(session, other_id, other.subject_redacted)
    for id_ in coming:
        join_matter(session, id_, into)
    return _Joined(into, other.matter_id is None, tuple((id_, before) for id_ in coming))


def _part(session: Session, row: Row[Any]) -> None:
    """Out of the matter that the other is in now; back into the one from before."""
    there = _row(session, row.other_id).matter_id
    for id_, before in row.moved:
        if there is None or _row(session, id_).matter_id != there:
            continue
        if before is None:
            leave_matter(session, id_)
        else:
            join_matter(session, id_, before)
    alone = (row.other_id,)
    if row.opened and there == row.matter_id and matter(session, there).petition_ids == alone:
        leave_matter(session, row.other_id)


def _standing(session: Session, new: NewDecision) -> str | None:
    kept = duplicate_decisions.c
    same = select(kept.id).where(
        kept.petition_id == new.petition_id,
        kept.other_id == new.other_id if new.other_id else kept.other_id.is_(None),
        kept.kind == new.kind.value,
        kept.undone_at.is_(None),
    )
    if new.kind is Kind.URGE and new.other_id is None:
        same = same.where(kept.at > now() - URGED_AGAIN)
    found = session.connection.execute(same).scalar()
    return None if found is None else str(found)


def _require_awaited(session: Session, petition_id: str) -> None:
    """Raises CannotDecide unless an office is at work on the letter."""
    status = _row(session, petition_id).status
    if status not in AWAITED:
        raise CannotDecide(f"nobody is at work on a letter that is: {STATUSES[status].en}")


def _last_step(session: Session, petition_id: str) -> int:
    changes = status_changes.c
    last = select(func.max(changes.position)).where(changes.petition_id == petition_id)
    return int(session.connection.execute(last).scalar_one())


def _hold(session: Session, ids: Iterable[str]) -> None:
    for id_ in sorted(ids):  # all in one order: none waits in a ring
        hold(session, id_)


def _row(session: Session, id_: str) -> Any:
    kept = petitions.c
    columns = (kept.id, kept.status, kept.matter_id, kept.subject_redacted)
    row: Any = session.connection.execute(select(*columns).where(kept.id == id_)).first()
    if row is None:
        raise NotFound(f"there is no petition {id_!r}")
    return row


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        row.id,
        row.petition_id,
        row.other_id,
        Kind(row.kind),
        row.who,
        row.at,
        row.reason,
        row.verdict,
        row.score,
        row.undone_at,
        row.undone_by,
        row.undo_reason,
    )
