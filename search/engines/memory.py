"""The reference engine: plain Python, one letter after the other, obviously right.

Every other engine must give the same ids, order, totals, facets and scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

from search import ranking
from search.access import Allowed, Slice
from search.engine import INDEXES, VALUES, Document, IndexName, Match, Matches, Sort
from search.engines.question import check_depth, facet_attributes
from search.query import (
    OFFICE_ZONE,
    And,
    Everything,
    Field,
    Is,
    Like,
    Not,
    Or,
    Phrase,
    Query,
    Received,
    Some,
)

Test = Callable[[Document], bool]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A letter, and at which level each of its characters and words ranks."""

    document: Document
    characters: Mapping[str, int]
    words: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Found:
    document: Document
    score: float
    holds_all: bool


class MemoryEngine:
    """Keeps its letters in dictionaries; nothing outlives the process."""

    def __init__(self, zone: ZoneInfo = OFFICE_ZONE) -> None:
        self._zone = zone
        self._shown: dict[IndexName, dict[str, _Kept]] = {name: {} for name in INDEXES}
        self._coming: dict[IndexName, dict[str, Document | None]] = {name: {} for name in INDEXES}
        self._within: dict[Slice, tuple[_Kept, ...]] = {}

    def put(self, index: IndexName, documents: Sequence[Document]) -> None:
        """Add; one with the same id in this index is replaced. Visible after `commit`."""
        self._coming[index].update((document.id, document) for document in documents)

    def remove(self, index: IndexName, ids: Sequence[str]) -> None:
        """Take out; unknown ids are no error. Visible after `commit`."""
        self._coming[index].update(dict.fromkeys(ids))

    def commit(self) -> Mapping[str, str]:
        """Make all that was put and removed visible; nothing is ever refused."""
        for name, changes in self._coming.items():
            shown = self._shown[name]
            for id_, document in changes.items():
                if document is None:
                    shown.pop(id_, None)
                else:
                    shown[id_] = _kept(document)
            changes.clear()
        self._within.clear()
        return {}

    def search(
        self, question: Allowed, *, limit: int, offset: int, sort: Sort, facets: Sequence[str]
    ) -> Matches:
        """Answer within the question's slices. Raises `TooDeep`, `UnknownFacet`."""
        check_depth(limit, offset)
        counted = facet_attributes(facets)
        found = list(self._found(question, sort is Sort.RELEVANCE))
        found.sort(key=lambda one: _place(one, sort))
        return Matches(
            total=len(found),
            holding_all=sum(one.holds_all for one in found),
            page=tuple(Match(one.document.id, one.score) for one in found[offset : offset + limit]),
            facets={attribute.value: _counts(VALUES[attribute], found) for attribute in counted},
        )

    def ready(self) -> bool:
        """Always."""
        return True

    def identity(self) -> str:
        """Every one is its own."""
        return f"memory {id(self)}"

    def close(self) -> None:
        """Nothing is held open."""

    def _found(self, question: Allowed, ranked: bool) -> Iterator[_Found]:
        terms = ranking.terms(question.query)
        words = And(ranking.all_words(question.query))
        asked, every_word = holder(question.query, self._zone), holder(words, self._zone)
        for part in question.slices:
            for kept in self._held(part):
                document = kept.document
                if not asked(document):
                    continue
                holds_all = every_word(document)
                score = _score(kept, terms) if ranked else 0.0
                if ranked and words.parts and holds_all:
                    score += ranking.TIER
                yield _Found(document, score, holds_all)

    def _held(self, part: Slice) -> tuple[_Kept, ...]:
        """The letters of a slice, which are the same until the next commit."""
        if part not in self._within:
            within = holder(part.within, self._zone)
            kept = self._shown[part.index].values()
            self._within[part] = tuple(one for one in kept if within(one.document))
        return self._within[part]


def _counts(of: Callable[[Document], tuple[str, ...]], found: Sequence[_Found]) -> dict[str, int]:
    return dict(Counter(chain.from_iterable(set(of(one.document)) for one in found)))


def _kept(document: Document) -> _Kept:
    texts = {
        Field.SUBJECT: document.subject,
        Field.TEXT: document.text,
        Field.REPLY: document.reply,
    }
    return _Kept(
        document,
        ranking.character_impacts(
            {field: Counter(text.characters) for field, text in texts.items()}
        ),
        ranking.word_impacts({field: Counter(text.words) for field, text in texts.items()}),
    )


def _score(kept: _Kept, terms: ranking.Terms) -> float:
    score = 0.0
    for character, weight in terms.characters:
        if character in kept.characters:
            score += weight * ranking.IMPACTS[kept.characters[character]]
    for word, weight in terms.words:
        if word in kept.words:
            score += weight * ranking.WORD_IMPACTS[kept.words[word]]
    return score


def holder(query: Query, zone: ZoneInfo = OFFICE_ZONE) -> Test:
    """Tells of a letter whether it is one that the query asks for."""
    match query:
        case Everything():
            return lambda _: True
        case Phrase(text, fields):
            return _some([_standing(text, field) for field in fields or Field])
        case Some(words, _, leading):
            return holder(Or(leading or words), zone)
        case Like(words):
            wanted = frozenset(words)
            return lambda document: (
                not wanted.isdisjoint(document.text.words)
                or not wanted.isdisjoint(document.subject.words)
                or not wanted.isdisjoint(document.reply.words)
            )
        case Is(attribute, values):
            of = VALUES[attribute]
            return lambda document: not values.isdisjoint(of(document))
        case Received():
            start, end = query.seconds(zone)
            return lambda document: (
                (start is None or document.received >= start)
                and (end is None or document.received < end)
            )
        case And(parts):
            return _every([holder(part, zone) for part in parts])
        case Or(parts):
            return _some([holder(part, zone) for part in parts])
        case Not(part):
            unwanted = holder(part, zone)
            return lambda document: not unwanted(document)


def _standing(text: str, field: Field) -> Test:
    match field:
        case Field.SUBJECT:
            return lambda document: text in document.subject.characters
        case Field.TEXT:
            return lambda document: text in document.text.characters
        case Field.REPLY:
            return lambda document: text in document.reply.characters


# Loops and not `any` and `all`, which take three times as long for a few tests.
def _some(tests: Sequence[Test]) -> Test:
    def some(document: Document) -> bool:
        for test in tests:  # noqa: SIM110
            if test(document):
                return True
        return False

    return tests[0] if len(tests) == 1 else some


def _every(tests: Sequence[Test]) -> Test:
    def every(document: Document) -> bool:
        for test in tests:  # noqa: SIM110
            if not test(document):
                return False
        return True

    return tests[0] if len(tests) == 1 else every


def _place(found: _Found, sort: Sort) -> tuple[float, int, str]:
    """Where a letter stands: total orders, whatever the engine."""
    document = found.document
    match sort:
        case Sort.RELEVANCE:
            return -found.score, document.order, document.id
        case Sort.NEWEST:
            return 0.0, document.order, document.id
        case Sort.OLDEST:
            return float(document.received), document.order, document.id
