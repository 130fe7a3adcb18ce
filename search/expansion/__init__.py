"""Words looked for beside those that were typed: `expanded` makes a plain question wider.

- `sounds`: a word that letters never hold, for one of the same sound that they do: 失工, 施工.
- `synonyms`: what else the same thing is called: 房本, 房产证; an office may add its own.
- `topics`: words of the same topic. They only rank.

From these tables alone: what an office holds, seen or hidden, adds no word and takes none away.
What was quoted, and a question with operators, is looked up as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from analyzers.segment import cut, known_word
from search.expansion import sounds
from search.expansion.sounds import likely, meant
from search.expansion.synonyms import Synonyms, shipped
from search.expansion.topics import of_one_topic
from search.query import And, Beside, Phrase, Query, Some, Why
from search.ranking_table.table import TABLE

SYNONYM: Final = 0.5
"""Of the weight that the words would have if they were typed (measured: `bench.judged`)."""
MOST_SYNONYMS: Final = 4
"""For one typed word; of the office's own all."""
DOUBTFUL: Final = 0.75
"""For a word of the same sound that may not be meant: it only ranks."""
MOST_SURE: Final = 6
"""Tokens of a question in which a word of the same sound may lead: in a sentence a particle and its
neighbour often sound like a word, and the other words say what is meant."""
MOST_TYPED: Final = 24
"""Tokens of a question; a longer one is a letter, which says its matter in many words itself."""
_LONGEST: Final = 6
"""Tokens that can make one word of a table together."""


def load() -> None:
    """Read the tables, which a first question would wait for (a quarter of a second)."""
    sounds.load()
    shipped()
    list(of_one_topic(["信访"]))


def expanded(query: Query, synonyms: Synonyms) -> Query:
    """The question with the words beside its own."""
    match query:
        case Some(words, typed, leading) if typed:
            beside = _beside(typed, synonyms)
            least = min((TABLE.weight(word.text) for word in leading), default=0.0)
            beside = tuple(
                replace(one, leads=one.leads and TABLE.weight(one.text) >= least) for one in beside
            )
            also = [Phrase(one.text) for one in beside if one.leads]
            leading = tuple(dict.fromkeys((*(leading or words), *also))) if also else leading
            return replace(query, leading=leading, beside=beside)
        case And(parts):
            return And(tuple(expanded(part, synonyms) for part in parts))
        case _:
            return query


def _beside(chunks: Sequence[str], synonyms: Synonyms) -> tuple[Beside, ...]:
    """What stands beside the words of a question, each text once and none that was typed."""
    rows = [row for chunk in chunks for row in _rows(chunk)]
    tokens = [token for row in rows for token in row]
    if len(tokens) > MOST_TYPED:
        return ()
    found: dict[str, Beside] = {}
    for row in rows:
        for one in _of_row(row, synonyms, sure=len(tokens) <= MOST_SURE):
            if one.text not in tokens:
                found[one.text] = _stronger(one, found.get(one.text, one))
    told = [token for text in found for token in cut(text)]
    for word, nearness in of_one_topic([*tokens, *told]):
        if word not in tokens and word not in found:
            found[word] = Beside(word, "", SYNONYM * nearness, Why.TOPIC, leads=False)
    return tuple(found.values())


def _rows(chunk: str) -> Iterator[list[str]]:
    """The tokens between signs."""
    for is_word, row in groupby(cut(chunk), lambda token: any(map(str.isalnum, token))):
        if is_word:
            yield list(row)


def _stronger(one: Beside, other: Beside) -> Beside:
    """The same text for two reasons; of equal ones the first."""
    return max(other, one, key=lambda beside: (beside.leads, beside.share))


def _of_row(tokens: Sequence[str], synonyms: Synonyms, *, sure: bool) -> Iterator[Beside]:
    """Longest words first, from left to right; none is looked at twice."""
    at = 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + _LONGEST), at, -1):
            made = list(_for_word(tokens[at:end], synonyms, sure=sure))
            if made:
                yield from made
                at = end
                break
        else:
            at += 1


def _for_word(tokens: Sequence[str], synonyms: Synonyms, *, sure: bool) -> Iterator[Beside]:
    word = "".join(tokens)
    if same := synonyms.of(word):
        for other in same if word in synonyms.own else same[:MOST_SYNONYMS]:
            yield Beside(other, word, SYNONYM, Why.SYNONYM, _leads(word, other, synonyms))
    elif right := meant(word, tokens):
        sure = sure and likely(word, tokens, right) and not known_word(word)
        yield Beside(right, word, 1.0 if sure else DOUBTFUL, Why.SOUND, leads=sure)
        for other in synonyms.of(right)[:MOST_SYNONYMS]:
            yield Beside(other, word, SYNONYM / 2, Why.SYNONYM, leads=False)


def _leads(word: str, other: str, synonyms: Synonyms) -> bool:
    """Who types the rarer word for a thing is led to the commoner ones, too (噪声: 噪音); for a
    common word what is counted is what was typed, and its synonyms rank. The office's own lead."""
    if word not in TABLE.words or not synonyms.own.isdisjoint((word, other)):
        return True
    return other in TABLE.words and TABLE.words[other] <= TABLE.words[word]
