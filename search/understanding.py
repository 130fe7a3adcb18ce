"""From what was typed and chosen to the question that is asked, and back to words for people."""

from __future__ import annotations

from collections.abc import Iterable

from analyzers.segment import words as cut_words
from search.answers import Expansion, Filters, SearchRequest
from search.engine import Sort
from search.errors import QueryError
from search.expansion import expanded
from search.expansion.synonyms import Synonyms
from search.parse import parse
from search.query import (
    And,
    Attribute,
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
    Why,
    beside,
    positive_texts,
)
from search.ranking import terms
from search.vocabulary import Vocabulary

_FIELDS = {Field.SUBJECT: "标题", Field.TEXT: "正文", Field.REPLY: "答复"}
_ATTRIBUTES = {
    Attribute.NUMBER: "编号",
    Attribute.REGION: "地区",
    Attribute.CATEGORY: "类别",
    Attribute.STATUS: "状态",
    Attribute.CHANNEL: "渠道",
    Attribute.LEVEL: "密级",
    Attribute.YEAR: "年份",
}


def understood(text: str, vocabulary: Vocabulary, synonyms: Synonyms) -> Query:
    """The typed question, with the words beside its own. Raises `QueryError` with the span of the
    mistake."""
    return expanded(parse(text, vocabulary), synonyms)


def expansions(query: Query) -> tuple[Expansion, ...]:
    """What is looked for beside what was typed and does something, for people."""
    added: dict[tuple[str, Why, bool], tuple[str, ...]] = {}
    ranking = {term.text for term in terms(query).words}
    for one in beside(query):
        if one.why is Why.TOPIC and ranking.isdisjoint(cut_words(one.text)):
            continue  # there was no room for it
        key = one.typed, one.why, one.leads
        added[key] = (*added.get(key, ()), one.text)
    return tuple(
        Expansion(typed, texts, why, leads) for (typed, why, leads), texts in added.items()
    )


def narrowed(query: Query, filters: Filters, vocabulary: Vocabulary) -> Query:
    """The question within the filters.

    Raises `QueryError` for an unknown value, with `start` = `end` = 0: it was chosen, not typed.
    """
    parts = [
        part
        for attribute, values in (
            (Attribute.CATEGORY, filters.category),
            (Attribute.REGION, filters.region),
            (Attribute.STATUS, filters.status),
            (Attribute.CHANNEL, filters.channel),
            (Attribute.LEVEL, filters.level),
            (Attribute.YEAR, filters.year),
        )
        for part in _chosen(attribute, values, vocabulary)
    ]
    if filters.since is not None or filters.until is not None:
        parts.append(Received(filters.since, filters.until))
    if not parts:
        return query
    return And((*parts,)) if query == Everything() else And((query, *parts))


def _chosen(
    attribute: Attribute, values: Iterable[str], vocabulary: Vocabulary
) -> tuple[Query, ...]:
    codes: set[str] = set()
    for value in values:
        known = vocabulary(attribute, value)
        if known is None:
            message = f"there is no {attribute} {value!r}: choose one from the list"
            raise QueryError(message, f"unknown_{attribute}", 0, 0)
        codes |= known
    return (Is(attribute, frozenset(codes)),) if codes else ()


def order_of(request: SearchRequest, query: Query) -> Sort:
    """As asked for; else by relevance where there is something to rank by, else newest first."""
    if request.sort is not None:
        return request.sort
    return Sort.RELEVANCE if any(positive_texts(query)) else Sort.NEWEST


def readable(query: Query, vocabulary: Vocabulary) -> str:
    """The question as understood, in Chinese."""
    return _said(query, vocabulary, inside=False)


def _said(query: Query, vocabulary: Vocabulary, *, inside: bool) -> str:
    match query:
        case Everything():
            return "全部信件"
        case Phrase(text, fields):
            where = "或".join(_FIELDS[field] for field in Field if field in fields)
            return f"{where}含「{text}」" if where else f"「{text}」"
        case Like(words):
            return f"与「{'、'.join(words)}」相近"
        case Some(words):
            said = "、".join(word.text for word in words)
            return f"任一词：{said}" if len(words) > 1 else f"「{said}」"
        case Is(attribute, values):
            names = sorted(vocabulary.labelled(attribute, value).label for value in values)
            return f"{_ATTRIBUTES.get(attribute, attribute)}为{'、'.join(names)}"
        case Received(since, until):
            start = f"自{since.isoformat()}" if since else ""
            end = f"至{until.isoformat()}" if until else ""
            return f"收到日期{start}{end}"
        case Not(part):
            return f"不含{_said(part, vocabulary, inside=True)}"
        case And(parts) | Or(parts):
            sign = " 且 " if isinstance(query, And) else " 或 "
            if isinstance(query, And):  # last, so that it can't be read as 不含（… 且 …）
                parts = tuple(sorted(parts, key=lambda part: isinstance(part, Not)))
            said = sign.join(_said(part, vocabulary, inside=True) for part in parts)
            return f"（{said}）" if inside else said
