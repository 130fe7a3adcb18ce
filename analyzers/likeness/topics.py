"""What published letters speak of, as directions: frozen vectors of pairs of characters, shipped.

Made by `python -m analyzers.likeness.build FILE.jsonl…` (a truncated singular value decomposition
of weighted pairs by letters), never changed by what an office takes in: two letters that share few
words still lead the same way where they speak of one thing.
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

from analyzers.likeness.rarity import Codes, Weights, codes_of, pair_codes

FIGURES: Final = "topics.bin.gz"
UNIT: Final = 127

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """A row for each pair that is known; pairs rising."""

    known: Codes
    vectors: Vectors

    def lead(self, pairs: Codes, weights: Weights) -> Vectors:
        """Where the weighted pairs lead: of length 1, or of 0 where none is known."""
        at = np.minimum(np.searchsorted(self.known, pairs), len(self.known) - 1)
        here = self.known[at] == pairs
        way: Vectors = weights[here].astype(np.float32) @ self.vectors[at[here]]
        length = float(np.sqrt(way @ way))
        return way / np.float32(length) if length else way


def read_topics(packed: bytes) -> Topics:
    """The vectors out of their shipped form: a line of JSON, a scale a pair, whole numbers."""
    head, _, body = gzip.decompress(packed).partition(b"\n")
    known = pair_codes(codes_of(json.loads(head)["pairs"]))[::2]
    scales = np.frombuffer(body, dtype="<f2", count=len(known)).astype(np.float32)
    units = np.frombuffer(body, dtype=np.int8, offset=2 * len(known)).reshape(len(known), -1)
    vectors: Vectors = units.astype(np.float32) * (scales / np.float32(UNIT))[:, None]
    return Topics(known, vectors)


@cache
def topics() -> Topics:
    """The shipped vectors, read when first asked for."""
    return read_topics(files("analyzers.likeness").joinpath(FIGURES).read_bytes())
