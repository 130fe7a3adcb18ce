"""Names become codes: regions, categories, users. What nobody stated is suggested by rule."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from analyzers.categories import suggest
from analyzers.fold import fold_text
from analyzers.regions import problem_region
from analyzers.segment import cut
from ingest.stated import with_extra
from records.categories import find_categories
from records.entries import changed
from records.errors import BadValue
from records.redaction import redacted
from records.users import user_by_name

if TYPE_CHECKING:
    from analyzers.regions import Gazetteer
    from ingest.places import Places
    from ingest.stated import Stated
    from records.database import Session

# Characters of a letter that its class and place are told by: what it is about stands in front.
_CLASS_CUT = 600
_PLACE_CUT = 2000
# Only 7 of the 17 classes can be suggested, so that a letter of another one gets a wrong class:
# below this the letter is left without.
_LEAST_CONFIDENCE = 0.5


def suggested(stated: Stated, gazetteer: Gazetteer) -> Stated:
    """The entry with its category's code, what its text suggests, and its redacted texts.

    An unknown category is kept beside the petition, with a note. Needs no database.
    """
    entry, category = stated.entry, None
    if stated.category:
        category = category_code(stated.category)
        if category is None:
            note = f"category {stated.category[:40]!r} is unknown: kept beside the petition"
            stated = with_extra(stated, "category", stated.category, note)
            entry = stated.entry
    confidence, source = None, "import"
    if category is None:
        category, confidence = suggested_category(entry.subject, entry.text)
        source = "auto"
    entry = changed(
        entry,
        category=category,
        category_source=source if category else None,
        category_confidence=confidence,
    )
    place = None
    if not stated.region:
        place = problem_region(entry.subject, entry.text[:_PLACE_CUT], gazetteer)
    return replace(stated, entry=redacted(entry), place=place)


def resolved(session: Session, stated: Stated, places: Places) -> Stated:
    """The entry with the codes of its region and handler. An unknown region is added under the
    root; an unknown user is kept beside the petition; a note tells each."""
    code: str | None = None
    if stated.region:
        code, new = places.code(session, stated.region)
        if new:
            note = f"region {stated.region[:40]!r} is new: added under the root, known only to "
            note += "those who find its letters until `petitions region add` declares it"
            stated = replace(stated, notes=(*stated.notes, note))
    elif stated.place:
        code = places.known(session, stated.place)
    if code is not None:
        stated = replace(stated, entry=changed(stated.entry, region=code))
    return _with_handler(session, stated, stated.handler) if stated.handler else stated


@lru_cache(maxsize=4096)
def category_code(name: str) -> str | None:
    """The code of a category by code, name or path of names; of several, the highest."""
    found = find_categories(name)
    return found[0].code if found else None


def suggested_category(subject: str, text: str) -> tuple[str | None, float | None]:
    """The level-1 class that the words speak for and how surely; None where they hardly do."""
    best = next(iter(suggest(cut(fold_text(f"{subject}\n{text[:_CLASS_CUT]}")))), None)
    if best is None or best.confidence < _LEAST_CONFIDENCE:
        return None, None
    return category_code(best.name), best.confidence


def suggested_region(session: Session, subject: str, text: str, places: Places) -> str | None:
    """Where the trouble is, as the letter tells it."""
    found = problem_region(subject, text[:_PLACE_CUT], places.gazetteer)
    return None if found is None else places.known(session, found)


def _with_handler(session: Session, stated: Stated, name: str) -> Stated:
    try:
        user = user_by_name(session, name)
    except BadValue:
        user = None
    if user is None:
        note = f"there is no user {name[:40]!r}: the handler is kept beside the petition"
        return with_extra(stated, "handler", name, note)
    return replace(stated, entry=changed(stated.entry, handler=user.id))
