"""Which search indexes `indexed_revision` speaks of.

Indexes can be thrown away, another engine can be set, an older database restored: what the
records say of an index is true of the one that is named here alone.
"""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from records.database import Session
from records.tables import followed_index
from records.times import now

_ONLY = 1
_IDENTITY = select(followed_index.c.identity).where(followed_index.c.id == _ONLY)


def followed(session: Session) -> str | None:
    """The identity of the indexes that follow the records; None before the first."""
    found = session.connection.execute(_IDENTITY).scalar()
    return None if found is None else str(found)


def follow(session: Session, identity: str) -> None:
    """From now on these indexes follow the records."""
    session.connection.execute(delete(followed_index))
    row = {"id": _ONLY, "identity": identity, "since": now()}
    session.connection.execute(insert(followed_index), row)
