"""What is compared of a letter: its normal form, its runs and pairs of characters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from analyzers.characters import Characters
from analyzers.directions import Vectors
from analyzers.fold import fold_text
from analyzers.likeness.rarity import Codes, Weights, codes_of, pair_codes, rarities
from analyzers.likeness.topics import topics

RUN: Final = 5
"""Characters of the runs by which copies are known."""

Path = tuple[str, ...]

_RESIDUE = re.compile(r"_x[0-9a-f]{4}_", re.IGNORECASE)
_SILENT = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U0003ffff]+")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_ZERO, _NINE = np.uint64(ord("0")), np.uint64(9)
_NORMAL = Characters(lambda character: _SILENT.sub("", fold_text(character)))


class Normal(Protocol):
    """A letter in normal form."""

    @property
    def subject(self) -> str: ...

    @property
    def text(self) -> str: ...


class Form(NamedTuple):
    """The normal form alone."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Pairs of characters, rising, each once, with their weights; `weight` is their sum."""

    pairs: Codes
    weights: Weights
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """`subject`, `text`: in normal form. `runs`: hashes of the runs of both, rising, each once; any
    number is one and the same sign in them.
    `headed`: the pairs of the subject; `told`: those of both. `topic`: where these lead. `place`:
    the path of the region that the letter is about, from the root down; empty where it isn't known.
    """

    subject: str
    text: str
    runs: Codes
    headed: Weighed
    told: Weighed
    topic: Vectors
    place: Path


def normal(text: str) -> str:
    """Letters and digits alone, folded: script, width, case, punctuation, blanks and the residue
    of exports (`_x000D_`) make no difference.
    """
    # Folding looks at neighbours for blanks alone, and none stays: each character goes by itself.
    return _NORMAL.translated(_clean(text))


def forms_of(letters: Iterable[tuple[str, str]]) -> list[Form]:
    """Letters, each a subject and a text, in normal form."""
    forms = _NORMAL.translated_together([_clean(part) for letter in letters for part in letter])
    return [Form(*letter) for letter in zip(forms[::2], forms[1::2], strict=True)]


def _clean(text: str) -> str:
    return _RESIDUE.sub("", text) if "_" in text else text


def digest(text: str) -> str:
    """Equal for texts of equal normal form, and for no others: 32 hexadecimal digits."""
    return hashlib.blake2b(normal(text).encode(), digest_size=16).hexdigest()


def traits_of(subject: str, text: str, place: Path = ()) -> Traits:
    """The traits of a letter."""
    headed, told = normal(subject), normal(text)
    codes = codes_of(headed + told)
    zeroed, stays = one_sign_a_number(codes)
    pairs = _rising(pair_codes(codes))
    places = rarities().places(pairs)
    weights = rarities().weights[places]
    head = _rising(pair_codes(codes[: len(headed)]))
    return Traits(
        headed,
        told,
        runs_of(zeroed[stays]),
        _weighed(head, weights[pairs.searchsorted(head)]),
        _weighed(pairs, weights),
        topics().lead(places, np.sqrt(weights)),
        place,
    )


def runs_of(codes: Codes) -> Codes:
    """Hashes of the runs of `RUN` characters, rising, each once; a shorter text is one itself."""
    return _rising(run_hashes(codes, max(1, len(codes) - RUN + 1)))


def run_hashes(codes: Codes, runs: int) -> Codes:
    """Hashes of the first so many runs, as they stand; behind the last character lie zeros."""
    hashes = np.zeros(runs, dtype=np.uint64)
    for at in range(RUN):
        part = codes[at : at + runs]
        hashes *= _FACTOR
        hashes[: len(part)] += part
    return hashes


def one_sign_a_number(codes: Codes) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Each digit as a zero, and which codes stay so that each number is one of them: dates and
    amounts are the first that change from letter to letter."""
    digits = (codes - _ZERO) <= _NINE  # what is less than a zero becomes very large
    stays = ~digits
    stays[1:] |= stays[:-1]
    stays[:1] = True
    return np.where(digits, _ZERO, codes), stays


def _weighed(pairs: Codes, weights: Weights) -> Weighed:
    return Weighed(pairs, weights, float(weights.sum()))


def _rising(numbers: Codes) -> Codes:
    """Sorted, each once; for a letter's few hundred a third of the time of `numpy.unique`."""
    if not len(numbers):
        return numbers
    ordered = np.sort(numbers)
    first = np.empty(len(ordered), dtype=np.bool_)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
