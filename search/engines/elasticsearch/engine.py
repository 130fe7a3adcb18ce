"""The engine port on Elasticsearch."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from elasticsearch import NotFoundError

from search import ranking
from search.access import Allowed
from search.engine import Document, IndexName, Match, Matches, Sort
from search.engines.elasticsearch.connection import Connection, driver_errors
from search.engines.elasticsearch.indices import Indices
from search.engines.elasticsearch.mapping import packed
from search.engines.elasticsearch.questions import Questions, constant, ranked
from search.engines.elasticsearch.writing import Writer
from search.engines.packing import packed_or_refused
from search.engines.question import check_depth, facet_attributes
from search.errors import EngineDown, EngineError
from search.query import OFFICE_ZONE, And, Attribute, Query

_MOST_VALUES = 60_000  # Elasticsearch refuses more than 65,536 buckets in one answer
_UNITS = 256  # scores are whole numbers of this part of 1 (`search.ranking`)

_SORTS: Mapping[Sort, list[dict[str, str]]] = {
    Sort.RELEVANCE: [{"_score": "desc"}, {"order": "asc"}, {"id": "asc"}],
    Sort.NEWEST: [{"order": "asc"}, {"id": "asc"}],
    Sort.OLDEST: [{"received": "asc"}, {"order": "asc"}, {"id": "asc"}],
}


class ElasticsearchEngine:
    """Six indexes of a cluster; any number of processes read and write.

    Who writes holds a lock of the records, so that one process writes at a time.
    """

    def __init__(
        self, connection: Connection, zone: ZoneInfo = OFFICE_ZONE, *, beside: str = ""
    ) -> None:
        self._connection = connection
        self._zone = zone
        self._client = connection.client()
        self._patient = connection.client(patient=True)
        self._indices = Indices(self._patient, connection)
        self._questions = Questions(zone)
        self._writer = Writer(self._patient, connection, behind_aliases=not beside)
        self._generation = beside  # empty: whichever is current
        self._written: set[str] = set()

    def beside(self) -> ElasticsearchEngine:
        """An empty engine to fill while this one answers; `become_current` then replaces it.

        `close` without `become_current` throws it away. Raises `EngineDown`.
        """
        generation = uuid.uuid4().hex[:12]
        self._indices.make(generation)
        return ElasticsearchEngine(self._connection, self._zone, beside=generation)

    def become_current(self) -> str:
        """Answer from now on in place of the engine that this one stands beside; the identity."""
        if not self._generation:
            raise ValueError("only an engine made by beside() can become current")
        self.commit()
        self._indices.choose(self._generation)
        self._generation = ""
        return self.identity()

    def identity(self) -> str:
        """The engine, the office's indexes and the generation that is asked."""
        generation = self._generation or self._indices.current()
        return f"elasticsearch {self._connection.prefix} {generation}"

    def put(self, index: IndexName, documents: Sequence[Document]) -> None:
        """Add; one with the same id in this index is replaced. Visible after `commit`.

        Raises `IndexNotReady`, `EngineDown`: also for what was put before.
        """
        letters, refused = packed_or_refused(packed, documents)
        self._writer.refuse(refused)
        self._send(index, [{"_id": id_, "_source": letter} for id_, letter in letters])

    def remove(self, index: IndexName, ids: Sequence[str]) -> None:
        """Take out; unknown ids are no error. Visible after `commit`. Raises like `put`."""
        self._send(index, [{"_op_type": "delete", "_id": id_} for id_ in ids])

    def commit(self) -> Mapping[str, str]:
        """Make all that was put and removed durable and visible; the ids refused, with reasons."""
        refused = self._writer.finish()
        if self._written:
            with driver_errors(self._connection):
                answer = self._patient.indices.refresh(index=",".join(sorted(self._written)))
            if answer["_shards"]["failed"]:
                raise EngineDown(f"Elasticsearch at {self._connection} can't show what it took")
            self._written.clear()
        return refused

    def rest(self) -> None:
        """Wait for what is under way. What wasn't committed may be visible or lost."""
        self._writer.forget()

    def close(self) -> None:
        """Let go of everything."""
        self._writer.close()
        if self._generation:
            self._indices.drop(self._generation)
        self._client.close()
        self._patient.close()

    def ready(self) -> bool:
        """Whether the indexes are there, of our making and whole."""
        try:
            self._indices.require_allocated()
        except EngineError:
            return False
        return True

    def search(
        self, question: Allowed, *, limit: int, offset: int, sort: Sort, facets: Sequence[str]
    ) -> Matches:
        """Answer within the question's slices.

        Raises `TooDeep`, `UnknownFacet`, `IndexNotReady`, `EngineDown`: never a part of an answer.
        """
        check_depth(limit, offset)
        counted = facet_attributes(facets)
        names = self._names()
        if not question.slices:
            return Matches(0, 0, (), {attribute.value: {} for attribute in counted})
        body = self._body(question, limit, offset, sort, counted, names)
        asked = sorted({names[part.index] for part in question.slices})
        with driver_errors(self._connection):
            found = _matches(self._ask(asked, body), counted, sort)
            if (holding := _holding_all(question.query, found, limit, offset, sort)) is None:
                holding = self._holding_all(question, names, asked)
        return replace(found, holding_all=min(holding, found.total))

    def _holding_all(
        self, question: Allowed, names: Mapping[IndexName, str], asked: Sequence[str]
    ) -> int:
        """How many hold every word: asked apart, since few answers need it and it costs as much as
        finding them."""
        every = And((question.query, *ranking.all_words(question.query)))
        parts = [self._questions.within(question.slices, names), self._questions.matching(every)]
        body = {"query": {"bool": {"filter": parts}}, "size": 0, "track_total_hits": True}
        return _total(self._ask(asked, body))

    def _ask(self, indices: Sequence[str], body: dict[str, Any]) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            answer: Mapping[str, Any] = self._client.search(
                index=",".join(indices), allow_partial_search_results=False, body=body
            ).body
            return answer

        try:
            return ask()
        except NotFoundError:  # a rebuild took the index away while it was being asked
            return ask()

    def _names(self) -> Mapping[IndexName, str]:
        """What to ask and to write to."""
        if self._generation:
            return self._indices.generation(self._generation)
        return self._indices.aliases

    def _send(self, index: IndexName, actions: Iterable[dict[str, Any]]) -> None:
        name = self._names()[index]
        made = [{"_index": name, **action} for action in actions]
        if made:
            self._written.add(name)
            self._writer.send(made)

    def _body(
        self,
        question: Allowed,
        limit: int,
        offset: int,
        sort: Sort,
        counted: Sequence[Attribute],
        names: Mapping[IndexName, str],
    ) -> dict[str, Any]:
        query, words = question.query, ranking.all_words(question.query)
        within = self._questions.within(question.slices, names)
        found: dict[str, Any] = {"filter": [within, self._questions.matching(query)]}
        if sort is Sort.RELEVANCE and limit:
            found["should"] = ranked(query)
            if words:
                every = self._questions.matching(And(words))
                found["should"].append(constant(every, ranking.TIER))
        counts: dict[str, Any] = {
            attribute.value: {"terms": {"field": attribute.value, "size": _MOST_VALUES}}
            for attribute in counted
        }
        by = sort if found.get("should") or sort is not Sort.RELEVANCE else Sort.NEWEST
        return {
            "query": {"bool": found},
            "size": limit,
            "from": offset if limit else 0,
            "sort": _SORTS[by],
            "track_total_hits": True,
            "aggs": counts,
            "_source": False,
            "stored_fields": "_none_",  # the id stands among the values that it was sorted by
        }


