"""The words by which an engine finds letters like one: the heaviest rare ones, by frozen weights.

The engine's score of a letter, divided by the score that the letter asked about would have itself,
is how much of those words the other letter holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from analyzers.fold import fold_text
from analyzers.segment import words as cut_words
from search import ranking
from search.query import Field, Like
from search.ranking_table.table import TABLE

WORDS: Final = 40
"""With 40 words every copy, and every letter that shares a fifth of its runs, stands among the
first ten (`bench/README.md`)."""
RARE: Final = 1.5
"""The least frozen weight of a word that leads to other letters: one letter in twenty holds it.
Commoner ones make two thirds of what an engine goes through, and find nothing more."""
FEWEST: Final = 12
"""So many lead, however common, where a letter holds fewer rare ones."""


@dataclass(frozen=True, slots=True)
class KeyWords:
    """`own`: the score of the letter itself."""

    like: Like
    own: float


def key_words(subject: str, text: str) -> KeyWords:
    """What to ask an engine for; no words where the letter holds none that rank."""
    texts = {Field.SUBJECT: subject, Field.TEXT: text}
    counts = {field: Counter(cut_words(fold_text(told))) for field, told in texts.items()}
    share = {
        word: TABLE.word_weight(word) * ranking.WORD_IMPACTS[place]
        for word, place in ranking.word_impacts(counts).items()
    }
    heaviest = _leading(share)
    return KeyWords(Like(tuple(heaviest)), sum(share[word] for word in heaviest))


def _leading(share: Mapping[str, float]) -> list[str]:
    words = sorted((word for word, part in share.items() if part), key=lambda w: (-share[w], w))
    rare = [word for word in words if TABLE.word_weight(word) >= RARE][:WORDS]
    common = [word for word in words if TABLE.word_weight(word) < RARE]
    return rare + common[: max(0, FEWEST - len(rare))]


def subject_words(headed: list[str]) -> dict[str, float]:
    """Weights of a subject's words, as they were cut."""
    return {word: TABLE.word_weight(word) for word in headed if len(word) > 1}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of two weighted sets of words, 0.0 to 1.0."""
    lengths = sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    if not lengths:
        return 0.0
    return sum(weight * other[word] for word, weight in one.items() if word in other) / lengths
