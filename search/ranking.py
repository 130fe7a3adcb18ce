"""How well a letter answers: frozen figures, exact sums, no look at the other letters.

Score = sum over the distinct characters and words of the question of weight x impact
      + `TIER` where the letter holds all words of a question of two or more, or of one that others
        lead to letters beside.

- Weight: how rare the term was in petitions that were published once, from `search.ranking_table`;
  a multiple of 1/8 of at most 8 (words, of two characters up, at half weight: at most 4). Of a long
  question only the heavier half ranks, but `CHARACTERS` and `WORDS` bound it on both sides: common
  terms cost most of the time and change nothing (measured: `bench.ranking`).
  Words beside those that were typed (`search.expansion`) have a share of their weight.
- Impact: the term's part in the letter, the sum over the fields of share x tf / (tf + K),
  K = k1 (1 - b + b length / average length), rounded to one of `LEVELS` (words: `WORD_LEVELS`,
  every third of them: each level is a look-up): a multiple of 1/32 of at most 2. Length counts
  characters for characters and words for words.

Products are multiples of 1/256, and 64 x 8 x 2 + 48 x 4 x 2 = 1,408 < `TIER`: no letter that
holds only some words comes near one that holds all, and every sum is below 2^12, so that it has at
most 20 bits: float32 holds it exactly, in whatever order an engine adds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, starmap
from typing import NamedTuple

from analyzers.segment import words as cut_words
from search.query import Beside, Field, Phrase, Query, Some, Why, beside, likes, positive_texts
from search.ranking_table import UNIT
from search.ranking_table.table import TABLE

K1 = 1.2
B = 0.75
SHARES = {Field.SUBJECT: 1.0, Field.TEXT: 1.0, Field.REPLY: 0.25}
LEVELS = (4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64)
"""Impacts, in 1/32. The ends of rounding are halfway between two."""
IMPACTS = tuple(level / 32 for level in LEVELS)
WORD_LEVELS = (6, 12, 18, 24, 40, 64)
WORD_IMPACTS = tuple(level / 32 for level in WORD_LEVELS)
CHARACTERS = (20, 64)
WORDS = (16, 48)
CHARACTERS_BESIDE = 16
WORDS_BESIDE = 12
LEAST_BESIDE = 1.0
"""Words beside those that were typed: up to how many terms these are filled up, and from which
weight on a word of the topic ranks. Each costs as much as a typed one, and common ones most."""
TIER = 2_048.0
VERSION = f"{TABLE.version}-2"
"""Indexes made by another version have to be rebuilt."""

HALFWAY = tuple((low + high) / 64 for low, high in pairwise(LEVELS))
WORD_HALFWAY = tuple((low + high) / 64 for low, high in pairwise(WORD_LEVELS))


class Term(NamedTuple):
    """A character or word that ranks, and its weight."""

    text: str
    weight: float


class Terms(NamedTuple):
    """What of a question ranks, each term once."""

    characters: tuple[Term, ...]
    words: tuple[Term, ...]


def terms(query: Query) -> Terms:
    """What of the question ranks, heaviest first; what stands under a `Not` never does.

    Of a `Like` all words do, up to `WORDS[1]`.
    """
    if alike := dict.fromkeys(word for node in likes(query) for word in node.words):
        return Terms((), weighed(alike, len(alike)))
    chunks = dict.fromkeys(_chunks(query))
    characters = dict.fromkeys(character for chunk in chunks for character in chunk)
    words = dict.fromkeys(word for chunk in chunks for word in cut_words(chunk) if len(word) > 1)
    added_characters, added_words = _beside(query)
    return Terms(
        _with(
            _heaviest((Term(c, TABLE.characters[c]) for c in characters), *CHARACTERS),
            starmap(Term, added_characters.items()),
            CHARACTERS_BESIDE,
        ),
        _with(
            _heaviest((Term(word, TABLE.word_weight(word)) for word in words), *WORDS),
            starmap(Term, added_words.items()),
            WORDS_BESIDE,
        ),
    )


def _beside(query: Query) -> tuple[dict[str, float], dict[str, float]]:
    """Characters and words that were not typed, with their weights, those first that lead. Only a
    word of the same sound, or one that is cut into them, brings characters: those of others cost as
    much, and moved few letters."""
    characters: dict[str, float] = {}
    words: dict[str, float] = {}
    for one in sorted(beside(query), key=lambda one: not one.leads):
        least = LEAST_BESIDE if one.why is Why.TOPIC else 0.0
        longer = [word for word in cut_words(one.text) if len(word) > 1]
        if one.why is Why.SOUND or not longer:
            for character in one.text:
                characters.setdefault(character, _part(TABLE.characters[character], one, least))
        for word in longer:
            words.setdefault(word, _part(TABLE.word_weight(word), one, least))
    return characters, words


def _part(weight: float, one: Beside, least: float) -> float:
    """Rounded to what keeps sums exact; nothing where it would cost more than it tells."""
    part = round(weight * one.share * UNIT) / UNIT
    return part if part >= least else 0.0


def _with(typed: tuple[Term, ...], added: Iterable[Term], most: int) -> tuple[Term, ...]:
    """What was typed, and the first of what stands beside it, as long as there is room."""
    held = {term.text for term in typed}
    new = [term for term in added if term.weight and term.text not in held]
    return (*typed, *new[: max(most - len(typed), 0)])


def weighed(words: Iterable[str], most: int) -> tuple[Term, ...]:
    """The words that rank, heaviest first, at most so many and `WORDS[1]`."""
    ranking = (Term(word, TABLE.word_weight(word)) for word in words if len(word) > 1)
    return _heaviest(ranking, min(most, WORDS[1]), min(most, WORDS[1]))


def _heaviest(terms: Iterable[Term], least: int, most: int) -> tuple[Term, ...]:
    """The heavier half, at least and at most so many; of equal ones those that were typed first."""
    ranking = sorted((term for term in terms if term.weight), key=lambda term: -term.weight)
    return tuple(ranking[: min(max(len(ranking) // 2, least), most)])


def _chunks(query: Query) -> list[str]:
    chunks: list[str] = []
    for node in positive_texts(query):
        if isinstance(node, Phrase):
            chunks.append(node.text)
        else:
            chunks.extend(node.typed or (word.text for word in node.words))
    return chunks


def all_words(query: Query) -> tuple[Phrase, ...]:
    """What a letter must hold to hold all words of the question; empty where it has but one, and
    nothing beside it leads to letters."""
    nodes = (node for node in positive_texts(query) if isinstance(node, Some))
    words = tuple(dict.fromkeys(word for node in nodes for word in node.words))
    return words if len(words) > 1 or any(one.leads for one in beside(query)) else ()


Counts = Mapping[Field, Counter[str]]
"""How often each term stands in each field; a field that is empty may be left out."""


def ranks(character: str) -> bool:
    """Whether this character adds to scores."""
    return TABLE.characters[character] > 0


def character_impacts(counts: Counts) -> dict[str, int]:
    """Each character of a letter that ranks, with its place in `LEVELS`."""
    placed = _placed(counts, TABLE.average_characters, HALFWAY)
    return {character: place for character, place in placed.items() if ranks(character)}


def word_impacts(counts: Counts) -> dict[str, int]:
    """Each word of a letter that ranks, with its place in `WORD_LEVELS`."""
    placed = _placed(counts, TABLE.average_words, WORD_HALFWAY)
    return {word: place for word, place in placed.items() if len(word) > 1}


def _placed(
    counts: Counts, averages: Mapping[str, float], halfway: Sequence[float]
) -> dict[str, int]:
    """Each term with the place of its impact."""
    text = counts.get(Field.TEXT) or Counter[str]()
    parts = _parts(text, Field.TEXT, averages)
    places = [bisect_left(halfway, part) for part in parts]
    placed = {term: places[count] for term, count in text.items()}
    elsewhere: dict[str, float] = {}  # few letters have a reply, and subjects are short
    for field in (Field.SUBJECT, Field.REPLY):
        if counted := counts.get(field):
            shares = _parts(counted, field, averages)
            for term, count in counted.items():
                elsewhere[term] = elsewhere.get(term, 0.0) + shares[count]
    for term, part in elsewhere.items():
        placed[term] = bisect_left(halfway, part + parts[text[term]])
    return placed


def _parts(counts: Counter[str], field: Field, averages: Mapping[str, float]) -> list[float]:
    """The part of a term that stands 0, 1, 2, … times in this field."""
    k = K1 * (1 - B + B * counts.total() / averages[field])
    most = max(counts.values(), default=0)
    return [SHARES[field] * count / (count + k) for count in range(most + 1)]
