"""A letter laid beside another one for a person who decides, and what was decided.

Everything told is of letters that this user may see: a decision about another one isn't told of,
and how many letters a matter has counts only these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analyzers.likeness.beside import Beside, beside
from records import decisions
from records.clocks import AWAITED
from records.database import Session
from records.decisions import ALONE, GROUNDED, Decision, Kind, NewDecision, way
from records.matters import mates_within
from records.record import PetitionRecord
from records.redaction import redacted_text
from records.users import all_users
from search.access import Scope
from search.answers import MAX_SIZE, Hit, Labelled, Reminder, VisiblePetition
from search.door import read_visible, require_visible
from search.duplicates.answers import Duplicate
from search.duplicates.asking import within_of
from search.duplicates.people import comparable, marks
from search.engine import Edition
from search.errors import NotFound
from search.hits import hit
from search.personal import MOST_REASON, BadReason, sound_reason
from search.query import Everything
from search.vocabulary import Vocabulary

SUBJECT_RUN: Final = 2
"""Characters of the shortest run that two subjects share."""


@dataclass(frozen=True, slots=True)
class DecisionAsked:
    """`status`: the letter's as it was shown. `other_id` empty: decided of no other letter."""

    kind: Kind
    other_id: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VisibleDecision:
    """`letter`, `beside`: the letter decided of, and the one it was decided about. `urges`: the id
    of the letter that who handles it is reminded of; None where nobody is, or no more."""

    id: str
    kind: Kind
    letter: Hit
    beside: Hit | None
    at: datetime
    by: str
    reason: str
    verdict: str | None
    score: float | None
    undone_at: datetime | None
    undone_by: str | None
    undo_reason: str | None
    urges: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """A letter with what is known around it. `mates`: letters of its matter, itself included,
    oldest first. `handlers`: names of who handles it. `reminders`: oldest first."""

    petition: VisiblePetition
    mates: tuple[VisiblePetition, ...]
    handlers: tuple[str, ...]
    reminders: tuple[Reminder, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`duplicate` None: the program finds nothing in common. `same`: by fact of a person, whether
    both letters tell the same; None where they can't be compared."""

    other: Side
    duplicate: Duplicate | None
    subjects: Beside
    texts: Beside
    same: Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class DuplicateCheck:
    """`found`: closest first. `kinds`: what can be decided as the two letters stand. `decisions`:
    newest first."""

    letter: Side
    found: tuple[Duplicate, ...]
    comparison: Comparison | None
    kinds: frozenset[Kind]
    decisions: tuple[VisibleDecision, ...]

    @property
    def petition(self) -> VisiblePetition:
        return self.letter.petition


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a letter, newest first, and what can be."""

    petition: VisiblePetition
    kinds: frozenset[Kind]
    decisions: tuple[VisibleDecision, ...]


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """`status`: the letter's, as the decision left it."""

    id: str
    status: Labelled


def require_decider(scope: Scope) -> None:
    """Raises `NotFound`."""
    if not scope.decides:
        raise NotFound("there is no such petition, or it is not for you to decide of")


def reason_for(asked: DecisionAsked) -> str:
    """The reason on one line; empty where none is needed. Raises `BadReason`."""
    reason = " ".join(asked.reason.split())
    if asked.kind in GROUNDED:
        return sound_reason(reason)
    if len(reason) > MOST_REASON:
        raise BadReason(f"say in at most {MOST_REASON} characters why; name nobody")
    return reason


def new_decision(
    petition_id: str, asked: DecisionAsked, reason: str, told: Duplicate | None
) -> NewDecision:
    """What is written down."""
    return NewDecision(
        petition_id,
        asked.other_id or None,
        asked.kind,
        asked.status,
        reason,
        told.verdict.value if told else None,
        told.score if told else None,
    )


def kinds_for(status: str, other_status: str | None) -> frozenset[Kind]:
    """What can be decided of a letter with this status: beside another one, or alone (None)."""
    possible = {kind for kind in Kind if way(status, kind) is not None}
    if (other_status or status) not in AWAITED:
        possible.discard(Kind.URGE)
    return frozenset(possible if other_status else possible & ALONE)


def side(
    session: Session,
    scope: Scope,
    seen: tuple[VisiblePetition, PetitionRecord],
    vocabulary: Vocabulary,
) -> Side:
    """A letter that this user sees, with what is around it."""
    visible, record = seen
    return Side(
        visible,
        tuple(mate for mate, _ in mates_of(session, scope, visible.id, vocabulary)),
        handlers_of(session, [record])[visible.id],
        reminders_of(session, scope, visible.id, vocabulary),
    )


def comparison(
    scope: Scope,
    ours: tuple[VisiblePetition, PetitionRecord],
    their_record: PetitionRecord,
    other: Side,
    duplicate: Duplicate | None,
) -> Comparison:
    """Two letters that this user sees, laid side by side."""
    petition, record = ours
    theirs = other.petition
    return Comparison(
        other,
        duplicate,
        beside(petition.subject, theirs.subject, SUBJECT_RUN),
        beside(petition.text, theirs.text),
        marks(comparable(scope, petition, record), comparable(scope, theirs, their_record)),
    )


def handlers_of(
    session: Session, records: Sequence[PetitionRecord]
) -> Mapping[str, tuple[str, ...]]:
    """Names of the users who handle letters, by the letter's id; for those who see them."""
    names: dict[str, str] = {}
    if any(record.handlers for record in records):
        names = {user.id: user.display_name for user in all_users(session)}
    return {
        record.id: tuple(names[id_] for id_ in record.handlers if id_ in names)
        for record in records
    }


def mates_of(
    session: Session, scope: Scope, petition_id: str, vocabulary: Vocabulary, most: int = MAX_SIZE
) -> list[tuple[VisiblePetition, PetitionRecord]]:
    """Letters of one matter with this one, itself included, oldest first, each with its record."""
    ids = mates_within(session, petition_id, within_of(scope), most)
    return read_visible(session, scope, ids, vocabulary)


def visible_decisions(
    session: Session, scope: Scope, petition_ids: Sequence[str], vocabulary: Vocabulary
) -> tuple[VisibleDecision, ...]:
    """Decisions of or about these letters, newest first; both letters must be visible."""
    if not scope.decides:
        return ()
    found = {one.id: one for id_ in petition_ids for one in decisions.decisions_about(session, id_)}
    if not found:
        return ()
    involved = {id_ for one in found.values() for id_ in (one.petition_id, one.other_id) if id_}
    seen = {
        visible.id: (visible, record)
        for visible, record in read_visible(session, scope, sorted(involved), vocabulary)
    }
    names = {user.id: user.display_name for user in all_users(session)}
    told = [
        _visible(one, seen, names)
        for one in found.values()
        if one.petition_id in seen and (one.other_id is None or one.other_id in seen)
    ]
    return tuple(sorted(told, key=lambda one: (one.at, one.id), reverse=True))


def reminders_of(
    session: Session, scope: Scope, petition_id: str, vocabulary: Vocabulary
) -> tuple[Reminder, ...]:
    """What reminded who handles this letter, for those who decide, oldest first; of what other
    letters gave cause for, only what this user sees."""
    told = visible_decisions(session, scope, [petition_id], vocabulary)
    return reminders_in(told, petition_id)


def reminders_in(told: Sequence[VisibleDecision], petition_id: str) -> tuple[Reminder, ...]:
    """Of decisions, newest first, those that remind who handles this letter, oldest first."""
    return tuple(_reminder(one) for one in reversed(told) if one.urges == petition_id)


def _reminder(one: VisibleDecision) -> Reminder:
    cause = (one.letter.id, one.letter.number) if one.beside else (None, None)
    return Reminder(one.at, one.by, one.reason, *cause)


def visible_decision(
    session: Session, scope: Scope, petition_id: str, decision_id: str, vocabulary: Vocabulary
) -> None:
    """Raises `NotFound` unless this is a decision of this letter, about one that is visible too."""
    found = decisions.decision(session, decision_id)
    if found is None or found.petition_id != petition_id:
        raise NotFound("there is no such decision, or it is not for you")
    if found.other_id:
        require_visible(session, scope, found.other_id, vocabulary)


def _visible(
    one: Decision,
    seen: Mapping[str, tuple[VisiblePetition, PetitionRecord]],
    names: Mapping[str, str],
) -> VisibleDecision:
    involved = [seen[id_] for id_ in (one.petition_id, one.other_id) if id_]
    masked = any(visible.edition is not Edition.FULL for visible, _ in involved)
    people = [person.name for _, record in involved for person in record.persons if person.name]

    def told(text: str | None) -> str | None:
        return redacted_text(text, people) if text and masked else text

    letter, *others = (hit(visible, 0.0, Everything()) for visible, _ in involved)
    return VisibleDecision(
        one.id,
        one.kind,
        letter,
        others[0] if others else None,
        one.at,
        names.get(one.who, one.who),
        told(one.reason) or "",
        one.verdict,
        one.score,
        one.undone_at,
        names.get(one.undone_by, one.undone_by) if one.undone_by else None,
        told(one.undo_reason),
        one.urges,
    )
