"""Where words stand on a page image, worked out from the boxes of the lines.

A reader of pages gives a box a line; a word's place in it follows from the widths of the
characters before it. A word may begin on one line and end on the next.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from search.answers import Box, WordBox
from search.passages import Needles, spans


@dataclass(frozen=True, slots=True)
class PageLine:
    """One printed line; `box` is (left, top, right, bottom) in pixels."""

    text: str
    box: Box


def word_boxes(lines: Sequence[PageLine], wanted: Needles) -> tuple[WordBox, ...]:
    """The boxes of everything on the page that met the question, in reading order."""
    together = "\n".join(line.text for line in lines)
    starts = list(accumulate((len(line.text) + 1 for line in lines), initial=0))
    found: list[WordBox] = []
    for start, end in spans(together, wanted):
        at = bisect_right(starts, start) - 1
        while at < len(lines) and starts[at] < end:
            line = lines[at]
            first = max(start - starts[at], 0)
            last = min(end - starts[at], len(line.text))
            if first < last:
                found.append(WordBox(line.text[first:last], _within(line, first, last)))
            at += 1
    return tuple(found)


def _within(line: PageLine, first: int, last: int) -> Box:
    left, top, right, bottom = line.box
    edges = list(accumulate((_width(character) for character in line.text), initial=0.0))
    unit = (right - left) / edges[-1] if edges[-1] else 0.0
    # A line printed downwards has its characters one below the other.
    if len(line.text) > 1 and bottom - top > 2 * (right - left):
        unit = (bottom - top) / len(line.text)
        return left, top + first * unit, right, top + last * unit
    return left + edges[first] * unit, top, left + edges[last] * unit, bottom


def _width(character: str) -> float:
    """In widths of a Chinese character."""
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5
