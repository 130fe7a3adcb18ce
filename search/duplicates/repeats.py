"""Repeats, as a person asks for them and decides of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from records import audit, decisions, petitions
from records.daily import Daily, use
from records.database import Session
from records.ids import is_id
from records.record import PetitionRecord
from records.users import user_by_id
from search.access import Scope, restrict
from search.answers import VisiblePetition
from search.case_files import MatterFile, matter_file
from search.door import Door, is_lasting, known_form, read_visible, require_visible
from search.duplicates.answers import MOST, SHOWN, Duplicate, DuplicateAnswer, LetterAsked
from search.duplicates.asking import (
    answers_first,
    candidates,
    everybody_of,
    known_letter,
    naming,
    new_letter,
    numbers_of,
    of_same_people,
    shown,
    within_of,
)
from search.duplicates.checking import (
    Decided,
    DecisionAsked,
    DecisionMade,
    DuplicateCheck,
    Side,
    comparison,
    kinds_for,
    new_decision,
    reason_for,
    require_decider,
    side,
    visible_decision,
    visible_decisions,
)
from search.duplicates.finding import Asked, Candidate, Shown, judge, nearest
from search.duplicates.overlooked import LETTERS, WAITING, Overlooked, unseen_by
from search.duplicates.people import comparable
from search.engine import Sort
from search.errors import NotFound
from search.personal import sound_reason
from search.query import Attribute, Is
from search.scopes import scope_of
from search.vocabulary import Vocabulary

MOST_URGED: Final = 50
"""Most urged letters that are told, those that were urged last."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Part of the `Library`. Every method takes the asker's `Scope` first; none has a default."""

    _door: Door

    def of_new(self, scope: Scope, asked: LetterAsked, daily: Daily) -> DuplicateAnswer:
        """Who wrote this before, or about it: letters that this user may see, closest first.

        Numbers of people are looked up by those who may, and count as such look-ups. Raises
        `QueryError` for an unknown region, `EngineError`.
        """
        self._door.require_index()
        vocabulary = self._door.vocabulary.known()
        letter = self._door.spoken(scope, lambda spoken: new_letter(asked, spoken))
        held = nearest(self._door.engine, scope, letter)
        numbers = numbers_of(scope, letter.people)
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            asks = not numbers or use(session, scope.user_id, daily) is not None
            ids = held.keys() | naming(session, scope, numbers) if asks else held.keys()
            read = candidates(session, scope, sorted(ids), vocabulary)
            told = {"compared": len(read), "people": bool(numbers) and asks}
            audit.write(session, scope.user_id, "duplicates", details=told)
        found = judge(letter, read, held, asked.size, self._shown(scope, vocabulary))
        return DuplicateAnswer(tuple(found), people_asked=asks)

    def of(self, scope: Scope, petition_id: str, size: int = SHOWN) -> DuplicateAnswer:
        """The same of a letter of the records. Raises `NotFound`, `EngineError`."""
        _, like = self._like(scope, "duplicates_of", petition_id, size)
        return DuplicateAnswer(tuple(like))

    def similar(self, scope: Scope, petition_id: str, size: int = SHOWN) -> DuplicateAnswer:
        """Letters like one, those that were answered first. Raises `NotFound`, `EngineError`."""
        _, like = self._like(scope, "similar", petition_id)
        return DuplicateAnswer(tuple(answers_first(like)[:size]))

    def overlooked(self, scope: Scope, size: int = LETTERS) -> tuple[Overlooked, ...]:
        """Letters that others registered, with what they repeat and those others may not see.

        For those who may look people up: of the newest letters that wait for a decision, and only
        of what this user sees. Raises `NotFound` for others, `EngineError`.
        """
        if not scope.finds:
            raise NotFound("this is for those who check for repeats")
        self._door.require_index()
        waiting = restrict(Is(Attribute.STATUS, WAITING), scope)
        newest = self._door.engine.search(
            waiting, limit=size, offset=0, sort=Sort.NEWEST, facets=()
        )
        told: list[Overlooked] = []
        for match in newest.page:
            with self._door.database.read() as session:
                registrars = _registrars(session, scope, match.id)
            if not registrars:
                continue
            with suppress(NotFound):
                visible, found = self._like(scope, "overlooked", match.id)
                with self._door.database.read() as session:
                    others = petitions.read(session, [one.petition.id for one in found])
                if unseen := unseen_by(registrars, found, {one.id: one for one in others}):
                    told.append(Overlooked(visible, unseen))
        return tuple(told)

    def check(self, scope: Scope, petition_id: str, other_id: str = "") -> DuplicateCheck:
        """A letter, those that it may repeat, and one of them beside it: `other_id`, else the
        closest. For those who decide of repeats. Raises `NotFound` for either, `EngineError`.
        """
        self._door.require_index()
        vocabulary = self._door.vocabulary.known()

        def known(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> tuple[Asked, PetitionRecord, dict[str, None]]:
            require_decider(scope)
            if other_id:
                require_visible(session, scope, known_form(other_id), vocabulary)
            letter = known_letter(scope, visible, record)
            sought = everybody_of(scope, letter.people, record)
            return letter, record, naming(session, scope, sought)

        told = {"other": other_id} if is_id(other_id) else {}
        visible, (letter, record, others) = self._door.view(
            scope, "duplicate_check", petition_id, known, told
        )
        held = nearest(self._door.engine, scope, letter)
        with self._door.database.read() as session:
            ids = (held.keys() | others) - {petition_id}
            read = candidates(session, scope, sorted(ids), vocabulary)
            found = judge(
                letter, read, held, SHOWN, partial(shown, session, scope, vocabulary=vocabulary)
            )
            ours, beside = side(session, scope, (visible, record), vocabulary), None
            if chosen := other_id or (found[0].petition.id if found else ""):
                theirs = require_visible(session, scope, chosen, vocabulary)
                told_of = [one for one in found if one.petition.id == chosen]
                if not told_of:
                    told_of = judge(letter, [Candidate(theirs[0], comparable(scope, *theirs))],
                                    held, 1)  # fmt: skip
                other = side(session, scope, theirs, vocabulary)
                closest = next(iter(told_of), None)
                beside = comparison(scope, (visible, record), theirs[1], other, closest)
            decided = visible_decisions(session, scope, [petition_id], vocabulary)
        kinds = kinds_for(record.status, theirs[1].status if beside else None)
        return DuplicateCheck(ours, tuple(found), beside, kinds, decided)

    def decided(self, scope: Scope, petition_id: str, other_id: str = "") -> Decided:
        """What was decided of a letter, and what can be: of it alone, or beside another one. For
        those who decide of repeats. Raises `NotFound` for either letter."""
        vocabulary = self._door.vocabulary.known()

        def read(session: Session, visible: VisiblePetition, record: PetitionRecord) -> Decided:
            require_decider(scope)
            beside = None
            if other_id:
                beside = require_visible(session, scope, known_form(other_id), vocabulary)[1].status
            told = visible_decisions(session, scope, [visible.id], vocabulary)
            return Decided(visible, kinds_for(record.status, beside), told)

        told = {"other": other_id} if is_id(other_id) else {}
        return self._door.view(scope, "duplicate_decisions", petition_id, read, told)[1]

    def decide(self, scope: Scope, petition_id: str, asked: DecisionAsked) -> DecisionMade:
        """Decide of a letter and another one, or of it alone.

        What the program told of the two is kept with it. Raises `NotFound` for either letter,
        `BadReason`, `records.errors.Changed`, `records.errors.BadValue`, `EngineError`.
        """
        reason = reason_for(asked)
        vocabulary = self._door.vocabulary.known()
        told: dict[str, object] = {"kind": asked.kind.value}
        if is_id(asked.other_id):
            told["other"] = asked.other_id
        before = self._told(scope, petition_id, asked.other_id, vocabulary)

        def act(session: Session, visible: VisiblePetition, _: PetitionRecord) -> DecisionMade:
            require_decider(scope)
            if asked.other_id:
                require_visible(session, scope, known_form(asked.other_id), vocabulary)
            new = new_decision(visible.id, asked, reason, before)
            told["decision"] = id_ = decisions.decide(session, scope.user_id, new)
            left, _ = require_visible(session, scope, visible.id, vocabulary)
            return DecisionMade(id_, left.status)

        return self._door.view(scope, "duplicate_decide", petition_id, act, told, lasting=True)[1]

    def undo(self, scope: Scope, petition_id: str, decision_id: str, reason: str) -> None:
        """Take back what was decided of a letter. Raises `NotFound`, `BadReason`,
        `records.errors.Changed`."""
        why = sound_reason(reason)
        vocabulary = self._door.vocabulary.known()
        told = {"decision": decision_id} if is_id(decision_id) else {}

        def act(session: Session, _: VisiblePetition, __: PetitionRecord) -> None:
            require_decider(scope)
            visible_decision(session, scope, petition_id, known_form(decision_id), vocabulary)
            decisions.undo(session, scope.user_id, decision_id, why)

        self._door.view(scope, "duplicate_undo", petition_id, act, told, lasting=True)

    def urged(self, scope: Scope, size: int = MOST_URGED) -> tuple[Side, ...]:
        """Letters whose offices were reminded and still owe something, the last one first. For
        those who decide of repeats. Raises `NotFound` for others."""
        require_decider(scope)
        vocabulary = self._door.vocabulary.known()
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            ids = decisions.urged_within(session, within_of(scope), size)
            read = read_visible(session, scope, ids, vocabulary)
            told = tuple(
                one for seen in read if (one := side(session, scope, seen, vocabulary)).reminders
            )
            audit.write(session, scope.user_id, "urged", details={"shown": len(told)})
        return told

    def matter_file(self, scope: Scope, petition_id: str) -> MatterFile:
        """All letters of the matter of a letter. Raises `NotFound`."""
        vocabulary = self._door.vocabulary.known()

        def read(session: Session, visible: VisiblePetition, _: PetitionRecord) -> MatterFile:
            return matter_file(session, scope, visible, vocabulary)

        return self._door.view(scope, "matter_file", petition_id, read)[1]

    def _like(
        self, scope: Scope, action: str, petition_id: str, most: int = MOST
    ) -> tuple[VisiblePetition, list[Duplicate]]:
        """One of the records, and letters like it; of both only what this user may see is
        compared."""
        self._door.require_index()
        vocabulary = self._door.vocabulary.known()

        def known(
            session: Session, visible: VisiblePetition, record: PetitionRecord
        ) -> tuple[Asked, dict[str, None]]:
            return known_letter(scope, visible, record), of_same_people(session, scope, record)

        visible, (letter, others) = self._door.view(scope, action, petition_id, known)
        held = nearest(self._door.engine, scope, letter)
        with self._door.database.read() as session:
            ids = (held.keys() | others) - {petition_id}
            read = candidates(session, scope, sorted(ids), vocabulary)
        return visible, judge(letter, read, held, most, self._shown(scope, vocabulary))

    def _shown(self, scope: Scope, vocabulary: Vocabulary) -> Shown:
        """Read once it is known which; nobody waits for the judging to end."""

        def read(ids: Sequence[str]) -> Mapping[str, VisiblePetition]:
            with self._door.database.read() as session:
                return shown(session, scope, ids, vocabulary)

        return read

    def _told(
        self, scope: Scope, petition_id: str, other_id: str, vocabulary: Vocabulary
    ) -> Duplicate | None:
        """What would be told of two letters; of those that aren't visible nothing."""
        if not (is_id(petition_id) and is_id(other_id)):
            return None
        with self._door.database.read() as session, suppress(NotFound):
            ours = require_visible(session, scope, petition_id, vocabulary)
            theirs = require_visible(session, scope, other_id, vocabulary)
            letter = known_letter(scope, *ours)
            candidate = Candidate(theirs[0], comparable(scope, *theirs))
            held = nearest(self._door.engine, scope, letter)
            return next(iter(judge(letter, [candidate], held, 1)), None)
        return None


def _registrars(session: Session, scope: Scope, petition_id: str) -> tuple[Scope, ...]:
    """The rights of those who registered it; nobody's where the asker is among them."""
    record = petitions.read_one(session, petition_id)
    known = record.registrars if record is not None else ()
    if scope.user_id in known:
        return ()
    found = (user_by_id(session, one) for one in known)
    return tuple(scope_of(user) for user in found if user is not None)
