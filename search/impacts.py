"""The impacts of many letters at once: `search.ranking`'s formula on arrays.

`search.ranking.character_impacts` and `word_impacts` tell the same of one letter; this is what
engines use, since one letter at a time costs as much as cutting its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engine import Document, FieldText
from search.query import Field
from search.ranking import HALFWAY, K1, SHARES, WORD_HALFWAY, B, ranks
from search.ranking_table.table import TABLE

Numbers = npt.NDArray[np.int64]

FIELDS = (Field.SUBJECT, Field.REPLY, Field.TEXT)
"""The order in which `search.ranking` adds the parts of the fields: to the last bit the same."""
_FIELD_BITS, _TERM_BITS = 2, 24
_LETTERS_AT_ONCE = 1 << (63 - _FIELD_BITS - _TERM_BITS)


class Placed(NamedTuple):
    """Terms of many letters, letter by letter: `letters[i]` holds `terms[i]` at `places[i]`."""

    letters: Numbers
    terms: Numbers
    places: Numbers


def fields_of(document: Document) -> tuple[FieldText, FieldText, FieldText]:
    """The fields of a letter in the order of `FIELDS`."""
    return document.subject, document.reply, document.text


def character_impacts(documents: Sequence[Document]) -> Placed:
    """The characters that rank, as code points, with their places in `LEVELS`."""
    texts = [field.characters for document in documents for field in fields_of(document)]
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").astype(np.int64)
    placed = _placed(codes, [len(text) for text in texts], TABLE.average_characters, HALFWAY)
    return _kept(placed, _ranking_codes(placed.terms))


def word_impacts(documents: Sequence[Document]) -> tuple[Placed, list[str]]:
    """The words that rank, with their places in `WORD_LEVELS`; terms number the second value."""
    texts = [field.words for document in documents for field in fields_of(document)]
    numbering = _Numbering()
    lengths = [len(text) for text in texts]
    numbers = np.fromiter(
        map(numbering.__getitem__, chain.from_iterable(texts)), np.int64, sum(lengths)
    )
    words = list(numbering)
    placed = _placed(numbers, lengths, TABLE.average_words, WORD_HALFWAY)
    longer = np.fromiter((len(word) > 1 for word in words), np.bool_, len(words))
    return _kept(placed, longer[placed.terms]), words


class _Numbering(dict[str, int]):
    """Numbers words as they are met."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class _Ranking(dict[int, bool]):
    """Whether a character ranks, by its code; at most one entry a code point."""

    def __missing__(self, code: int) -> bool:
        found = self[code] = ranks(chr(code))
        return found


_RANKING = _Ranking()


def _ranking_codes(codes: Numbers) -> npt.NDArray[np.bool_]:
    distinct, back = np.unique(codes, return_inverse=True)
    found = np.fromiter(map(_RANKING.__getitem__, distinct.tolist()), np.bool_, len(distinct))
    return found[back]


def _kept(placed: Placed, which: npt.NDArray[np.bool_]) -> Placed:
    return Placed(*(values[which] for values in placed))


def _placed(
    terms: Numbers,
    lengths: Iterable[int],
    averages: Mapping[str, float],
    halfway: Sequence[float],
) -> Placed:
    """Each distinct term of each letter with the place of its impact.

    `terms`: those of all fields of all letters in a row; `lengths`: how many each field has.
    """
    length = np.array(list(lengths), dtype=np.int64)
    letters = len(length) // len(FIELDS)
    if letters >= _LETTERS_AT_ONCE:
        raise ValueError(f"{letters} letters are too many at once")
    fields = np.tile(np.arange(len(FIELDS), dtype=np.int64), letters)
    average = np.array([averages[field] for field in FIELDS])[fields]
    share = np.array([SHARES[field] for field in FIELDS])[fields]
    k = K1 * (1 - B + B * length / average)
    whose = np.repeat(np.arange(letters, dtype=np.int64), len(FIELDS)) << _TERM_BITS
    key = (np.repeat(whose, length) + terms) << _FIELD_BITS
    key += np.repeat(fields, length)
    key.sort()
    first = _starts(key)
    count = np.diff(first, append=len(key))
    key = key[first]
    where = (key >> (_FIELD_BITS + _TERM_BITS)) * len(FIELDS) + (key & ((1 << _FIELD_BITS) - 1))
    part = share[where] * count / (count + k[where])
    key >>= _FIELD_BITS
    first = _starts(key)
    # At most three parts, added one after the other: the same bits as in `search.ranking`.
    summed = np.add.reduceat(part, first) if len(first) else part
    key = key[first]
    return Placed(
        key >> _TERM_BITS,
        key & ((1 << _TERM_BITS) - 1),
        np.searchsorted(np.array(halfway), summed).astype(np.int64),
    )


def _starts(sorted_keys: Numbers) -> Numbers:
    """Where runs of equal keys begin."""
    if not len(sorted_keys):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.diff(sorted_keys, prepend=sorted_keys[0] - 1)).astype(np.int64)
