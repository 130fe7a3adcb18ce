"""Letters about one matter, grouped: from links between contents to clusters of them.

Average link: two groups become one while a letter of the one and a letter of the other are about
one matter with a mean likelihood of at least `TOGETHER`; pairs without a link count as nothing. A
single likely pair can therefore not chain two matters. The groups depend on nothing but the letters
and links that are given, whatever their order.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from search.duplicates.links import GAP, LEAST

TOGETHER: Final = 0.2
"""Fitted (`bench.duplicates.fit_links`)."""
LEAST_ODDS: Final = math.log(TOGETHER / (1 - TOGETHER)) - 0.01
"""The logarithm of the odds from which on a letter can join another at all: a mean is no more than
the highest."""
_YEAR = 6.0  # the logarithm of a year and more, in days


@dataclass(frozen=True, slots=True)
class Node:
    """A content: how many letters hold it, and the days of the first and last of them."""

    letters: int
    first: int
    last: int


class Link(NamedTuple):
    """Two nodes by place, and the logarithm of their odds were they of one day."""

    one: int
    other: int
    odds: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes by place, rising. `typical`: the one most like the others; `likeness`: of each node to
    the typical one, 0.0 to 1.0, in the order of `nodes`."""

    nodes: tuple[int, ...]
    typical: int
    likeness: tuple[float, ...]


def likely(odds: float, one: Node, other: Node) -> float:
    """How likely letters of the two are about one matter: the less, the more time lies between."""
    days = max(0, other.first - one.last, one.first - other.last)
    return 1 / (1 + math.exp(-(odds + GAP * math.log1p(days) / _YEAR)))


def clusters(
    nodes: Sequence[Node], links: Iterable[Link], together: float = TOGETHER
) -> list[Cluster]:
    """The groups of two letters or more, by their first node. Order the nodes by what is seen of
    them: of equal merges the one with the first nodes is made."""
    near: list[dict[int, float]] = [{} for _ in nodes]
    for one, other, odds in sorted(links):
        share = likely(odds, nodes[one], nodes[other])
        if share >= LEAST:
            near[one][other] = near[other][one] = share
    groups = _joined(nodes, near, together)
    made = [_cluster(nodes, near, group) for group in groups if group]
    return [one for one in made if sum(nodes[node].letters for node in one.nodes) > 1]


def _joined(
    nodes: Sequence[Node], near: Sequence[dict[int, float]], together: float
) -> list[list[int]]:
    """Groups by place; a group that was joined to another leaves an empty one behind."""
    groups = [[node] for node in range(len(nodes))]
    sizes = [node.letters for node in nodes]
    sums = [
        {other: share * sizes[one] * sizes[other] for other, share in row.items()}
        for one, row in enumerate(near)
    ]
    turns = [0] * len(nodes)
    heap = [
        (-share, one, other, 0, 0)
        for one, row in enumerate(near)
        for other, share in row.items()
        if one < other and share >= together
    ]
    heapq.heapify(heap)
    while heap:
        _, one, other, turn, other_turn = heapq.heappop(heap)
        if turns[one] != turn or turns[other] != other_turn:
            continue
        _join(one, other, groups, sums)
        sizes[one] += sizes[other]
        turns[one] += 1
        turns[other] = -1
        for third, total in sums[one].items():
            mean = total / (sizes[one] * sizes[third])
            if mean >= together:
                first, second = min(one, third), max(one, third)
                heapq.heappush(heap, (-mean, first, second, turns[first], turns[second]))
    return groups


def _join(one: int, other: int, groups: list[list[int]], sums: list[dict[int, float]]) -> None:
    """The other's nodes and sums go to the one."""
    groups[one] += groups[other]
    groups[other] = []
    taken, sums[other] = sums[other], {}
    for third, total in taken.items():
        if third == one:
            continue
        summed = sums[one].get(third, 0.0) + total
        sums[one][third] = sums[third][one] = summed
        del sums[third][other]
    del sums[one][other]


def _cluster(
    nodes: Sequence[Node], near: Sequence[dict[int, float]], group: Sequence[int]
) -> Cluster:
    """With its most typical node: of equal ones the first."""
    inside = sorted(group)
    if len(inside) == 1:
        return Cluster(tuple(inside), inside[0], (1.0,))
    members = set(inside)
    worth = {
        node: sum(
            near[node][other] * nodes[other].letters
            for other in sorted(members & near[node].keys())
        )
        + nodes[node].letters
        - 1
        for node in inside
    }
    typical = min(inside, key=lambda node: (-worth[node], node))
    likeness = tuple(1.0 if node == typical else near[typical].get(node, 0.0) for node in inside)
    return Cluster(tuple(inside), typical, likeness)
