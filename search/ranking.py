"""How well a letter answers: frozen figures, exact sums, no look at the other letters.

Score = sum over the distinct terms of the question of weight x impact, plus `TIER` where the letter
holds all words of a short question. Terms are single characters and words of two or more.

- Weight: how rare the term was in petitions that were published once, from `search.ranking_table`;
  a multiple of 1/8 of at most 8 (words at half weight: at most 4).
- Impact: the term's share in subject + text + `REPLY_SHARE` x reply, each tf / (tf + K),
  K = k1 (1 - b + b length / average length), rounded to one of `LEVELS`: a multiple of 1/32.

Products are multiples of 1/256, and all scores are below 2^16 (`LONGEST` terms), so that every sum
has at most 24 bits: float32 holds it exactly, in whatever order an engine adds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from analyzers.segment import words as cut_words
from search.engine import Document
from search.query import Field, Phrase, Query, Some, positive_texts
from search.ranking_table.table import TABLE

K1 = 1.2
B = 0.75
REPLY_SHARE = 0.25
LEVELS = (4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64)
"""Impacts, in 1/32. The ends of rounding are halfway between two."""
IMPACTS = tuple(level / 32 for level in LEVELS)
LONGEST = 1_000
"""So many characters, and half as many words, of a question rank at most; the first ones."""
TIER = 32_768.0
TIER_WORDS = 6
VERSION = f"{TABLE.version}-1"

_HALFWAY = tuple((low + high) / 64 for low, high in pairwise(LEVELS))


class Term(NamedTuple):
    """A character or word that ranks, and its weight."""

    text: str
    weight: float


def terms(query: Query) -> tuple[Term, ...]:
    """What of the question ranks, each term once; what stands under a `Not` never does."""
    characters: dict[str, float] = {}
    words: dict[str, float] = {}
    for chunk in dict.fromkeys(_chunks(query)):
        for character in chunk:
            if weight := TABLE.character_weight(character):
                characters.setdefault(character, weight)
        for word in cut_words(chunk):
            if len(word) > 1:
                words.setdefault(word, TABLE.word_weight(word))
    ranked = [*list(characters.items())[:LONGEST], *list(words.items())[: LONGEST // 2]]
    return tuple(Term(*pair) for pair in ranked)


def _chunks(query: Query) -> list[str]:
    chunks: list[str] = []
    for node in positive_texts(query):
        if isinstance(node, Phrase):
            chunks.append(node.text)
        else:
            chunks.extend(node.typed or (word.text for word in node.words))
    return chunks


def all_words(query: Query) -> tuple[Phrase, ...]:
    """What a letter must hold to hold every word of the question; empty where any letter does."""
    return tuple(
        dict.fromkeys(
            word for node in positive_texts(query) if isinstance(node, Some) for word in node.words
        )
    )


def tier_words(query: Query) -> tuple[Phrase, ...]:
    """What a letter must hold to get `TIER`; empty where the question is too long for it."""
    words = all_words(query)
    return words if 1 < len(words) <= TIER_WORDS else ()


def impacts(document: Document) -> dict[str, int]:
    """Each term of a letter that ranks, with its place in `LEVELS`."""
    fields = (
        (document.subject, Field.SUBJECT, 1.0),
        (document.text, Field.TEXT, 1.0),
        (document.reply, Field.REPLY, REPLY_SHARE),
    )
    characters: dict[str, float] = {}
    words: dict[str, float] = {}
    for content, name, share in fields:
        _add(characters, content.characters, TABLE.average_characters[name], share)
        _add(words, content.words, TABLE.average_words[name], share)
    ranked = {c: _level(value) for c, value in characters.items() if TABLE.character_weight(c)}
    ranked.update((word, _level(value)) for word, value in words.items() if len(word) > 1)
    return ranked


def _add(sums: dict[str, float], tokens: Sequence[str], average: float, share: float) -> None:
    k = K1 * (1 - B + B * len(tokens) / average)
    for token, count in Counter(tokens).items():
        sums[token] = sums.get(token, 0.0) + share * count / (count + k)


def _level(value: float) -> int:
    return bisect_left(_HALFWAY, value)
