"""Person file and matter file (一人一档, 一事一档): live views over the records.

Nothing is copied and nothing is counted but letters that the asker may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from records import persons
from records.clocks import Course
from records.database import Session
from records.record import PetitionRecord
from search.access import Scope
from search.answers import MAX_SIZE, Reminder, VisiblePerson, VisiblePetition
from search.door import read_visible
from search.duplicates.asking import within_of_person
from search.duplicates.checking import (
    VisibleDecision,
    handlers_of,
    mates_of,
    reminders_in,
    visible_decisions,
)
from search.errors import NotFound
from search.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class FiledLetter:
    """`matter`: which of the matters in this file it belongs to, from 1; None: to none that
    another letter of the file belongs to."""

    petition: VisiblePetition
    matter: int | None


@dataclass(frozen=True, slots=True)
class PersonFile:
    """`person`: as the letter that led here names them. Newest first; `more`: there are others."""

    petition: VisiblePetition
    person: VisiblePerson
    letters: tuple[FiledLetter, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class MatterFile:
    """`petition`: the letter that led here; `letters`: of its matter, oldest first, at most
    `MAX_SIZE`. `handlers`: names of who handles each, by its id."""

    petition: VisiblePetition
    letters: tuple[VisiblePetition, ...]
    handlers: Mapping[str, tuple[str, ...]]
    decisions: tuple[VisibleDecision, ...]
    more: bool

    def reminders(self, petition_id: str) -> tuple[Reminder, ...]:
        """What reminded who handles one of the letters, oldest first."""
        return reminders_in(self.decisions, petition_id)


def person_file(
    session: Session,
    scope: Scope,
    seen: tuple[VisiblePetition, PetitionRecord],
    number: int,
    vocabulary: Vocabulary,
) -> PersonFile:
    """The file of the person of this number in a letter. Raises `NotFound` for who isn't there,
    and for users who may not look people up."""
    visible, record = seen
    named = [person for person in visible.persons if person.number == number]
    if not scope.finds or not named:
        raise NotFound("there is no such person, or it is not for you")
    wanted = record.persons[number - 1].person_id
    within = within_of_person(scope)
    ids = persons.petitions_naming_within(session, persons.PERSON, [wanted], within, MAX_SIZE + 1)
    found = [
        (one, letter)
        for letter, one in read_visible(session, scope, ids[:MAX_SIZE], vocabulary)
        if letter.persons
    ]
    matters = [one.matter_id for one, _ in reversed(found) if one.matter_id is not None]
    several = [id_ for id_ in dict.fromkeys(matters) if matters.count(id_) > 1]
    places = {id_: place for place, id_ in enumerate(several, 1)}
    letters = tuple(FiledLetter(letter, places.get(one.matter_id or "")) for one, letter in found)
    return PersonFile(visible, named[0], letters, len(ids) > MAX_SIZE)


def matter_file(
    session: Session, scope: Scope, visible: VisiblePetition, vocabulary: Vocabulary
) -> MatterFile:
    """The letters of one matter with this one."""
    read = mates_of(session, scope, visible.id, vocabulary, MAX_SIZE + 1)
    letters = tuple(letter for letter, _ in read[:MAX_SIZE])
    told = visible_decisions(session, scope, [one.id for one in letters], vocabulary)
    handlers = handlers_of(session, [one for _, one in read] if scope.decides else [])
    return MatterFile(visible, letters, handlers, told, len(read) > MAX_SIZE)


def course_of(petition: VisiblePetition) -> Course:
    """What the clocks read of it."""
    return Course(
        petition.received_at,
        [(step.status.value, step.at) for step in petition.timeline],
        any(not reply.transfer_only for reply in petition.replies),
    )
