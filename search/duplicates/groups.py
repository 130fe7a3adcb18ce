"""Visible letters in groups, and the same letters not grouped twice.

What comes out depends on the letters that are given and the links between them alone, so it may be
kept for whoever sees the same letters, whatever their rights are called. It is kept under these
alone: were it made anew when others are linked, the time of the page would tell of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import starmap
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from records import contents as kept
from records.contents import LinkedLetter
from records.database import Session
from search.duplicates.clusters import LEAST_ODDS, Cluster, Link, Node, clusters

KEPT: Final = 16
"""Views whose groups are kept: as many as there are rights in an office at one time."""

Held = TypeVar("Held")


class _Kept(Generic[Held]):
    """What was made last, by key; the last used stay."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Held | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: bytes, made: Held) -> Held:
        with self._lock:
            self._held[key] = made
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class Group:
    """Places of letters with their likeness to the typical one, by place."""

    members: tuple[tuple[int, float], ...]
    typical: int


@dataclass(frozen=True, slots=True, eq=False)
class _Among:
    """Links among contents that are seen, by their places, the smaller one first."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    odds: npt.NDArray[np.float64]
    digest: bytes

    @classmethod
    def of(
        cls,
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
        odds: npt.NDArray[np.float64],
    ) -> _Among:
        told = blake2b()
        for part in (first, second, odds):
            told.update(part.tobytes())
        return cls(first, second, odds, told.digest())

    def rows(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.first.tolist(), self.second.tolist(), self.odds.tolist(), strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """All there are at one look. `ones` and `others`: content ids."""

    version: str | None
    ones: npt.NDArray[np.int64]
    others: npt.NDArray[np.int64]
    odds: npt.NDArray[np.float64]

    def key(self, contents: Sequence[int]) -> bytes:
        return blake2b(f"{self.version}{contents}".encode()).digest()

    def among(self, contents: Sequence[int]) -> _Among:
        """Those of which both sides are among these contents, in order."""
        places = np.argsort(contents)
        known = np.array(contents)[places]
        one, other = (_places(known, places, ids) for ids in (self.ones, self.others))
        inside = (one >= 0) & (other >= 0)
        one, other = one[inside], other[inside]
        first, second = np.minimum(one, other), np.maximum(one, other)
        rising = np.lexsort((second, first))
        return _Among.of(first[rising], second[rising], self.odds[inside][rising])


def _places(
    known: npt.NDArray[np.int64], places: npt.NDArray[np.int64], ids: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The place of each id, of those known, which rise; -1 for one that isn't."""
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[at] == ids, places[at], -1)


class Groups:
    """Safe to share between threads. Holds links (24 bytes each) and places, no letter. As long as
    no links are new, none is looked at again for the same view."""

    def __init__(self) -> None:
        self._links: Links | None = None
        self._joined: _Kept[npt.NDArray[np.int64]] = _Kept()
        self._digests: _Kept[bytes] = _Kept()
        self._made: _Kept[list[Group]] = _Kept()
        self._lock = threading.Lock()

    def links(self, session: Session) -> Links:
        """To be asked once a look; read where they are others than at the last."""
        version = kept.version_of_links(session)
        with self._lock:
            if self._links is not None and self._links.version == version:
                return self._links
        rows = kept.all_links(session)
        pairs = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
        odds = np.array([row[2] for row in rows], dtype=np.float64)
        made = Links(version, pairs[:, 0], pairs[:, 1], odds)
        with self._lock:
            self._links = made
        return made

    def joined(self, links: Links, contents: Sequence[int]) -> set[int]:
        """Of these contents, of one letter each, those that several letters hold or that may be of
        a matter with another of them."""
        if not contents:
            return set()
        sorted_ = sorted(contents)
        key = links.key(sorted_)
        found = self._joined.get(key)
        if found is None:
            found = self._joined.put(key, _joined(sorted_, links))
        return set(found.tolist())

    def of(self, links: Links, letters: Sequence[LinkedLetter]) -> list[Group]:
        """The groups of two letters or more. `letters`: all that may count, by date; links of
        which a side is not among them are passed over."""
        if not letters:
            return []
        holders = _holders(letters)
        contents, among = list(holders), None
        seen = links.key(contents)
        digest = self._digests.get(seen)
        if digest is None:
            among = links.among(contents)
            digest = self._digests.put(seen, among.digest)
        told = "".join(f"{one.id}{one.content_id}{one.received_at.toordinal()}" for one in letters)
        key = blake2b(told.encode() + digest).digest()
        made = self._made.get(key)
        if made is None:
            among = among or links.among(contents)
            made = self._made.put(key, _grouped(letters, list(holders.values()), among))
        return made


def _holders(letters: Sequence[LinkedLetter]) -> dict[int, list[int]]:
    """Places of the letters by their content, in the order in which contents first come."""
    found: dict[int, list[int]] = {}
    for at, letter in enumerate(letters):
        found.setdefault(letter.content_id, []).append(at)
    return found


def _joined(contents: Sequence[int], links: Links) -> npt.NDArray[np.int64]:
    known, counts = np.unique(np.array(contents), return_counts=True)
    among = links.among(known.tolist())
    sure = among.odds >= LEAST_ODDS
    linked = np.zeros(len(known), dtype=np.bool_)
    linked[among.first[sure]] = linked[among.second[sure]] = True
    found: npt.NDArray[np.int64] = known[linked | (counts > 1)]
    return found


def _grouped(
    letters: Sequence[LinkedLetter], holders: Sequence[Sequence[int]], links: _Among
) -> list[Group]:
    nodes = [
        Node(
            len(held),
            letters[held[0]].received_at.toordinal(),
            letters[held[-1]].received_at.toordinal(),
        )
        for held in holders
    ]
    return [_group(found, holders) for found in clusters(nodes, starmap(Link, links.rows()))]


def _group(found: Cluster, holders: Sequence[Sequence[int]]) -> Group:
    members = sorted(
        (at, likeness)
        for node, likeness in zip(found.nodes, found.likeness, strict=True)
        for at in holders[node]
    )
    return Group(tuple(members), holders[found.typical][0])
