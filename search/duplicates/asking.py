"""From what a user asks to what is judged: the letter as they see it, and whom to look up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from analyzers.likeness.traits import Path
from analyzers.regions import Gazetteer, Region, problem_region
from records import persons
from records.database import Session
from records.keys import normal_number
from records.persons import Within
from records.record import PetitionRecord
from records.regions import ROOT
from search.access import FieldRight, Scope, cleared
from search.answers import VisiblePetition
from search.door import read_visible
from search.duplicates.answers import Duplicate, LetterAsked, Petitioner
from search.duplicates.finding import Asked, Candidate
from search.duplicates.people import comparable, mended
from search.engine import Edition
from search.errors import QueryError
from search.projection import keeps_back
from search.query import Attribute
from search.vocabulary import Vocabulary

OF_ONE_PERSON = 30
"""Letters of the same person that are looked at, the newest first."""

_ANSWERED, _PASSED_ON, _UNANSWERED = 1.0, 0.8, 0.6
_NUMBERS = (FieldRight.ID_NO, FieldRight.PHONE)


def new_letter(asked: LetterAsked, vocabulary: Vocabulary) -> Asked:
    """A letter that isn't in the records. Raises `QueryError` for an unknown region."""
    return Asked(
        asked.subject,
        asked.text,
        asked.people,
        _place(asked, vocabulary),
        asked.received_at,
    )


def known_letter(scope: Scope, visible: VisiblePetition, record: PetitionRecord) -> Asked:
    """A letter of the records, as this scope sees it."""
    return Asked(
        visible.subject,
        visible.text,
        comparable(scope, visible, record),
        tuple(one.value for one in visible.region if one.value != ROOT),
        visible.received_at,
        whole=visible.edition is Edition.FULL,
    )


def numbers_of(scope: Scope, people: Iterable[Petitioner]) -> list[tuple[str, str]]:
    """The numbers by which this scope may look up people."""
    return [
        (fact, mended(number))
        for one in people
        for fact, number in zip(_NUMBERS, (one.id_no, one.phone), strict=True)
        if number and fact in scope.finds
    ]


def everybody_of(
    scope: Scope, people: Iterable[Petitioner], record: PetitionRecord
) -> list[tuple[str, str]]:
    """The numbers and the persons of a letter by which this scope may look up. Not the numbers by
    which they became persons of the register: the same letters would be found again."""
    if not scope.finds:
        return []
    made = {normal_number(person.id_no) for person in record.persons if person.id_no}
    numbers = [
        (fact, number)
        for fact, number in numbers_of(scope, people)
        if fact != FieldRight.ID_NO or number not in made
    ]
    return [*numbers, *((persons.PERSON, person.person_id) for person in record.persons)]


def naming(session: Session, scope: Scope, sought: Iterable[tuple[str, str]]) -> dict[str, None]:
    """Letters within the scope that name somebody sought (`numbers_of`, `everybody_of`): so many of
    each, for one who wrote often must not hide another."""
    found: dict[str, None] = {}
    for fact, value in sought:
        within = _within(scope, fact)
        named = persons.petitions_naming_within(session, fact, [value], within, OF_ONE_PERSON)
        found |= dict.fromkeys(named)
    return found


def of_same_people(session: Session, scope: Scope, record: PetitionRecord) -> dict[str, None]:
    """Letters within the scope of the persons whom a letter names, for those who may look up; so
    many of all together."""
    if not scope.finds:
        return {}
    known, within = [person.person_id for person in record.persons], within_of_person(scope)
    return dict.fromkeys(
        persons.petitions_naming_within(session, persons.PERSON, known, within, OF_ONE_PERSON)
    )


def _within(scope: Scope, fact: str) -> Within:
    if fact == persons.PERSON:
        return within_of_person(scope)
    return within_of(scope, own_only=keeps_back(scope, FieldRight(fact)))


def candidates(
    session: Session, scope: Scope, ids: Sequence[str], vocabulary: Vocabulary
) -> list[Candidate]:
    """What is visible of each, bare: `shown` gives those that are told in the end."""
    return [
        Candidate(visible, comparable(scope, visible, record))
        for visible, record in read_visible(session, scope, ids, vocabulary, bare=True)
    ]


def shown(
    session: Session, scope: Scope, ids: Sequence[str], vocabulary: Vocabulary
) -> dict[str, VisiblePetition]:
    """Letters as they are told, by id; one that has gone out of sight meanwhile is left out."""
    return {one.id: one for one, _ in read_visible(session, scope, ids, vocabulary)}


def answers_first(found: Iterable[Duplicate]) -> list[Duplicate]:
    """Those that were answered before those whose reply only passes them on, and those without."""
    return sorted(
        found,
        key=lambda one: (
            -one.score * _worth(one.petition),
            one.petition.received_at,
            one.petition.id,
        ),
    )


def _worth(petition: VisiblePetition) -> float:
    if not petition.replies:
        return _UNANSWERED
    return _PASSED_ON if all(reply.transfer_only for reply in petition.replies) else _ANSWERED


def within_of(scope: Scope, *, own_only: bool = False) -> Within:
    """What this scope may see, as the database can tell it."""
    reads = scope.reads and not scope.counts_only
    levels = tuple(cleared(scope)) if reads else ()
    return Within(scope.user_id, levels, scope.regions, scope.categories, own_only=own_only)


def within_of_person(scope: Scope) -> Within:
    """The same of letters of one person of the register, who may be known by the identity number:
    from whom that is kept back, even masked, learns of its being the same in own cases alone."""
    return within_of(scope, own_only=keeps_back(scope, FieldRight.ID_NO))


def _place(asked: LetterAsked, vocabulary: Vocabulary) -> Path:
    """The path of the region given, else of the one that the letter speaks of; without the root."""
    if asked.region:
        codes = vocabulary(Attribute.REGION, asked.region)
        if codes is None:
            message = f"there is no region {asked.region!r}: choose one from the list"
            raise QueryError(message, "unknown_region", 0, 0)
        code: str | None = min(codes) if len(codes) == 1 else None
    else:
        code = problem_region(asked.subject, asked.text, _gazetteer(vocabulary))
    if code is None:
        return ()
    path = tuple(one.value for one in vocabulary.path(Attribute.REGION, code))
    known = path if len(path) > 1 else _gazetteer(vocabulary).path(code)
    return tuple(one for one in known if one != ROOT)


@lru_cache(maxsize=2)  # a vocabulary is made anew when its words change
def _gazetteer(vocabulary: Vocabulary) -> Gazetteer:
    return Gazetteer(
        Region(word.code, word.name, word.parent, word.aliases)
        for word in vocabulary.words(Attribute.REGION)
        if word.code != ROOT and not word.learned
    )
