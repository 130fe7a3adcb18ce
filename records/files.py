"""Files of a petition: which originals hang on it, and as what."""

from __future__ import annotations

from sqlalchemy import func, insert, select, update

from records.changes import touch
from records.database import Session
from records.errors import BadValue, NotFound
from records.ids import new_id
from records.originals import Original
from records.tables import files
from records.times import now

FILE_ROLES = ("letter", "reply", "attachment")


def add_file(
    session: Session,
    petition_id: str,
    original: Original,
    name: str,
    *,
    role: str = "letter",
    media_type: str | None = None,
) -> str:
    """Hang a stored original on a petition; the file's id.

    Again in this role: only tells the media type, where it was not known before.
    """
    if role not in FILE_ROLES:
        raise BadValue(f"no role {role!r} of a file; use one of {', '.join(FILE_ROLES)}")
    kept = files.c
    known = session.connection.execute(
        select(kept.id).where(
            kept.petition_id == petition_id, kept.sha256 == original.sha256, kept.role == role
        )
    ).scalar()
    if known is not None:
        if media_type is not None:
            session.connection.execute(
                update(files)
                .where(kept.id == known, kept.media_type.is_(None))
                .values(media_type=media_type)
            )
        return str(known)
    id_ = new_id()
    last = select(func.max(kept.position)).where(kept.petition_id == petition_id)
    session.connection.execute(
        insert(files).values(
            id=id_,
            petition_id=petition_id,
            sha256=original.sha256,
            size=original.size,
            name=name,
            media_type=media_type,
            role=role,
            position=(session.connection.execute(last).scalar() or 0) + 1,
            added_at=now(),
        )
    )
    touch(session, [petition_id])
    return id_


def file_of(session: Session, petition_id: str, sha256: str, role: str = "letter") -> str:
    """The id of a petition's file. Raises NotFound."""
    kept = files.c
    id_ = session.connection.execute(
        select(kept.id).where(
            kept.petition_id == petition_id, kept.sha256 == sha256, kept.role == role
        )
    ).scalar()
    if id_ is None:
        raise NotFound(f"petition {petition_id} has no file {sha256} as {role}")
    return str(id_)
