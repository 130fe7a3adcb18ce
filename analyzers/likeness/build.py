"""Makes the rarities: `python -m analyzers.likeness.build FILE.jsonl…`.

Reads published petitions, one JSON object a line with `subject` and `text`, and writes how rare
each pair of characters is, for pairs that at least `RAREST` letters hold.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from analyzers.likeness.rarity import FIGURES, UNIT
from analyzers.likeness.traits import normal

RAREST = 3


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


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _quarters(holding: int, total: int) -> int:
    """BM25's inverse document frequency."""
    return round(math.log(1 + (total - holding + 0.5) / (holding + 0.5)) * UNIT)


def main() -> None:
    """Write the figures into the package."""
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
    out = Path(str(files("analyzers.likeness"))) / FIGURES
    out.write_bytes(gzip.compress(body.encode(), mtime=0))
    sys.stderr.write(f"{made['letters']} letters, {out.stat().st_size} bytes: {out}\n")


if __name__ == "__main__":
    main()
