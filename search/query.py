"""The question as a value: a frozen tree that knows no engine.

Every text in a tree is already folded (`analyzers.fold`). A text node matches a letter where its
folded characters stand in a row inside one field, i.e. as a substring, one character up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the words stands in the letter; one that holds all ranks above the others."""

    words: tuple[Phrase, ...]


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


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Query


Query = Everything | Phrase | Some | Is | Received | And | Or | Not
