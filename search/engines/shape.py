"""What the indexes hold of a letter, the same in every engine that keeps them on a disk.

- `subject`, `text`, `reply`: each pair of neighbouring characters at its position. Two characters
  are one term, longer texts a phrase of pairs, so that common words cost little. The last character
  stands alone at the end: whatever begins with a character holds it.
- `impacts`: each character and jieba word that ranks, with the level of its impact.
- attributes: the values as they are, counted from columns.

Engines cut the pairs at the blanks that were put there, and do nothing else to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analyzers.segment import FINGERPRINT
from search import ranking
from search.engine import Document
from search.impacts import (
    FIELDS,
    Numbers,
    Placed,
    Vocabulary,
    character_impacts,
    code_points,
    fields_of,
    word_impacts,
)
from search.query import Field

BLANK = "␣"  # folded text never holds it (`analyzers.fold`)
IMPACTS = "impacts"
_SPACE = ord(" ")
_LONGEST = 200
"""Characters of a word; longer ones (a letter may hold one of a million) stand as their digest."""


def made_by(shape: str) -> dict[str, str]:
    """What an index of this shape depends on: one made by anything else has to be rebuilt."""
    return {"shape": shape, "analyzers": FINGERPRINT, "ranking": ranking.VERSION}


def name(word: str) -> str:
    """What an impact stands under."""
    if len(word) <= _LONGEST:
        return word
    return word[:_LONGEST] + blake2b(word.encode(), digest_size=16).hexdigest()


class Impacts(NamedTuple):
    """What ranks in many letters; `words.terms` number the words of the vocabulary."""

    characters: Placed
    words: Placed
    vocabulary: Vocabulary


def impacts(documents: Sequence[Document]) -> Impacts:
    """What ranks in each letter; many at once cost less."""
    return Impacts(character_impacts(documents), *word_impacts(documents))


def spans(placed: Placed, letters: int) -> Iterator[tuple[int, int]]:
    """Where the terms of each letter begin and end."""
    return pairwise(np.searchsorted(placed.letters, np.arange(letters + 1)).tolist())


def text_of(codes: Numbers, *others: Numbers | int) -> str:
    """The characters of these code points, each with those of the other columns behind it."""
    rows = np.empty((len(codes), 1 + len(others)), dtype="<u4")
    for at, column in enumerate((codes, *others)):
        rows[:, at] = column
    return rows.tobytes().decode("utf-32-le")


def fields(documents: Sequence[Document]) -> Iterator[dict[Field, str]]:
    """Each letter's fields, but for empty ones: abcd -> "ab bc cd d". As numbers, for speed."""
    kept = [field.characters for document in documents for field in fields_of(document)]
    codes = code_points("".join(kept).replace(" ", BLANK))
    pairs = text_of(codes, np.append(codes[1:], _SPACE)[: len(codes)], _SPACE)
    start = 0
    for at in range(0, len(kept), len(FIELDS)):
        found: dict[Field, str] = {}
        for field, text in zip(FIELDS, kept[at : at + len(FIELDS)], strict=True):
            if text:
                end = start + 3 * len(text)
                found[field] = pairs[start : end - 2]
                start = end
        yield found
