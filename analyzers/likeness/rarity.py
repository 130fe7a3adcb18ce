"""How rare each pair of characters is in petitions that were published. Figures only.

Made by `python -m analyzers.likeness.build FILE.jsonl…`, never changed by what an office takes in:
a likeness tells nothing of letters other than the two that are compared.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

FIGURES: Final = "pairs.json.gz"
UNIT: Final = 4
"""Rarities are shipped as whole quarters."""

Codes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
_BITS = np.uint64(21)  # of a code point
_SLOTS = 19  # bits: five slots for a pair
_MIXED = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Rarities:
    """Pairs that are known, rising, and their weights: the inverse document frequency, squared.
    The last weight, one more than there are pairs, is that of pairs that aren't known."""

    known: Codes
    weights: Weights
    _slots: _Slots

    @classmethod
    def of(cls, known: Codes, weights: Weights) -> Rarities:
        return cls(known, weights, _Slots.of(known))

    def places(self, pairs: Codes) -> Places:
        """The place of each pair among those known; behind the last for one that isn't."""
        slots = _slots_of(pairs)
        lying = self._slots.numbers.take(slots)
        places: Places = self._slots.places.take(slots).astype(np.int64)
        taken = np.flatnonzero((lying != pairs) & (lying != 0))
        asked = pairs[taken]
        at = self.known.searchsorted(asked)
        at[self.known.take(at, mode="clip") != asked] = len(self.known)
        places[taken] = at
        return places

    def weigh(self, pairs: Codes) -> Weights:
        """The weight of each pair; one that isn't known is of the rarest."""
        found: Weights = self.weights[self.places(pairs)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Slots:
    """Which number lies in the slot that it is mixed to, and its place: most that are looked up are
    told at once, or told to be none, in a quarter of a search's time."""

    numbers: Codes  # 0: nothing lies here
    places: npt.NDArray[np.int32]

    @classmethod
    def of(cls, known: Codes) -> _Slots:
        """`known`: none is 0. Of several that share a slot, one lies there."""
        slots = _slots_of(known)
        numbers = np.zeros(1 << _SLOTS, dtype=np.uint64)
        places = np.full(len(numbers), len(known), dtype=np.int32)
        places[slots] = np.arange(len(known))
        numbers[slots] = known[places[slots]]
        return cls(numbers, places)


def _slots_of(numbers: Codes) -> Places:
    found: Places = ((numbers * _MIXED) >> np.uint64(64 - _SLOTS)).view(np.int64)
    return found


def codes_of(text: str) -> Codes:
    """Its code points."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint64)


def pair_codes(codes: Codes) -> Codes:
    """Each two neighbouring characters as one number."""
    return (codes[:-1] << _BITS) | codes[1:]


@cache
def rarities() -> Rarities:
    """The shipped figures, read when first asked for."""
    packed = files("analyzers.likeness").joinpath(FIGURES).read_bytes()
    figures = json.loads(gzip.decompress(packed))
    pairs = [pair_codes(codes_of(joined))[::2] for joined in figures["pairs"].values()]
    rarity = [int(quarters) / UNIT for quarters in figures["pairs"]]
    weights = np.repeat(np.square(rarity), [len(part) for part in pairs])
    known = np.concatenate(pairs)
    order = np.argsort(known)
    unknown = (figures["unknown"] / UNIT) ** 2
    return Rarities.of(known[order], np.append(weights[order], unknown))
