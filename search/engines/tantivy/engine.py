"""The engine port on Tantivy."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import tantivy

from search import ranking
from search.access import Allowed, Slice
from search.engine import INDEXES, Document, IndexName, Match, Matches, Sort
from search.engines.packing import packed_or_refused
from search.engines.question import check_depth, facet_attributes
from search.engines.tantivy.folder import Folder, check_made_by
from search.engines.tantivy.questions import Clause, Questions
from search.engines.tantivy.schema import packed, schema
from search.engines.tantivy.shelf import HEAPS, Shelf, driver_errors
from search.engines.tantivy.turns import Turns
from search.errors import EngineDown, IndexNotReady
from search.query import OFFICE_ZONE, And, Attribute, Like, Or, Phrase, Query

_MOST_VALUES = 60_000  # Tantivy refuses more than 65,000 buckets in one answer
_SLACK = 50  # hits beyond the page that are fetched at once, for ties
_MORE = (_SLACK, 500, 4_000)
_NEAR = 500  # letters of the smallest order among which ties are looked for first


class _Hit(NamedTuple):
    """`place` without the id: it is read only where it decides, or is shown."""

    place: tuple[float, int]
    searcher: tantivy.Searcher
    address: tantivy.DocAddress

    @property
    def id(self) -> str:
        return str(self.searcher.doc(self.address)["id"][0])


class _Asked(NamedTuple):
    """A question made once for all slices. `words`: what a letter holds that holds all words.
    `scored`: what matches has its score already."""

    query: Query
    matching: tantivy.Query
    words: tuple[Phrase, ...]
    ranks: bool
    scored: bool
    scores: Sequence[Clause]


class _Part(NamedTuple):
    total: int
    holding_all: int
    hits: list[_Hit]
    counts: dict[str, Counter[str]]


class Beside(NamedTuple):
    """Where an engine that isn't current yet lies; the lock on the folder is taken."""

    folder: Folder
    generation: Path


