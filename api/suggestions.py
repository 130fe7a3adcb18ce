"""What typed text says of itself: subject, region, category; only where nothing was stated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from analyzers.categories import suggest
from analyzers.fold import fold_text
from analyzers.regions import Gazetteer, Region, problem_region
from analyzers.segment import words
from analyzers.sentences import sentences
from records.categories import find_categories
from records.entries import NewPetition
from records.regions import ROOT, RegionRecord

LONGEST_SUBJECT: Final = 60
LEAST_CONFIDENCE: Final = 0.5
"""Below it the clerk had better choose."""

FOR_CLASS: Final = 600
FOR_PLACE: Final = 2_000
"""Characters that are looked at: what a letter is about stands at its beginning."""


def completed(petition: NewPetition, regions: Iterable[RegionRecord]) -> NewPetition:
    """The petition with what its text tells. A place that is none of the regions is left out."""
    text = petition.text
    subject = petition.subject or _first_sentence(text[:FOR_CLASS])
    petition = replace(petition, subject=subject)
    if petition.region is None:
        petition = replace(petition, region=_region(regions, subject, text[:FOR_PLACE]))
    if petition.category is None:
        best = next(iter(suggest(words(fold_text(f"{subject}\n{text[:FOR_CLASS]}")))), None)
        if best and best.confidence >= LEAST_CONFIDENCE:
            petition = replace(
                petition,
                category=find_categories(best.name)[0].code,
                category_source="auto",
                category_confidence=best.confidence,
            )
    return petition


def _first_sentence(text: str) -> str:
    spans = sentences(text)
    if not spans:
        return ""
    start, end = spans[0]
    return " ".join(text[start:end].split())[:LONGEST_SUBJECT]


def _region(regions: Iterable[RegionRecord], subject: str, text: str) -> str | None:
    known = {one.code: one for one in regions if one.code != ROOT}
    gazetteer = Gazetteer(
        tuple(
            Region(one.code, one.name, one.parent if one.parent in known else None, one.aliases)
            for one in known.values()
        )
    )
    found = problem_region(subject, text, gazetteer)
    return found if found in known else None
