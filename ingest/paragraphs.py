"""From printed lines to running text, knowing where each line went."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.ocr import Box, Line

# In line heights. A paragraph of a Chinese letter starts two characters in, and its last line
# usually ends early; both are judged against the lines around, with room for crooked scans.
_INDENT = 1.0
_EARLY_END = 2.5
_GAP = 1.4


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's text; `starts[i]` is where the text of line i begins in it (in code points)."""

    text: str
    starts: tuple[int, ...]


def page_text(lines: Sequence[Line]) -> PageText:
    """Join lines in reading order into paragraphs, one a line of the result.

    Lines of one paragraph are joined without a space, except between two Latin words. Each line's
    own text stands unchanged at its start.
    """
    if not lines:
        return PageText("", ())
    height = statistics.median(line.box[3] - line.box[1] for line in lines) or 1
    left = _edge([line.box[0] for line in lines], low=True)
    right = _edge([line.box[2] for line in lines], low=False)
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for number, line in enumerate(lines):
        joint = ""
        if number:
            before = lines[number - 1]
            if _ends(before.box, line.box, left, right, height):
                joint = "\n"
            elif _latin(before.text[-1:]) and _latin(line.text[:1]):
                joint = " "
        parts.append(joint + line.text)
        length += len(joint)
        starts.append(length)
        length += len(line.text)
    return PageText("".join(parts), tuple(starts))


def _edge(values: list[int], *, low: bool) -> float:
    """The margin that most lines keep to, of the outer ones."""
    ordered = sorted(values, reverse=not low)
    return float(ordered[len(ordered) // 5])


def _ends(before: Box, after: Box, left: float, right: float, height: float) -> bool:
    """Whether a paragraph ends between two lines that follow each other."""
    same_row = min(before[3], after[3]) - max(before[1], after[1]) > height / 2
    if same_row:
        return False
    return (
        after[1] - before[3] > _GAP * height
        or after[1] < before[1]
        or after[0] - left > _INDENT * height
        or right - before[2] > _EARLY_END * height
    )


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
