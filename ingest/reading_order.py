"""The order in which a page's lines are read: row by row, each from the left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.ocr import Line


def in_reading_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Sort lines of a straight page; pieces of one row stand side by side.

    A line belongs to a row when its middle lies within the row's first line or the other way round.
    """
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: each.box[1] + each.box[3]):
        if rows and _same_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda each: each.box[0]))


def _same_row(first: Line, second: Line) -> bool:
    overlap = min(first.box[3], second.box[3]) - max(first.box[1], second.box[1])
    lower = min(first.box[3] - first.box[1], second.box[3] - second.box[1])
    return overlap > lower / 2
