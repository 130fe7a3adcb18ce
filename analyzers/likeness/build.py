"""Makes the rarities and topics: `python -m analyzers.likeness.build FILE.jsonl…`.

Reads published petitions, one JSON object a line with `subject` and `text`, and writes how rare
each pair of characters is, for pairs that at least `RAREST` letters hold, and where pairs that
neither fewer than `RAREST_TOPICAL` letters hold, nor more than a fifth of them, stand in topics.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from analyzers.directions import Vectors, directions, packed, whole
from analyzers.likeness import topics
from analyzers.likeness.rarity import FIGURES, UNIT, codes_of, pair_codes
from analyzers.likeness.traits import normal

RAREST = 3
RAREST_TOPICAL, MOST = 16, 0.2
DIMENSIONS = 32


def figures(letters: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Pairs by rarity in quarters, joined. `letters`: subject and text of each."""
    holding: Counter[str] = Counter()
    total = 0
    for subject, text in letters:
        total += 1
        holding.update(_pairs(normal(subject)) | _pairs(normal(text)))
    grouped: defaultdict[int, list[str]] = defaultdict(list)
    for pair, count in holding.items():
        if count >= RAREST:
            grouped[_quarters(count, total)].append(pair)
    return {
        "letters": total,
        "unknown": _quarters(1, total),
        "pairs": {str(rarity): "".join(sorted(grouped[rarity])) for rarity in sorted(grouped)},
    }


def vectors(letters: Sequence[tuple[str, str]]) -> tuple[list[str], Vectors]:
    """Pairs in the order of their codes, and a row for each."""
    held = [sorted(_pairs(normal(subject)) | _pairs(normal(text))) for subject, text in letters]
    holding = Counter(pair for pairs in held for pair in pairs)
    most = MOST * len(letters)
    known = [pair for pair, times in holding.items() if RAREST_TOPICAL <= times <= most]
    known.sort(key=lambda pair: int(pair_codes(codes_of(pair))[0]))
    place = {pair: at for at, pair in enumerate(known)}
    matrix = np.zeros((len(letters), len(known)), dtype=np.float32)
    for row, pairs in enumerate(held):
        for pair in pairs:
            if pair in place:
                matrix[row, place[pair]] = _quarters(holding[pair], len(letters)) / UNIT
    return known, directions(matrix, DIMENSIONS)


def packed_topics(pairs: Sequence[str], made: Vectors) -> bytes:
    """The shipped form of topics."""
    return packed({"pairs": "".join(pairs)}, whole(made))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _quarters(holding: int, total: int) -> int:
    """BM25's inverse document frequency."""
    return round(math.log(1 + (total - holding + 0.5) / (holding + 0.5)) * UNIT)


def main() -> None:
    """Write both figures into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    chosen = parser.parse_args()
    letters: list[tuple[str, str]] = []
    for path in chosen.files:
        with path.open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        letters += [(record["subject"], record["text"]) for record in records]
    made = figures(letters)
    body = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    folder = Path(str(files("analyzers.likeness")))
    written = {
        folder / FIGURES: gzip.compress(body.encode(), mtime=0),
        folder / topics.FIGURES: packed_topics(*vectors(letters)),
    }
    for out, content in written.items():
        out.write_bytes(content)
        sys.stderr.write(f"{made['letters']} letters, {len(content)} bytes: {out}\n")


if __name__ == "__main__":
    main()
