"""Hot matters: many people, one thing. What a user sees of them is made of the letters that they
may see, and of nothing else.

Links are told from pairs of letters (`links`); a link of which a side is hidden is left out before
letters are grouped, so a hidden letter neither joins two groups nor parts one. Titles, counts,
growth and order are those of the visible letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from records import contents as kept
from records.contents import ContentLink, LinkedLetter
from records.database import Session
from search.access import FieldRight, Scope
from search.duplicates.clusters import Cluster, Link, Node, clusters
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
    session: Session, scope: Scope, now: datetime, zone: ZoneInfo = OFFICE_ZONE
) -> list[HotMatter]:
    """Those with two visible letters or more, the hottest first."""
    read = kept.linked_letters(session)
    granted = {
        letter.id: rights
        for letter in read
        if (rights := granted_on(scope, letter.reach)) is not None
    }
    letters = sorted(
        (letter for letter in read if letter.id in granted),
        key=lambda letter: (letter.received_at, letter.id),
    )
    groups = grouped(letters, kept.all_links(session) if letters else [])
    told = [letter.id for group, _ in groups for letter, _ in group]
    knows = {id_ for id_ in told if granted[id_] >= _KNOWN_PEOPLE}
    people = kept.people_of(session, sorted(knows))
    made = [
        _matter(group, typical, _people(group, people, knows), now, zone)
        for group, typical in groups
    ]
    return sorted(made, key=_heat)


def _heat(one: HotMatter) -> tuple[int, int, int, str]:
    """Hottest first: by people, or by letters for who can't tell people apart."""
    people = one.letters if one.people is None else one.people
    return -people, -one.letters, -one.growth.recent, one.key


Group = list[tuple[LinkedLetter, float]]


def grouped(
    letters: Sequence[LinkedLetter], links: Sequence[ContentLink]
) -> list[tuple[Group, str]]:
    """Letters with their likeness, and the id of the typical one. `letters`: all that count, by
    date; links to others are passed over."""
    place: dict[int, int] = {}
    holders: list[list[LinkedLetter]] = []
    for letter in letters:
        at = place.setdefault(letter.content_id, len(holders))
        if at == len(holders):
            holders.append([])
        holders[at].append(letter)
    nodes = [
        Node(len(one), one[0].received_at.toordinal(), one[-1].received_at.toordinal())
        for one in holders
    ]
    inside = []
    for link in links:
        one, other = place.get(link.one), place.get(link.other)
        if one is not None and other is not None:
            inside.append(Link(min(one, other), max(one, other), link.odds))
    return [
        (_group(found, holders), holders[found.typical][0].id) for found in clusters(nodes, inside)
    ]


def _group(found: Cluster, holders: Sequence[Sequence[LinkedLetter]]) -> Group:
    members = [
        (letter, likeness)
        for node, likeness in zip(found.nodes, found.likeness, strict=True)
        for letter in holders[node]
    ]
    return sorted(members, key=lambda one: (one[0].received_at, one[0].id))


def _people(group: Group, people: dict[str, tuple[str, ...]], knows: set[str]) -> int | None:
    """A letter without persons counts as somebody else's."""
    if any(letter.id not in knows for letter, _ in group):
        return None
    found: set[str] = set()
    for letter, _ in group:
        found.update(people.get(letter.id) or (letter.id,))
    return len(found)


def _matter(
    group: Group, typical: str, people: int | None, now: datetime, zone: ZoneInfo
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
        people=people,
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
