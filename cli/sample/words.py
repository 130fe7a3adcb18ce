"""Parts of invented names, read from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def words(table: str) -> dict[str, tuple[str, ...]]:
    """The lists of one table; what has no spaces is a list of single characters."""
    file = Path(__file__).with_name("words.toml")
    entries = tomllib.loads(file.read_text(encoding="utf-8"))[table]
    return {
        name: tuple(value.split() if " " in value else value) for name, value in entries.items()
    }
