"""The port that every engine implements, and the values that cross it.

Engines never see language: they get folded characters and cut words, and match them exactly.
They never see a user either: they get an `Allowed` question, which only `search.access.restrict`
makes, and answer with ids and scores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from search.query import Attribute

if TYPE_CHECKING:
    from search.access import Allowed


class Edition(StrEnum):
    FULL = "full"
    REDACTED = "redacted"


class Level(StrEnum):
    """Secrecy, rising."""

    OPEN = "open"
    RESTRICTED = "restricted"
    SECRET = "secret"  # noqa: S105


class IndexName(NamedTuple):
    """One of the six indexes of one shape."""

    level: Level
    edition: Edition

    def __str__(self) -> str:
        return f"{self.level}-{self.edition}"


INDEXES: tuple[IndexName, ...] = tuple(IndexName(lv, ed) for lv in Level for ed in Edition)


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field, ready for an engine.

    `characters` is the folded text itself (the engine makes of it what finds any substring);
    `words` are its jieba words in order, repeats included.
    """

    characters: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One edition of one petition.

    `order` breaks ties: smaller comes first; it depends on the petition alone.
    `regions` and `categories` hold the code itself and all codes above it.
    `readers` are the tokens of those who may find it (`search.access.readers_of`).
    """

    id: str
    order: int
    subject: FieldText
    text: FieldText
    reply: FieldText
    received: int  # seconds since 1970-01-01 UTC
    year: str
    regions: tuple[str, ...]
    categories: tuple[str, ...]
    status: str
    channel: str
    level: Level
    numbers: tuple[str, ...]  # folded: our number and the older system's
    readers: tuple[str, ...]

    def values(self, attribute: Attribute) -> tuple[str, ...]:
        """The values that the letter has of an attribute."""
        return VALUES[attribute](self)


VALUES: Mapping[Attribute, Callable[[Document], tuple[str, ...]]] = {
    Attribute.READER: attrgetter("readers"),
    Attribute.NUMBER: attrgetter("numbers"),
    Attribute.REGION: attrgetter("regions"),
    Attribute.CATEGORY: attrgetter("categories"),
    Attribute.STATUS: lambda one: (one.status,),
    Attribute.CHANNEL: lambda one: (one.channel,),
    Attribute.LEVEL: lambda one: (one.level.value,),
    Attribute.YEAR: lambda one: (one.year,),
}
"""The values that a letter has of an attribute."""


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Match:
    """`score` is exact: a sum of dyadic fractions, the same bits on every engine.

    It is 0 where the answer was sorted by date.
    """

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Matches:
    """`total` and `facets` are exact counts over all that matched within the slices.

    `holding_all` counts the letters that hold every word of the question (equal to `total` where it
    has no two words, and none that others lead to letters beside).
    """

    total: int
    holding_all: int
    page: tuple[Match, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Engine(Protocol):
    """Six indexes. Deeper pages than `MAX_DEPTH` are refused alike by all (`TooDeep`)."""

    def put(self, index: IndexName, documents: Sequence[Document]) -> None:
        """Add; one with the same id in this index is replaced. Visible after `commit`.

        One that can't be taken doesn't keep the others out: `commit` tells of it.
        """

    def remove(self, index: IndexName, ids: Sequence[str]) -> None:
        """Take out; unknown ids are no error. Visible after `commit`."""

    def commit(self) -> Mapping[str, str]:
        """Make all that was put and removed durable and visible.

        The ids of letters that were refused since the last time, and why: what an index held
        under such an id, it may still hold.
        """

    def search(
        self, question: Allowed, *, limit: int, offset: int, sort: Sort, facets: Sequence[str]
    ) -> Matches:
        """Answer within the question's slices; `facets` are names of `Attribute`.

        The order is total: by falling score (`RELEVANCE`) or time of receipt (`OLDEST`), then by
        `order`, then by id; `NEWEST` is by `order` and id alone.
        """

    def ready(self) -> bool:
        """Can answer now."""

    def identity(self) -> str:
        """What the records remember these indexes by. Raises `IndexNotReady`, `EngineDown`."""

    def close(self) -> None: ...


class KeptEngine(Engine, Protocol):
    """An engine whose indexes outlive the process and can be made anew beside the present ones."""

    def rest(self) -> None:
        """Let other processes write. What wasn't committed may be lost."""

    def beside(self) -> KeptEngine:
        """An empty engine to fill while this one answers; `close` throws it away."""

    def become_current(self) -> str:
        """Answer from now on in place of the engine that this one stands beside; the identity."""


MAX_DEPTH = 10_000
