"""The level-1 category that a letter's words speak for.

Logistic regression over the words that occur: each word carries a weight for each class, computed
from published letters (`analyzers.category_figures`); a letter's weights are added, divided by the
root of their number, and read as odds. Only the seven classes that have published labels can be
suggested.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.category_figures import Figures, figures


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`confidence`: 0.0 to 1.0, all classes together 1.0."""

    name: str
    confidence: float


def suggest(words: Sequence[str]) -> tuple[Suggestion, ...]:
    """The classes, best first; nothing where no word is known. `words`: folded, of one
    letter; tokens between them don't count."""
    return suggest_by(figures(), words)


def suggest_by(known: Figures, words: Sequence[str]) -> tuple[Suggestion, ...]:
    """The same by other figures."""
    rows = list(filter(None, map(known.weights.get, set(words))))
    if not rows:
        return ()
    scale = 1 / (known.unit * math.sqrt(len(rows)))
    sums = [one * scale for one in map(sum, zip(*rows, strict=True))]
    highest = max(sums)
    powers = [math.exp(one - highest) for one in sums]
    whole = sum(powers)
    found = zip(known.classes, powers, strict=True)
    ranked = sorted(found, key=lambda one: (-one[1], one[0]))
    return tuple(Suggestion(name, power / whole) for name, power in ranked)
