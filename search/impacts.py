"""The impacts of many letters at once: `search.ranking`'s formula on arrays.

`search.ranking.character_impacts` and `word_impacts` tell the same of one letter; this is what
engines use, since one letter at a time costs as much as cutting its words.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engine import Document, FieldText
from search.query import Field
from search.ranking import HALFWAY, K1, SHARES, WORD_HALFWAY, B, ranks
from search.ranking_table.table import TABLE

Numbers = npt.NDArray[np.int64]
Chosen = npt.NDArray[np.bool_]

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


def code_points(text: str) -> Numbers:
    """The characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.int64)


def character_impacts(documents: Sequence[Document]) -> Placed:
    """The characters that rank, as code points, with their places in `LEVELS`."""
    texts = [field.characters for document in documents for field in fields_of(document)]
    codes = code_points("".join(texts))
    lengths = [len(text) for text in texts]
    return _placed(codes, _RANKING.of(codes), lengths, TABLE.average_characters, HALFWAY)


def word_impacts(documents: Sequence[Document]) -> tuple[Placed, Vocabulary]:
    """The words that rank, with their places in `WORD_LEVELS`; terms number the vocabulary."""
    texts = [field.words for document in documents for field in fields_of(document)]
    lengths = [len(text) for text in texts]
    numbers, vocabulary = _numbered(texts)
    placed = _placed(numbers, numbers >= 0, lengths, TABLE.average_words, WORD_HALFWAY)
    return placed, vocabulary


class _Numbers(dict[str, int]):
    """Numbers words as they are met, those of one character -1: they don't rank as words."""

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self._words) if len(word) > 1 else -1
        if number >= 0:
            self._words.append(word)
        return number


class Vocabulary:
    """Words of many letters, each with its number."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.numbers = _Numbers(self.words)


_MOST_WORDS = 60_000  # 30 MB with what engines make of them
_numbering = threading.Lock()
_vocabularies = [Vocabulary()]


def _numbered(texts: Sequence[Sequence[str]]) -> tuple[Numbers, Vocabulary]:
    """The words of all texts as numbers. Letters share most words, so that the vocabulary goes on
    from one call to the next, until it is too long."""
    with _numbering:
        if len(_vocabularies[0].numbers) > _MOST_WORDS:
            _vocabularies[0] = Vocabulary()
        vocabulary = _vocabularies[0]
        numbers = map(vocabulary.numbers.__getitem__, chain.from_iterable(texts))
        return np.fromiter(numbers, np.int64, sum(map(len, texts))), vocabulary


class _Ranking:
    """Whether characters rank, told by their codes; each is looked up once."""

    def __init__(self) -> None:
        self._known = np.zeros(0x110000, dtype=np.int8)  # 1: it ranks, 2: it doesn't

    def of(self, codes: Numbers) -> Chosen:
        found = self._known[codes]
        if not found.all():
            for code in set(codes[found == 0].tolist()):
                self._known[code] = 1 if ranks(chr(code)) else 2
            found = self._known[codes]
        chosen: Chosen = found == 1
        return chosen


_RANKING = _Ranking()


def _placed(
    terms: Numbers,
    ranking: Chosen,
    lengths: Sequence[int],
    averages: Mapping[str, float],
    halfway: Sequence[float],
) -> Placed:
    """Each distinct term that ranks of each letter with the place of its impact.

    `terms`: those of all fields of all letters in a row, `ranking`: which of them rank; `lengths`:
    how many each field has.
    """
    length = np.array(lengths, dtype=np.int64)
    letters = len(length) // len(FIELDS)
    if letters >= _LETTERS_AT_ONCE:
        raise ValueError(f"{letters} letters are too many at once")
    fields = np.tile(np.arange(len(FIELDS), dtype=np.int64), letters)
    average = np.array([averages[field] for field in FIELDS])[fields]
    share = np.array([SHARES[field] for field in FIELDS])[fields]
    k = K1 * (1 - B + B * length / average)
    whose = np.repeat(np.arange(letters, dtype=np.int64), len(FIELDS))
    key = np.repeat((whose << (_TERM_BITS + _FIELD_BITS)) + fields, length) + (terms << _FIELD_BITS)
    key = key[ranking]
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
