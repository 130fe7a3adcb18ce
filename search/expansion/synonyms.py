"""What one thing is called by those who write, by offices, and elsewhere.

`synonyms.txt`: a group a line, the office's word first.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from analyzers.fold import fold_text

GROUPS = "synonyms.txt"


def synonyms(word: str) -> tuple[str, ...]:
    """The other words of its group, folded, the office's word first; none for an unknown one."""
    return _synonyms().get(word, ())


@cache
def _synonyms() -> Mapping[str, tuple[str, ...]]:
    text = files("search.expansion").joinpath(GROUPS).read_text(encoding="utf-8")
    groups = [[fold_text(word) for word in line.split()] for line in text.splitlines()]
    return {word: tuple(o for o in group if o != word) for group in groups for word in group}
