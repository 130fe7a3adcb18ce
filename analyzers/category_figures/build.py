"""Compute the figures from labelled published letters and say how good they are.

    python -m analyzers.category_figures.build category_tokens.jsonl [--write]

Each line of the input: `{"tokens": […] or "text": "…", "category": "…"}`. Every fifth letter is
held out: the printed accuracy is theirs. With --write, figures of all letters are shipped.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analyzers.categories import suggest_by
from analyzers.category_figures import FILE, Figures, written
from analyzers.fold import fold_text
from analyzers.segment import words

_UNIT = 20
_LEAST_LETTERS = 8  # a word that fewer letters hold says little and could be somebody's name
_LEAST_SPREAD = 30  # between the classes, in units: what differs less only adds noise
_SMOOTHING = 0.5

Labelled = tuple[frozenset[str], str]


def computed(letters: Iterable[Labelled]) -> Figures:
    """Centred logarithms of the smoothed share of each class's letters that hold the word."""
    holding: dict[str, Counter[str]] = defaultdict(Counter)
    size: Counter[str] = Counter()
    for held, category in letters:
        size[category] += 1
        for word in held:
            holding[word][category] += 1
    classes = tuple(sorted(size))
    weights = {
        word: row
        for word, counts in holding.items()
        if counts.total() >= _LEAST_LETTERS
        and (row := _row([counts[one] for one in classes], [size[one] for one in classes]))
        and max(row) - min(row) >= _LEAST_SPREAD
    }
    return Figures(classes, _UNIT, weights)


def _row(counts: Sequence[int], sizes: Sequence[int]) -> tuple[int, ...]:
    logs = [
        math.log((count + _SMOOTHING) / (size + 2 * _SMOOTHING))
        for count, size in zip(counts, sizes, strict=True)
    ]
    mean = sum(logs) / len(logs)
    return tuple(round(_UNIT * (log - mean)) for log in logs)


def right(known: Figures, letters: Sequence[Labelled]) -> float:
    """The share of letters whose first suggestion is their class."""
    hits = [
        suggested[0].name == category
        for held, category in letters
        if (suggested := suggest_by(known, sorted(held)))
    ]
    return sum(hits) / len(letters)


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
    accuracy = right(computed(learned), held_out)
    print(f"right on {len(held_out)} held out of {len(letters)}: {accuracy:.3f}")
    if given.write:
        known = computed(letters)
        target = Path(__file__).with_name(FILE)
        target.write_text(written(known), "utf-8")
        print(f"{len(known.weights)} words, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
