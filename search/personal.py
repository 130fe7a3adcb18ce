"""Rules of looking at one masked value, and of looking a person up by a whole number."""

from __future__ import annotations

from records.database import Session
from records.errors import BadValue
from records.keys import normal_number, normal_phone
from records.persons import NORMAL, Within, fact_hash
from records.record import PersonRecord, PetitionRecord
from search.access import FieldRight, Scope, cleared
from search.answers import (
    PersonalValue,
    PersonRequest,
    RevealRequest,
    Shown,
    VisiblePerson,
    VisiblePetition,
)
from search.errors import NotFound
from search.projection import keeps_back

LEAST_REASON, MOST_REASON = 5, 500
"""Characters of a reason."""

LEAST_NUMBER = {"id_no": 8, "phone": 7}
"""Letters and digits of the shortest numbers there are, by the facts that people are found by."""


class BadReason(BadValue):
    """Too short to be one, or too long to be read."""

    code = "bad_reason"


class BadNumber(BadValue):
    """No whole identity or phone number."""

    code = "bad_number"


def sound_reason(text: str) -> str:
    """The reason on one line. Raises `BadReason`."""
    reason = " ".join(text.split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise BadReason(f"say in {LEAST_REASON} to {MOST_REASON} characters why; name nobody")
    return reason


def value_behind(visible: VisiblePetition, record: PetitionRecord, asked: RevealRequest) -> str:
    """The value in full, where projection says that it may be looked at. Raises `NotFound`."""
    for seen, person in zip(visible.persons, record.persons, strict=False):
        if seen.number == asked.person and asked.fact in NORMAL:
            value = _known(person, asked.fact)
            if value and _shown(seen, asked.fact).can_reveal:
                return value
    raise NotFound("there is no such value, or it is not for you")


def person_scope(scope: Scope, asked: PersonRequest) -> Within:
    """Where to look. Raises `NotFound` for a fact that this user may not look by, `BadNumber`."""
    if asked.fact not in scope.finds:
        raise NotFound("people can't be found by this, or not by you")
    normal = normal_phone if asked.fact == FieldRight.PHONE else normal_number
    least = LEAST_NUMBER[asked.fact]
    if len(normal(asked.value)) < least:
        raise BadNumber(f"give the whole number, {least} digits or more: parts are never found")
    reads = scope.reads and not scope.counts_only
    return Within(
        scope.user_id,
        tuple(cleared(scope)) if reads else (),
        scope.regions,
        scope.categories,
        own_only=keeps_back(scope, FieldRight(asked.fact)),
    )


def number_hash(session: Session, asked: PersonRequest) -> str:
    """The keyed hash of the number, by which it stands in the records and in the log."""
    return fact_hash(session, asked.fact, asked.value) or ""


def names(
    session: Session, visible: VisiblePetition, record: PetitionRecord, fact: str, hashed: str
) -> bool:
    """Does the petition name a person with this number, and is it at least masked for the user?"""
    return any(
        _shown(seen, fact).shown in (Shown.FULL, Shown.MASKED)
        and (value := _known(person, fact)) is not None
        and fact_hash(session, fact, value) == hashed
        for seen, person in zip(visible.persons, record.persons, strict=False)
    )


def _known(person: PersonRecord, fact: str) -> str | None:
    value: str | None = getattr(person, fact)
    return value


def _shown(person: VisiblePerson, fact: str) -> PersonalValue:
    value: PersonalValue = getattr(person, fact)
    return value
