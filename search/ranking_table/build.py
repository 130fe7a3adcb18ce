"""Makes the language table: `python -m search.ranking_table.build FILE.jsonl…`.

Reads published petitions, one JSON object a line with `subject`, `text` and perhaps `reply`, and
writes document frequencies as weights: no text, no order, no term that stands in fewer than
`RAREST` letters (such a one might be a name).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from analyzers.fold import fold_text
from analyzers.segment import words as cut_words
from search.ranking_table import FIGURES, HIGHEST_CHARACTER, HIGHEST_WORD, UNIT

WORD_SHARE = 0.5
RAREST = 3
LEAST = 3
"""Characters of fewer eighths don't rank: they stand in three of four letters and cost most."""
FIELDS = ("subject", "text", "reply")


def petitions(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The records of all files; raises ValueError with file and line where one is broken."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ValueError(f"{path}, line {number}: no JSON object") from error


def figures(letters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The table in its shipped form: terms by weight in eighths, average lengths by field."""
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    lengths: defaultdict[str, list[int]] = defaultdict(list)
    word_lengths: defaultdict[str, list[int]] = defaultdict(list)
    total = 0
    for letter in letters:
        total += 1
        held_characters: set[str] = set()
        held_words: set[str] = set()
        for field in FIELDS:
            folded = fold_text(str(letter.get(field) or ""))
            cut = cut_words(folded)
            if folded:
                lengths[field].append(len(folded))
                word_lengths[field].append(len(cut))
            if field != "reply":  # replies repeat set phrases; rarity is that of what people write
                held_characters.update(c for c in folded if c.isalnum())
                held_words.update(word for word in cut if len(word) > 1)
        characters.update(held_characters)
        words.update(held_words)
    table = {
        "letters": total,
        "characters": _ranking_characters(characters, total),
        "words": _by_eighths(words, total, WORD_SHARE, HIGHEST_WORD),
        "unknown_character": _eighths(RAREST - 1, total, 1.0, HIGHEST_CHARACTER),
        "unknown_word": _eighths(RAREST - 1, total, WORD_SHARE, HIGHEST_WORD),
        "average_characters": {field: _mean(lengths[field]) for field in FIELDS},
        "average_words": {field: _mean(word_lengths[field]) for field in FIELDS},
    }
    body = json.dumps(table, ensure_ascii=False, sort_keys=True)
    return {"version": hashlib.sha256(body.encode()).hexdigest()[:12], **table}


def _mean(values: list[int]) -> float:
    return round(sum(values) / len(values), 2) if values else 1.0


def _eighths(holding: int, total: int, share: float, highest: float) -> int:
    """BM25's inverse document frequency, as whole eighths."""
    rarity = math.log(1 + (total - holding + 0.5) / (holding + 0.5))
    return min(round(rarity * share * UNIT), round(highest * UNIT))


def _ranking_characters(counts: Mapping[str, int], total: int) -> dict[str, list[str]]:
    weights = _by_eighths(counts, total, 1.0, HIGHEST_CHARACTER)
    light = [c for weight, listed in weights.items() if int(weight) < LEAST for c in listed]
    kept = {weight: listed for weight, listed in weights.items() if int(weight) >= LEAST}
    return {"0": sorted(light), **kept}


def _by_eighths(
    counts: Mapping[str, int], total: int, share: float, highest: float
) -> dict[str, list[str]]:
    grouped: defaultdict[int, list[str]] = defaultdict(list)
    for term, holding in counts.items():
        if holding >= RAREST:
            grouped[_eighths(holding, total, share, highest)].append(term)
    return {str(weight): sorted(grouped[weight]) for weight in sorted(grouped)}


def packed(table: Mapping[str, Any]) -> bytes:
    """The same table gives the same bytes."""
    body = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return gzip.compress(body.encode(), mtime=0)


def main() -> None:
    """Write the table into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    out = chosen.out or Path(str(files("search.ranking_table"))) / FIGURES
    table = figures(petitions(chosen.files))
    out.write_bytes(packed(table))
    sys.stderr.write(f"{table['letters']} letters, {out.stat().st_size} bytes: {out}\n")


if __name__ == "__main__":
    main()
