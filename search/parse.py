"""Typed text -> `Query`.

    噪音 施工                 words: ranked; a letter that holds all of them comes first
    "夜间施工"                exactly so; also “…”, 「…」, 『…』
    噪音 -施工                without; also NOT
    噪音 OR 扰民              either; also |
    (噪音 OR 扰民) AND A3区   grouping
    subject:路灯 after:2019-03   fields: `search.signs.FIELDS`, in Chinese too

A question with OR, AND, NOT or - is a precise one: its words are looked up as they were typed. In
any other, bare words are cut by the dictionary first, and parentheses only part words. Full-width
signs are the same signs. Dates name a whole period: `after:2019-03` begins on its first day,
`before:2019-03` ends on its last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NoReturn

from analyzers.fold import fold_text
from analyzers.segment import cut as cut_all
from search.errors import QueryError
from search.query import (
    And,
    Attribute,
    Everything,
    Field,
    Is,
    Not,
    Or,
    Phrase,
    Query,
    Received,
    Some,
)
from search.ranking_table.table import TABLE
from search.signs import QUOTES, DateBound, Kind, Sign, signs
from search.spelled_dates import period

MAX_CHARACTERS = 1_000
MAX_NESTING = 20
MOST_LEADING = 5
"""In questions of up to so many words each word leads to letters."""

Vocabulary = Callable[[Attribute, str], frozenset[str] | None]
"""The codes that a typed value of an attribute stands for; None where there is no such value."""

_LISTED = str.maketrans(dict.fromkeys("，、;；", ","))
_PRECISE = frozenset({Kind.OR, Kind.AND, Kind.NOT})


def as_typed(attribute: Attribute, value: str) -> frozenset[str] | None:
    """The vocabulary that takes every value for what it is."""
    return frozenset({fold_text(value) if attribute is Attribute.NUMBER else value})


def require_length(text: str) -> None:
    """Raises `QueryError` for more characters than scores are exact up to."""
    if len(text) > MAX_CHARACTERS:
        message = (
            f"the question has {len(text)} characters, {MAX_CHARACTERS} are allowed: shorten it"
        )
        raise QueryError(message, "too_long", MAX_CHARACTERS, len(text))


def parse(text: str, vocabulary: Vocabulary = as_typed) -> Query:
    """The question that was typed. Raises `QueryError` with the span of a mistake, nothing else."""
    require_length(text)
    try:
        row = signs(text)
    except QueryError as mistake:
        inside = _quoted_as_a_whole(text)
        if inside is None or mistake.code != "unclosed_quote":
            raise
        return Phrase(inside)
    if any(sign.kind in _PRECISE for sign in row):
        return _Precise(row, vocabulary).question()
    return _plain(row, vocabulary)


def is_plain(text: str) -> bool:
    """Whether a question that `parse` takes has no operators, so that its words are ranked."""
    try:
        return not any(sign.kind in _PRECISE for sign in signs(text))
    except QueryError:
        return False


def _quoted_as_a_whole(text: str) -> str | None:
    """The folded inside of a text that begins and ends with a quote: it may hold quotes itself."""
    stripped = text.strip()
    if len(stripped) < 3 or stripped[-1] not in QUOTES.get(stripped[0], ""):
        return None
    return fold_text(stripped[1:-1]) or None


def _plain(row: Sequence[Sign], vocabulary: Vocabulary) -> Query:
    chunks = tuple(filter(None, (fold_text(s.text) for s in row if s.kind is Kind.WORD)))
    required = [_clause(sign, vocabulary) for sign in row if sign.kind in (Kind.QUOTED, Kind.FIELD)]
    words = tuple(dict.fromkeys(word for chunk in chunks for word in cut(chunk)))
    if not words and not required:
        words = chunks  # signs only: the person wants just them
    if words:
        phrases = tuple(Phrase(word) for word in words)
        required.insert(0, Some(phrases, chunks, _leading(phrases)))
    return _joined(required)


def _leading(words: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """The words of a long question that lead to letters by themselves; empty: any of them.

    Of a whole sentence, words like 附近 or 小区 would lead to half of all letters: those of less
    than half the weight of the heaviest only rank.
    """
    if len(words) <= MOST_LEADING:
        return ()
    weights = [TABLE.weight(word.text) for word in words]
    least = max(weights) / 2
    return tuple(word for word, w in zip(words, weights, strict=True) if w >= least)


def _joined(parts: Sequence[Query]) -> Query:
    """All of the parts; those that ask nothing are left out."""
    real = tuple(part for part in parts if part != Everything())
    if not real:
        return Everything()
    return real[0] if len(real) == 1 else And(real)


def _clause(sign: Sign, vocabulary: Vocabulary) -> Query:
    """A quoted phrase or a field; a phrase that folds to nothing asks nothing."""
    field = sign.field
    if field is None or isinstance(field, Field):
        folded = fold_text(sign.text)
        return (
            Phrase(folded, frozenset(() if field is None else (field,))) if folded else Everything()
        )
    if isinstance(field, DateBound):
        first, last = _period(sign)
        return Received(since=first) if field is DateBound.AFTER else Received(until=last)
    if field is Attribute.YEAR:
        first, last = _period(sign)
        return Is(field, frozenset(f"{year:04}" for year in range(first.year, last.year + 1)))
    values: set[str] = set()
    for value in filter(None, map(str.strip, sign.text.translate(_LISTED).split(","))):
        known = vocabulary(field, value)
        if known is None:
            message = f"there is no {field} {value!r}: choose one from the list"
            raise QueryError(message, f"unknown_{field}", sign.start, sign.end)
        values |= known
    return Is(field, frozenset(values))


def _period(sign: Sign) -> tuple[date, date]:
    named = period(sign.text)
    if named is None:
        message = f"{sign.text!r} is no date: write 2019, 2019-03 or 2019-03-05"
        raise QueryError(message, "bad_date", sign.start, sign.end)
    return named


class _Precise:
    """A question with operators: or-groups of and-groups, by recursive descent."""

    def __init__(self, row: Sequence[Sign], vocabulary: Vocabulary) -> None:
        self._row = row
        self._vocabulary = vocabulary
        self._at = 0

    def question(self) -> Query:
        asked = self._either(0)
        if self._kind() is Kind.CLOSE:
            self._fail("this parenthesis closes nothing: take it out", "unopened_parenthesis")
        return asked

    def _kind(self) -> Kind | None:
        return self._row[self._at].kind if self._at < len(self._row) else None

    def _fail(self, message: str, code: str) -> NoReturn:
        sign = self._row[min(self._at, len(self._row) - 1)]
        raise QueryError(message, code, sign.start, sign.end)

    def _either(self, depth: int) -> Query:
        parts = [self._all(depth)]
        while self._kind() is Kind.OR:
            self._at += 1
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, depth: int) -> Query:
        """Clauses in a row. Bare words side by side are one `Some`; AND makes them required."""
        groups: list[Query] = []
        beside: list[Phrase] = []
        expected = True
        while (kind := self._kind()) not in (None, Kind.OR, Kind.CLOSE):
            if kind is Kind.AND:
                if expected:
                    self._fail("there is nothing before this AND", "missing_operand")
                self._at += 1
                groups.extend(_some(beside))
                beside, expected = [], True
                continue
            sign = self._row[self._at]
            clause = self._unit(depth)
            expected = False
            if sign.kind is Kind.WORD and isinstance(clause, Phrase):
                beside.append(clause)
            else:
                groups.append(clause)
        if expected:
            self._fail("a word is missing beside this operator", "missing_operand")
        return _joined(groups + _some(beside))

    def _unit(self, depth: int) -> Query:
        sign = self._row[self._at]
        self._at += 1
        if sign.kind is Kind.WORD:
            folded = fold_text(sign.text)
            return Phrase(folded) if folded else Everything()
        if sign.kind is Kind.NOT:
            if self._kind() not in (Kind.WORD, Kind.QUOTED, Kind.FIELD, Kind.OPEN):
                self._at -= 1
                self._fail("there is nothing behind this NOT", "missing_operand")
            excluded = self._unit(depth)
            return Everything() if excluded == Everything() else Not(excluded)
        if sign.kind is Kind.OPEN:
            if depth >= MAX_NESTING:
                self._at -= 1
                self._fail(f"more than {MAX_NESTING} parentheses in each other", "too_nested")
            inside = self._either(depth + 1)
            if self._kind() is not Kind.CLOSE:
                message = "this parenthesis is never closed: add one"
                raise QueryError(message, "unclosed_parenthesis", sign.start, sign.end)
            self._at += 1
            return inside
        return _clause(sign, self._vocabulary)


def _some(words: Sequence[Phrase]) -> list[Query]:
    if len(words) < 2:
        return list(words)
    return [Some(tuple(dict.fromkeys(words)))]


def relax(query: Query) -> Query | None:
    """A wider question for when this one finds too little, or None where nothing can be widened.

    Any character of the bare words of a plain question leads to a letter then, so that a misspelt
    word still does. What was quoted, excluded or filtered stays as it is.
    """
    widened = _relaxed(query)
    return None if widened == query else widened


def _relaxed(query: Query) -> Query:
    match query:
        case Some(words, typed, _, beside) if typed:
            characters = (Phrase(c) for chunk in typed for c in chunk if c.isalnum())
            return Some(tuple(dict.fromkeys((*words, *characters))), typed, (), beside)
        case And(parts):
            return And(tuple(_relaxed(part) for part in parts))
        case _:
            return query


def _pairs(chunk: str) -> list[str]:
    pairs = (chunk[at : at + 2] for at in range(len(chunk) - 1))
    return [pair for pair in pairs if pair.isalnum() and not pair.isascii()]


def cut(chunk: str) -> tuple[str, ...]:
    """The words that one folded chunk of a plain question is looked up by.

    Single characters that are left over between longer words say too little to find a letter by
    (they still rank), but stay with the number or code that they follow: 12元, 3栋. A chunk of
    single characters only is a name or a misspelling: up to three are kept together, of more each
    pair is looked up.
    """
    words: list[str] = []
    number = False  # the token before was a number or a code
    for token in cut_all(chunk):
        if number and len(token) == 1 and token.isalnum():
            words[-1] += token
            number = False
        else:
            number = token.isascii() and token.isalnum()
            if any(c.isalnum() for c in token):
                words.append(token)
    longer = [word for word in words if len(word) > 1]
    if not longer and len(words) > 1:
        together = "".join(words)
        longer = [together] if len(words) <= 3 and together in chunk else _pairs(chunk)
    return tuple(dict.fromkeys(longer or words))
