"""The level-1 category that a letter's words speak for.

Naive Bayes over the words that occur: each word carries, for each class, the centred logarithm of
its share in that class's published letters (`analyzers.category_figures`). Only the seven classes
that have published labels can be suggested.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.category_figures import Figures, figures

_TEMPERATURE = 0.9
"""Times the root of the number of known words: the softmax then is right as often as it says."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`confidence`: 0.0 to 1.0, all classes together 1.0."""

    name: str
    confidence: float


def suggest(words: Sequence[str]) -> tuple[Suggestion, ...]:
    """The classes, best first; nothing where no word is known. `words`: folded, of one letter."""
    return suggest_by(figures(), words)


def suggest_by(known: Figures, words: Sequence[str]) -> tuple[Suggestion, ...]:
    """The same by other figures."""
    rows = [known.weights[word] for word in set(words) if word in known.weights]
    if not rows:
        return ()
    scale = 1 / (known.unit * _TEMPERATURE * math.sqrt(len(rows)))
    sums = [sum(column) * scale for column in zip(*rows, strict=True)]
    highest = max(sums)
    powers = [math.exp(one - highest) for one in sums]
    whole = sum(powers)
    found = zip(known.classes, powers, strict=True)
    ranked = sorted(found, key=lambda one: (-one[1], one[0]))
    return tuple(Suggestion(name, power / whole) for name, power in ranked)
