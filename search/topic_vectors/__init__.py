"""Where words stand in the topics of published letters: frozen vectors, shipped.

Made by `python -m search.topic_vectors.build FILE.jsonl…` (`analyzers.directions`), never changed
by what an office takes in: how near two letters are tells nothing of a third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from analyzers.directions import Vectors, unpacked, vectors_of

FIGURES: Final = "figures.bin.gz"


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """A row for each word that is known."""

    version: str
    rows: Mapping[str, int]
    vectors: Vectors


def read_topics(packed: bytes) -> Topics:
    """The vectors out of their shipped form."""
    head, body = unpacked(packed)
    words = head["words"].split(" ")
    rows = {word: row for row, word in enumerate(words)}
    return Topics(head["version"], rows, vectors_of(body, len(words)))


@cache
def topics() -> Topics:
    """The shipped vectors, read when first asked for."""
    return read_topics(files("search.topic_vectors").joinpath(FIGURES).read_bytes())
