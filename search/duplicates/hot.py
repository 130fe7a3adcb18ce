"""Hot matters: many people, one thing. What a user sees of them is made of the letters that they
may see, and of nothing else.

Links are told from pairs of letters (`links`); a link of which a side is hidden is left out before
letters are grouped, so a hidden letter neither joins two groups nor parts one. Titles, counts,
growth and order are those of the visible letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from records import contents as kept
from records.contents import LinkedLetter
from records.database import Session
from search.access import FieldRight, Scope
from search.duplicates.asking import within_of
from search.duplicates.groups import Groups
from search.projection import granted_on
from search.query import OFFICE_ZONE

WINDOW: Final = timedelta(days=30)
"""Growth compares the last so many days with as many before."""
MONTHS: Final = 24
"""Months of a matter that are told, up to its last letter."""
SMALL: Final = 5
"""Fewer letters in the time before make no rate."""

_KNOWN_PEOPLE = {FieldRight.FULL_TEXT, FieldRight.NAME, FieldRight.ID_NO}


@dataclass(frozen=True, slots=True)
class Member:
    """A letter of a matter. `likeness`: to the most typical letter, 0.0 to 1.0."""

    id: str
    received_at: datetime
    region: str | None
    answered: bool
    likeness: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Letters of the last 30 days, and of the 30 before. `rate`: of change, None where there were
    too few to tell one."""

    recent: int
    before: int

    @property
    def rate(self) -> float | None:
        if self.before < SMALL:
            return None
        return (self.recent - self.before) / self.before


@dataclass(frozen=True, slots=True)
class HotMatter:
    """`key`: the id of its first letter. `typical`: of the letter whose subject is its title.
    `people`: different petitioners, None for who can't tell them apart. `months`: letters by month,
    the last one the month of the last letter. Members by date.
    """

    key: str
    typical: str
    members: tuple[Member, ...]
    people: int | None
    growth: Growth
    months: tuple[tuple[str, int], ...]

    @property
    def letters(self) -> int:
        return len(self.members)

    @property
    def answered(self) -> int:
        return sum(member.answered for member in self.members)

    @property
    def region(self) -> str | None:
        """Where most of the letters are about."""
        counted = Counter(member.region for member in self.members if member.region)
        return min(counted, key=lambda code: (-counted[code], code), default=None)


def hot_matters(
    session: Session, scope: Scope, groups: Groups, now: datetime, zone: ZoneInfo = OFFICE_ZONE
) -> list[HotMatter]:
    """Those with two visible letters or more, the hottest first."""
    links = groups.links(session)
    read = kept.letters_within(session, within_of(scope), partial(groups.joined, links))
    granted = {
        letter.id: rights
        for letter in read
        if (rights := granted_on(scope, letter.reach)) is not None
    }
    letters = sorted(
        (letter for letter in read if letter.id in granted),
        key=lambda letter: (letter.received_at, letter.id),
    )
    found = groups.of(links, letters)
    knows = {
        letters[at].id
        for group in found
        for at, _ in group.members
        if granted[letters[at].id] >= _KNOWN_PEOPLE
    }
    people = kept.people_of(session, sorted(knows))
    made = [
        _matter(
            [(letters[at], likeness) for at, likeness in group.members],
            letters[group.typical].id,
            people,
            knows,
            now,
            zone,
        )
        for group in found
    ]
    return sorted(made, key=_heat)


def _heat(one: HotMatter) -> tuple[int, int, int, str]:
    """Hottest first: by people, or by letters for who can't tell people apart."""
    people = one.letters if one.people is None else one.people
    return -people, -one.letters, -one.growth.recent, one.key


Told = Sequence[tuple[LinkedLetter, float]]


def _people(group: Told, people: Mapping[str, tuple[str, ...]], knows: Set[str]) -> int | None:
    """A letter without persons counts as somebody else's."""
    if any(letter.id not in knows for letter, _ in group):
        return None
    found: set[str] = set()
    for letter, _ in group:
        found.update(people.get(letter.id) or (letter.id,))
    return len(found)


def _matter(
    group: Told,
    typical: str,
    people: Mapping[str, tuple[str, ...]],
    knows: Set[str],
    now: datetime,
    zone: ZoneInfo,
) -> HotMatter:
    members = tuple(
        Member(letter.id, letter.received_at, letter.region, letter.answered, likeness)
        for letter, likeness in group
    )
    ages = [now - member.received_at for member in members]
    recent = sum(timedelta() <= age < WINDOW for age in ages)
    before = sum(WINDOW <= age < 2 * WINDOW for age in ages)
    return HotMatter(
        key=members[0].id,
        typical=typical,
        members=members,
        people=_people(group, people, knows),
        growth=Growth(recent, before),
        months=_months([member.received_at.astimezone(zone) for member in members]),
    )


def _months(moments: Sequence[datetime]) -> tuple[tuple[str, int], ...]:
    counted = Counter(12 * moment.year + moment.month - 1 for moment in moments)
    last = max(counted)
    first = max(min(counted), last - MONTHS + 1)
    return tuple(
        (f"{month // 12:04}-{month % 12 + 1:02}", counted[month])
        for month in range(first, last + 1)
    )
