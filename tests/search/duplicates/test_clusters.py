"""Groups from links: no chains, no order, time apart."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from search.duplicates.clusters import Cluster, Link, Node, clusters, likely

SURE, LIKELY = 6.0, 1.0
DAY = Node(1, 100, 100)


def full(nodes: tuple[int, ...], odds: float = SURE) -> list[Link]:
    """Every pair of them linked."""
    return [Link(one, other, odds) for one, other in combinations(nodes, 2)]


def members(found: list[Cluster]) -> list[tuple[int, ...]]:
    return [one.nodes for one in found]


def test_one_sure_link_does_not_chain_two_matters() -> None:
    links = [*full((0, 1, 2, 3)), *full((4, 5, 6, 7)), Link(3, 4, SURE)]
    assert members(clusters([DAY] * 8, links)) == [(0, 1, 2, 3), (4, 5, 6, 7)]


def test_many_links_join_what_one_does_not() -> None:
    across = [Link(one, other, LIKELY) for one in range(4) for other in range(4, 8)]
    links = [*full((0, 1, 2, 3)), *full((4, 5, 6, 7)), *across]
    assert members(clusters([DAY] * 8, links)) == [tuple(range(8))]


def test_the_order_of_links_makes_no_difference() -> None:
    dice = random.Random(4)
    nodes = [Node(dice.randint(1, 3), day, day + dice.randint(0, 9)) for day in range(30)]
    pairs = dice.sample(list(combinations(range(30), 2)), 120)
    links = [Link(one, other, dice.choice((-2.0, 0.5, 0.5, 3.0))) for one, other in pairs]
    first = clusters(nodes, links)
    assert len(first) > 2
    for _ in range(20):
        dice.shuffle(links)
        assert clusters(nodes, links) == first


def test_letters_of_one_content_are_a_matter_and_single_ones_are_none() -> None:
    found = clusters([Node(1, 5, 5), Node(3, 7, 9)], [])
    assert found == [Cluster((1,), 1, (1.0,))]


def test_time_between_makes_a_matter_less_likely() -> None:
    late = Node(1, 900, 900)
    assert likely(LIKELY, DAY, DAY) > 0.7
    assert likely(LIKELY, DAY, late) < likely(LIKELY, DAY, Node(1, 110, 110))
    assert likely(LIKELY, DAY, Node(2, 50, 150)) == likely(LIKELY, DAY, DAY)
    assert members(clusters([DAY, DAY], [Link(0, 1, 0.0)])) == [(0, 1)]
    assert clusters([DAY, late], [Link(0, 1, 0.0)]) == []


@pytest.mark.parametrize("odds", [0.0, 3.0])
def test_the_typical_letter_is_the_one_most_like_the_others(odds: float) -> None:
    links = [Link(0, 1, odds), Link(1, 2, SURE), Link(1, 3, SURE), Link(2, 3, odds)]
    (found,) = clusters([DAY] * 4, links)
    assert found.typical == 1
    assert found.likeness[found.nodes.index(1)] == 1.0
    assert found.likeness[found.nodes.index(2)] == pytest.approx(likely(SURE, DAY, DAY))
