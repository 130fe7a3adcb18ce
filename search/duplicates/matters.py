"""Hot matters as they are told: titles and members as this user sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from records import petitions
from records.database import Session
from search.access import Scope
from search.answers import Labelled, VisiblePetition
from search.duplicates.hot import Growth, HotMatter
from search.projection import project
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
    first: VisiblePetition
    last: VisiblePetition


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


def read_visible(
    session: Session, scope: Scope, ids: Sequence[str], vocabulary: Vocabulary
) -> dict[str, VisiblePetition]:
    """What this user sees of these letters, by id."""
    return {
        record.id: visible
        for record in petitions.read(session, ids)
        if (visible := project(scope, record, vocabulary)) is not None
    }


def needed(found: HotMatter) -> tuple[str, ...]:
    """The letters of which a line about a matter is made."""
    return (found.typical, found.members[0].id, found.members[-1].id)


def newest(found: HotMatter) -> tuple[str, ...]:
    """The letters that are told of a matter."""
    return tuple(member.id for member in found.members[-MOST_MEMBERS:])


def holding(matters: Iterable[HotMatter], petition_id: str) -> HotMatter | None:
    """The matter that this letter is of."""
    for one in matters:
        if any(member.id == petition_id for member in one.members):
            return one
    return None


def seen(
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
        first=visible[found.members[0].id],
        last=visible[found.members[-1].id],
    )


def seen_whole(
    found: HotMatter, visible: Mapping[str, VisiblePetition], vocabulary: Vocabulary
) -> MatterAnswer:
    """A matter with its letters, as far as they were read."""
    told = [
        MatterMember(visible[member.id], member.likeness)
        for member in reversed(found.members)
        if member.id in visible
    ][:MOST_MEMBERS]
    return MatterAnswer(seen(found, visible, vocabulary), tuple(told), found.letters - len(told))
