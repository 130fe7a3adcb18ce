"""Pages read from a petition's files: their lines with boxes, and how they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select

from records.changes import touch
from records.database import Session
from records.errors import BadValue
from records.tables import files, pages

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


def page_lines(session: Session, petition_id: str, number: int) -> tuple[Line, ...]:
    """The lines of one page in reading order; none when there is no such page."""
    kept = pages.c
    found = session.connection.execute(
        select(kept.lines).where(kept.petition_id == petition_id, kept.number == number)
    ).scalar()
    return _lines(found or [])


def page(session: Session, petition_id: str, number: int) -> PageRecord | None:
    """One page with its lines; None when there is none."""
    row = session.connection.execute(
        select(pages, files.c.role)
        .join_from(pages, files)
        .where(pages.c.petition_id == petition_id, pages.c.number == number)
    ).first()
    if row is None:
        return None
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
            _lines(row.lines),
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


def _lines(stored: Sequence[dict[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(line["text"], (*line["box"],), line["confidence"]) for line in stored)


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