class TantivyEngine:
    """Six indexes in a folder; any number of processes read, one writes.

    Writing takes a lock at the first `put` or `remove` and keeps it until `rest` or `close`.
    """

    def __init__(
        self, path: Path, zone: ZoneInfo = OFFICE_ZONE, *, beside: Beside | None = None
    ) -> None:
        self._folder = beside.folder if beside else Folder(path)
        self._generation = beside.generation if beside else None  # None: whichever is current
        self._zone = zone
        self._schema = schema()
        self._questions = Questions(self._schema, zone)
        self._guard = threading.RLock()
        self._turns = Turns()
        self._shelves: dict[IndexName, Shelf] = {}
        self._stamp: tuple[int, int] | None = None
        self._writes = beside is not None
        self._refused: dict[str, str] = {}

    def beside(self) -> TantivyEngine:
        """An empty engine to fill while this one answers; `become_current` then replaces it.

        `close` without `become_current` throws it away. Raises `EngineBusy`.
        """
        self._folder.lock()  # given back by the engine beside
        try:
            generation = self._folder.make()
        except OSError as error:
            self._folder.unlock()
            raise EngineDown(f"no room for new indexes: {error}") from error
        return TantivyEngine(self._folder.path, self._zone, beside=Beside(self._folder, generation))

    def become_current(self) -> str:
        """Commit, and from now on answer in place of the engine that this one stands beside.

        Gives the new identity.
        """
        if self._generation is None:
            raise ValueError("only an engine made by beside() can become current")
        with self._guard:
            self.commit()
            self._open()  # all six are there, even those that nothing was put into
            self._folder.choose(self._generation)
            self._generation, self._stamp = None, self._folder.stamp()
            return self.identity()

    def put(self, index: IndexName, documents: Sequence[Document]) -> None:
        """Add; one with the same id in this index is replaced. Visible after `commit`.

        Raises `EngineBusy` while another process writes, `IndexNotReady`, `EngineDown`.
        """
        letters, refused = packed_or_refused(packed, documents)
        self._refused |= refused
        self._writing(index).put(letters)

    def remove(self, index: IndexName, ids: Sequence[str]) -> None:
        """Take out; unknown ids are no error. Visible after `commit`. Raises like `put`."""
        self._writing(index).remove(ids)

    def commit(self) -> Mapping[str, str]:
        """Make all that was put and removed durable and visible; the ids refused, with reasons."""
        with self._guard:
            for shelf in self._shelves.values():
                shelf.commit()
            refused, self._refused = self._refused, {}
            return refused

    def rest(self) -> None:
        """Let other processes write, until this one puts again. What wasn't committed is lost."""
        with self._guard:
            for shelf in self._shelves.values():
                shelf.rest()
            if self._writes:
                self._writes = False
                self._folder.unlock()

    def close(self) -> None:
        """Let go of everything."""
        with self._guard:
            self.rest()
            self._shelves = {}
            self._stamp = None
            if self._generation is not None:
                self._folder.drop(self._generation)

    def ready(self) -> bool:
        """Whether the indexes are there and of our making."""
        try:
            self._open()
        except (IndexNotReady, EngineDown):
            return False
        return True

    def identity(self) -> str:
        """The engine and the generation that is asked."""
        self._open()
        generation = self._generation or self._folder.current()
        assert generation is not None
        return f"tantivy {generation.name}"

    def search(
        self, question: Allowed, *, limit: int, offset: int, sort: Sort, facets: Sequence[str]
    ) -> Matches:
        """Answer within the question's slices.

        Raises `TooDeep`, `UnknownFacet`, `IndexNotReady`, `EngineDown`.
        """
        check_depth(limit, offset)
        counted = facet_attributes(facets)
        shelves = self._open()
        wanted = limit + offset if limit else 0
        with driver_errors():
            asked = self._asked(question.query, sort)
            slices = _by_index(question.slices)
            searchers = {index: shelves[index].searcher() for index in slices}
            parts = self._turns.each(
                lambda index: self._search(
                    searchers[index], slices[index], asked, wanted, sort, counted
                ),
                {index: searcher.num_docs for index, searcher in searchers.items()},
            )
            counts = {attribute.value: Counter[str]() for attribute in counted}
            for part in parts:
                for name, counter in part.counts.items():
                    counts[name].update(counter)
            return Matches(
                total=sum(part.total for part in parts),
                holding_all=sum(part.holding_all for part in parts),
                page=_page([hit for part in parts for hit in part.hits], limit, offset, sort),
                facets={name: dict(counter) for name, counter in counts.items()},
            )

    def _open(self, *, make: bool = False) -> dict[IndexName, Shelf]:
        """The shelves of the generation to use, opened anew after a rebuild.

        `make`: an empty one where there is none; else that is `IndexNotReady`.
        """
        with self._guard:
            stamp = self._folder.stamp()
            if self._shelves and (self._generation is not None or stamp == self._stamp):
                return self._shelves
            generation = self._generation or self._folder.current()
            if generation is None:
                if not make:
                    raise IndexNotReady("there are no indexes yet: run `petitions reindex`")
                self._folder.lock()
                try:
                    generation = self._folder.current() or self._folder.make()
                    self._shelves = self._read(generation)
                    self._folder.choose(generation)
                    stamp = self._folder.stamp()
                finally:
                    self._folder.unlock()
            else:
                check_made_by(generation)
                self._shelves = self._read(generation)
            self._stamp = stamp
            return self._shelves

    def _read(self, generation: Path) -> dict[IndexName, Shelf]:
        return {
            name: Shelf(generation / str(name), self._schema, HEAPS[name.level]) for name in INDEXES
        }

    def _writing(self, index: IndexName) -> Shelf:
        with self._guard:
            shelves = self._open(make=True)
            if not self._writes:
                self._folder.lock()
                self._writes = True
            return shelves[index]

    def _asked(self, query: Query, sort: Sort) -> _Asked:
        words = ranking.all_words(query)
        ranks = sort is Sort.RELEVANCE and bool(words or any(ranking.terms(query)))
        if ranks and isinstance(query, Like):
            alike = self._questions.alike(query)
            return _Asked(query, alike, words, ranks, scored=True, scores=())
        scores = self._questions.scores(query) if ranks else ()
        matching = self._questions.matching(query)
        return _Asked(query, matching, words, ranks, scored=False, scores=scores)

    def _search(
        self,
        searcher: tantivy.Searcher,
        within: tuple[Query, ...],
        asked: _Asked,
        wanted: int,
        sort: Sort,
        counted: Sequence[Attribute],
    ) -> _Part:
        put_within = self._questions.scored if asked.scored else self._questions.both
        matching = put_within(within, asked.matching)
        if not wanted:
            found = _Found(_count(searcher, matching), [])
        elif asked.ranks:
            ranked = matching if asked.scored else self._questions.ranked(matching, asked.scores)
            up_to = self._questions.order_up_to
            found = _by_score(searcher, matching, ranked, up_to, wanted)
        else:
            by = "received" if sort is Sort.OLDEST else "order"
            found = _by_field(searcher, matching, by, wanted)
        if not asked.words:
            holding_all = found.total
        elif asked.ranks and found.hits and found.hits[-1][0] < ranking.TIER:
            holding_all = sum(score >= ranking.TIER for score, _ in found.hits)
        else:
            every = self._questions.matching(And((Or(within), asked.query, *asked.words)))
            holding_all = _count(searcher, every) if found.total else 0
        hits = _hits(searcher, found, sort if asked.ranks or sort is Sort.OLDEST else Sort.NEWEST)
        return _Part(
            found.total, holding_all, hits, _counts(searcher, matching, counted, found.total)
        )


