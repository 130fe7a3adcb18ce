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


@dataclass(frozen=True, slots=True, eq=False)
class Rarities:
    """Pairs that are known, rising, and their weights: the inverse document frequency, squared.
    The last weight, one more than there are pairs, is that of pairs that aren't known."""

    known: Codes
    weights: Weights

    def places(self, pairs: Codes) -> Places:
        """The place of each pair among those known; behind the last for one that isn't."""
        at = self.known.searchsorted(pairs)
        at[self.known.take(at, mode="clip") != pairs] = len(self.known)
        return at

    def weigh(self, pairs: Codes) -> Weights:
        """The weight of each pair; one that isn't known is of the rarest."""
        found: Weights = self.weights[self.places(pairs)]
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
    return Rarities(known[order], np.append(weights[order], unknown))
