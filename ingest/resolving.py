"""Names become codes: regions, categories, users. What nobody stated is suggested by rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analyzers.categories import suggest

from analyzers.fold import fold_text
from analyzers.segment import words
from ingest.stated import with_extra
from records.categories import find_categories
from records.errors import BadValue
from records.redaction import redacted
from records.users import user_by_name

if TYPE_CHECKING:
    from ingest.places import Places
    from ingest.stated import Stated
    from records.database import Session

_CUT = 2000  # characters of a letter that its class and place are told by
_LEAST_CONFIDENCE = 0.3


def resolved(session: Session, stated: Stated, places: Places) -> Stated:
    """The entry with its region, category and handler as codes, and its redacted texts.

    Unknown regions are added under the root; unknown categories and users are kept beside the
    petition; a note tells each.
    """
    stated = _with_region(session, stated, places)
    stated = _with_category(stated)
    if stated.handler:
        stated = _with_handler(session, stated, stated.handler)
    return replace(stated, entry=redacted(stated.entry))


def suggested_category(subject: str, text: str) -> tuple[str | None, float | None]:
    """The level-1 class that the words speak for and how surely; None where they hardly do."""
    best = next(iter(suggest(words(fold_text(f"{subject}\n{text[:_CUT]}")))), None)
    if best is None or best.confidence < _LEAST_CONFIDENCE:
        return None, None
    found = find_categories(best.name)
    return (found[0].code, best.confidence) if found else (None, None)


def suggested_region(session: Session, subject: str, text: str, places: Places) -> str | None:
    """Where the trouble is, as the letter tells it."""
    return places.problem(session, subject, text[:_CUT])


def _with_region(session: Session, stated: Stated, places: Places) -> Stated:
    entry = stated.entry
    if not stated.region:
        code = suggested_region(session, entry.subject, entry.text, places)
        return replace(stated, entry=replace(entry, region=code))
    code, new = places.code(session, stated.region)
    if new:
        note = f"region {stated.region[:40]!r} is new: added under the root"
        stated = replace(stated, notes=(*stated.notes, note))
    return replace(stated, entry=replace(entry, region=code))


def _with_category(stated: Stated) -> Stated:
    if stated.category:
        if found := find_categories(stated.category):
            entry = replace(stated.entry, category=found[0].code, category_source="import")
            return replace(stated, entry=entry)
        note = f"category {stated.category[:40]!r} is unknown: kept beside the petition"
        stated = with_extra(stated, "category", stated.category, note)
    code, confidence = suggested_category(stated.entry.subject, stated.entry.text)
    if code is None:
        return stated
    entry = replace(
        stated.entry, category=code, category_source="auto", category_confidence=confidence
    )
    return replace(stated, entry=entry)


def _with_handler(session: Session, stated: Stated, name: str) -> Stated:
    try:
        user = user_by_name(session, name)
    except BadValue:
        user = None
    if user is None:
        note = f"there is no user {name[:40]!r}: the handler is kept beside the petition"
        return with_extra(stated, "handler", name, note)
    return replace(stated, entry=replace(stated.entry, handler=user.id))
