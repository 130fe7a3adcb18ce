"""The shipped figures of `analyzers.categories`: numbers a word, computed from published letters.

`python -m analyzers.category_figures.build` makes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FILE = "figures.tsv"


@dataclass(frozen=True, slots=True)
class Figures:
    """`weights[word][i]` divided by `unit` speaks for `classes[i]`."""

    classes: tuple[str, ...]
    unit: int
    weights: Mapping[str, Sequence[int]]


@cache
def figures() -> Figures:
    """The figures that this version ships."""
    return parsed((files(__name__) / FILE).read_text("utf-8"))


def parsed(text: str) -> Figures:
    """Read the file: a line `unit, classes…`, then a line a word: `word, weights…`."""
    head, *lines = (line.split("\t") for line in text.splitlines())
    weights = {word: tuple(map(int, values)) for word, *values in lines}
    return Figures(tuple(head[1:]), int(head[0]), weights)


def written(known: Figures) -> str:
    """The file that `parsed` reads."""
    lines = ["\t".join((str(known.unit), *known.classes))]
    lines += ["\t".join((word, *map(str, known.weights[word]))) for word in sorted(known.weights)]
    return "\n".join(lines) + "\n"
