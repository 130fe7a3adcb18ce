"""Visible letters in groups, and the same letters not grouped twice.

What comes out depends on the letters that are given and the links between them alone, so it may be
kept for whoever sees the same letters, whatever their rights are called.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from records import contents as kept
from records.contents import LinkedLetter
from records.database import Session
from search.duplicates.clusters import Cluster, Link, Node, clusters

KEPT: Final = 16
"""Views whose groups are kept: as many as there are rights in an office at one time."""


@dataclass(frozen=True, slots=True)
class Group:
    """Places of letters with their likeness to the typical one, by place."""

    members: tuple[tuple[int, float], ...]
    typical: int


@dataclass(frozen=True, slots=True, eq=False)
class _Links:
    """`ones` and `others`: content ids."""

    stamp: tuple[Any, ...]
    ones: npt.NDArray[np.int64]
    others: npt.NDArray[np.int64]
    odds: npt.NDArray[np.float64]


class Groups:
    """Safe to share between threads. Holds links (24 bytes each) and places, no letter."""

    def __init__(self) -> None:
        self._links: _Links | None = None
        self._kept: OrderedDict[bytes, list[Group]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, letters: Sequence[LinkedLetter]) -> list[Group]:
        """The groups of two letters or more. `letters`: all that may count, by date; links of
        which a side is not among them are passed over."""
        if not letters:
            return []
        links = self._read(session)
        told = "".join(f"{one.id}{one.content_id}{one.received_at.toordinal()}" for one in letters)
        key = blake2b(f"{links.stamp}{told}".encode()).digest()
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        made = _grouped(letters, links)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _read(self, session: Session) -> _Links:
        stamp = kept.links_stamp(session)
        with self._lock:
            if self._links is not None and self._links.stamp == stamp:
                return self._links
        rows = kept.all_links(session)
        pairs = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
        odds = np.array([row[2] for row in rows], dtype=np.float64)
        made = _Links(stamp, pairs[:, 0], pairs[:, 1], odds)
        with self._lock:
            self._links = made
        return made


def _grouped(letters: Sequence[LinkedLetter], links: _Links) -> list[Group]:
    place: dict[int, int] = {}
    holders: list[list[int]] = []
    for at, letter in enumerate(letters):
        node = place.setdefault(letter.content_id, len(holders))
        if node == len(holders):
            holders.append([])
        holders[node].append(at)
    nodes = [
        Node(
            len(held),
            letters[held[0]].received_at.toordinal(),
            letters[held[-1]].received_at.toordinal(),
        )
        for held in holders
    ]
    one, other = _places(place, links.ones), _places(place, links.others)
    inside = (one >= 0) & (other >= 0)
    first, second = np.minimum(one, other)[inside], np.maximum(one, other)[inside]
    told = zip(first.tolist(), second.tolist(), links.odds[inside].tolist(), strict=True)
    return [_group(found, holders) for found in clusters(nodes, (Link(*row) for row in told))]


def _places(place: dict[int, int], ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The place of each content; -1 for those that no letter given holds."""
    known = np.array(sorted(place), dtype=np.int64)
    nodes = np.array([place[one] for one in known.tolist()], dtype=np.int64)
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[at] == ids, nodes[at], -1)


def _group(found: Cluster, holders: Sequence[Sequence[int]]) -> Group:
    members = sorted(
        (at, likeness)
        for node, likeness in zip(found.nodes, found.likeness, strict=True)
        for at in holders[node]
    )
    return Group(tuple(members), holders[found.typical][0])
