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
from typing import Final

from analyzers.segment import known_word
from analyzers.segment import words as cut_words
from search.expansion import sounds
from search.expansion.sounds import meant
from search.expansion.synonyms import Synonyms, shipped
from search.expansion.topics import of_one_topic
from search.query import And, Beside, Phrase, Query, Some, Why
from search.ranking_table.table import TABLE

SYNONYM: Final = 0.5
"""Of the weight that the words would have if they were typed (measured: `bench.judged`)."""
MOST_SYNONYMS: Final = 4
"""For one typed word."""
DOUBTFUL: Final = 0.75
"""For a word of the same sound where the typed one is a word as well, though of no known letter: it
only ranks."""
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
            beside = tuple(_beside(typed, synonyms))
            if not beside:
                return query
            also = tuple(Phrase(one.text) for one in beside if one.leads)
            return replace(
                query,
                leading=tuple(dict.fromkeys((*(leading or words), *also))) if also else leading,
                beside=beside,
            )
        case And(parts):
            return And(tuple(expanded(part, synonyms) for part in parts))
        case _:
            return query


def _beside(chunks: Sequence[str], synonyms: Synonyms) -> Iterator[Beside]:
    """What stands beside the words of a question, each text once and none that was typed."""
    tokens = [token for chunk in chunks for token in cut_words(chunk)]
    if len(tokens) > MOST_TYPED:
        return
    known = set(tokens)
    found: list[str] = []
    for chunk in chunks:
        for one in _of_chunk(cut_words(chunk), synonyms):
            if one.text not in known:
                known.add(one.text)
                found += cut_words(one.text)
                yield one
    for word, nearness in of_one_topic([*tokens, *found]):
        if word not in known:
            yield Beside(word, "", SYNONYM * nearness, Why.TOPIC, leads=False)


def _of_chunk(tokens: Sequence[str], synonyms: Synonyms) -> Iterator[Beside]:
    """Longest words first, from left to right; none is looked at twice."""
    at = 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + _LONGEST), at, -1):
            made = list(_for_word("".join(tokens[at:end]), tokens[at:end], synonyms))
            if made:
                yield from made
                at = end
                break
        else:
            at += 1


def _leads(word: str, other: str, synonyms: Synonyms) -> bool:
    """Who types the rarer word for a thing is led to the commoner ones, too (噪声: 噪音); for a
    common word what is counted is what was typed, and its synonyms rank. The office's own lead."""
    if word not in TABLE.words or not synonyms.own.isdisjoint((word, other)):
        return True
    return other in TABLE.words and TABLE.words[other] <= TABLE.words[word]


def _for_word(word: str, tokens: Sequence[str], synonyms: Synonyms) -> Iterator[Beside]:
    if same := synonyms.of(word):
        for other in same[:MOST_SYNONYMS]:
            yield Beside(other, word, SYNONYM, Why.SYNONYM, leads=_leads(word, other, synonyms))
    elif right := meant(word, tokens):
        doubtful = known_word(word)
        yield Beside(right, word, DOUBTFUL if doubtful else 1.0, Why.SOUND, leads=not doubtful)
        for other in synonyms.of(right)[:MOST_SYNONYMS]:
            yield Beside(other, right, SYNONYM / 2, Why.SYNONYM, leads=False)
