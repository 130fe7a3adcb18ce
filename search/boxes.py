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
    """One printed line; `box` is (left, top, right, bottom) in pixels.

    `printed`: what stands there, where `text` is that with parts masked; as long as `text`.
    """

    text: str
    box: Box
    printed: str | None = None


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
                found.append(
                    WordBox(
                        line.text[first:last],
                        part_of_line(line.printed or line.text, line.box, first, last),
                    )
                )
            at += 1
    return tuple(found)


def part_of_line(text: str, box: Box, first: int, last: int) -> Box:
    """About where the characters `first` to `last` of a line stand in its box."""
    left, top, right, bottom = box
    edges = list(accumulate((_width(character) for character in text), initial=0.0))
    unit = (right - left) / edges[-1] if edges[-1] else 0.0
    if downwards(text, box):
        unit = (bottom - top) / len(text)
        return left, top + first * unit, right, top + last * unit
    return left + edges[first] * unit, top, left + edges[last] * unit, bottom


def downwards(text: str, box: Box) -> bool:
    """Is the line printed downwards, its characters one below the other?"""
    left, top, right, bottom = box
    return len(text) > 1 and bottom - top > 2 * (right - left)


def width(text: str) -> float:
    """In widths of a Chinese character."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5
