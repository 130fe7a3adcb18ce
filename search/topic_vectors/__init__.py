"""Where words stand in the topics of published letters: frozen vectors, shipped.

Made by `python -m search.topic_vectors.build FILE.jsonl…` (a truncated singular value decomposition
of weighted words by letters), never changed by what an office takes in: how near two letters are
tells nothing of a third.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

FIGURES: Final = "figures.bin.gz"
UNIT: Final = 127

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """A row for each word that is known."""

    version: str
    rows: Mapping[str, int]
    vectors: Vectors


def read_topics(packed: bytes) -> Topics:
    """The vectors out of their shipped form: a line of JSON, a scale a word, whole numbers."""
    head, _, body = gzip.decompress(packed).partition(b"\n")
    figures = json.loads(head)
    words = figures["words"].split(" ")
    scales = np.frombuffer(body, dtype="<f2", count=len(words)).astype(np.float32)
    units = np.frombuffer(body, dtype=np.int8, offset=2 * len(words)).reshape(len(words), -1)
    vectors: Vectors = units.astype(np.float32) * (scales / np.float32(UNIT))[:, None]
    return Topics(figures["version"], {word: row for row, word in enumerate(words)}, vectors)


@cache
def topics() -> Topics:
    """The shipped vectors, read when first asked for."""
    return read_topics(files("search.topic_vectors").joinpath(FIGURES).read_bytes())
