"""Makes the table of sounds: `python -m search.expansion.build`, from pypinyin's readings."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Final

from pypinyin import Style, pinyin

from search.expansion.sounds import FIGURES

READINGS: Final = 2
"""Of a character, its commonest."""


def characters() -> list[str]:
    """Those of GB 2312, by code point."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return sorted(pair.decode("gb2312", errors="ignore") for pair in rows)


def sounds() -> dict[str, str]:
    """The characters of each syllable."""
    found: defaultdict[str, str] = defaultdict(str)
    for character in filter(None, characters()):
        (readings,) = pinyin(character, style=Style.NORMAL, heteronym=True)
        for syllable in list(dict.fromkeys(readings))[:READINGS]:
            found[syllable] += character
    return dict(sorted(found.items()))


def packed() -> bytes:
    """The same readings give the same bytes."""
    body = json.dumps(sounds(), ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(body.encode(), mtime=0)


def main() -> None:
    """Write the table into the package."""
    Path(str(files("search.expansion")), FIGURES).write_bytes(packed())


if __name__ == "__main__":
    main()
