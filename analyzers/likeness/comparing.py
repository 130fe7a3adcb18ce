"""How alike two letters are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.likeness.rarity import Codes
from analyzers.likeness.traits import Path, Traits, Weighed

SHARED: Final = 0.895
"""Weight of the square root of the share of the runs of both that a copy holds; of the smaller's
runs, `HELD`. From 1 on it is a copy (`python -m bench.duplicates.fit`)."""
HELD: Final = 1.295
_CITY_DEPTH = 2  # province, city: nearly every letter lies there, they tell nothing


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares from 0.0 to 1.0.

    `jaccard`: of the runs that either holds, those that both hold. `contained`: of the runs of the
    smaller, those that the other holds. By weight: `pairs`, of the pairs of the lighter letter
    those that both hold; `subjects`, the same of the subjects alone; `told_least` and `told_most`,
    how much of the subject of one stands anywhere in the other, the lesser and the greater way.
    `topic`: how far both lead the same way. `same_place`: both are about one district;
    `other_place`: about different ones.
    """

    jaccard: float
    contained: float
    pairs: float
    subjects: float
    told_least: float
    told_most: float
    topic: float
    same_place: bool
    other_place: bool


def likeness(one: Traits, other: Traits) -> Likeness:
    """Compare two letters; the order makes no difference."""
    runs = int(np.count_nonzero(_in(one.runs, other.runs)))
    told = _share(one.headed, other.told), _share(other.headed, one.told)
    same_place, other_place = meeting(one.place, other.place)
    return Likeness(
        jaccard=runs / (len(one.runs) + len(other.runs) - runs),
        contained=runs / min(len(one.runs), len(other.runs)),
        pairs=_share(one.told, other.told),
        subjects=_share(one.headed, other.headed),
        told_least=min(told),
        told_most=max(told),
        topic=min(1.0, max(0.0, float(one.topic @ other.topic))),
        same_place=same_place,
        other_place=other_place,
    )


def copied(alike: Likeness) -> bool:
    """Is one the other again, edited, cut or misread? `exchanged` tells templates from copies."""
    return SHARED * math.sqrt(alike.jaccard) + HELD * alike.contained >= 1.0


def _share(one: Weighed, other: Weighed) -> float:
    """By weight, the part of the lighter side that both hold."""
    least = min(one.weight, other.weight)
    if not least:
        return 0.0
    return min(1.0, float(one.weights @ _in(one.pairs, other.pairs)) / least)


def _in(one: Codes, other: Codes) -> npt.NDArray[np.bool_]:
    """Which of the one are among the other; both rising, each once."""
    if not len(other):
        return np.zeros(len(one), dtype=np.bool_)
    return np.equal(other.take(other.searchsorted(one), mode="clip"), one)


def meeting(one: Path, other: Path) -> tuple[bool, bool]:
    """Whether both are about one district: the one is the other, or lies within it; whether about
    different ones."""
    least = min(len(one), len(other))
    meet = one[:least] == other[:least]
    return meet and least > _CITY_DEPTH, bool(one and other) and not meet
