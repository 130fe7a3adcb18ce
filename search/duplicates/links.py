"""How likely two contents are about one matter, for all pairs of an archive that may be.

A link is told from the two contents alone, by frozen weights: whatever else is in the archive,
found or hidden, makes no link and breaks none. So a letter's links have no bound either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from search.duplicates.contents import Column, Keys, Numbers, Places, Rest

LEAST_HELD: Final = 0.1
"""Of the leading words, the cosine from which on two contents are compared: 96 in 100 pairs of one
matter have it."""
LEAST: Final = 0.1
"""Less likely links are not kept."""

_AT_ONCE = 8_000  # pairs whose directions fit into a processor's cache

Odds = npt.NDArray[np.float64]


class Signals(NamedTuple):
    """What the regression reads. `held`: cosine of the leading words; `told_least`, `told_most`:
    how much of the subject of one, by weight, stands in the other, the lesser and the greater way;
    `topic`, `topic_common`, `topic_subject`: cosines of all words' direction, of that of the words
    that are no names, and of those of the subjects."""

    held: float
    held_root: float
    told_least: float
    told_most: float
    told_both: float
    topic: float
    topic_common: float
    topic_subject: float


BIAS: Final = -14.339
COEFFICIENTS: Final = Signals(
    held=-7.458,
    held_root=13.966,
    told_least=6.004,
    told_most=3.592,
    told_both=-4.792,
    topic=11.227,
    topic_common=-1.628,
    topic_subject=-0.683,
)
"""Of the regression; `python -m bench.duplicates.fit_links` prints them."""
GAP: Final = -3.148
"""For the time between the two letters, `log(1 + days) / 6`."""


class Pairs(NamedTuple):
    """Rows of the one and the other, and what they hold together."""

    one: Places
    other: Places
    held: npt.NDArray[np.float32]


def candidates(keys: Keys, asked: Places, least: float = LEAST_HELD) -> Iterator[tuple[int, Pairs]]:
    """For each row that is asked, those before it in `asked` and all that are not asked, as far as
    they hold enough of the same leading words."""
    column = keys.column
    turn = np.full(len(keys), -1, dtype=np.int64)
    turn[asked] = np.arange(len(asked))
    rows, shares, starts, places = _postings(column, asked)
    for at, row in enumerate(asked.tolist()):
        begin, end = int(column.ends[row]), int(column.ends[row + 1])
        spans = [(starts[place], starts[place + 1]) for place in places[begin:end].tolist()]
        if not spans:
            yield row, Pairs(asked[:0], asked[:0], shares[:0])
            continue
        found = np.concatenate([rows[first:last] for first, last in spans])
        weight = np.repeat(column.shares[begin:end], [last - first for first, last in spans])
        held = np.bincount(
            found, weight * np.concatenate([shares[first:last] for first, last in spans])
        )
        near = np.flatnonzero(held >= least)
        near = near[turn[near] < at]
        yield row, Pairs(np.full(len(near), row), near, held[near].astype(np.float32))


def _postings(
    column: Column, asked: Places
) -> tuple[Places, npt.NDArray[np.float32], Places, Places]:
    """Rows and shares by word, for the words of those asked; where each word's begin; and for each
    entry of the column the place of its word."""
    lengths = column.ends[1:] - column.ends[:-1]
    owners = np.repeat(np.arange(len(lengths)), lengths)
    wanted = np.zeros(len(lengths), dtype=np.bool_)
    wanted[asked] = True
    words: Numbers = np.unique(column.names[wanted[owners]])
    places = np.searchsorted(words, column.names)
    places[places == len(words)] = 0
    known = np.flatnonzero(words[places] == column.names) if len(words) else places[:0]
    order = known[np.argsort(places[known], kind="stable")]
    starts = np.searchsorted(places[order], np.arange(len(words) + 1))
    return owners[order], column.shares[order], starts, places


def signals(
    rest: Rest, pairs: Pairs, near: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """A row of `Signals` for each pair. `near`: the cosines of their directions, where known."""
    one, other, held = pairs
    told = np.stack([_told(rest, one, other), _told(rest, other, one)])
    least, most = told.min(axis=0), told.max(axis=0)
    near = _topics(rest, one, other) if near is None else near
    columns = (held, np.sqrt(held), least, most, least * most, near[:, 0], near[:, 1], near[:, 2])
    return np.stack(columns, axis=1).astype(np.float32)


def linked(rest: Rest, pairs: Pairs) -> tuple[Pairs, Odds]:
    """Those of the pairs that are likely enough, and the logarithms of their odds were the letters
    of one day."""
    weights = np.array(COEFFICIENTS)
    if not len(pairs.one):
        return pairs, np.zeros(0)
    least = np.log(LEAST / (1 - LEAST))
    near = _topics(rest, pairs.one, pairs.other)
    bound = BIAS + weights[0] * pairs.held + weights[1] * np.sqrt(pairs.held) + near @ weights[5:]
    may = bound + _highest_told(weights) >= least
    kept = Pairs(*(part[may] for part in pairs))
    odds = weighed(signals(rest, kept, near[may]))
    sure = odds >= least
    return Pairs(*(part[sure] for part in kept)), odds[sure]


def weighed(read: npt.NDArray[np.float32]) -> Odds:
    """The logarithms of the odds, in steps of 1/256: the same for a pair whatever pairs stand
    beside it, and whichever of the two comes first."""
    odds = np.full(len(read), BIAS)
    for weight, column in zip(COEFFICIENTS, read.T.astype(np.float64), strict=True):
        odds += weight * column
    found: Odds = np.rint(odds * 256) / 256
    return found


def _highest_told(weights: Odds) -> float:
    """The most that the subjects can add."""
    share = np.linspace(0.0, 1.0, 101)
    least, most = np.meshgrid(share, share)
    found = np.where(
        least <= most, weights[2] * least + weights[3] * most + weights[4] * least * most, 0.0
    )
    return float(found.max()) + 1e-6


def _topics(rest: Rest, one: Places, other: Places) -> npt.NDArray[np.float32]:
    """Cosines of the three directions; whole numbers are multiplied, so none is rounded."""
    found = np.empty((len(one), 3), dtype=np.float32)
    for start in range(0, len(one), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        here = rest.topics[one[part]].astype(np.float32)
        there = rest.topics[other[part]].astype(np.float32)
        lengths = np.sqrt(
            np.einsum("ijk,ijk->ij", here, here) * np.einsum("ijk,ijk->ij", there, there)
        )
        found[part] = np.einsum("ijk,ijk->ij", here, there) / np.maximum(lengths, 1.0)
    return found


def _told(rest: Rest, one: Places, other: Places) -> npt.NDArray[np.float32]:
    """How much of the subject of the one stands in the other, by weight."""
    heads = rest.heads
    lengths = heads.lengths(one)
    pair = np.repeat(np.arange(len(one)), lengths)
    first = np.cumsum(lengths) - lengths
    entry = np.arange(len(pair)) - first[pair] + heads.ends[one][pair]
    wanted = (other[pair].astype(np.uint64) << np.uint64(32)) | heads.names[entry].astype(np.uint64)
    at = np.minimum(np.searchsorted(rest.held, wanted), len(rest.held) - 1)
    there = rest.held[at] == wanted if len(rest.held) else np.zeros(len(pair), dtype=np.bool_)
    found = np.bincount(pair, heads.shares[entry] * there, minlength=len(one))
    return found.astype(np.float32)
