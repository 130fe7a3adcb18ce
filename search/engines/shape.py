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
from search.impacts import FIELDS, character_impacts, fields_of, word_impacts
from search.query import Field

BLANK = "␣"  # folded text never holds it (`analyzers.fold`)
IMPACTS = "impacts"
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
    """Names of what ranks in a letter, and their places in `LEVELS` and `WORD_LEVELS`."""

    characters: str
    character_places: Sequence[int]
    words: Sequence[str]
    word_places: Sequence[int]


def impacts(documents: Sequence[Document]) -> list[Impacts]:
    """What ranks in each letter; many at once cost less."""
    characters = character_impacts(documents)
    words, vocabulary = word_impacts(documents)
    letters = np.arange(len(documents) + 1)
    text = characters.terms.astype("<u4").tobytes().decode("utf-32-le")
    named = list(map(name, vocabulary))
    found = list(map(named.__getitem__, words.terms.tolist()))
    places, word_places = characters.places.tolist(), words.places.tolist()
    ends = np.searchsorted(characters.letters, letters).tolist()
    word_ends = np.searchsorted(words.letters, letters).tolist()
    return [
        Impacts(text[a:b], places[a:b], found[c:d], word_places[c:d])
        for (a, b), (c, d) in zip(pairwise(ends), pairwise(word_ends), strict=True)
    ]


def fields(documents: Sequence[Document]) -> Iterator[dict[Field, str]]:
    """Each letter's fields, but for empty ones: abcd -> "ab bc cd d". As numbers, for speed."""
    kept = [field.characters for document in documents for field in fields_of(document)]
    codes = np.frombuffer("".join(kept).replace(" ", BLANK).encode("utf-32-le"), dtype="<u4")
    rows = np.full((len(codes), 3), ord(" "), dtype="<u4")
    rows[:, 0] = codes
    rows[:-1, 1] = codes[1:]
    pairs = rows.tobytes().decode("utf-32-le")
    start = 0
    for at in range(0, len(kept), len(FIELDS)):
        found: dict[Field, str] = {}
        for field, text in zip(FIELDS, kept[at : at + len(FIELDS)], strict=True):
            if text:
                end = start + 3 * len(text)
                found[field] = pairs[start : end - 2]
                start = end
        yield found
