"""The words by which an engine finds letters like one: the rarest heavy ones, by frozen weights.

The engine's score of a letter, divided by the score that the letter asked about would have itself,
is how much of those words the other letter holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import exp, sqrt
from typing import Final

from analyzers.fold import fold_text
from analyzers.segment import words as cut_words
from search import ranking
from search.query import Field, Like
from search.ranking_table.table import TABLE

WORDS: Final = 40
"""With 40 words every copy, and every letter that shares a fifth of its runs, stands among the
first ten (`bench/README.md`)."""
HELD: Final = 0.2
"""The rarest of them lead, as long as together they stand in such a part of all letters, as if no
letter held two. Their lists are what an engine goes through; all of them find hardly more."""
FEWEST: Final = 6
"""So many lead, however common they are."""


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
    rarest = sorted(words[:WORDS], key=TABLE.word_weight, reverse=True)
    held = accumulate(map(_holding, rarest))
    few = sum(1 for part in held if part <= HELD)
    return rarest[: max(few, FEWEST)]


def _holding(word: str) -> float:
    """About which part of letters holds a word: its weight is half of BM25's inverse document
    frequency."""
    return exp(-2 * TABLE.word_weight(word))


def subject_words(headed: list[str]) -> dict[str, float]:
    """Weights of a subject's words, as they were cut."""
    return {word: TABLE.word_weight(word) for word in headed if len(word) > 1}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of two weighted sets of words, 0.0 to 1.0."""
    lengths = sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    if not lengths:
        return 0.0
    return sum(weight * other[word] for word, weight in one.items() if word in other) / lengths
