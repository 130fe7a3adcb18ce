"""People of petitions: one masked value of theirs, whose number it is, all letters of one."""

from __future__ import annotations

from dataclasses import dataclass

from records import audit, persons
from records.daily import Daily, use
from records.database import Session
from records.record import PetitionRecord
from records.times import now
from search.access import Scope
from search.answers import (
    MAX_SIZE,
    PersonAnswer,
    PersonRequest,
    Revealed,
    RevealRequest,
    VisiblePetition,
)
from search.case_files import PersonFile, person_file
from search.door import Door, is_lasting, read_visible
from search.hits import hit
from search.personal import names, number_hash, person_scope, sound_reason, value_behind
from search.query import Everything


@dataclass(frozen=True, slots=True)
class People:
    """Part of the `Library`. Every method takes the asker's `Scope` first; none has a default."""

    _door: Door

    def reveal(
        self, scope: Scope, petition_id: str, asked: RevealRequest, daily: Daily
    ) -> Revealed:
        """One masked value of a person, for those whose role may look at it; so many a day.

        The log has who, why, and what kind of value, before anything is shown. Raises `BadReason`
        before anything is looked at, `NotFound`, `records.errors.UsedUp`.
        """
        reason = sound_reason(asked.reason)
        told: dict[str, object] = {"person": asked.person, "fact": asked.fact, "reason": reason}

        def look(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> Revealed | None:
            value = value_behind(visible, record, asked)
            left = use(session, scope.user_id, daily)
            if left is None:
                told.update(shown=False, used_up=True)
                return None
            return Revealed(record.number, value, left)

        _, found = self._door.view(scope, "reveal", petition_id, look, told, lasting=True)
        if found is None:
            raise daily.refusal(now())
        return found

    def find(self, scope: Scope, asked: PersonRequest, daily: Daily) -> PersonAnswer:
        """Petitions that name the person with exactly this number; so many numbers a day.

        The log has the number's keyed hash. Raises `BadNumber`, `NotFound` for a fact by which this
        user may look nobody up, `records.errors.UsedUp`.
        """
        within = person_scope(scope, asked)
        vocabulary = self._door.vocabulary.known()
        found: list[VisiblePetition] = []
        more = False
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            hashed = number_hash(session, asked)
            left = use(session, scope.user_id, daily)
            if left is not None:
                named = persons.petitions_naming_within(
                    session, asked.fact, [asked.value], within, MAX_SIZE + 1
                )
                more = len(named) > MAX_SIZE
                found = [
                    visible
                    for visible, record in read_visible(
                        session, scope, named[:MAX_SIZE], vocabulary
                    )
                    if names(session, visible, record, asked.fact, hashed)
                ]
            told: dict[str, object] = {"fact": asked.fact, "value_hash": hashed}
            told |= {"shown": len(found)} if left is not None else {"used_up": True}
            audit.write(session, scope.user_id, "find_person", details=told)
        if left is None:
            raise daily.refusal(now())
        return PersonAnswer(tuple(hit(one, 0.0, Everything()) for one in found), more, left)

    def file(self, scope: Scope, petition_id: str, number: int) -> PersonFile:
        """All letters of a person of a letter, for those who may look people up. Raises
        `NotFound`."""
        vocabulary = self._door.vocabulary.known()

        def read(session: Session, visible: VisiblePetition, record: PetitionRecord) -> PersonFile:
            return person_file(session, scope, (visible, record), number, vocabulary)

        told = {"person": number}
        return self._door.view(scope, "person_file", petition_id, read, told)[1]
