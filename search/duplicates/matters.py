"""Hot matters as they are told: titles and members as this user sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from records import audit
from records.ids import is_id
from records.record import PetitionRecord
from records.times import now
from search.access import Scope
from search.answers import Labelled, VisiblePetition
from search.door import Door, is_lasting, read_visible, there
from search.duplicates.groups import Groups
from search.duplicates.hot import Growth, HotMatter, hot_matters
from search.query import Attribute
from search.vocabulary import Vocabulary

MOST_MATTERS = 200
"""Most matters that are told at once."""
SHOWN_MATTERS = 50
MOST_MEMBERS = 500
"""Most letters of a matter that are told, the newest."""


@dataclass(frozen=True, slots=True)
class MatterSeen:
    """One matter. `id`: of its first letter. `people`: None for who can't tell them apart."""

    id: str
    title: str
    region: Labelled | None
    letters: int
    people: int | None
    answered: int
    growth: Growth
    months: tuple[tuple[str, int], ...]
    first_received_at: datetime
    last_received_at: datetime


@dataclass(frozen=True, slots=True)
class MatterMember:
    """A letter of a matter. `likeness`: to the most typical letter, 0.0 to 1.0."""

    petition: VisiblePetition
    likeness: float


@dataclass(frozen=True, slots=True)
class MattersAnswer:
    """Hottest first; `total`: how many there are for this user."""

    matters: tuple[MatterSeen, ...]
    total: int


@dataclass(frozen=True, slots=True)
class MatterAnswer:
    """A matter and its letters, newest first; `more`: letters that are not told."""

    matter: MatterSeen
    members: tuple[MatterMember, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Matters:
    """Part of the `Library`. Every method takes the asker's `Scope` first; none has a default."""

    _door: Door
    _groups: Groups = field(default_factory=Groups)

    def hot(self, scope: Scope, size: int = SHOWN_MATTERS) -> MattersAnswer:
        """Matters that many letters are about, the hottest first: of each as much as this user
        sees of its letters, told from nothing but these."""
        vocabulary = self._door.vocabulary.known()
        found = self._all(scope)
        shown = found[: min(size, MOST_MATTERS)]
        ids = dict.fromkeys(id_ for one in shown for id_ in _needed(one))
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            visible = _by_id(read_visible(session, scope, list(ids), vocabulary, bare=True))
            whole = [one for one in shown if visible.keys() >= set(_needed(one))]
            told = {"total": len(found), "shown": len(whole)}
            audit.write(session, scope.user_id, "matters", details=told)
        return MattersAnswer(tuple(_seen(one, visible, vocabulary) for one in whole), len(found))

    def of(self, scope: Scope, petition_id: str) -> MatterAnswer:
        """The matter that a letter is of, with its letters. Raises `NotFound`, also for a letter
        that is of none."""
        vocabulary = self._door.vocabulary.known()
        found = _holding(self._all(scope), petition_id)
        ids = dict.fromkeys((*_needed(found), *_newest(found))) if found else {}
        with self._door.database.write(lasting=is_lasting(scope)) as session:
            visible = _by_id(read_visible(session, scope, list(ids), vocabulary))
            if found is not None and not visible.keys() >= set(_needed(found)):
                found = None  # a letter was taken out of sight meanwhile
            told = {"shown": len(visible) if found else 0}
            known = petition_id if is_id(petition_id) else None
            audit.write(session, scope.user_id, "matter", known, told)
        return _seen_whole(there(found), visible, vocabulary)

    def _all(self, scope: Scope) -> list[HotMatter]:
        with self._door.database.read() as session:
            return hot_matters(session, scope, self._groups, now())


def _by_id(
    seen: Iterable[tuple[VisiblePetition, PetitionRecord]],
) -> dict[str, VisiblePetition]:
    return {visible.id: visible for visible, _ in seen}


def _needed(found: HotMatter) -> tuple[str, ...]:
    """The letters of which a line about a matter is made."""
    return (found.typical, found.members[0].id, found.members[-1].id)


def _newest(found: HotMatter) -> tuple[str, ...]:
    """The letters that are told of a matter."""
    return tuple(member.id for member in found.members[-MOST_MEMBERS:])


def _holding(matters: Iterable[HotMatter], petition_id: str) -> HotMatter | None:
    """The matter that this letter is of."""
    for one in matters:
        if any(member.id == petition_id for member in one.members):
            return one
    return None


def _seen(
    found: HotMatter, visible: Mapping[str, VisiblePetition], vocabulary: Vocabulary
) -> MatterSeen:
    """A matter as it is told."""
    region = found.region
    return MatterSeen(
        id=found.key,
        title=visible[found.typical].subject,
        region=vocabulary.labelled(Attribute.REGION, region) if region else None,
        letters=found.letters,
        people=found.people,
        answered=found.answered,
        growth=found.growth,
        months=found.months,
        first_received_at=visible[found.members[0].id].received_at,
        last_received_at=visible[found.members[-1].id].received_at,
    )


def _seen_whole(
    found: HotMatter, visible: Mapping[str, VisiblePetition], vocabulary: Vocabulary
) -> MatterAnswer:
    """A matter with its letters, as far as they were read."""
    told = [
        MatterMember(visible[member.id], member.likeness)
        for member in reversed(found.members)
        if member.id in visible
    ][:MOST_MEMBERS]
    return MatterAnswer(_seen(found, visible, vocabulary), tuple(told), found.letters - len(told))
