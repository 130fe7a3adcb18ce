"""What published letters speak of, as directions: frozen vectors of pairs of characters, shipped.

Made by `python -m analyzers.likeness.build FILE.jsonl…` (`analyzers.directions`), never changed by
what an office takes in: two letters that share few words still lead the same way where they speak
of one thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from analyzers.directions import Vectors, unpacked, vectors_of
from analyzers.likeness.rarity import Places, Weights, codes_of, pair_codes, rarities

FIGURES: Final = "topics.bin.gz"


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """`rows`: which of the vectors belongs to each pair that rarities are known of, and to all
    others; the first vector, of zeros, to those that stand in no topic."""

    rows: Places
    vectors: Vectors

    def lead(self, places: Places, weights: Weights) -> Vectors:
        """Where weighted pairs lead, given by their places among `rarities`: of length 1, or of 0
        where none stands in a topic."""
        rows = self.vectors.take(self.rows.take(places), axis=0)
        way: Vectors = weights.astype(np.float32) @ rows
        length = float(np.sqrt(way @ way))
        return way / np.float32(length) if length else way


def read_topics(packed: bytes) -> Topics:
    """The vectors out of their shipped form."""
    head, body = unpacked(packed)
    known = pair_codes(codes_of(head["pairs"]))[::2]
    vectors = np.pad(vectors_of(body, len(known)), ((1, 0), (0, 0)))
    rows = np.zeros(len(rarities().known) + 1, dtype=np.int64)
    rows[rarities().places(known)] = np.arange(1, len(vectors))
    rows[-1] = 0
    return Topics(rows, vectors)


@cache
def topics() -> Topics:
    """The shipped vectors, read when first asked for."""
    return read_topics(files("analyzers.likeness").joinpath(FIGURES).read_bytes())