def _holding_all(query: Query, found: Matches, limit: int, offset: int, sort: Sort) -> int | None:
    """How many letters hold every word of the question, where the answer tells it."""
    if not found.total or not ranking.all_words(query):
        return found.total
    if sort is not Sort.RELEVANCE or not limit or not found.page:
        return None
    holding = sum(match.score >= ranking.TIER for match in found.page)
    whole = offset + len(found.page) == found.total  # nothing comes behind this page
    if holding and (holding < len(found.page) or whole):
        return offset + holding
    return 0 if not holding and not offset else None


def _matches(answer: Mapping[str, Any], counted: Sequence[Attribute], sort: Sort) -> Matches:
    total, counts = _total(answer), answer.get("aggregations", {})
    return Matches(
        total=total,
        holding_all=total,
        page=tuple(Match(hit["sort"][-1], _score(hit, sort)) for hit in answer["hits"]["hits"]),
        facets={attribute.value: _counts(counts[attribute.value]) for attribute in counted},
    )


def _total(answer: Mapping[str, Any]) -> int:
    """How many letters were found. Raises EngineDown for a part of an answer."""
    if answer["timed_out"] or answer["_shards"]["failed"]:
        raise EngineDown("Elasticsearch gave a part of an answer: ask again")
    return int(answer["hits"]["total"]["value"])


def _score(hit: Mapping[str, Any], sort: Sort) -> float:
    """The exact score: what is sent is the shortest decimal near it."""
    if sort is not Sort.RELEVANCE or not hit["_score"]:
        return 0.0
    return round(float(hit["_score"]) * _UNITS) / _UNITS


def _counts(counted: Mapping[str, Any]) -> dict[str, int]:
    if counted["sum_other_doc_count"] or counted["doc_count_error_upper_bound"]:
        raise EngineError("an attribute has too many values to be counted")
    return {bucket["key"]: int(bucket["doc_count"]) for bucket in counted["buckets"]}
