"""The shipped language table, read once."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from search.ranking_table import FIGURES, UNIT


class CharacterWeights(dict[str, float]):
    """Weight by character; 0 for what doesn't rank: signs, blanks, what nearly every letter holds.

    Fills itself with the characters that the table doesn't know: at most one entry a code point.
    """

    def __init__(self, known: dict[str, float], unknown: float) -> None:
        super().__init__(known)
        self._unknown = unknown

    def __missing__(self, character: str) -> float:
        weight = self[character] = self._unknown if character.isalnum() else 0.0
        return weight


@dataclass(frozen=True, slots=True)
class Table:
    """Weights by term; average lengths by field, in characters and in words."""

    version: str
    characters: CharacterWeights
    words: dict[str, float]
    unknown_word: float
    average_characters: dict[str, float]
    average_words: dict[str, float]

    def weight(self, term: str) -> float:
        """The weight of a word or of a single character, at the same scale."""
        return self.word_weight(term) if len(term) > 1 else self.characters[term] / 2

    def word_weight(self, word: str) -> float:
        return self.words.get(word, self.unknown_word)


def read_table(packed: bytes) -> Table:
    """The table out of its shipped form."""
    figures = json.loads(gzip.decompress(packed))
    return Table(
        version=figures["version"],
        characters=CharacterWeights(
            _weights(figures["characters"]), figures["unknown_character"] / UNIT
        ),
        words=_weights(figures["words"]),
        unknown_word=figures["unknown_word"] / UNIT,
        average_characters=figures["average_characters"],
        average_words=figures["average_words"],
    )


def _weights(by_eighths: dict[str, str | list[str]]) -> dict[str, float]:
    """`{"12": [term, …]}` -> `{term: 1.5, …}`: few numbers, many terms."""
    return {term: int(n) / UNIT for n, listed in by_eighths.items() for term in listed}


TABLE: Final = read_table(files("search.ranking_table").joinpath(FIGURES).read_bytes())
