"""What leaders note on a petition (批示): added, never changed, encrypted in the database."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from records.changes import hold
from records.database import Session
from records.errors import BadValue
from records.tables import leader_notes
from records.times import now
from records.users import require_user

TEXT = "leader_notes.text"

LONGEST = 2_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Note:
    """`author`: the user's name as it was then. `addressed`: to those who handle the petition."""

    author: str
    at: datetime
    text: str
    addressed: bool


class BadNote(BadValue):
    """Empty, or too long."""

    code = "bad_note"


def add_note(
    session: Session, petition_id: str, user_id: str, text: str, *, addressed: bool
) -> int:
    """Add a note to a petition, without blanks around it; its place there, from 1.

    Raises `BadNote`, UnknownUser.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise BadNote(f"write a note of 1 to {LONGEST} characters")
    hold(session, petition_id)
    kept = leader_notes.c
    last = select(func.max(kept.position)).where(kept.petition_id == petition_id)
    position: int = (session.connection.execute(last).scalar() or 0) + 1
    session.connection.execute(
        insert(leader_notes).values(
            petition_id=petition_id,
            position=position,
            text=session.keys.encrypt(TEXT, text),
            addressed=addressed,
            user_id=user_id,
            author=require_user(session, user_id).name,
            at=now(),
        )
    )
    return position


def notes_of(session: Session, petition_id: str, addressed: Set[bool]) -> tuple[Note, ...]:
    """Notes on a petition, oldest first: those that are addressed, those that aren't, or both.
    The others are not even read: how many there are can't be told from the time it takes."""
    if not addressed:
        return ()
    kept = leader_notes.c
    rows = session.connection.execute(
        select(kept.author, kept.at, kept.text, kept.addressed)
        .where(kept.petition_id == petition_id, kept.addressed.in_(addressed))
        .order_by(kept.position)
    )
    return tuple(
        Note(row.author, row.at, session.keys.decrypt(TEXT, row.text), row.addressed)
        for row in rows
    )
