"""A question as Elasticsearch takes it: built from values, never by its string parser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from search import ranking
from search.access import Slice
from search.engine import IndexName
from search.engines.elasticsearch.mapping import feature
from search.engines.shape import BLANK, IMPACTS
from search.query import And, Everything, Field, Is, Like, Not, Or, Phrase, Query, Received, Some

Made = dict[str, Any]

EVERYTHING: Made = {"match_all": {}}
NOTHING: Made = {"match_none": {}}
_FEW = 16  # values that are asked one by one: a set of them costs more to prepare


class Questions:
    """Turns trees into JSON."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def matching(self, query: Query) -> Made:
        """What matches; to be asked in a filter."""
        match query:
            case Everything():
                return EVERYTHING
            case Phrase(text, fields):
                asked = [field for field in Field if not fields or field in fields]
                return any_of(_standing(text, field) for field in asked)
            case Some(words, _, leading):
                return any_of(self.matching(word) for word in leading or words)
            case Like(words):
                return _weighed(dict.fromkeys(map(feature, words), 1.0)) if words else NOTHING
            case Is(attribute, values):
                if len(values) > _FEW:
                    return {"terms": {attribute.value: sorted(values)}}
                return any_of({"term": {attribute.value: value}} for value in sorted(values))
            case Received():
                return self._received(query)
            case And(parts):
                return all_of(self.matching(part) for part in parts)
            case Or(parts):
                return any_of(self.matching(part) for part in parts)
            case Not(part):
                return {"bool": {"must_not": [self.matching(part)]}}

    def within(self, slices: Sequence[Slice], names: Mapping[IndexName, str]) -> Made:
        """The slices: what may be found of each index. `names`: the indexes or their aliases.

        Indexes are told by how their names begin. An alias would be looked up by each shard when
        it answers: a rebuild that moved it meanwhile would leave the shard without letters.
        """
        return any_of(
            all_of(({"prefix": {"_index": names[part.index]}}, self.matching(part.within)))
            for part in slices
        )

    def _received(self, received: Received) -> Made:
        start, end = received.seconds(self._zone)
        bounds = {
            sign: seconds for sign, seconds in (("gte", start), ("lt", end)) if seconds is not None
        }
        return {"range": {"received": bounds}} if bounds else EVERYTHING


def ranked(query: Query) -> list[Made]:
    """What adds to the score of `search.ranking`, but for `TIER`: weights times impacts."""
    terms = ranking.terms(query)
    weights = {feature(term): weight for term, weight in (*terms.characters, *terms.words)}
    if not weights:
        return []
    return [_weighed(weights)]


def _weighed(weights: Mapping[str, float]) -> Made:
    return {"sparse_vector": {"field": IMPACTS, "query_vector": weights, "prune": False}}


def constant(made: Made, score: float) -> Made:
    """What matches, with this score."""
    return {"constant_score": {"filter": made, "boost": score}}


def any_of(parts: Iterable[Made]) -> Made:
    """At least one."""
    made = list(parts)
    if not made:
        return NOTHING
    return made[0] if len(made) == 1 else {"bool": {"should": made}}


def all_of(parts: Iterable[Made]) -> Made:
    """Every one."""
    made = [part for part in parts if part is not EVERYTHING]
    if not made:
        return EVERYTHING
    return made[0] if len(made) == 1 else {"bool": {"filter": made}}


def _standing(text: str, field: Field) -> Made:
    """The letters in which these characters stand in a row in this field."""
    characters = text.replace(" ", BLANK)
    match len(characters):
        case 0:
            return EVERYTHING
        case 1:
            return {"prefix": {field.value: {"value": characters}}}
        case 2:
            return {"term": {field.value: characters}}
    pairs = (characters[at : at + 2] for at in range(len(characters) - 1))
    return {"match_phrase": {field.value: " ".join(pairs)}}