def _by_index(slices: Sequence[Slice]) -> dict[IndexName, tuple[Query, ...]]:
    """What may be found of each index: slices are disjoint, so an index is asked once for all."""
    found: dict[IndexName, tuple[Query, ...]] = {}
    for part in slices:
        found[part.index] = (*found.get(part.index, ()), part.within)
    return found


def _count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    # Tantivy takes no limit of 0.
    return _ask(searcher, tantivy.Query.const_score_query(query, 0.0), 1).total


def _counts(
    searcher: tantivy.Searcher, matching: tantivy.Query, counted: Sequence[Attribute], total: int
) -> dict[str, Counter[str]]:
    if not counted or not total:
        return {}
    asked = {
        attribute.value: {
            "terms": {"field": attribute.value, "size": _MOST_VALUES, "min_doc_count": 1}
        }
        for attribute in counted
    }
    answer = searcher.aggregate(matching, asked)
    return {
        name: Counter({bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]})
        for name, found in answer.items()
    }


class _Found(NamedTuple):
    """Hits as Tantivy gives them: sorting key and address; `total` of all that match."""

    total: int
    hits: list[tuple[float, tantivy.DocAddress]]


def _ask(
    searcher: tantivy.Searcher, query: tantivy.Query, limit: int, by: str | None = None
) -> _Found:
    # The stub leaves `count` out.
    answer: Any = searcher.search(
        query, limit=limit, count=True, order_by_field=by, order=tantivy.Order.Asc
    )
    return _Found(int(answer.count), answer.hits)


def _by_score(
    searcher: tantivy.Searcher,
    matching: tantivy.Query,
    ranked: tantivy.Query,
    order_up_to: Callable[[int], tantivy.Query],
    wanted: int,
) -> _Found:
    """The best `wanted` and all that tie with the last of them and might come before it.

    Tantivy breaks ties by place in its files. Where more tie with the last hit than were fetched,
    those of the smallest `order` are asked for: among the letters up to some order that match.
    """
    for more in _MORE:
        found = _ask(searcher, ranked, wanted + more)
        hits = found.hits
        if len(hits) == found.total or hits[-1][0] != hits[wanted - 1][0]:
            return found
    cut = hits[-1][0]
    better = [hit for hit in hits if hit[0] > cut]
    near = max(_NEAR, 4 * wanted)
    while True:
        first = _ask(searcher, matching, near, "order")
        if len(first.hits) == first.total:
            break
        narrowed = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, ranked),
                (tantivy.Occur.Must, order_up_to(int(first.hits[-1][0]))),
            ]
        )
        # Several letters may share the last order.
        part = _ask(searcher, narrowed, near + _SLACK)
        tied = [hit for hit in part.hits if hit[0] == cut]
        if len(part.hits) == part.total and len(better) + len(tied) >= wanted:
            return _Found(found.total, better + tied)
        near *= 8
    return _ask(searcher, ranked, found.total)


def _by_field(searcher: tantivy.Searcher, matching: tantivy.Query, by: str, wanted: int) -> _Found:
    """The first `wanted` by a field, and all that tie with the last of them."""
    limit = wanted + _SLACK
    while True:
        found = _ask(searcher, matching, limit, by)
        hits = found.hits
        if len(hits) == found.total or hits[-1][0] != hits[wanted - 1][0]:
            return found
        limit *= 8


def _hits(searcher: tantivy.Searcher, found: _Found, sort: Sort) -> list[_Hit]:
    if not found.hits:
        return []
    orders = searcher.fast_field_values("order", [address for _, address in found.hits])
    return [
        _Hit((_place(key, sort), _number(order)), searcher, address)
        for (key, address), order in zip(found.hits, orders, strict=True)
    ]


def _place(key: float, sort: Sort) -> float:
    match sort:
        case Sort.RELEVANCE:
            return -key
        case Sort.NEWEST:
            return 0.0
        case Sort.OLDEST:
            return float(key)


def _number(value: float | bool | None) -> int:
    if value is None:
        raise EngineDown("a letter in the index has no order: rebuild it")
    return int(value)


def _page(hits: list[_Hit], limit: int, offset: int, sort: Sort) -> tuple[Match, ...]:
    """The page out of the first hits of all slices. Ids are read where they decide or are shown."""
    hits.sort(key=lambda hit: hit.place)
    shown = hits[offset : offset + limit]
    if not shown:
        return ()
    first, last = shown[0].place, shown[-1].place
    start, end = offset, offset + len(shown)
    while start and hits[start - 1].place == first:
        start -= 1
    while end < len(hits) and hits[end].place == last:
        end += 1
    around = sorted((hit.place, hit.id) for hit in hits[start:end])
    return tuple(
        Match(id_, -place[0] if sort is Sort.RELEVANCE and place[0] else 0.0)
        for place, id_ in around[offset - start : offset - start + limit]
    )
