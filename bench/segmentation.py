"""Cutting words: ours against plain jieba with the same words, and both against each other.

    python -m bench.segmentation [FILE.jsonl …]

Letters are the published ones at `../shared/data` where they are, or those of the files named.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from analyzers import segment
from analyzers.fold import fold_text

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "petitions.jsonl"
T = TypeVar("T")
SAMPLE = 1000  # letters for jieba, which takes 2 ms for one


def run(files: Sequence[Path] = (PUBLISHED,)) -> dict[str, float]:
    """Seconds of CPU time on one core, megabytes (UTF-8) a second, and the ratio to jieba."""
    letters = [_text(line) for file in files for line in file.open(encoding="utf-8")]
    loading, _ = _timed(lambda: segment.cut(""))
    folding, folded = _timed(lambda: [fold_text(letter) for letter in letters])
    segment.cut("甲-" * 3)  # loads what the hard blocks need
    cutting, ours = _timed(lambda: [segment.cut(text) for text in folded])
    words, _ = _timed(lambda: [segment.words(text) for text in folded])
    sample = folded[:SAMPLE]
    jieba_cut = _jieba()
    plain, theirs = _timed(lambda: [jieba_cut(text) for text in sample])
    rate, plain_rate = _size(folded) / cutting, _size(sample) / plain
    return {
        "letters": len(letters),
        "characters": sum(map(len, letters)),
        "load_seconds": loading,
        "fold_seconds": folding,
        "words_seconds": words,
        "cut_mb_per_second": rate,
        "jieba_mb_per_second": plain_rate,
        "ratio_to_jieba": rate / plain_rate,
        "letters_compared": len(sample),
        "letters_cut_otherwise": sum(a != b for a, b in zip(ours, theirs, strict=False)),
    }


def _text(line: str) -> str:
    row = json.loads(line)
    return f"{row['subject']}\n{row['text']}"


def _size(texts: Sequence[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def _jieba() -> Callable[[str], list[str]]:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    for word, frequency in segment.dictionary():
        tokenizer.add_word(word, frequency)
    cut: Callable[[str], list[str]] = tokenizer.lcut
    return cut


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]] or [PUBLISHED]
    for name, figure in run(files).items():
        print(f"{name:24}{figure:12.3f}")


if __name__ == "__main__":
    main()
