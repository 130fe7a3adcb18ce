"""Text with the words of the question marked, as pieces that a template escapes and wraps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Piece(NamedTuple):
    text: str
    marked: bool


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """`spans`: half-open, in code points; overlapping ones are joined, empty ones left out."""
    at = 0
    for start, end in joined(spans, len(text)):
        if start > at:
            yield Piece(text[at:start], marked=False)
        yield Piece(text[start:end], marked=True)
        at = end
    if at < len(text):
        yield Piece(text[at:], marked=False)


def joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
