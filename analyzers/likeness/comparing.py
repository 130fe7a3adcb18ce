"""How alike two letters are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

from analyzers.likeness.exchanged import MOST
from analyzers.likeness.rarity import Codes
from analyzers.likeness.traits import Path, Traits, Weighed

COPIED: Final = 0.35
"""Of the runs of both, shared by a copy; of the smaller's runs, `HELD` (measured on judged pairs
and on letters misread, cut and edited on purpose: `bench.duplicates`)."""
HELD: Final = 0.7
READ_BADLY: Final = 0.4
"""So much of the smaller's runs is enough where the texts run beside each other: `BESIDE`."""
BESIDE: Final = 0.65
_LONGER = 4  # beside a text so many times as long, nearly any other would run
_CITY_DEPTH = 2  # province, city: nearly every letter lies there, they tell nothing


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares from 0.0 to 1.0.

    `jaccard`: of the runs that either holds, those that both hold. `contained`: of the runs of the
    smaller, those that the other holds. By weight: `pairs`, of the pairs of the lighter letter
    those that both hold; `subjects`, the same of the subjects alone; `told_least` and `told_most`,
    how much of the subject of one stands anywhere in the other, the lesser and the greater way.
    `same_place`: both are about one district; `other_place`: about different ones.
    """

    jaccard: float
    contained: float
    pairs: float
    subjects: float
    told_least: float
    told_most: float
    same_place: bool
    other_place: bool


def likeness(one: Traits, other: Traits) -> Likeness:
    """Compare two letters; the order makes no difference."""
    runs = int(_in(one.runs, other.runs).sum())
    told = _share(one.headed, other.told), _share(other.headed, one.told)
    meet = _meet(one.place, other.place)
    return Likeness(
        jaccard=runs / (len(one.runs) + len(other.runs) - runs),
        contained=runs / min(len(one.runs), len(other.runs)),
        pairs=_share(one.told, other.told),
        subjects=_share(one.headed, other.headed),
        told_least=min(told),
        told_most=max(told),
        same_place=meet and min(len(one.place), len(other.place)) > _CITY_DEPTH,
        other_place=bool(one.place and other.place) and not meet,
    )


def copied(one: Traits, other: Traits, alike: Likeness) -> bool:
    """Is one the other again, edited, cut or misread? `exchanged` tells templates from copies."""
    if alike.jaccard >= COPIED or alike.contained >= HELD:
        return True
    return alike.contained >= READ_BADLY and beside(one, other) >= BESIDE


def beside(one: Traits, other: Traits) -> float:
    """Of the characters of the shorter text, those that stand in the other in the same order."""
    here, there = one.text[:MOST], other.text[:MOST]
    least = min(len(here), len(there))
    if not least or max(len(here), len(there)) > _LONGER * least:
        return 0.0
    return float(LCSseq.similarity(here, there)) / least


def _share(one: Weighed, other: Weighed) -> float:
    """By weight, the part of the lighter side that both hold."""
    least = min(one.weight, other.weight)
    if not least:
        return 0.0
    return min(1.0, float(one.weights[_in(one.pairs, other.pairs)].sum()) / least)


def _in(one: Codes, other: Codes) -> npt.NDArray[np.bool_]:
    """Which of the one are among the other; both rising, each once."""
    if not len(other):
        return np.zeros(len(one), dtype=np.bool_)
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    return np.equal(other[at], one)


def _meet(one: Path, other: Path) -> bool:
    """Is one the other, or does it lie within it?"""
    least = min(len(one), len(other))
    return one[:least] == other[:least]
