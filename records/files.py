"""Files of a petition and the pages read from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from records.changes import touch
from records.database import Session
from records.errors import BadValue, NotFound
from records.ids import new_id
from records.originals import Original
from records.tables import files, pages
from records.times import now

FILE_ROLES = ("letter", "reply", "attachment")
PAGE_SOURCES = ("text-layer", "ocr")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page. `box`: left, top, right, bottom in pixels of the upright image
    from its top left corner. `confidence`: 0.0 to 1.0, None for a text layer."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page as it was read. `width`, `height`: of the upright image, in pixels.

    `rotation`: degrees clockwise by which the scan was turned to stand upright, 0, 90, 180 or
    270; `skew`: degrees corrected after that. `engine`: name and version. `image_sha256`: the
    upright image in the store. `text_start`, `text_end`: where the page's text stands in the
    text of its letter or reply.
    """

    width: int
    height: int
    text: str
    lines: tuple[Line, ...]
    source: str
    confidence: float | None = None
    engine: str | None = None
    rotation: int = 0
    skew: float = 0.0
    image_sha256: str | None = None
    text_start: int | None = None
    text_end: int | None = None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page whole, with the file and the petition that it belongs to; `number` from 1."""

    petition_id: str
    number: int
    file_id: str
    role: str
    number_in_file: int
    page: NewPage


def add_file(
    session: Session,
    petition_id: str,
    original: Original,
    name: str,
    *,
    role: str = "letter",
    media_type: str | None = None,
) -> str:
    """Hang a stored original on a petition; the file's id. Again in this role: changes nothing."""
    if role not in FILE_ROLES:
        raise BadValue(f"no role {role!r} of a file; use one of {', '.join(FILE_ROLES)}")
    kept = files.c
    known = session.connection.execute(
        select(kept.id).where(
            kept.petition_id == petition_id, kept.sha256 == original.sha256, kept.role == role
        )
    ).scalar()
    if known is not None:
        return str(known)
    id_ = new_id()
    session.connection.execute(
        insert(files).values(
            id=id_,
            petition_id=petition_id,
            sha256=original.sha256,
            size=original.size,
            name=name,
            media_type=media_type,
            role=role,
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


def put_pages(session: Session, petition_id: str, file_id: str, read: Sequence[NewPage]) -> None:
    """Write the pages of one file in order, replacing those read from it before.

    Pages are numbered over all files of the petition; a file read again keeps its place when it
    has as many pages as before, else its pages come last.
    """
    kept = pages.c
    for page in read:
        if page.source not in PAGE_SOURCES:
            raise BadValue(f"no page source {page.source!r}; use {' or '.join(PAGE_SOURCES)}")
    before = (
        session.connection.execute(
            select(kept.number).where(kept.file_id == file_id).order_by(kept.number)
        )
        .scalars()
        .all()
    )
    session.connection.execute(delete(pages).where(kept.file_id == file_id))
    numbers = list(before)
    if len(numbers) != len(read):
        last = session.connection.execute(
            select(func.max(kept.number)).where(kept.petition_id == petition_id)
        ).scalar()
        numbers = list(range((last or 0) + 1, (last or 0) + 1 + len(read)))
    if read:
        session.connection.execute(
            insert(pages),
            [
                _row(petition_id, file_id, number, position, page)
                for position, (number, page) in enumerate(zip(numbers, read, strict=True), 1)
            ],
        )
    touch(session, [petition_id])


def page(session: Session, petition_id: str, number: int) -> PageRecord | None:
    """One page with its lines; None when there is none."""
    row = session.connection.execute(
        select(pages, files.c.role)
        .join_from(pages, files)
        .where(pages.c.petition_id == petition_id, pages.c.number == number)
    ).first()
    if row is None:
        return None
    lines = tuple(Line(one["text"], (*one["box"],), one.get("confidence")) for one in row.lines)
    return PageRecord(
        row.petition_id,
        row.number,
        row.file_id,
        row.role,
        row.number_in_file,
        NewPage(
            row.width,
            row.height,
            row.text,
            lines,
            row.source,
            row.confidence,
            row.engine,
            row.rotation,
            row.skew,
            row.image_sha256,
            row.text_start,
            row.text_end,
        ),
    )


def _row(
    petition_id: str, file_id: str, number: int, number_in_file: int, page: NewPage
) -> dict[str, object]:
    return {
        "petition_id": petition_id,
        "number": number,
        "file_id": file_id,
        "number_in_file": number_in_file,
        "width": page.width,
        "height": page.height,
        "text": page.text,
        "lines": [
            {"text": line.text, "box": list(line.box), "confidence": line.confidence}
            for line in page.lines
        ],
        "confidence": page.confidence,
        "source": page.source,
        "engine": page.engine,
        "rotation": page.rotation,
        "skew": page.skew,
        "image_sha256": page.image_sha256,
        "text_start": page.text_start,
        "text_end": page.text_end,
    }
