"""Words of the topic of a question: those nearest to it among the vectors of `topic_vectors`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from analyzers.directions import Vectors
from analyzers.segment import known_word
from search.ranking_table.table import TABLE
from search.topic_vectors import topics

MOST: Final = 4
LEAST: Final = 0.5
"""Cosine."""
_DIGITS: Final = 4
"""Nearness is rounded, so that a processor's way of adding hardly changes an order."""


class _Near(NamedTuple):
    words: tuple[str, ...]
    vectors: Vectors


def of_one_topic(words: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Words that were not asked for, and how near they are, the nearest first."""
    asked = dict.fromkeys(word for word in words if len(word) > 1 and not _code(word))
    rows, vectors = topics().rows, topics().vectors
    known = [word for word in asked if word in rows]
    if not known:
        return
    weights = np.array([TABLE.word_weight(word) for word in known], dtype=np.float32)
    middle = weights @ vectors[[rows[word] for word in known]]
    length = float(np.linalg.norm(middle))
    if not length:
        return
    near = _near()
    # Not a product of matrices, which starts threads for each question.
    likeness = np.round(np.einsum("ij,j->i", near.vectors, middle / length), _DIGITS)
    enough = np.flatnonzero(likeness >= LEAST)
    first = enough[np.argsort(-likeness[enough], kind="stable")]
    found = ((near.words[at], float(likeness[at])) for at in first)
    yield from islice(((word, nearness) for word, nearness in found if word not in asked), MOST)


def _code(word: str) -> bool:
    """Numbers and places (12元, a3区) are of no topic."""
    return any(character.isascii() for character in word)


def _general(word: str) -> bool:
    return not _code(word) and known_word(word)


@cache
def _near() -> _Near:
    """Words of the dictionary (others may be names), of two Chinese characters up, by name, their
    vectors of length 1."""
    rows = topics().rows
    words = tuple(sorted(word for word in rows if len(word) > 1 and _general(word)))
    vectors = topics().vectors[[rows[word] for word in words]]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return _Near(words, vectors / lengths)
