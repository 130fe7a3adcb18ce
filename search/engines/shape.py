"""The shape of the six indexes, the same in every engine that keeps them on a disk.

- `subject`, `text`, `reply`: each pair of neighbouring characters at its position. Two characters
  are one term, longer texts a phrase of every other pair, so that common words cost little. The
  last character stands alone at the end: whatever begins with a character holds it.
- `impacts`: each character and jieba word that ranks, with the place of its level as a last sign.
- attributes: the values as they are, counted from columns.

Engines cut these at the blanks that were put there, and do nothing else to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analyzers.segment import FINGERPRINT
from search import ranking
from search.engine import Document
from search.impacts import FIELDS, Placed, character_impacts, fields_of, word_impacts
from search.query import Field

BLANK = "␣"  # folded text never holds it (`analyzers.fold`)
IMPACTS = "impacts"
_LEVEL_SIGNS = tuple(chr(ord("A") + place) for place in range(len(ranking.LEVELS)))
_SIGN_CODES = np.array([ord(sign) for sign in _LEVEL_SIGNS], dtype="<u4")


def made_by(shape: str) -> dict[str, str]:
    """What an index of this shape depends on: one made by anything else has to be rebuilt."""
    return {"shape": shape, "analyzers": FINGERPRINT, "ranking": ranking.VERSION}


def impact_term(term: str, place: int) -> str:
    """A character or word at a level, as it stands in `impacts`."""
    return term + _LEVEL_SIGNS[place]


class Texts(NamedTuple):
    """The texts of a letter, cut: one string for each field that has any."""

    fields: dict[Field, str]
    impacts: str


def texts(documents: Sequence[Document]) -> list[Texts]:
    """The letters' texts as engines take them; many at once cost less."""
    characters = _characters_at_levels(character_impacts(documents), len(documents))
    words = _words_at_levels(*word_impacts(documents), len(documents))
    return [
        Texts(fields, character + word)
        for fields, character, word in zip(_fields(documents), characters, words, strict=True)
    ]


def _fields(documents: Sequence[Document]) -> Iterator[dict[Field, str]]:
    """Each two neighbours and a blank: abcd -> "ab bc cd d". As numbers, for speed."""
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


def _characters_at_levels(placed: Placed, letters: int) -> list[str]:
    """For each letter the terms of `impact_term`, a blank behind each."""
    rows = np.full((len(placed.terms), 3), ord(" "), dtype="<u4")
    rows[:, 0] = placed.terms
    rows[:, 1] = _SIGN_CODES[placed.places]
    whole = rows.tobytes().decode("utf-32-le")
    ends = np.searchsorted(placed.letters, np.arange(letters + 1)) * 3
    return [whole[start:end] for start, end in pairwise(ends)]


def _words_at_levels(placed: Placed, words: Sequence[str], letters: int) -> list[str]:
    """For each letter the terms of `impact_term`, with blanks between."""
    terms = [
        words[term] + _LEVEL_SIGNS[place]
        for term, place in zip(placed.terms.tolist(), placed.places.tolist(), strict=True)
    ]
    ends = np.searchsorted(placed.letters, np.arange(letters + 1)).tolist()
    return [" ".join(terms[start:end]) for start, end in pairwise(ends)]
