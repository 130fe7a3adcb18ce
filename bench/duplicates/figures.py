"""Figures of rankings and groupings; nothing here knows letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Found:
    """Of `told` things that were called so, `right` are; `wanted` are so altogether."""

    right: int
    told: int
    wanted: int

    @property
    def precision(self) -> float:
        """0.0 to 1.0; 1.0 where nothing was told."""
        return self.right / self.told if self.told else 1.0

    @property
    def recall(self) -> float:
        """0.0 to 1.0; 1.0 where nothing was wanted."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        total = self.told + self.wanted
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Averages:
    """Precision and recall averaged over things, 0.0 to 1.0 each."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def found(told: Collection[T], wanted: Collection[T]) -> Found:
    return Found(len(set(told) & set(wanted)), len(set(told)), len(set(wanted)))


def best_at(ranked: Sequence[tuple[float, bool]], recall: float) -> Found:
    """(score, wanted) of each thing: the cut with the best precision that keeps this recall.
    Things of equal score stand or fall together.
    """
    wanted = sum(is_wanted for _, is_wanted in ranked)
    best = Found(0, 0, wanted)
    for cut in sorted({score for score, _ in ranked}):
        told = [is_wanted for score, is_wanted in ranked if score >= cut]
        now = Found(sum(told), len(told), wanted)
        if now.recall >= recall and (not best.told or now.precision > best.precision):
            best = now
    return best


def average_precision(ranked: Iterable[tuple[float, bool]]) -> float:
    """(score, wanted): mean of the precision at each wanted thing, 0.0 to 1.0. Among equal scores
    the wanted ones are taken to come last, so that a scorer that tells nothing apart gains nothing.
    """
    right = 0
    total = 0.0
    for place, (_, wanted) in enumerate(sorted(ranked, key=lambda one: (-one[0], one[1])), 1):
        if wanted:
            right += 1
            total += right / place
    return total / right if right else 0.0


def clusters(things: Iterable[T], links: Iterable[tuple[T, T]]) -> dict[T, int]:
    """The number of its cluster for each thing: what links join, directly or through others."""
    lead = {thing: thing for thing in things}

    def top(thing: T) -> T:
        while lead[thing] != thing:
            lead[thing] = lead[lead[thing]]
            thing = lead[thing]
        return thing

    for one, other in links:
        if one in lead and other in lead:
            lead[top(one)] = top(other)
    numbers: dict[T, int] = {}
    return {thing: numbers.setdefault(top(thing), len(numbers)) for thing in lead}


def b_cubed(given: Mapping[T, Hashable], true: Mapping[T, Hashable]) -> Averages:
    """Both say the cluster of each thing. Averaged over the things that `true` knows; what `given`
    joins to them and `true` does not know belongs to none of them.
    """
    mine = _members(given)
    its = _members(true)
    precision = recall = 0.0
    for thing, cluster in true.items():
        shared = len(mine[given[thing]] & its[cluster])
        precision += shared / len(mine[given[thing]])
        recall += shared / len(its[cluster])
    return Averages(precision / len(true), recall / len(true))


def _members(clusters: Mapping[T, Hashable]) -> Mapping[Hashable, set[T]]:
    members: dict[Hashable, set[T]] = defaultdict(set)
    for thing, cluster in clusters.items():
        members[cluster].add(thing)
    return members
