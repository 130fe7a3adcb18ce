"""The question as a value: a frozen tree that knows no engine.

Every text in a tree is already folded (`analyzers.fold`). A text node matches a letter where its
folded characters stand in a row inside one field, i.e. as a substring, one character up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


class Field(StrEnum):
    """Where text can stand."""

    SUBJECT = "subject"
    TEXT = "text"
    REPLY = "reply"


class Attribute(StrEnum):
    """What a letter can be narrowed by, besides its text and its date."""

    NUMBER = "number"
    REGION = "region"
    CATEGORY = "category"
    STATUS = "status"
    CHANNEL = "channel"
    LEVEL = "level"
    YEAR = "year"
    READER = "reader"  # only `search.access` may put this into a tree


@dataclass(frozen=True, slots=True)
class Everything:
    """Every letter."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """The folded text stands in the letter: in one of `fields`, or in any when it is empty."""

    text: str
    fields: frozenset[Field] = frozenset()


class Why(StrEnum):
    """Why a word is looked for that was not typed (`search.expansion`)."""

    SOUND = "sound"
    SYNONYM = "synonym"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Beside:
    """A text looked for beside what was typed: beside which word, empty for the whole question.

    `share`: of the weight that it would have if it were typed, 0.0 to 1.0. `leads`: to letters by
    itself; else it only ranks.
    """

    text: str
    typed: str
    share: float
    why: Why
    leads: bool


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the words stands in the letter; one that holds all ranks above the others.

    `leading`: those texts, one of which must stand in it, where not just any of the words will do.
    `typed`: the folded text that the words were cut from; it only ranks, as `beside` does.
    """

    words: tuple[Phrase, ...]
    typed: tuple[str, ...] = ()
    leading: tuple[Phrase, ...] = ()
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Like:
    """At least one of these words stands in the letter as a word; all of them rank.

    Folded, of two characters up, at most 48: as many as an exact sum takes (`search.ranking`).
    """

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Is:
    """An attribute has one of the values. Region and category: the value or anything below it."""

    attribute: Attribute
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Received:
    """Received from `since` to `until`, both days included, in the office's time zone."""

    since: date | None = None
    until: date | None = None

    def seconds(self, zone: ZoneInfo = OFFICE_ZONE) -> tuple[int | None, int | None]:
        """Seconds since 1970-01-01 UTC: from the first (included) to the second (excluded)."""
        start = None if self.since is None else _midnight(self.since, zone)
        if self.until is None or self.until == date.max:
            return start, None
        return start, _midnight(self.until + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Query


Query = Everything | Phrase | Some | Like | Is | Received | And | Or | Not


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def positive_texts(query: Query) -> Iterator[Phrase | Some]:
    """The text nodes that a letter may be found by, i.e. those under no `Not`."""
    match query:
        case Phrase() | Some():
            yield query
        case And(parts) | Or(parts):
            for part in parts:
                yield from positive_texts(part)
        case _:
            return


def beside(query: Query) -> Iterator[Beside]:
    """What is looked for beside what was typed."""
    for node in positive_texts(query):
        if isinstance(node, Some):
            yield from node.beside


def likes(query: Query) -> Iterator[Like]:
    """The nodes that a letter may be found by for its words alone, i.e. those under no `Not`."""
    match query:
        case Like():
            yield query
        case And(parts) | Or(parts):
            for part in parts:
                yield from likes(part)
        case _:
            return
