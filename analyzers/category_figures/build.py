"""Compute the figures from labelled published letters and say how good they are.

    python -m analyzers.category_figures.build category_tokens.jsonl [--write]

Each line of the input: `{"tokens": […] or "text": "…", "category": "…"}`. Every fifth letter is
held out: the printed accuracy is theirs, and so is the mean confidence of the first suggestion,
which should equal it. With --write, figures of all letters are shipped.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analyzers.categories import suggest_by
from analyzers.category_figures import FILE, Figures, written
from analyzers.fold import fold_text
from analyzers.segment import words

_UNIT = 20
_LEAST_LETTERS = 8  # a word that fewer letters hold says little and could be somebody's name
_LEAST_SPREAD = 8  # between the classes, in units: what differs less only adds noise
_SPOKEN = re.compile("[a-z\u4e00-\u9fff]")  # masked numbers are no words
_STEPS = 200
_RATE = 0.05
_DECAY = 3e-5
_SHARPNESS = 1.5  # makes confidences as high as the accuracy on letters held out

Labelled = tuple[frozenset[str], str]
Matrix = NDArray[np.float32]


def computed(letters: Iterable[Labelled]) -> Figures:
    """Weights of a logistic regression over the words that a letter holds, each letter's of one
    length, so that long letters speak no louder than short ones."""
    held = list(letters)
    counts = Counter(word for words_, _ in held for word in words_)
    known = sorted(
        w for w, count in counts.items() if count >= _LEAST_LETTERS and _SPOKEN.search(w)
    )
    classes = tuple(sorted({category for _, category in held}))
    places = {word: at for at, word in enumerate(known)}
    shares = np.zeros((len(held), len(known)), dtype=np.float32)
    for row, (words_, _) in enumerate(held):
        columns = [places[word] for word in words_ if word in places]
        shares[row, columns] = 1 / np.sqrt(max(1, len(columns)))
    wanted = np.zeros((len(held), len(classes)), dtype=np.float32)
    wanted[range(len(held)), [classes.index(category) for _, category in held]] = 1
    rows = np.rint(_regressed(shares, wanted) * _SHARPNESS * _UNIT).astype(int)
    spread = rows.max(axis=1) - rows.min(axis=1)
    weights = {
        word: tuple(rows[at].tolist()) for word, at in places.items() if spread[at] >= _LEAST_SPREAD
    }
    return Figures(classes, _UNIT, weights)


def _regressed(shares: Matrix, wanted: Matrix) -> Matrix:
    """Softmax regression by Adam's method on the whole set: the same figures every time."""
    weights = np.zeros((shares.shape[1], wanted.shape[1]), dtype=np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        sums = shares @ weights
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        wrong = powers / powers.sum(axis=1, keepdims=True) - wanted
        slope = shares.T @ wrong / len(shares) + _DECAY * weights
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope * slope
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def right(known: Figures, letters: Sequence[Labelled]) -> float:
    """The share of letters whose first suggestion is their class."""
    hits = [
        suggested[0].name == category
        for held, category in letters
        if (suggested := suggest_by(known, sorted(held)))
    ]
    return sum(hits) / len(letters)


def _confidence(known: Figures, letters: Sequence[Labelled]) -> float:
    firsts = [suggested[0] for held, _ in letters if (suggested := suggest_by(known, sorted(held)))]
    return sum(first.confidence for first in firsts) / len(firsts)


def _read(path: Path) -> Iterator[Labelled]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            text = one.get("text") or "".join(one["tokens"])
            yield frozenset(words(fold_text(f"{one.get('subject', '')}\n{text}"))), one["category"]


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="+", type=Path)
    options.add_argument("--write", action="store_true", help="ship the figures of all letters")
    given = options.parse_args()
    letters = [one for path in given.files for one in _read(path)]
    held_out = letters[::5]
    learned = [one for at, one in enumerate(letters) if at % 5]
    known = computed(learned)
    print(f"right on {len(held_out)} held out of {len(letters)}: {right(known, held_out):.3f}")
    print(f"mean confidence on them: {_confidence(known, held_out):.3f}")
    if given.write:
        known = computed(letters)
        target = Path(__file__).with_name(FILE)
        target.write_text(written(known), "utf-8")
        print(f"{len(known.weights)} words, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
