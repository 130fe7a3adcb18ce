"""Makes the topic vectors: `python -m search.topic_vectors.build FILE.jsonl…`.

Reads published petitions, one JSON object a line with `subject` and `text`. Words that fewer than
`RAREST` letters hold, or more than a fifth, are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from analyzers.directions import Vectors, directions, packed, whole
from analyzers.fold import fold_text
from analyzers.segment import words as cut_words
from search.ranking_table.build import petitions
from search.topic_vectors import FIGURES

RAREST, MOST = 5, 0.2
DIMENSIONS = 48
SUBJECT_TIMES = 2
_ALIKE = 60  # characters by which the same letter in two files is known


def counted(letters: Iterable[tuple[str, str]]) -> list[Counter[str]]:
    """The words of each letter, given as subject and text."""
    return [
        Counter(
            word
            for word in cut_words(fold_text(subject)) * SUBJECT_TIMES + cut_words(fold_text(text))
            if len(word) > 1
        )
        for subject, text in letters
    ]


def vectors(letters: Sequence[Counter[str]]) -> tuple[list[str], Vectors]:
    """Words, and a row for each."""
    holding: Counter[str] = Counter()
    for letter in letters:
        holding.update(letter.keys())
    most = MOST * len(letters)
    known = sorted(word for word, times in holding.items() if RAREST <= times <= most)
    place = {word: at for at, word in enumerate(known)}
    matrix = np.zeros((len(letters), len(known)), dtype=np.float32)
    for row, letter in enumerate(letters):
        for word, times in letter.items():
            if word in place:
                rarity = math.log(len(letters) / holding[word])
                matrix[row, place[word]] = (1 + math.log(times)) * rarity
    return known, directions(matrix, DIMENSIONS)


def packed_topics(words: Sequence[str], made: Vectors, letters: int) -> bytes:
    """The shipped form."""
    body = whole(made)
    version = hashlib.sha256(" ".join(words).encode() + body).hexdigest()[:12]
    return packed({"version": version, "letters": letters, "words": " ".join(words)}, body)


def main() -> None:
    """Write the figures into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    letters = {
        str(one.get("text") or "")[:_ALIKE]: (
            str(one.get("subject") or ""),
            str(one.get("text") or ""),
        )
        for one in petitions(chosen.files)
    }
    words, made = vectors(counted(letters.values()))
    out = chosen.out or Path(str(files("search.topic_vectors"))) / FIGURES
    out.write_bytes(packed_topics(words, made, len(letters)))
    sys.stderr.write(
        f"{len(letters)} letters, {len(words)} words, {out.stat().st_size} bytes: {out}\n"
    )


if __name__ == "__main__":
    main()
