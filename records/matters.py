"""Matters: several petitions about the same thing, in the order in which they came in.

Joining is reversible and overwrites nothing of a petition: each keeps its text, date and scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update

from records.changes import touch
from records.database import Session
from records.errors import NotFound
from records.ids import new_id
from records.persons import FOUND, Within, reached
from records.tables import matters, petitions
from records.times import now


@dataclass(frozen=True, slots=True)
class Matter:
    """`petition_ids`: in the order of joining, so that the count is how often it was raised."""

    id: str
    title: str
    opened_at: datetime
    petition_ids: tuple[str, ...]


def open_matter(session: Session, petition_id: str, title: str) -> str:
    """A new matter that begins with this petition; its id. Raises NotFound."""
    id_ = new_id()
    session.connection.execute(insert(matters).values(id=id_, title=title, opened_at=now()))
    join_matter(session, petition_id, id_)
    return id_


def join_matter(session: Session, petition_id: str, matter_id: str) -> int:
    """Put a petition into a matter, taking it out of another; its place, from 1.

    Again: changes nothing. Raises NotFound for an unknown petition or matter.
    """
    session.connection.execute(
        select(matters.c.id).where(matters.c.id == matter_id).with_for_update()
    )
    matter(session, matter_id)
    kept = petitions.c
    row = session.connection.execute(
        select(kept.matter_id, kept.seq_in_matter).where(kept.id == petition_id)
    ).first()
    if row is None:
        raise NotFound(f"there is no petition {petition_id!r}")
    if row.matter_id == matter_id:
        return int(row.seq_in_matter)
    last = session.connection.execute(
        select(func.max(kept.seq_in_matter)).where(kept.matter_id == matter_id)
    ).scalar()
    _place(session, petition_id, matter_id, (last or 0) + 1)
    return (last or 0) + 1


def leave_matter(session: Session, petition_id: str) -> None:
    """Take a petition out of its matter; the others keep their places."""
    _place(session, petition_id, None, None)


def matter(session: Session, id_: str) -> Matter:
    """The matter of this id. Raises NotFound."""
    row = session.connection.execute(select(matters).where(matters.c.id == id_)).first()
    if row is None:
        raise NotFound(f"there is no matter {id_!r}")
    kept = petitions.c
    ids = session.connection.execute(
        select(kept.id).where(kept.matter_id == id_).order_by(kept.seq_in_matter)
    ).scalars()
    return Matter(row.id, row.title, row.opened_at, tuple(ids))


def mates_within(session: Session, petition_id: str, within: Within, limit: int) -> tuple[str, ...]:
    """The letters of one matter with this one, itself included, of those within, oldest first."""
    own = select(petitions.c.matter_id).where(petitions.c.id == petition_id).scalar_subquery()
    found = (
        select(petitions.c.id)
        .where(or_(petitions.c.id == petition_id, petitions.c.matter_id == own))
        .where(reached(within, FOUND))
        .order_by(petitions.c.received_at, petitions.c.seq_in_matter, petitions.c.id)
        .limit(limit)
    )
    return tuple(session.connection.execute(found).scalars())


def _place(session: Session, petition_id: str, matter_id: str | None, place: int | None) -> None:
    session.connection.execute(
        update(petitions)
        .where(petitions.c.id == petition_id)
        .values(matter_id=matter_id, seq_in_matter=place)
    )
    touch(session, [petition_id])
