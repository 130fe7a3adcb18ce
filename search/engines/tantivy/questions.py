"""A question as Tantivy takes it: built from values, never by its string parser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from tantivy import FieldType, Occur, Schema
from tantivy import Query as Made

from search import ranking
from search.engines.shape import BLANK, IMPACTS
from search.engines.tantivy.schema import impact_term
from search.query import (
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

Clause = tuple[Occur, Made]


class Questions:
    """Turns trees into Tantivy's queries for one schema."""

    def __init__(self, schema: Schema, zone: ZoneInfo) -> None:
        self._schema = schema
        self._zone = zone

    def matching(self, query: Query) -> Made:
        """What matches; its scores mean nothing."""
        match query:
            case Everything():
                return Made.all_query()
            case Phrase(text, fields):
                return _any(self._standing(text, field) for field in Field if _asked(field, fields))
            case Some(words, _, leading):
                return _any(self.matching(word) for word in leading or words)
            case Like(words):
                return _any(
                    self._term(IMPACTS, impact_term(word, place))
                    for word in words
                    for place in range(len(ranking.WORD_IMPACTS))
                )
            case Is(attribute, values):
                # One by one: a set query walks the whole dictionary of a field instead.
                return _any(self._term(attribute.value, value) for value in sorted(values))
            case Received():
                return self._received(query)
            case And(parts):
                return self._and(parts)
            case Or(parts):
                return _any(self.matching(part) for part in parts)
            case Not(part):
                excluded = self.matching(part)
                return Made.boolean_query(
                    [(Occur.Must, Made.all_query()), (Occur.MustNot, excluded)]
                )

    def both(self, within: Sequence[Query], matching: Made) -> Made:
        """What matches and lies within one of these."""
        return _all([_any(map(self.matching, within)), matching])

    def ranked(self, matching: Made, scores: Sequence[Clause]) -> Made:
        """What matches, scored."""
        return Made.boolean_query([(Occur.Must, Made.const_score_query(matching, 0.0)), *scores])

    def scored(self, within: Sequence[Query], matching: Made) -> Made:
        """What matches and lies within one of these, with the scores that it has already."""
        lies = Made.const_score_query(_any(map(self.matching, within)), 0.0)
        return Made.boolean_query([(Occur.Must, lies), (Occur.Must, matching)])

    def alike(self, like: Like) -> Made:
        """What matches, with its scores: each list is looked up and gone through once, not once for
        matching and once for the score."""
        weights = dict(ranking.terms(like).words)
        return Made.boolean_query(
            [
                clause
                for word in dict.fromkeys(like.words)
                for clause in self._at_levels(word, weights.get(word, 0.0), ranking.WORD_IMPACTS)
            ]
        )

    def scores(self, query: Query) -> list[Clause]:
        """What adds to a score, by `search.ranking`."""
        terms = ranking.terms(query)
        clauses: list[Clause] = []
        for ranked, impacts in (
            (terms.characters, ranking.IMPACTS),
            (terms.words, ranking.WORD_IMPACTS),
        ):
            for term, weight in ranked:
                clauses += self._at_levels(term, weight, impacts)
        if words := ranking.all_words(query):
            every = _all([self.matching(word) for word in words])
            clauses.append((Occur.Should, Made.const_score_query(every, ranking.TIER)))
        return clauses

    def _at_levels(self, term: str, weight: float, impacts: Sequence[float]) -> Iterator[Clause]:
        for place, impact in enumerate(impacts):
            at_level = self._term(IMPACTS, impact_term(term, place))
            yield Occur.Should, Made.const_score_query(at_level, weight * impact)

    def order_up_to(self, order: int) -> Made:
        """The letters that stand up to this place in the order of ties; adds nothing to a score."""
        upto = Made.range_query(self._schema, "order", FieldType.Integer, upper_bound=order)
        return Made.const_score_query(upto, 0.0)

    def _and(self, parts: Sequence[Query]) -> Made:
        """What is denied is taken out of the rest, not met with all other letters."""
        wanted = [self.matching(part) for part in parts if not isinstance(part, Not)]
        unwanted = [self.matching(part.part) for part in parts if isinstance(part, Not)]
        if not unwanted:
            return _all(wanted)
        must = [(Occur.Must, made) for made in wanted] or [(Occur.Must, Made.all_query())]
        return Made.boolean_query([*must, *((Occur.MustNot, made) for made in unwanted)])

    def _term(self, field: str, value: str) -> Made:
        return Made.term_query(self._schema, field, value, "basic")

    def _standing(self, text: str, field: Field) -> Made:
        """The letters in which these characters stand in a row in this field."""
        characters = text.replace(" ", BLANK)
        match len(characters):
            case 0:
                return Made.all_query()
            case 1:  # whatever begins with it; as a number, so that no sign means anything
                beginning = f"\\x{{{ord(characters):x}}}.?"
                return Made.regex_query(self._schema, field.value, beginning)
            case 2:
                return self._term(field.value, characters)
        last = len(characters) - 2
        places = sorted({*range(0, last, 2), last})
        pairs: list[str | tuple[int, str]] = [(at, characters[at : at + 2]) for at in places]
        return Made.phrase_query(self._schema, field.value, pairs)

    def _received(self, received: Received) -> Made:
        start, end = received.seconds(self._zone)
        if start is None and end is None:
            return Made.all_query()
        return Made.range_query(
            self._schema,
            "received",
            FieldType.Integer,
            lower_bound=start,
            upper_bound=end,
            include_upper=end is None,
        )


def _asked(field: Field, fields: frozenset[Field]) -> bool:
    return not fields or field in fields


def _any(parts: Iterable[Made]) -> Made:
    made = list(parts)
    if not made:
        return Made.empty_query()
    return made[0] if len(made) == 1 else Made.boolean_query([(Occur.Should, p) for p in made])


def _all(parts: list[Made]) -> Made:
    if not parts:
        return Made.all_query()
    return parts[0] if len(parts) == 1 else Made.boolean_query([(Occur.Must, p) for p in parts])
