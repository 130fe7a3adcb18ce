"""What is laid side by side of many letters at once: words as numbers, topics as directions.

One content stands for all letters of equal redacted subject and text. Only the redacted edition is
looked at: whoever sees a letter sees that much of it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.fold import fold_text
from analyzers.segment import FINGERPRINT
from analyzers.segment import words as cut_words
from search import ranking
from search.query import Field
from search.ranking_table.table import TABLE
from search.topic_vectors import topics

KEYS: Final = 40
"""Of a letter, as many words can lead to others: the heaviest."""
RARE: Final = 1.5
"""The least weight of such a word: one letter in twenty holds it."""
COMMON: Final = 3.0
"""From this weight on a word is mostly a name: left out of what the topic is told by."""
VERSION: Final = f"1-{FINGERPRINT[:8]}-{ranking.VERSION}-{topics().version}"
"""Contents of another version are made anew."""

_UNIT = 127
_MOST_WORDS = 1_000  # of a letter; hardly any has a third of it

Numbers = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Content:
    """As it is kept. `keys`: the words that lead to others, with their weights; `rest`: what is
    compared besides."""

    keys: bytes
    rest: bytes


def content_of(subject: str, text: str) -> Content:
    """What is compared of a letter of this (redacted) subject and text."""
    headed, told = cut_words(fold_text(subject)), cut_words(fold_text(text))
    counts = {Field.SUBJECT: Counter(headed), Field.TEXT: Counter(told)}
    ranked = [
        (_word(word), ranking.WORD_IMPACTS[place])
        for word, place in ranking.word_impacts(counts).items()
    ]
    share = {word: word.weight * impact for word, impact in ranked if word.weight}
    keys = [(word, part) for word, part in share.items() if word.weight >= RARE]
    keys.sort(key=lambda one: (-one[1], one[0].number))
    heads = {word: word.weight for word in dict.fromkeys(map(_word, headed)) if word.long}
    names, weights = _columns([(word.number, part) for word, part in keys[:KEYS]], squares=True)
    squared = [(word.number, weight * weight) for word, weight in heads.items()]
    head_names, head_weights = _columns(squared, squares=False)
    words = dict.fromkeys(word.number for word in map(_word, headed + told) if word.long)
    held = np.array(sorted(list(words)[:_MOST_WORDS]), dtype="<u4")
    sizes = np.array([len(head_names), len(held)], dtype="<u4")
    parts = (sizes, head_names, head_weights, held, _directions(share, heads))
    return Content(names.tobytes() + weights.tobytes(), b"".join(part.tobytes() for part in parts))


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """`number`: of the word, the same everywhere; `row`: among the topics', -1 for none there."""

    number: int
    weight: float
    long: bool
    topical: bool
    row: int


@lru_cache(maxsize=200_000)
def _word(word: str) -> _Word:
    weight = TABLE.word_weight(word)
    coded = word[0].isascii() and word[0].isalpha() and word[-1] in "市区县省州镇"  # `a7县`
    return _Word(
        zlib.crc32(word.encode()),
        weight,
        len(word) > 1,
        weight < COMMON and not coded,
        topics().rows.get(word, -1),
    )


def _directions(share: Mapping[_Word, float], heads: Mapping[_Word, float]) -> Any:
    """Where all words lead, those that are no names, and those of the subject that are none."""
    known = topics()
    placed = [word for word in dict.fromkeys((*share, *heads)) if word.row >= 0]
    weights = np.array(
        [
            (
                share.get(word, 0.0),
                share.get(word, 0.0) if word.topical else 0.0,
                heads.get(word, 0.0) if word.topical else 0.0,
            )
            for word in placed
        ]
    ).reshape(len(placed), 3)
    summed = weights.T @ known.vectors[[word.row for word in placed]].astype(np.float64)
    lengths = np.sqrt((summed * summed).sum(axis=1, keepdims=True))
    return np.rint(summed / np.where(lengths > 0, lengths, 1.0) * _UNIT).astype(np.int8)


def _columns(weights: Iterable[tuple[int, float]], *, squares: bool) -> tuple[Any, Any]:
    """Numbers, rising, and shares: of length 1 (`squares`), or of sum 1."""
    ordered = sorted(weights)
    names = np.array([name for name, _ in ordered], dtype="<u4")
    parts = np.array([weight for _, weight in ordered], dtype=np.float64)
    whole = float(np.sqrt(parts @ parts) if squares else parts.sum()) if len(parts) else 0.0
    return names, (parts / (whole or 1.0)).astype("<f2")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Rows of numbers of different lengths, one after another: row i lies from `ends[i]` to
    `ends[i + 1]`."""

    ends: Places
    names: Numbers
    shares: Shares

    def lengths(self, rows: Places) -> Places:
        found: Places = self.ends[rows + 1] - self.ends[rows]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """The leading words of many contents."""

    column: Column

    @classmethod
    def of(cls, packed: Sequence[bytes]) -> Keys:
        counts = np.array([len(one) // 6 for one in packed], dtype=np.int64)
        names = b"".join(one[: 4 * count] for one, count in zip(packed, counts, strict=True))
        shares = b"".join(one[4 * count :] for one, count in zip(packed, counts, strict=True))
        return cls(
            Column(
                _ends(counts),
                np.frombuffer(names, dtype="<u4"),
                np.frombuffer(shares, dtype="<f2").astype(np.float32),
            )
        )

    def __len__(self) -> int:
        return len(self.column.ends) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """What is compared of many contents besides. `held`: row and word as one number, rising."""

    heads: Column
    held: npt.NDArray[np.uint64]
    topics: npt.NDArray[np.int8]

    @classmethod
    def of(cls, packed: Sequence[bytes]) -> Rest:
        sizes = np.array(
            [np.frombuffer(one, dtype="<u4", count=2) for one in packed], dtype=np.int64
        ).reshape(-1, 2)
        names, shares, words, units = [], [], [], []
        for one, (heads, held) in zip(packed, sizes.tolist(), strict=True):
            at = 8 + 4 * heads
            names.append(one[8:at])
            shares.append(one[at : at + 2 * heads])
            at += 2 * heads
            words.append(one[at : at + 4 * held])
            units.append(one[at + 4 * held :])
        rows = np.repeat(np.arange(len(packed), dtype=np.uint64), sizes[:, 1])
        held_words = np.frombuffer(b"".join(words), dtype="<u4").astype(np.uint64)
        return cls(
            Column(
                _ends(sizes[:, 0]),
                np.frombuffer(b"".join(names), dtype="<u4"),
                np.frombuffer(b"".join(shares), dtype="<f2").astype(np.float32),
            ),
            (rows << np.uint64(32)) | held_words,
            np.frombuffer(b"".join(units), dtype=np.int8).reshape(
                len(packed), 3, topics().vectors.shape[1]
            ),
        )


def _ends(counts: Places) -> Places:
    found: Places = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return found
